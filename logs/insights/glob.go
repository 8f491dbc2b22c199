package insights

import "strings"

// glob is the pattern of parse: literal texts, and a star between each two, which captures as little as it can
// (spec/cloudwatch-logs §6.4). It is not anchored: it matches at the first place of its first literal and may end before
// the text does. A star at its start captures from the start of the text, one at its end to the end.
type glob struct {
	literals []string // one more than there are stars
}

func newGlob(pattern string) *glob { return &glob{literals: strings.Split(pattern, "*")} }

// stars returns the number of captures.
func (g *glob) stars() int { return len(g.literals) - 1 }

// match fills captures, which has a place for each star, with parts of s. If it returns false, they say nothing.
//
// A literal is taken where it first occurs behind the one before. No later place could let the rest match that does not
// match from here, so there is nothing to try again.
func (g *glob) match(s string, captures []string) bool {
	last := len(g.literals) - 1
	for i, literal := range g.literals {
		at := strings.Index(s, literal)
		if i == last && i > 0 && literal == "" {
			at = len(s)
		}
		if at < 0 {
			return false
		}
		if i > 0 {
			captures[i-1] = s[:at]
		}
		s = s[at+len(literal):]
	}
	return true
}
