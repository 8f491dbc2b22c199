package columnar

import (
	"sync"
	"sync/atomic"
)

// A block that is kept for long grows to all that was ever read of it, and most of that is identifiers, texts and places
// which a look at whole messages needs once. What questions about one field ask for again and again is small. A store that
// must make room can therefore put a leaner block in the place of one.

// Passing is about how many of the bytes of Held a lean block does not have.
func (b *Block) Passing() int64 {
	n := b.arrivals.held() + b.ingestions.firsts.held() + b.ingestions.numbers.held()
	if b.ingestions.byRun.Load() != nil {
		n += 16 * int64(b.ingestions.runs)
	}
	if !b.askedTimes.Load() {
		n += b.timestamps.held()
	}
	for _, s := range b.shapes {
		for slot, c := range s.columns {
			if !s.asked[slot].Load() || c.bulky() {
				n += c.held()
			} else if d, ok := c.(*dictColumn); ok {
				n += d.passing()
			}
		}
	}
	if b.texts != nil {
		n += b.texts.held()
	}
	return n
}

// Lean returns the block without what was read for whole messages only. It shares with b what it has in common; each can
// be used and grows by itself.
func (b *Block) Lean() *Block {
	return b.copied(b.askedTimes.Load(), func(s *blockShape, slot int) bool {
		return s.asked[slot].Load() && !s.columns[slot].bulky()
	})
}

// Bare is Lean without any column. It still knows how often values of a field come that were counted before.
func (b *Block) Bare() *Block {
	return b.copied(false, func(*blockShape, int) bool { return false })
}

// passing is the texts of integers, which can be made again.
func (c *dictColumn) passing() int64 {
	if d := c.dict.Load(); d != nil && c.integers {
		return d.held()
	}
	return 0
}

// copied returns a block with those of the loaded columns that are asked for.
func (b *Block) copied(times bool, keep func(s *blockShape, slot int) bool) *Block {
	c := &Block{
		src: b.src, size: b.size, rows: b.rows, messageBytes: b.messageBytes, dataAt: b.dataAt, header: b.header, textRows: b.textRows,
	}
	c.held.Store(b.header)
	c.timestamps = b.timestamps.copied(c, times)
	c.arrivals = b.arrivals.copied(c, false)
	c.ingestions.runs = b.ingestions.runs
	c.ingestions.firsts = b.ingestions.firsts.copied(c, false)
	c.ingestions.numbers = b.ingestions.numbers.copied(c, false)
	c.askedTimes.Store(times)
	if b.shapeOf != nil {
		shapeOf := b.shapeOf.copied(c, false)
		c.shapeOf = &shapeOf
	}
	kept := false
	for _, s := range b.shapes {
		copied := s.copied(c, func(slot int) bool {
			yes := keep(s, slot)
			kept = kept || yes
			return yes
		})
		c.shapes = append(c.shapes, copied)
	}
	if l := b.location.Load(); l != nil && kept {
		c.location.Store(l)
		c.held.Add(l.held())
	}
	if b.texts != nil {
		c.texts = b.texts.empty(c)
	}
	return c
}

func (s *blockShape) copied(b *Block, keep func(slot int) bool) *blockShape {
	c := &blockShape{shape: s.shape, block: b, number: s.number, rows: s.rows, asked: make([]atomic.Bool, len(s.columns))}
	for slot, column := range s.columns {
		kept := keep(slot)
		c.asked[slot].Store(kept)
		c.columns = append(c.columns, column.copied(c, kept))
	}
	c.paths, c.names = sync.OnceValue(c.jsonPaths), sync.OnceValue(c.plainNames)
	return c
}

// ask notes that a column was asked for by itself.
func (s *blockShape) ask(slot int) {
	if !s.asked[slot].Load() {
		s.asked[slot].Store(true)
	}
}

// held is the memory of the loaded chunks.
func (n *numbers) held() (bytes int64) {
	for k := range n.loaded {
		if v := n.loaded[k].Load(); v != nil {
			bytes += int64(v.held())
		}
	}
	return bytes
}

