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

// waiting is a back end whose answers wait for release; called gets one for each request that has come.
func waiting(t *testing.T) (url string, called chan struct{}, release func()) {
	called = make(chan struct{}, 1000)
	open := make(chan struct{})
	url = backend(t, "", func(c net.Conn) {
		called <- struct{}{}
		<-open
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\ndone")
	})
	release = sync.OnceFunc(func() { close(open) })
	t.Cleanup(release)
	return url, called, release
}

// TestMaxRequests: what is beyond the requests that may be under way is answered 503 at once, on a connection that stays,
// and leaves its entry; when they have ended, everything is served again.
func TestMaxRequests(t *testing.T) {
	t.Parallel()
	const most = 4
	url, called, release := waiting(t)
	b := startWith(t, gateway.Config{MaxRequests: most}, stageOf(proxy("ANY", "/slow", url, nil), mock("ANY", "/mock", "ok")))
	var slow sync.WaitGroup
	for range most {
		slow.Go(func() {
			if got := b.do("GET", "/prod/slow", ""); got.status != 200 || got.body != "done" {
				t.Errorf("a request that was let in: %d %s", got.status, got.body)
			}
		})
	}
	for range most {
		<-called
	}
	conn := newTeller(b.dial())
	for _, request := range []string{"GET /prod/mock", "POST /prod/mock", "GET /prod/slow", "GET /prod/none"} {
		got := conn.tell(t, request, "a body")
		if got.status != 503 || got.body != `{"message":"Service Unavailable"}` || got.header.Get("x-amzn-ErrorType") != "ServiceUnavailableException" ||
			got.header.Get("x-amzn-RequestId") == "" {
			t.Errorf("%s beyond the limit: %+v", request, got)
		}
	}
	if got := conn.tell(t, "GET /nostage/x", ""); got.status != 403 {
		t.Errorf("a request for no stage: %+v", got)
	}
	release()
	slow.Wait()
	b.await("the requests have ended", func(m gateway.Metrics) bool { return m.InFlight == 0 })
	if got := conn.tell(t, "GET /prod/mock", ""); got.status != 200 {
		t.Errorf("afterwards: %+v", got)
	}
	if m := b.gw.Metrics(); m.Shed != 5 {
		t.Errorf("%+v", m)
	}
	lines := b.lines(group)
	if n := strings.Count(strings.Join(lines, ""), `"status":503,"length":33,"integration":"-","type":"-","message":"Service Unavailable"`); n != 4 || len(lines) != most+5 {
		t.Errorf("%d entries, of which %d say 503:\n%s", len(lines), n, strings.Join(lines, "\n"))
	}
}

