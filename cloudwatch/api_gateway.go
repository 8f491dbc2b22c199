package cloudwatch

import (
	"context"
	"errors"

	"github.com/tollbook/tollbook/awsapi/awscloudwatch"
	"github.com/tollbook/tollbook/gateway"
)

// Meter is what counts requests; *gateway.Gateway is one.
type Meter interface {
	// Drain calls f with what was counted since the last Drain; f must not keep what it gets.
	Drain(f func(gateway.StageMinute))
}

// GatewayMetrics brings the gateway's counts into the service as the metrics of AWS/ApiGateway. The server calls Collect
// every few seconds, and once more after the gateway's last request and before the service's Close:
//
//	metrics := cloudwatch.NewGatewayMetrics(svc, gw)
//	for range ticker.C { err := metrics.Collect(ctx) }
//
// It must not be used by two goroutines at once.
type GatewayMetrics struct {
	svc     *Service
	meter   Meter
	waiting map[place][]Datum // drained and not yet recorded
}

// NewGatewayMetrics joins a meter to a service.
func NewGatewayMetrics(svc *Service, meter Meter) *GatewayMetrics {
	return &GatewayMetrics{svc: svc, meter: meter, waiting: map[place][]Datum{}}
}

// Collect records what was counted since the last call. What could not be recorded is kept for the next call.
func (g *GatewayMetrics) Collect(ctx context.Context) error {
	g.meter.Drain(func(m gateway.StageMinute) {
		at := place{m.AccountID, m.Region}
		g.waiting[at] = appendStage(g.waiting[at], &m)
	})
	var errs []error
	for at, data := range g.waiting {
		if err := g.svc.Record(ctx, at.account, at.region, data); err != nil {
			errs = append(errs, err)
			continue
		}
		delete(g.waiting, at)
	}
	return errors.Join(errs...)
}

// appendStage adds the metrics of a stage, and as part of it those of its API; or those of a route.
func appendStage(data []Datum, m *gateway.StageMinute) []Datum {
	api := Dimension{"ApiName", m.APIName}
	stage := Dimension{"Stage", m.Stage}
	if m.Method != "" {
		return appendCounts(data, m, []Dimension{api, {"Method", m.Method}, {"Resource", m.Resource}, stage})
	}
	return appendCounts(appendCounts(data, m, []Dimension{api}), m, []Dimension{api, stage})
}

// appendCounts adds the metrics under one set of dimensions. Each request is a sample of each, so that the average of
// 4XXError is the rate of errors; only IntegrationLatency has a sample for those requests alone that had a back end's answer.
func appendCounts(data []Datum, m *gateway.StageMinute, dims []Dimension) []Datum {
	add := func(name, unit string, values, counts []float64, set *awscloudwatch.StatisticSet) {
		data = append(data, Datum{
			Namespace: "AWS/ApiGateway", MetricName: name, Dimensions: dims, Time: m.Minute, Unit: unit,
			Values: values, Counts: counts, Statistics: set,
		})
	}
	all := float64(m.Requests)
	add("Count", "Count", []float64{1}, []float64{all}, nil)
	add("4XXError", "Count", []float64{0, 1}, []float64{all - float64(m.ClientErrors), float64(m.ClientErrors)}, nil)
	add("5XXError", "Count", []float64{0, 1}, []float64{all - float64(m.ServerErrors), float64(m.ServerErrors)}, nil)
	if asked := float64(m.CacheHits + m.CacheMisses); asked > 0 { // a sample for each request that asked the cache
		hits, misses := float64(m.CacheHits), float64(m.CacheMisses)
		add("CacheHitCount", "Count", []float64{0, 1}, []float64{misses, hits}, nil)
		add("CacheMissCount", "Count", []float64{0, 1}, []float64{hits, misses}, nil)
	}
	add("Latency", "Milliseconds", m.Latency.Values, m.Latency.Counts, latencySet(&m.Latency))
	add("IntegrationLatency", "Milliseconds", m.IntegrationLatency.Values, m.IntegrationLatency.Counts, latencySet(&m.IntegrationLatency))
	return data
}

// latencySet are the true totals; nil without samples.
func latencySet(l *gateway.LatencySamples) *awscloudwatch.StatisticSet {
	if l.Count == 0 {
		return nil
	}
	return &awscloudwatch.StatisticSet{
		SampleCount: float64(l.Count), Sum: float64(l.Sum), Minimum: float64(l.Min), Maximum: float64(l.Max),
	}
}
