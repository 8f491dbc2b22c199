package metricmath

import (
	"strconv"
	"strings"
)

type tokenKind uint8

const (
	tokEnd tokenKind = iota
	tokNumber
	tokString
	tokName // an ID, a function or a keyword
	tokOperator
)

type token struct {
	kind   tokenKind
	text   string // of a string without its quotes, of && and || as AND and OR
	number float64
	at     int
}

var operators = []string{"&&", "||", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "^", "(", ")", "[", "]", ","}

// lex splits an expression into tokens, of which the last is tokEnd.
func lex(src string) ([]token, error) {
	var all []token
	for at := 0; ; {
		for at < len(src) && strings.IndexByte(" \t\r\n", src[at]) >= 0 {
			at++
		}
		if at == len(src) {
			return append(all, token{kind: tokEnd, at: at}), nil
		}
		t, size, err := next(src[at:], at)
		if err != nil {
			return nil, err
		}
		all = append(all, t)
		at += size
	}
}

// next reads the token at the beginning of src.
func next(src string, at int) (token, int, error) {
	c := src[0]
	switch {
	case c == '\'' || c == '"':
		return lexString(src, at)
	case isDigit(c) || c == '.' && len(src) > 1 && isDigit(src[1]):
		return lexNumber(src, at)
	case isLetter(c):
		n := 1
		for n < len(src) && (isLetter(src[n]) || isDigit(src[n]) || src[n] == '_') {
			n++
		}
		return token{kind: tokName, text: src[:n], at: at}, n, nil
	}
	for _, op := range operators {
		if strings.HasPrefix(src, op) {
			return token{kind: tokOperator, text: spelled(op), at: at}, len(op), nil
		}
	}
	return token{}, 0, fault(at, "Unexpected character at position %d", at+1)
}

func spelled(op string) string {
	switch op {
	case "&&":
		return "AND"
	case "||":
		return "OR"
	}
	return op
}

// lexString reads to the closing quote. Search queries have their own escapes, so a backslash stays, and only keeps a
// quote behind it from closing.
func lexString(src string, at int) (token, int, error) {
	for i := 1; i < len(src); i++ {
		switch src[i] {
		case '\\':
			i++
		case src[0]:
			return token{kind: tokString, text: src[1:i], at: at}, i + 1, nil
		}
	}
	return token{}, 0, fault(at, "Unterminated string at position %d", at+1)
}

func lexNumber(src string, at int) (token, int, error) {
	n := 0
	for n < len(src) && (isDigit(src[n]) || src[n] == '.') {
		n++
	}
	if n < len(src) && (src[n] == 'e' || src[n] == 'E') {
		exp := n + 1
		if exp < len(src) && (src[exp] == '+' || src[exp] == '-') {
			exp++
		}
		for exp < len(src) && isDigit(src[exp]) {
			exp++
			n = exp
		}
	}
	v, err := strconv.ParseFloat(src[:n], 64)
	if err != nil {
		return token{}, 0, fault(at, "Invalid number %s at position %d", src[:n], at+1)
	}
	return token{kind: tokNumber, text: src[:n], number: v, at: at}, n, nil
}

func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
