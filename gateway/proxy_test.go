package gateway_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tollbook/tollbook/gateway"
)

var passProxy = map[string]string{"integration.request.path.proxy": "method.request.path.proxy"}

// firstLine is what echo saw as the request line.
func firstLine(a answer) string {
	line, _, _ := strings.Cut(a.body, " host=")
	return line
}

func TestProxyTarget(t *testing.T) {
	t.Parallel()
	u := echo(t)
	b := start(t, stageOf(
		proxy("ANY", "/all/{proxy+}", u+"/base/{proxy}", passProxy),
		proxy("ANY", "/query/{id}", u+"/q?fixed=1&id={id}", map[string]string{
			"integration.request.path.id":            "method.request.path.id",
			"integration.request.querystring.client": "method.request.querystring.c",
			"integration.request.querystring.id":     "method.request.path.id",
			"integration.request.querystring.many":   "method.request.multivaluequerystring.m",
			"integration.request.querystring.gone":   "method.request.querystring.gone",
		}),
		proxy("ANY", "/vars", u+"/${stageVariables.greeting}/v${stageVariables.v}/${stageVariables.none}{x}", map[string]string{
			"integration.request.path.x": "method.request.header.X-Segment",
		}),
		proxy("GET", "/root", u, nil),
		func() gateway.Route {
			r := proxy("ANY", "/post", u+"/p", nil)
			r.Integration.Method = "POST"
			return r
		}(),
	))
	for _, tt := range []struct{ method, path, want string }{
		{"GET", "/prod/all/a", "GET /base/a"},
		{"DELETE", "/prod/all/a/b%2Fc/%20d", "DELETE /base/a/b%2Fc/%20d"},
		{"GET", "/prod/all/a//b/", "GET /base/a//b"},
		{"GET", "/prod/all/../x", "GET /base/../x"},
		{"GET", "/prod/all/a?x=1&y=%7B&x=2", "GET /base/a?x=1&y=%7B&x=2"},
		{"GET", "/prod/query/7?c=a%26b&c=last+one&m=1&m=2", "GET /q?fixed=1&id=7&c=a%26b&c=last+one&m=1&m=2&client=last%20one&id=7&many=1&many=2"},
		{"GET", "/prod/query/a%2Bb", "GET /q?fixed=1&id=a%2Bb&id=a%2Bb"},
		{"GET", "/prod/vars", "GET /hello/v2/a%20b%3Fc/d"},
		{"GET", "/prod/root?q", "GET /?q"},
		{"GET", "/prod/post", "POST /p"},
	} {
		got := b.do(tt.method, tt.path, "", "X-Segment", "a b?c/d")
		if firstLine(got) != tt.want {
			t.Errorf("%s %s: %d %q, want %q", tt.method, tt.path, got.status, firstLine(got), tt.want)
		}
	}
}

