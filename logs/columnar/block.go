package columnar

import (
	"io"
	"slices"
	"sync"
	"sync/atomic"
)

// Block reads a block. It loads columns when they are needed and keeps them. It is safe for concurrent use.
type Block struct {
	src          io.ReaderAt
	size         int64
	rows         int
	messageBytes int64
	dataAt       int64

	timestamps numbers
	arrivals   numbers
	ingestions ingestionColumn
	shapes     []*blockShape
	shapeOf    *numbers // 0: no shape; nil if all rows are of one shape, or none has one
	texts      *textColumn
	textRows   int

	header     int64 // bytes that it holds from the begin
	held       atomic.Int64
	askedTimes atomic.Bool // timestamps were asked for by themselves
	mu         sync.Mutex  // held while something is loaded
	location   atomic.Pointer[locations]
}

// ingestionColumn is a number a row, or a number a run of arrivals.
type ingestionColumn struct {
	numbers numbers // of rows, or of runs
	runs    int     // zero: of rows
	firsts  numbers // arrivals at which runs begin
	byRun   atomic.Pointer[runTable]
}

// runTable is the loaded runs; arrivals ascend.
type runTable struct {
	arrivals []uint64
	times    []int64
}

// blockShape is a shape and the columns of its slots.
type blockShape struct {
	shape
	block   *Block
	number  int // from 1, as in shapeOf
	rows    int
	columns []column
	asked   []atomic.Bool                    // columns that were asked for by themselves
	ready   [MaxRows / ChunkRows]atomic.Bool // chunks of which all columns are loaded
	paths   func() [][]string                // of the slots of a JSON shape
	names   func() map[string]int            // as plainNames
}

// locations say for each row where it is, of blocks with more than one shape.
type locations struct {
	shapeOf []uint8
	ranks   []uint16   // among the rows of the same shape
	rows    [][]uint16 // of each shape, by rank; 0 is the rows without one
}

// Len is the number of rows.
func (b *Block) Len() int { return b.rows }

// MessageBytes is the length of all messages together.
func (b *Block) MessageBytes() int64 { return b.messageBytes }

// Held is about the bytes of memory that the block holds now. It grows as columns are loaded, and does not shrink.
func (b *Block) Held() int64 { return b.held.Load() }

// Verify reads the whole block once and compares all checksums. It keeps nothing.
func (b *Block) Verify() error {
	at := b.dataAt
	check := func(sections []section) error {
		for _, s := range sections {
			if _, err := b.readOne(s); err != nil {
				return err
			}
			at += int64(s.size)
		}
		return nil
	}
	for _, sections := range b.allSections() {
		if err := check(sections); err != nil {
			return err
		}
	}
	if at != b.size {
		return corruptf("%d bytes of data, not %d", b.size-b.dataAt, at-b.dataAt)
	}
	return nil
}

func (b *Block) allSections() [][]section {
	all := [][]section{b.timestamps.chunks, b.arrivals.chunks, b.ingestions.firsts.chunks, b.ingestions.numbers.chunks}
	if b.shapeOf != nil {
		all = append(all, b.shapeOf.chunks)
	}
	for _, s := range b.shapes {
		for _, c := range s.columns {
			all = append(all, c.sections())
		}
	}
	if b.texts != nil {
		all = append(all, b.texts.sections())
	}
	return all
}

// Positions appends the positions of the rows from ≤ row < to.
func (b *Block) Positions(from, to int, p *Positions) error {
	if from >= to {
		return nil
	}
	if err := b.loadPositions(from>>chunkBits, chunkCount(to)); err != nil {
		return err
	}
	for at := from; at < to; {
		end := min((at>>chunkBits+1)<<chunkBits, to)
		p.Timestamps = appendNumbers(p.Timestamps, &b.timestamps, at, end)
		p.Arrivals = appendNumbers(p.Arrivals, &b.arrivals, at, end)
		at = end
	}
	rows := to - from
	b.appendIngestions(p, from, p.Timestamps[len(p.Timestamps)-rows:], p.Arrivals[len(p.Arrivals)-rows:])
	return nil
}

// appendNumbers appends the numbers of rows of one chunk.
func appendNumbers[T int64 | uint64](dst []T, n *numbers, from, to int) []T {
	v := n.loaded[from>>chunkBits].Load()
	at := len(dst)
	dst = slices.Grow(dst, to-from)[:at+to-from]
	out := dst[at:]
	from &= ChunkRows - 1
	switch {
	case v.w16 != nil:
		for i, x := range v.w16[from:][:len(out)] {
			out[i] = T(v.base + uint64(x))
		}
	case v.w32 != nil:
		for i, x := range v.w32[from:][:len(out)] {
			out[i] = T(v.base + uint64(x))
		}
	default:
		for i := range out {
			out[i] = T(v.at(from + i))
		}
	}
	return dst
}

