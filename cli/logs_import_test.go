package cli_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/google/go-cmp/cmp"
)

func gzipped(t *testing.T, content string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// spread is a log of many batches: three lines fit into the 24 hours of one.
func spread(lines int) string {
	var b strings.Builder
	begin := time.Date(2015, 5, 17, 0, 0, 0, 0, time.UTC)
	for i := range lines {
		fmt.Fprintf(&b, "10.0.0.%d - - [%s] \"GET /%d HTTP/1.1\" 200 5\n", i%7, begin.Add(time.Duration(i)*12*time.Hour).Format("02/Jan/2006:15:04:05 -0700"), i)
	}
	return b.String()
}

func linesOf(content string) []string { return strings.Split(strings.TrimSuffix(content, "\n"), "\n") }

// requireSame fails the test unless the stream holds exactly the lines, each as often.
func requireSame(t *testing.T, s *session, stream string, want []string) {
	t.Helper()
	got := s.messages(t, stream)
	slices.Sort(got)
	want = slices.Sorted(slices.Values(want))
	if !slices.Equal(got, want) {
		t.Fatalf("the stream holds %d events, wanted %d: %s", len(got), len(want), cmp.Diff(want[:min(20, len(want))], got[:min(20, len(got))]))
	}
}

func TestImportFormats(t *testing.T) {
	t.Parallel()
	combined := `1.2.3.4 - - [17/May/2015:10:05:03 +0200] "GET / HTTP/1.1" 200 5 "-" "curl"`
	for name, tt := range map[string]struct {
		content, want, summary string
		flags                  []string
	}{
		"combined":     {combined + "\n", "2015-05-17T08:05:03 " + combined + "\n", "imported 1 events", nil},
		"json":         {`{"time":"2015-05-17T10:05:03.5Z","a":1}` + "\n", `2015-05-17T10:05:03.5 {"time":"2015-05-17T10:05:03.5Z","a":1}` + "\n", "", nil},
		"gzip":         {gzipped(t, combined+"\r\n"), "2015-05-17T08:05:03 " + combined + "\n", "", nil},
		"out of order": {"2015-05-17T10:00:02Z b\n2015-05-17T10:00:01Z a\n", "2015-05-17T10:00:01 2015-05-17T10:00:01Z a\n2015-05-17T10:00:02 2015-05-17T10:00:02Z b\n", "", nil},
		"trace":        {"2015-05-17T10:00:02Z boom\n\n\tat x\n", "2015-05-17T10:00:02 2015-05-17T10:00:02Z boom\n2015-05-17T10:00:02 \tat x\n", "1 lines empty", nil},
		"not UTF-8":    {"2015-05-17T10:00:02Z caf\xe9\n", "2015-05-17T10:00:02 2015-05-17T10:00:02Z caf\\xE9\n", "1 lines with bytes that are not UTF-8", nil},
		"of the file":  {"no time\n", "2015-01-01T00:00:00 no time\n", "1 lines without a time of their own", nil},
		"an export":    {`{"timestamp":1431857103000,"ingestionTime":5,"logStream":"x","message":"a\u0021"}` + "\n", "2015-05-17T10:05:03 a!\n", "", []string{"--format", "export"}},
		"text wanted":  {combined + "\n", "2015-01-01T00:00:00 " + combined + "\n", "", []string{"--format", "text"}},
		"nothing":      {"", "", "imported 0 events", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSession(t)
			path := writeFile(t, t.TempDir(), "app:1.log", tt.content)
			if err := os.Chtimes(path, time.Time{}, time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC)); err != nil {
				t.Fatal(err)
			}
			s.mustImport(t, tt.summary, append(tt.flags, path)...)
			if diff := cmp.Diff(tt.want, s.timed(t, "app_1.log")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestImportNow(t *testing.T) {
	t.Parallel()
	s := newSession(t)
	before := time.Now().UnixMilli()
	s.mustImport(t, "imported 4 events", "--timestamps", "now", writeFile(t, t.TempDir(), "f", spread(4)))
	page, err := s.logs.GetLogEvents(t.Context(), &cloudwatchlogs.GetLogEventsInput{LogGroupName: &s.group, LogStreamName: aws.String("f"), StartTime: &before})
	if err != nil || len(page.Events) != 4 {
		t.Errorf("%d events since the import began, %v", len(page.Events), err)
	}
}

func TestImportDryRun(t *testing.T) {
	t.Parallel()
	s := newSession(t)
	path := writeFile(t, t.TempDir(), "f", spread(7))
	s.mustImport(t, "would import into f, from line 1 on: 7 events (455 B) in 3 batches, 2015-05-17T00:00:00.000Z to 2015-05-20T00:00:00.000Z", "--dry-run", path)
	if out := s.mustRun(t, "ls", "--prefix", s.group); strings.Contains(out, s.group) {
		t.Errorf("the dry run made the group:\n%s", out)
	}
}

// A line above the limit is left out, and the exit status says so.
func TestImportLineTooLong(t *testing.T) {
	t.Parallel()
	s := newSession(t)
	longest := "2015-05-17T10:00:02Z " + strings.Repeat("x", 1_048_550-21)
	path := writeFile(t, t.TempDir(), "f", "2015-05-17T10:00:01Z a\n"+longest+"\n"+longest+"y\n2015-05-17T10:00:03Z b\n")
	out, errs, code := s.importing(t.Context(), path)
	if code != 1 || !strings.Contains(out, "imported 3 events") || !strings.Contains(errs, ":3: line of 1048552 bytes") {
		t.Errorf("exit status %d\n%s%s", code, out, errs)
	}
	requireSame(t, s, "f", []string{"2015-05-17T10:00:01Z a", longest, "2015-05-17T10:00:03Z b"})
}

// A file is known by its content: the same under another name, compressed, or grown.
func TestImportRepeated(t *testing.T) {
	t.Parallel()
	s, dir := newSession(t), t.TempDir()
	content, more := spread(40), "2015-07-01T00:00:00Z more\n"
	path := writeFile(t, dir, "access.log", content)
	s.mustImport(t, "imported 40 events", path)
	s.mustImport(t, "nothing new", path)
	s.mustImport(t, "access.log.1: imported into access.log before, nothing new", writeFile(t, dir, "access.log.1", content))
	s.mustImport(t, "access.log.2.gz: imported into access.log before, nothing new", writeFile(t, dir, "access.log.2.gz", gzipped(t, content)))
	s.mustImport(t, "imported 1 events", writeFile(t, dir, "access.log", content+more))
	s.mustImport(t, "imported 0 events", "--stream", "access.log", writeFile(t, dir, "cut.log", strings.Join(linesOf(content)[:20], "\n")))
	requireSame(t, s, "access.log", linesOf(content+more))

	s.mustImport(t, "imported 40 events", "--stream", "another", writeFile(t, dir, "access.log.1", content))
	s.mustImport(t, "imported 41 events", "--again", path)
	if n := len(s.messages(t, "access.log")); n != 82 {
		t.Errorf("%d events after --again", n)
	}
}

// Without its records an import compares with the stream.
func TestImportRepeatedElsewhere(t *testing.T) {
	t.Parallel()
	s, path := newSession(t), writeFile(t, t.TempDir(), "f", spread(40))
	s.mustImport(t, "imported 40 events", path)
	s.state = t.TempDir()
	s.mustImport(t, "40 lines were there already", path)
	requireSame(t, s, "f", linesOf(spread(40)))

	for _, lines := range []int{41, 42, 44, 44} { // the last batch is longer than it was
		s.state = t.TempDir()
		s.mustImport(t, "were there already", writeFile(t, filepath.Dir(path), "f", spread(lines)))
		requireSame(t, s, "f", linesOf(spread(lines)))
	}
}

// A stream that was deleted and made again has nothing.
func TestImportAfterDelete(t *testing.T) {
	t.Parallel()
	s, path := newSession(t), writeFile(t, t.TempDir(), "f", spread(4))
	s.mustImport(t, "imported 4 events", path)
	if _, err := s.logs.DeleteLogGroup(t.Context(), &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: &s.group}); err != nil {
		t.Fatal(err)
	}
	s.mustImport(t, "imported 4 events", path)
	requireSame(t, s, "f", linesOf(spread(4)))
}

// Interrupted at any batch, before or after the log service has it, with records kept, without the last one or without
// any, an import ends with each line in the stream once.
func TestImportInterrupted(t *testing.T) {
	t.Parallel()
	const lines = 12 // four batches
	content := spread(lines)
	records := map[string]func(t *testing.T, s *session){
		"kept":      func(*testing.T, *session) {},
		"last lost": loseLastRecord,
		"lost":      func(t *testing.T, s *session) { s.state = t.TempDir() },
	}
	for name, lose := range records {
		for _, stored := range []bool{false, true} {
			for at := 1; at <= 4; at++ {
				t.Run(fmt.Sprintf("%s stored %v %d", name, stored, at), func(t *testing.T) {
					t.Parallel()
					s := newSession(t)
					ctx, interrupt := context.WithCancel(t.Context())
					s.between(t, func(n int, w http.ResponseWriter, r *http.Request, pass http.Handler) {
						if n != at {
							pass.ServeHTTP(w, r)
							return
						}
						if stored {
							carriedOut(r, pass)
						}
						interrupt()
						hangUp()
					})
					path := writeFile(t, t.TempDir(), "f", content)
					if _, errs, code := s.importing(ctx, path); code != 1 || !strings.Contains(errs, "interrupted; the same command continues") {
						t.Fatalf("exit status %d: %s", code, errs)
					}
					lose(t, s)
					s.mustImport(t, "imported", path)
					requireSame(t, s, "f", linesOf(content))
					s.mustImport(t, "nothing new", path)
				})
			}
		}
	}
}

func loseLastRecord(t *testing.T, s *session) {
	files, err := filepath.Glob(filepath.Join(s.state, "*.jsonl"))
	if err != nil || len(files) != 1 {
		t.Fatalf("records %v, %v", files, err)
	}
	data, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	lines := slices.Collect(strings.Lines(string(data)))
	kept := strings.Join(lines[:len(lines)-1], "") + lines[len(lines)-1][:40] // and a torn one
	if err := os.WriteFile(files[0], []byte(kept), 0o600); err != nil {
		t.Fatal(err)
	}
}

// A file that grows between the interruption and the next import: the batch in doubt is the one that was sent.
func TestImportInterruptedThenGrown(t *testing.T) {
	t.Parallel()
	s, dir := newSession(t), t.TempDir()
	ctx, interrupt := context.WithCancel(t.Context())
	s.between(t, func(n int, w http.ResponseWriter, r *http.Request, pass http.Handler) {
		if n > 1 {
			pass.ServeHTTP(w, r)
			return
		}
		carriedOut(r, pass)
		interrupt()
		hangUp()
	})
	s.importing(ctx, writeFile(t, dir, "f", "one\ntwo\n"))
	path := writeFile(t, dir, "f", "one\ntwo\nthree\n")
	if err := os.Chtimes(path, time.Time{}, time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	s.mustImport(t, "imported 1 events", path)
	requireSame(t, s, "f", []string{"one", "two", "three"})
}

// Lines that are all the same, at the same time, are counted: as many are in the stream as in the file.
func TestImportSameLines(t *testing.T) {
	t.Parallel()
	content := strings.Repeat("ok\n", 25_000) // three batches
	for _, at := range []int{1, 3} {
		for _, stored := range []bool{false, true} {
			t.Run(fmt.Sprintf("%d stored %v", at, stored), func(t *testing.T) {
				t.Parallel()
				s := newSession(t)
				s.between(t, func(n int, w http.ResponseWriter, r *http.Request, pass http.Handler) {
					if n != at {
						pass.ServeHTTP(w, r)
						return
					}
					if stored {
						carriedOut(r, pass)
					}
					hangUp()
				})
				path := writeFile(t, t.TempDir(), "f", content)
				s.mustImport(t, "imported 25,000 events", path)
				s.state = t.TempDir()
				s.mustImport(t, "25,000 lines were there already", path)
				if n := len(s.messages(t, "f")); n != 25_000 {
					t.Errorf("%d events", n)
				}
			})
		}
	}
}

// A log service that fails for a while gets each line once; one that refuses for good ends the import.
func TestImportOutage(t *testing.T) {
	t.Parallel()
	s := newSession(t)
	s.between(t, func(n int, w http.ResponseWriter, r *http.Request, pass http.Handler) {
		switch n {
		case 1:
			w.WriteHeader(http.StatusServiceUnavailable)
		case 2:
			w.Header().Set("Content-Type", "application/x-amz-json-1.1")
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"__type":"ThrottlingException","message":"Rate exceeded"}`)
		case 5:
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"__type":"AccessDeniedException","message":"no"}`)
		default:
			pass.ServeHTTP(w, r)
		}
	})
	path := writeFile(t, t.TempDir(), "f", spread(12))
	if _, errs, code := s.importing(t.Context(), path); code != 1 || !strings.Contains(errs, "AccessDeniedException") || !strings.Contains(errs, "the same command continues") {
		t.Fatalf("exit status %d: %s", code, errs)
	}
	s.mustImport(t, "imported 6 events", path)
	requireSame(t, s, "f", linesOf(spread(12)))
}

// A log service that keeps to AWS' 14 days: nothing is lost in silence.
func TestImportOldEventsRefused(t *testing.T) {
	t.Parallel()
	s := newSession(t)
	s.between(t, func(_ int, w http.ResponseWriter, r *http.Request, pass http.Handler) {
		r.Header.Del("X-Tollbook-Accept-Old-Events")
		pass.ServeHTTP(w, r)
	})
	recent := time.Now().UTC().Format(time.RFC3339) + " recent\n"
	path := writeFile(t, t.TempDir(), "f", spread(5)+recent)
	if _, errs, code := s.importing(t.Context(), path); code != 1 || !strings.Contains(errs, "older than 14 days") || !strings.Contains(errs, "--skip-old") {
		t.Fatalf("exit status %d: %s", code, errs)
	}
	s.mustImport(t, "5 lines refused by the log service as too old", "--skip-old", path)
	requireSame(t, s, "f", linesOf(recent))
}

func TestImportPastRetention(t *testing.T) {
	t.Parallel()
	s := newSession(t)
	if _, err := s.logs.CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &s.group}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.logs.PutRetentionPolicy(t.Context(), &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: &s.group, RetentionInDays: aws.Int32(30)}); err != nil {
		t.Fatal(err)
	}
	recent := time.Now().Add(-20*24*time.Hour).UTC().Format(time.RFC3339) + " recent\n"
	path := writeFile(t, t.TempDir(), "f", spread(5)+recent)
	_, errs, code := s.importing(t.Context(), path)
	if code != 1 || !strings.Contains(errs, "5 of 6 lines are from before") || !strings.Contains(errs, "nothing was imported") {
		t.Fatalf("exit status %d: %s", code, errs)
	}
	if page, err := s.logs.DescribeLogStreams(t.Context(), &cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: &s.group}); err != nil || len(page.LogStreams) != 0 {
		t.Errorf("streams %v, %v", page.LogStreams, err)
	}
	s.mustImport(t, "5 lines refused", "--skip-old", path)
	s.state = t.TempDir()
	s.mustImport(t, "were there already", "--skip-old", path)
	requireSame(t, s, "f", linesOf(recent))
}

