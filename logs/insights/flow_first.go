package insights

import (
	"cmp"
	"container/heap"
	"context"
	"slices"

	"github.com/tollbook/tollbook/logs/insights/syntax"
	"github.com/tollbook/tollbook/logs/insights/value"
)

// Where only so many of the rows are wanted that come out of a flow, as in unnest list into x | sort x | limit 10, no more
// than these are held. Rows flow in no order, so each must know where it comes from: among the columns of such a flow is one
// that no query can name, which numbers the rows that flow at the same time.

const (
	placeColumn = hidden + "place"
	placeSlot   = -1 // stands for a slot in scanRows.slots
)

// flowingRows is how many commands rows can flow through, by what they are.
func flowingRows(cmds []syntax.Command) int {
	for i, cmd := range cmds {
		switch cmd.(type) {
		case *syntax.Fields, *syntax.Filter, *syntax.FilterIndex, *syntax.Parse, *syntax.Unnest, *syntax.Unmask, *syntax.Lookup,
			*syntax.Outlier, *syntax.Sessionize:
			continue
		}
		return i
	}
	return len(cmds)
}

// flowsInto is how many of the rows that flow through the first commands are wanted, by what follows them: first a sort,
// if there is one. It is 0 if all are.
func flowsInto(cmds []syntax.Command, limit int) (first int, sorted bool) {
	n := flowingRows(cmds)
	if n == 0 {
		return 0, false
	}
	cmds = cmds[n:]
	if len(cmds) > 0 {
		if _, sorted = cmds[0].(*syntax.Sort); sorted {
			cmds = cmds[1:]
		}
	}
	if first = firstRows(cmds, limit); first == unlimited {
		return 0, sorted
	}
	return first, sorted
}

// takeFirst makes the sink of the first rows behind a flow, and takes the step away whose work it does.
func (r *scanRows) takeFirst(steps []step) (sinkStep, []step) {
	s := &firstRowsStep{plan: r, limit: r.first, place: slices.Index(r.columns, placeColumn)}
	if len(steps) > 0 {
		switch step := steps[0].(type) {
		case *sortStep:
			s.keys = step.keys
			return s, steps[1:]
		case *limitStep:
			return s, steps[1:]
		}
	}
	return s, steps
}

// firstRowsStep keeps the rows that come first: by its keys, and then in the order of the scan.
type firstRowsStep struct {
	plan  *scanRows
	keys  sortKeys
	limit int
	place int // of placeColumn
}

// run is not called: rows always flow here.
func (s *firstRowsStep) run(ctx context.Context, e *env, in *table) (*table, error) {
	return runSink(ctx, e, s, in)
}

func (s *firstRowsStep) newSink(_ context.Context, e *env) sink {
	return &firstRowsSink{step: s, memory: e.memory}
}

// flowedRow is a row that has come out of a flow.
type flowedRow struct {
	row   []value.Value
	keys  []value.Value
	from  *keptRow // where the event stands that it was made of
	index int      // among the rows of the same event
	bytes int64
}

// firstRowsSink is a firstRowsStep at work: a heap with the last row on top.
type firstRowsSink struct {
	step    *firstRowsStep
	memory  *budget
	columns []string
	rows    []flowedRow
	from    []*keptRow // of the rows that flow now, by their number
	index   int
}

func (k *firstRowsSink) Len() int           { return len(k.rows) }
func (k *firstRowsSink) Less(i, j int) bool { return k.step.compare(&k.rows[i], &k.rows[j]) > 0 }
func (k *firstRowsSink) Swap(i, j int)      { k.rows[i], k.rows[j] = k.rows[j], k.rows[i] }
func (k *firstRowsSink) Push(x any)         { k.rows = append(k.rows, x.(flowedRow)) }
func (k *firstRowsSink) Pop() any           { panic("BUG: the first rows are only replaced") }

func (s *firstRowsStep) compare(a, b *flowedRow) int {
	if order := s.keys.compare(a.keys, b.keys); order != 0 {
		return order
	}
	return cmp.Or(s.plan.compare(a.from, b.from), cmp.Compare(a.index, b.index))
}

