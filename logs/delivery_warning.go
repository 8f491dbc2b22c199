package logs

import (
	"sync"
	"time"
)

// When the log tells of a destination that fails: once that has lasted, and then ever more rarely. What fails for a moment is
// in the metrics alone.
const (
	warnAfter      = 10 * time.Second // of failing without a break
	firstWarnPause = time.Minute
	longWarnPause  = time.Hour
)

// deliveryWarning says when to tell of a destination again. It is safe for concurrent use; the zero value has told nothing.
type deliveryWarning struct {
	mu    sync.Mutex
	last  time.Time
	pause time.Duration // until the next
}

// due says whether to tell of a destination that has failed since a time. Who is told so tells.
func (w *deliveryWarning) due(since time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	switch quiet := now.Sub(w.last); {
	case now.Sub(since) < warnAfter || quiet < w.pause:
		return false
	case w.last.IsZero() || quiet > 2*longWarnPause:
		w.pause = firstWarnPause
	default:
		w.pause = min(2*w.pause, longWarnPause)
	}
	w.last = now
	return true
}
