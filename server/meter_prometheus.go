package server

import (
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tollbook/tollbook/gateway"
)

// stageKey names a stage, or a route of it where its metrics are detailed: method and resource are empty otherwise.
type stageKey struct{ apiID, apiName, stage, method, resource string }

// stageTotals is what was counted of it since the start.
type stageTotals struct {
	requests, clientErrors, serverErrors uint64
	cacheHits, cacheMisses               uint64
	latency, integrationLatency          latencyTotals
}

// latencyTotals are a histogram as Prometheus has them.
type latencyTotals struct {
	count   uint64
	seconds float64
	below   [len(latencyBounds)]uint64 // samples up to each bound
}

// latencyBounds are the upper bounds of the histogram's buckets, in milliseconds.
var latencyBounds = [...]float64{1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 30_000}

// count adds up. The caller holds mu.
func (m *meter) count(s *gateway.StageMinute) {
	key := stageKey{s.APIID, s.APIName, s.Stage, s.Method, s.Resource}
	t := m.totals[key]
	if t == nil {
		t = &stageTotals{}
		m.totals[key] = t
	}
	t.requests += s.Requests
	t.clientErrors += s.ClientErrors
	t.serverErrors += s.ServerErrors
	t.cacheHits += s.CacheHits
	t.cacheMisses += s.CacheMisses
	t.latency.add(&s.Latency)
	t.integrationLatency.add(&s.IntegrationLatency)
}

func (t *latencyTotals) add(l *gateway.LatencySamples) {
	t.count += uint64(l.Count)
	t.seconds += float64(l.Sum) / 1000
	for i, v := range l.Values {
		at, _ := slices.BinarySearch(latencyBounds[:], v)
		for ; at < len(t.below); at++ {
			t.below[at] += uint64(l.Counts[i])
		}
	}
}

// apiDescs describe the series of stages, or those of routes, which have names of their own so that sums count nothing
// twice.
type apiDescs struct{ requests, errors4XX, errors5XX, cacheHits, cacheMisses, latency, integrationLatency *prometheus.Desc }

func newAPIDescs(prefix, of string, labels ...string) apiDescs {
	desc := func(name, help string) *prometheus.Desc {
		return prometheus.NewDesc("tollbook_"+prefix+name, help+" of "+of+"; AWS/ApiGateway has it as a metric, too.", labels, nil)
	}
	return apiDescs{
		desc("requests_total", "Requests"), desc("4xx_errors_total", "Answers 400 to 499"), desc("5xx_errors_total", "Answers 500 to 599"),
		desc("cache_hits_total", "Answers from the response cache"), desc("cache_misses_total", "Requests that the response cache had no answer for"),
		desc("latency_seconds", "Time to answer"), desc("integration_latency_seconds", "Time that integrations took"),
	}
}

// collect sends what was counted up to now.
func (m *meter) collect(out chan<- prometheus.Metric) {
	m.record()
	stages := newAPIDescs("stage_", "a stage", "api_id", "api_name", "stage")
	routes := newAPIDescs("route_", "a method of a stage with detailed metrics", "api_id", "api_name", "stage", "method", "resource")
	m.mu.Lock()
	defer m.mu.Unlock()
	for k, t := range m.totals {
		if k.resource == "" {
			t.collect(out, stages, k.apiID, k.apiName, k.stage)
		} else {
			t.collect(out, routes, k.apiID, k.apiName, k.stage, k.method, k.resource)
		}
	}
}

func (t *stageTotals) collect(out chan<- prometheus.Metric, d apiDescs, labels ...string) {
	out <- prometheus.MustNewConstMetric(d.requests, prometheus.CounterValue, float64(t.requests), labels...)
	out <- prometheus.MustNewConstMetric(d.errors4XX, prometheus.CounterValue, float64(t.clientErrors), labels...)
	out <- prometheus.MustNewConstMetric(d.errors5XX, prometheus.CounterValue, float64(t.serverErrors), labels...)
	out <- prometheus.MustNewConstMetric(d.cacheHits, prometheus.CounterValue, float64(t.cacheHits), labels...)
	out <- prometheus.MustNewConstMetric(d.cacheMisses, prometheus.CounterValue, float64(t.cacheMisses), labels...)
	out <- t.latency.metric(d.latency, labels)
	out <- t.integrationLatency.metric(d.integrationLatency, labels)
}

func (t *latencyTotals) metric(desc *prometheus.Desc, labels []string) prometheus.Metric {
	buckets := make(map[float64]uint64, len(latencyBounds))
	for i, bound := range latencyBounds {
		buckets[bound/1000] = t.below[i]
	}
	return prometheus.MustNewConstHistogram(desc, t.count, t.seconds, buckets, labels...)
}
