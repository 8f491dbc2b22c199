package accesslog_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tollbook/tollbook/accesslog"
)

// recorder is an Appender that remembers what it took.
type recorder struct {
	mu     sync.Mutex
	calls  int
	got    map[accesslog.Destination][]accesslog.RenderedEntry
	append func(ctx context.Context, call int, dest accesslog.Destination) error // nil: always takes
}

func (r *recorder) AppendEntries(ctx context.Context, dest accesslog.Destination, entries []accesslog.RenderedEntry) error {
	r.mu.Lock()
	r.calls++
	call := r.calls
	r.mu.Unlock()
	if r.append != nil {
		if err := r.append(ctx, call, dest); err != nil {
			return err
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.got == nil {
		r.got = map[accesslog.Destination][]accesslog.RenderedEntry{}
	}
	for _, e := range entries {
		e.Message = strings.Clone(e.Message)
		r.got[dest] = append(r.got[dest], e)
	}
	return nil
}

func (r *recorder) count(dest accesslog.Destination) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.got[dest])
}

var group = accesslog.Destination{AccountID: "000000000000", Region: "us-east-1", Group: "g"}

func mustCompile(t testing.TB, format string) *accesslog.Format {
	t.Helper()
	f, err := accesslog.Compile(format)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func entryWithID(id string) *accesslog.Entry {
	e := ordinary()
	e.RequestID = id
	return e
}

// requireOnce wants each of n request IDs exactly once, in its own stream.
func requireOnce(t *testing.T, got []accesslog.RenderedEntry, n int) {
	t.Helper()
	seen := map[string]bool{}
	for _, e := range got {
		if seen[e.Message] {
			t.Fatalf("%s twice", e.Message)
		}
		seen[e.Message] = true
		if e.Stream != accesslog.StreamOf(e.Message) {
			t.Fatalf("%s is in stream %d", e.Message, e.Stream)
		}
		if e.Timestamp != 1713481524_333 {
			t.Fatalf("timestamp %d", e.Timestamp)
		}
	}
	if len(seen) != n {
		t.Fatalf("%d entries, want %d", len(seen), n)
	}
}

func TestWriterConcurrent(t *testing.T) {
	t.Parallel()
	// every third call fails: nothing may be lost or doubled
	r := &recorder{append: func(_ context.Context, call int, _ accesslog.Destination) error {
		if call%3 == 0 {
			return errors.New("disk full")
		}
		return nil
	}}
	w := accesslog.NewWriter(r, accesslog.Options{FlushInterval: time.Millisecond})
	sink, f := w.Sink(group), mustCompile(t, "$context.requestId")
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 2000 {
				sink.Write(f, entryWithID(fmt.Sprintf("%d-%d", g, i)))
			}
		})
	}
	wg.Wait()
	if err := w.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	requireOnce(t, r.got[group], 16000)
	m := w.Metrics()
	if m.Written != 16000 || m.Dropped != 0 || m.QueueBytes != 0 {
		t.Errorf("%+v", m)
	}
}

