package syntax_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tollbook/tollbook/logs/insights/syntax"
)

var update = flag.Bool("update", false, "rewrite what the scripts in testdata expect")

// A script is queries, each followed by a line ---- and by what is expected up to an empty line: of a good query its
// canonical text, of a bad one "error START-END: MESSAGE" with what lies between START and END in the line below. Lines
// in front of a query that begin with #: are remarks.
func TestScripts(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			runScript(t, file)
		})
	}
}

func runScript(t *testing.T, file string) {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for block := range strings.SplitSeq(strings.TrimSpace(string(data)), "\n\n") {
		query, want, _ := strings.Cut(block, "\n----\n")
		remarks := query[:len(query)-len(withoutRemarks(query))]
		query = strings.TrimSuffix(withoutRemarks(query), "\n----")
		got := outcome(t, query)
		if got != strings.TrimSpace(want) && !*update {
			t.Errorf("%s\ngot:  %s\nwant: %s", query, got, want)
		}
		fmt.Fprintf(&out, "%s%s\n----\n%s\n\n", remarks, query, got)
	}
	if *update {
		if err := os.WriteFile(file, []byte(strings.TrimSpace(out.String())+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func withoutRemarks(block string) string {
	for strings.HasPrefix(block, "#:") {
		_, block, _ = strings.Cut(block, "\n")
	}
	return block
}

// outcome returns what a script says of a query, and checks that its canonical text is one.
func outcome(t *testing.T, query string) string {
	t.Helper()
	q, err := syntax.ParseQuery(query)
	if err != nil {
		return errorText(t, query, err)
	}
	checkPrinted(t, q)
	return q.String()
}

func errorText(t *testing.T, query string, err error) string {
	t.Helper()
	bad, ok := errors.AsType[*syntax.Error](err)
	runes := []rune(query)
	if !ok || bad.Start < 0 || bad.End < bad.Start || bad.End > len(runes) {
		t.Fatalf("%q: error without a place: %#v", query, err)
	}
	where := strings.ReplaceAll(string(runes[bad.Start:bad.End]), "\n", `\n`)
	return strings.TrimSpace(fmt.Sprintf("error %d-%d: %s\n%s", bad.Start, bad.End, bad.Message, where))
}

// checkPrinted checks that a query's canonical text means the same: it prints the same, with the same columns.
func checkPrinted(t *testing.T, q *syntax.Query) {
	t.Helper()
	text := q.String()
	again, err := syntax.ParseQuery(text)
	if bad, ok := errors.AsType[*syntax.Error](err); ok && strings.HasPrefix(bad.Message, "Query is longer") {
		return
	}
	if err != nil {
		t.Fatalf("%q prints as %q, which does not parse: %v", q.Text, text, err)
	}
	if got := again.String(); got != text {
		t.Fatalf("%q prints as %q, that as %q", q.Text, text, got)
	}
	if got, want := columnNames(again), columnNames(q); got != want {
		t.Fatalf("%q has columns %q; printed, it has %q", q.Text, want, got)
	}
}

func columnNames(q *syntax.Query) string {
	var names []string
	for _, c := range q.Commands {
		switch c := c.(type) {
		case *syntax.Fields:
			names = append(names, namesOf(c.Columns)...)
		case *syntax.Stats:
			names = append(append(names, namesOf(c.By)...), namesOf(c.Aggs)...)
		}
	}
	return strings.Join(names, "\n")
}

func namesOf(columns []syntax.Column) []string {
	var names []string
	for _, c := range columns {
		names = append(names, c.Name)
	}
	return names
}
