package insights

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/tollbook/tollbook/logs/insights/syntax"
	"github.com/tollbook/tollbook/logs/insights/value"
)

func TestDiff(t *testing.T) {
	t.Parallel()
	day := int64(86_400_000)
	within := TimeRange{100 * day, 101 * day}
	for _, c := range []struct {
		query string
		asked TimeRange
	}{
		{"diff", TimeRange{99 * day, 100 * day}},
		{"diff previousDay", TimeRange{99 * day, 100 * day}},
		{"diff previousWeek", TimeRange{93 * day, 94 * day}},
		{"diff previousMonth", TimeRange{69 * day, 70 * day}}, // 1970-04-11 and 1970-03-11
		{"logcompare timeshift 2d", TimeRange{98 * day, 99 * day}},
		{"logcompare timeshift 1q", TimeRange{10 * day, 11 * day}},
		{"filter @message != 'not me' | pattern @message | diff", TimeRange{99 * day, 100 * day}},
	} {
		in := readTable("@message\nGET /a 200\nGET /a 201\nGET /a 202\nnew thing\nnot me\nsame")
		asked := TimeRange{}
		e := &env{within: within, scan: func(_ context.Context, w TimeRange) (*table, error) {
			asked = w
			return readTable("@message\nGET /a 300\ngone now\ngone now\nnot me\nsame"), nil
		}}
		out, _, err := runSteps(t, c.query, in, e)
		if err != nil {
			t.Fatalf("%s: %v", c.query, err)
		}
		if asked != c.asked {
			t.Errorf("%s asked for days %d to %d", c.query, asked.From/day, asked.To/day)
		}
		want := "@pattern | @sampleCount | @differenceCount | @differenceDescription\n" +
			"GET /a <Number-1> | 3 | 2 | 200% more\n" +
			"gone now | 0 | -2 | No longer seen\n" +
			"new thing | 1 | 1 | New pattern\n" +
			"not me | 1 | 0 | No change\n" +
			"same | 1 | 0 | No change"
		if strings.HasPrefix(c.query, "filter") {
			want = strings.Replace(want, "not me | 1 | 0 | No change\n", "", 1)
		}
		if got := printTable(out, strings.Split(strings.SplitN(want, "\n", 2)[0], " | ")); got != want {
			t.Errorf("%s:\n%s", c.query, got)
		}
	}
}

func TestJoin(t *testing.T) {
	t.Parallel()
	const left = "id | status | @ptr\na | 200 | P1\nb | 502 | P2\n- | 404 | P3\nc | 500 | P4"
	for _, c := range []struct{ query, right, asked, want string }{
		{
			"join type=inner left=api right=fn where api.id=fn.rid (SOURCE 'fn') | fields api.id, fn.duration, api.status",
			joinKey + " | duration | @ptr\na | n:1 | p\nb | n:2 | p\na | n:3 | p\n- | n:4 | p\nz | n:5 | p",
			"fields key, duration",
			"api.id | fn.duration | api.status\na | 1 | 200\na | 3 | 200\nb | 2 | 502",
		},
		{
			"join type=left left=api right=fn where fn.rid=api.id (SOURCE 'fn') | sort fn.duration desc | display api.id, fn.duration",
			"duration | " + joinKey + "\nn:1 | a\nn:2 | c",
			"fields key, duration",
			"api.id | fn.duration\nc | 2\na | 1\nb | -\n- | -",
		},
		{
			"join left=l right=r where l.id=r.id (SOURCE 'g') | limit 1",
			joinKey + " | @timestamp | @message\na | t:0 | hello",
			"fields key, @timestamp, @message",
			"l.@timestamp | l.@message | r.@timestamp | r.@message\n- | - | 1970-01-01 00:00:00.000 | hello",
		},
		{
			"join left=l right=r where l.id=r.id (SOURCE 'g') | fields l.nothing.there", joinKey + "\na",
			"fields key", "l.nothing.there\n-",
		},
		{"join left=l right=r where l.id=r.id (SOURCE 'g') | fields r.x", joinKey + " | x", "fields key, x", "r.x"},
	} {
		asked := ""
		e := &env{query: func(_ context.Context, q *syntax.Query) (*table, error) {
			asked = askedFor(q)
			return readTable(c.right), nil
		}}
		in := readTable(left)
		in.columns, in.rows = append(in.columns, "nothing"), widened(in.rows)
		out, shown, err := runSteps(t, c.query, in, e)
		if err != nil {
			t.Errorf("%s: %v", c.query, err)
			continue
		}
		if got := printTable(out, shown); got != c.want || asked != c.asked {
			t.Errorf("%s asked %q:\n%s", c.query, asked, got)
		}
	}
}

