package embedded

import (
	"errors"

	"github.com/klauspost/compress/zstd"
)

// A segment is an immutable file of events in columnar blocks. Integers are little-endian:
//
//	+-------------+---------+--------------+---------+--------------+-----+-------+--------+
//	| file header | block 0 | its pages    | block 1 | its pages    |  …  | index | footer |
//	| 32          |         | of parts     |         | of parts     |     |       | 64     |
//	+-------------+---------+--------------+---------+--------------+-----+-------+--------+
//
// In the file header (file_header.go) a and b are the first and the last write-ahead log that the segment stands for.
//
// A block is what package columnar makes of events that are sorted by group, stream and position; it verifies itself. A
// part is the events of one stream in one block: a range of its rows. Pages list the parts of a block (page.go), each page
//
//	 0        4          8
//	+--------+----------+---------------+
//	| CRC32C | unpacked | parts, packed |      the checksum covers all behind it; unpacked is a length;
//	| 4      | 4        | with zstd     |      the index says how long the page is
//	+--------+----------+---------------+
//
// The index (segment_index.go) sums up blocks and pages and holds a checkpoint; it is compressed with zstd. The footer is
//
//	 0        8        12         16       20      24      28     32     40      48         52        56      64
//	+--------+--------+----------+--------+-------+-------+------+------+-------+----------+---------+-------+
//	| index  | stored | unpacked | CRC32C | zero  | zero  | zero | first| last  | genera-  | CRC32C  | magic |
//	| offset | length | length   | index  |       |       |      | log  | log   | tion     | 0 to 52 |       |
//	+--------+--------+----------+--------+-------+-------+------+------+-------+----------+---------+-------+
//
// A segment gets its name when all of it is durable, so one whose footer does not verify was damaged later.
const (
	segmentMagic    = "TBookSeg"
	footerMagic     = "TBookEnd"
	pageHeaderBytes = 8
	footerBytes     = 64
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

// appendPage appends the page that holds raw.
func appendPage(buf, raw []byte, enc *zstd.Encoder) []byte {
	at := len(buf)
	buf = append(buf, make([]byte, pageHeaderBytes)...)
	buf = enc.EncodeAll(raw, buf)
	little.PutUint32(buf[at+4:], uint32(len(raw)))
	little.PutUint32(buf[at:], checksum(buf[at+4:]))
	return buf
}

var errPage = errors.New("page does not verify")

// parsePage returns what the page b holds.
func parsePage(b []byte, dec *zstd.Decoder) ([]byte, error) {
	if len(b) < pageHeaderBytes || little.Uint32(b) != checksum(b[4:]) {
		return nil, errPage
	}
	return unpack(b[pageHeaderBytes:], little.Uint32(b[4:]), dec)
}

// unpack decompresses data, which must give size bytes.
func unpack(data []byte, size uint32, dec *zstd.Decoder) ([]byte, error) {
	raw, err := dec.DecodeAll(data, nil)
	if err != nil {
		return nil, err
	}
	if uint32(len(raw)) != size {
		return nil, errPage
	}
	return raw, nil
}
