package accesslog

import (
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

// Sink takes the entries of one destination. It is safe for concurrent use.
//
// Entries are rendered straight into one of several buffers, chosen by the request ID like the stream, so that requests
// on different cores rarely meet at a lock and the entries of one stream keep their order.
type Sink struct {
	w      *Writer
	dest   Destination
	shards []shard
	bytes  atomic.Int64 // in the queue, those being appended included
	dirty  atomic.Bool  // on the writer's list, or about to be

	mu       sync.Mutex
	flushing bool
	entries  []RenderedEntry // of the call under way; belongs to the flush
}

type shard struct {
	mu  sync.Mutex
	cur *batch
	_   [48]byte // keeps shards on cache lines of their own
}

// A batch is rendered entries, one after the other in buf.
type batch struct {
	buf     []byte
	records []record
	durable chan struct{} // closed when the batch is durable or lost; nil unless asked for
}

type record struct {
	end       int // in buf
	stream    int32
	timestamp int64
}

var batches = sync.Pool{New: func() any { return new(batch) }}

// Write renders e by f and queues the line; what Options say of a full queue and of durability holds. The entry and
// what it points to may be changed as soon as Write returns.
func (s *Sink) Write(f *Format, e *Entry) { s.write(s.w.admit(s), f, e) }

// TryWrite is Write for a caller that must not wait. It reports false, and has done nothing, where Write would wait: the
// queue is full and the policy is Block, or entries are to be Durable. An entry that is dropped, and counted, reports true.
func (s *Sink) TryWrite(f *Format, e *Entry) bool { return s.write(s.w.tryAdmit(s), f, e) }

// write does with an entry what was decided. It reports whether that was anything but to wait.
func (s *Sink) write(v verdict, f *Format, e *Entry) bool {
	if v != take {
		return s.leave(v, 1)
	}
	s.queued(s.put(f, e))
	return true
}

// writeSoon is write without the wait for the disk.
func (s *Sink) writeSoon(v verdict, f *Format, e *Entry) {
	if v != take {
		s.leave(v, 1)
		return
	}
	size, _ := s.put(f, e)
	s.queued(size, nil)
}

// leave counts n entries if they are lost, and reports whether they are.
func (s *Sink) leave(v verdict, n int) bool {
	if v == lose {
		s.w.dropped.Add(uint64(n))
	}
	return v == lose
}

// put renders an entry into the batch of its stream.
func (s *Sink) put(f *Format, e *Entry) (size int64, durable chan struct{}) {
	stream := StreamOf(e.RequestID)
	return s.add(stream, func(b *batch) {
		b.buf = f.Append(b.buf, e)
		b.records = append(b.records, record{len(b.buf), int32(stream), e.TimeMillis + e.ResponseLatencyMilli})
	})
}

// add has fill add to the batch of a stream.
func (s *Sink) add(stream int, fill func(*batch)) (size int64, durable chan struct{}) {
	sh := &s.shards[stream%len(s.shards)]
	sh.mu.Lock()
	b := sh.cur
	if b == nil {
		b = s.w.newBatch()
		sh.cur = b
	}
	start := len(b.buf)
	fill(b)
	size, durable = int64(len(b.buf)-start), b.durable
	sh.mu.Unlock()
	return size, durable
}

// queued counts what was added and sees to it that it is flushed; with Options.Durable it waits for that.
func (s *Sink) queued(size int64, durable chan struct{}) {
	w := s.w
	w.bytes.Add(size)
	total := s.bytes.Add(size)
	if !s.dirty.Load() && s.dirty.CompareAndSwap(false, true) {
		w.enqueue(s)
	}
	if total > flushBytes && total-size <= flushBytes || durable != nil {
		signal(w.hurry)
	}
	if durable != nil {
		select {
		case <-durable:
		case <-w.done: // written after Close
		}
	}
}

func (w *Writer) newBatch() *batch {
	b := batches.Get().(*batch)
	if w.opt.Durable {
		b.durable = make(chan struct{})
	}
	return b
}

// StreamOf is the index of the stream that the entry of a request goes to. It never changes for a request ID.
func StreamOf(requestID string) int {
	h := uint32(2166136261) // FNV-1a
	for i := range len(requestID) {
		h = (h ^ uint32(requestID[i])) * 16777619
	}
	return int(h % Streams)
}

// startFlush flushes in a goroutine of its own, so that a destination that fails holds up no other. If the sink is being
// flushed already it stays on the list.
func (s *Sink) startFlush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.flushing {
		s.w.enqueueLater(s)
		return
	}
	s.flushing = true
	s.w.flushes.Add(1)
	go s.flush()
}

