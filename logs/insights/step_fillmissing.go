package insights

import (
	"context"
	"maps"
	"slices"

	"github.com/tollbook/tollbook/logs/insights/syntax"
	"github.com/tollbook/tollbook/logs/insights/value"
)

// fillMissingStep adds rows for the bins of a stats that have none, in the whole time range of the query. If stats has more
// than the bin behind its by, each combination of the others gets all bins. Rows then come in the order of their bins,
// those of one bin in the order in which their combinations came first.
type fillMissingStep struct {
	cmd    *syntax.FillMissing
	bin    int // place of the bin's column
	others []int
	period value.Period
	offset bool // bins are shifted
	fill   []assign
	width  int
}

func (b *stepBuilder) fillMissing(cmd *syntax.FillMissing) error {
	s := &fillMissingStep{cmd: cmd, bin: -1, width: len(b.schema.columns)}
	if b.schema.stats == nil {
		return errorAt(cmd, "fillmissing must follow stats ... by bin()")
	}
	s.offset = b.schema.stats.Offset != nil
	for _, by := range b.schema.stats.By {
		place := slices.Index(b.schema.columns, by.Name)
		if period, ok := binOf(by.Expr); ok && s.bin < 0 {
			s.bin, s.period = place, period
		} else {
			s.others = append(s.others, place)
		}
		if place < 0 {
			return errorAt(cmd, "fillmissing needs %s, which is not there any more", by.Name)
		}
	}
	if s.bin < 0 {
		return errorAt(cmd, "fillmissing must follow stats ... by bin()")
	}
	for _, v := range cmd.Values {
		place := slices.Index(b.schema.columns, v.Field.Name)
		if place < 0 {
			return errorAt(v.Field, "Unknown symbols found in or after fillmissing: %s", v.Field.Name)
		}
		constant, err := compileExpression(v.Value, nil, b.compiling)
		if err != nil {
			return err
		}
		s.fill = append(s.fill, assign{place, constant})
	}
	b.add(s)
	return nil
}

// binOf returns the period of bin(period).
func binOf(e syntax.Expr) (value.Period, bool) {
	if call, ok := e.(*syntax.Call); ok {
		return binPeriod(call)
	}
	return value.Period{}, false
}

// maxFilled bounds the rows that fillmissing makes: a result has no more.
const maxFilled = 100_000

func (s *fillMissingStep) run(ctx context.Context, e *env, in *table) (*table, error) {
	have, err := s.collect(ctx, e, in)
	if err != nil {
		return nil, err
	}
	bins, err := s.bins(e.within, have)
	if err != nil {
		return nil, err
	}
	in.rows = nil
	for _, bin := range bins {
		for _, group := range have.groups {
			if err := s.fillBin(ctx, e, in, have.rows[bin][group.key], bin, group.sample); err != nil {
				return nil, err
			}
		}
	}
	return in, nil
}

// fillBin adds the rows of a bin, or an empty one.
func (s *fillMissingStep) fillBin(ctx context.Context, e *env, out *table, there [][]value.Value, bin int64, sample []value.Value) error {
	if there != nil {
		out.rows = append(out.rows, there...)
		return nil
	}
	if err := e.memory.take(rowBytes + valueBytes*int64(s.width)); err != nil {
		return err
	}
	out.rows = append(out.rows, s.empty(bin, sample))
	if len(out.rows)%checkRows == 0 && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

// binnedRows are rows by their bin and their other fields.
type binnedRows struct {
	rows   map[int64]map[string][][]value.Value
	groups []binnedGroup // the other fields, in order of appearance
}

type binnedGroup struct {
	key    string
	sample []value.Value // one of its rows
}

// collect sorts rows into bins. Those without a time, which are of no bin, are left out.
func (s *fillMissingStep) collect(ctx context.Context, e *env, in *table) (*binnedRows, error) {
	have := &binnedRows{rows: map[int64]map[string][][]value.Value{}}
	known := map[string]bool{}
	err := eachRow(ctx, in.rows, func(_ int, row []value.Value) error {
		key := string(s.otherKey(row))
		if !known[key] {
			known[key] = true
			have.groups = append(have.groups, binnedGroup{key, row})
			if err := e.memory.take(2*int64(len(key)) + 100); err != nil {
				return err
			}
		}
		bin, ok := row[s.bin].AsTime()
		if !ok {
			return nil
		}
		if have.rows[bin] == nil {
			have.rows[bin] = map[string][][]value.Value{}
		}
		have.rows[bin][key] = append(have.rows[bin][key], row)
		return e.memory.take(100 + int64(len(key)))
	})
	if len(in.rows) == 0 && len(s.others) == 0 {
		have.groups = []binnedGroup{{"", make([]value.Value, s.width)}}
	}
	return have, err
}

func (s *fillMissingStep) otherKey(row []value.Value) []byte {
	var key []byte
	for _, place := range s.others {
		key = row[place].AppendKey(key)
	}
	return key
}

// empty returns the row of an empty bin with the other fields of a sample.
func (s *fillMissingStep) empty(bin int64, sample []value.Value) []value.Value {
	row := make([]value.Value, s.width)
	row[s.bin] = value.OfTime(bin)
	for _, place := range s.others {
		row[place] = sample[place]
	}
	for _, fill := range s.fill {
		row[fill.place] = fill.value(nil)
	}
	return row
}

// bins returns all bins of the time range, and those that rows have. Shifted bins do not lie in the time range: there it is
// those between the first and the last one that rows have.
func (s *fillMissingStep) bins(within TimeRange, have *binnedRows) ([]int64, error) {
	all := slices.Sorted(maps.Keys(have.rows))
	from, to := s.period.Floor(within.From), within.To
	if s.offset {
		if len(all) == 0 {
			return nil, nil
		}
		from, to = all[0], all[len(all)-1]+1
	}
	if len(have.groups) == 0 {
		return nil, nil
	}
	for bin := from; bin < to; bin = s.next(bin) {
		if have.rows[bin] != nil {
			continue
		}
		if all = append(all, bin); len(all)*len(have.groups) > maxFilled {
			return nil, errorAt(s.cmd, "fillmissing would make more than %d rows: use a longer bin or a shorter time range", maxFilled)
		}
	}
	slices.Sort(all)
	return all, nil
}

// next returns the bin behind another, which may be shifted.
func (s *fillMissingStep) next(bin int64) int64 {
	if length, _, ok := s.period.Fixed(); ok {
		return bin + length
	}
	return s.period.Next(bin)
}
