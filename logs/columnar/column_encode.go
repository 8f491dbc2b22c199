package columnar

import (
	"encoding/binary"
	"slices"
)

const (
	flagExceptions = 0x80 // in a column's first byte, beside its kind
	flagIntegers   = 1    // of a dictionary: its entries are integers and a format

	minFilterRows = 64
)

// putColumn writes a slot's column: kind 1, exceptions if it has some, then what its kind needs.
func (e *Encoder) putColumn(c *columnBuilder) {
	if c.mode == columnInt {
		if c.low, c.high = minMax(c.ints); e.putIntDict(c) {
			return
		}
	}
	kind := byte(c.mode)
	if len(c.exceptions) > 0 {
		kind |= flagExceptions
	}
	e.head = append(e.head, kind)
	if len(c.exceptions) > 0 {
		e.putExceptions(c.exceptions)
	}
	switch c.mode {
	case columnDict:
		e.putDict(c)
	case columnInt:
		e.putInts(c)
	case columnHex:
		e.putHex(c)
	case columnText:
		e.putTexts(c.text, c.lengths)
	}
}

// putDict writes: entries uvarint, shortest and longest uvarint, flags 1, the entries, codes. Entries are sized texts.
func (e *Encoder) putDict(c *columnBuilder) {
	order := c.dict.order()
	rank := make([]uint32, len(order))
	shortest, longest := len(c.dict.texts[0]), 0
	var entries []byte
	for i, code := range order {
		rank[code] = uint32(i)
		s := c.dict.texts[code]
		shortest, longest = min(shortest, len(s)), max(longest, len(s))
		entries = appendSized(entries, s)
	}
	e.putDictHead(len(order), shortest, longest, 0)
	e.putBlob(entries)
	e.codes = grow(e.codes, len(c.codes))
	for i, code := range c.codes {
		e.codes[i] = rank[code]
	}
	putNumbers(e, e.codes, transform{}, nil)
}

func (e *Encoder) putDictHead(entries, shortest, longest int, flags byte) {
	e.head = binary.AppendUvarint(e.head, uint64(entries))
	e.head = binary.AppendUvarint(e.head, uint64(shortest))
	e.head = binary.AppendUvarint(e.head, uint64(longest))
	e.head = append(e.head, flags)
}

// putIntDict writes integers of few values, such as statuses, as a dictionary; false if that does not suit.
func (e *Encoder) putIntDict(c *columnBuilder) bool {
	if len(c.exceptions) > 0 || uint64(c.high)-uint64(c.low) < 256 || c.rows < 256 || c.format.isTime() || !e.small.fill(c.ints) {
		return false
	}
	values := e.small.sorted()
	e.head = append(e.head, byte(columnDict))
	shortest, longest := 1<<30, 0
	var text, entries []byte
	last := int64(0)
	for _, v := range values {
		text = c.format.append(text[:0], v)
		shortest, longest = min(shortest, len(text)), max(longest, len(text))
		entries = binary.AppendUvarint(entries, zigzag(v-last))
		last = v
	}
	e.putDictHead(len(values), shortest, longest, flagIntegers)
	e.putFormat(c.format)
	e.putBlob(entries)
	e.codes = grow(e.codes, len(c.ints))
	for i, v := range c.ints {
		e.codes[i] = e.small.rank(v)
	}
	putNumbers(e, e.codes, transform{}, nil)
	return true
}

func (e *Encoder) putFormat(f format) {
	e.head = append(e.head, byte(f.kind))
	e.head = binary.AppendUvarint(e.head, uint64(f.param))
}

// putInts writes: format, lowest and highest value, numbers.
func (e *Encoder) putInts(c *columnBuilder) {
	e.putFormat(c.format)
	e.head = binary.AppendUvarint(e.head, zigzag(c.low))
	e.head = binary.AppendUvarint(e.head, zigzag(c.high))
	var traits columnTraits
	if unit, ok := e.unitOf(c); ok {
		traits = columnTraits{e.times, []timeUnit{unit}}
	}
	putNumbers(e, c.ints, chooseTransform(c.ints, traits), e.times)
}

// unitOf is the unit in which the values follow the timestamps; of plain numbers, if they lie near them at all.
func (e *Encoder) unitOf(c *columnBuilder) (timeUnit, bool) {
	if c.format.kind != formatDecimal {
		return c.format.timeUnit()
	}
	for u := range timeUnits {
		at := int64(u.of(e.times[0]))
		if off := c.ints[0] - at; at > 1<<20 && off < at/8 && -off < at/8 {
			return u, true
		}
	}
	return 0, false
}

