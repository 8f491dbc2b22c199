package embedded_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tollbook/tollbook/internal/vfs"
	"github.com/tollbook/tollbook/logs"
	"github.com/tollbook/tollbook/logs/embedded"
)

// twoFiles makes a store with one segment of many blocks, which begins with call 0, and one write-ahead log, which ends
// with the last call. It is closed.
func twoFiles(t *testing.T) (fsys *vfs.Crashable, h *history) {
	t.Helper()
	fsys, h = vfs.NewCrashable(), &history{}
	s := open(t, dir, small(fsys))
	for s.Metrics().SealingHeads+s.Metrics().Segments == 0 {
		if err := h.write(s, 1); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.write(s, 5); err != nil {
		t.Fatal(err)
	}
	s.Settle()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return fsys, h
}

func find(t *testing.T, fsys vfs.FS, prefix, suffix string) (name string, size int64) {
	t.Helper()
	names, err := fsys.List(dir)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(names, func(n string) bool { return strings.HasPrefix(n, prefix) && strings.HasSuffix(n, suffix) })
	if i < 0 {
		t.Fatalf("no %s*%s among %v", prefix, suffix, names)
	}
	f, err := fsys.Open(filepath.Join(dir, names[i]))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if size, err = f.Size(); err != nil {
		t.Fatal(err)
	}
	return names[i], size
}

// scanThrough reads everything and goes on after errors of damage, of which each place gives one.
func scanThrough(t *testing.T, s *embedded.Store, group logs.GroupID) (calls []int, damage []error) {
	t.Helper()
	for range 1000 {
		calls = nil
		var failed error
		for e, err := range s.Scan(ctx, logs.ScanQuery{Group: group, To: math.MaxInt64}) {
			if failed = err; err == nil {
				if e.Message != text(int(e.Timestamp)) {
					t.Fatalf("event %d reads %q", e.Timestamp, e.Message)
				}
				calls = append(calls, int(e.Timestamp))
			}
		}
		if failed == nil {
			return calls, damage
		}
		if !errors.Is(failed, logs.ErrCorrupt) {
			t.Fatalf("Scan: %v", failed)
		}
		damage = append(damage, failed)
	}
	t.Fatal("a scan fails again and again")
	return nil, nil
}

// TestFlippedBits flips one bit at places all over each file. What is read is never wrong; the damage is counted, and the
// rest is served.
func TestFlippedBits(t *testing.T) {
	t.Parallel()
	intact, h := twoFiles(t)
	for _, kind := range []string{"wal-", "seg-"} {
		name, size := find(t, intact, kind, "")
		for at := int64(0); at < size; at += 1 + size/300 {
			fsys := intact.Crash(0)
			if err := fsys.FlipBit(filepath.Join(dir, name), at, uint(at)); err != nil {
				t.Fatal(err)
			}
			s := open(t, dir, small(fsys))
			calls, damage := scanThrough(t, s, 1)
			others, more := scanThrough(t, s, 2)
			lost := len(h.acked) - len(calls)
			m := s.Metrics()
			switch {
			case !slices.IsSorted(calls) || !slices.IsSorted(others):
				t.Errorf("%s offset %d: out of order: %v", name, at, calls)
			case lost > 0 && m.Corruptions == 0 && !isLastFrame(calls, h):
				t.Errorf("%s offset %d: %d calls vanished without a word", name, at, lost)
			case len(damage)+len(more) > 0 && !strings.Contains(append(damage, more...)[0].Error(), name+" at offset "):
				t.Errorf("the error does not name the place: %v", append(damage, more...)[0])
			case kind == "wal-" && lost > 1:
				t.Errorf("%s offset %d: one bit lost %d calls", name, at, lost)
			}
			if err := h.clone().write(s, 1); err != nil {
				t.Errorf("%s offset %d: Append: %v", name, at, err)
			}
			s.Close()
		}
	}
}

func (h *history) clone() *history {
	return &history{slices.Clone(h.acked), slices.Clone(h.failed), h.next}
}

// isLastFrame reports whether just the last call is missing: in the last frame, damage and a torn tail look alike.
func isLastFrame(calls []int, h *history) bool {
	return slices.Equal(calls, h.acked[:len(h.acked)-1])
}

// TestDamagedBlock checks that one scan fails, naming the place, and that the others yield all but that block, also after
// more sealing and merging.
func TestDamagedBlock(t *testing.T) {
	t.Parallel()
	fsys, h := twoFiles(t)
	name, _ := find(t, fsys, "seg-", "")
	if err := fsys.FlipBit(filepath.Join(dir, name), 60, 0); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	opts := small(fsys)
	opts.Logger = slog.New(slog.NewTextHandler(&out, nil))
	s := open(t, dir, opts)
	calls, damage := scanThrough(t, s, 1)
	if len(damage) != 1 || len(calls) == len(h.acked) || len(calls) < len(h.acked)/3 {
		t.Errorf("errors %v, %d of %d calls read", damage, len(calls), len(h.acked))
	}
	if n := strings.Count(out.String(), name+" at offset 32"); n != 1 || s.Metrics().Corruptions != 1 {
		t.Errorf("reported %d times, counted %d:\n%s", n, s.Metrics().Corruptions, &out)
	}
	if stats := sum(t, s); stats != int64(2*len(h.acked)-(len(h.acked)-len(calls))) {
		t.Errorf("stats count %d events", stats)
	}
	more := &history{next: 1000}
	if err := more.write(s, 200); err != nil {
		t.Fatal(err)
	}
	s.Settle()
	find(t, fsys, name, "") // it is kept for repair
	if again, damage := scanThrough(t, s, 1); len(damage) != 0 || len(again) != len(calls)+200 {
		t.Errorf("later: errors %v, %d calls", damage, len(again))
	}
	s.Close()
}

func sum(t *testing.T, s *embedded.Store) (events int64) {
	t.Helper()
	for st, err := range s.Stats(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		events += st.Events
	}
	return events
}

// TestDamagedFooter checks that a segment without a valid footer is set aside by name and the rest opens.
func TestDamagedFooter(t *testing.T) {
	t.Parallel()
	fsys, h := twoFiles(t)
	name, size := find(t, fsys, "seg-", "")
	if err := fsys.FlipBit(filepath.Join(dir, name), size-30, 0); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		s := open(t, dir, small(fsys))
		calls, _ := scanThrough(t, s, 1)
		if len(calls) == 0 || calls[len(calls)-1] != h.next-1 {
			t.Errorf("the write-ahead log's events read %v", calls)
		}
		s.Close()
		find(t, fsys, name, ".corrupt")
	}
}

