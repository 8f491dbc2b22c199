package insights

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// flowEvents are events of which several come in the same moment.
func flowEvents(n int) []memEvent {
	events := numberedEvents(n, func(i int) string {
		return fmt.Sprintf(`{"n":%d,"u":"u%d","list":%s,"ms":%d,"id":"i%d","status":"%d"}`,
			i, i*7919%13, [...]string{"[]", `["a"]`, `["b","a"]`, `["c","b","a"]`}[i%4], i*7919%1009, i, 200+100*(i%50/49*3))
	})
	for i := range events {
		events[i].timestamp = int64(i/7) * 997 % int64(n)
		events[i].group = i % 2
	}
	return events
}

// TestFlowKeepsFirst asks what rows that flow give, and what the same commands give on rows that are all there.
func TestFlowKeepsFirst(t *testing.T) {
	t.Parallel()
	events := flowEvents(2500)
	ties := newMemData(t, 300, events)
	for i := range events {
		events[i].timestamp = int64(i) * 997 % 2503
	}
	unique := newMemData(t, 300, events)
	for _, query := range []string{
		"%s fields jsonParse(@message) as j | unnest j.list into x | display n, x | limit 7",
		"%s fields jsonParse(@message) as j | unnest j.list into x | display n, x",
		"%s fields jsonParse(@message) as j | unnest j.list into x | filter x = 'b' and n > 100 | display n, x | limit 9",
		"sort @timestamp asc | %s fields jsonParse(@message) as j | unnest j.list into x | display n, x | limit 31",
		"sort ms desc, u | %s fields jsonParse(@message) as j | unnest j.list into x | display n, x | limit 31",
		"filter u like /u[135]/ or @logStream = 's' | %s fields jsonParse(@message) as j | unnest j.list into x | display n, x | limit 5",
		"%s fields jsonParse(@message) as j | unnest j.list into x | sort x desc | display n, x | limit 12",
		"%s fields jsonParse(@message) as j | unnest j.list into x | sort x, ms | limit 12 | display n, x",
		"%s fields jsonParse(@message) as j | unnest j.list into x | sort x | display n, x",
		"%s sessionize u maxspan 50ms | display n, u, session_id | limit 20",
		"sort @timestamp asc | %s sessionize u maxspan 50ms | display n, u, session_id | limit 20",
		"sort ms desc | %s sessionize u maxspan 50ms | display n, u, session_id | limit 20",
		"filter ms > 300 and @logStream = 's' | %s sessionize u maxspan 50ms | stats count(*), min(n) by session_id | sort session_id",
		"%s sessionize u maxspan 50ms as s | filter s > 4 | sort s desc, n | display n, s",
		"%s outlier param=0.1 mark=true ms | display n, ms, outlier | limit 25",
		"%s outlier param=0.1 action=remove uselower=true ms | stats count(*), max(ms), min(ms)",
		"%s outlier param=0.1 ms | sort ms desc | display n, ms | limit 3",
		"%s sessionize u maxspan 50ms | outlier param=0.1 session_id | stats max(session_id), sum(session_id)",
		"%s outlier param=0.1 action=remove ms | sessionize u maxspan 50ms | stats max(session_id), sum(ms)",
		"%s relevantfields ms, u, id, status, none where n % 5 = 1",
		"%s relevantfields where n % 5 = 1",
	} {
		d := ties
		if strings.Contains(query, "sessionize") {
			d = unique // sessions that begin in the same moment have either's number
		}
		for _, within := range []TimeRange{wholeTime, {200, 900}} {
			flowing, whole := strings.Replace(query, "%s ", "", 1), strings.Replace(query, "%s ", "accum n as sum | ", 1)
			want, err := mustCompile(t, whole, Options{Within: within}).Run(t.Context(), d, nil, nil)
			if err != nil {
				t.Fatalf("%s: %v", whole, err)
			}
			q := mustCompile(t, flowing, Options{Within: within})
			if q.plan.scan.rows.flow == nil {
				t.Errorf("%s does not flow", flowing)
			}
			got, err := q.Run(t.Context(), d, nil, nil)
			if err != nil {
				t.Fatalf("%s: %v", flowing, err)
			}
			if diff := cmp.Diff(want.show(), got.show()); diff != "" || len(want.Rows) == 0 {
				t.Errorf("%s: %d rows (-whole +flowing):\n%s", flowing, len(want.Rows), diff)
			}
		}
	}
}

