package javaregexp_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/tollbook/tollbook/internal/javaregexp"
)

func TestMatchWhole(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		pattern, text string
		want          bool
	}{
		{`4\d{2}`, "404", true},
		{`4\d{2}`, "4040", false},
		{`4|5`, "45", false},
		{`.*four.*`, "a four b", true},
		{`.*four.*`, "a four\nb", false},
		{`.*four.*`, "a four\rb", false},
		{`(?s).*four.*`, "a four\nb", true},
		{`(.|\n)*`, "a\nb", true},
		{`[.]`, "x", false},
		{`\.`, ".", true},
		{`\.`, "x", false},
		{`\Qa.b\E.`, "a.bc", true},
		{`\Qa.b\E.`, "axbc", false},
		{`\Qa.b`, "a.b", true},
		{`^(?!4).*$`, "200", true},
		{`^(?!4).*$`, "404", false},
		{`(?!.*Unauthorized).*`, "Unauthorized: x", false},
		{`(a)\1`, "aa", true},
		{`(a)\1`, "ab", false},
		{`(?i)ABC`, "abc", true},
		{`é+`, "éé", true},
	} {
		e, err := javaregexp.Compile(tt.pattern)
		if err != nil {
			t.Errorf("%s: %v", tt.pattern, err)
			continue
		}
		if got, err := e.MatchWhole(tt.text); got != tt.want || err != nil {
			t.Errorf("%s matches %q: %v, %v", tt.pattern, tt.text, got, err)
		}
	}
	for _, bad := range []string{"(", "[", "a)", `\`, "(?<", "(a)\\2(?=b"} {
		if _, err := javaregexp.Compile(bad); err == nil {
			t.Errorf("%q compiles", bad)
		}
	}
}

func TestFindAll(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		pattern, text string
		n             int
		want          []int
	}{
		{`(é)(b)?`, "xéyéb", -1, []int{1, 3, 1, 3, -1, -1, 4, 7, 4, 6, 6, 7}},
		{`(é)(b)?(?=b|y|$)`, "xéyéb", -1, []int{1, 3, 1, 3, -1, -1, 4, 7, 4, 6, 6, 7}},
		{`(?=a)`, "xaa", 1, []int{1, 1}},
	} {
		e, err := javaregexp.Compile(tt.pattern)
		if err != nil {
			t.Fatal(err)
		}
		got, err := e.FindAll(tt.text, tt.n)
		if err != nil || !slices.Equal(slices.Concat(got...), tt.want) {
			t.Errorf("%s in %q: %v, %v", tt.pattern, tt.text, got, err)
		}
	}
}

// A search that backtracks without end is given up.
func TestTimeout(t *testing.T) {
	t.Parallel()
	e, err := javaregexp.Compile(`(?=a)(a|a)*(a|aa)*(a+)+$`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.MatchWhole(strings.Repeat("a", 60) + "!"); err == nil {
		t.Error("no error")
	}
}

// FuzzMatch: nothing panics, whatever the expression and the text.
func FuzzMatch(f *testing.F) {
	f.Add(`(?!a)(b)\1.*`, "bb\xff")
	f.Add(`\Q.\E[.][^.]`, "..")
	f.Fuzz(func(_ *testing.T, pattern, text string) {
		if e, err := javaregexp.Compile(pattern); err == nil {
			_, _ = e.MatchWhole(text)
			_, _ = e.FindAll(text, -1)
		}
	})
}
