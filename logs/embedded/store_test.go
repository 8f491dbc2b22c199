package embedded_test

import (
	"flag"
	"fmt"
	"io"
	"log/slog"
	"testing"

	"github.com/tollbook/tollbook/internal/vfs"
	"github.com/tollbook/tollbook/logs"
	"github.com/tollbook/tollbook/logs/embedded"
	"github.com/tollbook/tollbook/logs/storetest"
)

// dir is where tests with a file system in memory keep a store.
const dir = "/data/logs"

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

// small makes everything happen early: heads of a few events, blocks of fewer, hardly a cache.
func small(fsys vfs.FS) embedded.Options {
	return embedded.Options{FS: fsys, Logger: quiet(), HeadBytes: 3000, BlockBytes: 300, CacheBytes: 2000}
}

func open(t testing.TB, path string, opts embedded.Options) *embedded.Store {
	t.Helper()
	s, err := embedded.Open(path, opts)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	return s
}

func TestContract(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string]embedded.Options{
		"default":       {Logger: quiet()},
		"small":         small(nil),
		"without cache": {Logger: quiet(), HeadBytes: 10_000, BlockBytes: 1000, CacheBytes: -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Run(t, func(t *testing.T) logs.Store { return open(t, t.TempDir(), opts) })
		})
	}
}

// modelSeeds is for longer searches: go test ./logs/embedded -run TestModel -model-seeds 10000
var modelSeeds = flag.Uint64("model-seeds", 8, "how many random histories TestModel tries")

func TestModel(t *testing.T) {
	t.Parallel()
	for seed := range *modelSeeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			fsys := vfs.NewCrashable()
			storetest.RunModel(t, seed, 600, func(t *testing.T) logs.Store { return open(t, dir, small(fsys)) })
		})
	}
}
