package embedded

import (
	"context"

	"github.com/tollbook/tollbook/logs"
)

// Append implements logs.Store. The batches of one call are limited to 64 MiB together (ErrTooLarge), and an empty message is
// refused. If ctx ends before the call's turn has come, nothing is stored; later it has no effect.
func (s *Store) Append(ctx context.Context, batches []logs.Batch) (logs.Millis, error) {
	record, err := encodeEvents(batches)
	if err != nil {
		return 0, err
	}
	p := &pending{events: record, done: make(chan struct{})}
	if err := s.submit(ctx, p); err != nil {
		return 0, err
	}
	return p.ingestion, nil
}

// NextArrival implements logs.Store.
func (s *Store) NextArrival() uint64 { return s.nextArrival.Load() }

// DeleteStreams implements logs.Store.
func (s *Store) DeleteStreams(ctx context.Context, group logs.GroupID, streams []logs.StreamID) error {
	if len(streams) == 0 {
		return nil
	}
	return s.bury(ctx, &tombstone{group: group, before: anyTimestamp, streams: streams})
}

// DeleteGroup implements logs.Store.
func (s *Store) DeleteGroup(ctx context.Context, group logs.GroupID) error {
	return s.bury(ctx, &tombstone{group: group, before: anyTimestamp})
}

// ExpireBefore implements logs.Store. It touches events that are stored; those that come later with such a timestamp stay.
func (s *Store) ExpireBefore(ctx context.Context, group logs.GroupID, t logs.Millis) error {
	return s.bury(ctx, &tombstone{group: group, before: t})
}

func (s *Store) bury(ctx context.Context, t *tombstone) error {
	if err := s.submit(ctx, &pending{tombstone: t, done: make(chan struct{})}); err != nil {
		return err
	}
	s.compactor.wake()
	return nil
}
