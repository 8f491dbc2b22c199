package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/google/go-cmp/cmp"

	"github.com/tollbook/tollbook/logfile"
)

func TestParseWhen(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 4, 9, 12, 34, 56, 0, time.UTC)
	for text, want := range map[string]string{
		"now": "2026-04-09T12:34:56.000Z", "10m": "2026-04-09T12:24:56.000Z", "1h30m": "2026-04-09T11:04:56.000Z",
		"3d": "2026-04-06T12:34:56.000Z", "1w": "2026-04-02T12:34:56.000Z", "2026-04-09": "2026-04-09T00:00:00.000Z",
		"2026-04-09T12:00:00.5+02:00": "2026-04-09T10:00:00.500Z", "2026-04-09 12:00:00": "2026-04-09T12:00:00.000Z",
		"1775738096250": "2026-04-09T12:34:56.250Z", "1775738096": "2026-04-09T12:34:56.000Z", "0": "1970-01-01T00:00:00.000Z",
	} {
		if got, err := parseWhen(text, now); err != nil || clock(got) != want {
			t.Errorf("%s: %s, %v", text, clock(got), err)
		}
	}
	for _, text := range []string{"", "yesterday", "-5m", "-1", "d", "xd", "2026-13-01", "5"} {
		if got, err := parseWhen(text, now); err == nil && text != "5" {
			t.Errorf("%q is %s", text, clock(got))
		}
	}
}

func TestProgressText(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		total, read, events int64
		after               time.Duration
		want                string
	}{
		"begin":        {1000, 0, 0, 0, "[                        ]   0% of 1 kB, 0 events, 0/s, 0 B/s, ? left"},
		"half":         {4_000_000, 2_000_000, 12_345, 2 * time.Second, "[============            ]  50% of 4 MB, 12,345 events, 6,172/s, 1 MB/s, 2s left"},
		"end":          {10, 10, 1, time.Second, "[========================] 100% of 10 B, 1 events, 1/s, 10 B/s, 0s left"},
		"unknown size": {0, 1_500_000, 1_000_000, time.Second, "1.5 MB read, 1,000,000 events, 1,000,000/s, 1.5 MB/s"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProgress(io.Discard)
			p.total = tt.total
			p.read.Store(tt.read)
			p.events.Store(tt.events)
			if got := p.text(tt.after); got != tt.want {
				t.Errorf("%s", got)
			}
		})
	}
}

func TestGrouped(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1000: "-1,000", -100: "-100"} {
		if got := grouped(n); got != want {
			t.Errorf("%d: %s", n, got)
		}
	}
}

// clientFunc stands for the network.
type clientFunc func(*http.Request) (*http.Response, error)

func (f clientFunc) Do(r *http.Request) (*http.Response, error) { return f(r) }