// enqueueLater puts a sink back on the list without waking the flusher, which its flush does when it ends.
func (w *Writer) enqueueLater(s *Sink) {
	w.mu.Lock()
	w.dirty = append(w.dirty, s)
	w.mu.Unlock()
}

func (s *Sink) flush() {
	defer s.w.flushes.Done()
	s.dirty.Store(false) // before the buffers are taken: a write after that puts the sink on the list again
	s.appendAll(s.take())
	s.mu.Lock()
	s.flushing = false
	s.mu.Unlock()
	signal(s.w.wake)
	if s.w.opt.Durable {
		signal(s.w.hurry) // somebody may wait already
	}
}

// take empties the buffers.
func (s *Sink) take() []*batch {
	var taken []*batch
	for i := range s.shards {
		sh := &s.shards[i]
		sh.mu.Lock()
		if sh.cur != nil {
			taken = append(taken, sh.cur)
			sh.cur = nil
		}
		sh.mu.Unlock()
	}
	return taken
}

// appendAll hands the batches over in as few calls as their size allows. A batch is let go when all of it was taken.
func (s *Sink) appendAll(taken []*batch) {
	entries, size, from := s.entries[:0], 0, 0
	for i, b := range taken {
		start := 0
		for _, r := range b.records {
			if size > maxCallBytes {
				s.call(entries, size)
				s.recycle(taken[from:i])
				entries, size, from = entries[:0], 0, i
			}
			entries = append(entries, RenderedEntry{int(r.stream), r.timestamp, text(b.buf[start:r.end])})
			size += r.end - start
			start = r.end
		}
	}
	if len(entries) > 0 {
		s.call(entries, size)
	}
	s.recycle(taken[from:])
	clear(entries)
	s.entries = entries[:0]
}

// call brings entries to the Appender, however often that fails, and frees their room in the queue.
func (s *Sink) call(entries []RenderedEntry, size int) {
	if s.insist(entries) {
		s.w.written.Add(uint64(len(entries)))
	} else {
		s.w.dropped.Add(uint64(len(entries)))
	}
	s.w.release(s, int64(size))
}

// insist repeats the call until it succeeds. It reports false if the Writer gave up.
func (s *Sink) insist(entries []RenderedEntry) bool {
	for backOff := 50 * time.Millisecond; ; backOff = min(2*backOff, maxBackOff) {
		err := s.attempt(entries)
		if err == nil {
			return true
		}
		if s.w.ctx.Err() != nil {
			return false
		}
		s.w.failed.Add(1)
		s.w.log.Warn("access log entries are not taken, will repeat",
			"group", s.dest.Group, "entries", len(entries), "after", backOff, "error", err)
		select {
		case <-time.After(backOff):
		case <-s.w.ctx.Done():
			return false
		}
	}
}

func (s *Sink) attempt(entries []RenderedEntry) error {
	select {
	case s.w.slots <- struct{}{}:
	case <-s.w.ctx.Done():
		return s.w.ctx.Err()
	}
	defer func() { <-s.w.slots }()
	return s.w.appender.AppendEntries(s.w.ctx, s.dest, entries)
}

// recycle ends the waiting for batches and keeps their memory for the next ones.
func (s *Sink) recycle(done []*batch) {
	for _, b := range done {
		if b.durable != nil {
			close(b.durable)
		}
		if cap(b.buf) <= maxCallBytes {
			*b = batch{buf: b.buf[:0], records: b.records[:0]}
			batches.Put(b)
		}
	}
}

// text looks at bytes as a string, without a copy. The string is valid until the bytes change.
func text(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
