package gateway

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// upstreamKey tells back ends apart.
type upstreamKey struct {
	tls      bool
	insecure bool   // do not verify the certificate
	http2    bool   // offer HTTP/2
	host     string // for TLS
	addr     string // host:port
	// certificate is the hash of the one that the gateway shows; zero: none.
	certificate [sha256.Size]byte
}

// upstream is one back end: the limit of requests to it, what is known of its health, and a pool of connections. Those are
// kept alive between requests and used last in, first out. What one back end does holds up requests for no other.
//
// do calls it and waits. An event loop with connections of its own shares the limit (tryEnter, leave) and what is known
// (allow, report), and leaves the pool alone.
type upstream struct {
	limiter
	_ [64]byte // what every request writes is apart from what every request reads
	health

	key   upstreamKey
	tls   *tls.Config
	users int // integrations of served tables; guarded by Gateway.mu
	// lasting: authorizers use it, which count as one user for good. Guarded by Gateway.mu.
	lasting bool

	retried *atomic.Uint64
	onLoops atomic.Int64 // connections that event loops have
	http2   *http2Conns  // nil: it is not offered

	mu     sync.Mutex
	open   map[*upstreamConn]bool
	idle   []*upstreamConn // the last was used last
	closed bool
}

// upstreamSettings are the same for all back ends of a gateway.
type upstreamSettings struct {
	stop        context.Context
	conns, line int // requests under way and waiting at most
	idle        time.Duration
	counters    *upstreamCounters
}

// upstreamCounters count over all back ends.
type upstreamCounters struct {
	shed    atomic.Uint64 // requests that found the line full
	heldOff atomic.Uint64 // connections not even tried
	retried atomic.Uint64 // requests sent once more
}

type upstreamConn struct {
	net.Conn
	sent      chan written // of capacity one
	deadline  lateDeadline
	idleSince time.Time
	used      atomic.Bool      // has carried a request before
	http2     *http.ClientConn // nil: HTTP/1.1; else many requests share it
}

// upstreamBuffer is the size of body up to which a request is written at once.
const upstreamBuffer = 16 << 10

func newUpstream(key upstreamKey, conf *tls.Config, with upstreamSettings) *upstream {
	u := &upstream{key: key, tls: conf, retried: &with.counters.retried, open: map[*upstreamConn]bool{}}
	u.limiter.most, u.limiter.line = int64(with.conns), with.line
	u.limiter.stop, u.limiter.shed = with.stop, &with.counters.shed
	u.health.began, u.health.heldOff = time.Now(), &with.counters.heldOff
	if key.http2 {
		u.http2 = newHTTP2Conns(with.idle)
	}
	return u
}

// acquire takes a connection that is open, if no attempt has failed on one already, or opens one. The caller has entered.
func (u *upstream) acquire(deadline time.Time, failed *upstreamConn) (*upstreamConn, *Error) {
	if u.http2 != nil {
		if c := u.takeStream(failed); c != nil {
			return c, nil
		}
	}
	if failed == nil {
		if c := u.takeIdle(); c != nil {
			return c, nil
		}
	}
	if u.http2 != nil && !u.http2.declined.Load() {
		return u.openShared(deadline, failed)
	}
	return u.openOne(deadline)
}

func (u *upstream) openOne(deadline time.Time) (*upstreamConn, *Error) {
	if err := u.allow(); err != nil {
		return nil, err
	}
	c, err := u.dial(deadline)
	if err != nil {
		return nil, dialFailure(err)
	}
	return c, nil
}

// takeIdle returns the connection that was used last. Each is looked at first: the back end may have closed it, or have sent
// something that nobody asked for, which must not become the answer to this request.
func (u *upstream) takeIdle() *upstreamConn {
	for {
		u.mu.Lock()
		n := len(u.idle)
		if n == 0 {
			u.mu.Unlock()
			return nil
		}
		c := u.idle[n-1]
		u.idle[n-1] = nil
		u.idle = u.idle[:n-1]
		u.mu.Unlock()
		c.deadline = lateDeadline{} // alive takes it away
		if alive(c.Conn) {
			return c
		}
		u.drop(c)
	}
}

func (u *upstream) dial(deadline time.Time) (*upstreamConn, error) {
	ctx, cancel := context.WithDeadline(u.stop, deadline)
	defer cancel()
	conn, err := u.connect(ctx)
	if err != nil {
		return nil, err
	}
	if u.tls != nil {
		secure := tls.Client(conn, u.tls)
		if err := secure.HandshakeContext(ctx); err != nil {
			conn.Close()
			return nil, err
		}
		conn = secure
	}
	c := &upstreamConn{Conn: conn, sent: make(chan written, 1)}
	u.mu.Lock()
	u.open[c] = true
	u.mu.Unlock()
	if u.http2 != nil {
		if err := u.addStreams(c); err != nil {
			u.drop(c)
			return nil, err
		}
	}
	return c, nil
}

// connect opens a TCP connection, to the first address of the back end's name that takes one, and reports on it.
func (u *upstream) connect(ctx context.Context) (net.Conn, error) {
	var d net.Dialer
	begin := time.Now()
	conn, err := d.DialContext(ctx, "tcp", u.key.addr)
	switch {
	case err == nil:
		u.report(false)
	case unreachable(err, time.Since(begin)):
		u.report(true)
	}
	return conn, err
}

// finish is called when a request on a connection has ended. keep: another can follow.
func (u *upstream) finish(c *upstreamConn, keep bool) {
	switch {
	case c.http2 != nil:
		u.leaveStream(c)
	case keep:
		u.release(c)
	default:
		u.drop(c)
	}
}

// release keeps a connection for the next request.
func (u *upstream) release(c *upstreamConn) {
	c.used.Store(true)
	c.idleSince = time.Now()
	u.mu.Lock()
	closed := u.closed
	if !closed {
		u.idle = append(u.idle, c)
	}
	u.mu.Unlock()
	if closed {
		u.drop(c)
	}
}

func (u *upstream) drop(c *upstreamConn) {
	c.Close()
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.open, c)
}

// conns returns how many connections are open.
func (u *upstream) conns() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return len(u.open) + int(u.onLoops.Load())
}

// abort closes the connections under the requests that use them.
func (u *upstream) abort() {
	u.mu.Lock()
	defer u.mu.Unlock()
	for c := range u.open {
		conn := c.Conn
		if secure, ok := conn.(*tls.Conn); ok {
			conn = secure.NetConn() // without a last word
		}
		conn.Close()
	}
}

// closeBefore closes the connections that have been idle since before t. net/http does so with those of HTTP/2, which are
// only forgotten here.
func (u *upstream) closeBefore(t time.Time) {
	if u.http2 != nil {
		if c := u.takeStream(nil); c != nil {
			c.http2.Release()
		}
	}
	u.mu.Lock()
	n := 0
	for n < len(u.idle) && u.idle[n].idleSince.Before(t) {
		n++
	}
	old := slices.Clone(u.idle[:n])
	u.idle = slices.Delete(u.idle, 0, n)
	u.mu.Unlock()
	for _, c := range old {
		u.drop(c)
	}
}

// close closes the idle connections; those in use follow when their requests end.
func (u *upstream) close() {
	u.mu.Lock()
	idle := u.idle
	u.idle, u.closed = nil, true
	if u.http2 != nil {
		for _, c := range u.http2.list {
			if c.http2.InFlight() == 0 {
				idle = append(idle, c)
			}
		}
	}
	u.mu.Unlock()
	for _, c := range idle {
		u.drop(c)
	}
}
