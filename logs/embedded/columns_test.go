package embedded_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tollbook/tollbook/internal/vfs"
	"github.com/tollbook/tollbook/logs"
	"github.com/tollbook/tollbook/logs/columnar"
	"github.com/tollbook/tollbook/logs/condition"
	"github.com/tollbook/tollbook/logs/embedded"
)

// spread makes a store with events in segments and in the head: groups 1 to 3, streams 0 to 9.
func spread(t *testing.T, opts embedded.Options, calls int) *embedded.Store {
	t.Helper()
	s := open(t, dir, opts)
	for i := range calls {
		var batches []logs.Batch
		for g := range logs.GroupID(3) {
			b := logs.Batch{Group: g + 1, Stream: logs.StreamID(i % 10)}
			for e := range 5 {
				at := logs.Millis(i*10 + e*7%11)
				b.Events = append(b.Events, logs.NewEvent{Timestamp: at, Message: fmt.Sprintf(`{"g":%d,"i":%d,"e":%d,"odd":"%v"}`, g+1, i, e, i%2 == 1)})
			}
			batches = append(batches, b)
		}
		mustAppend(t, s, batches)
	}
	return s
}

// inColumns reads the streams and messages that Columns selects, sorted.
func inColumns(t *testing.T, s *embedded.Store, q logs.ScanQuery) (messages []string) {
	t.Helper()
	var mu sync.Mutex
	err := s.Columns(ctx, q, func(worker int, b *logs.ColumnBlock) error {
		mu.Lock()
		defer mu.Unlock()
		if worker < 0 || worker >= runtime.GOMAXPROCS(0) {
			t.Errorf("worker %d", worker)
		}
		if n := b.Rows.Count(); n > b.Selected || q.Filter == nil && n < b.Selected {
			t.Errorf("%d rows of %d selected", n, b.Selected)
		}
		for row := b.Rows.Next(0); row >= 0; row = b.Rows.Next(row + 1) {
			m, err := b.Block.AppendMessage(nil, row)
			if err != nil {
				return err
			}
			if q.Filter == nil || q.Filter.Match(string(m)) {
				messages = append(messages, fmt.Sprint(b.Stream(row), " ", string(m)))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatalf("Columns: %v", err)
	}
	slices.Sort(messages)
	return messages
}

func scanned(t *testing.T, s *embedded.Store, q logs.ScanQuery) (messages []string) {
	t.Helper()
	for e, err := range s.Scan(ctx, q) {
		if err != nil {
			t.Fatalf("Scan: %v", err)
		}
		messages = append(messages, fmt.Sprint(e.Stream, " ", e.Message))
	}
	slices.Sort(messages)
	return messages
}

// TestColumns compares Columns with Scan for queries of all kinds, on heads and segments of different sizes.
func TestColumns(t *testing.T) {
	t.Parallel()
	filter := &logs.Filter{
		Match:   func(m string) bool { return strings.Contains(m, `"odd":"true"`) },
		Implied: condition.Field{Path: []string{"odd"}, Test: func(v condition.Value) bool { return v.Text == "true" }},
	}
	for name, opts := range map[string]embedded.Options{
		"small blocks": small(vfs.NewCrashable()),
		"one head":     {FS: vfs.NewCrashable(), Logger: quiet()},
		"large head":   {FS: vfs.NewCrashable(), Logger: quiet(), BlockRows: 1000, HeadBytes: 4 << 20},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			calls := 200
			if name == "large head" {
				calls = 4000 // more than one range
			}
			s := spread(t, opts, calls)
			defer s.Close()
			last := logs.Millis(calls * 10)
			compare := func() {
				t.Helper()
				for _, q := range []logs.ScanQuery{
					whole(1), {Group: 2, From: 100, To: 505}, {Group: 3, From: last - 300, To: last},
					{Group: 1, Streams: []logs.StreamID{3, 7, 99}, To: last}, {Group: 2, To: last, Filter: filter}, {Group: 9, To: 10},
					{Group: 1, To: last, After: &logs.Position{Timestamp: 300, Ingestion: 1 << 60}, Before: &logs.Position{Timestamp: last - 50}},
				} {
					if diff := cmp.Diff(scanned(t, s, q), inColumns(t, s, q)); diff != "" {
						t.Errorf("%+v: Scan and Columns differ (-scan +columns):\n%s", q, diff)
					}
				}
			}
			compare()
			compare() // from the cache
			if err := errors.Join(s.DeleteStreams(ctx, 1, []logs.StreamID{3}), s.ExpireBefore(ctx, 2, last/2), s.DeleteGroup(ctx, 3)); err != nil {
				t.Fatal(err)
			}
			mustAppend(t, s, one(1, 3, 5, `{"odd":"true"}`))
			compare()
			s.Settle()
			compare()
		})
	}
}

// TestColumnsSnapshot asks with an old and a new view of the head while its ranges are kept in the cache.
func TestColumnsSnapshot(t *testing.T) {
	t.Parallel()
	s := open(t, dir, embedded.Options{FS: vfs.NewCrashable(), Logger: quiet(), HeadBytes: 16 << 20})
	defer s.Close()
	n := 0
	for range 5 {
		for range 5 {
			b := logs.Batch{Group: 1, Stream: 1}
			for range 900 {
				b.Events = append(b.Events, logs.NewEvent{Timestamp: logs.Millis(n), Message: fmt.Sprint("message ", n)})
				n++
			}
			mustAppend(t, s, []logs.Batch{b})
		}
		if got := len(inColumns(t, s, whole(1))); got != n {
			t.Fatalf("%d of %d events", got, n)
		}
	}
	if err := s.DeleteStreams(ctx, 1, []logs.StreamID{1}); err != nil {
		t.Fatal(err)
	}
	if got := len(inColumns(t, s, whole(1))); got != 0 {
		t.Errorf("%d events are back", got)
	}
}

// TestColumnsEnd checks that errors of the visitor and of the context end the work.
func TestColumnsEnd(t *testing.T) {
	t.Parallel()
	s := spread(t, small(vfs.NewCrashable()), 100)
	defer s.Close()
	boom := errors.New("boom")
	if err := s.Columns(ctx, whole(1), func(int, *logs.ColumnBlock) error { return boom }); !errors.Is(err, boom) {
		t.Errorf("Columns: %v", err)
	}
	cancelled, cancel := context.WithCancel(ctx)
	defer cancel()
	visits := 0
	err := s.Columns(cancelled, whole(1), func(worker int, _ *logs.ColumnBlock) error {
		cancel()
		if worker == 0 {
			visits++
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) || visits > 1 {
		t.Errorf("Columns: %v after %d visits", err, visits)
	}
}

// TestDamageInQueries flips a bit of a block and asks with filters and for columns: each place gives one error, which
// names it, and the rest is served.
func TestDamageInQueries(t *testing.T) {
	t.Parallel()
	queries := map[string]func(s *embedded.Store) (int, error){
		"filter": func(s *embedded.Store) (n int, failed error) {
			q := whole(1)
			q.Filter = &logs.Filter{Match: func(m string) bool { return m != "" }}
			for _, err := range s.Scan(ctx, q) {
				if failed = err; err == nil {
					n++
				}
			}
			return n, failed
		},
		"columns": func(s *embedded.Store) (n int, failed error) {
			var mu sync.Mutex
			failed = s.Columns(ctx, whole(1), func(_ int, b *logs.ColumnBlock) error {
				mu.Lock()
				defer mu.Unlock()
				var p columnar.Positions
				if err := b.Block.Positions(0, b.Block.Len(), &p); err != nil {
					return err
				}
				for row := b.Rows.Next(0); row >= 0; row = b.Rows.Next(row + 1) {
					if _, err := b.Block.AppendMessage(nil, row); err != nil {
						return err
					}
					n++
				}
				return nil
			})
			return n, failed
		},
		"fields": func(s *embedded.Store) (int, error) {
			q := whole(1)
			q.Filter = &logs.Filter{Match: func(m string) bool { return m != "" }}
			_, n, err := s.Fields(ctx, q)
			return int(n), err
		},
	}
	for name, ask := range queries {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fsys, h := twoFiles(t)
			file, _ := find(t, fsys, "seg-", "")
			if err := fsys.FlipBit(filepath.Join(dir, file), 60, 0); err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			opts := small(fsys)
			opts.Logger = slog.New(slog.NewTextHandler(&out, nil))
			s := open(t, dir, opts)
			defer s.Close()
			if _, err := ask(s); !errors.Is(err, logs.ErrCorrupt) || !strings.Contains(err.Error(), file+" at offset 32") {
				t.Errorf("first query: %v", err)
			}
			n, err := ask(s)
			if err != nil || n >= len(h.acked) || n < len(h.acked)/3 {
				t.Errorf("second query: %d of %d events, %v", n, len(h.acked), err)
			}
			if strings.Count(out.String(), file+" at offset 32") != 1 || s.Metrics().Corruptions != 1 {
				t.Errorf("reported:\n%s", &out)
			}
		})
	}
}
