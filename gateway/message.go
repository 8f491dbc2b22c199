package gateway

import (
	"slices"

	"github.com/tollbook/tollbook/gateway/framing"
)

// message is the bytes of one end of a connection, from the beginning of the message under way on. Whoever reads the
// connection puts bytes in room and calls grown; nothing here waits. What frames the chunks of a body is not kept, so that the
// body is one piece.
type message struct {
	buf     []byte
	body    int // where the body begins, behind the head; 0: the head is not complete
	bodyEnd int // where the part of it ends that has arrived
	seen    int // how far buf has been gone through
	reader  framing.Reader
}

// firstRoom is the memory that a message begins with.
const firstRoom = 4 << 10

// room is where to read the next bytes to. Memory grows with what has arrived, not with what is announced.
func (m *message) room() []byte {
	if cap(m.buf) == len(m.buf) {
		m.buf = slices.Grow(m.buf, max(firstRoom, min(len(m.buf), 1<<20)))
	}
	return m.buf[len(m.buf):cap(m.buf)]
}

// grown says that n bytes were read to room.
func (m *message) grown(n int) { m.buf = m.buf[:len(m.buf)+n] }

// take goes through what has arrived, until a head or the message ends. More: it is all gone through.
func (m *message) take() framing.Event {
	for {
		n, event := m.reader.Next(m.buf[m.seen:])
		from := m.seen
		m.seen += n
		switch event {
		case framing.Head:
			m.body, m.bodyEnd = m.seen, m.seen
			return event
		case framing.Data:
			if m.bodyEnd != from {
				copy(m.buf[m.bodyEnd:], m.buf[from:m.seen])
			}
			m.bodyEnd += n
		case framing.More:
			if m.seen < len(m.buf) {
				continue
			}
			if m.body > 0 {
				m.buf, m.seen = m.buf[:m.bodyEnd], m.bodyEnd
			}
			return event
		default:
			return event
		}
	}
}

// beginBody has take find the end of a body behind a head that somebody else has read.
func (m *message) beginBody(at int, length int64) {
	m.body, m.bodyEnd, m.seen = at, at, at
	m.reader = framing.Body(length)
}

// next begins the next message, with the bytes that have come behind this one.
func (m *message) next() {
	rest := copy(m.buf, m.buf[m.seen:])
	m.buf = m.buf[:rest]
	m.body, m.bodyEnd, m.seen = 0, 0, 0
	if rest == 0 && cap(m.buf) > 4*firstRoom {
		m.buf = nil
	}
}
