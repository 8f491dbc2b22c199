package accesslog

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// Streams is how many log streams the group of a stage has. AWS makes them when access logging is switched on.
const Streams = 300

// Destination names the log group that entries go to.
type Destination struct{ AccountID, Region, Group string }

// RenderedEntry is one line on its way to the log service.
type RenderedEntry struct {
	Stream    int    // index of the group's stream, 0 to Streams-1
	Timestamp int64  // when the response was complete, in milliseconds since 1970-01-01 UTC
	Message   string // one line, never empty; valid only during the call
}

// Appender is the log service as the access log needs it.
type Appender interface {
	// AppendEntries adds the entries to the destination's group, all of them or none, and creates the group and its
	// streams if they are absent. It is durable when it returns nil. It must not keep entries or their messages.
	AppendEntries(ctx context.Context, dest Destination, entries []RenderedEntry) error
}

// Overflow says what happens to an entry when the queue is full because the log service does not keep up.
type Overflow uint8

// What a full queue does.
const (
	Block Overflow = iota // the request waits until there is room: nothing is lost
	Drop                  // the entry is dropped and counted
)

// Options are the choices of a Writer. The zero value is ready to use.
type Options struct {
	// FlushInterval is how long an entry waits at most before it is handed to the Appender. Default: 50 ms, which leaves
	// as much for the Appender to have entries on disk within 100 ms of the response.
	FlushInterval time.Duration
	// MaxQueueBytes bounds the rendered entries in memory, those being appended included. One destination may use half.
	// Default: 64 MiB.
	MaxQueueBytes int64
	// Overflow is what happens beyond MaxQueueBytes. Default: Block.
	Overflow Overflow
	// Durable makes Write return only when the entry is durable, so that no request is answered whose entry could be
	// lost. Entries written meanwhile share one call of the Appender. Default: false.
	Durable bool
	// Logger is told of failing appends. Default: nowhere.
	Logger *slog.Logger
}

// Metrics are counters since the start, but for QueueBytes.
type Metrics struct {
	Written       uint64 // entries that the Appender has acknowledged
	Dropped       uint64 // entries lost to a full queue (Drop) or to a Close that ran out of time
	Waits         uint64 // writes that had to wait for room (Block)
	FailedAppends uint64 // calls of the Appender that returned an error and were repeated
	QueueBytes    int64  // rendered entries in memory now
}

const (
	flushBytes   = 1 << 20 // of one destination: reason to flush before the interval has passed
	maxCallBytes = 4 << 20 // handed to the Appender at once
	maxBackOff   = 5 * time.Second
	appendCalls  = 8 // at the same time, for different destinations
)

// Writer collects rendered entries and brings them to an Appender in the background. An entry is never lost or handed
// over twice while the Writer lives: what the Appender refuses is offered again, in order, until it is taken, and what
// that leaves no room for follows Options.Overflow. All methods may be called concurrently.
type Writer struct {
	appender Appender
	opt      Options
	log      *slog.Logger
	shards   int

	ctx    context.Context // ends when Close gives up
	cancel context.CancelFunc
	wake   chan struct{} // the dirty list is no longer empty
	hurry  chan struct{} // flush without waiting for the interval
	slots  chan struct{} // one for each call of the Appender under way
	done   chan struct{} // the background goroutine has ended

	mu      sync.Mutex
	room    *sync.Cond // on mu: bytes were freed, or the Writer was closed
	sinks   map[Destination]*Sink
	dirty   []*Sink // hold entries and wait for the next flush
	closed  atomic.Bool
	flushes sync.WaitGroup

	bytes                           atomic.Int64
	waiting                         atomic.Int64
	written, dropped, waits, failed atomic.Uint64
}

// NewWriter starts a Writer. Close ends it.
func NewWriter(a Appender, opt Options) *Writer {
	opt.FlushInterval = cmp.Or(opt.FlushInterval, 50*time.Millisecond)
	opt.MaxQueueBytes = cmp.Or(opt.MaxQueueBytes, 64<<20)
	w := &Writer{
		appender: a,
		opt:      opt,
		log:      cmp.Or(opt.Logger, slog.New(slog.DiscardHandler)),
		shards:   min(4*runtime.GOMAXPROCS(0), 32),
		wake:     make(chan struct{}, 1),
		hurry:    make(chan struct{}, 1),
		slots:    make(chan struct{}, appendCalls),
		done:     make(chan struct{}),
		sinks:    map[Destination]*Sink{},
	}
	w.room = sync.NewCond(&w.mu)
	w.ctx, w.cancel = context.WithCancel(context.Background())
	go w.run()
	return w
}

