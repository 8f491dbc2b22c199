package gateway_test

import (
	"crypto/tls"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tollbook/tollbook/gateway"
)

// http2Backend is a back end over TLS that speaks HTTP/2, unless it may not, and takes 100 requests at a time on a connection.
// It counts the connections to it.
type http2Backend struct {
	*httptest.Server
	conns, closed atomic.Int32
}

func newHTTP2Backend(t *testing.T, http2 bool, handler http.HandlerFunc) *http2Backend {
	t.Helper()
	b := &http2Backend{Server: httptest.NewUnstartedServer(handler)}
	b.EnableHTTP2 = http2
	b.Config.ErrorLog = discardErrors
	b.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			b.conns.Add(1)
		case http.StateClosed:
			b.closed.Add(1)
		}
	}
	b.Config.HTTP2 = &http.HTTP2Config{MaxConcurrentStreams: 100}
	b.StartTLS()
	t.Cleanup(b.Close)
	return b
}

// startHTTP2 starts a gateway that offers HTTP/2 to a back end, which stands behind all paths.
func startHTTP2(t *testing.T, s *http2Backend) *bench {
	t.Helper()
	return startWith(t, gateway.Config{UpstreamHTTP2: true, UpstreamRoots: rootsOf(s.Server)}, stageOf(behind(s.URL)))
}

func behind(url string) gateway.Route {
	route := proxy("ANY", "/{proxy+}", url+"/{proxy}", passProxy)
	route.Integration.Timeout = 20 * time.Second
	return route
}

// described answers with what the request says, in an order that is the same for both protocols.
func described(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var out strings.Builder
	fmt.Fprintf(&out, "%s %s host=%s length=%d/%d\n", r.Method, r.RequestURI, r.Host, r.ContentLength, len(body))
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		if !strings.HasPrefix(name, "X-Amzn-Trace") {
			fmt.Fprintf(&out, "%s: %q\n", name, r.Header[name])
		}
	}
	w.Header().Set("X-Proto", r.Proto)
	_, _ = io.WriteString(w, out.String())
}

// ofHTTP1 are the headers that HTTP/2 forbids (RFC 9113 §8.2.2).
var ofHTTP1 = regexp.MustCompile(`(?m)^(Keep-Alive|Upgrade): .*\n`)

// TestHTTP2SameRequest: a back end sees the same over HTTP/2 as over HTTP/1.1, but for what speaks of the connection.
func TestHTTP2SameRequest(t *testing.T) {
	t.Parallel()
	mapped := map[string]string{"integration.request.path.proxy": "method.request.path.proxy"}
	for i, name := range []string{"X-Mapped", "Host", "Upgrade", "Keep-Alive", "User-Agent"} {
		mapped["integration.request.header."+name] = fmt.Sprintf("'v%d.example'", i)
	}
	var benches []*bench
	var both []*http2Backend
	for _, http2 := range []bool{false, true} {
		s := newHTTP2Backend(t, true, described)
		maps := proxy("ANY", "/mapped/{proxy+}", s.URL+"/{proxy}", mapped)
		custom := proxy("ANY", "/custom/{proxy+}", s.URL+"/{proxy}", passProxy)
		custom.Integration.Type = "HTTP"
		custom.Integration.Responses = []gateway.IntegrationResponse{{StatusCode: "200",
			Parameters: map[string]string{"method.response.header.X-Proto": "integration.response.header.X-Proto"}}}
		custom.MethodResponses = map[string]gateway.MethodResponse{"200": {}}
		benches = append(benches, startWith(t, gateway.Config{UpstreamHTTP2: http2, UpstreamRoots: rootsOf(s.Server)},
			stageOf(maps, custom, behind(s.URL))))
		both = append(both, s)
	}
	for _, c := range []struct {
		method, path, body string
		headers            []string
	}{
		{"GET", "/a/b?x=1&y=%20", "", nil},
		{"GET", "/a", "", []string{"Accept-Encoding", "gzip", "User-Agent", "mine", "X-Twice", "one", "X-Twice", "two", "X-Empty", ""}},
		{"GET", "/a", "", []string{"Cookie", "a=1; b=2", "TE", "trailers", "Connection", "X-Hop", "X-Hop", "gone", "Proxy-Connection", "x"}},
		{"GET", "//a//b", "", nil},
		{"POST", "/a", "some", []string{"Content-Type", "text/plain", "Expect", "100-continue"}},
		{"POST", "/a", "", nil}, {"PUT", "/a", strings.Repeat("x", 100_000), nil}, {"DELETE", "/a", "body", nil},
		{"OPTIONS", "/a", "", nil}, {"PATCH", "/%C3%A4?q=ä", "x", []string{"X-Latin", "\xe4"}},
		{"GET", "/mapped/a", "", nil}, {"POST", "/mapped/a", "some", []string{"User-Agent", "mine"}},
		{"GET", "/custom/a?x=1", "", []string{"X-Not-Mapped", "x"}}, {"POST", "/custom/a", `{"some":"thing"}`, nil},
	} {
		first, second := benches[0].do(c.method, "/prod"+c.path, c.body, c.headers...), benches[1].do(c.method, "/prod"+c.path, c.body, c.headers...)
		if p1, p2 := first.header.Get("X-Proto"), second.header.Get("X-Proto"); p1 != "HTTP/1.1" || p2 != "HTTP/2.0" {
			t.Fatalf("%s %s: called by %s and %s: %d %s, %d %s, %s", c.method, c.path, p1, p2, first.status, first.body, second.status, second.body, benches[0].lines(group))
		}
		want := strings.ReplaceAll(first.body, both[0].Listener.Addr().String(), both[1].Listener.Addr().String())
		want = ofHTTP1.ReplaceAllString(want, "")
		if second.body != want {
			t.Errorf("%s %s: HTTP/1.1\n%s\nHTTP/2\n%s", c.method, c.path, want, second.body)
		}
	}
}

