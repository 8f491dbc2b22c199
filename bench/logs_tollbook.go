package main

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"os"
	"runtime/pprof"
	"time"

	"github.com/tollbook/tollbook/accesslog"
	"github.com/tollbook/tollbook/logs"
	"github.com/tollbook/tollbook/logs/embedded"
	"github.com/tollbook/tollbook/logs/filterpattern"
)

// benchGroup is the log group that all entries are in; its streams have the IDs from 0 to accesslog.Streams-1.
const benchGroup logs.GroupID = 1

// tollbookStore is the log store of this tree, opened in this process.
type tollbookStore struct {
	dir        string
	cpuProfile string // a file for the profile of load, or empty
	store      *embedded.Store
}

func (t *tollbookStore) name() string { return "Tollbook" }

func (t *tollbookStore) open() (err error) {
	t.store, err = embedded.Open(t.dir, embedded.Options{Logger: slog.New(slog.NewTextHandler(os.Stderr, nil))})
	return err
}

func (t *tollbookStore) stop() {
	if t.store != nil {
		t.store.Close()
	}
}

// load appends as the gateway's access log does: 1,000 entries in a call, those of a stream together.
func (t *tollbookStore) load(ctx context.Context, src *source) (l loaded, err error) {
	if err := t.open(); err != nil {
		return l, err
	}
	stopProfile, err := profile(t.cpuProfile)
	if err != nil {
		return l, err
	}
	resetPeak()
	begin, before := time.Now(), ownCPU()
	f := startFeed(src)
	for c := range f.full {
		if err == nil {
			_, err = t.store.Append(ctx, c.batches)
		}
		f.free <- c
	}
	if err != nil {
		return l, err
	}
	awaitQuiet(ctx, 2*time.Second, ownCPU, func() bool { return t.store.Metrics().SealingHeads == 0 })
	stopProfile()
	l.cpu, l.took = ownCPU()-before-f.cpu, time.Since(begin)
	l.resident, l.peak = memory(os.Getpid())
	l.diskBytes = t.diskBytes(src.n)
	return l, nil
}

// diskBytes is what n entries need at rest, with those that are in the write-ahead log only taken to need as much as the
// others.
func (t *tollbookStore) diskBytes(n int) int64 {
	m := t.store.Metrics()
	if m.SegmentEvents == 0 {
		return 0
	}
	return m.SegmentBytes * int64(n) / m.SegmentEvents
}

// profile begins a CPU profile if file names one; stop ends it.
func profile(file string) (stop func(), err error) {
	if file == "" {
		return func() {}, nil
	}
	out, err := os.Create(file)
	if err != nil {
		return nil, err
	}
	return func() {
		pprof.StopCPUProfile()
		out.Close()
	}, pprof.StartCPUProfile(out)
}

// countingQueries are the questions that are Logs Insights queries; others are filter patterns.
var countingQueries = [questionKinds]string{
	countByStatus: "stats count(*) by status",
	latencyByPath: "stats count(*), pct(latency, 99) by resourcePath",
	countByClient: "stats count(*) as n by ip | sort n desc | limit 100",
}

func (t *tollbookStore) ask(ctx context.Context, q question) (answer string, took time.Duration, err error) {
	begin := time.Now()
	if query := countingQueries[q.kind]; query != "" {
		counts, err := countsOf(ctx, t.store, query)
		return countsAnswer(counts, q.kind.answerLimit()), time.Since(begin), err
	}
	filter, err := q.filter()
	if err != nil {
		return "", 0, err
	}
	n := 0
	for _, err := range t.store.Scan(ctx, logs.ScanQuery{Group: benchGroup, To: math.MaxInt64, Filter: filter}) {
		if err != nil {
			return "", 0, err
		}
		n++
	}
	return eventsAnswer(n), time.Since(begin), nil
}

// filter is the filter pattern "text", or { $.requestId = "text" }.
func (q question) filter() (*logs.Filter, error) {
	text := `"` + q.text + `"`
	if q.kind == entryByField {
		text = "{ $.requestId = " + text + " }"
	}
	p, err := filterpattern.Parse(text)
	if err != nil {
		return nil, err
	}
	return &logs.Filter{Match: p.Match, Implied: p.Condition()}, nil
}

// pageRead is a page that is read by itself.
type pageRead struct {
	title string
	query func(round int) logs.ScanQuery
	limit int // of events; a page is also full at 10,000 or 1 MiB
}

var pageReads = []pageRead{
	{"first 100 events of one stream", firstOfStream, 100},
	{"first page of one stream, 1 MiB", firstOfStream, math.MaxInt},
	{"last 100 events of one stream", lastOfStream, 100},
	{"last page of one stream, 1 MiB", lastOfStream, math.MaxInt},
	{"first 100 events of the group", func(int) logs.ScanQuery { return logs.ScanQuery{} }, 100},
}

// printReads measures pages of single streams and of the group, each first after the store was opened with nothing of its
// files in memory, then again.
func (t *tollbookStore) printReads(ctx context.Context, rounds int) error {
	var opened []time.Duration
	fmt.Printf("\n%-46s%24s%24s\n", "Tollbook, after it was opened", "first", "again")
	for _, read := range pageReads {
		var first, again []time.Duration
		for round := range rounds {
			took, err := t.reopen()
			if err != nil {
				return err
			}
			opened = append(opened, took)
			for _, times := range []*[]time.Duration{&first, &again} {
				took, err := t.readPage(ctx, read, round)
				if err != nil {
					return err
				}
				*times = append(*times, took)
			}
		}
		printCells(read.title, []string{formatTime(median(first)), formatTime(median(again))})
	}
	printCells("opening it", []string{formatTime(median(opened))})
	_, peak := memory(os.Getpid())
	printCells("memory at its peak, queries included", []string{fmt.Sprintf("%.0f MB", peak)})
	printCells("directory, write-ahead log included", []string{fmt.Sprintf("%.0f MB", float64(directoryBytes(t.dir))/1e6)})
	return nil
}

func firstOfStream(round int) logs.ScanQuery {
	return logs.ScanQuery{Streams: []logs.StreamID{logs.StreamID((17 + 59*round) % accesslog.Streams)}}
}

func lastOfStream(round int) logs.ScanQuery {
	q := firstOfStream(round)
	q.Descending = true
	return q
}

// reopen closes the store and opens it again with none of its files in the memory of the operating system.
func (t *tollbookStore) reopen() (took time.Duration, err error) {
	if err := t.store.Close(); err != nil {
		return 0, err
	}
	if err := forgetFiles(t.dir); err != nil {
		return 0, err
	}
	begin := time.Now()
	err = t.open()
	return time.Since(begin), err
}

// readPage reads as much as GetLogEvents answers with.
func (t *tollbookStore) readPage(ctx context.Context, read pageRead, round int) (time.Duration, error) {
	const pageEvents, pageBytes, overhead = 10_000, 1 << 20, 26
	q := read.query(round)
	q.Group, q.To = benchGroup, math.MaxInt64
	begin, events, bytes := time.Now(), 0, 0
	for e, err := range t.store.Scan(ctx, q) {
		if err != nil {
			return 0, err
		}
		events, bytes = events+1, bytes+len(e.Message)+overhead
		if events == min(read.limit, pageEvents) || bytes >= pageBytes {
			break
		}
	}
	if events == 0 {
		return 0, fmt.Errorf("%s: there are none", read.title)
	}
	return time.Since(begin), nil
}
