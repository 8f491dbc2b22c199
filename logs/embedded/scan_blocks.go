package embedded

import (
	"context"
	"errors"
	"sync"

	"github.com/tollbook/tollbook/logs"
	"github.com/tollbook/tollbook/logs/columnar"
)

// blockQueue makes cursors of the blocks of a scan, block by block as they are due. From the second block on, or from the
// first if there is a filter, it looks at blocks ahead of time, on as many goroutines as there are processors.
type blockQueue struct {
	snap    *snapshot
	blocks  []blockAt
	workers chan struct{} // shared by all scans of the store
	ahead   int           // how many blocks are looked at ahead of time
	ctx     context.Context
	cancel  context.CancelFunc
	started []chan preparedBlock // those looked at, from the first of blocks on
	running sync.WaitGroup
}

type preparedBlock struct {
	cursors []*cursor
	err     error
}

func newBlockQueue(ctx context.Context, s *Store, snap *snapshot) *blockQueue {
	q := &blockQueue{snap: snap, blocks: snap.blocks(), workers: s.workers}
	q.ctx, q.cancel = context.WithCancel(ctx)
	if snap.filter != nil {
		q.ahead = 2 * cap(s.workers)
	}
	return q
}

// due reports whether the next block's events may precede those that m has.
func (q *blockQueue) due(m *merger) bool {
	if len(q.blocks) == 0 {
		return false
	}
	if len(m.heap) == 0 {
		return true
	}
	order := q.blocks[0].key.Compare(m.heap[0].key)
	if m.descending {
		order = -order
	}
	return order <= 0
}

// take returns the cursors of the next block.
func (q *blockQueue) take() ([]*cursor, error) {
	for len(q.started) < min(q.ahead, len(q.blocks)) {
		q.start(q.blocks[len(q.started)])
	}
	next := q.blocks[0]
	q.blocks = q.blocks[1:]
	if len(q.started) == 0 {
		q.ahead = cap(q.workers) // who reads on needs more
		return q.prepare(next, false)
	}
	p := <-q.started[0]
	q.started = q.started[1:]
	return p.cursors, p.err
}

func (q *blockQueue) start(at blockAt) {
	result := make(chan preparedBlock, 1)
	q.started = append(q.started, result)
	q.running.Go(func() {
		select {
		case <-q.ctx.Done():
			result <- preparedBlock{err: q.ctx.Err()}
			return
		case q.workers <- struct{}{}:
		}
		defer func() { <-q.workers }()
		cursors, err := q.prepare(at, true)
		result <- preparedBlock{cursors, err}
	})
}

// close waits for the goroutines, which end soon, and gives up what they have found.
func (q *blockQueue) close() {
	q.cancel()
	q.running.Wait()
	for _, result := range q.started {
		for _, c := range (<-result).cursors {
			c.src.done()
		}
	}
}

// prepare makes the cursors of a block, and reads what they will need if warm is set.
func (q *blockQueue) prepare(at blockAt, warm bool) (cursors []*cursor, err error) {
	if err := q.ctx.Err(); err != nil {
		return nil, err
	}
	parts, err := q.snap.partsOf(at)
	if err != nil || len(parts) == 0 {
		return nil, err
	}
	block := &scannedBlock{segment: at.segment, index: at.index, users: 1}
	defer block.done()
	if q.snap.filter == nil && warm {
		block.warm(q.ctx, parts)
	} else if q.snap.filter != nil {
		if any, err := block.look(q.ctx, q.snap, parts); err != nil || !any {
			return nil, err
		}
	}
	for _, p := range parts {
		if block.wanted != nil && !block.wanted.AnyIn(p.rows()) {
			continue
		}
		c := newCursor(q.snap.selection, p.stream, q.snap.rule(p.stream), blockPart{block, p})
		if c != nil {
			block.users++
			cursors = append(cursors, c)
		}
	}
	return cursors, nil
}

// partsOf returns the parts of a block that may hold selected events.
func (snap *snapshot) partsOf(at blockAt) (selected []*part, err error) {
	for parts, err := range at.segment.parts(at.index, snap.group, snap.streams) {
		if err != nil {
			return nil, err
		}
		selectParts(parts, snap.streams, func(p *part) {
			if snap.overlap(p.first, p.last) && snap.rule(p.stream).fate(p.extent()) != dead {
				selected = append(selected, p)
			}
		})
	}
	return selected, nil
}

// scannedBlock is a block while a scan reads it. It is for one goroutine at a time.
type scannedBlock struct {
	segment *segment
	index   int
	block   *columnar.Block // nil until it is needed
	users   int

	wanted  *columnar.Bitmap // the rows that the filter may accept; nil: all
	checked int              // wanted rows before this one are accepted for sure

	positions columnar.Positions // scratch
	message   []byte             // scratch
}

func (b *scannedBlock) open() (_ *columnar.Block, err error) {
	if b.block == nil {
		b.block, err = b.segment.block(b.index)
	}
	return b.block, err
}

// done is called by each user; the last one has the cache look how large the block has become.
func (b *scannedBlock) done() {
	if b.users--; b.users == 0 && b.block != nil {
		b.measure()
	}
}

func (b *scannedBlock) measure() { b.segment.env.cache.measure(b.segment.blockKey(b.index)) }

