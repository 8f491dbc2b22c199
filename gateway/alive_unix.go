//go:build unix

package gateway

import (
	"net"
	"syscall"
	"time"
)

// silent looks at a socket. What TLS sends by itself, such as tickets for sessions, has come before the response that the
// connection has carried; what comes later is its end, or nothing good.
func silent(c net.Conn) bool {
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
		_, _, err := syscall.Recvfrom(int(fd), buf[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		open = err == syscall.EAGAIN || err == syscall.EWOULDBLOCK
		return true
	})
	return open && err == nil
}
