package columnar

import (
	"math"
	"sync"
	"sync/atomic"
)

// headerParser builds a Block from its header. What does not fit sets bad, as of every wireReader.
type headerParser struct {
	wireReader
	b  *Block
	at int64 // where the next section lies
}

func (p *headerParser) header() {
	b := p.b
	if b.rows = p.count(MaxRows); b.rows == 0 {
		p.fail()
		return
	}
	b.messageBytes = int64(p.count(math.MaxInt32))
	p.positions()
	shapes := p.count(maxShapes)
	mixed := p.byte() == 1
	if mixed {
		b.shapeOf = p.plainNumbers(b.rows, uint64(shapes)+1)
	}
	b.textRows = b.rows
	for n := range shapes {
		s := p.shape(n + 1)
		if p.bad {
			return
		}
		b.shapes = append(b.shapes, s)
		b.textRows -= s.rows
	}
	if b.textRows < 0 || mixed != (shapes > 1 || (shapes == 1 && b.textRows > 0)) {
		p.fail()
	}
	if b.textRows > 0 && !p.bad {
		b.texts = p.texts(b.textRows)
	}
}

func (p *headerParser) positions() {
	b := p.b
	b.timestamps = *p.numbers(b.rows, nil)
	b.arrivals = *p.numbers(b.rows, &b.timestamps)
	switch p.byte() {
	case ingestionNumbers:
		b.ingestions.numbers = *p.numbers(b.rows, &b.timestamps)
	case ingestionRuns:
		if b.ingestions.runs = p.count(b.rows); b.ingestions.runs == 0 {
			p.fail()
			return
		}
		b.ingestions.firsts = *p.numbers(b.ingestions.runs, nil)
		b.ingestions.numbers = *p.numbers(b.ingestions.runs, nil)
	default:
		p.fail()
	}
}

// section takes length and checksum; the sections of a block follow each other without a gap.
func (p *headerParser) section() section {
	s := section{at: p.at, size: p.count(math.MaxInt32)}
	if s.size > 0 {
		s.crc = p.uint32()
	}
	if p.at += int64(s.size); p.at > p.b.size {
		p.fail()
	}
	return s
}

func (p *headerParser) sections(n int) []section {
	all := make([]section, n)
	for i := range all {
		all[i] = p.section()
	}
	return all
}

// numbers is a column of rows numbers; times are the timestamps that they may follow.
func (p *headerParser) numbers(rows int, times *numbers) *numbers {
	n := &numbers{rows: rows, loaded: make([]atomic.Pointer[vector], chunkCount(rows))}
	n.t.kind = transformKind(p.byte())
	switch n.t.kind {
	case transformPlain:
		n.t.base = uint64(p.varint())
	case transformTimed:
		n.t.unit = timeUnit(p.byte())
		n.t.base = uint64(p.varint())
	case transformFollow:
		n.t.rate = p.uvarint()
	}
	follows := n.t.kind == transformTimed || n.t.kind == transformFollow
	n.planes = p.count(8)
	if n.t.kind >= transformKinds || n.t.unit >= timeUnits || (follows && times == nil) {
		p.fail()
	}
	if follows {
		n.times = times
	}
	for range n.planes {
		n.tables = append(n.tables, p.sized())
	}
	if n.planes > 0 || n.t.kind == transformDelta || n.t.kind == transformFollow {
		n.chunks = p.sections(chunkCount(rows))
	}
	return n
}

// plainNumbers are absolute numbers below a limit.
func (p *headerParser) plainNumbers(rows int, limit uint64) *numbers {
	n := p.numbers(rows, nil)
	n.limit = limit
	if n.t.kind != transformPlain || (n.isConst() && n.t.base >= limit) {
		p.fail()
	}
	return n
}

func (p *headerParser) shape(number int) *blockShape {
	s := &blockShape{block: p.b, number: number, rows: p.count(p.b.rows)}
	s.json = p.byte() == 1
	slots := p.count(maxSlots)
	s.literals = append(s.literals, string(p.sized()))
	for range slots {
		kind := slotKind(p.byte())
		if kind >= slotKinds {
			p.fail()
		}
		s.slots = append(s.slots, kind)
		s.literals = append(s.literals, string(p.sized()))
	}
	if s.rows == 0 {
		p.fail()
	}
	for range s.slots {
		if p.bad {
			return nil
		}
		s.columns = append(s.columns, p.column(s))
	}
	s.asked = make([]atomic.Bool, len(s.columns))
	s.paths = sync.OnceValue(s.jsonPaths)
	s.names = sync.OnceValue(s.plainNames)
	return s
}

func (p *headerParser) column(s *blockShape) column {
	kind := p.byte()
	if kind&flagExceptions == 0 {
		return p.typed(columnKind(kind), s)
	}
	x := &exceptColumn{rows: s.rows, blob: p.blob()}
	x.column = p.typed(columnKind(kind&^flagExceptions), s)
	return x
}

func (p *headerParser) typed(kind columnKind, s *blockShape) column {
	switch kind {
	case columnDict:
		return p.dict(s.rows)
	case columnInt:
		c := &intColumn{shape: s, format: p.format(), low: p.varint(), high: p.varint()}
		c.numbers = *p.numbers(s.rows, &p.b.timestamps)
		if c.numbers.t.kind == transformFollow {
			p.fail() // it follows rows of the block, not ranks
		}
		return c
	case columnHex:
		return p.hex(s.rows)
	case columnText:
		return p.texts(s.rows)
	}
	p.fail()
	return nil
}

func (p *headerParser) format() format {
	f := format{kind: formatKind(p.byte()), param: uint16(p.count(math.MaxUint16))}
	if !f.valid() {
		p.fail()
	}
	return f
}

func (p *headerParser) dict(rows int) *dictColumn {
	c := &dictColumn{entries: p.count(rows), shortest: p.count(math.MaxInt32), longest: p.count(math.MaxInt32)}
	flags := p.byte()
	if c.integers = flags == flagIntegers; c.integers {
		c.format = p.format()
	}
	if c.entries == 0 || flags > flagIntegers {
		p.fail()
	}
	c.blob = p.blob()
	c.codes = *p.plainNumbers(rows, uint64(c.entries))
	return c
}

func (p *headerParser) blob() blob {
	x := blob{size: p.count(maxUnpacked)}
	switch p.byte() {
	case 0:
		x.inline = p.bytes(x.size)
	case 1:
		if x.section = p.section(); x.size == 0 {
			p.fail()
		}
	default:
		p.fail()
	}
	return x
}

func (p *headerParser) hex(rows int) *hexColumn {
	c := &hexColumn{rows: rows, loaded: make([]atomic.Pointer[[]byte], chunkCount(rows))}
	pattern, ok := newHexPattern(string(p.sized()))
	if c.pattern = pattern; !ok {
		p.fail()
		return c
	}
	c.peeled = p.sized()
	c.filter = storedFilter{section: p.section()}
	for i, place := range c.peeled {
		if int(place) >= c.pattern.width() || (i > 0 && place <= c.peeled[i-1]) {
			p.fail()
			return c
		}
		c.peels = append(c.peels, *p.plainNumbers(rows, 256))
	}
	c.chunks = p.sections(chunkCount(rows))
	return c
}

func (p *headerParser) texts(rows int) *textColumn {
	c := &textColumn{rows: rows, loaded: make([]atomic.Pointer[textChunk], chunkCount(rows)), longest: p.count(math.MaxInt32)}
	c.lengths = *p.plainNumbers(rows, uint64(p.b.messageBytes)+1)
	c.words = storedFilter{section: p.section()}
	c.chunks = p.sections(chunkCount(rows))
	return c
}
