package logs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"
	"sync"

	"github.com/tollbook/tollbook/state"
)

// The first and last event times of a stream change with each append. Memory has them first; they reach the records in
// batches. After a crash reconcile takes them from the store again.

// appended takes note of events of the stream that the store has accepted.
func (w *timesWriter) appended(st *stream, first, last, ingestion Millis) {
	st.mu.Lock()
	widen(&st.times, state.StreamTimes{FirstEvent: int64(first), LastEvent: int64(last), LastIngestion: int64(ingestion)})
	queued := st.dirty
	st.dirty = true
	st.mu.Unlock()
	if !queued {
		w.mu.Lock()
		w.dirty = append(w.dirty, st)
		w.mu.Unlock()
	}
}

// widen extends t to take in what u tells of.
func widen(t *state.StreamTimes, u state.StreamTimes) {
	if u.LastEvent == state.NoEvent {
		return
	}
	if t.FirstEvent == state.NoEvent || u.FirstEvent < t.FirstEvent {
		t.FirstEvent = u.FirstEvent
	}
	t.LastEvent = max(t.LastEvent, u.LastEvent)
	t.LastIngestion = max(t.LastIngestion, u.LastIngestion)
}

// timesWriter brings the times of streams from memory into their records.
type timesWriter struct {
	db *state.DB

	flushing sync.Mutex // one flush at a time, so that older times never follow newer ones
	mu       sync.Mutex
	dirty    []*stream
}

// flush writes all times that are newer than their records. What it cannot write stays for the next flush.
func (w *timesWriter) flush(ctx context.Context) error {
	w.flushing.Lock()
	defer w.flushing.Unlock()
	streams := w.take()
	if len(streams) == 0 {
		return nil
	}
	updates := make([]state.LogStreamUpdate, len(streams))
	for i, st := range streams {
		updates[i] = st.update()
	}
	err := w.db.Write(ctx, func(tx *state.Tx) error { return tx.UpdateLogStreams(updates) })
	if err != nil {
		w.putBack(streams)
		return fmt.Errorf("write the event times of %d log streams: %w", len(streams), err)
	}
	w.settle(streams, updates)
	return nil
}

func (w *timesWriter) take() []*stream {
	w.mu.Lock()
	defer w.mu.Unlock()
	streams := w.dirty
	w.dirty = nil
	return streams
}

func (w *timesWriter) putBack(streams []*stream) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.dirty = append(w.dirty, streams...)
}

// settle marks the streams whose times have not moved on since as written, and queues the others again.
func (w *timesWriter) settle(streams []*stream, written []state.LogStreamUpdate) {
	var moved []*stream
	for i, st := range streams {
		st.mu.Lock()
		if st.dirty = st.times != written[i].StreamTimes; st.dirty {
			moved = append(moved, st)
		}
		st.mu.Unlock()
	}
	w.putBack(moved)
}

func (st *stream) update() state.LogStreamUpdate {
	st.mu.Lock()
	defer st.mu.Unlock()
	return state.LogStreamUpdate{ID: int64(st.id), StreamTimes: st.times}
}

// reconcileChunk is how many records are read or written at a time.
const reconcileChunk = 10_000

// ErrStateOlder says that the log store holds events of streams that the state database has yet to make, so the database
// must be an older copy. Going on would give the same numbers to other streams.
var ErrStateOlder = errors.New("the state database is older than the log store")

// reconcile compares the records with the store after a start: events of streams that are gone are deleted, and times
// that a crash kept from the records are written.
func (s *Service) reconcile(ctx context.Context) error {
	held, err := s.heldStreams(ctx)
	if err != nil {
		return err
	}
	if err := s.refuseOlderState(ctx, held); err != nil {
		return err
	}
	for after, more := int64(0), true; more; {
		var recs []state.LogStream
		err := s.db.Read(ctx, func(tx *state.Tx) (err error) {
			recs, err = tx.LogStreamsByID(after, reconcileChunk)
			return err
		})
		if err != nil {
			return err
		}
		upTo := len(held)
		if more = len(recs) == reconcileChunk; more {
			after = recs[len(recs)-1].ID
			upTo = sort.Search(len(held), func(i int) bool { return int64(held[i].Stream) > after })
		}
		if err := s.reconcileStreams(ctx, recs, held[:upTo]); err != nil {
			return err
		}
		held = held[upTo:]
	}
	return nil
}

// heldStreams returns what the store holds, by stream.
func (s *Service) heldStreams(ctx context.Context) ([]StreamStats, error) {
	var held []StreamStats
	for stats, err := range s.store.Stats(ctx) {
		if err != nil {
			return nil, fmt.Errorf("read the log store's streams: %w", err)
		}
		held = append(held, stats)
	}
	slices.SortFunc(held, func(a, b StreamStats) int { return cmp.Compare(a.Stream, b.Stream) })
	return held, nil
}

func (s *Service) refuseOlderState(ctx context.Context, held []StreamStats) error {
	if len(held) == 0 {
		return nil
	}
	highest := held[len(held)-1].Stream
	return s.db.Read(ctx, func(tx *state.Tx) error {
		last, err := tx.LastLogStreamID()
		if err == nil && int64(highest) > last {
			return fmt.Errorf("%w: it has made %d log streams, and the store holds events of number %d; "+
				"put the database back that belongs to the store, or move the store's files away", ErrStateOlder, last, highest)
		}
		return err
	})
}

// reconcileStreams compares records with what the store holds of the same range of IDs, both by ID.
func (s *Service) reconcileStreams(ctx context.Context, recs []state.LogStream, held []StreamStats) error {
	var behind []state.LogStreamUpdate
	orphans := map[GroupID][]StreamID{}
	for _, h := range held {
		for len(recs) > 0 && recs[0].ID < int64(h.Stream) {
			recs = recs[1:]
		}
		if len(recs) == 0 || recs[0].ID != int64(h.Stream) {
			orphans[h.Group] = append(orphans[h.Group], h.Stream)
			continue
		}
		times := recs[0].StreamTimes
		widen(&times, state.StreamTimes{
			FirstEvent: int64(h.FirstEvent), LastEvent: int64(h.LastEvent), LastIngestion: int64(h.LastIngestion),
		})
		if times != recs[0].StreamTimes {
			behind = append(behind, state.LogStreamUpdate{ID: recs[0].ID, StreamTimes: times})
		}
	}
	for group, streams := range orphans {
		if err := s.store.DeleteStreams(ctx, group, streams); err != nil {
			return fmt.Errorf("delete events of deleted log streams: %w", err)
		}
	}
	if len(behind) == 0 {
		return nil
	}
	return s.db.Write(ctx, func(tx *state.Tx) error { return tx.UpdateLogStreams(behind) })
}
