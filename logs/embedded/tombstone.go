package embedded

import (
	"maps"
	"math"
	"slices"

	"github.com/tollbook/tollbook/logs"
)

// A tombstone makes events unreadable that arrived before its bound: those of whole streams, of a whole group, or the
// group's with a timestamp before a time. The bound is the arrival that was next when the deletion was accepted, so what
// comes later is not touched.
//
//	record:  | group 8 | bound 8 | before 8 | streams 4 | stream 8 … |
//
// before is math.MaxInt64 where timestamps do not matter; no streams means the whole group.
type tombstone struct {
	group   logs.GroupID
	bound   uint64
	before  logs.Millis
	streams []logs.StreamID
}

const anyTimestamp logs.Millis = math.MaxInt64

func (t *tombstone) append(buf []byte) []byte {
	start := len(buf)
	buf = beginRecord(buf, recordTombstone)
	buf = little.AppendUint64(buf, uint64(t.group))
	buf = little.AppendUint64(buf, t.bound)
	buf = little.AppendUint64(buf, uint64(t.before))
	buf = little.AppendUint32(buf, uint32(len(t.streams)))
	for _, s := range t.streams {
		buf = little.AppendUint64(buf, uint64(s))
	}
	return endRecord(buf, start)
}

func decodeTombstone(record []byte) (*tombstone, error) {
	in := reader{data: record, at: recordHeaderBytes}
	t := &tombstone{group: logs.GroupID(in.uint64()), bound: in.uint64(), before: logs.Millis(in.uint64())}
	n := in.uint32()
	if in.bad || int64(n)*8 != int64(in.left()) {
		return nil, errRecord
	}
	for range n {
		t.streams = append(t.streams, logs.StreamID(in.uint64()))
	}
	return t, nil
}

// tombstones is the sum of the tombstones in force.
type tombstones map[logs.GroupID]*groupTombstones

type groupTombstones struct {
	bound   uint64                   // of the group
	streams map[logs.StreamID]uint64 // bounds of streams
	expiry  []expiry                 // replaced, never changed: readers share it
}

// expiry makes events dead with a timestamp below before that arrived before bound.
type expiry struct {
	before logs.Millis
	bound  uint64
}

func (ts tombstones) add(t *tombstone) {
	g := ts[t.group]
	if g == nil {
		g = &groupTombstones{streams: map[logs.StreamID]uint64{}}
		ts[t.group] = g
	}
	switch {
	case t.before != anyTimestamp:
		g.expire(expiry{t.before, t.bound})
	case len(t.streams) == 0:
		g.deleteAll(t.bound)
	}
	for _, s := range t.streams {
		g.streams[s] = max(g.streams[s], t.bound)
	}
}

// addTombstone puts a tombstone in force; the caller holds mu.
func (s *Store) addTombstone(t *tombstone) {
	s.dead.add(t)
	s.deadVersion++
}

// expire adds e unless another entry does more, and drops those that do less.
func (g *groupTombstones) expire(e expiry) {
	var next []expiry
	for _, old := range g.expiry {
		if old.before >= e.before && old.bound >= e.bound {
			return
		}
		if old.before > e.before || old.bound > e.bound {
			next = append(next, old)
		}
	}
	g.expiry = append(next, e)
}

// deleteAll raises the group's bound, which makes lower ones of streams and times superfluous.
func (g *groupTombstones) deleteAll(bound uint64) {
	g.bound = max(g.bound, bound)
	maps.DeleteFunc(g.streams, func(_ logs.StreamID, b uint64) bool { return b <= g.bound })
	g.expiry = slices.DeleteFunc(slices.Clone(g.expiry), func(e expiry) bool { return e.bound <= g.bound })
}

func (g *groupTombstones) empty() bool {
	return g.bound == 0 && len(g.streams) == 0 && len(g.expiry) == 0
}

// all lists the tombstones, for a checkpoint, in a fixed order.
func (ts tombstones) all() []tombstone {
	var out []tombstone
	for _, id := range slices.Sorted(maps.Keys(ts)) {
		out = append(out, ts[id].all(id)...)
	}
	return out
}

