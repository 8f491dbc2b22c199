package embedded

import "unsafe"

// An arena takes memory in chunks, small ones at first.
const (
	leastChunkBytes = 4 << 10
	mostChunkBytes  = 64 << 10
)

// arena is memory for many messages. A message is built by appending to buffer's result; take makes a string of it. The
// zero value works, and keeps nothing of what it gave out.
type arena struct {
	chunk []byte
	size  int // of the last chunk
	reuse bool
	full  [][]byte // if reuse is set: chunks to be used again after reset
	spare [][]byte
}

// buffer returns an empty slice to append a message to.
func (a *arena) buffer() []byte {
	if free := cap(a.chunk) - len(a.chunk); free == 0 || free < a.size/16 {
		a.next()
	}
	return a.chunk[len(a.chunk):]
}

func (a *arena) next() {
	if a.reuse && a.chunk != nil {
		a.full = append(a.full, a.chunk)
	}
	if n := len(a.spare); n > 0 {
		a.chunk, a.spare = a.spare[n-1], a.spare[:n-1]
		return
	}
	a.size = min(max(2*a.size, leastChunkBytes), mostChunkBytes)
	a.chunk = make([]byte, 0, a.size)
}

// take makes a string of a message over the memory that it was built in. Without it, the next message takes its place.
func (a *arena) take(message []byte) string {
	if free := a.chunk[len(a.chunk):]; cap(message) == cap(free) { // else it was too long and has memory of its own
		a.chunk = a.chunk[:len(a.chunk)+len(message)]
	}
	return view(message)
}

// view returns a string over b's memory.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// reset gives up all messages at once.
func (a *arena) reset() {
	if a.chunk != nil {
		a.full = append(a.full, a.chunk)
		a.chunk = nil
	}
	for _, c := range a.full {
		a.spare = append(a.spare, c[:0])
	}
	a.full = a.full[:0]
}
