package embedded_test

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/tollbook/tollbook/internal/vfs"
	"github.com/tollbook/tollbook/logs"
	"github.com/tollbook/tollbook/logs/embedded"
)

// heap is the memory in use after a collection.
func heap() int64 {
	runtime.GC()
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse)
}

// TestMemory keeps a store far larger than its budget within it: while it is written, sealed and merged, and while it is
// read in all ways. It is not parallel, as it measures the process.
func TestMemory(t *testing.T) {
	const budget = 16 << 20
	calls := 400
	if raceDetector {
		calls = 100
	}
	for name, shape := range map[string]struct{ groups, streams, events int }{
		"one group":   {1, 300, 3},
		"many groups": {1000, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			before := heap()
			s := open(t, t.TempDir(), embedded.Options{Logger: quiet(), MemoryBytes: budget})
			defer s.Close()
			check := func(doing string) {
				t.Helper()
				if used := heap() - before; used > budget {
					t.Errorf("%s: %d KiB in use, %d KiB are allowed; %+v", doing, used>>10, budget>>10, s.Metrics())
				}
			}
			n := 0
			for i := range calls {
				var batches []logs.Batch
				for g := range shape.groups {
					batches = append(batches, manyStreams(logs.GroupID(g), shape.streams, shape.events, i)...)
				}
				mustAppend(t, s, batches)
				n += shape.groups * shape.streams * shape.events
				if i%(calls/4) == calls/4-1 {
					check("writing")
				}
			}
			s.Settle()
			check("settled")
			read(t, s, whole(0), check)
			q := whole(0)
			q.Filter = &logs.Filter{Match: func(m string) bool { return strings.HasSuffix(m, "00000\"}") }}
			read(t, s, q, check)
			if got := sum(t, s); got != int64(n) {
				t.Errorf("stats count %d events of %d", got, n)
			}
			check("stats")
			if _, _, err := s.Fields(ctx, whole(0)); err != nil {
				t.Error(err)
			}
			check("fields")
		})
	}
}

func manyStreams(group logs.GroupID, streams, events, call int) (batches []logs.Batch) {
	for st := range streams {
		b := logs.Batch{Group: group, Stream: logs.StreamID(st)}
		for e := range events {
			n := (call*streams+st)*events + e
			b.Events = append(b.Events, logs.NewEvent{Timestamp: logs.Millis(call*events + e), Message: entry(n)})
		}
		batches = append(batches, b)
	}
	return batches
}

// read goes through a query and looks at the memory on the way.
func read(t *testing.T, s *embedded.Store, q logs.ScanQuery, check func(string)) {
	t.Helper()
	n := 0
	for _, err := range s.Scan(ctx, q) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n%100_000 == 0 {
			check(fmt.Sprintf("reading, %d events on", n))
		}
	}
	check("read")
}

// sink is a file system that forgets what is written.
type sink struct{ vfs.FS }

func newSink() sink { return sink{vfs.NewCrashable()} }

func (s sink) Create(name string) (vfs.File, error) {
	f, err := s.FS.Create(name)
	return sinkFile{f}, err
}

type sinkFile struct{ vfs.File }

func (sinkFile) Write(p []byte) (int, error) { return len(p), nil }

// TestHeadMemory compares what heads say that they take with what they take.
func TestHeadMemory(t *testing.T) {
	for _, shape := range []struct{ groups, streams, events, calls int }{
		{1, 1, 1, 20_000}, {1, 1, 1000, 20}, {1, 300, 10, 7}, {1, 20_000, 1, 1}, {200, 100, 1, 1}, {5000, 1, 1, 4},
	} {
		before := heap()
		s := open(t, dir, embedded.Options{FS: newSink(), Logger: quiet(), HeadBytes: 1 << 30})
		opened := heap()
		for i := range shape.calls {
			var batches []logs.Batch
			for g := range shape.groups {
				batches = append(batches, manyStreams(logs.GroupID(g), shape.streams, shape.events, i)...)
			}
			mustAppend(t, s, batches)
		}
		used, said := heap()-opened, s.Metrics().HeadBytes
		t.Logf("%+v: an empty store takes %d KiB; %d events take %d bytes each, %d are said",
			shape, (opened-before)>>10, s.Metrics().HeadEvents, used/s.Metrics().HeadEvents, said/s.Metrics().HeadEvents)
		if used > said*11/10+1<<20 || said > used*3/2+1<<20 {
			t.Errorf("%+v: the head takes %d bytes and says %d", shape, used, said)
		}
		s.Close()
	}
}
