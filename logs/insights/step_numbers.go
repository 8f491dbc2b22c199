package insights

import (
	"context"
	"slices"

	"github.com/tollbook/tollbook/logs/insights/syntax"
	"github.com/tollbook/tollbook/logs/insights/value"
)

// addtotals calculates with all rows.

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
