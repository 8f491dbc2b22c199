package storetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/tollbook/tollbook/logs"
)

// RunModel does a number of random operations, drawn from seed, on a store and on a model, and compares what they yield.
// open is called first for an empty store, and then, after Close, for the same data again.
func RunModel(t *testing.T, seed uint64, ops int, open func(t *testing.T) logs.Store) {
	t.Helper()
	m := &modelRun{chance: rand.New(rand.NewPCG(seed, 0)), reopen: open}
	m.fixture = fixture{t, open(t)}
	defer func() { m.must(m.store.Close()) }()
	for i := range ops {
		m.step()
		if t.Failed() {
			t.Fatalf("seed %d: after %d operations: %s", seed, i+1, strings.Join(m.last, "; "))
		}
	}
	m.compareAll()
}

// modelRun holds a store and, in events, all that it should hold, in no order.
type modelRun struct {
	fixture
	chance *rand.Rand
	reopen func(t *testing.T) logs.Store
	events []modelEvent
	last   []string // what was done last, for the message
}

type modelEvent struct {
	group logs.GroupID
	logs.LogEvent
}

func (m *modelRun) step() {
	switch n := m.chance.IntN(100); {
	case n < 55:
		m.appendSome()
	case n < 80:
		m.compare(m.query())
	case n < 86:
		m.compareStats()
	case n < 90:
		m.deleteStreams()
	case n < 92:
		m.deleteGroup()
	case n < 96:
		m.expire()
	default:
		m.note("reopen")
		m.must(m.store.Close())
		m.store = m.reopen(m.t)
	}
}

func (m *modelRun) note(format string, args ...any) {
	m.last = append(m.last, fmt.Sprintf(format, args...))
	m.last = m.last[max(0, len(m.last)-10):]
}

func (m *modelRun) group() logs.GroupID   { return logs.GroupID(1 + m.chance.IntN(3)) }
func (m *modelRun) stream() logs.StreamID { return logs.StreamID(1 + m.chance.IntN(5)) }
func (m *modelRun) time() logs.Millis     { return logs.Millis(m.chance.IntN(200)) }

// appendSome adds batches, mostly in order of time, and learns from a scan which ingestion and arrival they were given.
func (m *modelRun) appendSome() {
	batches := make([]logs.Batch, 1+m.chance.IntN(4))
	total := 0
	for i := range batches {
		batches[i] = logs.Batch{Group: m.group(), Stream: m.stream()}
		at := m.time()
		for range m.chance.IntN(12) {
			at += logs.Millis(m.chance.IntN(12) - 2)
			message := strings.Repeat("xyz ", m.chance.IntN(30)) + fmt.Sprint(m.chance.Uint64())
			batches[i].Events = append(batches[i].Events, event(at, message))
			total++
		}
	}
	m.note("append %d events", total)
	ingestion := m.append(batches...)
	for _, b := range batches {
		for _, e := range b.Events {
			m.adopt(b.Group, b.Stream, ingestion, e)
		}
	}
}

// adopt enters an event into the model with the arrival that the store gave it. Messages are unique.
func (m *modelRun) adopt(group logs.GroupID, stream logs.StreamID, ingestion logs.Millis, e logs.NewEvent) {
	q := logs.ScanQuery{Group: group, Streams: []logs.StreamID{stream}, From: e.Timestamp, To: e.Timestamp + 1}
	for _, got := range m.scan(q) {
		if got.Message != e.Message {
			continue
		}
		want := logs.LogEvent{Stream: stream, Timestamp: e.Timestamp, Ingestion: ingestion, Arrival: got.Arrival, Message: e.Message}
		if got != want {
			m.t.Errorf("appended %+v, got %+v", want, got)
		}
		for _, old := range m.events {
			if old.Arrival >= got.Arrival && old.Arrival != 0 {
				m.t.Errorf("arrival %d is not above %d", got.Arrival, old.Arrival)
				break
			}
		}
		m.events = append(m.events, modelEvent{group, want})
		return
	}
	m.t.Errorf("group %d stream %d: appended event at %d is not in a scan", group, stream, e.Timestamp)
}