func widened(rows [][]value.Value) [][]value.Value {
	for i := range rows {
		rows[i] = append(rows[i], value.Value{})
	}
	return rows
}

func askedFor(q *syntax.Query) string {
	var names []string
	for _, column := range q.Commands[len(q.Commands)-1].(*syntax.Fields).Columns {
		names = append(names, strings.TrimPrefix(column.Name, "\x00"))
	}
	return "fields " + strings.Join(names, ", ")
}

func TestJoinRefuses(t *testing.T) {
	t.Parallel()
	q, err := syntax.ParseQuery("join left=l right=r where l.id=r.id (SOURCE 'g') | fields l.missing")
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = newSteps(q.Commands, schema{columns: []string{"id"}}, &compiling{})
	if err == nil || err.Error() != "Unknown symbols found in or after join: l.missing" {
		t.Errorf("missing column: %v", err)
	}
	e := &env{query: func(context.Context, *syntax.Query) (*table, error) {
		right := &table{columns: []string{joinKey}}
		for i := range maxJoinKeys + 1 {
			right.rows = append(right.rows, []value.Value{value.OfNumber(float64(i))})
		}
		return right, nil
	}}
	_, _, err = runSteps(t, "join left=l right=r where l.id=r.id (SOURCE 'g') | fields l.id", readTable("id\na"), e)
	if err == nil || !strings.Contains(err.Error(), "more than 50000 different keys") {
		t.Errorf("too many keys: %v", err)
	}
}

func TestSubqueries(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ query, table, want string }{
		{"filter id in (SOURCE 'g' | fields id) | fields id", "id | @ptr\na | P\nc | P\na | P\n- | P", "id\na\nc"},
		{"filter n > 1 and (id not in (SOURCE 'g' | fields id) or n = 9) | fields id", "id\na\nc", "id\nb"},
		{"filter n in (SOURCE 'g' | stats max(n) by id | fields n)", "n\nn:1\nn:2", ""},
		{"filter id in (SOURCE 'g' | fields id) | fields id", "id", "id"},
		{
			"filter id in (SOURCE 'g' | fields id) | fields id", "id | x\na | b",
			"error: a sub-query must return one field, not id and x",
		},
	} {
		q, err := syntax.ParseQuery(c.query)
		if err != nil {
			if c.want != "" {
				t.Errorf("%s: %v", c.query, err)
			}
			continue
		}
		s := &subqueries{ctx: t.Context(), ask: func(*syntax.Query) (*table, error) { return readTable(c.table), nil }}
		cmds, err := s.resolve(q.Commands)
		got := ""
		if err != nil {
			got = "error: " + err.Error()
		} else if out, shown, err := runCommands(t, cmds, readTable("id | n\na | 1\nb | 2\nc | 3")); err != nil {
			got = err.Error()
		} else {
			got = printTable(out, shown)
		}
		if got != c.want {
			t.Errorf("%s with %q:\n%s", c.query, c.table, got)
		}
	}
}

func runCommands(t *testing.T, cmds []syntax.Command, in *table) (*table, []string, error) {
	steps, s, err := newSteps(cmds, schema{columns: in.columns}, &compiling{})
	for _, step := range steps {
		if err == nil {
			in, err = step.run(t.Context(), &env{}, in)
		}
	}
	return in, s.visible(), err
}

func TestSubqueryPlaces(t *testing.T) {
	t.Parallel()
	for _, query := range []string{
		"fields a in (SOURCE 'g' | fields b) as c", "filter if(a in (SOURCE 'g' | fields b), 1, 0) = 1",
	} {
		q, err := syntax.ParseQuery(query)
		if err != nil {
			continue // refused even sooner
		}
		s := &subqueries{ctx: t.Context(), ask: func(*syntax.Query) (*table, error) { return &table{columns: []string{"b"}}, nil }}
		cmds, err := s.resolve(q.Commands)
		if err == nil {
			_, _, err = newSteps(cmds, schema{columns: []string{"a"}}, &compiling{})
		}
		if _, ok := err.(*syntax.Error); !ok {
			t.Errorf("%s: %v", query, err)
		}
	}
}

