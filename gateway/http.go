package gateway

import (
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/tollbook/tollbook/gateway/framing"
)

// The paths by which the API listener leads to a stage.
const (
	executePath  = "/_aws/execute-api/"
	restAPIsPath = "/restapis/"
	userRequest  = "_user_request_"
)

// Matches reports whether a request at the API listener is for the data plane: by an API's host name or a custom domain, or by the path
// /_aws/execute-api/{apiId}/{stage}/… or /restapis/{apiId}/{stage}/_user_request_/….
func (g *Gateway) Matches(r *http.Request) bool {
	if _, ok := apiOfHost(r.Host); ok {
		return true
	}
	if _, ok := g.domain(hostWithoutPort(r.Host)); ok {
		return true
	}
	path := r.URL.EscapedPath()
	if strings.HasPrefix(path, executePath) {
		return true
	}
	_, _, _, ok := cutRestAPIs(path)
	return ok
}

// HTTPHandler serves requests of a net/http server by the same steps as Handler. It knows the paths that Matches knows. The
// server should stand behind framing.Listener.
func (g *Gateway) HTTPHandler() http.Handler { return g.httpHandler(apiForm) }

func (g *Gateway) httpHandler(form pathForm) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := g.begin(time.Now())
		defer x.end()
		x.form = form
		failure := x.readHTTP(r)
		if failure == nil {
			failure = x.readHTTPBody(r)
		}
		if failure != nil {
			x.refuse(failure)
		} else {
			x.serve()
		}
		x.record(true)
		x.writeHTTP(w, r.ProtoMajor)
	})
}

// readHTTP takes over a request from net/http. What net/http takes over HTTP/2 and cannot be said in HTTP/1.1, as back ends
// are called, is refused.
func (x *exchange) readHTTP(r *http.Request) *Error {
	x.method = r.Method
	x.sentMethod = r.Method
	x.head = r.Method == http.MethodHead
	x.target = raw(r.RequestURI)
	x.host = raw(r.Host)
	x.entry.Protocol = "HTTP/1.1" // for HTTP/2 too, as AWS prints it
	if r.ProtoMajor == 1 {
		x.entry.Protocol = r.Proto
	}
	if r.Host != "" {
		x.addHeader(hostName, x.host)
	}
	for name, values := range r.Header {
		if r.ProtoMajor > 1 && name == "Host" && len(values) == 1 && values[0] == r.Host {
			continue // in place of :authority, or beside it
		}
		for _, value := range values {
			x.addHeader(raw(name), raw(value))
		}
	}
	if r.TLS != nil {
		x.readTLS(r.TLS)
	}
	ap, _ := netip.ParseAddrPort(r.RemoteAddr) // zero if it has none
	x.arrive(ap.Addr())
	if r.ProtoMajor == 1 {
		return nil
	}
	return x.checkHTTP2(r)
}

var hostName = []byte("Host")

// checkHTTP2 checks what package framing, or a server of HTTP/1.1, would have.
func (x *exchange) checkHTTP2(r *http.Request) *Error {
	if !framing.Method(r.Method) || !framing.Target(r.RequestURI) || r.RequestURI[0] != '/' && r.RequestURI != "*" {
		return errBadRequest
	}
	size, hosts := len(x.target), 0
	for _, h := range x.headers {
		size += len(h.name) + len(h.value)
		if isName(h.name, "Host") {
			hosts++
		}
	}
	switch {
	case hosts != 1: // :authority, and another one
		return errBadRequest
	case size > readBuffer:
		return errHeadersTooLarge
	}
	return nil
}

func (x *exchange) readHTTPBody(r *http.Request) *Error {
	if r.ContentLength == 0 {
		return nil
	}
	return x.readBody(r.Body, int(r.ContentLength))
}

// writeHTTP answers by net/http. All header values lie in one string, and one slice holds them.
func (x *exchange) writeHTTP(w http.ResponseWriter, version int) {
	resp := &x.resp
	size, n := 0, 0
	for name, value := range resp.header.all() {
		size += len(name) + len(value)
		n++
	}
	var text strings.Builder
	text.Grow(size)
	take := func(b []byte) string {
		from := text.Len()
		text.Write(b)
		return text.String()[from:]
	}
	values, h := make([]string, 0, n), w.Header()
	for name, value := range resp.header.all() {
		if isName(name, "Connection") {
			continue
		}
		key, ok := commonNames[str(name)]
		if !ok {
			key = take(name)
		}
		if more, ok := h[key]; ok {
			h[key] = append(more, take(value))
			continue
		}
		values = append(values, take(value))
		h[key] = values[len(values)-1 : len(values) : len(values)]
	}
	if resp.last && version == 1 {
		h["Connection"] = []string{"close"}
	}
	x.writeHTTPBody(w, version)
}

// commonNames are names that need not be copied, as net/http wants to have them.
var commonNames = map[string]string{
	"Content-Type": "Content-Type", "x-amzn-RequestId": "x-amzn-RequestId", "x-amz-apigw-id": "x-amz-apigw-id",
	"x-amzn-ErrorType": "x-amzn-ErrorType", "X-Amzn-Trace-Id": "X-Amzn-Trace-Id", "Cache-Control": "Cache-Control",
	"x-amzn-Remapped-Date": "x-amzn-Remapped-Date", "x-amzn-Remapped-Content-Length": "x-amzn-Remapped-Content-Length",
	"x-amzn-Remapped-Connection": "x-amzn-Remapped-Connection", "x-amzn-Remapped-Server": "x-amzn-Remapped-Server",
}

// largeBody is the size from which on a client may take its time to read a response, but not too much.
const largeBody = 16 << 10

func (x *exchange) writeHTTPBody(w http.ResponseWriter, version int) {
	body := x.resp.body
	if !x.resp.hasBody() {
		body = nil
	}
	if len(body) > largeBody && version > 1 {
		w.Header()["Content-Length"] = []string{strconv.Itoa(len(body))}
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(x.g.cfg.WriteTimeout)) // its server has it
	}
	w.WriteHeader(x.resp.status)
	if len(body) > 0 {
		_, _ = w.Write(body) // the client is gone if this fails
	}
}
