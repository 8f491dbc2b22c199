package columnar

import "github.com/tollbook/tollbook/logs/condition"

// columnReader fills a Column.
type columnReader struct {
	b     *Block
	rows  *Bitmap
	out   *Column
	parts []vectorPart
	raw   bool   // values are texts as they stand in messages
	text  []byte // scratch
}

func (r *columnReader) clear() {
	c := r.out
	c.Codes, c.Dict, c.DictInts, c.Ints, c.Present, c.Form = c.Codes[:0], c.Dict[:0], c.DictInts[:0], c.Ints[:0], nil, IntForm{}
}

func (r *columnReader) read() error {
	c := r.out
	r.clear()
	if r.ofInts() {
		return r.ints()
	}
	c.Codes = grow(c.Codes, r.b.rows)
	if !r.complete() {
		for row := range c.Codes {
			c.Codes[row] = MissingCode
		}
	}
	if len(r.parts) == 1 {
		if d, ok := r.parts[0].column().(*dictColumn); ok && d.integers {
			return r.dictInts(r.parts[0], d)
		}
	}
	for _, p := range r.parts {
		if err := r.part(p); err != nil {
			return err
		}
	}
	return nil
}

func (p vectorPart) column() column { return p.columns[p.slot] }

func (r *columnReader) kind(p vectorPart) condition.Kind {
	if r.raw || p.slots[p.slot] == slotString {
		return condition.String
	}
	return condition.Literal
}

// value turns a slot's texts into values.
func (r *columnReader) value(p vectorPart) func(text string) condition.Value {
	if r.raw {
		return func(text string) condition.Value { return condition.Value{Kind: condition.String, Text: text} }
	}
	return p.valueOf(p.slot)
}

// complete says whether all rows have the field.
func (r *columnReader) complete() bool {
	n := 0
	for _, p := range r.parts {
		n += p.rows
	}
	return n == r.b.rows
}

// ofInts says whether all parts are integers in one form.
func (r *columnReader) ofInts() bool {
	for i, p := range r.parts {
		c, ok := p.column().(*intColumn)
		if !ok {
			return false
		}
		form := IntForm{c.format, r.kind(p)}
		if i > 0 && form != r.out.Form {
			return false
		}
		r.out.Form = form
	}
	return len(r.parts) > 0
}

// chunks calls do for each chunk of a part that has rows which were asked for, when it is loaded: with its number, its
// first rank and how many it has.
func (r *columnReader) chunks(p vectorPart, do func(k, from, n int)) error {
	p.ask(p.slot)
	var rowsOf []uint16
	if r.b.shapeOf != nil {
		l, err := r.b.locate()
		if err != nil {
			return err
		}
		rowsOf = l.rows[p.number]
	}
	for k := range chunkCount(p.rows) {
		from, to := k<<chunkBits, min((k+1)<<chunkBits, p.rows)
		first, last := from, to-1
		if rowsOf != nil {
			first, last = int(rowsOf[first]), int(rowsOf[last])
		}
		if !r.rows.AnyIn(first, last+1) {
			continue
		}
		r.b.mu.Lock()
		err := loadValues(r.b, p.column(), k)
		r.b.mu.Unlock()
		if err != nil {
			return err
		}
		do(k, from, to-from)
	}
	return nil
}

// loadValues loads a chunk without the texts of a dictionary, which who needs them has loaded.
func loadValues(b *Block, c column, k int) error {
	if d, ok := c.(*dictColumn); ok {
		return d.codes.load(b, k, k+1)
	}
	return c.load(b, k, k+1)
}

// each calls do for the ranks of a part whose rows were asked for.
func (r *columnReader) each(p vectorPart, do func(rank, row int)) error {
	rowOf, err := p.rowOf()
	if err != nil {
		return err
	}
	return r.chunks(p, func(_, from, n int) {
		for rank := from; rank < from+n; rank++ {
			if row := rowOf(rank); r.rows.Has(row) {
				do(rank, row)
			}
		}
	})
}

func (r *columnReader) ints() error {
	c := r.out
	c.Ints = grow(c.Ints, r.b.rows)
	if !r.complete() {
		c.present.Reset()
		c.Present = &c.present
	}
	for _, p := range r.parts {
		if err := r.intPart(p, p.column().(*intColumn)); err != nil {
			return err
		}
	}
	return nil
}

