package cli_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"github.com/tollbook/tollbook/cli"
)

// put makes the group and the stream where needed and puts one event.
func (s *session) put(t *testing.T, stream string, when time.Time, message string) {
	t.Helper()
	_, _ = s.logs.CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &s.group})
	_, _ = s.logs.CreateLogStream(t.Context(), &cloudwatchlogs.CreateLogStreamInput{LogGroupName: &s.group, LogStreamName: &stream})
	_, err := s.logs.PutLogEvents(t.Context(), &cloudwatchlogs.PutLogEventsInput{LogGroupName: &s.group, LogStreamName: &stream,
		LogEvents: []types.InputLogEvent{{Timestamp: aws.Int64(when.UnixMilli()), Message: &message}}})
	if err != nil {
		t.Fatal(err)
	}
}

func TestExportAndImportAgain(t *testing.T) {
	t.Parallel()
	s, dir := newSession(t), t.TempDir()
	now := time.Now()
	for i, m := range []string{"two\nlines\r\n", `{"a":"\u00e9","n":1}`, "\x00 control", "plain"} {
		s.put(t, "from", now.Add(time.Duration(i)*time.Millisecond), m)
	}
	file := filepath.Join(dir, "out.jsonl")
	s.mustRun(t, "export", "--group", s.group, "-o", file)
	s.mustImport(t, "imported 4 events", "--format", "export", "--stream", "to", file)
	if diff := cmp.Diff(s.timed(t, "from"), s.timed(t, "to")); diff != "" {
		t.Error(diff)
	}
	if left, err := filepath.Glob(filepath.Join(dir, ".*")); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestExportForms(t *testing.T) {
	t.Parallel()
	s := newSession(t)
	s.mustImport(t, "imported", "--stream", "a", writeFile(t, t.TempDir(), "f", "2015-05-17T10:00:01Z one\n2015-05-17T10:00:03Z three\n"))
	s.mustImport(t, "imported", "--stream", "b", writeFile(t, t.TempDir(), "f", "2015-05-17T10:00:02Z two\n"))
	for name, tt := range map[string]struct {
		flags []string
		want  string
	}{
		"text":    {[]string{"--format", "text", "--to", "2015-05-17T10:00:03Z"}, "2015-05-17T10:00:01.000Z a 2015-05-17T10:00:01Z one\n2015-05-17T10:00:02.000Z b 2015-05-17T10:00:02Z two\n"},
		"raw":     {[]string{"--raw", "--from", "2015-05-17T10:00:02Z"}, "2015-05-17T10:00:02Z two\n2015-05-17T10:00:03Z three\n"},
		"streams": {[]string{"--raw", "--stream", "b"}, "2015-05-17T10:00:02Z two\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, s.mustRun(t, append([]string{"export", "--group", s.group}, tt.flags...)...)); diff != "" {
				t.Error(diff)
			}
		})
	}
	file := filepath.Join(t.TempDir(), "absent")
	if _, _, code := s.run(t.Context(), "export", "--group", "no-such-group", "-o", file); code != 1 {
		t.Errorf("exit status %d", code)
	}
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Errorf("a failed export wrote its file: %v", err)
	}
}

// entry is a row of the Parquet file as an analytics tool would read it.
type entry struct {
	Timestamp     time.Time `parquet:"timestamp,timestamp(millisecond)"`
	IngestionTime time.Time `parquet:"ingestion_time,timestamp(millisecond)"`
	LogStream     string    `parquet:"log_stream"`
	Message       string    `parquet:"message"`
	Status        *string   `parquet:"status,optional"`
	Length        *float64  `parquet:"length,optional"`
}

