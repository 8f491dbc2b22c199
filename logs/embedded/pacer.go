package embedded

import "time"

// pacer keeps background work from taking more than its share of the machine: while events come in it works half of the
// time, and what it writes keeps to a rate. It is for one goroutine.
type pacer struct {
	store    *Store
	began    time.Time // of the work since the last rest
	appended int64     // events by then
	written  int64     // bytes by then
}

func (s *Store) newPacer() *pacer {
	return &pacer{store: s, began: time.Now(), appended: s.metrics.appendedEvents.Load()}
}

// rest waits as long as is fit after the work since the last call; written is how many bytes the work has written so far.
func (p *pacer) rest(written int64, wait func(time.Duration)) {
	worked := time.Since(p.began)
	if worked < restedWork {
		return
	}
	rate := float64(p.store.opts.CompactionBytesPerSecond)
	pause := time.Duration(float64(written-p.written)/rate*float64(time.Second)) - worked
	if p.store.metrics.appendedEvents.Load() != p.appended {
		pause = max(pause, worked)
	}
	if pause > 0 {
		wait(pause)
	}
	p.began, p.appended, p.written = time.Now(), p.store.metrics.appendedEvents.Load(), written
}
