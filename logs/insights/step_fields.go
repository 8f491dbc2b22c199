package insights

import (
	"context"
	"slices"

	"github.com/tollbook/tollbook/logs/insights/syntax"
	"github.com/tollbook/tollbook/logs/insights/value"
)

// fieldsStep computes columns: those of fields and display. A column may use those before it.
type fieldsStep struct {
	columns []string // of the rows behind it
	assigns []assign
}

// assign writes a value into a column.
type assign struct {
	place int
	value expression
}

func (b *stepBuilder) fields(cmd *syntax.Fields) error {
	if cmd.Display {
		b.schema.shown, b.schema.displayed = []string{}, false
	} else if b.schema.shown == nil || b.choosing {
		b.schema.shown = []string{}
	}
	b.choosing = false
	s := &fieldsStep{}
	for _, column := range cmd.Columns {
		b.schema = b.schema.show(column.Name)
		if b.isColumn(column) {
			continue
		}
		v, err := b.compile(column.Expr)
		if err != nil {
			return err
		}
		s.assigns = append(s.assigns, assign{b.target(column.Name), v})
	}
	b.schema.displayed = b.schema.displayed || cmd.Display
	if len(s.assigns) > 0 {
		s.columns = b.schema.columns
		b.add(s)
	}
	return nil
}

// isColumn reports whether an expression is a column under its own name.
func (b *stepBuilder) isColumn(c syntax.Column) bool {
	field, ok := c.Expr.(*syntax.Field)
	return ok && field.Name == c.Name && slices.Contains(b.schema.columns, c.Name)
}

func (s *fieldsStep) run(ctx context.Context, e *env, in *table) (*table, error) {
	if err := in.widen(ctx, e, s.columns); err != nil {
		return nil, err
	}
	err := eachRow(ctx, in.rows, func(_ int, row []value.Value) error {
		held := int64(0)
		for _, a := range s.assigns {
			row[a.place] = a.value(row)
			held += row[a.place].Held()
		}
		return e.memory.take(held)
	})
	return in, err
}

func (b *stepBuilder) filter(cond syntax.Expr) error {
	holds, err := compileCondition(cond, b.schema.columns, b.compiling)
	if err != nil {
		return err
	}
	b.add(&filterStep{holds})
	return nil
}

// filterStep keeps the rows for which a condition holds.
type filterStep struct{ holds func(row []value.Value) bool }

func (s *filterStep) run(ctx context.Context, _ *env, in *table) (*table, error) {
	kept := in.rows[:0]
	err := eachRow(ctx, in.rows, func(_ int, row []value.Value) error {
		if s.holds(row) {
			kept = append(kept, row)
		}
		return nil
	})
	in.rows = kept
	return in, err
}

// dedup keeps the first row of each combination of values, and all rows that lack one of the fields.
func (b *stepBuilder) dedup(cmd *syntax.Dedup) error {
	values, err := b.fieldValues(cmd.Fields)
	if err != nil {
		return err
	}
	b.add(stepFunc(func(ctx context.Context, e *env, in *table) (*table, error) {
		seen := map[string]struct{}{}
		var key []byte
		kept := in.rows[:0]
		err := eachRow(ctx, in.rows, func(_ int, row []value.Value) error {
			var whole bool
			key, whole = appendRowKey(key[:0], row, values)
			if whole {
				if _, again := seen[string(key)]; again {
					return nil
				}
				seen[string(key)] = struct{}{}
				if err := e.memory.take(int64(len(key)) + 40); err != nil {
					return err
				}
			}
			kept = append(kept, row)
			return nil
		})
		in.rows = kept
		return in, err
	}))
	return nil
}
