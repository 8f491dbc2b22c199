package gateway

import (
	"time"

	"golang.org/x/sys/unix"

	"github.com/tollbook/tollbook/gateway/eventloop"
)

// loopClient is a client's connection on an event loop.
type loopClient struct {
	client
	l     *serverLoop
	fd    int
	door  *doorkeeper
	state clientState
	timer eventloop.Timer

	readable bool // an event has come since a read found nothing more
	ended    bool // there is an end to be read
	orphaned bool // the connection is closed; only the request under way is left
	rest     [2][]byte
	lingered int
	until    time.Time // of lingering
}

// clientState says what a connection waits for.
type clientState uint8

const (
	reading   clientState = iota // bytes of a request
	serving                      // the answer
	writing                      // room to send the answer
	lingering                    // the client to stop sending
	closed
)

// turnsAtOnce is how often a loop reads for one client, or serves it, before it looks at others.
const turnsAtOnce = 64

// begin has the connection's loop watch it.
func (c *loopClient) begin() {
	c.l.conns[c] = struct{}{}
	switch err := c.l.Add(c.fd, c); {
	case err != nil:
		c.orphaned = true
		unix.Close(c.fd)
		c.door.leave()
		c.bury()
	case c.l.loops.stop.Load():
		c.close()
	default:
		c.l.SetTimer(&c.timer, c.readDeadline(c.l.Now()))
	}
}

// Ready goes on with what an event allows.
func (c *loopClient) Ready(e eventloop.Events) {
	c.readable = c.readable || e.Readable()
	c.ended = c.ended || e.Ended()
	switch c.state {
	case reading:
		if c.readable {
			c.run()
		}
	case writing:
		if e.Writable() {
			c.flush()
			c.run()
		}
	case lingering:
		c.linger()
	}
}

// run reads and serves requests, until one has to wait or there are no more bytes.
func (c *loopClient) run() {
	c.now = c.l.Now()
	for n := 0; c.state == reading; n++ {
		if n == turnsAtOnce {
			c.l.Post(c.run)
			return
		}
		switch c.advance() {
		case readMore:
			if !c.fill() {
				return
			}
		case sayContinue:
			if n, err := eventloop.Write(c.fd, []byte(continueLine)); err != nil || n < len(continueLine) {
				c.close()
			}
		case serve:
			c.serve()
		case answered:
			c.state = serving
			c.record()
		}
	}
}

// fill reads once. It reports whether advance has something to go on with.
func (c *loopClient) fill() bool {
	if !c.readable {
		c.await()
		return false
	}
	if cap(c.buf) == 0 {
		c.buf = c.l.buffer()
	}
	room := c.room()
	n, err := eventloop.Read(c.fd, room)
	switch {
	case n > 0:
		c.readable = n == len(room) || c.ended
		c.grown(n)
		return true
	case err != nil && eventloop.Wait(err):
		c.readable = false
		c.await()
		return false
	}
	c.readable = false
	return c.fail(errBadRequest)
}

// await waits for more bytes. An idle connection gives its memory back.
func (c *loopClient) await() {
	if len(c.buf) == 0 && c.x == nil {
		c.l.giveBack(c.buf)
		c.buf = nil
	}
	c.l.SetTimer(&c.timer, c.readDeadline(c.l.Now()))
}

// fail ends a connection that brings no more, with an answer if a request has begun.
func (c *loopClient) fail(failure *Error) bool {
	if !c.failed(failure) {
		c.close()
		return false
	}
	c.state = serving
	c.record()
	return false
}

// expired is for connections on which nothing has happened for too long.
func (c *loopClient) expired() {
	switch c.state {
	case reading:
		c.fail(errRequestTimeout)
		c.run()
	case writing, lingering:
		c.close()
	}
}

