package embedded

import (
	"runtime"

	"github.com/tollbook/tollbook/logs"
)

// Settle waits until all full heads are sealed and nothing is left to merge or drop. Nothing may be appended meanwhile.
func (s *Store) Settle() {
	s.awaitSeals()
	s.Compact()
}

func (s *Store) awaitSeals() {
	l := &s.sealer
	l.mu.Lock()
	defer l.mu.Unlock()
	for s.pendingHeads() > 0 {
		l.wake()
		l.changed.Wait()
	}
}

// Compact waits until nothing is left to merge or drop.
func (s *Store) Compact() {
	s.compactor.stop()
	s.compactor.worker = newWorker()
	s.compactAll()
	go s.compactor.run(s.compactAll)
}

// CachedBlocks tells how many blocks have been unpacked and kept.
func (s *Store) CachedBlocks() int {
	s.env.cache.mu.Lock()
	defer s.env.cache.mu.Unlock()
	return len(s.env.cache.byKey)
}

// SetVersion changes the version in a file's header and the checksum with it.
func SetVersion(file []byte, version byte) {
	file[8] = version
	little.PutUint32(file[12:], checksum(file[:12], file[16:headerBytes]))
}

// HoldCommits has the committer wait with a first call in hand, which is durable and not yet readable, until release is
// called. Meanwhile only Append and QueuedCalls may be used.
func (s *Store) HoldCommits(first func()) (release func()) {
	before := s.metrics.fsyncs.Load()
	s.mu.RLock() // publishing takes the lock for writing
	done := make(chan struct{})
	go func() {
		defer close(done)
		first()
	}()
	for s.metrics.fsyncs.Load() == before {
		runtime.Gosched()
	}
	return func() {
		s.mu.RUnlock()
		<-done
	}
}

// QueuedCalls tells how many calls wait for the committer.
func (s *Store) QueuedCalls() int {
	s.committer.mu.Lock()
	defer s.committer.mu.Unlock()
	return len(s.committer.queue)
}

// SealAll seals what is in memory, however little. Nothing may be appended meanwhile.
func (s *Store) SealAll() {
	s.committer.stop() // it may have answered all calls and still look whether the head is full
	if err := s.rotate(); err != nil {
		panic(err)
	}
	s.committer.closing, s.committer.stopped = false, make(chan struct{})
	go s.runCommitter()
	s.awaitSeals()
}

// BlockInfo is what a test may want to know about a block.
type BlockInfo struct {
	FirstGroup, LastGroup logs.GroupID
	First, Last           logs.Millis
	Groups, Rows, Bytes   int64
}

// Blocks lists the blocks of all segments.
func (s *Store) Blocks() (infos []BlockInfo) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, g := range s.segments {
		for i := range g.blocks {
			b := &g.blocks[i]
			infos = append(infos, BlockInfo{b.firstGroup, b.lastGroup, b.firstTime, b.lastTime, int64(b.groups), b.events, b.bytes})
		}
	}
	return infos
}
