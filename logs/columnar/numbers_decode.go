package columnar

import (
	"encoding/binary"
	"slices"
	"sync/atomic"
)

// numbers is a column of integers as the header tells of it.
type numbers struct {
	rows   int
	t      transform
	planes int
	tables [][]byte
	chunks []section // empty if all residuals are zero
	times  *numbers  // timestamps that the values follow, of the same rows; nil of those that follow none
	limit  uint64    // if not zero, values must be less
	loaded []atomic.Pointer[vector]
}

// vector is one chunk of numbers in memory: each is base plus an element of the one slice that is not nil, if any.
type vector struct {
	base uint64
	w8   []uint8
	w16  []uint16
	w32  []uint32
	w64  []uint64
}

func (v *vector) at(i int) uint64 {
	switch {
	case v.w8 != nil:
		return v.base + uint64(v.w8[i])
	case v.w16 != nil:
		return v.base + uint64(v.w16[i])
	case v.w32 != nil:
		return v.base + uint64(v.w32[i])
	case v.w64 != nil:
		return v.base + v.w64[i]
	}
	return v.base
}

func (v *vector) held() int { return len(v.w8) + 2*len(v.w16) + 4*len(v.w32) + 8*len(v.w64) + 128 }

// at is the number of a row whose chunk is loaded. Of transformTimed it is the difference to the timestamp.
func (n *numbers) at(row int) uint64 {
	return n.loaded[row>>chunkBits].Load().at(row & (ChunkRows - 1))
}

func (n *numbers) isConst() bool { return len(n.chunks) == 0 }

func (n *numbers) chunkRows(k int) int { return min(n.rows-k<<chunkBits, ChunkRows) }

// load makes the chunks from ≤ k < to ready. The caller holds b.mu.
func (n *numbers) load(b *Block, from, to int) error {
	for from < to && n.loaded[from].Load() != nil {
		from++
	}
	for from < to && n.loaded[to-1].Load() != nil {
		to--
	}
	if from == to {
		return nil
	}
	if n.isConst() {
		for k := from; k < to; k++ {
			n.keep(b, k, &vector{base: n.t.base})
		}
		return nil
	}
	parts, err := b.read(n.chunks[from:to])
	if err != nil {
		return err
	}
	d := newPlaneDecoder()
	defer d.free()
	for i, in := range parts {
		v, err := n.decode(d, in, from+i)
		if err != nil {
			return err
		}
		n.keep(b, from+i, v)
	}
	return nil
}

func (n *numbers) keep(b *Block, k int, v *vector) {
	n.loaded[k].Store(v)
	b.held.Add(int64(v.held()))
}

// drop forgets a loaded chunk.
func (n *numbers) drop(b *Block, k int) {
	b.held.Add(-int64(n.loaded[k].Load().held()))
	n.loaded[k].Store(nil)
}

func (n *numbers) decode(d *planeDecoder, in []byte, k int) (*vector, error) {
	r := &wireReader{in: in}
	rows := n.chunkRows(k)
	v := &vector{base: n.t.base}
	var err error
	if n.t.kind == transformDelta || n.t.kind == transformFollow {
		err = n.decodeDeltas(d, r, v, k)
	} else {
		err = n.decodePlanes(d, r, v, rows)
	}
	if err == nil {
		err = r.end("numbers")
	}
	if err == nil && n.limit > 0 && v.reaches(n.limit) {
		err = corruptf("number over its limit")
	}
	return v, err
}

// decodePlanes puts planes together in the narrowest slice.
func (n *numbers) decodePlanes(d *planeDecoder, r *wireReader, v *vector, rows int) error {
	switch {
	case n.planes <= 1:
		v.w8 = make([]uint8, rows)
		return d.decode(v.w8, r, 0, n.tables[0])
	case n.planes == 2:
		v.w16 = make([]uint16, rows)
		return mergePlanes(d, r, n.tables, v.w16)
	case n.planes <= 4:
		v.w32 = make([]uint32, rows)
		return mergePlanes(d, r, n.tables, v.w32)
	}
	v.w64 = make([]uint64, rows)
	return mergePlanes(d, r, n.tables, v.w64)
}

func mergePlanes[T uint16 | uint32 | uint64](d *planeDecoder, r *wireReader, tables [][]byte, dst []T) error {
	plane := d.plane[:len(dst)]
	for i, table := range tables {
		if err := d.decode(plane, r, i, table); err != nil {
			return err
		}
		shift := i * 8
		if i == 0 {
			for k, b := range plane {
				dst[k] = T(b)
			}
			continue
		}
		for k, b := range plane {
			dst[k] |= T(b) << shift
		}
	}
	return nil
}

func (n *numbers) decodeDeltas(d *planeDecoder, r *wireReader, v *vector, k int) error {
	values := d.values[:n.chunkRows(k)]
	at := r.uvarint()
	if n.planes == 0 {
		clear(values)
	} else if err := mergePlanes(d, r, n.tables, values); err != nil {
		return err
	}
	if n.t.kind == transformFollow {
		n.addExpected(values, k)
	} else {
		for i, u := range values {
			values[i] = uint64(unzigzag(u))
		}
	}
	for i, delta := range values {
		if i > 0 {
			at += delta
		}
		values[i] = at
	}
	v.narrow(values)
	return nil
}

// addExpected turns what differs from the expected difference into the difference.
func (n *numbers) addExpected(values []uint64, k int) {
	times := n.times.loaded[k].Load()
	last := times.at(0)
	for i, u := range values {
		at := times.at(i)
		values[i] = uint64(unzigzag(u)) + n.t.expected(at-last)
		last = at
	}
}

// narrow keeps values as differences to the least.
func (v *vector) narrow(values []uint64) {
	low, high := int64(values[0]), int64(values[0])
	for _, u := range values {
		low, high = min(low, int64(u)), max(high, int64(u))
	}
	v.base = uint64(low)
	span := uint64(high) - uint64(low)
	switch {
	case span == 0:
	case span < 1<<16:
		v.w16 = make([]uint16, len(values))
		for i, u := range values {
			v.w16[i] = uint16(u - v.base)
		}
	case span < 1<<32:
		v.w32 = make([]uint32, len(values))
		for i, u := range values {
			v.w32[i] = uint32(u - v.base)
		}
	default:
		v.base = 0
		v.w64 = slices.Clone(values)
	}
}

// reaches says whether a number of a chunk of plain ones is limit or more.
func (v *vector) reaches(limit uint64) bool {
	if limit <= v.base {
		return true
	}
	limit -= v.base
	switch {
	case v.w8 != nil:
		return limit <= 0xff && anyReaches(v.w8, uint8(limit))
	case v.w16 != nil:
		return uint64(slices.Max(v.w16)) >= limit
	case v.w32 != nil:
		return uint64(slices.Max(v.w32)) >= limit
	case v.w64 != nil:
		return slices.Max(v.w64) >= limit
	}
	return false
}

// anyReaches says whether one of the bytes is limit or more, eight at a time: what is added to the low seven bits of each
// carries into its high bit if these alone reach the limit, or the limit less 128.
func anyReaches(bytes []uint8, limit uint8) bool {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	add := uint64((128-limit)&127) * ones
	for ; len(bytes) >= 8; bytes = bytes[8:] {
		w := binary.LittleEndian.Uint64(bytes)
		carried := w&^high + add
		if limit <= 128 {
			carried |= w // a byte of 128 reaches a lower limit by itself
		} else {
			carried &= w
		}
		if carried&high != 0 {
			return true
		}
	}
	for _, b := range bytes {
		if b >= limit {
			return true
		}
	}
	return false
}
