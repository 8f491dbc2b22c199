package gateway

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// HTTP/2 to back ends over TLS, for those who choose it when the connection is opened. The protocol is net/http's, a
// connection at a time (http.ClientConn); which connections there are, who uses them and what is repeated is decided here,
// so that limit, health, retries and errors are the same as with HTTP/1.1. Requests are taken from the head that is written
// for HTTP/1.1: no header is added, and only those go that HTTP/2 forbids.

// http2Conns are the connections of a back end that speaks HTTP/2, or may.
type http2Conns struct {
	transport *http.Transport // makes connections of those that are open
	// opening holds one who opens a connection: the others wait, since they may share it.
	opening  chan struct{}
	declined atomic.Bool     // the back end chose HTTP/1.1 the last time
	list     []*upstreamConn // guarded by upstream.mu
}

const (
	// What keeps a connection whose other end is gone, or stands still, from holding up the requests that share it.
	http2PingAfter    = 15 * time.Second
	http2PingTimeout  = 5 * time.Second
	http2WriteTimeout = 5 * time.Second

	http2ReceiveBuffer = 1 << 20 // of each request
)

func newHTTP2Conns(idle time.Duration) *http2Conns {
	protocols := new(http.Protocols)
	protocols.SetHTTP2(true)
	return &http2Conns{opening: make(chan struct{}, 1), transport: &http.Transport{
		DialTLSContext:         func(ctx context.Context, _, _ string) (net.Conn, error) { return ctx.Value(dialed{}).(net.Conn), nil },
		Protocols:              protocols,
		DisableCompression:     true, // what the back end sends is passed on as it is
		IdleConnTimeout:        idle,
		MaxResponseHeaderBytes: 2 * maxResponseHead, // HTTP/2 counts 32 bytes more for each header
		HTTP2: &http.HTTP2Config{
			SendPingTimeout: http2PingAfter, PingTimeout: http2PingTimeout, WriteByteTimeout: http2WriteTimeout,
			MaxReceiveBufferPerStream: http2ReceiveBuffer,
		},
	}}
}

// dialed is where a context holds the connection that http2Conns.transport is to use.
type dialed struct{}

// begin begins HTTP/2 on a connection that has chosen it.
func (h *http2Conns) begin(conn *tls.Conn, addr string) (*http.ClientConn, error) {
	return h.transport.NewClientConn(context.WithValue(context.Background(), dialed{}, net.Conn(conn)), "https", addr)
}

// takeStream finds a connection with room for one more request, which is then reserved, and not the one that has just
// failed. Those that have ended are forgotten.
func (u *upstream) takeStream(failed *upstreamConn) (found *upstreamConn) {
	var ended []*upstreamConn
	u.mu.Lock()
	u.http2.list = slices.DeleteFunc(u.http2.list, func(c *upstreamConn) bool {
		if c.http2.Err() != nil {
			ended = append(ended, c)
			return true
		}
		if found == nil && c != failed && c.http2.Reserve() == nil {
			found = c
		}
		return false
	})
	u.mu.Unlock()
	for _, c := range ended {
		u.drop(c)
	}
	return found
}

// openShared opens a connection that others may share. One does that at a time, and those who waited look whether there is
// room on it first. With a back end that has declined HTTP/2 nobody waits.
func (u *upstream) openShared(deadline time.Time, failed *upstreamConn) (*upstreamConn, *Error) {
	timer := time.NewTimer(time.Until(deadline))
	defer timer.Stop()
	select {
	case u.http2.opening <- struct{}{}:
	case <-timer.C:
		return nil, errTimeout
	case <-u.stop.Done():
		return nil, errStopping
	}
	c := u.takeStream(failed)
	if c != nil || u.http2.declined.Load() {
		<-u.http2.opening
		if c != nil {
			return c, nil
		}
		return u.openOne(deadline)
	}
	defer func() { <-u.http2.opening }()
	return u.openOne(deadline)
}

