package filterpattern

import (
	"strings"

	"github.com/tollbook/tollbook/logs/condition"
)

// operator is what a test does with a value.
type operator uint8

const (
	equal operator = iota
	notEqual
	less
	lessOrEqual
	greater
	greaterOrEqual
	isNull // the rest are of JSON patterns only
	isTrue
	isFalse
	notExists
)

// operatorOf returns the operator that a symbol stands for.
func operatorOf(symbol string) (operator, bool) {
	switch symbol {
	case "=":
		return equal, true
	case "!=":
		return notEqual, true
	case "<":
		return less, true
	case "<=":
		return lessOrEqual, true
	case ">":
		return greater, true
	case ">=":
		return greaterOrEqual, true
	}
	return 0, false
}

// orders reports whether an ordering holds for two numbers that compare so.
func (op operator) orders(compared int) bool {
	switch op {
	case less:
		return compared < 0
	case lessOrEqual:
		return compared <= 0
	case greater:
		return compared > 0
	case greaterOrEqual:
		return compared >= 0
	}
	return false
}

// value is what a test compares with: a number, a text with wildcards at its ends, or a regular expression.
type value struct {
	regex    *regex
	isNumber bool
	number   number
	written  string // as in the pattern, unescaped
	literal  string // written without its wildcards
	anyStart bool   // a wildcard stands before literal
	anyEnd   bool   // a wildcard stands behind literal
}

// comparison parses an operator and its value.
func (p *parser) comparison() (operator, value, *Error) {
	tok := p.next()
	op, ok := operatorOf(tok.text)
	if tok.kind != symbolToken || !ok {
		return 0, value{}, invalidPattern(tok.offset)
	}
	tok = p.next()
	switch tok.kind {
	case bareToken:
		v := textValue(tok.text)
		v.number, v.isNumber = parseNumber(tok.text)
		return op, v, nil
	case quotedToken:
		return op, textValue(tok.text), nil
	case regexToken:
		v, err := p.regexValue(tok, op)
		return op, v, err
	}
	return 0, value{}, invalidPattern(tok.offset)
}

// maxRegexps is how many regular expressions AWS takes in a JSON or space-delimited pattern.
const maxRegexps = 2

func (p *parser) regexValue(tok token, op operator) (value, *Error) {
	p.regexps++
	if p.regexps > maxRegexps || op != equal && op != notEqual {
		return value{}, invalidPattern(tok.offset)
	}
	re, err := compileRegex(tok.text, tok.offset)
	return value{regex: re}, err
}

// textValue takes the wildcards off a text's ends; in the middle an asterisk is an ordinary character.
func textValue(s string) value {
	v := value{written: s}
	v.literal, v.anyStart = strings.CutPrefix(s, "*")
	v.literal, v.anyEnd = strings.CutSuffix(v.literal, "*")
	return v
}

// matchText decides "=" for a text.
func (v *value) matchText(s string) bool {
	switch {
	case v.regex != nil:
		return v.regex.match(s)
	case v.anyStart && v.anyEnd:
		return strings.Contains(s, v.literal)
	case v.anyStart:
		return strings.HasSuffix(s, v.literal)
	case v.anyEnd:
		return strings.HasPrefix(s, v.literal)
	}
	return s == v.literal
}

// compare decides an ordering: no text is less or greater than another.
func (v *value) compare(op operator, s string) bool {
	if !v.isNumber {
		return false
	}
	n, ok := parseNumber(s)
	return ok && op.orders(n.compare(v.number))
}

// condition holds for every message in which a text that matches occurs unescaped.
func (v *value) condition() condition.Condition {
	if v.regex != nil {
		return v.regex.condition()
	}
	return contains(v.literal)
}
