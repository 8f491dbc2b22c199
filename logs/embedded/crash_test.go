package embedded_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/tollbook/tollbook/internal/vfs"
	"github.com/tollbook/tollbook/logs"
	"github.com/tollbook/tollbook/logs/embedded"
)

var ctx = context.Background()

// history is what one writer did to a store, one call after the other. Each call appends two events that carry its number.
type history struct {
	acked  []int // calls that returned nil
	failed []int // calls that returned an error while the disk was able to say so for good
	next   int
}

// write makes calls until n have succeeded or one fails.
func (h *history) write(s *embedded.Store, n int) error {
	for range n {
		i := h.next
		h.next++
		_, err := s.Append(ctx, []logs.Batch{
			{Group: 1, Stream: logs.StreamID(i % 3), Events: []logs.NewEvent{{Timestamp: logs.Millis(i), Message: text(i)}}},
			{Group: 2, Stream: 9, Events: []logs.NewEvent{{Timestamp: logs.Millis(i), Message: text(i)}}},
		})
		if err != nil {
			h.failed = append(h.failed, i)
			return err
		}
		h.acked = append(h.acked, i)
	}
	return nil
}

func text(i int) string { return fmt.Sprintf("%06d %s", i, strings.Repeat("padding ", i%20)) }

// recovered returns the numbers of the calls that are readable, and checks that each is whole and there once.
func recovered(t *testing.T, s *embedded.Store) (calls []int) {
	t.Helper()
	var groups [2][]int
	for g := range groups {
		for e, err := range s.Scan(ctx, logs.ScanQuery{Group: logs.GroupID(g + 1), From: math.MinInt64, To: math.MaxInt64}) {
			if err != nil {
				t.Fatalf("Scan: %v", err)
			}
			if i := int(e.Timestamp); e.Message != text(i) {
				t.Fatalf("event %d reads %q", i, e.Message)
			}
			groups[g] = append(groups[g], int(e.Timestamp))
		}
	}
	if !slices.Equal(groups[0], groups[1]) {
		t.Fatalf("calls are not whole: %v in one group, %v in the other", groups[0], groups[1])
	}
	if unique := slices.Compact(slices.Clone(groups[0])); len(unique) != len(groups[0]) {
		t.Fatalf("events twice: %v", groups[0])
	}
	return groups[0]
}

// check compares what a store recovered with what was promised: all that was acknowledged is there, nothing that failed,
// and beyond the acknowledged at most the one call that was under way.
func (h *history) check(t *testing.T, calls []int) {
	t.Helper()
	for _, i := range h.acked {
		if !slices.Contains(calls, i) {
			t.Fatalf("call %d was acknowledged and is lost; %v survive", i, calls)
		}
	}
	for _, i := range calls {
		if slices.Contains(h.failed, i) {
			t.Fatalf("call %d had failed and is readable", i)
		}
		if i >= h.next {
			t.Fatalf("call %d was never made", i)
		}
	}
}

// TestCrashAtEveryMoment pulls the plug at moments spread over the life of a store that seals and merges, and opens what
// is left, twice.
func TestCrashAtEveryMoment(t *testing.T) {
	t.Parallel()
	fsys := vfs.NewCrashable()
	s := open(t, dir, small(fsys))
	defer s.Close()
	h := &history{}
	for round := range 60 {
		if err := h.write(s, 1+round%4); err != nil {
			t.Fatal(err)
		}
		for seed := range uint64(4) {
			if seed > 1 {
				seed += uint64(round) * 4
			}
			after := fsys.Crash(seed)
			h.checkOpen(t, after).checkOpen(t, after.Crash(seed))
		}
	}
}

// checkOpen opens a store, checks what is there, appends one call, checks again, and returns the history that it now has.
func (h *history) checkOpen(t *testing.T, fsys *vfs.Crashable) *history {
	t.Helper()
	s := open(t, dir, small(fsys))
	defer s.Close()
	h.check(t, recovered(t, s))
	again := &history{slices.Clone(h.acked), slices.Clone(h.failed), h.next}
	if err := again.write(s, 1); err != nil {
		t.Fatalf("Append after a crash: %v", err)
	}
	again.check(t, recovered(t, s))
	return again
}

