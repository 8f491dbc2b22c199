package embedded

import (
	"cmp"
	"maps"
	"slices"

	"github.com/tollbook/tollbook/logs"
	"github.com/tollbook/tollbook/logs/columnar"
)

// merge makes one segment of several. Blocks that are large and alive are copied as they are; of the others the living
// events are taken out, group by group, and put into new blocks.
type merge struct {
	b       *builder
	dead    *deadView
	limit   int64 // how many bytes open blocks may hold
	sources []*mergedBlock
	groups  map[logs.GroupID]*mergedGroup

	recoded   int64 // events so far
	positions columnar.Positions
}

// mergedBlock is a block whose events are taken out.
type mergedBlock struct {
	segment *segment
	index   int
	size    int64           // of a message, on average
	block   *columnar.Block // nil while it is not open
	page    *page           // the last one looked at
	number  int             // of that page
}

// mergedGroup is where the living events of a group are, roughly: parts that are dead in part count as a whole.
type mergedGroup struct {
	sources       []uint32
	events, bytes int64
}

func newMerge(dead *deadView, limit int64) *merge {
	return &merge{dead: dead, limit: limit, groups: map[logs.GroupID]*mergedGroup{}}
}

var _ source = (*merge)(nil)

// run gives b the living events of segments.
func (m *merge) run(b *builder, old []*segment) error {
	m.b, b.src = b, m
	for _, g := range old {
		sums, err := g.lookAtDead(m.dead)
		if err != nil {
			return err
		}
		for i := range g.blocks {
			if err := m.addBlock(g, i, sums[i].fate); err != nil {
				return err
			}
		}
	}
	for number := range m.sources {
		if err := m.addSource(number); err != nil {
			return err
		}
	}
	ids := slices.Sorted(maps.Keys(m.groups))
	for _, id := range ids {
		if err := m.addSmallGroup(id, m.groups[id]); err != nil {
			return err
		}
	}
	for _, id := range ids {
		if err := m.addLargeGroup(id, m.groups[id]); err != nil {
			return err
		}
	}
	return nil
}

// addBlock copies a block, or notes it as a source, or leaves it out.
func (m *merge) addBlock(g *segment, i int, f fate) error {
	switch {
	case f == dead:
		return nil
	case f == mixed || !m.full(&g.blocks[i]):
		ref := &g.blocks[i]
		m.sources = append(m.sources, &mergedBlock{segment: g, index: i, size: ref.bytes/ref.events + 1})
		return nil
	}
	if err := g.verify(i); err != nil {
		return err
	}
	if err := m.b.w.copyBlock(g, i); err != nil {
		return err
	}
	return m.b.rest()
}

// full reports whether a block would not become better by merging.
func (m *merge) full(ref *blockRef) bool {
	return !m.b.small(ref.events, ref.bytes) && (ref.groups == 1 || ref.events >= groupRowsMerged*int64(ref.groups))
}

// verify reads all of block i and of its pages.
func (g *segment) verify(i int) error {
	block, err := g.openBlock(i)
	if err != nil {
		return err
	}
	if err := block.Verify(); err != nil {
		return g.failed(i, err)
	}
	for j := g.blocks[i].fromPage; j < g.blocks[i].toPage; j++ {
		if _, err := g.readPage(j); err != nil {
			return err
		}
	}
	return nil
}

// addSource notes which groups have living events in a block.
func (m *merge) addSource(number int) error {
	src := m.sources[number]
	ref := &src.segment.blocks[src.index]
	for j := ref.fromPage; j < ref.toPage; j++ {
		p, err := src.pageAt(j)
		if err != nil {
			return err
		}
		for _, pg := range p.groups {
			m.count(number, pg.group, p.parts[pg.from:pg.to])
		}
	}
	src.close()
	return nil
}

func (m *merge) count(number int, group logs.GroupID, parts []part) {
	for i := range parts {
		p := &parts[i]
		if m.dead.rule(group, p.stream).fate(p.extent()) == dead {
			continue
		}
		g := m.groups[group]
		if g == nil {
			g = &mergedGroup{}
			m.groups[group] = g
		}
		if n := len(g.sources); n == 0 || g.sources[n-1] != uint32(number) {
			g.sources = append(g.sources, uint32(number))
		}
		g.events += int64(p.events)
		g.bytes += p.bytes
	}
}

func (m *merge) addSmallGroup(id logs.GroupID, g *mergedGroup) error {
	if !m.b.small(g.events, g.bytes) {
		return nil
	}
	streams, err := m.refs(id, g.sources)
	if err != nil {
		return err
	}
	m.trim()
	return m.b.addSmall(id, streams)
}

