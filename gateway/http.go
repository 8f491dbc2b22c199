package gateway

import (
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/valyala/fasthttp"
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

// HTTPHandler serves requests of a net/http server by the same steps as Handler. It knows the paths that Matches knows.
func (g *Gateway) HTTPHandler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		resp := fasthttp.AcquireResponse()
		defer fasthttp.ReleaseResponse(resp)
		x := g.begin(resp, time.Now())
		defer x.end()
		x.form = apiForm
		x.readHTTP(r)
		if failure := x.readBody(r.Body, int(r.ContentLength)); failure != nil {
			x.refuse(failure)
		} else {
			x.serve()
		}
		writeHTTP(w, resp)
	})
}

func (x *exchange) readHTTP(r *http.Request) {
	x.method = r.Method
	x.sentMethod = r.Method
	x.head = r.Method == http.MethodHead
	x.target = []byte(r.RequestURI)
	x.host = []byte(r.Host)
	x.entry.Protocol = r.Proto
	if r.ProtoMajor > 1 {
		x.entry.Protocol = "HTTP/1.1" // as AWS prints it
	}
	if r.Host != "" {
		x.addHeader([]byte("Host"), x.host)
	}
	for name, values := range r.Header {
		for _, value := range values {
			x.addHeader([]byte(name), []byte(value))
		}
	}
	if ap, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		x.setPeer(ap.Addr())
	}
	if r.TLS != nil {
		x.readTLS(r.TLS)
	}
}

func writeHTTP(w http.ResponseWriter, resp *fasthttp.Response) {
	h := w.Header()
	for name, value := range resp.Header.All() {
		if strings.EqualFold(string(name), "Connection") && !resp.ConnectionClose() {
			continue
		}
		h[string(name)] = append(h[string(name)], string(value))
	}
	w.WriteHeader(resp.StatusCode())
	if !resp.SkipBody {
		_, _ = w.Write(resp.Body()) // the client is gone if this fails
	}
}
