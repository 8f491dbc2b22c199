package cli

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tollbook/tollbook/logfile"
)

// AWS' limits on one PutLogEvents call.
const (
	maxBatchEvents = 10_000
	maxBatchBytes  = 1_048_576 // of messages, with eventOverhead for each
	eventOverhead  = 26
	maxBatchSpan   = 24 * 60 * 60 * 1000 // milliseconds between its first and last event
	maxMessage     = maxBatchBytes - eventOverhead
)

// mark is a place in a file between two batches, and what the lines after it depend on.
type mark struct {
	logfile.Position
	Previous int64 `json:"previous,omitempty"` // timestamp of the line before, 0 at the beginning
	Newest   int64 `json:"newest,omitempty"`   // highest timestamp before
}

// event is a line on its way to the log service.
type event struct {
	line    int64 // its number
	time    int64 // milliseconds since 1970
	message string
}

// batch is what one PutLogEvents call takes: the lines of a file from one mark to another, in the file's order.
type batch struct {
	from, to    mark
	events      []event
	bytes       int
	first, last int64 // lowest and highest timestamp
}

// takes tells whether the event may be added within AWS' limits.
func (b *batch) takes(e event) bool {
	if len(b.events) == 0 {
		return true
	}
	return len(b.events) < maxBatchEvents && b.bytes+len(e.message)+eventOverhead <= maxBatchBytes &&
		max(b.last, e.time)-min(b.first, e.time) <= maxBatchSpan
}

func (b *batch) add(e event) {
	if len(b.events) == 0 {
		b.first, b.last = e.time, e.time
	}
	b.events = append(b.events, e)
	b.bytes += len(e.message) + eventOverhead
	b.first, b.last = min(b.first, e.time), max(b.last, e.time)
}

// without returns the batch without its first n events.
func (b *batch) without(n int) *batch {
	if n == 0 {
		return b
	}
	rest := &batch{from: b.from, to: b.to}
	for i, e := range b.events {
		if i < n {
			rest.from.Newest = max(rest.from.Newest, e.time)
		} else {
			rest.add(e)
		}
	}
	return rest
}

// sorted returns the events in the order of time; those of one time stay in the file's order.
func (b *batch) sorted() []event {
	out := slices.Clone(b.events)
	slices.SortStableFunc(out, func(x, y event) int { return int(min(max(x.time-y.time, -1), 1)) })
	return out
}

// lineCounts says what became of lines that are no events, and of times that are not the lines' own.
type lineCounts struct {
	empty, tooLong, escaped, untimed int64
}

// cutter cuts a file into batches. Where it cuts depends on nothing but the content and how it is read, so that a second
// import of the same file makes the same batches.
type cutter struct {
	lines  *logfile.Reader
	times  *logfile.Recogniser
	cuts   []int64 // places where a batch must end, in bytes of content, in ascending order
	counts lineCounts
	// tooLong, if set, hears of each line that is too long for the log service.
	tooLong func(line logfile.Line)

	newest  int64
	pending *event // read, and not in a batch yet
	before  mark   // what was true before the pending event; its Position is not kept
	err     error  // ends the file
}

// resume continues at a mark that the reader has been brought to.
func (c *cutter) resume(at mark) {
	c.times.Previous, c.newest = at.Previous, at.Newest
	c.before = at
}

// next returns the next batch, which holds at least one event, or io.EOF.
func (c *cutter) next() (*batch, error) {
	c.peek()
	b := &batch{from: c.mark()}
	for c.pending != nil && b.takes(*c.pending) && !c.mustCut(b) {
		b.add(*c.pending)
		c.pending = nil
		c.peek()
	}
	if len(b.events) == 0 {
		return nil, c.err
	}
	b.to = c.mark()
	return b, nil
}

// mustCut tells whether a cut lies between the batch's beginning and the pending event.
func (c *cutter) mustCut(b *batch) bool {
	i, _ := slices.BinarySearch(c.cuts, b.from.Bytes+1)
	return len(b.events) > 0 && i < len(c.cuts) && c.cuts[i] <= c.lines.Offset()
}

// mark is the place before the pending event, or the end of the file.
func (c *cutter) mark() mark {
	m := c.before
	m.Position = c.lines.Position()
	return m
}

// peek reads lines until one is an event.
func (c *cutter) peek() {
	for c.pending == nil && c.err == nil {
		line, err := c.lines.Next()
		c.before.Previous, c.before.Newest = c.times.Previous, c.newest
		switch {
		case errors.Is(err, io.EOF):
			c.err = io.EOF
		case err != nil:
			c.err = fmt.Errorf("behind line %d: %w", c.lines.Position().Lines, err)
		case line.TooLong:
			c.refuse(line)
		case len(line.Text) == 0:
			c.counts.empty++
		default:
			c.take(line)
		}
	}
}

func (c *cutter) take(line logfile.Line) {
	e := c.times.Recognise(line.Text)
	message := string(e.Message)
	if !utf8.ValidString(message) {
		message = escaped(message)
		c.counts.escaped++
	}
	if line.Length = int64(len(message)); line.Length > maxMessage {
		c.refuse(line)
		return
	}
	if e.Source != logfile.FromLine {
		c.counts.untimed++
	}
	c.newest = max(c.newest, e.Timestamp)
	c.pending = &event{line.Number, e.Timestamp, message}
}

func (c *cutter) refuse(line logfile.Line) {
	c.counts.tooLong++
	if c.tooLong != nil {
		c.tooLong(line)
	}
}

// escaped writes bytes that are not UTF-8, which AWS' API cannot carry, as NGINX and Apache do: \xE9.
func escaped(text string) string {
	var b strings.Builder
	for i, r := range text {
		if r == utf8.RuneError {
			if _, n := utf8.DecodeRuneInString(text[i:]); n == 1 {
				fmt.Fprintf(&b, `\x%02X`, text[i])
				continue
			}
		}
		b.WriteRune(r)
	}
	return b.String()
}