func (m *modelRun) query() logs.ScanQuery {
	q := all(m.group())
	for range m.chance.IntN(4) {
		q.Streams = append(q.Streams, m.stream())
	}
	if m.chance.IntN(2) == 0 {
		q.From = m.time()
		q.To = q.From + logs.Millis(m.chance.IntN(100))
	}
	if m.chance.IntN(3) == 0 {
		q.After = m.position()
	}
	if m.chance.IntN(3) == 0 {
		q.Before = m.position()
	}
	q.Descending = m.chance.IntN(2) == 0
	return q
}

func (m *modelRun) position() *logs.Position {
	if len(m.events) == 0 || m.chance.IntN(4) == 0 {
		return &logs.Position{Timestamp: m.time(), Ingestion: 5, Arrival: 5}
	}
	p := m.events[m.chance.IntN(len(m.events))].Position()
	return &p
}

// selected is Scan, as plainly as it can be said.
func (m *modelRun) selected(q logs.ScanQuery) (events []logs.LogEvent) {
	for _, e := range m.events {
		p := e.Position()
		switch {
		case e.group != q.Group,
			len(q.Streams) > 0 && !slices.Contains(q.Streams, e.Stream),
			e.Timestamp < q.From || e.Timestamp >= q.To,
			q.After != nil && p.Compare(*q.After) <= 0,
			q.Before != nil && p.Compare(*q.Before) >= 0:
			continue
		}
		events = append(events, e.LogEvent)
	}
	slices.SortFunc(events, func(a, b logs.LogEvent) int { return a.Position().Compare(b.Position()) })
	if q.Descending {
		slices.Reverse(events)
	}
	return events
}

func (m *modelRun) compare(q logs.ScanQuery) {
	want := m.selected(q)
	limit := 1 + m.chance.IntN(2*len(want)+1)
	m.note("scan %+v up to %d", q, limit)
	got, err := collect(m.store, q, limit)
	m.must(err)
	if diff := gocmp.Diff(want[:min(limit, len(want))], got); diff != "" {
		m.t.Errorf("scan %+v up to %d (-want +got):\n%s", q, limit, diff)
	}
}

func (m *modelRun) compareAll() {
	for g := range logs.GroupID(5) {
		if diff := gocmp.Diff(m.selected(all(g)), m.scan(all(g))); diff != "" {
			m.t.Errorf("group %d (-want +got):\n%s", g, diff)
		}
	}
	m.compareStats()
}

func (m *modelRun) compareStats() {
	m.note("stats")
	type key struct {
		group  logs.GroupID
		stream logs.StreamID
	}
	sums := map[key]logs.StreamStats{}
	for _, e := range m.events {
		k := key{e.group, e.Stream}
		s, ok := sums[k]
		if !ok {
			s = logs.StreamStats{Group: e.group, Stream: e.Stream, FirstEvent: e.Timestamp, LastEvent: e.Timestamp}
		}
		s.FirstEvent, s.LastEvent = min(s.FirstEvent, e.Timestamp), max(s.LastEvent, e.Timestamp)
		s.LastIngestion = max(s.LastIngestion, e.Ingestion)
		s.Events++
		s.Bytes += int64(len(e.Message)) + 26
		sums[k] = s
	}
	got := map[key]logs.StreamStats{}
	for _, s := range m.stats() {
		got[key{s.Group, s.Stream}] = s
	}
	if diff := gocmp.Diff(sums, got); diff != "" {
		m.t.Errorf("stats (-want +got):\n%s", diff)
	}
}

func (m *modelRun) deleteStreams() {
	group, streams := m.group(), []logs.StreamID{m.stream(), m.stream()}
	m.note("delete streams %v of group %d", streams, group)
	m.must(m.store.DeleteStreams(context.Background(), group, streams))
	m.forget(func(e modelEvent) bool { return e.group == group && slices.Contains(streams, e.Stream) })
}

func (m *modelRun) deleteGroup() {
	group := m.group()
	m.note("delete group %d", group)
	m.must(m.store.DeleteGroup(context.Background(), group))
	m.forget(func(e modelEvent) bool { return e.group == group })
}

func (m *modelRun) expire() {
	group, before := m.group(), m.time()/2
	m.note("expire group %d before %d", group, before)
	m.must(m.store.ExpireBefore(context.Background(), group, before))
	m.forget(func(e modelEvent) bool { return e.group == group && e.Timestamp < before })
}

func (m *modelRun) forget(gone func(modelEvent) bool) { m.events = slices.DeleteFunc(m.events, gone) }
