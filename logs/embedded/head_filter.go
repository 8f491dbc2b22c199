package embedded

import (
	"strings"

	"github.com/tollbook/tollbook/logs"
	"github.com/tollbook/tollbook/logs/condition"
)

// headFilter looks at the records that a head's messages lie in as a whole, which is much quicker than to look at one
// message after the other, and knows those in which no message satisfies a filter's condition.
type headFilter struct {
	implied condition.Condition
	asked   map[uint64]bool // by the record's arrival: whether one may
}

// newHeadFilter returns nil if there is nothing to look for.
func newHeadFilter(f *logs.Filter) *headFilter {
	if f == nil || f.Implied == nil {
		return nil
	}
	return &headFilter{f.Implied, map[uint64]bool{}}
}

// wanted returns the runs of a chain whose records may hold what is looked for, and tells of the others.
func (f *headFilter) wanted(c chain, other func(*run)) chain {
	if f == nil {
		return c
	}
	var kept chain
	for i := range c {
		may, known := f.asked[c[i].arrival]
		if !known {
			may = mayHold(f.implied, c[i].data)
			f.asked[c[i].arrival] = may
		}
		if may {
			kept = append(kept, c[i])
		} else {
			other(&c[i])
		}
	}
	return kept
}

// tellRun tells who counts of the events of a run that are passed over.
func (snap *snapshot) tellRun(r *run, rule deadRule) {
	if snap.filter.Loose == nil {
		return
	}
	n, bytes := 0, int64(0)
	for i := range r.events {
		if at := r.position(i); snap.hold(at, at) && !rule.dead(at) {
			n++
			bytes += int64(r.events[i].length)
		}
	}
	if n > 0 {
		snap.filter.Loose(n, bytes)
	}
}

// mayHold reports whether a message that is somewhere in data may satisfy the condition.
func mayHold(c condition.Condition, data string) bool {
	switch c := c.(type) {
	case condition.All:
		for _, member := range c {
			if !mayHold(member, data) {
				return false
			}
		}
	case condition.Any:
		for _, member := range c {
			if mayHold(member, data) {
				return true
			}
		}
		return false
	case condition.Contains:
		return strings.Contains(data, string(c))
	case condition.Field:
		return c.Only == "" || strings.Contains(data, c.Only) || strings.Contains(data, escapeFor(c.Only))
	}
	return true
}

// escapeFor returns what a JSON string that says text must have in it, if it is not the text itself. Most characters can
// be written in one other way only, which seldom occurs by chance in the numbers that stand between messages.
func escapeFor(text string) string {
	if strings.ContainsAny(text, "\"\\/\b\f\n\r\t") {
		return `\`
	}
	return `\u`
}
