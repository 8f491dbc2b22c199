package gateway

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"strconv"
	"syscall"
	"time"

	"github.com/tollbook/tollbook/gateway/endpoint"
)

// upstreamCall is a request to a back end and its response. The request's head is written once, as bytes, straight from
// what is passed on.
type upstreamCall struct {
	method string
	head   []byte // request line and headers, with the empty line at the end
	body   []byte

	memory holding // of the request's bodies
	in     arrival
	resp   reply
	rest   []byte // scratch

	payload  []byte // of a Lambda function
	pairs    []pair // scratch
	signing  []endpoint.Header
	returned functionResponse
}

func (c *upstreamCall) reset() {
	if cap(c.head) > maxKept {
		c.head = nil
	}
	if cap(c.payload) > maxKept {
		c.payload = nil
	}
	clear(c.signing) // what points into the request
	c.head, c.body, c.method = c.head[:0], nil, ""
	c.in.reset()
	c.resp.reset()
	c.memory.release()
}

func (c *upstreamCall) addHeader(name, value string) {
	c.head = append(c.head, name...)
	c.head = append(c.head, ": "...)
	c.head = append(c.head, value...)
	c.head = append(c.head, "\r\n"...)
}

// setBody ends the head. A request of a method that usually has a body says its length even if it is 0.
func (c *upstreamCall) setBody(body []byte, always bool) {
	c.body = body
	if len(body) > 0 || always {
		c.head = append(c.head, "Content-Length: "...)
		c.head = strconv.AppendInt(c.head, int64(len(body)), 10)
		c.head = append(c.head, "\r\n"...)
	}
	c.head = append(c.head, "\r\n"...)
}

// do sends the call and reads the response. It waits for its turn first.
//
// A connection that was kept alive may have been closed by the back end just now. A request that failed on it before a byte
// of the response came is sent once more, on another connection, if that does no harm: RFC 9110 lets its method be repeated,
// or the back end has not looked at it. One that was not even sent can be sent some times more. Bodies are in memory, so that
// any can be sent again.
func (u *upstream) do(c *upstreamCall, deadline time.Time) *Error {
	if err := u.enter(deadline); err != nil {
		return err
	}
	defer u.leave()
	var last attempt
	for repeated := false; ; {
		last = u.try(c, deadline, last)
		switch {
		case last.failure == nil:
			return nil
		case last.unsent && last.number < mostAttempts:
		case last.harmless && !repeated:
			repeated = true
		default:
			return last.failure
		}
		u.retried.Add(1)
	}
}

// mostAttempts bounds those of a request that no connection takes.
const mostAttempts = 6

// attempt is what became of sending a request.
type attempt struct {
	number   int
	failure  *Error
	conn     *upstreamConn // that it failed on
	unsent   bool          // the back end has not got it
	harmless bool          // to send it once more
}

// try makes one more attempt, on another connection than the last one.
func (u *upstream) try(c *upstreamCall, deadline time.Time, last attempt) (a attempt) {
	a.number = last.number + 1
	if a.conn, a.failure = u.acquire(deadline, last.conn); a.failure != nil {
		return a
	}
	used := a.conn.used.Load()
	end, err := u.exchange(c, a.conn, deadline)
	u.finish(a.conn, err == nil && end.keep)
	if err == nil {
		return a
	}
	a.failure = callFailure(err, deadline)
	if !end.answered && a.failure.isNetwork() {
		a.unsent, a.harmless = end.unsent, end.refused || used && idempotent(c.method)
	}
	return a
}

func (u *upstream) exchange(c *upstreamCall, conn *upstreamConn, deadline time.Time) (callEnd, error) {
	if conn.http2 != nil {
		return c.exchangeHTTP2(u.stop, conn.http2, deadline)
	}
	return c.exchange(conn, deadline)
}

// isNetwork reports whether a call failed because its connection did.
func (e *Error) isNetwork() bool {
	return e.Type == errNetwork.Type && e.Status == errNetwork.Status && e != errStopping
}

// idempotent reports whether RFC 9110 lets a request be repeated.
func idempotent(method string) bool {
	switch method {
	case "GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE":
		return true
	}
	return false
}

// callEnd is how an exchange on a connection has ended.
type callEnd struct {
	keep     bool // the connection can carry another
	answered bool // a byte of the response has arrived
	unsent   bool // not a byte of the request was sent, or the back end took no more when it came
	refused  bool // the back end says that it has not looked at the request
}

