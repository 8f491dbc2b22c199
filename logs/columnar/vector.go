package columnar

import (
	"bytes"
	"encoding/json"
	"strconv"

	"github.com/tollbook/tollbook/logs/condition"
)

// MissingCode is the code, in a Vector, of a row without the field.
const MissingCode = ^uint32(0)

// Vector is one JSON field's values for all rows of a block. It has one of two forms: Dict and Codes, or Ints. A caller
// must not change it.
type Vector struct {
	// Dict is distinct values, and Codes a place in it for each row, or MissingCode.
	Dict  []condition.Value
	Codes []uint32
	// Ints is an integer for each row, each written as strconv writes it, and arbitrary where the field is missing: in
	// rows that Present does not have. Nil means that all rows have it.
	Ints    []int64
	IntKind condition.Kind
	Present *Bitmap
}

// Vector returns the values of the scalar at path, as condition.Field has it; a row whose message is no JSON object, or
// has no scalar there, misses it.
func (b *Block) Vector(path []string) (*Vector, error) {
	v := vectorBuilder{b: b, path: path, parts: make([]vectorPart, 0, len(b.shapes))}
	for _, s := range b.shapes {
		slot, err := s.slotAt(path)
		if err != nil {
			return nil, err
		}
		if slot >= 0 {
			v.parts = append(v.parts, vectorPart{s, slot})
		}
	}
	if b.texts == nil && v.allInts() {
		return v.ints()
	}
	return v.dict()
}

// vectorPart is a shape that has the field, and where.
type vectorPart struct {
	*blockShape
	slot int
}

type vectorBuilder struct {
	b     *Block
	path  []string
	parts []vectorPart
	out   Vector
	codes map[condition.Value]uint32
}

func (v *vectorBuilder) allInts() bool {
	for _, p := range v.parts {
		c, ok := p.columns[p.slot].(*intColumn)
		if !ok || c.format.kind != formatDecimal || p.slots[p.slot] != v.parts[0].slots[v.parts[0].slot] {
			return false
		}
	}
	return len(v.parts) > 0
}

// each loads a part's column and calls do with each rank and row.
func (v *vectorBuilder) each(p vectorPart, do func(rank, row int)) error {
	rowOf, err := p.rowOf()
	if err != nil {
		return err
	}
	if err := v.load(p); err != nil {
		return err
	}
	for rank := range p.rows {
		do(rank, rowOf(rank))
	}
	return nil
}

func (v *vectorBuilder) load(p vectorPart) error {
	p.ask(p.slot)
	v.b.mu.Lock()
	defer v.b.mu.Unlock()
	return p.columns[p.slot].load(v.b, 0, chunkCount(p.rows))
}

func (v *vectorBuilder) ints() (*Vector, error) {
	v.out.Ints, v.out.IntKind = make([]int64, v.b.rows), condition.Literal
	if p := v.parts[0]; p.slots[p.slot] == slotString {
		v.out.IntKind = condition.String
	}
	if v.missing() > 0 {
		v.out.Present = &Bitmap{}
	}
	for _, p := range v.parts {
		if err := v.intPart(p, p.columns[p.slot].(*intColumn)); err != nil {
			return nil, err
		}
	}
	return &v.out, nil
}

// missing is how many rows are of no part.
func (v *vectorBuilder) missing() int {
	missing := v.b.rows
	for _, p := range v.parts {
		missing -= p.rows
	}
	return missing
}

func (v *vectorBuilder) intPart(p vectorPart, c *intColumn) error {
	if v.b.shapeOf != nil || c.numbers.t.kind == transformTimed {
		return v.each(p, func(rank, row int) {
			v.out.Ints[row] = c.value(rank, row)
			if v.out.Present != nil {
				v.out.Present.Set(row)
			}
		})
	}
	if err := v.load(p); err != nil {
		return err
	}
	for k := range c.numbers.loaded {
		c.numbers.loaded[k].Load().widen(v.out.Ints[k<<chunkBits:][:c.numbers.chunkRows(k)])
	}
	return nil
}

// widen writes the numbers of a chunk.
func (v *vector) widen(dst []int64) {
	switch {
	case v.w8 != nil:
		widenFrom(dst, v.w8, v.base)
	case v.w16 != nil:
		widenFrom(dst, v.w16, v.base)
	case v.w32 != nil:
		widenFrom(dst, v.w32, v.base)
	case v.w64 != nil:
		widenFrom(dst, v.w64, v.base)
	default:
		for i := range dst {
			dst[i] = int64(v.base)
		}
	}
}

func widenFrom[T uint8 | uint16 | uint32 | uint64](dst []int64, from []T, base uint64) {
	for i, n := range from[:len(dst)] {
		dst[i] = int64(base + uint64(n))
	}
}

func (v *vectorBuilder) dict() (*Vector, error) {
	v.out.Codes, v.codes = make([]uint32, v.b.rows), make(map[condition.Value]uint32)
	if v.missing() > 0 {
		for row := range v.out.Codes {
			v.out.Codes[row] = MissingCode
		}
	}
	for _, p := range v.parts {
		if err := v.part(p); err != nil {
			return nil, err
		}
	}
	if b := v.b; b.texts != nil {
		if err := v.unshaped(); err != nil {
			return nil, err
		}
	}
	return &v.out, nil
}

func (v *vectorBuilder) part(p vectorPart) error {
	value := p.valueOf(p.slot)
	switch c := p.columns[p.slot].(type) {
	case *dictColumn:
		return v.dictPart(p, c, value)
	case *intColumn:
		code := v.intCodes(p, c)
		return v.each(p, func(rank, row int) { v.out.Codes[row] = code(c.value(rank, row)) })
	default:
		var buf []byte
		return v.each(p, func(rank, row int) {
			buf = c.append(buf[:0], rank, row)
			v.out.Codes[row] = v.code(value(string(buf)))
		})
	}
}

