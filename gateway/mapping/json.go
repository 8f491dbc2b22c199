package mapping

import (
	"errors"
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// document is the JSON document behind $input, parsed when it is first asked for.
type document struct {
	parsed bool
	root   any
}

// jsonParser reads JSON. Strings without escapes are not copied: they point into the text.
type jsonParser struct {
	text  string
	pos   int
	depth int
	err   error
}

var errJSON = errors.New("invalid JSON")

// parseJSON reads one JSON value, keeping the order of keys and the text of numbers.
func parseJSON(text string) (any, error) {
	p := &jsonParser{text: text}
	v := p.value()
	p.space()
	if p.err == nil && p.pos < len(text) {
		p.fail()
	}
	if p.err != nil {
		return nil, p.err
	}
	return v, nil
}

func (p *jsonParser) fail() any {
	if p.err == nil {
		p.err = fmt.Errorf("%w at byte %d", errJSON, p.pos)
	}
	p.pos = len(p.text)
	return nil
}

func (p *jsonParser) space() {
	for p.pos < len(p.text) {
		switch p.text[p.pos] {
		case ' ', '\t', '\n', '\r':
			p.pos++
		default:
			return
		}
	}
}

// next skips white space and returns the byte there, 0 at the end.
func (p *jsonParser) next() byte {
	p.space()
	if p.pos == len(p.text) {
		return 0
	}
	return p.text[p.pos]
}

func (p *jsonParser) value() any {
	switch c := p.next(); {
	case c == '{':
		return p.object()
	case c == '[':
		return p.array()
	case c == '"':
		return p.string()
	case c == '-' || isDigit(c):
		return p.number()
	case c == 't':
		return p.word("true", true)
	case c == 'f':
		return p.word("false", false)
	case c == 'n':
		return p.word("null", nil)
	}
	return p.fail()
}

func (p *jsonParser) word(text string, v any) any {
	if len(p.text)-p.pos < len(text) || p.text[p.pos:p.pos+len(text)] != text {
		return p.fail()
	}
	p.pos += len(text)
	return v
}

// enter goes into an object or array.
func (p *jsonParser) enter() bool {
	p.pos++
	if p.depth++; p.depth > maxDepth {
		p.fail()
	}
	return p.err == nil
}

func (p *jsonParser) object() any {
	if !p.enter() {
		return nil
	}
	m := &Map{}
	if p.next() == '}' {
		return p.leave(m)
	}
	m.keys, m.values = make([]string, 0, 8), make([]any, 0, 8)
	for p.err == nil {
		if p.next() != '"' {
			break
		}
		key := p.string()
		if p.next() != ':' {
			break
		}
		p.pos++
		m.put(key, p.value())
		switch p.next() {
		case '}':
			return p.leave(m)
		case ',':
			p.pos++
			continue
		}
		break
	}
	return p.fail()
}

func (p *jsonParser) leave(v any) any {
	p.pos++
	p.depth--
	return v
}

func (p *jsonParser) array() any {
	if !p.enter() {
		return nil
	}
	l := &List{json: true}
	if p.next() == ']' {
		return p.leave(l)
	}
	for p.err == nil {
		l.items = append(l.items, p.value())
		switch p.next() {
		case ']':
			return p.leave(l)
		case ',':
			p.pos++
			continue
		}
		break
	}
	return p.fail()
}

func (p *jsonParser) string() string {
	p.pos++
	start := p.pos
	for i := start; i < len(p.text); i++ {
		switch c := p.text[i]; {
		case c == '"':
			p.pos = i + 1
			return p.text[start:i]
		case c == '\\':
			return p.escaped(start, i)
		case c < ' ':
			p.pos = i
			p.fail()
			return ""
		}
	}
	p.fail()
	return ""
}

// escaped reads a string whose first escape is at i.
func (p *jsonParser) escaped(start, i int) string {
	b := append(make([]byte, 0, 64), p.text[start:i]...)
	for i < len(p.text) {
		c := p.text[i]
		switch {
		case c == '"':
			p.pos = i + 1
			return string(b)
		case c < ' ':
			p.pos = i
			p.fail()
			return ""
		case c == '\\':
			var size int
			if b, size = unescapeJSON(b, p.text[i:]); size == 0 {
				p.pos = i
				p.fail()
				return ""
			}
			i += size
		default:
			b = append(b, c)
			i++
		}
	}
	p.fail()
	return ""
}

// unescapeJSON decodes the escape at the beginning of s and returns its size; 0 if it is none.
func unescapeJSON(b []byte, s string) ([]byte, int) {
	if len(s) < 2 {
		return b, 0
	}
	switch c := s[1]; c {
	case '"', '\\', '/':
		return append(b, c), 2
	case 'b':
		return append(b, '\b'), 2
	case 'f':
		return append(b, '\f'), 2
	case 'n':
		return append(b, '\n'), 2
	case 'r':
		return append(b, '\r'), 2
	case 't':
		return append(b, '\t'), 2
	}
	first, ok := hexEscape(s)
	if !ok {
		return b, 0
	}
	if utf16.IsSurrogate(first) {
		if second, ok := hexEscape(s[6:]); ok {
			if c := utf16.DecodeRune(first, second); c != utf8.RuneError {
				return utf8.AppendRune(b, c), 12
			}
		}
	}
	return utf8.AppendRune(b, first), 6
}

func hexEscape(s string) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(s[2:6], 16, 32)
	return rune(n), err == nil
}

