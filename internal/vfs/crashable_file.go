package vfs

import (
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"slices"
)

// inode is the content of a file: data is what readers see, base what is durable for certain, steps what happened since.
type inode struct {
	data  []byte
	base  []byte
	steps []fileStep
}

// fileStep is one change of content: an append at offset, or a truncation to offset.
type fileStep struct {
	truncate bool
	offset   int
	bytes    []byte
	durable  bool // a sync succeeded after it
	lost     bool // a sync failed after it: no later sync covers it
}

func newInode(data []byte) *inode {
	return &inode{data: data, base: slices.Clone(data)}
}

func (n *inode) do(s fileStep) {
	n.data = s.apply(n.data)
	n.steps = append(n.steps, s)
}

func (s fileStep) apply(data []byte) []byte {
	if s.truncate {
		return slices.Clip(data[:min(s.offset, len(data))])
	}
	if gap := s.offset - len(data); gap > 0 {
		data = append(data, make([]byte, gap)...) // the write before this one did not survive
	}
	end := s.offset + len(s.bytes)
	if end <= len(data) {
		copy(data[s.offset:], s.bytes)
		return data
	}
	return append(data[:s.offset], s.bytes...)
}

// sync marks what is written as durable and folds the steps into the base where it can.
func (n *inode) sync() {
	folded := 0
	for i := range n.steps {
		s := &n.steps[i]
		s.durable = s.durable || !s.lost
		if s.durable && folded == i {
			n.base = s.apply(n.base)
			folded++
		}
	}
	n.steps = slices.Delete(n.steps, 0, folded)
}

func (n *inode) syncFailed() {
	for i := range n.steps {
		n.steps[i].lost = !n.steps[i].durable
	}
}

// settle makes the present content the durable one.
func (n *inode) settle() { n.base, n.steps = slices.Clone(n.data), nil }

func (n *inode) afterCrash(keep func() bool, chance *rand.Rand) []byte {
	data := slices.Clone(n.base)
	for _, s := range n.steps {
		switch {
		case s.durable:
		case !keep():
			continue
		case !keep(): // torn: a part of the write
			s.bytes = s.bytes[:chance.IntN(len(s.bytes)+1)]
		}
		data = s.apply(data)
	}
	return data
}

type memFile struct {
	fs       *Crashable
	name     string
	node     *inode
	writable bool
	closed   bool
}

func (f *memFile) check(op string, kind Kind, bytes int) error {
	err := f.fs.try(kind, f.name, bytes)
	if f.closed {
		err = fs.ErrClosed
	} else if err == nil && kind != KindRead && kind != KindSync && !f.writable {
		err = fs.ErrPermission
	}
	if err != nil {
		return &fs.PathError{Op: op, Path: f.name, Err: err}
	}
	return nil
}

// ReadAt implements File.
func (f *memFile) ReadAt(p []byte, off int64) (int, error) {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	if err := f.check("read", KindRead, 0); err != nil {
		return 0, err
	}
	if off >= int64(len(f.node.data)) {
		return 0, io.EOF
	}
	n := copy(p, f.node.data[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// Write implements File.
func (f *memFile) Write(p []byte) (int, error) {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	n := len(p)
	err := f.check("write", KindWrite, n)
	if short := (*ShortWrite)(nil); errors.As(err, &short) {
		n = min(short.N, n)
	} else if err != nil {
		return 0, err
	}
	f.node.do(fileStep{offset: len(f.node.data), bytes: slices.Clone(p[:n])})
	return n, err
}

// Sync implements File.
func (f *memFile) Sync() error {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	if err := f.check("sync", KindSync, 0); err != nil {
		if !errors.Is(err, ErrKilled) { // the dead never asked
			f.node.syncFailed()
		}
		return err
	}
	f.node.sync()
	return nil
}

// Truncate implements File.
func (f *memFile) Truncate(size int64) error {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	if err := f.check("truncate", KindTruncate, 0); err != nil {
		return err
	}
	f.node.do(fileStep{truncate: true, offset: int(size)})
	return nil
}

// Size implements File.
func (f *memFile) Size() (int64, error) {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	return int64(len(f.node.data)), nil
}

// Close implements File.
func (f *memFile) Close() error {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	if f.closed {
		return fs.ErrClosed
	}
	f.closed = true
	return nil
}
