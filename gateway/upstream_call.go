package gateway

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/tollbook/tollbook/gateway/endpoint"
)

// upstreamCall is a request to a back end and its response. The request's head is written once, as bytes, straight from
// what is passed on; the response is read by fasthttp's parser.
type upstreamCall struct {
	method string
	head   []byte // request line and headers, with the empty line at the end
	body   []byte

	resp    fasthttp.Response
	framing responseFraming
	name    []byte // scratch for header names

	payload  []byte // of a Lambda function
	pairs    []pair // scratch
	signing  []endpoint.Header
	returned functionResponse
}

// responseFraming is which of the headers that fasthttp derives were really there.
type responseFraming struct{ connection, contentLength bool }

func (c *upstreamCall) reset() {
	if cap(c.head) > maxKept {
		c.head = nil
	}
	if cap(c.payload) > maxKept {
		c.payload = nil
	}
	clear(c.signing) // what points into the request
	c.head, c.body, c.method = c.head[:0], nil, ""
	c.resp.Reset()
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

// do sends the call and reads the response. A connection that was kept alive may have been closed by the back end just
// now: a request that failed on it before a byte of the response came is sent once more, on a new connection, if doing it
// twice does no harm.
func (u *upstream) do(c *upstreamCall, deadline time.Time) *Error {
	for fresh := false; ; fresh = true {
		conn, failure := u.acquire(deadline, fresh)
		if failure != nil {
			return failure
		}
		keep, answered, err := c.exchange(conn, deadline)
		switch {
		case err == nil && keep:
			u.release(conn)
			return nil
		case err == nil:
			u.drop(conn)
			return nil
		}
		u.drop(conn)
		failure = callFailure(err, deadline)
		if fresh || answered || !conn.used || failure.Type != errNetwork.Type || failure.Status != errNetwork.Status || !idempotent(c.method) {
			return failure
		}
	}
}

// idempotent reports whether RFC 9110 lets a request be repeated.
func idempotent(method string) bool {
	switch method {
	case "GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE":
		return true
	}
	return false
}

// exchange sends the request and reads the response. keep: the connection can carry another. answered: a byte of the
// response has arrived.
func (c *upstreamCall) exchange(conn *upstreamConn, deadline time.Time) (keep, answered bool, err error) {
	conn.deadline.want = deadline
	if err := conn.deadline.arm(conn.SetDeadline); err != nil {
		return false, false, err
	}
	sent, err := c.send(conn)
	if isTimeout(err) {
		return false, false, err
	}
	answered, whole, err := c.read(conn.reader)
	select {
	case sendErr := <-sent:
		keep = whole && sendErr == nil
	default: // answered before it has read all: it may not want the rest
		conn.Close()
		<-sent
	}
	return keep && !c.resp.ConnectionClose() && conn.reader.Buffered() == 0, answered, err
}

// send writes head and body and returns where it says how that ended. What fits is written at once. More is written
// while the answer is awaited already, since a back end may answer, and stop reading, before it has read all.
func (c *upstreamCall) send(conn *upstreamConn) (sent chan error, err error) {
	if len(c.body) > upstreamBuffer {
		return c.sendLarge(conn), nil
	}
	c.head = append(c.head, c.body...)
	_, err = conn.Write(c.head)
	c.head = c.head[:len(c.head)-len(c.body)]
	conn.sent <- err
	return conn.sent, err
}

func (c *upstreamCall) sendLarge(conn *upstreamConn) chan error {
	buffers := net.Buffers{c.head, c.body}
	go func() {
		_, err := buffers.WriteTo(conn.Conn)
		conn.sent <- err
	}()
	return conn.sent
}

// read reads the response. answered: a byte of it has arrived. whole: its end was told by its framing.
func (c *upstreamCall) read(r *bufio.Reader) (answered, whole bool, err error) {
	if _, err := r.Peek(1); err != nil {
		return false, false, err
	}
	if err := c.readHead(r); err != nil {
		return true, false, err
	}
	whole, err = c.readBody(r)
	return true, whole, err
}

var (
	errSwitching   = errors.New("Switching protocols was not asked for")
	errManyInterim = errors.New("Too many interim responses")
	errBadStatus   = errors.New("Invalid status code")
)

// readHead reads the head of the final response; those of interim ones (100, 103) are skipped.
func (c *upstreamCall) readHead(r *bufio.Reader) error {
	c.resp.Reset()
	h := &c.resp.Header
	for range 10 {
		h.DisableNormalizing()
		h.SetNoDefaultContentType(true)
		if err := h.Read(r); err != nil {
			return err
		}
		switch status := h.StatusCode(); {
		case status == fasthttp.StatusSwitchingProtocols:
			return errSwitching
		case status >= 200 && status <= 599:
			c.framing.contentLength = h.ContentLength() >= 0
			// fasthttp says Connection: close for a response whose end is the end of the connection, too
			c.framing.connection = h.ContentLength() != -2
			return nil
		case status < 100 || status > 599:
			return errBadStatus
		}
	}
	return errManyInterim
}

// readBody reads the body, if there is one. whole: its end was told by its framing and not by the connection's.
func (c *upstreamCall) readBody(r *bufio.Reader) (whole bool, err error) {
	status := c.resp.StatusCode()
	if c.method == "HEAD" || status == 204 || status == 304 {
		return true, nil
	}
	length := c.resp.Header.ContentLength()
	if err := c.resp.ReadBody(r, maxBody); err != nil {
		return false, err
	}
	if length == -1 {
		err = c.resp.Header.ReadTrailer(r)
	}
	return length != -2, err
}

// sent reports whether the back end itself sent a header that fasthttp lists.
func (c *upstreamCall) sent(name []byte) bool {
	switch {
	case strings.EqualFold(str(name), "Content-Length"):
		return c.framing.contentLength
	case strings.EqualFold(str(name), "Connection"):
		return c.framing.connection
	}
	return true
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
	case errors.Is(err, syscall.ECONNRESET):
		return errNetwork.because("%s: Connection reset by peer", networkText)
	case errors.Is(err, net.ErrClosed): // by abort
		return errStopping
	case isAlert(err):
		return errNetwork.because("%s: The endpoint refused the TLS connection", networkText)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.EPIPE):
		return errNetwork.because("%s: Connection is closed", networkText)
	case errors.Is(err, fasthttp.ErrBodyTooLarge):
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
