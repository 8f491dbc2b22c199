package columnar

import "bytes"

// asked is the part of a column that conditions use.
type asked interface {
	// could is false only if no row of the column answers yes. It reads dictionaries and filters, no chunks.
	could(b *Block, q *question) (bool, error)
	// narrow clears the ranks whose value answers no. It loads the chunks of those that are set.
	narrow(b *Block, q *question, ranks *Bitmap) error
}

// eachChunk loads the chunks of a column that have ranks set, and calls do for each, with the ranks from and to.
func eachChunk(b *Block, c column, rows int, ranks *Bitmap, do func(k, from, to int)) error {
	for k := range chunkCount(rows) {
		from, to := k<<chunkBits, min((k+1)<<chunkBits, rows)
		if !ranks.AnyIn(from, to) {
			continue
		}
		b.mu.Lock()
		err := c.load(b, k, k+1)
		b.mu.Unlock()
		if err != nil {
			return err
		}
		do(k, from, to)
	}
	return nil
}

func (c *dictColumn) could(b *Block, q *question) (bool, error) {
	if q.tooLong(c.longest) || (q.kind == askEquals && len(q.text) < c.shortest) {
		return false, nil
	}
	d, err := c.loadDict(b)
	if err != nil {
		return false, err
	}
	if q.kind == askContains && len(d.ends) > 16 && !contains(d.all, q.text) {
		return false, nil
	}
	for code := range d.ends {
		if q.holds(d.text(code)) {
			return true, nil
		}
	}
	return false, nil
}

func (c *dictColumn) narrow(b *Block, q *question, ranks *Bitmap) error {
	d, err := c.loadDict(b)
	if err != nil {
		return err
	}
	yes := make([]uint8, len(d.ends)) // 1 for entries that hold
	count := 0
	for code := range d.ends {
		if q.holds(d.text(code)) {
			yes[code] = 1
			count++
		}
	}
	switch count {
	case 0:
		ranks.Reset()
		return nil
	case len(yes):
		return nil
	}
	return eachChunk(b, c, c.codes.rows, ranks, func(k, from, to int) {
		narrowCodes(ranks, from, to, c.codes.loaded[k].Load(), yes)
	})
}

func narrowCodes(ranks *Bitmap, from, to int, codes *vector, yes []uint8) {
	if codes.w8 != nil && codes.base == 0 {
		ranks.narrowWords(from, to, func(at, n int) (mask uint64) {
			for i, code := range codes.w8[at : at+n] {
				mask |= uint64(yes[code]) << i
			}
			return mask
		})
		return
	}
	ranks.narrowWords(from, to, func(at, n int) (mask uint64) {
		for i := range n {
			mask |= uint64(yes[codes.at(at+i)]) << i
		}
		return mask
	})
}

// narrowWords keeps of the rows from ≤ row < to, where from is a multiple of 64, those whose bit is in what mask returns;
// it is asked for n rows from at on, counted from from, where one of them is set.
func (b *Bitmap) narrowWords(from, to int, mask func(at, n int) uint64) {
	for row := from; row < to; row += 64 {
		if w := &b.words[row>>6]; *w != 0 {
			*w &= mask(row-from, min(to-row, 64))
		}
	}
}

func (c *intColumn) could(_ *Block, q *question) (bool, error) {
	if q.kind == askTest {
		return true, nil
	}
	if !q.madeOf(c.format.alphabet()) || q.tooLong(c.format.maxLen(c.low, c.high)) {
		return false, nil
	}
	if c.low == c.high {
		return q.holdsBytes(c.format.append(nil, c.low)), nil
	}
	if q.kind == askEquals {
		v, ok := c.parse(q.text)
		return ok && v >= c.low && v <= c.high, nil
	}
	return true, nil
}

// parse is false if no value is written like s.
func (c *intColumn) parse(s string) (int64, bool) {
	var memo timeMemo
	return c.format.parse(s, &memo)
}

func (c *intColumn) narrow(b *Block, q *question, ranks *Bitmap) error {
	rowOf, err := c.shape.rowOf()
	if err != nil {
		return err
	}
	holds := c.memo(q)
	return eachChunk(b, c, c.numbers.rows, ranks, func(_, from, to int) {
		for rank := ranks.Next(from); rank >= 0 && rank < to; rank = ranks.Next(rank + 1) {
			if !holds(c.value(rank, rowOf(rank))) {
				ranks.Clear(rank)
			}
		}
	})
}

