package storetest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/tollbook/tollbook/logs"
	"github.com/tollbook/tollbook/logs/columnar"
)

// columns reads what Columns selects as events in the order of their positions. What a filter's Implied leaves in is left
// out by its Match, as readers do.
func (f *fixture) columns(q logs.ScanQuery) (events []logs.LogEvent) {
	f.t.Helper()
	var mu sync.Mutex
	f.must(f.store.Columns(context.Background(), q, func(worker int, b *logs.ColumnBlock) error {
		mu.Lock()
		defer mu.Unlock()
		if worker < 0 || worker >= runtime.GOMAXPROCS(0) {
			f.t.Errorf("Columns: worker %d of %d", worker, runtime.GOMAXPROCS(0))
		}
		of, err := eventsOf(b)
		for _, e := range of {
			if q.Filter == nil || q.Filter.Match(e.Message) {
				events = append(events, e)
			}
		}
		return err
	}))
	slices.SortFunc(events, func(a, b logs.LogEvent) int {
		x, y := a.Position(), b.Position()
		return x.Compare(y)
	})
	return events
}

func eventsOf(b *logs.ColumnBlock) (events []logs.LogEvent, err error) {
	var at columnar.Positions
	if err := b.Block.Positions(0, b.Block.Len(), &at); err != nil {
		return nil, err
	}
	for row := b.Rows.Next(0); row >= 0; row = b.Rows.Next(row + 1) {
		message, err := b.Block.AppendMessage(nil, row)
		if err != nil {
			return nil, err
		}
		events = append(events, logs.LogEvent{
			Stream: b.Stream(row), Timestamp: logs.Millis(at.Timestamps[row]), Ingestion: logs.Millis(at.Ingestions[row]),
			Arrival: at.Arrivals[row], Message: string(message),
		})
	}
	return events, nil
}

// testColumns compares Columns with Scan.
func testColumns(t *testing.T, f *fixture) {
	for i := range 300 {
		message := fmt.Sprintf(`{"id":"%d","status":%d}`, i*7919, 200+i%5*100)
		if i%17 == 0 {
			message = fmt.Sprintf("not JSON: \xff%d", i)
		}
		f.put(logs.GroupID(1+i%2), logs.StreamID(i%4), event(logs.Millis(i*37%100), message))
	}
	f.must(f.store.DeleteStreams(context.Background(), 1, []logs.StreamID{2}))
	f.must(f.store.ExpireBefore(context.Background(), 1, 10))
	range1, filtered := all(1), all(1, 0)
	range1.From, range1.To = 20, 61
	filtered.Filter = having("status", "400")
	for name, q := range map[string]logs.ScanQuery{
		"all": all(1), "other group": all(2), "streams": all(2, 1, 3), "deleted stream": all(1, 2), "range": range1, "filter": filtered, "nothing": all(7),
	} {
		if diff := gocmp.Diff(f.scan(q), f.columns(q)); diff != "" {
			t.Errorf("%s (-Scan +Columns):\n%s", name, diff)
		}
	}
}

// testColumnsStopped ends Columns by an error of the visitor, and by its context.
func testColumnsStopped(t *testing.T, f *fixture) {
	f.put(1, 1, event(1, "a"), event(2, "b"))
	enough := errors.New("enough")
	if err := f.store.Columns(context.Background(), all(1), func(int, *logs.ColumnBlock) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("ended with %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := f.store.Columns(ctx, all(1), func(int, *logs.ColumnBlock) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
