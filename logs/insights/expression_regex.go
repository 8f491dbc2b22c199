package insights

import (
	regexsyntax "regexp/syntax"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tollbook/tollbook/internal/dfa"
)

// newMatcher returns what says whether a regular expression matches somewhere in a text. It is safe for concurrent use.
// Most expressions in queries are literals, or have some of which every match contains one: these are looked for first,
// which takes a small part of the time even of an automaton.
func newMatcher(pattern string) (func(s string) bool, error) {
	matcher, err := dfa.Compile(pattern)
	if err != nil {
		return nil, err
	}
	parsed, err := regexsyntax.Parse(pattern, regexsyntax.Perl)
	if err != nil {
		return nil, err
	}
	parsed = uncaptured(parsed.Simplify())
	if literals, ok := literalsOf(parsed); ok {
		return literals.in, nil
	}
	if needed := best(clausesOf(parsed)); needed != nil {
		return func(s string) bool { return needed.in(s) && matcher.MatchString(s) }, nil
	}
	return matcher.MatchString, nil
}

// uncaptured is what stands in parentheses around the whole.
func uncaptured(re *regexsyntax.Regexp) *regexsyntax.Regexp {
	for re.Op == regexsyntax.OpCapture {
		re = re.Sub[0]
	}
	return re
}

// isLiteral says whether an expression matches one text alone. U+FFFD matches bytes that are not UTF-8 as well.
func isLiteral(re *regexsyntax.Regexp) bool {
	return re.Op == regexsyntax.OpLiteral && re.Flags&regexsyntax.FoldCase == 0 && !slices.Contains(re.Rune, utf8.RuneError)
}

// literalsOf returns the literals of which an expression is one or matches each, if it is so simple.
func literalsOf(re *regexsyntax.Regexp) (clause, bool) {
	branches := []*regexsyntax.Regexp{re}
	if re.Op == regexsyntax.OpAlternate {
		branches = re.Sub
	}
	var literals clause
	for _, branch := range branches {
		var run literalRun
		if branch = uncaptured(branch); branch.Op != regexsyntax.OpLiteral || !run.add(branch) {
			return nil, false
		}
		n := run.needle()
		if n.foreign {
			return nil, false
		}
		literals = append(literals, n)
	}
	return literals, true
}

// needle is a text to look for.
type needle struct {
	text    string // in lower case if folded
	folded  bool   // ASCII letters match in both cases
	foreign bool   // it is folded and has a k or an s, to which letters beyond ASCII (K and ſ) are equal as well
	exact   []string
}

func (n needle) in(s string) bool {
	if !n.folded {
		return strings.Contains(s, n.text)
	}
	return containsFolded(s, n.text) || n.foreign && (strings.Contains(s, "\u212a") || strings.Contains(s, "\u017f"))
}

func containsFolded(s, lower string) bool {
	first, rest := lower[0], lower[1:]
	for i := 0; i+len(rest) < len(s); i++ {
		if lowerASCII[s[i]] == first && equalFolded(s[i+1:i+1+len(rest)], rest) {
			return true
		}
	}
	return false
}

func equalFolded(s, lower string) bool {
	for i := range len(lower) {
		if lowerASCII[s[i]] != lower[i] {
			return false
		}
	}
	return true
}

var lowerASCII = func() (table [256]byte) {
	for i := range table {
		table[i] = byte(i)
		if 'A' <= i && i <= 'Z' {
			table[i] += 'a' - 'A'
		}
	}
	return table
}()
