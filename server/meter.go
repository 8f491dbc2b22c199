package server

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/tollbook/tollbook/cloudwatch"
	"github.com/tollbook/tollbook/gateway"
)

// meterEvery is how often the gateway's counters become metric data: alarms and charts see a request at most so much later.
const meterEvery = 5 * time.Second

// meter has what the gateway counts recorded as metrics of AWS/ApiGateway, and adds it up for Prometheus.
type meter struct {
	gateway *gateway.Gateway
	log     *slog.Logger

	mu      sync.Mutex
	metrics *cloudwatch.GatewayMetrics
	totals  map[stageKey]*stageTotals // since the start

	stop    context.CancelFunc
	stopped sync.WaitGroup
}

func startMeter(gw *gateway.Gateway, metrics *cloudwatch.Service, log *slog.Logger) *meter {
	ctx, stop := context.WithCancel(context.Background())
	m := &meter{gateway: gw, log: log, totals: map[stageKey]*stageTotals{}, stop: stop}
	m.metrics = cloudwatch.NewGatewayMetrics(metrics, m)
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

// record brings the metrics up to date.
func (m *meter) record() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.metrics.Collect(context.Background()); err != nil {
		m.log.Error("record the gateway's metrics; it is tried again", "error", err)
	}
}

// Drain implements cloudwatch.Meter. The caller holds mu.
func (m *meter) Drain(f func(gateway.StageMinute)) {
	m.gateway.Drain(func(s gateway.StageMinute) {
		m.count(&s)
		f(s)
	})
}
