package logs

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/state"
)

// newMetricPump makes a pump that does nothing without a sink.
func newMetricPump(s *Service, sink MetricSink) *metricPump {
	return &metricPump{
		service: s, sink: sink, open: map[openMinuteKey]*openMinute{}, usage: usage{seen: map[usageKey]int64{}},
	}
}

// metricPump makes metric data of log events. Every few seconds it scans what has arrived in the groups that have metric
// filters since the last time, hands the sums to the sink, and stores how far it has come: what is counted once stays
// counted, after a crash between the two steps the last few seconds are counted twice. It also drains the counters of the
// service's own metrics (follow_usage.go).
type metricPump struct {
	service *Service
	sink    MetricSink
	changed atomic.Bool // filters were put or deleted

	mu      sync.Mutex
	loaded  bool
	groups  []*meteredGroup
	next    uint64 // arrival from which on events are to be looked at
	open    map[openMinuteKey]*openMinute
	pending []handover // of events before next
	stored  storedPlace
	usage   usage
}

// storedPlace is when the pump's place was stored, and whether it is as it was then.
type storedPlace struct {
	at    Millis
	clean bool
}

// meteredGroup is a group with its filters.
type meteredGroup struct {
	*group
	filters []*runningFilter
}

// pumpPlace is how far the pump has come, as it is stored.
type pumpPlace struct {
	Next uint64
	Open []openMinute
}

// pumpPlaces has one record; it belongs to no account.
var pumpPlaces = state.Collection[pumpPlace]{Kind: "logs.MetricFilterPlace"}

var pumpPlaceKey = state.Key{ID: onlyOne}

// openMinute is a minute in which events arrived for a filter that has a default value, while more may come.
type openMinute struct {
	openMinuteKey
	Matched bool // an event matched, or the default value was made
}

type openMinuteKey struct {
	Group  GroupID
	Filter string
	Minute Millis
}

// The default value is made when a minute is over for defaultAfter and no event of it has matched, once; an event that
// comes even later, by more than forgottenAfter, can bring the minute up again.
const (
	defaultAfter   = Millis(10_000)
	forgottenAfter = 5 * minuteMillis
)

const (
	pumpStep       = 100_000      // arrivals that are looked at between two handovers
	pumpStoreAfter = minuteMillis // the place is stored so often although nothing matches
)

// run pumps until ctx ends, and then once more for what is left.
func (p *metricPump) run(ctx context.Context) {
	ticker := time.NewTicker(p.service.opts.MetricsEvery)
	defer ticker.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-ticker.C:
			p.report(p.pump(ctx))
		}
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	p.report(p.pump(last))
	p.lastUsage(last)
}

func (p *metricPump) report(err error) {
	if err != nil && !errors.Is(err, context.Canceled) {
		p.service.opts.Log.Error("metrics out of logs; they are made later", "error", err)
	}
}

// hold stops the pump while a filter is changed, until release is called: what arrived before goes by the filter as it was,
// what arrives later by the filter as it will be. It must be called before a group is locked. That the pump fails is only
// reported; the filter then works as changed on the events of the last few seconds too.
func (p *metricPump) hold(ctx context.Context) (release func()) {
	p.mu.Lock()
	if p.sink != nil {
		p.report(p.pumpLocked(ctx))
	}
	return func() {
		p.changed.Store(true)
		p.mu.Unlock()
	}
}

// pump looks at all that has arrived up to now.
func (p *metricPump) pump(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.pumpLocked(ctx)
}

func (p *metricPump) pumpLocked(ctx context.Context) error {
	if err := p.load(ctx); err != nil {
		return err
	}
	end := p.service.store.NextArrival()
	for looked := false; ; looked = true {
		if err := p.handOver(ctx); err != nil {
			return err
		}
		if looked && p.next >= end {
			break
		}
		if err := p.step(ctx, min(end, p.next+pumpStep)); err != nil {
			return err
		}
	}
	p.drainUsage(ctx)
	return nil
}

// load finds out what there is to do.
func (p *metricPump) load(ctx context.Context) error {
	changed := p.changed.Swap(false)
	if p.loaded && !changed {
		return nil
	}
	var entries []state.Entry[metricFilterRecord]
	err := p.service.db.Read(ctx, func(tx *state.Tx) (err error) {
		if !p.loaded {
			err = p.loadPlace(tx)
		}
		if err == nil {
			entries, err = metricFilters.All(tx)
		}
		return err
	})
	if err == nil {
		err = p.loadFilters(ctx, entries)
	}
	if err != nil {
		p.changed.Store(true)
		return fmt.Errorf("load metric filters: %w", err)
	}
	p.loaded = true
	return nil
}

// loadPlace reads the stored place. At the first start it is here and now; filters do not look back.
func (p *metricPump) loadPlace(tx *state.Tx) error {
	place, err := pumpPlaces.Get(tx, pumpPlaceKey)
	p.next = p.service.store.NextArrival()
	if errors.Is(err, state.ErrNotFound) {
		return nil
	} else if err != nil {
		return err
	}
	p.next = min(p.next, place.Next)
	for i := range place.Open {
		p.open[place.Open[i].openMinuteKey] = &place.Open[i]
	}
	return nil
}

