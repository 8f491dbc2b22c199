package gateway

import (
	"fmt"
	"time"

	"github.com/tollbook/tollbook/accesslog"
)

// Samples puts latencies through a histogram.
func Samples(values ...int64) LatencySamples {
	var h histogram
	for _, v := range values {
		h.add(v)
	}
	var t histogramTotal
	t.take(&h)
	return t.samples()
}

// TestMeter is a meter of one stage by itself.
type TestMeter struct {
	meters meters
	meter  *meter
	turn   uint32
}

// NewTestMeter makes one.
func NewTestMeter() *TestMeter {
	m := &TestMeter{}
	m.meter = m.meters.bind(meterKey{api: "a1b2c3d4e5", stage: "prod"})
	return m
}

// Count counts a request that arrived at a time.
func (m *TestMeter) Count(at time.Time, status int, latency int64) {
	m.meter.count(&accesslog.Entry{TimeMillis: at.UnixMilli(), Status: status, ResponseLatencyMilli: latency}, 1)
}

// Counter returns a function that counts the same request again and again, as one exchange does.
func (m *TestMeter) Counter(at time.Time, status int, latency, integration int64) func() {
	e := &accesslog.Entry{TimeMillis: at.UnixMilli(), Status: status, ResponseLatencyMilli: latency}
	e.Integration = accesslog.Integration{Called: true, Status: status, LatencyMilli: integration}
	m.turn++
	cell := m.turn
	return func() { m.meter.count(e, cell) }
}

// Drain drains at a time and says what it was handed.
func (m *TestMeter) Drain(now time.Time) (all []string) {
	m.meters.drain(now, func(s StageMinute) {
		l := s.Latency
		all = append(all, fmt.Sprintf("%s %d requests %d client %d server, latency %d %d %d %d", s.Minute.Format("15:04"),
			s.Requests, s.ClientErrors, s.ServerErrors, l.Count, l.Sum, l.Min, l.Max))
	})
	return all
}

// AgeKeys lets the keys of all issuers look as if they had been fetched long ago.
func (g *Gateway) AgeKeys() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, k := range g.keySets {
		k.fetched.Store(0)
	}
}

// Authorizing makes one request for a method and returns what decides about it, to be called again and again.
func (g *Gateway) Authorizing(api, stage, path, authorization string) func() error {
	x := newExchange(g)
	x.table = g.find(api, stage)
	x.addHeader([]byte("Authorization"), []byte(authorization))
	x.method, x.path = "GET", path
	n, params := x.table.router.find(path, nil)
	x.route, x.params = n.route("GET"), params
	return func() error {
		if err := x.authorize(); err != nil {
			return err
		}
		return nil
	}
}

// TestBucket is a token bucket by itself.
type TestBucket struct{ bucket bucket }

// Take takes a token at a time.
func (b *TestBucket) Take(at time.Duration, t Throttle) bool {
	return b.bucket.take(int64(at), compileLimit(&t))
}

// TestKeyMeter is a key's meter by itself.
type TestKeyMeter struct{ meter keyMeter }

// Begin begins a period that has a day in it.
func (m *TestKeyMeter) Begin(period string, day int32, used int64) { m.meter.begin(period, day, used) }

// Count counts a request on a day.
func (m *TestKeyMeter) Count(day int32, q *Quota, granted int64, grantedDay int32) bool {
	return m.meter.count(day, q, extension{granted, grantedDay})
}

// Drain returns what was counted by day.
func (m *TestKeyMeter) Drain() map[int32]int64 {
	out := map[int32]int64{}
	m.meter.drain(func(day int32, n int64) { out[day] += n })
	return out
}

// ParseGrant reads what the function of an authorizer returned; the size of what it means.
func ParseGrant(body []byte) (int, error) {
	g, err := parseGrant(body)
	if err != nil {
		return 0, err
	}
	return g.size(), nil
}

// ParseClaims reads the claims of a token; the size of what it means.
func ParseClaims(payload []byte) (int, error) {
	c, err := parseClaims(payload)
	if err != nil {
		return 0, err
	}
	_ = c.check(&authorizer{}, time.Now())
	return c.token(nil).size(), nil
}

// Break has the methods of a stage fail as by a fault in the gateway, when they are to call their integration.
func (g *Gateway) Break(api, stage string) {
	for _, i := range g.find(api, stage).integrations {
		i.uri = nil
	}
}

// BreakAnswers has the gateway responses of a stage fail likewise, for requests to a path.
func (g *Gateway) BreakAnswers(api, stage, path string) {
	t := g.find(api, stage)
	n, _ := t.router.find(path, nil)
	for _, rt := range n.methods {
		rt.params = []string{"nowhere"}
	}
	for _, r := range t.responses {
		r.headers = []parameterMapping{{target: "X-Broken", source: source{kind: fromPath, name: "nowhere"}}}
	}
}
