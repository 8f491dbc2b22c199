package embedded_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tollbook/tollbook/internal/vfs"
	"github.com/tollbook/tollbook/logs"
	"github.com/tollbook/tollbook/logs/embedded"
)

func whole(group logs.GroupID) logs.ScanQuery {
	return logs.ScanQuery{Group: group, From: math.MinInt64, To: math.MaxInt64}
}

func one(group logs.GroupID, stream logs.StreamID, at logs.Millis, message string) []logs.Batch {
	return []logs.Batch{{Group: group, Stream: stream, Events: []logs.NewEvent{{Timestamp: at, Message: message}}}}
}

// TestFilesStayFew writes a hundred heads and checks that they are sealed and merged.
func TestFilesStayFew(t *testing.T) {
	t.Parallel()
	fsys := vfs.NewCrashable()
	s := open(t, dir, small(fsys))
	defer s.Close()
	h := &history{}
	if err := h.write(s, 1000); err != nil {
		t.Fatal(err)
	}
	s.Settle()
	m := s.Metrics()
	if m.Seals < 50 || m.Compactions == 0 || m.Segments > 24 {
		t.Errorf("%d seals, %d compactions, %d segments", m.Seals, m.Compactions, m.Segments)
	}
	names, err := fsys.List(dir)
	if err != nil || int64(len(names)) != m.Segments+1 {
		t.Errorf("files %v (%v), want %d segments and a log", names, err, m.Segments)
	}
	if m.AppendedEvents != 2000 || m.SegmentEvents+m.HeadEvents != 2000 || m.WALBytes == 0 || m.SegmentBytes == 0 {
		t.Errorf("metrics %+v", m)
	}
	h.check(t, recovered(t, s))
}

// TestDeadSegmentsGo deletes everything and checks that files and tombstones go, while partly dead segments shrink.
func TestDeadSegmentsGo(t *testing.T) {
	t.Parallel()
	fsys := vfs.NewCrashable()
	s := open(t, dir, small(fsys))
	defer s.Close()
	h := &history{}
	if err := h.write(s, 300); err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteGroup(ctx, 1); err != nil {
		t.Fatal(err)
	}
	s.Settle()
	if m := s.Metrics(); m.SegmentEvents > 330 {
		t.Errorf("half of 600 events are dead, segments hold %d", m.SegmentEvents)
	}
	if err := s.DeleteGroup(ctx, 2); err != nil {
		t.Fatal(err)
	}
	s.Settle()
	if m := s.Metrics(); m.Segments != 0 || m.SegmentBytes != 0 || m.HeadEvents < 0 {
		t.Errorf("all is dead, yet %+v", m)
	}
	if err := (&history{next: 1000}).write(s, 200); err != nil { // rotates
		t.Fatal(err)
	}
	if m := s.Metrics(); m.Tombstones != 0 {
		t.Errorf("%d tombstones have nothing left to hide", m.Tombstones)
	}
}

