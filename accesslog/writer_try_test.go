package accesslog_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tollbook/tollbook/accesslog"
)

// stalled is an Appender that takes nothing before open is closed.
func stalled() (r *recorder, open chan struct{}) {
	open = make(chan struct{})
	return &recorder{append: func(ctx context.Context, _ int, _ accesslog.Destination) error {
		select {
		case <-open:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}}, open
}

// TestTryWrite: with room it is Write; without, it says so and leaves everything as it was, or drops and counts.
func TestTryWrite(t *testing.T) {
	t.Parallel()
	for _, overflow := range []accesslog.Overflow{accesslog.Block, accesslog.Drop} {
		synctest.Test(t, func(t *testing.T) {
			r, open := stalled()
			w := accesslog.NewWriter(r, accesslog.Options{MaxQueueBytes: 400, Overflow: overflow})
			sink, f := w.Sink(group), mustCompile(t, "$context.requestId")
			lines := new(accesslog.Lines)
			lines.Add(1, []byte("a line"))
			var taken int
			for i := range 100 {
				if sink.TryWrite(f, entryWithID(fmt.Sprintf("%010d", i))) {
					taken++
				}
			}
			record := accesslog.CompileDelivery(accesslog.Delivery{})
			told := sink.TryWriteLines("a", lines)
			delivered := sink.TryWriteRecords(record, new(accesslog.Record), "a", lines)
			m := w.Metrics()
			if m.QueueBytes < 200 || m.QueueBytes > 210 || m.Waits != 0 {
				t.Errorf("%v: %+v", overflow, m)
			}
			if overflow == accesslog.Block && (taken != 20 || told || delivered || m.Dropped != 0) {
				t.Errorf("to wait: %d taken, lines %v and %v, %+v", taken, told, delivered, m)
			}
			if overflow == accesslog.Drop && (taken != 100 || !told || !delivered || m.Dropped != 82) {
				t.Errorf("to drop: %d done, lines %v and %v, %+v", taken, told, delivered, m)
			}
			close(open)
			time.Sleep(time.Second)
			if !sink.TryWrite(f, entryWithID("after")) || !sink.TryWriteLines("a", new(accesslog.Lines)) {
				t.Error("with room again, it is not done")
			}
			if err := w.Close(t.Context()); err != nil {
				t.Error(err)
			}
			if m := w.Metrics(); m.Written != 21 || len(r.got[group]) != 21 || m.QueueBytes != 0 {
				t.Errorf("%v: %+v, %d arrived", overflow, m, len(r.got[group]))
			}
			if !sink.TryWrite(f, entryWithID("late")) || w.Metrics().Dropped != m.Dropped+1 {
				t.Error("an entry after Close is not dropped")
			}
		})
	}
}

// TestTryWriteDurable: who cannot wait for the disk is told so.
func TestTryWriteDurable(t *testing.T) {
	t.Parallel()
	r := &recorder{}
	w := accesslog.NewWriter(r, accesslog.Options{Durable: true})
	sink, f := w.Sink(group), mustCompile(t, "$context.requestId")
	if sink.TryWrite(f, entryWithID("a")) {
		t.Error("it was done, though nobody could wait")
	}
	sink.Write(f, entryWithID("a"))
	if err := w.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	requireOnce(t, r.got[group], 1)
}

// TestUnroutedNeverWaits: neither for room nor for the disk; what has no room is counted.
func TestUnroutedNeverWaits(t *testing.T) {
	t.Parallel()
	for _, opt := range []accesslog.Options{{MaxQueueBytes: 4000}, {MaxQueueBytes: 4000, Durable: true}} {
		synctest.Test(t, func(t *testing.T) {
			r, open := stalled()
			w := accesslog.NewWriter(r, opt)
			u, err := accesslog.NewUnrouted(w, "000000000000", "eu-west-1", 1000)
			if err != nil {
				t.Fatal(err)
			}
			for i := range 100 {
				u.Write(entryWithID(fmt.Sprint(i)), time.Now())
			}
			close(open)
			if err := w.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
			m := w.Metrics()
			if m.Written == 0 || u.Suppressed() == 0 || m.Written+u.Suppressed() != 100 || m.Waits+m.Dropped != 0 {
				t.Errorf("%+v, %d suppressed", m, u.Suppressed())
			}
		})
	}
}
