package gateway

import (
	"github.com/valyala/fasthttp"
)

// readBuffer holds a request's line and headers: AWS' limits on URL and header values, and room for the names.
const readBuffer = maxURL + maxHeaderBytes + 4<<10

// NewServer makes the server of the gateway listener, which stands behind framing.Listener: fasthttp takes requests that
// other servers read differently. It is started with Serve and ended with ShutdownWithContext, which
// stops listening, closes idle connections and waits for requests under way.
func NewServer(g *Gateway) *fasthttp.Server {
	return &fasthttp.Server{
		Handler:                       g.Handler,
		ErrorHandler:                  g.HandleError,
		ExpectHandler:                 g.expect,
		ReadBufferSize:                readBuffer,
		StreamRequestBody:             true, // so that the head of a request is still there when its body fails
		ReadTimeout:                   g.cfg.ReadTimeout,
		WriteTimeout:                  g.cfg.WriteTimeout,
		IdleTimeout:                   g.cfg.IdleTimeout,
		TCPKeepalive:                  true,
		CloseOnShutdown:               true,
		NoDefaultServerHeader:         true,
		NoDefaultContentType:          true,
		DisableHeaderNamesNormalizing: true,
		DisablePreParseMultipartForm:  true,
		SecureErrorLogMessage:         true,
		Logger:                        discardLogger{},
	}
}

// discardLogger keeps fasthttp's notes on single connections out of the log; requests have their entries.
type discardLogger struct{}

func (discardLogger) Printf(string, ...any) {}
