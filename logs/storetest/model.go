package storetest

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/tollbook/tollbook/logs"
)

// Model says what RunModel does.
type Model struct {
	// Seed is what the operations are drawn from.
	Seed uint64
	// Ops is their number.
	Ops int
	// Open is called first for an empty store, and then, after Close, for the same data again.
	Open func(t *testing.T) logs.Store
	// Break, where set, makes the store's disk fail to write until repair is called: the store may then refuse what it is
	// asked to change, but reads go on.
	Break func() (repair func())
}

// RunModel does random operations on a store and on a model, and compares what they yield.
func RunModel(t *testing.T, model Model) {
	t.Helper()
	m := &modelRun{Model: model, chance: rand.New(rand.NewPCG(model.Seed, 0))}
	m.groups, m.streams = 1+m.chance.IntN(3), 1+m.chance.IntN(8)
	if m.chance.IntN(4) == 0 {
		m.groups, m.streams = 30, 40
	}
	m.fixture = fixture{t, m.Open(t)}
	defer func() { m.must(m.store.Close()) }()
	for i := range m.Ops {
		m.step()
		if t.Failed() {
			t.Fatalf("seed %d: after %d operations: %s", m.Seed, i+1, strings.Join(m.last, "; "))
		}
	}
	m.compareAll()
}

// modelRun holds a store and, in events, all that it should hold, in no order.
type modelRun struct {
	fixture
	Model
	chance          *rand.Rand
	groups, streams int
	events          []modelEvent
	arrival         uint64 // the highest so far
	broken          bool
	last            []string // what was done last, for the message
}

type modelEvent struct {
	group logs.GroupID
	logs.LogEvent
}

func (m *modelRun) step() {
	switch n := m.chance.IntN(100); {
	case n < 52:
		m.appendSome()
	case n < 80:
		m.compare(m.query())
	case n < 85:
		m.compareStats()
	case n < 88:
		m.compareFields()
	case n < 91:
		m.deleteStreams()
	case n < 93:
		m.deleteGroup()
	case n < 96:
		m.expire()
	case n < 98 && m.Break != nil:
		m.workBroken()
	default:
		m.note("reopen")
		m.must(m.store.Close())
		m.store = m.Open(m.t)
	}
}

// workBroken does a few things while the disk fails.
func (m *modelRun) workBroken() {
	m.note("break")
	repair := m.Break()
	m.broken = true
	for range 1 + m.chance.IntN(6) {
		switch m.chance.IntN(5) {
		case 0, 1:
			m.appendSome()
		case 2:
			m.deleteStreams()
		default:
			m.compare(m.query())
		}
	}
	m.note("repair")
	repair()
	m.broken = false
}

func (m *modelRun) note(format string, args ...any) {
	m.last = append(m.last, fmt.Sprintf(format, args...))
	m.last = m.last[max(0, len(m.last)-10):]
}

// did reports whether a change was made; it must have been, unless the disk is broken.
func (m *modelRun) did(err error) bool {
	m.t.Helper()
	if err != nil && !m.broken {
		m.t.Fatalf("seed %d: %v after %s", m.Seed, err, strings.Join(m.last, "; "))
	}
	return err == nil
}

func (m *modelRun) group() logs.GroupID   { return logs.GroupID(1 + m.chance.IntN(m.groups)) }
func (m *modelRun) stream() logs.StreamID { return logs.StreamID(1 + m.chance.IntN(m.streams)) }
func (m *modelRun) time() logs.Millis     { return logs.Millis(m.chance.IntN(200)) }

// message is unique, sometimes JSON, sometimes long.
func (m *modelRun) message() string {
	id := m.chance.Uint64()
	switch m.chance.IntN(5) {
	case 0, 1:
		return fmt.Sprintf(`{"id":"%x","status":%d,"path":"/p/%d"}`, id, 200+100*m.chance.IntN(4), m.chance.IntN(9))
	case 2:
		return fmt.Sprintf("line %d of\n\tmany %d", m.chance.IntN(100), id)
	default:
		return strings.Repeat("xyz ", m.chance.IntN(30)) + fmt.Sprint(id)
	}
}

// appendSome adds batches, mostly in order of time, and learns from scans which ingestion and arrival they were given.
func (m *modelRun) appendSome() {
	batches := make([]logs.Batch, 1+m.chance.IntN(4))
	most, total := 12, 0
	if m.chance.IntN(30) == 0 {
		most = 200
	}
	for i := range batches {
		batches[i] = logs.Batch{Group: m.group(), Stream: m.stream()}
		at := m.time()
		for range m.chance.IntN(most) {
			at += logs.Millis(m.chance.IntN(12) - 2)
			batches[i].Events = append(batches[i].Events, event(at, m.message()))
			total++
		}
	}
	m.note("append %d events", total)
	ingestion, err := m.store.Append(context.Background(), batches)
	if m.did(err) {
		m.adopt(batches, ingestion)
	}
}

