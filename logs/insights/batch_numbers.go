package insights

import (
	"math"
	"slices"

	"github.com/tollbook/tollbook/logs/insights/syntax"
)

// calculation is an expression of numbers and +, -, * and / over slots, which is computed for all rows at a time.
type calculation struct {
	op    syntax.Op // 0: a slot, or a number
	x, y  *calculation
	ref   int // of a slot: its place among the expression's refs; -1 of a number
	value float64
}

// newCalculation returns nil for an expression of another kind.
func newCalculation(e syntax.Expr, names []string) *calculation {
	switch e := e.(type) {
	case *syntax.Number:
		return &calculation{ref: -1, value: e.Value}
	case *syntax.Field:
		if i := slices.Index(names, e.Name); i >= 0 {
			return &calculation{ref: i}
		}
	case *syntax.Binary:
		if e.Op != syntax.Add && e.Op != syntax.Sub && e.Op != syntax.Mul && e.Op != syntax.Div {
			return nil
		}
		x, y := newCalculation(e.X, names), newCalculation(e.Y, names)
		if x != nil && y != nil {
			return &calculation{op: e.Op, x: x, y: y}
		}
	}
	return nil
}

// evalNumbers computes a calculation for the selected rows.
func (b *batch) evalNumbers(x *scanExpr, s *scratch, refs []*vector) error {
	rows := b.selected()
	if s.inputs == nil {
		s.inputs = make([]input, len(refs))
	}
	for i, v := range refs {
		s.inputs[i].reset(rows, v, nil)
	}
	s.used = 0
	result, err := s.calculate(x.calculation, len(rows))
	if err != nil {
		return err
	}
	s.numbers = slices.Grow(s.numbers[:0], b.block.Len())[:b.block.Len()]
	for i, row := range rows {
		s.numbers[row] = result[i]
	}
	s.vector = vector{form: vectorNumbers, numbers: s.numbers}
	return nil
}

// calculate returns a number for each row; NaN is null.
func (s *scratch) calculate(c *calculation, n int) ([]float64, error) {
	if c.op == 0 && c.ref >= 0 {
		return s.inputs[c.ref].numbers()
	}
	if s.used == len(s.temporary) {
		s.temporary = append(s.temporary, nil)
	}
	at := s.used
	s.used++
	s.temporary[at] = slices.Grow(s.temporary[at][:0], n)[:n]
	out := s.temporary[at]
	if c.op == 0 {
		for i := range out {
			out[i] = c.value
		}
		return out, nil
	}
	x, err := s.calculate(c.x, n)
	if err != nil {
		return nil, err
	}
	y, err := s.calculate(c.y, n)
	if err != nil {
		return nil, err
	}
	operateAll(c.op, out, x, y)
	return out, nil
}

func operateAll(op syntax.Op, out, x, y []float64) {
	x, y = x[:len(out)], y[:len(out)]
	switch op {
	case syntax.Add:
		for i := range out {
			out[i] = x[i] + y[i]
		}
	case syntax.Sub:
		for i := range out {
			out[i] = x[i] - y[i]
		}
	case syntax.Mul:
		for i := range out {
			out[i] = x[i] * y[i]
		}
	case syntax.Div:
		for i := range out {
			out[i] = x[i] / y[i]
		}
	}
	for i, n := range out {
		if n-n != 0 { // infinite
			out[i] = math.NaN()
		}
	}
}
