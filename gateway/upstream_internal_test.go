package gateway

import (
	"context"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

func testLimiter(most, line int) (*limiter, context.CancelFunc) {
	stop, cancel := context.WithCancel(context.Background())
	return &limiter{most: int64(most), line: line, shed: new(atomic.Uint64), stop: stop}, cancel
}

// waitFor polls until what is awaited holds.
func waitFor(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !ok(); time.Sleep(100 * time.Microsecond) {
		if time.Now().After(end) {
			t.Fatalf("%s does not happen", what)
		}
	}
}

// TestLimiterOrder: who waits longest enters first, nobody overtakes, and who finds the line full waits not at all.
func TestLimiterOrder(t *testing.T) {
	t.Parallel()
	l, cancel := testLimiter(1, 5)
	defer cancel()
	if !l.tryEnter() {
		t.Fatal("the first does not enter")
	}
	deadline := time.Now().Add(10 * time.Second)
	order := make(chan int, 5)
	for i := range 5 {
		go func() {
			if err := l.enter(deadline); err == nil {
				order <- i
			}
		}()
		waitFor(t, "standing in line", func() bool { return l.ahead.Load() == int64(i+1) })
	}
	if err := l.enter(deadline); err != errOverloaded || l.shed.Load() != 1 {
		t.Errorf("behind a full line: %v, %d counted", err, l.shed.Load())
	}
	for i := range 5 {
		if l.tryEnter() {
			t.Error("one has overtaken those who wait")
		}
		l.leave()
		if got := <-order; got != i {
			t.Errorf("number %d enters, want %d", got, i)
		}
	}
	l.leave()
	if !l.tryEnter() || l.tryEnter() {
		t.Error("not one place is free")
	}
}

// TestLimiterGivesUp: who leaves the line early takes no place with him.
func TestLimiterGivesUp(t *testing.T) {
	t.Parallel()
	l, cancel := testLimiter(1, 2)
	l.tryEnter()
	if err := l.enter(time.Now()); err != errTimeout {
		t.Errorf("past the deadline: %v", err)
	}
	stopped := make(chan *Error)
	go func() { stopped <- l.enter(time.Now().Add(time.Minute)) }()
	waitFor(t, "standing in line", func() bool { return l.ahead.Load() == 1 })
	cancel()
	if err := <-stopped; err != errStopping {
		t.Errorf("stopped: %v", err)
	}
	if l.leave(); l.busy.Load() != 0 || l.ahead.Load() != 0 || !l.tryEnter() {
		t.Errorf("%d under way, %d in line", l.busy.Load(), l.ahead.Load())
	}
}

// TestLimiterHolds: whoever calls, and however they mix, there are never more under way than may be, and none is forgotten.
func TestLimiterHolds(t *testing.T) {
	t.Parallel()
	l, cancel := testLimiter(3, 1000)
	defer cancel()
	var now, most atomic.Int64
	work := func() {
		if n := now.Add(1); n > most.Load() {
			most.Store(n)
		}
		now.Add(-1)
		l.leave()
	}
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			for n := range 300 {
				switch {
				case i%4 == 0:
					if l.tryEnter() {
						work()
					}
				case l.enter(time.Now().Add(time.Duration(n%3)*20*time.Second)) == nil:
					work()
				}
			}
		})
	}
	all.Wait()
	if most.Load() > 3 || l.busy.Load() != 0 || l.ahead.Load() != 0 {
		t.Errorf("%d at most, %d left, %d in line", most.Load(), l.busy.Load(), l.ahead.Load())
	}
}

// steps plays attempts: "x" one that fails, "o" one that succeeds, "-" one that is held off; each that is let through is
// reported at once. A number of spaces lets that many tenths of a second pass.
func steps(h *health, script string) (played string) {
	for _, c := range script {
		if c == ' ' {
			h.began = h.began.Add(-100 * time.Millisecond)
			played += " "
			continue
		}
		if h.allow() != nil {
			played += "-"
			continue
		}
		h.report(c == 'x')
		played += string(c)
	}
	return played
}