func TestAppendCols(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ query, want string }{
		{"fields k | appendcols ( SOURCE 'g' | fields x, k )", "k | x\na | 1\nb | 2\nc | -"},
		{"fields k | appendcols override=true ( SOURCE 'g' | fields x, k )", "k | x\nK1 | 1\nK2 | 2\nc | -"},
		{"fields k | appendcols ( SOURCE 'g' | fields x, k ) | filter x = 2", "k | x\nb | 2"},
		{"fields k | appendcols max=1 ( SOURCE 'g' | fields x, k )", "k | x\na | 1\nb | -\nc | -"},
	} {
		e := &env{query: func(context.Context, *syntax.Query) (*table, error) { return readTable("x | k\n1 | K1\n2 | K2"), nil }}
		out, shown, err := runSteps(t, c.query, readTable("k\na\nb\nc"), e)
		if err != nil {
			t.Errorf("%s: %v", c.query, err)
		} else if got := printTable(out, shown); got != c.want {
			t.Errorf("%s:\n%s", c.query, got)
		}
	}
}

func TestFillMissing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ stats, query, in, want string }{
		{
			"stats count(*) as n by bin(2m)", "fillmissing with 0 for n", "bin(2m) | n\nt:240000 | n:5\nt:0 | n:1",
			"bin(2m) | n\n0 | 1\n2 | 0\n4 | 5\n6 | 0\n8 | 0",
		},
		{
			"stats count(*) as n by bin(4m) as b, a", "fillmissing", "b | a | n\nt:240000 | x | n:5\nt:0 | y | n:1",
			"b | a | n\n0 | x | -\n0 | y | 1\n4 | x | 5\n4 | y | -\n8 | x | -\n8 | y | -",
		},
		{"stats count(*) as n by bin(5m)", "fillmissing with 'none' for n", "bin(5m) | n", "bin(5m) | n\n0 | none\n5 | none"},
		{"stats count(*) as n by bin(5m), a", "fillmissing with 0 for n", "bin(5m) | a | n", "bin(5m) | a | n"},
		{
			"stats count(*) as n by bin(2m) offset 1h", "fillmissing with 0 for n", "bin(2m) | n\nt:3600000 | n:5\nt:3840000 | n:1",
			"bin(2m) | n\n60 | 5\n62 | 0\n64 | 1",
		},
		{
			"stats count(*) as n by bin(1ms)", "fillmissing", "bin(1ms) | n",
			"fails: fillmissing would make more than 100000 rows: use a longer bin or a shorter time range",
		},
		{"stats count(*) as n by bin(1mo)", "fillmissing with 1 for n", "bin(1mo) | n", "bin(1mo) | n\n0 | 1"},
	} {
		q, err := syntax.ParseQuery(c.stats + " | " + c.query)
		if err != nil {
			t.Fatalf("%s: %v", c.query, err)
		}
		in := readTable(c.in)
		s := schema{columns: in.columns, shown: in.columns, stats: q.Commands[0].(*syntax.Stats)}
		steps, s, err := newSteps(q.Commands[1:], s, &compiling{})
		if err != nil {
			t.Fatalf("%s: %v", c.stats, err)
		}
		out, err := steps[0].run(t.Context(), &env{within: TimeRange{0, 600_000}}, in)
		got := ""
		if err != nil {
			got = "fails: " + err.Error()
		} else {
			for _, row := range out.rows {
				ms, _ := row[0].AsTime()
				row[0] = value.OfNumber(float64(ms) / 60_000)
			}
			got = printTable(out, s.shown)
		}
		if got != c.want {
			t.Errorf("%s:\n%s", c.stats, got)
		}
	}
}