// TestHTTP2SameResponse: a client sees the same.
func TestHTTP2SameResponse(t *testing.T) {
	t.Parallel()
	var answers [2][]string
	for i, http2 := range []bool{false, true} {
		s := newHTTP2Backend(t, true, func(w http.ResponseWriter, r *http.Request) {
			w.Header()["Date"] = []string{"Tue, 24 Nov 2026 01:00:00 GMT"}
			switch r.URL.Path {
			case "/early":
				w.Header().Set("Link", "</x>")
				w.WriteHeader(http.StatusEarlyHints)
				w.WriteHeader(http.StatusOK)
			case "/none":
				w.WriteHeader(http.StatusNoContent)
			case "/same":
				w.WriteHeader(http.StatusNotModified)
			case "/trailers":
				w.Header().Set("Trailer", "X-Sum")
				_, _ = io.WriteString(w, "body")
				w.(http.Flusher).Flush()
				w.Header().Set("X-Sum", "4")
			case "/many":
				w.Header()["X-Many"] = []string{"one", "two", ""}
				w.Header().Set("Content-Encoding", "gzip")
				w.Header().Set("Server", "mine")
				_, _ = io.WriteString(w, "not gzip at all")
			default:
				w.Header().Set("Content-Type", "text/html; charset=utf-8")
				w.Header().Set("Content-Length", "5")
				w.WriteHeader(http.StatusTeapot)
				_, _ = io.WriteString(w, "hello")
			}
		})
		b := startWith(t, gateway.Config{UpstreamHTTP2: http2, UpstreamRoots: rootsOf(s.Server)}, stageOf(behind(s.URL)))
		for _, request := range []string{"GET /early", "GET /none", "GET /same", "GET /trailers", "GET /many", "GET /x", "HEAD /x", "POST /x", "POST /none"} {
			method, path, _ := strings.Cut(request, " ")
			got := b.do(method, "/prod"+path, "")
			for _, name := range []string{"Date", "X-Amzn-Requestid", "X-Amz-Apigw-Id", "X-Amzn-Trace-Id", "X-Amzn-Remapped-Connection"} {
				got.header.Del(name)
			}
			answers[i] = append(answers[i], fmt.Sprint(request, " ", got.status, " ", got.header, " ", got.body))
		}
	}
	for n := range answers[0] {
		if answers[0][n] != answers[1][n] {
			t.Errorf("HTTP/1.1 %s\nHTTP/2   %s", answers[0][n], answers[1][n])
		}
	}
}

