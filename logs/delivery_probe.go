package logs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tollbook/tollbook/state"
)

// probeTimeout bounds the attempt to reach a destination.
const probeTimeout = 5 * time.Second

// dial makes a receiver for a URL. It does not connect yet.
func (s *Service) dial(url string) (Receiver, error) {
	if s.opts.Dial == nil {
		return nil, errors.New("destinations by URL are not set up")
	}
	return s.opts.Dial(url)
}

// tryDestination sends a message to the destination of a new subscription filter, if something is delivered to it, and
// refuses the filter if that fails, as AWS does with Kinesis streams.
func (s *Service) tryDestination(ctx context.Context, destination string) error {
	var url string
	err := s.db.Read(ctx, func(tx *state.Tx) (err error) {
		url, err = deliveryURL(tx, destination)
		return err
	})
	if err != nil || url == "" {
		return err
	}
	receiver, err := s.dial(url)
	if err != nil {
		return invalid("The specified destinationArn is not valid: %s: %v", destination, err)
	}
	defer receiver.Close()
	d := s.controlMessage(receiver.Kind())
	limited, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	if receiver.Send(limited, []*Delivery{d}); d.Err != nil && ctx.Err() == nil {
		return invalid("Could not deliver test message to specified destination. Check if the destination is valid. %v", d.Err)
	}
	return ctx.Err()
}

// controlMessage makes what a destination is tried with. The text follows AWS' own.
func (s *Service) controlMessage(kind string) *Delivery {
	now := s.now()
	return &Delivery{
		ID: fmt.Sprintf("control-%d", now), Control: true,
		Events: []DeliveredEvent{{
			Timestamp: now, Ingestion: now, Message: "CWL CONTROL MESSAGE: Checking health of destination " + kind + ".",
		}},
	}
}

// deliveryURL returns where a subscription filter with that destination delivers to; "" if nowhere. A destination of this
// service stands for its target.
func deliveryURL(tx *state.Tx, destination string) (string, error) {
	if isURL(destination) {
		return destination, nil
	}
	to, ok := parseARN(destination)
	if !ok || to.service != "logs" || to.kind != "destination" {
		return "", nil
	}
	rec, err := destinations.Get(tx, place{scope: to.account + "/" + to.region}.key(to.name))
	if errors.Is(err, state.ErrNotFound) {
		return "", nil
	} else if err != nil {
		return "", err
	}
	if isURL(rec.Target) {
		return rec.Target, nil
	}
	return "", nil
}
