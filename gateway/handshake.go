package gateway

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"time"
)

// handshakeTimeout bounds a TLS handshake, with the PROXY header before it.
const handshakeTimeout = 10 * time.Second

// handshaker shakes hands with the clients of a TLS listener, each by a goroutine of its own, and hands their connections to
// the server of the protocol that was agreed on.
type handshaker struct {
	*listener
	conf         *tls.Config
	http1, http2 *handedListener
	ctx          context.Context // ends with the listener
	stop         context.CancelFunc
	once         sync.Once
}

func newHandshaker(l *listener, conf *tls.Config) *handshaker {
	h := &handshaker{listener: l, conf: conf}
	h.ctx, h.stop = context.WithCancel(context.Background())
	h.http1, h.http2 = &handedListener{h, make(chan net.Conn)}, &handedListener{h, make(chan net.Conn)}
	return h
}

// run accepts connections until the listener is closed, which is no error.
func (h *handshaker) run() error {
	defer h.close()
	for {
		c, err := h.listener.accept()
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return nil
			}
			return err
		}
		go h.shake(c)
	}
}

// close closes the listener once, whichever server it is that stops first.
func (h *handshaker) close() (err error) {
	h.once.Do(func() {
		h.stop()
		if err = h.listener.Close(); errors.Is(err, net.ErrClosed) {
			err = nil
		}
	})
	return err
}

func (h *handshaker) shake(c *patientConn) {
	ctx, cancel := context.WithTimeout(h.ctx, handshakeTimeout)
	defer cancel()
	secure := tls.Server(h.door.receive(c), h.conf)
	if err := secure.HandshakeContext(ctx); err != nil {
		c.Close()
		return
	}
	switch secure.ConnectionState().NegotiatedProtocol {
	case "h2":
		if c.prompt() == nil {
			h.http2.hand(secure)
			return
		}
	case "http/1.1", "":
		h.http1.hand(secure)
		return
	}
	secure.Close() // the handshake was all that the client wanted
}

// handedListener accepts the connections of one protocol.
type handedListener struct {
	*handshaker
	conns chan net.Conn
}

func (l *handedListener) hand(c net.Conn) {
	select {
	case l.conns <- c:
	case <-l.ctx.Done():
		c.Close()
	}
}

func (l *handedListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.ctx.Done():
		return nil, net.ErrClosed
	}
}

func (l *handedListener) Close() error { return l.close() }
