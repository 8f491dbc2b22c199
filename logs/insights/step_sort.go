package insights

import (
	"context"

	"github.com/tollbook/tollbook/logs/insights/syntax"
	"github.com/tollbook/tollbook/logs/insights/value"
)

// sortStep sorts rows by natural sort (spec/cloudwatch-logs §6.6); those that are equal stay in order.
type sortStep struct {
	keys sortKeys
	// limit is how many rows are kept; 0 means all.
	limit int
}

// sortKeys is what rows are sorted by, the most important first.
type sortKeys []sortKey

type sortKey struct {
	value expression
	desc  bool
}

// of is what a row is sorted by.
func (k sortKeys) of(row []value.Value) []value.Value {
	keys := make([]value.Value, len(k))
	for i, key := range k {
		keys[i] = key.value(row)
	}
	return keys
}

// compare orders rows by what of returned for them.
func (k sortKeys) compare(a, b []value.Value) int {
	for i, key := range k {
		order := 0
		if key.desc {
			order = value.CompareDescending(a[i], b[i])
		} else {
			order = value.Compare(a[i], b[i])
		}
		if order != 0 {
			return order
		}
	}
	return 0
}

func (b *stepBuilder) sort(cmd *syntax.Sort, limit int64) error {
	s := &sortStep{limit: int(limit)}
	for _, key := range cmd.Keys {
		v, err := b.compile(key.Expr)
		if err != nil {
			return err
		}
		s.keys = append(s.keys, sortKey{v, key.Desc})
	}
	b.add(s)
	return nil
}

// sortRow is a row with what it is sorted by.
type sortRow struct {
	row   []value.Value
	keys  []value.Value
	index int
}

func (s *sortStep) compare(a, b sortRow) int {
	if order := s.keys.compare(a.keys, b.keys); order != 0 {
		return order
	}
	return a.index - b.index
}

func (s *sortStep) run(ctx context.Context, e *env, in *table) (*table, error) {
	room := len(in.rows) // of the rows that are in order at a time
	if s.limit > 0 {
		room = min(room, 2*s.limit+checkRows)
	}
	bytes := int64(room) * (2*rowBytes + 8 + int64(len(s.keys))*valueBytes)
	if err := e.memory.take(bytes); err != nil {
		return nil, err
	}
	defer e.memory.give(bytes)
	rows := make([]sortRow, 0, room)
	err := eachRow(ctx, in.rows, func(i int, row []value.Value) (err error) {
		if len(rows) == room {
			if rows, err = s.first(ctx, rows); err != nil {
				return err
			}
		}
		rows = append(rows, sortRow{row, s.keys.of(row), i})
		return nil
	})
	if err != nil {
		return nil, err
	}
	if rows, err = s.first(ctx, rows); err != nil {
		return nil, err
	}
	in.rows = in.rows[:len(rows)]
	for i, r := range rows {
		in.rows[i] = r.row
	}
	return in, nil
}

// first sorts rows and returns those within the limit.
func (s *sortStep) first(ctx context.Context, rows []sortRow) ([]sortRow, error) {
	if err := sortUntil(ctx, rows, s.compare); err != nil {
		return nil, err
	}
	if s.limit > 0 && len(rows) > s.limit {
		clear(rows[s.limit:])
		rows = rows[:s.limit]
	}
	return rows, nil
}

// limitStep keeps the first rows, or the last ones.
type limitStep struct {
	n    int64
	tail bool
}

func (s *limitStep) run(_ context.Context, _ *env, in *table) (*table, error) {
	n := min(int64(len(in.rows)), s.n)
	if s.tail {
		in.rows = in.rows[int64(len(in.rows))-n:]
	} else {
		in.rows = in.rows[:n]
	}
	return in, nil
}
