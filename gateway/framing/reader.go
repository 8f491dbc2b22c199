package framing

// Event is what a Reader has found.
type Event uint8

const (
	More   Event = iota // the bytes are in order, and nothing of a body; the message goes on
	Head                // the bytes end the head of a request
	Data                // the bytes are of a body
	End                 // the bytes end a message
	Broken              // the byte behind these is one that no correct client sends
)

// Reader cuts the bytes of a connection into requests, whose outer form it checks. The zero Reader stands before the first
// request. It keeps no bytes, and is for one goroutine.
type Reader struct{ framing framing }

// Next looks at the bytes that follow those that it was called with before, and returns how many of them it has gone
// through when it finds something. It is to be called again with the rest, if there is any, and after Head and Data even if
// there is none, since a message may End without another byte; after Broken, not at all. Empty lines before a request, which
// RFC 9112 §2.2 has servers pass over, are gone through with it.
func (r *Reader) Next(b []byte) (int, Event) { return r.framing.next(b) }

// Length is the length of the body after a Head; negative: it comes in chunks.
func (r *Reader) Length() int64 {
	switch r.framing.step {
	case bodyStep:
		return r.framing.left
	case sizeStep:
		return -1
	}
	return 0
}

// InBody reports whether the message's body has begun and not ended.
func (r *Reader) InBody() bool { return r.framing.open && r.framing.step >= bodyStep }

// Idle reports whether no byte of a request has come since the last one ended, beside empty lines.
func (r *Reader) Idle() bool { return !r.framing.open && r.framing.step <= betweenEnd }

// Body returns a Reader that stands at the beginning of a body of a length, and finds its End; negative: it comes in chunks.
// Responses have such bodies too.
func Body(length int64) Reader {
	r := Reader{framing{open: true, left: length}}
	switch {
	case length < 0:
		r.framing.beginChunk()
	case length > 0:
		r.framing.step = bodyStep
	}
	return r
}
