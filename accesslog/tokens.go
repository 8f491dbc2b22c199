package accesslog

import "strings"

// A token is a piece of a format: literal text, or a reference to a variable if name is set.
type token struct {
	literal string
	name    string
}

const reference = "context."

// tokenize splits a format. A reference is $context.a.b or ${context.a.b}; the bare form ends at the first character
// that is no letter, digit, '_', '-' or '.', and a '.' at its end belongs to the text that follows.
func tokenize(format string) []token {
	var tokens []token
	start := 0
	for i := 0; i < len(format); {
		name, size := matchReference(format[i:])
		if size == 0 {
			i++
			continue
		}
		if i > start {
			tokens = append(tokens, token{literal: format[start:i]})
		}
		tokens = append(tokens, token{name: name})
		i += size
		start = i
	}
	if start < len(format) {
		tokens = append(tokens, token{literal: format[start:]})
	}
	return tokens
}

// matchReference reads a reference at the beginning of s and returns its name and size, or size 0.
func matchReference(s string) (name string, size int) {
	rest, ok := strings.CutPrefix(s, "$")
	if !ok {
		return "", 0
	}
	rest, braced := strings.CutPrefix(rest, "{")
	rest, ok = strings.CutPrefix(rest, reference)
	if !ok {
		return "", 0
	}
	name = strings.TrimRight(rest[:nameEnd(rest)], ".")
	if name == "" {
		return "", 0
	}
	size = len(s) - len(rest) + len(name)
	if braced && size < len(s) && s[size] == '}' {
		size++
	}
	return name, size
}

// nameEnd is where the name at the beginning of s ends. Claims are named after the identity provider's taste, such as
// cognito:username, so below authorizer.claims a ':' between two name characters is part of it.
func nameEnd(s string) int {
	claim := strings.HasPrefix(s, "authorizer.claims.")
	for i := range len(s) {
		inner := claim && s[i] == ':' && i+1 < len(s) && isNameByte(s[i+1])
		if !isNameByte(s[i]) && !inner {
			return i
		}
	}
	return len(s)
}

func isNameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-' || c == '.'
}
