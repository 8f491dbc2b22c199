package embedded

import (
	"math"
	"sort"

	"github.com/tollbook/tollbook/logs"
)

// row is an event as readers pass it along: its position, and where its list has its message.
type row struct {
	logs.Position
	piece, at uint32
}

// eventList is events of one stream in ascending order, cut into pieces that are fetched one at a time.
type eventList interface {
	len() int
	// span returns positions that no event of piece i lies outside of. They ascend from piece to piece.
	span(i int) (first, last logs.Position)
	// rows appends the events of piece i to buf, those left out of which a filter is known to want nothing.
	rows(i int, buf []row) ([]row, error)
	// message returns a message, if the filter, where there is one, accepts it.
	message(r row, f *logs.Filter, a *arena) (message string, ok bool, err error)
	// done says that no more is asked for.
	done()
}

// bounds is a range of positions: low is in it, high is not.
type bounds struct{ low, high logs.Position }

// queryBounds turns the four bounds of a query into one range.
func queryBounds(q *logs.ScanQuery) bounds {
	b := bounds{timeStart(q.From), timeStart(q.To)}
	if q.After != nil && successor(*q.After).Compare(b.low) > 0 {
		b.low = successor(*q.After)
	}
	if q.Before != nil && q.Before.Compare(b.high) < 0 {
		b.high = *q.Before
	}
	return b
}

// timeStart returns the position before which all lower timestamps are.
func timeStart(t logs.Millis) logs.Position {
	return logs.Position{Timestamp: t, Ingestion: math.MinInt64}
}

func successor(p logs.Position) logs.Position {
	if p.Arrival < math.MaxUint64 {
		p.Arrival++
	}
	return p
}

func (b bounds) empty() bool { return b.low.Compare(b.high) >= 0 }

// overlap reports whether positions from first to last can be inside.
func (b bounds) overlap(first, last logs.Position) bool {
	return first.Compare(b.high) < 0 && last.Compare(b.low) >= 0
}

// hold reports whether all positions from first to last are inside.
func (b bounds) hold(first, last logs.Position) bool {
	return first.Compare(b.low) >= 0 && last.Compare(b.high) < 0
}

// selection says what cursors yield, and in which order.
type selection struct {
	bounds
	descending bool
	filter     *logs.Filter
}

// cursor goes through the events of one list. A piece is fetched only when its events are next: until then key is a bound
// that none of them precedes.
type cursor struct {
	selection
	stream     logs.StreamID
	rule       deadRule
	src        eventList
	next, stop int   // pieces left: from next up to stop, or down to it
	rest       []row // fetched and not yet yielded, ascending
	buf        []row
	key        logs.Position
}

// newCursor returns nil if the list holds nothing within the bounds.
func newCursor(sel selection, stream logs.StreamID, rule deadRule, src eventList) *cursor {
	n := src.len()
	from := sort.Search(n, func(i int) bool { _, last := src.span(i); return last.Compare(sel.low) >= 0 })
	to := from + sort.Search(n-from, func(i int) bool { first, _ := src.span(from + i); return first.Compare(sel.high) >= 0 })
	if from >= to {
		return nil
	}
	c := &cursor{selection: sel, stream: stream, rule: rule, src: src, next: from, stop: to}
	if sel.descending {
		c.next, c.stop = to-1, from-1
	}
	c.setKey()
	return c
}

func (c *cursor) atEnd() bool { return len(c.rest) == 0 && c.next == c.stop }

// setKey sets the key to the next event's position, or to a bound of the next piece.
func (c *cursor) setKey() {
	switch {
	case len(c.rest) > 0 && c.descending:
		c.key = c.rest[len(c.rest)-1].Position
	case len(c.rest) > 0:
		c.key = c.rest[0].Position
	case c.next == c.stop:
	case c.descending:
		_, c.key = c.src.span(c.next)
	default:
		c.key, _ = c.src.span(c.next)
	}
}

// fetch gets the next piece; none of its events may be left after filtering.
func (c *cursor) fetch() (err error) {
	if c.buf, err = c.src.rows(c.next, c.buf[:0]); err != nil {
		return err
	}
	if c.descending {
		c.next--
	} else {
		c.next++
	}
	rows := c.buf
	from := sort.Search(len(rows), func(i int) bool { return rows[i].Compare(c.low) >= 0 })
	to := sort.Search(len(rows), func(i int) bool { return rows[i].Compare(c.high) >= 0 })
	c.rest = c.living(rows[from:max(from, to)])
	return nil
}

func (c *cursor) living(rows []row) []row {
	if c.rule.sparesAll() {
		return rows
	}
	kept := rows[:0]
	for _, r := range rows {
		if !c.rule.dead(r.Position) {
			kept = append(kept, r)
		}
	}
	return kept
}

// take returns the next event; rest must not be empty.
func (c *cursor) take() (r row) {
	if last := len(c.rest) - 1; c.descending {
		r, c.rest = c.rest[last], c.rest[:last]
	} else {
		r, c.rest = c.rest[0], c.rest[1:]
	}
	return r
}