// warm has the block load the columns of parts. Errors come again when the parts are read.
func (b *scannedBlock) warm(ctx context.Context, parts []*part) {
	block, err := b.open()
	for _, p := range parts {
		from, to := p.rows()
		for row := from; row < to && err == nil && ctx.Err() == nil; row = (row/columnar.ChunkRows + 1) * columnar.ChunkRows {
			b.positions = columnar.Positions{Timestamps: b.positions.Timestamps[:0], Ingestions: b.positions.Ingestions[:0], Arrivals: b.positions.Arrivals[:0]}
			if err = block.Positions(row, row+1, &b.positions); err == nil {
				b.message, err = block.AppendMessage(b.message[:0], row)
			}
		}
	}
}

// look finds the rows of the parts that the filter may accept.
func (b *scannedBlock) look(ctx context.Context, snap *snapshot, parts []*part) (any bool, err error) {
	block, err := b.open()
	if errors.Is(err, errSetAside) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	wanted := &columnar.Bitmap{}
	for _, p := range parts {
		if err := snap.selectRows(block, p, wanted, &b.positions); err != nil {
			return false, b.segment.failed(b.index, err)
		}
	}
	if err := tellBlock(block, snap.filter, wanted); err != nil {
		return false, b.segment.failed(b.index, err)
	}
	if err := narrow(block, snap.filter, wanted); err != nil {
		return false, b.segment.failed(b.index, err)
	}
	b.wanted = wanted
	if err := b.check(ctx, snap.filter); err != nil {
		return false, err
	}
	return wanted.Any(), nil
}

// tellBlock tells who counts of the rows that are selected, and clears them if it says that the filter accepts none.
func tellBlock(block *columnar.Block, f *logs.Filter, rows *columnar.Bitmap) error {
	if f.Block == nil || !rows.Any() {
		return nil
	}
	none, err := f.Block(block, rows.Count())
	if none {
		rows.Reset()
	}
	return err
}

// narrow clears the rows of which the filter's condition says that it accepts none.
func narrow(block *columnar.Block, f *logs.Filter, rows *columnar.Bitmap) error {
	if f == nil || f.Implied == nil || !rows.Any() {
		return nil
	}
	none, err := block.Excludes(f.Implied)
	if err != nil {
		return err
	}
	if none {
		rows.Reset()
		return nil
	}
	return block.Select(f.Implied, rows)
}

// check asks the filter about wanted rows, from the first on, until it has accepted enough for a while.
func (b *scannedBlock) check(ctx context.Context, f *logs.Filter) (err error) {
	accepted, asked := 0, 0
	for row := b.wanted.Next(0); row >= 0 && accepted < checkedAhead; row = b.wanted.Next(row + 1) {
		if asked++; asked%scanCheckEvents == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if b.message, err = b.block.AppendMessage(b.message[:0], row); err != nil {
			return b.segment.failed(b.index, err)
		}
		if f.Match(view(b.message)) {
			accepted++
		} else {
			b.wanted.Clear(row)
		}
		b.checked = row + 1
	}
	b.measure()
	return nil
}

// blockPart is a part as a cursor reads it. Its pieces are as columns are compressed.
type blockPart struct {
	*scannedBlock
	part *part
}

var _ eventList = blockPart{}

func (p blockPart) len() int {
	from, to := p.part.rows()
	return (to-1)/columnar.ChunkRows - from/columnar.ChunkRows + 1
}

// span knows no more than the part.
func (p blockPart) span(int) (first, last logs.Position) { return p.part.first, p.part.last }

// piece returns the rows of piece i.
func (p blockPart) piece(i int) (from, to int) {
	from, to = p.part.rows()
	start := (from/columnar.ChunkRows + i) * columnar.ChunkRows
	return max(from, start), min(to, start+columnar.ChunkRows)
}

func (p blockPart) rows(i int, buf []row) ([]row, error) {
	from, to := p.piece(i)
	if p.wanted != nil && !p.wanted.AnyIn(from, to) {
		return buf, nil
	}
	block, err := p.open()
	if errors.Is(err, errSetAside) {
		return buf, nil
	} else if err != nil {
		return buf, err
	}
	at := &p.positions
	at.Timestamps, at.Ingestions, at.Arrivals = at.Timestamps[:0], at.Ingestions[:0], at.Arrivals[:0]
	if err := block.Positions(from, to, at); err != nil {
		return buf, p.segment.failed(p.index, err)
	}
	for j := range at.Arrivals {
		if r := from + j; p.wanted == nil || p.wanted.Has(r) {
			buf = append(buf, row{position(at, j), 0, uint32(r)})
		}
	}
	return buf, nil
}

// position returns the position in place i.
func position(p *columnar.Positions, i int) logs.Position {
	return logs.Position{Timestamp: logs.Millis(p.Timestamps[i]), Ingestion: logs.Millis(p.Ingestions[i]), Arrival: p.Arrivals[i]}
}

func (p blockPart) message(r row, f *logs.Filter, a *arena) (message string, ok bool, err error) {
	buf, err := p.block.AppendMessage(a.buffer(), int(r.at))
	if err != nil {
		return "", false, p.segment.failed(p.index, err)
	}
	if f != nil && int(r.at) >= p.checked && !f.Match(view(buf)) {
		return "", false, nil
	}
	return a.take(buf), true, nil
}
