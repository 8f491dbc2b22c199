package insights

import (
	"context"
	"slices"

	"github.com/tollbook/tollbook/logs/insights/syntax"
	"github.com/tollbook/tollbook/logs/insights/value"
)

// unnestStep makes a row of each element of a list (spec/cloudwatch-logs §6.4). A value that is no list counts as a list
// of one; an empty list leaves no row, a missing one leaves the row as it is.
type unnestStep struct {
	list    expression
	json    bool // expand: a text that is a JSON array is a list
	columns []string
	place   int // of the element
}

func (b *stepBuilder) unnest(cmd *syntax.Unnest) error {
	list, err := b.compile(cmd.Field)
	if err != nil {
		return err
	}
	s := &unnestStep{list: list, json: cmd.Expand, place: b.result(cmd.Into)}
	s.columns = b.schema.columns
	b.add(s)
	return nil
}

func (s *unnestStep) run(ctx context.Context, e *env, in *table) (*table, error) {
	if err := in.widen(ctx, e, s.columns); err != nil {
		return nil, err
	}
	out := &table{columns: s.columns}
	size := int64(len(s.columns))*valueBytes + rowBytes
	err := eachRow(ctx, in.rows, func(_ int, row []value.Value) error {
		elements := s.elements(s.list(row))
		if err := e.memory.take(size * int64(len(elements))); err != nil {
			return err
		}
		for i, element := range elements {
			if i < len(elements)-1 {
				out.rows = append(out.rows, slices.Clone(row))
			} else {
				out.rows = append(out.rows, row)
			}
			out.rows[len(out.rows)-1][s.place] = element
		}
		return nil
	})
	return out, err
}

func (s *unnestStep) elements(v value.Value) []value.Value {
	if s.json && v.Kind() == value.Text {
		if parsed, ok := value.ParseJSON(v.Text()); ok && parsed.Kind() == value.List {
			v = parsed
		}
	}
	if v.Kind() == value.List {
		return v.Elements()
	}
	return []value.Value{v}
}
