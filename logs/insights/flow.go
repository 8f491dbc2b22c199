package insights

import (
	"context"
	"slices"

	"github.com/tollbook/tollbook/logs/insights/syntax"
	"github.com/tollbook/tollbook/logs/insights/value"
)

// Rows that a scan finds need not all be there at once if what takes them works without their order: they then flow, some
// at a time, through the steps that look at one row only, into a sink. Each goroutine of the scan has one; they are merged
// at the end.

// rowStep is a step that makes of each row what it does whatever the other rows are.
type rowStep interface {
	step
	eachAlone()
}

func (*fieldsStep) eachAlone() {}
func (*filterStep) eachAlone() {}
func (*parseStep) eachAlone()  {}
func (*unnestStep) eachAlone() {}

// sinkStep is a step that can take its rows in any order, and in parts.
type sinkStep interface {
	step
	// newSink makes a sink for rows; its work ends when ctx does.
	newSink(ctx context.Context, e *env) sink
}

// sink takes rows. It is for one goroutine.
type sink interface {
	// add takes rows; it does not keep the table.
	add(ctx context.Context, rows *table) error
	// merge adds what another sink of the same step has taken, which must not be used any more.
	merge(ctx context.Context, other sink) error
	// table makes the rows behind the step.
	table(ctx context.Context) (*table, error)
}

// runSink is the run of a sinkStep whose rows are all there.
func runSink(ctx context.Context, e *env, s sinkStep, in *table) (*table, error) {
	to := s.newSink(ctx, e)
	if err := to.add(ctx, in); err != nil {
		return nil, err
	}
	return to.table(ctx)
}

// preparedStep is a rowStep once it knows what all rows say together: they flow through the scan once for that, and then
// again.
type preparedStep interface {
	step
	// summary takes all rows that come to the step.
	summary() sinkStep
	// prepared is the step that knows what a sink of summary has taken.
	prepared(all sink) step
}

// orderedStep is a step that makes of each row what it does whatever follows, if rows come oldest first.
type orderedStep interface {
	step
	// begin makes the step of one run, for one goroutine, to which rows come in parts. What it holds counts in e's memory.
	begin(e *env) step
}

// flow is the steps that rows of a scan flow through.
type flow struct {
	steps []step
	sink  sinkStep
	// ordered says that rows must come oldest first, on one goroutine.
	ordered bool
}

// flows says whether rows can flow through a step.
func flows(s step) bool {
	switch s.(type) {
	case rowStep, preparedStep, orderedStep:
		return true
	}
	return false
}

// takeFlow takes the steps away that rows can flow through, and what takes them behind: a sink, or the first rows behind a
// sort or without one. Rows that a limit or a dedup cuts do not flow.
func (r *scanRows) takeFlow(steps []step) []step {
	if r.keep > 0 || len(r.dedup) > 0 {
		return steps
	}
	n := 0
	for n < len(steps) && flows(steps[n]) {
		n++
	}
	f := &flow{steps: steps[:n], ordered: slices.ContainsFunc(steps[:n], isOrdered)}
	rest := steps[n:]
	if len(rest) > 0 {
		if s, ok := rest[0].(sinkStep); ok {
			f.sink, r.flow = s, f
			return rest[1:]
		}
	}
	if r.first == 0 || n == 0 {
		return steps
	}
	f.sink, rest = r.takeFirst(rest)
	r.flow = f
	return rest
}

func isOrdered(s step) bool {
	_, ok := s.(orderedStep)
	return ok
}

// start makes the steps of one run.
func (f *flow) start(e *env) []step {
	steps := slices.Clone(f.steps)
	for i, s := range steps {
		if o, ok := s.(orderedStep); ok {
			steps[i] = o.begin(e)
		}
	}
	return steps
}

// flowing is a flow at work. It is for one goroutine.
type flowing struct {
	steps []step
	plan  *scanRows
	env   *env
	to    sink
	first *firstRowsSink // to, if it is one: it wants to know where rows come from
	cols  []*vector      // scratch
}

func newFlowing(ctx context.Context, plan *scanRows, e *env) *flowing {
	f := &flowing{steps: plan.flow.start(e), plan: plan, env: e, to: plan.flow.sink.newSink(ctx, e)}
	f.first, _ = f.to.(*firstRowsSink)
	return f
}

// flowRows is how many rows flow at a time, and flowBytes about how many bytes they may have.
const (
	flowRows  = 1024
	flowBytes = 1 << 20
)

// add lets the selected rows of a block flow.
func (f *flowing) add(b *batch) error {
	if f.first != nil {
		if none, err := f.first.narrow(b); none || err != nil {
			return err
		}
	}
	f.cols = f.cols[:0]
	for _, at := range f.plan.slots {
		if at == placeSlot {
			f.cols = append(f.cols, nil)
			continue
		}
		v, err := b.vector(at)
		if err != nil {
			return err
		}
		f.cols = append(f.cols, v)
	}
	for rows := range slices.Chunk(b.selected(), max(1, min(flowRows, flowBytes/b.block.rowBytes()))) {
		if b.ctx.Err() != nil {
			return context.Cause(b.ctx)
		}
		if err := f.addRows(b, rows); err != nil {
			return err
		}
	}
	return nil
}

func (f *flowing) addRows(b *batch, rows []int32) error {
	if f.first != nil {
		if err := f.first.comeFrom(b, rows); err != nil {
			return err
		}
	}
	t, err := tableOf(f.plan.columns, f.cols, rows)
	if err != nil {
		return err
	}
	return f.pass(b.ctx, t)
}

