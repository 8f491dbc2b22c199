package columnar

import "math/bits"

// Bitmap is a set of rows of one block. The zero value is the empty set. It is not safe for concurrent use while it is
// changed.
type Bitmap struct {
	words [MaxRows / 64]uint64
}

// Set adds a row.
func (b *Bitmap) Set(row int) { b.words[row>>6] |= 1 << (row & 63) }

// Clear removes a row.
func (b *Bitmap) Clear(row int) { b.words[row>>6] &^= 1 << (row & 63) }

// Has says whether the row is in the set.
func (b *Bitmap) Has(row int) bool { return b.words[row>>6]>>(row&63)&1 != 0 }

// Reset removes all rows.
func (b *Bitmap) Reset() { b.words = [MaxRows / 64]uint64{} }

// SetRange adds the rows from ≤ row < to.
func (b *Bitmap) SetRange(from, to int) {
	b.eachWord(from, to, func(i int, mask uint64) { b.words[i] |= mask })
}

// ClearRange removes the rows from ≤ row < to.
func (b *Bitmap) ClearRange(from, to int) {
	b.eachWord(from, to, func(i int, mask uint64) { b.words[i] &^= mask })
}

func (b *Bitmap) eachWord(from, to int, do func(i int, mask uint64)) {
	for from < to {
		end := min((from|63)+1, to)
		mask := ^uint64(0) >> (64 - (end - from)) << (from & 63)
		do(from>>6, mask)
		from = end
	}
}

// Count is the number of rows.
func (b *Bitmap) Count() int {
	n := 0
	for _, w := range b.words {
		n += bits.OnesCount64(w)
	}
	return n
}

// countIn is the number of rows from ≤ row < to.
func (b *Bitmap) countIn(from, to int) (n int) {
	b.eachWord(from, to, func(i int, mask uint64) { n += bits.OnesCount64(b.words[i] & mask) })
	return n
}

// Any says whether there is a row.
func (b *Bitmap) Any() bool {
	for _, w := range b.words {
		if w != 0 {
			return true
		}
	}
	return false
}

// AnyIn says whether there is a row from ≤ row < to.
func (b *Bitmap) AnyIn(from, to int) bool {
	next := b.Next(from)
	return next >= 0 && next < to
}

// Next is the first row at or after row, or -1.
func (b *Bitmap) Next(row int) int {
	if row >= MaxRows {
		return -1
	}
	row = max(row, 0)
	i := row >> 6
	w := b.words[i] >> (row & 63) << (row & 63)
	for w == 0 {
		if i++; i == len(b.words) {
			return -1
		}
		w = b.words[i]
	}
	return i<<6 + bits.TrailingZeros64(w)
}

// AppendTo appends the rows of the set to a list, in order.
func (b *Bitmap) AppendTo(list []int32) []int32 {
	for i, w := range b.words {
		row := int32(i << 6)
		if w == ^uint64(0) {
			list = append(list, wordRows[:]...)
			for j := range list[len(list)-64:] {
				list[len(list)-64+j] += row
			}
			continue
		}
		for ; w != 0; w &= w - 1 {
			list = append(list, row+int32(bits.TrailingZeros64(w)))
		}
	}
	return list
}

// wordRows are the rows of a word.
var wordRows = func() (rows [64]int32) {
	for i := range rows {
		rows[i] = int32(i)
	}
	return rows
}()

// Last is the last row before row, or -1.
func (b *Bitmap) Last(row int) int {
	if row = min(row, MaxRows); row <= 0 {
		return -1
	}
	i := (row - 1) >> 6
	w := b.words[i] << (63 - (row-1)&63) >> (63 - (row-1)&63)
	for w == 0 {
		if i--; i < 0 {
			return -1
		}
		w = b.words[i]
	}
	return i<<6 + 63 - bits.LeadingZeros64(w)
}

// And removes the rows that o does not have.
func (b *Bitmap) And(o *Bitmap) {
	for i := range b.words {
		b.words[i] &= o.words[i]
	}
}

// Or adds the rows of o.
func (b *Bitmap) Or(o *Bitmap) {
	for i := range b.words {
		b.words[i] |= o.words[i]
	}
}

// AndNot removes the rows of o.
func (b *Bitmap) AndNot(o *Bitmap) {
	for i := range b.words {
		b.words[i] &^= o.words[i]
	}
}
