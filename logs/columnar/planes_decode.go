package columnar

import (
	"sync"

	"github.com/klauspost/compress/huff0"
)

// planeDecoder is scratch for unpacking one column's chunks.
type planeDecoder struct {
	shared [8]*huff0.Scratch // tables of the column, read when first needed
	ready  [8]bool
	own    *huff0.Scratch
	plane  [ChunkRows]byte
	values [ChunkRows]uint64
}

// planeDecoders keeps scratch between loads; it is worth some 100 KiB each.
var planeDecoders = sync.Pool{New: func() any { return new(planeDecoder) }}

func newPlaneDecoder() *planeDecoder {
	d := planeDecoders.Get().(*planeDecoder)
	d.ready = [8]bool{}
	return d
}

func (d *planeDecoder) free() { planeDecoders.Put(d) }

// decode unpacks one plane of len(dst) rows off r; table is the plane's shared one.
func (d *planeDecoder) decode(dst []byte, r *wireReader, plane int, table []byte) error {
	switch r.byte() {
	case planeConst:
		fill(dst, r.byte())
	case planeRaw:
		copy(dst, r.bytes(len(dst)))
	case planeShared:
		return d.decodeShared(dst, r.sized(), plane, table)
	case planeOwn:
		return d.decodeOwn(dst, r.sized())
	case planeSparse:
		return decodeSparse(dst, r)
	default:
		return corruptf("unknown plane")
	}
	if r.bad {
		return corruptf("short plane")
	}
	return nil
}

func (d *planeDecoder) decodeShared(dst, in []byte, plane int, table []byte) error {
	if !d.ready[plane] {
		s, _, err := huff0.ReadTable(table, d.shared[plane])
		if err != nil {
			return corruptf("huffman table: %v", err)
		}
		d.shared[plane], d.ready[plane] = s, true
	}
	return unhuff(dst, in, d.shared[plane])
}

func (d *planeDecoder) decodeOwn(dst, in []byte) error {
	s, data, err := huff0.ReadTable(in, d.own)
	if err != nil {
		return corruptf("huffman table: %v", err)
	}
	d.own = s
	return unhuff(dst, data, s)
}

func unhuff(dst, in []byte, s *huff0.Scratch) error {
	out, err := s.Decoder().Decompress4X(dst[:0:len(dst)], in)
	if err != nil || len(out) != len(dst) {
		return corruptf("huffman code: %v", err)
	}
	return nil
}

func decodeSparse(dst []byte, r *wireReader) error {
	fill(dst, r.byte())
	at := 0
	for range r.count(len(dst)) {
		gap, b := r.count(len(dst)), r.byte()
		if at += gap; r.bad || at >= len(dst) {
			return corruptf("sparse plane")
		}
		dst[at] = b
		at++
	}
	if r.bad {
		return corruptf("sparse plane")
	}
	return nil
}

func fill(dst []byte, b byte) {
	for i := range dst {
		dst[i] = b
	}
}
