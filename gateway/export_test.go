package gateway

import (
	"fmt"
	"time"

	"github.com/tollbook/tollbook/accesslog"
)

// MetricName is metricName.
var MetricName = metricName

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