func (g *groupTombstones) all(id logs.GroupID) (out []tombstone) {
	if g.bound > 0 {
		out = append(out, tombstone{group: id, bound: g.bound, before: anyTimestamp})
	}
	byBound := map[uint64][]logs.StreamID{}
	for s, b := range g.streams {
		byBound[b] = append(byBound[b], s)
	}
	for _, b := range slices.Sorted(maps.Keys(byBound)) {
		slices.Sort(byBound[b])
		out = append(out, tombstone{group: id, bound: b, before: anyTimestamp, streams: byBound[b]})
	}
	for _, e := range g.expiry {
		out = append(out, tombstone{group: id, bound: e.bound, before: e.before})
	}
	return out
}

// deadRule says which events of one stream are dead. The zero value spares all.
type deadRule struct {
	bound  uint64
	expiry []expiry
	// until, unless it is 0, is where the arrivals begin that a reader does not want: they are as good as dead to it.
	until uint64
}

// limited returns the rule for a reader who wants only arrivals from one number up to another, where that is not 0.
func (r deadRule) limited(from, to uint64) deadRule {
	r.bound, r.until = max(r.bound, from), to
	return r
}

// rule returns the rule for a stream.
func (ts tombstones) rule(group logs.GroupID, stream logs.StreamID) deadRule {
	g := ts[group]
	if g == nil {
		return deadRule{}
	}
	return deadRule{bound: max(g.bound, g.streams[stream]), expiry: g.expiry}
}

// groupRules returns a function that gives the rules of a group's streams as they are now, whatever is deleted later.
func (ts tombstones) groupRules(group logs.GroupID) func(logs.StreamID) deadRule {
	g := ts[group]
	if g == nil {
		return func(logs.StreamID) deadRule { return deadRule{} }
	}
	bound, expiry, streams := g.bound, g.expiry, maps.Clone(g.streams)
	return func(s logs.StreamID) deadRule { return deadRule{bound: max(bound, streams[s]), expiry: expiry} }
}

// harshest returns a rule that touches all events that the rule of any of the group's streams touches.
func (ts tombstones) harshest(group logs.GroupID) deadRule {
	g := ts[group]
	if g == nil {
		return deadRule{}
	}
	bound := g.bound
	for _, b := range g.streams {
		bound = max(bound, b)
	}
	return deadRule{bound: bound, expiry: g.expiry}
}

func (ts tombstones) clone() tombstones {
	out := make(tombstones, len(ts))
	for id, g := range ts {
		out[id] = &groupTombstones{g.bound, maps.Clone(g.streams), g.expiry}
	}
	return out
}

func (r deadRule) sparesAll() bool { return r.bound == 0 && r.expiry == nil && r.until == 0 }

func (r deadRule) dead(p logs.Position) bool {
	if p.Arrival < r.bound || r.until > 0 && p.Arrival >= r.until {
		return true
	}
	for _, e := range r.expiry {
		if p.Timestamp < e.before && p.Arrival < e.bound {
			return true
		}
	}
	return false
}

// extent sums up a set of events: what is needed to tell whether a rule touches it.
type extent struct {
	firstTime, lastTime       logs.Millis
	firstArrival, lastArrival uint64
}

func (x *extent) add(y extent) {
	if *x == (extent{}) {
		*x = y
		return
	}
	x.firstTime, x.lastTime = min(x.firstTime, y.firstTime), max(x.lastTime, y.lastTime)
	x.firstArrival, x.lastArrival = min(x.firstArrival, y.firstArrival), max(x.lastArrival, y.lastArrival)
}

// fate is what a rule does to a set of events.
type fate int

const (
	alive fate = iota // all live
	mixed             // some may be dead
	dead              // all are
)

func (r deadRule) fate(x extent) fate {
	worst := alive
	if x.lastArrival < r.bound || r.until > 0 && x.firstArrival >= r.until {
		return dead
	} else if x.firstArrival < r.bound || r.until > 0 && x.lastArrival >= r.until {
		worst = mixed
	}
	for _, e := range r.expiry {
		if x.lastTime < e.before && x.lastArrival < e.bound {
			return dead
		} else if x.firstTime < e.before && x.firstArrival < e.bound {
			worst = mixed
		}
	}
	return worst
}
