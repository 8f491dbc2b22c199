package insights

import (
	"context"
	"errors"
	"iter"
	"runtime"
	"sync"

	"github.com/tollbook/tollbook/logs/columnar"
)

// scan is a running scan: over blocks, on several goroutines.
type scan struct {
	plan    *scanPlan
	env     *env
	within  TimeRange
	workers []scanWorker
}

// scanWorker is what one goroutine of a scan has found.
type scanWorker struct {
	mu     sync.Mutex // held while a block is worked on
	batch  *batch
	counts Statistics
	stats  *groupedStats
	rows   *keptRows
	flow   *flowing
	held   int64 // bytes that the memory budget knows of

	by, args []*vector // scratch
}

// placesOf returns positions of all rows of a block; nil where they do not matter.
type placesOf func() (*columnar.Positions, error)

func newScan(ctx context.Context, p *scanPlan, e *env, within TimeRange) *scan {
	s := &scan{plan: p, env: e, within: within, workers: make([]scanWorker, runtime.GOMAXPROCS(0))}
	names := e.data.Groups()
	for i := range s.workers {
		w := &s.workers[i]
		w.batch = newBatch(ctx, p, e.memory, names)
		if p.stats != nil {
			w.stats = newGroupedStats(ctx, p.stats.statsShape)
		} else if p.rows.flow != nil {
			w.flow = newFlowing(ctx, p.rows, e)
		} else {
			w.rows = newKeptRows(ctx, p.rows, e.memory, i)
		}
	}
	return s
}

// read goes through all blocks.
func (s *scan) read(ctx context.Context) error {
	return s.env.data.Blocks(ctx, s.within, func(worker int, b *Block) error {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		w := &s.workers[worker]
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.block(s, b)
	})
}

// block takes what is wanted out of a block.
func (w *scanWorker) block(s *scan, b *Block) error {
	excluded, err := excludedByAny(s.plan.filter, b.Block)
	if err != nil {
		return err
	}
	w.counts.look(b.Block, b.Rows.Count(), excluded && !b.Fresh)
	if excluded {
		return nil
	}
	if !s.plan.bulky {
		return w.rowsOf(s, b)
	}
	for part := range b.parts(max(1, min(bulkyRows, bulkyBytes/b.rowBytes()))) {
		if err := w.rowsOf(s, part); err != nil {
			return err
		}
	}
	return nil
}

// excludedByAny says whether surely no row of a block passes all filters, without reading columns.
func excludedByAny(filters []*predicate, b *columnar.Block) (bool, error) {
	for _, p := range filters {
		if excluded, err := p.excluded(b); excluded || err != nil {
			return excluded, err
		}
	}
	return false, nil
}

// look counts rows of a block, as those that are looked at or as skipped.
func (s *Statistics) look(b *columnar.Block, rows int, skipped bool) {
	bytes := b.MessageBytes() * int64(rows) / int64(b.Len()) // of a block in part about
	if skipped {
		s.RecordsSkipped += int64(rows)
		s.BytesSkipped += bytes
	} else {
		s.RecordsScanned += int64(rows)
		s.BytesScanned += bytes
	}
}

// bulkyRows is how many rows of a block, and bulkyBytes how many bytes of messages, are worked on at a time if a value of
// one can be as large as its message, or larger.
const (
	bulkyRows  = 1024
	bulkyBytes = 256 << 10
)

// parts are a block's rows, some at a time.
func (b *Block) parts(rows int) iter.Seq[*Block] {
	return func(yield func(*Block) bool) {
		for row := b.Rows.Next(0); row >= 0; {
			var some columnar.Bitmap
			for n := 0; n < rows && row >= 0; n++ {
				some.Set(row)
				row = b.Rows.Next(row + 1)
			}
			part := *b
			part.Rows = &some
			if !yield(&part) {
				return
			}
		}
	}
}

// rowsOf takes what is wanted out of rows of a block.
func (w *scanWorker) rowsOf(s *scan, b *Block) error {
	w.batch.start(b)
	for _, p := range s.plan.filter {
		if err := w.batch.filter(p); err != nil {
			return err
		}
		if w.batch.count == 0 {
			return nil
		}
	}
	w.counts.RecordsMatched += int64(w.batch.count)
	if w.flow != nil {
		return w.flow.add(w.batch)
	}
	if w.rows != nil {
		return w.rows.add(w.batch)
	}
	if err := w.aggregate(s.plan.stats); err != nil {
		return err
	}
	return w.account(s.env.memory)
}

// aggregate adds the selected rows to the stats.
func (w *scanWorker) aggregate(p *scanStats) (err error) {
	if done, err := w.count(p); done || err != nil {
		return err
	}
	b := w.batch
	if w.by, err = b.evalAll(w.by[:0], p.keys); err != nil {
		return err
	}
	if w.args, err = b.evalAll(w.args[:0], p.vals); err != nil {
		return err
	}
	places := func() (*columnar.Positions, error) { return nil, nil }
	if p.timed {
		places = b.places
	}
	return w.stats.add(b.selected(), w.by, w.args, places)
}

func (b *batch) evalAll(dst []*vector, exprs []*scanExpr) ([]*vector, error) {
	for _, x := range exprs {
		v, err := b.eval(x)
		if err != nil {
			return dst, err
		}
		dst = append(dst, v)
	}
	return dst, nil
}

// account tells the budget by how much the stats have grown. Their merged form is about as large again.
func (w *scanWorker) account(memory *budget) error {
	held := w.stats.held()
	grown := held - w.held
	w.held = held
	return memory.take(grown)
}

// result merges what the workers have found. It is called once, at the end.
func (s *scan) result(ctx context.Context) (*table, error) {
	switch {
	case s.plan.stats != nil:
		return s.mergeStats(ctx)
	case s.plan.rows.flow == nil:
		return s.mergeRows(ctx)
	}
	sum, err := s.mergeFlow(ctx)
	if err != nil {
		return nil, err
	}
	return sum.table(ctx)
}

func (s *scan) mergeStats(ctx context.Context) (*table, error) {
	sum := s.workers[0].stats
	held := s.workers[0].held
	for i := range s.workers[1:] {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		w := &s.workers[1+i]
		sum.merge(ctx, w.stats)
		w.stats = nil
		s.env.memory.give(w.held)
		now := sum.held()
		if err := s.env.memory.take(now - held); err != nil {
			return nil, err
		}
		held = now
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	t, err := sum.table(ctx, s.env.memory)
	s.env.memory.give(held)
	return t, err
}

// statistics are what the workers have counted so far.
func (s *scan) statistics() (sum Statistics) {
	for i := range s.workers {
		w := &s.workers[i]
		w.mu.Lock()
		sum.add(&w.counts)
		w.mu.Unlock()
	}
	sum.LogGroups = len(s.env.data.Groups())
	return sum
}

// errPartial says that there is too much for a partial result.
var errPartial = errors.New("too much for a partial result")

// maxPartialBytes bounds what a partial result costs: what each worker has found for it.
const maxPartialBytes = 2 << 20

// partialStats merges what the workers have found so far into a copy.
func (s *scan) partialStats(ctx context.Context) (*table, error) {
	sum := newGroupedStats(ctx, s.plan.stats.statsShape)
	for i := range s.workers {
		w := &s.workers[i]
		w.mu.Lock()
		small := w.stats != nil && w.held <= maxPartialBytes
		if small {
			sum.merge(ctx, w.stats)
		}
		w.mu.Unlock()
		if !small {
			return nil, errPartial
		}
	}
	return sum.table(ctx, nil)
}
