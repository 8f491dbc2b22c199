package dfa

import (
	"math/rand"
	"regexp"
	"regexp/syntax"
	"strings"
	"testing"
)

// patterns are the seeds: what an automaton can get wrong.
var patterns = []string{
	``, `a`, `^`, `$`, `^$`, `\A`, `\z`, `a$`, `^a`, `(?m)^a`, `(?m)a$`, `(?m)^$`, `\b`, `\B`, `\bfoo\b`, `\Bo\B`, `a\b.`, `(?i)straße`,
	`(?i)k`, `(?i)[k-s]+x`, `(?s).`, `.`, `a.b`, `(?s)a.b`, `[^a]`, `[^\n]b`, `\d{3}-\d{4}`, `(a|b)*abb`, `(a|ab)(c|bcd)`, `a{2,5}b`,
	`x*`, `(x+x+)+y`, `[a-f]{4}-\d{4}`, `\pL+\d`, `\p{Greek}`, `[^\x00-\x7f]`, `\x{fffd}`, `�b`, `\xff`, `(?U)a+?b`, `é|è`, `[é-ü]z`,
	`(?:^|,)b(?:,|$)`, `(?m:^|,)b`, `\w+@\w+\.com`, `[[:alpha:]]+$`, `(^a|b$)`, `(a*)*$`, `\b\B`, `$a`, `a^b`, `(?m)$\n^`, `(|a)b`, `[^\d\D]`,
	`.*a.{8}b`, `"5\d\d"`, `(?i)\bu[a-z]+s\b`, `^(?:GET|POST) /v\d+/.*$`, "\n$", `\Aa|b`, `a\z|^b`,
}

var texts = []string{
	"", "a", "b", "ab", "abb", "aabb", "foo", "foo bar", "xfoo", "a\nb", "\n", "\na", "b\n", "STRASSE", "straße", "STRAẞE", "K", "\u212a", "ſx",
	"abcd-1234", "555-1234", "xxxxxxy", "xxxxxx", "é", "è", "\xff", "\xe2\x82", "\xe2\x82b", "�b", "\xffb", "\xc3", "é1", "Ωx", "a,b,c", "b,", ",b",
	"me@example.com", "GET /v1/pets", "\"502\"", "users", "busers", "aaaaaaaaaxbbbbbbbbbbb", "a12345678b", "日本語1", "a\xf0\x9f\x98\x80b", " ",
}

func TestMatchesAsRegexp(t *testing.T) {
	t.Parallel()
	for _, pattern := range patterns {
		m, err := Compile(pattern)
		if err != nil {
			t.Fatal(err)
		}
		if m.program == nil {
			t.Errorf("%q has no automaton", pattern)
		}
		re := regexp.MustCompile(pattern)
		for range 2 { // the second time, states are known
			for _, text := range texts {
				if got := m.MatchString(text); got != re.MatchString(text) {
					t.Errorf("%q on %q: %v", pattern, text, got)
				}
			}
		}
	}
}

func TestWrongExpression(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{`a(b`, `[z-a]`, `(?<n`, `a{2,1}`} {
		_, err := Compile(pattern)
		if _, want := regexp.Compile(pattern); err == nil || err.Error() != want.Error() {
			t.Errorf("%v instead of %v", err, want)
		}
	}
}

// What is too large, or builds more states than it reads, is left to package regexp.
func TestLeftToRegexp(t *testing.T) {
	t.Parallel()
	large, err := Compile(strings.Repeat(`(?:a{0,900}b)`, 6))
	if err != nil {
		t.Fatal(err)
	}
	if large.program != nil {
		t.Error("an expression of many thousand instructions has an automaton")
	}
	if !large.MatchString("abbbbbb") || large.MatchString("abbbbb") {
		t.Error("a large expression is matched wrongly")
	}
	growing := limited(t, `(?:a|b)*a(?:a|b){14}c`, 1<<12)
	random := rand.New(rand.NewSource(1))
	text := make([]byte, 1<<16)
	for i := range text {
		text[i] = "ab"[random.Intn(2)]
	}
	if growing.MatchString(string(text)) || !growing.MatchString(string(text)+"abbbbbbbbbbbbbbc") {
		t.Error("an expression of many states is matched wrongly")
	}
	if !growing.left.Load() {
		t.Error("an automaton that only grows goes on")
	}
}

func limited(t *testing.T, pattern string, limit int) *Matcher {
	t.Helper()
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		t.Fatal(err)
	}
	compiled, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		t.Fatal(err)
	}
	return newMatcher(regexp.MustCompile(pattern), newProgram(compiled), limit)
}

func TestConcurrent(t *testing.T) {
	t.Parallel()
	m := limited(t, `\b(?:GET|POST) /v\d+/[a-z]+\b`, 1<<10)
	done := make(chan bool)
	for range 4 {
		go func() {
			ok := true
			for range 1000 {
				ok = ok && m.MatchString("x POST /v12/pets 200") && !m.MatchString("x POST /vv/pets 200")
			}
			done <- ok
		}()
	}
	for range 4 {
		if !<-done {
			t.Error("a wrong answer")
		}
	}
}

func FuzzMatch(f *testing.F) {
	for i, pattern := range patterns {
		f.Add(pattern, texts[i%len(texts)], uint16(i*50))
	}
	f.Fuzz(func(t *testing.T, pattern, text string, limit uint16) {
		if len(pattern) > 60 || len(text) > 2000 {
			return
		}
		re, err := regexp.Compile(pattern)
		if err != nil {
			return
		}
		whole, small := limited(t, pattern, maxMachine), limited(t, pattern, int(limit))
		for cut := range min(len(text), 3) + 1 {
			want := re.MatchString(text[cut:])
			if got := whole.MatchString(text[cut:]); got != want {
				t.Errorf("%q on %q: %v", pattern, text[cut:], got)
			}
			if got := small.MatchString(text[cut:]); got != want {
				t.Errorf("%q on %q with little memory: %v", pattern, text[cut:], got)
			}
		}
	})
}

func BenchmarkMatch(b *testing.B) {
	const line = `{"_time":"2026-11-20T22:55:18.664Z","requestId":"3e5f1467-f18e-7a9e-3c68-18c610fdbc83","ip":"10.0.4.1","caller":"-","user":"-",` +
		`"requestTime":"20/Nov/2026:22:55:18 +0000","httpMethod":"DELETE","resourcePath":"/v0/pets/{id}/sub21","status":"200"}`
	for _, pattern := range []string{`"5\d\d"`, `(?i)\bu[a-z]+z\b`, `[a-f]{4}-\d{4}-[0-9a-f]+-\d{3}[a-f].*"5\d\d"`} {
		m, err := Compile(pattern)
		if err != nil {
			b.Fatal(err)
		}
		re := regexp.MustCompile(pattern)
		for name, match := range map[string]func(string) bool{"dfa": m.MatchString, "regexp": re.MatchString} {
			b.Run(name+"/"+pattern, func(b *testing.B) {
				b.SetBytes(int64(len(line)))
				for b.Loop() {
					match(line)
				}
			})
		}
	}
}