// TestDamagedWAL flips a bit in an early frame: that frame is lost, those behind it are not, and the file is kept.
func TestDamagedWAL(t *testing.T) {
	t.Parallel()
	fsys, h := twoFiles(t)
	name, size := find(t, fsys, "wal-", "")
	if err := fsys.FlipBit(filepath.Join(dir, name), size/2, 0); err != nil {
		t.Fatal(err)
	}
	s := open(t, dir, small(fsys))
	calls, _ := scanThrough(t, s, 1)
	if len(calls) != len(h.acked)-1 || calls[len(calls)-1] != h.next-1 || s.Metrics().Corruptions != 1 {
		t.Errorf("%d of %d calls read, %d corruptions", len(calls), len(h.acked), s.Metrics().Corruptions)
	}
	if err := (&history{next: 1000}).write(s, 100); err != nil {
		t.Fatal(err)
	}
	s.Settle()
	s.Close()
	find(t, fsys, name, ".corrupt")
}

// TestTornTail cuts the write-ahead log at every length: all whole frames are read, and the store goes on.
func TestTornTail(t *testing.T) {
	t.Parallel()
	intact, h := twoFiles(t)
	name, size := find(t, intact, "wal-", "")
	data := readFile(t, intact, name)
	before := len(h.acked)
	for length := size; length > 200; length -= 3 {
		fsys := intact.Crash(0)
		writeFile(t, fsys, name, data[:length])
		s := open(t, dir, small(fsys))
		calls := recovered(t, s)
		if len(calls) > before || !slices.Equal(calls, h.acked[:len(calls)]) {
			t.Fatalf("length %d: %v read", length, calls)
		}
		if s.Metrics().Corruptions != 0 {
			t.Fatalf("length %d: a torn tail counts as damage", length)
		}
		before = len(calls)
		s.Close()
	}
	if before == len(h.acked) {
		t.Error("nothing was cut")
	}
}

