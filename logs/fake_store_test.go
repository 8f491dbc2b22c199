package logs_test

import (
	"bytes"
	"context"
	"encoding/json"
	"iter"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/tollbook/tollbook/logs"
	"github.com/tollbook/tollbook/logs/columnar"
)

// memStore keeps events in memory by the contract of logs.Store. The zero value is empty.
type memStore struct {
	now          func() logs.Millis
	beforeAppend func(batches []logs.Batch) error // where set, called before events become readable
	cannotDelete error                            // where set, what deletions end with

	mu      sync.Mutex
	arrival uint64
	appends int
	events  map[logs.GroupID][]logs.LogEvent // sorted by position
}

var _ logs.Store = (*memStore)(nil)

func (m *memStore) Append(_ context.Context, batches []logs.Batch) (logs.Millis, error) {
	if m.beforeAppend != nil {
		if err := m.beforeAppend(batches); err != nil {
			return 0, err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.events == nil {
		m.events = map[logs.GroupID][]logs.LogEvent{}
	}
	ingestion := m.now()
	m.appends++
	for _, b := range batches {
		for _, e := range b.Events {
			m.insert(b.Group, logs.LogEvent{
				Stream: b.Stream, Timestamp: e.Timestamp, Ingestion: ingestion, Arrival: m.arrival, Message: string([]byte(e.Message)),
			})
			m.arrival++
		}
	}
	return ingestion, nil
}

// Columns makes a block of what is selected, as long as that fits into one.
func (m *memStore) Columns(ctx context.Context, q logs.ScanQuery, visit func(worker int, b *logs.ColumnBlock) error) error {
	var rows columnar.Rows
	var streams []logs.StreamID
	for e := range m.Scan(ctx, q) {
		rows.Timestamps, rows.Ingestions = append(rows.Timestamps, int64(e.Timestamp)), append(rows.Ingestions, int64(e.Ingestion))
		rows.Arrivals, rows.Messages = append(rows.Arrivals, e.Arrival), append(rows.Messages, e.Message)
		streams = append(streams, e.Stream)
	}
	if len(streams) == 0 {
		return nil
	}
	encoded := columnar.NewEncoder().Append(nil, &rows)
	block, err := columnar.Open(bytes.NewReader(encoded), int64(len(encoded)))
	if err != nil {
		return err
	}
	var all columnar.Bitmap
	all.SetRange(0, len(streams))
	return visit(0, &logs.ColumnBlock{
		Block: block, Rows: &all, Selected: len(streams), Stream: func(row int) logs.StreamID { return streams[row] },
	})
}

func (m *memStore) NextArrival() uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.arrival
}

func (m *memStore) insert(group logs.GroupID, e logs.LogEvent) {
	events := m.events[group]
	at, _ := slices.BinarySearchFunc(events, e.Position(), func(e logs.LogEvent, p logs.Position) int {
		return e.Position().Compare(p)
	})
	m.events[group] = slices.Insert(events, at, e)
}

func (m *memStore) Scan(_ context.Context, q logs.ScanQuery) iter.Seq2[logs.LogEvent, error] {
	m.mu.Lock()
	events := slices.Clone(m.events[q.Group])
	m.mu.Unlock()
	if q.Descending {
		slices.Reverse(events)
	}
	return func(yield func(logs.LogEvent, error) bool) {
		for _, e := range events {
			if selected(q, e) && !yield(e, nil) {
				return
			}
		}
	}
}

func selected(q logs.ScanQuery, e logs.LogEvent) bool {
	return (len(q.Streams) == 0 || slices.Contains(q.Streams, e.Stream)) &&
		e.Timestamp >= q.From && e.Timestamp < q.To &&
		e.Arrival >= q.ArrivedFrom && (q.ArrivedTo == 0 || e.Arrival < q.ArrivedTo) &&
		(q.After == nil || e.Position().Compare(*q.After) > 0) &&
		(q.Before == nil || e.Position().Compare(*q.Before) < 0) &&
		(q.Filter == nil || told(q.Filter, e.Message).Match(e.Message))
}

func told(f *logs.Filter, message string) *logs.Filter {
	if f.Loose != nil {
		f.Loose(1, int64(len(message)))
	}
	return f
}

func (m *memStore) remove(group logs.GroupID, which func(logs.LogEvent) bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if left := slices.DeleteFunc(slices.Clone(m.events[group]), which); len(left) > 0 {
		m.events[group] = left
	} else {
		delete(m.events, group)
	}
}

func (m *memStore) DeleteStreams(_ context.Context, group logs.GroupID, streams []logs.StreamID) error {
	if m.cannotDelete == nil {
		m.remove(group, func(e logs.LogEvent) bool { return slices.Contains(streams, e.Stream) })
	}
	return m.cannotDelete
}

func (m *memStore) DeleteGroup(_ context.Context, group logs.GroupID) error {
	if m.cannotDelete == nil {
		m.remove(group, func(logs.LogEvent) bool { return true })
	}
	return m.cannotDelete
}

func (m *memStore) ExpireBefore(_ context.Context, group logs.GroupID, t logs.Millis) error {
	m.remove(group, func(e logs.LogEvent) bool { return e.Timestamp < t })
	return nil
}

func (m *memStore) Stats(context.Context) iter.Seq2[logs.StreamStats, error] {
	m.mu.Lock()
	defer m.mu.Unlock()
	sums := map[logs.StreamID]logs.StreamStats{}
	for group, events := range m.events {
		for _, e := range events {
			s, ok := sums[e.Stream]
			if !ok {
				s = logs.StreamStats{Group: group, Stream: e.Stream, FirstEvent: e.Timestamp, LastEvent: e.Timestamp}
			}
			s.FirstEvent, s.LastEvent = min(s.FirstEvent, e.Timestamp), max(s.LastEvent, e.Timestamp)
			s.LastIngestion = max(s.LastIngestion, e.Ingestion)
			s.Events++
			s.Bytes += int64(len(e.Message)) + 26
			sums[e.Stream] = s
		}
	}
	return func(yield func(logs.StreamStats, error) bool) {
		for _, s := range sums {
			if !yield(s, nil) {
				return
			}
		}
	}
}

// Fields implements logs.Store.
func (m *memStore) Fields(ctx context.Context, q logs.ScanQuery) (fields []logs.FieldCount, total int64, err error) {
	counts := map[string]int64{}
	for e := range m.Scan(ctx, q) {
		total++
		var object map[string]any
		if json.Unmarshal([]byte(e.Message), &object) == nil {
			countScalars(counts, "", object)
		}
	}
	for name, events := range counts {
		fields = append(fields, logs.FieldCount{Name: name, Events: events})
	}
	return fields, total, nil
}

// countScalars counts the scalars in a JSON value, whose path is given.
func countScalars(counts map[string]int64, path string, value any) {
	under := func(step string) string { return strings.TrimPrefix(path+"."+step, ".") }
	switch v := value.(type) {
	case map[string]any:
		for name, member := range v {
			countScalars(counts, under(name), member)
		}
	case []any:
		for i, member := range v {
			countScalars(counts, under(strconv.Itoa(i)), member)
		}
	default:
		counts[path]++
	}
}

func (m *memStore) Close() error { return nil }

// held is how many events the store holds.
func (m *memStore) held() (n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, events := range m.events {
		n += len(events)
	}
	return n
}

// discard acknowledges events and forgets them.
type discard struct{ *memStore }

func (d discard) Append(context.Context, []logs.Batch) (logs.Millis, error) { return d.now(), nil }

// sweptStore tells which groups a sweep came to.
type sweptStore struct {
	*memStore
	swept chan logs.GroupID
}

func (s sweptStore) ExpireBefore(ctx context.Context, group logs.GroupID, t logs.Millis) error {
	err := s.memStore.ExpireBefore(ctx, group, t)
	s.swept <- group
	return err
}
