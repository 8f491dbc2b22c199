package embedded

import (
	"cmp"
	"context"
	"errors"
	"runtime"
	"slices"
	"sort"
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
	fresh     bool // the blocks are of a head
	rows      columnar.Bitmap
	positions columnar.Positions
}

// whole visits a block of which all rows are selected; pages are all of its pages.
func (v *columnVisit) whole(block *columnar.Block, pages []*page) error {
	v.rows.Reset()
	v.rows.SetRange(0, block.Len())
	if err := narrow(block, v.snap.filter, &v.rows); err != nil || !v.rows.Any() {
		return err
	}
	stream := func(row int) logs.StreamID {
		p := pages[sort.Search(len(pages)-1, func(i int) bool { return int(pages[i+1].parts[0].row) > row })]
		return p.parts[sort.Search(len(p.parts)-1, func(i int) bool { return int(p.parts[i+1].row) > row })].stream
	}
	return v.visit(&logs.ColumnBlock{Block: block, Rows: &v.rows, Selected: block.Len(), Stream: stream})
}

// wholePages returns the pages of a block of which all rows are selected, as can be told without looking at its parts; nil
// of another. What is set aside is not selected.
func (snap *snapshot) wholePages(at blockAt) (pages []*page, err error) {
	g, b := at.segment, &at.segment.blocks[at.index]
	if b.firstGroup != b.lastGroup || len(snap.streams) > 0 || !snap.hold(b.bounds()) || snap.harshest.fate(b.extent) != alive {
		return nil, nil
	}
	for j := b.fromPage; j < b.toPage; j++ {
		p, err := g.page(j)
		if errors.Is(err, errSetAside) {
			return nil, nil
		} else if err != nil {
			return nil, err
		}
		pages = append(pages, p)
	}
	return pages, nil
}

// block selects the rows of a block and visits it, if there are any. parts yields those that may hold selected events.
func (v *columnVisit) block(block *columnar.Block, parts []*part) error {
	v.rows.Reset()
	for _, p := range parts {
		if err := v.snap.selectRows(block, p, &v.rows, &v.positions); err != nil {
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
	return v.visit(&logs.ColumnBlock{Block: block, Rows: &v.rows, Selected: selected, Fresh: v.fresh, Stream: streamsOf(parts)})
}

// streamsOf returns a function that finds the stream of a row of one of the parts.
func streamsOf(parts []*part) func(row int) logs.StreamID {
	sorted := slices.SortedFunc(slices.Values(parts), func(a, b *part) int { return cmp.Compare(a.row, b.row) })
	return func(row int) logs.StreamID {
		i, _ := slices.BinarySearchFunc(sorted, uint32(row)+1, func(p *part, row uint32) int { return cmp.Compare(p.row, row) })
		return sorted[i-1].stream
	}
}

// selectRows adds the rows of a part that are selected, whatever the filter says. at is scratch.
func (snap *snapshot) selectRows(block *columnar.Block, p *part, rows *columnar.Bitmap, at *columnar.Positions) error {
	rule := snap.rule(p.stream)
	from, to := p.rows()
	if snap.hold(p.first, p.last) && rule.fate(p.extent()) == alive {
		rows.SetRange(from, to)
		return nil
	}
	at.Timestamps, at.Ingestions, at.Arrivals = at.Timestamps[:0], at.Ingestions[:0], at.Arrivals[:0]
	if err := block.Positions(from, to, at); err != nil {
		return err
	}
	for i := range at.Arrivals {
		if pos := position(at, i); snap.hold(pos, pos) && !rule.dead(pos) {
			rows.Set(from + i)
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
	v.fresh = false
	pages, err := c.snap.wholePages(c.at)
	if err != nil {
		return err
	}
	var parts []*part
	if pages == nil {
		if parts, err = c.snap.partsOf(c.at); err != nil || len(parts) == 0 {
			return err
		}
	}
	block, err := c.at.segment.block(c.at.index)
	if errors.Is(err, errSetAside) {
		return nil
	} else if err != nil {
		return err
	}
	defer c.at.segment.env.cache.measure(c.at.segment.blockKey(c.at.index))
	if pages != nil {
		err = v.whole(block, pages)
	} else {
		err = v.block(block, parts)
	}
	if errors.Is(err, columnar.ErrCorrupt) {
		return c.at.segment.failed(c.at.index, err)
	} else if err != nil {
		return err
	}
	return nil
}
