package gateway

import (
	"bytes"
	"crypto/tls"
	"net/netip"
	"strings"
	"time"

	"github.com/tollbook/tollbook/gateway/framing"
)

// client is a client's connection over HTTP/1.1: its bytes are cut into requests, of which one at a time becomes an
// exchange. Who reads and writes the connection, a goroutine or an event loop, does what advance says.
type client struct {
	message
	g      *Gateway
	remote netip.Addr
	tls    *tls.ConnectionState // nil: the connection is plain

	now      time.Time // when the bytes came that are gone through
	x        *exchange // of the request under way, from its head on
	begun    time.Time // when the first byte of the request under way came; zero: none has
	requests int
	old      bool // the request under way is of HTTP/1.0
	last     bool // the connection ends with it
}

// action is what is to be done next for a client.
type action uint8

const (
	readMore    action = iota
	sayContinue        // 100, and then advance again
	serve              // x is complete
	answered           // x has its answer already, which ends the connection
)

// advance goes on with what has arrived.
func (c *client) advance() action {
	if c.begun.IsZero() && c.seen < len(c.buf) {
		c.begun = c.now
	}
	switch c.take() {
	case framing.Head:
		return c.beginRequest()
	case framing.End:
		if failure := c.holdBody(); failure != nil {
			return c.refuse(failure)
		}
		c.x.body = c.buf[c.body:c.bodyEnd:c.bodyEnd]
		c.x.start = c.now
		c.x.entry.TimeMillis = c.x.start.UnixMilli()
		return serve
	case framing.Broken:
		return c.refuse(errBadRequest)
	}
	switch {
	case c.x == nil && len(c.buf) > readBuffer:
		return c.refuse(errHeadersTooLarge)
	case c.x == nil && c.reader.Idle():
		c.begun = time.Time{} // empty lines
	case c.x == nil:
	default:
		if failure := c.holdBody(); failure != nil {
			return c.refuse(failure)
		}
	}
	return readMore
}

// beginRequest makes an exchange of a head.
func (c *client) beginRequest() action {
	if c.body > readBuffer {
		return c.refuse(errHeadersTooLarge)
	}
	x := c.open(c.buf[:c.body])
	c.old = x.entry.Protocol == "HTTP/1.0"
	c.last = nominated(x.known.connection, raw("close")) || c.old && !nominated(x.known.connection, raw("keep-alive"))
	length := c.reader.Length()
	switch {
	case !x.wellFormed(c.old):
		return c.refuse(errBadRequest)
	case length > maxBody:
		return c.refuse(errBodyTooLarge)
	case x.shed && (length < 0 || length > maxKept): // else its end comes soon, and the connection can stay
		return c.refuse(errShed)
	case length != 0 && !c.old && strings.EqualFold(str(x.known.expect), "100-continue"):
		return sayContinue
	}
	return c.advance()
}

// open makes an exchange of a head, or of that part of one that could be read.
func (c *client) open(head []byte) *exchange {
	x := c.g.begin(c.now)
	c.x = x
	c.requests++
	x.readHead(head)
	x.arrive(c.remote)
	if c.tls != nil {
		x.readTLS(c.tls)
	}
	return x
}

// refuse answers a request that could not be read to its end.
func (c *client) refuse(failure *Error) action {
	if c.x == nil {
		c.open(c.buf[:c.seen])
	}
	c.last = true
	c.x.refuse(failure)
	return answered
}

// failed is for a connection that brings no more: it has ended, or broken, or taken too long (failure). answer: the request
// that has begun on it is to be answered all the same.
func (c *client) failed(failure *Error) (answer bool) {
	if c.x == nil && (c.reader.Idle() || c.begun.IsZero()) {
		return false
	}
	c.refuse(failure)
	return true
}

// appendAnswer appends the head of the answer, and the body if it is small; else it is left to be sent.
func (c *client) appendAnswer(b []byte, now time.Time, stopping bool) (out, body []byte) {
	r := &c.x.resp
	c.last = c.last || stopping
	r.last = c.last
	b = r.appendHead(b, now, c.old && !c.last)
	switch {
	case !r.hasBody():
		return b, nil
	case len(r.body) <= largeBody:
		return append(b, r.body...), nil
	}
	return b, r.body
}

// done ends the request whose answer has been sent.
func (c *client) done() {
	c.x.end()
	c.x, c.begun = nil, time.Time{}
	c.next()
}

// readHead takes over a request over HTTP/1.1. The head may be cut off anywhere, but not within what it says of itself: lines
// that are not complete count for nothing, but for the first.
func (x *exchange) readHead(head []byte) {
	line, rest := cutLine(bytes.TrimLeft(head, "\r\n"))
	method, line, _ := bytes.Cut(line, []byte{' '})
	target, version, _ := bytes.Cut(line, []byte{' '})
	x.method, x.sentMethod, x.head = str(method), str(method), string(method) == "HEAD"
	x.target, x.entry.Protocol = target, str(version)
	if end := bytes.LastIndexByte(rest, '\n'); end >= 0 {
		x.scanHeaders(rest[:end+1])
	}
	x.host = x.known.host
}

// holdBody accounts for what has arrived of the body.
func (c *client) holdBody() *Error {
	n := c.bodyEnd - c.body
	more := n - c.x.bodyHeld
	c.x.bodyHeld = n
	switch {
	case n > maxBody:
		return errBodyTooLarge
	case !c.x.call.memory.hold(more):
		return errShed
	}
	return nil
}
