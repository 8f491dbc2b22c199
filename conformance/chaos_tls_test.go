package conformance_test

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path"
	"testing"
)

// corked is a connection that holds back what is written until it is told.
type corked struct {
	net.Conn
	held bytes.Buffer
	hold bool
}

func (c *corked) Write(p []byte) (int, error) {
	if c.hold {
		return c.held.Write(p)
	}
	return c.Conn.Write(p)
}

func (c *corked) pop() error {
	c.hold = false
	_, err := c.held.WriteTo(c.Conn)
	return err
}

// TestChaosKeptAliveTLS: a response that nobody asked for lies behind the one that was, in the same packet but in a record of
// its own: TLS may have taken it from the socket already. It must not be the next request's.
func TestChaosKeptAliveTLS(t *testing.T) {
	t.Parallel()
	lender := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(lender.Close)
	listener := must(net.Listen("tcp", "127.0.0.1:0"))(t)
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go answerTwice(conn, &tls.Config{Certificates: lender.TLS.Certificates})
		}
	}()
	c := startChaos(t, "https://"+listener.Addr().String())
	by := c.onWire(t)
	for i := range 5 {
		requireHealthy(t, by, "GET", "/p", fmt.Sprint("one-", i), "")
		requireHealthy(t, by, "POST", "/p", fmt.Sprint("another-", i), "a body")
	}
	c.check(t)
}

// answerTwice answers each request of a connection, and one more that nobody has sent.
func answerTwice(plain net.Conn, conf *tls.Config) {
	defer plain.Close()
	cork := &corked{Conn: plain}
	conn := tls.Server(cork, conf)
	for r := bufio.NewReader(conn); ; {
		req, err := http.ReadRequest(r)
		if err != nil {
			return
		}
		body, _ := io.ReadAll(req.Body)
		text := healthyBody(path.Base(req.URL.Path), string(body))
		cork.hold = true
		fmt.Fprintf(conn, "%sContent-Length: %d\r\n\r\n%s", okHead, len(text), text)
		io.WriteString(conn, poison)
		if cork.pop() != nil {
			return
		}
	}
}
