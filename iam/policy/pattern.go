package policy

import (
	"strings"
)

// A pattern is text with wildcards. Characters that must match literally stand for themselves, so that a "*" which
// came out of a policy variable can be told from one that the author of the policy wrote.
type pattern []rune

const (
	anyRun rune = -1 // "*": any run of characters, also none
	anyOne rune = -2 // "?": exactly one character
)

// match reports whether the whole of s fits the pattern, in time O(len(p)*len(s)) at worst and without recursion.
func (p pattern) match(s string) bool {
	text := []rune(s)
	i, j := 0, 0
	star, mark := -1, 0 // the last anyRun, and where the text stood when it was reached
	for j < len(text) {
		switch {
		case i < len(p) && p[i] == anyRun:
			star, mark = i, j
			i++
		case i < len(p) && (p[i] == anyOne || p[i] == text[j]):
			i, j = i+1, j+1
		case star >= 0:
			mark++
			i, j = star+1, mark
		default:
			return false
		}
	}
	for i < len(p) && p[i] == anyRun {
		i++
	}
	return i == len(p)
}

// wildcards compiles text in which "*" and "?" are wildcards and "${" has no meaning.
func wildcards(text string) pattern {
	p := make(pattern, 0, len(text))
	for _, r := range text {
		p = append(p, wildcard(r))
	}
	return p
}

func wildcard(r rune) rune {
	switch r {
	case '*':
		return anyRun
	case '?':
		return anyOne
	}
	return r
}

// expand compiles text in which ${…} stands for a value of the request; "*" and "?" are wildcards where wild says so.
// It reports false when a variable has neither a value nor a default: such text matches nothing.
func (ctx keys) expand(text string, wild bool) (pattern, bool) {
	p := make(pattern, 0, len(text))
	for text != "" {
		plain, rest, found := strings.Cut(text, "${")
		for _, r := range plain {
			if wild {
				r = wildcard(r)
			}
			p = append(p, r)
		}
		if !found {
			break
		}
		name, after, closed := strings.Cut(rest, "}")
		value, known := ctx.variable(name)
		if !closed || !known {
			return nil, false
		}
		p = append(p, []rune(value)...)
		text = after
	}
	return p, true
}

// variable gives the value of ${name}, where name may carry a default: "aws:username, 'nobody'". The escapes ${*}, ${?}
// and ${$} stand for the character itself. A key with several values cannot stand in for one.
func (ctx keys) variable(name string) (string, bool) {
	if name == "*" || name == "?" || name == "$" {
		return name, true
	}
	key, fallback, hasDefault := strings.Cut(name, ",")
	if values := ctx.get(strings.TrimSpace(key)); len(values) == 1 {
		return values[0], true
	}
	fallback = strings.TrimSpace(fallback)
	if !hasDefault || len(fallback) < 2 || fallback[0] != '\'' || fallback[len(fallback)-1] != '\'' {
		return "", false
	}
	return fallback[1 : len(fallback)-1], true
}

// keys are the condition keys of a request, by lower-case name.
type keys map[string][]string

func newKeys(context map[string][]string) keys {
	ctx := make(keys, len(context))
	for name, values := range context {
		ctx[strings.ToLower(name)] = values
	}
	return ctx
}

func (ctx keys) get(name string) []string { return ctx[strings.ToLower(name)] }

// has reports whether the request carries the key, also with an empty set of values.
func (ctx keys) has(name string) bool {
	_, ok := ctx[strings.ToLower(name)]
	return ok
}
