package columnar

import (
	"sync/atomic"
)

// column is the values of one slot, or the messages without a shape. Ranks count the rows of the shape; row is the same
// row in the block. All that takes a rank needs the rank's chunk loaded.
type column interface {
	// load makes the chunks from ≤ k < to ready, and all that is not in chunks. The caller holds b.mu.
	load(b *Block, from, to int) error
	append(dst []byte, rank, row int) []byte
	asked
	// held is about the memory of what is loaded, save filters; bulky says that it is much for what it is asked for.
	held() int64
	bulky() bool
	// copied is the column of another block's shape, with what is loaded if it is to be kept.
	copied(s *blockShape, keep bool) column
	// sections are all pieces of data of the column, in order.
	sections() []section
}

var _, _, _, _, _ column = (*dictColumn)(nil), (*intColumn)(nil), (*hexColumn)(nil), (*textColumn)(nil), (*exceptColumn)(nil)

// dictColumn has codes into a dictionary.
type dictColumn struct {
	entries           int
	shortest, longest int // of the texts
	integers          bool
	format            format // of integers
	blob              blob
	codes             numbers
	dict              atomic.Pointer[dictionary]
	ints              atomic.Pointer[[]int64]      // of integers, ascending
	counts            atomic.Pointer[[]ValueCount] // of all rows, once they were asked for
}

// dictionary is the texts of a column, one after the other.
type dictionary struct {
	all  string
	ends []uint32
}

func (d *dictionary) held() int64 { return int64(len(d.all) + 4*len(d.ends) + 64) }

func (d *dictionary) text(code int) string {
	from := uint32(0)
	if code > 0 {
		from = d.ends[code-1]
	}
	return d.all[from:d.ends[code]]
}

func (c *dictColumn) load(b *Block, from, to int) error {
	if _, err := c.loadDict(b); err != nil {
		return err
	}
	return c.codes.load(b, from, to)
}

// loadDict needs no b.mu held more than once: the dictionary may be made twice, and one of them stays.
func (c *dictColumn) loadDict(b *Block) (*dictionary, error) {
	if d := c.dict.Load(); d != nil {
		return d, nil
	}
	d, err := c.readDict(b)
	if err != nil {
		return nil, err
	}
	if c.dict.CompareAndSwap(nil, d) {
		b.held.Add(d.held())
	}
	return c.dict.Load(), nil
}

func (c *dictColumn) readDict(b *Block) (*dictionary, error) {
	d := &dictionary{ends: make([]uint32, c.entries)}
	var all []byte
	if c.integers {
		ints, err := c.loadInts(b)
		if err != nil {
			return nil, err
		}
		for i, n := range ints {
			all = c.format.append(all, n)
			d.ends[i] = uint32(len(all))
		}
		d.all = string(all)
		return d, nil
	}
	raw, err := b.readBlob(&c.blob)
	if err != nil {
		return nil, err
	}
	r := wireReader{in: raw}
	for i := range d.ends {
		all = append(all, r.sized()...)
		d.ends[i] = uint32(len(all))
	}
	d.all = string(all)
	return d, r.end("dictionary")
}

// loadInts is loadDict for integers, of which no texts are made.
func (c *dictColumn) loadInts(b *Block) ([]int64, error) {
	if ints := c.ints.Load(); ints != nil {
		return *ints, nil
	}
	raw, err := b.readBlob(&c.blob)
	if err != nil {
		return nil, err
	}
	r := wireReader{in: raw}
	ints, last := make([]int64, c.entries), int64(0)
	for i := range ints {
		last += r.varint()
		ints[i] = last
	}
	if err := r.end("dictionary"); err != nil {
		return nil, err
	}
	if c.ints.CompareAndSwap(nil, &ints) {
		b.held.Add(int64(8 * len(ints)))
	}
	return *c.ints.Load(), nil
}

func (c *dictColumn) append(dst []byte, rank, _ int) []byte {
	return append(dst, c.dict.Load().text(int(c.codes.at(rank)))...)
}

func (c *dictColumn) sections() []section {
	return append(c.blob.sections(), c.codes.chunks...)
}

func (x *blob) sections() []section {
	if x.inline != nil || x.size == 0 {
		return nil
	}
	return []section{x.section}
}

// intColumn has integers and how they are written.
type intColumn struct {
	format    format
	low, high int64 // of all rows
	numbers   numbers
	shape     *blockShape // whose rows these are
}

func (c *intColumn) load(b *Block, from, to int) error {
	if c.numbers.t.kind == transformTimed {
		if err := c.shape.loadTimes(b, from, to); err != nil {
			return err
		}
	}
	return c.numbers.load(b, from, to)
}

func (c *intColumn) value(rank, row int) int64 {
	v := c.numbers.at(rank)
	if c.numbers.t.kind == transformTimed {
		v += c.numbers.t.unit.of(int64(c.numbers.times.at(row)))
	}
	return int64(v)
}

func (c *intColumn) append(dst []byte, rank, row int) []byte {
	return c.format.append(dst, c.value(rank, row))
}

