package embedded

import (
	"context"
	"iter"

	"github.com/tollbook/tollbook/logs"
)

// accountedBytes is what AWS counts for an event beside its message.
const accountedBytes = 26

type streamKey struct {
	group  logs.GroupID
	stream logs.StreamID
}

// Stats implements logs.Store. It reads indexes in memory, and blocks only where a part of one has expired.
func (s *Store) Stats(ctx context.Context) iter.Seq2[logs.StreamStats, error] {
	return func(yield func(logs.StreamStats, error) bool) {
		sums, err := s.sumStreams(ctx)
		if err != nil {
			yield(logs.StreamStats{}, err)
			return
		}
		for key, sum := range sums {
			if sum.events > 0 && !yield(sum.stats(key), nil) {
				return
			}
		}
	}
}

func (s *summary) stats(key streamKey) logs.StreamStats {
	return logs.StreamStats{
		Group: key.group, Stream: key.stream,
		FirstEvent: s.firstTime, LastEvent: s.lastTime, LastIngestion: s.lastIngestion,
		Events: s.events, Bytes: s.bytes + accountedBytes*s.events,
	}
}

// statsSnapshot is what Stats works on: sums of the heads, and what is left to look at more closely.
type statsSnapshot struct {
	sums     map[streamKey]*summary
	partly   []partlyDead
	segments []*segment
	dead     tombstones
}

// partlyDead is a list of events of which a rule may spare some.
type partlyDead struct {
	key  streamKey
	rule deadRule
	src  pieces
}

func (s *Store) sumStreams(ctx context.Context) (map[streamKey]*summary, error) {
	snap, err := s.statsSnapshot()
	if err != nil {
		return nil, err
	}
	for _, g := range snap.segments {
		defer g.release()
		snap.addSegment(g)
	}
	for _, p := range snap.partly {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := snap.addLiving(p); err != nil {
			return nil, err
		}
	}
	return snap.sums, nil
}

func (s *Store) statsSnapshot() (*statsSnapshot, error) {
	snap := &statsSnapshot{sums: map[streamKey]*summary{}}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return nil, ErrClosed
	}
	snap.dead = s.dead.clone()
	for _, h := range s.heads() {
		for group, g := range h.groups {
			for stream, hs := range g.streams {
				snap.addHeadStream(streamKey{group, stream}, hs)
			}
		}
	}
	for _, g := range s.segments {
		snap.segments = append(snap.segments, g.acquire())
	}
	return snap, nil
}

func (snap *statsSnapshot) add(key streamKey, sum summary) {
	if snap.sums[key] == nil {
		snap.sums[key] = &summary{}
	}
	snap.sums[key].add(sum)
}

func (snap *statsSnapshot) addHeadStream(key streamKey, hs *headStream) {
	rule := snap.dead.rule(key.group, key.stream)
	switch rule.fate(hs.sum.extent) {
	case alive:
		snap.add(key, hs.sum)
	case mixed:
		for _, c := range hs.chains {
			snap.partly = append(snap.partly, partlyDead{key, rule, c})
		}
	}
}

func (snap *statsSnapshot) addSegment(g *segment) {
	for i := range g.parts {
		p := &g.parts[i]
		key, rule := streamKey{p.group, p.stream}, snap.dead.rule(p.group, p.stream)
		switch rule.fate(p.extent) {
		case alive:
			if !g.isSetAside(p.block) {
				snap.add(key, p.summary)
			}
		case mixed:
			snap.partly = append(snap.partly, partlyDead{key, rule, segmentParts{segment: g, parts: g.parts[i : i+1]}})
		}
	}
}

// addLiving counts events one by one.
func (snap *statsSnapshot) addLiving(p partlyDead) error {
	c := newCursor(filter{bounds: everything}, p.key.stream, p.rule, p.src)
	for m := newMerger(false, []*cursor{c}); ; {
		_, r, ok, err := m.nextRow()
		if err != nil || !ok {
			return err
		}
		snap.add(p.key, r.summary())
	}
}

func (r *row) summary() summary {
	return summary{
		extent:        extent{r.Timestamp, r.Timestamp, r.Arrival, r.Arrival},
		lastIngestion: r.Ingestion, events: 1, bytes: int64(len(r.message)),
	}
}
