package storetest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/tollbook/tollbook/logs"
)

func testBatches(t *testing.T, f *fixture) {
	ingestion := f.append(
		logs.Batch{Group: 1, Stream: 1, Events: []logs.NewEvent{event(1, "a"), event(2, "b")}},
		logs.Batch{Group: 1, Stream: 2},
		logs.Batch{Group: 2, Stream: 3, Events: []logs.NewEvent{event(1, "c")}},
		logs.Batch{Group: 1, Stream: 1, Events: []logs.NewEvent{event(1, "d")}},
	)
	f.want(all(1, 1), "a", "d", "b")
	f.want(all(2), "c")
	for _, e := range append(f.scan(all(1)), f.scan(all(2))...) {
		if e.Ingestion != ingestion {
			t.Errorf("%+v: want ingestion %d, as Append said", e, ingestion)
		}
	}
}

func testEmptyMessage(t *testing.T, f *fixture) {
	_, err := f.store.Append(context.Background(), []logs.Batch{
		{Group: 1, Stream: 1, Events: []logs.NewEvent{event(1, "good")}},
		{Group: 1, Stream: 2, Events: []logs.NewEvent{event(1, "good"), event(1, "")}},
	})
	if err == nil {
		t.Error("an empty message is accepted")
	}
	f.want(all(1)) // all or none
}

func testAnyBytes(_ *testing.T, f *fixture) {
	var every strings.Builder
	for b := range 256 {
		every.WriteByte(byte(b))
	}
	messages := []string{
		"\x00", "\xff\xfe", "line\nline\r\n", every.String(), "日本語", "\xed\xa0\x80", `{"a":"\u0000"}`, " ", "'; DROP TABLE x; --",
		strings.Repeat("\x00", 5000),
	}
	for i, m := range messages {
		f.put(1, 1, event(logs.Millis(i), m))
	}
	f.want(all(1), messages...)
}

func testLargeMessages(_ *testing.T, f *fixture) {
	large := strings.Repeat("0123456789abcdef", 65536)
	f.put(1, 1, event(1, large), event(2, "small"), event(3, large[1:]))
	f.want(all(1), large, "small", large[1:])
}

// testReusedMemory overwrites a message's memory after Append.
func testReusedMemory(_ *testing.T, f *fixture) {
	buf := []byte("first")
	events := []logs.NewEvent{{Timestamp: 1, Message: unsafeString(buf)}}
	f.put(1, 1, events...)
	copy(buf, "wrong")
	events[0] = event(9, "wrong")
	f.want(all(1), "first")
}

func testDeleteStreams(_ *testing.T, f *fixture) {
	ctx := context.Background()
	f.put(1, 1, event(1, "1a"), event(3, "1b"))
	f.put(1, 2, event(2, "2a"))
	f.put(2, 1, event(2, "other group"))
	f.must(f.store.DeleteStreams(ctx, 1, nil))
	f.want(all(1), "1a", "2a", "1b")
	f.must(f.store.DeleteStreams(ctx, 1, []logs.StreamID{1, 99}))
	f.want(all(1), "2a")
	f.want(all(1, 1))
	f.want(all(2), "other group")
	f.put(1, 1, event(1, "new")) // what comes later is not touched
	f.want(all(1), "new", "2a")
	f.must(f.store.DeleteStreams(ctx, 1, []logs.StreamID{1, 2}))
	f.want(all(1))
}

func testDeleteGroup(t *testing.T, f *fixture) {
	ctx := context.Background()
	f.must(f.store.DeleteGroup(ctx, 1)) // holds nothing yet
	f.put(1, 1, event(1, "a"))
	f.put(1, 2, event(1, "b"))
	f.put(2, 3, event(1, "c"))
	f.must(f.store.DeleteGroup(ctx, 1))
	f.want(all(1))
	f.want(all(1, 1, 2))
	f.want(all(2), "c")
	if stats := f.stats(); len(stats) != 1 || stats[0].Stream != 3 {
		t.Errorf("stats: %+v", stats)
	}
	f.put(1, 1, event(1, "new"))
	f.want(all(1), "new")
}

func testExpire(t *testing.T, f *fixture) {
	ctx := context.Background()
	f.put(1, 1, event(10, "10"), event(20, "20"), event(30, "30"))
	f.put(1, 2, event(15, "15"), event(25, "25"))
	f.put(2, 1, event(10, "other group"))
	f.must(f.store.ExpireBefore(ctx, 1, 20))
	f.want(all(1), "20", "25", "30")
	f.want(all(2), "other group")
	f.must(f.store.ExpireBefore(ctx, 1, 5)) // less than before
	f.want(all(1), "20", "25", "30")
	f.put(1, 1, event(3, "late")) // accepted after the expiry
	f.want(all(1), "late", "20", "25", "30")
	f.must(f.store.ExpireBefore(ctx, 1, 26))
	f.want(all(1), "30")
	if stats := f.stats(); len(stats) != 2 || stats[0].Events != 1 || stats[0].FirstEvent != 30 {
		t.Errorf("stats: %+v", stats)
	}
	f.must(f.store.ExpireBefore(ctx, 1, 1000))
	f.want(all(1))
}

