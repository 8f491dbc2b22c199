package embedded

import (
	"log/slog"
	"time"

	"github.com/tollbook/tollbook/internal/vfs"
)

// Options adjusts a store. The zero value works.
type Options struct {
	// FS is where the files are. Default: the operating system's.
	FS vfs.FS
	// Now is the clock that gives ingestion times. Default: time.Now.
	Now func() time.Time
	// Logger takes what an operator should know: cut tails, corrupt files, disk errors. Default: slog.Default.
	Logger *slog.Logger
	// HeadBytes is the size of the write-ahead log at which the head is sealed into a segment. The head itself takes
	// about a tenth more memory than that, and up to three exist at a time. Default: 64 MiB.
	HeadBytes int64
	// BlockBytes is how much is compressed together, in bytes before compression: larger is smaller on disk and slower
	// to read a little of. Default: 256 KiB.
	BlockBytes int
	// CacheBytes bounds the cache of unpacked blocks, in bytes. Default: 32 MiB; negative: no cache.
	CacheBytes int64
}

func (o Options) withDefaults() Options {
	if o.FS == nil {
		o.FS = vfs.OS{}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.HeadBytes <= 0 {
		o.HeadBytes = 64 << 20
	}
	if o.BlockBytes <= 0 {
		o.BlockBytes = 256 << 10
	}
	if o.CacheBytes == 0 {
		o.CacheBytes = 32 << 20
	}
	return o
}
