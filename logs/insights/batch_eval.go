package insights

import (
	"slices"

	"github.com/tollbook/tollbook/logs/columnar"
	"github.com/tollbook/tollbook/logs/insights/value"
)

// eval computes an expression for the selected rows: once for each value of its slot where there is one slot and it has a
// dictionary, and row by row otherwise.
func (b *batch) eval(x *scanExpr) (*vector, error) {
	switch x.form {
	case formSlot:
		return b.vector(x.refs[0])
	case formBin:
		return b.evalBin(x)
	}
	refs, varying, err := b.inputs(x)
	if err != nil {
		return nil, err
	}
	s := &b.scratch[x.number]
	s.vector = vector{}
	switch {
	case varying < 0:
		s.vector.one = x.run(s.row)
		return &s.vector, nil
	case varying < len(refs):
		if codes, ok := refs[varying].coded(); ok {
			return &s.vector, b.evalCodes(x, s, refs[varying], varying, codes)
		}
		if v := refs[varying]; x.calculation == nil && (v.form == vectorField || v.form == vectorTimes) {
			return &s.vector, b.evalInts(x, s, v, varying)
		}
	}
	if x.calculation != nil {
		return &s.vector, b.evalNumbers(x, s, refs)
	}
	return &s.vector, b.evalRows(x, s, refs)
}

// inputs returns the vectors that an expression reads. varying is the only one that is not constant, -1 if all are
// constant, and len(refs) if there are several. The row in scratch has the constants.
func (b *batch) inputs(x *scanExpr) (refs []*vector, varying int, err error) {
	s := &b.scratch[x.number]
	s.row = slices.Grow(s.row[:0], len(x.refs))[:len(x.refs)]
	varying = -1
	for i, at := range x.refs {
		v, err := b.vector(at)
		if err != nil {
			return nil, 0, err
		}
		refs = append(refs, v)
		if v.form == vectorConstant {
			s.row[i] = v.one
		} else if varying < 0 {
			varying = i
		} else {
			varying = len(x.refs)
		}
	}
	return refs, varying, nil
}

// evalCodes evaluates for each entry that selected rows have.
func (b *batch) evalCodes(x *scanExpr, s *scratch, v *vector, place int, codes []uint32) error {
	n := v.entries()
	s.dict = slices.Grow(s.dict[:0], n)[:n]
	s.done = slices.Grow(s.done[:0], n)[:n]
	clear(s.done)
	s.row[place] = v.one
	s.vector = vector{form: vectorDict, codes: codes, dict: s.dict, one: x.run(s.row)}
	held := int64(0)
	for i, row := range b.selected() {
		code := codes[row]
		if b.stopped(i) {
			return b.ctx.Err()
		}
		if code == columnar.MissingCode || s.done[code] {
			continue
		}
		s.row[place] = v.entry(code)
		s.dict[code] = x.run(s.row)
		s.done[code] = true
		if held += s.dict[code].Held(); held > s.held+heldStep {
			if err := b.hold(s, held); err != nil {
				return err
			}
		}
	}
	return b.hold(s, held)
}

// maxRemembered is for how many integers evalInts remembers what came of them.
const maxRemembered = 1 << 14

// evalInts evaluates for integers, those that come again only once.
func (b *batch) evalInts(x *scanExpr, s *scratch, v *vector, place int) error {
	s.rows = slices.Grow(s.rows[:0], b.block.Len())[:b.block.Len()]
	s.vector = vector{form: vectorRows, rows: s.rows}
	if s.ints == nil {
		s.ints = map[int64]value.Value{}
	}
	clear(s.ints)
	ints, present := v.times, (*columnar.Bitmap)(nil)
	if v.form == vectorField {
		ints, present = v.field.Ints, v.field.Present
	}
	s.row[place] = value.Value{}
	missing := x.run(s.row)
	held := int64(0)
	for i, row := range b.selected() {
		if b.stopped(i) {
			return b.ctx.Err()
		}
		if present != nil && !present.Has(int(row)) {
			s.rows[row] = missing
			continue
		}
		result, known := s.ints[ints[row]]
		if !known {
			var err error
			if s.row[place], err = v.at(int(row)); err != nil {
				return err
			}
			result = x.run(s.row)
			if held += result.Held(); held > s.held+heldStep {
				if err := b.hold(s, held); err != nil {
					return err
				}
			}
			if len(s.ints) < maxRemembered {
				s.ints[ints[row]] = result
			}
		}
		s.rows[row] = result
	}
	return b.hold(s, held)
}

// heldStep is by how many bytes values grow before the budget is told.
const heldStep = 1 << 20

// evalRows evaluates row by row.
func (b *batch) evalRows(x *scanExpr, s *scratch, refs []*vector) error {
	s.rows = slices.Grow(s.rows[:0], b.block.Len())[:b.block.Len()]
	s.vector = vector{form: vectorRows, rows: s.rows}
	held := int64(0)
	for i, row := range b.selected() {
		if b.stopped(i) {
			return b.ctx.Err()
		}
		for k, v := range refs {
			var err error
			if s.row[k], err = v.at(int(row)); err != nil {
				return err
			}
		}
		s.rows[row] = x.run(s.row)
		if held += s.rows[row].Held(); held > s.held+heldStep {
			if err := b.hold(s, held); err != nil {
				return err
			}
		}
	}
	return b.hold(s, held)
}

// evalBin finds the bins of timestamps. Rows next to each other are mostly of one bin.
func (b *batch) evalBin(x *scanExpr) (*vector, error) {
	times, err := b.timestamps()
	if err != nil {
		return nil, err
	}
	s := &b.scratch[x.number]
	c := slices.Grow(s.vector.times[:0], b.block.Len())[:b.block.Len()]
	s.vector = vector{form: vectorTimes, times: c}
	from, to := int64(0), int64(0)
	bin := func(at int64) int64 {
		if at < from || at >= to {
			from, to = x.period.Floor(at), x.period.Next(at)
		}
		return from + x.shift
	}
	if b.whole() {
		for row, at := range times {
			c[row] = bin(at)
		}
		return &s.vector, nil
	}
	for _, row := range b.selected() {
		c[row] = bin(times[row])
	}
	return &s.vector, nil
}

// eachText calls do with the text of each selected row, which is valid during the call; ok is false where there is none.
func (b *batch) eachText(v *vector, do func(row int, text string, ok bool)) error {
	for i, row := range b.selected() {
		if b.stopped(i) {
			return b.ctx.Err()
		}
		at, err := v.look(int(row))
		if err != nil {
			return err
		}
		do(int(row), at.Text(), at.IsScalar())
	}
	return nil
}
