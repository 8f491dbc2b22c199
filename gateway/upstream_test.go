package gateway_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tollbook/tollbook/gateway"
)

// fickle is a back end that does with each request what a function says. It keeps what it has read of all of them.
type fickle struct {
	url string
	mu  sync.Mutex
	got []string // "POST 5": method and length of body
}

// newFickle makes one. answer is told how many requests came before on the connection, and how many connections before it;
// if it says no, the connection is closed.
func newFickle(t *testing.T, answer func(conn net.Conn, nthConn, nth int) bool) *fickle {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	f := &fickle{url: "http://" + listener.Addr().String()}
	go func() {
		for n := 0; ; n++ {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go f.serve(conn, func(nth int) bool { return answer(conn, n, nth) })
		}
	}()
	return f
}

func (f *fickle) serve(conn net.Conn, answer func(nth int) bool) {
	defer conn.Close()
	r := bufio.NewReader(conn)
	for nth := 0; ; nth++ {
		req, err := http.ReadRequest(r)
		if err != nil {
			return
		}
		n, err := io.Copy(io.Discard, req.Body)
		if err != nil {
			return
		}
		f.mu.Lock()
		f.got = append(f.got, fmt.Sprint(req.Method, " ", n))
		f.mu.Unlock()
		if !answer(nth) {
			return
		}
	}
}

func (f *fickle) seen() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return strings.Join(f.got, ", ")
}

func ok(conn net.Conn) bool {
	_, err := io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
	return err == nil
}

// TestRetries: a request that fails on a kept connection is sent once more, on a new one, if that does no harm.
func TestRetries(t *testing.T) {
	t.Parallel()
	closes := func(net.Conn) {}
	resets := func(c net.Conn) { _ = c.(*net.TCPConn).SetLinger(0) }
	begins := func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 2") }
	large := strings.Repeat("x", 1<<20)
	for _, c := range []struct {
		name, method, body string
		second             func(net.Conn) // what the back end does with the second request, before it closes
		anew               bool           // it takes requests on new connections
		status             int
		seen               string
		retried            uint64
	}{
		{"GET closed", "GET", "", closes, true, 200, "GET 0, GET 0, GET 0", 1},
		{"GET reset", "GET", "", resets, true, 200, "GET 0, GET 0, GET 0", 1},
		{"GET half answered", "GET", "", begins, true, 504, "GET 0, GET 0", 0},
		{"GET, once only", "GET", "", closes, false, 504, "GET 0, GET 0, GET 0", 1},
		{"PUT closed", "PUT", "five5", closes, true, 200, "GET 0, PUT 5, PUT 5", 1},
		{"PUT of much reset", "PUT", large, resets, true, 200, "GET 0, PUT 1048576, PUT 1048576", 1},
		{"DELETE reset", "DELETE", "", resets, true, 200, "GET 0, DELETE 0, DELETE 0", 1},
		{"POST closed", "POST", "five5", closes, true, 504, "GET 0, POST 5", 0},
		{"POST reset", "POST", "five5", resets, true, 504, "GET 0, POST 5", 0},
		{"POST of much reset", "POST", large, resets, true, 504, "GET 0, POST 1048576", 0},
		{"PATCH closed", "PATCH", "five5", closes, true, 504, "GET 0, PATCH 5", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := newFickle(t, func(conn net.Conn, nthConn, nth int) bool {
				if nth == 0 && (nthConn == 0 || c.anew) {
					return ok(conn)
				}
				c.second(conn)
				return false
			})
			b := start(t, stageOf(proxy("ANY", "/", f.url, nil)))
			if got := b.do("GET", "/prod", ""); got.status != 200 {
				t.Fatalf("first: %d %s", got.status, got.body)
			}
			if got := b.do(c.method, "/prod", c.body); got.status != c.status {
				t.Errorf("second: %d %s, want %d", got.status, got.body, c.status)
			}
			if f.seen() != c.seen {
				t.Errorf("the back end has seen %s, want %s", f.seen(), c.seen)
			}
			if n := b.gw.Metrics().UpstreamRetries; n != c.retried {
				t.Errorf("%d counted", n)
			}
		})
	}
}

// TestNoRetryAfterTheDeadline: a connection that closes when the time is up is a timeout.
func TestNoRetryAfterTheDeadline(t *testing.T) {
	t.Parallel()
	f := newFickle(t, func(conn net.Conn, _, nth int) bool {
		if nth == 0 {
			return ok(conn)
		}
		_, _ = conn.Read(make([]byte, 1)) // until the gateway gives up
		return false
	})
	route := proxy("GET", "/", f.url, nil)
	route.Integration.Timeout = 100 * time.Millisecond
	b := start(t, stageOf(route))
	for _, want := range []int{200, 504} {
		if got := b.do("GET", "/prod", ""); got.status != want {
			t.Errorf("%d %s, want %d", got.status, got.body, want)
		}
	}
	if f.seen() != "GET 0, GET 0" {
		t.Errorf("the back end has seen %s", f.seen())
	}
}

