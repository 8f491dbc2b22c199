package insights

import (
	"context"
	"slices"
	"time"

	"github.com/tollbook/tollbook/logs/insights/syntax"
	"github.com/tollbook/tollbook/logs/insights/value"
)

// withoutFrequent puts a stats and a sort in place of each countFrequent: it counts the combinations of fields, the most
// frequent first. So it is exact, where AWS approximates.
func withoutFrequent(cmds []syntax.Command) []syntax.Command {
	var out []syntax.Command
	for _, cmd := range cmds {
		if frequent, ok := cmd.(*syntax.CountFrequent); ok {
			out = append(out, countBy(frequent), byCount(frequent))
		} else {
			out = append(out, cmd)
		}
	}
	return out
}

// countColumn is what countFrequent calls its counts.
const countColumn = "_approxcount"

func countBy(cmd *syntax.CountFrequent) *syntax.Stats {
	count := &syntax.Call{Span: cmd.Span, Name: "count", Star: true}
	stats := &syntax.Stats{Span: cmd.Span, Aggs: []syntax.Column{{Expr: count, Name: countColumn, As: true}}}
	for _, f := range cmd.Fields {
		stats.By = append(stats.By, syntax.Column{Expr: f, Name: f.Name})
	}
	return stats
}

func byCount(cmd *syntax.CountFrequent) *syntax.Sort {
	return &syntax.Sort{Span: cmd.Span, Keys: []syntax.SortKey{{Expr: systemField(cmd.Span, countColumn), Desc: true}}}
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
