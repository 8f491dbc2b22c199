package filterpattern_test

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tollbook/tollbook/logs/condition"
	"github.com/tollbook/tollbook/logs/filterpattern"
)

// scripted returns the patterns and messages of the scripts.
func scripted(f *testing.F) (patterns, messages []string) {
	f.Helper()
	files, _ := filepath.Glob("testdata/*.txt")
	for _, name := range files {
		file, err := os.Open(name)
		if err != nil {
			f.Fatal(err)
		}
		defer file.Close()
		other := &messages
		for lines := bufio.NewScanner(file); lines.Scan(); {
			verb, rest, _ := strings.Cut(lines.Text(), " ")
			switch verb {
			case "pattern":
				patterns, other = append(patterns, rest), &messages
			case "message":
				messages, other = append(messages, rest), &patterns
			case "yes", "no":
				*other = append(*other, rest)
			}
		}
	}
	return patterns, messages
}

// FuzzParse checks that no pattern stops the parser, that errors point into the pattern, and that a pattern's text parses to
// the same again.
func FuzzParse(f *testing.F) {
	patterns, _ := scripted(f)
	for _, pattern := range patterns {
		f.Add(pattern)
	}
	f.Fuzz(func(t *testing.T, pattern string) {
		p, err := filterpattern.Parse(pattern)
		if err != nil {
			if e := err.(*filterpattern.Error); e.Message == "" || e.Offset < 0 || e.Offset > len(pattern) {
				t.Fatalf("%q: %q at %d", pattern, e.Message, e.Offset)
			}
			return
		}
		again := parse(t, p.String())
		if again.Kind() != p.Kind() || render(again.Condition()) != render(p.Condition()) || again.MatchesAll() != p.MatchesAll() {
			t.Fatalf("%q parses differently the second time", pattern)
		}
	})
}

// FuzzMatch checks that what Match accepts satisfies the pattern's condition, and that Match decides JSON patterns as walking
// over the decoded message does.
func FuzzMatch(f *testing.F) {
	patterns, messages := scripted(f)
	for i, pattern := range patterns {
		for _, k := range []int{0, 7, 31} {
			f.Add(pattern, messages[(i*13+k)%len(messages)])
		}
	}
	f.Fuzz(func(t *testing.T, pattern, message string) {
		if !utf8.ValidString(message) || !utf8.ValidString(pattern) {
			return // encoding/json replaces what is no UTF-8
		}
		p, err := filterpattern.Parse(pattern)
		if err != nil {
			return
		}
		matches := p.Match(message)
		if matches && !implied(p.Condition(), message) {
			t.Fatalf("%q matches %q, but the condition does not hold: %s", pattern, message, render(p.Condition()))
		}
		if !matches && (p.MatchesAll() || len(p.Extract(message)) > 0) {
			t.Fatalf("%q does not match %q, but extracts or matches all", pattern, message)
		}
		if p.Kind() == filterpattern.JSON && !(filterpattern.HasAnyMember(p) && repeatsNames(message)) {
			decoded, ok := decode(message).(map[string]any)
			if want := ok && filterpattern.MatchDecoded(p, decoded, scalar); matches != want {
				t.Fatalf("%q, %q: Match is %t", pattern, message, matches)
			}
		}
		for _, name := range p.Names() {
			if text, ok := p.Value(message, name); ok && p.Kind() == filterpattern.SpaceDelimited && !strings.Contains(message, text) {
				t.Fatalf("%q, %q: %s is %q", pattern, message, name, text)
			}
		}
	})
}

// repeatsNames reports whether a message might have an object with two members of the same name.
func repeatsNames(message string) bool {
	seen := map[string]bool{}
	for d := json.NewDecoder(strings.NewReader(message)); ; {
		token, err := d.Token()
		if err != nil {
			return false
		}
		if text, ok := token.(string); ok {
			if seen[text] {
				return true
			}
			seen[text] = true
		}
	}
}

// FuzzJSON checks the scanner against encoding/json: what is a JSON object, and what its members say.
func FuzzJSON(f *testing.F) {
	_, messages := scripted(f)
	for _, message := range messages {
		f.Add(message)
	}
	object := parse(f, "{$.x NOT EXISTS || $.x = * || $.x != 1}")
	f.Fuzz(func(t *testing.T, message string) {
		if !utf8.ValidString(message) {
			return
		}
		decoded, ok := decode(message).(map[string]any)
		if _, nested := scalarOrNot(decoded["x"]); object.Match(message) != (ok && !nested) {
			t.Fatalf("%q: an object according to encoding/json: %t", message, ok)
		}
		for name, member := range decoded {
			if len(name) == 0 || strings.HasSuffix(name, `\`) {
				continue
			}
			want, nested := scalarOrNot(member)
			got, found := object.Value(message, "$['"+strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(name)+"']")
			if found != (!nested && member != nil) || found && got != want.Text {
				t.Fatalf("%q: member %q is %q, %t", message, name, got, found)
			}
		}
	})
}

func scalarOrNot(v any) (value condition.Value, nested bool) {
	value = scalar(v)
	return value, value.Kind == condition.Missing
}

// FuzzNumber checks comparisons against math/big.
func FuzzNumber(f *testing.F) {
	numbers := []string{"0", "-0.0", "1", "1.0", "10e-1", "0.001", "1e-3", "-1.5", "9007199254740993", "9007199254740992.5", "+12e+2", "0012"}
	for _, a := range numbers {
		for _, b := range numbers {
			f.Add(a, b)
		}
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		if got, want, ok := filterpattern.CompareNumbers(a, b); ok && got != want {
			t.Fatalf("%s and %s compare as %d, want %d", a, b, got, want)
		}
	})
}
