package gateway

import (
	"crypto/tls"
	"net"
	"time"
)

// alive looks whether an idle connection is still open and silent, without waiting: one that the back end has closed, or on
// which it has sent something unasked, cannot be used again.
func alive(c net.Conn) bool {
	secure, ok := c.(*tls.Conn)
	if !ok {
		return silent(c)
	}
	return silent(secure.NetConn()) && drained(secure)
}

// drained reports whether TLS holds nothing that it has already taken from the socket, as it does where a record came together
// with the one before. A read that may not wait finds it; the connection is as good afterwards as before.
func drained(c *tls.Conn) bool {
	if err := c.SetReadDeadline(time.Unix(1, 0)); err != nil {
		return false
	}
	var one [1]byte
	n, err := c.Read(one[:])
	return n == 0 && isTimeout(err) && c.SetReadDeadline(time.Time{}) == nil
}