// TestPOSTAfterClose: a connection that the back end has closed, though it had not said so, is not used for what cannot be
// sent twice.
func TestPOSTAfterClose(t *testing.T) {
	t.Parallel()
	closed := make(chan struct{}, 10)
	f := newFickle(t, func(conn net.Conn, _, _ int) bool {
		ok(conn)
		conn.Close()
		closed <- struct{}{}
		return false
	})
	b := start(t, stageOf(proxy("POST", "/", f.url, nil)))
	for range 3 {
		if got := b.do("POST", "/prod", "once"); got.status != 200 {
			t.Errorf("%d %s", got.status, got.body)
		}
		<-closed
	}
	if f.seen() != "POST 4, POST 4, POST 4" {
		t.Errorf("the back end has seen %s", f.seen())
	}
}

// TestQueueOfABackEnd: beyond those under way and those in line, requests are answered 503 at once.
func TestQueueOfABackEnd(t *testing.T) {
	t.Parallel()
	called, end := make(chan struct{}, 8), make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		called <- struct{}{}
		<-end
	}))
	defer slow.Close()
	b := startWith(t, gateway.Config{UpstreamConns: 1, UpstreamQueue: 2}, stageOf(proxy("GET", "/", slow.URL, nil)))
	answers := make(chan answer, 3)
	for range 3 {
		go func() { answers <- b.do("GET", "/prod", "") }()
	}
	<-called
	for wait := time.Now().Add(10 * time.Second); b.gw.Metrics().UpstreamQueued < 2; time.Sleep(time.Millisecond) {
		if time.Now().After(wait) {
			t.Fatal("nobody waits")
		}
	}
	got := b.do("GET", "/prod", "")
	if got.status != 503 || got.body != `{"message":"Service Unavailable"}` || got.header.Get("x-amzn-ErrorType") != "ServiceUnavailableException" {
		t.Errorf("beyond the line: %d %s", got.status, got.body)
	}
	if m := b.gw.Metrics(); m.UpstreamShed != 1 || m.UpstreamRequests != 1 || m.UpstreamConns != 1 {
		t.Errorf("%+v", m)
	}
	close(end)
	for range 3 {
		if got := <-answers; got.status != 200 {
			t.Errorf("in line: %d %s", got.status, got.body)
		}
	}
	if lines := strings.Join(b.lines(group), "\n"); !strings.Contains(lines, "too many requests to the endpoint are under way") {
		t.Errorf("entries %s", lines)
	}
}

// TestBackEndIsDown: after some refused connections more are not tried for a moment; when the back end is there again it is
// called again, without anybody doing anything.
func TestBackEndIsDown(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := listener.Addr().String()
	listener.Close()
	b := start(t, stageOf(proxy("POST", "/", "http://"+addr, nil)))
	for range 20 {
		got := b.do("POST", "/prod", "x")
		if got.status != 504 || got.body != `{"message": "Network error communicating with endpoint"}` {
			t.Errorf("down: %d %s", got.status, got.body)
		}
	}
	if m := b.gw.Metrics(); m.UpstreamHeldOff == 0 || m.UpstreamsDown != 1 {
		t.Errorf("%+v", m)
	}
	listener, err = net.Listen("tcp", addr)
	if err != nil {
		t.Skipf("the port is taken by somebody else: %v", err)
	}
	s := &http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})}
	defer s.Close()
	go func() { _ = s.Serve(listener) }()
	again := time.Now()
	for b.do("POST", "/prod", "x").status != 200 {
		if time.Since(again) > 10*time.Second {
			t.Fatal("never called again")
		}
	}
	if m := b.gw.Metrics(); m.UpstreamsDown != 0 {
		t.Errorf("%+v", m)
	}
	if lines := strings.Join(b.lines(group), "\n"); !strings.Contains(lines, "The last connections to it could not be opened") {
		t.Errorf("entries %s", lines)
	}
}

// TestAnswersSayNothingOfHealth: a back end that fails, or is slow, is called all the same.
func TestAnswersSayNothingOfHealth(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			<-r.Context().Done()
		}
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer s.Close()
	slow := proxy("GET", "/slow", s.URL+"/slow", nil)
	slow.Integration.Timeout = 50 * time.Millisecond
	b := start(t, stageOf(slow, proxy("GET", "/", s.URL, nil)))
	for range 10 {
		if got := b.do("GET", "/prod", ""); got.status != 503 {
			t.Errorf("%d %s", got.status, got.body)
		}
		if got := b.do("GET", "/prod/slow", ""); got.body != `{"message": "Endpoint request timed out"}` {
			t.Errorf("%d %s", got.status, got.body)
		}
	}
	if m := b.gw.Metrics(); m.UpstreamHeldOff != 0 || m.UpstreamsDown != 0 {
		t.Errorf("%+v", m)
	}
}
