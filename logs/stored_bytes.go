package logs

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// storedBytes sums up what the store holds of each group. With millions of streams the sum takes a while, so it is taken
// again only after twenty times as long as it took: always fresh with few streams, never much of the CPU.
type storedBytes struct {
	mu     sync.Mutex
	groups map[GroupID]int64
	until  time.Time // by the machine's own clock, as this is about work and not about events
}

// byGroup returns the bytes of each group that holds events. The map must not be changed.
func (b *storedBytes) byGroup(ctx context.Context, store Store) (map[GroupID]int64, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	begin := time.Now()
	if b.groups != nil && begin.Before(b.until) {
		return b.groups, nil
	}
	groups := map[GroupID]int64{}
	for stats, err := range store.Stats(ctx) {
		if err != nil {
			return nil, fmt.Errorf("sum up stored bytes: %w", err)
		}
		groups[stats.Group] += stats.Bytes
	}
	end := time.Now()
	if took := end.Sub(begin); took > 10*time.Millisecond {
		b.until = end.Add(20 * took)
	}
	b.groups = groups
	return groups, nil
}
