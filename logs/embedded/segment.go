package embedded

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/klauspost/compress/zstd"

	"github.com/tollbook/tollbook/internal/vfs"
	"github.com/tollbook/tollbook/logs"
	"github.com/tollbook/tollbook/logs/columnar"
)

// segment is an open segment file. Scans hold a reference while they read, so that the file can be dropped meanwhile.
type segment struct {
	segmentIndex
	interval interval
	name     string
	size     int64
	events   int64 // in all blocks
	bytes    int64 // of their messages
	file     vfs.File
	refs     atomic.Int64
	env      *segmentEnv
	id       uint64 // names the segment in the cache

	mu       sync.Mutex
	setAside map[place]bool // what did not verify

	deadMemo deadMemo // for the compactor
}

// place names a block, or a page, of a segment.
type place struct {
	kind  cacheKind
	index int
}

// segmentEnv is what segments share.
type segmentEnv struct {
	fs        vfs.FS
	dir       string
	dec       *zstd.Decoder
	cache     *cache
	ids       atomic.Uint64
	onCorrupt func(error) // called once for each place
}

// openSegment reads a segment's index. The error wraps logs.ErrCorrupt if it does not verify.
func openSegment(env *segmentEnv, name string) (*segment, error) {
	file, err := env.fs.Open(filepath.Join(env.dir, name))
	if err != nil {
		return nil, fmt.Errorf("open segment: %w", err)
	}
	g := &segment{name: name, file: file, env: env, id: env.ids.Add(1), setAside: map[place]bool{}}
	g.refs.Store(1)
	if err := g.readIndex(); err != nil {
		file.Close()
		return nil, err
	}
	for i := range g.blocks {
		g.events += g.blocks[i].events
		g.bytes += g.blocks[i].bytes
	}
	return g, nil
}

func (g *segment) readIndex() (err error) {
	if g.size, err = g.file.Size(); err != nil {
		return fmt.Errorf("size of %s: %w", g.name, err)
	}
	if err := g.checkHeader(); err != nil {
		return err
	}
	at := max(0, g.size-footerBytes)
	buf, err := readUpTo(g.file, at, footerBytes)
	if err != nil {
		return fmt.Errorf("read %s: %w", g.name, err)
	}
	f, err := parseFooter(buf, g.size)
	if err != nil {
		return corruptf(g.name, at, "%v", err)
	}
	if segmentName(f.interval) != g.name {
		return corruptf(g.name, at, "footer of %s", segmentName(f.interval))
	}
	g.interval = f.interval
	packed, err := readUpTo(g.file, f.indexOffset, int64(f.indexStored))
	if err != nil {
		return fmt.Errorf("read %s: %w", g.name, err)
	}
	if checksum(packed) != f.indexSum {
		return corruptf(g.name, f.indexOffset, "checksum of the index")
	}
	raw, err := unpack(packed, f.indexBytes, g.env.dec)
	if err != nil {
		return corruptf(g.name, f.indexOffset, "index: %v", err)
	}
	x, err := parseIndex(raw, f.indexOffset)
	if err != nil {
		return corruptf(g.name, f.indexOffset, "%v", err)
	}
	g.segmentIndex = *x
	return nil
}

// checkHeader refuses other formats. A damaged header is reported and passed over: nothing in it is needed.
func (g *segment) checkHeader() error {
	buf, err := readUpTo(g.file, 0, headerBytes)
	if err != nil {
		return fmt.Errorf("read %s: %w", g.name, err)
	}
	_, err = parseHeader(g.name, 0, buf, segmentMagic)
	switch {
	case errors.Is(err, ErrNewerFormat), errors.Is(err, ErrOldFormat):
		return err
	case err != nil && g.size >= headerBytes+footerBytes:
		g.env.onCorrupt(err)
	}
	return nil
}

func (g *segment) acquire() *segment {
	g.refs.Add(1)
	return g
}

func (g *segment) release() {
	if g.refs.Add(-1) == 0 {
		g.env.cache.forget(g.id)
		g.file.Close()
	}
}

// errSetAside says that a block or page did not verify earlier and has been reported then.
var errSetAside = errors.New("it is set aside")

// block opens block i; its columns are read as they are needed. Errors of the block's methods go through failed.
func (g *segment) block(i int) (*columnar.Block, error) {
	key := g.blockKey(i)
	if b, ok := g.env.cache.get(key).(*columnar.Block); ok && !g.isSetAside(kindBlock, i) {
		return b, nil
	}
	b, err := g.openBlock(i)
	if err != nil {
		return nil, err
	}
	return g.env.cache.put(key, b).(*columnar.Block), nil
}

