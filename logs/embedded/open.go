package embedded

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/klauspost/compress/zstd"

	"github.com/tollbook/tollbook/internal/vfs"
	"github.com/tollbook/tollbook/logs"
)

// Open opens the store in dir, which it makes if needed, and reads back what was acknowledged. Torn tails of write-ahead
// logs are cut, files that do not verify are set aside with a line in the log. A file of another format is ErrNewerFormat or
// ErrOldFormat and changes nothing. The caller sees to it that only one store uses dir.
func Open(dir string, opts Options) (*Store, error) {
	s := &Store{opts: opts.withDefaults(), dir: dir, dead: tombstones{}, garbage: map[string]bool{}}
	s.fs, s.log = s.opts.FS, s.opts.Logger
	if err := s.prepare(); err != nil {
		return nil, err
	}
	if err := s.recover(); err != nil {
		for _, g := range s.segments {
			g.release()
		}
		return nil, fmt.Errorf("open log store %s: %w", dir, err)
	}
	s.start()
	return s, nil
}

func (s *Store) prepare() error {
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxMemory(unpackLimit))
	if err != nil {
		return fmt.Errorf("make decompressor: %w", err)
	}
	if s.encoding, err = newEncoding(); err != nil {
		return err
	}
	s.env = &segmentEnv{fs: s.fs, dir: s.dir, dec: dec, cache: newCache(s.opts.CacheBytes), onCorrupt: s.reportCorrupt}
	s.active = s.newHead()
	s.workers = make(chan struct{}, runtime.GOMAXPROCS(0))
	s.committer = committer{wakeup: make(chan struct{}, 1), stopped: make(chan struct{}), nextSequence: 1, nextArrival: 1}
	s.sealer.worker, s.compactor.worker = newWorker(), newWorker()
	s.sealer.changed.L = &s.sealer.mu
	return nil
}

func (s *Store) start() {
	s.nextArrival.Store(s.committer.nextArrival)
	go s.runCommitter()
	go s.sealer.run(s.sealAll)
	go s.compactor.run(s.compactAll)
	s.sealer.wake()
	s.compactor.wake()
}

func (s *Store) reportCorrupt(err error) {
	s.metrics.corruptions.Add(1)
	s.log.Error("log store found damage on disk; the rest is served", "error", err)
}

// recover reads the directory. Nothing is changed before all that is found is known to be readable by this version.
func (s *Store) recover() error {
	if err := s.fs.MkdirAll(s.dir); err != nil {
		return err
	}
	names, err := s.fs.List(s.dir)
	if err != nil {
		return err
	}
	if err := s.openSegments(names); err != nil {
		return err
	}
	wals, err := s.openWALs(names)
	defer func() {
		for _, w := range wals {
			w.file.Close()
		}
	}()
	if err != nil {
		return err
	}
	if err := s.replayAll(wals); err != nil {
		return err
	}
	for _, name := range names {
		if isTemporary(name) {
			s.garbage[name] = false
		}
	}
	s.removeGarbage()
	return s.startWAL()
}

// openSegments opens the segments that count.
func (s *Store) openSegments(names []string) error {
	for _, name := range names {
		i, ok := parseSegmentName(name)
		if !ok {
			continue
		}
		s.generation.Store(max(s.generation.Load(), i.generation))
		s.committer.nextSequence = max(s.committer.nextSequence, i.last+1)
		g, err := openSegment(s.env, name)
		if errors.Is(err, logs.ErrCorrupt) {
			s.reportCorrupt(err)
			s.garbage[name] = true
			continue
		} else if err != nil {
			return err
		}
		s.segments = append(s.segments, g)
	}
	s.segments = slices.DeleteFunc(s.segments, s.dropReplaced(slices.Clone(s.segments)))
	slices.SortFunc(s.segments, byInterval)
	for _, g := range s.segments {
		s.adoptCheckpoint(g.checkpoint)
		for i := range g.blocks {
			s.adopt(g.blocks[i].lastArrival, g.blocks[i].lastIngestion)
		}
	}
	return nil
}

// dropReplaced reports whether another segment stands for one, which is then discarded.
func (s *Store) dropReplaced(all []*segment) func(*segment) bool {
	return func(g *segment) bool {
		replaced := slices.ContainsFunc(all, func(by *segment) bool { return by.interval.replaces(g.interval) })
		if replaced {
			s.garbage[g.name] = false
			g.release()
		}
		return replaced
	}
}

// adopt takes note of numbers that are in use.
func (s *Store) adopt(arrival uint64, ingestion logs.Millis) {
	s.committer.nextArrival = max(s.committer.nextArrival, arrival+1)
	s.committer.lastIngestion = max(s.committer.lastIngestion, ingestion)
}