// TestProxyRequestHeaders follows the table of AWS' recorded behaviour.
func TestProxyRequestHeaders(t *testing.T) {
	t.Parallel()
	b := start(t, stageOf(
		proxy("ANY", "/h", echo(t)+"/", nil),
		proxy("ANY", "/mapped", echo(t)+"/", map[string]string{
			"integration.request.header.User-Agent":   "'mapped'",
			"integration.request.header.Via":          "method.request.header.x-via",
			"integration.request.header.X-Forwarded":  "context.identity.sourceIp",
			"integration.request.header.Host":         "'other.example'",
			"integration.request.header.X-Stage":      "stageVariables.greeting",
			"integration.request.header.Max-Forwards": "'2'", // AWS drops it from requests, and lets mappings set it

			"integration.request.header.Connection":         "'close'",
			"integration.request.header.Expect":             "'100-continue'",
			"integration.request.header.Proxy-Authenticate": "'p'",
			"integration.request.header.TE":                 "'trailers'",
		}),
	))
	sent := "POST /prod/h HTTP/1.1\r\nHost: a1b2c3d4e5.execute-api.x\r\nConnection: close, X-Hop\r\nContent-Length: 2\r\n"
	for _, name := range []string{
		"Accept", "Accept-Charset", "Accept-Encoding", "Age", "Authorization", "Content-Type", "Cookie", "Date", "Pragma",
		"Range", "Referer", "User-Agent", "Warn", "X-CusTom", "Content-MD5", "Expect", "Max-Forwards", "Proxy-Authenticate",
		"Server", "TE", "Upgrade", "WWW-Authenticate", "Via", "Content-Encoding", "Keep-Alive", "X-Hop",
	} {
		sent += name + ": v-" + name + "\r\n"
	}
	want := "Accept, Accept-Charset, Accept-Encoding, Age, Authorization, Content-Length, Content-Type, Cookie, Date, Pragma, " +
		"Range, Referer, User-Agent, Warn, X-Amzn-Apigateway-Api-Id, X-Amzn-Trace-Id, X-Custom"
	if got := headerNames(b.raw(sent + "\r\nhi")); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}

	a := b.do("GET", "/prod/mapped", "", "x-via", "proxy", "Authorization", "AWS4-HMAC-SHA256 Credential=a/b", "X-Amzn-Trace-Id", "Root=1-x")
	for _, line := range []string{
		"host=other.example\n", "User-Agent: mapped\n", "Max-Forwards: 2\n", "X-Forwarded: 127.0.0.1\n", "X-Stage: hello\n", "X-Amzn-Trace-Id: Root=1-x\n",
	} {
		if strings.Count(a.body, line) != 1 {
			t.Errorf("no or several %q in\n%s", line, a.body)
		}
	}
	for _, name := range []string{"Connection", "Expect", "Proxy-Authenticate", "Te", "Via"} {
		if strings.Contains(a.body, "\n"+name+":") {
			t.Errorf("a mapping sent %s:\n%s", name, a.body)
		}
	}
	if strings.Contains(a.body, "AWS4") {
		t.Errorf("the signature for the gateway was passed on:\n%s", a.body)
	}

	gz := b.do("POST", "/prod/h", "\x1f\x8b...", "Content-Encoding", "gzip")
	if !strings.Contains(gz.body, "Content-Encoding: gzip\n") {
		t.Errorf("a compressed body lost its coding:\n%s", gz.body)
	}
}