func (g *segment) blockKey(i int) cacheKey { return cacheKey{owner: g.id, kind: kindBlock, index: i} }

// openBlock is block without the cache.
func (g *segment) openBlock(i int) (*columnar.Block, error) {
	if g.isSetAside(kindBlock, i) {
		return nil, errSetAside
	}
	ref := &g.blocks[i]
	b, err := columnar.Open(io.NewSectionReader(g.file, ref.offset, int64(ref.length)), int64(ref.length))
	if err == nil && int64(b.Len()) != ref.events {
		err = fmt.Errorf("%d rows where the index has %d: %w", b.Len(), ref.events, columnar.ErrCorrupt)
	}
	if err != nil {
		return nil, g.failed(i, err)
	}
	return b, nil
}

// failed turns an error of a method of block i into one that names the place, and sets the block aside if it does not verify.
func (g *segment) failed(i int, err error) error {
	if errors.Is(err, columnar.ErrCorrupt) {
		cause := strings.TrimSuffix(err.Error(), ": "+columnar.ErrCorrupt.Error())
		return g.corrupt(place{kindBlock, i}, g.blocks[i].offset, fmt.Sprintf("block %d of %d: %s", i, len(g.blocks), cause))
	}
	return fmt.Errorf("read block of %s at offset %d: %w", g.name, g.blocks[i].offset, err)
}

// page returns page j. One that does not verify is reported to the first who asks for it, and is set aside for those after.
func (g *segment) page(j int) (*page, error) {
	key := cacheKey{owner: g.id, kind: kindPage, index: j}
	if p, ok := g.env.cache.get(key).(*page); ok {
		return p, nil
	}
	p, err := g.readPage(j)
	if err != nil {
		return nil, err
	}
	return g.env.cache.put(key, p).(*page), nil
}

// pageOnce is page for those who should not fill the cache.
func (g *segment) pageOnce(j int) (*page, error) {
	if p, ok := g.env.cache.get(cacheKey{owner: g.id, kind: kindPage, index: j}).(*page); ok {
		return p, nil
	}
	return g.readPage(j)
}

// readPage is page without the cache.
func (g *segment) readPage(j int) (*page, error) {
	if g.isSetAside(kindPage, j) {
		return nil, errSetAside
	}
	ref := &g.pages[j]
	stored, err := readUpTo(g.file, ref.offset, int64(ref.length))
	if err != nil {
		return nil, fmt.Errorf("read page of %s at offset %d: %w", g.name, ref.offset, err)
	}
	raw, err := parsePage(stored, g.env.dec)
	if err == nil {
		var p *page
		if p, err = decodePage(raw, ref); err == nil {
			return p, nil
		}
	}
	return nil, g.corrupt(place{kindPage, j}, ref.offset, fmt.Sprintf("page %d of %d: %v", j, len(g.pages), err))
}

// parts yields the parts of a group in block i, page by page, and ends after the first error. Where streams are named, in
// ascending order, pages are left out that hold none of them. What is set aside is passed over.
func (g *segment) parts(i int, group logs.GroupID, streams []logs.StreamID) iter.Seq2[[]part, error] {
	return func(yield func([]part, error) bool) {
		for j := g.blocks[i].fromPage; j < g.blocks[i].toPage; j++ {
			if !g.pages[j].touched(group, streams) {
				continue
			}
			p, err := g.page(j)
			if errors.Is(err, errSetAside) {
				continue
			} else if err != nil {
				yield(nil, err)
				return
			}
			if parts := p.find(group); len(parts) > 0 && !yield(parts, nil) {
				return
			}
		}
	}
}

// selectParts calls f with those of the parts that are of the streams; none named means all.
func selectParts(parts []part, streams []logs.StreamID, f func(*part)) {
	if len(streams) == 0 {
		for i := range parts {
			f(&parts[i])
		}
		return
	}
	from, _ := slices.BinarySearch(streams, parts[0].stream)
	for _, id := range streams[from:] {
		if p := findStream(parts, id); p != nil {
			f(p)
		}
	}
}

func (g *segment) isSetAside(kind cacheKind, index int) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.setAside[place{kind, index}]
}

// corrupt sets a place aside, and reports it if that is news.
func (g *segment) corrupt(at place, offset int64, cause string) error {
	g.mu.Lock()
	known := g.setAside[at]
	g.setAside[at] = true
	g.mu.Unlock()
	err := corruptf(g.name, offset, "%s", cause)
	if !known {
		g.env.onCorrupt(err)
	}
	return err
}

// damaged reports whether something is set aside; such a segment is kept as it is, for repair.
func (g *segment) damaged() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.setAside) > 0
}
