package filterpattern_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tollbook/tollbook/logs/filterpattern"
)

func parse(t testing.TB, pattern string) *filterpattern.Pattern {
	t.Helper()
	p, err := filterpattern.Parse(pattern)
	if err != nil {
		t.Fatalf("%q: %v", pattern, err)
	}
	return p
}

func TestAbout(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		pattern string
		kind    filterpattern.Kind
		regexps int
		names   []string
	}{
		{"", filterpattern.Terms, 0, nil},
		{" ERROR ", filterpattern.Terms, 0, nil},
		{" %5..% ", filterpattern.Regexp, 1, nil},
		{" {$.a=1} ", filterpattern.JSON, 0, []string{"$.a"}},
		{"{$.a=%b% && ($.a != %c% || $['x.y'][0] > 1)}", filterpattern.JSON, 2, []string{"$.a", "$['x.y'][0]"}},
		{"\n[ip, , ..., s=%5..%, s]\n", filterpattern.SpaceDelimited, 1, []string{"$ip", "$s"}},
		{"[]", filterpattern.SpaceDelimited, 0, nil},
	} {
		p := parse(t, tt.pattern)
		if p.Kind() != tt.kind || p.Regexps() != tt.regexps || !slices.Equal(p.Names(), tt.names) || p.String() != tt.pattern {
			t.Errorf("%q: kind %d, %d regexps, names %q, String %q", tt.pattern, p.Kind(), p.Regexps(), p.Names(), p)
		}
	}
}

func TestMatchesAll(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string]bool{
		"": true, " \t\n": true, `" "`: true, `""`: true, "[]": true, "[...]": true, "[ ... ]": true,
		"a": false, `"" -b`: false, "[a]": false, "[,]": false, "{$.a=*}": false, "%.*%": false, `-" "`: false,
	} {
		if got := parse(t, pattern).MatchesAll(); got != want {
			t.Errorf("%q: %t", pattern, got)
		}
	}
}

func TestValue(t *testing.T) {
	t.Parallel()
	const object = `{"latency":12.50,"name":"a\nb","flag":true,"none":null,"o":{"x":[1,{"y":2}]},"dup":1,"dup":{},"o2":{"x":1},"o2":{}}`
	const line = `10.0.0.1 - [now] "GET /" 200 15`
	for _, tt := range []struct{ pattern, message, selector, want string }{
		{"{$.latency = *}", object, "$.latency", "12.50"},
		{"{$.latency = *}", object, "$.name", "a\nb"},
		{"{$.latency = *}", object, "$.flag", "true"},
		{"{$.latency = *}", object, "$.o.x[0]", "1"},
		{"{$.latency = *}", object, "$['o'].x[1].y", "2"},
		{"{$.latency = *}", object, "$.none", "missing"},
		{"{$.latency = *}", object, "$.o", "missing"},
		{"{$.latency = *}", object, "$.o.x", "missing"},
		{"{$.latency = *}", object, "$.o.z", "missing"},
		{"{$.latency = *}", object, "$.dup", "missing"},
		{"{$.latency = *}", object, "$.o2.x", "missing"},
		{"{$.latency = *}", object, "$.o.x[*]", "missing"},
		{"{$.latency = *}", object, "latency", "missing"},
		{"{$.latency = *}", object, "$latency", "missing"},
		{"{$.latency = *}", object, "$.latency ", "missing"},
		{"{$.latency = *}", object, "", "missing"},
		{"{$.latency = *}", object + "x", "$.latency", "missing"},
		{"[ip, ..., status, bytes]", line, "$ip", "10.0.0.1"},
		{"[ip, ..., status, bytes]", line, "$status", "200"},
		{"[ip, ..., status, bytes]", line, "$bytes", "15"},
		{"[ip, ..., status, bytes]", line, "$4", "GET /"},
		{"[ip, ..., status, bytes]", line, "$1", "missing"},
		{"[ip, ..., status, bytes]", line, "ip", "missing"},
		{"[ip, ..., status, bytes]", "one two", "$status", "missing"},
		{"[ip, rest]", line, "$rest", `- [now] "GET /" 200 15`},
		{"ERROR", line, "$ip", "missing"},
		{"%ERROR%", line, "$ip", "missing"},
	} {
		got, ok := parse(t, tt.pattern).Value(tt.message, tt.selector)
		if !ok {
			got = "missing"
		}
		if got != tt.want {
			t.Errorf("%s of %s: %q, want %q", tt.selector, tt.pattern, got, tt.want)
		}
	}
}

func TestExtractIsNeverNil(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{"", "a", "%a%", "{$.a=1}", "[a=x]"} {
		if got := parse(t, pattern).Extract(`{"a":1}`); got == nil || len(got) > 0 {
			t.Errorf("%q: %v", pattern, got)
		}
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	longest := strings.Repeat("ä", filterpattern.MaxLength)
	if !parse(t, longest).Match(longest) {
		t.Error("the longest pattern does not match itself")
	}
	if _, err := filterpattern.Parse(longest + "ä"); err == nil {
		t.Error("a longer pattern is accepted")
	}
	// As many tests as there is room for, and parentheses.
	tests := "{$.a=0" + strings.Repeat("||$.a=1", (filterpattern.MaxLength-7)/7) + "}"
	if p := parse(t, tests); !p.Match(`{"a":1}`) || p.Match(`{"a":2}`) {
		t.Error("many tests: wrong answers")
	}
	deep := "{" + strings.Repeat("(", 500) + "$.a=1" + strings.Repeat(")", 500) + "}"
	if !parse(t, deep).Match(`{"a":1}`) {
		t.Error("deep parentheses: no match")
	}
}

func TestDepthOfMessages(t *testing.T) {
	t.Parallel()
	nested := func(depth int) string {
		return strings.Repeat(`{"a":`, depth) + "1" + strings.Repeat("}", depth)
	}
	p := parse(t, "{$.a NOT EXISTS || $.b NOT EXISTS}")
	for depth, want := range map[int]bool{1: true, 10_000: true, 10_001: false, 100_000: false} {
		if p.Match(nested(depth)) != want {
			t.Errorf("depth %d: Match is not %t", depth, want)
		}
	}
	if p.Match(strings.Repeat("[", 1<<20)) || p.Match(`{"a":`+strings.Repeat("[", 1<<20)) {
		t.Error("an open message matches")
	}
}

func TestFieldsBeyondTheBuffer(t *testing.T) {
	t.Parallel()
	line := strings.Repeat("x ", 1000) + "500 12"
	if p := parse(t, "[..., status=5*, bytes]"); !p.Match(line) || p.Extract(line)["$1002"] != "" || p.Extract(line)["$1000"] != "x" {
		t.Errorf("fields of a long line are wrong: %v", p.Extract(line))
	}
}

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{"GET", "%sub[0-9]+%", "{ $.status = 5* && $.ip = %^10% }"} {
		p := parse(t, pattern)
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				for range 50 {
					if !p.Match(entry) || !implied(p.Condition(), entry) {
						t.Errorf("%q: no match", pattern)
					}
				}
			})
		}
		all.Wait()
	}
}
