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

// headBlockRows is how many events of a head are made into a block for queries: the newest are, again and again.
const headBlockRows = 2 * columnar.ChunkRows

// headRun is a run with its stream.
type headRun struct {
	stream logs.StreamID
	*run
}

// headRange is the events of a head's group from one arrival up to another, as a query looks at them. Ranges end at the
// group's cuts, and the last where the query's view ends. All of a range has arrived, so its blocks can be kept.
type headRange struct {
	snap     *snapshot
	env      *segmentEnv
	pool     *sync.Pool // of *columnar.Encoder
	view     *headView
	from, to uint64
}

// headColumns divides what a head holds of the group.
func (snap *snapshot) headColumns(s *Store, v *headView) (work []columnWork) {
	from := uint64(0)
	for _, cut := range v.cuts {
		work = append(work, headRange{snap, s.env, &s.encoders, v, from, cut})
		from = cut
	}
	if from < v.end {
		work = append(work, headRange{snap, s.env, &s.encoders, v, from, v.end})
	}
	return work
}

// key names the range in the cache.
func (r headRange) key() cacheKey {
	return cacheKey{owner: r.view.id, kind: kindHeadBlock, group: r.snap.group, index: r.view.drops, end: r.to}
}

func (r headRange) do(v *columnVisit) error {
	v.fresh = true
	if len(r.snap.streams) > 0 { // the view has only these
		blocks, err := r.make(r.runs())
		if err != nil {
			return err
		}
		return r.visit(v, blocks)
	}
	if kept, ok := r.env.cache.get(r.key()).(*headBlocks); ok {
		defer r.env.cache.measure(r.key())
		return r.visit(v, kept)
	}
	runs := r.runs()
	if !slices.ContainsFunc(runs, func(run headRun) bool {
		return r.snap.overlap(run.position(0), run.position(len(run.events)-1))
	}) {
		return nil
	}
	blocks, err := r.make(runs)
	if err != nil {
		return err
	}
	blocks = r.env.cache.put(r.key(), blocks).(*headBlocks)
	defer r.env.cache.measure(r.key())
	return r.visit(v, blocks)
}

func (r headRange) visit(v *columnVisit, blocks *headBlocks) error {
	for _, b := range blocks.blocks {
		if err := v.block(b.block, b.selected(r.snap)); err != nil {
			return err
		}
	}
	return nil
}

// runs gathers the runs of the range, by arrival.
func (r headRange) runs() (runs []headRun) {
	for _, st := range r.view.streams {
		for _, c := range st.chains {
			at := func(arrival uint64) int {
				return sort.Search(len(c.runs), func(i int) bool { return c.runs[i].arrival >= arrival })
			}
			for i := at(r.from); i < len(c.runs) && c.runs[i].arrival < r.to; i++ {
				runs = append(runs, headRun{st.stream, &c.runs[i]})
			}
		}
	}
	slices.SortStableFunc(runs, func(a, b headRun) int { return cmp.Compare(a.arrival, b.arrival) })
	return runs
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

// make makes blocks of runs.
func (r headRange) make(runs []headRun) (*headBlocks, error) {
	encoder, _ := r.pool.Get().(*columnar.Encoder)
	if encoder == nil {
		encoder = columnar.NewEncoder()
	}
	defer r.pool.Put(encoder)
	m := &headBlockMaker{encoder: encoder}
	for _, run := range runs {
		if err := m.add(run); err != nil {
			return nil, err
		}
	}
	return &m.made, m.flush()
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
