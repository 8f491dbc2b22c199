package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/tollbook/tollbook/bench/entries"
)

// logDatabase is one side of the comparison.
type logDatabase interface {
	name() string
	// load takes in all entries of src and returns when nothing is left to do in the background.
	load(ctx context.Context, src *source) (loaded, error)
	// ask answers a question, and tells how long that took. The answer has the same form for every database. The error may
	// be errNotAsked or errNotBuilt.
	ask(ctx context.Context, q question) (answer string, took time.Duration, err error)
	stop()
}

// loaded is what a database has needed so far. Zero stands for unknown.
type loaded struct {
	cpu       time.Duration
	took      time.Duration
	diskBytes int64 // of the entries at rest
	resident  float64
	peak      float64 // of the resident memory; like resident in MB
}

var (
	errNotAsked = errors.New("a question that this database cannot be asked")
	errNotBuilt = errors.New("not built")
)

// question is what all databases are asked, with the text that it is about.
type question struct {
	kind questionKind
	text string
}

type questionKind int

const (
	countByStatus   questionKind = iota
	latencyByPath                // the number of entries and the 99th percentile of latency for each resourcePath
	countByClient                // the ten addresses with the most entries
	entriesWithText              // entries with a text anywhere
	entryByTerm                  // the entry with a request ID, as a text anywhere
	entryByField                 // the entry whose field requestId has a value
	questionKinds
)

var questionTitles = [questionKinds]string{
	"count by status", "count, p99(latency) by resourcePath", "count by ip, first ten", "10 hex digits of an ID anywhere",
	"one request ID anywhere", "one request ID in its field",
}

// askedAgain tells for which questions the second asking is measured too, as databases remember what they found.
func (k questionKind) askedAgain() bool { return k >= entriesWithText }

// needle is the text for a question about the entry with that request ID.
func (k questionKind) needle(requestID string) string {
	switch k {
	case entriesWithText:
		return requestID[len(requestID)-11 : len(requestID)-1]
	case entryByTerm, entryByField:
		return requestID
	}
	return ""
}

// logsStoreTable compares Tollbook's log store, in this process, with ClickHouse and VictoriaLogs: the same entries, the
// same questions, interleaved, each round about other entries.
func logsStoreTable(s settings) error {
	ctx, cancel := context.WithTimeout(context.Background(), s.limit)
	defer cancel()
	ctx, release := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM) // so that the directory is removed
	defer release()
	dir, err := os.MkdirTemp("", "tollbook-bench-logs")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	own := &tollbookStore{dir: dir + "/tollbook", cpuProfile: s.cpuProfile}
	c := comparison{settings: s, databases: append([]logDatabase{own}, startPeers(ctx, s, dir)...)}
	defer c.stop()
	if err := c.load(ctx); err != nil {
		return err
	}
	if err := c.askAll(ctx); err != nil {
		return err
	}
	c.print()
	return own.printReads(ctx, s.rounds)
}

// startPeers starts the databases that are wanted and installed, and says which are not.
func startPeers(ctx context.Context, s settings, dir string) (peers []logDatabase) {
	for _, peer := range []struct {
		name  string
		start func(context.Context, string) ([]logDatabase, error)
	}{{"clickhouse", startClickHouse}, {"victorialogs", startVictoriaLogs}} {
		if !slices.Contains(strings.Split(s.peers, ","), peer.name) {
			continue
		}
		started, err := peer.start(ctx, dir+"/"+peer.name)
		if err != nil {
			fmt.Printf("without %s: %v\n", peer.name, err)
			continue
		}
		peers = append(peers, started...)
	}
	return peers
}

// comparison is one run.
type comparison struct {
	settings
	databases  []logDatabase
	loaded     []loaded // by database
	requestIDs []string // of one entry for each round
	entryBytes int64    // of all entries
	times      [questionKinds][2][]timing
}

// timing is how long a database took for one question, in each round, or why it was not asked.
type timing struct {
	took []time.Duration
	why  error
}

func (c *comparison) stop() {
	for _, db := range c.databases {
		db.stop()
	}
}

func (c *comparison) load(ctx context.Context) error {
	for _, db := range c.databases {
		src := newSource(c.entries, c.rounds)
		l, err := db.load(ctx, src)
		if err != nil {
			return fmt.Errorf("load %d entries into %s: %w", c.entries, db.name(), err)
		}
		fmt.Fprintf(os.Stderr, "%s: loaded in %v\n", db.name(), l.took.Round(time.Second))
		c.loaded = append(c.loaded, l)
		c.requestIDs, c.entryBytes = src.requestIDs, src.bytes
	}
	return nil
}

func (c *comparison) askAll(ctx context.Context) error {
	for kind := range questionKinds {
		for again := range c.times[kind] {
			c.times[kind][again] = make([]timing, len(c.databases))
		}
	}
	for _, requestID := range c.requestIDs {
		for kind := range questionKinds {
			if err := c.askOnce(ctx, question{kind, kind.needle(requestID)}); err != nil {
				return err
			}
		}
	}
	return nil
}

// askOnce puts one question to all databases and compares their answers.
func (c *comparison) askOnce(ctx context.Context, q question) error {
	first := ""
	for i, db := range c.databases {
		for again := range 2 {
			if again == 1 && !q.kind.askedAgain() {
				continue
			}
			t := &c.times[q.kind][again][i]
			answer, took, err := db.ask(ctx, q)
			if errors.Is(err, errNotAsked) || errors.Is(err, errNotBuilt) {
				t.why = err
				continue
			} else if err != nil {
				return fmt.Errorf("ask %s for %s: %w", db.name(), questionTitles[q.kind], err)
			}
			t.took = append(t.took, took)
			if first == "" {
				first = answer
			} else if answer != first {
				fmt.Printf("%s: %s gives another answer:\n%s\ninstead of\n%s\n", questionTitles[q.kind], db.name(), answer, first)
			}
		}
	}
	return nil
}

// source makes the entries, always the same, and remembers the request IDs of a few that lie apart.
type source struct {
	generator  *entries.Generator
	made, n    int
	samples    int
	requestIDs []string
	bytes      int64
}

func newSource(n, samples int) *source {
	return &source{generator: entries.New(entries.Seed), n: n, samples: samples}
}

// append appends the next entry; ok is false after the last.
func (s *source) append(buf []byte) (longer []byte, e entries.Entry, ok bool) {
	if s.made == s.n {
		return buf, entries.Entry{}, false
	}
	longer, e = s.generator.Append(buf)
	// The middles of as many equal parts as samples are wanted.
	if k := len(s.requestIDs); k < s.samples && s.made >= (2*k+1)*s.n/(2*s.samples) {
		s.requestIDs = append(s.requestIDs, string(longer[e.RequestID:][:entries.RequestIDLen]))
	}
	s.made++
	s.bytes += int64(len(longer) - len(buf))
	return longer, e, true
}