// addStreams begins HTTP/2 on a connection, with room reserved for one request, if it has chosen that.
func (u *upstream) addStreams(c *upstreamConn) error {
	secure, ok := c.Conn.(*tls.Conn)
	declined := !ok || secure.ConnectionState().NegotiatedProtocol != "h2"
	u.http2.declined.Store(declined)
	if declined {
		return nil
	}
	var err error
	if c.http2, err = u.http2.begin(secure, u.key.addr); err != nil {
		return err
	}
	if err := c.http2.Reserve(); err != nil {
		return err
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.http2.list = append(u.http2.list, c)
	return nil
}

// leaveStream is called when a request on a shared connection has ended. If the back end is no longer used, net/http closes
// the connection when it is idle, or this does at once.
func (u *upstream) leaveStream(c *upstreamConn) {
	c.used.Store(true)
	u.mu.Lock()
	closed := u.closed
	u.mu.Unlock()
	if closed && c.http2.InFlight() == 0 {
		u.drop(c)
	}
}

// exchangeHTTP2 sends the request on a connection where room is reserved, and reads the response. The request ends by the
// deadline, or with stop.
func (c *upstreamCall) exchangeHTTP2(stop context.Context, conn *http.ClientConn, deadline time.Time) (end callEnd, err error) {
	ctx, cancel := context.WithDeadline(stop, deadline)
	defer cancel()
	body := &sentBody{rest: c.body}
	defer body.Close() // before its memory is used for something else
	resp, err := conn.RoundTrip(c.request(ctx, body))
	if err != nil {
		return http2End(err), http2Error(err)
	}
	err = c.readHTTP2(resp)
	resp.Body.Close()
	return callEnd{keep: true, answered: true}, http2Error(err)
}

// request makes an http.Request of the head.
func (c *upstreamCall) request(ctx context.Context, body *sentBody) *http.Request {
	line, lines, _ := strings.Cut(string(c.head), "\r\n") // a copy, which all names and values share
	r := (&http.Request{Method: c.method, Header: make(http.Header, 16), Proto: "HTTP/2.0", ProtoMajor: 2}).WithContext(ctx)
	for field := range strings.SplitSeq(lines, "\r\n") {
		name, value, ok := strings.Cut(field, ": ")
		switch {
		case !ok:
		case strings.EqualFold(name, "Host"):
			r.Host = value
		case !ofHTTP1(name):
			r.Header[name] = append(r.Header[name], value)
		}
	}
	if !hasHeader(r.Header, "User-Agent") {
		r.Header["User-Agent"] = nil // or net/http would add its own
	}
	_, target, _ := strings.Cut(line, " ")
	target = strings.TrimSuffix(target, " HTTP/1.1")
	if strings.HasPrefix(target, "//") {
		target = "//" + r.Host + target // or it would be read as one with a host
	}
	r.URL = &url.URL{Scheme: "https", Host: r.Host, Opaque: target}
	if len(c.body) > 0 {
		r.Body, r.ContentLength = body, int64(len(c.body))
	}
	return r
}

func hasHeader(h http.Header, name string) bool {
	for key := range h {
		if strings.EqualFold(key, name) {
			return true
		}
	}
	return false
}

// ofHTTP1 reports the headers that HTTP/2 forbids (RFC 9113 §8.2.2), and the length, which net/http writes.
func ofHTTP1(name string) bool {
	switch strings.ToLower(name) {
	case "connection", "proxy-connection", "keep-alive", "transfer-encoding", "upgrade", "te", "content-length":
		return true
	}
	return false
}

// readHTTP2 reads the response. Trailers are gone through and left out, as those of HTTP/1.1 are.
func (c *upstreamCall) readHTTP2(resp *http.Response) error {
	if resp.StatusCode < 200 || resp.StatusCode > 599 {
		return errBadStatus
	}
	c.in.reset()
	c.resp.reset()
	c.resp.status = resp.StatusCode
	for _, name := range slices.Sorted(maps.Keys(resp.Header)) {
		for _, value := range resp.Header[name] {
			c.resp.header.add(name, value)
		}
	}
	if c.method == "HEAD" || c.resp.status == 204 || c.resp.status == 304 {
		return nil
	}
	return c.readHTTP2Body(resp.Body, resp.ContentLength)
}

// readHTTP2Body reads a body of a length; negative: it is not known.
func (c *upstreamCall) readHTTP2Body(r io.Reader, length int64) error {
	switch {
	case length > maxBody:
		return errLargeBody
	case !c.memory.hold(int(max(length, 0))):
		return errNoMemory
	}
	for {
		n, err := r.Read(c.in.room())
		c.in.grown(n)
		switch {
		case len(c.in.buf) > maxBody:
			return errLargeBody
		case length < 0 && !c.memory.hold(n):
			return errNoMemory
		case err == io.EOF:
			c.resp.body = c.in.buf
			return nil
		case err != nil:
			return err
		}
	}
}

// sentBody is a request's body. net/http may read it until after the response; once it is closed nobody does.
type sentBody struct {
	mu   sync.Mutex
	rest []byte
	done bool
}

func (b *sentBody) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.done:
		return 0, io.ErrClosedPipe
	case len(b.rest) == 0:
		return 0, io.EOF
	}
	n := copy(p, b.rest)
	b.rest = b.rest[n:]
	return n, nil
}

func (b *sentBody) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rest, b.done = nil, true
	return nil
}

// streamError is what net/http's own error for a request that was reset can be read as.
type streamError struct {
	StreamID uint32
	Code     uint32
	Cause    error
}

func (e streamError) Error() string { return "HTTP/2 stream error" }

// Codes of RFC 9113 §7.
const (
	http2ProtocolError = 1
	http2Refused       = 7
)

// net/http has no names for these.
const (
	goneAwayText   = "http2: Transport received Server's graceful shutdown GOAWAY" // before it looked at this request
	unusableText   = "http2: client conn not usable"                               // before this request was sent
	closedText     = "http2: server sent GOAWAY and closed the connection"
	headLimitText  = "request header list larger than peer's advertised limit"
	lostPingText   = "http2: client connection lost"
	connClosedText = "http2: client connection force closed via ClientConn.Close"
)

// errLargeRequest is a request with more headers than the back end says that it takes.
var errLargeRequest = errors.New("Request head is larger than the endpoint takes")

// http2End says what a failed request means to the back end: what it has refused, or what came after it had said which
// request is its last, it has not looked at (RFC 9113 §8.7).
func http2End(err error) callEnd {
	var reset streamError
	return callEnd{
		refused: errors.As(err, &reset) && reset.Code == http2Refused,
		unsent:  err.Error() == goneAwayText || err.Error() == unusableText,
	}
}

// http2Error says in words of HTTP/1.1 how a request has failed, for callFailure.
func http2Error(err error) error {
	var reset streamError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.Canceled):
		return net.ErrClosed
	case errors.As(err, &reset) && reset.Code != http2ProtocolError:
		return syscall.ECONNRESET
	}
	text := err.Error()
	switch {
	case text == goneAwayText, text == unusableText, text == lostPingText, text == connClosedText, strings.HasPrefix(text, closedText):
		return io.ErrUnexpectedEOF
	case strings.HasSuffix(text, headLimitText):
		return errLargeRequest
	}
	return err
}
