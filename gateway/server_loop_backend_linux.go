package gateway

import (
	"context"
	"net"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tollbook/tollbook/gateway/eventloop"
)

// backends are a loop's connections to one back end that are idle; the last was used last.
type backends struct {
	u    *upstream
	idle []*backend
}

// backend is a connection to a back end on an event loop. It is of one loop, so that a request need not leave it.
type backend struct {
	l     *serverLoop
	pool  *backends
	fd    int
	timer eventloop.Timer

	c        *loopClient // whose request is under way; nil: it is idle
	place    int         // in the loop's calls
	deadline time.Time
	rest     [2][]byte // of the request, still to be sent
	unsent   bool      // not a byte of it has been
	used     bool      // has carried a request before
	ended    bool      // there is an end to be read
	closed   bool
}

// maxOnLoop is the largest body that is looked into on a loop.
const maxOnLoop = 64 << 10

// mayWait reports whether a request may have to wait for something else than a plain back end, or takes so long by itself that
// others should not wait for it.
func (x *exchange) mayWait() bool {
	rt := x.route
	i := rt.integration
	switch {
	case rt.needsAsking(), rt.caching != nil && x.table.cache != nil:
		return true
	case x.table.compressFrom >= 0, len(x.body) > maxOnLoop && (rt.validator != nil || i.kind != kindHTTPProxy):
		return true
	case i.problem != nil || i.kind == kindMock:
		return false
	}
	return (i.kind != kindHTTP && i.kind != kindHTTPProxy) || i.upstream == nil || i.upstream.key.tls
}

// call sends the request's call to its back end.
func (c *loopClient) call() {
	x := c.x
	u := x.calling.upstream
	if !u.tryEnter() {
		c.l.later(func() { // there is a line to stand in
			x.conclude(x.attempt(func(x *exchange) *Error { return x.callNow(x.calling, x.then) }))
			x.record(true)
		}, c.comeBack)
		return
	}
	x.beginOfCall(x.calling)
	pool := c.l.pools[u]
	if pool == nil {
		pool = &backends{u: u}
		c.l.pools[u] = pool
	}
	if b := pool.take(); b != nil {
		b.send(c)
		return
	}
	c.dial(pool)
}

// take takes the connection that was used last. It must be open and silent: what has come on it unasked would be taken for the
// answer. No event need have told of that yet.
func (p *backends) take() *backend {
	for {
		n := len(p.idle)
		if n == 0 {
			return nil
		}
		b := p.idle[n-1]
		p.idle[n-1] = nil
		p.idle = p.idle[:n-1]
		if eventloop.Silent(b.fd) {
			return b
		}
		b.close()
	}
}

// dial opens a connection for the client's call.
func (c *loopClient) dial(pool *backends) {
	u := pool.u
	deadline := c.x.called.Add(c.x.calling.timeout)
	if err := u.allow(); err != nil {
		c.endCall(u, err)
		return
	}
	fd, failure := -1, (*Error)(nil)
	c.l.later(func() { fd, failure = u.dialSocket(deadline) }, func() {
		if failure != nil {
			c.endCall(u, failure)
			return
		}
		b := &backend{l: c.l, pool: pool, fd: fd}
		b.timer.Expired = b.expired
		if err := c.l.Add(fd, b); err != nil {
			unix.Close(fd)
			c.endCall(u, errNetwork.because(networkText))
			return
		}
		u.onLoops.Add(1)
		b.send(c)
	})
}

// dialSocket opens a plain connection that no poller of Go's watches.
func (u *upstream) dialSocket(deadline time.Time) (int, *Error) {
	ctx, cancel := context.WithDeadline(u.stop, deadline)
	defer cancel()
	conn, err := u.connect(ctx)
	if err != nil {
		return -1, dialFailure(err)
	}
	defer conn.Close()
	fd := -1
	raw, err := conn.(*net.TCPConn).SyscallConn()
	if err == nil {
		err = raw.Control(func(s uintptr) { fd, err = unix.FcntlInt(s, unix.F_DUPFD_CLOEXEC, 0) })
	}
	if err != nil || fd < 0 {
		return -1, errNetwork.because(networkText)
	}
	return fd, nil
}

// endCall ends a call, whatever has become of it.
func (c *loopClient) endCall(u *upstream, err *Error) {
	u.leave()
	c.called(err)
	c.run()
}

