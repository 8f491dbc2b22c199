package server

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/tollbook/tollbook/awsapi/awscloudwatch"
	"github.com/tollbook/tollbook/cloudwatch"
	"github.com/tollbook/tollbook/gateway"
)

// meterEvery is how often the gateway's counters become metric data: alarms and charts see a request at most so much later.
const meterEvery = 5 * time.Second

// maxUnrecorded is how many data are kept for another attempt while the metrics cannot be written.
const maxUnrecorded = 100_000

// meter turns what the gateway counts into metrics of the namespace AWS/ApiGateway.
type meter struct {
	gateway *gateway.Gateway
	metrics *cloudwatch.Service
	log     *slog.Logger
	pending map[place][]cloudwatch.Datum // not recorded yet

	stop    context.CancelFunc
	stopped sync.WaitGroup
}

type place struct{ account, region string }

func startMeter(gw *gateway.Gateway, metrics *cloudwatch.Service, log *slog.Logger) *meter {
	ctx, stop := context.WithCancel(context.Background())
	m := &meter{gateway: gw, metrics: metrics, log: log, pending: map[place][]cloudwatch.Datum{}, stop: stop}
	m.stopped.Go(func() { m.run(ctx) })
	return m
}

func (m *meter) run(ctx context.Context) {
	ticker := time.NewTicker(meterEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			m.record()
		}
	}
}

// close records the last requests. The gateway must serve none any more.
func (m *meter) close() error {
	m.stop()
	m.stopped.Wait()
	m.record()
	return nil
}

// record hands over what was counted since the last call.
func (m *meter) record() {
	m.gateway.Drain(func(s gateway.StageMinute) {
		at := place{s.AccountID, s.Region}
		m.pending[at] = append(m.pending[at], stageMetrics(&s)...)
	})
	for at, data := range m.pending {
		if len(data) == 0 {
			continue
		}
		if err := m.metrics.Record(context.Background(), at.account, at.region, data); err != nil {
			m.log.Error("record the gateway's metrics", "error", err)
			m.pending[at] = data[max(0, len(data)-maxUnrecorded):]
			continue
		}
		delete(m.pending, at)
	}
}

// stageMetrics are the metrics of a stage, for the API as a whole too, or of a route of it (spec/iam-and-metrics §13.1).
func stageMetrics(s *gateway.StageMinute) (data []cloudwatch.Datum) {
	api, stage := cloudwatch.Dimension{Name: "ApiName", Value: s.APIName}, cloudwatch.Dimension{Name: "Stage", Value: s.Stage}
	of := [][]cloudwatch.Dimension{{api}, {api, stage}}
	if s.Resource != "" {
		of = [][]cloudwatch.Dimension{{api, {Name: "Method", Value: s.Method}, {Name: "Resource", Value: s.Resource}, stage}}
	}
	for _, dimensions := range of {
		datum := func(name, unit string, values, counts []float64, exact *awscloudwatch.StatisticSet) {
			data = append(data, cloudwatch.Datum{
				Namespace: "AWS/ApiGateway", MetricName: name, Dimensions: dimensions, Time: s.Minute, Unit: unit,
				Values: values, Counts: counts, Statistics: exact,
			})
		}
		n := float64(s.Requests)
		datum("Count", "Count", []float64{1}, []float64{n}, nil)
		values, counts := share(float64(s.ClientErrors), n)
		datum("4XXError", "Count", values, counts, nil)
		values, counts = share(float64(s.ServerErrors), n)
		datum("5XXError", "Count", values, counts, nil)
		datum("Latency", "Milliseconds", s.Latency.Values, s.Latency.Counts, exactly(&s.Latency))
		if s.IntegrationLatency.Count > 0 {
			datum("IntegrationLatency", "Milliseconds", s.IntegrationLatency.Values, s.IntegrationLatency.Counts, exactly(&s.IntegrationLatency))
		}
	}
	return data
}

// share is a sample of 1 for each of some requests, and of 0 for the others.
func share(some, all float64) (values, counts []float64) {
	switch some {
	case 0:
		return []float64{0}, []float64{all}
	case all:
		return []float64{1}, []float64{all}
	}
	return []float64{0, 1}, []float64{all - some, some}
}

func exactly(l *gateway.LatencySamples) *awscloudwatch.StatisticSet {
	return &awscloudwatch.StatisticSet{SampleCount: float64(l.Count), Sum: float64(l.Sum), Minimum: float64(l.Min), Maximum: float64(l.Max)}
}