func TestRelevantFields(t *testing.T) {
	t.Parallel()
	in := &table{columns: []string{"@message", "slow", "zone", "size", "same", "gone"}}
	for i := range 200 {
		slow, zone, gone := i%4 == 0, "eu", value.OfText("x")
		if slow {
			zone, gone = "us", value.Value{}
		}
		size := i
		if slow {
			size += 1000
		}
		message := fmt.Sprintf(`{"zone":"%s","deep":{"size":%d},"same":"s"}`, zone, size)
		in.rows = append(in.rows, []value.Value{
			value.OfText(message), value.OfBool(slow), value.OfText(zone), value.OfNumber(float64(size)), value.OfText("s"), gone,
		})
	}
	for _, c := range []struct{ query, want string }{
		{"relevantfields zone, size, same, gone where slow = 1", "" +
			"gone | 1 | (missing) (+100%), x (-100%) | - | -\n" +
			"size | 1 | - | 1098 | 100\n" +
			"zone | 1 | eu (-100%), us (+100%) | - | -\n" +
			"same | 0 | - | - | -"},
		{"relevantfields where slow = 1", "" +
			"deep.size | 1 | - | 1098 | 100\nzone | 1 | eu (-100%), us (+100%) | - | -\nsame | 0 | - | - | -"},
		{"relevantfields zone where slow = 7", ""},
	} {
		copied := &table{columns: in.columns, rows: append([][]value.Value{}, in.rows...)}
		out, shown, err := runSteps(t, c.query, copied, &env{})
		if err != nil {
			t.Errorf("%s: %v", c.query, err)
			continue
		}
		want := strings.TrimSuffix(strings.Join(relevantColumns, " | ")+"\n"+c.want, "\n")
		if got := printTable(out, shown); got != want {
			t.Errorf("%s:\n%s", c.query, got)
		}
	}
}

func TestOutlier(t *testing.T) {
	t.Parallel()
	const in = "v | w\nn:1 | a\nn:2 | a\nn:3 | a\nn:4 | a\nn:100 | a\nn:-90 | -\nx | a\n- | a"
	for _, c := range []struct{ query, want string }{ // quartiles of -90 1 2 3 4 100: 1.25, 3.75
		{"fields v | outlier v", "v\n1\n2\n3\n4\n10\n-90\nx\n-"},
		{"fields v | outlier uselower=true param=1 v", "v\n1\n2\n3\n4\n6.25\n-1.25\nx\n-"},
		{"fields v | outlier action=remove mark=true v", "v | outlier\n1 | 0\n2 | 0\n3 | 0\n4 | 0\n-90 | 0\nx | 0\n- | 0"},
		{"fields v | outlier mark=true uselower=true v w", "v | outlier\n1 | 0\n2 | 0\n3 | 0\n4 | 0\n10 | 1\n-5 | 1\nx | 0\n- | 0"},
	} {
		out, shown, err := runSteps(t, c.query, readTable(in), &env{})
		if err != nil {
			t.Errorf("%s: %v", c.query, err)
		} else if got := printTable(out, shown); got != c.want {
			t.Errorf("%s:\n%s", c.query, got)
		}
	}
}

func TestSessions(t *testing.T) {
	t.Parallel()
	const in = "@timestamp | u\nt:7200000 | a\nt:0 | a\nt:60000 | b\nt:1800000 | a\nt:1860001 | b\n- | a\nt:5 | -"
	for _, c := range []struct{ query, want string }{
		{"sessionize u | display u, session_id", "u | session_id\na | 4\na | 1\nb | 2\na | 1\nb | 3\na | -\n- | -"},
		{"sessionize u maxspan 2h as s | display s", "s\n1\n1\n2\n1\n2\n-\n-"},
	} {
		out, shown, err := runSteps(t, c.query, readTable(in), &env{})
		if err != nil {
			t.Errorf("%s: %v", c.query, err)
		} else if got := printTable(out, shown); got != c.want {
			t.Errorf("%s:\n%s", c.query, got)
		}
	}
}