// TestKillAtEveryOperation lets the process die at each operation on files, and the machine with it or not.
func TestKillAtEveryOperation(t *testing.T) {
	t.Parallel()
	const calls = 80
	total := killAt(t, math.MaxInt, calls)
	if total < 200 {
		t.Fatalf("only %d operations: the store did not seal", total)
	}
	for index := range total {
		killAt(t, index, calls)
	}
}

// killAt runs a store until the operation at index and checks what is left. It returns the number of operations.
func killAt(t *testing.T, index, calls int) int {
	t.Helper()
	fsys := vfs.NewCrashable()
	fsys.SetFault(vfs.KillAt(index))
	h := &history{}
	s, err := embedded.Open(dir, small(fsys))
	if err == nil {
		if err = h.write(s, calls); err != nil {
			h.failed = nil // the dead tell no tales
		}
		s.Close()
	}
	if err != nil && !errors.Is(err, vfs.ErrKilled) {
		t.Fatalf("operation %d: %v", index, err)
	}
	for _, seed := range []uint64{0, 1, uint64(index) + 2} {
		h.checkOpen(t, fsys.Crash(seed))
	}
	return fsys.Ops()
}

// TestKillDuringRecovery lets the process die again at each operation of opening what a crash left.
func TestKillDuringRecovery(t *testing.T) {
	t.Parallel()
	fsys := vfs.NewCrashable()
	h := &history{}
	for range 12 { // many logs, so that opening seals
		s := open(t, dir, small(fsys))
		if err := h.write(s, 3); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for index := range 40 {
		left := fsys.Crash(uint64(index) + 2)
		left.SetFault(vfs.KillAt(index))
		if s, err := embedded.Open(dir, small(left)); err == nil {
			s.Close()
		}
		for _, seed := range []uint64{0, 1, uint64(index)} {
			h.checkOpen(t, left.Crash(seed))
		}
	}
}

// TestFailAtEveryOperation has one operation fail with an error of the disk. The store goes on; a call that was told that it
// failed is not readable, now or after a crash.
func TestFailAtEveryOperation(t *testing.T) {
	t.Parallel()
	for index := range 250 {
		fsys := vfs.NewCrashable()
		s := open(t, dir, small(fsys))
		fsys.SetFault(vfs.FailAt(fsys.Ops()+index, syscall.EIO))
		h := &history{}
		for h.next < 45 {
			if err := h.write(s, 45-h.next); err != nil && !errors.Is(err, syscall.EIO) {
				t.Fatalf("operation %d: %v", index, err)
			}
		}
		if len(h.failed) > 1 {
			t.Errorf("operation %d: one error of the disk failed the calls %v", index, h.failed)
		}
		h.check(t, recovered(t, s))
		for _, seed := range []uint64{0, 1, uint64(index) + 2} {
			h.checkOpen(t, fsys.Crash(seed))
		}
		s.Close()
	}
}

// TestFsyncError has every sync fail for a while.
func TestFsyncError(t *testing.T) {
	t.Parallel()
	fsys := vfs.NewCrashable()
	s := open(t, dir, embedded.Options{FS: fsys, Logger: quiet()})
	defer s.Close()
	h := &history{}
	if err := h.write(s, 3); err != nil {
		t.Fatal(err)
	}
	var broken atomic.Bool
	broken.Store(true)
	fsys.SetFault(func(op vfs.Op) error {
		if broken.Load() && (op.Kind == vfs.KindSync || op.Kind == vfs.KindSyncDir) {
			return syscall.EIO
		}
		return nil
	})
	for range 5 {
		if err := h.write(s, 1); !errors.Is(err, syscall.EIO) {
			t.Fatalf("Append while syncs fail: %v", err)
		}
		h.check(t, recovered(t, s))
	}
	broken.Store(false)
	if err := h.write(s, 3); err != nil {
		t.Fatalf("Append after the disk has recovered: %v", err)
	}
	h.check(t, recovered(t, s))
	for seed := range uint64(50) {
		h.checkOpen(t, fsys.Crash(seed))
	}
}

// TestFullDisk fills the disk, at different places; reads go on, appends fail with ENOSPC, and recover when space returns.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	for space := 0; space < 12_000; space += 501 {
		fsys := vfs.NewCrashable()
		s := open(t, dir, small(fsys))
		h := &history{}
		if err := h.write(s, 5); err != nil {
			t.Fatal(err)
		}
		fsys.SetFault(vfs.FullAfter(space))
		failures := 0
		for failures < 5 {
			if err := h.write(s, 200); err == nil {
				t.Fatalf("space %d: a full disk takes 200 calls", space)
			} else if !errors.Is(err, syscall.ENOSPC) {
				t.Fatalf("space %d: %v", space, err)
			}
			failures++
			h.check(t, recovered(t, s))
		}
		fsys.SetFault(nil)
		if err := h.write(s, 40); err != nil {
			t.Fatalf("space %d: Append after space has returned: %v", space, err)
		}
		h.check(t, recovered(t, s))
		h.checkOpen(t, fsys.Crash(0))
		h.checkOpen(t, fsys.Crash(uint64(space)+2))
		s.Close()
	}
}

