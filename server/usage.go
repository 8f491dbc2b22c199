package server

import (
	"context"
	"log/slog"
	"time"

	"github.com/tollbook/tollbook/apigateway"
)

// usageEvery is how often the requests of API keys are kept: a process that is killed forgets so much of a quota at most.
const usageEvery = 2 * time.Second

// startUsageKeeper has kept what API keys have used of their plans. The returned function ends that and keeps what the last
// requests have used; there must be no further ones.
func startUsageKeeper(apis *apigateway.Service, log *slog.Logger) (end func() error) {
	keeping := startRepeat(usageEvery, func(ctx context.Context) {
		if err := apis.CollectUsage(ctx); err != nil && ctx.Err() == nil {
			log.Error("keep usage of API keys; it is tried again", "error", err)
		}
	})
	return func() error {
		keeping.close()
		return apis.CollectUsage(context.Background())
	}
}