// maxDenseCodes is how far apart a column's numbers may be for a table of their codes rather than a map.
const maxDenseCodes = 1 << 18

// intCodes finds the codes of a column's numbers; the format makes one text of each.
func (v *vectorBuilder) intCodes(p vectorPart, c *intColumn) func(n int64) uint32 {
	value := p.valueOf(p.slot)
	newCode := func(n int64) uint32 { return v.newCode(value(string(c.format.append(nil, n)))) }
	if uint64(c.high)-uint64(c.low) >= maxDenseCodes {
		known := make(map[int64]uint32)
		return func(n int64) uint32 {
			code, ok := known[n]
			if !ok {
				code = newCode(n)
				known[n] = code
			}
			return code
		}
	}
	known := make([]uint32, c.high-c.low+1) // code + 1
	return func(n int64) uint32 {
		at := uint64(n - c.low)
		if at >= uint64(len(known)) {
			return newCode(n) // the header lied
		}
		if known[at] == 0 {
			known[at] = newCode(n) + 1
		}
		return known[at] - 1
	}
}

func (v *vectorBuilder) dictPart(p vectorPart, c *dictColumn, value func(string) condition.Value) error {
	d, err := c.loadDict(v.b)
	if err != nil {
		return err
	}
	codes := make([]uint32, len(d.ends))
	for i := range codes {
		codes[i] = v.code(value(d.text(i)))
	}
	if v.b.shapeOf != nil {
		return v.each(p, func(rank, row int) { v.out.Codes[row] = codes[c.codes.at(rank)] })
	}
	if err := v.load(p); err != nil {
		return err
	}
	for k := range c.codes.loaded {
		widen(v.out.Codes[k<<chunkBits:][:c.codes.chunkRows(k)], c.codes.loaded[k].Load(), codes)
	}
	return nil
}

// widen writes the codes of a chunk.
func widen(dst []uint32, from *vector, codes []uint32) {
	if from.w8 != nil && from.base == 0 {
		for i, c := range from.w8[:len(dst)] {
			dst[i] = codes[c]
		}
		return
	}
	for i := range dst {
		dst[i] = codes[from.at(i)]
	}
}

// newCode is the code of a value that this part did not have before.
func (v *vectorBuilder) newCode(value condition.Value) uint32 {
	if len(v.parts) > 1 || v.b.texts != nil {
		return v.code(value)
	}
	v.out.Dict = append(v.out.Dict, value)
	return uint32(len(v.out.Dict) - 1)
}

func (v *vectorBuilder) code(value condition.Value) uint32 {
	code, ok := v.codes[value]
	if !ok {
		code = uint32(len(v.out.Dict))
		v.codes[value] = code
		v.out.Dict = append(v.out.Dict, value)
	}
	return code
}

// unshaped reads the messages without a shape as JSON.
func (v *vectorBuilder) unshaped() error {
	b := v.b
	rowOf := func(rank int) int { return rank }
	if b.shapeOf != nil {
		l, err := b.locate()
		if err != nil {
			return err
		}
		rowOf = func(rank int) int { return int(l.rows[0][rank]) }
	}
	for rank := range b.texts.rows {
		if err := b.loadTexts(rank >> chunkBits); err != nil {
			return err
		}
		text := b.texts.text(rank)
		if !looksLikeObject(string(text)) {
			continue
		}
		if value := lookup(text, v.path); value.Kind != condition.Missing {
			v.out.Codes[rowOf(rank)] = v.code(value)
		}
	}
	return nil
}

// lookup is the scalar at path of a message, if it is a JSON object and has one. Of a name that stands twice the last
// counts, as in encoding/json.
func lookup(message []byte, path []string) condition.Value {
	if !json.Valid(message) {
		return condition.Value{}
	}
	d := json.NewDecoder(bytes.NewReader(message))
	d.UseNumber()
	var at any
	if d.Decode(&at) != nil {
		return condition.Value{}
	}
	for _, step := range path {
		switch in := at.(type) {
		case map[string]any:
			member, ok := in[step]
			if !ok {
				return condition.Value{}
			}
			at = member
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(in) || strconv.Itoa(i) != step {
				return condition.Value{}
			}
			at = in[i]
		default:
			return condition.Value{}
		}
	}
	return scalar(at)
}

func scalar(v any) condition.Value {
	switch v := v.(type) {
	case string:
		return condition.Value{Kind: condition.String, Text: v}
	case json.Number:
		return condition.Value{Kind: condition.Literal, Text: v.String()}
	case bool:
		return condition.Value{Kind: condition.Literal, Text: strconv.FormatBool(v)}
	case nil:
		return condition.Value{Kind: condition.Literal, Text: "null"}
	}
	return condition.Value{}
}

// FieldCount is a JSON field and the number of a block's rows that have it.
type FieldCount struct {
	Path []string
	Rows int
}

// Fields are the JSON fields that the block's shapes have, in the order of their first appearance. Messages without a
// shape do not count.
func (b *Block) Fields() ([]FieldCount, error) {
	var all []FieldCount
	places := make(map[string]int)
	for _, s := range b.shapes {
		if _, err := s.slotAt(nil); err != nil {
			return nil, err
		}
		if !s.json {
			continue
		}
		for _, path := range s.paths() {
			var key []byte
			for _, step := range path {
				key = appendSized(key, step)
			}
			i, known := places[string(key)]
			if !known {
				i = len(all)
				places[string(key)] = i
				all = append(all, FieldCount{Path: path})
			}
			all[i].Rows += s.rows
		}
	}
	return all, nil
}