// TestMaxRequestsConcurrent: under many clients never more than the limit are at the back end, and every answer is 200 or 503
// and has its entry.
func TestMaxRequestsConcurrent(t *testing.T) {
	t.Parallel()
	const most, clients, each = 8, 64, 20
	var mu sync.Mutex
	now, peak := 0, 0
	up := serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		mu.Lock()
		now++
		peak = max(peak, now)
		mu.Unlock()
		defer func() {
			mu.Lock()
			now--
			mu.Unlock()
		}()
		time.Sleep(time.Millisecond) // the work
	}))
	b := startWith(t, gateway.Config{MaxRequests: most}, stageOf(proxy("GET", "/x", up, nil)))
	var counts [2]int
	var all sync.WaitGroup
	for range clients {
		conn := newTeller(b.dial())
		all.Go(func() {
			for range each {
				got := conn.tell(t, "GET /prod/x", "")
				mu.Lock()
				switch got.status {
				case 200:
					counts[0]++
				case 503:
					counts[1]++
				default:
					t.Errorf("%+v", got)
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	m := b.gw.Metrics()
	if peak > most || counts[0] == 0 || counts[1] == 0 || m.Shed != uint64(counts[1]) {
		t.Errorf("%d at the back end at once, %d answers 200, %d answers 503, %d counted", peak, counts[0], counts[1], m.Shed)
	}
	if n := len(b.lines(group)); n != clients*each {
		t.Errorf("%d entries for %d answers", n, clients*each)
	}
}

// TestMaxBodyBytes: requests and responses whose bodies have no room are answered 503; small ones are served meanwhile, and
// large ones afterwards.
func TestMaxBodyBytes(t *testing.T) {
	t.Parallel()
	const large = 600 << 10
	payload := strings.Repeat("x", large)
	url, called, release := waiting(t)
	giving := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("chunked") {
			w.(http.Flusher).Flush()
		}
		_, _ = io.WriteString(w, payload)
	}))
	b := startWith(t, gateway.Config{MaxBodyBytes: 3 << 19},
		stageOf(proxy("POST", "/hold", url, nil), proxy("GET", "/large", giving, nil), mock("ANY", "/mock", "ok")))
	if got := b.do("GET", "/prod/large", ""); got.status != 200 || len(got.body) != large {
		t.Errorf("a large response: %d, %d bytes", got.status, len(got.body))
	}
	free := func(m gateway.Metrics) bool { return m.BodyBytes == 0 }
	b.await("the memory is free", free)
	var held sync.WaitGroup
	for range 2 { // each takes its size or a little more, since buffers grow by and by
		held.Go(func() {
			if got := b.do("POST", "/prod/hold", payload); got.status != 200 {
				t.Errorf("a request that had room: %d %s", got.status, got.body)
			}
		})
		<-called
	}
	if got := b.do("POST", "/prod/mock", "small"); got.status != 200 {
		t.Errorf("a small body: %d", got.status)
	}
	if got := b.do("GET", "/prod/large", ""); got.status != 503 {
		t.Errorf("a large response without room: %d", got.status)
	}
	if got := b.do("GET", "/prod/large?chunked", ""); got.status != 503 {
		t.Errorf("a large response of unknown length without room: %d", got.status)
	}
	got := sendBody(t, b.addr, "POST /prod/mock HTTP/1.1\r\nHost: a1b2c3d4e5.execute-api.x\r\n", 512<<10, true)
	if got.status != 503 || got.header.Get("Connection") != "close" {
		t.Errorf("a large request without room: %+v", got)
	}
	release()
	held.Wait()
	b.await("the memory is free again", free)
	if got := b.do("POST", "/prod/mock", payload); got.status != 200 {
		t.Errorf("afterwards: %d %s", got.status, got.body)
	}
	if n := b.gw.Metrics().ShedBodies; n != 3 {
		t.Errorf("%d were shed", n)
	}
	b.await("the memory is free at the end", free)
	if n := strings.Count(strings.Join(b.lines(group), ""), `"status":503`); n != 3 {
		t.Errorf("%d entries say 503", n)
	}
}

// await waits until the gateway's metrics are as they should become. There is nothing else to wait on.
func (b *bench) await(what string, ok func(gateway.Metrics) bool) {
	b.t.Helper()
	for begin := time.Now(); !ok(b.gw.Metrics()); time.Sleep(time.Millisecond) {
		if time.Since(begin) > 10*time.Second {
			b.t.Fatalf("not so: %s: %+v", what, b.gw.Metrics())
		}
	}
}

// serve runs a back end.
func serve(t *testing.T, h http.Handler) string {
	s := httptest.NewServer(h)
	t.Cleanup(func() {
		s.CloseClientConnections() // whatever became of them
		s.Close()
	})
	return s.URL
}

// teller sends requests on one connection, one after the other.
type teller struct {
	conn   net.Conn
	reader *bufio.Reader
}

func newTeller(conn net.Conn) *teller { return &teller{conn, bufio.NewReader(conn)} }

// tell sends a request, which begins with a method and a path, and reads its answer.
func (c *teller) tell(t *testing.T, request, body string) answer {
	t.Helper()
	if _, err := fmt.Fprintf(c.conn, "%s HTTP/1.1\r\nHost: a1b2c3d4e5.execute-api.x\r\nContent-Length: %d\r\n\r\n%s", request, len(body), body); err != nil {
		t.Errorf("%s: %v", request, err)
		return answer{header: http.Header{}}
	}
	return readAnswer(t, c.reader)
}
