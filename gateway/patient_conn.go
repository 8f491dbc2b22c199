package gateway

import (
	"net"
	"time"
)

// deadlineSlack is how much later than asked a deadline may pass that is still far away.
const deadlineSlack = 2 * time.Second

// Listener returns a listener for the server of NewServer, which sets three deadlines for each request. A timer of the
// runtime costs more than a comparison, so its connections move their timers only when a read or write is to be made
// that needs it, and by enough to serve the requests of the next two seconds too. A connection is for one goroutine, as
// the server has it; closing it is not bound to that.
func Listener(l net.Listener) net.Listener { return patientListener{l} }

type patientListener struct{ net.Listener }

func (l patientListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if tcp, ok := c.(*net.TCPConn); ok {
		return &patientConn{TCPConn: tcp}, err
	}
	return c, err
}

type patientConn struct {
	*net.TCPConn
	read, write lateDeadline
}

func (c *patientConn) SetReadDeadline(t time.Time) error  { c.read.want = t; return nil }
func (c *patientConn) SetWriteDeadline(t time.Time) error { c.write.want = t; return nil }

func (c *patientConn) SetDeadline(t time.Time) error {
	c.read.want, c.write.want = t, t
	return nil
}

func (c *patientConn) Read(b []byte) (int, error) {
	if err := c.read.arm(c.TCPConn.SetReadDeadline); err != nil {
		return 0, err
	}
	return c.TCPConn.Read(b)
}

func (c *patientConn) Write(b []byte) (int, error) {
	if err := c.write.arm(c.TCPConn.SetWriteDeadline); err != nil {
		return 0, err
	}
	return c.TCPConn.Write(b)
}

// lateDeadline is a deadline that was asked for and the one that a timer is set to.
type lateDeadline struct{ want, set time.Time }

// arm sees to it that the timer goes off after the deadline that is wanted, and not much later.
func (d *lateDeadline) arm(set func(time.Time) error) error {
	if d.want.Equal(d.set) || !d.want.IsZero() && !d.set.Before(d.want) && d.set.Sub(d.want) <= deadlineSlack {
		return nil
	}
	at := d.want
	if !at.IsZero() && time.Until(at) > 5*deadlineSlack {
		at = at.Add(deadlineSlack)
	}
	d.set = at
	return set(at)
}
