package embedded

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/tollbook/tollbook/logs"
	"github.com/tollbook/tollbook/logs/columnar"
)

// ColumnBlock is a block with selected events, for queries.
type ColumnBlock struct {
	Block *columnar.Block
	// Rows are the events that are of the query's group, streams, times and positions, are not deleted, and may satisfy
	// Filter.Implied. Whether Filter.Match accepts them has not been asked: who needs that exactly does it.
	Rows *columnar.Bitmap
}

// Columns calls visit once for each block that holds selected events, in no order, on several goroutines at the same
// time, each of which has a number: worker is below runtime.GOMAXPROCS(0). Events that are only in memory yet come in
// blocks like the others. b is valid during the call. Columns ends with the first error, of visit or its own; damage is
// reported as Scan does it, and that includes errors of the block's methods that visit returns.
func (s *Store) Columns(ctx context.Context, q logs.ScanQuery, visit func(worker int, b *ColumnBlock) error) error {
	snap, err := s.snapshot(&q)
	if err != nil {
		return err
	}
	defer snap.release()
	var work []columnWork
	for _, at := range snap.blocks() {
		work = append(work, segmentColumns{snap, at})
	}
	for i := range snap.heads {
		work = append(work, snap.headColumns(s, &snap.heads[i])...)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var running sync.WaitGroup
	for worker := range min(runtime.GOMAXPROCS(0), len(work)) {
		running.Go(func() {
			v := &columnVisit{snap: snap, visit: func(b *ColumnBlock) error { return visit(worker, b) }}
			for i := next.Add(1) - 1; i < int64(len(work)) && ctx.Err() == nil; i = next.Add(1) - 1 {
				if err := work[i].do(v); err != nil {
					cancel(err)
				}
			}
		})
	}
	running.Wait()
	return context.Cause(ctx)
}

// columnWork is a part of what Columns has to look at.
type columnWork interface{ do(v *columnVisit) error }

// columnVisit is what one goroutine of Columns works with.
type columnVisit struct {
	snap      *snapshot
	visit     func(b *ColumnBlock) error
	rows      columnar.Bitmap
	positions columnar.Positions
}

// block selects the rows of a block and visits it, if there are any. parts yields those that may hold selected events.
func (v *columnVisit) block(block *columnar.Block, parts []*part) error {
	v.rows.Reset()
	for _, p := range parts {
		if err := v.selectRows(block, p); err != nil {
			return err
		}
	}
	if !v.rows.Any() {
		return nil
	}
	if err := narrow(block, v.snap.filter, &v.rows); err != nil || !v.rows.Any() {
		return err
	}
	return v.visit(&ColumnBlock{block, &v.rows})
}

func (v *columnVisit) selectRows(block *columnar.Block, p *part) error {
	rule := v.snap.rule(p.stream)
	from, to := p.rows()
	if v.snap.hold(p.first, p.last) && rule.fate(p.extent()) == alive {
		v.rows.SetRange(from, to)
		return nil
	}
	at := &v.positions
	at.Timestamps, at.Ingestions, at.Arrivals = at.Timestamps[:0], at.Ingestions[:0], at.Arrivals[:0]
	if err := block.Positions(from, to, at); err != nil {
		return err
	}
	for i := range at.Arrivals {
		if pos := position(at, i); v.snap.hold(pos, pos) && !rule.dead(pos) {
			v.rows.Set(from + i)
		}
	}
	return nil
}

// segmentColumns is a block of a segment.
type segmentColumns struct {
	snap *snapshot
	at   blockAt
}

func (c segmentColumns) do(v *columnVisit) error {
	parts, err := c.snap.partsOf(c.at)
	if err != nil || len(parts) == 0 {
		return err
	}
	block, err := c.at.segment.block(c.at.index)
	if errors.Is(err, errSetAside) {
		return nil
	} else if err != nil {
		return err
	}
	defer c.at.segment.env.cache.measure(c.at.segment.blockKey(c.at.index))
	if err := v.block(block, parts); errors.Is(err, columnar.ErrCorrupt) {
		return c.at.segment.failed(c.at.index, err)
	} else if err != nil {
		return err
	}
	return nil
}
