package insights

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tollbook/tollbook/logs/columnar"
	"github.com/tollbook/tollbook/logs/insights/syntax"
	"github.com/tollbook/tollbook/logs/insights/value"
)

// memEvent is an event of memData.
type memEvent struct {
	group                int
	timestamp, ingestion int64
	arrival              uint64
	stream, message      string
}

func (e *memEvent) pointer() string { return fmt.Sprintf("ptr-%d", e.arrival) }

// memData is events in blocks.
type memData struct {
	groups []string
	events []memEvent // by position
	blocks []memBlock
}

type memBlock struct {
	block  *columnar.Block
	events []memEvent
}

var _ Data = (*memData)(nil)

// newMemData puts events into blocks of a size.
func newMemData(t testing.TB, blockRows int, events []memEvent) *memData {
	t.Helper()
	d := &memData{groups: []string{"123456789012:a", "123456789012:b"}, events: slices.Clone(events)}
	sortEvents(d.events)
	encoder := columnar.NewEncoder()
	for group := range d.groups {
		var of []memEvent
		for _, e := range d.events {
			if e.group == group {
				of = append(of, e)
			}
		}
		for chunk := range slices.Chunk(of, blockRows) {
			d.blocks = append(d.blocks, newMemBlock(t, encoder, chunk))
		}
	}
	return d
}

func sortEvents(events []memEvent) {
	slices.SortStableFunc(events, func(a, b memEvent) int {
		return cmp.Or(cmp.Compare(a.timestamp, b.timestamp), cmp.Compare(a.ingestion, b.ingestion), cmp.Compare(a.arrival, b.arrival))
	})
}

func newMemBlock(t testing.TB, encoder *columnar.Encoder, events []memEvent) memBlock {
	t.Helper()
	var rows columnar.Rows
	for _, e := range events {
		rows.Timestamps, rows.Ingestions = append(rows.Timestamps, e.timestamp), append(rows.Ingestions, e.ingestion)
		rows.Arrivals, rows.Messages = append(rows.Arrivals, e.arrival), append(rows.Messages, e.message)
	}
	encoded := encoder.Append(nil, &rows)
	block, err := columnar.Open(bytes.NewReader(encoded), int64(len(encoded)))
	if err != nil {
		t.Fatal(err)
	}
	return memBlock{block, events}
}

func (d *memData) Groups() []string { return d.groups }

// Blocks visits on two goroutines.
func (d *memData) Blocks(ctx context.Context, within TimeRange, visit func(worker int, b *Block) error) error {
	workers := min(2, runtime.GOMAXPROCS(0))
	var running sync.WaitGroup
	errs := make([]error, workers)
	for worker := range workers {
		running.Go(func() { errs[worker] = d.visit(ctx, within, worker, workers, visit) })
	}
	running.Wait()
	return errors.Join(append(errs, ctx.Err())...)
}

func (d *memData) visit(ctx context.Context, within TimeRange, worker, workers int, visit func(worker int, b *Block) error) error {
	for i := worker; i < len(d.blocks) && ctx.Err() == nil; i += workers {
		m := &d.blocks[i]
		var rows columnar.Bitmap
		for row := range m.events {
			if at := m.events[row].timestamp; at >= within.From && at < within.To {
				rows.Set(row)
			}
		}
		if !rows.Any() {
			continue
		}
		b := &Block{
			Block: m.block, Group: m.events[0].group, Rows: &rows,
			Stream: func(row int) (string, error) { return m.events[row].stream, nil },
			Pointer: func(row int, _, _ int64, arrival uint64) (string, error) {
				return fmt.Sprintf("ptr-%d", arrival), nil
			},
		}
		if err := visit(worker, b); err != nil {
			return err
		}
	}
	return nil
}

func (d *memData) Events(
	_ context.Context, within TimeRange, newestFirst bool, filter *EventFilter,
) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		events := slices.Clone(d.events)
		if newestFirst {
			slices.Reverse(events)
		}
		for _, e := range events {
			if e.timestamp < within.From || e.timestamp >= within.To {
				continue
			}
			if filter != nil {
				if filter.Loose(1, int64(len(e.message))); !filter.Match(e.message) {
					continue
				}
			}
			out := Event{
				Group: e.group, Timestamp: e.timestamp, Ingestion: e.ingestion, Message: e.message,
				Stream:  func() (string, error) { return e.stream, nil },
				Pointer: func() (string, error) { return e.pointer(), nil },
			}
			if !yield(out, nil) {
				return
			}
		}
	}
}

