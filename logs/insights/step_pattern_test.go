package insights

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestPatterns(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		texts []string
		want  string // lines: count, severity or -, pattern
	}{
		{"kinds", []string{
			"2026-01-01T10:00:00.123Z INFO user 17 from 10.0.0.1 took 12ms id 6f9619ff-8b86-d011-b42d-00cf4fc964ff",
			"2026-01-01T10:00:01.123Z INFO user 18 from 10.0.0.2 took 3ms id 6f9619ff-8b86-d011-b42d-00cf4fc964f0",
			"2026-01-01T10:00:02.123Z INFO user 19 from 10.0.0.3 took 4.5ms id 6f9619ff-8b86-d011-b42d-00cf4fc964f1",
		}, "3 INFO <Time-1> INFO user <Number-2> from <IPAddress-3> took <Number-4>ms id <UUID-5>"},
		{"what does not change is no token", []string{
			"GET /a/1 HTTP/1.1 200", "GET /a/2 HTTP/1.1 200", "GET /a/3 HTTP/1.1 502",
		}, "3 - GET /a/<Number-1> HTTP/1.1 <Number-2>"},
		{"one text", []string{"job 7 done"}, "1 - job <Number-1> done"},
		{"words that differ", []string{
			"user alice logged in now", "user bob logged in now", "user carol logged in now",
		}, "3 - user <Token-1> logged in now"},
		{"levels are not merged", []string{
			"INFO the cache is warm", "ERROR the cache is warm", "INFO the cache is cold",
		}, "2 INFO INFO the cache is <Token-1>\n1 ERROR ERROR the cache is warm"},
		{"texts too different", []string{"alpha beta", "gamma delta"}, "1 - alpha beta\n1 - gamma delta"},
		{"JSON", []string{
			`{"level":"error","status":502,"path":"/orders/17"}`, `{"level":"error","status":503,"path":"/carts/18"}`,
			`{"level":"error","status":504,"path":"/orders/19"}`,
		}, `3 ERROR {"level":"error","status":<Number-1>,"path":"/<Token-2>/<Number-3>"}`},
		{"common log format", []string{
			`10.0.0.1 - - [01/Jan/2026:10:00:00 +0000] "GET /x HTTP/1.1" 200 5`,
			`10.0.0.2 - - [01/Jan/2026:10:00:01 +0000] "GET /x HTTP/1.1" 200 5`,
			`10.0.0.3 - - [01/Jan/2026:10:00:02 +0000] "GET /x HTTP/1.1" 404 5`,
		}, `3 - <IPAddress-1> - - [<Time-2>] "GET /x HTTP/1.1" <Number-3> 5`},
		{"empty texts", []string{"", ""}, "2 - "},
		{"blanks and marks", []string{" ... ", "--"}, "1 -  ... \n1 - --"},
		{"IPv6", []string{"from 2001:db8::1 to ::1"}, "1 - from <IPAddress-1> to ::<Number-2>"},
	} {
		m := newPatternMiner(nil)
		for _, text := range c.texts {
			if err := m.add(text, 0); err != nil {
				t.Fatal(err)
			}
		}
		if got := printPatterns(patternsOf(t, m)); got != c.want {
			t.Errorf("%s:\n%s\nwant:\n%s", c.name, got, c.want)
		}
		checkRegexes(t, patternsOf(t, m), c.texts)
	}
}

func printPatterns(patterns []pattern) string {
	var lines []string
	for _, p := range patterns {
		severity := p.severity
		if severity == "" {
			severity = "-"
		}
		lines = append(lines, fmt.Sprintf("%d %s %s", p.counts[0], severity, p.text))
	}
	return strings.Join(lines, "\n")
}

// checkRegexes checks that each text matches the regular expression of a pattern.
func checkRegexes(t *testing.T, patterns []pattern, texts []string) {
	t.Helper()
	for _, text := range texts {
		matched := false
		for _, p := range patterns {
			matched = matched || regexp.MustCompile(p.regex).MatchString(text)
		}
		if !matched {
			t.Errorf("no pattern matches %q", text)
		}
	}
}