// headerNames are the names of the headers in what echo answered to raw.
func headerNames(response string) string {
	_, body, _ := strings.Cut(response, "host=")
	_, body, _ = strings.Cut(body, "\n")
	head, _, _ := strings.Cut(body, "\n\n")
	var names []string
	for line := range strings.Lines(head) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		if strings.HasPrefix(value, "v-") && !strings.EqualFold(value, "v-"+name) {
			name += " with " + value
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

func TestProxyResponseHeaders(t *testing.T) {
	t.Parallel()
	head := "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\nDate: then\r\nServer: theirs\r\nx-amzn-RequestId: theirs\r\n" +
		"Set-Cookie: a=b; Path=/\r\nSet-Cookie: c=d\r\nX-CusTom: v\r\nx-custom: w\r\nContent-Type: text/css\r\nVia: p\r\nKeep-Alive: 5\r\n" +
		"Content-Encoding: identity\r\nAuthorization: v\r\nContent-MD5: v\r\nMax-Forwards: v\r\nUser-Agent: v\r\nWWW-Authenticate: v\r\n" +
		"Expect: v\r\nHost: v\r\nProxy-Authenticate: v\r\nTE: v\r\nUpgrade: v\r\nETag: v\r\n\r\nhi"
	b := start(t, stageOf(proxy("GET", "/x", backend(t, head, nil), nil)))
	got := b.raw("GET /prod/x HTTP/1.1\r\nHost: a1b2c3d4e5.execute-api.x\r\nConnection: close\r\n\r\n")
	head, body, _ := strings.Cut(got, "\r\n\r\n")
	lines := strings.Split(mask(head), "\r\n")
	slices.Sort(lines[1:])
	want := []string{
		"HTTP/1.1 200 OK", "Connection: close", "Content-Length: 2", "Content-Type: text/css", "Date: DATE", "ETag: v",
		"Set-Cookie: a=b; Path=/", "Set-Cookie: c=d", "X-CusTom: v", "x-amz-apigw-id: EXTENDED-ID",
		"x-amzn-Remapped-Authorization: v", "x-amzn-Remapped-Connection: keep-alive", "x-amzn-Remapped-Content-Length: 2",
		"x-amzn-Remapped-Content-MD5: v", "x-amzn-Remapped-Date: then", "x-amzn-Remapped-Max-Forwards: v",
		"x-amzn-Remapped-Server: theirs", "x-amzn-Remapped-User-Agent: v", "x-amzn-Remapped-WWW-Authenticate: v",
		"x-amzn-Remapped-x-amzn-RequestId: theirs", "x-amzn-RequestId: UUID", "x-custom: w",
	}
	if !slices.Equal(lines, want) || body != "hi" {
		t.Errorf("got\n%s\n%q", strings.Join(lines, "\n"), body)
	}
}

func TestProxyBodies(t *testing.T) {
	t.Parallel()
	var last atomic.Pointer[http.Request]
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		last.Store(r)
		body, _ := io.ReadAll(r.Body)
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write(body)
	}))
	t.Cleanup(upstream.Close)
	b := start(t, stageOf(proxy("ANY", "/{proxy+}", upstream.URL+"/{proxy}", passProxy)))
	for _, size := range []int{0, 1, 100, 16 << 10, 16<<10 + 1, 1 << 20, 10 << 20} {
		body := strings.Repeat("\x00\xffab", size/4+1)[:size]
		got := b.do("POST", "/prod/x", body)
		if got.status != 201 || got.body != body {
			t.Errorf("%d bytes: %d, %d bytes", size, got.status, len(got.body))
		}
		if r := last.Load(); r.ContentLength != int64(size) || len(r.TransferEncoding) > 0 {
			t.Errorf("%d bytes were sent as %d %v", size, r.ContentLength, r.TransferEncoding)
		}
	}
	chunked := b.raw("POST /prod/x HTTP/1.1\r\nHost: a1b2c3d4e5.execute-api.x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
	if !strings.HasSuffix(chunked, "\r\n\r\nabcde") {
		t.Errorf("%q", chunked)
	}
	head := b.raw("HEAD /prod/x HTTP/1.1\r\nHost: a1b2c3d4e5.execute-api.x\r\nConnection: close\r\n\r\n")
	if !strings.HasPrefix(head, "HTTP/1.1 201") || !strings.HasSuffix(head, "\r\n\r\n") {
		t.Errorf("%q", head)
	}
}

