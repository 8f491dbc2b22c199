package main

import (
	"runtime"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/tollbook/tollbook/accesslog"
	"github.com/tollbook/tollbook/logs"
)

// feed makes calls of entries in a thread of its own, so that the CPU time of making them can be told from the store's.
type feed struct {
	full chan *call    // closed after the last entry
	free chan *call    // takes back what full gave
	cpu  time.Duration // of the thread; to be read when full is closed
}

// call is what goes into one Append. Its memory is used again.
type call struct {
	text    []byte
	events  [accesslog.Streams][]logs.NewEvent
	batches []logs.Batch
}

const entriesPerCall = 1000

func startFeed(src *source) *feed {
	const calls = 4
	f := &feed{full: make(chan *call, calls), free: make(chan *call, calls)}
	for range calls {
		f.free <- &call{text: make([]byte, 0, 512*entriesPerCall)}
	}
	go f.run(src)
	return f
}

func (f *feed) run(src *source) {
	runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
	defer close(f.full)
	before := threadCPU()
	for c := range f.free {
		if !c.fill(src) {
			break
		}
		f.full <- c
	}
	f.cpu = threadCPU() - before
}

// fill makes the next entries, sorted by the streams that the gateway would choose. It returns false if there is none.
func (c *call) fill(src *source) bool {
	c.text, c.batches = c.text[:0], c.batches[:0]
	for i := range c.events {
		c.events[i] = c.events[i][:0]
	}
	for range entriesPerCall {
		text, e, ok := src.append(c.text)
		if !ok {
			break
		}
		message := text[len(c.text):]
		id := text[e.RequestID:][:36]
		stream := accesslog.StreamOf(unsafe.String(&id[0], len(id)))
		// The store keeps nothing of a message's memory, so that is not copied.
		c.events[stream] = append(c.events[stream], logs.NewEvent{
			Timestamp: logs.Millis(e.Time.UnixMilli()), Message: unsafe.String(&message[0], len(message)),
		})
		c.text = text
	}
	for i, events := range c.events {
		if len(events) > 0 {
			c.batches = append(c.batches, logs.Batch{Group: benchGroup, Stream: logs.StreamID(i), Events: events})
		}
	}
	return len(c.batches) > 0
}

func threadCPU() time.Duration { return usage(unix.RUSAGE_THREAD) }

// ownCPU is the CPU time of this process, user and system.
func ownCPU() time.Duration { return usage(unix.RUSAGE_SELF) }

func usage(who int) time.Duration {
	var u unix.Rusage
	if unix.Getrusage(who, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
