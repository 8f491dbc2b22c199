package gateway

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unsafe"

	"github.com/tollbook/tollbook/accesslog"
	"github.com/tollbook/tollbook/iam/policy"
)

// exchange is one request on its way and the response that is made for it. Exchanges are pooled; all their slices keep
// their memory for the next request. What points into the request's buffers is gone when the response has been sent.
type exchange struct {
	g       *Gateway
	counter *counters
	cell    uint32 // of meters
	start   time.Time

	// the request as it arrived
	form        pathForm
	method      string
	sentMethod  string // as it was on the wire
	target      []byte // request target, such as "/prod/notes?x=1"
	host        []byte
	headers     []header
	known       knownHeaders
	body        []byte
	bodyBuffer  []byte
	bodyHeld    int // bytes of it that are accounted for
	forwarded   forwarded
	clientCerts []*x509.Certificate // the chain that the client showed over TLS, unverified
	head        bool                // the client sent HEAD: whatever the method is taken for, no body may follow

	// what the steps find out
	table  *StageTable
	path   string // below the stage, beginning with "/"
	query  []byte
	route  *route
	params []string // values of the route's path parameters, as the client encoded them
	// usageKey is the API key that a Lambda authorizer named (usageIdentifierKey).
	usageKey string

	resp  reply
	entry accesslog.Entry
	call  *upstreamCall
	// onLoop: the steps must not wait; a call to a back end ends them, and then makes the response of what it answers.
	onLoop   bool
	calling  *integration
	then     func(*exchange, *integration) *Error
	retried  bool             // the call was sent once more
	called   time.Time        // when the call began
	recorded int              // how many of its logs have the request
	exec     *executionLog    // nil: the request leaves no execution log
	caller   *policy.Identity // who signed the request; nil: nobody did

	rendering *rendering // nil: no mapping template has computed anything yet

	shed    bool // there are too many requests: it is told so, and nothing else is done
	testing bool // the request is one of TestInvoke, and came by no connection

	ids     [128]byte // requestId and extendedRequestId
	peer    [64]byte  // sourceIp
	trace   [64]byte  // X-Amzn-Trace-Id
	traceID []byte
	logPath []byte // $context.path
}

type header struct{ name, value []byte }

// knownHeaders are the values of those headers that the gateway itself reads.
type knownHeaders struct {
	accept, apiID, apiKey, authorization, connection, contentType, expect, host, methodOverride, requestID, traceID, userAgent []byte
}

// pathForm says which paths, beside API host names, lead to a stage.
type pathForm uint8

const (
	gatewayForm pathForm = iota // /{apiId}/{stage}/…
	apiForm                     // /_aws/execute-api/{apiId}/{stage}/… and /restapis/{apiId}/{stage}/_user_request_/…
)

func newExchange(g *Gateway) *exchange {
	turn := g.turn.Add(1)
	return &exchange{g: g, counter: g.metrics.set(turn), cell: turn, call: &upstreamCall{memory: holding{of: &g.load}}}
}

// begin takes an exchange from the pool; end gives it back.
func (g *Gateway) begin(start time.Time) *exchange {
	x := g.exchanges.Get().(*exchange)
	x.start = start
	x.entry.TimeMillis = start.UnixMilli()
	x.resp.status = http.StatusOK
	x.counter.inFlight.Add(1)
	x.shed = !g.load.admit()
	return x
}

// maxKept is the size of memory that an exchange holds on to for its next request.
const maxKept = 64 << 10

func (x *exchange) end() {
	x.counter.inFlight.Add(-1)
	if !x.shed {
		x.g.load.leave()
	}
	x.call.reset()
	x.resp.reset()
	clear(x.headers)
	clear(x.params)
	if x.exec != nil {
		x.exec.release()
	}
	if x.rendering != nil {
		x.rendering.reset()
	}
	if cap(x.logPath) > maxKept {
		x.logPath = nil
	}
	if cap(x.bodyBuffer) > maxKept {
		x.bodyBuffer = nil
	}
	g, counter, cell, call, resp, rendering := x.g, x.counter, x.cell, x.call, x.resp, x.rendering
	headers, params, logPath, body := x.headers[:0], x.params[:0], x.logPath[:0], x.bodyBuffer
	*x = exchange{} // in place: there is much of it
	x.g, x.counter, x.cell, x.call, x.resp, x.rendering = g, counter, cell, call, resp, rendering
	x.headers, x.params, x.logPath, x.bodyBuffer = headers, params, logPath, body
	g.exchanges.Put(x)
}

// scanHeaders splits a block of header lines, which have been checked (package framing).
func (x *exchange) scanHeaders(block []byte) {
	for len(block) > 0 {
		var line []byte
		if line, block = cutLine(block); len(line) == 0 {
			return
		}
		colon := bytes.IndexByte(line, ':')
		if colon < 0 {
			colon = len(line)
		}
		x.addHeader(line[:colon], trimSpaces(line[min(colon+1, len(line)):]))
	}
}