// Sink returns the way to a destination. It is the same for every call; a stage keeps it.
func (w *Writer) Sink(dest Destination) *Sink {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.sinks[dest]
	if s == nil {
		s = &Sink{w: w, dest: dest, shards: make([]shard, w.shards)}
		w.sinks[dest] = s
	}
	return s
}

// Metrics returns the counters.
func (w *Writer) Metrics() Metrics {
	return Metrics{
		Written:       w.written.Load(),
		Dropped:       w.dropped.Load(),
		Waits:         w.waits.Load(),
		FailedAppends: w.failed.Load(),
		QueueBytes:    w.bytes.Load(),
	}
}

// Close hands over what is queued and ends the Writer. Requests should have ended before: an entry written after Close
// is dropped. If ctx ends first, the rest is dropped and the error says how many entries that were.
func (w *Writer) Close(ctx context.Context) error {
	if w.closed.Swap(true) {
		<-w.done
		return nil
	}
	before := w.dropped.Load()
	stop := context.AfterFunc(ctx, w.cancel)
	defer stop()
	w.mu.Lock()
	w.room.Broadcast()
	w.mu.Unlock()
	signal(w.wake)
	signal(w.hurry)
	<-w.done
	w.cancel()
	if lost := w.dropped.Load() - before; lost > 0 {
		return fmt.Errorf("close access log: %d entries were not taken by the log service", lost)
	}
	return nil
}

// verdict is what becomes of an entry at the queue.
type verdict uint8

const (
	take verdict = iota // there is room
	lose                // there is none, and no waiting for it
	wait                // there is none yet
)

// look says what becomes of another entry of a sink, without waiting.
func (w *Writer) look(s *Sink) verdict {
	if w.closed.Load() {
		return lose
	}
	if w.hasRoom(s) {
		return take
	}
	signal(w.hurry)
	if w.opt.Overflow == Drop {
		return lose
	}
	return wait
}

// admit is look, with the waiting done.
func (w *Writer) admit(s *Sink) verdict {
	v := w.look(s)
	if v != wait {
		return v
	}
	w.waits.Add(1)
	w.waiting.Add(1)
	defer w.waiting.Add(-1)
	w.mu.Lock()
	defer w.mu.Unlock()
	for !w.hasRoom(s) && !w.closed.Load() {
		w.room.Wait()
	}
	if w.closed.Load() {
		return lose
	}
	return take
}

// tryAdmit is look for those who cannot wait, for room as little as for the disk.
func (w *Writer) tryAdmit(s *Sink) verdict {
	if w.opt.Durable {
		return wait
	}
	return w.look(s)
}

func (w *Writer) hasRoom(s *Sink) bool {
	return w.bytes.Load() < w.opt.MaxQueueBytes && s.bytes.Load() < w.opt.MaxQueueBytes/2
}

// release gives back the room of n bytes that left the queue.
func (w *Writer) release(s *Sink, n int64) {
	s.bytes.Add(-n)
	w.bytes.Add(-n)
	if w.waiting.Load() == 0 {
		return
	}
	w.mu.Lock()
	w.room.Broadcast()
	w.mu.Unlock()
}

// enqueue puts a sink that has become dirty on the list of the next flush.
func (w *Writer) enqueue(s *Sink) {
	w.mu.Lock()
	w.dirty = append(w.dirty, s)
	w.mu.Unlock()
	signal(w.wake)
}

// run flushes dirty sinks, at most one interval after the first of them has become so.
func (w *Writer) run() {
	defer close(w.done)
	timer := time.NewTimer(w.opt.FlushInterval)
	defer timer.Stop()
	for !w.closed.Load() {
		<-w.wake
		timer.Reset(w.opt.FlushInterval)
		select {
		case <-timer.C:
		case <-w.hurry:
		}
		w.flushDirty()
	}
	w.flushAll()
}

func (w *Writer) flushDirty() {
	w.mu.Lock()
	dirty := w.dirty
	w.dirty = nil
	w.mu.Unlock()
	for _, s := range dirty {
		s.startFlush()
	}
}

// flushAll ends the flushes under way and then hands over the rest.
func (w *Writer) flushAll() {
	w.flushes.Wait()
	w.mu.Lock()
	sinks := make([]*Sink, 0, len(w.sinks))
	for _, s := range w.sinks {
		sinks = append(sinks, s)
	}
	w.mu.Unlock()
	for _, s := range sinks {
		s.startFlush()
	}
	w.flushes.Wait()
}

// signal leaves a note in a channel of capacity one.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