// TestManyRestarts checks that write-ahead logs do not gather when a store is opened often and written little.
func TestManyRestarts(t *testing.T) {
	t.Parallel()
	fsys := vfs.NewCrashable()
	h := &history{}
	for range 60 {
		s := open(t, dir, embedded.Options{FS: fsys, Logger: quiet()})
		if err := h.write(s, 1); err != nil {
			t.Fatal(err)
		}
		s.Settle()
		h.check(t, recovered(t, s))
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if names, _ := fsys.List(dir); len(names) > 20 {
		t.Errorf("%d files: %v", len(names), names)
	}
}

// TestGroupCommit holds the disk in one sync until many calls wait: they share the next.
func TestGroupCommit(t *testing.T) {
	t.Parallel()
	const callers = 50
	fsys := vfs.NewCrashable()
	s := open(t, dir, embedded.Options{FS: fsys, Logger: quiet()})
	defer s.Close()
	before := s.Metrics().Fsyncs
	release := s.HoldCommits(func() { mustAppend(t, s, one(1, 1, 0, "first")) })
	var work sync.WaitGroup
	for i := range callers {
		work.Go(func() { mustAppend(t, s, one(1, 1, logs.Millis(i), "x")) })
	}
	for s.QueuedCalls() < callers {
		runtime.Gosched()
	}
	release()
	work.Wait()
	if n := s.Metrics().Fsyncs - before; n != 2 {
		t.Errorf("one call and %d calls at once took %d syncs", callers, n)
	}
}

func mustAppend(t *testing.T, s *embedded.Store, batches []logs.Batch) {
	t.Helper()
	if _, err := s.Append(ctx, batches); err != nil {
		t.Errorf("Append: %v", err)
	}
}

// TestCancelWhileWaiting cancels a call whose turn has not come: it fails and leaves nothing.
func TestCancelWhileWaiting(t *testing.T) {
	t.Parallel()
	s := open(t, dir, embedded.Options{FS: vfs.NewCrashable(), Logger: quiet()})
	defer s.Close()
	release := s.HoldCommits(func() { mustAppend(t, s, one(2, 1, 0, "first")) })
	cancelled, cancel := context.WithCancel(ctx)
	failed := make(chan error)
	go func() {
		_, err := s.Append(cancelled, one(1, 1, 1, "no"))
		failed <- err
	}()
	for s.QueuedCalls() == 0 {
		runtime.Gosched()
	}
	cancel()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Errorf("Append: %v", err)
	}
	release()
	if _, err := s.Append(ctx, one(1, 1, 2, "yes")); err != nil {
		t.Fatal(err)
	}
	for e, err := range s.Scan(ctx, whole(1)) {
		if err != nil || e.Message != "yes" {
			t.Errorf("read %+v, %v", e, err)
		}
	}
}

// TestClockStepsBack checks that ingestion times never fall, also across a restart, and arrivals are not used again even
// if all events are gone.
func TestClockStepsBack(t *testing.T) {
	t.Parallel()
	fsys := vfs.NewCrashable()
	now := int64(5_000_000)
	opts := small(fsys)
	opts.Now = func() time.Time { return time.UnixMilli(now) }
	var last logs.LogEvent
	for i := range 300 {
		s := open(t, dir, opts)
		ingestion, err := s.Append(ctx, one(1, 1, logs.Millis(i), strings.Repeat("x", 200)))
		if err != nil {
			t.Fatal(err)
		}
		for e, err := range s.Scan(ctx, whole(1)) {
			if err != nil {
				t.Fatal(err)
			}
			if e.Ingestion != ingestion || e.Ingestion < last.Ingestion || e.Arrival <= last.Arrival {
				t.Fatalf("%d: %+v after %+v", i, e.Position(), last.Position())
			}
			last = e
		}
		if err := s.DeleteGroup(ctx, 1); err != nil {
			t.Fatal(err)
		}
		s.Settle()
		s.Close()
		now += []int64{100, -5000, 3, 0}[i%4]
		fsys = fsys.Crash(uint64(i))
		opts.FS = fsys
	}
}

// TestLazyScan reads little of much and checks that few blocks are unpacked.
func TestLazyScan(t *testing.T) {
	t.Parallel()
	s := open(t, dir, embedded.Options{FS: vfs.NewCrashable(), Logger: quiet(), HeadBytes: 400_000, BlockRows: 100})
	defer s.Close()
	for i := range 4000 {
		if _, err := s.Append(ctx, one(1, logs.StreamID(i%10), logs.Millis(i), strings.Repeat("x", 200))); err != nil {
			t.Fatal(err)
		}
	}
	s.Settle()
	read := func(q logs.ScanQuery, n int) (unpacked int) {
		before := s.CachedBlocks()
		for _, err := range s.Scan(ctx, q) {
			if n--; err != nil || n == 0 {
				break
			}
		}
		return s.CachedBlocks() - before
	}
	page := whole(1)
	page.Streams = []logs.StreamID{3}
	if n := read(page, 5); n < 1 || n > 2 { // a block and its page
		t.Errorf("five events of one stream took %d blocks", n)
	}
	latest := whole(1)
	latest.Descending, latest.To = true, 1000
	if n := read(latest, 10); n < 1 || n > 20 {
		t.Errorf("ten events of a group of ten streams took %d blocks", n)
	}
	middle := logs.ScanQuery{Group: 1, Streams: []logs.StreamID{5}, From: 505, To: 506}
	if n := read(middle, 10); n < 1 || n > 2 {
		t.Errorf("one event took %d blocks and pages", n)
	}
}