// written is how the writing of a request has ended.
type written struct {
	bytes int64
	err   error
}

// exchange sends the request and reads the response.
func (c *upstreamCall) exchange(conn *upstreamConn, deadline time.Time) (end callEnd, err error) {
	conn.deadline.want = deadline
	if err := conn.deadline.arm(conn.SetDeadline); err != nil {
		return callEnd{unsent: true}, err
	}
	sent, w := c.send(conn)
	if w.err != nil && (w.bytes == 0 || isTimeout(w.err)) {
		return callEnd{unsent: w.bytes == 0}, w.err // what can be read now is no answer to this request
	}
	c.in.reset()
	err = c.read(conn)
	select {
	case w = <-sent:
		end.keep = w.err == nil
	default: // answered before it has read all: it may not want the rest
		conn.Close()
		w = <-sent
	}
	end.answered, end.unsent = c.in.begun, w.err != nil && w.bytes == 0
	end.keep = end.keep && !c.in.close
	return end, err
}

// send writes head and body and returns where it says how that ended; what fits in a buffer is written when it returns. More
// is written while the answer is awaited already, since a back end may answer, and stop reading, before it has read all.
func (c *upstreamCall) send(conn *upstreamConn) (sent chan written, now written) {
	if len(c.body) > upstreamBuffer {
		return c.sendLarge(conn), written{}
	}
	c.head = append(c.head, c.body...)
	n, err := conn.Write(c.head)
	c.head = c.head[:len(c.head)-len(c.body)]
	conn.sent <- written{int64(n), err}
	return conn.sent, written{int64(n), err}
}

func (c *upstreamCall) sendLarge(conn *upstreamConn) chan written {
	buffers := net.Buffers{c.head, c.body}
	go func() {
		n, err := buffers.WriteTo(conn.Conn)
		conn.sent <- written{n, err}
	}()
	return conn.sent
}

// read reads the response.
func (c *upstreamCall) read(conn net.Conn) error {
	for {
		n, err := conn.Read(c.in.room())
		done, failure := c.arrived(n)
		switch {
		case done || failure != nil:
			return failure
		case err == io.EOF:
			return c.ended()
		case err != nil:
			return err
		}
	}
}

func (c *upstreamCall) methodHasBody() bool {
	switch c.method {
	case "POST", "PUT", "PATCH":
		return true
	}
	return false
}

func isTimeout(err error) bool {
	if err == nil {
		return false // before netErr, which errors.As moves to the heap
	}
	var netErr net.Error
	return errors.As(err, &netErr) && netErr.Timeout()
}

// callFailure turns what went wrong with a call into the gateway's answer.
func callFailure(err error, deadline time.Time) *Error {
	switch {
	case isTimeout(err), !time.Now().Before(deadline):
		return errTimeout
	case errors.Is(err, errNoMemory):
		return errShed
	case errors.Is(err, syscall.ECONNRESET):
		return errNetwork.because("%s: Connection reset by peer", networkText)
	case errors.Is(err, net.ErrClosed): // by abort
		return errStopping
	case isAlert(err):
		return errNetwork.because("%s: The endpoint refused the TLS connection", networkText)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.EPIPE):
		return errNetwork.because("%s: Connection is closed", networkText)
	case errors.Is(err, errLargeRequest):
		return errMalformed.because("Execution failed due to configuration error: The endpoint does not take headers of this size")
	case errors.Is(err, errLargeBody):
		return errMalformed.because("Execution failed due to configuration error: Endpoint response body is larger than %d bytes", maxBody)
	}
	return errMalformed.because("Execution failed due to configuration error: Malformed endpoint response")
}

// isAlert reports whether a back end has ended the TLS connection with an alert, as it does if it does not like the
// gateway's certificate.
func isAlert(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "remote error"
}

const networkText = "Execution failed due to a network error communicating with endpoint"

var errStopping = errNetwork.because("%s: The gateway is stopping", networkText)

// dialFailure is for a connection that could not be opened.
func dialFailure(err error) *Error {
	var name x509.HostnameError
	var verify *tls.CertificateVerificationError
	switch {
	case errors.Is(err, context.Canceled):
		return errStopping
	case isTimeout(err):
		return errTimeout
	case errors.As(err, &name):
		return configuration("Host name '%s' does not match the certificate subject provided by the peer", name.Host)
	case errors.As(err, &verify):
		return configuration("The certificate of the endpoint is not trusted")
	}
	return errNetwork.because(networkText)
}
