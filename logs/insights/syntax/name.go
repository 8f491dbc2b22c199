package syntax

import (
	"strings"
	"unicode"
)

// Names need no backticks if each step of their path is made of letters, digits, @, _ and single colons within, and the
// first does not begin with a digit (spec §6.2).

func startsName(r rune) bool { return r == '@' || r == '_' || unicode.IsLetter(r) }

func continuesName(r rune) bool { return startsName(r) || r >= '0' && r <= '9' }

// plainStep returns the end of the step that begins at from without backticks, or from if there is none.
func plainStep(text []rune, from int) int {
	at := from
	for at < len(text) {
		colon := text[at] == ':' && at > from && at+1 < len(text) && continuesName(text[at+1])
		if !continuesName(text[at]) && !colon {
			break
		}
		at++
	}
	return at
}

// reserved are the words that are never printed as names without backticks.
var reserved = []string{
	"and", "as", "asc", "by", "desc", "for", "in", "into", "like", "maxspan", "not", "offset", "or", "output", "outputnew",
	"source", "where", "with",
}

func isReserved(name string) bool {
	for _, word := range reserved {
		if strings.EqualFold(word, name) {
			return true
		}
	}
	return false
}

// quoteStep returns a step as it is written in a query.
func quoteStep(step string, first bool) string {
	runes := []rune(step)
	plain := len(runes) > 0 && plainStep(runes, 0) == len(runes)
	if first {
		plain = plain && startsName(runes[0]) && !isReserved(step)
	}
	if plain {
		return step
	}
	return "`" + strings.ReplaceAll(step, "`", "``") + "`"
}

// quoteName returns a name that may hold dots as it is written behind "as".
func quoteName(name string) string {
	for i, step := range strings.Split(name, ".") {
		if quoteStep(step, i == 0) != step {
			return quoteStep(name, true)
		}
	}
	return name
}

// quotePath returns the steps of a path as they are written.
func quotePath(steps []string) string {
	parts := make([]string, len(steps))
	for i, step := range steps {
		parts[i] = quoteStep(step, i == 0)
	}
	return strings.Join(parts, ".")
}