func (p *metricPump) loadFilters(ctx context.Context, entries []state.Entry[metricFilterRecord]) error {
	old := map[metricFilterID]*runningFilter{}
	for _, g := range p.groups {
		for _, f := range g.filters {
			old[metricFilterID{g.id, f.Name}] = f
		}
	}
	groups := map[GroupID]*meteredGroup{}
	for i := range entries {
		rec := &entries[i].Doc
		g, err := p.service.groupOf(ctx, entries[i].Key, rec.Group)
		if err != nil {
			return err
		}
		if g == nil {
			continue
		}
		f, err := newRunningFilter(rec, g.key)
		if err != nil {
			return fmt.Errorf("metric filter %s of %s: %w", rec.Name, g.key.name, err)
		}
		if f == nil {
			continue
		}
		if before := old[metricFilterID{g.id, rec.Name}]; before != nil {
			f.hour, f.sets, f.refused = before.hour, before.sets, before.refused
		}
		if groups[g.id] == nil {
			groups[g.id] = &meteredGroup{group: g}
		}
		groups[g.id].filters = append(groups[g.id].filters, f)
	}
	p.groups = slices.Collect(maps.Values(groups))
	slices.SortFunc(p.groups, func(a, b *meteredGroup) int { return int(a.id - b.id) })
	return nil
}

type metricFilterID struct {
	group GroupID
	name  string
}

// groupOf returns the group that a record with that key belongs to; nil if it was deleted.
func (s *Service) groupOf(ctx context.Context, k state.Key, name string) (*group, error) {
	account, region, _ := strings.Cut(k.Scope, "/")
	g, err := s.groups.find(ctx, groupKey{account, region, name})
	if isMissing(err) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	if strconv.FormatInt(int64(g.id), 10) != k.Parent {
		return nil, nil
	}
	return g, nil
}

// step makes pending data of what arrived before to.
func (p *metricPump) step(ctx context.Context, to uint64) error {
	sums := metricSums{}
	touched := map[openMinuteKey]bool{} // whether an event matched
	for _, g := range p.groups {
		if err := p.count(ctx, g, to, sums, touched); err != nil {
			return fmt.Errorf("count events of %s: %w", g.key.name, err)
		}
	}
	for k, matched := range touched {
		m := p.open[k]
		if m == nil {
			m = &openMinute{openMinuteKey: k}
			p.open[k] = m
		}
		m.Matched = m.Matched || matched
	}
	p.next = to
	p.addDefaults(sums)
	p.pending = sums.handovers()
	p.stored.clean = p.stored.clean && len(p.pending) == 0 && len(touched) == 0
	return nil
}

// count looks at the events of a group. It only changes what it is given, so it can be done again after an error.
func (p *metricPump) count(ctx context.Context, g *meteredGroup, to uint64, sums metricSums, touched map[openMinuteKey]bool) error {
	var only *Filter // what the store need not yield
	if len(g.filters) == 1 && g.filters[0].Transformation.Default == nil {
		only = patternFilter(g.filters[0].pattern)
	}
	return p.service.arrivals(ctx, g.group, p.next, to, only, func(e *LogEvent) error {
		for _, f := range g.filters {
			if e.Arrival < f.From {
				continue
			}
			matched := f.count(sums, e)
			if f.Transformation.Default != nil {
				k := openMinuteKey{g.id, f.Name, minuteOf(e.Timestamp)}
				touched[k] = touched[k] || matched
			}
		}
		return nil
	})
}

// addDefaults adds default values of minutes that are over, and forgets those long over.
func (p *metricPump) addDefaults(sums metricSums) {
	now := p.service.now()
	for k, m := range p.open {
		if k.Minute+minuteMillis+defaultAfter > now {
			continue
		}
		f := p.filter(k)
		if f != nil && !m.Matched {
			sums.add(f.key(k.Minute), f.system, *f.Transformation.Default)
			m.Matched = true
		}
		if f == nil || k.Minute+minuteMillis+forgottenAfter < now {
			delete(p.open, k)
		}
		p.stored.clean = false
	}
}

// filter finds the filter that a minute is of; nil if it has gone, or its default value has.
func (p *metricPump) filter(k openMinuteKey) *runningFilter {
	for _, g := range p.groups {
		if g.id != k.Group {
			continue
		}
		for _, f := range g.filters {
			if f.Name == k.Filter && f.Transformation.Default != nil {
				return f
			}
		}
	}
	return nil
}

// handOver gives the sink what is pending, and then stores the place.
func (p *metricPump) handOver(ctx context.Context) error {
	for len(p.pending) > 0 {
		c := &p.pending[0]
		if err := p.put(ctx, c.metricTarget, c.data); err != nil {
			return err
		}
		p.pending = p.pending[1:]
	}
	now := p.service.now()
	if p.stored.clean && (now-p.stored.at < pumpStoreAfter || len(p.groups) == 0) {
		return nil
	}
	place := pumpPlace{Next: p.next}
	for _, m := range p.open {
		place.Open = append(place.Open, *m)
	}
	err := p.service.db.Write(ctx, func(tx *state.Tx) error { return pumpPlaces.Put(tx, pumpPlaceKey, place) })
	if err == nil {
		p.stored = storedPlace{now, true}
	}
	return err
}

// put hands data to the sink. What it will never take is given up.
func (p *metricPump) put(ctx context.Context, t metricTarget, data []MetricDatum) error {
	err := p.sink.PutMetrics(ctx, t.account, t.region, t.namespace, data)
	var refused *awsapi.Error
	if errors.As(err, &refused) {
		p.service.opts.Log.Error("metric data are refused and lost", "namespace", t.namespace, "data", len(data), "error", err)
		return nil
	}
	if err != nil {
		return fmt.Errorf("put metrics of %s: %w", t.namespace, err)
	}
	return nil
}
