package embedded

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/klauspost/compress/zstd"

	"github.com/tollbook/tollbook/logs"
)

// sealer is the goroutine that makes segments of full heads.
type sealer struct {
	worker
	mu       sync.Mutex
	changed  sync.Cond // a head was sealed, or could not be
	attempts int       // begun so far
	failures int
	failed   int   // the last attempt that failed
	err      error // its error
}

func (s *Store) pendingHeads() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.sealing)
}

// waitForSealer waits until another head may be given to the sealer. If an attempt to seal that begins meanwhile fails, as
// on a full disk, it returns that error; the next call has the sealer try again.
func (s *Store) waitForSealer() error {
	l := &s.sealer
	l.mu.Lock()
	defer l.mu.Unlock()
	for before := l.attempts; s.pendingHeads() >= maxSealingHeads; {
		if l.failed > before {
			return l.err
		}
		l.wake()
		l.changed.Wait()
	}
	return nil
}

// sealAll seals heads until none is left, one fails, or the store closes.
func (s *Store) sealAll() {
	for !s.sealer.stopping() && s.pendingHeads() > 0 {
		s.sealer.begin()
		err := s.sealOldest()
		if err != nil {
			s.log.Error("log store cannot seal a head; it stays in memory and in the write-ahead log", "error", err)
		}
		s.sealer.report(err)
		if err != nil {
			return
		}
	}
}

func (l *sealer) begin() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.attempts++
}

func (l *sealer) report(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		l.failures++
		l.failed, l.err = l.attempts, err
	}
	l.changed.Broadcast()
}

func (s *Store) sealOldest() error {
	s.mu.RLock()
	h, dead := s.sealing[0], s.dead.clone()
	s.mu.RUnlock()
	g, err := s.writeSegment(h.interval(), zstd.SpeedFastest, func(w *segmentWriter) error { return w.addHead(h, dead) })
	if err != nil {
		return fmt.Errorf("seal %s: %w", walName(h.interval().first), err)
	}
	s.mu.Lock()
	if g != nil {
		s.segments = append(s.segments[:len(s.segments):len(s.segments)], g)
		slices.SortFunc(s.segments, byInterval)
	}
	s.sealing = slices.Clone(s.sealing[1:])
	for _, w := range h.wals {
		s.garbage[walName(w.sequence)] = w.damaged
	}
	s.mu.Unlock()
	s.metrics.seals.Add(1)
	s.removeGarbage()
	s.compactor.wake()
	return nil
}

// writeSegment makes a segment of what fill adds and opens it; it is nil if that is nothing.
func (s *Store) writeSegment(i interval, level zstd.EncoderLevel, fill func(*segmentWriter) error) (*segment, error) {
	i.generation = s.generation.Add(1) // no two files ever have the same name
	w, err := newSegmentWriter(s.fs, s.dir, i, s.opts.BlockBytes, level)
	if err != nil {
		return nil, err
	}
	g, err := s.fillSegment(w, fill)
	if err != nil {
		w.abort()
		s.discard(w.name)
		s.removeGarbage()
	}
	return g, err
}

func (s *Store) fillSegment(w *segmentWriter, fill func(*segmentWriter) error) (*segment, error) {
	if err := fill(w); err != nil {
		return nil, err
	}
	if len(w.index.parts) == 0 {
		w.abort()
		return nil, nil
	}
	s.mu.RLock()
	c := s.checkpoint()
	s.mu.RUnlock()
	if err := w.finish(c); err != nil {
		return nil, err
	}
	return openSegment(s.env, w.name)
}

func (w *segmentWriter) addHead(h *head, dead tombstones) error {
	for _, id := range slices.Sorted(maps.Keys(h.groups)) {
		streams := h.groups[id].streams
		for _, stream := range slices.Sorted(maps.Keys(streams)) {
			var cursors []*cursor
			for _, c := range streams[stream].chains {
				cursors = append(cursors, newCursor(filter{bounds: everything}, stream, dead.rule(id, stream), c))
			}
			if err := w.addAll(id, newMerger(false, cursors)); err != nil {
				return err
			}
		}
	}
	return nil
}

// addAll adds what a merger yields of one stream.
func (w *segmentWriter) addAll(group logs.GroupID, m *merger) error {
	for {
		stream, r, ok, err := m.nextRow()
		if err != nil || !ok {
			return err
		}
		if err := w.add(group, stream, r); err != nil {
			return err
		}
	}
}

// discard marks a file, which may or may not exist, as one that does not count.
func (s *Store) discard(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.garbage[name] = false
}

// removeGarbage removes what does not count any more, as far as it can, or sets it aside where it is damaged. What fails is
// tried again with the next.
func (s *Store) removeGarbage() {
	s.mu.RLock()
	names := maps.Clone(s.garbage)
	s.mu.RUnlock()
	maps.DeleteFunc(names, func(name string, damaged bool) bool {
		err := removeOrKeep(s.fs, s.dir, name, damaged)
		if err != nil {
			s.log.Warn("log store cannot remove a file yet", "file", name, "error", err)
		}
		return err != nil
	})
	if len(names) == 0 {
		return
	}
	if err := s.fs.SyncDir(s.dir); err != nil {
		s.log.Warn("log store cannot sync its directory", "error", err)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for name := range names {
		delete(s.garbage, name)
	}
}

func byInterval(a, b *segment) int { return cmp.Compare(a.interval.first, b.interval.first) }