const maxMemo = 1 << 17 // values of a column whose answers are kept in a table

// memo answers q for values, each value once if they are not far apart.
func (c *intColumn) memo(q *question) func(v int64) bool {
	if q.kind == askEquals {
		want, ok := c.parse(q.text)
		return func(v int64) bool { return ok && v == want }
	}
	var buf []byte
	ask := func(v int64) bool {
		buf = c.format.append(buf[:0], v)
		return q.holdsBytes(buf)
	}
	span := uint64(c.high) - uint64(c.low)
	if c.high < c.low || span >= maxMemo {
		return ask
	}
	known := make([]uint8, span+1) // 1 yes, 2 no
	return func(v int64) bool {
		i := uint64(v) - uint64(c.low)
		if i >= uint64(len(known)) {
			return ask(v)
		}
		if known[i] == 0 {
			known[i] = 2 - boolByte(ask(v))
		}
		return known[i] == 1
	}
}

func (c *textColumn) could(b *Block, q *question) (bool, error) {
	if q.tooLong(c.longest) {
		return false, nil
	}
	if q.kind == askTest {
		return true, nil
	}
	f, err := c.words.load(b)
	if err != nil || f == nil {
		return true, err
	}
	all := true
	eachWord([]byte(q.text), func(word []byte, first, last bool) bool {
		cutBefore := first && (q.kind == askContains || q.kind == askSuffix)
		cutAfter := last && (q.kind == askContains || q.kind == askPrefix)
		all = cutBefore || cutAfter || f.has(hashBytes(word))
		return all
	})
	return all, nil
}

func (c *textColumn) narrow(b *Block, q *question, ranks *Bitmap) error {
	return eachChunk(b, c, c.rows, ranks, func(k, from, to int) {
		chunk := c.loaded[k].Load()
		if q.kind == askContains {
			chunk.narrowContains(q.text, ranks, from, to)
			return
		}
		for rank := ranks.Next(from); rank >= 0 && rank < to; rank = ranks.Next(rank + 1) {
			if !q.holdsBytes(chunk.text(rank - from)) {
				ranks.Clear(rank)
			}
		}
	})
}

// narrowContains searches all texts at once; what it finds over a border between two does not count.
func (t *textChunk) narrowContains(needle string, ranks *Bitmap, from, to int) {
	var hits [ChunkRows / 64]uint64
	row := 0
	for at := 0; ; {
		i := bytes.Index(t.all[at:], []byte(needle))
		if i < 0 {
			break
		}
		at += i
		row = t.rowAt(at, row)
		if at+len(needle) <= int(t.ends[row]) {
			hits[row>>6] |= 1 << (row & 63)
			at = int(t.ends[row])
		} else {
			at++
		}
	}
	ranks.narrowWords(from, to, func(at, _ int) uint64 { return hits[at>>6] })
}

// rowAt is the row whose text has the byte at, searched from row on.
func (t *textChunk) rowAt(at, row int) int {
	low, high := row, len(t.ends)-1
	for step := 1; low+step < high; step *= 2 {
		if at < int(t.ends[low+step]) {
			high = low + step
			break
		}
		low += step
	}
	for low < high {
		if mid := (low + high) / 2; at < int(t.ends[mid]) {
			high = mid
		} else {
			low = mid + 1
		}
	}
	return low
}

func (c *exceptColumn) could(b *Block, q *question) (bool, error) {
	if ok, err := c.column.could(b, q); ok || err != nil {
		return ok, err
	}
	l, err := c.loadList(b)
	if err != nil {
		return false, err
	}
	for _, s := range l.texts {
		if q.holds(s) {
			return true, nil
		}
	}
	return false, nil
}

func (c *exceptColumn) narrow(b *Block, q *question, ranks *Bitmap) error {
	l, err := c.loadList(b)
	if err != nil {
		return err
	}
	exceptions := *ranks
	exceptions.And(&l.has)
	ranks.AndNot(&l.has)
	if err := c.column.narrow(b, q, ranks); err != nil {
		return err
	}
	yes := make([]bool, len(l.texts))
	for i, s := range l.texts {
		yes[i] = q.holds(s)
	}
	for i, rank := range l.ranks {
		if yes[l.codes[i]] && exceptions.Has(int(rank)) {
			ranks.Set(int(rank))
		}
	}
	return nil
}
