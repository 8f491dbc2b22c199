package gateway

import (
	"bufio"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"net"
	"slices"
	"sync"
	"time"
)

// upstreamKey tells back ends apart.
type upstreamKey struct {
	tls      bool
	insecure bool   // do not verify the certificate
	host     string // for TLS
	addr     string // host:port
	// certificate is the hash of the one that the gateway shows; zero: none.
	certificate [sha256.Size]byte
}

// upstream holds the connections to one back end. Connections are kept alive between requests and used last in, first
// out; there are never more than cap(slots). What one back end does holds up requests for no other.
type upstream struct {
	key   upstreamKey
	tls   *tls.Config
	stop  context.Context // done when requests under way are given up
	users int             // integrations of served tables; guarded by Gateway.mu
	// lasting: authorizers use it, which count as one user for good. Guarded by Gateway.mu.
	lasting bool

	slots chan struct{} // holds one for each connection, open or being opened

	mu      sync.Mutex
	open    map[*upstreamConn]bool
	idle    []*upstreamConn // the last was used last
	waiting []chan *upstreamConn
	closed  bool
}

type upstreamConn struct {
	net.Conn
	reader    *bufio.Reader
	sent      chan error // of capacity one: how writing a request has ended
	deadline  lateDeadline
	idleSince time.Time
	used      bool // has carried a request before
}

// upstreamBuffer bounds the head of a response, and is held by each open connection.
const upstreamBuffer = 16 << 10

func newUpstream(stop context.Context, key upstreamKey, conf *tls.Config, conns int) *upstream {
	return &upstream{key: key, tls: conf, stop: stop, slots: make(chan struct{}, conns), open: map[*upstreamConn]bool{}}
}

// acquire takes an idle connection or opens one, which fresh demands. If as many are open as may be, it waits for one
// until the deadline.
func (u *upstream) acquire(deadline time.Time, fresh bool) (*upstreamConn, *Error) {
	if !fresh {
		if c := u.takeIdle(); c != nil {
			return c, nil
		}
	}
	select {
	case u.slots <- struct{}{}:
	default:
		if c, err := u.wait(deadline); c != nil || err != nil {
			return c, err
		}
	}
	c, err := u.dial(deadline)
	if err != nil {
		<-u.slots
		return nil, dialFailure(err)
	}
	return c, nil
}

// takeIdle returns the connection that was used last. One that has been idle for long may have been closed by the back
// end, so that is looked at first.
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
		if time.Since(c.idleSince) < time.Second {
			return c
		}
		c.deadline = lateDeadline{} // alive takes it away
		if alive(c.Conn) {
			return c
		}
		u.drop(c)
	}
}

// wait stands in line until another request is done with its connection, or a slot is free: then it returns nil.
func (u *upstream) wait(deadline time.Time) (*upstreamConn, *Error) {
	turn := make(chan *upstreamConn, 1)
	u.mu.Lock()
	u.waiting = append(u.waiting, turn)
	u.mu.Unlock()
	defer u.leave(turn)
	timer := time.NewTimer(time.Until(deadline))
	defer timer.Stop()
	select {
	case c := <-turn:
		return c, nil
	case u.slots <- struct{}{}:
		return nil, nil
	case <-timer.C:
		return nil, errTimeout
	case <-u.stop.Done():
		return nil, errStopping
	}
}

// leave takes a request out of the line. A connection that it was given at the last moment goes to the next.
func (u *upstream) leave(turn chan *upstreamConn) {
	u.mu.Lock()
	if i := slices.Index(u.waiting, turn); i >= 0 {
		u.waiting = slices.Delete(u.waiting, i, i+1)
	}
	u.mu.Unlock()
	select {
	case c := <-turn:
		u.release(c)
	default:
	}
}

func (u *upstream) dial(deadline time.Time) (*upstreamConn, error) {
	ctx, cancel := context.WithDeadline(u.stop, deadline)
	defer cancel()
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", u.key.addr)
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
	c := &upstreamConn{Conn: conn, reader: bufio.NewReaderSize(conn, upstreamBuffer), sent: make(chan error, 1)}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.open[c] = true
	return c, nil
}

// release gives a connection to the request that waits longest, or keeps it for the next.
func (u *upstream) release(c *upstreamConn) {
	c.used = true
	c.idleSince = time.Now()
	u.mu.Lock()
	closed := u.closed
	switch {
	case closed:
	case len(u.waiting) > 0:
		u.waiting[0] <- c
		u.waiting = slices.Delete(u.waiting, 0, 1)
	default:
		u.idle = append(u.idle, c)
	}
	u.mu.Unlock()
	if closed {
		u.drop(c)
	}
}

// drop closes a connection and frees its slot.
func (u *upstream) drop(c *upstreamConn) {
	c.Close()
	u.mu.Lock()
	delete(u.open, c)
	u.mu.Unlock()
	<-u.slots
}

// abort closes the connections under the requests that use them, and returns how many those are.
func (u *upstream) abort() (n int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for c := range u.open {
		conn := c.Conn
		if secure, ok := conn.(*tls.Conn); ok {
			conn = secure.NetConn() // without a last word
		}
		conn.Close()
	}
	return len(u.open) - len(u.idle)
}

// closeBefore closes the connections that have been idle since before t.
func (u *upstream) closeBefore(t time.Time) {
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
	u.mu.Unlock()
	for _, c := range idle {
		u.drop(c)
	}
}
