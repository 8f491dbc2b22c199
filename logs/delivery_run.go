package logs

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/tollbook/tollbook/state"
)

// How deliverers work.
const (
	deliveryLinger    = 100 * time.Millisecond // how long events wait for others
	deliveryTimeout   = 30 * time.Second       // of one attempt
	deliveryMaxAge    = Millis(24 * 60 * 60 * 1000)
	deliverySaveEvery = time.Second // what was delivered so long before a crash may be delivered twice
	firstBackoff      = 100 * time.Millisecond
	longestBackoff    = time.Minute
)

// deliverer sends the events that a subscription filter selects to its destination, at least once and those of a stream in
// order. It holds the events of one step at most, and none while it waits to try again: it reads them again then. Its place
// is stored when all before it has arrived.
type deliverer struct {
	set      *deliverySet
	spec     deliverySpec
	receiver Receiver
	filter   *Filter
	ear      chan struct{} // something was appended to the group
	cancel   context.CancelFunc
	stopped  chan struct{}

	// What follows up to mu belongs to the goroutine.
	to      uint64                // the end of the step under way; 0 if there is none
	acked   map[StreamID]Position // what has arrived of it
	span    uint64                // how many arrivals a step looks at
	backoff time.Duration
	since   uint64 // where the filter began
	saved   uint64 // the place that is stored
	savedAt time.Time
	failing time.Time // since when; zero if it is not
	warning *deliveryWarning

	mu       sync.Mutex
	next     uint64 // all before has been delivered, or given up
	upToDate bool
	oldest   Millis // ingestion of the first event of the step; 0 without
	counted  DeliveryStatus
}

func (r *deliverer) run(ctx context.Context) {
	defer close(r.stopped)
	defer r.receiver.Close()
	defer r.spec.group.news.follow(r.ear)()
	for err := r.load(ctx); err != nil; err = r.load(ctx) {
		if !r.failed(ctx, err) {
			return
		}
	}
	for ctx.Err() == nil {
		more, err := r.step(ctx)
		if err == nil && !more {
			r.rest(ctx)
		} else if err != nil {
			r.failed(ctx, err)
		}
	}
	r.saveLast(ctx)
}

// load reads the stored place.
func (r *deliverer) load(ctx context.Context) error {
	next := r.set.service.store.NextArrival()
	err := r.set.service.db.Read(ctx, func(tx *state.Tx) error {
		place, found, err := r.spec.loadPlace(tx)
		if found {
			next, r.since = min(next, place.Next), place.Since
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("read the place of a subscription filter: %w", err)
	}
	r.saved = next
	r.setNext(next)
	return nil
}

func (r *deliverer) setNext(next uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.next = next
}

// step delivers what has arrived, or a part of it; more says that some is left. After an error it is to be called again.
func (r *deliverer) step(ctx context.Context) (more bool, err error) {
	end := r.set.service.store.NextArrival()
	if r.to == 0 {
		r.to = min(end, r.next+r.span)
	}
	work, err := r.collect(ctx)
	if err != nil {
		return false, err
	}
	r.begin(work)
	for _, round := range work.rounds() {
		if err := r.send(ctx, round); err != nil {
			return false, err
		}
	}
	r.finish(work, end)
	return r.next < end, r.save(ctx)
}

func (r *deliverer) begin(work *deliveryWork) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.oldest, r.upToDate = work.oldest, len(work.payloads) == 0
}

func (r *deliverer) finish(work *deliveryWork, end uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.next, r.to, r.acked, r.backoff, r.failing = r.to, 0, nil, 0, time.Time{}
	r.oldest, r.upToDate = 0, r.next >= end
	r.counted.Lost += work.expired
	r.counted.Health, r.counted.Error = Delivering, ""
}

// send delivers a round: payloads of different streams.
func (r *deliverer) send(ctx context.Context, round []*Delivery) error {
	limited, cancel := context.WithTimeout(ctx, deliveryTimeout)
	defer cancel()
	r.receiver.Send(limited, round)
	var failed error
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, d := range round {
		events := int64(len(d.Events))
		switch {
		case d.Err == nil:
			r.counted.ForwardedEvents += events
			r.counted.ForwardedBytes += int64(d.Sent)
			r.counted.LastDelivery = r.set.service.now()
		case ctx.Err() != nil: // it was stopped
			failed = ctx.Err()
			continue
		case errors.Is(d.Err, ErrRefused):
			r.counted.Errors += events
			r.counted.Lost += events
			r.set.service.opts.Log.Error("log events are lost", "group", d.Group, "filter", d.Filter, "events", events, "error", d.Err)
		default:
			r.counted.Errors += events
			failed = d.Err
			continue
		}
		if r.acked == nil {
			r.acked = map[StreamID]Position{}
		}
		r.acked[d.stream] = d.last
	}
	return failed
}

// rest waits for events. What comes within a short while of the first is delivered with it.
func (r *deliverer) rest(ctx context.Context) {
	var due <-chan time.Time
	if r.saved != r.next {
		timer := time.NewTimer(deliverySaveEvery)
		defer timer.Stop()
		due = timer.C
	}
	select {
	case <-ctx.Done():
	case <-due: // step saves
	case <-r.ear:
		wait(ctx, deliveryLinger)
	}
}

// failed notes an error and waits before the next attempt; false if ctx has ended.
func (r *deliverer) failed(ctx context.Context, err error) bool {
	if ctx.Err() != nil {
		return false
	}
	r.mu.Lock()
	r.counted.Health, r.counted.Error, r.upToDate = Retrying, err.Error(), false
	r.mu.Unlock()
	if r.failing.IsZero() {
		r.failing = time.Now()
	}
	if r.warning.due(r.failing) {
		r.set.service.opts.Log.Warn("subscription filter cannot deliver and tries again",
			"group", r.spec.group.key.name, "filter", r.spec.rec.Name, "since", r.failing, "error", err)
	}
	r.backoff = min(max(2*r.backoff, firstBackoff), longestBackoff)
	return wait(ctx, r.backoff/2+rand.N(r.backoff/2))
}

// wait returns after d, or with false when ctx ends.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// save stores the place, not too often.
func (r *deliverer) save(ctx context.Context) error {
	if r.saved == r.next || time.Since(r.savedAt) < deliverySaveEvery {
		return nil
	}
	return r.store(ctx)
}

// saveLast stores the place when the deliverer stops.
func (r *deliverer) saveLast(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := r.store(ctx); err != nil {
		r.set.service.opts.Log.Error("store the place of a subscription filter; some events will be delivered twice", "error", err)
	}
}

// store stores the place, if the filter still has one.
func (r *deliverer) store(ctx context.Context) error {
	err := r.set.service.db.Write(ctx, func(tx *state.Tx) error {
		return r.spec.storePlace(tx, deliveryPlace{r.since, r.next})
	})
	if err == nil {
		r.saved, r.savedAt = r.next, time.Now()
	}
	return err
}
