package gateway

import "sync/atomic"

// load is what is under way over all listeners, and how much of it there may be: requests (Config.MaxRequests) and bytes of
// bodies (Config.MaxBodyBytes). What is beyond it is answered 503 at once, which costs a small part of serving it: no
// authorizer, no mapping and no back end are asked, and a body is not read.
//
// Other bounds stand beside it: of connections (doorkeeper), of requests to one back end and of those that wait for it
// (limiter), of entries on their way to the log service (accesslog.Writer), and of cached responses (responseCache).
type load struct {
	most  int64
	bytes int64 // of bodies, at most

	_        [64]byte // requests write what follows
	requests atomic.Int64
	shed     atomic.Uint64
	_        [64]byte
	bodies   atomic.Int64
	refused  atomic.Uint64
}

// errShed answers requests for which there is no room. AWS names no gateway response for it, so no API changes it.
var errShed = early(503, "", "ServiceUnavailableException", "Service Unavailable")

// admit takes a place for a request and reports whether there was one: then leave gives it back. One counter for all cores
// is enough: adding to it costs some nanoseconds, or some tens of them where many cores do.
func (l *load) admit() bool {
	if l.requests.Add(1) <= l.most {
		return true
	}
	l.requests.Add(-1)
	l.shed.Add(1)
	return false
}

func (l *load) leave() { l.requests.Add(-1) }

// freeBytes is how much of its bodies a request need not account for. It is bounded by the number of requests, and most have
// no more.
const freeBytes = 8 << 10

// holding is the memory that the bodies of one request take: what the client sent, what the back end answered, and what
// was made of them. It belongs to an exchange, which lets it go when the response has been handed over.
type holding struct {
	of      *load // nil: it counts for nothing
	bytes   int64
	counted int64 // of them, in of.bodies
}

// hold takes n more bytes and reports whether there was room. They are to be taken before they are allocated, where that is
// known; without room nothing more is to be allocated.
func (h *holding) hold(n int) bool {
	h.bytes += int64(n)
	if h.bytes <= freeBytes || h.of == nil {
		return true
	}
	more := h.bytes - h.counted
	if h.of.bodies.Add(more) > h.of.bytes {
		h.of.bodies.Add(-more)
		h.bytes -= int64(n)
		h.of.refused.Add(1)
		return false
	}
	h.counted = h.bytes
	return true
}

// release gives everything back.
func (h *holding) release() {
	if h.counted > 0 {
		h.of.bodies.Add(-h.counted)
	}
	h.bytes, h.counted = 0, 0
}
