package gateway

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// http1 serves HTTP/1.1 on connections that each have a goroutine: those over TLS, those that a proxy announces, and all of
// them on systems without event loops.
type http1 struct {
	g     *Gateway
	mu    sync.Mutex
	conns map[*http1Conn]bool
	doors []net.Listener
	ended *sync.Cond // on mu: a connection has
	stop  bool
}

type http1Conn struct {
	net.Conn
	idle bool // waits for a request; guarded by http1.mu
}

func newHTTP1(g *Gateway) *http1 {
	s := &http1{g: g, conns: map[*http1Conn]bool{}}
	s.ended = sync.NewCond(&s.mu)
	return s
}

// serve serves the connections of a listener until it is closed.
func (s *http1) serve(l net.Listener) error {
	if !s.listen(l) {
		return l.Close()
	}
	for {
		c, err := l.Accept()
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return nil
			}
			return err
		}
		go s.serveConn(c)
	}
}

func (s *http1) serveConn(conn net.Conn) {
	c := &http1Conn{Conn: conn}
	defer c.Close()
	if !s.enter(c) {
		return
	}
	defer s.leave(c)
	client := &client{g: s.g, remote: addrOf(conn.RemoteAddr()), now: time.Now()}
	if secure, ok := conn.(*tls.Conn); ok {
		state := secure.ConnectionState()
		client.tls = &state
	}
	s.run(c, client)
}

// run reads, serves and answers requests.
func (s *http1) run(conn *http1Conn, c *client) {
	var out []byte
	for {
		next := c.advance()
		if next == readMore {
			failure, again := s.read(conn, c)
			if again {
				continue
			}
			if failure == nil || !c.failed(failure) {
				return
			}
			next = answered
		}
		switch next {
		case sayContinue:
			if _, err := io.WriteString(conn, continueLine); err != nil {
				return
			}
			continue
		case serve:
			c.x.serve()
		}
		c.x.record(true)
		var err error
		if out, err = s.answer(conn, c, out); err != nil || c.last {
			return
		}
	}
}

const continueLine = "HTTP/1.1 100 Continue\r\n\r\n"

// read reads what there is. Without again the connection brings no more, and failure says why; nil: nobody is to be told.
func (s *http1) read(conn *http1Conn, c *client) (failure *Error, again bool) {
	if !s.setIdle(conn, c.begun.IsZero()) {
		return nil, false
	}
	if err := conn.SetReadDeadline(c.readDeadline(time.Now())); err != nil {
		return nil, false
	}
	if len(c.buf) == 0 && c.requests == 0 {
		c.remote = addrOf(conn.RemoteAddr())
	}
	n, err := conn.Read(c.room())
	c.now = time.Now()
	if n > 0 {
		c.grown(n)
		s.setIdle(conn, false)
		return nil, true
	}
	if isTimeout(err) {
		return errRequestTimeout, false
	}
	return errBadRequest, false
}

// readDeadline is when the client must have sent more, at the latest.
func (c *client) readDeadline(now time.Time) time.Time {
	cfg := &c.g.cfg
	switch {
	case c.begun.IsZero() && c.requests == 0:
		return now.Add(min(cfg.IdleTimeout, cfg.ReadTimeout))
	case c.begun.IsZero():
		return now.Add(cfg.IdleTimeout)
	case c.x == nil:
		return c.begun.Add(min(cfg.HeaderTimeout, cfg.ReadTimeout))
	}
	return c.begun.Add(cfg.ReadTimeout)
}

func (s *http1) answer(conn *http1Conn, c *client, out []byte) ([]byte, error) {
	now := time.Now()
	out, body := c.appendAnswer(out[:0], now, s.stopping())
	until := c.lingerUntil(now)
	err := conn.SetWriteDeadline(now.Add(s.g.cfg.WriteTimeout))
	if err == nil {
		err = writeAll(conn.Conn, out, body)
	}
	c.done()
	if err == nil && !until.IsZero() {
		linger(conn.Conn, until)
	}
	return out, err
}

func writeAll(w io.Writer, parts ...[]byte) error {
	for _, part := range parts {
		if len(part) == 0 {
			continue
		}
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	return nil
}

// lingerUntil is how long to read on, at most, after a request that was not read to its end: a client that is still sending
// would otherwise find its connection reset and never see the answer. Zero: there is nothing more to come. One that was too
// slow is not waited for.
func (c *client) lingerUntil(now time.Time) time.Time {
	switch {
	case !c.last || c.body > 0 && !c.reader.InBody():
		return time.Time{}
	case c.x.resp.status == errRequestTimeout.Status:
		return now.Add(lingerSilence)
	}
	return now.Add(c.g.cfg.ReadTimeout)
}

// linger reads on until the client is silent.
func linger(conn net.Conn, until time.Time) {
	if w, ok := conn.(interface{ CloseWrite() error }); ok && w.CloseWrite() != nil {
		return
	}
	buf := make([]byte, 32<<10)
	for total := 0; total < maxLinger; {
		silence := time.Now().Add(lingerSilence)
		if silence.After(until) {
			silence = until
		}
		if err := conn.SetReadDeadline(silence); err != nil {
			return
		}
		n, err := conn.Read(buf)
		if total += n; err != nil {
			return
		}
	}
}

const (
	maxLinger     = 64 << 20
	lingerSilence = 200 * time.Millisecond
)

func (s *http1) listen(l net.Listener) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.doors = append(s.doors, l)
	return !s.stop
}

func (s *http1) enter(c *http1Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stop {
		return false
	}
	s.conns[c] = true
	return true
}

func (s *http1) leave(c *http1Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
	s.ended.Broadcast()
}

// setIdle notes whether a connection waits for a request. It reports false if the server is stopping, and the connection had
// better end.
func (s *http1) setIdle(c *http1Conn, idle bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.idle = idle
	return !idle || !s.stop
}

func (s *http1) stopping() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stop
}

// shutdown ends idle connections at once and waits for the others until giveUp, which closes them.
func (s *http1) shutdown(giveUp <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stop = true
	for _, l := range s.doors {
		l.Close()
	}
	for c := range s.conns {
		if c.idle {
			c.Close()
		}
	}
	ended := make(chan struct{})
	defer close(ended)
	go func() {
		select {
		case <-giveUp:
			s.closeAll()
		case <-ended:
		}
	}()
	for len(s.conns) > 0 {
		s.ended.Wait()
	}
}

func (s *http1) closeAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		c.Close()
	}
	clear(s.conns) // their goroutines end by themselves
	s.ended.Broadcast()
}
