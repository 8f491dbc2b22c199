package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/tollbook/tollbook/logs"
)

func testEmpty(t *testing.T, f *fixture) {
	f.want(all(1))
	f.want(all(1, 2, 3))
	f.append()
	f.append(logs.Batch{Group: 1, Stream: 1})
	f.want(all(1))
	if stats := f.stats(); len(stats) != 0 {
		t.Errorf("stats of nothing: %+v", stats)
	}
	f.put(1, 1, event(5, "a"))
	f.want(all(1, 9))
	f.want(all(2))
	f.want(logs.ScanQuery{Group: 1, From: 5, To: 5})
	f.want(logs.ScanQuery{Group: 1}) // bounds of zero are bounds
}

func testOrder(t *testing.T, f *fixture) {
	f.put(1, 1, event(30, "c"), event(10, "a"), event(20, "b1"), event(20, "b2"))
	f.want(all(1, 1), "a", "b1", "b2", "c")
	q := all(1, 1)
	q.Descending = true
	f.want(q, "c", "b2", "b1", "a")
	if e := f.scan(all(1, 1))[0]; e.Stream != 1 || e.Timestamp != 10 || e.Ingestion == 0 {
		t.Errorf("first event: %+v", e)
	}
}

// testOrderInManyCalls writes one stream backwards and criss-cross.
func testOrderInManyCalls(_ *testing.T, f *fixture) {
	const n = 60
	var want []string
	for i := range n {
		at := logs.Millis(i * 37 % n)
		f.put(1, 1, event(at, fmt.Sprintf("%02d a", at)), event(at+100, fmt.Sprintf("%d", at+100)))
		want = append(want, fmt.Sprintf("%02d a", i))
	}
	for i := range n {
		f.put(1, 1, event(logs.Millis(n-1-i), fmt.Sprintf("%02d b", n-1-i)))
		want = append(want, fmt.Sprintf("%02d b", i), fmt.Sprintf("%d", i+100))
	}
	slices.SortFunc(want, func(a, b string) int {
		if len(a) != len(b) { // "12 a" before "112"
			return len(b) - len(a)
		}
		return compareText(a, b)
	})
	f.want(all(1, 1), want...)
	slices.Reverse(want)
	q := all(1, 1)
	q.Descending = true
	f.want(q, want...)
}

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func testGroupOrder(_ *testing.T, f *fixture) {
	f.put(1, 1, event(10, "s1 10"), event(30, "s1 30"))
	f.put(1, 2, event(20, "s2 20"), event(30, "s2 30"))
	f.put(2, 3, event(15, "other group"))
	f.put(1, 3, event(5, "s3 5"))
	f.want(all(1), "s3 5", "s1 10", "s2 20", "s1 30", "s2 30")
	f.want(all(1, 2, 3), "s3 5", "s2 20", "s2 30")
	f.want(all(1, 3, 2, 3, 2), "s3 5", "s2 20", "s2 30") // named twice, read once
	f.want(all(2), "other group")
	q := all(1, 1, 2)
	q.Descending = true
	f.want(q, "s2 30", "s1 30", "s2 20", "s1 10")
}

func testTimeRange(_ *testing.T, f *fixture) {
	f.put(1, 1, event(-5, "-5"), event(0, "0"), event(10, "10"), event(20, "20"), event(20, "20'"), event(30, "30"))
	f.want(logs.ScanQuery{Group: 1, From: 0, To: 20}, "0", "10")
	f.want(logs.ScanQuery{Group: 1, From: 20, To: 21}, "20", "20'")
	f.want(logs.ScanQuery{Group: 1, From: -10, To: 0}, "-5")
	f.want(logs.ScanQuery{Group: 1, From: 11, To: 20})
	f.want(logs.ScanQuery{Group: 1, From: 20, To: 31, Descending: true}, "30", "20'", "20")
	f.want(logs.ScanQuery{Group: 1, From: 30, To: 20})
}