// TestPatternsInAnyOrder checks that neither the order of texts nor how they are spread over miners shows.
func TestPatternsInAnyOrder(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	texts := randomTexts(random, 2000)
	want := ""
	for round := range 5 {
		random.Shuffle(len(texts), func(i, j int) { texts[i], texts[j] = texts[j], texts[i] })
		miners := []*patternMiner{newPatternMiner(nil), newPatternMiner(nil), newPatternMiner(nil)}
		for i, text := range texts {
			if err := miners[i%(round%3+1)].add(text, 0); err != nil {
				t.Fatal(err)
			}
		}
		for _, m := range miners[1:] {
			if err := miners[0].merge(t.Context(), m); err != nil {
				t.Fatal(err)
			}
		}
		patterns := patternsOf(t, miners[0])
		got := printPatterns(patterns)
		if want == "" {
			want = got
			checkRegexes(t, patterns, texts[:100])
		}
		if got != want {
			t.Fatalf("round %d:\n%s\nwant:\n%s", round, got, want)
		}
		total := int64(0)
		for _, p := range patterns {
			total += p.counts[0]
		}
		if total != int64(len(texts)) {
			t.Fatalf("%d texts in patterns, not %d", total, len(texts))
		}
	}
}

func randomTexts(random *rand.Rand, n int) []string {
	names := strings.Fields("alice bob carol dave erin frank grace heidi ivan judy")
	var texts []string
	for range n {
		name := names[random.IntN(len(names))]
		texts = append(texts, []string{
			fmt.Sprintf("%s logged in from 10.0.%d.%d", name, random.IntN(256), random.IntN(256)),
			fmt.Sprintf("ERROR order %d of %s failed: %s", random.IntN(1000), name, names[random.IntN(3)]),
			fmt.Sprintf(`{"status":%d,"user":"%s","id":"r-%x"}`, 200+random.IntN(300), name, random.Uint32()),
			strings.Repeat(name+" ", random.IntN(5)),
		}[random.IntN(4)])
	}
	return texts
}

// TestManyPatterns has more texts of one frame than there may be clusters of it.
func TestManyPatterns(t *testing.T) {
	t.Parallel()
	m := newPatternMiner(nil)
	for i := range 3 * maxClusters {
		word := strings.Repeat("a", i/26+1) + string(rune('a'+i%26))
		if err := m.add(word+" "+word+"x", 0); err != nil {
			t.Fatal(err)
		}
	}
	patterns := patternsOf(t, m)
	if len(patterns) != maxClusters {
		t.Errorf("%d patterns", len(patterns))
	}
	if p := patterns[0]; p.text != "<Token-1> <Token-2>" || p.counts[0] != 2*maxClusters+1 {
		t.Errorf("%d of %s", p.counts[0], p.text)
	}
}

func TestLongText(t *testing.T) {
	t.Parallel()
	m := newPatternMiner(nil)
	if err := m.add(strings.Repeat("ab ", 10*maxWords), 0); err != nil {
		t.Fatal(err)
	}
	if got := patternsOf(t, m)[0].text; !strings.HasSuffix(got, "ab <Token-1>") || strings.Count(got, "ab") != maxWords {
		t.Errorf("%q", got)
	}
}

func FuzzPatterns(f *testing.F) {
	f.Add("a 1 b", "a 2 c", "a 2 d")
	f.Add("10.0.0.1 x", "::1 x", "2026-01-01 x")
	f.Add("\x84", "0", "\x00") // a 0 in a text is not one of a skeleton
	f.Fuzz(func(t *testing.T, a, b, c string) {
		m := newPatternMiner(nil)
		texts := []string{a, b, c, a}
		for i, text := range texts {
			if err := m.add(text, i%2); err != nil {
				t.Fatal(err)
			}
		}
		total := int64(0)
		for _, p := range patternsOf(t, m) {
			total += p.counts[0] + p.counts[1]
		}
		if total != 4 {
			t.Fatalf("%d texts", total)
		}
		if len(a)+len(b)+len(c) < 500 {
			checkValidRegexes(t, patternsOf(t, m), texts)
		}
	})
}

// checkValidRegexes checks texts that are UTF-8: regular expressions are.
func checkValidRegexes(t *testing.T, patterns []pattern, texts []string) {
	for _, text := range texts {
		if !utf8.ValidString(text) {
			return
		}
	}
	checkRegexes(t, patterns, texts)
}

func patternsOf(t *testing.T, m *patternMiner) []pattern {
	t.Helper()
	patterns, err := m.patterns(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return patterns
}
