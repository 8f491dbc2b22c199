package embedded

import (
	"context"
	"iter"
	"slices"

	"github.com/tollbook/tollbook/logs"
)

// Scan implements logs.Store. A block on disk that does not verify ends the first scan that needs it with an error that wraps
// logs.ErrCorrupt and names the place; it is then set aside, and later scans yield all other events. Messages share memory
// with the blocks that they come from: who keeps a few of them for long should copy them.
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
	m := newMerger(q.Descending, snap.cursors)
	for n := 0; ; n++ {
		if n%scanCheckEvents == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		stream, r, ok, err := m.nextRow()
		if err != nil || !ok {
			return err
		}
		if q.Filter != nil && !q.Filter.Match(r.message) {
			continue
		}
		if !yield(logs.LogEvent{
			Stream: stream, Timestamp: r.Timestamp, Ingestion: r.Ingestion, Arrival: r.Arrival, Message: r.message,
		}) {
			return nil
		}
	}
}

// snapshot is what a scan reads: all that was readable when it was taken, whatever happens meanwhile.
type snapshot struct {
	filter   filter
	group    logs.GroupID
	streams  []logs.StreamID // sorted; empty: all
	rule     func(logs.StreamID) deadRule
	cursors  []*cursor
	segments []*segment
}

func (s *Store) snapshot(q *logs.ScanQuery) (*snapshot, error) {
	snap := &snapshot{filter: filter{queryBounds(q), q.Descending}, group: q.Group}
	snap.streams = slices.Compact(slices.Sorted(slices.Values(q.Streams)))
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return nil, ErrClosed
	}
	if snap.filter.empty() {
		return snap, nil
	}
	snap.rule = s.rules(snap.group, snap.streams)
	for _, h := range s.heads() {
		snap.addHead(h)
	}
	for _, g := range s.segments {
		snap.addSegment(g)
	}
	return snap, nil
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

func (snap *snapshot) addHead(h *head) {
	g := h.groups[snap.group]
	if g == nil {
		return
	}
	if len(snap.streams) == 0 {
		for id, stream := range g.streams {
			snap.addHeadStream(id, stream)
		}
		return
	}
	for _, id := range snap.streams {
		if stream := g.streams[id]; stream != nil {
			snap.addHeadStream(id, stream)
		}
	}
}

func (snap *snapshot) addHeadStream(id logs.StreamID, stream *headStream) {
	for _, c := range stream.chains {
		if cur := newCursor(snap.filter, id, snap.rule(id), c); cur != nil {
			snap.cursors = append(snap.cursors, cur)
		}
	}
}

// addSegment adds a segment as a whole; its streams are looked up when the merger gets there.
func (snap *snapshot) addSegment(g *segment) {
	span, ok := g.span(snap.group)
	if !ok {
		return
	}
	first, last := span.bounds()
	if !snap.filter.overlaps(first, last) {
		return
	}
	snap.segments = append(snap.segments, g.acquire())
	snap.cursors = append(snap.cursors, newDeferred(snap.filter, first, last, func() []*cursor { return snap.expand(g, span) }))
}

func (snap *snapshot) expand(g *segment, span groupSpan) (cursors []*cursor) {
	add := func(parts []part) {
		if len(parts) == 0 {
			return
		}
		id := parts[0].stream
		if c := newCursor(snap.filter, id, snap.rule(id), segmentParts{segment: g, parts: parts}); c != nil {
			cursors = append(cursors, c)
		}
	}
	if len(snap.streams) == 0 {
		g.eachStream(span, add)
		return cursors
	}
	for _, id := range snap.streams {
		add(g.stream(span, id))
	}
	return cursors
}