// What comes of a request body after the answer is a mere end, not an error, also when it is copied.
func TestRequestBodyEndsAfterTheAnswer(t *testing.T) {
	t.Parallel()
	c, err := endpoint{EndpointURL: "http://127.0.0.1:1", Region: "us-east-1"}.connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var body io.ReadCloser
	_, err = c.logs.GetLogEvents(t.Context(), &cloudwatchlogs.GetLogEventsInput{LogGroupName: new("g"), LogStreamName: new("s")}, func(o *cloudwatchlogs.Options) {
		o.HTTPClient = clientFunc(func(r *http.Request) (*http.Response, error) {
			body = r.Body
			if _, err := io.CopyN(io.Discard, body, r.ContentLength); err != nil {
				return nil, err
			}
			return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("{}"))}, nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	if n, err := io.Copy(io.Discard, body); n != 0 || err != nil {
		t.Errorf("%d bytes, %v", n, err)
	}
}

// randomLog has all that batches end at: many lines, long ones, days between lines.
func randomLog(r *rand.Rand) string {
	var b strings.Builder
	at := time.Date(2015, 5, 17, 0, 0, 0, 0, time.UTC)
	for range 5_000 + r.Intn(10_000) {
		switch r.Intn(3000) {
		case 0, 1, 2:
			at = at.Add(time.Duration(r.Intn(60)-20) * time.Hour)
		case 3:
			fmt.Fprintf(&b, "%s\n", strings.Repeat("y", r.Intn(1_500_000)))
		case 4, 5, 6:
			b.WriteString("\n\r\n")
		}
		if r.Intn(3) > 0 {
			b.WriteString(at.Format(time.RFC3339))
		}
		fmt.Fprintf(&b, " %d\n", r.Intn(100))
	}
	return b.String()
}

func cut(content string, from mark) []*batch {
	c := &cutter{lines: logfile.NewReader(strings.NewReader(content), maxMessage), times: logfile.NewRecogniser(logfile.Auto, 5)}
	c.resume(from)
	if _, err := c.lines.Skip(from.Bytes); err != nil {
		return nil
	}
	var all []*batch
	for {
		b, err := c.next()
		if errors.Is(err, io.EOF) {
			return all
		}
		all = append(all, b)
	}
}

// Batches keep AWS' limits and hold every line once, and an import that continues at any of them makes the same ones.
func TestBatches(t *testing.T) {
	t.Parallel()
	for seed := range int64(2) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			content := randomLog(rand.New(rand.NewSource(seed)))
			var want []string
			for line := range strings.Lines(content) {
				if line = strings.TrimRight(line, "\r\n"); line != "" && len(line) <= maxMessage {
					want = append(want, line)
				}
			}
			all := cut(content, mark{})
			for i, b := range all {
				if len(b.events) > maxBatchEvents || b.bytes > maxBatchBytes || b.last-b.first > maxBatchSpan {
					t.Fatalf("batch %d: %d events, %d bytes, %d ms", i, len(b.events), b.bytes, b.last-b.first)
				}
				if i > 0 && all[i-1].to != b.from {
					t.Fatalf("batch %d begins at %+v, the one before ends at %+v", i, b.from, all[i-1].to)
				}
				for _, e := range b.events {
					if e.message != want[0] {
						t.Fatalf("line %d is %.50q, wanted %.50q", e.line, e.message, want[0])
					}
					want = want[1:]
				}
			}
			if len(want) > 0 {
				t.Errorf("%d lines are missing", len(want))
			}
			for i := range all {
				again := cut(content, all[i].from)
				if diff := cmp.Diff(all[i:], again, cmp.AllowUnexported(batch{}, event{})); diff != "" {
					t.Fatalf("from batch %d on: %.2000s", i, diff)
				}
				if i == 2 {
					break
				}
			}
		})
	}
}

func TestBatchesEndAtCuts(t *testing.T) {
	t.Parallel()
	c := &cutter{lines: logfile.NewReader(strings.NewReader("a\nb\nc\nd\n"), maxMessage), times: logfile.NewRecogniser(logfile.Auto, 5), cuts: []int64{0, 3, 6}}
	var got []string
	for {
		b, err := c.next()
		if err != nil {
			break
		}
		var messages []string
		for _, e := range b.events {
			messages = append(messages, e.message)
		}
		got = append(got, strings.Join(messages, ""))
	}
	if diff := cmp.Diff([]string{"ab", "c", "d"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestJournal(t *testing.T) {
	t.Parallel()
	dir, fail := t.TempDir(), func() { t.Error("the journal was taken") }
	open := func() *journal {
		t.Helper()
		j, err := openJournal(t.Context(), dir, "g", fail)
		if err != nil {
			t.Fatal(err)
		}
		return j
	}
	head := bytes.Repeat([]byte("x"), 100)
	j := open()
	for i := range int64(3) {
		r := record{ID: j.newID(), Head: checksum(head[:10]), HeadBytes: 10, Done: mark{Position: logfile.Position{Bytes: 30 - 10*i}}}
		if err := j.write(r); err != nil {
			t.Fatal(err)
		}
		r.Fallback = 7
		if err := j.write(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.close(); err != nil {
		t.Fatal(err)
	}
	j = open()
	var got []int64
	for _, r := range j.candidates(head) {
		got = append(got, r.Done.Bytes, r.Fallback)
	}
	if diff := cmp.Diff([]int64{10, 7, 20, 7, 30, 7}, got); diff != "" {
		t.Error(diff)
	}
	if j.newID() != 4 || len(j.candidates(head[:9])) != 0 || len(j.candidates([]byte("another head"))) != 0 {
		t.Error("IDs or heads")
	}
	waited := make(chan struct{})
	second := make(chan error)
	go func() {
		k, err := openJournal(t.Context(), dir, "g", func() { close(waited) })
		if err == nil {
			err = k.close()
		}
		second <- err
	}()
	<-waited
	if err := j.close(); err != nil {
		t.Fatal(err)
	}
	if err := <-second; err != nil {
		t.Error(err)
	}
}
