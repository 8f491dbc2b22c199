package embedded

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/tollbook/tollbook/logs"
	"github.com/tollbook/tollbook/logs/columnar"
)

// accountedBytes is what AWS counts for an event beside its message.
const accountedBytes = 26

// statsBucketBits is how many streams of a group are summed up at a time, as a power of two: enough that pages are read
// once mostly, few enough for memory.
const statsBucketBits = 16

// Stats implements logs.Store. It reads all pages, a bucket of streams after the other, and blocks only where a part of
// one is dead in part.
func (s *Store) Stats(ctx context.Context) iter.Seq2[logs.StreamStats, error] {
	return func(yield func(logs.StreamStats, error) bool) {
		snap, err := s.statsSnapshot()
		if err != nil {
			yield(logs.StreamStats{}, err)
			return
		}
		defer snap.release()
		for at, ok := snap.first(); ok; at, ok = snap.first() {
			sums, err := snap.sumBucket(ctx, at)
			if err != nil {
				yield(logs.StreamStats{}, err)
				return
			}
			for stream, sum := range sums {
				if !yield(sum.stats(at.group, stream), nil) {
					return
				}
			}
		}
	}
}

func (s *summary) stats(group logs.GroupID, stream logs.StreamID) logs.StreamStats {
	return logs.StreamStats{
		Group: group, Stream: stream,
		FirstEvent: s.firstTime, LastEvent: s.lastTime, LastIngestion: s.lastIngestion,
		Events: s.events, Bytes: s.bytes + accountedBytes*s.events,
	}
}

// bucket is streams of a group whose IDs differ in the lowest statsBucketBits only.
type bucket struct {
	group logs.GroupID
	high  logs.StreamID
}

func bucketOf(k streamKey) bucket { return bucket{k.group, k.stream >> statsBucketBits} }

func (b bucket) compare(c bucket) int {
	return cmp.Or(cmp.Compare(b.group, c.group), cmp.Compare(b.high, c.high))
}

// statsSnapshot is what Stats works on: the heads' streams and the segments' pages, each sorted, from the first that is
// still to be looked at.
type statsSnapshot struct {
	heads    []headStats
	pages    []*statsPage // not begun yet
	open     []*statsPage // begun and not at their end
	segments []*segment
	dead     tombstones
}

// headStats is what a head held of a stream.
type headStats struct {
	key    streamKey
	sum    summary
	chains []headChain // copied where part of it is dead
}

// statsPage goes through the parts of a page.
type statsPage struct {
	segment      *segment
	block, index int
	at           bucket // where it stands
	page         *page  // nil before it is begun
	group        int    // of page.groups
	part         int    // of page.parts
}

func (s *Store) statsSnapshot() (*statsSnapshot, error) {
	snap := &statsSnapshot{}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return nil, ErrClosed
	}
	snap.dead = s.dead.clone()
	for _, h := range s.heads() {
		for group, g := range h.groups {
			for stream, hs := range g.streams {
				st := headStats{key: streamKey{group, stream}, sum: hs.sum}
				if snap.dead.rule(group, stream).fate(hs.sum.extent) == mixed {
					st.chains = slices.Clone(hs.chains)
				}
				snap.heads = append(snap.heads, st)
			}
		}
	}
	for _, g := range s.segments {
		snap.segments = append(snap.segments, g.acquire())
	}
	snap.addPages()
	return snap, nil
}

func (snap *statsSnapshot) addPages() {
	for _, g := range snap.segments {
		for i := range g.blocks {
			for j := g.blocks[i].fromPage; j < g.blocks[i].toPage; j++ {
				snap.pages = append(snap.pages, &statsPage{segment: g, block: i, index: j, at: bucketOf(g.pages[j].first)})
			}
		}
	}
	slices.SortFunc(snap.pages, func(a, b *statsPage) int { return a.at.compare(b.at) })
	slices.SortFunc(snap.heads, func(a, b headStats) int { return a.key.compare(b.key) })
}

func (snap *statsSnapshot) release() {
	for _, g := range snap.segments {
		g.release()
	}
}

