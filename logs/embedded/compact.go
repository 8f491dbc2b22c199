package embedded

import (
	"errors"
	"slices"

	"github.com/klauspost/compress/zstd"

	"github.com/tollbook/tollbook/logs"
)

// compactor is the goroutine that drops segments without living events, merges small neighbours, and rewrites those of
// which half is dead. It alone removes segments.
type compactor struct {
	worker
}

var errStopping = errors.New("store is closing")

// compactAll works until there is nothing more to do.
func (s *Store) compactAll() {
	for !s.compactor.stopping() {
		segments, unsealed, dead := s.compactable()
		s.dropDead(segments, dead)
		chosen := s.chooseSegments(segments, unsealed, dead)
		if len(chosen) == 0 {
			return
		}
		if err := s.compact(chosen, dead); err != nil {
			if !errors.Is(err, errStopping) {
				s.log.Error("log store cannot merge segments", "first", chosen[0].name, "error", err)
			}
			return // the next sealing or deletion wakes us again
		}
	}
}

// compactable returns the segments, the write-ahead logs that none of them stands for yet, and the tombstones.
func (s *Store) compactable() (segments []*segment, unsealed []uint64, dead tombstones) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, h := range s.heads() {
		for _, w := range h.wals {
			unsealed = append(unsealed, w.sequence)
		}
	}
	return s.segments, unsealed, s.dead.clone()
}

// dropDead drops the segments that hold no living event.
func (s *Store) dropDead(segments []*segment, dead tombstones) {
	var gone []*segment
	for _, g := range segments {
		if g.deadBytes(dead) == g.messageBytes() {
			gone = append(gone, g)
		}
	}
	if len(gone) > 0 {
		s.replaceSegments(gone, nil)
	}
}

func (g *segment) messageBytes() (n int64) {
	for i := range g.groups {
		n += g.groups[i].bytes
	}
	return n
}

// deadBytes returns the bytes of messages in parts that are dead as a whole.
func (g *segment) deadBytes(ts tombstones) (n int64) {
	for i := range g.groups {
		s := &g.groups[i]
		if ts[s.group] == nil {
			continue
		}
		for j := s.from; j < s.to; j++ {
			if p := &g.parts[j]; ts.rule(p.group, p.stream).fate(p.extent) == dead {
				n += p.bytes
			}
		}
	}
	return n
}

// chooseSegments returns neighbours to merge, or one to rewrite, or none. Damaged segments stay as they are.
func (s *Store) chooseSegments(segments []*segment, unsealed []uint64, dead tombstones) []*segment {
	segments = slices.DeleteFunc(slices.Clone(segments), func(g *segment) bool { return g.deadBytes(dead) == g.messageBytes() })
	for class := range 3 {
		if run := s.smallNeighbours(segments, unsealed, class); run != nil {
			return run
		}
	}
	for _, g := range segments {
		if !g.damaged() && 2*g.deadBytes(dead) >= g.messageBytes() {
			return []*segment{g}
		}
	}
	return nil
}

// smallNeighbours returns compactFanout neighbours that are of the size class or below. An unsealed log between two, as after
// damage, keeps them apart: what is merged must not claim to stand for it.
func (s *Store) smallNeighbours(segments []*segment, unsealed []uint64, class int) []*segment {
	var total int64
	from := 0
	for i, g := range segments {
		if g.damaged() || s.sizeClass(g) > class {
			from, total = i+1, 0
			continue
		}
		span := interval{first: segments[from].interval.first, last: g.interval.last}
		if slices.ContainsFunc(unsealed, span.covers) {
			from, total = i, 0
		}
		total += g.size
		if i+1-from == compactFanout && total <= maxCompactedBytes {
			return segments[from : i+1]
		} else if i+1-from == compactFanout {
			total -= segments[from].size
			from++
		}
	}
	return nil
}

// sizeClass tells segments of different orders of size apart: a head makes one of class 0 or 1, eight of a class one of the
// next.
func (s *Store) sizeClass(g *segment) (class int) {
	for limit := max(s.opts.HeadBytes/16, 1); g.size >= limit && class < 3; limit *= compactFanout {
		class++
	}
	return class
}

// compact writes one segment with the living events of the given neighbours and puts it in their place.
func (s *Store) compact(old []*segment, dead tombstones) error {
	i := interval{first: old[0].interval.first, last: old[len(old)-1].interval.last}
	g, err := s.writeSegment(i, zstd.SpeedDefault, func(w *segmentWriter) error { return s.mergeInto(w, old, dead) })
	if err != nil {
		return err
	}
	s.metrics.compactions.Add(1)
	s.replaceSegments(old, g)
	return nil
}

// mergeInto adds the events of all segments, stream by stream.
func (s *Store) mergeInto(w *segmentWriter, old []*segment, dead tombstones) error {
	left := make([]segmentParts, len(old)) // what of each segment is still to be added
	for i, g := range old {
		left[i] = segmentParts{g, g.parts, &blockMemo{}}
	}
	for {
		group, stream, ok := firstStream(left)
		if !ok {
			return nil
		}
		if s.compactor.stopping() {
			return errStopping
		}
		var cursors []*cursor
		for i := range left {
			parts := left[i].takeStream(group, stream)
			parts.parts = livingParts(parts.parts, dead.rule(group, stream))
			cursors = append(cursors, newCursor(filter{bounds: everything}, stream, dead.rule(group, stream), parts))
		}
		if err := w.addAll(group, newMerger(false, cursors)); err != nil {
			return err
		}
	}
}

func firstStream(left []segmentParts) (group logs.GroupID, stream logs.StreamID, ok bool) {
	for _, l := range left {
		if len(l.parts) == 0 {
			continue
		}
		if p := &l.parts[0]; !ok || p.group < group || p.group == group && p.stream < stream {
			group, stream, ok = p.group, p.stream, true
		}
	}
	return group, stream, ok
}

// takeStream takes the parts of a stream off the front, if it is there.
func (s *segmentParts) takeStream(group logs.GroupID, stream logs.StreamID) segmentParts {
	n := 0
	for n < len(s.parts) && s.parts[n].group == group && s.parts[n].stream == stream {
		n++
	}
	taken := segmentParts{s.segment, s.parts[:n], s.memo}
	s.parts = s.parts[n:]
	return taken
}

// livingParts leaves out those that are dead as a whole, so that they are not even read.
func livingParts(parts []part, rule deadRule) (living []part) {
	for i := range parts {
		if rule.fate(parts[i].extent) != dead {
			living = append(living, parts[i])
		}
	}
	return living
}

// replaceSegments takes segments out of sight, puts one in their place, unless it is nil, and removes their files.
func (s *Store) replaceSegments(old []*segment, by *segment) {
	s.mu.Lock()
	next := slices.DeleteFunc(slices.Clone(s.segments), func(g *segment) bool { return slices.Contains(old, g) })
	if by != nil {
		next = append(next, by)
		slices.SortFunc(next, byInterval)
	}
	s.segments = next
	for _, g := range old {
		s.garbage[g.name] = false
	}
	s.mu.Unlock()
	for _, g := range old {
		g.release()
	}
	s.removeGarbage()
}
