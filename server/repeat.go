package server

import (
	"context"
	"sync"
	"time"
)

// repeat does something again and again on a goroutine of its own, until it is closed.
type repeat struct {
	stop    context.CancelFunc
	stopped sync.WaitGroup
}

func startRepeat(every time.Duration, do func(context.Context)) *repeat {
	ctx, stop := context.WithCancel(context.Background())
	r := &repeat{stop: stop}
	r.stopped.Go(func() {
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				do(ctx)
			}
		}
	})
	return r
}

// close ends it, and waits for what is under way.
func (r *repeat) close() {
	r.stop()
	r.stopped.Wait()
}
