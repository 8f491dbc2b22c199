package insights

import (
	"regexp"
	"strings"
	"testing"
)

// checkMatcher compares with the regexp package, and what is required with what matched.
func checkMatcher(t *testing.T, pattern, s string) {
	t.Helper()
	re, err := regexp.Compile(pattern)
	match, ours := newMatcher(pattern)
	if (err == nil) != (ours == nil) {
		t.Fatalf("%q: %v; regexp: %v", pattern, ours, err)
	}
	if err != nil {
		return
	}
	want := re.MatchString(s)
	if got := match(s); got != want {
		t.Errorf("%q in %q: %v", pattern, s, got)
	}
	for _, literal := range requiredLiterals(pattern) {
		if want && !strings.Contains(s, literal) {
			t.Errorf("%q matches %q, which has no %q", pattern, s, literal)
		}
	}
}

func FuzzMatcher(f *testing.F) {
	for i, pattern := range matcherPatterns {
		f.Add(pattern, matcherTexts[i%len(matcherTexts)])
	}
	f.Fuzz(checkMatcher)
}
