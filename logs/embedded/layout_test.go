package embedded_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/tollbook/tollbook/internal/vfs"
	"github.com/tollbook/tollbook/logs"
	"github.com/tollbook/tollbook/logs/embedded"
)

// write appends calls with so many events of each group, whose numbers follow each other, all of one time per call.
func write(t *testing.T, s *embedded.Store, from, calls int, groups map[logs.GroupID]int) {
	t.Helper()
	for i := range calls {
		var batches []logs.Batch
		for g, events := range groups {
			b := logs.Batch{Group: g, Stream: logs.StreamID((from + i) % 7)}
			for range events {
				b.Events = append(b.Events, logs.NewEvent{Timestamp: logs.Millis(from + i), Message: fmt.Sprintf("group %d call %d", g, from+i)})
			}
			batches = append(batches, b)
		}
		mustAppend(t, s, batches)
	}
}

// TestBlocksAreCutByTime seals a head of a large group and many small ones.
func TestBlocksAreCutByTime(t *testing.T) {
	t.Parallel()
	s := open(t, dir, embedded.Options{FS: vfs.NewCrashable(), Logger: quiet(), BlockRows: 100, HeadBytes: 1 << 20})
	groups := map[logs.GroupID]int{50: 5}
	for g := range logs.GroupID(20) {
		groups[g*10+1] = 1
	}
	write(t, s, 0, 49, groups) // 245 events of group 50, 49 of each other
	s.SealAll()
	var large, small []embedded.BlockInfo
	for _, b := range s.Blocks() {
		if b.FirstGroup == 50 && b.LastGroup == 50 {
			large = append(large, b)
		} else {
			small = append(small, b)
		}
	}
	if len(large) != 3 {
		t.Fatalf("group 50 has the blocks %+v, want 3", large)
	}
	for i, b := range large {
		if b.Rows < 80 || b.Rows > 83 || i > 0 && large[i-1].Last > b.First {
			t.Errorf("block %d of group 50: %+v behind %+v", i, b, large[max(0, i-1)])
		}
	}
	for _, b := range small {
		if b.Rows != 98 || b.Groups != 2 {
			t.Errorf("shared block %+v, want two groups of 49 rows", b)
		}
	}
	checkAll(t, s, groups, 49)
	s.Close()
}

func checkAll(t *testing.T, s *embedded.Store, groups map[logs.GroupID]int, calls int) {
	t.Helper()
	for g, events := range groups {
		n := 0
		for e, err := range s.Scan(ctx, whole(g)) {
			if err != nil {
				t.Fatal(err)
			}
			if int(e.Timestamp) != n/events || e.Message != fmt.Sprintf("group %d call %d", g, n/events) {
				t.Fatalf("group %d event %d: %+v", g, n, e)
			}
			n++
		}
		if n != calls*events {
			t.Errorf("group %d has %d events, want %d", g, n, calls*events)
		}
	}
}

// TestLargeBlocksAreCopied checks that merging leaves large blocks alone, and puts small ones and those of many groups
// together.
func TestLargeBlocksAreCopied(t *testing.T) {
	t.Parallel()
	s := open(t, dir, embedded.Options{FS: vfs.NewCrashable(), Logger: quiet(), BlockRows: 400, HeadBytes: 1 << 30})
	defer s.Close()
	groups := map[logs.GroupID]int{1: 6, 2: 1} // of group 1, each head makes large blocks; of group 2, small ones
	for i := range 8 {
		write(t, s, i*100, 100, groups)
		s.SealAll()
	}
	s.Compact()
	m := s.Metrics()
	if m.Compactions != 1 || m.Segments != 1 || m.RecodedEvents != 800 {
		t.Errorf("%d compactions, %d segments, %d events recoded; want 1, 1, the 800 of group 2", m.Compactions, m.Segments, m.RecodedEvents)
	}
	for _, b := range s.Blocks() {
		if b.Rows < 200 {
			t.Errorf("small block %+v", b)
		}
	}
	checkAll(t, s, groups, 800)
}

// TestManyGroupsComeTogether seals heads in which each of many groups has a few events, and merges them.
func TestManyGroupsComeTogether(t *testing.T) {
	t.Parallel()
	s := open(t, dir, embedded.Options{FS: vfs.NewCrashable(), Logger: quiet(), BlockRows: 400, HeadBytes: 1 << 30})
	defer s.Close()
	groups := map[logs.GroupID]int{}
	for g := range logs.GroupID(200) {
		groups[g] = 2
	}
	for i := range 8 {
		write(t, s, i, 1, groups)
		s.SealAll()
	}
	s.Compact()
	for _, b := range s.Blocks() {
		if b.Rows != 400 || b.Groups != 25 {
			t.Errorf("block %+v, want 400 rows of 25 groups", b)
		}
	}
	checkAll(t, s, groups, 8)
}

