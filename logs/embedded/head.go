package embedded

import (
	"unsafe"

	"github.com/tollbook/tollbook/logs"
)

// head is the part of a store that is in memory, until it is sealed: what the write-ahead logs wals hold. It has no lock of
// its own; the store's guards it while it grows.
type head struct {
	groups map[logs.GroupID]*headGroup
	wals   []headWAL
	bytes  int64 // of the records that have gone in
	events int64
}

type headGroup struct {
	streams map[logs.StreamID]*headStream
	extent  extent // of all events that came in
}

// headWAL is a write-ahead log that a head spans.
type headWAL struct {
	walLength
	damaged bool // parts of it did not verify; the file is kept when its turn comes
}

// headStream holds a stream's events in lists that are in order each. Mostly there is one; events that come out of order
// begin another.
type headStream struct {
	chains []chain
	sum    summary
}

// summary sums up some events of a stream.
type summary struct {
	extent
	lastIngestion logs.Millis
	events        int64
	bytes         int64 // of the messages alone
}

func (s *summary) add(t summary) {
	s.extent.add(t.extent)
	s.lastIngestion = max(s.lastIngestion, t.lastIngestion)
	s.events += t.events
	s.bytes += t.bytes
}

// run is the events that one call added to one stream, in order of position.
type run struct {
	events    []headEvent
	data      string // the record that the messages lie in
	arrival   uint64
	ingestion logs.Millis
}

func newHead() *head { return &head{groups: map[logs.GroupID]*headGroup{}} }

func (h *head) interval() interval {
	return interval{first: h.wals[0].sequence, last: h.wals[len(h.wals)-1].sequence}
}

// add takes in a stamped record and keeps its memory.
func (h *head) add(r *eventsRecord) {
	data := unsafe.String(unsafe.SliceData(r.data), len(r.data)) // nobody writes to a stamped record
	arrival, ingestion := r.arrival(), r.ingestion()
	for i := range r.batches {
		b := &r.batches[i]
		if len(b.events) > 0 {
			h.addRun(b.group, b.stream, run{b.events, data, arrival, ingestion})
		}
	}
	h.bytes += int64(len(r.data))
	h.events += int64(r.events)
}

func (h *head) addRun(group logs.GroupID, stream logs.StreamID, r run) {
	g := h.groups[group]
	if g == nil {
		g = &headGroup{streams: map[logs.StreamID]*headStream{}}
		h.groups[group] = g
	}
	s := g.streams[stream]
	if s == nil {
		s = &headStream{}
		g.streams[stream] = s
	}
	sum := r.summary()
	g.extent.add(sum.extent)
	s.sum.add(sum)
	s.add(r)
}

// drop lets go of streams that a tombstone has just killed, whose bound is above all arrivals here.
func (h *head) drop(t *tombstone) {
	g := h.groups[t.group]
	switch {
	case g == nil || t.before != anyTimestamp:
		return
	case len(t.streams) == 0:
		delete(h.groups, t.group)
	}
	for _, s := range t.streams {
		delete(g.streams, s)
	}
}

func (s *headStream) add(r run) {
	first := r.position(0)
	for i := range s.chains[:min(len(s.chains), maxOpenRuns)] {
		c := &s.chains[i]
		if _, last := c.span(len(*c) - 1); last.Compare(first) < 0 {
			*c = append(*c, r)
			return
		}
	}
	s.chains = append(s.chains, chain{r})
}

func (r *run) position(i int) logs.Position {
	e := &r.events[i]
	return logs.Position{Timestamp: e.timestamp, Ingestion: r.ingestion, Arrival: r.arrival + uint64(e.index)}
}

func (r *run) message(i int) string {
	e := &r.events[i]
	return r.data[e.offset : e.offset+e.length]
}

func (r *run) summary() summary {
	s := summary{lastIngestion: r.ingestion, events: int64(len(r.events))}
	low, high := r.events[0].index, r.events[0].index
	for i := range r.events {
		e := &r.events[i]
		s.bytes += int64(e.length)
		low, high = min(low, e.index), max(high, e.index)
	}
	s.extent = extent{
		firstTime: r.events[0].timestamp, lastTime: r.events[len(r.events)-1].timestamp,
		firstArrival: r.arrival + uint64(low), lastArrival: r.arrival + uint64(high),
	}
	return s
}

// chain is runs of one stream that follow each other in order of position.
type chain []run

var _ pieces = chain(nil)

func (c chain) len() int { return len(c) }

func (c chain) span(i int) (first, last logs.Position) {
	r := &c[i]
	return r.position(0), r.position(len(r.events) - 1)
}

func (c chain) rows(i int, buf []row) ([]row, error) {
	r := &c[i]
	for j := range r.events {
		buf = append(buf, row{r.position(j), r.message(j)})
	}
	return buf, nil
}
