package columnar

import (
	"encoding/binary"
	"strings"
	"unicode/utf8"
)

// A shape is what messages of one look have in common: literals with a slot between each two. A message of the shape is
// the first literal, the first value, the second literal, and so on; the last literal ends it.
//
// A message of a JSON shape is one valid JSON object without a key twice in an object, in valid UTF-8, and each value is
// the whole of one scalar, so fields are read from columns exactly. A message that begins like an object and is of no
// JSON shape is of no shape at all; hence a message of another shape is certainly no JSON object.
type shape struct {
	json     bool
	literals []string // one more than slots
	slots    []slotKind
}

// slotKind says where the value in a slot ends.
type slotKind uint8

const (
	slotString  slotKind = iota // inside of a JSON string: at its closing quote; escapes stay as they are
	slotBare                    // a JSON number, true, false or null
	slotToken                   // at a blank or the message's end
	slotQuoted                  // at a quote without a backslash before it
	slotBracket                 // at a closing bracket
	slotMarkup                  // at <
	slotComma                   // at a comma or the message's end
	slotWord                    // at a delimiter, as in shape_text.go, or the message's end
	slotKinds
)

const (
	maxSlots       = 512     // of a shape
	maxShapedBytes = 1 << 16 // longer messages have no shape
)

// match cuts the values out of m into row i of the slots' slices, or says false if m is of another shape; the row is then
// arbitrary. A guess, if not empty, is a value that the slot is likely to have, with the literal behind it.
func (s *shape) match(m string, guesses []string, values [][]string, i int) bool {
	first := s.literals[0]
	if len(m) < len(first) || m[:len(first)] != first {
		return false
	}
	at := len(first)
	n := len(s.slots)
	values, guesses = values[:n], guesses[:n]
	literals := s.literals[1:][:n]
	for k, kind := range s.slots {
		literal := literals[k]
		if g := guesses[k]; g != "" && len(m)-at >= len(g) && equalTexts(m[at:at+len(g)], g) {
			values[k][i] = g[:len(g)-len(literal)]
			at += len(g)
			continue
		}
		end := -1
		if kind == slotString && at+8 <= len(m) { // most values of JSON are short
			if mask := specialsIn(load64(m, at)); mask == 0 {
				end = stringEnd(m, at+8)
			} else if end = at + firstByte(mask); m[end] != '"' {
				end = stringEnd(m, at)
			}
		} else {
			end = slotEnd(kind, m, at)
		}
		if end < 0 {
			return false
		}
		values[k][i] = m[at:end]
		if at = end + len(literal); at > len(m) || !equalTexts(m[end:at], literal) {
			return false
		}
	}
	return at == len(m)
}

// equalTexts compares texts of one length, words at a time: most literals are too short for a call to pay.
func equalTexts(a, b string) bool {
	if len(a) < 8 || len(b) < 8 {
		return a == b
	}
	last := len(a) - 8
	for i := 0; i < last; i += 8 {
		if load64(a, i) != load64(b, i) {
			return false
		}
	}
	return load64(a, last) == load64(b, last)
}

// slotEnd is where the value that begins at from ends, or -1 if there is none.
func slotEnd(kind slotKind, m string, from int) int {
	switch kind {
	case slotString:
		return stringEnd(m, from)
	case slotBare:
		return bareEnd(m, from)
	case slotToken:
		return byteOrEnd(m, from, ' ')
	case slotQuoted:
		return quotedEnd(m, from)
	case slotBracket:
		return byteIn(m, from, ']')
	case slotMarkup:
		return byteIn(m, from, '<')
	case slotComma:
		return byteOrEnd(m, from, ',')
	default:
		return wordEnd(m, from)
	}
}

// byteIn is the place of the first c at or after from, or -1.
func byteIn(m string, from int, c byte) int {
	want := uint64(c) * ones
	i := from
	for ; i+8 <= len(m); i += 8 {
		x := load64(m, i) ^ want
		if mask := (x - ones) &^ x & highs; mask != 0 {
			return i + firstByte(mask)
		}
	}
	for ; i < len(m); i++ {
		if m[i] == c {
			return i
		}
	}
	return -1
}

func byteOrEnd(m string, from int, c byte) int {
	if end := byteIn(m, from, c); end >= 0 {
		return end
	}
	return len(m)
}

func quotedEnd(m string, from int) int {
	for i := from; ; i++ {
		if i = byteIn(m, i, '"'); i < 0 || i == from || m[i-1] != '\\' {
			return i
		}
	}
}

// specialsIn marks, by its high bit, at least the first of eight bytes that is a quote, a backslash, a control character or
// beyond ASCII; zero if there is none.
func specialsIn(x uint64) uint64 {
	quote, escape := x^'"'*ones, x^'\\'*ones
	return ((quote-ones)&^quote | (escape-ones)&^escape | (x-' '*ones)&^x | x) & highs
}

