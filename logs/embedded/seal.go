package embedded

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/tollbook/tollbook/logs"
	"github.com/tollbook/tollbook/logs/columnar"
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
	g, err := s.writeSegment(h.interval(), s.restSealing(), func(b *builder) error { return addHead(b, h, dead) })
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
	s.env.cache.forget(h.id)
	s.metrics.seals.Add(1)
	s.removeGarbage()
	s.compactor.wake()
	return nil
}

// restSealing returns the pauses of one sealing: none while another head waits.
func (s *Store) restSealing() func(*segmentWriter) error {
	p := s.newPacer()
	wait := func(d time.Duration) {
		if s.pendingHeads() >= maxSealingHeads {
			return
		}
		select {
		case <-time.After(d):
		case <-s.sealer.wakeup: // sealAll looks for more anyway
		case <-s.sealer.quit:
		}
	}
	return func(*segmentWriter) error {
		p.rest(0, wait)
		return nil
	}
}

// encoding is what makes blocks and pages. It takes much memory, so sealing and merging share one and take turns.
type encoding struct {
	mu      sync.Mutex
	columns *columnar.Encoder
	pages   *zstd.Encoder // safe for concurrent use as it is used
}

func newEncoding() (*encoding, error) {
	pages, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest),
		zstd.WithEncoderCRC(false), zstd.WithWindowSize(1<<18), zstd.WithLowerEncoderMem(true))
	if err != nil {
		return nil, fmt.Errorf("make compressor: %w", err)
	}
	return &encoding{columns: columnar.NewEncoder(), pages: pages}, nil
}

func (e *encoding) block(dst []byte, rows *columnar.Rows) []byte {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.columns.Append(dst, rows)
}

// writeSegment makes a segment of what fill adds and opens it; it is nil if that is nothing. rest is called behind each block.
func (s *Store) writeSegment(i interval, rest func(*segmentWriter) error, fill func(*builder) error) (*segment, error) {
	i.generation = s.generation.Add(1) // no two files ever have the same name
	w, err := newSegmentWriter(s.fs, s.dir, i, s.encoding.pages)
	if err != nil {
		return nil, err
	}
	b := &builder{
		w: w, encode: s.encoding.block, rest: func() error { return rest(w) },
		maxRows: s.opts.BlockRows, maxSize: s.opts.blockBytes, arena: arena{reuse: true},
	}
	g, err := s.fillSegment(b, fill)
	if err != nil {
		w.abort()
		s.discard(w.name)
		s.removeGarbage()
	}
	return g, err
}

func (s *Store) fillSegment(b *builder, fill func(*builder) error) (*segment, error) {
	if err := fill(b); err != nil {
		return nil, err
	}
	if err := b.flush(); err != nil {
		return nil, err
	}
	if len(b.w.index.blocks) == 0 {
		b.w.abort()
		return nil, nil
	}
	s.mu.RLock()
	c := s.checkpoint()
	s.mu.RUnlock()
	if err := b.w.finish(c); err != nil {
		return nil, err
	}
	return openSegment(s.env, b.w.name)
}

// addHead adds all living events of a head: the small groups, then the large ones.
func addHead(b *builder, h *head, dead tombstones) error {
	src := &headSource{messages: make([]string, 0, h.events)}
	b.src = src
	var large []logs.GroupID
	for _, id := range slices.Sorted(maps.Keys(h.groups)) {
		if !b.small(h.groups[id].total()) {
			large = append(large, id)
		} else if err := b.addSmall(id, src.refs(h.groups[id], id, dead)); err != nil {
			return err
		}
	}
	for _, id := range large {
		if err := b.addLarge(id, src.refs(h.groups[id], id, dead)); err != nil {
			return err
		}
	}
	return nil
}

// headSource has the messages of a head. The first number of a ref is the message's place.
type headSource struct{ messages []string }

var _ source = (*headSource)(nil)

func (s *headSource) fill(messages []string, refs []ref, _ *arena) ([]string, error) {
	for i := range refs {
		messages = append(messages, s.messages[refs[i].a])
	}
	return messages, nil
}

// refs lists the living events of a group.
func (s *headSource) refs(g *headGroup, group logs.GroupID, dead tombstones) (streams []streamRefs) {
	for _, id := range slices.Sorted(maps.Keys(g.streams)) {
		stream := g.streams[id]
		if refs := s.streamRefs(stream, dead.rule(group, id)); len(refs) > 0 {
			streams = append(streams, streamRefs{id, refs, stream.sum.bytes})
		}
	}
	return streams
}

func (s *headSource) streamRefs(stream *headStream, rule deadRule) []ref {
	refs := make([]ref, 0, stream.sum.events)
	for _, c := range stream.chains {
		for i := range c.runs {
			run := &c.runs[i]
			for j := range run.events {
				if at := run.position(j); !rule.dead(at) {
					refs = append(refs, ref{at, uint32(len(s.messages)), 0})
					s.messages = append(s.messages, run.message(j))
				}
			}
		}
	}
	if len(stream.chains) > 1 {
		sortRefs(refs)
	}
	return refs
}

func sortRefs(refs []ref) {
	slices.SortFunc(refs, func(a, b ref) int { return a.Compare(b.Position) })
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
