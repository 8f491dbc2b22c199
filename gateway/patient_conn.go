package gateway

import (
	"net"
	"sync/atomic"
	"time"
)

// deadlineSlack is how much later than asked a deadline may pass that is still far away.
const deadlineSlack = 2 * time.Second

// patientConn is a client's connection. Servers set three deadlines for each request; a timer of the runtime costs more than
// a comparison, so timers are moved only when a read or write is to be made that needs it, and by enough to serve the
// requests of the next two seconds too. It is for one goroutine, as HTTP/1.1 is served; prompt makes it one for many. Closing
// is not bound to that.
type patientConn struct {
	net.Conn
	read, write lateDeadline
	isPrompt    bool
	closed      atomic.Bool
	onClose     func() // called once
}

// prompt ends the patience, and the deadlines: from now on they are set at once, by whoever wants to.
func (c *patientConn) prompt() error {
	c.isPrompt = true
	return c.Conn.SetDeadline(time.Time{})
}

func (c *patientConn) SetReadDeadline(t time.Time) error {
	if c.isPrompt {
		return c.Conn.SetReadDeadline(t)
	}
	c.read.want = t
	return nil
}

func (c *patientConn) SetWriteDeadline(t time.Time) error {
	if c.isPrompt {
		return c.Conn.SetWriteDeadline(t)
	}
	c.write.want = t
	return nil
}

func (c *patientConn) SetDeadline(t time.Time) error {
	if c.isPrompt {
		return c.Conn.SetDeadline(t)
	}
	c.read.want, c.write.want = t, t
	return nil
}

func (c *patientConn) Read(b []byte) (int, error) {
	if !c.isPrompt {
		if err := c.read.arm(c.Conn.SetReadDeadline); err != nil {
			return 0, err
		}
	}
	return c.Conn.Read(b)
}

func (c *patientConn) Write(b []byte) (int, error) {
	if !c.isPrompt {
		if err := c.write.arm(c.Conn.SetWriteDeadline); err != nil {
			return 0, err
		}
	}
	return c.Conn.Write(b)
}

// CloseWrite tells the client that nothing more comes, where the connection has a way to say so.
func (c *patientConn) CloseWrite() error {
	if w, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return w.CloseWrite()
	}
	return nil
}

func (c *patientConn) Close() error {
	if !c.closed.Swap(true) {
		c.onClose()
	}
	return c.Conn.Close()
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
