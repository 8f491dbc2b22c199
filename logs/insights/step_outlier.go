package insights

import (
	"context"
	"math"

	"github.com/tollbook/tollbook/logs/insights/syntax"
	"github.com/tollbook/tollbook/logs/insights/value"
)

// outlierMark is the column that outlier marks rows in. AWS does not name it.
const outlierMark = "outlier"

// outlierStep finds the values of fields that lie far from the middle half of all: above the third quartile by more than
// param times the distance of the first and the third, or, if asked, as far below the first. It moves them to that limit, or
// removes their rows.
//
// It looks at all rows twice: for the quartiles, of which it holds distributions only, and then row by row. So quartiles
// are as exact as a distribution is (sketchAccuracy).
type outlierStep struct {
	cmd     *syntax.Outlier
	fields  []int
	mark    int // column; -1 without one
	columns []string
}

func (b *stepBuilder) outlier(cmd *syntax.Outlier) (err error) {
	s := &outlierStep{cmd: cmd, mark: -1}
	if s.fields, err = b.numericFields(cmd.Fields); err != nil {
		return err
	}
	if cmd.Mark {
		s.mark = b.result(outlierMark)
	}
	s.columns = b.schema.columns
	b.add(s)
	return nil
}

// run works on rows that are all there.
func (s *outlierStep) run(ctx context.Context, e *env, in *table) (*table, error) {
	all := s.summary().newSink(ctx, e)
	if err := all.add(ctx, in); err != nil {
		return nil, err
	}
	return s.prepared(all).run(ctx, e, in)
}

func (s *outlierStep) summary() sinkStep { return &numbersStep{fields: s.fields} }

func (s *outlierStep) prepared(all sink) step {
	known := &clampStep{outlierStep: s}
	for i := range s.fields {
		known.limits = append(known.limits, s.limitsOf(&all.(*numbersSink).of[i]))
	}
	return known
}

// limits are those between which a field is no outlier.
type limits struct{ low, high float64 }

func (s *outlierStep) limitsOf(d *distribution) limits {
	all, total := d.sorted()
	first, third := quantile(all, total, 0.25), quantile(all, total, 0.75)
	l := limits{math.Inf(-1), third + s.cmd.Param*(third-first)}
	if s.cmd.UseLower {
		l.low = first - s.cmd.Param*(third-first)
	}
	return l
}

// quantile returns the value below which a part of numbers lies, linear between two of them; NaN of none.
func quantile(sorted []numberCount, total uint64, part float64) float64 {
	if total == 0 {
		return math.NaN()
	}
	at := part * float64(total-1)
	below := numberAt(sorted, uint64(at))
	above := numberAt(sorted, min(uint64(at)+1, total-1))
	return below + (at-math.Trunc(at))*(above-below)
}

// numberAt is the number at a place among sorted ones.
func numberAt(sorted []numberCount, at uint64) float64 {
	for _, c := range sorted {
		if at < c.times {
			return c.number
		}
		at -= c.times
	}
	return math.NaN()
}

// numbersStep takes the numbers of columns in.
type numbersStep struct{ fields []int }

// run is not called: it is not among the steps of a query.
func (s *numbersStep) run(ctx context.Context, e *env, in *table) (*table, error) {
	return runSink(ctx, e, s, in)
}

func (s *numbersStep) newSink(_ context.Context, e *env) sink {
	return &numbersSink{step: s, memory: e.memory, of: make([]distribution, len(s.fields))}
}

// numbersSink is a numbersStep at work.
type numbersSink struct {
	step   *numbersStep
	memory *budget
	of     []distribution // the fields
}

func (s *numbersSink) add(ctx context.Context, in *table) error {
	return eachRow(ctx, in.rows, func(_ int, row []value.Value) error {
		bytes := int64(0)
		for i, f := range s.step.fields {
			if n, ok := row[f].AsNumber(); ok && n == n {
				bytes += s.of[i].add(n, 1)
			}
		}
		return s.memory.take(bytes)
	})
}

func (s *numbersSink) merge(_ context.Context, other sink) error {
	bytes := int64(0)
	for i := range s.of {
		bytes += s.of[i].merge(&other.(*numbersSink).of[i])
	}
	return s.memory.take(bytes)
}

// table is not asked for.
func (s *numbersSink) table(context.Context) (*table, error) { return &table{}, nil }

// clampStep is an outlierStep that knows its limits.
type clampStep struct {
	*outlierStep
	limits []limits // of fields
}

func (*clampStep) eachAlone() {}

func (s *clampStep) run(ctx context.Context, e *env, in *table) (*table, error) {
	if err := in.widen(ctx, e, s.columns); err != nil {
		return nil, err
	}
	kept := in.rows[:0]
	err := eachRow(ctx, in.rows, func(_ int, row []value.Value) error {
		outside := clamp(row, s.fields, s.limits, s.cmd.Remove)
		if s.mark >= 0 {
			row[s.mark] = value.OfBool(outside)
		}
		if !outside || !s.cmd.Remove {
			kept = append(kept, row)
		}
		return nil
	})
	in.rows = kept
	return in, err
}

// clamp reports whether one of the fields is outside of its limits, and moves those that are onto them, unless the row
// is to be removed.
func clamp(row []value.Value, fields []int, outer []limits, remove bool) bool {
	outside := false
	for i, f := range fields {
		n, ok := row[f].AsNumber()
		if !ok || outer[i].low <= n && n <= outer[i].high {
			continue
		}
		outside = true
		if !remove {
			row[f] = value.OfNumber(max(outer[i].low, min(outer[i].high, n)))
		}
	}
	return outside
}
