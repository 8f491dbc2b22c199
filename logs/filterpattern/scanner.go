package filterpattern

import (
	mathbits "math/bits"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/tollbook/tollbook/logs/condition"
)

// scanner reads a message as JSON, strictly (RFC 8259, bytes that are no UTF-8 tolerated within strings), and asks the
// tests of the tree about the values that it passes.
type scanner struct {
	message  string
	at       int
	depth    int
	tests    []test
	noted    bits // tests that were satisfied or, of NOT EXISTS, refuted
	captured condition.Value
}

// maxDepth is how deep objects and arrays may stand within each other; what is deeper counts as invalid.
const maxDepth = 10000

var nullValue = condition.Value{Kind: condition.Literal, Text: "null"}

// scan reports whether the message is a valid JSON object.
func (s *scanner) scan(root *node) bool {
	s.blanks()
	if s.peek() != '{' || !s.object(root) {
		return false
	}
	s.blanks()
	return s.at == len(s.message)
}

// peek returns the next byte, or 0 at the end, which nothing begins with.
func (s *scanner) peek() byte {
	if s.at < len(s.message) {
		return s.message[s.at]
	}
	return 0
}

func (s *scanner) accept(c byte) bool {
	if s.peek() != c {
		return false
	}
	s.at++
	return true
}

func (s *scanner) blanks() { s.at = skipBlanks(s.message, s.at) }

// value reads any value. n is the tree's node of its place, nil if no selector goes there; so everywhere below.
func (s *scanner) value(n *node) bool {
	switch s.peek() {
	case '{':
		s.visit(n, condition.Value{})
		return s.object(n)
	case '[':
		s.visit(n, condition.Value{})
		return s.array(n)
	case '"':
		begin := s.at + 1
		escaped, ok := s.string()
		if ok && n != nil {
			s.visit(n, condition.Value{Kind: condition.String, Text: unescape(s.message[begin:s.at-1], escaped)})
		}
		return ok
	}
	begin := s.at
	if !s.literal() {
		return false
	}
	s.visit(n, condition.Value{Kind: condition.Literal, Text: s.message[begin:s.at]})
	return true
}

// visit notes what the tests of a place say about its value, which is Missing if it is no scalar.
func (s *scanner) visit(n *node, v condition.Value) {
	if n == nil {
		return
	}
	if n.capture {
		s.captured = v
	}
	for _, i := range n.tests {
		if t := &s.tests[i]; t.op == notExists || v.Kind != condition.Missing && t.holds(v) {
			s.noted.set(i)
		}
	}
}

// object reads an object whose brace comes next. When a name comes again, what was noted for it is taken back: the last of
// them counts.
func (s *scanner) object(n *node) bool {
	if s.depth++; s.depth > maxDepth {
		return false
	}
	s.at++
	s.blanks()
	before := s.noted
	for more := !s.accept('}'); more; {
		below, ok := s.key(n, &before)
		if !ok || !s.value(below) {
			return false
		}
		if more, ok = s.separator('}'); !ok {
			return false
		}
	}
	s.depth--
	return true
}

// key reads a member's name up to its value, and returns the value's node.
func (s *scanner) key(n *node, before *bits) (below *node, ok bool) {
	if s.peek() != '"' {
		return nil, false
	}
	begin := s.at + 1
	escaped, ok := s.string()
	if !ok {
		return nil, false
	}
	if n != nil {
		var known *child
		below, known = n.member(unescape(s.message[begin:s.at-1], escaped))
		if known != nil {
			s.noted.restore(before, &known.own)
			s.captured = condition.Value{}
		}
	}
	s.blanks()
	ok = s.accept(':')
	s.blanks()
	return below, ok
}

// array reads an array whose bracket comes next.
func (s *scanner) array(n *node) bool {
	if s.depth++; s.depth > maxDepth {
		return false
	}
	s.at++
	s.blanks()
	for index, more := 0, !s.accept(']'); more; index++ {
		var below *node
		if n != nil {
			below = n.element(index)
		}
		if !s.value(below) {
			return false
		}
		var ok bool
		if more, ok = s.separator(']'); !ok {
			return false
		}
	}
	s.depth--
	return true
}

// separator reads what stands behind a member or element: a comma, so that there are more, or the closing character.
func (s *scanner) separator(closing byte) (more, ok bool) {
	s.blanks()
	if !s.accept(',') {
		return false, s.accept(closing)
	}
	s.blanks()
	return true, true
}

