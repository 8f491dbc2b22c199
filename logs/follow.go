package logs

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
)

// Followers read the events of a group as they arrive: live tail, metric filters and subscription filters. Each has a place
// in the order of arrival. When it is told that something was appended it scans from there up to the store's next arrival,
// which becomes its place. So there is no queue: who is slow, or was away, reads from the store what others have from
// memory, and appends wait for nobody.

// news tells followers of a group that something was appended to it. The zero value has none.
type news struct {
	mu   sync.Mutex
	ears atomic.Pointer[[]chan<- struct{}] // replaced, never changed; nil while nobody follows
}

// tell has every follower look. It costs one load when there is none.
func (n *news) tell() {
	ears := n.ears.Load()
	if ears == nil {
		return
	}
	for _, ear := range *ears {
		wake(ear)
	}
}

// follow has ear, of capacity one, get a value whenever there is something to look at, until stop is called. One ear may
// follow many groups.
func (n *news) follow(ear chan<- struct{}) (stop func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.set(append(n.list(), ear))
	return func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		left := n.list()
		i := slices.Index(left, ear)
		n.set(slices.Delete(left, i, i+1))
	}
}

// list returns a copy.
func (n *news) list() []chan<- struct{} {
	if ears := n.ears.Load(); ears != nil {
		return slices.Clone(*ears)
	}
	return nil
}

func (n *news) set(ears []chan<- struct{}) {
	if len(ears) == 0 {
		n.ears.Store(nil)
		return
	}
	n.ears.Store(&ears)
}

// wake has the goroutine that waits on a channel of capacity one look, now or when it waits next.
func wake(ear chan<- struct{}) {
	select {
	case ear <- struct{}{}:
	default:
	}
}

// appended notes what a group has taken in, and when, and tells its followers. It comes after the store has acknowledged.
func (g *group) appended(events, bytes int, ingestion Millis) {
	g.intake.add(minuteOf(ingestion), taken{int64(events), int64(bytes + events*eventOverhead)})
	g.news.tell()
}

// isGone reports whether the group was deleted.
func (g *group) isGone() bool {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return g.gone
}

// arrivals scans what has arrived in the group from one number up to another, and is within its retention, in the order of
// positions. It returns the error that each returns, or the scan's.
func (s *Service) arrivals(
	ctx context.Context, g *group, from, to uint64, filter *Filter, each func(*LogEvent) error,
) error {
	g.mu.RLock()
	rec := g.rec
	g.mu.RUnlock()
	q := ScanQuery{
		Group: g.id, From: retentionStart(&rec, s.now()), To: endOfTime,
		ArrivedFrom: from, ArrivedTo: to, Filter: filter,
	}
	if from >= to {
		return nil
	}
	for e, err := range s.store.Scan(ctx, q) {
		if err != nil {
			return err
		}
		if err := each(&e); err != nil {
			return err
		}
	}
	return nil
}

// endOfTime is behind every timestamp.
const endOfTime = Millis(1<<63 - 1)
