package insights

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func numberedEvents(n int, message func(i int) string) []memEvent {
	events := make([]memEvent, n)
	for i := range events {
		events[i] = memEvent{timestamp: int64(i), ingestion: int64(i), arrival: uint64(i), stream: "s", message: message(i)}
	}
	return events
}

// TestMemory checks that what keeps too much ends with an error, and that the same query within its memory does not.
func TestMemory(t *testing.T) {
	t.Parallel()
	d := newMemData(t, 5000, numberedEvents(20_000, func(i int) string { return fmt.Sprintf(`{"id":"x%d","n":%d,"g":%d}`, i*7919, i, i%3) }))
	for _, query := range []string{
		"stats count(*) by id", "stats count(*) by n", "stats count(*) by id, n", "stats values(id) by g", "stats count_distinct(n) by id",
		"sort n desc | unnest id into x", "fields id | sort id", "dedup id", "stats count(*) by id | stats count(*) by id | sort id",
		"stats pct(n, 50) by n", "stats latest(id) by id", "stats sum(n), avg(n), min(id) by id",
	} {
		t.Run(query, func(t *testing.T) {
			t.Parallel()
			for bytes, want := range map[int64]error{200 << 10: ErrMemory, 256 << 20: nil} {
				q := mustCompile(t, query, Options{Within: wholeTime, MemoryBytes: bytes})
				if _, err := q.Run(t.Context(), d, nil, nil); !errors.Is(err, want) {
					t.Errorf("with %d bytes: %v, want %v", bytes, err, want)
				}
			}
		})
	}
}

// TestCancel stops queries when they begin to read.
func TestCancel(t *testing.T) {
	t.Parallel()
	d := newMemData(t, 500, numberedEvents(3000, func(i int) string { return fmt.Sprintf(`{"n":%d}`, i) }))
	because := errors.New("because")
	for _, query := range []string{"stats count(*) by n", "fields n | sort n | limit 10", "fields n", "filter n >= 0", "filter n + 1 > 0 | limit 5", "dedup n"} {
		ctx, cancel := context.WithCancelCause(t.Context())
		q := mustCompile(t, query, Options{Within: wholeTime})
		_, err := q.Run(ctx, &cancelledData{memData: d, cancel: func() { cancel(because) }}, nil, nil)
		if !errors.Is(err, because) && !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", query, err)
		}
	}
}

// cancelledData stops a query when it asks for data.
type cancelledData struct {
	*memData
	cancel func()
}

func (d *cancelledData) Groups() []string {
	d.cancel()
	return d.memData.Groups()
}