func (r *columnReader) intPart(p vectorPart, c *intColumn) error {
	out := r.out
	if r.b.shapeOf == nil && c.numbers.t.kind != transformTimed {
		return r.chunks(p, func(k, from, n int) { c.numbers.loaded[k].Load().widen(out.Ints[from : from+n]) })
	}
	return r.each(p, func(rank, row int) {
		out.Ints[row] = c.value(rank, row)
		if out.Present != nil {
			out.Present.Set(row)
		}
	})
}

// dictInts reads a dictionary of integers.
func (r *columnReader) dictInts(p vectorPart, c *dictColumn) error {
	ints, err := c.loadInts(r.b)
	if err != nil {
		return err
	}
	r.out.DictInts = append(r.out.DictInts, ints...)
	r.out.Form = IntForm{c.format, r.kind(p)}
	return r.codes(p, c, 0)
}

// codes writes a dictionary's codes, whose entries begin at base.
func (r *columnReader) codes(p vectorPart, c *dictColumn, base uint32) error {
	out := r.out.Codes
	if r.b.shapeOf != nil {
		return r.each(p, func(rank, row int) { out[row] = base + uint32(c.codes.at(rank)) })
	}
	return r.chunks(p, func(k, from, n int) { c.codes.loaded[k].Load().widenCodes(out[from:from+n], base) })
}

// widenCodes writes the numbers of a chunk.
func (v *vector) widenCodes(dst []uint32, base uint32) {
	base += uint32(v.base)
	switch {
	case v.w8 != nil:
		for i, n := range v.w8[:len(dst)] {
			dst[i] = base + uint32(n)
		}
	case v.w16 != nil:
		for i, n := range v.w16[:len(dst)] {
			dst[i] = base + uint32(n)
		}
	default:
		for i := range dst {
			dst[i] = base + uint32(v.at(i)-v.base)
		}
	}
}

// part adds the entries of a part behind those of the parts before.
func (r *columnReader) part(p vectorPart) error {
	if x, ok := p.column().(*exceptColumn); ok {
		return r.exceptions(p, x)
	}
	return r.typed(p, p.column())
}

func (r *columnReader) typed(p vectorPart, c column) error {
	switch c := c.(type) {
	case *dictColumn:
		d, err := c.loadDict(r.b)
		if err != nil {
			return err
		}
		base := uint32(len(r.out.Dict))
		value := r.value(p)
		for i := range d.ends {
			r.out.Dict = append(r.out.Dict, value(d.text(i)))
		}
		return r.codes(p, c, base)
	case *intColumn:
		code := r.intCodes(p, c)
		return r.each(p, func(rank, row int) { r.out.Codes[row] = code(c.value(rank, row)) })
	}
	return r.each(p, func(rank, row int) {
		r.text = c.append(r.text[:0], rank, row)
		r.entry(p, string(r.text), row)
	})
}

// entry adds an entry for one row.
func (r *columnReader) entry(p vectorPart, text string, row int) {
	r.out.Codes[row] = uint32(len(r.out.Dict))
	r.out.Dict = append(r.out.Dict, r.value(p)(text))
}

// exceptions reads a column and then the rows that have another text than it says.
func (r *columnReader) exceptions(p vectorPart, x *exceptColumn) error {
	l, err := x.loadList(r.b)
	if err != nil {
		return err
	}
	if err := r.typed(p, x.column); err != nil {
		return err
	}
	rowOf, err := p.rowOf()
	if err != nil {
		return err
	}
	base, value := uint32(len(r.out.Dict)), r.value(p)
	for _, text := range l.texts {
		r.out.Dict = append(r.out.Dict, value(text))
	}
	for i, rank := range l.ranks {
		r.out.Codes[rowOf(int(rank))] = base + l.codes[i]
	}
	return nil
}

// intCodes finds the codes of a column's numbers.
func (r *columnReader) intCodes(p vectorPart, c *intColumn) func(n int64) uint32 {
	form := IntForm{c.format, r.kind(p)}
	known := make(map[int64]uint32)
	return func(n int64) uint32 {
		code, ok := known[n]
		if !ok {
			code = uint32(len(r.out.Dict))
			known[n] = code
			r.out.Dict = append(r.out.Dict, form.Value(n))
		}
		return code
	}
}