var wholeTime = TimeRange{-1 << 60, 1 << 60}

// ask compiles and runs a query.
func ask(t testing.TB, d Data, text string) Result {
	t.Helper()
	q := mustCompile(t, text, Options{Within: wholeTime, Now: 1_800_000_000_000})
	r, err := q.Run(t.Context(), d, nil, nil)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return r
}

func mustCompile(t testing.TB, text string, o Options) *Query {
	t.Helper()
	parsed, err := syntax.ParseQuery(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	q, err := Compile(parsed, o)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return q
}

// show prints rows, each field that is there as name=value.
func (r *Result) show() string {
	var out strings.Builder
	for _, row := range r.Rows {
		sep := ""
		for i, v := range row {
			if !v.IsNull() {
				fmt.Fprintf(&out, "%s%s=%s", sep, r.Columns[i], v.Text())
				sep = " "
			}
		}
		out.WriteByte('\n')
	}
	return out.String()
}

// TestExamples are those of the specification (§6.8).
func TestExamples(t *testing.T) {
	t.Parallel()
	const base = 1767261600000 // 2026-01-01 10:00:00
	d := newMemData(t, 100, []memEvent{
		{timestamp: base + 1000, arrival: 1, stream: "s", message: `{"requestId":"a","status":"200","path":"/x","responseLatency":12}`},
		{timestamp: base + 20000, arrival: 2, stream: "s", message: `{"requestId":"b","status":"502","path":"/x","responseLatency":40}`},
		{timestamp: base + 360000, arrival: 3, stream: "s", message: `{"requestId":"c","status":"404","path":"/y","responseLatency":8}`},
	})
	for query, want := range map[string]string{
		"fields @timestamp, status | sort @timestamp asc | limit 1":                                "@timestamp=2026-01-01 10:00:01.000 status=200 @ptr=ptr-1\n",
		"filter status >= 400 and status <= 499 | fields requestId":                                "requestId=c @ptr=ptr-3\n",
		"stats count(*) as n by path | sort n desc":                                                "path=/x n=2\npath=/y n=1\n",
		"stats avg(responseLatency) by bin(5m) | sort `bin(5m)`":                                   "bin(5m)=2026-01-01 10:00:00.000 avg(responseLatency)=26\nbin(5m)=2026-01-01 10:05:00.000 avg(responseLatency)=8\n",
		`parse @message '"path":"*"' as p | stats count_distinct(p) as d`:                          "d=2\n",
		"fields strcontains(path,\"x\") as hit | filter hit = 1 | display requestId":               "requestId=b @ptr=ptr-2\nrequestId=a @ptr=ptr-1\n",
		`filter @message like /(?i)"STATUS":"5/ | fields requestId`:                                "requestId=b @ptr=ptr-2\n",
		"stats sum(responseLatency)/count(*) as m":                                                 "m=20\n",
		`filter path in ["/y"] and ispresent(requestId) | display requestId, status = "404" as nf`: "requestId=c nf=1 @ptr=ptr-3\n",
		`fields jsonParse(@message) as j | filter j.status = "502" | display j.requestId`:          "j.requestId=b @ptr=ptr-2\n",
		"sort @timestamp desc | dedup path | limit 10 | display requestId":                         "requestId=c @ptr=ptr-3\nrequestId=b @ptr=ptr-2\n",
		"fields requestid": "@ptr=ptr-3\n@ptr=ptr-2\n@ptr=ptr-1\n",
	} {
		if strings.Contains(query, "dedup") {
			query = strings.Replace(query, "| limit 10 | display requestId", "| limit 10", 1)
			want = "@timestamp=2026-01-01 10:06:00.000 @message=" + d.events[2].message + " @ptr=ptr-3\n" +
				"@timestamp=2026-01-01 10:00:20.000 @message=" + d.events[1].message + " @ptr=ptr-2\n"
		}
		r := ask(t, d, query)
		if got := r.show(); got != want {
			t.Errorf("%s:\n%swant\n%s", query, got, want)
		}
	}
}

func (r *Result) newRow() []value.Value { return make([]value.Value, len(r.Columns)) }
