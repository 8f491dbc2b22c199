// Package dfa tells whether a regular expression matches somewhere in a text: always as package regexp does, and many times
// as fast. It follows all ways through the expression's program at the same time, as regexp does, but remembers for each
// set of places in the program where a character leads: a deterministic automaton that is built while it runs, as in RE2
// (Cox: "Regular Expression Matching in the Wild", 2010). It does not tell where a match is, and captures nothing.
package dfa

import (
	"regexp"
	"regexp/syntax"
	"sync"
	"sync/atomic"
)

// Matcher is a compiled expression. It is safe for concurrent use.
type Matcher struct {
	re       *regexp.Regexp
	program  *program    // nil: the expression is left to re
	machines sync.Pool   // of *machine
	left     atomic.Bool // to re, since a machine gave up
}

// Compile parses an expression as regexp.Compile does. Expressions that are too large for an automaton work as well, at the
// speed of package regexp.
func Compile(pattern string) (*Matcher, error) {
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil, err
	}
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil, err
	}
	compiled, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return nil, err
	}
	return newMatcher(re, newProgram(compiled), maxMachine), nil
}

func newMatcher(re *regexp.Regexp, p *program, limit int) *Matcher {
	m := &Matcher{re: re, program: p}
	m.machines.New = func() any { return newMachine(p, limit) }
	return m
}

// MatchString says whether the expression matches somewhere in s.
func (m *Matcher) MatchString(s string) bool {
	if m.program == nil || m.left.Load() {
		return m.re.MatchString(s)
	}
	d := m.machines.Get().(*machine)
	matched, ok := d.match(s)
	m.machines.Put(d)
	if !ok {
		m.left.Store(true)
		return m.re.MatchString(s)
	}
	return matched
}
