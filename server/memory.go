package server

import (
	"os"
	"runtime/debug"

	"github.com/tollbook/tollbook/config"
	"github.com/tollbook/tollbook/logs"
)

// memoryBeside is what the process may take beside the log store, queries and bodies under way before the collector works harder.
const memoryBeside = 512 << 20

// limitMemory has the collector give back what queries needed, rather than keep it for the next ones. It is a target, not a
// wall: nothing fails beyond it. GOMEMLIMIT in the environment says otherwise.
func limitMemory(cfg config.Config) {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(int64(cfg.LogMemory) + logs.QueryMemory + int64(cfg.MaxBodyBytes) + memoryBeside)
	}
}
