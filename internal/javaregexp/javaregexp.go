// Package javaregexp runs regular expressions that were written for Java, as those of integration responses, authorizers
// and mapping templates are.
//
// Nearly all mean the same to Go's own engine, which cannot be made to run long. Only those that it refuses, with
// look-around, back references or atomic groups, go to an engine that backtracks, with a limit on its time.
package javaregexp

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/dlclark/regexp2/v2"
)

// matchTimeout ends a search that backtracks without end.
const matchTimeout = 100 * time.Millisecond

// Regexp is a compiled expression, safe for concurrent use.
type Regexp struct {
	linear, whole        *regexp.Regexp
	backtracking, entire *regexp2.Regexp // if linear is nil
}

// Compile reads an expression.
func Compile(pattern string) (*Regexp, error) {
	if strings.LastIndex(pattern, `\Q`) > strings.LastIndex(pattern, `\E`) {
		pattern += `\E` // a quotation may be left open
	}
	pattern = dots(pattern)
	if linear, err := regexp.Compile(pattern); err == nil {
		whole, err := regexp.Compile(`\A(?:` + pattern + `)\z`)
		if err != nil {
			return nil, fmt.Errorf("compile %q: %w", pattern, err)
		}
		return &Regexp{linear: linear, whole: whole}, nil
	}
	var e Regexp
	var err error
	if e.backtracking, err = regexp2.Compile(pattern); err != nil {
		return nil, fmt.Errorf("compile %q: %w", pattern, err)
	}
	if e.entire, err = regexp2.Compile(`\A(?:` + pattern + `)\z`); err != nil {
		return nil, fmt.Errorf("compile %q: %w", pattern, err)
	}
	e.backtracking.MatchTimeout, e.entire.MatchTimeout = matchTimeout, matchTimeout
	return &e, nil
}

// dots has a dot stop at a carriage return, as Java's does; both engines here let it stop at a line feed only. Where the
// expression sets the flag s itself, its dots are left alone.
func dots(pattern string) string {
	if !strings.Contains(pattern, ".") || strings.Contains(pattern, "(?") && strings.Contains(flags(pattern), "s") {
		return pattern
	}
	var b strings.Builder
	class := 0
	for i := 0; i < len(pattern); i++ {
		c := pattern[i]
		switch {
		case c == '\\' && strings.HasPrefix(pattern[i:], `\Q`):
			end := len(pattern)
			if n := strings.Index(pattern[i:], `\E`); n >= 0 {
				end = i + n + 2
			}
			b.WriteString(pattern[i:end])
			i = end - 1
			continue
		case c == '\\' && i+1 < len(pattern):
			b.WriteByte(c)
			i++
			c = pattern[i]
		case c == '[':
			class++
		case c == ']' && class > 0:
			class--
		case c == '.' && class == 0:
			b.WriteString(`[^\n\r]`)
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

var flagGroup = regexp.MustCompile(`\(\?([a-zA-Z]*)[:)-]`)

// flags are all flags that the expression sets.
func flags(pattern string) string {
	var all strings.Builder
	for _, m := range flagGroup.FindAllStringSubmatch(pattern, -1) {
		all.WriteString(m[1])
	}
	return all.String()
}

// MatchWhole reports whether the expression matches all of s, as Java's matches. An error means that it took too long.
func (e *Regexp) MatchWhole(s string) (bool, error) {
	if e.linear != nil {
		return e.whole.MatchString(s), nil
	}
	return e.entire.MatchString(s)
}

// FindAll returns where the expression matches: for each match the bytes at which it and its groups begin and end, -1 for
// groups that take no part. At most n matches are found; n < 0: all.
func (e *Regexp) FindAll(s string, n int) ([][]int, error) {
	if e.linear != nil {
		return e.linear.FindAllStringSubmatchIndex(s, n), nil
	}
	offsets := runeOffsets(s)
	var all [][]int
	m, err := e.backtracking.FindStringMatch(s)
	for m != nil && err == nil && (n < 0 || len(all) < n) {
		all = append(all, places(m, offsets))
		m, err = e.backtracking.FindNextMatch(m)
	}
	return all, err
}

func places(m *regexp2.Match, offsets []int) []int {
	var at []int
	for _, g := range m.Groups() {
		if len(g.Captures) == 0 {
			at = append(at, -1, -1)
			continue
		}
		at = append(at, offsets[g.RuneIndex], offsets[g.RuneIndex+g.RuneLength])
	}
	return at
}

// runeOffsets are the bytes at which the runes of s begin, and its end.
func runeOffsets(s string) []int {
	offsets := make([]int, 0, len(s)+1)
	for i := range s {
		offsets = append(offsets, i)
	}
	return append(offsets, len(s))
}
