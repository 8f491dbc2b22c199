package columnar

import (
	"slices"
	"sync/atomic"
)

// exceptColumn is a column of which some rows have another text than it says.
type exceptColumn struct {
	column
	rows int
	blob blob
	list atomic.Pointer[exceptionList]
}

// exceptionList is sorted by rank.
type exceptionList struct {
	ranks []uint32
	codes []uint32
	texts []string
	has   Bitmap
	bytes int64 // about, of all
}

func (l *exceptionList) held() int64 { return l.bytes }

func (c *exceptColumn) load(b *Block, from, to int) error {
	if _, err := c.loadList(b); err != nil {
		return err
	}
	return c.column.load(b, from, to)
}

func (c *exceptColumn) loadList(b *Block) (*exceptionList, error) {
	if l := c.list.Load(); l != nil {
		return l, nil
	}
	raw, err := b.readBlob(&c.blob)
	if err != nil {
		return nil, err
	}
	l, err := parseExceptions(raw, c.rows)
	if err != nil {
		return nil, err
	}
	if c.list.CompareAndSwap(nil, l) {
		b.held.Add(l.held())
	}
	return c.list.Load(), nil
}

func parseExceptions(raw []byte, rows int) (*exceptionList, error) {
	r := wireReader{in: raw}
	l := &exceptionList{}
	at := 0
	for range r.count(rows) {
		if at += r.count(rows); r.bad || at >= rows {
			return nil, corruptf("exceptions")
		}
		l.ranks = append(l.ranks, uint32(at))
		l.has.Set(at)
		at++
	}
	for range r.count(len(l.ranks)) {
		l.texts = append(l.texts, string(r.sized()))
	}
	for range l.ranks {
		l.codes = append(l.codes, uint32(r.count(len(l.texts)-1)))
	}
	l.bytes = int64(2*len(raw) + 8*len(l.ranks) + MaxRows/8)
	if len(l.texts) == 0 {
		return nil, corruptf("no exceptions")
	}
	return l, r.end("exceptions")
}

// text is the exception of a row that has one.
func (l *exceptionList) text(rank int) string {
	i, _ := slices.BinarySearch(l.ranks, uint32(rank))
	return l.texts[l.codes[i]]
}

func (c *exceptColumn) append(dst []byte, rank, row int) []byte {
	if l := c.list.Load(); l.has.Has(rank) {
		return append(dst, l.text(rank)...)
	}
	return c.column.append(dst, rank, row)
}

func (c *exceptColumn) sections() []section { return append(c.blob.sections(), c.column.sections()...) }
