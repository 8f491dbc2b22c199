package embedded

import (
	"math"
	"sort"

	"github.com/tollbook/tollbook/logs"
)

// row is an event as readers pass it along.
type row struct {
	logs.Position
	message string
}

// pieces is a list of events of one stream in ascending order, cut into pieces that are fetched one at a time.
type pieces interface {
	len() int
	// span returns the positions of the first and the last event of piece i.
	span(i int) (first, last logs.Position)
	// rows appends the events of piece i to buf.
	rows(i int, buf []row) ([]row, error)
}

// bounds is a range of positions: low is in it, high is not.
type bounds struct{ low, high logs.Position }

var (
	lowest     = logs.Position{Timestamp: math.MinInt64, Ingestion: math.MinInt64}
	highest    = logs.Position{Timestamp: math.MaxInt64, Ingestion: math.MaxInt64, Arrival: math.MaxUint64}
	everything = bounds{lowest, highest}
)

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

// overlaps reports whether positions from first to last can be inside.
func (b bounds) overlaps(first, last logs.Position) bool {
	return first.Compare(b.high) < 0 && last.Compare(b.low) >= 0
}

// filter selects and orders what cursors yield.
type filter struct {
	bounds
	descending bool
}

// cursor goes through the events of one list. A piece is fetched only when its events are next: until then key is a bound
// that none of them precedes.
type cursor struct {
	filter
	stream     logs.StreamID
	rule       deadRule
	src        pieces
	next, stop int   // pieces left: from next up to stop, or down to it
	rest       []row // fetched and not yet yielded, ascending
	buf        []row
	key        logs.Position
	// expand, where set, makes the cursors that this one stands for, when its key has come.
	expand func() []*cursor
}

// newCursor returns nil if the list holds nothing within the bounds.
func newCursor(f filter, stream logs.StreamID, rule deadRule, src pieces) *cursor {
	n := src.len()
	from := sort.Search(n, func(i int) bool { _, last := src.span(i); return last.Compare(f.low) >= 0 })
	to := from + sort.Search(n-from, func(i int) bool { first, _ := src.span(from + i); return first.Compare(f.high) >= 0 })
	if from >= to {
		return nil
	}
	c := &cursor{filter: f, stream: stream, rule: rule, src: src, next: from, stop: to}
	if f.descending {
		c.next, c.stop = to-1, from-1
	}
	c.setKey()
	return c
}

// newDeferred returns a cursor that stands for those that expand makes, none of which yields outside of first to last.
func newDeferred(f filter, first, last logs.Position, expand func() []*cursor) *cursor {
	c := &cursor{filter: f, key: first, expand: expand}
	if f.descending {
		c.key = last
	}
	return c
}

func (c *cursor) done() bool { return len(c.rest) == 0 && c.next == c.stop }

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
	if c.rule.bound == 0 && c.rule.expiry == nil {
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
