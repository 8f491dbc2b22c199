package embedded

import (
	"log/slog"
	"time"

	"github.com/tollbook/tollbook/internal/vfs"
	"github.com/tollbook/tollbook/logs/columnar"
)

// Options adjusts a store. The zero value works.
type Options struct {
	// FS is where the files are. Default: the operating system's.
	FS vfs.FS
	// Now is the clock that gives ingestion times. Default: time.Now.
	Now func() time.Time
	// Logger takes what an operator should know: cut tails, corrupt files, disk errors. Default: slog.Default.
	Logger *slog.Logger
	// MemoryBytes is how much memory the store takes, whatever it holds: heads, what sealing and merging need, and the
	// cache of blocks, in bytes. Beyond it are the blocks that scans under way hold: two for each processor at most while
	// they look for a filter's events. Less than 16 MiB counts as that. Default: 256 MiB.
	MemoryBytes int64
	// CompactionBytesPerSecond bounds what merging segments writes, on average. Default: 64 MiB.
	CompactionBytesPerSecond int64

	// HeadBytes is the memory, in bytes, at which the head is sealed into a segment; up to three heads exist at a time.
	// Default: about an eighth of MemoryBytes.
	HeadBytes int64
	// BlockRows is how many events a block holds at most: more is smaller on disk and slower to read a little of.
	// Default, and the most: columnar.MaxRows.
	BlockRows int
	// CacheBytes bounds the cache of blocks and pages, in bytes. Default: 5/16 of MemoryBytes, about; negative: no cache.
	CacheBytes int64

	blockBytes int64 // how many bytes of messages a block holds at most
	mergeBytes int64 // how much memory merging takes for the blocks that it reads
}

const (
	leastMemoryBytes = 16 << 20
	// fixedMemoryBytes is what the store takes whatever its budget, compressors above all.
	fixedMemoryBytes = 4 << 20
)

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
	if o.MemoryBytes == 0 {
		o.MemoryBytes = 256 << 20
	}
	o.MemoryBytes = max(o.MemoryBytes, leastMemoryBytes)
	if o.CompactionBytesPerSecond <= 0 {
		o.CompactionBytesPerSecond = 64 << 20
	}
	variable := o.MemoryBytes - fixedMemoryBytes
	if o.HeadBytes <= 0 {
		o.HeadBytes = variable / 16
	}
	if o.BlockRows <= 0 || o.BlockRows > columnar.MaxRows {
		o.BlockRows = columnar.MaxRows
	}
	if o.CacheBytes == 0 {
		o.CacheBytes = variable * 5 / 16
	}
	o.blockBytes = min(maxBlockBytes, variable/16)
	o.mergeBytes = variable / 8
	return o
}
