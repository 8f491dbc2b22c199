// Package embedded is the log store of a single node: it keeps the events of every log stream in one directory.
//
// An event's way in: Append encodes its batches into one record (record.go); the committer (commit.go) puts the records of
// all calls that wait into one frame of the write-ahead log (wal_writer.go), syncs it, and adds them to the head (head.go),
// where they can be read. A head that is full is sealed (seal.go) into a segment (segment_format.go): blocks of columns, cut
// by group and time (builder.go), with a directory of the parts that streams have in them (page.go); then its write-ahead
// logs go. Small neighbouring segments are merged (compact.go, merge.go), dead ones dropped (dead.go).
//
// An event's way out: Scan (scan.go) puts cursors (cursor.go) on heads and blocks (scan_blocks.go) and merges them
// (merger.go); Columns (columns.go) hands whole blocks to queries. What is read of blocks is kept in a cache (cache.go).
//
// There is no manifest: the names of the files say which of them count (filenames.go), and each write-ahead log begins with
// all else that must be known (checkpoint.go). Open (open.go) puts it together again.
//
// The package leaves to others: how columns are laid out (logs/columnar), names of groups and streams, limits of AWS, retention times, and that only one process
// uses a directory.
package embedded

import (
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/tollbook/tollbook/internal/vfs"
	"github.com/tollbook/tollbook/logs"
)

// Store keeps log events in a directory. It is safe for concurrent use.
type Store struct {
	opts Options
	dir  string
	fs   vfs.FS
	log  *slog.Logger
	env  *segmentEnv

	encoding *encoding
	encoders sync.Pool     // of *columnar.Encoder, for queries over heads
	workers  chan struct{} // has room for the goroutines that look at blocks for scans

	// mu guards what readers see. active grows under it; heads in sealing and segments do not change.
	mu          sync.RWMutex
	active      *head
	sealing     []*head    // full, oldest first
	segments    []*segment // by interval
	dead        tombstones
	deadVersion uint64          // grows with each tombstone
	garbage     map[string]bool // files that count no more and could not be removed yet
	closed      bool

	committer committer
	sealer    sealer
	compactor compactor
	metrics   counters

	generation  atomic.Uint32 // of the last segment made
	nextArrival atomic.Uint64 // all events with lower arrivals can be read
}

var _ logs.Store = (*Store)(nil)

// Close refuses new calls, waits for those under way, for the sealing and merging of files that has begun, and releases
// the files. All acknowledged events are durable before, so it writes nothing itself, save that it tries once more to say
// where a write-ahead log ends that was abandoned after an error of the disk. Scans under way go on.
func (s *Store) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	s.mu.Unlock()
	s.committer.stop() // first: it may wait for the sealer
	if s.committer.wal == nil {
		if err := s.startWAL(); err != nil {
			s.log.Error("log store cannot say where a write-ahead log ends; a call that failed may be found in it", "error", err)
		}
	}
	s.sealer.stop()
	s.compactor.stop()

	s.mu.Lock()
	defer s.mu.Unlock()
	for _, g := range s.segments {
		g.release()
	}
	s.segments = nil
	return s.closeWAL()
}

func (s *Store) closeWAL() error {
	if s.committer.wal == nil {
		return nil
	}
	return s.committer.wal.file.Close()
}
