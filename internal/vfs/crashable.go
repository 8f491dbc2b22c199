package vfs

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
)

// Crashable is a file system in memory that knows what a loss of power would leave. Data counts as durable after
// File.Sync, names after SyncDir; of everything else Crash keeps a random part. Directories themselves are always durable.
type Crashable struct {
	mu    sync.Mutex
	dirs  map[string]*crashDir
	ops   int
	fault Fault
}

// crashDir holds the names in one directory: as they are, as they were at the last SyncDir, and the steps in between.
type crashDir struct {
	now, durable map[string]*inode
	pending      []dirStep
}

// dirStep is one change of names. Setting and removing happen together or not at all, as a rename does.
type dirStep struct {
	set    string
	inode  *inode
	remove string
}

var _ FS = (*Crashable)(nil)

// NewCrashable returns an empty file system.
func NewCrashable() *Crashable { return &Crashable{dirs: map[string]*crashDir{}} }

// SetFault has f decide on every operation from now on; nil ends that. f is called under a lock and must not use the
// file system.
func (c *Crashable) SetFault(f Fault) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fault = f
}

// Ops returns how many operations, reads left out, have been tried so far: the Index of the next one.
func (c *Crashable) Ops() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ops
}

// Crash returns what a loss of power at this moment leaves; c itself is not changed. Seed 0 keeps only what is durable,
// seed 1 keeps everything, any other seed keeps a random part, with writes torn.
func (c *Crashable) Crash(seed uint64) *Crashable {
	c.mu.Lock()
	defer c.mu.Unlock()
	chance := rand.New(rand.NewPCG(seed, 0))
	keep := func() bool { return seed == 1 || seed > 1 && chance.IntN(2) == 0 }
	out := NewCrashable()
	files := map[*inode]*inode{}
	for _, path := range slices.Sorted(maps.Keys(c.dirs)) {
		names := c.dirs[path].afterCrash(keep)
		d := newCrashDir()
		for _, name := range slices.Sorted(maps.Keys(names)) {
			from := names[name]
			if files[from] == nil {
				files[from] = newInode(from.afterCrash(keep, chance))
			}
			d.now[name] = files[from]
		}
		d.durable = maps.Clone(d.now)
		out.dirs[path] = d
	}
	return out
}

func newCrashDir() *crashDir {
	return &crashDir{now: map[string]*inode{}, durable: map[string]*inode{}}
}

func (d *crashDir) afterCrash(keep func() bool) map[string]*inode {
	names := maps.Clone(d.durable)
	for _, step := range d.pending {
		if keep() {
			step.apply(names)
		}
	}
	return names
}

func (d *crashDir) do(step dirStep) {
	step.apply(d.now)
	d.pending = append(d.pending, step)
}

func (s dirStep) apply(names map[string]*inode) {
	if s.remove != "" {
		delete(names, s.remove)
	}
	if s.set != "" {
		names[s.set] = s.inode
	}
}

// try counts an operation and asks the fault about it. The caller holds c.mu.
func (c *Crashable) try(kind Kind, name string, bytes int) error {
	op := Op{Index: c.ops, Kind: kind, Name: name, Bytes: bytes}
	if kind != KindRead {
		c.ops++
	}
	if c.fault == nil {
		return nil
	}
	return c.fault(op)
}

func (c *Crashable) lookup(op, name string) (*crashDir, *inode, error) {
	d := c.dirs[filepath.Dir(name)]
	if d == nil || d.now[filepath.Base(name)] == nil {
		return d, nil, &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
	}
	return d, d.now[filepath.Base(name)], nil
}

// Create implements FS.
func (c *Crashable) Create(name string) (File, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.try(KindCreate, name, 0); err != nil {
		return nil, &fs.PathError{Op: "create", Path: name, Err: err}
	}
	d, node, err := c.lookup("create", name)
	if d == nil {
		return nil, err
	}
	if node != nil {
		node.do(fileStep{truncate: true})
	} else {
		node = newInode(nil)
		d.do(dirStep{set: filepath.Base(name), inode: node})
	}
	return &memFile{fs: c, name: name, node: node, writable: true}, nil
}

// Open implements FS.
func (c *Crashable) Open(name string) (File, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.try(KindRead, name, 0); err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	_, node, err := c.lookup("open", name)
	if err != nil {
		return nil, err
	}
	return &memFile{fs: c, name: name, node: node}, nil
}

// Rename implements FS.
func (c *Crashable) Rename(from, to string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if filepath.Dir(from) != filepath.Dir(to) {
		return fmt.Errorf("rename %s to another directory: %w", from, errors.ErrUnsupported)
	}
	if err := c.try(KindRename, to, 0); err != nil {
		return &fs.PathError{Op: "rename", Path: from, Err: err}
	}
	d, node, err := c.lookup("rename", from)
	if err != nil {
		return err
	}
	d.do(dirStep{set: filepath.Base(to), inode: node, remove: filepath.Base(from)})
	return nil
}

// Remove implements FS.
func (c *Crashable) Remove(name string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.try(KindRemove, name, 0); err != nil {
		return &fs.PathError{Op: "remove", Path: name, Err: err}
	}
	d, _, err := c.lookup("remove", name)
	if err != nil {
		return err
	}
	d.do(dirStep{remove: filepath.Base(name)})
	return nil
}

// List implements FS.
func (c *Crashable) List(dir string) ([]string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	d := c.dirs[filepath.Clean(dir)]
	if d == nil {
		return nil, &fs.PathError{Op: "list", Path: dir, Err: fs.ErrNotExist}
	}
	return slices.Sorted(maps.Keys(d.now)), nil
}

// MkdirAll implements FS.
func (c *Crashable) MkdirAll(dir string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for dir = filepath.Clean(dir); c.dirs[dir] == nil; dir = filepath.Dir(dir) {
		c.dirs[dir] = newCrashDir()
	}
	return nil
}

// SyncDir implements FS.
func (c *Crashable) SyncDir(dir string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.try(KindSyncDir, dir, 0); err != nil {
		return &fs.PathError{Op: "sync", Path: dir, Err: err}
	}
	d := c.dirs[filepath.Clean(dir)]
	if d == nil {
		return &fs.PathError{Op: "sync", Path: dir, Err: fs.ErrNotExist}
	}
	d.durable, d.pending = maps.Clone(d.now), nil
	return nil
}

// FlipBit inverts one bit of a file, now and after every crash, as failing hardware does.
func (c *Crashable) FlipBit(name string, offset int64, bit uint) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, node, err := c.lookup("flip", name)
	if err != nil {
		return err
	}
	if offset >= int64(len(node.data)) {
		return &fs.PathError{Op: "flip", Path: name, Err: fs.ErrInvalid}
	}
	node.data[offset] ^= 1 << (bit % 8)
	node.settle()
	return nil
}
