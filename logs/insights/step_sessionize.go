package insights

import (
	"cmp"
	"context"
	"time"

	"github.com/tollbook/tollbook/logs/insights/syntax"
	"github.com/tollbook/tollbook/logs/insights/value"
)

// defaultSpan is how long a session may be without events, unless maxspan says it.
const defaultSpan = 30 * time.Minute

// sessionizeStep numbers the sessions of rows with the same fields, from 1, in the order of their beginning. A session ends
// where no event follows within the span. Rows that lack a field or a timestamp are in no session. Rows stay in order.
//
// Rows that come oldest first are numbered as they come: then it holds the last moment of each combination of fields only.
type sessionizeStep struct {
	fields    []expression
	timestamp expression
	span      int64 // in ms
	place     int   // of the number
	columns   []string
}

func (b *stepBuilder) sessionize(cmd *syntax.Sessionize) (err error) {
	s := &sessionizeStep{span: defaultSpan.Milliseconds()}
	if s.fields, err = b.fieldValues(cmd.Fields); err != nil {
		return err
	}
	if s.timestamp, err = b.systemField(cmd, "@timestamp"); err != nil {
		return err
	}
	if cmd.MaxSpan != nil {
		if cmd.MaxSpan.Unit > syntax.Week {
			return errorAt(cmd.MaxSpan, "maxspan must be in weeks or a shorter unit")
		}
		s.span = periodMillis(cmd.MaxSpan)
	}
	s.place = b.result(cmd.Out)
	s.columns = b.schema.columns
	b.add(s)
	return nil
}

// run numbers rows that are all there.
func (s *sessionizeStep) run(ctx context.Context, e *env, in *table) (*table, error) {
	if err := in.widen(ctx, e, s.columns); err != nil {
		return nil, err
	}
	rows, err := s.byTime(ctx, e, in)
	if err != nil {
		return nil, err
	}
	_, err = s.begin(e).run(ctx, e, &table{columns: s.columns, rows: rows})
	return in, err
}

// byTime returns the rows that have a timestamp, the oldest first.
func (s *sessionizeStep) byTime(ctx context.Context, e *env, in *table) ([][]value.Value, error) {
	type timedRow struct {
		row   []value.Value
		ms    int64
		index int
	}
	bytes := int64(len(in.rows)) * (2*rowBytes + 16)
	if err := e.memory.take(bytes); err != nil {
		return nil, err
	}
	defer e.memory.give(bytes)
	timed := make([]timedRow, 0, len(in.rows))
	err := eachRow(ctx, in.rows, func(i int, row []value.Value) error {
		if ms, ok := s.timestamp(row).AsTime(); ok {
			timed = append(timed, timedRow{row, ms, i})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = sortUntil(ctx, timed, func(a, b timedRow) int { return cmp.Or(cmp.Compare(a.ms, b.ms), cmp.Compare(a.index, b.index)) })
	rows := make([][]value.Value, len(timed))
	for i := range timed {
		rows[i] = timed[i].row
	}
	return rows, err
}

func (s *sessionizeStep) begin(e *env) step {
	return &sessions{sessionizeStep: s, memory: e.memory, open: map[string]session{}}
}

// sessions is a sessionizeStep at work.
type sessions struct {
	*sessionizeStep
	memory *budget
	open   map[string]session // the last of each combination of fields
	begun  int64
	key    []byte // scratch
}

// session is a session that may go on: its number and its last moment.
type session struct{ number, last int64 }

// run numbers rows that come oldest first, those of this call behind those of the calls before.
func (s *sessions) run(ctx context.Context, e *env, in *table) (*table, error) {
	if err := in.widen(ctx, e, s.columns); err != nil {
		return nil, err
	}
	return in, eachRow(ctx, in.rows, func(_ int, row []value.Value) error {
		ms, ok := s.timestamp(row).AsTime()
		var whole bool
		s.key, whole = appendRowKey(s.key[:0], row, s.fields)
		if !ok || !whole {
			return nil
		}
		number, err := s.number(ms)
		row[s.place] = value.OfNumber(float64(number))
		return err
	})
}

// number is the number of the session that an event of the key is in.
func (s *sessions) number(ms int64) (int64, error) {
	x, known := s.open[string(s.key)]
	if !known {
		if err := s.memory.take(int64(len(s.key)) + 64); err != nil {
			return 0, err
		}
	}
	if !known || ms-x.last > s.span {
		s.begun++
		x.number = s.begun
	}
	x.last = ms
	s.open[string(s.key)] = x
	return x.number, nil
}
