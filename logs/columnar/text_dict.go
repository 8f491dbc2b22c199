package columnar

import (
	"hash/maphash"
	"math/bits"
	"slices"
	"strings"
)

// textDict gives each distinct text a code while a column is made.
type textDict struct {
	seed   maphash.Seed
	keys   [2]uint64 // random, for short texts
	table  []uint32  // codes and 1 by hash, a power of two of them, at most half full
	texts  []string
	hashes []uint32
	counts []uint32 // rows of each code
	bytes  int      // of all texts
}

func (d *textDict) reset() {
	clear(d.table)
	clear(d.texts)
	d.texts, d.hashes, d.counts, d.bytes = d.texts[:0], d.hashes[:0], d.counts[:0], 0
}

// repeats counts the values at the begin that are the first text.
func (d *textDict) repeats(values []string) int {
	first := d.texts[0]
	n := 0
	for n < len(values) && len(values[n]) == len(first) && equalTexts(values[n], first) {
		n++
	}
	d.counts[0] += uint32(n)
	return n
}

func (d *textDict) code(s string) uint32 {
	if len(d.table) <= 2*len(d.texts) {
		d.enlarge()
	}
	h := d.hash(s)
	mask := uint32(len(d.table) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		c := d.table[i]
		if c == 0 {
			d.table[i] = d.insert(s, h) + 1
			return uint32(len(d.texts) - 1)
		}
		if t := d.texts[c-1]; d.hashes[c-1] == h && len(t) == len(s) && equalTexts(t, s) {
			d.counts[c-1]++
			return c - 1
		}
	}
}

// hash is a product of the text's ends with random keys for short texts, and the runtime's own for others. No client can
// choose values that collide.
func (d *textDict) hash(s string) uint32 {
	var a, b uint64
	switch n := len(s); {
	case n > 16:
		return uint32(maphash.String(d.seed, s))
	case n >= 8:
		a, b = load64(s, 0), load64(s, n-8)
	case n >= 4:
		a, b = load32(s, 0), load32(s, n-4)
	case n > 0:
		a, b = uint64(s[0])|uint64(s[n/2])<<8, uint64(s[n-1])
	}
	high, low := bits.Mul64(a^d.keys[0], b^d.keys[1]^uint64(len(s)))
	return uint32((high ^ low) >> 16)
}

func (d *textDict) insert(s string, h uint32) uint32 {
	d.texts, d.hashes, d.counts = append(d.texts, s), append(d.hashes, h), append(d.counts, 1)
	d.bytes += len(s)
	return uint32(len(d.texts) - 1)
}

func (d *textDict) enlarge() {
	if len(d.table) == 0 {
		d.seed = maphash.MakeSeed()
		d.keys = [2]uint64{maphash.String(d.seed, "a"), maphash.String(d.seed, "b")}
	}
	d.table = make([]uint32, max(64, 4*len(d.table)))
	mask := uint32(len(d.table) - 1)
	for c, h := range d.hashes {
		i := h & mask
		for d.table[i] != 0 {
			i = (i + 1) & mask
		}
		d.table[i] = uint32(c) + 1
	}
}

// order is how the codes are written: the 256 most frequent first, so that the upper plane of the codes is mostly zero,
// and alphabetically within the two parts, so that the texts compress.
func (d *textDict) order() []uint32 {
	order := make([]uint32, len(d.texts))
	for i := range order {
		order[i] = uint32(i)
	}
	byText := func(a, b uint32) int { return strings.Compare(d.texts[a], d.texts[b]) }
	if len(order) > 256 {
		slices.SortFunc(order, func(a, b uint32) int {
			if d.counts[a] != d.counts[b] {
				return int(d.counts[b]) - int(d.counts[a])
			}
			return byText(a, b)
		})
		slices.SortFunc(order[:256], byText)
		slices.SortFunc(order[256:], byText)
		return order
	}
	slices.SortFunc(order, byText)
	return order
}
