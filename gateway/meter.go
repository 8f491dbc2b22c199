package gateway

import (
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tollbook/tollbook/accesslog"
)

// The gateway counts what AWS' API Gateway publishes as metrics: per stage, and per method and resource where a stage's
// settings ask for it. A request is counted where its access log entry is finished, from the values in the entry, in the
// minute of the entry's time; so the sums of a minute are those of its entries. Requests that reached no stage count
// nowhere.
//
// Counting allocates nothing and takes no lock, but for the first requests of a minute. Drain takes what has come since the
// last Drain. The server calls it every few seconds, after the last request once more, and hands the result to the
// metrics service:
//
//	meter (a stage, or a route of it)
//	  └ minute (of arrival; the last few)
//	      └ cell (an exchange always uses the same; so that cores share little)
//	          └ errors, and histograms of the latencies: how many samples there are is how many requests

// StageMinute is what a stage, or one route of it, has counted for a minute since the Drain before. Several of one minute
// add up. It is valid until the function that it was handed to returns.
type StageMinute struct {
	AccountID, Region string
	APIID             string
	// APIName is the API's name as AWS' metrics have it: without characters beyond ASCII, or the ID if none remain.
	APIName string
	Stage   string
	// Method and Resource name the route, such as GET and /notes/{id}; both are empty for the stage as a whole.
	Method, Resource string
	Minute           time.Time // its beginning
	Requests         uint64
	ClientErrors     uint64 // answers 400 to 499
	ServerErrors     uint64 // answers 500 to 599
	// CacheHits and CacheMisses count the requests that asked the stage's response cache.
	CacheHits, CacheMisses uint64
	Latency                LatencySamples
	// IntegrationLatency has a sample for each request to which a back end answered.
	IntegrationLatency LatencySamples
}

// LatencySamples are latencies in milliseconds. Count, Sum, Min and Max are true; Values are true up to 128 ms, and within
// 0.8 % beyond.
type LatencySamples struct {
	Count, Sum, Min, Max int64
	Values, Counts       []float64 // ascending; each value with how many samples it stands for
}

// Drain calls f with what was counted since the last Drain, for each minute that has something.
func (g *Gateway) Drain(f func(StageMinute)) { g.meters.drain(time.Now(), f) }

// meters are all of a gateway.
type meters struct {
	mu  sync.Mutex
	all map[meterKey]*meter
}

// meterKey is what makes metrics differ. The name of an API is part of it: a deployment can change it.
type meterKey struct{ account, region, api, apiName, stage, method, resource string }

// meterKept is how long after its last request a minute, and after its last table a meter, is looked at.
const meterKept = 3 * time.Minute

// bind returns the meter of a key for one more table.
func (ms *meters) bind(k meterKey) *meter {
	ms.mu.Lock()
	defer ms.mu.Unlock()
	if ms.all == nil {
		ms.all = map[meterKey]*meter{}
	}
	m := ms.all[k]
	if m == nil {
		m = &meter{key: k}
		ms.all[k] = m
	}
	m.users++
	return m
}

// unbind says that a table does not use the meter any more, but for requests under way.
func (ms *meters) unbind(m *meter) {
	ms.mu.Lock()
	defer ms.mu.Unlock()
	if m.users--; m.users == 0 {
		m.unused = time.Now()
	}
}

func (ms *meters) drain(now time.Time, f func(StageMinute)) {
	ms.mu.Lock()
	defer ms.mu.Unlock()
	for k, m := range ms.all {
		m.drain(now, f)
		if m.users == 0 && now.Sub(m.unused) > meterKept && len(m.minutes) == 0 {
			delete(ms.all, k)
		}
	}
}

// meter counts the requests of a stage or of a route.
type meter struct {
	key    meterKey
	users  int       // tables; under meters.mu
	unused time.Time // since when there are none

	newest, before atomic.Pointer[meterMinute]
	mu             sync.Mutex
	minutes        []*meterMinute
}

// meterCells is how many cells a stage has. A route has one: it is rarely as busy, and there are many.
const meterCells = 8

type meterMinute struct {
	minute int64 // since 1970
	cells  []meterCell
}

type meterCell struct {
	client, server       atomic.Uint64
	hits, misses         atomic.Uint64
	latency, integration histogram
	_                    [64]byte
}

// count adds a finished request. cell is the same for one exchange.
func (m *meter) count(e *accesslog.Entry, cell uint32) {
	minute := m.at(e.TimeMillis / 60_000)
	minute.cells[cell%uint32(len(minute.cells))].count(e)
}