func (c *intColumn) sections() []section { return c.numbers.chunks }

// hexColumn has identifiers, width bytes each.
type hexColumn struct {
	pattern hexPattern
	peeled  []byte // places that are columns of their own, ascending
	peels   []numbers
	chunks  []section
	rows    int
	loaded  []atomic.Pointer[[]byte] // packed identifiers of a chunk
	filter  storedFilter
}

func (c *hexColumn) load(b *Block, from, to int) error {
	for from < to && c.loaded[from].Load() != nil {
		from++
	}
	for from < to && c.loaded[to-1].Load() != nil {
		to--
	}
	if from == to {
		return nil
	}
	for i := range c.peels {
		if err := c.peels[i].load(b, from, to); err != nil {
			return err
		}
	}
	parts, err := b.read(c.chunks[from:to])
	if err != nil {
		return err
	}
	for i, part := range parts {
		packed, err := c.join(b, part, from+i)
		if err != nil {
			return err
		}
		c.loaded[from+i].Store(&packed)
		b.held.Add(int64(len(packed)))
	}
	return nil
}

// join puts the peeled places back.
func (c *hexColumn) join(b *Block, rest []byte, k int) ([]byte, error) {
	width := c.pattern.width()
	rows := min(c.rows-k<<chunkBits, ChunkRows)
	if len(rest) != rows*(width-len(c.peeled)) {
		return nil, corruptf("identifiers in %d bytes", len(rest))
	}
	if len(c.peeled) == 0 {
		return rest, nil
	}
	packed := make([]byte, rows*width)
	for p, place := range c.peeled {
		v := c.peels[p].loaded[k].Load()
		for i, at := 0, int(place); i < rows; i, at = i+1, at+width {
			packed[at] = byte(v.at(i))
		}
		c.peels[p].drop(b, k)
	}
	for row := packed; len(row) > 0; row = row[width:] {
		from := 0
		for _, place := range c.peeled {
			rest = rest[copy(row[from:place], rest):]
			from = int(place) + 1
		}
		rest = rest[copy(row[from:width], rest):]
	}
	return packed, nil
}

func (c *hexColumn) packed(rank int) []byte {
	width := c.pattern.width()
	at := rank & (ChunkRows - 1) * width
	return (*c.loaded[rank>>chunkBits].Load())[at : at+width]
}

func (c *hexColumn) append(dst []byte, rank, _ int) []byte {
	return c.pattern.append(dst, c.packed(rank))
}

func (c *hexColumn) sections() []section {
	all := c.filter.sections()
	for i := range c.peels {
		all = append(all, c.peels[i].chunks...)
	}
	return append(all, c.chunks...)
}

// textColumn has texts.
type textColumn struct {
	rows    int
	longest int
	lengths numbers
	chunks  []section
	loaded  []atomic.Pointer[textChunk]
	words   storedFilter
}

// textChunk is the texts of a chunk, one after the other.
type textChunk struct {
	all  []byte
	ends []uint32
}

func (t *textChunk) held() int64 { return int64(len(t.all) + 4*len(t.ends)) }

func (t *textChunk) text(i int) []byte {
	from := uint32(0)
	if i > 0 {
		from = t.ends[i-1]
	}
	return t.all[from:t.ends[i]]
}

func (c *textColumn) load(b *Block, from, to int) error {
	for from < to && c.loaded[from].Load() != nil {
		from++
	}
	for from < to && c.loaded[to-1].Load() != nil {
		to--
	}
	if from == to {
		return nil
	}
	if err := c.lengths.load(b, from, to); err != nil {
		return err
	}
	parts, err := b.read(c.chunks[from:to])
	if err != nil {
		return err
	}
	for i, part := range parts {
		chunk, err := c.decode(b, part, from+i)
		if err != nil {
			return err
		}
		c.loaded[from+i].Store(chunk)
		b.held.Add(chunk.held())
	}
	return nil
}

func (c *textColumn) decode(b *Block, part []byte, k int) (*textChunk, error) {
	chunk := &textChunk{ends: make([]uint32, min(c.rows-k<<chunkBits, ChunkRows))}
	v := c.lengths.loaded[k].Load()
	end := uint64(0)
	for i := range chunk.ends {
		if end += v.at(i); end > uint64(b.messageBytes) {
			return nil, corruptf("texts longer than the messages")
		}
		chunk.ends[i] = uint32(end)
	}
	c.lengths.drop(b, k)
	var err error
	chunk.all, err = unpack(part, int(end))
	return chunk, err
}

func (c *textColumn) text(rank int) []byte {
	return c.loaded[rank>>chunkBits].Load().text(rank & (ChunkRows - 1))
}

func (c *textColumn) append(dst []byte, rank, _ int) []byte { return append(dst, c.text(rank)...) }

func (c *textColumn) sections() []section {
	all := append(c.lengths.chunks[:len(c.lengths.chunks):len(c.lengths.chunks)], c.words.sections()...)
	return append(all, c.chunks...)
}
