package filterpattern_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tollbook/tollbook/logs/condition"
	"github.com/tollbook/tollbook/logs/filterpattern"
)

// TestScripts runs the files of testdata, which have one statement a line:
//
//	pattern P       the pattern that the following lines are about; without P the empty one
//	message M       the message that the following lines are about
//	yes X, no X     the pattern and X match or do not, where X is what was not given: a message or a pattern
//	all             the pattern matches everything
//	implies C       the pattern's condition
//	error N TEXT    the pattern is refused, at byte N
//	extract M       what is extracted from M follows:
//	= JSON
//
// A text of blanks stands in double quotes.
func TestScripts(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			s := script{T: t}
			for i, line := range strings.Split(string(content), "\n") {
				if strings.TrimSpace(line) != "" && !strings.HasPrefix(line, "#") {
					s.line = fmt.Sprintf("%s:%d", file, i+1)
					s.run(line)
				}
			}
		})
	}
}

type script struct {
	*testing.T
	line             string
	pattern, message *string
	extracted        string
}

func (s *script) run(line string) {
	s.Helper()
	verb, rest, _ := strings.Cut(line, " ")
	switch verb {
	case "pattern":
		s.pattern, s.message = &rest, nil
	case "message":
		s.pattern, s.message = nil, &rest
	case "yes", "no":
		s.matches(rest, verb == "yes")
	case "all":
		s.check("MatchesAll", fmt.Sprint(s.parse(*s.pattern).MatchesAll()), "true")
	case "implies":
		s.check("Condition", render(s.parse(*s.pattern).Condition()), rest)
	case "error":
		s.refused(rest)
	case "extract":
		text, err := json.Marshal(s.parse(*s.pattern).Extract(unquoteBlank(rest)))
		if err != nil {
			s.Fatal(err)
		}
		s.extracted = string(text)
	case "=":
		s.check("Extract", s.extracted, rest)
	default:
		s.Fatalf("%s: unknown statement %q", s.line, verb)
	}
}

func (s *script) check(what, got, want string) {
	s.Helper()
	if got != want {
		s.Errorf("%s: %s\n got %s\nwant %s", s.line, what, got, want)
	}
}

func (s *script) parse(pattern string) *filterpattern.Pattern {
	s.Helper()
	p, err := filterpattern.Parse(pattern)
	if err != nil {
		s.Fatalf("%s: %q: %v", s.line, pattern, err)
	}
	return p
}

func (s *script) matches(other string, want bool) {
	s.Helper()
	pattern, message := other, other
	if s.pattern != nil {
		pattern, message = *s.pattern, unquoteBlank(other)
	} else {
		message = *s.message
	}
	p := s.parse(pattern)
	if got := p.Match(message); got != want {
		s.Errorf("%s: Match is %t: %q, %q", s.line, got, pattern, message)
	}
	if want && !implied(p.Condition(), message) {
		s.Errorf("%s: the condition does not hold: %q, %q", s.line, pattern, message)
	}
}

func (s *script) refused(rest string) {
	s.Helper()
	_, err := filterpattern.Parse(*s.pattern)
	var refused *filterpattern.Error
	if !errors.As(err, &refused) {
		s.Errorf("%s: %q is accepted", s.line, *s.pattern)
		return
	}
	s.check("error", fmt.Sprintf("%d %s", refused.Offset, refused), rest)
}

// unquoteBlank takes the quotes off a text of blanks.
func unquoteBlank(text string) string {
	if inner := strings.Trim(text, `"`); len(inner) == len(text)-2 && strings.TrimSpace(inner) == "" {
		return inner
	}
	return text
}

// render writes a condition as the scripts have it.
func render(c condition.Condition) string {
	switch c := c.(type) {
	case condition.Contains:
		return fmt.Sprintf("%q", string(c))
	case condition.Field:
		return "field(" + strings.Join(c.Path, " ") + ")"
	case condition.All:
		return "all(" + renderAll(c) + ")"
	case condition.Any:
		return "any(" + renderAll(c) + ")"
	}
	return "nothing"
}

func renderAll(members []condition.Condition) string {
	var texts []string
	for _, member := range members {
		texts = append(texts, render(member))
	}
	return strings.Join(texts, " ")
}