func readFile(t *testing.T, fsys vfs.FS, name string) []byte {
	t.Helper()
	f, err := fsys.Open(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	size, err := f.Size()
	if err != nil {
		t.Fatal(err)
	}
	data := make([]byte, size)
	if _, err := f.ReadAt(data, 0); err != nil {
		t.Fatal(err)
	}
	return data
}

func writeFile(t *testing.T, fsys vfs.FS, name string, data []byte) {
	t.Helper()
	if err := fsys.MkdirAll(dir); err != nil {
		t.Fatal(err)
	}
	f, err := fsys.Create(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.Sync(), fsys.SyncDir(dir)); err != nil {
		t.Fatal(err)
	}
}

// TestForgedFrame puts the bytes of a whole write-ahead log into a message, damages the frame around it, and checks that
// nothing in the message is taken for a frame.
func TestForgedFrame(t *testing.T) {
	t.Parallel()
	other := vfs.NewCrashable()
	s := open(t, dir, small(other))
	if err := (&history{next: 500}).write(s, 3); err != nil {
		t.Fatal(err)
	}
	s.Close()
	name, _ := find(t, other, "wal-", "")
	forged := string(readFile(t, other, name))

	fsys := vfs.NewCrashable()
	s = open(t, dir, embedded.Options{FS: fsys, Logger: quiet()})
	h := &history{}
	if err := h.write(s, 3); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Append(ctx, []logs.Batch{{Group: 3, Stream: 1, Events: []logs.NewEvent{{Timestamp: 1, Message: forged}}}}); err != nil {
		t.Fatal(err)
	}
	if err := h.write(s, 3); err != nil {
		t.Fatal(err)
	}
	s.Close()
	at := bytes.Index(readFile(t, fsys, name), []byte(forged))
	if err := fsys.FlipBit(filepath.Join(dir, name), int64(at)-1, 0); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir, embedded.Options{FS: fsys, Logger: quiet()})
	defer s.Close()
	h.check(t, recovered(t, s))
	if calls, _ := scanThrough(t, s, 3); len(calls) != 0 {
		t.Errorf("the damaged event reads %v", calls)
	}
}

// TestOtherFormats checks that files of a later or a dropped version stop Open and stay as they are.
func TestOtherFormats(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind    string
		version byte
		want    error
	}{
		{"wal-", 2, embedded.ErrNewerFormat},
		{"wal-", 0, embedded.ErrOldFormat},
		{"seg-", 3, embedded.ErrNewerFormat},
		{"seg-", 1, embedded.ErrOldFormat},
	} {
		t.Run(fmt.Sprint(c.kind, c.version), func(t *testing.T) {
			t.Parallel()
			fsys, _ := twoFiles(t)
			name, _ := find(t, fsys, c.kind, "")
			data := readFile(t, fsys, name)
			embedded.SetVersion(data, c.version)
			writeFile(t, fsys, name, data)
			before := fmt.Sprint(fsys.List(dir))
			if _, err := embedded.Open(dir, small(fsys)); !errors.Is(err, c.want) || !strings.Contains(err.Error(), name) {
				t.Errorf("Open: %v, want %v", err, c.want)
			}
			if after := fmt.Sprint(fsys.List(dir)); after != before {
				t.Errorf("files changed from %s to %s", before, after)
			}
		})
	}
}

// TestDamagedSegmentWithItsLog damages a segment whose write-ahead log could not be removed yet. Its events are read from
// that log, and no later segment, sealed or merged around the gap, may seem to stand for it.
func TestDamagedSegmentWithItsLog(t *testing.T) {
	t.Parallel()
	fsys := vfs.NewCrashable()
	fsys.SetFault(func(op vfs.Op) error {
		if op.Kind == vfs.KindRemove || op.Kind == vfs.KindCreate && isMerged(op.Name) {
			return errors.New("nothing can be removed or merged")
		}
		return nil
	})
	s, h := open(t, dir, small(fsys)), &history{}
	for s.Metrics().Seals < 12 {
		if err := h.write(s, 1); err != nil {
			t.Fatal(err)
		}
	}
	s.Close()
	name, size := find(t, fsys, "seg-0000000000000002-", ".seg")
	if err := fsys.FlipBit(filepath.Join(dir, name), size-30, 0); err != nil {
		t.Fatal(err)
	}
	next := func(headBytes int64, fault vfs.Fault) {
		fsys = fsys.Crash(1)
		fsys.SetFault(fault)
		opts := small(fsys)
		opts.HeadBytes = headBytes
		s = open(t, dir, opts)
		h.check(t, recovered(t, s))
	}
	next(20_000, func(op vfs.Op) error { // merge while the log is not sealed
		if op.Kind == vfs.KindCreate && strings.Contains(op.Name, "seg-0000000000000002-") {
			return errors.New("not yet")
		}
		return nil
	})
	s.Compact()
	s.Close()
	for range 3 {
		next(20_000, nil)
		if err := h.write(s, 40); err != nil {
			t.Fatal(err)
		}
		s.Settle()
		h.check(t, recovered(t, s))
		s.Close()
	}
}

func isMerged(path string) bool {
	part := strings.Split(filepath.Base(path), "-")
	return part[0] == "seg" && part[1] != part[2]
}