// TestHTTP2SharesConnections: many requests at a time take one connection, and more if it has no room.
func TestHTTP2SharesConnections(t *testing.T) {
	t.Parallel()
	var now atomic.Int32
	release := make(chan struct{})
	s := newHTTP2Backend(t, true, func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/held" {
			now.Add(1)
			<-release
		}
	})
	b := startWith(t, gateway.Config{UpstreamHTTP2: true, UpstreamRoots: rootsOf(s.Server), UpstreamConns: 150}, stageOf(behind(s.URL)))
	var all sync.WaitGroup
	hold := func(n int32) {
		for range n {
			all.Go(func() {
				if got := b.do("GET", "/prod/held", ""); got.status != 200 {
					t.Errorf("%d %s", got.status, got.body)
				}
			})
		}
		want := now.Load() + n
		for end := time.Now().Add(10 * time.Second); now.Load() < want; time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%d of %d requests are there", now.Load(), want)
			}
		}
	}
	hold(50)
	if got := b.do("GET", "/prod/x", ""); got.status != 200 || s.conns.Load() != 1 || b.gw.Metrics().UpstreamConns != 1 {
		t.Errorf("%d, %d connections, %+v", got.status, s.conns.Load(), b.gw.Metrics())
	}
	hold(70)
	if n := s.conns.Load(); n != 2 {
		t.Errorf("%d connections", n)
	}
	close(release)
	all.Wait()
}

func TestHTTP2LargeBodies(t *testing.T) {
	t.Parallel()
	const most = 10 << 20
	s := newHTTP2Backend(t, true, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/echo":
			_, _ = io.Copy(w, r.Body)
		case "/refuse":
			w.WriteHeader(http.StatusRequestEntityTooLarge)
			_, _ = io.WriteString(w, "no")
		default:
			if r.URL.Path == "/length" {
				w.Header().Set("Content-Length", fmt.Sprint(most+1))
			}
			_, _ = w.Write(make([]byte, most))
			_, _ = w.Write([]byte{1})
		}
	})
	b := startHTTP2(t, s)
	body := strings.Repeat("0123456789abcdef", most/16)
	if got := b.do("POST", "/prod/echo", body); got.status != 200 || got.body != body {
		t.Errorf("10 MB: %d, %d bytes", got.status, len(got.body))
	}
	for range 3 {
		if got := b.do("POST", "/prod/refuse", body); got.status != 413 || got.body != "no" {
			t.Errorf("refused: %d %s", got.status, got.body)
		}
	}
	for _, path := range []string{"/prod/length", "/prod/open"} {
		if got := b.do("GET", path, ""); got.status != 502 {
			t.Errorf("%s: %d, %d bytes", path, got.status, len(got.body))
		}
	}
	if n := s.conns.Load(); n != 1 {
		t.Errorf("%d connections", n)
	}
	if lines := strings.Join(b.lines(group), "\n"); strings.Count(lines, "Endpoint response body is larger than 10485760 bytes") != 2 {
		t.Errorf("entries %s", lines)
	}
}

// TestHTTP2Failures: what goes wrong with one request is answered, and is nothing to the connection.
func TestHTTP2Failures(t *testing.T) {
	t.Parallel()
	end := make(chan struct{})
	var posts atomic.Int32
	s := newHTTP2Backend(t, true, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == "POST" {
			posts.Add(1)
		}
		switch r.URL.Path {
		case "/reset":
			panic(http.ErrAbortHandler)
		case "/reset-later":
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "a part")
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		case "/head":
			w.Header().Set("X-Large", strings.Repeat("x", 64<<10))
		case "/slow":
			select {
			case <-end:
			case <-r.Context().Done():
			}
		}
	})
	defer close(end)
	slow := proxy("POST", "/slow", s.URL+"/slow", nil)
	slow.Integration.Timeout = 200 * time.Millisecond
	b := startWith(t, gateway.Config{UpstreamHTTP2: true, UpstreamRoots: rootsOf(s.Server)}, stageOf(slow, behind(s.URL)))
	const network, reset = `{"message": "Network error communicating with endpoint"}`, "Connection reset by peer"
	for _, c := range []struct {
		request, body string
		status        int
		message       string
		cause         string
	}{
		{"GET /fine", "", 200, "", "-"},
		{"POST /reset", "x", 504, network, reset}, {"GET /reset", "", 504, network, reset},
		{"GET /reset-later", "", 504, network, reset}, {"POST /reset-later", "x", 504, network, reset},
		{"GET /head", "", 502, `{"message": "Internal server error"}`, "Malformed endpoint response"},
		{"POST /slow", "x", 504, `{"message": "Endpoint request timed out"}`, "timeout"},
		{"POST /slow", strings.Repeat("x", 8<<20), 504, `{"message": "Endpoint request timed out"}`, "timeout"}, // it reads nothing
		{"GET /fine", "", 200, "", "-"}, {"POST /fine", strings.Repeat("x", 8<<20), 200, "", "-"},
	} {
		method, path, _ := strings.Cut(c.request, " ")
		if got := b.do(method, "/prod"+path, c.body); got.status != c.status || got.body != c.message {
			t.Errorf("%s: %d %s", c.request, got.status, got.body)
		}
	}
	if n := s.conns.Load(); n > 2 { // a GET that was reset is repeated on another one
		t.Errorf("%d connections", n)
	}
	if posts.Load() != 5 {
		t.Errorf("%d POSTs arrived, of 5", posts.Load())
	}
	lines := strings.Join(b.lines(group), "\n")
	for cause, n := range map[string]int{reset: 4, "Malformed endpoint response": 1, "a timeout error": 2} {
		if strings.Count(lines, cause) != n {
			t.Errorf("not %d times %q in %s", n, cause, lines)
		}
	}
}

