package insights

import (
	"errors"
	"fmt"
	"sync/atomic"
)

// ErrMemory marks the error of a query that needs more memory than it may use. Its message says what to do.
var ErrMemory = errors.New("the query needs too much memory")

// budget is the memory that a running query may still use. It is safe for concurrent use; a nil budget has no end.
type budget struct {
	limit int64
	used  atomic.Int64
}

func newBudget(limit int64) *budget { return &budget{limit: limit} }

// take counts bytes that the query holds on to, about. It ends with an error that wraps ErrMemory when they are too many.
func (b *budget) take(bytes int64) error {
	if b == nil || bytes == 0 {
		return nil
	}
	if used := b.used.Add(bytes); used > b.limit {
		return fmt.Errorf("%w: over %d MiB; narrow its time range, filter first, or group by fewer values", ErrMemory, b.limit>>20)
	}
	return nil
}

// give takes back what take counted.
func (b *budget) give(bytes int64) {
	if b != nil {
		b.used.Add(-bytes)
	}
}
