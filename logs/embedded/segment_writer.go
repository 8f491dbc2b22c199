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

// segmentWriter writes one segment. Events are added in the order of group, stream, position. It is for one goroutine.
type segmentWriter struct {
	fs         vfs.FS
	dir, name  string
	interval   interval
	blockBytes int
	enc        *zstd.Encoder
	file       vfs.File

	index   segmentIndex
	raw     []byte // the block being filled
	open    *part  // the part being filled; in index.parts
	packed  []byte // blocks not yet written
	at      int64  // end of the last block
	written int64
	synced  int64
}

func newSegmentWriter(fs vfs.FS, dir string, i interval, blockBytes int, level zstd.EncoderLevel) (*segmentWriter, error) {
	w := &segmentWriter{fs: fs, dir: dir, name: segmentName(i), interval: i, blockBytes: blockBytes}
	var err error
	w.enc, err = zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(level), zstd.WithEncoderCRC(false),
		zstd.WithWindowSize(1<<20))
	if err != nil {
		return nil, fmt.Errorf("make compressor: %w", err)
	}
	if w.file, err = fs.Create(w.path() + tmpSuffix); err != nil {
		return nil, fmt.Errorf("create %s: %w", w.name, err)
	}
	w.packed = fileHeader{segmentMagic, i.first, i.last}.append(nil)
	w.at = headerBytes
	return w, nil
}

func (w *segmentWriter) path() string { return filepath.Join(w.dir, w.name) }

// add takes in the next event.
func (w *segmentWriter) add(group logs.GroupID, stream logs.StreamID, r row) error {
	p := w.open
	if p == nil || p.group != group || p.stream != stream {
		w.endPart()
		w.index.parts = append(w.index.parts, part{
			group: group, stream: stream, block: uint32(len(w.index.blocks)), offset: uint32(len(w.raw)), first: r.Position,
		})
		p = &w.index.parts[len(w.index.parts)-1]
		w.open = p
	}
	var previous logs.Position
	if p.events > 0 {
		previous = p.last
	}
	w.raw = appendRow(w.raw, previous, r)
	p.last = r.Position
	p.summary.add(summary{
		extent:        extent{r.Timestamp, r.Timestamp, r.Arrival, r.Arrival},
		lastIngestion: r.Ingestion, events: 1, bytes: int64(len(r.message)),
	})
	if len(w.raw) >= w.blockBytes {
		return w.endBlock()
	}
	return nil
}

func (w *segmentWriter) endPart() {
	if w.open != nil {
		w.open.length = uint32(len(w.raw)) - w.open.offset
		w.open = nil
	}
}

func (w *segmentWriter) endBlock() error {
	w.endPart()
	if len(w.raw) == 0 {
		return nil
	}
	before := len(w.packed)
	w.packed = appendBlock(w.packed, w.raw, w.enc)
	length := len(w.packed) - before
	w.index.blocks = append(w.index.blocks, blockRef{w.at, uint32(length)})
	w.at += int64(length)
	w.raw = w.raw[:0]
	if len(w.packed) >= writeBytes {
		return w.write()
	}
	return nil
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
	if err := w.endBlock(); err != nil {
		return err
	}
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
