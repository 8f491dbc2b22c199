package insights

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestGlob(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		glob, text string
		want       []string // nil if it does not match
	}{
		{"user=*, method:*, latency := *", "x user=ann, method:GET, latency := 12 ms", []string{"ann", "GET", "12 ms"}},
		{"*/*/*", "a/b/c/d", []string{"a", "b", "c/d"}},
		{`"path":"*"`, `{"path":"/x","path":"/y"}`, []string{"/x"}},
		{"'fieldsA': '*', 'fieldsB': ['*']", "{'fieldsA': 'logs', 'fieldsB': ['x']}", []string{"logs", "x"}},
		{"[*] *", "[INFO] [x] y", []string{"INFO", "[x] y"}},
		{"a*b", "a", nil},
		{"a*b", "ba", nil},
		{"a*", "a", []string{""}},
		{"*", "", []string{""}},
		{"*", "all\nof it", []string{"all\nof it"}},
		{"**", "xy", []string{"", "xy"}},
		{"none", "a none b", []string{}},
		{"none", "nope", nil},
		{"", "x", []string{}},
		{"aab*c", "aaab1c", []string{"1"}},
	} {
		g := newGlob(c.glob)
		captures := make([]string, g.stars())
		if !g.match(c.text, captures) {
			captures = nil
		}
		if !slices.Equal(captures, c.want) || (captures == nil) != (c.want == nil) {
			t.Errorf("%q on %q: %q, want %q", c.glob, c.text, captures, c.want)
		}
	}
}

func TestGlobAllocatesNothing(t *testing.T) {
	g, captures := newGlob(`"status":"*","path":"*"`), make([]string, 2)
	allocated := testing.AllocsPerRun(100, func() { g.match(`{"status":"200","path":"/orders"}`, captures) })
	if allocated != 0 {
		t.Errorf("%v allocations", allocated)
	}
}

// FuzzGlob compares a glob with the regular expression that says the same.
func FuzzGlob(f *testing.F) {
	f.Add("a*b*", "xaabbc")
	f.Add("*=*;", "k=v;w=x;")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if strings.Count(pattern, "*") > 20 || len(text) > 1000 || !utf8.ValidString(pattern) || !utf8.ValidString(text) {
			t.Skip()
		}
		g := newGlob(pattern)
		captures := make([]string, g.stars())
		matched := g.match(text, captures)
		want := globRegexp(g).FindStringSubmatch(text)
		if matched != (want != nil) {
			t.Fatalf("%q on %q: %v", pattern, text, matched)
		}
		if matched && !slices.Equal(captures, want[1:]) {
			t.Fatalf("%q on %q: %q, want %q", pattern, text, captures, want[1:])
		}
	})
}

func globRegexp(g *glob) *regexp.Regexp {
	var b strings.Builder
	b.WriteString("(?s)")
	if g.literals[0] == "" && g.stars() > 0 {
		b.WriteString("^")
	}
	for i, literal := range g.literals {
		if i > 0 && i == g.stars() && literal == "" {
			b.WriteString("(.*)$")
		} else if i > 0 {
			b.WriteString("(.*?)")
		}
		b.WriteString(regexp.QuoteMeta(literal))
	}
	return regexp.MustCompile(b.String())
}
