package cli_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"github.com/tollbook/tollbook/cli"
)

// apiURL is the API listener of a server that runs in this process for all tests; each has its own log groups.
var apiURL string

func TestMain(m *testing.M) {
	os.Exit(serveAndRun(m))
}

func serveAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "tollbook-cli")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	ctx, stop := context.WithCancel(context.Background())
	out, in := io.Pipe()
	stopped := make(chan int)
	go func() {
		defer close(stopped)
		stopped <- cli.Run(ctx, []string{"serve", "--data-dir", filepath.Join(dir, "data"), "--api-addr", "127.0.0.1:0", "--gateway-addr", "127.0.0.1:0", "--log-level", "error"}, in, os.Stderr)
		in.Close()
	}()
	defer func() { stop(); <-stopped }()
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if url, ok := strings.CutPrefix(lines.Text(), "api "); ok {
			apiURL = url
			break
		}
	}
	go io.Copy(io.Discard, out)
	if apiURL == "" {
		fmt.Fprintln(os.Stderr, "the server did not start")
		return 1
	}
	return m.Run()
}

// session is a user with a log group and records of imports of their own.
type session struct {
	group, state, api string
	logs              *cloudwatchlogs.Client
}

func newSession(t *testing.T) *session {
	t.Helper()
	cfg := aws.Config{Region: "us-east-1", BaseEndpoint: &apiURL, Credentials: credentials.NewStaticCredentialsProvider("AKIATEST", "secret", "")}
	return &session{strings.ReplaceAll(t.Name(), "#", "_"), t.TempDir(), apiURL, cloudwatchlogs.NewFromConfig(cfg)}
}

// run carries out `tollbook logs …` and returns what it printed and its exit status.
func (s *session) run(ctx context.Context, args ...string) (out, errs string, code int) {
	var stdout, stderr bytes.Buffer
	code = cli.Run(ctx, append([]string{"logs", args[0], "--endpoint-url", s.api, "--region", "us-east-1"}, args[1:]...), &stdout, &lockedBuffer{b: &stderr})
	return stdout.String(), stderr.String(), code
}

// importing imports into the session's group.
func (s *session) importing(ctx context.Context, args ...string) (out, errs string, code int) {
	return s.run(ctx, append([]string{"import", "--group", s.group, "--state", s.state}, args...)...)
}

// mustImport fails the test unless the import exits with 0 and prints what is wanted.
func (s *session) mustImport(t *testing.T, want string, args ...string) {
	t.Helper()
	out, errs, code := s.importing(t.Context(), args...)
	if code != 0 || !strings.Contains(out, want) {
		t.Fatalf("exit status %d; wanted %q:\n%s%s", code, want, out, errs)
	}
}

func (s *session) mustRun(t *testing.T, args ...string) string {
	t.Helper()
	out, errs, code := s.run(t.Context(), args...)
	if code != 0 {
		t.Fatalf("%v: exit status %d\n%s%s", args, code, out, errs)
	}
	return out
}

// messages returns a stream's messages in its order.
func (s *session) messages(t *testing.T, stream string) []string {
	t.Helper()
	out := s.mustRun(t, "get", "--raw", s.group, stream)
	if out == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(out, "\n"), "\n")
}

// timed returns a stream's events as text, with their times.
func (s *session) timed(t *testing.T, stream string) string {
	t.Helper()
	page, err := s.logs.GetLogEvents(t.Context(), &cloudwatchlogs.GetLogEventsInput{LogGroupName: &s.group, LogStreamName: &stream, StartFromHead: aws.Bool(true)})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, e := range page.Events {
		fmt.Fprintf(&b, "%s %s\n", time.UnixMilli(*e.Timestamp).UTC().Format("2006-01-02T15:04:05.999"), *e.Message)
	}
	return b.String()
}

func writeFile(t *testing.T, dir, name, content string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

type lockedBuffer struct {
	mu sync.Mutex
	b  *bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// between puts a proxy between the session and the server. It asks put, with a number from 1 on, what to do with a
// PutLogEvents call.
func (s *session) between(t *testing.T, put func(n int, w http.ResponseWriter, r *http.Request, pass http.Handler)) {
	t.Helper()
	target, err := url.Parse(apiURL)
	if err != nil {
		t.Fatal(err)
	}
	pass := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }}
	var mu sync.Mutex
	n := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".PutLogEvents") {
			pass.ServeHTTP(w, r)
			return
		}
		mu.Lock()
		n++
		number := n
		mu.Unlock()
		put(number, w, r, pass)
	}))
	t.Cleanup(server.Close)
	s.api = server.URL
}

// carriedOut has the server carry out a call without the client hearing of it.
func carriedOut(r *http.Request, pass http.Handler) {
	pass.ServeHTTP(httptest.NewRecorder(), r)
}

// hangUp breaks the client's connection off.
func hangUp() { panic(http.ErrAbortHandler) }