// TestStatistics checks what queries say that they looked at.
func TestStatistics(t *testing.T) {
	t.Parallel()
	events := numberedEvents(1000, func(i int) string { return fmt.Sprintf(`{"block":"b%d","n":%d}`, i/100, i%10) })
	d := newMemData(t, 100, events)
	bytes := int64(0)
	for _, e := range events {
		bytes += int64(len(e.message))
	}
	within := TimeRange{0, 500}
	for _, c := range []struct {
		query string
		want  Statistics
	}{
		{"stats count(*)", Statistics{500, 500, bytes / 2, 0, 0, 2}},
		{"filter n = 3 | stats count(*)", Statistics{50, 500, bytes / 2, 0, 0, 2}},
		{`filter block = "b2" | stats count(*)`, Statistics{100, 100, bytes / 10, 400, bytes * 4 / 10, 2}},
		{`filter @message like "nowhere" | stats count(*)`, Statistics{0, 0, 0, 500, bytes / 2, 2}},
		{"limit 20", Statistics{20, 20, bytes / 50, 0, 0, 2}},
	} {
		r, err := mustCompile(t, c.query, Options{Within: within}).Run(t.Context(), d, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		if r.Statistics != c.want {
			t.Errorf("%s: %+v, want %+v", c.query, r.Statistics, c.want)
		}
	}
}

// TestPartial has data that takes a second for each block, and looks at what is shown meanwhile.
func TestPartial(t *testing.T) {
	t.Parallel()
	d := newMemData(t, 100, numberedEvents(1000, func(i int) string { return fmt.Sprintf(`{"g":"g%d"}`, i%2) }))
	synctest.Test(t, func(t *testing.T) {
		q := mustCompile(t, "stats count(*) as n by g", Options{Within: wholeTime})
		var shown []Result
		last, err := q.Run(t.Context(), &slowData{d}, nil, func(r Result) { shown = append(shown, r) })
		if err != nil {
			t.Fatal(err)
		}
		if len(shown) < 10 {
			t.Fatalf("%d partial results", len(shown))
		}
		middle := shown[len(shown)/2]
		if n, _ := middle.Rows[0][1].AsNumber(); len(middle.Rows) != 2 || n <= 0 || n >= 500 || middle.Statistics.RecordsScanned != int64(2*n) {
			t.Errorf("half way: %s%+v", middle.show(), middle.Statistics)
		}
		if got := last.show(); got != "g=g0 n=500\ng=g1 n=500\n" {
			t.Errorf("at last:\n%s", got)
		}
	})
}

type slowData struct{ *memData }

func (d *slowData) Blocks(ctx context.Context, within TimeRange, visit func(int, *Block) error) error {
	return d.memData.visit(ctx, within, 0, 1, func(worker int, b *Block) error {
		time.Sleep(time.Second)
		return visit(worker, b)
	})
}

// TestPercentiles checks the three forms of a distribution.
func TestPercentiles(t *testing.T) {
	t.Parallel()
	for name, number := range map[string]func(i int) float64{
		"whole": func(i int) float64 { return float64(i % 1000) },
		"large": func(i int) float64 { return float64(i%1000) * 1e9 },
		"parts": func(i int) float64 { return float64(i%1000)/7 - 20 },
	} {
		for _, n := range []int{1000, 50_000} {
			var one, other, sum distribution
			for i := range n {
				if i%3 == 0 {
					one.add(number(i), 1)
				} else {
					other.add(number(i), 1)
				}
			}
			sum.merge(&one)
			sum.merge(&other)
			for _, p := range []float64{0, 1, 50, 90, 99, 100} {
				got, _ := sum.percentile(p).AsNumber()
				want := number(max(int(p*10)-1, 0))
				if diff := got - want; diff > 0.01*max(want, -want) || -diff > 0.01*max(want, -want) {
					t.Errorf("%s of %d: p%v is %v, want %v", name, n, p, got, want)
				}
				if name != "parts" && n == 1000 && got != want {
					t.Errorf("%s of %d: p%v is %v, want exactly %v", name, n, p, got, want)
				}
			}
		}
	}
}

// TestNearestRank asks for all whole percentiles of a hundred numbers.
func TestNearestRank(t *testing.T) {
	t.Parallel()
	var d distribution
	for i := range 100 {
		d.add(float64(i+1), 1)
	}
	for p := 1; p <= 100; p++ {
		if got, _ := d.percentile(float64(p)).AsNumber(); got != float64(p) {
			t.Errorf("p%d is %v", p, got)
		}
	}
}

// TestDistinct counts more than are counted exactly.
func TestDistinct(t *testing.T) {
	t.Parallel()
	const n = 60_000
	d := newMemData(t, 10_000, numberedEvents(n, func(i int) string { return fmt.Sprintf(`{"n":%d,"id":"i%d","few":%d}`, i, i, i%500) }))
	r := ask(t, d, "stats count_distinct(n), count_distinct(id), count_distinct(few)")
	for i, want := range []float64{n, n, 500} {
		got, _ := r.Rows[0][i].AsNumber()
		if diff := got/want - 1; diff > 0.03 || diff < -0.03 || want == 500 && got != want {
			t.Errorf("%s is %v, want about %v", r.Columns[i], got, want)
		}
	}
}

// TestOtherAggregates asks for those that the slow evaluator does not have.
func TestOtherAggregates(t *testing.T) {
	t.Parallel()
	d := newMemData(t, 7, numberedEvents(61, func(i int) string { return fmt.Sprintf(`{"n":%d,"k":"%s"}`, i, strings.Repeat("x", i%3)) }))
	for query, want := range map[string]string{
		"stats topk(2, k)":       "topk(2, k)= count=21\ntopk(2, k)=x count=20\n",
		"stats values(k) as v":   `v=["","x","xx"]` + "\n",
		"stats rate(n, 1s) as r": "r=1000\n",
		"stats count_over_time(n) as c, sum_over_time(n) as s": "c=61 s=1830\n",
		"stats histogram(n, 3) as h":                           `h={"0-20":20,"20-40":20,"40-60":21}` + "\n",
		"filter n > 100 | stats count(*)":                      "",
		"stats count(*) as n by bin(20ms) offset 1s": "bin(20ms)=1970-01-01 00:00:01.000 n=20\nbin(20ms)=1970-01-01 00:00:01.020 n=20\n" +
			"bin(20ms)=1970-01-01 00:00:01.040 n=20\nbin(20ms)=1970-01-01 00:00:01.060 n=1\n",
	} {
		if r := ask(t, d, query); r.show() != want {
			t.Errorf("%s:\n%swant\n%s", query, r.show(), want)
		}
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"limit 20": `scan: events in order, until there are 20
reads: @timestamp, @message, @ptr
order: newest first; the first 20
result: @timestamp, @message, @ptr; 100000 rows at most
`,
		`filter id = "x" and (status >= 400 or @message like /GET .*HTTP/) | parse @message "a*b" as p | stats count(*) as n, avg(ms) by p, bin(5m) | sort n desc | limit 3 | filter n > 1`: `scan: all blocks, on all processors
filter 1: id = "x": column id, found by filter
filter 2: (status >= 400: column status, once for each value) or (@message like /GET .*HTTP/: evaluated for messages that contain ["GET " "HTTP"])
parse p out of @message
reads: id, status, ms, @message, @timestamp
aggregate on each processor, then merge: count(*), avg(ms)
group by: p, bin(5m)
rows are made of the first 3 groups in the order of 1 keys
then filter n > 1
result: p, bin(5m), n, avg(ms); 100000 rows at most
`,
		`unnest list into x | pattern x`: `scan: all blocks, on all processors
reads: list
rows flow through the next 2 commands on each processor, in no order
then unnest list into x
then pattern x
result: @pattern, @ratio, @sampleCount, @severityLabel, @regexString, @PatternId; 10000 rows at most
`,
	} {
		if got := mustCompile(t, query, Options{Within: wholeTime}).Explain(); got != want {
			t.Errorf("%s:\n%swant\n%s", query, got, want)
		}
	}
}

// What blocks count by themselves is what counting row by row gives.
func TestCountedByBlocks(t *testing.T) {
	t.Parallel()
	var events []memEvent
	for i := range 600 {
		v := []string{`"a"`, `"b\"c"`, `"5"`}[i%7%3]
		events = append(events, memEvent{timestamp: int64(i), arrival: uint64(i), message: fmt.Sprintf(`{"k":%s,"n":%d,"on":%t}`, v, i%5, i%3 == 0)})
	}
	d := newMemData(t, 256, events)
	for _, by := range []string{"k", "n", "on", "absent"} {
		counted := ask(t, d, "stats count(*) as x, count() as y by "+by)
		slow := ask(t, d, "stats count(*) as x, count() as y, max(@timestamp) as z by "+by+" | display "+by+", x, y")
		if diff := cmp.Diff(fmt.Sprint(slow.Rows), fmt.Sprint(counted.Rows)); diff != "" {
			t.Errorf("by %s (-row by row +by blocks):\n%s", by, diff)
		}
	}
}