func (x *exchange) addHeader(name, value []byte) {
	x.headers = append(x.headers, header{name, value})
	if place := x.known.place(name); place != nil {
		if place == &x.known.connection && len(*place) > 0 {
			value = slices.Concat(*place, []byte(","), value) // its lines are one list (RFC 9110 §5.3)
		}
		*place = value
	}
}

// place finds where the value of a header is kept, if the gateway reads that header.
func (k *knownHeaders) place(name []byte) *[]byte {
	switch len(name) {
	case 4:
		return only(name, "host", &k.host)
	case 6:
		if name[0]|0x20 == 'e' {
			return only(name, "expect", &k.expect)
		}
		return only(name, "accept", &k.accept)
	case 9:
		return only(name, "x-api-key", &k.apiKey)
	case 10:
		if name[0]|0x20 == 'u' {
			return only(name, "user-agent", &k.userAgent)
		}
		return only(name, "connection", &k.connection)
	case 12:
		return only(name, "content-type", &k.contentType)
	case 13:
		return only(name, "authorization", &k.authorization)
	case 14:
		return only(name, "x-apigw-api-id", &k.apiID)
	case 15:
		return only(name, "x-amzn-trace-id", &k.traceID)
	case 16:
		return only(name, "x-amzn-requestid", &k.requestID)
	case 22:
		return only(name, "x-http-method-override", &k.methodOverride)
	}
	return nil
}

func only(name []byte, want string, place *[]byte) *[]byte {
	if strings.EqualFold(str(name), want) {
		return place
	}
	return nil
}

// readBody reads the body, of a length that is negative if it is not known.
func (x *exchange) readBody(r io.Reader, length int) *Error {
	switch {
	case x.shed && (length < 0 || length > maxKept): // else its end comes soon, and the connection can stay
		return errShed
	case length > maxBody:
		return errBodyTooLarge
	}
	buf := slices.Grow(x.bodyBuffer[:0], min(max(length, 0)+512, maxKept)) // what is only announced costs no memory
	if !x.call.memory.hold(cap(buf)) {
		return errShed
	}
	for {
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		x.bodyBuffer, x.body = buf, buf
		switch {
		case len(buf) > maxBody:
			return errBodyTooLarge
		case err == io.EOF:
			return nil
		case err != nil:
			return readFailure(err)
		case len(buf) == cap(buf) && !x.call.memory.hold(len(buf)):
			return errShed
		case len(buf) == cap(buf):
			buf = slices.Grow(buf, len(buf))
		}
	}
}

func (x *exchange) setPeer(addr netip.Addr) {
	if !addr.IsValid() {
		return // a client without an IP address
	}
	x.entry.SourceIP = str(addr.Unmap().WithZone("").AppendTo(x.peer[:0]))
}

func (x *exchange) readTLS(state *tls.ConnectionState) {
	x.clientCerts = state.PeerCertificates
	x.entry.CipherSuite = tls.CipherSuiteName(state.CipherSuite)
	switch state.Version { // others are not spoken
	case tls.VersionTLS12:
		x.entry.TLSVersion = "TLSv1.2"
	case tls.VersionTLS13:
		x.entry.TLSVersion = "TLSv1.3"
	}
}

// identify gives the request its IDs. A client may choose the request ID, if it is a UUID.
func (x *exchange) identify() {
	buf := x.ids[:0]
	switch chosen := x.known.requestID; {
	case isUUID(chosen):
		buf = append(buf, chosen...)
	case len(chosen) > 0:
		buf = append(appendUUID(buf), "_REPLACED_INVALID_REQUEST_ID"...)
	default:
		buf = appendUUID(buf)
	}
	x.entry.RequestID = str(buf)
	rest := buf[len(buf):]
	x.entry.ExtendedRequestID = str(appendExtendedID(rest))
	x.entry.UserAgent = str(x.known.userAgent)
}

// traceHeader is the value of X-Amzn-Trace-Id: the client's, or a new root.
func (x *exchange) traceHeader() []byte {
	if len(x.traceID) == 0 {
		if x.traceID = x.known.traceID; len(x.traceID) == 0 {
			x.traceID = appendTraceID(x.trace[:0], x.start.Unix())
		}
	}
	return x.traceID
}

// beginTrace notes the trace's ID for the logs of a stage with tracing. Segments are not sent anywhere.
func (x *exchange) beginTrace() {
	if !x.table.tracing {
		return
	}
	root := x.traceHeader()
	if _, after, ok := bytes.Cut(root, []byte("Root=")); ok {
		root, _, _ = bytes.Cut(after, []byte(";"))
	}
	x.entry.TraceID = str(root)
}

// raw looks at a string as bytes, which must not be changed.
func raw(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

// str looks at bytes as a string, without a copy. The string is valid until the bytes change.
func str(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
