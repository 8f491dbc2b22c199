package embedded_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tollbook/tollbook/internal/vfs"
	"github.com/tollbook/tollbook/logs"
	"github.com/tollbook/tollbook/logs/embedded"
)

// writeFixture makes the folder of the present format version anew. What is committed of an older version stays for good.
var writeFixture = flag.Bool("write-fixture", false, "write testdata/v2")

const fixtureDir = "testdata/v2"

// TestOldFormat opens a segment of version 2 and write-ahead logs of version 1, with deletions, as they were committed.
func TestOldFormat(t *testing.T) {
	t.Parallel()
	if *writeFixture {
		makeFixture(t)
	}
	tmp := t.TempDir()
	if err := os.CopyFS(tmp, os.DirFS(fixtureDir)); err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(filepath.Join(fixtureDir, "want.txt"))
	if err != nil {
		t.Fatal(err)
	}
	s := open(t, tmp, embedded.Options{Logger: quiet()})
	defer s.Close()
	if diff := cmp.Diff(string(want), dump(t, s)); diff != "" {
		t.Errorf("read from the committed files (-want +got):\n%s", diff)
	}
	if m := s.Metrics(); m.Segments != 1 || m.Corruptions != 0 {
		t.Errorf("metrics %+v", m)
	}
}

// dump prints all that a reader sees of the groups of the fixture.
func dump(t *testing.T, s *embedded.Store) string {
	t.Helper()
	var out strings.Builder
	for g := range logs.GroupID(4) {
		for e, err := range s.Scan(ctx, whole(g)) {
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&out, "group %d stream %d: %d %d %d %q\n", g, e.Stream, e.Timestamp, e.Ingestion, e.Arrival, e.Message)
		}
	}
	fmt.Fprintf(&out, "%d events\n", sum(t, s))
	return out.String()
}

func makeFixture(t *testing.T) {
	t.Helper()
	fsys := vfs.NewCrashable()
	opts := small(fsys)
	opts.Now = func() time.Time { return time.UnixMilli(1_775_738_096_000) }
	s := open(t, dir, opts)
	h := &history{}
	deletions := func() error {
		return errors.Join(s.DeleteStreams(ctx, 1, []logs.StreamID{1}), s.ExpireBefore(ctx, 2, logs.Millis(h.next-4)))
	}
	for s.Metrics().SealingHeads+s.Metrics().Segments == 0 {
		if err := h.write(s, 1); err != nil {
			t.Fatal(err)
		}
	}
	s.Settle()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	opts.HeadBytes = 0 // what follows stays in the write-ahead log
	s = open(t, dir, opts)
	if err := errors.Join(h.write(s, 5), deletions(), h.write(s, 2)); err != nil {
		t.Fatal(err)
	}
	want := dump(t, s)
	if err := errors.Join(s.Close(), os.RemoveAll(fixtureDir), os.MkdirAll(fixtureDir, 0o755)); err != nil {
		t.Fatal(err)
	}
	names, err := fsys.List(dir)
	for _, name := range names {
		err = errors.Join(err, os.WriteFile(filepath.Join(fixtureDir, name), readFile(t, fsys, name), 0o644))
	}
	if err = errors.Join(err, os.WriteFile(filepath.Join(fixtureDir, "want.txt"), []byte(want), 0o644)); err != nil {
		t.Fatal(err)
	}
}
