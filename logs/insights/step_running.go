package insights

import (
	"context"
	"slices"

	"github.com/tollbook/tollbook/logs/insights/syntax"
	"github.com/tollbook/tollbook/logs/insights/value"
)

// The commands that go from row to row: accum, autoregress, filldown.

// accum adds up a field from row to row. Where it is no number, the sum so far goes on behind, and the row has none.
func (b *stepBuilder) accum(cmd *syntax.Accum) error {
	field, err := b.compile(cmd.Field)
	if err != nil {
		return err
	}
	place := b.result(cmd.Out)
	columns := b.schema.columns
	b.add(stepFunc(func(ctx context.Context, e *env, in *table) (*table, error) {
		if err := in.widen(ctx, e, columns); err != nil {
			return nil, err
		}
		sum := 0.0
		err := eachRow(ctx, in.rows, func(_ int, row []value.Value) error {
			n, ok := field(row).AsNumber()
			row[place] = value.Value{}
			if ok {
				sum += n
				row[place] = value.OfNumber(sum)
			}
			return nil
		})
		return in, err
	}))
	return nil
}

// maxLag bounds how far autoregress looks back, and how many columns it makes.
const maxLag = 1000

// autoRegress adds what a field was some rows before, in columns FIELD_p1 and so on.
func (b *stepBuilder) autoRegress(cmd *syntax.AutoRegress) error {
	if cmd.From < 1 || cmd.To < cmd.From || cmd.To > maxLag {
		return errorAt(cmd, "p must be between 1 and %d", maxLag)
	}
	field, err := b.compile(cmd.Field)
	if err != nil {
		return err
	}
	var places []int
	for lag := cmd.From; lag <= cmd.To; lag++ {
		places = append(places, b.result(cmd.Name(lag)))
	}
	columns := b.schema.columns
	b.add(stepFunc(func(ctx context.Context, e *env, in *table) (*table, error) {
		if err := in.widen(ctx, e, columns); err != nil {
			return nil, err
		}
		before := make([]value.Value, cmd.To) // the field of the last rows, in a ring
		err := eachRow(ctx, in.rows, func(i int, row []value.Value) error {
			now := field(row)
			for j, place := range places {
				lag := cmd.From + j
				row[place] = before[(i-lag+lag*cmd.To)%cmd.To]
			}
			before[i%cmd.To] = now
			return nil
		})
		return in, err
	}))
	return nil
}

// fillDown writes into a missing field what the row before has there.
func (b *stepBuilder) fillDown(cmd *syntax.FillDown) error {
	names := cmd.Fields
	if len(names) == 0 {
		names = b.schema.visible()
	}
	for _, name := range cmd.Fields {
		if !slices.ContainsFunc(b.schema.columns, func(c string) bool { return matches([]string{name}, c) }) {
			return errorAt(cmd, "Unknown symbols found in or after filldown: %s", name)
		}
	}
	var places []int
	for i, column := range b.schema.columns {
		if column != "@ptr" && matches(names, column) {
			places = append(places, i)
		}
	}
	b.add(stepFunc(func(ctx context.Context, _ *env, in *table) (*table, error) {
		var before []value.Value
		err := eachRow(ctx, in.rows, func(_ int, row []value.Value) error {
			for _, place := range places {
				if row[place].IsNull() && before != nil {
					row[place] = before[place]
				}
			}
			before = row
			return nil
		})
		return in, err
	}))
	return nil
}
