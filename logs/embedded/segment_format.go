package embedded

import (
	"errors"

	"github.com/klauspost/compress/zstd"

	"github.com/tollbook/tollbook/logs"
)

// A segment is an immutable file of events, sorted by group, stream and position. Integers are little-endian:
//
//	+-------------+---------+---------+-----+-------+--------+
//	| file header | block 0 | block 1 |  …  | index | footer |
//	| 32          |         |         |     |       | 64     |
//	+-------------+---------+---------+-----+-------+--------+
//
// In the file header (file_header.go) a and b are the first and the last write-ahead log that the segment stands for.
//
// A block holds the parts of one or more streams that follow each other; a part lies in one block. The encoding says how
// its inside is laid out, so that others can stand beside the first:
//
//	 0          1      4        8          12       16
//	+----------+------+--------+----------+--------+----------------+
//	| encoding | zero | stored | unpacked | CRC32C | stored bytes   |      the checksum covers bytes 0 to 12 and the
//	| 1        | 3    | 4      | 4        | 4      |                |      stored bytes
//	+----------+------+--------+----------+--------+----------------+
//
// The index (segment_index.go) lists blocks and parts and holds a checkpoint; it is compressed with zstd. The footer is
//
//	 0        8        12         16       20      24      28     32     40      48         52        56      64
//	+--------+--------+----------+--------+-------+-------+------+------+-------+----------+---------+-------+
//	| index  | stored | unpacked | CRC32C | zero  | zero  | zero | first| last  | genera-  | CRC32C  | magic |
//	| offset | length | length   | index  |       |       |      | log  | log   | tion     | 0 to 52 |       |
//	+--------+--------+----------+--------+-------+-------+------+------+-------+----------+---------+-------+
//
// A segment gets its name when all of it is durable, so one whose footer does not verify was damaged later.
const (
	segmentMagic     = "TBookSeg"
	footerMagic      = "TBookEnd"
	blockHeaderBytes = 16
	footerBytes      = 64

	// encodingRows is the only encoding yet: rows (rows.go), compressed with zstd.
	encodingRows = 1
)

type footer struct {
	indexOffset             int64
	indexStored, indexBytes uint32
	indexSum                uint32
	interval                interval
}

func (f *footer) append(buf []byte) []byte {
	at := len(buf)
	buf = little.AppendUint64(buf, uint64(f.indexOffset))
	buf = little.AppendUint32(buf, f.indexStored)
	buf = little.AppendUint32(buf, f.indexBytes)
	buf = little.AppendUint32(buf, f.indexSum)
	buf = append(buf, make([]byte, 12)...)
	buf = little.AppendUint64(buf, f.interval.first)
	buf = little.AppendUint64(buf, f.interval.last)
	buf = little.AppendUint32(buf, f.interval.generation)
	buf = little.AppendUint32(buf, checksum(buf[at:]))
	return append(buf, footerMagic...)
}

var errFooter = errors.New("footer does not verify")

// parseFooter reads the footer of a file of size bytes.
func parseFooter(b []byte, size int64) (footer, error) {
	if len(b) != footerBytes || string(b[56:]) != footerMagic || little.Uint32(b[52:]) != checksum(b[:52]) {
		return footer{}, errFooter
	}
	f := footer{
		indexOffset: int64(little.Uint64(b)),
		indexStored: little.Uint32(b[8:]), indexBytes: little.Uint32(b[12:]), indexSum: little.Uint32(b[16:]),
		interval: interval{little.Uint64(b[32:]), little.Uint64(b[40:]), little.Uint32(b[48:])},
	}
	if f.indexOffset < headerBytes || f.indexOffset+int64(f.indexStored) != size-footerBytes {
		return footer{}, errFooter
	}
	return f, nil
}

// appendBlock appends the block that holds raw.
func appendBlock(buf, raw []byte, enc *zstd.Encoder) []byte {
	at := len(buf)
	buf = append(buf, encodingRows, 0, 0, 0)
	buf = append(buf, make([]byte, blockHeaderBytes-4)...)
	buf = enc.EncodeAll(raw, buf)
	b := buf[at:]
	little.PutUint32(b[4:], uint32(len(b)-blockHeaderBytes))
	little.PutUint32(b[8:], uint32(len(raw)))
	little.PutUint32(b[12:], checksum(b[:12], b[blockHeaderBytes:]))
	return buf
}

var (
	errBlock    = errors.New("block does not verify")
	errEncoding = errors.New("block has an unknown encoding")
)

// parseBlock returns what the block b holds.
func parseBlock(b []byte, dec *zstd.Decoder) ([]byte, error) {
	if len(b) < blockHeaderBytes || int64(little.Uint32(b[4:])) != int64(len(b)-blockHeaderBytes) {
		return nil, errBlock
	}
	if little.Uint32(b[12:]) != checksum(b[:12], b[blockHeaderBytes:]) {
		return nil, errBlock
	}
	if b[0] != encodingRows {
		return nil, errEncoding
	}
	return unpack(b[blockHeaderBytes:], little.Uint32(b[8:]), dec)
}

// unpack decompresses data, which must give size bytes.
func unpack(data []byte, size uint32, dec *zstd.Decoder) ([]byte, error) {
	raw, err := dec.DecodeAll(data, nil)
	if err != nil {
		return nil, err
	}
	if uint32(len(raw)) != size {
		return nil, errBlock
	}
	return raw, nil
}

// blockRef is where a block lies.
type blockRef struct {
	offset int64
	length uint32
}

// part is a piece of a stream inside one block.
type part struct {
	group          logs.GroupID
	stream         logs.StreamID
	block          uint32
	offset, length uint32 // in the unpacked block
	first, last    logs.Position
	summary
}
