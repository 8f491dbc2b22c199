package server

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/tollbook/tollbook/apigateway"
)

// usageEvery is how often the requests of API keys are kept: a process that is killed forgets so much of a quota at most.
const usageEvery = 2 * time.Second

// usageKeeper has kept what API keys have used of their plans.
type usageKeeper struct {
	apis    *apigateway.Service
	log     *slog.Logger
	stop    context.CancelFunc
	stopped sync.WaitGroup
}

func startUsageKeeper(apis *apigateway.Service, log *slog.Logger) *usageKeeper {
	ctx, stop := context.WithCancel(context.Background())
	k := &usageKeeper{apis: apis, log: log, stop: stop}
	k.stopped.Go(func() { k.run(ctx) })
	return k
}

func (k *usageKeeper) run(ctx context.Context) {
	ticker := time.NewTicker(usageEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if err := k.apis.CollectUsage(ctx); err != nil && ctx.Err() == nil {
				k.log.Error("keep usage of API keys; it is tried again", "error", err)
			}
		}
	}
}

// close keeps what the last requests have used. There must be no further ones.
func (k *usageKeeper) close() error {
	k.stop()
	k.stopped.Wait()
	return k.apis.CollectUsage(context.Background())
}
