package logs

import (
	"context"
	"errors"
	"slices"
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
func (p *metricPump) drainUsage(ctx context.Context) error {
	u := &p.usage
	now := minuteOf(p.service.now())
	if u.minute == 0 {
		u.minute = now
	}
	if now <= u.minute {
		return nil
	}
	counts := p.service.usageCounts()
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
	u.seen, u.minute = counts, now
	return nil
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

// usageCounts reads all counters that are not zero.
func (s *Service) usageCounts() map[usageKey]int64 {
	counts := map[usageKey]int64{}
	s.groups.mu.RLock()
	for key, g := range s.groups.byKey {
		if n := g.incomingEvents.Load(); n > 0 {
			counts[usageKey{group: key, id: g.id, metric: "IncomingLogEvents"}] = n
			counts[usageKey{group: key, id: g.id, metric: "IncomingBytes"}] = g.incomingBytes.Load()
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
