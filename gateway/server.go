package gateway

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"

	"golang.org/x/sync/errgroup"
)

// readBuffer holds a request's line and headers: AWS' limits on URL and header values, and room for the names.
const readBuffer = maxURL + maxHeaderBytes + 4<<10

// Server serves a Gateway at listeners: HTTP/1.1 by the gateway's own reading of it, on plain connections by event loops
// where the system has them; and HTTP/2 by net/http. All feed the same steps. Connections beyond Config.MaxConnections are
// turned away, and proxies are believed as Config says.
type Server struct {
	g     *Gateway
	loops *loops
	http1 *http1
	http2 *http.Server
}

// NewServer makes a server of the gateway's listeners.
func NewServer(g *Gateway) *Server {
	return &Server{g: g, loops: newLoops(g), http1: newHTTP1(g), http2: newHTTP2(g)}
}

// Serve serves HTTP/1.1 without TLS until Shutdown.
func (s *Server) Serve(l net.Listener) error {
	behind := &listener{Listener: l, door: s.g.door}
	if ok, err := s.loops.serve(behind); ok {
		return err
	}
	return s.http1.serve(behind)
}

// ServeTLS serves HTTP/1.1 and HTTP/2 over TLS until Shutdown. conf is one of Gateway.TLSConfig; it decides by its
// NextProtos which of them clients are offered.
func (s *Server) ServeTLS(l net.Listener, conf *tls.Config) error {
	h := newHandshaker(&listener{Listener: l, door: s.g.door, tls: turnAwayConfig(conf)}, conf)
	var both errgroup.Group
	both.Go(func() error { return s.http1.serve(h.http1) })
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
	both.Go(func() error {
		s.loops.shutdown(ctx.Done())
		s.http1.shutdown(ctx.Done())
		return ctx.Err()
	})
	both.Go(func() error {
		err := s.http2.Shutdown(ctx)
		if err != nil {
			s.http2.Close()
		}
		return err
	})
	return both.Wait()
}