// adopt enters events into the model with the arrivals that the store gave them, which must ascend. Messages are unique.
func (m *modelRun) adopt(batches []logs.Batch, ingestion logs.Millis) {
	stored := map[logs.GroupID]map[string]logs.LogEvent{}
	for _, b := range batches {
		if stored[b.Group] == nil {
			stored[b.Group] = map[string]logs.LogEvent{}
		}
		q := logs.ScanQuery{Group: b.Group, Streams: []logs.StreamID{b.Stream}, From: math.MaxInt64, To: math.MinInt64}
		for _, e := range b.Events {
			q.From, q.To = min(q.From, e.Timestamp), max(q.To, e.Timestamp+1)
		}
		for _, e := range m.scan(q) {
			stored[b.Group][e.Message] = e
		}
	}
	for _, b := range batches {
		for _, e := range b.Events {
			got := stored[b.Group][e.Message]
			want := logs.LogEvent{Stream: b.Stream, Timestamp: e.Timestamp, Ingestion: ingestion, Arrival: got.Arrival, Message: e.Message}
			if got != want || got.Arrival <= m.arrival {
				m.t.Errorf("group %d: appended %+v behind arrival %d, got %+v", b.Group, want, m.arrival, got)
			}
			if m.arrival = got.Arrival; m.arrival >= m.store.NextArrival() {
				m.t.Errorf("the event behind arrival %d is said to have %d", m.arrival, m.store.NextArrival())
			}
			m.events = append(m.events, modelEvent{b.Group, want})
		}
	}
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
	if m.chance.IntN(3) == 0 {
		q.ArrivedFrom = m.someArrival()
	}
	if m.chance.IntN(3) == 0 {
		q.ArrivedTo = m.someArrival()
	}
	q.Descending = m.chance.IntN(2) == 0
	if m.chance.IntN(2) == 0 {
		q.Filter = m.filter()
	}
	return q
}

func (m *modelRun) filter() *logs.Filter {
	switch m.chance.IntN(5) {
	case 0:
		return having("status", fmt.Sprint(200+100*m.chance.IntN(5)))
	case 1:
		return having("path", fmt.Sprint("/p/", m.chance.IntN(9)))
	case 2:
		return &logs.Filter{Match: func(s string) bool { return len(s)%3 == 0 }}
	case 3:
		if len(m.events) > 0 {
			text := m.events[m.chance.IntN(len(m.events))].Message
			from := m.chance.IntN(len(text))
			return containing(text[from : from+1+m.chance.IntN(len(text)-from)])
		}
	}
	return containing(fmt.Sprint(m.chance.IntN(100)))
}

func (m *modelRun) position() *logs.Position {
	if len(m.events) == 0 || m.chance.IntN(4) == 0 {
		return &logs.Position{Timestamp: m.time(), Ingestion: 5, Arrival: 5}
	}
	p := m.events[m.chance.IntN(len(m.events))].Position()
	return &p
}

// someArrival is that of an event, or the next one.
func (m *modelRun) someArrival() uint64 {
	if len(m.events) == 0 || m.chance.IntN(4) == 0 {
		return m.store.NextArrival()
	}
	return m.events[m.chance.IntN(len(m.events))].Arrival
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
			q.Before != nil && p.Compare(*q.Before) >= 0,
			e.Arrival < q.ArrivedFrom || q.ArrivedTo != 0 && e.Arrival >= q.ArrivedTo,
			q.Filter != nil && !q.Filter.Match(e.Message):
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
	for g := range logs.GroupID(m.groups + 2) {
		if diff := gocmp.Diff(m.selected(all(g)), m.scan(all(g))); diff != "" {
			m.t.Errorf("group %d (-want +got):\n%s", g, diff)
		}
	}
	m.compareStats()
}

// compareFields counts the events that have a field that only some messages have.
func (m *modelRun) compareFields() {
	q := m.query()
	m.note("fields %+v", q)
	var want int64
	events := m.selected(q)
	for _, e := range events {
		if strings.HasPrefix(e.Message, "{") {
			want++
		}
	}
	fields, total, err := m.store.Fields(context.Background(), q)
	m.must(err)
	got := int64(0)
	for _, f := range fields {
		if f.Name == "status" {
			got = f.Events
		}
	}
	if got != want || total != int64(len(events)) {
		m.t.Errorf("fields %+v: %d of %d events have it, want %d of %d", q, got, total, want, len(events))
	}
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
		if _, twice := got[key{s.Group, s.Stream}]; twice {
			m.t.Errorf("group %d stream %d has stats twice", s.Group, s.Stream)
		}
		got[key{s.Group, s.Stream}] = s
	}
	if diff := gocmp.Diff(sums, got); diff != "" {
		m.t.Errorf("stats (-want +got):\n%s", diff)
	}
}

func (m *modelRun) deleteStreams() {
	group, streams := m.group(), []logs.StreamID{m.stream(), m.stream()}
	m.note("delete streams %v of group %d", streams, group)
	if m.did(m.store.DeleteStreams(context.Background(), group, streams)) {
		m.forget(func(e modelEvent) bool { return e.group == group && slices.Contains(streams, e.Stream) })
	}
}

func (m *modelRun) deleteGroup() {
	group := m.group()
	m.note("delete group %d", group)
	if m.did(m.store.DeleteGroup(context.Background(), group)) {
		m.forget(func(e modelEvent) bool { return e.group == group })
	}
}

func (m *modelRun) expire() {
	group, before := m.group(), m.time()/2
	m.note("expire group %d before %d", group, before)
	if m.did(m.store.ExpireBefore(context.Background(), group, before)) {
		m.forget(func(e modelEvent) bool { return e.group == group && e.Timestamp < before })
	}
}

func (m *modelRun) forget(gone func(modelEvent) bool) { m.events = slices.DeleteFunc(m.events, gone) }