// TestSortsAsDocumented sorts the sequence that AWS' documentation gives for natural sort.
func TestSortsAsDocumented(t *testing.T) {
	t.Parallel()
	want := strings.Fields("!: # *%04 0# 5A 111A 2345_ @ @_ A A9876fghj a12345hfh 0 01 1 2 3")
	for _, order := range []string{"asc", "desc"} {
		shuffled := append([]string{"-"}, want...)
		rand.New(rand.NewPCG(3, 4)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		out, _, err := runSteps(t, "fields v | sort v "+order, readTable("v\n"+strings.Join(shuffled, "\n")), &env{})
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range out.rows[:len(want)] {
			place := i
			if order == "desc" {
				place = len(want) - 1 - i
			}
			if row[0].Text() != want[place] {
				t.Errorf("%s: %q at %d, want %q", order, row[0].Text(), i, want[place])
			}
		}
		if !out.rows[len(want)][0].IsNull() {
			t.Errorf("%s: null is not last", order)
		}
	}
}

// TestSortIsStable sorts random rows, with and without a limit: the limit only cuts, and equal rows stay in order.
func TestSortIsStable(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(5, 6))
	rows := func(n int) *table {
		t := &table{columns: []string{"k", "i"}}
		for i := range n {
			t.rows = append(t.rows, []value.Value{value.OfNumber(float64(random.IntN(7))), value.OfNumber(float64(i))})
		}
		return t
	}
	for _, order := range []string{"asc", "desc"} {
		in := rows(20_000)
		copied := &table{columns: in.columns, rows: append([][]value.Value{}, in.rows...)}
		all, _, err := runSteps(t, "fields k, i | sort k "+order, in, &env{})
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range all.rows[1:] {
			before := all.rows[i]
			if value.Equal(before[0], row[0]) && !value.Less(before[1], row[1]) {
				t.Fatalf("%s: rows %v and %v changed places", order, before, row)
			}
			if order == "asc" && value.Less(row[0], before[0]) || order == "desc" && value.Less(before[0], row[0]) {
				t.Fatalf("%s: %v before %v", order, before, row)
			}
		}
		first, _, err := runSteps(t, "fields k, i | sort k "+order+" | limit 100", copied, &env{})
		if err != nil || len(first.rows) != 100 {
			t.Fatalf("%d rows, %v", len(first.rows), err)
		}
		for i, row := range first.rows {
			if !value.Equal(row[1], all.rows[i][1]) {
				t.Fatalf("%s with a limit: row %d is %v, not %v", order, i, row, all.rows[i])
			}
		}
	}
}

// TestDedupKeepsFirst compares with the obvious way.
func TestDedupKeepsFirst(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(7, 8))
	in := &table{columns: []string{"a", "b"}}
	seen := map[string]bool{}
	want := []string{"a | b"}
	for range 5000 {
		a, b := strings.Repeat("x", random.IntN(12)), strings.Repeat("x", random.IntN(12))
		row := texts(a, b)
		row[0] = value.OfText(a)
		if random.IntN(50) == 0 {
			row[1] = value.Value{}
		}
		in.rows = append(in.rows, row)
		key := printCell(row[0]) + " | " + printCell(row[1])
		if row[1].IsNull() || !seen[key] {
			want = append(want, key)
		}
		seen[key] = true
	}
	out, shown, err := runSteps(t, "fields a, b | dedup a, b", in, &env{})
	if err != nil {
		t.Fatal(err)
	}
	if got := printTable(out, shown); got != strings.Join(want, "\n") {
		t.Errorf("got %d rows, want %d", len(out.rows), len(want)-1)
	}
}

// TestDiffOfEvents runs a whole query: the events of the day before are asked for by the scan.
func TestDiffOfEvents(t *testing.T) {
	t.Parallel()
	const day = 86_400_000
	d := newMemData(t, 2, []memEvent{
		{timestamp: 10*day + 1, arrival: 1, message: "job 1 done"}, {timestamp: 10*day + 2, arrival: 2, message: "job 2 done"},
		{timestamp: 11*day + 1, arrival: 3, message: "job 3 done"}, {timestamp: 11*day + 2, arrival: 4, message: "disk full"},
		{timestamp: 11*day + 3, arrival: 5, message: "not asked for"}, {timestamp: 9 * day, arrival: 6, message: "too old"},
	})
	q := mustCompile(t, "filter @message not like 'not' | pattern @message | diff | display @pattern, @sampleCount, @differenceCount",
		Options{Within: TimeRange{11 * day, 12 * day}})
	r, err := q.Run(t.Context(), d, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := "@pattern=disk full @sampleCount=1 @differenceCount=1\n@pattern=job <Number-1> done @sampleCount=1 @differenceCount=-1\n"
	if got := r.show(); got != want {
		t.Errorf("%s", got)
	}
}
