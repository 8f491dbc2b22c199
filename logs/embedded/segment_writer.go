package embedded

import (
	"fmt"
	"path/filepath"

	"github.com/klauspost/compress/zstd"

	"github.com/tollbook/tollbook/internal/vfs"
	"github.com/tollbook/tollbook/logs"
)

// writeBytes is how much a segment writer gathers before it writes, syncBytes how much before it syncs: little at a time,
// so that the write-ahead log's syncs do not wait behind a large one.
const (
	writeBytes = 1 << 20
	syncBytes  = 16 << 20
)

// segmentWriter writes one segment, block by block, in any order. It is for one goroutine.
type segmentWriter struct {
	fs        vfs.FS
	dir, name string
	interval  interval
	enc       *zstd.Encoder // of pages and index
	file      vfs.File

	index   segmentIndex
	packed  []byte // not yet written
	raw     []byte // scratch
	at      int64  // end of the last block with its pages
	written int64
	synced  int64
}

// groupPart is a part with its group.
type groupPart struct {
	group logs.GroupID
	part
}

func newSegmentWriter(fs vfs.FS, dir string, i interval, enc *zstd.Encoder) (*segmentWriter, error) {
	w := &segmentWriter{fs: fs, dir: dir, name: segmentName(i), interval: i, enc: enc}
	var err error
	if w.file, err = fs.Create(w.path() + tmpSuffix); err != nil {
		return nil, fmt.Errorf("create %s: %w", w.name, err)
	}
	w.packed = fileHeader{segmentMagic, i.first, i.last}.append(nil)
	w.at = headerBytes
	return w, nil
}

func (w *segmentWriter) path() string { return filepath.Join(w.dir, w.name) }

// addBlock takes in a block that encode appends to what it is given. The parts are in the order of its rows.
func (w *segmentWriter) addBlock(parts []groupPart, encode func([]byte) []byte) error {
	before := len(w.packed)
	w.packed = encode(w.packed)
	ref := blockRef{
		offset: w.at, length: uint32(len(w.packed) - before),
		firstGroup: parts[0].group, lastGroup: parts[len(parts)-1].group, fromPage: len(w.index.pages),
	}
	w.at += int64(ref.length)
	for i := range parts {
		if i == 0 || parts[i].group != parts[i-1].group {
			ref.groups++
		}
		ref.add(parts[i].summary())
	}
	for from := 0; from < len(parts); from += pageParts {
		w.addPage(parts[from:min(from+pageParts, len(parts))])
	}
	ref.toPage = len(w.index.pages)
	w.index.blocks = append(w.index.blocks, ref)
	return w.writeSome()
}

func (w *segmentWriter) addPage(parts []groupPart) {
	last := parts[len(parts)-1]
	ref := pageRef{
		offset: w.at, parts: uint32(len(parts)), row: parts[0].row, rows: last.row + last.events - parts[0].row,
		first: streamKey{parts[0].group, parts[0].stream}, last: streamKey{last.group, last.stream},
	}
	p := page{parts: make([]part, len(parts))}
	for i := range parts {
		p.parts[i] = parts[i].part
		if n := len(p.groups); n == 0 || p.groups[n-1].group != parts[i].group {
			p.groups = append(p.groups, pageGroup{group: parts[i].group, from: i})
		}
		p.groups[len(p.groups)-1].to = i + 1
	}
	w.raw = p.append(w.raw[:0])
	before := len(w.packed)
	w.packed = appendPage(w.packed, w.raw, w.enc)
	ref.length = uint32(len(w.packed) - before)
	w.at += int64(ref.length)
	w.index.pages = append(w.index.pages, ref)
}

// copyBlock takes in block i of g with its pages as they are.
func (w *segmentWriter) copyBlock(g *segment, i int) error {
	ref := g.blocks[i]
	end := ref.offset + int64(ref.length)
	pages := g.pages[ref.fromPage:ref.toPage]
	for _, p := range pages {
		end = p.offset + int64(p.length)
	}
	moved := w.at - ref.offset
	for at := ref.offset; at < end; {
		n := min(writeBytes, end-at)
		buf, err := readUpTo(g.file, at, n)
		if err != nil || int64(len(buf)) < n {
			return fmt.Errorf("read block of %s at offset %d: %d of %d bytes: %w", g.name, at, len(buf), n, err)
		}
		w.packed = append(w.packed, buf...)
		if err := w.writeSome(); err != nil {
			return err
		}
		at += n
	}
	ref.offset += moved
	ref.fromPage = len(w.index.pages)
	for _, p := range pages {
		p.offset += moved
		w.index.pages = append(w.index.pages, p)
	}
	ref.toPage = len(w.index.pages)
	w.index.blocks = append(w.index.blocks, ref)
	w.at = end + moved
	return nil
}

func (w *segmentWriter) writeSome() error {
	if len(w.packed) < writeBytes {
		return nil
	}
	return w.write()
}

func (w *segmentWriter) write() error {
	n, err := w.file.Write(w.packed)
	w.written += int64(n)
	if err != nil {
		return fmt.Errorf("write %s: %w", w.name, err)
	}
	w.packed = w.packed[:0]
	if w.written-w.synced < syncBytes {
		return nil
	}
	return w.sync()
}

func (w *segmentWriter) sync() error {
	if err := w.file.Sync(); err != nil {
		return fmt.Errorf("sync %s: %w", w.name, err)
	}
	w.synced = w.written
	return nil
}

// finish makes the segment durable under its name.
func (w *segmentWriter) finish(c *checkpoint) error {
	w.index.checkpoint = c
	raw := w.index.append(nil)
	packed := w.enc.EncodeAll(raw, nil)
	f := footer{
		indexOffset: w.at, indexStored: uint32(len(packed)), indexBytes: uint32(len(raw)), indexSum: checksum(packed),
		interval: w.interval,
	}
	w.packed = f.append(append(w.packed, packed...))
	if err := w.write(); err != nil {
		return err
	}
	if err := w.sync(); err != nil {
		return err
	}
	if err := w.file.Close(); err != nil {
		return fmt.Errorf("close %s: %w", w.name, err)
	}
	return publish(w.fs, w.dir, w.name)
}

// abort removes what was written. After finish it does nothing that matters.
func (w *segmentWriter) abort() {
	w.file.Close()
	w.fs.Remove(w.path() + tmpSuffix) // best effort: opening the store removes it too
}