// TestTooLarge refuses what replay could not hold in memory.
func TestTooLarge(t *testing.T) {
	t.Parallel()
	s := open(t, dir, embedded.Options{FS: vfs.NewCrashable(), Logger: quiet()})
	defer s.Close()
	message := strings.Repeat("x", 16<<20)
	batch := one(1, 1, 1, message)
	for range 4 {
		batch[0].Events = append(batch[0].Events, batch[0].Events[0])
	}
	if _, err := s.Append(ctx, batch); !errors.Is(err, embedded.ErrTooLarge) {
		t.Errorf("Append of 80 MiB: %v", err)
	}
}

// TestScanOutlivesClose checks that a scan goes on over files that are closed, merged away or deleted meanwhile.
func TestScanOutlivesClose(t *testing.T) {
	t.Parallel()
	fsys := vfs.NewCrashable()
	opts := small(fsys)
	opts.CacheBytes = -1
	s := open(t, dir, opts)
	if err := (&history{}).write(s, 100); err != nil {
		t.Fatal(err)
	}
	s.Settle()
	n := 0
	for e, err := range s.Scan(ctx, whole(1)) {
		if err != nil || e.Message != text(n) {
			t.Fatalf("event %d: %+v, %v", n, e, err)
		}
		if n++; n == 5 {
			if err := s.DeleteGroup(ctx, 1); err != nil {
				t.Fatal(err)
			}
			s.Settle()
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n != 100 {
		t.Errorf("%d of 100 events", n)
	}
}

// TestSealerLags lets no segment be written: Append goes on until the heads allowed are full, then fails, and recovers.
func TestSealerLags(t *testing.T) {
	t.Parallel()
	fsys := vfs.NewCrashable()
	s := open(t, dir, small(fsys))
	defer s.Close()
	broken := errors.New("no segments today")
	fsys.SetFault(func(op vfs.Op) error {
		if op.Kind == vfs.KindCreate && strings.Contains(op.Name, "seg-") {
			return broken
		}
		return nil
	})
	h := &history{}
	err := h.write(s, 1000)
	if !errors.Is(err, broken) {
		t.Fatalf("Append: %v", err)
	}
	if m := s.Metrics(); m.SealingHeads != 2 || m.SealErrors == 0 || m.HeadBytes > 4*6000 {
		t.Errorf("metrics %+v", m)
	}
	h.check(t, recovered(t, s))
	fsys.SetFault(nil)
	if err := h.write(s, 100); err != nil {
		t.Fatal(err)
	}
	h.check(t, recovered(t, s))
}

func ExampleStore() {
	s, err := embedded.Open("/data/example", embedded.Options{FS: vfs.NewCrashable()})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()
	_, err = s.Append(context.Background(), []logs.Batch{{Group: 1, Stream: 1, Events: []logs.NewEvent{
		{Timestamp: 2000, Message: "second"}, {Timestamp: 1000, Message: "first"},
	}}})
	if err != nil {
		fmt.Println(err)
	}
	for e, err := range s.Scan(context.Background(), logs.ScanQuery{Group: 1, From: 0, To: 3000}) {
		fmt.Println(e.Timestamp, e.Message, err)
	}
	// Output:
	// 1000 first <nil>
	// 2000 second <nil>
}