// serve answers a request, or begins to.
func (c *loopClient) serve() {
	c.state = serving
	x := c.x
	x.identify()
	failure := x.attempt((*exchange).find)
	if failure == nil {
		if x.mayWait() {
			c.l.later(func() {
				x.conclude(x.attempt((*exchange).steps))
				x.record(true)
			}, c.comeBack)
			return
		}
		x.onLoop = true
		failure = x.attempt((*exchange).steps)
		if failure == nil && x.calling != nil {
			c.call()
			return
		}
	}
	x.conclude(failure)
	c.record()
}

// called goes on with what a back end has answered.
func (c *loopClient) called(err *Error) {
	x := c.x
	i := x.calling
	x.calling = nil
	if err = x.endOfCall(err); err == nil {
		err = x.attempt(func(x *exchange) *Error { return x.then(x, i) })
	}
	x.conclude(err)
	c.record()
}

// record leaves the request in the logs, and then answers.
func (c *loopClient) record() {
	if c.x.record(false) {
		c.answer()
		return
	}
	x := c.x
	c.l.later(func() { x.record(true) }, c.comeBack)
}

// comeBack answers a request that was elsewhere, and goes on with the next.
func (c *loopClient) comeBack() {
	c.answer()
	c.run()
}

// answer sends the answer.
func (c *loopClient) answer() {
	if c.orphaned {
		c.done()
		c.bury()
		return
	}
	out, body := c.appendAnswer(c.l.out[:0], c.l.Now(), c.l.loops.stop.Load())
	c.l.out = out
	n, err := eventloop.Write(c.fd, out)
	switch {
	case err != nil && !eventloop.Wait(err):
		c.done()
		c.close()
	case n == len(out) && len(body) == 0:
		c.sent()
	default:
		c.rest = [2][]byte{append([]byte(nil), out[max(n, 0):]...), body}
		c.state = writing
		c.l.SetTimer(&c.timer, c.l.Now().Add(c.g.cfg.WriteTimeout))
		c.flush()
	}
}

// flush goes on sending.
func (c *loopClient) flush() {
	for i := range c.rest {
		for len(c.rest[i]) > 0 {
			n, err := eventloop.Write(c.fd, c.rest[i])
			if err != nil {
				if !eventloop.Wait(err) {
					c.done()
					c.close()
				}
				return
			}
			c.rest[i] = c.rest[i][n:]
		}
	}
	c.rest = [2][]byte{}
	c.sent()
}

// sent ends a request whose answer has gone.
func (c *loopClient) sent() {
	until := c.lingerUntil(c.l.Now())
	c.done()
	switch {
	case !until.IsZero():
		c.state, c.until = lingering, until
		_ = unix.Shutdown(c.fd, unix.SHUT_WR) // linger finds out
		c.linger()
	case c.last || c.l.loops.stop.Load():
		c.close()
	default:
		c.state = reading
	}
}

// linger reads on until the client is silent.
func (c *loopClient) linger() {
	var b [8 << 10]byte
	for range turnsAtOnce {
		n, err := eventloop.Read(c.fd, b[:])
		if err != nil && eventloop.Wait(err) {
			silence := c.l.Now().Add(lingerSilence)
			if silence.After(c.until) {
				silence = c.until
			}
			c.l.SetTimer(&c.timer, silence)
			return
		}
		if c.lingered += n; err != nil || n == 0 || c.lingered > maxLinger || c.l.Now().After(c.until) {
			c.close()
			return
		}
	}
	c.l.Post(func() {
		if c.state == lingering {
			c.linger()
		}
	})
}

// close closes the connection. A request that is on it must have ended.
func (c *loopClient) close() {
	if c.state == closed {
		return
	}
	if c.x != nil {
		c.x.end()
		c.x = nil
	}
	c.orphan()
	c.bury()
}

// orphan closes the connection under its request.
func (c *loopClient) orphan() {
	if !c.orphaned {
		c.orphaned = true
		c.l.StopTimer(&c.timer)
		c.l.Close(c.fd)
		c.door.leave()
	}
}

func (c *loopClient) bury() {
	c.state = closed
	c.l.giveBack(c.buf)
	c.buf = nil
	delete(c.l.conns, c)
	c.l.size.Add(-1)
	c.l.checkDrained()
}