// first returns the first bucket that is left.
func (snap *statsSnapshot) first() (b bucket, ok bool) {
	consider := func(c bucket) {
		if !ok || c.compare(b) < 0 {
			b, ok = c, true
		}
	}
	if len(snap.heads) > 0 {
		consider(bucketOf(snap.heads[0].key))
	}
	if len(snap.pages) > 0 {
		consider(snap.pages[0].at)
	}
	for _, p := range snap.open {
		consider(p.at)
	}
	return b, ok
}

// sumBucket sums up the streams of the first bucket and goes past it.
func (snap *statsSnapshot) sumBucket(ctx context.Context, at bucket) (streamSums, error) {
	sums := streamSums{}
	for len(snap.heads) > 0 && bucketOf(snap.heads[0].key) == at {
		sums.addHead(&snap.heads[0], snap.dead)
		snap.heads = snap.heads[1:]
	}
	next := snap.open
	for len(snap.pages) > 0 && snap.pages[0].at == at {
		next = append(next, snap.pages[0])
		snap.pages = snap.pages[1:]
	}
	snap.open = nil
	for _, p := range next {
		if p.at == at {
			left, err := p.sum(ctx, sums, snap.dead)
			if err != nil {
				return nil, err
			}
			if !left {
				p.page = nil // the backing array of pages still has p
				continue
			}
		}
		snap.open = append(snap.open, p)
	}
	return sums, nil
}

// sum adds the parts of the page's bucket and reports whether there are others behind it.
func (p *statsPage) sum(ctx context.Context, sums streamSums, dead tombstones) (left bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	if p.segment.isSetAside(kindBlock, p.block) {
		return false, nil
	}
	if p.page == nil {
		p.page, err = p.segment.pageOnce(p.index)
		if errors.Is(err, errSetAside) {
			return false, nil
		} else if err != nil {
			return false, err
		}
	}
	for ; p.group < len(p.page.groups); p.group++ {
		for g := &p.page.groups[p.group]; p.part < g.to; p.part++ {
			q := &p.page.parts[p.part]
			if b := bucketOf(streamKey{g.group, q.stream}); b != p.at {
				p.at = b
				return true, nil
			}
			if err := sums.addPart(p, q, dead.rule(g.group, q.stream)); err != nil {
				return false, err
			}
		}
	}
	return false, nil
}

// streamSums is the sums of some streams of one group.
type streamSums map[logs.StreamID]summary

func (sums streamSums) add(stream logs.StreamID, t summary) {
	sum := sums[stream]
	sum.add(t)
	sums[stream] = sum
}

func (sums streamSums) addEvent(stream logs.StreamID, at logs.Position, bytes int) {
	sums.add(stream, summary{extent{at.Timestamp, at.Timestamp, at.Arrival, at.Arrival}, at.Ingestion, 1, int64(bytes)})
}

func (sums streamSums) addHead(st *headStats, ts tombstones) {
	rule := ts.rule(st.key.group, st.key.stream)
	switch rule.fate(st.sum.extent) {
	case alive:
		sums.add(st.key.stream, st.sum)
	case mixed:
		for _, c := range st.chains {
			for i := range c.runs {
				r := &c.runs[i]
				for j := range r.events {
					if at := r.position(j); !rule.dead(at) {
						sums.addEvent(st.key.stream, at, int(r.events[j].length))
					}
				}
			}
		}
	}
}

func (sums streamSums) addPart(p *statsPage, q *part, rule deadRule) error {
	switch rule.fate(q.extent()) {
	case alive:
		sums.add(q.stream, q.summary())
	case mixed:
		return sums.addLiving(p, q, rule)
	}
	return nil
}

// addLiving counts the events of a part one by one.
func (sums streamSums) addLiving(p *statsPage, q *part, rule deadRule) error {
	block, err := p.segment.block(p.block)
	if errors.Is(err, errSetAside) {
		return nil
	} else if err != nil {
		return err
	}
	defer p.segment.env.cache.measure(p.segment.blockKey(p.block))
	from, to := q.rows()
	var positions columnar.Positions
	if err := block.Positions(from, to, &positions); err != nil {
		return p.segment.failed(p.block, err)
	}
	var message []byte
	for i := range positions.Arrivals {
		at := position(&positions, i)
		if rule.dead(at) {
			continue
		}
		if message, err = block.AppendMessage(message[:0], from+i); err != nil {
			return p.segment.failed(p.block, err)
		}
		sums.addEvent(q.stream, at, len(message))
	}
	return nil
}
