package insights

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tollbook/tollbook/logs/insights/syntax"
	"github.com/tollbook/tollbook/logs/insights/value"
)

var updateSteps = flag.Bool("update-steps", false, "rewrite what the scripts in testdata/steps expect")

// A script is a table, then queries over it, each followed by a line ---- and the table that it shows up to an empty line.
// Tables have a line of columns and a line for each row, their cells between " | ". - is null, ” the empty text; of
// what a script gives, n: begins a number, t: a time in milliseconds, j: JSON. Lines that begin with #: are remarks.
func TestStepScripts(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/steps/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			runStepScript(t, file)
		})
	}
}

func runStepScript(t *testing.T, file string) {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split(strings.TrimSpace(string(data)), "\n\n")
	var out strings.Builder
	out.WriteString(blocks[0] + "\n")
	for _, block := range blocks[1:] {
		query, want, _ := strings.Cut(block, "\n----\n")
		query = strings.TrimSuffix(query, "\n----")
		got := stepOutcome(t, query, readTable(blocks[0]))
		if got != want && !*updateSteps {
			t.Errorf("%s\ngot:\n%s\nwant:\n%s", query, got, want)
		}
		fmt.Fprintf(&out, "\n%s\n----\n%s\n", query, got)
	}
	if *updateSteps {
		if err := os.WriteFile(file, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// stepOutcome runs a query's commands as steps and prints what it shows.
func stepOutcome(t *testing.T, query string, in *table) string {
	t.Helper()
	for strings.HasPrefix(query, "#:") {
		_, query, _ = strings.Cut(query, "\n")
	}
	out, shown, err := runSteps(t, query, in, &env{within: TimeRange{0, 600_000}})
	if bad, ok := errors.AsType[*syntax.Error](err); ok {
		return fmt.Sprintf("error %d-%d: %s", bad.Start, bad.End, bad.Message)
	} else if err != nil {
		return "fails: " + err.Error()
	}
	return printTable(out, shown)
}

// runSteps runs a query's commands as steps over rows. It returns the columns that are shown.
func runSteps(t *testing.T, query string, in *table, e *env) (*table, []string, error) {
	t.Helper()
	q, err := syntax.ParseQuery(query)
	if err != nil {
		return nil, nil, err
	}
	columnsOf := func(*syntax.Query) ([]string, error) { return []string{"x", "k"}, nil }
	c := &compiling{text: query, within: e.within, columnsOf: columnsOf}
	cmds := withoutFrequent(q.Commands)
	rowReferences(cmds, in.addColumn) // as the scan does: what is named is there
	steps, s, err := newSteps(cmds, schema{columns: slices.Clone(in.columns)}, c)
	if err != nil {
		return nil, nil, err
	}
	out := in
	for _, step := range steps {
		if out, err = step.run(t.Context(), e, out); err != nil {
			return nil, nil, err
		}
	}
	for _, row := range out.rows {
		if len(row) != len(out.columns) {
			t.Errorf("%d values for columns %q", len(row), out.columns)
		}
	}
	if !slices.Equal(out.columns, s.columns) {
		t.Errorf("columns %q, announced %q", out.columns, s.columns)
	}
	return out, s.visible(), nil
}

// addColumn adds a column without values for a field that is named and not there.
func (t *table) addColumn(f *syntax.Field) {
	for n := len(f.Steps); n > 0; n-- {
		if t.column(strings.Join(f.Steps[:n], ".")) >= 0 {
			return
		}
	}
	t.columns = append(t.columns, f.Name)
	for i := range t.rows {
		t.rows[i] = append(t.rows[i], value.Value{})
	}
}

func readTable(text string) *table {
	t := &table{}
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		if strings.HasPrefix(line, "#:") {
			continue
		}
		cells := strings.Split(line, " | ")
		if t.columns == nil {
			t.columns = cells
			continue
		}
		var row []value.Value
		for _, cell := range cells {
			row = append(row, readCell(cell))
		}
		t.rows = append(t.rows, row)
	}
	return t
}

func readCell(cell string) value.Value {
	kind, rest, _ := strings.Cut(cell, ":")
	n, _ := strconv.ParseFloat(rest, 64)
	switch {
	case cell == "-":
		return value.Value{}
	case cell == "''":
		return value.OfText("")
	case kind == "n":
		return value.OfNumber(n)
	case kind == "t":
		return value.OfTime(int64(n))
	case kind == "j":
		v, _ := value.ParseJSON(rest)
		return v
	}
	return value.OfText(cell)
}

func printTable(t *table, shown []string) string {
	lines := []string{strings.Join(shown, " | ")}
	for _, row := range t.rows {
		var cells []string
		for _, column := range shown {
			v := value.Value{}
			if place := t.column(column); place >= 0 {
				v = row[place]
			}
			cells = append(cells, printCell(v))
		}
		lines = append(lines, strings.Join(cells, " | "))
	}
	return strings.Join(lines, "\n")
}

func printCell(v value.Value) string {
	switch {
	case v.IsNull():
		return "-"
	case v.Text() == "":
		return "''"
	}
	return v.Text()
}

func texts(names ...string) []value.Value {
	row := make([]value.Value, len(names))
	for i, name := range names {
		row[i] = readCell(name)
	}
	return row
}

// every is a query for each command that has a step of its own.
var every = []string{
	"fields a, b + 1 as c", "display a", "filter a = 1", `parse a "*-*" as p, q`, `parse @message /(?<p>x)/`, "sort a desc, b",
	"sort a | limit 3", "limit 2", "tail 2", "dedup a", "unmask a", "unnest a into c", "expand a", "pattern a", "pattern a | diff",
	"diff", "addtotals col=true", "accum a as s", "autoregress a p=1-3", "countFrequent a, b", "filldown", "filldown a*",
	"outlier mark=true a", "relevantfields a, b where a > 1", "relevantfields where a > 1", "sessionize a",
}

func TestStepsOfNoRows(t *testing.T) {
	t.Parallel()
	for _, query := range every {
		in := &table{columns: []string{"@timestamp", "@message", "a", "b"}}
		e := &env{within: TimeRange{0, 1000}, scan: func(context.Context, TimeRange) (*table, error) {
			return &table{columns: slices.Clone(in.columns)}, nil
		}}
		out, _, err := runSteps(t, query, in, e)
		if err != nil {
			t.Errorf("%s: %v", query, err)
		} else if len(out.rows) > 0 && !strings.HasPrefix(query, "addtotals") {
			t.Errorf("%s: %v", query, out.rows)
		}
	}
}

func TestStoppedQuery(t *testing.T) {
	t.Parallel()
	stopped, stop := context.WithCancel(t.Context())
	stop()
	for _, query := range every {
		if strings.HasPrefix(query, "limit") || strings.HasPrefix(query, "tail") || strings.HasPrefix(query, "unmask") ||
			query == "display a" {
			continue // these do no work
		}
		in := readTable("@timestamp | @message | a | b\nt:1 | x | 1 | 2")
		q, err := syntax.ParseQuery(query)
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		steps, _, err := newSteps(withoutFrequent(q.Commands), schema{columns: in.columns}, &compiling{text: query})
		if err != nil || len(steps) == 0 {
			t.Fatalf("%s: %d steps, %v", query, len(steps), err)
		}
		if _, err := steps[0].run(stopped, &env{}, in); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", query, err)
		}
	}
}

func TestStepsKeepToTheirMemory(t *testing.T) {
	t.Parallel()
	for _, query := range []string{
		"fields concat(a, b) as c", "sort a", "dedup a", "expand a", "pattern a", "countFrequent a", "accum a as s",
		"sessionize a", "relevantfields a where b = 1", "outlier mark=true a",
	} {
		in := &table{columns: []string{"@timestamp", "@message", "a", "b"}}
		for i := range 20_000 {
			name := "x" + strings.Repeat("y", i%50) + "-" + strings.Repeat("z", i/50)
			in.rows = append(in.rows, []value.Value{value.OfTime(int64(i)), {}, value.OfText(name), value.OfText("b")})
		}
		_, _, err := runSteps(t, query, in, &env{memory: newBudget(100_000)})
		if !errors.Is(err, ErrMemory) {
			t.Errorf("%s: %v", query, err)
		}
	}
}

func TestRowReferences(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ query, want string }{
		{"dedup a, b.c", "a b.c"},
		{"parse 'x*' as a | filter a = b", "@message b"},
		{"unnest j.list into e | filter e.name = 1 and j.other = 2", "j.list j.other"},
		{"accum n as s | sort s, n", "n n"},
		{"accum n | sort n", "n"},
		{"autoregress n p=1-2 | filter n_p2 > n_p3", "n n_p3"},
		{"lookup t a as b OUTPUT c | fields c", "b"},
		{"lookup t a as b OUTPUTNEW c | fields c", "b c"},
		{"join left=l right=r where l.k = r.k (SOURCE 'g') | fields l.a.b, r.z, q | sort l.c", "k a.b c"},
		{"pattern m | filter @pattern like /x/ | sort @sampleCount", "m"},
		{"pattern m | diff", "m"},
		{"sessionize u | diff", "u @timestamp @message"},
		{"accum n | stats sum(x) by y | fields y", "n x y"},
		{"fields a + b as c, c + d as e | display e", "a b c d"},
	} {
		q, err := syntax.ParseQuery(c.query)
		if err != nil {
			t.Errorf("%s: %v", c.query, err)
			continue
		}
		var names []string
		rowReferences(q.Commands, func(f *syntax.Field) { names = append(names, f.Name) })
		slices.Sort(names)
		want := strings.Fields(c.want)
		slices.Sort(want)
		if !slices.Equal(names, want) {
			t.Errorf("%s reads %q", c.query, names)
		}
	}
}

// TestShownColumns follows what is shown behind a stats, of which fields chooses, and elsewhere.
func TestShownColumns(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ query, want string }{
		{"limit 1", "n d"},
		{"fields d", "d"},
		{"fields d | fields n * 2 as m", "d m"},
		{"fields n + 1 as m", "m"},
		{"accum n as s", "n d s"},
		{"accum n as s | fields s", "s"},
		{"display n | accum n as s", "n"},
		{"countFrequent n", "n _approxcount"},
		{"countFrequent n | fields n", "n"},
	} {
		in := schema{columns: []string{"n", "d"}, shown: []string{"n", "d"}, stats: &syntax.Stats{}}
		q, err := syntax.ParseQuery(c.query)
		if err != nil {
			t.Fatalf("%s: %v", c.query, err)
		}
		_, out, err := newSteps(withoutFrequent(q.Commands), in, &compiling{text: c.query})
		if err != nil || strings.Join(out.visible(), " ") != c.want {
			t.Errorf("%s shows %q, %v", c.query, out.visible(), err)
		}
	}
}
