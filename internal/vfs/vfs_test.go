package vfs_test

import (
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"github.com/tollbook/tollbook/internal/vfs"
)

// TestFS holds what both file systems promise.
func TestFS(t *testing.T) {
	t.Parallel()
	systems := map[string]func(t *testing.T) (vfs.FS, string){
		"OS":        func(t *testing.T) (vfs.FS, string) { return vfs.OS{}, t.TempDir() },
		"Crashable": func(*testing.T) (vfs.FS, string) { return vfs.NewCrashable(), "/data" },
	}
	for name, open := range systems {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fsys, dir := open(t)
			must(t, fsys.MkdirAll(filepath.Join(dir, "sub")))
			a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
			f := create(t, fsys, a)
			write(t, f, "hello world")
			must(t, f.Truncate(5))
			write(t, f, "!")
			must(t, f.Sync())
			must(t, fsys.Rename(a, b))
			must(t, fsys.SyncDir(dir))
			if got := read(t, fsys, b); got != "hello!" {
				t.Errorf("content %q, want %q", got, "hello!")
			}
			if names, err := fsys.List(dir); err != nil || !slices.Equal(names, []string{"b"}) {
				t.Errorf("List = %q, %v", names, err)
			}
			must(t, fsys.Remove(b))
			if size, err := f.Size(); err != nil || size != 6 {
				t.Errorf("an open handle of a removed file: size %d, %v", size, err)
			}
			must(t, f.Close())
			if _, err := fsys.Open(b); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("Open after Remove: %v", err)
			}
			if _, err := fsys.List(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("List of nothing: %v", err)
			}
		})
	}
}

func TestCrashKeepsWhatIsDurable(t *testing.T) {
	t.Parallel()
	fsys := vfs.NewCrashable()
	must(t, fsys.MkdirAll("/d"))
	f := create(t, fsys, "/d/a")
	write(t, f, "one")
	must(t, f.Sync())
	if names := list(t, fsys.Crash(0)); len(names) != 0 {
		t.Errorf("a name survived without SyncDir: %q", names)
	}
	must(t, fsys.SyncDir("/d"))
	write(t, f, "two")
	seen := map[string]bool{}
	for seed := range uint64(50) {
		got := read(t, fsys.Crash(seed), "/d/a")
		seen[got] = true
		if len(got) < 3 || got != "onetwo"[:len(got)] {
			t.Fatalf("seed %d: content %q", seed, got)
		}
	}
	if !seen["one"] || !seen["onetwo"] || len(seen) < 4 {
		t.Errorf("crashes lack variety: %v", seen)
	}
}

func TestCrashAfterRename(t *testing.T) {
	t.Parallel()
	fsys := vfs.NewCrashable()
	must(t, fsys.MkdirAll("/d"))
	write(t, create(t, fsys, "/d/tmp"), "x")
	must(t, fsys.SyncDir("/d"))
	must(t, fsys.Rename("/d/tmp", "/d/final"))
	for seed := range uint64(20) {
		if names := list(t, fsys.Crash(seed)); len(names) != 1 {
			t.Errorf("seed %d: a rename left %q", seed, names)
		}
	}
}

func TestFailedSyncLosesTrack(t *testing.T) {
	t.Parallel()
	fsys := vfs.NewCrashable()
	must(t, fsys.MkdirAll("/d"))
	f := create(t, fsys, "/d/a")
	must(t, fsys.SyncDir("/d"))
	write(t, f, "lost")
	fsys.SetFault(vfs.FailAt(fsys.Ops(), syscall.EIO))
	if err := f.Sync(); !errors.Is(err, syscall.EIO) {
		t.Fatalf("Sync = %v", err)
	}
	must(t, f.Sync())
	if got := read(t, fsys.Crash(0), "/d/a"); got != "" {
		t.Errorf("a later sync made %q durable", got)
	}
	if got := read(t, fsys.Crash(1), "/d/a"); got != "lost" {
		t.Errorf("lucky crash kept %q", got)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	fsys := vfs.NewCrashable()
	must(t, fsys.MkdirAll("/d"))
	f := create(t, fsys, "/d/a")
	fsys.SetFault(vfs.FullAfter(5))
	if n, err := f.Write([]byte("1234567")); n != 5 || !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("write on a full disk: %d, %v", n, err)
	}
	if _, err := fsys.Create("/d/b"); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("create on a full disk: %v", err)
	}
	fsys.SetFault(vfs.KillAt(fsys.Ops()))
	if n, err := f.Write([]byte("abcd")); n != 2 || !errors.Is(err, vfs.ErrKilled) {
		t.Errorf("write at the kill: %d, %v", n, err)
	}
	if err := fsys.Remove("/d/a"); !errors.Is(err, vfs.ErrKilled) {
		t.Errorf("remove after the kill: %v", err)
	}
	fsys.SetFault(nil)
	must(t, fsys.FlipBit("/d/a", 0, 1))
	if got := read(t, fsys, "/d/a"); got != "32345ab" {
		t.Errorf("content %q", got)
	}
}

func create(t *testing.T, fsys vfs.FS, name string) vfs.File {
	t.Helper()
	f, err := fsys.Create(name)
	must(t, err)
	return f
}

func write(t *testing.T, f vfs.File, s string) {
	t.Helper()
	_, err := f.Write([]byte(s))
	must(t, err)
}

func read(t *testing.T, fsys vfs.FS, name string) string {
	t.Helper()
	f, err := fsys.Open(name)
	must(t, err)
	defer f.Close()
	size, err := f.Size()
	must(t, err)
	data, err := io.ReadAll(io.NewSectionReader(f, 0, size))
	must(t, err)
	return string(data)
}

func list(t *testing.T, fsys vfs.FS) []string {
	t.Helper()
	names, err := fsys.List("/d")
	must(t, err)
	return names
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