// string steps over a string whose quote comes next, and reports whether it holds escapes.
func (s *scanner) string() (escaped, ok bool) {
	m := s.message
	for i := plainEnd(m, s.at+1); i < len(m); i = plainEnd(m, i) {
		switch m[i] {
		case '"':
			s.at = i + 1
			return escaped, true
		case '\\':
			n := jsonEscapeLength(m[i+1:])
			if n == 0 {
				return false, false
			}
			escaped = true
			i += 1 + n
		default:
			return false, false
		}
	}
	return false, false
}

// plainEnd returns where the first quote, backslash or control character stands at or behind i, or the length of m. It
// looks at eight bytes at a time: subtracting carries into the high bit of a byte that was below what was taken away. A
// carry can spoil the bytes above one that was found, but not those below.
func plainEnd(m string, i int) int {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	for ; i+8 <= len(m); i += 8 {
		w := uint64(m[i]) | uint64(m[i+1])<<8 | uint64(m[i+2])<<16 | uint64(m[i+3])<<24 |
			uint64(m[i+4])<<32 | uint64(m[i+5])<<40 | uint64(m[i+6])<<48 | uint64(m[i+7])<<56
		quote, backslash := w^ones*'"', w^ones*'\\'
		if found := ((quote-ones)&^quote | (backslash-ones)&^backslash | (w-ones*' ')&^w) & high; found != 0 {
			return i + mathbits.TrailingZeros64(found)/8
		}
	}
	for i < len(m) && m[i] != '"' && m[i] != '\\' && m[i] >= ' ' {
		i++
	}
	return i
}

// jsonEscapeLength returns how many characters behind a backslash belong to it, or 0 if they are no escape.
func jsonEscapeLength(s string) int {
	switch {
	case s == "":
		return 0
	case strings.IndexByte(`"\/bfnrt`, s[0]) >= 0:
		return 1
	case s[0] == 'u' && len(s) >= 5 && isHex(s[1]) && isHex(s[2]) && isHex(s[3]) && isHex(s[4]):
		return 5
	}
	return 0
}

// literal steps over a number, true, false or null.
func (s *scanner) literal() bool {
	rest := s.message[s.at:]
	for _, word := range [...]string{"true", "false", "null"} {
		if strings.HasPrefix(rest, word) {
			s.at += len(word)
			return true
		}
	}
	n := jsonNumberLength(rest)
	s.at += n
	return n > 0
}

// jsonNumberLength returns the length of the JSON number that a text begins with, or 0.
func jsonNumberLength(m string) int {
	rest := strings.TrimPrefix(m, "-")
	digits, rest := cutDigits(rest)
	if digits == "" || digits[0] == '0' && len(digits) > 1 {
		return 0
	}
	if strings.HasPrefix(rest, ".") {
		if digits, rest = cutDigits(rest[1:]); digits == "" {
			return 0
		}
	}
	if rest != "" && rest[0]|0x20 == 'e' {
		rest = rest[1:]
		if rest != "" && (rest[0] == '-' || rest[0] == '+') {
			rest = rest[1:]
		}
		if digits, rest = cutDigits(rest); digits == "" {
			return 0
		}
	}
	return len(m) - len(rest)
}

// unescape returns what a valid JSON string says, without its quotes. Half of a surrogate pair becomes U+FFFD.
func unescape(s string, escaped bool) string {
	if !escaped {
		return s
	}
	var b strings.Builder
	for i := strings.IndexByte(s, '\\'); i >= 0; i = strings.IndexByte(s, '\\') {
		b.WriteString(s[:i])
		if s[i+1] != 'u' {
			b.WriteByte(unescapeByte(s[i+1]))
			s = s[i+2:]
			continue
		}
		r := hexRune(s[i+2:])
		s = s[i+6:]
		if utf16.IsSurrogate(r) && strings.HasPrefix(s, `\u`) {
			if pair := utf16.DecodeRune(r, hexRune(s[2:])); pair != utf8.RuneError {
				r, s = pair, s[6:]
			}
		}
		b.WriteRune(r)
	}
	b.WriteString(s)
	return b.String()
}

func unescapeByte(c byte) byte {
	if i := strings.IndexByte("bfnrt", c); i >= 0 {
		return "\b\f\n\r\t"[i]
	}
	return c
}

// hexRune reads four hexadecimal digits.
func hexRune(s string) rune {
	var r rune
	for i := range 4 {
		c := s[i]
		if isDigit(c) {
			c -= '0'
		} else {
			c = c | 0x20 - 'a' + 10
		}
		r = r<<4 | rune(c)
	}
	return r
}
