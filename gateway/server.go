package gateway

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"

	"github.com/valyala/fasthttp"
	"golang.org/x/sync/errgroup"

	"github.com/tollbook/tollbook/gateway/framing"
)

// readBuffer holds a request's line and headers: AWS' limits on URL and header values, and room for the names.
const readBuffer = maxURL + maxHeaderBytes + 4<<10

// Server serves a Gateway at listeners: HTTP/1.1 by fasthttp, behind package framing, since fasthttp takes requests that
// other servers read differently; and HTTP/2, which fasthttp does not speak, by net/http. Both feed the same steps.
// Connections beyond Config.MaxConnections are turned away, and proxies are believed as Config says.
type Server struct {
	g     *Gateway
	http1 *fasthttp.Server
	http2 *http.Server
}

// NewServer makes a server of the gateway's listeners.
func NewServer(g *Gateway) *Server { return &Server{g: g, http1: newHTTP1(g), http2: newHTTP2(g)} }

// Serve serves HTTP/1.1 without TLS until Shutdown.
func (s *Server) Serve(l net.Listener) error {
	return s.http1.Serve(framing.Listener(&listener{Listener: l, door: s.g.door}))
}

// ServeTLS serves HTTP/1.1 and HTTP/2 over TLS until Shutdown. conf is one of Gateway.TLSConfig; it decides by its
// NextProtos which of them clients are offered.
func (s *Server) ServeTLS(l net.Listener, conf *tls.Config) error {
	h := newHandshaker(&listener{Listener: l, door: s.g.door, tls: turnAwayConfig(conf)}, conf)
	var both errgroup.Group
	both.Go(func() error { return s.http1.Serve(framing.Listener(h.http1)) })
	both.Go(func() error {
		if err := s.http2.Serve(h.http2); !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
			return err
		}
		return nil
	})
	both.Go(h.run)
	return both.Wait()
}

// Shutdown stops listening, closes idle connections, tells HTTP/2 clients to go away, and waits for the requests under way
// until ctx is done; connections that are then left are closed.
func (s *Server) Shutdown(ctx context.Context) error {
	var both errgroup.Group
	both.Go(func() error { return s.http1.ShutdownWithContext(ctx) })
	both.Go(func() error {
		err := s.http2.Shutdown(ctx)
		if err != nil {
			s.http2.Close()
		}
		return err
	})
	return both.Wait()
}

func newHTTP1(g *Gateway) *fasthttp.Server {
	return &fasthttp.Server{
		Handler:                       g.Handler,
		ErrorHandler:                  g.HandleError,
		ExpectHandler:                 g.expect,
		Concurrency:                   max(fasthttp.DefaultConcurrency, g.cfg.MaxConnections),
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
