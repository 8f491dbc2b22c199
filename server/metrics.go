package server

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/tollbook/tollbook/accesslog"
	"github.com/tollbook/tollbook/gateway"
	"github.com/tollbook/tollbook/logs"
	"github.com/tollbook/tollbook/logs/embedded"
)

// metrics is what /metrics shows: the counters that the parts keep themselves, read when somebody asks, and the API
// calls.
type metrics struct {
	gateway *gateway.Gateway
	access  *accesslog.Writer
	events  *embedded.Store
	logs    *logs.Service
	meter   *meter

	registry *prometheus.Registry
	calls    *prometheus.CounterVec
	callTime *prometheus.HistogramVec
}

func newMetrics(gw *gateway.Gateway, access *accesslog.Writer, events *embedded.Store, logSvc *logs.Service, apis *meter) *metrics {
	m := &metrics{gateway: gw, access: access, events: events, logs: logSvc, meter: apis, registry: prometheus.NewRegistry(),
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "tollbook_api_calls_total", Help: "Calls of AWS' APIs."},
			[]string{"service", "operation", "status"}),
		callTime: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "tollbook_api_call_seconds", Help: "Time that calls of AWS' APIs took.",
			Buckets: prometheus.ExponentialBuckets(0.0005, 4, 8)}, []string{"service"}),
	}
	m.registry.MustRegister(m, m.calls, m.callTime, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// observe counts an API call. Service and operation are empty where the request named none that exists.
func (m *metrics) observe(service, operation string, status int, elapsed time.Duration) {
	m.calls.WithLabelValues(service, operation, strconv.Itoa(status)).Inc()
	m.callTime.WithLabelValues(service).Observe(elapsed.Seconds())
}

// Describe is left empty: what Collect sends is known when it runs.
func (m *metrics) Describe(chan<- *prometheus.Desc) {}

// Collect reads the parts' counters.
func (m *metrics) Collect(out chan<- prometheus.Metric) {
	m.collectGateway(out)
	m.collectAccessLog(out)
	m.collectStore(out)
	m.collectDeliveries(out)
	m.meter.collect(out)
}

func (m *metrics) collectGateway(out chan<- prometheus.Metric) {
	s := m.gateway.Metrics()
	for class := 1; class < len(s.Requests); class++ {
		out <- prometheus.MustNewConstMetric(prometheus.NewDesc("tollbook_gateway_requests_total", "Requests answered by the gateway.", []string{"status"}, nil),
			prometheus.CounterValue, float64(s.Requests[class]), strconv.Itoa(class)+"xx")
	}
	counter(out, "gateway_unrouted_requests_total", "Requests that reached no stage.", float64(s.Unrouted))
	counter(out, "gateway_unrouted_entries_suppressed_total", "Requests that reached no stage and were not logged because there were too many.", float64(s.UnroutedSuppressed))
	counter(out, "gateway_requests_shed_total", "Requests answered 503 because too many were under way.", float64(s.Shed))
	counter(out, "gateway_bodies_shed_total", "Requests answered 503 because bodies took too much memory.", float64(s.ShedBodies))
	gauge(out, "gateway_body_bytes", "Memory of bodies under way; small ones are not counted.", float64(s.BodyBytes))
	gauge(out, "gateway_requests_in_flight", "Requests under way.", float64(s.InFlight))
	counter(out, "gateway_request_seconds_total", "Time from arrival to response, over all requests.", s.RequestTime.Seconds())
	counter(out, "gateway_request_bytes_total", "Bytes of request bodies.", float64(s.RequestBytes))
	counter(out, "gateway_response_bytes_total", "Bytes of response bodies.", float64(s.ResponseBytes))
	counter(out, "gateway_integration_calls_total", "Calls of integrations.", float64(s.IntegrationCalls))
	counter(out, "gateway_integration_errors_total", "Calls of integrations without a usable response.", float64(s.IntegrationErrors))
	counter(out, "gateway_integration_seconds_total", "Time that answered integrations took.", s.IntegrationTime.Seconds())
	gauge(out, "gateway_connections", "Open connections of clients to the gateway listeners.", float64(s.Connections))
	counter(out, "gateway_connections_refused_total", "Connections refused because there were too many.", float64(s.ConnectionsRefused))
	counter(out, "gateway_proxy_headers_refused_total", "Connections of proxies without the PROXY header that they should have.", float64(s.ProxyHeadersRefused))
	gauge(out, "gateway_upstream_connections", "Open connections to integrations.", float64(s.UpstreamConns))
	gauge(out, "gateway_upstream_requests", "Requests to integrations under way.", float64(s.UpstreamRequests))
	gauge(out, "gateway_upstream_queued", "Requests that wait for their turn at an integration.", float64(s.UpstreamQueued))
	counter(out, "gateway_upstream_shed_total", "Requests answered 503 because too many waited for an integration.", float64(s.UpstreamShed))
	gauge(out, "gateway_upstreams_down", "Back ends that took none of the last connections.", float64(s.UpstreamsDown))
	counter(out, "gateway_upstream_held_off_total", "Connections not tried because the back end took none of the last ones.", float64(s.UpstreamHeldOff))
	counter(out, "gateway_upstream_retries_total", "Requests sent once more, on a new connection.", float64(s.UpstreamRetries))
}

func (m *metrics) collectAccessLog(out chan<- prometheus.Metric) {
	s := m.access.Metrics()
	counter(out, "access_log_entries_total", "Access log entries that are durable.", float64(s.Written))
	counter(out, "access_log_dropped_total", "Access log entries lost to a full queue.", float64(s.Dropped))
	counter(out, "access_log_waits_total", "Requests that waited for room in the queue.", float64(s.Waits))
	counter(out, "access_log_append_errors_total", "Appends to the log store that failed and were repeated.", float64(s.FailedAppends))
	gauge(out, "access_log_queue_bytes", "Access log entries that wait for the store.", float64(s.QueueBytes))
}

func (m *metrics) collectStore(out chan<- prometheus.Metric) {
	s := m.events.Metrics()
	counter(out, "log_store_events_total", "Events appended.", float64(s.AppendedEvents))
	counter(out, "log_store_bytes_total", "Bytes of messages appended.", float64(s.AppendedBytes))
	counter(out, "log_store_append_errors_total", "Writes of the write-ahead log that failed.", float64(s.AppendErrors))
	counter(out, "log_store_fsyncs_total", "Syncs of the write-ahead log.", float64(s.Fsyncs))
	counter(out, "log_store_seals_total", "Heads sealed into segments.", float64(s.Seals))
	counter(out, "log_store_seal_errors_total", "Attempts to seal that failed.", float64(s.SealErrors))
	counter(out, "log_store_compactions_total", "Segments written in place of others.", float64(s.Compactions))
	counter(out, "log_store_corruptions_total", "Places on disk that did not verify.", float64(s.Corruptions))
	gauge(out, "log_store_wal_bytes", "Write-ahead logs on disk.", float64(s.WALBytes))
	gauge(out, "log_store_head_events", "Events in memory, not yet sealed.", float64(s.HeadEvents))
	gauge(out, "log_store_head_bytes", "Memory of events not yet sealed.", float64(s.HeadBytes))
	gauge(out, "log_store_segments", "Sealed segments.", float64(s.Segments))
	gauge(out, "log_store_segment_bytes", "Sealed segments on disk.", float64(s.SegmentBytes))
	gauge(out, "log_store_segment_events", "Events in sealed segments.", float64(s.SegmentEvents))
	gauge(out, "log_store_tombstones", "Deletions that still hide events.", float64(s.Tombstones))
}

var deliveryLabels = []string{"account", "region", "group", "filter", "type"}

// collectDeliveries shows how far subscription filters are behind.
func (m *metrics) collectDeliveries(out chan<- prometheus.Metric) {
	for _, d := range m.logs.Deliveries() {
		one := func(name, help string, kind prometheus.ValueType, v float64) {
			desc := prometheus.NewDesc("tollbook_delivery_"+name, help, deliveryLabels, nil)
			out <- prometheus.MustNewConstMetric(desc, kind, v, d.Account, d.Region, d.Group, d.Filter, d.Type)
		}
		healthy := 0.0
		if d.Health == logs.Delivering {
			healthy = 1
		}
		one("healthy", "Whether a subscription filter's last attempt to deliver arrived.", prometheus.GaugeValue, healthy)
		one("lag_seconds", "Age of the oldest event that is being delivered.", prometheus.GaugeValue, d.SecondsBehind)
		one("lag_arrivals", "Events that came to the store since those delivered, if some concern the filter.", prometheus.GaugeValue, float64(d.ArrivalsBehind))
		one("forwarded_events_total", "Events delivered.", prometheus.CounterValue, float64(d.ForwardedEvents))
		one("forwarded_bytes_total", "Bytes of delivered payloads, compressed.", prometheus.CounterValue, float64(d.ForwardedBytes))
		one("errors_total", "Events in payloads that did not arrive, counted for each attempt.", prometheus.CounterValue, float64(d.Errors))
		one("lost_events_total", "Events given up: too old, or refused by the destination.", prometheus.CounterValue, float64(d.Lost))
	}
}

func counter(out chan<- prometheus.Metric, name, help string, v float64) {
	out <- prometheus.MustNewConstMetric(prometheus.NewDesc("tollbook_"+name, help, nil, nil), prometheus.CounterValue, v)
}

func gauge(out chan<- prometheus.Metric, name, help string, v float64) {
	out <- prometheus.MustNewConstMetric(prometheus.NewDesc("tollbook_"+name, help, nil, nil), prometheus.GaugeValue, v)
}
