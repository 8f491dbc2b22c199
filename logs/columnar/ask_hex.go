package columnar

import "encoding/binary"

// hexMask is a place in a packed identifier where a text can lie: the words of eight bytes that must be so under a mask.
type hexMask struct {
	words []maskedWord
}

type maskedWord struct {
	at         int // byte in the identifier
	mask, want uint64
}

// plain turns a test that accepts one text only into a question for it: no identifier is written with escapes.
func (q *question) plain() *question {
	if q.kind == askTest && q.only != "" {
		return &question{kind: askEquals, text: q.only}
	}
	return q
}

func (c *hexColumn) could(b *Block, q *question) (bool, error) {
	q = q.plain()
	if q.kind == askTest {
		return true, nil
	}
	if q.tooLong(len(c.pattern.text)) || len(c.masks(q)) == 0 {
		return false, nil
	}
	if len(q.text) < len(c.pattern.text) {
		return true, nil
	}
	f, err := c.filter.load(b)
	if err != nil || f == nil {
		return true, err
	}
	packed, ok := c.pattern.pack(nil, q.text)
	return ok && f.has(hashBytes(packed)), nil
}

// masks are the places where the question's text fits the pattern.
func (c *hexColumn) masks(q *question) []hexMask {
	room := len(c.pattern.text) - len(q.text)
	first, last := 0, room
	switch {
	case q.kind == askPrefix, q.kind == askEquals && room == 0:
		last = 0
	case q.kind == askSuffix:
		first = room
	case q.kind == askEquals:
		return nil
	}
	var all []hexMask
	for shift := max(first, 0); shift <= last; shift++ {
		if m, ok := c.pattern.mask(q.text, shift); ok {
			all = append(all, m)
		}
	}
	return all
}

// mask is how identifiers look that have text at a place.
func (p *hexPattern) mask(text string, shift int) (hexMask, bool) {
	mask, want := make([]byte, p.width()), make([]byte, p.width())
	digit := 0
	for i := range len(p.text) {
		isDigit := p.text[i] == 'x'
		if i >= shift && i < shift+len(text) {
			c := text[i-shift]
			switch {
			case !isDigit && c != p.text[i], isDigit && !isHexDigit(c):
				return hexMask{}, false
			case isDigit:
				half := 4 - digit%2*4
				mask[digit/2] |= 15 << half
				want[digit/2] |= hexValue(c) << half
			}
		}
		if isDigit {
			digit++
		}
	}
	return maskOf(mask, want), true
}

// maskOf packs bytes into words; the last word overlaps the one before if the width is no multiple of eight.
func maskOf(mask, want []byte) hexMask {
	if short := 8 - len(mask); short > 0 {
		mask, want = append(mask, make([]byte, short)...), append(want, make([]byte, short)...)
	}
	var m hexMask
	for at := 0; at < len(mask); at += 8 {
		at = min(at, len(mask)-8)
		w := maskedWord{at, binary.LittleEndian.Uint64(mask[at:]), binary.LittleEndian.Uint64(want[at:])}
		if w.mask != 0 {
			m.words = append(m.words, w)
		}
	}
	return m
}

func (c *hexColumn) narrow(b *Block, q *question, ranks *Bitmap) error {
	q = q.plain()
	if q.kind == askTest {
		return c.narrowTest(b, q, ranks)
	}
	masks := c.masks(q)
	if len(masks) == 0 {
		ranks.Reset()
		return nil
	}
	var buf []byte
	for k := range c.chunks {
		from, to := k<<chunkBits, min((k+1)<<chunkBits, c.rows)
		if !ranks.AnyIn(from, to) {
			continue
		}
		packed, err := c.searched(b, k, &buf)
		if err != nil {
			return err
		}
		var hits [ChunkRows / 64]uint64
		for _, m := range masks {
			m.find(packed, c.pattern.width(), to-from, &hits)
		}
		ranks.narrowWords(from, to, func(at, _ int) uint64 { return hits[at>>6] })
	}
	return nil
}

// searched returns a chunk, and does not keep it: a search goes through all of them, they are large, and reading them
// again costs little, as they are stored as they are. It may be in buf, and is valid until the next.
func (c *hexColumn) searched(b *Block, k int, buf *[]byte) ([]byte, error) {
	if kept := c.loaded[k].Load(); kept != nil {
		return *kept, nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range c.peels {
		if err := c.peels[i].load(b, k, k+1); err != nil {
			return nil, err
		}
	}
	stored, err := b.readInto(buf, c.chunks[k])
	if err != nil {
		return nil, err
	}
	return c.join(b, stored, k)
}

// find sets the bits of the rows that look so.
func (m hexMask) find(packed []byte, width, rows int, hits *[ChunkRows / 64]uint64) {
	if width < 8 {
		m.findShort(packed, width, rows, hits)
		return
	}
	if len(m.words) == 0 { // a text of nothing but fixed characters
		for i := range rows {
			hits[i>>6] |= 1 << (i & 63)
		}
		return
	}
	w := m.words[0]
	for row, at := 0, w.at; row < rows; row, at = row+1, at+width {
		if binary.LittleEndian.Uint64(packed[at:at+8])&w.mask != w.want {
			continue
		}
		if m.matches(packed[row*width : (row+1)*width]) {
			hits[row>>6] |= 1 << (row & 63)
		}
	}
}

func (m hexMask) matches(id []byte) bool {
	for _, w := range m.words {
		if binary.LittleEndian.Uint64(id[w.at:])&w.mask != w.want {
			return false
		}
	}
	return true
}

func (m hexMask) findShort(packed []byte, width, rows int, hits *[ChunkRows / 64]uint64) {
	for row := range rows {
		var id [8]byte
		copy(id[:], packed[row*width:(row+1)*width])
		if m.matches(id[:]) {
			hits[row>>6] |= 1 << (row & 63)
		}
	}
}

func (c *hexColumn) narrowTest(b *Block, q *question, ranks *Bitmap) error {
	return eachChunk(b, c, c.rows, ranks, func(_, from, to int) {
		var buf []byte
		for rank := ranks.Next(from); rank >= 0 && rank < to; rank = ranks.Next(rank + 1) {
			if buf = c.append(buf[:0], rank, 0); !q.holdsBytes(buf) {
				ranks.Clear(rank)
			}
		}
	})
}