func (p *jsonParser) number() any {
	start := p.pos
	if p.text[p.pos] == '-' {
		p.pos++
	}
	whole := p.digits()
	ok := whole > 0 && (whole == 1 || p.text[p.pos-whole] != '0')
	plain := true
	if p.pos < len(p.text) && p.text[p.pos] == '.' {
		plain = false
		p.pos++
		ok = p.digits() > 0 && ok
	}
	if p.pos < len(p.text) && p.text[p.pos]|0x20 == 'e' {
		plain = false
		p.pos++
		if p.pos < len(p.text) && (p.text[p.pos] == '+' || p.text[p.pos] == '-') {
			p.pos++
		}
		ok = p.digits() > 0 && ok
	}
	if !ok {
		return p.fail()
	}
	text := p.text[start:p.pos]
	if plain && text != "-0" {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n
		}
	}
	return number(text)
}

func (p *jsonParser) digits() int {
	start := p.pos
	for p.pos < len(p.text) && isDigit(p.text[p.pos]) {
		p.pos++
	}
	return p.pos - start
}

// printJSON writes a value as JSON, without white space.
func (r *run) printJSON(v any, depth int) {
	if !r.step() || r.tooDeep(depth) {
		return
	}
	switch v := v.(type) {
	case string:
		r.writeQuoted(v)
	case *List:
		r.write("[")
		for i, item := range v.items {
			if i > 0 {
				r.write(",")
			}
			if r.printJSON(item, depth+1); r.state == failed {
				return
			}
		}
		r.write("]")
	case *Map:
		r.write("{")
		for i, key := range v.keys {
			if i > 0 {
				r.write(",")
			}
			r.writeQuoted(key)
			r.write(":")
			if r.printJSON(v.values[i], depth+1); r.state == failed {
				return
			}
		}
		r.write("}")
	case object, *block:
		r.writeQuoted(r.text(v))
	default:
		r.printAt(v, depth)
	}
}

// writeQuoted writes a JSON string.
func (r *run) writeQuoted(s string) {
	if len(r.out)+len(s) > maxOutput {
		r.write(s) // fails
		return
	}
	out := append(r.out, '"')
	start := 0
	for i := range len(s) {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		out = append(out, s[start:i]...)
		out = appendEscape(out, c)
		start = i + 1
	}
	out = append(out, s[start:]...)
	r.out = append(out, '"')
}

func appendEscape(out []byte, c byte) []byte {
	switch c {
	case '\b':
		return append(out, `\b`...)
	case '\f':
		return append(out, `\f`...)
	case '\n':
		return append(out, `\n`...)
	case '\r':
		return append(out, `\r`...)
	case '\t':
		return append(out, `\t`...)
	case '"', '\\':
		return append(out, '\\', c)
	}
	const digits = "0123456789ABCDEF"
	return append(out, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
}
