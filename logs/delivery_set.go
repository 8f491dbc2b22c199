package logs

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tollbook/tollbook/logs/filterpattern"
	"github.com/tollbook/tollbook/state"
)

// deliverySet keeps a deliverer at work for each subscription filter that has a URL as its destination, itself or by a
// destination of this service, and for each log group to which such a policy of its account applies.
type deliverySet struct {
	service *Service
	ear     chan struct{} // filters or destinations have changed
	writers sync.Pool     // of *gzip.Writer
	shared  sharedReceivers
	// accountWide says that there are policies, so that a new log group may be one to deliver from.
	accountWide atomic.Bool

	mu      sync.Mutex
	running map[deliveryID]*deliverer
	idle    []DeliveryStatus // of filters that deliver nothing
}

type deliveryID struct {
	group   GroupID
	filter  string
	account bool // it is a policy of the account
}

func newDeliverySet(s *Service) *deliverySet {
	return &deliverySet{service: s, ear: make(chan struct{}, 1), running: map[deliveryID]*deliverer{}, shared: sharedReceivers{byURL: map[string]*sharedReceiver{}}}
}

// deliverySpec is what a deliverer works by. It is replaced when that changes.
type deliverySpec struct {
	id    deliveryID
	key   groupKey
	group *group
	rec   subscriptionFilterRecord
	url   string // "" if nothing is delivered
	since uint64 // of a policy: the arrival from which on it delivers
}

// deliveryPlace is how far a subscription filter with a URL has come. Since is where it began, by which the place of a
// filter is told from that of a later one with the same name.
type deliveryPlace struct{ Since, Next uint64 }

// deliveryPlaces has the keys of the filters.
var deliveryPlaces = state.Collection[deliveryPlace]{Kind: "logs.DeliveryPlace"}

// keepDeliveryPlace gives a filter that begins to deliver its place, which is here and now: AWS' do not look back either.
// A filter that is changed goes on from where it is.
func keepDeliveryPlace(tx *state.Tx, key state.Key, url string, next uint64) error {
	_, err := deliveryPlaces.Get(tx, key)
	switch found := err == nil; {
	case err != nil && !errors.Is(err, state.ErrNotFound):
		return err
	case url == "" && found:
		return deliveryPlaces.Delete(tx, key)
	case url != "" && !found:
		return deliveryPlaces.Put(tx, key, deliveryPlace{next, next})
	}
	return nil
}

// run keeps the deliverers as the filters want them until ctx ends, and returns when all have stopped.
func (d *deliverySet) run(ctx context.Context) {
	retry := time.NewTimer(0)
	defer retry.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-d.ear:
		case <-retry.C:
		}
		if err := d.reconcile(ctx); err != nil && ctx.Err() == nil {
			d.service.opts.Log.Error("subscription filters", "error", err)
			retry.Reset(time.Second)
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, r := range d.running {
		r.cancel()
	}
	for _, r := range d.running {
		<-r.stopped
	}
}

// reconcile stops deliverers of filters that are gone or changed, and starts those that are missing.
func (d *deliverySet) reconcile(ctx context.Context) error {
	specs, err := d.specs(ctx)
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for id, r := range d.running {
		if s, ok := specs[id]; !ok || s.url != r.spec.url || s.since != r.spec.since || !reflect.DeepEqual(s.rec, r.spec.rec) {
			r.cancel()
			<-r.stopped
			delete(d.running, id)
		}
	}
	d.idle = nil
	for id, spec := range specs {
		if spec.url == "" {
			d.idle = append(d.idle, spec.status(NotDelivered))
			continue
		}
		if d.running[id] != nil {
			continue
		}
		r, err := d.start(ctx, spec)
		if err != nil {
			d.service.opts.Log.Error("subscription filter delivers nothing", "group", spec.group.key.name, "filter", id.filter, "error", err)
			status := spec.status(InvalidDestination)
			status.Error = err.Error()
			d.idle = append(d.idle, status)
			continue
		}
		d.running[id] = r
	}
	return nil
}

// specs reads all subscription filters whose criteria select their group.
func (d *deliverySet) specs(ctx context.Context) (map[deliveryID]deliverySpec, error) {
	var entries []state.Entry[subscriptionFilterRecord]
	var urls []string
	err := d.service.db.Read(ctx, func(tx *state.Tx) (err error) {
		if entries, err = subscriptionFilters.All(tx); err != nil {
			return err
		}
		urls = make([]string, len(entries))
		for i := range entries {
			if urls[i], err = deliveryURL(tx, entries[i].Doc.Destination); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read subscription filters: %w", err)
	}
	specs := map[deliveryID]deliverySpec{}
	for i := range entries {
		rec := entries[i].Doc
		g, err := d.service.groupOf(ctx, entries[i].Key, rec.Group)
		if err != nil {
			return nil, err
		}
		if g == nil {
			continue
		}
		if selected, err := rec.selects(systemValues(g.key)); err != nil || !selected {
			continue
		}
		id := deliveryID{group: g.id, filter: rec.Name}
		specs[id] = deliverySpec{id: id, key: g.key, group: g, rec: rec, url: urls[i]}
	}
	return specs, d.accountSpecs(ctx, specs)
}

// start sets a deliverer to work.
func (d *deliverySet) start(ctx context.Context, spec deliverySpec) (*deliverer, error) {
	pattern, err := filterpattern.Parse(spec.rec.Pattern)
	if err != nil {
		return nil, err
	}
	receiver, warning, err := d.receiver(&spec)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	r := &deliverer{
		set: d, spec: spec, receiver: receiver, filter: patternFilter(pattern), span: deliverySpan,
		ear: make(chan struct{}, 1), cancel: cancel, stopped: make(chan struct{}), counted: spec.status(Delivering),
		warning: warning,
	}
	r.counted.Type = receiver.Kind()
	go r.run(ctx)
	return r, nil
}

// receiver makes what a deliverer sends to, or has it share that of its policy.
func (d *deliverySet) receiver(spec *deliverySpec) (Receiver, *deliveryWarning, error) {
	if !spec.id.account {
		receiver, err := d.service.dial(spec.url)
		return receiver, &deliveryWarning{}, err
	}
	shared, err := d.shared.use(spec.url, d.service.dial)
	if err != nil {
		return nil, nil, err
	}
	return shared, &shared.warning, nil
}
