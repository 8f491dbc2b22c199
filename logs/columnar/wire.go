package columnar

import (
	"encoding/binary"
	"fmt"
	"math"
)

// wireReader takes numbers and bytes off a header or a chunk. After the first value that does not fit, bad is set and
// all that follows is zero, so callers check once.
type wireReader struct {
	in  []byte
	bad bool
}

func (r *wireReader) fail() { r.in, r.bad = nil, true }

func (r *wireReader) uvarint() uint64 {
	v, n := binary.Uvarint(r.in)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.in = r.in[n:]
	return v
}

func (r *wireReader) varint() int64 { return unzigzag(r.uvarint()) }

// count is a number of things, at most limit.
func (r *wireReader) count(limit int) int {
	v := r.uvarint()
	if v > uint64(max(limit, 0)) {
		r.fail()
		return 0
	}
	return int(v)
}

func (r *wireReader) byte() byte {
	if len(r.in) == 0 {
		r.fail()
		return 0
	}
	b := r.in[0]
	r.in = r.in[1:]
	return b
}

func (r *wireReader) bytes(n int) []byte {
	if n < 0 || n > len(r.in) {
		r.fail()
		return nil
	}
	b := r.in[:n:n]
	r.in = r.in[n:]
	return b
}

// sized is bytes behind their length.
func (r *wireReader) sized() []byte { return r.bytes(r.count(math.MaxInt32)) }

func (r *wireReader) uint32() uint32 {
	b := r.bytes(4)
	if b == nil {
		return 0
	}
	return binary.LittleEndian.Uint32(b)
}

// end is the error of a whole that was not read exactly.
func (r *wireReader) end(what string) error {
	if r.bad || len(r.in) > 0 {
		return corruptf("%s does not parse", what)
	}
	return nil
}

func appendSized[T ~string | ~[]byte](dst []byte, b T) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(b))), b...)
}

func corruptf(format string, args ...any) error {
	return fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), ErrCorrupt)
}

func zigzag(v int64) uint64   { return uint64(v)<<1 ^ uint64(v>>63) }
func unzigzag(u uint64) int64 { return int64(u>>1) ^ -int64(u&1) }
