package gateway

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// limiter bounds how many requests are under way to one back end, over everybody who calls it, and how many wait for their
// turn. Whoever has entered may have one connection to the back end in use, so there are never more of those than requests
// that may be under way, however many pools they lie in.
//
// An event loop calls tryEnter, which never waits. If it says no, the request either goes to somebody who can wait (enter)
// or is answered. Every successful tryEnter or enter is followed by exactly one leave, after the connection is back in its
// pool or closed. Those in line go first: while anybody waits, tryEnter says no.
type limiter struct {
	most  int64 // requests under way
	line  int   // requests that wait
	busy  atomic.Int64
	ahead atomic.Int64 // len(waiting)
	shed  *atomic.Uint64
	stop  context.Context // done when those who wait are given up

	mu      sync.Mutex
	waiting []chan struct{} // first come, first served; each of capacity one
}

// errOverloaded answers requests that find the line full. AWS names no gateway response for it.
var errOverloaded = early(503, "DEFAULT_5XX", "ServiceUnavailableException", "Service Unavailable").
	because("Execution failed because too many requests to the endpoint are under way")

// tryEnter takes a place among the requests under way, if one is free. It neither waits nor allocates.
func (l *limiter) tryEnter() bool { return l.ahead.Load() == 0 && l.take() }

func (l *limiter) take() bool {
	for {
		n := l.busy.Load()
		if n >= l.most {
			return false
		}
		if l.busy.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// leave gives a place back, and lets in who has waited longest.
func (l *limiter) leave() {
	l.busy.Add(-1)
	if l.ahead.Load() > 0 {
		l.admit()
	}
}

// admit lets those in line in, for as long as there are places.
func (l *limiter) admit() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.waiting) > 0 && l.take() {
		l.waiting[0] <- struct{}{}
		l.remove(0)
	}
}

// enter takes a place, and waits in line for one until the deadline. It fails at once if the line is full.
func (l *limiter) enter(deadline time.Time) *Error {
	if l.tryEnter() {
		return nil
	}
	turn := make(chan struct{}, 1)
	if !l.queue(turn) {
		l.shed.Add(1)
		return errOverloaded
	}
	l.admit() // the place may be free that was taken when tryEnter looked
	timer := time.NewTimer(time.Until(deadline))
	defer timer.Stop()
	select {
	case <-turn:
		return nil
	case <-timer.C:
		return l.giveUp(turn, errTimeout)
	case <-l.stop.Done():
		return l.giveUp(turn, errStopping)
	}
}

// queue puts a request at the end of the line, unless that is full.
func (l *limiter) queue(turn chan struct{}) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting) >= l.line {
		return false
	}
	l.waiting = append(l.waiting, turn)
	l.ahead.Store(int64(len(l.waiting)))
	return true
}

// giveUp takes a request out of the line. A place that it was given at the last moment goes to the next.
func (l *limiter) giveUp(turn chan struct{}, reason *Error) *Error {
	l.mu.Lock()
	for i := range l.waiting {
		if l.waiting[i] == turn {
			l.remove(i)
			break
		}
	}
	l.mu.Unlock()
	select {
	case <-turn:
		l.leave()
	default:
	}
	return reason
}

// remove takes the request at place i out of the line. The caller holds mu.
func (l *limiter) remove(i int) {
	copy(l.waiting[i:], l.waiting[i+1:])
	l.waiting[len(l.waiting)-1] = nil
	l.waiting = l.waiting[:len(l.waiting)-1]
	l.ahead.Store(int64(len(l.waiting)))
}
