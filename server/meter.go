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

	recording *repeat
}

func startMeter(gw *gateway.Gateway, metrics *cloudwatch.Service, log *slog.Logger) *meter {
	m := &meter{gateway: gw, log: log, totals: map[stageKey]*stageTotals{}}
	m.metrics = cloudwatch.NewGatewayMetrics(metrics, m)
	m.recording = startRepeat(meterEvery, func(context.Context) { m.record() })
	return m
}

// close records the last requests. The gateway must serve none any more.
func (m *meter) close() error {
	m.recording.close()
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
