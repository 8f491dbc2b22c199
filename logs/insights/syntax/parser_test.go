package syntax_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/tollbook/tollbook/logs/insights/syntax"
)

func parse(t *testing.T, text string) *syntax.Query {
	t.Helper()
	q, err := syntax.ParseQuery(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return q
}

func cut(text string, s syntax.Span) string { return string([]rune(text)[s.Start:s.End]) }

// Spans count characters, cover what was written and reach into inner queries.
func TestSpans(t *testing.T) {
	t.Parallel()
	text := `filter größe  = (1 + 2) and id in (SOURCE 'ü' | fields id) | parse @message /ö(?<a>x)/ | limit 7 `
	q := parse(t, text)
	and := q.Commands[0].(*syntax.Filter).Cond.(*syntax.Binary)
	in := and.Y.(*syntax.In)
	for want, at := range map[string]syntax.Span{
		`filter größe  = (1 + 2) and id in (SOURCE 'ü' | fields id)`: q.Commands[0].At(),
		"größe  = (1 + 2)":               and.X.At(),
		"größe":                          and.X.(*syntax.Binary).X.At(),
		"1 + 2":                          and.X.(*syntax.Binary).Y.At(),
		"id in (SOURCE 'ü' | fields id)": in.At(),
		"SOURCE 'ü'":                     in.Query.Source.At(),
		"fields id":                      in.Query.Commands[0].At(),
		"/ö(?<a>x)/":                     q.Commands[1].(*syntax.Parse).Regex.At(),
		"limit 7":                        q.Commands[2].At(),
	} {
		if got := cut(text, at); got != want {
			t.Errorf("%v is %q, not %q", at, got, want)
		}
	}
	if q.Text != text || in.Query.Text != "SOURCE 'ü' | fields id" {
		t.Errorf("texts are %q and %q", q.Text, in.Query.Text)
	}
}

// What is computed keeps the text that was typed as its name; fields are called by their path (spec §6.1).
func TestColumnNames(t *testing.T) {
	t.Parallel()
	q := parse(t, "stats Count( * ) , sum(a)/ count(*)  as m, max( (b) ) by bin( 5m ), `x y`, a[0].b, (c)")
	want := []string{"bin( 5m )", "x y", "a.0.b", "(c)", "Count( * )", "m", "max( (b) )"}
	if got := strings.Split(columnNames(q), "\n"); !slices.Equal(got, want) {
		t.Errorf("columns are %q, not %q", got, want)
	}
}

func TestCanonicalNames(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"formatDate": "strftime", "TOUPPER": "toupper", "countDistinct": "count_distinct", "percentile": "pct",
		"COLLECT_VALUES": "values", "jsonparse": "jsonParse", "Bin": "bin",
	} {
		f, ok := syntax.LookupFunction(text)
		if !ok || f.Name != want {
			t.Errorf("%s is %q, not %q", text, f.Name, want)
		}
	}
	if _, ok := syntax.LookupFunction("nosuch"); ok {
		t.Error("nosuch is a function")
	}
}

// Every function parses with its least and its most arguments, where it may stand, and not with one more.
func TestArity(t *testing.T) {
	t.Parallel()
	for _, f := range syntax.Functions() {
		most := min(f.Max, f.Min+30)
		for n, ok := range map[int]bool{f.Min: true, most: true, most + 1: f.Max == math.MaxInt, f.Min - 1: false} {
			if n < 0 {
				continue
			}
			text := callText(f, n)
			if _, err := syntax.ParseQuery(text); (err == nil) != ok {
				t.Errorf("%s: %v", text, err)
			}
		}
	}
}

func callText(f syntax.Function, n int) string {
	args := make([]string, n)
	for i := range args {
		switch {
		case i == f.Period:
			args[i] = "5m"
		case i == f.Regex:
			args[i] = "/x/"
		default:
			args[i] = "9"
		}
	}
	command := "fields "
	if f.Aggregate {
		command = "stats "
	}
	return command + f.Name + "(" + strings.Join(args, ", ") + ")"
}

// Every command that Commands lists is one that the parser knows.
func TestCommands(t *testing.T) {
	t.Parallel()
	names := syntax.Commands()
	if len(names) < 35 || names[0] != "SOURCE" {
		t.Fatalf("commands: %q", names)
	}
	for _, name := range names {
		_, err := syntax.ParseQuery(name + " ~")
		if bad, ok := errors.AsType[*syntax.Error](err); !ok || bad.Start < len(name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What is too long or too deep is an error at its place, never a crash.
func TestBounds(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"parentheses": "filter " + strings.Repeat("(", 4000) + "a" + strings.Repeat(")", 4000),
		"functions":   "fields " + strings.Repeat("abs(", 2000) + "a" + strings.Repeat(")", 2000),
		"not":         "filter " + strings.Repeat("not ", 2000) + "a",
		"bangs":       "filter " + strings.Repeat("!", 9000) + "a",
		"powers":      "filter a" + strings.Repeat("^a", 4000),
		"queries":     strings.Repeat("filter a in (SOURCE 'g' | ", 300),
		"appendcols":  strings.Repeat("appendcols (", 800),
		"length":      "fields " + strings.Repeat("ä", 10_000),
	} {
		if _, err := syntax.ParseQuery(text); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	for _, text := range []string{"filter " + strings.Repeat("a + ", 2400) + "a = 1", "fields " + strings.Repeat("ä", 9_993)} {
		checkPrinted(t, parse(t, text))
	}
}

// A period keeps its number and its unit: how units are capped is for who computes with it.
func TestPeriods(t *testing.T) {
	t.Parallel()
	q := parse(t, "stats count(*) by bin(300s) offset 2qtrs")
	stats := q.Commands[0].(*syntax.Stats)
	period := stats.By[0].Expr.(*syntax.Call).Args[0].(*syntax.Period)
	if period.N != 300 || period.Unit != syntax.Second || stats.Offset.N != 2 || stats.Offset.Unit != syntax.Quarter {
		t.Errorf("periods are %+v and %+v", period, stats.Offset)
	}
}
