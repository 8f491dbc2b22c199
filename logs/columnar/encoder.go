package columnar

import (
	"encoding/binary"
	"hash/crc32"

	"github.com/klauspost/compress/zstd"
)

const (
	formatVersion = 1
	prefixBytes   = 16
	flagPacked    = 1 // the header is compressed

	maxInlineBytes  = 2 << 10 // a dictionary up to this size stands in the header
	minPackedHeader = 256
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Encoder makes blocks. It keeps its memory, some tens of MiB, from block to block, and is for one goroutine.
type Encoder struct {
	shapes    shapeSet
	planes    planeEncoder
	zstd      *zstd.Encoder
	head      []byte // the header that is being made
	data      []byte // what follows it
	packed    []byte
	residuals []uint64
	firsts    []uint64
	times     []int64
	shapeOf   []uint8
	text      []byte
	codes     []uint32
	words     wordSet
	small     smallSet
	touched   byte // keeps the compiler from leaving touch out
}

// NewEncoder returns an encoder.
func NewEncoder() *Encoder {
	z, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedDefault),
		zstd.WithWindowSize(1<<20), zstd.WithEncoderCRC(false))
	if err != nil {
		panic("BUG: zstd options: " + err.Error())
	}
	return &Encoder{shapes: newShapeSet(), zstd: z}
}

// Append appends a block that holds rows, which it only reads. It keeps nothing of them.
func (e *Encoder) Append(dst []byte, rows *Rows) []byte {
	e.head, e.data = e.head[:0], e.data[:0]
	e.head = binary.AppendUvarint(e.head, uint64(len(rows.Messages)))
	e.head = binary.AppendUvarint(e.head, messageBytes(rows.Messages))
	for from := 0; from < len(rows.Messages); from += touchedRows {
		batch := rows.Messages[from:min(from+touchedRows, len(rows.Messages))]
		e.touched += touch(batch)
		for i, m := range batch {
			e.shapes.add(m, from+i)
		}
	}
	e.putPositions(rows)
	e.putShapes(rows)
	e.shapes.reset()
	return e.assemble(dst)
}

const (
	touchedRows  = 16
	touchedBytes = 512 // of a message
	cacheLine    = 64
)

// touch reads a byte of each cache line of messages. They lie anywhere in memory, since rows are sorted by stream; asking
// for many lines at once costs a fraction of waiting for one after the other, which reading the messages would do.
func touch(messages []string) (sum byte) {
	for _, m := range messages {
		for at := 0; at < min(len(m), touchedBytes); at += cacheLine {
			sum += m[at]
		}
	}
	return sum
}

func messageBytes(messages []string) uint64 {
	n := uint64(0)
	for _, m := range messages {
		n += uint64(len(m))
	}
	return n
}

// assemble appends prefix, header and data.
func (e *Encoder) assemble(dst []byte) []byte {
	header, flags := e.head, byte(0)
	if len(header) >= minPackedHeader {
		e.packed = e.zstd.EncodeAll(header, e.packed[:0])
		if len(e.packed) < len(header) {
			header, flags = e.packed, flagPacked
		}
	}
	start := len(dst)
	dst = append(dst, formatVersion, flags, 0, 0)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(header)))
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(e.head)))
	dst = binary.LittleEndian.AppendUint32(dst, headerChecksum(dst[start:], header))
	return append(append(dst, header...), e.data...)
}

// headerChecksum covers the prefix up to the checksum's place, and the header as stored.
func headerChecksum(prefix, header []byte) uint32 {
	return crc32.Update(crc32.Checksum(prefix[:prefixBytes-4], castagnoli), castagnoli, header)
}

// putShapes writes
//
//	shapes uvarint | mixed 1 | if mixed, the shape of each row | each shape | text column of the rows without one
func (e *Encoder) putShapes(rows *Rows) {
	kept := e.shapes.settle()
	e.head = binary.AppendUvarint(e.head, uint64(len(kept)))
	e.shapeOf = grow(e.shapeOf, len(rows.Messages))
	clear(e.shapeOf)
	shaped := 0
	for _, r := range kept {
		shaped += len(r.rows)
		for _, row := range r.rows {
			e.shapeOf[row] = uint8(r.number)
		}
	}
	mixed := len(kept) > 1 || (len(kept) == 1 && shaped < len(e.shapeOf))
	e.head = append(e.head, boolByte(mixed))
	if mixed {
		putNumbers(e, e.shapeOf, transform{}, nil)
	}
	for _, r := range kept {
		e.putShape(r, rows.Timestamps)
	}
	if shaped < len(e.shapeOf) {
		e.putMessages(rows.Messages)
	}
}

// putShape writes
//
//	rows uvarint | json 1 | slots uvarint | first literal | each slot: kind 1, next literal | a column each slot
func (e *Encoder) putShape(r *shapeRows, timestamps []int64) {
	s := r.shape
	e.head = binary.AppendUvarint(e.head, uint64(len(r.rows)))
	e.head = append(e.head, boolByte(s.json))
	e.head = binary.AppendUvarint(e.head, uint64(len(s.slots)))
	e.head = appendSized(e.head, s.literals[0])
	for k, kind := range s.slots {
		e.head = appendSized(append(e.head, byte(kind)), s.literals[k+1])
	}
	e.times = grow(e.times, len(r.rows))
	for i, row := range r.rows {
		e.times[i] = timestamps[row]
	}
	for _, c := range r.columns {
		e.putColumn(c)
	}
}

func boolByte(b bool) byte {
	if b {
		return 1
	}
	return 0
}

// putMessages writes the rows without a shape as one column of texts.
func (e *Encoder) putMessages(messages []string) {
	var column columnBuilder
	for row, m := range messages {
		if e.shapeOf[row] == 0 {
			column.text = append(column.text, m...)
			column.lengths = append(column.lengths, uint32(len(m)))
		}
	}
	e.putTexts(column.text, column.lengths)
}