func TestImportAheadOfTime(t *testing.T) {
	t.Parallel()
	s := newSession(t)
	path := writeFile(t, t.TempDir(), "f", time.Now().UTC().Format(time.RFC3339)+" now\n"+time.Now().Add(3*time.Hour).UTC().Format(time.RFC3339)+" later\n")
	out, errs, code := s.importing(t.Context(), path)
	if code != 1 || !strings.Contains(out, "1 lines refused by the log service as more than 2 hours ahead") || !strings.Contains(errs, "1 lines were not imported") {
		t.Errorf("exit status %d\n%s%s", code, out, errs)
	}
}

// Files of one stream follow each other, so that lines of the same second stay in the order of the files.
func TestImportSeveralFiles(t *testing.T) {
	t.Parallel()
	s, dir := newSession(t), t.TempDir()
	var paths, want []string
	for i := range 5 {
		line := fmt.Sprintf("2015-05-17T10:00:00Z from file %d", i)
		want = append(want, line)
		paths = append(paths, writeFile(t, dir, fmt.Sprint(i), line+"\n"))
	}
	s.mustImport(t, "imported 5 events", append([]string{"--stream", "all"}, paths...)...)
	if diff := cmp.Diff(want, s.messages(t, "all")); diff != "" {
		t.Error(diff)
	}
	_, errs, code := s.importing(t.Context(), filepath.Join(dir, "absent"))
	if code != 1 || !strings.Contains(errs, "absent") {
		t.Errorf("exit status %d: %s", code, errs)
	}
	if _, errs, code := s.importing(t.Context(), "-", paths[0]); code != 1 || !strings.Contains(errs, "standard input is imported alone") {
		t.Errorf("exit status %d: %s", code, errs)
	}
}

