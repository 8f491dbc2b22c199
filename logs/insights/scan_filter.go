package insights

import (
	"context"

	"github.com/tollbook/tollbook/logs/columnar"
	"github.com/tollbook/tollbook/logs/condition"
	"github.com/tollbook/tollbook/logs/insights/value"
)

// excluded says whether surely no row of the block satisfies the predicate, without reading columns.
func (p *predicate) excluded(b *columnar.Block) (bool, error) {
	switch p.op {
	case predicateAnd:
		for _, part := range p.parts {
			if excluded, err := part.excluded(b); excluded || err != nil {
				return excluded, err
			}
		}
		return false, nil
	case predicateOr:
		for _, part := range p.parts {
			if excluded, err := part.excluded(b); !excluded || err != nil {
				return false, err
			}
		}
		return true, nil
	}
	if p.named != nil {
		return b.ExcludesNamed(p.named)
	}
	for _, text := range p.contains {
		if excluded, err := b.Excludes(condition.Contains(text)); excluded || err != nil {
			return excluded, err
		}
	}
	return false, nil
}

// filter clears the selected rows for which a predicate does not hold.
func (b *batch) filter(p *predicate) error {
	switch p.op {
	case predicateAnd:
		for _, part := range p.parts {
			if err := b.filter(part); err != nil || b.count == 0 {
				return err
			}
		}
		return nil
	case predicateOr:
		return b.filterAny(p.parts)
	}
	if p.named != nil && b.block.Plain() {
		err := b.block.SelectNamed(b.stopping(p), &b.rows)
		b.changed()
		if err == nil && b.ctx.Err() != nil {
			err = context.Cause(b.ctx)
		}
		return err
	}
	for _, text := range p.contains {
		if err := b.block.Select(condition.Contains(text), &b.rows); err != nil {
			return err
		}
	}
	if b.changed(); b.count == 0 || p.decided {
		return nil
	}
	return b.filterLeaf(p)
}

// stopping is the test of a predicate; a slow one is not asked any more once the query was stopped.
func (b *batch) stopping(p *predicate) *columnar.NamedTest {
	if !p.slow {
		return p.named
	}
	asked, test := 0, *p.named
	test.Test = func(v condition.Value) bool {
		if asked++; b.stopped(asked) {
			return false
		}
		return p.named.Test(v)
	}
	return &test
}

// filterAny keeps the rows for which one of several predicates holds.
func (b *batch) filterAny(parts []*predicate) error {
	all := b.rows
	var kept columnar.Bitmap
	for _, part := range parts {
		b.rows = all
		b.rows.AndNot(&kept)
		if b.changed(); b.count == 0 {
			break
		}
		if err := b.filter(part); err != nil {
			return err
		}
		kept.Or(&b.rows)
		b.forget() // what was read for some of the rows may be needed for all
	}
	b.rows = kept
	b.changed()
	return nil
}

// filterLeaf evaluates: for each entry of a dictionary where there is one, and row by row otherwise.
func (b *batch) filterLeaf(p *predicate) error {
	refs, varying, err := b.inputs(p.expr)
	if err != nil {
		return err
	}
	row := b.scratch[p.expr.number].row
	if varying < 0 {
		if !p.holds(row) {
			b.rows.Reset()
			b.changed()
		}
		return nil
	}
	if varying < len(refs) {
		if codes, ok := refs[varying].coded(); ok {
			return b.filterCodes(p, refs[varying], codes, row, varying)
		}
	}
	return b.filterRows(p, refs, row)
}

const (
	undecided uint8 = iota
	yes
	no
)

func (b *batch) filterCodes(p *predicate, v *vector, codes []uint32, values []value.Value, place int) error {
	decide := func(code uint32) uint8 {
		values[place] = v.entry(code)
		if p.holds(values) {
			return yes
		}
		return no
	}
	missing := decide(columnar.MissingCode)
	decided := make([]uint8, v.entries())
	for i, row := range b.selected() {
		if b.stopped(i) {
			return b.ctx.Err()
		}
		answer := missing
		if code := codes[row]; code != columnar.MissingCode {
			if decided[code] == undecided {
				decided[code] = decide(code)
			}
			answer = decided[code]
		}
		if answer == no {
			b.rows.Clear(int(row))
		}
	}
	b.changed()
	return nil
}

func (b *batch) filterRows(p *predicate, refs []*vector, values []value.Value) error {
	for i, row := range b.selected() {
		if b.stopped(i) {
			return b.ctx.Err()
		}
		for k, v := range refs {
			var err error
			if values[k], err = v.look(int(row)); err != nil {
				return err
			}
		}
		if !p.holds(values) {
			b.rows.Clear(int(row))
		}
	}
	b.changed()
	return nil
}
