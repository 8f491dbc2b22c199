package embedded

// makeRoom sees to it that the head is not full and that there is a write-ahead log to write to. It runs in the committer,
// as all in this file does.
func (s *Store) makeRoom() error {
	if s.full() {
		if err := s.waitForSealer(); err != nil {
			return err
		}
		return s.rotate()
	}
	if s.committer.wal == nil {
		return s.startWAL()
	}
	return nil
}

// rotateEarly gives a full head to the sealer at once if that needs no waiting.
func (s *Store) rotateEarly() {
	if !s.full() || s.pendingHeads() >= maxSealingHeads {
		return
	}
	if err := s.rotate(); err != nil {
		s.log.Error("log store cannot begin a write-ahead log", "error", err) // the next Append tries again
	}
}

func (s *Store) full() bool {
	return s.active.bytes >= s.opts.HeadBytes || len(s.active.wals) > maxHeadWALs
}

// rotate hands the active head over to the sealer and begins another one with a log of its own.
func (s *Store) rotate() error {
	s.endWAL()
	w, err := s.nextWAL()
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.sealing = append(s.sealing[:len(s.sealing):len(s.sealing)], s.active)
	s.active = s.newHead()
	s.useWAL(w)
	s.mu.Unlock()
	s.sealer.wake()
	return nil
}

// startWAL begins another log for the active head.
func (s *Store) startWAL() error {
	w, err := s.nextWAL()
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.useWAL(w)
	return nil
}

func (s *Store) useWAL(w *walWriter) {
	s.committer.wal = w
	s.active.wals = append(s.active.wals, headWAL{walLength: walLength{w.sequence, w.size}})
}

// endWAL closes the current log, all of which is synced. It must come before nextWAL: the next checkpoint says how long
// this one is.
func (s *Store) endWAL() {
	if s.committer.wal != nil {
		s.committer.wal.file.Close()
		s.committer.wal = nil
	}
}

// nextWAL makes a new log. One that fails half-way may have got its name, but holds nothing that the next attempt, which
// replaces it, does not hold too.
func (s *Store) nextWAL() (*walWriter, error) {
	w, err := createWAL(s.fs, s.dir, s.committer.nextSequence, s.nextCheckpoint())
	if err != nil {
		return nil, err
	}
	s.committer.nextSequence++
	s.metrics.fsyncs.Add(1)
	return w, nil
}

// nextCheckpoint says what a new log begins with.
func (s *Store) nextCheckpoint() *checkpoint {
	s.mu.RLock()
	defer s.mu.RUnlock()
	c := s.checkpoint()
	c.nextArrival, c.lastIngestion = s.committer.nextArrival, s.committer.lastIngestion
	return c
}

// checkpoint holds what can be told without the committer; the caller holds mu.
func (s *Store) checkpoint() *checkpoint {
	c := &checkpoint{tombstones: s.dead.all()}
	for _, h := range s.heads() {
		for _, w := range h.wals {
			c.wals = append(c.wals, w.walLength)
		}
	}
	return c
}

// heads returns all heads, oldest first; the caller holds mu.
func (s *Store) heads() []*head {
	return append(s.sealing[:len(s.sealing):len(s.sealing)], s.active)
}

// abandonWAL gives the current log up after an error of the disk: what it holds beyond its last good frame was not
// acknowledged and is never read, as the next log says. Until that can be made, nothing can be appended.
func (s *Store) abandonWAL(cause error) {
	w := s.committer.wal
	s.log.Error("log store abandons a write-ahead log", "file", w.name, "length", w.size, "error", cause)
	w.abandon()
	s.committer.wal = nil
	if err := s.startWAL(); err != nil {
		s.log.Error("log store cannot write, reads go on", "error", err)
	}
}