func (s *Store) adoptCheckpoint(c *checkpoint) {
	s.committer.nextArrival = max(s.committer.nextArrival, c.nextArrival)
	s.committer.lastIngestion = max(s.committer.lastIngestion, c.lastIngestion)
	for i := range c.tombstones {
		s.addTombstone(&c.tombstones[i])
	}
}

// openWALs opens the write-ahead logs that no segment stands for, in order.
func (s *Store) openWALs(names []string) (wals []*walReader, err error) {
	for _, name := range names {
		sequence, ok := parseWALName(name)
		if !ok {
			continue
		}
		s.committer.nextSequence = max(s.committer.nextSequence, sequence+1)
		if slices.ContainsFunc(s.segments, func(g *segment) bool { return g.interval.covers(sequence) }) {
			s.garbage[name] = false
			continue
		}
		file, err := s.fs.Open(filepath.Join(s.dir, name))
		if err != nil {
			return wals, fmt.Errorf("open write-ahead log: %w", err)
		}
		w, err := openWAL(file, name, sequence)
		if errors.Is(err, logs.ErrCorrupt) {
			file.Close()
			s.reportCorrupt(err)
			s.garbage[name] = true
			continue
		}
		wals = append(wals, w)
		if err != nil {
			return wals, err
		}
	}
	slices.SortFunc(wals, func(a, b *walReader) int { return cmp.Compare(a.sequence, b.sequence) })
	return wals, nil
}

// replayAll fills heads from the write-ahead logs, and makes them durable: what is read from now on must not be lost.
func (s *Store) replayAll(wals []*walReader) error {
	lengths := map[uint64]int64{}
	for _, w := range wals {
		c, err := w.checkpoint()
		if err != nil && !errors.Is(err, logs.ErrCorrupt) && !errors.Is(err, errFrame) {
			return err
		}
		if err != nil {
			continue // replay reports it
		}
		s.adoptCheckpoint(c)
		for _, l := range c.wals {
			lengths[l.sequence] = l.length
		}
	}
	for _, w := range wals {
		length, known := lengths[w.sequence]
		if !known {
			length = -1
		}
		s.splitHead(w.sequence)
		if err := s.replay(w, length); err != nil {
			return err
		}
	}
	s.splitHead(s.committer.nextSequence)
	return nil
}

// splitHead begins another head before the log with the given sequence number if the present one is full, or if a segment
// lies between: no head may be sealed into a segment that seems to replace another.
func (s *Store) splitHead(sequence uint64) {
	if len(s.active.wals) == 0 {
		return
	}
	first := s.active.wals[0].sequence
	between := func(g *segment) bool { return first < g.interval.first && g.interval.first < sequence }
	if s.full() || slices.ContainsFunc(s.segments, between) {
		s.sealing = append(s.sealing, s.active)
		s.active = s.newHead()
	}
}

func (s *Store) replay(w *walReader, length int64) error {
	report, err := w.replay(length, s.replayFrame)
	if err != nil {
		return err
	}
	for _, damage := range report.damage {
		s.reportCorrupt(damage)
	}
	if report.cut > 0 {
		s.log.Warn("log store cut the torn tail of a write-ahead log", "file", w.name, "offset", report.end, "bytes", report.cut)
	}
	if err := w.file.Sync(); err != nil {
		return fmt.Errorf("sync %s: %w", w.name, err)
	}
	s.active.wals = append(s.active.wals, headWAL{walLength{w.sequence, report.end}, len(report.damage) > 0})
	return nil
}

// replayFrame takes in the records of a frame, all or none.
func (s *Store) replayFrame(payload []byte) error {
	var apply []func()
	err := splitRecords(payload, func(kind byte, record []byte) error {
		f, err := s.replayRecord(kind, record)
		apply = append(apply, f)
		return err
	})
	if err != nil {
		return err
	}
	for _, f := range apply {
		f()
	}
	return nil
}

func (s *Store) replayRecord(kind byte, record []byte) (apply func(), err error) {
	switch kind {
	case recordEvents:
		r, err := decodeEvents(record)
		return func() {
			s.active.add(r)
			s.adopt(r.arrival()+uint64(r.events)-1, r.ingestion())
		}, err
	case recordTombstone:
		t, err := decodeTombstone(record)
		return func() {
			s.addTombstone(t)
			s.active.drop(t)
		}, err
	case recordCheckpoint: // taken in before
		_, err := decodeCheckpoint(record)
		return func() {}, err
	}
	return nil, errRecord
}

// removeOrKeep removes a file, or sets it aside if it is damaged. One that is gone already is well.
func removeOrKeep(fsys vfs.FS, dir, name string, damaged bool) error {
	path := filepath.Join(dir, name)
	var err error
	if damaged {
		err = fsys.Rename(path, path+corruptSuffix)
	} else {
		err = fsys.Remove(path)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