func TestHealth(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, script, want string }{
		{"healthy", "oooooooooo", "oooooooooo"},
		{"failures not in a row", "xxxxoxxxxoxxxx", "xxxxoxxxxoxxxx"},
		{"held off after five", "xxxxxxxx", "xxxxx---"},
		{"one probe, and all again", "xxxxxo oooo", "xxxxx- oooo"},
		{"probes that fail", "xxxxxx xx xx oo", "xxxxx- x- x- oo"},
		{"five are needed again", "xxxxx oxxxxxx", "xxxxx oxxxxx-"},
	} {
		h := &health{began: time.Now(), heldOff: new(atomic.Uint64)}
		if got := steps(h, c.script); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestHealthProbes: while a probe waits no other goes, unless it takes long.
func TestHealthProbes(t *testing.T) {
	t.Parallel()
	h := &health{began: time.Now(), heldOff: new(atomic.Uint64)}
	steps(h, "xxxxx ")
	if h.allow() != nil || h.allow() != errHeldOff || !h.down() {
		t.Error("not one probe")
	}
	h.began = h.began.Add(-probeTime)
	if h.allow() != nil || h.allow() != errHeldOff || h.heldOff.Load() != 2 {
		t.Errorf("not one probe after a silent one; %d held off", h.heldOff.Load())
	}
	if h.report(false); h.down() || h.allow() != nil || h.allow() != nil {
		t.Error("held off after a success")
	}
}

func TestHealthIsCheap(t *testing.T) {
	h := &health{began: time.Now(), heldOff: new(atomic.Uint64)}
	l, cancel := testLimiter(1, 1)
	defer cancel()
	once := func() {
		if l.tryEnter() && h.allow() == nil {
			h.report(false)
			l.leave()
		}
	}
	down := func() { _ = h.allow() }
	if n := testing.AllocsPerRun(100, once); n != 0 {
		t.Errorf("%v allocations", n)
	}
	steps(h, "xxxxx")
	if n := testing.AllocsPerRun(100, down); n != 0 {
		t.Errorf("%v allocations when it is down", n)
	}
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	dial := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }
	var got []bool
	for _, c := range []struct {
		err  error
		took time.Duration
	}{
		{dial(syscall.ECONNREFUSED), 0}, {dial(syscall.EHOSTUNREACH), 0}, {dial(&net.DNSError{IsNotFound: true}), 0},
		{dial(context.DeadlineExceeded), 2 * time.Second},
		{dial(context.DeadlineExceeded), 10 * time.Millisecond}, {dial(syscall.EMFILE), 0}, {dial(syscall.EADDRNOTAVAIL), 0},
		{dial(context.Canceled), time.Minute},
	} {
		got = append(got, unreachable(c.err, c.took))
	}
	if want := []bool{true, true, true, true, false, false, false, false}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// brokenConn takes nothing.
type brokenConn struct{ net.Conn }

func (brokenConn) Write([]byte) (int, error)   { return 0, &net.OpError{Op: "write", Err: syscall.EPIPE} }
func (brokenConn) SetDeadline(time.Time) error { return nil }
func (brokenConn) Close() error                { return nil }
func (brokenConn) Read(b []byte) (int, error) { // what a server says that closes an idle connection
	return copy(b, "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"), nil
}

// TestUnsentIsRepeated: a request of which the connection did not take a byte is sent on another one, whatever its method;
// and what that connection says is no answer to it.
func TestUnsentIsRepeated(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		_, _ = conn.Read(make([]byte, 1000))
		_, _ = conn.Write([]byte("HTTP/1.1 201 Created\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"))
		conn.Close()
	}()
	counters := new(upstreamCounters)
	u := newUpstream(upstreamKey{addr: listener.Addr().String()}, nil,
		upstreamSettings{stop: context.Background(), conns: 1, line: 1, counters: counters})
	broken := &upstreamConn{Conn: brokenConn{}, sent: make(chan written, 1), idleSince: time.Now()}
	broken.used.Store(true)
	u.open[broken], u.idle = true, []*upstreamConn{broken}
	c := &upstreamCall{method: "POST", head: []byte("POST / HTTP/1.1\r\nHost: x\r\n")}
	c.setBody([]byte("once"), true)
	if err := u.do(c, time.Now().Add(10*time.Second)); err != nil || c.resp.status != 201 || counters.retried.Load() != 1 {
		t.Errorf("%v, status %d, %d retried", err, c.resp.status, counters.retried.Load())
	}
	if u.conns() != 0 || u.busy.Load() != 0 {
		t.Errorf("%d connections, %d requests left", u.conns(), u.busy.Load())
	}
}
