package columnar

import (
	"encoding/binary"
	"sync/atomic"
)

// A filter is a set of hashes that may say yes to one in ten of those that it does not have: a Bloom filter with
// filterProbes bits a value, all in one 64-byte line, so that a question costs one miss (Putze, Sanders, Singler:
// "Cache-, Hash- and Space-Efficient Bloom Filters", 2007).
type filter []byte

const (
	filterBits   = 5 // a value
	filterProbes = 3
	filterLine   = 64
)

func newFilter(values int) filter {
	lines := (values*filterBits + filterLine*8 - 1) / (filterLine * 8)
	return make(filter, max(lines, 1)*filterLine)
}

func (f filter) line(h uint64) filter {
	n := uint64(len(f) / filterLine)
	at := (h >> 32 * n) >> 32 * filterLine
	return f[at : at+filterLine]
}

func (f filter) add(h uint64) {
	line := f.line(h)
	for range filterProbes {
		line[h>>3&63] |= 1 << (h & 7)
		h >>= 9
	}
}

// has never says false of a hash that was added.
func (f filter) has(h uint64) bool {
	if len(f) < filterLine {
		return true
	}
	line := f.line(h)
	for range filterProbes {
		if line[h>>3&63]>>(h&7)&1 == 0 {
			return false
		}
		h >>= 9
	}
	return true
}

// hashBytes spreads b over 64 bits. It is part of the format.
func hashBytes(b []byte) uint64 {
	h := uint64(len(b)) * 0x9e3779b97f4a7c15
	for len(b) >= 8 {
		h = mix(h ^ binary.LittleEndian.Uint64(b))
		b = b[8:]
	}
	if len(b) > 0 {
		var tail [8]byte
		copy(tail[:], b)
		h = mix(h ^ binary.LittleEndian.Uint64(tail[:]))
	}
	return h ^ h>>32
}

func mix(h uint64) uint64 {
	h *= 0xff51afd7ed558ccd
	return (h ^ h>>33) * 0xc4ceb9fe1a85ec53
}

// storedFilter is a filter in a block, of size zero if there is none.
type storedFilter struct {
	section
	loaded atomic.Pointer[filter]
}

func (f *storedFilter) sections() []section {
	if f.size == 0 {
		return nil
	}
	return []section{f.section}
}

// load returns the filter, or nil if there is none.
func (f *storedFilter) load(b *Block) (filter, error) {
	if f.size == 0 {
		return nil, nil
	}
	if loaded := f.loaded.Load(); loaded != nil {
		return *loaded, nil
	}
	in, err := b.readOne(f.section)
	if err != nil {
		return nil, err
	}
	if len(in)%filterLine != 0 {
		return nil, corruptf("filter of %d bytes", len(in))
	}
	loaded := filter(in)
	if f.loaded.CompareAndSwap(nil, &loaded) {
		b.held.Add(int64(len(in)))
	}
	return loaded, nil
}