// TestFlowIsBounded runs queries over rows that together need many times the memory that there is.
func TestFlowIsBounded(t *testing.T) {
	t.Parallel()
	d := newMemData(t, 5000, flowEvents(12_000))
	for query, memory := range map[string]int64{
		"fields jsonParse(@message) as j | unnest j.list into x | limit 10":                                   1 << 20,
		"fields jsonParse(@message) as j | unnest j.list into x | filter x = 'nowhere' | limit 10":            1 << 20,
		"filter n + ms > 7 | fields jsonParse(@message) as j | unnest j.list into x | sort x desc | limit 10": 3 << 20,
		"sort ms | fields jsonParse(@message) as j | unnest j.list into x | limit 10":                         3 << 20,
		"sessionize u maxspan 50ms | limit 10":                                                                1 << 20,
		"sessionize u | stats count(*) by session_id":                                                         1 << 20,
		"outlier mark=true ms | display n | limit 10":                                                         1 << 20,
		"relevantfields n, id, u, ms where n % 3 = 0":                                                         3 << 20,
	} {
		if _, err := mustCompile(t, query, Options{Within: wholeTime, MemoryBytes: memory}).Run(t.Context(), d, nil, nil); err != nil {
			t.Errorf("%s: %v", query, err)
		}
	}
}

// TestFlowEndsEarly checks that a limit behind rows that flow in order ends the scan.
func TestFlowEndsEarly(t *testing.T) {
	t.Parallel()
	d := newMemData(t, 1000, flowEvents(20_000))
	for _, query := range []string{
		"fields jsonParse(@message) as j | unnest j.list into x | limit 10",
		"filter @message like 'u1' | fields jsonParse(@message) as j | unnest j.list into x | filter x = 'b' | limit 3",
		"sort @timestamp asc | sessionize u | limit 5",
	} {
		r, err := mustCompile(t, query, Options{Within: wholeTime}).Run(t.Context(), d, nil, nil)
		if err != nil || r.Statistics.RecordsScanned > 500*int64(runtime.GOMAXPROCS(0)) {
			t.Errorf("%s: %+v, %v", query, r.Statistics, err)
		}
	}
}

// TestRelevantBuckets compares fields of more values than are counted each for itself.
func TestRelevantBuckets(t *testing.T) {
	t.Parallel()
	const n = 20_000
	d := newMemData(t, 5000, numberedEvents(n, func(i int) string {
		path := fmt.Sprintf("/p%d", i)
		if i%5 == 0 && i%10 != 5 || i%50 == 1 {
			path = "/heavy"
		}
		return fmt.Sprintf(`{"slow":%d,"ms":%d,"path":"%s","id":"%x"}`, i%10/9, i%10/9*1000+i%5000, path, i)
	}))
	r := ask(t, d, "relevantfields ms, path, id where slow = 0")
	got := map[string][]string{}
	for _, row := range r.Rows {
		var texts []string
		for _, v := range row[1:] {
			texts = append(texts, v.Text())
		}
		got[row[0].Text()] = texts
	}
	// A tenth of the events is slow: all of these are 1000 further up of 5000.
	if score := got["ms"][0]; !strings.HasPrefix(score, "0.2") && !strings.HasPrefix(score, "0.19") {
		t.Errorf("ms: %v", got["ms"])
	}
	if !strings.Contains(got["path"][1], "/heavy (+13.3%)") {
		t.Errorf("path: %v", got["path"])
	}
	if len(r.Rows) != 3 || got["id"][0] != "0" {
		t.Errorf("%s", r.show())
	}
}

// TestManyGroups groups by a value that every event has for itself: the budget ends it, or it fits.
func TestManyGroups(t *testing.T) {
	t.Parallel()
	n, memory := 50_000, int64(3<<20)
	if text := os.Getenv("GROUP_EVENTS"); text != "" { // millions, by hand
		n, _ = strconv.Atoi(text)
		memory = DefaultMemoryBytes
	}
	d := newMemData(t, 50_000, numberedEvents(n, func(i int) string { return fmt.Sprintf(`{"id":"id-%d","n":%d}`, i, i) }))
	for query, fits := range map[string]bool{
		"stats count(*) as c by id":                                      false,
		"stats count(*) as c by id | sort c desc, id | limit 10":         false,
		"stats count(*) as c by id, n | stats count(*) by c":             false,
		"stats count(*) as c, pct(n, 50) as p by id | filter c > 5":      false,
		"stats count(*) as c by n % 20000 as m | sort c desc | limit 10": true,
	} {
		began := time.Now()
		_, err := mustCompile(t, query, Options{Within: wholeTime, MemoryBytes: memory}).Run(t.Context(), d, nil, nil)
		if fits && err != nil || !fits && !errors.Is(err, ErrMemory) {
			t.Errorf("%s: %v", query, err)
		}
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		t.Logf("%s: %v after %v, %d MiB from the system", query, err, time.Since(began), m.Sys>>20)
	}
}
