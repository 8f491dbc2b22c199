package gateway

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// endOf is a connection of a client at an address, which sends some bytes.
type endOf struct {
	net.Conn
	at   net.Addr
	sent io.Reader
}

func (c endOf) RemoteAddr() net.Addr { return c.at }

func (c endOf) Read(b []byte) (int, error) {
	if c.sent != nil {
		return c.sent.Read(b)
	}
	return c.Conn.Read(b)
}

func (c endOf) SetReadDeadline(t time.Time) error {
	if c.Conn == nil {
		return nil
	}
	return c.Conn.SetReadDeadline(t)
}

var proxyAddr = net.TCPAddrFromAddrPort(netip.MustParseAddrPort("10.0.0.5:4000"))

// TestSilentProxy: the header does not take for ever.
func TestSilentProxy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server, client := net.Pipe()
		defer client.Close()
		door := newDoorkeeper(0, addresses{netip.MustParsePrefix("10.0.0.0/8")})
		begin := time.Now()
		c := door.receive(endOf{Conn: server, at: proxyAddr})
		if time.Since(begin) != 0 {
			t.Error("the accept loop was held up")
		}
		go func() { _, _ = io.WriteString(client, "PROX") }()
		if _, err := c.Read(make([]byte, 10)); !errors.Is(err, io.EOF) {
			t.Errorf("read: %v", err)
		}
		if took := time.Since(begin); took != proxyHeaderTimeout {
			t.Errorf("it took %v", took)
		}
		if n := door.garbled.Load(); n != 1 || c.RemoteAddr() != proxyAddr {
			t.Errorf("%d bad headers, client %v", n, c.RemoteAddr())
		}
	})
}

func FuzzPROXYHeader(f *testing.F) {
	f.Add([]byte("PROXY TCP4 203.0.113.7 192.0.2.1 5000 443\r\nGET"))
	f.Add([]byte("\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c\xcb\x00\x71\x07\xc0\x00\x02\x01\x13\x88\x01\xbbGET"))
	f.Add([]byte("GET / HTTP/1.1\r\n"))
	f.Fuzz(func(t *testing.T, sent []byte) {
		door := newDoorkeeper(0, addresses{netip.MustParsePrefix("10.0.0.0/8")})
		c := door.receive(endOf{at: proxyAddr, sent: strings.NewReader(string(sent))})
		rest, err := io.ReadAll(c)
		if err != nil || len(rest) > len(sent) || !strings.HasSuffix(string(sent), string(rest)) {
			t.Errorf("%q leaves %q, %v", sent, rest, err)
		}
		if len(rest) > 0 && !strings.HasPrefix(string(sent), "PROXY ") && !strings.HasPrefix(string(sent), "\r\n\r\n\x00\r\nQUIT\n") {
			t.Errorf("%q passed without a header", sent)
		}
		if !addrOf(c.RemoteAddr()).IsValid() {
			t.Errorf("%q has no client", sent)
		}
	})
}

func FuzzForwardedFor(f *testing.F) {
	for _, text := range []string{"203.0.113.7", "1.2.3.4, 10.0.0.1,10.0.0.2", "[2001:db8::1]:80", "1.2.3.4:80 , x", ",,", "fe80::1%eth0"} {
		f.Add(text)
	}
	trusted := addresses{netip.MustParsePrefix("10.0.0.0/8")}
	peer := netip.MustParseAddr("10.0.0.5")
	f.Fuzz(func(t *testing.T, text string) {
		x := &exchange{g: &Gateway{proxies: trusted}}
		x.headers = []header{{[]byte("X-Forwarded-For"), []byte(text)}}
		x.arrive(peer)
		if x.entry.SourceIP == peer.String() {
			return
		}
		client, err := netip.ParseAddr(x.entry.SourceIP)
		if err != nil || !trusted.contains(client) && !strings.Contains(text, strings.TrimPrefix(x.entry.SourceIP, "::ffff:")) && client.Is4() {
			t.Errorf("%q is from %q", text, x.entry.SourceIP)
		}
		last := text[strings.LastIndexByte(text, ',')+1:]
		if first, ok := readForwarded(strings.TrimSpace(last)); !ok || !trusted.contains(first) && first.Unmap().WithZone("") != client {
			t.Errorf("%q is from %s, which is not its last", text, client)
		}
	})
}

// scarce is a listener in a process that has no files left for a while.
type scarce struct {
	net.Listener
	left []error
}

func (s *scarce) Accept() (net.Conn, error) {
	err := s.left[0]
	s.left = s.left[1:]
	return nil, &net.OpError{Op: "accept", Err: err}
}

// TestOutOfFiles: the listener waits, ever longer, and goes on; it ends when it is closed.
func TestOutOfFiles(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		l := &listener{door: newDoorkeeper(0, nil), Listener: &scarce{left: []error{
			os.NewSyscallError("accept4", syscall.EMFILE), os.NewSyscallError("accept4", syscall.ENFILE), syscall.ECONNABORTED, net.ErrClosed}}}
		if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("accept: %v", err)
		}
		if took := time.Since(begin); took != 35*time.Millisecond {
			t.Errorf("it waited %v", took)
		}
	})
}
