// Package storetest is the contract of logs.Store as tests: Run checks its promises one by one, RunModel compares a store
// with an obvious model of it under random operations. Every store passes both.
package storetest

import (
	"cmp"
	"context"
	"math"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/tollbook/tollbook/logs"
)

// Run checks what a store promises. Every call of open gives an empty store; Run closes it.
func Run(t *testing.T, open func(t *testing.T) logs.Store) {
	for name, check := range map[string]func(*testing.T, *fixture){
		"empty":                 testEmpty,
		"order":                 testOrder,
		"order in many calls":   testOrderInManyCalls,
		"group order":           testGroupOrder,
		"time range":            testTimeRange,
		"paging":                testPaging,
		"visible at once":       testVisible,
		"batches of one call":   testBatches,
		"empty message":         testEmptyMessage,
		"any bytes":             testAnyBytes,
		"large messages":        testLargeMessages,
		"reused memory":         testReusedMemory,
		"delete streams":        testDeleteStreams,
		"delete group":          testDeleteGroup,
		"expire":                testExpire,
		"stats":                 testStats,
		"many streams":          testManyStreams,
		"snapshot":              testSnapshot,
		"stopped scan":          testStoppedScan,
		"cancelled":             testCancelled,
		"closed":                testClosed,
		"concurrent":            testConcurrent,
		"concurrent deletion":   testConcurrentDeletion,
		"ingestion and arrival": testIngestionAndArrival,
		"arrival range":         testArrivalRange,
		"following":             testFollowing,
		"filter":                testFilter,
		"filter stopped":        testFilterStopped,
		"filter told":           testFilterTold,
		"fields":                testFields,
		"columns":               testColumns,
		"columns stopped":       testColumnsStopped,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			t.Cleanup(func() {
				if err := s.Close(); err != nil {
					t.Errorf("Close: %v", err)
				}
			})
			check(t, &fixture{t, s})
		})
	}
}

// fixture is a store with the ways that tests use it; what must not fail ends the test.
type fixture struct {
	t     *testing.T
	store logs.Store
}

// all selects every event of a group.
func all(group logs.GroupID, streams ...logs.StreamID) logs.ScanQuery {
	return logs.ScanQuery{Group: group, Streams: streams, From: math.MinInt64, To: math.MaxInt64}
}

// event makes an event on its way in.
func event(timestamp logs.Millis, message string) logs.NewEvent {
	return logs.NewEvent{Timestamp: timestamp, Message: message}
}

func (f *fixture) append(batches ...logs.Batch) logs.Millis {
	f.t.Helper()
	ingestion, err := f.store.Append(context.Background(), batches)
	if err != nil {
		f.t.Fatalf("Append: %v", err)
	}
	return ingestion
}

// put appends events to one stream.
func (f *fixture) put(group logs.GroupID, stream logs.StreamID, events ...logs.NewEvent) logs.Millis {
	f.t.Helper()
	return f.append(logs.Batch{Group: group, Stream: stream, Events: events})
}

func (f *fixture) scan(q logs.ScanQuery) []logs.LogEvent {
	f.t.Helper()
	events, err := collect(f.store, q, math.MaxInt)
	if err != nil {
		f.t.Fatalf("Scan %+v: %v", q, err)
	}
	return events
}

// collect reads up to limit events.
func collect(s logs.Store, q logs.ScanQuery, limit int) (events []logs.LogEvent, err error) {
	for e, err := range s.Scan(context.Background(), q) {
		if err != nil {
			return events, err
		}
		if events = append(events, e); len(events) == limit {
			break
		}
	}
	return events, nil
}

// want compares the messages that a query yields.
func (f *fixture) want(q logs.ScanQuery, messages ...string) {
	f.t.Helper()
	if diff := gocmp.Diff(messages, texts(f.scan(q))); diff != "" {
		f.t.Errorf("Scan %+v (-want +got):\n%s", q, diff)
	}
}

func texts(events []logs.LogEvent) (messages []string) {
	for _, e := range events {
		messages = append(messages, e.Message)
	}
	return messages
}

func (f *fixture) stats() []logs.StreamStats {
	f.t.Helper()
	stats, err := sortedStats(f.store)
	if err != nil {
		f.t.Fatalf("Stats: %v", err)
	}
	return stats
}

func sortedStats(s logs.Store) (stats []logs.StreamStats, err error) {
	for st, err := range s.Stats(context.Background()) {
		if err != nil {
			return nil, err
		}
		stats = append(stats, st)
	}
	slices.SortFunc(stats, func(a, b logs.StreamStats) int {
		return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.Stream, b.Stream))
	})
	return stats, nil
}

func (f *fixture) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}
