package embedded

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"sort"
	"sync"
	"sync/atomic"

	"github.com/klauspost/compress/zstd"

	"github.com/tollbook/tollbook/internal/vfs"
	"github.com/tollbook/tollbook/logs"
)

// segment is an open segment file. Scans hold a reference while they read, so that the file can be dropped meanwhile.
type segment struct {
	segmentIndex
	interval interval
	name     string
	size     int64
	groups   []groupSpan // by group
	file     vfs.File
	refs     atomic.Int64
	env      *segmentEnv
	id       uint64 // names the segment in the cache

	mu       sync.Mutex
	setAside map[uint32]bool // blocks that did not verify
}

// segmentEnv is what segments share.
type segmentEnv struct {
	fs        vfs.FS
	dir       string
	dec       *zstd.Decoder
	cache     *blockCache
	ids       atomic.Uint64
	onCorrupt func(error) // called once for each place
}

// groupSpan is where a group's parts stand in the index, and their sum.
type groupSpan struct {
	group    logs.GroupID
	from, to int
	summary
}

// openSegment reads a segment's index. The error wraps logs.ErrCorrupt if it does not verify.
func openSegment(env *segmentEnv, name string) (*segment, error) {
	file, err := env.fs.Open(filepath.Join(env.dir, name))
	if err != nil {
		return nil, fmt.Errorf("open segment: %w", err)
	}
	g := &segment{name: name, file: file, env: env, id: env.ids.Add(1), setAside: map[uint32]bool{}}
	g.refs.Store(1)
	if err := g.readIndex(); err != nil {
		file.Close()
		return nil, err
	}
	g.groups = groupSpans(g.parts)
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

// checkHeader refuses newer formats. A damaged header is reported and passed over: nothing in it is needed.
func (g *segment) checkHeader() error {
	buf, err := readUpTo(g.file, 0, headerBytes)
	if err != nil {
		return fmt.Errorf("read %s: %w", g.name, err)
	}
	if _, err := parseHeader(g.name, 0, buf, segmentMagic); errors.Is(err, ErrNewerFormat) {
		return err
	} else if err != nil && g.size >= headerBytes+footerBytes {
		g.env.onCorrupt(err)
	}
	return nil
}

func groupSpans(parts []part) (spans []groupSpan) {
	for i := range parts {
		p := &parts[i]
		if len(spans) == 0 || spans[len(spans)-1].group != p.group {
			spans = append(spans, groupSpan{group: p.group, from: i})
		}
		s := &spans[len(spans)-1]
		s.to = i + 1
		s.summary.add(p.summary)
	}
	return spans
}

func (g *segment) acquire() *segment {
	g.refs.Add(1)
	return g
}

func (g *segment) release() {
	if g.refs.Add(-1) == 0 {
		g.file.Close()
	}
}

// span returns where a group's parts are.
func (g *segment) span(group logs.GroupID) (groupSpan, bool) {
	i := sort.Search(len(g.groups), func(i int) bool { return g.groups[i].group >= group })
	if i == len(g.groups) || g.groups[i].group != group {
		return groupSpan{}, false
	}
	return g.groups[i], true
}

// bounds returns positions that no event of the span lies outside of.
func (s *groupSpan) bounds() (first, last logs.Position) {
	return timeStart(s.firstTime), logs.Position{Timestamp: s.lastTime, Ingestion: math.MaxInt64, Arrival: math.MaxUint64}
}

// stream returns a stream's parts within a group's.
func (g *segment) stream(s groupSpan, stream logs.StreamID) []part {
	parts := g.parts[s.from:s.to]
	from := sort.Search(len(parts), func(i int) bool { return parts[i].stream >= stream })
	to := from + sort.Search(len(parts)-from, func(i int) bool { return parts[from+i].stream > stream })
	return parts[from:to]
}

// eachStream calls f with the parts of each stream of a group.
func (g *segment) eachStream(s groupSpan, f func(parts []part)) {
	for from := s.from; from < s.to; {
		to := from + 1
		for to < s.to && g.parts[to].stream == g.parts[from].stream {
			to++
		}
		f(g.parts[from:to])
		from = to
	}
}

// errSetAside says that a block did not verify earlier and has been reported then.
var errSetAside = errors.New("block is set aside")

// block returns block i unpacked; it is shared and must not be changed. One that does not verify is reported to the first
// who asks for it, and is set aside for those after.
func (g *segment) block(i uint32) ([]byte, error) {
	if raw := g.env.cache.get(blockKey{g.id, i}); raw != nil {
		return raw, nil
	}
	raw, err := g.readBlock(i)
	if err == nil {
		g.env.cache.put(blockKey{g.id, i}, raw)
	}
	return raw, err
}

func (g *segment) readBlock(i uint32) ([]byte, error) {
	if g.isSetAside(i) {
		return nil, errSetAside
	}
	ref := g.blocks[i]
	stored, err := readUpTo(g.file, ref.offset, int64(ref.length))
	if err != nil {
		return nil, fmt.Errorf("read block of %s at offset %d: %w", g.name, ref.offset, err)
	}
	raw, err := parseBlock(stored, g.env.dec)
	if err != nil {
		return nil, g.setBlockAside(i, err)
	}
	return raw, nil
}

func (g *segment) isSetAside(i uint32) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.setAside[i]
}

func (g *segment) setBlockAside(i uint32, cause error) error {
	g.mu.Lock()
	known := g.setAside[i]
	g.setAside[i] = true
	g.mu.Unlock()
	err := corruptf(g.name, g.blocks[i].offset, "block %d of %d: %v", i, len(g.blocks), cause)
	if !known {
		g.env.onCorrupt(err)
	}
	return err
}

// damaged reports whether a block is set aside; such a segment is kept as it is, for repair.
func (g *segment) damaged() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.setAside) > 0
}

// segmentParts is parts of one stream, as a cursor reads them.
type segmentParts struct {
	segment *segment
	parts   []part
	memo    *blockMemo // in place of the cache, where set
}

var _ pieces = segmentParts{}

func (s segmentParts) len() int { return len(s.parts) }

func (s segmentParts) span(i int) (first, last logs.Position) {
	return s.parts[i].first, s.parts[i].last
}

func (s segmentParts) rows(i int, buf []row) ([]row, error) {
	p := &s.parts[i]
	raw, err := s.fetch(p.block)
	if errors.Is(err, errSetAside) {
		return buf, nil
	} else if err != nil {
		return buf, err
	}
	if uint64(p.offset)+uint64(p.length) > uint64(len(raw)) {
		return buf, s.segment.setBlockAside(p.block, errRows)
	}
	rows, err := decodeRows(raw[p.offset:p.offset+p.length], p.events, buf)
	if err != nil {
		return buf, s.segment.setBlockAside(p.block, err)
	}
	return rows, nil
}

func (s segmentParts) fetch(block uint32) ([]byte, error) {
	if s.memo == nil {
		return s.segment.block(block)
	}
	return s.memo.get(s.segment, block)
}

// blockMemo keeps the last block, for one who reads a segment from begin to end and should not fill the cache.
type blockMemo struct {
	block uint32
	raw   []byte
}

func (m *blockMemo) get(g *segment, block uint32) (_ []byte, err error) {
	if m.raw == nil || m.block != block {
		m.raw, err = g.readBlock(block)
		m.block = block
	}
	return m.raw, err
}