// stringEnd is the place of the quote that closes the JSON string whose inside begins at from, or -1 if the inside is not
// valid JSON in valid UTF-8.
func stringEnd(m string, from int) int {
	i := from
	for i+8 <= len(m) {
		special := specialsIn(load64(m, i))
		if special == 0 {
			i += 8
			continue
		}
		if i += firstByte(special); m[i] == '"' {
			return i
		}
		if i = skipSpecial(m, i); i < 0 {
			return -1
		}
	}
	for i < len(m) {
		switch c := m[i]; {
		case c == '"':
			return i
		case c == '\\' || c < ' ' || c >= utf8.RuneSelf:
			if i = skipSpecial(m, i); i < 0 {
				return -1
			}
		default:
			i++
		}
	}
	return -1
}

// skipSpecial goes past the escape or the many-byte character at i, or says -1.
func skipSpecial(m string, i int) int {
	if m[i] >= utf8.RuneSelf {
		r, n := utf8.DecodeRuneInString(m[i:])
		if r == utf8.RuneError && n <= 1 {
			return -1
		}
		return i + n
	}
	if m[i] != '\\' || i+1 >= len(m) {
		return -1
	}
	switch m[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 2
	case 'u':
		for k := i + 2; k < i+6; k++ {
			if k >= len(m) || m[k] < '0' || !isHexDigit(m[k]|0x20) {
				return -1
			}
		}
		return i + 6
	}
	return -1
}

// bareEnd is the end of the JSON literal at from, or -1 if there is none.
func bareEnd(m string, from int) int {
	i := from
	for i < len(m) && m[i]-'0' <= 9 {
		i++
	}
	if i > from && i < len(m) && (m[from] != '0' || i == from+1) && isBareEnd(m[i]) {
		return i
	}
	for i < len(m) && !isBareEnd(m[i]) {
		i++
	}
	if !isBare(m[from:i]) {
		return -1
	}
	return i
}

func isBareEnd(c byte) bool {
	return c == ',' || c == '}' || c == ']' || c == ' ' || c == '\n' || c == '\r' || c == '\t'
}

func isBare(s string) bool {
	return s == "true" || s == "false" || s == "null" || isNumber(s)
}

// isNumber follows the grammar of RFC 8259, section 6.
func isNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	n := leadingDigits(s)
	if n == 0 || (n > 1 && s[0] == '0') {
		return false
	}
	if s = s[n:]; s != "" && s[0] == '.' {
		if n = leadingDigits(s[1:]); n == 0 {
			return false
		}
		s = s[1+n:]
	}
	if s != "" && s[0]|0x20 == 'e' {
		s = s[1:]
		if s != "" && (s[0] == '+' || s[0] == '-') {
			s = s[1:]
		}
		n = leadingDigits(s)
		return n > 0 && n == len(s)
	}
	return s == ""
}

func leadingDigits(s string) int {
	n := 0
	for n < len(s) && s[n]-'0' <= 9 {
		n++
	}
	return n
}

// appendSignature writes what tells a shape from all others.
func (s *shape) appendSignature(dst []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(s.slots)))
	for k, kind := range s.slots {
		dst = append(appendSized(dst, s.literals[k]), byte(kind))
	}
	return append(dst, s.literals[len(s.slots)]...)
}

// looksLikeObject says whether the first byte after JSON's whitespace is a brace.
func looksLikeObject(m string) bool {
	for i := range len(m) {
		switch m[i] {
		case ' ', '\t', '\n', '\r':
		case '{':
			return true
		default:
			return false
		}
	}
	return false
}

// shapeBuilder collects literals and slots while a message is read from left to right.
type shapeBuilder struct {
	shape
	m    string
	from int // where the literal begins that is not yet taken
}

// slot takes m[start:end] as a value; it is false when there are too many.
func (b *shapeBuilder) slot(kind slotKind, start, end int) bool {
	b.literals = append(b.literals, b.m[b.from:start])
	b.slots = append(b.slots, kind)
	b.from = end
	return len(b.slots) <= maxSlots
}

func (b *shapeBuilder) done() *shape {
	b.literals = append(b.literals, b.m[b.from:])
	return &b.shape
}

// shapeOf finds a shape for m, or nil. The shape keeps parts of m.
func shapeOf(m string) *shape {
	if len(m) > maxShapedBytes {
		return nil
	}
	if looksLikeObject(m) {
		return jsonShape(m)
	}
	if s := markupShape(m); s != nil {
		return s
	}
	if s := csvShape(m); s != nil {
		return s
	}
	if s := lineShape(m); s != nil {
		return s
	}
	return wordsShape(m)
}
