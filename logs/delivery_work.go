package logs

import (
	"context"
	"errors"
	"fmt"

	"github.com/tollbook/tollbook/state"
)

// What a step takes.
const (
	deliverySpan     = 1 << 14 // arrivals at first; then as many as fill deliveryStepBytes
	maxDeliverySpan  = 1 << 20 // arrivals
	deliveryBytes    = 1 << 20 // of a payload's messages, uncompressed
	deliveryOverhead = 120     // of an event in a payload: its ID, timestamp and names
	stepBytes        = 8 << 20 // of all payloads
	maxPayloadEvents = 10_000  // as a batch of PutLogEvents
	smallStepBytes   = stepBytes / 4
)

// errStepTooLarge ends a scan that has more than a step takes.
var errStepTooLarge = errors.New("too much for one step")

// deliveryWork is the payloads of a step.
type deliveryWork struct {
	payloads map[StreamID][]*Delivery // in order
	order    []StreamID
	bytes    int
	expired  int64
	oldest   Millis // lowest ingestion; 0 without events
}

// collect reads the events of the step under way, save those that have arrived, and makes payloads of them. It makes the
// step shorter if that is too much.
func (r *deliverer) collect(ctx context.Context) (*deliveryWork, error) {
	for {
		work := &deliveryWork{payloads: map[StreamID][]*Delivery{}}
		deadline := r.set.service.now() - deliveryMaxAge
		err := r.set.service.arrivals(ctx, r.spec.group, r.next, r.to, r.filter, func(e *LogEvent) error {
			return r.add(work, e, deadline)
		})
		if errors.Is(err, errStepTooLarge) {
			r.span = max(1, (r.to-r.next)/2)
			r.to = r.next + r.span
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read log events: %w", err)
		}
		if work.bytes < smallStepBytes {
			r.span = min(2*r.span, maxDeliverySpan)
		}
		return work, r.name(ctx, work)
	}
}

// add puts an event into its stream's payload.
func (r *deliverer) add(work *deliveryWork, e *LogEvent, deadline Millis) error {
	if acked, ok := r.acked[e.Stream]; ok && e.Position().Compare(acked) <= 0 {
		return nil
	}
	if e.Ingestion < deadline {
		work.expired++
		return nil
	}
	size := len(e.Message) + deliveryOverhead
	if work.bytes += size; work.bytes > stepBytes && r.to-r.next > 1 {
		return errStepTooLarge
	}
	list := work.payloads[e.Stream]
	if list == nil {
		work.order = append(work.order, e.Stream)
	}
	last := len(list) - 1
	if last < 0 || list[last].size+size > deliveryBytes || len(list[last].Events) == maxPayloadEvents {
		list = append(list, r.payload(e))
		work.payloads[e.Stream] = list
		last++
	}
	d := list[last]
	d.Events = append(d.Events, DeliveredEvent{EventID(e.Position()), e.Timestamp, e.Ingestion, e.Message})
	d.size += size
	d.last = e.Position()
	if work.oldest == 0 || e.Ingestion < work.oldest {
		work.oldest = e.Ingestion
	}
	return nil
}

// payload begins a payload with an event.
func (r *deliverer) payload(e *LogEvent) *Delivery {
	of := r.spec.rec.Name
	if r.spec.id.account {
		of = "account:" + of // which no filter is called
	}
	return &Delivery{
		ID:      fmt.Sprintf("%d-%s-%s", r.spec.group.id, of, EventID(e.Position())),
		Account: r.spec.group.key.account, Region: r.spec.group.key.region, Group: r.spec.group.key.name, Filter: r.spec.rec.Name,
		Random: r.spec.rec.Distribution == "Random", SystemFields: r.spec.rec.SystemFields,
		AccountLevel: r.spec.id.account,
		stream:       e.Stream, writers: &r.set.writers,
	}
}

// name fills in the names of the streams. Payloads of streams that are gone are dropped.
func (r *deliverer) name(ctx context.Context, work *deliveryWork) error {
	if len(work.order) == 0 {
		return nil
	}
	return r.set.service.db.Read(ctx, func(tx *state.Tx) error {
		for _, id := range work.order {
			name, err := r.spec.group.streams.name(tx, id)
			if err != nil {
				return fmt.Errorf("name log stream %d: %w", id, err)
			}
			if name == "" {
				delete(work.payloads, id)
			}
			for _, d := range work.payloads[id] {
				d.Stream = name
				d.ID = fmt.Sprintf("%s-%d", d.ID, len(d.Events))
			}
		}
		return nil
	})
}

// rounds returns the payloads to send one round after the other, at most one of each stream in a round.
func (w *deliveryWork) rounds() (rounds [][]*Delivery) {
	for _, id := range w.order {
		for i, d := range w.payloads[id] {
			if i == len(rounds) {
				rounds = append(rounds, nil)
			}
			rounds[i] = append(rounds[i], d)
		}
	}
	return rounds
}
