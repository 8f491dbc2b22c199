package embedded

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"sort"
	"sync"
	"unsafe"

	"github.com/tollbook/tollbook/logs"
	"github.com/tollbook/tollbook/logs/columnar"
)

// headBlockRows is how many events of a head are made into a block for queries: little work at a time.
const headBlockRows = columnar.ChunkRows

// headCuts says where the events of a head's group are cut into ranges for queries, by arrival. A range in which all has
// arrived stays as it is, so its blocks can be kept in the cache; events behind the last cut are made into blocks each
// time. It is safe for concurrent use.
type headCuts struct {
	mu   sync.Mutex
	cuts []uint64 // ascending; each range ends before one
}

// headRun is a run with its stream.
type headRun struct {
	stream logs.StreamID
	*run
}

// divide cuts runs, which are all of a group's and sorted by arrival, into ranges, and adds cuts where there is enough
// for them. Behind the ranges that are complete is the rest.
func (c *headCuts) divide(runs []headRun) (complete [][]headRun, rest []headRun) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, cut := range c.cuts {
		n := sort.Search(len(runs), func(i int) bool { return runs[i].arrival >= cut })
		if n == len(runs) { // seen before all of the range had arrived
			return complete, runs
		}
		complete, runs = append(complete, runs[:n]), runs[n:]
	}
	rows, from := 0, 0
	for i := 1; i < len(runs); i++ {
		rows += len(runs[i-1].events)
		if rows >= headBlockRows && runs[i].arrival != runs[i-1].arrival {
			c.cuts = append(c.cuts, runs[i].arrival)
			complete = append(complete, runs[from:i])
			rows, from = 0, i
		}
	}
	return complete, runs[from:]
}

// headRange is events of a head's group that a query looks at, in order of arrival.
type headRange struct {
	snap *snapshot
	env  *segmentEnv
	pool *sync.Pool // of *columnar.Encoder
	runs []headRun
	key  *cacheKey // nil: not to be kept
}

// headColumns divides what a head holds of the group.
func (snap *snapshot) headColumns(s *Store, v headView) (work []columnWork) {
	var runs []headRun
	for _, st := range v.streams {
		for _, c := range st.chains {
			for i := range c.runs {
				runs = append(runs, headRun{st.stream, &c.runs[i]})
			}
		}
	}
	slices.SortStableFunc(runs, func(a, b headRun) int { return cmp.Compare(a.arrival, b.arrival) })
	rest := runs
	if len(snap.streams) == 0 {
		var complete [][]headRun
		complete, rest = v.cuts.divide(runs)
		for i, runs := range complete {
			key := cacheKey{owner: v.id, kind: kindHeadBlock, group: snap.group, index: i, size: len(runs)}
			work = append(work, headRange{snap, s.env, &s.encoders, runs, &key})
		}
	}
	return append(work, headRange{snap, s.env, &s.encoders, rest, nil})
}

func (r headRange) do(v *columnVisit) error {
	if !slices.ContainsFunc(r.runs, func(run headRun) bool {
		return r.snap.overlap(run.position(0), run.position(len(run.events)-1))
	}) {
		return nil
	}
	blocks, err := r.blocks()
	if err != nil {
		return err
	}
	if r.key != nil {
		defer r.env.cache.measure(*r.key)
	}
	for _, b := range blocks.blocks {
		if err := v.block(b.block, b.selected(r.snap)); err != nil {
			return err
		}
	}
	return nil
}

// headBlocks is the blocks of a range.
type headBlocks struct{ blocks []headBlock }

type headBlock struct {
	block *columnar.Block
	size  int    // of what it is read from
	parts []part // a stream may have several
}

// Held implements cached.
func (b *headBlocks) Held() (n int64) {
	for i := range b.blocks {
		p := &b.blocks[i]
		n += p.block.Held() + int64(p.size) + int64(cap(p.parts))*int64(unsafe.Sizeof(part{}))
	}
	return n
}

func (b *headBlock) selected(snap *snapshot) (selected []*part) {
	for i := range b.parts {
		p := &b.parts[i]
		if snap.overlap(p.first, p.last) && snap.rule(p.stream).fate(p.extent()) != dead {
			selected = append(selected, p)
		}
	}
	return selected
}

// blocks returns the blocks of the range, made now or kept from before.
func (r headRange) blocks() (*headBlocks, error) {
	if r.key != nil {
		if kept, ok := r.env.cache.get(*r.key).(*headBlocks); ok {
			return kept, nil
		}
	}
	encoder, _ := r.pool.Get().(*columnar.Encoder)
	if encoder == nil {
		encoder = columnar.NewEncoder()
	}
	defer r.pool.Put(encoder)
	m := &headBlockMaker{encoder: encoder}
	for _, run := range r.runs {
		if err := m.add(run); err != nil {
			return nil, err
		}
	}
	if err := m.flush(); err != nil {
		return nil, err
	}
	if r.key == nil {
		return &m.made, nil
	}
	return r.env.cache.put(*r.key, &m.made).(*headBlocks), nil
}

// headBlockMaker makes blocks of runs.
type headBlockMaker struct {
	encoder *columnar.Encoder
	rows    columnar.Rows
	bytes   int
	parts   []part
	made    headBlocks
}

func (m *headBlockMaker) add(run headRun) error {
	for i := range run.events {
		if i == 0 || len(m.rows.Messages) == 0 {
			m.parts = append(m.parts, part{stream: run.stream, row: uint32(len(m.rows.Messages))})
		}
		at, message := run.position(i), run.message(i)
		m.rows.Timestamps = append(m.rows.Timestamps, int64(at.Timestamp))
		m.rows.Ingestions = append(m.rows.Ingestions, int64(at.Ingestion))
		m.rows.Arrivals = append(m.rows.Arrivals, at.Arrival)
		m.rows.Messages = append(m.rows.Messages, message)
		m.parts[len(m.parts)-1].add(at, len(message))
		m.bytes += len(message)
		if len(m.rows.Messages) < headBlockRows && m.bytes < maxBlockBytes {
			continue
		}
		if err := m.flush(); err != nil {
			return err
		}
	}
	return nil
}

func (m *headBlockMaker) flush() error {
	if len(m.rows.Messages) == 0 {
		return nil
	}
	encoded := m.encoder.Append(nil, &m.rows)
	block, err := columnar.Open(bytes.NewReader(encoded), int64(len(encoded)))
	if err != nil {
		return fmt.Errorf("open a block of the head: %w", err)
	}
	m.made.blocks = append(m.made.blocks, headBlock{block, cap(encoded), m.parts})
	m.rows, m.parts, m.bytes = columnar.Rows{}, nil, 0
	return nil
}
