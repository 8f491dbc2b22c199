package insights

import (
	"context"
	"math"
	"slices"

	"github.com/tollbook/tollbook/logs/insights/syntax"
	"github.com/tollbook/tollbook/logs/insights/value"
)

// The commands that calculate with all rows: addtotals, outlier.

// addTotals adds the sum of fields to each row, and the sums of all rows as one more row. Without fields it takes those
// that are shown; what is no number, or a time, does not count.
func (b *stepBuilder) addTotals(cmd *syntax.AddTotals) error {
	fields, err := b.numericFields(cmd.Fields)
	if err != nil {
		return err
	}
	total := -1
	if cmd.Row {
		total = b.result(cmd.FieldName)
	}
	columns := b.schema.columns
	b.add(stepFunc(func(ctx context.Context, e *env, in *table) (*table, error) {
		if err := in.widen(ctx, e, columns); err != nil {
			return nil, err
		}
		sums := make([]value.Value, len(columns))
		err := eachRow(ctx, in.rows, func(_ int, row []value.Value) error {
			rowTotal := value.Value{}
			for _, f := range fields {
				rowTotal = plus(rowTotal, row[f])
				sums[f] = plus(sums[f], row[f])
			}
			if cmd.Row {
				row[total] = rowTotal
				sums[total] = plus(sums[total], rowTotal)
			}
			return nil
		})
		if cmd.Col {
			in.rows = append(in.rows, sums)
		}
		return in, err
	}))
	return nil
}

// numericFields returns the places of fields; without any, of the columns that are shown but no system fields.
func (b *stepBuilder) numericFields(fields []*syntax.Field) ([]int, error) {
	var places []int
	for _, f := range fields {
		place := slices.Index(b.schema.columns, f.Name)
		if place < 0 {
			return nil, errorAt(f, "Unknown symbols found: %s", f.Name)
		}
		places = append(places, place)
	}
	if len(fields) > 0 {
		return places, nil
	}
	for i, column := range b.schema.columns {
		if slices.Contains(b.schema.visible(), column) && !isSystemText(column) {
			places = append(places, i)
		}
	}
	return places, nil
}

func isSystemText(column string) bool {
	return slices.Contains([]string{"@ptr", "@message", "@timestamp", "@ingestionTime", "@logStream", "@log"}, column)
}

// plus adds a value to a sum, if it is a number.
func plus(sum, v value.Value) value.Value {
	n, ok := v.AsNumber()
	if !ok || v.Kind() == value.Time {
		return sum
	}
	before, _ := sum.AsNumber()
	return value.OfNumber(before + n)
}

// outlierMark is the column that outlier marks rows in. AWS does not name it.
const outlierMark = "outlier"

// outlier finds the values of fields that lie far from the middle half of all: above the third quartile by more than
// param times the distance of the first and the third, or, if asked, as far below the first. It moves them to that
// limit, or removes their rows.
func (b *stepBuilder) outlier(cmd *syntax.Outlier) error {
	fields, err := b.numericFields(cmd.Fields)
	if err != nil {
		return err
	}
	mark := -1
	if cmd.Mark {
		mark = b.result(outlierMark)
	}
	columns := b.schema.columns
	b.add(stepFunc(func(ctx context.Context, e *env, in *table) (*table, error) {
		if err := in.widen(ctx, e, columns); err != nil {
			return nil, err
		}
		var outer []limits
		for _, f := range fields {
			l, err := findLimits(ctx, e, in, f, cmd)
			if err != nil {
				return nil, err
			}
			outer = append(outer, l)
		}
		kept := in.rows[:0]
		err := eachRow(ctx, in.rows, func(_ int, row []value.Value) error {
			outside := clamp(row, fields, outer, cmd.Remove)
			if mark >= 0 {
				row[mark] = value.OfBool(outside)
			}
			if !outside || !cmd.Remove {
				kept = append(kept, row)
			}
			return nil
		})
		in.rows = kept
		return in, err
	}))
	return nil
}

// limits are those between which a field is no outlier.
type limits struct{ low, high float64 }

func findLimits(ctx context.Context, e *env, in *table, field int, cmd *syntax.Outlier) (limits, error) {
	bytes := 8 * int64(len(in.rows))
	if err := e.memory.take(bytes); err != nil {
		return limits{}, err
	}
	defer e.memory.give(bytes)
	var numbers []float64
	err := eachRow(ctx, in.rows, func(_ int, row []value.Value) error {
		if n, ok := row[field].AsNumber(); ok {
			numbers = append(numbers, n)
		}
		return nil
	})
	slices.Sort(numbers)
	first, third := quantile(numbers, 0.25), quantile(numbers, 0.75)
	l := limits{math.Inf(-1), third + cmd.Param*(third-first)}
	if cmd.UseLower {
		l.low = first - cmd.Param*(third-first)
	}
	return l, err
}

// quantile returns the value below which a part of sorted numbers lies, linear between two of them; NaN of none.
func quantile(sorted []float64, part float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	at := part * float64(len(sorted)-1)
	below := int(at)
	above := min(below+1, len(sorted)-1)
	return sorted[below] + (at-float64(below))*(sorted[above]-sorted[below])
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
