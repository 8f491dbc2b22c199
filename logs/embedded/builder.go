package embedded

import (
	"slices"
	"sort"

	"github.com/tollbook/tollbook/logs"
	"github.com/tollbook/tollbook/logs/columnar"
)

// A builder makes blocks of groups of events. A large group has blocks of its own, cut by time: each holds later events
// than the one before, so that who reads the group in order opens one after the other. Small groups share blocks. Within a
// block events are sorted by group, stream and position.
//
// Groups are added in ascending order, first the small ones, then the large ones.
type builder struct {
	w       *segmentWriter
	src     source
	encode  func(dst []byte, rows *columnar.Rows) []byte
	rest    func() error // called behind each block; ends the work with an error
	maxRows int
	maxSize int64

	refs  []ref        // of the next block
	spans []streamSpan // what of refs is whose
	size  int64        // of their messages, roughly
	rows  columnar.Rows
	parts []groupPart
	arena arena // the memory of messages that no one else keeps
}

// ref is an event that is to go into a block: its position, and where its source has it.
type ref struct {
	logs.Position
	a, b uint32
}

// source has the messages of refs.
type source interface {
	// fill appends the messages of refs, which are in the order of a block. They live as long as what the arena holds.
	fill(messages []string, refs []ref, a *arena) ([]string, error)
}

// streamRefs is events of one stream, by position.
type streamRefs struct {
	stream logs.StreamID
	refs   []ref
	size   int64 // of their messages, roughly
}

// streamSpan says that the refs up to a place are of a stream.
type streamSpan struct {
	streamKey
	to int
}

// small reports whether a group of so many events and bytes shares blocks with others.
func (b *builder) small(events, bytes int64) bool {
	return 2*events < int64(b.maxRows) && 2*bytes < b.maxSize
}

// addSmall adds a small group, whose streams ascend.
func (b *builder) addSmall(group logs.GroupID, streams []streamRefs) error {
	events, size := total(streams)
	if events+len(b.refs) > b.maxRows || size+b.size > b.maxSize {
		if err := b.flush(); err != nil {
			return err
		}
	}
	b.addRefs(group, streams)
	b.size += size
	return nil
}

// addLarge adds a group in blocks of its own, as even as can be.
func (b *builder) addLarge(group logs.GroupID, streams []streamRefs) error {
	if err := b.flush(); err != nil {
		return err
	}
	events, size := total(streams)
	blocks := max((events+b.maxRows-1)/b.maxRows, int((size+b.maxSize-1)/b.maxSize))
	left := streams
	for _, cut := range cutEvenly(streams, events, blocks) {
		var before []streamRefs
		before, left = splitAt(left, cut)
		b.addRefs(group, before)
		if err := b.flush(); err != nil {
			return err
		}
	}
	b.addRefs(group, left)
	return b.flush()
}

func total(streams []streamRefs) (events int, size int64) {
	for _, s := range streams {
		events += len(s.refs)
		size += s.size
	}
	return events, size
}

// cutEvenly returns the positions at which all but the first of so many blocks begin.
func cutEvenly(streams []streamRefs, events, blocks int) (cuts []logs.Position) {
	if blocks < 2 {
		return nil
	}
	positions := make([]logs.Position, 0, events)
	for _, s := range streams {
		for i := range s.refs {
			positions = append(positions, s.refs[i].Position)
		}
	}
	from := 0
	for i := 1; i < blocks; i++ {
		at := int(int64(events) * int64(i) / int64(blocks))
		if at <= from {
			continue
		}
		selectNth(positions[from:], at-from)
		cuts = append(cuts, positions[at])
		from = at
	}
	return cuts
}

// selectNth moves the nth smallest position to place n, smaller ones before it and larger ones behind.
func selectNth(p []logs.Position, n int) {
	for len(p) > 1 {
		a, b, c := p[0], p[len(p)/2], p[len(p)-1]
		pivot := middle(a, b, c)
		i, j := 0, len(p)-1
		for i <= j {
			for p[i].Compare(pivot) < 0 {
				i++
			}
			for p[j].Compare(pivot) > 0 {
				j--
			}
			if i <= j {
				p[i], p[j] = p[j], p[i]
				i++
				j--
			}
		}
		switch {
		case n <= j:
			p = p[:j+1]
		case n >= i:
			p, n = p[i:], n-i
		default:
			return
		}
	}
}

func middle(a, b, c logs.Position) logs.Position {
	if a.Compare(b) > 0 {
		a, b = b, a
	}
	switch {
	case c.Compare(a) < 0:
		return a
	case c.Compare(b) > 0:
		return b
	}
	return c
}

// splitAt divides each stream's events into those before a position and the others.
func splitAt(streams []streamRefs, cut logs.Position) (before, rest []streamRefs) {
	for _, s := range streams {
		i := sort.Search(len(s.refs), func(i int) bool { return s.refs[i].Compare(cut) >= 0 })
		if i > 0 {
			before = append(before, streamRefs{stream: s.stream, refs: s.refs[:i]})
		}
		if i < len(s.refs) {
			rest = append(rest, streamRefs{stream: s.stream, refs: s.refs[i:]})
		}
	}
	return before, rest
}

func (b *builder) addRefs(group logs.GroupID, streams []streamRefs) {
	events, _ := total(streams)
	b.refs = slices.Grow(b.refs, events)
	for _, s := range streams {
		b.refs = append(b.refs, s.refs...)
		b.spans = append(b.spans, streamSpan{streamKey{group, s.stream}, len(b.refs)})
	}
}

// flush makes a block of the refs so far, if there are any; should they be more than a block takes after all, as sizes are
// rough, it makes several.
func (b *builder) flush() (err error) {
	if len(b.refs) == 0 {
		return nil
	}
	messages, err := b.src.fill(b.rows.Messages[:0], b.refs, &b.arena)
	if err != nil {
		return err
	}
	for from, to := 0, 0; from < len(messages); from = to {
		size := int64(0)
		for ; to < len(messages) && to-from < b.maxRows && (to == from || size+int64(len(messages[to])) <= b.maxSize); to++ {
			size += int64(len(messages[to]))
		}
		b.makeRows(from, to, messages[from:to])
		if err := b.w.addBlock(b.parts, func(dst []byte) []byte { return b.encode(dst, &b.rows) }); err != nil {
			return err
		}
		if err := b.rest(); err != nil {
			return err
		}
	}
	clear(messages)
	b.rows.Messages = messages[:0]
	b.refs, b.spans, b.size = b.refs[:0], b.spans[:0], 0
	b.arena.reset()
	return nil
}

// makeRows fills rows and parts for the refs in a range.
func (b *builder) makeRows(from, to int, messages []string) {
	r := &b.rows
	r.Messages = messages
	r.Timestamps = slices.Grow(r.Timestamps[:0], len(messages))
	r.Ingestions = slices.Grow(r.Ingestions[:0], len(messages))
	r.Arrivals = slices.Grow(r.Arrivals[:0], len(messages))
	b.parts = b.parts[:0]
	i := from
	for _, span := range b.spans {
		if span.to <= i {
			continue
		} else if i == to {
			break
		}
		p := part{stream: span.stream, row: uint32(i - from)}
		for ; i < min(span.to, to); i++ {
			at := b.refs[i].Position
			r.Timestamps = append(r.Timestamps, int64(at.Timestamp))
			r.Ingestions = append(r.Ingestions, int64(at.Ingestion))
			r.Arrivals = append(r.Arrivals, at.Arrival)
			p.add(at, len(messages[i-from]))
		}
		b.parts = append(b.parts, groupPart{span.group, p})
	}
}
