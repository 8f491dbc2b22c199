package gateway_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/tollbook/tollbook/gateway"
)

// slowLimits are short, so that a test sees them pass, and so far apart that it sees which one it was.
var slowLimits = gateway.Config{
	HeaderTimeout: 300 * time.Millisecond, ReadTimeout: 4 * time.Second, WriteTimeout: time.Second, IdleTimeout: time.Second,
}

// slowSlack is how much later than its limit a slow client may be cut, on a machine that has much else to do.
const slowSlack = 3 * time.Second

// slowClient is one way to hold a connection for as long as the server lets one.
type slowClient struct {
	name  string
	count int
	first string // sent at once
	drip  string // sent byte by byte, again and again
	limit time.Duration
	want  string // what it is told before it is cut, at the beginning; empty: nothing, or that it took too long
	goOn  bool   // it goes on sending when it was told
}

func slowClients() []slowClient {
	const head = "POST /prod/mock HTTP/1.1\r\nHost: a1b2c3d4e5.execute-api.x\r\n"
	return []slowClient{
		{name: "request line", count: 100, drip: "A", limit: slowLimits.HeaderTimeout, want: "HTTP/1.1 408 "},
		{name: "head", count: 100, first: head, drip: "X-A: b\r\n", limit: slowLimits.HeaderTimeout, want: "HTTP/1.1 408 "},
		{name: "body", count: 100, first: head + "Content-Length: 100000\r\n\r\n", drip: "x", limit: slowLimits.ReadTimeout, want: "HTTP/1.1 408 "},
		{name: "chunks", count: 50, first: head + "Transfer-Encoding: chunked\r\n\r\n", drip: "1\r\nx\r\n", limit: slowLimits.ReadTimeout, want: "HTTP/1.1 408 "},
		{name: "stopped body", count: 50, first: head + "Content-Length: 100000\r\n\r\nxxx", limit: slowLimits.ReadTimeout, want: "HTTP/1.1 408 "},
		{name: "behind a refusal", count: 50, first: head + "Content-Length: 20000000\r\n\r\n", drip: "x", limit: slowLimits.ReadTimeout,
			want: "HTTP/1.1 413 ", goOn: true},
		{name: "silence", count: 50, limit: slowLimits.ReadTimeout},
		{name: "silence after a request", count: 50, first: head + "Content-Length: 0\r\n\r\n", limit: slowLimits.IdleTimeout, want: "HTTP/1.1 200 "},
	}
}

// TestSlowClients: some five hundred connections of clients that send or read as slowly as they can are cut in time, and are
// told so where a request had begun; meanwhile others are served as usual.
func TestSlowClients(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("x", 8<<20)
	up := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, large) }))
	b := startWith(t, slowLimits, stageOf(mock("ANY", "/mock", "ok"), proxy("GET", "/large", up, nil)))
	ctx, stop := context.WithCancel(t.Context())
	var slow, healthy sync.WaitGroup
	served := b.keepAsking(ctx, &healthy)
	for range 8 { // that never read: the test sees that the gateway has closed them
		if _, err := io.WriteString(b.dialSmall(), "GET /prod/large HTTP/1.1\r\nHost: a1b2c3d4e5.execute-api.x\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range slowClients() {
		for range c.count {
			conn := b.dial()
			slow.Go(func() { c.hold(t, conn) })
		}
	}
	slow.Wait()
	stop()
	healthy.Wait()
	if served.Load() < 100 {
		t.Errorf("%d requests of others were served", served.Load())
	}
	b.await("every slow client is gone", func(m gateway.Metrics) bool { return m.Connections == 0 && m.InFlight == 0 && m.BodyBytes == 0 })
}

// keepAsking has a few clients ask as usual until ctx ends.
func (b *bench) keepAsking(ctx context.Context, all *sync.WaitGroup) *atomic.Int64 {
	served := new(atomic.Int64)
	for range 4 {
		all.Go(func() {
			for ctx.Err() == nil {
				conn := b.dial() // a new one each time: its kind is what slow clients may use up
				begin := time.Now()
				got := newTeller(conn).tell(b.t.(*testing.T), "POST /prod/mock", "a body")
				if took := time.Since(begin); got.status != 200 || took > slowSlack {
					b.t.Errorf("a usual request was answered %d after %v", got.status, took)
				}
				conn.Close()
				served.Add(1)
			}
		})
	}
	return served
}

// dialSmall opens a connection that buffers little of what is not read.
func (b *bench) dialSmall() net.Conn {
	b.t.Helper()
	d := net.Dialer{Control: func(_, _ string, c syscall.RawConn) error {
		return c.Control(func(fd uintptr) { _ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 4<<10) })
	}}
	conn, err := d.Dial("tcp", b.addr)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { conn.Close() })
	return conn
}

// hold holds a connection until it is cut.
func (c slowClient) hold(t *testing.T, conn net.Conn) {
	defer conn.Close()
	begin := time.Now()
	if err := conn.SetDeadline(begin.Add(c.limit + slowSlack)); err != nil {
		t.Error(err)
		return
	}
	_, err := io.WriteString(conn, c.first)
	if err != nil {
		t.Errorf("%s: %v", c.name, err)
	}
	cut, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		c.trickle(conn, cut)
	}()
	got, err := io.ReadAll(conn)
	if !c.goOn {
		close(cut)
	}
	<-ended
	if c.goOn && time.Since(begin) > c.limit+slowSlack {
		t.Errorf("%s: could send on for %v", c.name, time.Since(begin))
	}
	if err, ok := err.(net.Error); ok && err.Timeout() {
		t.Errorf("%s: not cut %v after its limit", c.name, slowSlack)
	}
	if told := string(got); c.want != "" && !strings.HasPrefix(told, c.want) || c.want == "" && told != "" && !strings.HasPrefix(told, "HTTP/1.1 408 ") {
		t.Errorf("%s: was told %.100q", c.name, got)
	}
}

// trickle sends a byte now and then, until the connection is cut.
func (c slowClient) trickle(conn net.Conn, cut chan struct{}) {
	if c.drip == "" {
		return
	}
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for i := 0; ; i++ {
		select {
		case <-cut:
			return
		case <-ticker.C:
			if _, err := fmt.Fprint(conn, c.drip[i%len(c.drip):i%len(c.drip)+1]); err != nil {
				return
			}
		}
	}
}
