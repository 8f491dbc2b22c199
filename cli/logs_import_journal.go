package cli

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// record is how far the import of one file has come. A file is known by its content, not by its name: by a checksum of its
// first bytes and one of everything that is done, so that it may grow, be renamed or be compressed in between.
type record struct {
	ID        int64  `json:"id"`
	File      string `json:"file"` // its base name when it was seen last
	Stream    string `json:"stream"`
	Created   int64  `json:"created"` // when the stream was; another one of the name knows nothing of the file
	Head      string `json:"head"`    // SHA-256 of the first HeadBytes bytes
	HeadBytes int    `json:"headBytes"`
	Options   string `json:"options"`  // how lines get their times
	Fallback  int64  `json:"fallback"` // timestamp of lines without one
	Done      mark   `json:"done"`     // all before is in the stream, or was refused for good
	// Sending is where the batch behind Done ends that was being sent: whether the stream has it is to be found out.
	Sending int64 `json:"sending,omitempty"`
	Present int   `json:"present,omitempty"` // events at that batch's beginning that were in the stream before and were not sent
	Time    int64 `json:"time"`              // when this was written
}

// inDoubt tells whether the batch behind Done may be in the stream.
func (r *record) inDoubt() bool { return r.Sending > r.Done.Bytes }

// matches tells whether a file that begins with head may be the record's.
func (r *record) matches(head []byte) bool {
	return len(head) >= r.HeadBytes && checksum(head[:r.HeadBytes]) == r.Head
}

func checksum(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// journal keeps the records of one log group in a file of JSON lines: the last line of an ID counts. It need not survive a
// loss of power, since what it has forgotten is compared with the stream. It is safe for concurrent use; a lock keeps other
// processes out.
type journal struct {
	mu      sync.Mutex
	file    *os.File
	lock    *flock.Flock
	records map[int64]record
	lastID  int64
}

// openJournal opens the journal of a group in dir, waiting for another process that has it; wait is called before.
func openJournal(ctx context.Context, dir, group string, wait func()) (*journal, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the directory of import records: %w", err)
	}
	path := filepath.Join(dir, checksum([]byte(group))[:16]+".jsonl")
	j := &journal{lock: flock.New(path + ".lock"), records: map[int64]record{}}
	if ok, err := j.lock.TryLock(); err != nil {
		return nil, fmt.Errorf("lock import records: %w", err)
	} else if !ok {
		wait()
		if _, err := j.lock.TryLockContext(ctx, 100*time.Millisecond); err != nil {
			return nil, fmt.Errorf("lock import records %s: %w", path, err)
		}
	}
	if err := j.load(path); err != nil {
		j.lock.Unlock()
		return nil, fmt.Errorf("read import records: %w", err)
	}
	return j, nil
}

// load reads the records and puts the file in order. A line that was cut by a crash is left out.
func (j *journal) load(path string) error {
	data, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	for line := range bytes.Lines(data) {
		var r record
		if json.Unmarshal(line, &r) == nil && r.ID > 0 {
			j.records[r.ID] = r
			j.lastID = max(j.lastID, r.ID)
		}
	}
	if err := replaceFile(path, j.writeAll); err != nil {
		return err
	}
	j.file, err = os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0o600)
	return err
}

func (j *journal) writeAll(w io.Writer) error {
	b := bufio.NewWriter(w)
	enc := json.NewEncoder(b)
	for _, id := range slices.Sorted(maps.Keys(j.records)) {
		if err := enc.Encode(j.records[id]); err != nil {
			return err
		}
	}
	return b.Flush()
}

// candidates returns the records that a file that begins with head may have, the least advanced first.
func (j *journal) candidates(head []byte) []record {
	j.mu.Lock()
	defer j.mu.Unlock()
	var found []record
	for _, r := range j.records {
		if r.matches(head) {
			found = append(found, r)
		}
	}
	slices.SortFunc(found, func(a, b record) int {
		if a.Done.Bytes != b.Done.Bytes {
			return int(min(max(a.Done.Bytes-b.Done.Bytes, -1), 1))
		}
		return int(a.ID - b.ID)
	})
	return found
}

// newID gives a record of a new file its ID.
func (j *journal) newID() int64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lastID++
	return j.lastID
}

// write replaces the record of the same ID.
func (j *journal) write(r record) error {
	r.Time = time.Now().UnixMilli()
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.records[r.ID] = r
	if _, err := j.file.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("write import record: %w", err)
	}
	return nil
}

func (j *journal) close() error {
	err := j.file.Close()
	if unlock := j.lock.Unlock(); err == nil {
		err = unlock
	}
	return err
}

// stateDir is where programs keep what should outlive a restart and is no configuration (XDG base directories).
func stateDir() (string, error) {
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "tollbook", "imports"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("find a place for import records (--state names one): %w", err)
	}
	return filepath.Join(home, ".local", "state", "tollbook", "imports"), nil
}
