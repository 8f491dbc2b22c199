package embedded_test

import (
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

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
	return embedded.Options{FS: fsys, Logger: quiet(), HeadBytes: 6000, BlockRows: 8, CacheBytes: 10_000}
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
		"without cache": {Logger: quiet(), HeadBytes: 20_000, BlockRows: 30, CacheBytes: -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Run(t, func(t *testing.T) logs.Store { return open(t, t.TempDir(), opts) })
		})
	}
}

// The model runs: go test ./logs/embedded -run TestModel -model.duration 1h
var (
	modelDuration = flag.Duration("model.duration", time.Minute, "how long TestModel tries random histories")
	modelSeed     = flag.Uint64("model.seed", 0, "the first history that TestModel tries")
)

// TestModel tries random histories in parallel. A history is given by its seed.
func TestModel(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		*modelDuration = min(*modelDuration, 3*time.Second)
	}
	end := time.Now().Add(*modelDuration)
	var next atomic.Uint64
	next.Store(*modelSeed)
	for worker := range runtime.GOMAXPROCS(0) {
		t.Run(fmt.Sprint(worker), func(t *testing.T) {
			t.Parallel()
			for time.Now().Before(end) && !t.Failed() {
				seed := next.Add(1) - 1
				fsys := vfs.NewCrashable()
				opts := small(fsys)
				if seed%3 == 1 {
					opts.HeadBytes, opts.BlockRows, opts.CacheBytes = 40_000, 200, 100_000
				}
				storetest.RunModel(t, storetest.Model{
					Seed: seed, Ops: 500, Break: func() func() { return breakDisk(fsys, seed) },
					Open: func(t *testing.T) logs.Store { return open(t, dir, opts) },
				})
			}
		})
	}
	t.Cleanup(func() { t.Logf("%d histories", next.Load()-*modelSeed) })
}

// breakDisk has what changes files fail, all of it or some.
func breakDisk(fsys *vfs.Crashable, seed uint64) (repair func()) {
	chance := rand.New(rand.NewPCG(seed, 1))
	fsys.SetFault(func(op vfs.Op) error {
		if op.Kind == vfs.KindRead || seed%2 == 0 && chance.IntN(2) == 0 {
			return nil
		}
		return syscall.EIO
	})
	return func() { fsys.SetFault(nil) }
}
