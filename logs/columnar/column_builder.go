package columnar

// columnBuilder takes the values of one slot in batches and finds their type on the way. It begins with a dictionary; when
// that grows, its texts are the sample from which another type is chosen. A type whose values turn out to be others after
// all goes back to the dictionary.
type columnBuilder struct {
	mode       columnKind
	rows       int
	dict       textDict
	codes      []uint32 // of columnDict
	format     format
	memo       timeMemo
	ints       []int64 // of columnInt
	low, high  int64   // of ints, once they are all there
	hex        hexPattern
	packed     []byte      // of columnHex
	exceptions []exception // values that do not fit format or pattern
	text       []byte      // of columnText
	lengths    []uint32
	settled    bool // no more changes of type but to text
	nextLook   int  // size of the dictionary at which to look for a type again
}

// columnKind says how a column stores its values.
type columnKind uint8

const (
	columnDict columnKind = iota // a code a row into a dictionary of texts
	columnInt                    // an integer a row, written by a format
	columnHex                    // an identifier's digits
	columnText                   // texts
	columnKinds
)

// exception is a value beside its column's type.
type exception struct {
	rank uint32 // of the row among those of its shape
	text string
}

const (
	firstLook     = 64   // entries of a dictionary
	minTextLook   = 1024 // entries
	maxDictBytes  = 4 << 20
	maxExceptions = 8 // and one in eight rows
)

func (c *columnBuilder) reset() {
	clear(c.exceptions)
	c.dict.reset()
	*c = columnBuilder{dict: c.dict, codes: c.codes[:0], ints: c.ints[:0], packed: c.packed[:0],
		exceptions: c.exceptions[:0], text: c.text[:0], lengths: c.lengths[:0]}
}

func (c *columnBuilder) add(values []string) {
	switch c.mode {
	case columnDict:
		c.addCodes(values)
	case columnInt:
		c.addInts(values)
	case columnHex:
		c.addHex(values)
	case columnText:
		c.addText(values)
	}
	first := c.rows == 0
	c.rows += len(values)
	c.review(first)
}

func (c *columnBuilder) addCodes(values []string) {
	if len(c.dict.texts) == 1 { // most columns of one text stay so
		same := c.dict.repeats(values)
		c.codes = append(c.codes, make([]uint32, same)...)
		values = values[same:]
	}
	for _, v := range values {
		c.codes = append(c.codes, c.dict.code(v))
	}
}

func (c *columnBuilder) addInts(values []string) {
	last := int64(0)
	if len(c.ints) > 0 {
		last = c.ints[len(c.ints)-1]
	}
	decimal := c.format.kind == formatDecimal
	for _, s := range values {
		var v int64
		var ok bool
		if decimal {
			v, ok = parseDecimal(s)
		} else {
			v, ok = c.format.parse(s, &c.memo)
		}
		if !ok {
			v = last
			c.except(len(c.ints), s)
		}
		last = v
		c.ints = append(c.ints, v)
	}
}

func (c *columnBuilder) addHex(values []string) {
	for i, s := range values {
		packed, ok := c.hex.pack(c.packed, s)
		if !ok {
			packed = append(packed, make([]byte, c.hex.width())...)
			c.except(c.rows+i, s)
		}
		c.packed = packed
	}
}

func (c *columnBuilder) addText(values []string) {
	for _, s := range values {
		c.text = append(c.text, s...)
		c.lengths = append(c.lengths, uint32(len(s)))
	}
}

func (c *columnBuilder) except(rank int, s string) {
	c.exceptions = append(c.exceptions, exception{uint32(rank), s})
}

// review changes the type if the values say so.
func (c *columnBuilder) review(first bool) {
	switch {
	case c.mode == columnInt || c.mode == columnHex:
		if len(c.exceptions) > maxExceptions+c.rows/8 {
			c.backToDict()
		}
	case c.mode != columnDict:
	case c.settled:
		c.reviewText()
	case first || len(c.dict.texts) >= max(c.nextLook, firstLook):
		c.nextLook = 2 * len(c.dict.texts)
		c.look()
	}
}

