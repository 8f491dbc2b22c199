package gateway_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/tollbook/tollbook/gateway"
)

// counting is a back end that answers with how often it was asked.
func counting(t *testing.T, status int) string {
	var n atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Made", "here")
		w.WriteHeader(status)
		fmt.Fprint(w, n.Add(1))
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func cached(r gateway.Route, ttl time.Duration, parameters ...string) gateway.Route {
	r.Settings.CachingEnabled, r.Settings.CacheTTL = true, ttl
	r.Integration.CacheKeyParameters = parameters
	return r
}

func cachedStage(routes ...gateway.Route) gateway.Stage {
	s := stageOf(routes...)
	s.CacheBytes = 1 << 20
	return s
}

func TestResponseCache(t *testing.T) {
	t.Parallel()
	b := start(t, cachedStage(
		cached(proxy("GET", "/all", counting(t, 200), nil), time.Minute),
		cached(proxy("GET", "/by/{id}", counting(t, 200), nil), time.Minute, "method.request.path.id", "method.request.querystring.q"),
		cached(proxy("GET", "/mapped", counting(t, 200), map[string]string{"integration.request.header.X": "method.request.header.Y"}),
			time.Minute, "integration.request.header.X"),
		cached(proxy("GET", "/error", counting(t, 500), nil), time.Minute),
		cached(proxy("GET", "/brief", counting(t, 200), nil), time.Nanosecond),
		proxy("GET", "/never", counting(t, 200), nil),
	))
	for _, c := range []struct {
		path, want string
		headers    []string
	}{
		{"/all", "1", nil}, {"/all?x=1", "1", []string{"Accept", "text/plain"}},
		{"/by/1", "1", nil}, {"/by/2", "2", nil}, {"/by/1", "1", nil}, {"/by/1?q=a", "3", nil}, {"/by/1?q=a&other=b", "3", nil},
		{"/by/1?q=", "4", nil}, // an empty value is not an absent one
		{"/mapped", "1", nil}, {"/mapped", "2", []string{"Y", "a"}}, {"/mapped", "1", nil}, {"/mapped", "2", []string{"Y", "a"}},
		{"/error", "1", nil}, {"/error", "2", nil},
		{"/brief", "1", nil}, {"/brief", "2", nil},
		{"/never", "1", nil}, {"/never", "2", nil},
	} {
		got := b.do("GET", "/prod"+c.path, "", c.headers...)
		if got.body != c.want || got.header.Get("X-Made") != "here" {
			t.Errorf("%s %v: %s %v, want %s", c.path, c.headers, got.body, got.header, c.want)
		}
	}
	b.set(cachedStage(cached(proxy("GET", "/all", counting(t, 200), nil), time.Minute)))
	b.gw.FlushCache("a1b2c3d4e5", "nope")
	if got := b.do("GET", "/prod/all", "").header.Get("x-amzn-RequestId"); len(got) != 36 {
		t.Errorf("a cached response has the request ID %q", got)
	}
	b.gw.FlushCache("A1B2C3D4E5", "prod")
	b.do("GET", "/prod/all", "")
	hits, misses := uint64(0), uint64(0)
	b.gw.Drain(func(m gateway.StageMinute) { hits, misses = hits+m.CacheHits, misses+m.CacheMisses })
	if hits != 6 || misses != 12 {
		t.Errorf("%d hits and %d misses", hits, misses)
	}
}

func TestCacheInvalidationByClients(t *testing.T) {
	t.Parallel()
	route := func(path, strategy string, needs bool) gateway.Route {
		r := cached(proxy("GET", path, counting(t, 200), nil), time.Minute)
		r.Settings.CacheControlNeedsPermission, r.Settings.UnauthorizedCacheControl = needs, strategy
		return r
	}
	b := start(t, cachedStage(
		route("/free", "FAIL_WITH_403", false), route("/fail", "FAIL_WITH_403", true),
		route("/warn", "SUCCEED_WITH_RESPONSE_HEADER", true), route("/quiet", "SUCCEED_WITHOUT_RESPONSE_HEADER", true),
	))
	for _, c := range []struct {
		path, body string
		status     int
		warning    bool
	}{{"/free", "2", 200, false}, {"/fail", "", 403, false}, {"/warn", "1", 200, true}, {"/quiet", "1", 200, false}} {
		b.do("GET", "/prod"+c.path, "")
		got := b.do("GET", "/prod"+c.path, "", "Cache-Control", "no-transform, max-age=0")
		if got.status != c.status || c.body != "" && got.body != c.body || (got.header.Get("Warning") != "") != c.warning {
			t.Errorf("%s: %d %s %v", c.path, got.status, got.body, got.header)
		}
	}
}

func TestCompression(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("long", 100)
	stage := stageOf(mock("GET", "/long", long), mock("GET", "/short", "short"), proxy("POST", "/echo", echo(t), nil))
	stage.MinimumCompressionSize = new(100)
	b := start(t, stage)
	for _, c := range []struct{ path, accept, want string }{
		{"/long", "gzip", "gzip"}, {"/long", "br, deflate;q=0.5", "deflate"}, {"/long", "gzip;q=0, identity", ""}, {"/long", "", ""},
		{"/short", "gzip", ""}, {"/long", "*", "gzip"},
	} {
		got := b.do("GET", "/prod"+c.path, "", "Accept-Encoding", c.accept)
		if got.header.Get("Content-Encoding") != c.want {
			t.Errorf("%s for %q: coding %q", c.path, c.accept, got.header.Get("Content-Encoding"))
		}
		if c.want != "" && (len(got.body) >= len(long) || unpack(t, c.want, got.body) != long) {
			t.Errorf("%s for %q: %d bytes", c.path, c.accept, len(got.body))
		}
	}
	for coding, want := range map[string]string{"gzip": "hello", "deflate": "hello", "identity": "hello"} {
		got := b.do("POST", "/prod/echo", pack(t, coding, "hello"), "Content-Encoding", coding)
		if !strings.HasSuffix(got.body, "\n\n"+want) {
			t.Errorf("%s: %q", coding, got.body)
		}
	}
	if got := b.do("POST", "/prod/echo", "x", "Content-Encoding", "br"); got.status != 415 {
		t.Errorf("brotli: %d", got.status)
	}
	if got := b.do("POST", "/prod/echo", "no gzip", "Content-Encoding", "gzip"); got.status != 400 {
		t.Errorf("nonsense: %d", got.status)
	}
	bomb := pack(t, "gzip", strings.Repeat("\x00", 11<<20))
	if got := b.do("POST", "/prod/echo", bomb, "Content-Encoding", "gzip"); got.status != 413 {
		t.Errorf("a bomb of %d bytes: %d", len(bomb), got.status)
	}
}

func pack(t *testing.T, coding, text string) string {
	t.Helper()
	switch coding {
	case "gzip":
		return string(fasthttp.AppendGzipBytes(nil, []byte(text)))
	case "deflate":
		return string(fasthttp.AppendDeflateBytes(nil, []byte(text)))
	}
	return text
}

func unpack(t *testing.T, coding, text string) string {
	t.Helper()
	var out []byte
	var err error
	if coding == "gzip" {
		out, err = fasthttp.AppendGunzipBytes(nil, []byte(text))
	} else {
		out, err = fasthttp.AppendInflateBytes(nil, []byte(text))
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