// testPaging walks a group page by page in both directions while others write elsewhere.
func testPaging(t *testing.T, f *fixture) {
	for i := range 50 {
		f.append(
			logs.Batch{Group: 1, Stream: logs.StreamID(i % 3), Events: []logs.NewEvent{
				event(logs.Millis(i/7), fmt.Sprint("a", i)), event(logs.Millis(i/5), fmt.Sprint("b", i)),
			}},
			logs.Batch{Group: 1, Stream: 7, Events: []logs.NewEvent{event(logs.Millis(100-i), fmt.Sprint("c", i))}},
		)
	}
	for _, streams := range [][]logs.StreamID{nil, {1}, {0, 7}} {
		for _, size := range []int{1, 7, 50} {
			q := all(1, streams...)
			want := texts(f.scan(q))
			if got := texts(f.pages(q, size)); !slices.Equal(got, want) {
				t.Errorf("streams %v in pages of %d: got %q, want %q", streams, size, got, want)
			}
			q.Descending = true
			slices.Reverse(want)
			if got := texts(f.pages(q, size)); !slices.Equal(got, want) {
				t.Errorf("streams %v in pages of %d, latest first: got %q, want %q", streams, size, got, want)
			}
		}
	}
}

// pages reads q in pages; each begins behind the last event of the one before.
func (f *fixture) pages(q logs.ScanQuery, size int) (events []logs.LogEvent) {
	f.t.Helper()
	for {
		page, err := collect(f.store, q, size)
		f.must(err)
		if len(page) == 0 {
			return events
		}
		events = append(events, page...)
		last := page[len(page)-1].Position()
		if q.Descending {
			q.Before = &last
		} else {
			q.After = &last
		}
		f.put(2, 1, event(1, "noise"))
	}
}

func testVisible(t *testing.T, f *fixture) {
	for i := range 100 {
		f.put(1, logs.StreamID(i%4), event(logs.Millis(i), fmt.Sprint(i)))
		if got := len(f.scan(all(1))); got != i+1 {
			t.Fatalf("after %d calls a scan yields %d events", i+1, got)
		}
	}
}

// testSnapshot changes everything in the middle of a scan.
func testSnapshot(t *testing.T, f *fixture) {
	for i := range 300 {
		f.put(1, logs.StreamID(i%3), event(logs.Millis(i), fmt.Sprint(i)))
	}
	want := texts(f.scan(all(1)))
	var got []string
	for e, err := range f.store.Scan(context.Background(), all(1)) {
		f.must(err)
		got = append(got, e.Message)
		switch len(got) {
		case 10:
			f.put(1, 1, event(250, "later"), event(5, "earlier"))
		case 20:
			f.must(f.store.DeleteStreams(context.Background(), 1, []logs.StreamID{2}))
		case 30:
			f.must(f.store.ExpireBefore(context.Background(), 1, 200))
		case 40:
			f.must(f.store.DeleteGroup(context.Background(), 1))
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("scan was disturbed: %q, want %q", got, want)
	}
	f.want(all(1))
}

func testStoppedScan(t *testing.T, f *fixture) {
	for i := range 100 {
		f.put(1, logs.StreamID(i%5), event(logs.Millis(i), fmt.Sprint(i)))
	}
	events, err := collect(f.store, all(1), 3)
	f.must(err)
	if got := texts(events); !slices.Equal(got, []string{"0", "1", "2"}) {
		t.Errorf("first three: %q", got)
	}
	q := all(1)
	q.Descending = true
	events, err = collect(f.store, q, 2)
	f.must(err)
	if got := texts(events); !slices.Equal(got, []string{"99", "98"}) {
		t.Errorf("last two: %q", got)
	}
}

func testCancelled(t *testing.T, f *fixture) {
	f.put(1, 1, event(1, "a"))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := f.store.Append(ctx, []logs.Batch{{Group: 1, Stream: 1, Events: []logs.NewEvent{event(1, "b")}}}); !errors.Is(err, context.Canceled) {
		t.Errorf("Append: %v", err)
	}
	for _, err := range f.store.Scan(ctx, all(1)) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("Scan: %v", err)
		}
	}
	f.want(all(1), "a")
}

func testClosed(t *testing.T, f *fixture) {
	f.put(1, 1, event(1, "a"))
	f.must(f.store.Close())
	ctx := context.Background()
	if _, err := f.store.Append(ctx, []logs.Batch{{Group: 1, Stream: 1, Events: []logs.NewEvent{event(1, "b")}}}); err == nil {
		t.Error("Append to a closed store succeeds")
	}
	if err := f.store.DeleteGroup(ctx, 1); err == nil {
		t.Error("DeleteGroup on a closed store succeeds")
	}
	if _, err := collect(f.store, all(1), 1); err == nil {
		t.Error("Scan of a closed store succeeds")
	}
	if _, err := sortedStats(f.store); err == nil {
		t.Error("Stats of a closed store succeed")
	}
}