// look finds a type for the texts of the dictionary. Times become integers even when they are few, since they follow the
// rows' timestamps.
func (c *columnBuilder) look() {
	n := len(c.dict.texts)
	distinct := n >= firstLook || (n > 8 && n > c.rows/2)
	if f, ok := c.commonFormat(); ok && (distinct || (f.isTime() && n > 1)) {
		c.toInts(f)
		return
	}
	if distinct && n > c.rows/4 {
		if p, ok := c.commonHex(); ok {
			c.toHex(p)
			return
		}
	}
	c.reviewText()
}

func (c *columnBuilder) reviewText() {
	n := len(c.dict.texts)
	if (n >= minTextLook && n > c.rows/2) || c.dict.bytes > maxDictBytes {
		c.toText()
	}
}

// sample is some of the dictionary's texts, evenly spread.
func (c *columnBuilder) sample() []string {
	n := len(c.dict.texts)
	sample := make([]string, 0, 32)
	for i := range min(n, 32) {
		sample = append(sample, c.dict.texts[i*n/min(n, 32)])
	}
	return sample
}

// commonFormat is the format of most texts.
func (c *columnBuilder) commonFormat() (format, bool) {
	sample := c.sample()
	for _, s := range sample[:min(len(sample), 3)] {
		f, ok := detectFormat(s)
		if !ok {
			continue
		}
		fits := 0
		var memo timeMemo
		for _, s := range sample {
			if _, ok := f.parse(s, &memo); ok {
				fits++
			}
		}
		if fits*10 >= len(sample)*9 {
			return f, true
		}
	}
	return format{}, false
}

// commonHex is the pattern of most texts, some of which hold a letter.
func (c *columnBuilder) commonHex() (hexPattern, bool) {
	sample := c.sample()
	ids := sample[:0:0]
	for _, s := range sample {
		if len(s) == len(sample[0]) {
			ids = append(ids, s)
		}
	}
	if len(ids)*10 < len(sample)*9 {
		return hexPattern{}, false
	}
	return detectHex(ids)
}

func (c *columnBuilder) toInts(f format) {
	c.mode, c.format = columnInt, f
	parsed := make([]int64, len(c.dict.texts))
	fits := make([]bool, len(c.dict.texts))
	for i, s := range c.dict.texts {
		parsed[i], fits[i] = f.parse(s, &c.memo)
	}
	last := int64(0)
	for rank, code := range c.codes {
		if fits[code] {
			last = parsed[code]
		} else {
			c.except(rank, c.dict.texts[code])
		}
		c.ints = append(c.ints, last)
	}
	c.leaveDict()
}

func (c *columnBuilder) toHex(p hexPattern) {
	c.mode, c.hex = columnHex, p
	for rank, code := range c.codes {
		packed, ok := p.pack(c.packed, c.dict.texts[code])
		if !ok {
			packed = append(packed, make([]byte, p.width())...)
			c.except(rank, c.dict.texts[code])
		}
		c.packed = packed
	}
	c.leaveDict()
}

func (c *columnBuilder) toText() {
	c.mode = columnText
	for _, code := range c.codes {
		s := c.dict.texts[code]
		c.text = append(c.text, s...)
		c.lengths = append(c.lengths, uint32(len(s)))
	}
	c.leaveDict()
}

func (c *columnBuilder) leaveDict() {
	c.dict.reset()
	c.codes = c.codes[:0]
	if len(c.exceptions) > maxExceptions+c.rows/8 {
		c.backToDict()
	}
}

// backToDict writes the values out again and stays with texts.
func (c *columnBuilder) backToDict() {
	texts := c.texts()
	clear(c.exceptions)
	c.mode, c.settled = columnDict, true
	c.ints, c.packed, c.exceptions = c.ints[:0], c.packed[:0], c.exceptions[:0]
	for _, s := range texts {
		c.codes = append(c.codes, c.dict.code(s))
	}
	c.reviewText()
}

// texts are the values of an integer or hex column.
func (c *columnBuilder) texts() []string {
	texts := make([]string, c.rows)
	var buf []byte
	next := 0
	for rank := range texts {
		if next < len(c.exceptions) && c.exceptions[next].rank == uint32(rank) {
			texts[rank] = c.exceptions[next].text
			next++
			continue
		}
		if c.mode == columnInt {
			buf = c.format.append(buf[:0], c.ints[rank])
		} else {
			buf = c.hex.append(buf[:0], c.packed[rank*c.hex.width():(rank+1)*c.hex.width()])
		}
		texts[rank] = string(buf)
	}
	return texts
}
