package embedded

import "sync/atomic"

// Metrics is what an operator may want to watch. Counters begin at zero with each Open.
type Metrics struct {
	AppendedEvents int64 // counter
	AppendedBytes  int64 // counter; of the messages
	AppendErrors   int64 // counter; frames of the write-ahead log that failed, each with all calls that shared it
	Fsyncs         int64 // counter; of the write-ahead log
	Seals          int64 // counter; heads made into segments
	SealErrors     int64 // counter; attempts that failed
	Compactions    int64 // counter; segments written in place of others
	RecodedEvents  int64 // counter; events that merging took out of blocks and put into others
	Corruptions    int64 // counter; places on disk found not to verify
	WALBytes       int64 // write-ahead logs on disk that still count
	HeadEvents     int64 // events in memory, not yet sealed
	HeadBytes      int64 // the memory that they take, roughly
	SealingHeads   int64 // full heads that wait to be sealed; Append waits at 2
	Segments       int64
	SegmentBytes   int64 // on disk
	SegmentEvents  int64 // dead ones that are not removed yet included
	CacheBytes     int64 // memory of the cache of blocks
	Tombstones     int64 // deletions and expiries that still hide events
}

type counters struct {
	appendedEvents, appendedBytes, appendErrors, fsyncs atomic.Int64
	seals, compactions, corruptions, recodedEvents      atomic.Int64
}

// Metrics returns the present numbers. It is safe for concurrent use and cheap enough for every scrape.
func (s *Store) Metrics() Metrics {
	c := &s.metrics
	m := Metrics{
		AppendedEvents: c.appendedEvents.Load(), AppendedBytes: c.appendedBytes.Load(), AppendErrors: c.appendErrors.Load(),
		Fsyncs: c.fsyncs.Load(), Seals: c.seals.Load(), SealErrors: s.sealer.failureCount(),
		Compactions: c.compactions.Load(), RecodedEvents: c.recodedEvents.Load(), Corruptions: c.corruptions.Load(),
	}
	m.CacheBytes = s.env.cache.held()
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, h := range s.heads() {
		m.HeadEvents += h.events
		m.HeadBytes += h.bytes
		for _, w := range h.wals {
			m.WALBytes += w.length
		}
	}
	for _, g := range s.segments {
		m.SegmentBytes += g.size
		m.SegmentEvents += g.events
	}
	m.Segments, m.SealingHeads = int64(len(s.segments)), int64(len(s.sealing))
	for _, g := range s.dead {
		m.Tombstones += int64(len(g.streams) + len(g.expiry))
		if g.bound > 0 {
			m.Tombstones++
		}
	}
	return m
}

func (l *sealer) failureCount() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return int64(l.failures)
}
