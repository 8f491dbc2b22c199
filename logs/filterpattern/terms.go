package filterpattern

import (
	"strings"
	"unicode"

	"github.com/tollbook/tollbook/logs/condition"
)

// terms is an unstructured pattern: substrings of the message.
type terms struct {
	fieldless
	all     []string // must occur, in any order
	without []string // must not occur
	oneOf   []string // at least one must occur, if there are any
}

// parseTerms reads [ term *( 1*WS term ) ] with term = [ "?" / "-" ] ( word / phrase ). Blanks may follow a "-".
func parseTerms(s string, base int) (*terms, *Error) {
	t := &terms{}
	for i := 0; i < len(s); i = skipBlanks(s, i) {
		list, sign := &t.all, i
		switch s[i] {
		case '-':
			list = &t.without
			i = skipBlanks(s, i+1)
		case '?':
			list = &t.oneOf
			i++
		}
		if wordEnd(s, i) == i {
			return nil, invalidTerm(s[sign:sign+1], base+sign)
		}
		term, next, err := parseTerm(s, i, base)
		if err != nil {
			return nil, err
		}
		*list = append(*list, term)
		i = next
	}
	t.simplify()
	return t, nil
}

// parseTerm reads a word or phrase, which a blank or the end must follow.
func parseTerm(s string, i, base int) (term string, next int, err *Error) {
	if s[i] == '"' {
		term, next, ok := unquote(s, i, '"')
		if !ok {
			return "", 0, invalidPattern(base + i)
		}
		if end := wordEnd(s, next); end > next {
			return "", 0, invalidTerm(s[i:end], base+i)
		}
		return term, next, nil
	}
	end := wordEnd(s, i)
	if !isWord(s[i:end]) {
		return "", 0, invalidTerm(s[i:end], base+i)
	}
	return s[i:end], end, nil
}

func wordEnd(s string, i int) int {
	for i < len(s) && !isBlank(s[i]) {
		i++
	}
	return i
}

// isWord reports whether a term needs no quotes. Letters and digits are those of every script.
func isWord(s string) bool {
	for _, r := range s {
		if r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return false
		}
	}
	return s != ""
}

// simplify drops the "?" terms beside others, as AWS does, and what every message satisfies: the empty phrase and, as a
// whole pattern, the phrase of blanks.
func (t *terms) simplify() {
	if len(t.all)+len(t.without) > 0 {
		t.oneOf = nil
	}
	if len(t.all) == 1 && len(t.without) == 0 && trimBlanks(t.all[0]) == "" {
		t.all = nil
	}
}

func (t *terms) match(message string) bool {
	for _, term := range t.all {
		if !strings.Contains(message, term) {
			return false
		}
	}
	for _, term := range t.without {
		if strings.Contains(message, term) {
			return false
		}
	}
	return len(t.oneOf) == 0 || containsOne(message, t.oneOf)
}

func containsOne(message string, terms []string) bool {
	for _, term := range terms {
		if strings.Contains(message, term) {
			return true
		}
	}
	return false
}

func (t *terms) matchesAll() bool { return len(t.all)+len(t.without)+len(t.oneOf) == 0 }

// condition names terms of every length, as they are all that the pattern asks for.
func (t *terms) condition() condition.Condition {
	if len(t.oneOf) > 0 {
		return anyOf(containing(t.oneOf))
	}
	return allOf(containing(t.all))
}

func containing(terms []string) []condition.Condition {
	members := make([]condition.Condition, len(terms))
	for i, term := range terms {
		members[i] = condition.Contains(term)
	}
	return members
}