func (b *Block) loadPositions(from, to int) error {
	if b.positionsLoaded(from, to) {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.timestamps.load(b, from, to); err != nil {
		return err
	}
	if err := b.arrivals.load(b, from, to); err != nil {
		return err
	}
	if b.ingestions.runs > 0 {
		return b.loadRuns()
	}
	return b.ingestions.numbers.load(b, from, to)
}

func (b *Block) positionsLoaded(from, to int) bool {
	for k := from; k < to; k++ {
		if b.timestamps.loaded[k].Load() == nil || b.arrivals.loaded[k].Load() == nil {
			return false
		}
		if b.ingestions.runs == 0 && b.ingestions.numbers.loaded[k].Load() == nil {
			return false
		}
	}
	return b.ingestions.runs == 0 || b.ingestions.byRun.Load() != nil
}

func (b *Block) loadRuns() error {
	c := &b.ingestions
	if c.byRun.Load() != nil {
		return nil
	}
	chunks := chunkCount(c.runs)
	if err := c.firsts.load(b, 0, chunks); err != nil {
		return err
	}
	if err := c.numbers.load(b, 0, chunks); err != nil {
		return err
	}
	t := &runTable{}
	for i := range c.runs {
		t.arrivals = append(t.arrivals, c.firsts.at(i))
		t.times = append(t.times, int64(c.numbers.at(i)))
	}
	c.byRun.Store(t)
	b.held.Add(int64(16 * c.runs))
	return nil
}

// appendIngestions appends the ingestion times of rows from a row on, whose timestamps and arrivals are given.
func (b *Block) appendIngestions(p *Positions, from int, timestamps []int64, arrivals []uint64) {
	c := &b.ingestions
	if c.runs > 0 {
		t, run := c.byRun.Load(), 0
		for _, arrival := range arrivals {
			run = t.find(arrival, run)
			p.Ingestions = append(p.Ingestions, t.times[run])
		}
		return
	}
	timed := c.numbers.t.kind == transformTimed
	for i, at := range timestamps {
		v := c.numbers.at(from + i)
		if timed {
			v += c.numbers.t.unit.of(at)
		}
		p.Ingestions = append(p.Ingestions, int64(v))
	}
}

// find is the run of an arrival. It looks near run first, where the row before was: within a stream, arrivals ascend.
func (t *runTable) find(arrival uint64, run int) int {
	if arrival >= t.arrivals[run] {
		for range 4 {
			if run+1 == len(t.arrivals) || arrival < t.arrivals[run+1] {
				return run
			}
			run++
		}
	}
	low, high := 0, len(t.arrivals)
	for high-low > 1 {
		if mid := (low + high) / 2; arrival >= t.arrivals[mid] {
			low = mid
		} else {
			high = mid
		}
	}
	return low
}

// AppendMessage appends the message of a row as it came, byte for byte. It does not allocate when the row's columns are
// loaded and dst has room.
func (b *Block) AppendMessage(dst []byte, row int) ([]byte, error) {
	shape, rank := 1, row
	if b.shapeOf != nil {
		l, err := b.locate()
		if err != nil {
			return dst, err
		}
		shape, rank = int(l.shapeOf[row]), int(l.ranks[row])
	} else if b.texts != nil {
		shape = 0
	}
	if shape == 0 {
		if err := b.loadTexts(rank >> chunkBits); err != nil {
			return dst, err
		}
		return append(dst, b.texts.text(rank)...), nil
	}
	s := b.shapes[shape-1]
	if k := rank >> chunkBits; !s.ready[k].Load() {
		if err := s.load(k); err != nil {
			return dst, err
		}
	}
	return s.append(dst, rank, row), nil
}

func (s *blockShape) append(dst []byte, rank, row int) []byte {
	dst = append(dst, s.literals[0]...)
	literals := s.literals[1:][:len(s.columns)]
	for i, c := range s.columns {
		dst = c.append(dst, rank, row)
		dst = append(dst, literals[i]...)
	}
	return dst
}

func (s *blockShape) load(k int) error {
	s.block.mu.Lock()
	defer s.block.mu.Unlock()
	for _, c := range s.columns {
		if err := c.load(s.block, k, k+1); err != nil {
			return err
		}
	}
	s.ready[k].Store(true)
	return nil
}

func (b *Block) loadTexts(k int) error {
	if b.texts.loaded[k].Load() != nil {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.texts.load(b, k, k+1)
}

// locate reads which row is of which shape.
func (b *Block) locate() (*locations, error) {
	if l := b.location.Load(); l != nil {
		return l, nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.locateLocked()
}

func (l *locations) held() int64 { return int64(5*len(l.ranks)) + 64 }

func (b *Block) locateLocked() (*locations, error) {
	if l := b.location.Load(); l != nil {
		return l, nil
	}
	if err := b.shapeOf.load(b, 0, len(b.shapeOf.loaded)); err != nil {
		return nil, err
	}
	l := &locations{shapeOf: make([]uint8, b.rows), ranks: make([]uint16, b.rows), rows: make([][]uint16, len(b.shapes)+1)}
	for row := range b.rows {
		n := b.shapeOf.at(row)
		l.shapeOf[row], l.ranks[row] = uint8(n), uint16(len(l.rows[n]))
		l.rows[n] = append(l.rows[n], uint16(row))
	}
	for k := range b.shapeOf.loaded {
		b.shapeOf.drop(b, k)
	}
	if len(l.rows[0]) != b.textRows {
		return nil, corruptf("rows of a shape")
	}
	for _, s := range b.shapes {
		if len(l.rows[s.number]) != s.rows {
			return nil, corruptf("rows of a shape")
		}
	}
	b.location.Store(l)
	b.held.Add(l.held())
	return l, nil
}

// loadTimes loads the timestamps of the rows whose ranks are in the chunks from ≤ k < to. The caller holds b.mu.
func (s *blockShape) loadTimes(b *Block, from, to int) error {
	if b.shapeOf == nil {
		return b.timestamps.load(b, from, to)
	}
	l, err := b.locateLocked()
	if err != nil {
		return err
	}
	rows := l.rows[s.number]
	first, last := rows[from<<chunkBits], rows[min(to<<chunkBits, len(rows))-1]
	return b.timestamps.load(b, int(first)>>chunkBits, int(last)>>chunkBits+1)
}
