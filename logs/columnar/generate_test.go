package columnar

import (
	"fmt"
	"math/rand"
	"slices"
	"time"
)

// generator makes access log entries in the look of API Gateway's JSON format, with a time and a latency, always the same
// for a seed: 60 a second, 50,000 addresses by a Zipf law, 60 resource paths, 11 statuses.
type generator struct {
	r     *rand.Rand
	zipf  *rand.Zipf
	paths []string
	now   time.Time
}

func newGenerator(seed int64) *generator {
	g := &generator{r: rand.New(rand.NewSource(seed)), now: time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)}
	g.zipf = rand.NewZipf(g.r, 1.2, 8, 50000)
	for i := range 60 {
		path := fmt.Sprintf("/%s/{id}", []string{"notes", "users", "orders", "pets", "billing", "search"}[i%6])
		if i >= 6 {
			path = fmt.Sprintf("/v%d%s/sub%d", i%3, path, i)
		}
		g.paths = append(g.paths, path)
	}
	return g
}

func pick[T any](g *generator, from ...T) T { return from[g.r.Intn(len(from))] }

// next returns an entry and its time in milliseconds.
func (g *generator) next() (string, int64) {
	g.now = g.now.Add(time.Duration(g.r.Intn(34)) * time.Millisecond)
	ip := g.zipf.Uint64()
	m := fmt.Sprintf(`{"_time":"%s","requestId":"%08x-%04x-%04x-%04x-%012x","ip":"10.%d.%d.%d","caller":"-","user":"-",`+
		`"requestTime":"%s","httpMethod":"%s","resourcePath":"%s","status":"%d","protocol":"HTTP/1.1","responseLength":"%d","latency":"%d"}`,
		g.now.Format("2006-01-02T15:04:05.000Z"), g.r.Uint32(), g.r.Intn(65536), g.r.Intn(65536), g.r.Intn(65536), g.r.Int63n(1<<48),
		ip>>16, ip>>8&255, ip&255, g.now.Format("02/Jan/2006:15:04:05 -0700"), pick(g, "GET", "GET", "GET", "GET", "POST", "PUT", "DELETE"),
		pick(g, g.paths...), pick(g, 200, 200, 200, 200, 200, 200, 201, 204, 304, 400, 403, 404, 404, 429, 500, 502, 504),
		g.r.Intn(20000), 1+int(g.r.ExpFloat64()*40))
	return m, g.now.UnixMilli()
}

// accessLog is a block's worth of entries of 300 streams, sorted by stream, as a store would hand them over: batches of
// 200 share an ingestion time.
func accessLog(seed int64, n int) *Rows {
	type event struct {
		stream        int
		at, ingestion int64
		arrival       uint64
		message       string
	}
	g := newGenerator(seed)
	events := make([]event, n)
	for i := range events {
		m, at := g.next()
		events[i] = event{stream: g.r.Intn(300), at: at, arrival: 1e6 + uint64(i), message: m}
	}
	for i := range events {
		events[i].ingestion = events[min(i|255, n-1)].at + 40
	}
	slices.SortStableFunc(events, func(a, b event) int { return a.stream - b.stream })
	rows := &Rows{}
	for _, e := range events {
		rows.add(e.at, e.ingestion, e.arrival, e.message)
	}
	return rows
}

func (r *Rows) add(at, ingestion int64, arrival uint64, message string) {
	r.Timestamps, r.Ingestions = append(r.Timestamps, at), append(r.Ingestions, ingestion)
	r.Arrivals, r.Messages = append(r.Arrivals, arrival), append(r.Messages, message)
}