// TestDeletionsSurvive crashes after deletions, at every size of what was deleted: dead events never come back, whatever
// has been sealed, merged or dropped meanwhile.
func TestDeletionsSurvive(t *testing.T) {
	t.Parallel()
	fsys := vfs.NewCrashable()
	s := open(t, dir, small(fsys))
	defer s.Close()
	for round := range 25 {
		h := &history{next: round * 100}
		if err := h.write(s, 3+round); err != nil {
			t.Fatal(err)
		}
		if err := s.DeleteStreams(ctx, 1, []logs.StreamID{0, 1, 2}); err != nil {
			t.Fatal(err)
		}
		if err := s.ExpireBefore(ctx, 2, logs.Millis(round*100+99)); err != nil {
			t.Fatal(err)
		}
		for seed := range uint64(6) {
			after := open(t, dir, small(fsys.Crash(seed+uint64(round))))
			if calls := recovered(t, after); len(calls) != 0 {
				t.Fatalf("round %d seed %d: deleted events are back: %v", round, seed, calls)
			}
			after.Close()
		}
	}
}

// TestConcurrentCrash crashes while many write, and holds each of them to its own history.
func TestConcurrentCrash(t *testing.T) {
	t.Parallel()
	fsys := vfs.NewCrashable()
	s := open(t, dir, small(fsys))
	defer s.Close()
	const writers = 6
	var acked [writers]atomic.Int64
	var work sync.WaitGroup
	for w := range writers {
		work.Go(func() {
			for i := range 60 {
				_, err := s.Append(ctx, []logs.Batch{{Group: 1, Stream: logs.StreamID(w), Events: []logs.NewEvent{
					{Timestamp: logs.Millis(i), Message: "first"}, {Timestamp: logs.Millis(i), Message: "second"},
				}}})
				if err != nil {
					t.Errorf("Append: %v", err)
					return
				}
				acked[w].Store(int64(i + 1))
			}
		})
	}
	for seed := range uint64(40) {
		var before [writers]int64
		for w := range acked {
			before[w] = acked[w].Load()
		}
		checkWriters(t, fsys.Crash(seed), before[:])
	}
	work.Wait()
}

