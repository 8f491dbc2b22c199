package framing

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
)

// Listener returns a listener whose connections carry only requests that every server reads alike (see framing): from the
// first byte that no correct client sends they bring nothing more but an error, so that the server behind refuses that
// request and closes. It stands in front of whatever server serves the data plane, and above TLS.
func Listener(l net.Listener) net.Listener { return listener{l} }

type listener struct{ net.Listener }

func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	if secure, ok := c.(*tls.Conn); ok {
		return &tlsConn{Conn: secure}, nil
	}
	return &conn{Conn: c}, nil
}

type conn struct {
	net.Conn
	reader reader
}

func (c *conn) Read(b []byte) (int, error) { return c.reader.read(c.Conn, b) }

// tlsConn lets servers see that a connection is encrypted.
type tlsConn struct {
	*tls.Conn
	reader reader
}

func (c *tlsConn) Read(b []byte) (int, error) { return c.reader.read(c.Conn, b) }

var errFraming = errors.New("a byte that no correct client sends")

type reader struct {
	framing framing
	broken  bool
}

func (r *reader) read(c net.Conn, b []byte) (int, error) {
	if r.broken {
		return 0, errFraming
	}
	n, err := c.Read(b)
	good := r.framing.scan(b[:n])
	switch {
	case good < n:
	case err != io.EOF || r.framing.step == between || len(b) == n:
		return n, err
	case r.framing.inBody():
		return n, io.ErrUnexpectedEOF
	}
	r.broken = true
	b[good] = 0 // which no server takes there either; some take an end, or silence
	return good + 1, nil
}