// send sends the client's request. What does not fit into the socket follows.
func (b *backend) send(c *loopClient) {
	call := c.x.call
	b.c, b.unsent = c, true
	b.deadline = c.x.called.Add(c.x.calling.timeout)
	b.place = len(b.l.calls)
	b.l.calls = append(b.l.calls, b)
	b.l.SetTimer(&b.timer, b.deadline)
	call.in.reset()
	b.rest = [2][]byte{call.head, call.body}
	if len(call.body) <= upstreamBuffer {
		call.head = append(call.head, call.body...)
		b.rest = [2][]byte{call.head}
		call.head = call.head[:len(call.head)-len(call.body)]
	}
	b.flush()
}

// sending reports whether a part of the request is still to be sent.
func (b *backend) sending() bool { return len(b.rest[0])+len(b.rest[1]) > 0 }

func (b *backend) flush() {
	for i := range b.rest {
		for len(b.rest[i]) > 0 {
			n, err := eventloop.Write(b.fd, b.rest[i])
			switch {
			case err == nil:
				b.unsent = false
				b.rest[i] = b.rest[i][n:]
			case eventloop.Wait(err):
				return
			case b.unsent: // what can be read now is no answer to this request
				b.end(err)
				return
			default: // an answer may have come all the same
				b.rest, b.ended = [2][]byte{}, true
				return
			}
		}
	}
}

// Ready goes on with what an event allows.
func (b *backend) Ready(e eventloop.Events) {
	if b.closed {
		return
	}
	b.ended = b.ended || e.Ended()
	if b.c == nil {
		if e.Readable() && !eventloop.Silent(b.fd) {
			b.retire()
		}
		return
	}
	if b.sending() && e.Writable() {
		if b.flush(); b.c == nil {
			return
		}
	}
	if e.Readable() || b.ended {
		b.read()
	}
}

// readsAtOnce is how often one back end is read before a loop looks at others.
const readsAtOnce = 16

// read reads the response.
func (b *backend) read() {
	call := b.c.x.call
	for range readsAtOnce {
		room := call.in.room()
		n, err := eventloop.Read(b.fd, room)
		switch {
		case err != nil && eventloop.Wait(err):
			return
		case err != nil:
			b.end(err)
			return
		case n == 0:
			b.ended = true
			b.end(call.ended())
			return
		}
		if done, err := call.arrived(n); done || err != nil {
			b.end(err)
			return
		}
		if n < len(room) && !b.ended {
			return
		}
	}
	c := b.c
	b.l.Post(func() {
		if b.c == c && !b.closed {
			b.read()
		}
	})
}

// end ends the call with the response, or for a reason. The connection is kept if it can carry another call. A call that
// failed on a connection that was kept is tried once more, on a new one, if that does no harm (upstream.do).
func (b *backend) end(err error) {
	c := b.c
	call, u := c.x.call, b.pool.u
	keep := err == nil && !call.in.close && !b.ended && !b.sending()
	again := b.used || b.unsent
	b.c, b.rest, b.used = nil, [2][]byte{}, true
	last := len(b.l.calls) - 1
	b.l.calls[b.place] = b.l.calls[last]
	b.l.calls[b.place].place = b.place
	b.l.calls[last] = nil
	b.l.calls = b.l.calls[:last]
	if keep {
		b.pool.idle = append(b.pool.idle, b)
		b.l.SetTimer(&b.timer, b.l.Now().Add(b.l.g.cfg.UpstreamIdle))
	} else {
		b.close()
	}
	if err == nil {
		c.endCall(u, nil)
		return
	}
	failure := callFailure(err, b.deadline)
	if x := c.x; again && !x.retried && !call.in.begun && failure.isNetwork() && (b.unsent || idempotent(call.method)) {
		x.retried = true
		u.retried.Add(1)
		c.dial(b.pool)
		return
	}
	c.endCall(u, failure)
}

// expired ends a call that has taken too long, or a connection that has been idle for long.
func (b *backend) expired() {
	if b.c != nil {
		b.end(context.DeadlineExceeded)
		return
	}
	b.retire()
}

// abort gives up on the call that is under way.
func (b *backend) abort() { b.end(net.ErrClosed) }

// retire closes an idle connection.
func (b *backend) retire() {
	for i, other := range b.pool.idle {
		if other == b {
			b.pool.idle = append(b.pool.idle[:i], b.pool.idle[i+1:]...)
			break
		}
	}
	b.close()
	if len(b.pool.idle) == 0 && b.pool.u.busy.Load() == 0 {
		delete(b.l.pools, b.pool.u)
	}
}

func (p *backends) closeIdle() {
	for _, b := range p.idle {
		b.close()
	}
	p.idle = nil
}

func (b *backend) close() {
	b.closed = true
	b.l.StopTimer(&b.timer)
	b.l.Close(b.fd)
	b.pool.u.onLoops.Add(-1)
}
