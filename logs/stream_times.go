package logs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/tollbook/tollbook/state"
)

// The first and last event times of a stream change with each append. Memory has them first; they reach the records in
// batches, with a mark: every event that was ingested before it is in the records. After a crash recoverTimes takes what
// came later from the store.

// begin is called before an append to the store. The function that it returns is called when the append is over and has
// been taken note of.
func (w *timesWriter) begin() (end func()) {
	under := &w.under[w.turn.Load()%2]
	under.Add(1)
	return func() { under.Add(-1) }
}

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
	for latest := w.latest.Load(); latest < int64(ingestion); latest = w.latest.Load() {
		w.latest.CompareAndSwap(latest, int64(ingestion))
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

	// Appends under way are counted by turns. A turn ends when the appends of the one before are over.
	turn   atomic.Uint32
	under  [2]atomic.Int64
	latest atomic.Int64 // highest ingestion of an event that was taken note of

	flushing sync.Mutex // one flush at a time, so that older times never follow newer ones
	mark     int64      // latest, as it was when this turn began
	mu       sync.Mutex
	dirty    []*stream
}

// flush writes all times that are newer than their records. What it cannot write stays for the next flush.
func (w *timesWriter) flush(ctx context.Context) error {
	w.flushing.Lock()
	defer w.flushing.Unlock()
	// An event that was ingested before the mark was appended in an earlier turn, as the store's ingestion times never
	// step back: once these appends are over, it is in the records or among the streams taken now.
	settled := w.under[(w.turn.Load()+1)%2].Load() == 0
	streams := w.take()
	if len(streams) == 0 && !settled {
		return nil
	}
	updates := make([]state.LogStreamUpdate, len(streams))
	for i, st := range streams {
		updates[i] = st.update()
	}
	if err := w.write(ctx, updates, settled); err != nil {
		w.putBack(streams)
		return fmt.Errorf("write the event times of %d log streams: %w", len(streams), err)
	}
	w.settle(streams, updates)
	if settled {
		w.mark = w.latest.Load()
		w.turn.Add(1)
	}
	return nil
}

// timesMarks holds the mark, in a record of its own.
var timesMarks = state.Collection[int64]{Kind: "logs.TimesMark"}

var timesMarkKey = state.Key{ID: "mark"}

// write does nothing where there is nothing new.
func (w *timesWriter) write(ctx context.Context, updates []state.LogStreamUpdate, settled bool) error {
	if len(updates) == 0 {
		return nil
	}
	return w.db.Write(ctx, func(tx *state.Tx) error {
		if settled {
			if err := timesMarks.Put(tx, timesMarkKey, w.mark); err != nil {
				return err
			}
		}
		return tx.UpdateLogStreams(updates)
	})
}

// load reads the mark of the last process.
func (w *timesWriter) load(ctx context.Context) (mark Millis, err error) {
	err = w.db.Read(ctx, func(tx *state.Tx) error {
		w.mark, err = timesMarks.Get(tx, timesMarkKey)
		if errors.Is(err, state.ErrNotFound) {
			return nil
		}
		return err
	})
	w.latest.Store(w.mark)
	return Millis(w.mark), err
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

// recoverChunk is how many records are written at a time.
const recoverChunk = 10_000

// ErrStateOlder says that the log store holds events of streams that the state database has yet to make, so the database
// must be an older copy. Going on would give the same numbers to other streams.
var ErrStateOlder = errors.New("the state database is older than the log store")

// recoverTimes writes the times that the end of the last process kept from the records.
func (s *Service) recoverTimes(ctx context.Context) error {
	mark, err := s.times.load(ctx)
	if err != nil {
		return fmt.Errorf("read the mark of event times: %w", err)
	}
	behind, highest, err := s.ingestedSince(ctx, mark)
	if err != nil {
		return err
	}
	return s.db.Read(ctx, func(tx *state.Tx) error {
		if err := refuseOlderState(tx, highest); err != nil {
			return err
		}
		for chunk := range slices.Chunk(behind, recoverChunk) {
			if err := s.recoverChunk(ctx, tx, chunk); err != nil {
				return err
			}
		}
		return nil
	})
}

// ingestedSince returns the streams to which events have come since the mark, and the highest ID of all streams.
func (s *Service) ingestedSince(ctx context.Context, mark Millis) (since []StreamStats, highest StreamID, err error) {
	for stats, err := range s.store.Stats(ctx) {
		if err != nil {
			return nil, 0, fmt.Errorf("read the log store's streams: %w", err)
		}
		highest = max(highest, stats.Stream)
		if stats.LastIngestion >= mark {
			since = append(since, stats)
		}
	}
	return since, highest, nil
}

func refuseOlderState(tx *state.Tx, highest StreamID) error {
	last, err := tx.LastLogStreamID()
	if err == nil && int64(highest) > last {
		return fmt.Errorf("%w: it has made %d log streams, and the store holds events of number %d; "+
			"put the database back that belongs to the store, or move the store's files away", ErrStateOlder, last, highest)
	}
	return err
}

// recoverChunk brings the records of some streams up to what the store holds.
func (s *Service) recoverChunk(ctx context.Context, tx *state.Tx, held []StreamStats) error {
	var behind []state.LogStreamUpdate
	for _, h := range held {
		rec, err := tx.LogStreamByID(int64(h.Stream))
		if errors.Is(err, state.ErrNotFound) {
			continue // deleted, and its events are about to be
		} else if err != nil {
			return err
		}
		times := rec.StreamTimes
		widen(&times, state.StreamTimes{
			FirstEvent: int64(h.FirstEvent), LastEvent: int64(h.LastEvent), LastIngestion: int64(h.LastIngestion),
		})
		if times != rec.StreamTimes {
			behind = append(behind, state.LogStreamUpdate{ID: rec.ID, StreamTimes: times})
		}
	}
	if len(behind) == 0 {
		return nil
	}
	return s.db.Write(ctx, func(tx *state.Tx) error { return tx.UpdateLogStreams(behind) })
}