// addLargeGroup adds a large group a few blocks at a time, by the time at which the events of the sources begin.
func (m *merge) addLargeGroup(id logs.GroupID, g *mergedGroup) error {
	if m.b.small(g.events, g.bytes) {
		return nil
	}
	ref := func(number uint32) *blockRef {
		src := m.sources[number]
		return &src.segment.blocks[src.index]
	}
	slices.SortStableFunc(g.sources, func(a, b uint32) int { return cmp.Compare(ref(a).firstTime, ref(b).firstTime) })
	for from, to := 0, 0; from < len(g.sources); from = to {
		events := int64(0)
		for ; to < len(g.sources) && events < 2*int64(m.b.maxRows); to++ {
			events += ref(g.sources[to]).events
		}
		streams, err := m.refs(id, g.sources[from:to])
		if err != nil {
			return err
		}
		if err := m.b.addLarge(id, streams); err != nil {
			return err
		}
		m.trim()
	}
	return nil
}

// refs lists the living events of a group in some of the sources.
func (m *merge) refs(group logs.GroupID, sources []uint32) (streams []streamRefs, err error) {
	byStream := map[logs.StreamID][]ref{}
	for _, number := range sources {
		src := m.sources[number]
		b := &src.segment.blocks[src.index]
		for j := b.fromPage; j < b.toPage; j++ {
			if !src.segment.pages[j].touched(group, nil) {
				continue
			}
			p, err := src.pageAt(j)
			if err != nil {
				return nil, err
			}
			parts := p.find(group)
			for i := range parts {
				stream := parts[i].stream
				if byStream[stream], err = m.addPart(byStream[stream], number, &parts[i], m.dead.rule(group, stream)); err != nil {
					return nil, err
				}
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(byStream)) {
		if refs := byStream[id]; len(refs) > 0 {
			if !slices.IsSortedFunc(refs, func(a, b ref) int { return a.Compare(b.Position) }) {
				sortRefs(refs)
			}
			streams = append(streams, streamRefs{id, refs, m.size(refs)})
		}
	}
	return streams, nil
}

func (m *merge) addPart(refs []ref, number uint32, p *part, rule deadRule) ([]ref, error) {
	if rule.fate(p.extent()) == dead {
		return refs, nil
	}
	src := m.sources[number]
	block, err := src.open()
	if err != nil {
		return refs, err
	}
	from, to := p.rows()
	at := &m.positions
	at.Timestamps, at.Ingestions, at.Arrivals = at.Timestamps[:0], at.Ingestions[:0], at.Arrivals[:0]
	if err := block.Positions(from, to, at); err != nil {
		return refs, src.segment.failed(src.index, err)
	}
	for i := range at.Arrivals {
		if pos := position(at, i); !rule.dead(pos) {
			refs = append(refs, ref{pos, number, uint32(from + i)})
		}
	}
	return refs, nil
}

// size takes each message to be as long as its block has them on average.
func (m *merge) size(refs []ref) (n int64) {
	for i := range refs {
		n += m.sources[refs[i].a].size
	}
	return n
}

// fill reads one source after the other, so that only one holds its messages at a time. Of each source refs come in the
// order of its rows, as blocks are sorted alike.
func (m *merge) fill(messages []string, refs []ref, a *arena) (_ []string, err error) {
	m.recoded += int64(len(refs))
	messages = slices.Grow(messages, len(refs))[:len(refs)]
	for number, places := range bySource(refs) {
		src := m.sources[number]
		for _, i := range places {
			if messages[i], err = src.message(int(refs[i].b), a); err != nil {
				return nil, err
			}
		}
		src.close()
	}
	return messages, nil
}

// bySource returns for each source the places of its refs.
func bySource(refs []ref) map[uint32][]int {
	counts := map[uint32]int{}
	for i := range refs {
		counts[refs[i].a]++
	}
	places := make(map[uint32][]int, len(counts))
	for number, n := range counts {
		places[number] = make([]int, 0, n)
	}
	for i := range refs {
		places[refs[i].a] = append(places[refs[i].a], i)
	}
	return places
}

// trim closes the sources when they hold too much: what is needed next is read again.
func (m *merge) trim() {
	var held int64
	for _, src := range m.sources {
		if src.block != nil {
			held += src.block.Held()
		}
		if src.page != nil {
			held += src.page.Held()
		}
	}
	if held <= m.limit {
		return
	}
	for _, src := range m.sources {
		src.close()
	}
}

func (b *mergedBlock) close() { b.block, b.page = nil, nil }

func (b *mergedBlock) open() (_ *columnar.Block, err error) {
	if b.block == nil {
		b.block, err = b.segment.openBlock(b.index)
	}
	return b.block, err
}

func (b *mergedBlock) message(row int, a *arena) (string, error) {
	block, err := b.open()
	if err != nil {
		return "", err
	}
	buf, err := block.AppendMessage(a.buffer(), row)
	if err != nil {
		return "", b.segment.failed(b.index, err)
	}
	return a.take(buf), nil
}

func (b *mergedBlock) pageAt(j int) (_ *page, err error) {
	if b.page == nil || b.number != j {
		b.page, err = b.segment.readPage(j)
		b.number = j
	}
	return b.page, err
}