// TestMisbehaving lists what back ends do wrong and what the client gets to see.
func TestMisbehaving(t *testing.T) {
	t.Parallel()
	reset := func(c net.Conn) { _ = c.(*net.TCPConn).SetLinger(0) }
	stall := func(c net.Conn) { _, _ = c.Read(make([]byte, 1)) }
	forever := func(line string) func(net.Conn) {
		return func(c net.Conn) {
			for {
				if _, err := io.WriteString(c, line); err != nil {
					return
				}
			}
		}
	}
	cases := []struct {
		name, answer string
		after        func(net.Conn)
		status       int
		body         string
	}{
		{"garbage", "garbage garbage garbage\r\n\r\n", stall, 502, `{"message": "Internal server error"}`},
		{"closes at once", "", func(net.Conn) {}, 504, `{"message": "Network error communicating with endpoint"}`},
		{"resets", "", reset, 504, `{"message": "Network error communicating with endpoint"}`},
		{"half a head", "HTTP/1.1 200 OK\r\nContent-Le", func(net.Conn) {}, 504, `{"message": "Network error communicating with endpoint"}`},
		{"half a body", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", func(net.Conn) {}, 504, `{"message": "Network error communicating with endpoint"}`},
		{"half a body, then silence", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", stall, 504, `{"message": "Endpoint request timed out"}`},
		{"silence", "", stall, 504, `{"message": "Endpoint request timed out"}`},
		{"bad chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n", stall, 502, `{"message": "Internal server error"}`},
		{"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", stall, 502, `{"message": "Internal server error"}`},
		{"status 99", "HTTP/1.1 99 No\r\nContent-Length: 0\r\n\r\n", stall, 502, `{"message": "Internal server error"}`},
		{"status 999", "HTTP/1.1 999 No\r\nContent-Length: 0\r\n\r\n", stall, 502, `{"message": "Internal server error"}`},
		{"switches protocols", "HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n", stall, 502, `{"message": "Internal server error"}`},
		{"headers without end", "HTTP/1.1 200 OK\r\n", forever("X: yyyyyyyyyyyyyyyy\r\n"), 502, `{"message": "Internal server error"}`},
		{"interim answers without end", "", forever("HTTP/1.1 100 Continue\r\n\r\n"), 502, `{"message": "Internal server error"}`},
		{"body without end", "HTTP/1.1 200 OK\r\n\r\n", forever(strings.Repeat("z", 1<<16)), 502, `{"message": "Internal server error"}`},
		{"length beyond the limit", "HTTP/1.1 200 OK\r\nContent-Length: 10485761\r\n\r\n", stall, 502, `{"message": "Internal server error"}`},
		{"interim, then final", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", stall, 200, "ok"},
		{"until the end of the connection", "HTTP/1.0 200 OK\r\n\r\nok", func(net.Conn) {}, 200, "ok"},
		{"redirect", "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 2\r\n\r\nok", stall, 302, "ok"},
		{"more than it said", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil", stall, 200, "ok"},
	}
	var routes []gateway.Route
	for i, tt := range cases {
		r := proxy("ANY", fmt.Sprintf("/c%d", i), backend(t, tt.answer, tt.after), nil)
		r.Integration.Timeout = 300 * time.Millisecond
		if tt.status == 502 && strings.Contains(tt.name, "without end") {
			r.Integration.Timeout = 10 * time.Second
		}
		routes = append(routes, r)
	}
	b := start(t, stageOf(routes...))
	t.Run("cases", func(t *testing.T) {
		for i, tt := range cases {
			t.Run(tt.name, func(t *testing.T) {
				t.Parallel()
				for range 2 { // the second after whatever the first left behind
					got := b.do("GET", fmt.Sprintf("/prod/c%d", i), "")
					if got.status != tt.status || got.body != tt.body {
						t.Errorf("%d %.100q, want %d %s", got.status, got.body, tt.status, tt.body)
					}
				}
			})
		}
	})
	if n := len(b.lines(group)); n != 2*len(cases) {
		t.Errorf("%d entries", n)
	}
}

// TestEarlyAnswer: a back end answers before it has read the body, and reads no more.
func TestEarlyAnswer(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	done := make(chan struct{})
	t.Cleanup(func() { close(done) })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				_, _ = conn.Read(make([]byte, 1000))
				_, _ = io.WriteString(conn, "HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")
				<-done
			}()
		}
	}()
	b := start(t, stageOf(proxy("POST", "/x", "http://"+listener.Addr().String(), nil)))
	for range 2 {
		if got := b.do("POST", "/prod/x", strings.Repeat("x", 9<<20)); got.status != 413 || got.body != "no" {
			t.Errorf("%d %s", got.status, got.body)
		}
	}
}

// TestStaleConnection: a connection that the back end closed while it was idle must not fail the next request.
func TestStaleConnection(t *testing.T) {
	t.Parallel()
	var posts atomic.Int32
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() { // answers one request as if more could follow, and closes when the next arrives
				defer conn.Close()
				buf := make([]byte, 4096)
				n, _ := conn.Read(buf)
				if strings.HasPrefix(string(buf[:n]), "POST") {
					posts.Add(1)
				}
				_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
				n, _ = conn.Read(buf)
				if strings.HasPrefix(string(buf[:n]), "POST") {
					posts.Add(1)
				}
			}()
		}
	}()
	b := start(t, stageOf(proxy("ANY", "/x", "http://"+listener.Addr().String(), nil)))
	for i := range 5 {
		if got := b.do("GET", "/prod/x", ""); got.status != 200 {
			t.Fatalf("request %d: %d %s", i, got.status, got.body)
		}
	}
	if got := b.do("POST", "/prod/x", "once"); got.status != 504 || posts.Load() != 1 {
		t.Errorf("POST: %d, sent %d times", got.status, posts.Load())
	}
}

