package insights

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/tollbook/tollbook/logs/columnar"
	"github.com/tollbook/tollbook/logs/insights/value"
)

// eventScan is a running scan that goes through events in order until it has enough.
type eventScan struct {
	plan   *scanPlan
	env    *env
	within TimeRange
	groups []string

	mu     sync.Mutex
	counts Statistics // guarded by mu
	found  table
}

// partialEvery is how often partial results are shown.
const partialEvery = 200 * time.Millisecond

func (s *eventScan) run(ctx context.Context, show func(*table, Statistics)) (*table, error) {
	p := s.plan.rows
	if p.flow != nil {
		sum, err := s.flow(ctx)
		if err != nil {
			return nil, err
		}
		return sum.table(ctx)
	}
	s.groups, s.found.columns = s.env.data.Groups(), p.columns
	filter := s.filter(s.plan.filter)
	rows := newRowEvaluator(s.plan, s.groups)
	shown := time.Now()
	for e, err := range s.env.data.Events(ctx, s.within, p.newestFirst, filter) {
		if err == nil {
			err = s.take(rows, &e, filter != nil)
		}
		if err != nil {
			return nil, err
		}
		if len(s.found.rows) == p.keep {
			break
		}
		if show != nil && time.Since(shown) > partialEvery {
			show(&s.found, s.statistics())
			shown = time.Now()
		}
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return &s.found, nil
}

// take makes a row of an event.
func (s *eventScan) take(r *rowEvaluator, e *Event, looked bool) error {
	s.count(e, true, looked)
	e.Message = strings.Clone(e.Message) // it may share memory with many others
	r.start(e)
	row := make([]value.Value, len(s.plan.rows.slots))
	for i, at := range s.plan.rows.slots {
		row[i] = r.slot(at)
	}
	s.found.rows = append(s.found.rows, row)
	if r.err != nil {
		return r.err
	}
	return s.env.memory.take(rowBytes + rowBytesOf(row))
}

// count counts an event that has come; looked says that it is counted among those that were looked at.
func (s *eventScan) count(e *Event, matched, looked bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if matched {
		s.counts.RecordsMatched++
	}
	if !looked {
		s.counts.RecordsScanned++
		s.counts.BytesScanned += int64(len(e.Message))
	}
}

// filter makes a filter of predicates that messages decide; nil if there are none. It counts by the rules by which a scan
// of blocks counts.
func (s *eventScan) filter(all []*predicate) *EventFilter {
	if len(all) == 0 {
		return nil
	}
	evaluators := sync.Pool{New: func() any { return newRowEvaluator(s.plan, s.groups) }}
	f := &EventFilter{Match: func(message string) bool {
		r := evaluators.Get().(*rowEvaluator)
		defer evaluators.Put(r)
		r.start(&Event{Message: message})
		return r.holdAll(all)
	}}
	f.Implied, _ = impliedByAll(all)
	f.Block = func(b *columnar.Block, selected int) (bool, error) {
		excluded, err := excludedByAny(all, b)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.counts.look(b, selected, excluded)
		return excluded, err
	}
	f.Loose = func(messages int, bytes int64) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.counts.RecordsScanned += int64(messages)
		s.counts.BytesScanned += bytes
	}
	return f
}

func (s *eventScan) statistics() Statistics {
	s.mu.Lock()
	defer s.mu.Unlock()
	sum := s.counts
	sum.LogGroups = len(s.groups)
	return sum
}

// rowEvaluator computes slots of one event after the other. It is for one goroutine.
type rowEvaluator struct {
	plan   *scanPlan
	groups []string
	event  *Event
	err    error

	values []value.Value // of slots
	known  []bool
	picked bool
	fields []value.Value
	picker *picker
	parses []parsed
	rows   [][]value.Value // of expressions
}

func newRowEvaluator(p *scanPlan, groups []string) *rowEvaluator {
	return &rowEvaluator{
		plan: p, groups: groups, values: make([]value.Value, len(p.slots)), known: make([]bool, len(p.slots)),
		fields: make([]value.Value, len(p.fields)), picker: newPicker(p.fields), parses: make([]parsed, p.parses),
		rows: make([][]value.Value, p.exprs),
	}
}

// start begins with an event. A predicate on its message alone needs no more of it than that.
func (r *rowEvaluator) start(e *Event) {
	r.event, r.picked, r.err = e, false, nil
	clear(r.known)
	for i := range r.parses {
		r.parses[i].done = false
	}
}

func (r *rowEvaluator) holdAll(all []*predicate) bool {
	for _, p := range all {
		if !r.holds(p) {
			return false
		}
	}
	return true
}

func (r *rowEvaluator) holds(p *predicate) bool {
	switch p.op {
	case predicateAnd:
		return r.holdAll(p.parts)
	case predicateOr:
		for _, part := range p.parts {
			if r.holds(part) {
				return true
			}
		}
		return false
	}
	return p.holds(r.inputs(p.expr))
}

// inputs are the values that an expression reads.
func (r *rowEvaluator) inputs(x *scanExpr) []value.Value {
	row := r.rows[x.number][:0]
	for _, at := range x.refs {
		row = append(row, r.slot(at))
	}
	r.rows[x.number] = row
	return row
}

// slot is the value of a slot. It may share memory with the message.
func (r *rowEvaluator) slot(at int) value.Value {
	if !r.known[at] {
		r.values[at], r.known[at] = r.compute(&r.plan.slots[at]), true
	}
	return r.values[at]
}

func (r *rowEvaluator) compute(s *slot) value.Value {
	switch s.kind {
	case slotField:
		if !r.picked {
			r.picker.pick([]byte(r.event.Message), r.fields)
			r.picked = true
		}
		return r.fields[s.field]
	case slotMessage:
		return value.OfText(r.event.Message)
	case slotTimestamp:
		return value.OfTime(r.event.Timestamp)
	case slotIngestion:
		return value.OfTime(r.event.Ingestion)
	case slotStream:
		return r.text(r.event.Stream)
	case slotPointer:
		return r.text(r.event.Pointer)
	case slotLog:
		return value.OfText(r.groups[r.event.Group])
	case slotAccount:
		return value.OfText(accountOf(r.groups[r.event.Group]))
	case slotRegion:
		return regionOf(s)
	case slotLambda:
		return lambdaField(r.event.Message, s.path)
	case slotComputed:
		return s.expr.run(r.inputs(s.expr))
	case slotCapture:
		return r.capture(s)
	}
	return value.Value{}
}

func (r *rowEvaluator) text(of func() (string, error)) value.Value {
	text, err := of()
	if err != nil && r.err == nil {
		r.err = err
	}
	return value.OfText(text)
}

func (r *rowEvaluator) capture(s *slot) value.Value {
	p := &r.parses[s.parse.number]
	if p.matcher == nil {
		p.matcher, p.captures = newCapturer(s.parse), make([][]value.Value, len(s.parse.names))
	}
	if !p.done {
		p.one, p.done = p.ofValue(s.parse.from.run(r.inputs(s.parse.from))), true
	}
	return p.one[s.capture]
}
