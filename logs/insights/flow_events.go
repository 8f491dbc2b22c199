package insights

import (
	"context"
	"strings"

	"github.com/tollbook/tollbook/logs/insights/value"
)

// Rows flow event by event where a step needs them oldest first, and where the first ones are enough, so that the scan can
// end before it has seen all.

// eventFlow is such a flow at work.
type eventFlow struct {
	*eventScan
	rows    *rowEvaluator
	to      *flowing
	inOrder bool         // what comes first is in front
	behind  []*predicate // filters that a message does not decide
	t       table        // rows that flow next
	size    int          // how many flow at a time
	bytes   int64        // of them
	from    []*keptRow   // where they stand
	arrived uint64
}

// flow lets the events of the scan flow, and returns the sink that has taken them.
func (s *eventScan) flow(ctx context.Context) (sink, error) {
	p := s.plan.rows
	s.groups = s.env.data.Groups()
	newest := p.newestFirst && !p.flow.ordered
	f := &eventFlow{
		eventScan: s, rows: newRowEvaluator(s.plan, s.groups), to: newFlowing(ctx, p, s.env), inOrder: p.byTime && newest == p.newestFirst,
		t: table{columns: p.columns}, size: fewRows,
	}
	var decided []*predicate
	decided, f.behind = decidedByMessage(s.plan.filter)
	for e, err := range s.env.data.Events(ctx, s.within, newest, s.filter(decided)) {
		if err == nil {
			err = f.take(ctx, &e, len(decided) > 0, newest)
		}
		if err != nil {
			return nil, err
		}
		if f.enough() {
			break
		}
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return f.to.to, f.pass(ctx)
}

// decidedByMessage parts filters into those that the message alone decides and the others.
func decidedByMessage(all []*predicate) (decided, others []*predicate) {
	for _, p := range all {
		if _, full := p.implied(); full {
			decided = append(decided, p)
		} else {
			others = append(others, p)
		}
	}
	return decided, others
}

// take adds the row of an event to those that flow next.
func (f *eventFlow) take(ctx context.Context, e *Event, looked, newest bool) error {
	r := f.rows
	r.start(e)
	matched := r.holdAll(f.behind)
	f.count(e, matched, looked)
	if !matched {
		return r.err
	}
	e.Message = strings.Clone(e.Message) // it may share memory with many others
	r.start(e)
	row := make([]value.Value, len(f.plan.rows.slots))
	for i, at := range f.plan.rows.slots {
		if at == placeSlot {
			row[i] = value.OfNumber(float64(len(f.t.rows)))
		} else {
			row[i] = r.slot(at)
		}
	}
	f.t.rows = append(f.t.rows, row)
	f.bytes += rowBytesOf(row)
	f.from = append(f.from, f.standing(e, newest))
	if r.err != nil {
		return r.err
	}
	if len(f.t.rows) < f.size && f.bytes < flowBytes {
		return ctx.Err()
	}
	return f.pass(ctx)
}

// standing is where an event stands. Of those of the same moment the order is the one in which they come.
func (f *eventFlow) standing(e *Event, newest bool) *keptRow {
	f.arrived++
	at := place{e.Timestamp, e.Ingestion, f.arrived}
	if newest {
		at.arrival = ^f.arrived
	}
	from := &keptRow{at: at}
	for _, key := range f.plan.rows.order {
		from.keys = append(from.keys, key.expr.run(f.rows.inputs(key.expr)))
	}
	return from
}

// fewRows is how many rows flow at first: they may be enough.
const fewRows = 16

// pass lets the rows flow that have been taken.
func (f *eventFlow) pass(ctx context.Context) error {
	if len(f.t.rows) == 0 {
		return nil
	}
	if f.to.first != nil {
		f.to.first.from = f.from
	}
	f.size = min(2*f.size, flowRows)
	t := f.t
	f.t.rows, f.from, f.bytes = make([][]value.Value, 0, len(t.rows)), nil, 0
	return f.to.pass(ctx, &t)
}

// enough says whether no event that follows can add to the first rows.
func (f *eventFlow) enough() bool {
	return f.inOrder && f.to.first != nil && len(f.to.first.step.keys) == 0 && f.to.first.full()
}
