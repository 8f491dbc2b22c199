package filterpattern

import (
	"strconv"
	"strings"
)

// stepKind is what a step of a selector leads into.
type stepKind uint8

const (
	memberStep     stepKind = iota // .name, ['key']
	elementStep                    // [0]
	anyMemberStep                  // .*
	anyElementStep                 // [*]
)

// step is one step of a selector.
type step struct {
	kind  stepKind
	name  string // of a memberStep
	index int    // of an elementStep
}

func (s step) isWildcard() bool { return s.kind == anyMemberStep || s.kind == anyElementStep }

// countWildcards returns how many of the steps lead to every member or element.
func countWildcards(steps []step) int {
	n := 0
	for _, s := range steps {
		if s.isWildcard() {
			n++
		}
	}
	return n
}

// parseSelector reads a "$" at i and its steps, of which there must be one:
//
//	"." name   "." "*"   "[" int "]"   "[" "*" "]"   [ "." ] "['" key "']"
func parseSelector(s string, i int) (steps []step, next int, ok bool) {
	for i++; i < len(s) && (s[i] == '.' || s[i] == '['); i = next {
		var st step
		if st, next, ok = parseStep(s, i); !ok {
			return nil, 0, false
		}
		steps = append(steps, st)
	}
	return steps, i, len(steps) > 0
}

func parseStep(s string, i int) (st step, next int, ok bool) {
	switch rest := s[i:]; {
	case strings.HasPrefix(rest, ".['"):
		return parseKeyStep(s, i+2)
	case strings.HasPrefix(rest, "['"):
		return parseKeyStep(s, i+1)
	case strings.HasPrefix(rest, "[*]"):
		return step{kind: anyElementStep}, i + 3, true
	case strings.HasPrefix(rest, ".*"):
		return step{kind: anyMemberStep}, i + 2, true
	case rest[0] == '[':
		digits, after := cutDigits(rest[1:])
		index, err := strconv.Atoi(digits)
		return step{kind: elementStep, index: index}, i + len(digits) + 2, err == nil && strings.HasPrefix(after, "]")
	}
	end := i + 1
	for end < len(s) && isNameByte(s[end]) {
		end++
	}
	return step{kind: memberStep, name: s[i+1 : end]}, end, end > i+1
}

// parseKeyStep reads a key in single quotes, at i, and the bracket behind it.
func parseKeyStep(s string, i int) (st step, next int, ok bool) {
	key, next, ok := unquote(s, i, '\'')
	return step{kind: memberStep, name: key}, next + 1, ok && strings.HasPrefix(s[next:], "]")
}

// path returns the steps as a condition.Field has them; ok is false if one of them is a wildcard.
func path(steps []step) (names []string, ok bool) {
	for _, s := range steps {
		switch s.kind {
		case memberStep:
			names = append(names, s.name)
		case elementStep:
			names = append(names, strconv.Itoa(s.index))
		default:
			return nil, false
		}
	}
	return names, true
}

// readsAsIndex reports whether a step of a path may mean a member as well as an element.
func readsAsIndex(name string) bool {
	_, err := strconv.Atoi(name)
	return err == nil
}
