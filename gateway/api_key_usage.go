package gateway

import (
	"maps"
	"sync"
	"sync/atomic"
	"time"
)

// keyMeter counts what a key uses of a plan: for the throttle in buckets, for the quota in the period, and by day for
// DrainUsage. Counting takes no lock but for the first request of a day. Safe for concurrent use.
//
// The count of a period is exact: of requests at the same time no more pass than are left. It is in memory and begins with
// what the control plane has kept of it; so a process that is killed forgets what came since the last DrainUsage.
type keyMeter struct {
	id      meterID
	bucket  bucket
	buckets atomic.Pointer[map[bucketID]*bucket] // of single methods

	current atomic.Pointer[keyDay]
	mu      sync.Mutex
	days    []*keyDay // not all drained; the current one is last
}

type bucketID struct {
	stage stageID
	key   string // of the method
}

// keyDay is a day of a meter.
type keyDay struct {
	day     int32
	period  *keyPeriod
	pending atomic.Int64 // requests since the last drain
}

type keyPeriod struct {
	kind  string
	start int32 // its first day
	used  atomic.Int64
}

// begin starts a period that has a day in it, with what was used of it already.
func (m *keyMeter) begin(kind string, day int32, used int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := &keyPeriod{kind: kind, start: periodStart(kind, day)}
	p.used.Store(used)
	m.add(day, p)
}

// add makes a day the current one. The caller holds mu.
func (m *keyMeter) add(day int32, p *keyPeriod) *keyDay {
	d := &keyDay{day: day, period: p}
	m.days = append(m.days, d)
	m.current.Store(d)
	return d
}

func (m *keyMeter) period() string { return m.current.Load().period.kind }

// count counts a request, unless the quota has nothing left.
func (m *keyMeter) count(day int32, q *Quota, g extension) bool {
	d := m.at(day)
	if q != nil && d.period.used.Add(1) > q.limitOf(d.period, g) {
		d.period.used.Add(-1)
		return false
	}
	d.pending.Add(1)
	return true
}

// limitOf is what the quota allows in a period.
func (q *Quota) limitOf(p *keyPeriod, g extension) int64 {
	limit := q.Limit
	if q.Offset != 0 && periodStart(p.kind, q.OffsetDay) == p.start {
		limit -= q.Offset
	}
	if g.requests != 0 && periodStart(p.kind, g.day) == p.start {
		limit += g.requests
	}
	return limit
}

// at returns the counters of a day. A request from just before midnight may count for the new day.
func (m *keyMeter) at(day int32) *keyDay {
	if d := m.current.Load(); day <= d.day {
		return d
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	d := m.current.Load()
	if day <= d.day {
		return d
	}
	p := d.period
	if start := periodStart(p.kind, day); start != p.start {
		p = &keyPeriod{kind: p.kind, start: start}
	}
	return m.add(day, p)
}

// bucketOf finds the bucket of a method, or makes it.
func (m *keyMeter) bucketOf(id bucketID) *bucket {
	if all := m.buckets.Load(); all != nil {
		if b := (*all)[id]; b != nil {
			return b
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	next := map[bucketID]*bucket{}
	if all := m.buckets.Load(); all != nil {
		if b := (*all)[id]; b != nil {
			return b
		}
		next = maps.Clone(*all)
	}
	next[id] = new(bucket)
	m.buckets.Store(&next)
	return next[id]
}

// drain takes what was counted. A day is dropped when nothing came for it since the drain before.
func (m *keyMeter) drain(f func(day int32, requests int64)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	kept := m.days[:0]
	for i, d := range m.days {
		n := d.pending.Swap(0)
		if n > 0 {
			f(d.day, n)
		}
		if n > 0 || i == len(m.days)-1 {
			kept = append(kept, d)
		}
	}
	clear(m.days[len(kept):])
	m.days = kept
}

// KeyUsage is how many requests a key has made with a plan on a day.
type KeyUsage struct {
	AccountID, Region string
	PlanID, KeyID     string
	Day               int32 // since 1970, in UTC
	Requests          int64
}

// DrainUsage returns what keys have used since the last call. ReturnUsage gives back what could not be kept.
func (g *Gateway) DrainUsage() (all []KeyUsage) {
	for _, s := range g.keyScopes() {
		s.mu.Lock()
		for id, m := range s.meters {
			m.drain(func(day int32, requests int64) {
				all = append(all, KeyUsage{s.account, s.region, id.plan, id.key, day, requests})
			})
		}
		s.mu.Unlock()
	}
	return all
}

// ReturnUsage has the next DrainUsage return what an earlier one did. What was used stays used meanwhile.
func (g *Gateway) ReturnUsage(all []KeyUsage) {
	for _, s := range g.keyScopes() {
		s.mu.Lock()
		for _, u := range all {
			m := s.meters[meterID{u.PlanID, u.KeyID}]
			if m != nil && u.AccountID == s.account && u.Region == s.region {
				m.giveBack(u)
			}
		}
		s.mu.Unlock()
	}
}

func (m *keyMeter) giveBack(u KeyUsage) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, d := range m.days {
		if d.day == u.Day {
			d.pending.Add(u.Requests)
			return
		}
	}
	d := &keyDay{day: u.Day, period: m.current.Load().period}
	d.pending.Store(u.Requests)
	m.days = append([]*keyDay{d}, m.days...)
}

func (g *Gateway) keyScopes() (all []*keyScope) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, s := range g.keys {
		all = append(all, s)
	}
	return all
}

// PeriodStart is the first day of the period of a quota that has a day in it; days count from 1970, in UTC. A WEEK begins on
// Monday; without a period each day is one.
func PeriodStart(period string, day int32) int32 { return periodStart(period, day) }

func periodStart(period string, day int32) int32 {
	switch period {
	case "WEEK":
		return day - (day+3)%7 // the first day of 1970 was a Thursday
	case "MONTH":
		return day - int32(time.Unix(int64(day)*secondsPerDay, 0).UTC().Day()-1)
	}
	return day
}
