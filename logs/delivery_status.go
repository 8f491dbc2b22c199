package logs

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
)

// The health of a subscription filter.
const (
	Delivering         = "delivering"
	Retrying           = "retrying"            // the last attempt failed
	NotDelivered       = "not delivered"       // the destination is a service that is not here
	InvalidDestination = "invalid destination" // its URL cannot be used
)

// DeliveryStatus says how a subscription filter fares. Counters count from the start of the process, or the last change of
// the filter.
type DeliveryStatus struct {
	Account, Region, Group, Filter string
	Destination                    string // without a password
	Type                           string // "HTTP", "Kafka", "NATS" or "OTLP"; "" where nothing is delivered
	Health                         string // Delivering, Retrying, NotDelivered or InvalidDestination
	Error                          string // of the last attempt, if that failed
	LastDelivery                   Millis // 0: none yet
	// SecondsBehind is the age of the oldest event that is being delivered; 0 when there is none.
	SecondsBehind float64
	// ArrivalsBehind is how many events have come to the store, in all groups, since those delivered; 0 when none of them
	// concerns the filter.
	ArrivalsBehind  uint64
	ForwardedEvents int64
	ForwardedBytes  int64 // of payloads, compressed
	Errors          int64 // events in payloads that did not arrive, counted for each attempt
	Lost            int64 // events that were given up: older than 24 hours, or refused by the destination
}

func (spec *deliverySpec) status(health string) DeliveryStatus {
	return DeliveryStatus{
		Account: spec.group.key.account, Region: spec.group.key.region, Group: spec.group.key.name, Filter: spec.rec.Name,
		Destination: redacted(cmp.Or(spec.url, spec.rec.Destination)), Health: health,
	}
}

func redacted(destination string) string {
	if u, err := url.Parse(destination); err == nil && u.User != nil {
		return u.Redacted()
	}
	return destination
}

// Deliveries returns the state of all subscription filters, sorted by account, region, group and filter.
func (s *Service) Deliveries() []DeliveryStatus {
	d := s.deliveries
	d.mu.Lock()
	all := slices.Clone(d.idle)
	for _, r := range d.running {
		all = append(all, r.status())
	}
	d.mu.Unlock()
	slices.SortFunc(all, func(a, b DeliveryStatus) int {
		return cmp.Or(strings.Compare(a.Account, b.Account), strings.Compare(a.Region, b.Region),
			strings.Compare(a.Group, b.Group), strings.Compare(a.Filter, b.Filter))
	})
	return all
}

// count adds the counters of running filters.
func (d *deliverySet) count(counts map[usageKey]int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for id, r := range d.running {
		s := r.status()
		k := usageKey{group: r.spec.group.key, id: id.group, filter: id.filter, kind: s.Type}
		for metric, n := range map[string]int64{
			"ForwardedLogEvents": s.ForwardedEvents, "ForwardedBytes": s.ForwardedBytes, "DeliveryErrors": s.Errors,
		} {
			if k.metric = metric; n > 0 {
				counts[k] += n // a filter and a policy can have one name
			}
		}
	}
}

// status returns what was counted, and how far behind it is now.
func (r *deliverer) status() DeliveryStatus {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.counted
	if r.oldest != 0 {
		s.SecondsBehind = max(0, float64(r.set.service.now()-r.oldest)/1000)
	}
	if end := r.set.service.store.NextArrival(); !r.upToDate || len(r.ear) > 0 {
		s.ArrivalsBehind = end - min(r.next, end)
	}
	return s
}
