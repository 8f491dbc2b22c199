package embedded

import (
	"cmp"
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/tollbook/tollbook/logs"
	"github.com/tollbook/tollbook/logs/columnar"
)

// Columns implements logs.Store.
func (s *Store) Columns(ctx context.Context, q logs.ScanQuery, visit func(worker int, b *logs.ColumnBlock) error) error {
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
			v := &columnVisit{snap: snap, visit: func(b *logs.ColumnBlock) error { return visit(worker, b) }}
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
	visit     func(b *logs.ColumnBlock) error
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
	selected := v.rows.Count()
	if selected == 0 {
		return nil
	}
	if err := narrow(block, v.snap.filter, &v.rows); err != nil || !v.rows.Any() {
		return err
	}
	return v.visit(&logs.ColumnBlock{Block: block, Rows: &v.rows, Selected: selected, Stream: streamsOf(parts)})
}

// streamsOf returns a function that finds the stream of a row of one of the parts.
func streamsOf(parts []*part) func(row int) logs.StreamID {
	sorted := slices.SortedFunc(slices.Values(parts), func(a, b *part) int { return cmp.Compare(a.row, b.row) })
	return func(row int) logs.StreamID {
		i, _ := slices.BinarySearchFunc(sorted, uint32(row)+1, func(p *part, row uint32) int { return cmp.Compare(p.row, row) })
		return sorted[i-1].stream
	}
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
