package syntax

import (
	"fmt"
	"strings"
	"unicode"
)

// tokenKind is the kind of a token.
type tokenKind uint8

const (
	endOfText tokenKind = iota
	nameToken
	numberToken
	periodToken
	stringToken
	symbolToken
)

// token is the smallest part of a query. Of a string, text is what it says, of all others how it is written.
type token struct {
	Span
	kind   tokenKind
	text   string
	steps  []string // of a name
	quoted bool     // a name with backticks, which is never a keyword
}

// lexer cuts a query into tokens. A regular expression looks like a division until the parser says that one is due, so
// tokens are made one at a time.
type lexer struct {
	src []rune
	pos int
	err *Error // the first
}

func (l *lexer) next() token {
	l.skipBlanks()
	start := l.pos
	if start == len(l.src) {
		return token{Span: Span{start, start}, text: "<EOF>"}
	}
	switch r := l.src[start]; {
	case startsName(r) || r == '`':
		return l.name()
	case r >= '0' && r <= '9':
		return l.number()
	case r == '"' || r == '\'':
		return l.quoted(r)
	}
	return l.symbol()
}

// skipBlanks also skips comments, which begin with # and end with their line.
func (l *lexer) skipBlanks() {
	for comment := false; l.pos < len(l.src); l.pos++ {
		switch r := l.src[l.pos]; {
		case r == '\n':
			comment = false
		case r == '#':
			comment = true
		case !comment && !unicode.IsSpace(r):
			return
		}
	}
}

func (l *lexer) at(i int) rune {
	if i >= len(l.src) {
		return 0
	}
	return l.src[i]
}

func (l *lexer) text(from, to int) string { return string(l.src[from:to]) }

func (l *lexer) token(kind tokenKind, start int) token {
	return token{Span: Span{start, l.pos}, kind: kind, text: l.text(start, l.pos)}
}

// fail notes an error and goes to the end of the text.
func (l *lexer) fail(at Span, format string, args ...any) token {
	if l.err == nil {
		l.err = &Error{Span: at, Message: fmt.Sprintf(format, args...)}
	}
	l.pos = len(l.src)
	return l.next()
}

// unrecognized is the error of a lexer that AWS' parser generator makes.
func (l *lexer) unrecognized(start, end int) token {
	return l.fail(Span{start, end}, "token recognition error at: '%s'", l.text(start, end))
}

// name takes a whole path: steps behind dots, of which each may stand in backticks, and indexes in brackets.
func (l *lexer) name() token {
	start := l.pos
	var steps []string
	quoted := false
	for {
		step, ticks, ok := l.step()
		if !ok {
			return l.unrecognized(start, len(l.src))
		}
		steps, quoted = append(steps, step), quoted || ticks
		if len(steps) > 1 || quoted || !strings.EqualFold(step, "in") { // in[0] is an operator and a list
			steps = l.indexes(steps)
		}
		if l.at(l.pos) != '.' || !continuesName(l.at(l.pos+1)) && l.at(l.pos+1) != '`' {
			break
		}
		l.pos++
	}
	t := l.token(nameToken, start)
	t.steps, t.quoted = steps, quoted
	return t
}

// step takes one step of a path. It reports false for backticks that do not end.
func (l *lexer) step() (step string, ticks, ok bool) {
	start := l.pos
	if l.at(start) != '`' {
		l.pos = plainStep(l.src, start)
		return l.text(start, l.pos), false, true
	}
	for l.pos++; l.pos < len(l.src); l.pos++ {
		if l.src[l.pos] != '`' {
			continue
		}
		if l.at(l.pos+1) == '`' { // a backtick of the name itself is written twice
			l.pos++
			continue
		}
		l.pos++
		inner := l.text(start+1, l.pos-1)
		return strings.ReplaceAll(inner, "``", "`"), true, inner != ""
	}
	return "", true, false
}

// indexes takes indexes such as [0], as often as they come.
func (l *lexer) indexes(steps []string) []string {
	for l.at(l.pos) == '[' {
		end := l.pos + 1
		for l.at(end) >= '0' && l.at(end) <= '9' {
			end++
		}
		if l.at(end) != ']' || end == l.pos+1 {
			return steps
		}
		steps = append(steps, l.text(l.pos+1, end))
		l.pos = end + 1
	}
	return steps
}

// number takes a number or a period.
func (l *lexer) number() token {
	start := l.pos
	l.digits()
	if l.at(l.pos) == '.' && isDigit(l.at(l.pos+1)) {
		l.pos++
		l.digits()
	}
	l.exponent()
	if !continuesName(l.at(l.pos)) {
		return l.token(numberToken, start)
	}
	for continuesName(l.at(l.pos)) {
		l.pos++
	}
	if t := l.token(periodToken, start); isPeriod(t.text) {
		return t
	}
	return l.unrecognized(start, l.pos)
}

func (l *lexer) digits() {
	for isDigit(l.at(l.pos)) {
		l.pos++
	}
}

// exponent takes e5, e+5, e-5 if it is one.
func (l *lexer) exponent() {
	end := l.pos + 1
	if l.at(end) == '+' || l.at(end) == '-' {
		end++
	}
	if r := l.at(l.pos); (r == 'e' || r == 'E') && isDigit(l.at(end)) {
		l.pos = end
		l.digits()
	}
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

// quoted takes a string. A backslash stands before a quote or a backslash, or makes n, r and t what they are in C; before
// anything else it is itself, so that regular expressions in strings need not double theirs.
func (l *lexer) quoted(quote rune) token {
	start := l.pos
	var value strings.Builder
	for l.pos++; l.pos < len(l.src); l.pos++ {
		r := l.src[l.pos]
		if r == quote {
			l.pos++
			t := l.token(stringToken, start)
			t.text = value.String()
			return t
		}
		if r == '\\' && l.pos+1 < len(l.src) {
			l.pos++
			value.WriteString(unescape(l.src[l.pos]))
			continue
		}
		value.WriteRune(r)
	}
	return l.unrecognized(start, len(l.src))
}

func unescape(r rune) string {
	switch r {
	case 'n':
		return "\n"
	case 'r':
		return "\r"
	case 't':
		return "\t"
	case '\\', '"', '\'':
		return string(r)
	}
	return `\` + string(r)
}

// regex takes /…/ from start, where a slash is. It reports false if it does not end in its line.
func (l *lexer) regex(start int) (pattern string, ok bool) {
	var out strings.Builder
	for l.pos = start + 1; l.pos < len(l.src) && l.src[l.pos] != '\n'; l.pos++ {
		switch r := l.src[l.pos]; {
		case r == '/':
			l.pos++
			return out.String(), true
		case r == '\\' && l.pos+1 < len(l.src) && l.src[l.pos+1] != '\n':
			l.pos++
			if l.src[l.pos] != '/' {
				out.WriteRune(r)
			}
			out.WriteRune(l.src[l.pos])
		default:
			out.WriteRune(r)
		}
	}
	return "", false
}

// symbol takes an operator or a punctuation mark.
func (l *lexer) symbol() token {
	start := l.pos
	if two := l.text(start, min(start+2, len(l.src))); two == "!=" || two == "<=" || two == ">=" || two == "=~" {
		l.pos += 2
		return l.token(symbolToken, start)
	}
	if !strings.ContainsRune("|()[],=<>+-*/%^!:", l.src[start]) {
		return l.unrecognized(start, start+1)
	}
	l.pos++
	return l.token(symbolToken, start)
}
