package embedded

import (
	"sort"
	"unsafe"

	"github.com/tollbook/tollbook/logs"
)

// What a head takes beside its records, in bytes, as measured by TestHeadMemory.
const (
	headEventBytes  = 24
	headRunBytes    = 144 // of a call's batch: the run, room to grow for more of them, and the tables
	headStreamBytes = 420
	headGroupBytes  = 400
)

// head is the part of a store that is in memory, until it is sealed: what the write-ahead logs wals hold. It has no lock of
// its own; the store's guards it while it grows.
type head struct {
	id     uint64 // names the head in the cache
	groups map[logs.GroupID]*headGroup
	wals   []headWAL
	bytes  int64 // of memory, roughly
	events int64
}

type headGroup struct {
	streams map[logs.StreamID]*headStream
	extent  extent // of all events that came in
	// cuts are the arrivals before which the group's events are cut into ranges for queries, ascending; uncut is how many
	// have come since the last, and all have arrived before end.
	cuts  []uint64
	uncut int
	end   uint64
	drops int // how often streams were dropped
}

// total is how many events, and bytes of messages, the group has.
func (g *headGroup) total() (events, bytes int64) {
	for _, s := range g.streams {
		events += s.sum.events
		bytes += s.sum.bytes
	}
	return events, bytes
}

// headWAL is a write-ahead log that a head spans.
type headWAL struct {
	walLength
	damaged bool // parts of it did not verify; the file is kept when its turn comes
}

// headStream holds a stream's events in lists that are in order each. Mostly there is one; events that come out of order
// begin another.
type headStream struct {
	chains []headChain
	sum    summary
}

// headChain is a list that is in order.
type headChain struct {
	runs chain
	last logs.Position // of the last event
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

func (s *Store) newHead() *head {
	return &head{id: s.env.ids.Add(1), groups: map[logs.GroupID]*headGroup{}}
}

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
	h.cut(r)
	h.bytes += int64(cap(r.data)) + int64(r.events)*headEventBytes
	h.events += int64(r.events)
}

// cut ends ranges that have become large enough with a record.
func (h *head) cut(r *eventsRecord) {
	for i := range r.batches {
		if i > 0 && r.batches[i].group == r.batches[i-1].group {
			continue
		}
		g := h.groups[r.batches[i].group]
		if g == nil { // of an empty batch
			continue
		}
		if g.end = r.arrival() + uint64(r.events); g.uncut >= headBlockRows {
			g.cuts, g.uncut = append(g.cuts, g.end), 0
		}
	}
}

func (h *head) addRun(group logs.GroupID, stream logs.StreamID, r run) {
	g := h.groups[group]
	if g == nil {
		g = &headGroup{streams: map[logs.StreamID]*headStream{}}
		h.groups[group] = g
		h.bytes += headGroupBytes
	}
	s := g.streams[stream]
	if s == nil {
		s = &headStream{}
		g.streams[stream] = s
		h.bytes += headStreamBytes
	}
	h.bytes += headRunBytes
	g.uncut += len(r.events)
	sum := r.summary()
	g.extent.add(sum.extent)
	s.sum.add(sum)
	s.add(r)
}

// drop lets go of streams that a tombstone has just killed, whose bound is above all arrivals here. The group stays, as its
// events do in the write-ahead logs.
func (h *head) drop(t *tombstone) {
	g := h.groups[t.group]
	switch {
	case g == nil || t.before != anyTimestamp:
		return
	case len(t.streams) == 0:
		clear(g.streams)
	}
	g.drops++
	for _, s := range t.streams {
		delete(g.streams, s)
	}
}

func (s *headStream) add(r run) {
	first, last := r.position(0), r.position(len(r.events)-1)
	for i := range s.chains[:min(len(s.chains), maxOpenRuns)] {
		if c := &s.chains[i]; c.last.Compare(first) < 0 {
			c.runs, c.last = append(c.runs, r), last
			return
		}
	}
	s.chains = append(s.chains, headChain{chain{r}, last})
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

var _ eventList = chain(nil)

// arrived returns the runs that may hold events which the rule spares for their arrival. Runs come in the order of their
// records; one record may have several of them.
func (c chain) arrived(r deadRule) chain {
	if r.until > 0 {
		c = c[:sort.Search(len(c), func(i int) bool { return c[i].arrival >= r.until })]
	}
	first := sort.Search(len(c), func(i int) bool { return c[i].arrival > r.bound })
	if first > 0 { // the record before reaches up to here
		last := c[first-1].arrival
		first = sort.Search(first, func(i int) bool { return c[i].arrival >= last })
	}
	return c[first:]
}

func (c chain) len() int { return len(c) }

func (c chain) span(i int) (first, last logs.Position) {
	r := &c[i]
	return r.position(0), r.position(len(r.events) - 1)
}

func (c chain) rows(i int, buf []row) ([]row, error) {
	r := &c[i]
	for j := range r.events {
		buf = append(buf, row{r.position(j), uint32(i), uint32(j)})
	}
	return buf, nil
}

func (c chain) message(r row, f *logs.Filter, _ *arena) (message string, ok bool, err error) {
	message = c[r.piece].message(int(r.at))
	if f != nil && f.Loose != nil {
		f.Loose(1, int64(len(message)))
	}
	return message, f == nil || f.Match(message), nil
}

func (c chain) done() {}
