package insights

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tollbook/tollbook/logs/insights/syntax"
)

// TestDifferential compares random queries on random events with the slow evaluator.
func TestDifferential(t *testing.T) {
	t.Parallel()
	for seed := range int64(20) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewSource(seed))
			d := newMemData(t, 1+r.Intn(200), randomEvents(r, 1+r.Intn(300)))
			for range 25 {
				compareWithSlow(t, d, r, randomQuery(r))
			}
		})
	}
}

func compareWithSlow(t *testing.T, d *memData, r *rand.Rand, text string) {
	t.Helper()
	within := wholeTime
	if r.Intn(3) == 0 {
		within = TimeRange{r.Int63n(1000) * 50, 20_000 + r.Int63n(1000)*50}
	}
	parsed, err := syntax.ParseQuery(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	q, err := Compile(parsed, Options{Within: within})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	got, err := q.Run(t.Context(), d, nil, nil)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	columns, rows := slowly(t, d, parsed, within)
	if diff := cmp.Diff(columns, got.Columns); diff != "" {
		t.Fatalf("%s: columns\n%s", text, diff)
	}
	want := Result{Columns: columns}
	for _, row := range rows {
		values := want.newRow()
		for i, name := range columns {
			values[i] = row[name]
		}
		want.Rows = append(want.Rows, values)
	}
	a, b := shownRows(&want), shownRows(&got)
	if strings.Contains(text, "stats") {
		slices.Sort(a)
		slices.Sort(b)
	}
	if diff := cmp.Diff(a, b); diff != "" {
		t.Fatalf("%s\nwithin %v, -slow +query:\n%s\n%s", text, within, diff, q.Explain())
	}
}

// shownRows prints rows; of numbers that are not whole only the first digits.
func shownRows(r *Result) []string {
	lines := make([]string, len(r.Rows))
	for i, row := range r.Rows {
		for k, v := range row {
			if v.IsNull() {
				continue
			}
			text := v.Text()
			if n, ok := v.AsNumber(); ok && strings.ContainsAny(text, ".e") && !strings.Contains(text, ":") {
				text = fmt.Sprintf("%.9g", n)
			}
			lines[i] += r.Columns[k] + "=" + text + "; "
		}
	}
	return lines
}

func pick[T any](r *rand.Rand, all ...T) T { return all[r.Intn(len(all))] }

func randomEvents(r *rand.Rand, n int) (events []memEvent) {
	looks := []func(*rand.Rand) string{accessLook, accessLook, accessLook, nestedLook, textLook, oddLook}
	if r.Intn(3) == 0 {
		looks = looks[:1+r.Intn(len(looks))]
	}
	for i := range n {
		events = append(events, memEvent{
			group: r.Intn(2), timestamp: 1000 * r.Int63n(60), ingestion: 60_000 + int64(i/10), arrival: uint64(100_000 + i),
			stream: pick(r, "s1", "s2", "s3"), message: pick(r, looks...)(r),
		})
	}
	return events
}

func accessLook(r *rand.Rand) string {
	return fmt.Sprintf(`{"id":"%08x","ip":"10.0.%d.%d","status":"%d","path":"%s","lat":%d,"ok":%v,"t":%.2f}`, r.Uint32(), r.Intn(3), r.Intn(9),
		pick(r, 200, 200, 201, 404, 500), pick(r, "/a", "/b", "/b/c", "/ü"), r.Intn(50), r.Intn(2) == 0, r.Float64()*10)
}

func nestedLook(r *rand.Rand) string {
	return pick(r,
		fmt.Sprintf(`{"a":{"b":%d,"c":["x",%d]},"status":%d,"lat":%s}`, r.Intn(4), r.Intn(3), pick(r, 200, 404), pick(r, "null", `"-"`, "7", "3.5")),
		fmt.Sprintf(`{"a":{"b":%d},"a.b":"%d"}`, r.Intn(4), r.Intn(4)),
		fmt.Sprintf(`{"@type":"%s","status":"%d","path":"a\"b%d"}`, pick(r, "x", "y"), pick(r, 200, 500), r.Intn(2)))
}

func textLook(r *rand.Rand) string {
	return pick(r,
		fmt.Sprintf("INFO user=%s took %d ms", pick(r, "ann", "bob"), r.Intn(30)),
		fmt.Sprintf(`WARN {"status":"%d","lat":%d} retried`, pick(r, 200, 503), r.Intn(9)),
		"", " ", "plain text", "[1,2]")
}

func oddLook(r *rand.Rand) string {
	if r.Intn(10) == 0 { // more fields than are found
		var b strings.Builder
		for i := range 205 {
			fmt.Fprintf(&b, `"f%d":%d,`, i, i)
		}
		return "{" + b.String() + `"status":"200","path":"/z"}`
	}
	return pick(r, `{"status":"200","status":"404"}`, `{"status":"200"`, `{"status":"200"}}`, `{}`, `{"a":{}}`, ` {"lat":1e1,"status":"2e2"}`, `{"path":""}`,
		`{"status":true,"path":null}`)
}

func randomQuery(r *rand.Rand) string {
	var cmds []string
	fields := []string{"status", "path", "lat", "ip", "id", "ok", "t", "a.b", "a.c.1", "@@type", "user", "@logStream", "@log", "f3", "f204"}
	aliases := 0
	for range r.Intn(4) {
		switch r.Intn(6) {
		case 0, 1, 2:
			cmds = append(cmds, "filter "+randomCondition(r, fields, 2))
		case 3, 4:
			aliases++
			name := fmt.Sprint("x", aliases)
			cmds = append(cmds, "fields "+pick(r, fields...)+", "+randomExpression(r, fields)+" as "+name)
			fields = append(fields, name, name)
		case 5:
			aliases++
			name := fmt.Sprint("p", aliases)
			cmds = append(cmds, pick(r, `parse @message "user=* took" as `, `parse @message '"status":"*"' as `, `parse path "/*" as `,
				`parse @message /took (?<`+name+`>\d+)/ # `, `parse @message "*at*" as q`+name+", ")+name+"\n")
			fields = append(fields, name, name)
		}
	}
	switch r.Intn(4) {
	case 0, 1:
		cmds = append(cmds, randomStats(r, fields))
	case 2:
		cmds = append(cmds, randomRows(r, fields)...)
	}
	if len(cmds) == 0 {
		return "limit 7"
	}
	return strings.Join(cmds, " | ")
}

func randomRows(r *rand.Rand, fields []string) (cmds []string) {
	if r.Intn(2) == 0 {
		keys := "@timestamp"
		if r.Intn(2) == 0 {
			keys = pick(r, fields...)
		}
		cmds = append(cmds, "sort "+keys+pick(r, "", " desc", " asc"))
		if r.Intn(3) == 0 {
			cmds = append(cmds, "filter "+randomCondition(r, fields, 1))
		}
	}
	if r.Intn(3) == 0 {
		cmds = append(cmds, "display "+pick(r, fields...)+", @ingestionTime")
	}
	switch r.Intn(3) {
	case 0:
		cmds = append(cmds, "dedup "+pick(r, "status", "path, status", "lat"))
	case 1:
		cmds = append(cmds, fmt.Sprint("limit ", 1+r.Intn(20)))
	}
	return cmds
}

func randomStats(r *rand.Rand, fields []string) string {
	var aggs []string
	for i := range 1 + r.Intn(3) {
		f := pick(r, fields...)
		if r.Intn(3) == 0 {
			f = randomExpression(r, fields)
		}
		aggs = append(aggs, fmt.Sprint(pick(r, "count(*)", "count("+f+")", "sum("+f+")", "avg("+f+")", "min("+f+")", "max("+f+")", "pct("+f+", 90)",
			"median("+f+")", "stddev("+f+")", "variance("+f+")", "count_distinct("+f+")", "earliest("+f+")", "latest("+f+")", "sortsFirst("+f+")",
			"sortsLast("+f+")"), " as g", i))
	}
	text := "stats " + strings.Join(aggs, ", ")
	var by []string
	for i := range r.Intn(4) {
		key := pick(r, pick(r, fields...), "bin(5s)", randomExpression(r, fields))
		by = append(by, fmt.Sprint(key, " as k", i))
	}
	if len(by) > 0 {
		text += " by " + strings.Join(by, ", ")
	}
	if len(by) == 0 {
		return text
	}
	switch r.Intn(4) {
	case 0:
		text += " | stats count(*) as n, max(g0) as m by k0"
	case 1:
		text += " | sort g0" + pick(r, "", " desc")
		for i := range by {
			text += fmt.Sprint(", k", i)
		}
		text += fmt.Sprint(" | limit ", 1+r.Intn(5))
	}
	return text
}

func randomCondition(r *rand.Rand, fields []string, depth int) string {
	if depth > 0 && r.Intn(2) == 0 {
		return "(" + randomCondition(r, fields, depth-1) + pick(r, " and ", " or ") + randomCondition(r, fields, depth-1) + ")"
	}
	f := pick(r, fields...)
	c := pick(r, f+` = "200"`, f+" = 200", f+" != 404", f+" >= 300", f+" < 10", f+` in ["200", "/a", 7]`, f+` not in ["/b", 500]`, "ispresent("+f+")",
		f+` like "/b"`, f+" like /[0-4]0/", f+` not like "a"`, `@message like "took"`, "@message like /status\":\"(200|404)/", `@message like /(?i)INFO|ip/`,
		`strcontains(@message, "b")`, "@timestamp > 20000", `@logStream = "s1"`, f+" = "+pick(r, fields...), "strlen("+f+") > 2", "isempty("+f+")",
		`path = "/ü"`, `path = "a\"b1"`, `ok = 1`, `a.b = 2`, `@@type = "x"`, f)
	if r.Intn(5) == 0 {
		return "not (" + c + ")"
	}
	return c
}

func randomExpression(r *rand.Rand, fields []string) string {
	f := pick(r, fields...)
	return pick(r, "strlen("+f+")", f+" + 1", "lat * 2", "concat("+f+`, "-", path)`, "coalesce("+f+", 0)", "toupper("+f+")", "lat + t", "bin(10s)",
		"status >= 400", "strlen(@message)", `if(lat > 20, "slow", status)`, "abs("+f+")", "datefloor(@timestamp, 7s)", "@timestamp")
}
