package insights

import (
	"context"
	"math"
	"slices"

	"github.com/tollbook/tollbook/logs/columnar"
	"github.com/tollbook/tollbook/logs/insights/value"
)

// aggregator is an aggregate function at work on many groups, which are numbered from 0. It is for one goroutine.
type aggregator interface {
	// grow makes room for groups below n.
	grow(n int)
	// add adds the values of rows, each to its group.
	add(in *input, groups []uint32) error
	// merge adds what another aggregator of the same function has, which stays as it is: of its group first+i to groups[i].
	merge(from aggregator, first int, groups []uint32)
	// value is a group's result.
	value(group int) value.Value
	// held is about how many bytes the aggregator holds.
	held() int64
}

// newAggregator returns the aggregator of a function of the language; nil if it is none of stats. Once ctx has ended, its
// results are of no use.
func newAggregator(ctx context.Context, f *aggregate) aggregator {
	stopped := func() bool { return ctx.Err() != nil }
	switch f.name {
	case "count", "count_over_time":
		return &counter{}
	case "sum", "sum_over_time":
		return &adder{}
	case "avg":
		return &adder{mean: true}
	case "min":
		return &extreme{sign: -1}
	case "max":
		return &extreme{sign: 1}
	case "variance":
		return &deviation{}
	case "stddev":
		return &deviation{root: true}
	case "pct":
		return &distributions{stopped: stopped, result: func(d *distribution) value.Value { return d.percentile(f.number) }}
	case "median":
		return &distributions{stopped: stopped, result: func(d *distribution) value.Value { return d.percentile(50) }}
	case "histogram":
		return &distributions{stopped: stopped, result: func(d *distribution) value.Value { return d.histogram(int(f.number)) }}
	case "count_distinct":
		return &distinct{ctx: ctx, ints: hashedInts{table: intTable{ctx: ctx}}}
	case "values":
		return &valueLists{stopped: stopped}
	case "earliest":
		return &edge{sign: -1}
	case "latest":
		return &edge{sign: 1}
	case "rate":
		return &rates{interval: f.interval}
	case "sortsFirst":
		return &sorted{sign: -1}
	case "sortsLast":
		return &sorted{sign: 1}
	}
	return nil
}

// input is the argument of an aggregate in rows.
type input struct {
	rows   []int32
	vector *vector // nil of count(*)
	// places are the positions of all rows, by row; of aggregates that need them.
	places *columnar.Positions

	floats  []float64 // scratch: of the rows, NaN where there is no number
	counted bool      // whether floats are there
	table   []float64 // scratch
	text    []byte    // scratch
}

// reset begins with other rows.
func (in *input) reset(rows []int32, v *vector, places *columnar.Positions) {
	in.rows, in.vector, in.places, in.counted = rows, v, places, false
}

// at is the value of the i-th of the rows.
func (in *input) at(i int) (value.Value, error) { return in.vector.at(int(in.rows[i])) }

// numbers are the values of the rows as numbers; NaN where there is none.
func (in *input) numbers() ([]float64, error) {
	if in.counted {
		return in.floats, nil
	}
	in.floats = slices.Grow(in.floats[:0], len(in.rows))[:len(in.rows)]
	if err := in.fillNumbers(in.floats); err != nil {
		return nil, err
	}
	in.counted = true
	return in.floats, nil
}

func (in *input) fillNumbers(out []float64) error {
	v := in.vector
	if codes, ok := v.coded(); ok {
		in.fillCoded(out, codes)
		return nil
	}
	switch {
	case v.form == vectorConstant:
		n := numberOf(v.one)
		for i := range out {
			out[i] = n
		}
		return nil
	case v.form == vectorTimes:
		for i, row := range in.rows {
			out[i] = float64(v.times[row])
		}
		return nil
	case v.form == vectorNumbers:
		for i, row := range in.rows {
			out[i] = v.numbers[row]
		}
		return nil
	case v.form == vectorField:
		in.fillInts(out)
		return nil
	}
	for i := range out {
		x, err := in.at(i)
		if err != nil {
			return err
		}
		out[i] = numberOf(x)
	}
	return nil
}

func numberOf(v value.Value) float64 {
	if n, ok := v.AsNumber(); ok {
		return n
	}
	return math.NaN()
}

// fillCoded finds the number of each entry once, unless there are more entries than rows.
func (in *input) fillCoded(out []float64, codes []uint32) {
	v := in.vector
	missing := numberOf(v.one)
	n := v.entries()
	if n > len(out) {
		for i, row := range in.rows {
			out[i] = numberOf(v.entry(codes[row]))
		}
		return
	}
	in.table = slices.Grow(in.table[:0], n)[:n]
	for code := range in.table {
		in.table[code] = numberOf(v.entry(uint32(code)))
	}
	for i, row := range in.rows {
		if code := codes[row]; int(code) < len(in.table) {
			out[i] = in.table[code]
		} else {
			out[i] = missing
		}
	}
}

func (in *input) fillInts(out []float64) {
	c := in.vector.field
	switch {
	case c.Form.Decimal() && c.Present == nil:
		for i, row := range in.rows {
			out[i] = float64(c.Ints[row])
		}
		return
	case c.Form.Decimal():
		for i, row := range in.rows {
			if out[i] = math.NaN(); c.Present.Has(int(row)) {
				out[i] = float64(c.Ints[row])
			}
		}
		return
	}
	for i, row := range in.rows {
		out[i] = math.NaN()
		if c.Present != nil && !c.Present.Has(int(row)) {
			continue
		}
		in.text = c.Form.Append(in.text[:0], c.Ints[row])
		if n, ok := value.ParseNumber(view(in.text)); ok {
			out[i] = n
		}
	}
}

// present calls do for each of the rows, by its place among them, that has a value.
func (in *input) present(do func(i int)) error {
	v := in.vector
	if codes, ok := v.coded(); ok {
		null := v.one.IsNull()
		nulls := in.nullEntries()
		for i, row := range in.rows {
			if code := codes[row]; code == columnar.MissingCode && !null || int(code) < len(nulls) && !nulls[code] {
				do(i)
			}
		}
		return nil
	}
	if v.form == vectorField {
		for i, row := range in.rows {
			if v.field.Present == nil || v.field.Present.Has(int(row)) {
				do(i)
			}
		}
		return nil
	}
	for i := range in.rows {
		x, err := in.at(i)
		if err != nil {
			return err
		}
		if !x.IsNull() {
			do(i)
		}
	}
	return nil
}

// nullEntries says of each entry whether it is null.
func (in *input) nullEntries() []bool {
	nulls := make([]bool, in.vector.entries())
	for code := range nulls {
		nulls[code] = in.vector.entry(uint32(code)).IsNull()
	}
	return nulls
}

// grown makes room in s for n elements.
func grown[T any](s []T, n int) []T {
	if n <= len(s) {
		return s
	}
	return append(s, make([]T, n-len(s))...)
}
