package gateway

import (
	"sync/atomic"
	"time"

	"github.com/tollbook/tollbook/accesslog"
)

// Metrics are counters since the start, but for InFlight, BodyBytes, Connections, UpstreamConns, -Requests, -Queued and UpstreamsDown.
type Metrics struct {
	// Requests answered, by the hundreds of their status: Requests[2] counts 200 to 299. Index 0 is never used.
	Requests [6]uint64
	// Unrouted are those of them that reached no stage.
	Unrouted uint64
	// UnroutedSuppressed are those of the unrouted that were not logged because there were too many.
	UnroutedSuppressed uint64
	Shed               uint64 // answered 503 because too many were under way (Config.MaxRequests)
	ShedBodies         uint64 // answered 503 because bodies took too much memory (Config.MaxBodyBytes)
	InFlight           int64
	BodyBytes          int64         // memory of bodies under way, as far as it is counted
	RequestTime        time.Duration // sum over all requests, from arrival to the response being ready
	RequestBytes       uint64        // of request bodies
	ResponseBytes      uint64        // of response bodies
	IntegrationCalls   uint64
	IntegrationErrors  uint64        // calls without a usable response: timeouts, network errors, malformed responses
	IntegrationTime    time.Duration // sum over the calls that were answered
	UpstreamConns      int           // open connections to back ends
	UpstreamRequests   int           // requests to back ends under way
	UpstreamQueued     int           // requests that wait for their turn
	UpstreamsDown      int           // back ends that take no connections
	UpstreamShed       uint64        // requests answered 503 because too many waited
	UpstreamHeldOff    uint64        // connections not tried because the last ones failed
	UpstreamRetries    uint64        // requests sent once more, on a new connection

	Connections         int64  // of clients, open
	ConnectionsRefused  uint64 // beyond Config.MaxConnections
	ProxyHeadersRefused uint64 // connections without the PROXY header that they should have
}

// metrics are kept in several sets of counters, of which an exchange uses one, so that cores do not share them much.
type metrics struct {
	sets      [16]counters
	upstreams upstreamCounters
}

type counters struct {
	requests                     [6]atomic.Uint64
	unrouted, calls, failures    atomic.Uint64
	inFlight                     atomic.Int64
	requestTime, integrationTime atomic.Int64
	requestBytes, responseBytes  atomic.Uint64
	_                            [64]byte
}

// set is the one of the exchange that was made as number turn.
func (m *metrics) set(turn uint32) *counters { return &m.sets[turn%uint32(len(m.sets))] }

func (c *counters) count(e *accesslog.Entry, took time.Duration, requestBytes int) {
	if class := e.Status / 100; class < len(c.requests) {
		c.requests[class].Add(1)
	}
	if e.Stage == nil {
		c.unrouted.Add(1)
	}
	c.requestTime.Add(int64(took))
	if requestBytes > 0 {
		c.requestBytes.Add(uint64(requestBytes))
	}
	c.responseBytes.Add(uint64(e.ResponseLength))
}

// Metrics returns the counters.
func (g *Gateway) Metrics() Metrics {
	m := Metrics{
		UnroutedSuppressed: g.unrouted.Suppressed(),
		Shed:               g.load.shed.Load(), ShedBodies: g.load.refused.Load(), BodyBytes: g.load.bodies.Load(),
		Connections: g.door.open.Load(), ConnectionsRefused: g.door.refused.Load(), ProxyHeadersRefused: g.door.garbled.Load(),
	}
	for i := range g.metrics.sets {
		c := &g.metrics.sets[i]
		for class := range m.Requests {
			m.Requests[class] += c.requests[class].Load()
		}
		m.Unrouted += c.unrouted.Load()
		m.InFlight += c.inFlight.Load()
		m.RequestTime += time.Duration(c.requestTime.Load())
		m.RequestBytes += c.requestBytes.Load()
		m.ResponseBytes += c.responseBytes.Load()
		m.IntegrationCalls += c.calls.Load()
		m.IntegrationErrors += c.failures.Load()
		m.IntegrationTime += time.Duration(c.integrationTime.Load())
	}
	g.addUpstreams(&m)
	return m
}

func (g *Gateway) addUpstreams(m *Metrics) {
	c := &g.metrics.upstreams
	m.UpstreamShed, m.UpstreamHeldOff, m.UpstreamRetries = c.shed.Load(), c.heldOff.Load(), c.retried.Load()
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, u := range g.upstreams {
		m.UpstreamConns += u.conns()
		m.UpstreamRequests += int(u.busy.Load())
		m.UpstreamQueued += int(u.ahead.Load())
		if u.down() {
			m.UpstreamsDown++
		}
	}
}
