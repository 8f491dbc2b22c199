package state_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/tollbook/tollbook/state"
)

func openTemp(t testing.TB) *state.DB {
	t.Helper()
	return open(t, filepath.Join(t.TempDir(), "state.db"))
}

func open(t testing.TB, path string) *state.DB {
	t.Helper()
	db, err := state.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func write(t testing.TB, db *state.DB, f func(*state.Tx) error) {
	t.Helper()
	if err := db.Write(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

func read(t testing.TB, db *state.DB, f func(*state.Tx) error) {
	t.Helper()
	if err := db.Read(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

func TestReopenKeepsWhatWasWritten(t *testing.T) {
	t.Parallel()
	// A name with the characters that mean something in a URL.
	path := filepath.Join(t.TempDir(), "a ?%20#b.db")
	db := open(t, path)
	write(t, db, func(tx *state.Tx) error { return notes.Insert(tx, key("a"), note{"kept"}) })
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatal(err)
	}
	read(t, open(t, path), func(tx *state.Tx) error {
		n, err := notes.Get(tx, key("a"))
		if n.Text != "kept" {
			t.Errorf("after reopening: %+v, %v", n, err)
		}
		return nil
	})
}

func TestErrorRollsBackAndIsReturnedAsItIs(t *testing.T) {
	t.Parallel()
	db := openTemp(t)
	want := errors.New("no")
	got := db.Write(t.Context(), func(tx *state.Tx) error {
		if err := notes.Insert(tx, key("a"), note{}); err != nil {
			return err
		}
		return want
	})
	if got != want {
		t.Errorf("Write returned %v, want the function's own error", got)
	}
	expectMissing(t, db, "a")
}

func TestPanicRollsBackAndFreesTheWriter(t *testing.T) {
	t.Parallel()
	db := openTemp(t)
	func() {
		defer func() { _ = recover() }()
		_ = db.Write(t.Context(), func(tx *state.Tx) error {
			_ = notes.Insert(tx, key("a"), note{})
			panic("BUG")
		})
	}()
	write(t, db, func(tx *state.Tx) error { return notes.Insert(tx, key("b"), note{}) })
	expectMissing(t, db, "a")
}

func TestCancelledContextChangesNothing(t *testing.T) {
	t.Parallel()
	db := openTemp(t)
	ctx, cancel := context.WithCancel(t.Context())
	err := db.Write(ctx, func(tx *state.Tx) error {
		if err := notes.Insert(tx, key("a"), note{}); err != nil {
			return err
		}
		cancel()
		return notes.Insert(tx, key("b"), note{})
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	expectMissing(t, db, "a")
}

func TestReadCannotWrite(t *testing.T) {
	t.Parallel()
	db := openTemp(t)
	err := db.Read(t.Context(), func(tx *state.Tx) error { return notes.Insert(tx, key("a"), note{}) })
	if err == nil {
		t.Error("a write within Read went through")
	}
	expectMissing(t, db, "a")
}

// Every reader must see both documents of a write or neither, and each read the same state throughout.
func TestReadersSeeSnapshotsWhileAWriterWrites(t *testing.T) {
	t.Parallel()
	db := openTemp(t)
	put := func(n int64) {
		write(t, db, func(tx *state.Tx) error {
			return errors.Join(numbers.Put(tx, key("a"), n), numbers.Put(tx, key("b"), n))
		})
	}
	put(0)
	done := make(chan struct{})
	var readers sync.WaitGroup
	for range 6 {
		readers.Go(func() { readPairsUntil(t, db, done) })
	}
	for n := range int64(100) {
		put(n + 1)
	}
	close(done)
	readers.Wait()
}

func readPairsUntil(t *testing.T, db *state.DB, done chan struct{}) {
	for stop := false; !stop; {
		select {
		case <-done:
			stop = true
		default:
		}
		err := db.Read(t.Context(), func(tx *state.Tx) error {
			a, errA := numbers.Get(tx, key("a"))
			b, errB := numbers.Get(tx, key("b"))
			if a != b {
				t.Errorf("one snapshot has a = %d and b = %d", a, b)
			}
			return errors.Join(errA, errB)
		})
		if err != nil {
			t.Error(err)
			return
		}
	}
}

func TestConcurrentWritesAreSerialised(t *testing.T) {
	t.Parallel()
	db := openTemp(t)
	write(t, db, func(tx *state.Tx) error { return numbers.Put(tx, key("n"), 0) })
	var writers sync.WaitGroup
	for range 50 {
		writers.Go(func() {
			err := db.Write(t.Context(), func(tx *state.Tx) error {
				n, err := numbers.Get(tx, key("n"))
				return errors.Join(err, numbers.Put(tx, key("n"), n+1))
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	writers.Wait()
	read(t, db, func(tx *state.Tx) error {
		if n, err := numbers.Get(tx, key("n")); n != 50 {
			t.Errorf("50 increments gave %d, %v", n, err)
		}
		return nil
	})
}

func TestNewerVersionIsRefused(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state.db")
	if err := open(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	raw, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := raw.Exec("UPDATE schema_version SET version = 999"); err != nil {
		t.Fatal(err)
	}
	if err := raw.Close(); err != nil {
		t.Fatal(err)
	}
	expectRefusal(t, path, state.ErrNewerVersion, "version 999")
}

func TestUnreadableFileIsRefusedAndKept(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state.db")
	text := strings.Repeat("not a database\n", 100)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	expectRefusal(t, path, state.ErrUnreadable, path)
	if after, _ := os.ReadFile(path); string(after) != text {
		t.Error("the unreadable file was changed")
	}
}

func TestMissingFolderIsRefused(t *testing.T) {
	t.Parallel()
	expectRefusal(t, filepath.Join(t.TempDir(), "none", "state.db"), os.ErrNotExist, "none")
}

func expectRefusal(t *testing.T, path string, want error, text string) {
	t.Helper()
	_, err := state.Open(t.Context(), path)
	if !errors.Is(err, want) || !strings.Contains(err.Error(), text) {
		t.Errorf("Open: %v; want %q in it and %v", err, text, want)
	}
}

func TestFileIsPrivate(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state.db")
	open(t, path)
	for _, suffix := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("state.db%s has mode %v, want 0600", suffix, info.Mode().Perm())
		}
	}
}

func TestClosedDBRefuses(t *testing.T) {
	t.Parallel()
	db := openTemp(t)
	for range 2 {
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Read(t.Context(), func(*state.Tx) error { return nil }); err == nil {
		t.Error("Read of a closed database returned nil")
	}
}
