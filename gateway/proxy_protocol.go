package gateway

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"time"

	"github.com/pires/go-proxyproto"
)

// A proxy at one of the trusted addresses begins each connection with a header of the PROXY protocol, version 1 or 2, that
// says whose connection it is (www.haproxy.org/download/3.0/doc/proxy-protocol.txt). From there it must come: the protocol
// forbids to guess. From elsewhere it is not looked for, so that it is a malformed request there.

// proxyHeaderTimeout bounds how long the header takes.
const proxyHeaderTimeout = 5 * time.Second

// addresses are networks that something is believed of.
type addresses []netip.Prefix

func (a addresses) contains(addr netip.Addr) bool {
	addr = addr.Unmap().WithZone("")
	for _, p := range a {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// addrOf is the IP address of one end of a connection.
func addrOf(a net.Addr) netip.Addr {
	if tcp, ok := a.(*net.TCPAddr); ok {
		return tcp.AddrPort().Addr()
	}
	ap, _ := netip.ParseAddrPort(a.String()) // zero if it has none
	return ap.Addr()
}

// receive has the PROXY header of a connection read by whoever reads or asks first, which is never the accept loop.
func (d *doorkeeper) receive(c net.Conn) net.Conn {
	if len(d.trusted) == 0 || !d.trusted.contains(addrOf(c.RemoteAddr())) {
		return c
	}
	return &announcedConn{door: d, Conn: proxyproto.NewConn(c, proxyproto.WithPolicy(proxyproto.REQUIRE),
		proxyproto.SetReadHeaderTimeout(proxyHeaderTimeout), proxyproto.ValidateHeader(aboutTCP))}
}

// aboutTCP refuses headers that name no IP address, but for those of connections that the proxy makes for itself.
func aboutTCP(h *proxyproto.Header) error {
	if _, _, ok := h.TCPAddrs(); !ok && !h.Command.IsLocal() {
		return errNoClient
	}
	return nil
}

var errNoClient = errors.New("the PROXY header names no TCP address")

// announcedConn is a connection whose client a trusted proxy names. Without a good header it has nothing to say.
type announcedConn struct {
	*proxyproto.Conn
	door *doorkeeper
	bad  bool
}

func (c *announcedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if err != nil && c.ProxyHeader() == nil {
		if !c.bad {
			c.bad = true
			c.door.garbled.Add(1)
		}
		return 0, io.EOF // to the server it is a connection on which no request came
	}
	return n, err
}
