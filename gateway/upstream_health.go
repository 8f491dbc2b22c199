package gateway

import (
	"errors"
	"net"
	"sync/atomic"
	"syscall"
	"time"
)

// health knows whether connections to a back end can be opened, by what came of the last attempts. It keeps requests from
// piling up before a back end whose connections are neither accepted nor refused. Answers of the back end, whatever their
// status, and integrations' timeouts say nothing about it.
//
// After failuresInARow failed attempts, further ones are held off: they fail at once. One in heldOff, and only after the
// one before has ended or took longer than probeTime, goes through as a probe; if it succeeds all do again. The times are
// short, so that a service that was started again is called again at once.
//
// Whoever wants to open a connection asks allow first and tells report what came of it. Kept connections are used without.
// Both are safe from any goroutine, take no lock and do not allocate; on a healthy back end they only load.
type health struct {
	failures atomic.Int64 // in a row
	until    atomic.Int64 // no attempt before; nanoseconds since began; 0: healthy
	began    time.Time
	heldOff  *atomic.Uint64
}

const (
	failuresInARow = 5
	holdOff        = 100 * time.Millisecond
	probeTime      = time.Second
)

var errHeldOff = errNetwork.because("%s: The last connections to it could not be opened", networkText)

// allow says whether a connection may be opened now; if not, with what the request fails.
func (h *health) allow() *Error {
	until := h.until.Load()
	if until == 0 {
		return nil
	}
	now := int64(time.Since(h.began))
	if now >= until && h.until.CompareAndSwap(until, now+int64(probeTime)) {
		return nil // the probe; another one if it does not report for long
	}
	h.heldOff.Add(1)
	return errHeldOff
}

// report takes note of an attempt to open a connection that allow let through. failed: the back end could not be reached
// (see unreachable).
func (h *health) report(failed bool) {
	if !failed {
		if h.failures.Load() != 0 || h.until.Load() != 0 {
			h.failures.Store(0)
			h.until.Store(0)
		}
		return
	}
	if h.failures.Add(1) >= failuresInARow {
		h.until.Store(int64(time.Since(h.began) + holdOff))
	}
}

// down reports whether attempts are held off.
func (h *health) down() bool { return h.until.Load() != 0 }

// unreachable reports whether an error of opening a TCP connection, which took some time, speaks of the back end: it was
// refused, there is no way to it, its name is unknown, or nothing came back. A deadline that left less than a second does
// not count, nor does what is wanting on this machine, such as files or ports.
func unreachable(err error, took time.Duration) bool {
	var name *net.DNSError
	switch {
	case isTimeout(err):
		return took >= time.Second
	case errors.As(err, &name):
		return true
	}
	for _, e := range []syscall.Errno{syscall.ECONNREFUSED, syscall.EHOSTUNREACH, syscall.ENETUNREACH, syscall.ECONNRESET} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