// TestHTTP2Declined: a back end that speaks HTTP/1.1 only is called so, on as many connections as it takes, and by HTTP/2
// when it has learned that.
func TestHTTP2Declined(t *testing.T) {
	t.Parallel()
	s := newHTTP2Backend(t, false, described)
	b := startHTTP2(t, s)
	for range 3 {
		if got := b.do("POST", "/prod/x", "some"); got.status != 200 || got.header.Get("X-Proto") != "HTTP/1.1" {
			t.Errorf("%d %s", got.status, got.body)
		}
	}
	if n := s.conns.Load(); n != 1 {
		t.Errorf("%d connections", n)
	}
	addr := s.Listener.Addr().String()
	s.Server.Close()
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		t.Skipf("the port is taken by somebody else: %v", err)
	}
	next := httptest.NewUnstartedServer(http.HandlerFunc(described))
	next.Listener.Close()
	next.Listener, next.EnableHTTP2 = listener, true
	next.TLS = &tls.Config{Certificates: s.TLS.Certificates}
	next.StartTLS()
	defer next.Close()
	if got := b.do("POST", "/prod/x", "some"); got.status != 200 || got.header.Get("X-Proto") != "HTTP/2.0" {
		t.Errorf("%d %s", got.status, got.body)
	}
}

// TestHTTP2IsNotOffered unless it is asked for.
func TestHTTP2IsNotOffered(t *testing.T) {
	t.Parallel()
	s := newHTTP2Backend(t, true, described)
	b := startWith(t, gateway.Config{UpstreamRoots: rootsOf(s.Server)}, stageOf(behind(s.URL)))
	if got := b.do("GET", "/prod/x", ""); got.header.Get("X-Proto") != "HTTP/1.1" {
		t.Errorf("%d %s", got.status, got.body)
	}
}

// TestHTTP2Abort: requests that wait for a back end over HTTP/2 are answered at once.
func TestHTTP2Abort(t *testing.T) {
	t.Parallel()
	called, end := make(chan struct{}, 3), make(chan struct{})
	s := newHTTP2Backend(t, true, func(http.ResponseWriter, *http.Request) {
		called <- struct{}{}
		<-end
	})
	defer close(end)
	b := startHTTP2(t, s)
	answers := make(chan answer, 3)
	for range 3 {
		go func() { answers <- b.do("GET", "/prod/x", "") }()
	}
	for range 3 {
		<-called
	}
	if n := b.gw.Abort(); n != 3 {
		t.Errorf("%d requests", n)
	}
	for range 3 {
		if got := <-answers; got.status != 504 {
			t.Errorf("%d %s", got.status, got.body)
		}
	}
	if all := strings.Join(b.lines(group), "\n"); strings.Count(all, "The gateway is stopping") != 3 {
		t.Errorf("entries %s", all)
	}
}

// TestHTTP2LetsGo: connections of a back end that no stage uses any more are closed, when their requests have ended.
func TestHTTP2LetsGo(t *testing.T) {
	t.Parallel()
	called, end := make(chan struct{}), make(chan struct{})
	s := newHTTP2Backend(t, true, func(http.ResponseWriter, *http.Request) {
		called <- struct{}{}
		<-end
	})
	b := startHTTP2(t, s)
	answers := make(chan answer)
	go func() { answers <- b.do("GET", "/prod/x", "") }()
	<-called
	b.gw.RemoveStage("a1b2c3d4e5", "prod")
	close(end)
	if got := <-answers; got.status != 200 {
		t.Errorf("%d %s", got.status, got.body)
	}
	for end := time.Now().Add(10 * time.Second); s.closed.Load() < s.conns.Load(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the connection stays")
		}
	}
}