func TestExportParquet(t *testing.T) {
	t.Parallel()
	s := newSession(t)
	var content strings.Builder
	const lines = 3000
	for i := range lines {
		fmt.Fprintf(&content, `{"time":"2015-05-17T10:00:00.%03dZ","status":"%d","length":%d}`+"\n", i/3, 200+i%2, i)
	}
	s.mustImport(t, "imported 3,000 events", "--stream", "s", writeFile(t, t.TempDir(), "f", content.String()))
	file := filepath.Join(t.TempDir(), "out.parquet")
	s.mustRun(t, "export", "--group", s.group, "--format", "parquet", "-o", file)
	rows, err := parquet.ReadFile[entry](file)
	if err != nil || len(rows) != lines {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	want := linesOf(content.String())
	for i, row := range rows {
		at := time.Date(2015, 5, 17, 10, 0, 0, i/3*int(time.Millisecond), time.UTC)
		if !row.Timestamp.Equal(at) || time.Since(row.IngestionTime) > time.Hour || row.LogStream != "s" || row.Message != want[i] || *row.Status != fmt.Sprint(200+i%2) || *row.Length != float64(i) {
			t.Fatalf("row %d is %+v", i, row)
		}
	}
	if _, errs, code := s.run(t.Context(), "export", "--group", s.group, "--format", "parquet"); code != 1 || !strings.Contains(errs, "needs -o FILE") {
		t.Errorf("exit status %d: %s", code, errs)
	}
}

// lines is an output that a test reads line by line while the command runs.
func lines() (io.WriteCloser, func(t *testing.T) string) {
	r, w := io.Pipe()
	read := make(chan string)
	go func() {
		defer close(read)
		buf := make([]byte, 1<<16)
		rest := ""
		for {
			n, err := r.Read(buf)
			for rest += string(buf[:n]); ; {
				line, more, found := strings.Cut(rest, "\n")
				if !found {
					break
				}
				rest = more
				read <- line
			}
			if err != nil {
				return
			}
		}
	}()
	return w, func(t *testing.T) string {
		t.Helper()
		select {
		case line := <-read:
			return line
		case <-time.After(20 * time.Second):
			t.Fatal("nothing was printed")
			return ""
		}
	}
}

func TestTailFollows(t *testing.T) {
	t.Parallel()
	s, now := newSession(t), time.Now().Truncate(time.Second)
	s.put(t, "app/1", now.Add(-time.Hour), "before")
	s.put(t, "app/1", now, "one")
	s.put(t, "db/1", now, "other stream")
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	out, next := lines()
	var errs bytes.Buffer
	code := make(chan int)
	go func() {
		code <- cli.Run(ctx, []string{"logs", "tail", s.group, "-f", "--stream-prefix", "app/", "--interval", "10ms", "--format", "short", "--endpoint-url", s.api, "--region", "us-east-1"}, out, &errs)
	}()
	stamp := now.UTC().Format("2006-01-02T15:04:05 ")
	for i, message := range []string{"one", "same time", "same time", "later", "again"} {
		if i > 0 {
			s.put(t, fmt.Sprintf("app/%d", i%2), now.Add(time.Duration(i/3)*time.Millisecond), message)
		}
		if got := next(t); got != stamp+message {
			t.Fatalf("event %d: %q", i, got)
		}
	}
	interrupt()
	if c := <-code; c != 0 || errs.Len() > 0 {
		t.Errorf("exit status %d: %s", c, errs.String())
	}
}

func TestTailFormats(t *testing.T) {
	t.Parallel()
	s := newSession(t)
	at := time.Now().Add(-24 * time.Hour).Truncate(time.Second).UTC()
	s.put(t, "s", at, `{"a":1}`)
	s.put(t, "s", at, `plain`)
	detailed := at.Format("2006-01-02T15:04:05") + ".000000+00:00 s "
	for format, want := range map[string]string{
		"short":    at.Format("2006-01-02T15:04:05 ") + "{\"a\":1}\n" + at.Format("2006-01-02T15:04:05 ") + "plain\n",
		"detailed": detailed + "{\"a\":1}\n" + detailed + "plain\n",
		"json":     detailed + "\n{\n    \"a\": 1\n}\n" + detailed + "plain\n",
	} {
		if diff := cmp.Diff(want, s.mustRun(t, "tail", s.group, "--since", "2d", "--format", format)); diff != "" {
			t.Errorf("%s: %s", format, diff)
		}
	}
	if out := s.mustRun(t, "tail", s.group); out != "" {
		t.Errorf("events of the last 10 minutes: %s", out)
	}
	if _, errs, code := s.run(t.Context(), "tail", s.group, "--since", "yesterday"); code != 1 || !strings.Contains(errs, `--since: "yesterday" is no time`) {
		t.Errorf("exit status %d: %s", code, errs)
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	s := newSession(t)
	s.mustImport(t, "imported", "--stream", "early", writeFile(t, t.TempDir(), "f", "2015-05-17T10:00:01Z one\n"))
	s.mustImport(t, "imported", "--stream", "late", writeFile(t, t.TempDir(), "f", "2015-05-17T10:00:02Z two\n"))
	if _, err := s.logs.PutRetentionPolicy(t.Context(), &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: &s.group, RetentionInDays: aws.Int32(3653)}); err != nil {
		t.Fatal(err)
	}
	groups := linesOf(s.mustRun(t, "ls", "--prefix", s.group))
	if want := s.group + " 100 B 3653 days 2015-05-17T10:00:02.000Z"; len(groups) != 2 || strings.Join(strings.Fields(groups[1]), " ") != want {
		t.Errorf("groups: %q", groups)
	}
	for _, args := range [][]string{{"ls", s.group}, {"ls", s.group, "--prefix", ""}, {"ls", s.group, "--limit", "1"}, {"ls", s.group, "--prefix", "e"}} {
		var names []string
		for _, line := range linesOf(s.mustRun(t, args...))[1:] {
			names = append(names, strings.Fields(line)[0])
		}
		want := map[string][]string{"1": {"late"}, "e": {"early"}}[args[len(args)-1]]
		if want == nil {
			want = []string{"late", "early"}
		}
		if diff := cmp.Diff(want, names); diff != "" {
			t.Errorf("%v: %s", args, diff)
		}
	}
}

func TestGet(t *testing.T) {
	t.Parallel()
	s := newSession(t)
	const events = 12_000 // two pages
	var content, reversed strings.Builder
	for i := range events {
		fmt.Fprintf(&content, "2015-05-17T10:00:00Z %d\n", i)
		fmt.Fprintf(&reversed, "2015-05-17T10:00:00Z %d\n", events-1-i)
	}
	s.mustImport(t, "imported 12,000 events", "--stream", "s", writeFile(t, t.TempDir(), "f", content.String()))
	for name, tt := range map[string]struct {
		flags []string
		want  string
	}{
		"all":           {nil, content.String()},
		"reverse":       {[]string{"--reverse"}, reversed.String()},
		"first":         {[]string{"--limit", "2"}, content.String()[:46]},
		"last":          {[]string{"--limit", "2", "--reverse"}, reversed.String()[:54]},
		"none":          {[]string{"--from", "2015-05-18"}, ""},
		"end exclusive": {[]string{"--to", "2015-05-17T10:00:00Z"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := s.mustRun(t, append([]string{"get", s.group, "s", "--raw"}, tt.flags...)...)
			if got != tt.want {
				t.Errorf("%d bytes %.100q, wanted %d %.100q", len(got), got, len(tt.want), tt.want)
			}
		})
	}
	if out := s.mustRun(t, "get", s.group, "s", "--limit", "1"); out != "2015-05-17T10:00:00.000000+00:00 s 2015-05-17T10:00:00Z 0\n" {
		t.Errorf("%q", out)
	}
}

// Not parallel: standard input is the process'.
func TestImportStandardInput(t *testing.T) {
	s := newSession(t)
	feed := func(content string) {
		t.Helper()
		file, err := os.Open(writeFile(t, t.TempDir(), "in", content))
		if err != nil {
			t.Fatal(err)
		}
		before := os.Stdin
		os.Stdin = file
		t.Cleanup(func() { os.Stdin = before })
	}
	feed(gzipped(t, spread(10)))
	s.mustImport(t, "imported 10 events", "-")
	feed(spread(10))
	s.mustImport(t, "10 lines were there already", "-")
	feed(spread(14))
	s.mustImport(t, "imported 4 events", "-")
	requireSame(t, s, "stdin", linesOf(spread(14)))
}