// at returns the counters of a minute.
func (m *meter) at(minute int64) *meterMinute {
	if n := m.newest.Load(); n != nil && n.minute == minute {
		return n
	}
	if n := m.before.Load(); n != nil && n.minute == minute {
		return n
	}
	return m.find(minute)
}

func (m *meter) find(minute int64) *meterMinute {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, n := range m.minutes {
		if n.minute == minute {
			return n
		}
	}
	cells := 1
	if m.key.method == "" {
		cells = meterCells
	}
	n := &meterMinute{minute: minute, cells: make([]meterCell, cells)}
	m.minutes = append(m.minutes, n)
	if newest := m.newest.Load(); newest == nil || newest.minute < minute {
		m.before.Store(newest)
		m.newest.Store(n)
	}
	return n
}

// count adds the request's sample of latency last: that one says how many requests there are, and drain reads it first.
func (c *meterCell) count(e *accesslog.Entry) {
	switch {
	case e.Status/100 == 4, e.Error.StatusChanged: // AWS counts an error with a status of the API's own as a client's
		c.client.Add(1)
	case e.Status/100 == 5:
		c.server.Add(1)
	}
	if e.Integration.Called && (e.Integration.Status != 0 || e.Integration.ServiceStatus != 0) {
		c.integration.add(e.Integration.LatencyMilli)
	}
	switch e.Cache {
	case cacheHit:
		c.hits.Add(1)
	case cacheMiss:
		c.misses.Add(1)
	}
	c.latency.add(e.ResponseLatencyMilli)
}

// drain hands over the counts of all minutes and lets go of those that nobody can still be counting in.
func (m *meter) drain(now time.Time, f func(StageMinute)) {
	m.mu.Lock()
	minutes := m.minutes
	m.mu.Unlock()
	kept := 0
	for _, n := range minutes {
		out := m.take(n)
		if out.Requests > 0 {
			f(out)
		}
		if now.Sub(out.Minute) < time.Minute+meterKept || out.Requests > 0 {
			kept++
		}
	}
	if kept < len(minutes) {
		m.forget(now)
	}
}

// forget drops the minutes whose end is long past; they have just been taken. A request that still comes for one begins it
// anew.
func (m *meter) forget(now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var kept []*meterMinute
	for _, n := range m.minutes {
		if now.Sub(time.Unix(n.minute*60, 0)) < time.Minute+meterKept {
			kept = append(kept, n)
			continue
		}
		m.newest.CompareAndSwap(n, nil)
		m.before.CompareAndSwap(n, nil)
	}
	m.minutes = kept
}

// take empties the counters of a minute. What a request that is just being counted has added of itself may be taken before
// the rest: it is then put back, so that errors never outnumber requests.
func (m *meter) take(n *meterMinute) StageMinute {
	k := &m.key
	out := StageMinute{
		AccountID: k.account, Region: k.region, APIID: k.api, APIName: k.apiName, Stage: k.stage, Method: k.method, Resource: k.resource,
		Minute: time.Unix(n.minute*60, 0).UTC(),
	}
	var latency, integration histogramTotal
	for i := range n.cells {
		c := &n.cells[i]
		requests := uint64(latency.take(&c.latency))
		if requests == 0 {
			continue // what there is belongs to a request that is just being counted
		}
		integration.take(&c.integration)
		out.Requests += requests
		out.ClientErrors += takeUpTo(&c.client, requests)
		out.ServerErrors += takeUpTo(&c.server, requests)
		out.CacheHits += takeUpTo(&c.hits, requests)
		out.CacheMisses += takeUpTo(&c.misses, requests)
	}
	out.Latency, out.IntegrationLatency = latency.samples(), integration.samples()
	return out
}

func takeUpTo(c *atomic.Uint64, most uint64) uint64 {
	n := c.Swap(0)
	if n > most {
		c.Add(n - most)
		n = most
	}
	return n
}

// MetricName is the name of an API with this ID as metrics have it: without what is not ASCII, at most 255 characters.
func MetricName(name, id string) string {
	ascii := make([]byte, 0, len(name))
	blank := true
	for i := range len(name) {
		if c := name[i]; c >= ' ' && c <= '~' {
			ascii = append(ascii, c)
			blank = blank && c == ' '
		}
	}
	if blank {
		return id
	}
	return string(ascii[:min(len(ascii), math.MaxUint8)])
}