// TestRetentionReadsNothing expires whole blocks and segments and checks that nothing of them is read to do so, and that
// of a segment that is rewritten the living blocks are copied.
func TestRetentionReadsNothing(t *testing.T) {
	t.Parallel()
	fsys := vfs.NewCrashable()
	s := open(t, dir, embedded.Options{FS: fsys, Logger: quiet(), BlockRows: 100, HeadBytes: 1 << 30, CacheBytes: -1})
	defer s.Close()
	for i := range 3 {
		write(t, s, i*100, 100, map[logs.GroupID]int{1: 4}) // 4 blocks each
		s.SealAll()
	}
	reads := 0
	fsys.SetFault(func(op vfs.Op) error {
		if op.Kind == vfs.KindRead {
			reads++
		}
		return nil
	})
	if err := s.ExpireBefore(ctx, 1, 100); err != nil {
		t.Fatal(err)
	}
	s.Compact()
	if m := s.Metrics(); m.Segments != 2 || reads != 0 {
		t.Errorf("%d segments are left, want 2; %d reads", m.Segments, reads)
	}
	if err := s.ExpireBefore(ctx, 1, 150); err != nil {
		t.Fatal(err)
	}
	s.Compact()
	if m := s.Metrics(); m.Segments != 2 || m.SegmentEvents != 600 || m.RecodedEvents != 0 || m.Compactions != 1 {
		t.Errorf("after half of a segment has expired: %+v", m)
	}
	fsys.SetFault(nil)
	if n := len(scanned(t, s, whole(1))); n != 600 {
		t.Errorf("%d events are left, want 600", n)
	}
}

// TestLargeMessages checks that blocks are bounded in bytes, not only in rows.
func TestLargeMessages(t *testing.T) {
	t.Parallel()
	s := open(t, dir, embedded.Options{FS: vfs.NewCrashable(), Logger: quiet(), MemoryBytes: 16 << 20})
	defer s.Close()
	for i := range 20 {
		size := 1 << 18
		if i == 7 {
			size = 3 << 20 // more than a block takes
		}
		mustAppend(t, s, one(1, logs.StreamID(i%2), logs.Millis(i), strings.Repeat(fmt.Sprint(i%10), size)))
	}
	s.SealAll()
	for _, b := range s.Blocks() {
		if b.Bytes > 1<<20 && b.Rows > 1 {
			t.Errorf("block of %d messages with %d bytes", b.Rows, b.Bytes)
		}
	}
	if n := len(scanned(t, s, whole(1))); n != 20 {
		t.Errorf("%d events", n)
	}
}

// TestExtremeTimes has timestamps from end to end, in heads and segments.
func TestExtremeTimes(t *testing.T) {
	t.Parallel()
	s := open(t, dir, small(vfs.NewCrashable()))
	defer s.Close()
	times := []logs.Millis{math.MinInt64, math.MinInt64 + 1, -1 << 62, -1, 0, 1, 1 << 62, math.MaxInt64 - 1}
	for i, at := range times {
		mustAppend(t, s, one(1, logs.StreamID(i%3), at, fmt.Sprint(at)))
	}
	check := func() {
		t.Helper()
		var got []logs.Millis
		for e, err := range s.Scan(ctx, whole(1)) {
			if err != nil || e.Message != fmt.Sprint(e.Timestamp) {
				t.Fatalf("%+v, %v", e, err)
			}
			got = append(got, e.Timestamp)
		}
		if fmt.Sprint(got) != fmt.Sprint(times) {
			t.Errorf("times %v, want %v", got, times)
		}
	}
	check()
	s.SealAll()
	check()
}

// TestClockJumps lets the clock jump years ahead and back: ingestion never falls, and what was written is read in order.
func TestClockJumps(t *testing.T) {
	t.Parallel()
	const year = 365 * 24 * time.Hour
	fsys := vfs.NewCrashable()
	opts := small(fsys)
	now := time.UnixMilli(1_775_738_096_000)
	opts.Now = func() time.Time { return now }
	var last logs.Millis
	n := 0
	for _, jump := range []time.Duration{0, 10 * year, -20 * year, year, 30 * year, -60 * year} {
		now = now.Add(jump)
		s := open(t, dir, opts)
		for range 40 {
			ingestion, err := s.Append(ctx, one(1, 1, logs.Millis(now.UnixMilli()), fmt.Sprint(n)))
			if err != nil || ingestion < last {
				t.Fatalf("after a jump of %v: ingestion %d behind %d, %v", jump, ingestion, last, err)
			}
			last = ingestion
			n++
		}
		s.Settle()
		var before *logs.LogEvent
		seen := 0
		for e, err := range s.Scan(ctx, whole(1)) {
			if err != nil || before != nil && before.Position().Compare(e.Position()) >= 0 {
				t.Fatalf("after a jump of %v: %+v behind %+v, %v", jump, e, before, err)
			}
			before = &e
			seen++
		}
		if seen != n {
			t.Errorf("after a jump of %v: %d of %d events", jump, seen, n)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