// A gzip file that was cut is imported as far as it goes, and the import fails.
func TestImportCutFile(t *testing.T) {
	t.Parallel()
	s, dir := newSession(t), t.TempDir()
	whole := gzipped(t, spread(500))
	_, errs, code := s.importing(t.Context(), writeFile(t, dir, "f.gz", whole[:len(whole)/2]))
	if code != 1 || !strings.Contains(errs, "unexpected EOF") {
		t.Fatalf("exit status %d: %s", code, errs)
	}
	for _, m := range s.messages(t, "f.gz") {
		if !strings.HasSuffix(m, " 200 5") {
			t.Errorf("a part of a line: %q", m)
		}
	}
	s.mustImport(t, "imported", writeFile(t, dir, "f.gz", whole))
	requireSame(t, s, "f.gz", linesOf(spread(500)))
}

func TestImportRealLogs(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("TOLLBOOK_SHARED_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "data")
	}
	for name, events := range map[string]int{"apache_combined_10k.log.gz": 10_000, "nginxplus_json.log.gz": 500} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(dir, name)
			file, err := os.Open(path)
			if err != nil {
				t.Skipf("%s is not there (TOLLBOOK_SHARED_DATA names its folder)", name)
			}
			defer file.Close()
			content, err := gzip.NewReader(file)
			if err != nil {
				t.Fatal(err)
			}
			var plain bytes.Buffer
			if _, err := plain.ReadFrom(content); err != nil {
				t.Fatal(err)
			}
			s := newSession(t)
			s.mustImport(t, "imported", path)
			requireSame(t, s, name, linesOf(plain.String()))
			if n := len(s.messages(t, name)); n != events {
				t.Errorf("%d events", n)
			}
			s.mustImport(t, "nothing new", path)
		})
	}
}
