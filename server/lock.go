package server

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// lockDataDir makes the data directory if it is absent and takes it for this process alone. The operating system gives
// the lock back when the process ends, however it ends.
func lockDataDir(dir string) (*flock.Flock, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make data directory: %w", err)
	}
	lock := flock.New(filepath.Join(dir, "LOCK"))
	taken, err := lock.TryLock()
	switch {
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("data directory %s is not writable for this user: %w", dir, err)
	case err != nil:
		return nil, fmt.Errorf("lock data directory %s: %w", dir, err)
	case !taken:
		return nil, fmt.Errorf("data directory %s is in use by another tollbook process", dir)
	}
	return lock, nil
}
