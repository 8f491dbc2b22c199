package embedded

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/tollbook/tollbook/logs"
)

// committer is the one goroutine that writes to the write-ahead log. Calls that arrive while it syncs wait together and
// share the next frame.
type committer struct {
	mu      sync.Mutex
	queue   []*pending
	closing bool
	wakeup  chan struct{}
	stopped chan struct{}

	// The rest belongs to the goroutine.
	wal           *walWriter // nil after an error of the disk, until a new file can be made
	nextSequence  uint64
	nextArrival   uint64
	lastIngestion logs.Millis
}

// pending is a call that waits for its record to be durable: one of events or of a tombstone.
type pending struct {
	events    *eventsRecord
	tombstone *tombstone
	ingestion logs.Millis
	err       error
	done      chan struct{}
	state     atomic.Int32
}

// The states of a pending call: who changes waiting first decides.
const (
	waiting = iota
	taken
	cancelled
)

func (p *pending) size() int {
	if p.tombstone != nil {
		return 40 + 8*len(p.tombstone.streams)
	}
	return len(p.events.data)
}

// submit waits until p is durable and readable, or has failed.
func (s *Store) submit(ctx context.Context, p *pending) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if !s.committer.push(p) {
		return ErrClosed
	}
	select {
	case <-p.done:
		return p.err
	case <-ctx.Done():
	}
	if p.state.CompareAndSwap(waiting, cancelled) {
		return ctx.Err()
	}
	<-p.done
	return p.err
}

func (c *committer) push(p *pending) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closing {
		return false
	}
	c.queue = append(c.queue, p)
	signal(c.wakeup)
	return true
}

// signal wakes the goroutine that waits on a channel of capacity one, now or when it looks next.
func signal(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}

// take returns the calls of the next frame. It waits for one; after stop it returns none.
func (c *committer) take() []*pending {
	for {
		c.mu.Lock()
		group, closing := c.cut(), c.closing
		c.mu.Unlock()
		if len(group) > 0 || closing {
			return group
		}
		<-c.wakeup
	}
}

// cut takes calls off the queue until they fill a frame.
func (c *committer) cut() (group []*pending) {
	size, n := 0, 0
	for ; n < len(c.queue) && (size == 0 || size+c.queue[n].size() <= maxFrameBytes); n++ {
		if p := c.queue[n]; p.state.CompareAndSwap(waiting, taken) {
			group = append(group, p)
			size += p.size()
		}
	}
	clear(c.queue[:n])
	if c.queue = c.queue[n:]; len(c.queue) == 0 {
		c.queue = nil
	}
	return group
}

func (c *committer) stop() {
	c.mu.Lock()
	c.closing = true
	c.mu.Unlock()
	signal(c.wakeup)
	<-c.stopped
}

func (s *Store) runCommitter() {
	defer close(s.committer.stopped)
	for {
		group := s.committer.take()
		if len(group) == 0 {
			return
		}
		if err := s.commit(group); err != nil {
			s.metrics.appendErrors.Add(1)
			for _, p := range group {
				p.err = err
			}
		}
		for _, p := range group {
			close(p.done)
		}
		s.rotateEarly()
	}
}

// commit makes the calls durable and then readable, all or none.
func (s *Store) commit(group []*pending) error {
	c := &s.committer
	if err := s.makeRoom(); err != nil {
		return fmt.Errorf("append to the log store: %w", err)
	}
	now := s.ingestionTime()
	c.wal.begin()
	for _, p := range group {
		p.ingestion = now
		c.wal.add(p.stamp(c.nextArrival, now))
		c.nextArrival += uint64(p.count())
	}
	if err := c.wal.flush(); err != nil {
		s.abandonWAL(err)
		return fmt.Errorf("append to the log store: %w", err)
	}
	c.lastIngestion = now
	s.metrics.fsyncs.Add(1)
	s.publishEvents(group)
	return nil
}

func (p *pending) count() int {
	if p.tombstone != nil {
		return 0
	}
	return p.events.events
}

// stamp fills in the place that the call was given in the order, and returns its record.
func (p *pending) stamp(arrival uint64, now logs.Millis) []byte {
	if p.tombstone != nil {
		p.tombstone.bound = arrival
		return p.tombstone.append(nil)
	}
	if p.count() > 0 {
		p.events.stamp(arrival, now)
	}
	return p.events.data
}

// ingestionTime is the clock, which must not be seen to step back.
func (s *Store) ingestionTime() logs.Millis {
	return max(s.committer.lastIngestion, logs.Millis(s.opts.Now().UnixMilli()))
}

// publishEvents makes what is durable readable.
func (s *Store) publishEvents(group []*pending) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range group {
		if p.tombstone != nil {
			s.addTombstone(p.tombstone)
			s.active.drop(p.tombstone)
			continue
		}
		if p.count() > 0 {
			s.active.add(p.events)
		}
		s.metrics.appendedEvents.Add(int64(p.count()))
		s.metrics.appendedBytes.Add(p.events.bytes)
	}
	s.active.wals[len(s.active.wals)-1].length = s.committer.wal.size
	s.nextArrival.Store(s.committer.nextArrival)
}