func testStats(t *testing.T, f *fixture) {
	f.put(1, 1, event(20, "four"), event(10, "ab"))
	last := f.put(1, 1, event(15, "x"))
	f.put(1, 2, event(7, "seven"))
	other := f.put(2, 3, event(-1, "é"))
	_ = other
	got := f.stats()
	for i := range got {
		if got[i].Stream == 1 && got[i].LastIngestion != last {
			t.Errorf("last ingestion %d, want %d", got[i].LastIngestion, last)
		}
		got[i].LastIngestion = 0
	}
	want := []logs.StreamStats{
		{Group: 1, Stream: 1, FirstEvent: 10, LastEvent: 20, Events: 3, Bytes: 7 + 3*26},
		{Group: 1, Stream: 2, FirstEvent: 7, LastEvent: 7, Events: 1, Bytes: 5 + 26},
		{Group: 2, Stream: 3, FirstEvent: -1, LastEvent: -1, Events: 1, Bytes: 2 + 26},
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("stats (-want +got):\n%s", diff)
	}
}

func testManyStreams(t *testing.T, f *fixture) {
	const groups, streams = 20, 300
	for g := range groups {
		var batches []logs.Batch
		for s := range streams {
			batches = append(batches, logs.Batch{
				Group: logs.GroupID(g), Stream: logs.StreamID(g*streams + s),
				Events: []logs.NewEvent{event(logs.Millis(s*7%streams), fmt.Sprintf("%d/%d", g, s))},
			})
		}
		f.append(batches...)
	}
	for g := range groups {
		events := f.scan(all(logs.GroupID(g)))
		if len(events) != streams {
			t.Fatalf("group %d has %d events, want %d", g, len(events), streams)
		}
		for i, e := range events {
			if e.Timestamp != logs.Millis(i) {
				t.Fatalf("group %d: event %d is at %d", g, i, e.Timestamp)
			}
		}
	}
	f.want(all(3, 3*streams+1, 3*streams), "3/0", "3/1")
	if stats := f.stats(); len(stats) != groups*streams {
		t.Errorf("stats of %d streams, want %d", len(stats), groups*streams)
	}
}

// testIngestionAndArrival checks that ingestion never falls and arrival always grows.
func testIngestionAndArrival(t *testing.T, f *fixture) {
	var previous logs.LogEvent
	seen := map[uint64]bool{}
	for i := range 50 {
		f.put(1, 1, event(logs.Millis(i), "a"), event(logs.Millis(i), "b"))
		events := f.scan(logs.ScanQuery{Group: 1, From: logs.Millis(i), To: logs.Millis(i + 1)})
		if len(events) != 2 || events[1].Arrival != events[0].Arrival+1 {
			t.Fatalf("arrivals of one batch: %+v", events)
		}
		for _, e := range events {
			if e.Ingestion < previous.Ingestion || e.Arrival <= previous.Arrival && i > 0 || seen[e.Arrival] {
				t.Fatalf("%+v after %+v", e, previous)
			}
			seen[e.Arrival], previous = true, e
		}
	}
}

// testConcurrent appends from many goroutines while others read: what was acknowledged is there, batches are whole, and
// order holds.
func testConcurrent(t *testing.T, f *fixture) {
	const writers, calls, size = 8, 40, 5
	var writing, reading sync.WaitGroup
	done := make(chan struct{})
	for w := range writers {
		writing.Go(func() {
			for c := range calls {
				events := make([]logs.NewEvent, size)
				for i := range events {
					events[i] = event(logs.Millis(c*size+i), fmt.Sprintf("%d %d %d", w, c, i))
				}
				if _, err := f.store.Append(context.Background(), []logs.Batch{{Group: 1, Stream: logs.StreamID(w), Events: events}}); err != nil {
					t.Errorf("Append: %v", err)
					return
				}
				if got, err := collect(f.store, all(1, logs.StreamID(w)), 1000); err != nil || len(got) != (c+1)*size {
					t.Errorf("writer %d reads %d events after %d calls (%v)", w, len(got), c+1, err)
					return
				}
			}
		})
	}
	for range 2 {
		reading.Go(func() { readUntil(t, f.store, done, size) })
	}
	writing.Wait()
	close(done)
	reading.Wait()
	if got := len(f.scan(all(1))); got != writers*calls*size {
		t.Errorf("%d events, want %d", got, writers*calls*size)
	}
}

// readUntil scans the group over and over; every scan must see whole batches in order, and no less than the one before.
func readUntil(t *testing.T, s logs.Store, done <-chan struct{}, size int) {
	for before := 0; ; {
		events, err := collect(s, all(1), 1<<30)
		if err != nil || len(events)%size != 0 || len(events) < before {
			t.Errorf("a reader saw %d events after %d, %v", len(events), before, err)
			return
		}
		for i := range events[min(1, len(events)):] {
			if events[i].Position().Compare(events[i+1].Position()) >= 0 {
				t.Errorf("a reader saw %+v before %+v", events[i], events[i+1])
				return
			}
		}
		before = len(events)
		select {
		case <-done:
			return
		default:
		}
	}
}

// testConcurrentDeletion deletes a stream over and over while it is written to: a read after the deletion never shows what
// was acknowledged before it.
func testConcurrentDeletion(t *testing.T, f *fixture) {
	ctx := context.Background()
	var work sync.WaitGroup
	for w := range 4 {
		stream := logs.StreamID(w)
		work.Go(func() {
			for i := range 30 {
				if _, err := f.store.Append(ctx, []logs.Batch{{Group: 1, Stream: stream, Events: []logs.NewEvent{event(1, fmt.Sprint(i))}}}); err != nil {
					t.Errorf("Append: %v", err)
				}
				if i%3 == 2 {
					if err := f.store.DeleteStreams(ctx, 1, []logs.StreamID{stream}); err != nil {
						t.Errorf("DeleteStreams: %v", err)
					}
					if got, err := collect(f.store, all(1, stream), 10); err != nil || len(got) != 0 {
						t.Errorf("after deletion %d: %v, %v", i, got, err)
					}
				}
			}
		})
	}
	work.Wait()
	f.want(all(1))
}
