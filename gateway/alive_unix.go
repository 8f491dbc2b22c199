//go:build unix

package gateway

import (
	"crypto/tls"
	"net"
	"syscall"
	"time"
)

// alive looks whether an idle connection is still open and silent, without waiting: a back end that has closed it, or has
// sent something unasked, cannot be used again.
func alive(c net.Conn) bool {
	secure, isTLS := c.(*tls.Conn)
	if isTLS {
		c = secure.NetConn()
	}
	if err := c.SetDeadline(time.Time{}); err != nil { // the last request's has passed
		return false
	}
	sc, ok := c.(syscall.Conn)
	if !ok {
		return true
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return false
	}
	open := false
	err = raw.Read(func(fd uintptr) bool {
		var buf [1]byte
		n, _, err := syscall.Recvfrom(int(fd), buf[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		// with TLS a session ticket may wait to be read
		open = err == syscall.EAGAIN || err == syscall.EWOULDBLOCK || isTLS && n > 0
		return true
	})
	return open && err == nil
}