// full says whether there are enough rows: others come in only for those that are last.
func (k *firstRowsSink) full() bool { return len(k.rows) >= k.step.limit }

// narrow leaves the selected rows of a block that may be among the first, as far as their time tells.
func (k *firstRowsSink) narrow(b *batch) (none bool, err error) {
	if !k.full() || len(k.step.keys) > 0 || !k.step.plan.byTime {
		return false, nil
	}
	times, err := b.timestamps()
	if err != nil {
		return false, err
	}
	rows := b.rows
	for _, row := range b.selected() {
		if k.step.plan.compareTime(times[row], k.rows[0].from) > 0 {
			rows.Clear(int(row))
		}
	}
	b.rows = rows
	b.changed()
	return b.count == 0, nil
}

// comeFrom tells where the rows stand that flow next.
func (k *firstRowsSink) comeFrom(b *batch, rows []int32) error {
	places, err := b.places()
	if err != nil {
		return err
	}
	k.from = k.from[:0]
	for _, row := range rows {
		k.from = append(k.from, &keptRow{at: placeOf(places, int(row))})
	}
	for _, key := range k.step.plan.order {
		v, err := b.eval(key.expr)
		if err != nil {
			return err
		}
		for i, row := range rows {
			x, err := v.at(int(row))
			if err != nil {
				return err
			}
			k.from[i].keys = append(k.from[i].keys, x)
		}
	}
	return nil
}

func (k *firstRowsSink) add(ctx context.Context, in *table) error {
	k.columns = in.columns
	return eachRow(ctx, in.rows, func(_ int, row []value.Value) error {
		number, _ := row[k.step.place].AsNumber()
		k.index++
		r := flowedRow{row: row, keys: k.step.keys.of(row), from: k.from[int(number)], index: k.index}
		if k.full() && k.step.compare(&r, &k.rows[0]) >= 0 {
			return nil
		}
		r.row = slices.Clone(row) // which shares memory with all that flowed at the same time
		r.bytes = keptRowBytes + 2*rowBytes + rowBytesOf(row) + int64(len(r.keys)+len(r.from.keys))*valueBytes
		return k.keep(r)
	})
}

func (k *firstRowsSink) keep(r flowedRow) error {
	if k.full() {
		k.memory.give(k.rows[0].bytes)
		k.rows[0] = r
		heap.Fix(k, 0)
	} else {
		heap.Push(k, r)
	}
	return k.memory.take(r.bytes)
}

func (k *firstRowsSink) merge(ctx context.Context, other sink) error {
	o := other.(*firstRowsSink)
	if k.columns == nil {
		k.columns = o.columns
	}
	for i := range o.rows {
		if i%checkRows == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		k.memory.give(o.rows[i].bytes)
		if k.full() && k.step.compare(&o.rows[i], &k.rows[0]) >= 0 {
			continue
		}
		if err := k.keep(o.rows[i]); err != nil {
			return err
		}
	}
	o.rows = nil
	return nil
}

func (k *firstRowsSink) table(ctx context.Context) (*table, error) {
	if err := sortUntil(ctx, k.rows, func(a, b flowedRow) int { return k.step.compare(&a, &b) }); err != nil {
		return nil, err
	}
	t := &table{columns: k.columns, rows: make([][]value.Value, len(k.rows))}
	if t.columns == nil {
		t.columns = k.step.plan.columns
	}
	for i := range k.rows {
		t.rows[i] = k.rows[i].row
	}
	return t, nil
}

// sortUntil sorts until ctx ends, with whose cause it returns.
func sortUntil[T any](ctx context.Context, all []T, compare func(a, b T) int) error {
	compared, stopped := 0, false
	slices.SortFunc(all, func(a, b T) int {
		if compared++; compared%checkRows == 0 {
			stopped = stopped || ctx.Err() != nil
		}
		if stopped {
			return 0
		}
		return compare(a, b)
	})
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}
