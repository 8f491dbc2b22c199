package embedded

import (
	"context"
	"iter"
	"slices"

	"github.com/tollbook/tollbook/logs"
)

// Scan implements logs.Store. Damage on disk that it meets ends it with an error that wraps logs.ErrCorrupt and names the
// place; the block is then set aside, and later scans yield all other events. Messages share memory with those yielded around
// them: who keeps a few of them for long should copy them.
func (s *Store) Scan(ctx context.Context, q logs.ScanQuery) iter.Seq2[logs.LogEvent, error] {
	return func(yield func(logs.LogEvent, error) bool) {
		if err := s.scan(ctx, q, func(e logs.LogEvent) bool { return yield(e, nil) }); err != nil {
			yield(logs.LogEvent{}, err)
		}
	}
}

// scan ends without an error when yield returns false.
func (s *Store) scan(ctx context.Context, q logs.ScanQuery, yield func(logs.LogEvent) bool) error {
	snap, err := s.snapshot(&q)
	if err != nil {
		return err
	}
	defer snap.release()
	m := &merger{descending: q.Descending, blocks: newBlockQueue(ctx, s, snap)}
	defer m.close()
	defer m.blocks.close()
	for _, c := range snap.headCursors() {
		m.push(c)
	}
	var messages arena
	for n := 0; ; n++ {
		if n%scanCheckEvents == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		c, r, err := m.nextRow()
		if err != nil || c == nil {
			return err
		}
		message, ok, err := c.src.message(r, q.Filter, &messages)
		if err != nil {
			return err
		}
		if ok && !yield(logs.LogEvent{
			Stream: c.stream, Timestamp: r.Timestamp, Ingestion: r.Ingestion, Arrival: r.Arrival, Message: message,
		}) {
			return nil
		}
	}
}

// snapshot is what a query reads: all that was readable when it was taken, whatever happens meanwhile.
type snapshot struct {
	selection
	group    logs.GroupID
	streams  []logs.StreamID // sorted; empty: all
	rule     func(logs.StreamID) deadRule
	harshest deadRule // touches whatever the rule of a stream touches, if no streams are named
	arrived  deadRule // the query's bounds on arrivals alone
	heads    []headView
	segments []*segment
}

// headView is what a head held of a group.
type headView struct {
	id      uint64
	cuts    []uint64
	drops   int
	end     uint64 // all that is in view has arrived before
	streams []streamView
}

// streamView is what a head held of a stream. Chains only grow at their ends, so it stays as it is.
type streamView struct {
	stream logs.StreamID
	chains []headChain
}

// snapshot must be released.
func (s *Store) snapshot(q *logs.ScanQuery) (*snapshot, error) {
	snap := &snapshot{selection: selection{queryBounds(q), q.Descending, q.Filter}, group: q.Group}
	snap.streams = slices.Compact(slices.Sorted(slices.Values(q.Streams)))
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return nil, ErrClosed
	}
	if snap.empty() {
		return snap, nil
	}
	snap.arrived = deadRule{}.limited(q.ArrivedFrom, q.ArrivedTo)
	rules := s.rules(snap.group, snap.streams)
	snap.harshest = s.dead.harshest(snap.group).limited(q.ArrivedFrom, q.ArrivedTo)
	snap.rule = func(id logs.StreamID) deadRule { return rules(id).limited(q.ArrivedFrom, q.ArrivedTo) }
	for _, h := range s.heads() {
		if g := h.groups[snap.group]; g != nil && snap.arrived.fate(g.extent) != dead {
			snap.heads = append(snap.heads, snap.viewHead(h.id, g))
		}
	}
	for _, g := range s.segments {
		if g.mayHold(snap) {
			snap.segments = append(snap.segments, g.acquire())
		}
	}
	return snap, nil
}

func (g *segment) mayHold(snap *snapshot) bool {
	return slices.ContainsFunc(g.blocks, func(b blockRef) bool { return snap.mayBeIn(&b) })
}

// mayBeIn reports whether events of the group, with arrivals that are asked for, can be in the block.
func (snap *snapshot) mayBeIn(b *blockRef) bool {
	return b.mayHold(snap.group) && snap.arrived.fate(b.extent) != dead
}

// rules returns the present rules of the streams, of all of the group's if there are none; the caller holds mu.
func (s *Store) rules(group logs.GroupID, streams []logs.StreamID) func(logs.StreamID) deadRule {
	if len(streams) == 0 {
		return s.dead.groupRules(group)
	}
	rules := make(map[logs.StreamID]deadRule, len(streams))
	for _, id := range streams {
		rules[id] = s.dead.rule(group, id)
	}
	return func(id logs.StreamID) deadRule { return rules[id] }
}

func (snap *snapshot) release() {
	for _, g := range snap.segments {
		g.release()
	}
}

func (snap *snapshot) viewHead(id uint64, g *headGroup) headView {
	v := headView{id: id, cuts: g.cuts, drops: g.drops, end: g.end}
	add := func(id logs.StreamID, s *headStream) {
		if s != nil {
			v.streams = append(v.streams, streamView{id, slices.Clone(s.chains)})
		}
	}
	if len(snap.streams) == 0 {
		for id, stream := range g.streams {
			add(id, stream)
		}
	}
	for _, id := range snap.streams {
		add(id, g.streams[id])
	}
	return v
}

// headCursors returns a cursor for each list in the heads.
func (snap *snapshot) headCursors() (cursors []*cursor) {
	filter := newHeadFilter(snap.filter)
	for _, v := range snap.heads {
		for _, s := range v.streams {
			for _, c := range s.chains {
				rule := snap.rule(s.stream)
				runs := filter.wanted(c.runs.arrived(snap.arrived), func(r *run) { snap.tellRun(r, rule) })
				cursors = append(cursors, newCursor(snap.selection, s.stream, rule, runs))
			}
		}
	}
	return cursors
}

// blockAt is a block that may hold what is asked for. None of its events precedes key, in the order of the scan.
type blockAt struct {
	segment *segment
	index   int
	key     logs.Position
}

// blocks lists the blocks to look at, in the order in which a scan needs them.
func (snap *snapshot) blocks() (blocks []blockAt) {
	for _, g := range snap.segments {
		for i := range g.blocks {
			b := &g.blocks[i]
			first, last := b.bounds()
			if !snap.mayBeIn(b) || !snap.overlap(first, last) {
				continue
			}
			if snap.descending {
				first = last
			}
			blocks = append(blocks, blockAt{g, i, first})
		}
	}
	slices.SortStableFunc(blocks, func(a, b blockAt) int {
		if snap.descending {
			a, b = b, a
		}
		return a.key.Compare(b.key)
	})
	return blocks
}