// TestUpstreamLimit: with all connections in use, requests wait for one; a slow back end is no matter to another.
func TestUpstreamLimit(t *testing.T) {
	t.Parallel()
	var now, most atomic.Int32
	release := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		if n := now.Add(1); n > most.Load() {
			most.Store(n)
		}
		<-release
		now.Add(-1)
	}))
	t.Cleanup(slow.Close)
	b := startWith(t, gateway.Config{UpstreamQueue: 200}, stageOf(proxy("GET", "/slow", slow.URL, nil), proxy("GET", "/fast", echo(t), nil)))
	results := make(chan int, 200)
	for range 200 {
		go func() { results <- b.do("GET", "/prod/slow", "").status }()
	}
	for now.Load() < 64 {
		if got := b.do("GET", "/prod/fast", ""); got.status != 200 {
			t.Fatalf("%d", got.status)
		}
	}
	if m := b.gw.Metrics(); m.UpstreamConns < 64 || m.InFlight < 64 {
		t.Errorf("%+v", m)
	}
	close(release)
	for range 200 {
		if status := <-results; status != 200 {
			t.Errorf("status %d", status)
		}
	}
	if most.Load() > 64 {
		t.Errorf("%d connections", most.Load())
	}
}

func TestTLSUpstream(t *testing.T) {
	t.Parallel()
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "secret") }))
	t.Cleanup(s.Close)
	trusting := proxy("GET", "/trusting", s.URL, nil)
	trusting.Integration.InsecureSkipVerification = true
	b := start(t, stageOf(proxy("GET", "/strict", s.URL, nil), trusting))
	if got := b.do("GET", "/prod/trusting", ""); got.body != "secret" {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := b.do("GET", "/prod/strict", ""); got.status != 500 || got.body != `{"message": "Internal server error"}` {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := b.do("GET", "/prod/trusting", ""); got.body != "secret" {
		t.Errorf("second: %d %s", got.status, got.body)
	}
}

// TestBadURIs are deployed as they are and fail when they are called.
func TestBadURIs(t *testing.T) {
	t.Parallel()
	var routes []gateway.Route
	uris := []string{
		"", "x", "ftp://a/", "http://", "http:///x", "http://user:pass@a/", "http://a b/", "http://a/{nomapping}", "http://a/{x",
		"http://a/x y", "http://{x}/", "http://a/${stageVariables.x", "http://[::1/", "http://a:b:c/", "http://a\r\nX: y/",
	}
	for i, uri := range uris {
		routes = append(routes, proxy("GET", fmt.Sprintf("/u%d", i), uri, nil))
	}
	do := quick(t, stageOf(routes...))
	for i, uri := range uris {
		if status, body := do("GET", fmt.Sprintf("/u%d", i)); status != 500 || body != `{"message": "Internal server error"}` {
			t.Errorf("%q: %d %s", uri, status, body)
		}
	}
}