// copied returns the numbers for another block, with the chunks that are loaded if they are to be kept.
func (n *numbers) copied(b *Block, keep bool) numbers {
	c := *n
	c.loaded = make([]atomic.Pointer[vector], len(n.loaded))
	if n.times != nil {
		c.times = &b.timestamps
	}
	for k := range c.loaded {
		if v := n.loaded[k].Load(); v != nil && keep {
			c.keep(b, k, v)
		}
	}
	return c
}

func (c *dictColumn) bulky() bool { return false }

func (c *dictColumn) held() int64 {
	n := c.codes.held()
	if d := c.dict.Load(); d != nil {
		n += d.held()
	}
	if ints := c.ints.Load(); ints != nil {
		n += int64(8 * len(*ints))
	}
	return n
}

func (c *dictColumn) copied(s *blockShape, keep bool) column {
	out := &dictColumn{
		entries: c.entries, shortest: c.shortest, longest: c.longest, integers: c.integers, format: c.format, blob: c.blob,
		codes: c.codes.copied(s.block, keep),
	}
	if d := c.dict.Load(); d != nil && keep && !c.integers {
		out.dict.Store(d)
		s.block.held.Add(d.held())
	}
	if ints := c.ints.Load(); ints != nil && keep {
		out.ints.Store(ints)
		s.block.held.Add(int64(8 * len(*ints)))
	}
	if counts := c.counts.Load(); counts != nil {
		out.counts.Store(counts)
		s.block.held.Add(heldByCounts(*counts))
	}
	return out
}

func (c *intColumn) bulky() bool { return false }
func (c *intColumn) held() int64 { return c.numbers.held() }

func (c *intColumn) copied(s *blockShape, keep bool) column {
	return &intColumn{format: c.format, low: c.low, high: c.high, shape: s, numbers: c.numbers.copied(s.block, keep)}
}

func (c *hexColumn) bulky() bool { return true }

func (c *hexColumn) held() (bytes int64) {
	for i := range c.peels {
		bytes += c.peels[i].held()
	}
	for k := range c.loaded {
		if packed := c.loaded[k].Load(); packed != nil {
			bytes += int64(len(*packed))
		}
	}
	return bytes
}

// copied keeps the filter alone, which is what most questions about identifiers need.
func (c *hexColumn) copied(s *blockShape, _ bool) column {
	out := &hexColumn{
		pattern: c.pattern, peeled: c.peeled, chunks: c.chunks, rows: c.rows, loaded: make([]atomic.Pointer[[]byte], len(c.loaded)),
	}
	for i := range c.peels {
		out.peels = append(out.peels, c.peels[i].copied(s.block, false))
	}
	c.filter.copyTo(&out.filter, s.block)
	return out
}

func (c *textColumn) bulky() bool { return true }

func (c *textColumn) held() (bytes int64) {
	bytes = c.lengths.held()
	for k := range c.loaded {
		if t := c.loaded[k].Load(); t != nil {
			bytes += t.held()
		}
	}
	return bytes
}

func (c *textColumn) copied(s *blockShape, _ bool) column { return c.empty(s.block) }

func (c *textColumn) empty(b *Block) *textColumn {
	out := &textColumn{
		rows: c.rows, longest: c.longest, lengths: c.lengths.copied(b, false), chunks: c.chunks,
		loaded: make([]atomic.Pointer[textChunk], len(c.loaded)),
	}
	c.words.copyTo(&out.words, b)
	return out
}

func (c *exceptColumn) copied(s *blockShape, keep bool) column {
	out := &exceptColumn{column: c.column.copied(s, keep), rows: c.rows, blob: c.blob}
	if l := c.list.Load(); l != nil && keep {
		out.list.Store(l)
		s.block.held.Add(l.held())
	}
	return out
}

func (c *exceptColumn) held() int64 {
	n := c.column.held()
	if l := c.list.Load(); l != nil {
		n += l.held()
	}
	return n
}

func (f *storedFilter) copyTo(other *storedFilter, b *Block) {
	other.section = f.section
	if loaded := f.loaded.Load(); loaded != nil {
		other.loaded.Store(loaded)
		b.held.Add(int64(len(*loaded)))
	}
}
