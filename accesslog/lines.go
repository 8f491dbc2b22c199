package accesslog

import "iter"

// Lines are the events that one request leaves beside its entry: its execution log. They go to one stream, next to each
// other and in their order. The zero value is empty. Not safe for concurrent use.
type Lines struct {
	text []byte // of all lines, one after the other
	ends []lineEnd
}

type lineEnd struct {
	end       int // in text
	timestamp int64
}

// Add adds a line, which may not be empty, with its time in milliseconds since 1970-01-01 UTC. The text is copied.
func (l *Lines) Add(timestamp int64, text []byte) {
	l.text = append(l.text, text...)
	l.ends = append(l.ends, lineEnd{len(l.text), timestamp})
}

// Len is the number of lines.
func (l *Lines) Len() int { return len(l.ends) }

// All yields time and text of each line. A text is valid until the next call of another method.
func (l *Lines) All() iter.Seq2[int64, []byte] {
	return func(yield func(int64, []byte) bool) {
		start := 0
		for _, line := range l.ends {
			if !yield(line.timestamp, l.text[start:line.end]) {
				return
			}
			start = line.end
		}
	}
}

// Reset removes the lines and keeps their memory, unless it is more than keep bytes.
func (l *Lines) Reset(keep int) {
	if cap(l.text) > keep {
		l.text = nil
	}
	l.text, l.ends = l.text[:0], l.ends[:0]
}

// WriteLines queues the lines of a request, all in the stream of its ID. Options hold as for Write; the lines are queued,
// or dropped, as a whole. They may be changed as soon as WriteLines returns.
func (s *Sink) WriteLines(requestID string, l *Lines) {
	if l.Len() > 0 {
		s.writeLines(s.w.admit(s), requestID, l)
	}
}

// TryWriteLines is to WriteLines what TryWrite is to Write.
func (s *Sink) TryWriteLines(requestID string, l *Lines) bool {
	return l.Len() == 0 || s.writeLines(s.w.tryAdmit(s), requestID, l)
}

func (s *Sink) writeLines(v verdict, requestID string, l *Lines) bool {
	if v != take {
		return s.leave(v, l.Len())
	}
	stream := StreamOf(requestID)
	s.queued(s.add(stream, func(b *batch) {
		base := len(b.buf)
		b.buf = append(b.buf, l.text...)
		for _, line := range l.ends {
			b.records = append(b.records, record{base + line.end, int32(stream), line.timestamp})
		}
	}))
	return true
}
