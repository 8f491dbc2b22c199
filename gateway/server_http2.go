package gateway

import (
	"io"
	"log"
	"net/http"
	"time"
)

const (
	// maxStreams is how many requests a client may have under way on one connection, as at CloudFront and nginx. Go's server
	// ends a connection on which many more are begun and reset at once.
	maxStreams = 128
	// maxHeaderList is a size of headers that net/http refuses by itself, so that no entry says so. Requests below it and above
	// the limits of HTTP/1.1 are refused by the gateway.
	maxHeaderList = 64 << 10
	// maxExchange is longer than any request takes that has arrived: integrations have up to 5 minutes.
	maxExchange = 6 * time.Minute
)

// newHTTP2 makes the server of connections that speak HTTP/2. It is net/http's own, which the Go project maintains:
// golang.org/x/net/http2 has its server deprecated in favour of it.
func newHTTP2(g *Gateway) *http.Server {
	protocols := new(http.Protocols)
	protocols.SetHTTP2(true)
	return &http.Server{
		Handler:        g.httpHandler(gatewayForm),
		Protocols:      protocols,
		MaxHeaderBytes: maxHeaderList,
		ReadTimeout:    g.cfg.ReadTimeout,
		WriteTimeout:   g.cfg.ReadTimeout + maxExchange + g.cfg.WriteTimeout, // it begins with the request
		IdleTimeout:    g.cfg.IdleTimeout,
		HTTP2: &http.HTTP2Config{
			MaxConcurrentStreams: maxStreams,
			WriteByteTimeout:     g.cfg.WriteTimeout,
		},
		ErrorLog: log.New(io.Discard, "", 0), // single connections are no matter of the log
	}
}
