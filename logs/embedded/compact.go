package embedded

import (
	"errors"
	"slices"
	"time"
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
		work, err := s.nextCompaction()
		if err != nil {
			s.log.Error("log store cannot look for dead events", "error", err)
			return
		}
		if work == nil {
			if err := s.pruneTombstones(); err != nil {
				s.log.Error("log store cannot look for tombstones to drop", "error", err)
			}
			return
		}
		if err := s.compact(work); err != nil {
			if !errors.Is(err, errStopping) {
				s.log.Error("log store cannot merge segments", "first", work.segments[0].name, "error", err)
			}
			return // the next sealing or deletion wakes us again
		}
	}
}

// compaction is neighbouring segments to make one of, and the tombstones to apply.
type compaction struct {
	segments []*segment
	dead     *deadView
}

// nextCompaction drops dead segments and chooses what to merge or rewrite; nil if there is nothing.
func (s *Store) nextCompaction() (*compaction, error) {
	segments, unsealed, dead := s.compactable()
	var living, gone []*segment
	var rewrite *segment
	for _, g := range segments {
		sums, err := g.lookAtDead(dead)
		if err != nil {
			return nil, err
		}
		all, bytes := allDead(sums)
		if all {
			gone = append(gone, g)
			continue
		}
		living = append(living, g)
		if rewrite == nil && !g.damaged() && 2*bytes >= g.bytes {
			rewrite = g
		}
	}
	if len(gone) > 0 {
		s.replaceSegments(gone, nil)
	}
	for class := range 3 {
		if run := s.smallNeighbours(living, unsealed, class); run != nil {
			return &compaction{run, dead}, nil
		}
	}
	if rewrite != nil {
		return &compaction{[]*segment{rewrite}, dead}, nil
	}
	return nil, nil
}

// compactable returns the segments, the write-ahead logs that none of them stands for yet, and the tombstones.
func (s *Store) compactable() (segments []*segment, unsealed []uint64, dead *deadView) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, h := range s.heads() {
		for _, w := range h.wals {
			unsealed = append(unsealed, w.sequence)
		}
	}
	return s.segments, unsealed, newDeadView(s.dead.clone(), s.deadVersion)
}

// smallNeighbours returns compactFanout neighbours that are of the size class or below. An unsealed log between two, as after
// damage, keeps them apart: what is merged must not claim to stand for it. Damaged segments stay as they are.
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
func (s *Store) compact(work *compaction) error {
	old := work.segments
	i := interval{first: old[0].interval.first, last: old[len(old)-1].interval.last}
	m := newMerge(work.dead, s.opts.mergeBytes)
	g, err := s.writeSegment(i, s.restCompacting(), func(b *builder) error { return m.run(b, old) })
	if err != nil {
		return err
	}
	s.metrics.compactions.Add(1)
	s.metrics.recodedEvents.Add(m.recoded)
	s.replaceSegments(old, g)
	return nil
}

// restCompacting returns the pauses of one merging.
func (s *Store) restCompacting() func(*segmentWriter) error {
	p := s.newPacer()
	wait := func(d time.Duration) {
		select {
		case <-time.After(d):
		case <-s.compactor.quit:
		}
	}
	return func(w *segmentWriter) error {
		p.rest(w.at, wait)
		if s.compactor.stopping() {
			return errStopping
		}
		return nil
	}
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