// putHex writes: sized pattern, peeled places (uvarint, 1 each), numbers of each of them, chunks of the other places row
// by row, filter. Places whose bytes repeat, such as a UUID's version, are peeled off so that they compress.
func (e *Encoder) putHex(c *columnBuilder) {
	width := c.hex.width()
	e.head = appendSized(e.head, c.hex.text)
	peeled := peelable(c.packed, width)
	e.head = appendSized(e.head, peeled)
	e.putHexFilter(c)
	for _, place := range peeled {
		e.text = e.text[:0]
		for at := int(place); at < len(c.packed); at += width {
			e.text = append(e.text, c.packed[at])
		}
		putNumbers(e, e.text, transform{}, nil)
	}
	for k := range chunkCount(c.rows) {
		start := len(e.data)
		rows := c.packed[k*ChunkRows*width : min((k+1)*ChunkRows*width, len(c.packed))]
		if len(peeled) == 0 {
			e.data = append(e.data, rows...)
		} else {
			e.data = appendRest(e.data, rows, width, peeled)
		}
		e.putSection(start)
	}
}

func appendRest(dst, rows []byte, width int, peeled []byte) []byte {
	for ; len(rows) > 0; rows = rows[width:] {
		from := 0
		for _, place := range peeled {
			dst = append(dst, rows[from:place]...)
			from = int(place) + 1
		}
		dst = append(dst, rows[from:width]...)
	}
	return dst
}

// peelable are the places whose bytes need less than 15 of 16 bits in a sample.
func peelable(packed []byte, width int) []byte {
	var places []byte
	rows := len(packed) / width
	if rows < 256 {
		return nil
	}
	most := 96 // symbols; fewer rows show fewer of any byte
	if rows >= 1024 {
		most = 160
	}
	step := max(rows/1024, 1)
	for place := range width {
		var h histogram
		n := 0
		for row := 0; row < rows; row += step {
			h[packed[row*width+place]]++
			n++
		}
		if h.entropyBytes(n)*16 < n*15 && h.symbols() <= most {
			places = append(places, byte(place))
		}
	}
	return places
}

// putHexFilter writes: bytes uvarint, then, unless zero, CRC32C 4.
func (e *Encoder) putHexFilter(c *columnBuilder) {
	if c.rows < minFilterRows {
		e.head = append(e.head, 0)
		return
	}
	f := newFilter(c.rows)
	width := c.hex.width()
	for at := 0; at < len(c.packed); at += width {
		f.add(hashBytes(c.packed[at : at+width]))
	}
	e.putFilter(f)
}

func (e *Encoder) putFilter(f filter) {
	start := len(e.data)
	e.data = append(e.data, f...)
	e.putSection(start)
}

// putTexts writes: longest uvarint, lengths as numbers, filter of words, chunks of the texts.
func (e *Encoder) putTexts(text []byte, lengths []uint32) {
	e.head = binary.AppendUvarint(e.head, uint64(slices.Max(lengths)))
	putNumbers(e, lengths, transform{}, nil)
	e.putWordFilter(text, lengths)
	for k := range chunkCount(len(lengths)) {
		n := 0
		for _, l := range chunkOf(lengths, k) {
			n += int(l)
		}
		start := len(e.data)
		e.data = e.pack(e.data, text[:n])
		e.putSection(start)
		text = text[n:]
	}
}

// How bytes are stored that may be compressed.
const (
	storedRaw  = 0
	storedZstd = 1
)

// pack appends a byte that says how, and raw as it is or compressed.
func (e *Encoder) pack(dst, raw []byte) []byte {
	start := len(dst)
	if len(raw) >= 32 {
		dst = e.zstd.EncodeAll(raw, append(dst, storedZstd))
		if len(dst)-start <= len(raw) {
			return dst
		}
	}
	return append(append(dst[:start], storedRaw), raw...)
}

// putBlob writes: length uvarint, place 1, then the bytes, or if they are long a section of the data that packs them.
func (e *Encoder) putBlob(raw []byte) {
	e.head = binary.AppendUvarint(e.head, uint64(len(raw)))
	if len(raw) <= maxInlineBytes {
		e.head = append(append(e.head, 0), raw...)
		return
	}
	e.head = append(e.head, 1)
	start := len(e.data)
	e.data = e.pack(e.data, raw)
	e.putSection(start)
}

// putExceptions writes a blob: count, a gap each; distinct texts, sized; a code each.
func (e *Encoder) putExceptions(exceptions []exception) {
	raw := binary.AppendUvarint(nil, uint64(len(exceptions)))
	next := uint32(0)
	codes := make(map[string]uint64)
	var texts, rowCodes []byte
	for _, x := range exceptions {
		raw = binary.AppendUvarint(raw, uint64(x.rank-next))
		next = x.rank + 1
		code, known := codes[x.text]
		if !known {
			code = uint64(len(codes))
			codes[x.text] = code
			texts = appendSized(texts, x.text)
		}
		rowCodes = binary.AppendUvarint(rowCodes, code)
	}
	raw = binary.AppendUvarint(raw, uint64(len(codes)))
	e.putBlob(append(append(raw, texts...), rowCodes...))
}
