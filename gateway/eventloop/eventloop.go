// Package eventloop waits for many sockets with one goroutine. It is for connections whose handling never waits and is so
// short that handing each to a goroutine, and back, would cost more than the handling: Go's scheduler and network poller then
// have no part in a request. What a socket's events mean is its handler's business.
//
// A loop that is busy never lets go of the processor that Go's scheduler has given it (GOMAXPROCS), and a loop that sleeps does
// so late. A process should have one more of them than loops, or its other goroutines wait.
//
// A loop calls the kernel past the scheduler, which for calls that return at once saves what it does to let another goroutine
// run meanwhile; and the runtime's monitor, which looks for goroutines that stay in the kernel, finds nothing to do.
package eventloop

import "time"

// Handler is told of a socket's events, by its loop's goroutine. It must not wait.
type Handler interface {
	// Ready says that something has changed. It is told once for each change, so that the handler has to read, or write,
	// until that would have to wait. An event may come that nothing is behind.
	Ready(Events)
}

// Events are what has happened to a socket.
type Events uint32

// Timer goes off once, on a loop: Expired is called. Its other fields are the loop's.
type Timer struct {
	Expired func()

	want, set time.Time // set is when the loop looks at it, want when it is to go off
	place     int       // in the heap, from 1
}

// timers is a heap of those that are set.
type timers []*Timer

func (t timers) Len() int           { return len(t) }
func (t timers) Less(i, j int) bool { return t[i].set.Before(t[j].set) }
func (t timers) Swap(i, j int) {
	t[i], t[j] = t[j], t[i]
	t[i].place, t[j].place = i+1, j+1
}

func (t *timers) Push(x any) {
	timer := x.(*Timer)
	*t = append(*t, timer)
	timer.place = len(*t)
}

func (t *timers) Pop() any {
	n := len(*t) - 1
	timer := (*t)[n]
	(*t)[n] = nil
	*t = (*t)[:n]
	timer.place = 0
	return timer
}