// checkWriters checks that of each stream a prefix of its writer's calls survives, not shorter than what was acknowledged.
func checkWriters(t *testing.T, fsys *vfs.Crashable, acked []int64) {
	t.Helper()
	s := open(t, dir, small(fsys))
	defer s.Close()
	for w, least := range acked {
		n := int64(0)
		for e, err := range s.Scan(ctx, logs.ScanQuery{Group: 1, Streams: []logs.StreamID{logs.StreamID(w)}, To: math.MaxInt64}) {
			if err != nil {
				t.Fatalf("Scan: %v", err)
			}
			if int64(e.Timestamp) != n/2 {
				t.Fatalf("writer %d: event %d is of call %d", w, n, e.Timestamp)
			}
			n++
		}
		if n%2 != 0 || n/2 < least {
			t.Fatalf("writer %d: %d events survive of %d acknowledged calls", w, n, least)
		}
	}
}

// TestReadIsDurable kills the process but not the machine: the next one may find a call that was never acknowledged, and
// once it has shown it to a reader, a loss of power must not take it away.
func TestReadIsDurable(t *testing.T) {
	t.Parallel()
	found := 0
	for index := range 60 {
		fsys := vfs.NewCrashable()
		fsys.SetFault(vfs.KillAt(index))
		h := &history{}
		if s, err := embedded.Open(dir, small(fsys)); err == nil {
			h.write(s, 30)
			s.Close()
		}
		fsys.SetFault(nil)
		s := open(t, dir, small(fsys))
		calls := recovered(t, s)
		if len(calls) > len(h.acked) {
			found++
		}
		after := fsys.Crash(0)
		s.Close()
		s = open(t, dir, small(after))
		if again := recovered(t, s); !slices.Equal(again, calls) {
			t.Fatalf("operation %d: %v were read, then %v", index, calls, again)
		}
		s.Close()
	}
	if found == 0 {
		t.Error("no call was found that had not been acknowledged")
	}
}

// TestDeadFilesComeBack has the files of deleted events stay, while those that came later, with all that told of the
// deletion, can be removed: the events stay dead when the store is opened again.
func TestDeadFilesComeBack(t *testing.T) {
	t.Parallel()
	fsys := vfs.NewCrashable()
	s := open(t, dir, small(fsys))
	defer s.Close()
	if err := (&history{}).write(s, 60); err != nil {
		t.Fatal(err)
	}
	s.Settle()
	names, err := fsys.List(dir)
	if err != nil {
		t.Fatal(err)
	}
	fsys.SetFault(func(op vfs.Op) error {
		if op.Kind == vfs.KindRemove && strings.Contains(op.Name, "seg-") && slices.Contains(names, filepath.Base(op.Name)) {
			return syscall.EIO
		}
		return nil
	})
	if err := errors.Join(s.DeleteGroup(ctx, 1), s.DeleteGroup(ctx, 2)); err != nil {
		t.Fatal(err)
	}
	for group := logs.GroupID(3); group < 7; group++ {
		for i := range 50 {
			if _, err := s.Append(ctx, one(group, 1, logs.Millis(i), text(19))); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.DeleteGroup(ctx, group); err != nil {
			t.Fatal(err)
		}
		s.Settle()
	}
	after := open(t, dir, small(fsys.Crash(1)))
	defer after.Close()
	if calls := recovered(t, after); len(calls) != 0 {
		t.Errorf("deleted events are back: %v", calls)
	}
}

// TestFailedCallAfterKill fails a sync, and all that could be done about it, and kills the process but not the machine:
// the call that failed was written, and is not readable nevertheless.
func TestFailedCallAfterKill(t *testing.T) {
	t.Parallel()
	fsys := vfs.NewCrashable()
	s := open(t, dir, small(fsys))
	h := &history{}
	if err := h.write(s, 3); err != nil {
		t.Fatal(err)
	}
	fsys.SetFault(func(op vfs.Op) error {
		if op.Kind == vfs.KindSync || op.Kind == vfs.KindCreate {
			return syscall.EIO
		}
		return nil
	})
	if err := h.write(s, 1); !errors.Is(err, syscall.EIO) {
		t.Fatalf("Append: %v", err)
	}
	s.Close()
	h.checkOpen(t, fsys.Crash(1))
}
