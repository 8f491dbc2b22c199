package logs

import (
	"context"
	"errors"
	"slices"
	"sync"
)

// usageNamespace is where the service's own metrics go.
const usageNamespace = "AWS/Logs"

// usage turns counters that only grow into metric data, each minute. What was counted up to a crash is lost. A call of the
// sink that fails is made up for with the next minute's.
type usage struct {
	minute Millis
	seen   map[usageKey]int64
}

// usageKey names a counter. filter and kind are those of a subscription; "" for what came in.
type usageKey struct {
	group        groupKey
	id           GroupID
	metric       string
	filter, kind string // of subscriptions: its name, and the type of its destination
}

// drainUsage hands over what was counted in the minute that has ended, if one has.
func (p *metricPump) drainUsage(ctx context.Context) {
	u := &p.usage
	now := minuteOf(p.service.now())
	if u.minute == 0 {
		u.minute = now
	}
	if now > u.minute {
		p.handOverUsage(ctx, now)
		u.minute = now
	}
}

// lastUsage hands over what was counted in a minute that has not ended, since the service does.
func (p *metricPump) lastUsage(ctx context.Context) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.drainUsage(ctx)
	p.handOverUsage(ctx, endOfTime)
}

// handOverUsage hands over what was counted since the last time and came before a minute.
func (p *metricPump) handOverUsage(ctx context.Context, until Millis) {
	u := &p.usage
	counts := p.service.usageCounts(until)
	data := usageData(u.minute, u.since(counts))
	for target, data := range data {
		var failed error
		for part := range slices.Chunk(data, maxHandoverData) {
			failed = errors.Join(failed, p.put(ctx, target, part))
		}
		if failed != nil {
			p.report(failed)
			u.keep(counts, target)
		}
	}
	u.seen = counts
}

// keep has the next minute count again what could not be handed over to a target.
func (u *usage) keep(counts map[usageKey]int64, target metricTarget) {
	for k := range counts {
		if k.target() == target {
			counts[k] = u.seen[k]
		}
	}
}

func (k usageKey) target() metricTarget {
	return metricTarget{k.group.account, k.group.region, usageNamespace}
}

// since returns how much counters have grown. One that is smaller than it was counts something else now.
func (u *usage) since(counts map[usageKey]int64) map[usageKey]int64 {
	grown := map[usageKey]int64{}
	for k, n := range counts {
		if before := u.seen[k]; n > before {
			grown[k] = n - before
		} else if n < before {
			grown[k] = n
		}
	}
	return grown
}

// intake counts what a group takes in. It knows what was there when the minute of the last append began, so that the
// minutes before can be told apart from one that is not over.
type intake struct {
	mu            sync.Mutex
	minute        Millis
	before, total taken
}

// taken is numbers since the start; bytes as AWS counts them, with 26 for each event.
type taken struct{ events, bytes int64 }

func (k *intake) add(minute Millis, t taken) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if minute > k.minute {
		k.minute, k.before = minute, k.total
	}
	k.total.events += t.events
	k.total.bytes += t.bytes
}

// until returns what came before a minute, no earlier than that of the last append.
func (k *intake) until(minute Millis) taken {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.minute >= minute {
		return k.before
	}
	return k.total
}

// usageCounts reads all counters that are not zero; of what came in, as they were when the minute began.
func (s *Service) usageCounts(minute Millis) map[usageKey]int64 {
	counts := map[usageKey]int64{}
	s.groups.mu.RLock()
	for key, g := range s.groups.byKey {
		if t := g.intake.until(minute); t.events > 0 {
			counts[usageKey{group: key, id: g.id, metric: "IncomingLogEvents"}] = t.events
			counts[usageKey{group: key, id: g.id, metric: "IncomingBytes"}] = t.bytes
		}
	}
	s.groups.mu.RUnlock()
	s.deliveries.count(counts)
	return counts
}

// usageData makes data of what was counted, and totals for each account of what came in.
func usageData(minute Millis, grown map[usageKey]int64) map[metricTarget][]MetricDatum {
	type total struct {
		target metricTarget
		metric string
	}
	data, totals := map[metricTarget][]MetricDatum{}, map[total]int64{}
	add := func(t metricTarget, metric string, n int64, dimensions ...MetricDimension) {
		data[t] = append(data[t], MetricDatum{
			Name: metric, Dimensions: dimensions, Minute: minute, Unit: usageUnit(metric),
			Values: []float64{float64(n)}, Counts: []float64{1},
		})
	}
	for k, n := range grown {
		group := MetricDimension{"LogGroupName", k.group.name}
		if k.filter != "" {
			add(k.target(), k.metric, n, MetricDimension{"DestinationType", k.kind}, MetricDimension{"FilterName", k.filter}, group)
			continue
		}
		add(k.target(), k.metric, n, group)
		totals[total{k.target(), k.metric}] += n
	}
	for k, n := range totals {
		add(k.target, k.metric, n)
	}
	return data
}

func usageUnit(metric string) string {
	if metric == "IncomingBytes" || metric == "ForwardedBytes" {
		return "Bytes"
	}
	return "None"
}
