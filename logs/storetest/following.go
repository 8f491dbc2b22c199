package storetest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/tollbook/tollbook/logs"
)

// testArrivalRange checks that a scan can be limited to what arrived between two moments.
func testArrivalRange(t *testing.T, f *fixture) {
	first := f.store.NextArrival()
	f.append(
		logs.Batch{Group: 1, Stream: 1, Events: []logs.NewEvent{event(9, "a"), event(3, "b")}},
		logs.Batch{Group: 1, Stream: 2, Events: []logs.NewEvent{event(5, "c")}},
		logs.Batch{Group: 1, Stream: 1, Events: []logs.NewEvent{event(20, "d")}},
	)
	second := f.store.NextArrival()
	f.put(2, 1, event(1, "another group"))
	f.put(1, 1, event(4, "e"), event(30, "f"))
	last := f.store.NextArrival()
	if first >= second || second >= last {
		t.Fatalf("next arrivals are %d, %d and %d", first, second, last)
	}
	in := func(from, to uint64, streams ...logs.StreamID) logs.ScanQuery {
		q := all(1, streams...)
		q.ArrivedFrom, q.ArrivedTo = from, to
		return q
	}
	f.want(in(0, 0), "b", "e", "c", "a", "d", "f")
	f.want(in(first, last), "b", "e", "c", "a", "d", "f")
	f.want(in(first, second), "b", "c", "a", "d")
	f.want(in(second, 0), "e", "f")
	f.want(in(second, last), "e", "f")
	f.want(in(last, 0))
	f.want(in(last, last))
	f.want(in(second, first))
	f.want(in(first+1, last-1), "b", "e", "c", "d") // without the first, "a", and the last, "f"
	f.want(in(first+2, first+3, 1))
	f.want(in(first+2, first+3, 2), "c")
	f.want(in(first+3, second), "d") // the record's last batch alone
	later := in(0, second)
	later.From, later.Descending = 5, true
	f.want(later, "d", "a", "c")
	filtered := in(second, 0)
	filtered.Filter = containing("f")
	f.want(filtered, "f")
	f.must(f.store.DeleteStreams(context.Background(), 1, []logs.StreamID{1}))
	f.want(in(first, 0), "c")
	if got := f.store.NextArrival(); got < last {
		t.Errorf("the next arrival falls from %d to %d with a deletion", last, got)
	}
	if _, total, err := f.store.Fields(context.Background(), in(first, first+2)); total != 0 || err != nil {
		t.Errorf("Fields counts %d events (%v) that arrived before all that are left", total, err)
	}
}

// testFollowing reads along while others write: each event is met once, and those of a writer in the order of its calls.
func testFollowing(t *testing.T, f *fixture) {
	const writers, calls = 4, 50
	next := f.store.NextArrival()
	var writing sync.WaitGroup
	for w := range writers {
		writing.Go(func() {
			for c := range calls {
				text := fmt.Sprintf("%d %d", w, c)
				batch := logs.Batch{Group: 1, Stream: logs.StreamID(w), Events: []logs.NewEvent{event(logs.Millis(calls-c), text)}}
				if _, err := f.store.Append(context.Background(), []logs.Batch{batch}); err != nil {
					t.Errorf("Append: %v", err)
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { writing.Wait(); close(done) }()
	got := map[logs.StreamID][]string{}
	for ended := false; !ended; {
		select {
		case <-done:
			ended = true // and once more
		default:
		}
		q := all(1)
		q.ArrivedFrom, q.ArrivedTo = next, f.store.NextArrival()
		events := f.scan(q)
		slices.SortFunc(events, func(a, b logs.LogEvent) int { return int(a.Arrival) - int(b.Arrival) })
		for _, e := range events {
			got[e.Stream] = append(got[e.Stream], e.Message)
		}
		next = q.ArrivedTo
	}
	for w := range logs.StreamID(writers) {
		for c := range calls {
			if want := fmt.Sprintf("%d %d", w, c); c >= len(got[w]) || got[w][c] != want {
				t.Fatalf("writer %d: the follower read %q, want %q in place %d of %d", w, got[w], want, c, calls)
			}
		}
		if len(got[w]) != calls {
			t.Errorf("writer %d: %d events were read, %d written", w, len(got[w]), calls)
		}
	}
}
