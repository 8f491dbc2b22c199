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

// flow is the steps that rows of a scan flow through.
type flow struct {
	steps []step
	sink  sinkStep
}

// takeFlow takes the steps away that rows can flow through. Rows that a limit cuts cannot.
func (r *scanRows) takeFlow(steps []step) []step {
	if r.keep > 0 || len(r.dedup) > 0 {
		return steps
	}
	n := 0
	for n < len(steps) {
		if _, ok := steps[n].(rowStep); !ok {
			break
		}
		n++
	}
	if n == len(steps) {
		return steps
	}
	if s, ok := steps[n].(sinkStep); ok {
		r.flow = &flow{steps: steps[:n], sink: s}
		return steps[n+1:]
	}
	return steps
}

// flowing is a flow at work. It is for one goroutine.
type flowing struct {
	*flow
	env  *env
	to   sink
	cols []*vector // scratch
}

func newFlowing(ctx context.Context, f *flow, e *env) *flowing {
	return &flowing{flow: f, env: e, to: f.sink.newSink(ctx, e)}
}

// flowRows is how many rows flow at a time.
const flowRows = 1024

// add lets the selected rows of a block flow.
func (f *flowing) add(b *batch, p *scanRows) error {
	f.cols = f.cols[:0]
	for _, at := range p.slots {
		v, err := b.vector(at)
		if err != nil {
			return err
		}
		f.cols = append(f.cols, v)
	}
	for rows := range slices.Chunk(b.selected(), flowRows) {
		if b.ctx.Err() != nil {
			return context.Cause(b.ctx)
		}
		t, err := tableOf(p.columns, f.cols, rows)
		if err == nil {
			err = f.pass(b.ctx, t)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func tableOf(columns []string, of []*vector, rows []int32) (*table, error) {
	t := &table{columns: columns, rows: make([][]value.Value, len(rows))}
	values := make([]value.Value, len(rows)*len(of))
	for i, row := range rows {
		t.rows[i], values = values[:len(of):len(of)], values[len(of):]
		for k, v := range of {
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
	case *syntax.Fields, *syntax.Parse, *syntax.Unmask, *syntax.Accum, *syntax.AutoRegress, *syntax.FillDown:
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
		case *syntax.Fields, *syntax.Filter, *syntax.FilterIndex, *syntax.Parse, *syntax.Unnest, *syntax.Unmask, *syntax.Limit, *syntax.Sort, *syntax.Dedup:
			continue
		case *syntax.Stats, *syntax.Pattern, *syntax.Diff:
			return true
		}
		return false
	}
	return false
}
