package gateway

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"syscall"
	"time"
)

// doorkeeper counts the connections of all listeners and turns away those beyond the cap. It also reads, or has read, what
// proxies announce (proxy_protocol.go).
type doorkeeper struct {
	most    int // 0: no cap
	open    atomic.Int64
	refused atomic.Uint64
	garbled atomic.Uint64 // without the PROXY header that they should have
	turning chan struct{} // holds one for each connection that is being told so
	trusted addresses     // who announces clients
}

const (
	// maxTurning bounds the refused connections that get an answer at the same time; others are closed without.
	maxTurning = 64
	// turnAwayTimeout bounds such an answer, with the TLS handshake before it.
	turnAwayTimeout = 2 * time.Second
)

// turnAwayConfig is how hands are shaken with those for whom there is no room: only to tell them so.
func turnAwayConfig(conf *tls.Config) *tls.Config {
	conf = conf.Clone()
	conf.NextProtos, conf.GetConfigForClient = []string{"http/1.1"}, nil
	return conf
}

func newDoorkeeper(most int, trusted addresses) *doorkeeper {
	return &doorkeeper{most: most, trusted: trusted, turning: make(chan struct{}, maxTurning)}
}

// enter counts a connection, if there is room for it.
func (d *doorkeeper) enter() bool {
	if n := d.open.Add(1); d.most == 0 || n <= int64(d.most) {
		return true
	}
	d.open.Add(-1)
	d.refused.Add(1)
	return false
}

func (d *doorkeeper) leave() { d.open.Add(-1) }

// listener is a listener of the gateway: what it accepts has passed the doorkeeper. Running out of files or memory ends no
// listener; it waits until there is some.
type listener struct {
	net.Listener
	door *doorkeeper
	tls  *tls.Config // to turn connections away with; nil: they are plain
}

func (l *listener) Accept() (net.Conn, error) {
	c, err := l.accept()
	if err != nil {
		return nil, err
	}
	return l.door.receive(c), nil
}

func (l *listener) accept() (*patientConn, error) {
	for pause := time.Duration(0); ; {
		c, err := l.Listener.Accept()
		switch {
		case err == nil && l.door.enter():
			return &patientConn{Conn: c, onClose: l.door.leave}, nil
		case err == nil:
			l.refuse(c)
			pause = 0
		case passing(err):
			pause = min(max(2*pause, 5*time.Millisecond), time.Second)
			time.Sleep(pause)
		default:
			return nil, err
		}
	}
}

// passing reports errors of accept that say nothing about the listener.
func passing(err error) bool {
	for _, e := range []syscall.Errno{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM, syscall.ECONNABORTED, syscall.ECONNRESET} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// unavailable is all that a connection beyond the cap gets.
const unavailable = "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nContent-Length: 33\r\n" +
	"x-amzn-ErrorType: ServiceUnavailableException\r\nConnection: close\r\n\r\n" + `{"message":"Service Unavailable"}`

// refuse answers a connection beyond the cap and closes it, without holding up others.
func (l *listener) refuse(c net.Conn) {
	select {
	case l.door.turning <- struct{}{}:
	default:
		c.Close()
		return
	}
	go func() {
		defer func() { <-l.door.turning }()
		defer c.Close()
		if err := c.SetDeadline(time.Now().Add(turnAwayTimeout)); err != nil {
			return
		}
		turnAway(l.door.receive(c), l.tls)
	}()
}

// turnAway says that there is no room. What the client sends is read for a moment: closing over it would reset the
// connection, and the client might not see the answer.
func turnAway(c net.Conn, conf *tls.Config) {
	end := c
	if conf != nil {
		end = tls.Server(c, conf)
	}
	if _, err := end.Read(make([]byte, 1)); err != nil { // the client should have said something: it then listens, too
		return
	}
	if _, err := io.WriteString(end, unavailable); err != nil {
		return
	}
	if w, ok := end.(interface{ CloseWrite() error }); ok {
		_ = w.CloseWrite()
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(end, readBuffer))
}
