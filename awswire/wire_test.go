package awswire_test

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/tollbook/tollbook/awswire"
)

var update = flag.Bool("update", false, "rewrite the want sections of testdata")

// TestWire sends the request of each file in testdata and compares what the service saw and what the client gets.
// "<sign logs>" in a request stands for an Authorization header scoped to logs. CBOR stands there as JSON in requests and
// in diagnostic notation in answers.
func TestWire(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no test files: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			s := &script{answer: section(a, "answer")}
			response := exchange(t, s, section(a, "request"))
			golden(t, file, a, "seen", s.seen)
			golden(t, file, a, "response", response)
			if *update {
				if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func section(a *txtar.Archive, name string) string {
	for _, f := range a.Files {
		if f.Name == name {
			return string(f.Data)
		}
	}
	return ""
}

// golden compares a section with what was got, or puts it in place when updating.
func golden(t *testing.T, file string, a *txtar.Archive, name, got string) {
	t.Helper()
	if !*update {
		if want := section(a, name); got != want {
			t.Errorf("%s: %s is\n%s\nwant\n%s", file, name, got, want)
		}
		return
	}
	a.Files = slices.DeleteFunc(a.Files, func(f txtar.File) bool { return f.Name == name })
	if got != "" {
		a.Files = append(a.Files, txtar.File{Name: name, Data: []byte(got)})
	}
}

// exchange returns the response to a request, both as text.
func exchange(t *testing.T, s *script, request string) string {
	t.Helper()
	h := awswire.New(awswire.Options{
		Auth:         awswire.AnyKey{AccountID: "123456789012"},
		Log:          slog.New(slog.DiscardHandler),
		NewRequestID: func() string { return "c6104cbe-af31-11e0-8154-cbc7ccf896c7" },
	}, fakes(s)...)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, parseRequest(t, request))
	return responseText(w.Result())
}

var signShorthand = regexp.MustCompile(`<sign (\S+)>`)

func parseRequest(t *testing.T, text string) *http.Request {
	t.Helper()
	text = signShorthand.ReplaceAllString(text,
		"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260801/eu-central-1/$1/aws4_request, SignedHeaders=host;x-amz-date, Signature=00ff")
	head, body, _ := strings.Cut(text, "\n\n")
	body = strings.TrimSuffix(body, "\n")
	if strings.Contains(head, "Content-Type: application/cbor") {
		body = toCBOR(t, body)
	}
	head = strings.ReplaceAll(strings.TrimSuffix(head, "\n"), "\n", "\r\n")
	raw := fmt.Sprintf("%s\r\nHost: localhost:4566\r\nContent-Length: %d\r\n\r\n%s", head, len(body), body)
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(raw)))
	if err != nil {
		t.Fatal(err)
	}
	r.RemoteAddr = "192.0.2.1:51234"
	return r
}

var randomID = regexp.MustCompile(`(?m)^(x-amz-apigw-id: )[A-Za-z0-9+/]{15}=$`)

func responseText(r *http.Response) string {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%d\n", r.StatusCode)
	names := make([]string, 0, len(r.Header))
	for name := range r.Header {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintf(&b, "%s: %s\n", name, strings.Join(r.Header[name], ", "))
	}
	body, _ := io.ReadAll(r.Body) // of a recorder, which never fails
	if len(body) > 0 {
		body = readable(r.Header.Get("Content-Type"), body)
		fmt.Fprintf(&b, "\n%s\n", body)
	}
	return randomID.ReplaceAllString(b.String(), "${1}RANDOM")
}