func TestWriterInterval(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{}
		w := accesslog.NewWriter(r, accesslog.Options{FlushInterval: 40 * time.Millisecond})
		w.Sink(group).Write(mustCompile(t, "$context.requestId"), entryWithID("a"))
		time.Sleep(39 * time.Millisecond)
		synctest.Wait()
		if n := r.count(group); n != 0 {
			t.Errorf("%d entries before the interval has passed", n)
		}
		time.Sleep(2 * time.Millisecond)
		synctest.Wait()
		if n := r.count(group); n != 1 {
			t.Errorf("%d entries after the interval", n)
		}
		if err := w.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// TestWriterFailingDestination: one destination that fails holds up no other.
func TestWriterFailingDestination(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		bad := accesslog.Destination{Group: "bad"}
		var heal sync.Once
		healed := make(chan struct{})
		r := &recorder{append: func(_ context.Context, _ int, dest accesslog.Destination) error {
			select {
			case <-healed:
				return nil
			default:
			}
			if dest == bad {
				return errors.New("no such group")
			}
			return nil
		}}
		w := accesslog.NewWriter(r, accesslog.Options{})
		f := mustCompile(t, "$context.requestId")
		for i := range 20 {
			w.Sink(bad).Write(f, entryWithID(fmt.Sprint("bad", i)))
			w.Sink(group).Write(f, entryWithID(fmt.Sprint("good", i)))
			time.Sleep(60 * time.Millisecond)
		}
		synctest.Wait()
		if r.count(group) != 20 || r.count(bad) != 0 {
			t.Errorf("%d good and %d bad entries", r.count(group), r.count(bad))
		}
		heal.Do(func() { close(healed) })
		time.Sleep(10 * time.Second) // past the longest back-off
		synctest.Wait()
		requireOnce(t, r.got[bad], 20)
		if w.Metrics().FailedAppends == 0 {
			t.Error("failures are not counted")
		}
		if err := w.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestWriterFullQueue(t *testing.T) {
	t.Parallel()
	for _, overflow := range []accesslog.Overflow{accesslog.Block, accesslog.Drop} {
		synctest.Test(t, func(t *testing.T) {
			open := make(chan struct{})
			r := &recorder{append: func(context.Context, int, accesslog.Destination) error { <-open; return nil }}
			w := accesslog.NewWriter(r, accesslog.Options{MaxQueueBytes: 200, Overflow: overflow})
			sink, f := w.Sink(group), mustCompile(t, "$context.requestId")
			var wg sync.WaitGroup
			wg.Go(func() {
				for i := range 100 {
					sink.Write(f, entryWithID(fmt.Sprintf("%010d", i)))
				}
			})
			time.Sleep(time.Second)
			synctest.Wait()
			if n := w.Metrics().QueueBytes; n < 100 || n > 200 {
				t.Errorf("%d bytes in the queue", n)
			}
			close(open)
			wg.Wait()
			if err := w.Close(t.Context()); err != nil {
				t.Error(err)
			}
			m := w.Metrics()
			if m.Written+m.Dropped != 100 || (m.Dropped > 0) != (overflow == accesslog.Drop) || (m.Waits > 0) != (overflow == accesslog.Block) {
				t.Errorf("%v: %+v", overflow, m)
			}
			requireOnce(t, r.got[group], int(m.Written))
		})
	}
}

func TestWriterDurable(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{append: func(context.Context, int, accesslog.Destination) error {
			time.Sleep(5 * time.Millisecond) // the disk
			return nil
		}}
		w := accesslog.NewWriter(r, accesslog.Options{Durable: true, FlushInterval: time.Hour})
		sink, f := w.Sink(group), mustCompile(t, "$context.requestId")
		var wg sync.WaitGroup
		for g := range 20 {
			wg.Go(func() {
				for i := range 10 {
					id := fmt.Sprintf("%d-%d", g, i)
					sink.Write(f, entryWithID(id))
					if !r.has(id) {
						t.Errorf("%s is not durable", id)
					}
				}
			})
		}
		wg.Wait()
		if err := w.Close(t.Context()); err != nil {
			t.Error(err)
		}
		requireOnce(t, r.got[group], 200)
		if r.calls > 60 {
			t.Errorf("%d calls: writes do not share them", r.calls)
		}
	})
}

func (r *recorder) has(message string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.got[group] {
		if e.Message == message {
			return true
		}
	}
	return false
}

func TestWriterCloseGivesUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{append: func(ctx context.Context, _ int, _ accesslog.Destination) error { <-ctx.Done(); return ctx.Err() }}
		w := accesslog.NewWriter(r, accesslog.Options{})
		sink, f := w.Sink(group), mustCompile(t, "$context.requestId")
		sink.Write(f, entryWithID("a"))
		sink.Write(f, entryWithID("b"))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := w.Close(ctx)
		if err == nil || !strings.Contains(err.Error(), "2 entries") {
			t.Errorf("Close: %v", err)
		}
		sink.Write(f, entryWithID("c"))
		if m := w.Metrics(); m.Dropped != 3 || m.QueueBytes != 0 {
			t.Errorf("%+v", m)
		}
	})
}

func TestUnrouted(t *testing.T) {
	t.Parallel()
	r := &recorder{}
	w := accesslog.NewWriter(r, accesslog.Options{})
	u, err := accesslog.NewUnrouted(w, "000000000000", "eu-west-1", 10)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Unix(1713481524, 0)
	for i := range 30 {
		u.Write(entryWithID(fmt.Sprint(i)), now.Add(time.Duration(i)*time.Millisecond))
	}
	u.Write(entryWithID("later"), now.Add(time.Second))
	if err := w.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := r.got[accesslog.Destination{AccountID: "000000000000", Region: "eu-west-1", Group: "/tollbook/unrouted"}]
	if len(got) != 11 || u.Suppressed() != 20 {
		t.Errorf("%d entries, %d suppressed", len(got), u.Suppressed())
	}
}

// BenchmarkWrite renders and queues entries of different requests. It writes many times more than any gateway can, so that
// a part of what it measures is memory that the flusher has not given back yet.
func BenchmarkWrite(b *testing.B) {
	w := accesslog.NewWriter(&discard{}, accesslog.Options{FlushInterval: time.Millisecond})
	sink, f := w.Sink(group), mustCompile(b, guideFormat)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		var entries [256]*accesslog.Entry
		for i := range entries {
			entries[i] = entryWithID(fmt.Sprintf("%08x-3a34-4b68-9d6c-2f6f2b0a9a8e", i*7919))
		}
		for i := 0; pb.Next(); i++ {
			sink.Write(f, entries[i%len(entries)])
		}
	})
	if err := w.Close(context.Background()); err != nil {
		b.Fatal(err)
	}
}

type discard struct{}

func (*discard) AppendEntries(context.Context, accesslog.Destination, []accesslog.RenderedEntry) error {
	return nil
}
