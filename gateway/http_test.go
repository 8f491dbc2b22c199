package gateway_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestMatches(t *testing.T) {
	t.Parallel()
	b := start(t)
	for _, tt := range []struct {
		host, path string
		want       bool
	}{
		{"a1b2c3d4e5.execute-api.localhost:4566", "/prod/x", true},
		{"localhost:4566", "/_aws/execute-api/a1b2c3d4e5/prod/x", true},
		{"localhost:4566", "/restapis/a1b2c3d4e5/prod/_user_request_/x", true},
		{"localhost:4566", "/restapis/a1b2c3d4e5/prod/_user_request_", true},
		{"localhost:4566", "/restapis/a1b2c3d4e5/stages/prod", false},
		{"localhost:4566", "/restapis", false},
		{"localhost:4566", "/a1b2c3d4e5/prod/x", false},
		{"execute-api.localhost", "/prod/x", false},
		{"localhost:4566", "/", false},
	} {
		r := httptest.NewRequest("GET", "http://"+tt.host+tt.path, nil)
		if got := b.gw.Matches(r); got != tt.want {
			t.Errorf("%s%s: %v", tt.host, tt.path, got)
		}
	}
}

// TestHTTPHandler: the same pipeline behind net/http, here over HTTP/1.1 and HTTP/2.
func TestHTTPHandler(t *testing.T) {
	t.Parallel()
	u := echo(t)
	b := start(t, stageOf(mock("GET", "/", "root"), proxy("ANY", "/p/{proxy+}", u+"/{proxy}", passProxy)))
	s := httptest.NewUnstartedServer(b.gw.HTTPHandler())
	s.EnableHTTP2 = true
	s.StartTLS()
	t.Cleanup(s.Close)
	for _, tt := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"GET", "/_aws/execute-api/a1b2c3d4e5/prod/", "", 200, "root"},
		{"GET", "/_aws/execute-api/a1b2c3d4e5/prod", "", 200, "root"},
		{"POST", "/restapis/a1b2c3d4e5/prod/_user_request_/p/a%2Fb/c?q=%20", "hi", 200, "POST /a%2Fb/c?q=%20"},
		{"GET", "/restapis/a1b2c3d4e5/prod/_user_request_", "", 200, "root"},
		{"GET", "/_aws/execute-api/nosuchapi0/prod/", "", 403, `{"message":"Forbidden"}`},
		{"GET", "/_aws/execute-api/a1b2c3d4e5/prod/nowhere", "", 403, `{"message":"Missing Authentication Token"}`},
		{"POST", "/_aws/execute-api/a1b2c3d4e5/prod/p/x", strings.Repeat("x", 10<<20+1), 413, "HTTP content length exceeded 10485760 bytes."},
		{"HEAD", "/_aws/execute-api/a1b2c3d4e5/prod/p/x", "", 200, ""},
	} {
		req, err := http.NewRequest(tt.method, s.URL+tt.path, strings.NewReader(tt.body))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := s.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		got, _, _ := strings.Cut(string(body), " host=")
		if resp.StatusCode != tt.status || got != tt.want || resp.ProtoMajor != 2 || resp.Header.Get("x-amzn-RequestId") == "" {
			t.Errorf("%s %s: %s %d %.100s", tt.method, tt.path, resp.Proto, resp.StatusCode, got)
		}
	}
	lines := b.lines(group)
	if len(lines) != 7 {
		t.Errorf("%d entries", len(lines))
	}
	for _, line := range lines {
		if !strings.Contains(line, `"ip":"127.0.0.1"`) || !strings.Contains(line, `"path":"/prod`) {
			t.Error(line)
		}
	}
}
