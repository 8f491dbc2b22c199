package insights

import (
	"context"
	"slices"
	"time"

	"github.com/tollbook/tollbook/logs/insights/syntax"
	"github.com/tollbook/tollbook/logs/insights/value"
)

// countFrequent counts the combinations of fields, the most frequent first, and of those that are as frequent the one that
// came first. It is exact, where AWS approximates.
func (b *stepBuilder) countFrequent(cmd *syntax.CountFrequent) error {
	values, err := b.fieldValues(cmd.Fields)
	if err != nil {
		return err
	}
	var columns []string
	for _, f := range cmd.Fields {
		columns = append(columns, f.Name)
	}
	columns = append(columns, "_approxcount")
	b.replace(stepFunc(func(ctx context.Context, e *env, in *table) (*table, error) {
		counts, err := countRows(ctx, e, in, values)
		if err != nil {
			return nil, err
		}
		slices.SortStableFunc(counts, func(a, b rowCount) int { return int(b.n - a.n) })
		out := &table{columns: columns}
		for _, c := range counts {
			out.rows = append(out.rows, append(c.row, value.OfNumber(float64(c.n))))
		}
		return out, nil
	}), columns...)
	return nil
}

type rowCount struct {
	row []value.Value
	n   int64
}

func countRows(ctx context.Context, e *env, in *table, values []expression) ([]rowCount, error) {
	var counts []rowCount
	places := map[string]int{}
	var key []byte
	err := eachRow(ctx, in.rows, func(_ int, row []value.Value) error {
		key, _ = appendRowKey(key[:0], row, values)
		place, known := places[string(key)]
		if !known {
			place = len(counts)
			places[string(key)] = place
			counts = append(counts, rowCount{row: evaluate(row, values)})
			bytes := int64(len(key)) + 48 + 2*rowBytes + valueBytes*int64(len(values)+1)
			if err := e.memory.take(bytes); err != nil {
				return err
			}
		}
		counts[place].n++
		return nil
	})
	return counts, err
}

// evaluate returns values of a row, with room for one more.
func evaluate(row []value.Value, values []expression) []value.Value {
	out := make([]value.Value, len(values), len(values)+1)
	for i, v := range values {
		out[i] = v(row)
	}
	return out
}

// defaultSpan is how long a session may be without events, unless maxspan says it.
const defaultSpan = 30 * time.Minute

// sessionize numbers the sessions of rows with the same fields, from 1, in the order of their beginning. A session ends
// where no event follows within the span. Rows that lack a field or a timestamp are in no session. Rows stay in order.
func (b *stepBuilder) sessionize(cmd *syntax.Sessionize) error {
	values, err := b.fieldValues(cmd.Fields)
	if err != nil {
		return err
	}
	timestamp, err := b.systemField(cmd, "@timestamp")
	if err != nil {
		return err
	}
	span := defaultSpan.Milliseconds()
	if cmd.MaxSpan != nil {
		if cmd.MaxSpan.Unit > syntax.Week {
			return errorAt(cmd.MaxSpan, "maxspan must be in weeks or a shorter unit")
		}
		span = periodMillis(cmd.MaxSpan)
	}
	place := b.result(cmd.Out)
	columns := b.schema.columns
	b.add(stepFunc(func(ctx context.Context, e *env, in *table) (*table, error) {
		if err := in.widen(ctx, e, columns); err != nil {
			return nil, err
		}
		ordered, err := byTime(ctx, e, in, timestamp)
		if err != nil {
			return nil, err
		}
		return in, numberSessions(ctx, e, ordered, values, span, place)
	}))
	return nil
}

// timedRow is a row with its timestamp, in milliseconds.
type timedRow struct {
	row []value.Value
	ms  int64
}

// byTime returns the rows that have a timestamp, the oldest first.
func byTime(ctx context.Context, e *env, in *table, timestamp expression) ([]timedRow, error) {
	if err := e.memory.take(int64(len(in.rows)) * (rowBytes + 8)); err != nil {
		return nil, err
	}
	rows := make([]timedRow, 0, len(in.rows))
	err := eachRow(ctx, in.rows, func(_ int, row []value.Value) error {
		if ms, ok := timestamp(row).AsTime(); ok {
			rows = append(rows, timedRow{row, ms})
		}
		return nil
	})
	slices.SortStableFunc(rows, func(a, b timedRow) int { return int(max(-1, min(1, a.ms-b.ms))) })
	return rows, err
}

func numberSessions(ctx context.Context, e *env, rows []timedRow, values []expression, span int64, place int) error {
	type session struct{ id, last int64 }
	open := map[string]session{}
	sessions := int64(0)
	var key []byte
	for i, r := range rows {
		if i%checkRows == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		var whole bool
		key, whole = appendRowKey(key[:0], r.row, values)
		if !whole {
			continue
		}
		s, known := open[string(key)]
		if !known {
			if err := e.memory.take(int64(len(key)) + 48); err != nil {
				return err
			}
		}
		if !known || r.ms-s.last > span {
			sessions++
			s.id = sessions
		}
		s.last = r.ms
		open[string(key)] = s
		r.row[place] = value.OfNumber(float64(s.id))
	}
	return nil
}