// tableOf makes rows of vectors. A column without one gets the number of the row.
func tableOf(columns []string, of []*vector, rows []int32) (*table, error) {
	t := &table{columns: columns, rows: make([][]value.Value, len(rows))}
	values := make([]value.Value, len(rows)*len(of))
	for i, row := range rows {
		t.rows[i], values = values[:len(of):len(of)], values[len(of):]
		for k, v := range of {
			if v == nil {
				t.rows[i][k] = value.OfNumber(float64(i))
				continue
			}
			var err error
			if t.rows[i][k], err = v.at(int(row)); err != nil {
				return nil, err
			}
		}
	}
	return t, nil
}

// pass takes rows through the steps. What they use is given back with the rows.
func (f *flowing) pass(ctx context.Context, t *table) error {
	passing := *f.env
	if f.env.memory != nil {
		passing.memory = newBudget(f.env.memory.limit)
	}
	for _, s := range f.steps {
		var err error
		if t, err = s.run(ctx, &passing, t); err != nil {
			return err
		}
	}
	return f.to.add(ctx, t)
}

// byEvents says whether the scan goes through events, one after the other.
func (p *scanPlan) byEvents() bool {
	return p.rows != nil && (p.rows.streamed || p.rows.flow != nil && p.rows.flow.ordered)
}

// flowAgain runs the scan of rows that flow on another time range, with another end.
func (r *running) flowAgain(ctx context.Context, within TimeRange, into sinkStep) (sink, error) {
	p, err := r.prepared(ctx, within)
	if err != nil {
		return nil, err
	}
	return r.flowInto(ctx, within, p.rows.flow.steps, into)
}

// flowInto runs the scan with rows that flow through steps into a sink.
func (r *running) flowInto(ctx context.Context, within TimeRange, steps []step, into sinkStep) (sink, error) {
	p := r.plan.scan.flowing(&flow{steps: steps, sink: into, ordered: slices.ContainsFunc(steps, isOrdered)})
	if p.rows.streamed = false; p.byEvents() {
		return (&eventScan{plan: p, env: r.env, within: within}).flow(ctx)
	}
	s := newScan(ctx, p, r.env, within)
	if err := s.read(ctx); err != nil {
		return nil, err
	}
	return s.mergeFlow(ctx)
}

// flowing is the scan with another flow.
func (p *scanPlan) flowing(f *flow) *scanPlan {
	other, rows := *p, *p.rows
	rows.flow, other.rows = f, &rows
	return &other
}

// prepared is the scan for a time range, in which preparedSteps know what all rows say.
func (r *running) prepared(ctx context.Context, within TimeRange) (*scanPlan, error) {
	p := &r.plan.scan
	if p.rows == nil || p.rows.flow == nil {
		return p, nil
	}
	f := *p.rows.flow
	f.steps = slices.Clone(f.steps)
	for i, s := range f.steps {
		unprepared, ok := s.(preparedStep)
		if !ok {
			continue
		}
		all, err := r.flowInto(ctx, within, f.steps[:i], unprepared.summary())
		if err != nil {
			return nil, err
		}
		f.steps[i] = unprepared.prepared(all)
	}
	return p.flowing(&f), nil
}

// mergeFlow merges what the workers' sinks have taken into the first.
func (s *scan) mergeFlow(ctx context.Context) (sink, error) {
	sum := s.workers[0].flow.to
	for i := range s.workers[1:] {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if err := sum.merge(ctx, s.workers[1+i].flow.to); err != nil {
			return nil, err
		}
	}
	return sum, nil
}

// flowsOn says whether a command makes a row of each row, for which it looks at those before it at the most: so that of its
// first rows there are as many as of those before it.
func flowsOn(cmd syntax.Command) bool {
	switch cmd.(type) {
	case *syntax.Fields, *syntax.Parse, *syntax.Unmask, *syntax.Lookup, *syntax.Accum, *syntax.AutoRegress, *syntax.FillDown:
		return true
	}
	return false
}

// firstRows is how many of the scan's rows are enough for the commands behind it; 0: all of them.
func firstRows(rest []syntax.Command, limit int) int {
	for _, cmd := range rest {
		if l, ok := cmd.(*syntax.Limit); ok && !l.Tail {
			return min(int(l.N), limit)
		}
		if !flowsOn(cmd) {
			return 0
		}
	}
	return limit
}

// lastRows is how many of the last of the scan's rows a tail right behind it keeps; 0 without one.
func lastRows(rest []syntax.Command) int {
	if len(rest) > 0 {
		if l, ok := rest[0].(*syntax.Limit); ok && l.Tail {
			return int(l.N)
		}
	}
	return 0
}

func reverseRows(_ context.Context, _ *env, in *table) (*table, error) {
	slices.Reverse(in.rows)
	return in, nil
}

// readsNamed says whether commands read no other columns of the scan's rows than those that they name, and make other rows
// of them.
func readsNamed(cmds []syntax.Command) bool {
	for _, cmd := range cmds {
		switch cmd.(type) {
		case *syntax.Fields, *syntax.Filter, *syntax.FilterIndex, *syntax.Parse, *syntax.Unnest, *syntax.Unmask, *syntax.Lookup,
			*syntax.Limit, *syntax.Sort, *syntax.Dedup:
			continue
		case *syntax.Stats, *syntax.Pattern, *syntax.Diff, *syntax.RelevantFields:
			return true
		}
		return false
	}
	return false
}
