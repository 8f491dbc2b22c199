package mapping

import (
	"strconv"
	"strings"
)

// reference reads a reference. It returns nil, and reads nothing, if the $ is text.
func (p *parser) reference() *reference {
	start := p.pos
	if !strings.HasPrefix(p.rest(), "$") {
		return nil
	}
	ref := &reference{}
	p.pos++
	if strings.HasPrefix(p.rest(), "!") {
		ref.quiet = true
		p.pos++
	}
	formal := strings.HasPrefix(p.rest(), "{")
	if formal {
		p.pos++
	}
	n := identEnd(p.rest())
	if n == 0 {
		p.pos = start
		return nil
	}
	ref.at = start
	ref.slot = p.symbols.slot(strings.Clone(p.rest()[:n]))
	p.pos += n
	p.path(ref)
	if formal {
		if !strings.HasPrefix(p.rest(), "}") {
			p.fail(start, "${ without }")
		}
		p.pos++
	}
	p.pos = min(p.pos, len(p.src))
	ref.source = p.src[start:p.pos]
	ref.finish()
	return ref
}

// path reads what follows a variable's name: properties, method calls and indexes.
func (p *parser) path(ref *reference) {
	for p.err == nil {
		rest := p.rest()
		switch {
		case strings.HasPrefix(rest, "["):
			p.pos++
			index := p.expression()
			p.expect("]")
			ref.path = append(ref.path, access{kind: accessIndex, args: []expression{index}})
		case len(rest) > 1 && rest[0] == '.' && isLetter(rest[1]) && rest[1] != '_':
			name := rest[1 : 1+identEnd(rest[1:])]
			p.pos += 1 + len(name)
			a := access{kind: accessProperty, name: name}
			if strings.HasPrefix(p.rest(), "(") {
				p.pos++
				a.kind, a.args = accessMethod, p.list(")")
			}
			ref.path = append(ref.path, a)
		default:
			return
		}
	}
}

// list reads expressions with commas between them up to end.
func (p *parser) list(end string) []expression {
	var items []expression
	if p.accept(end) {
		return nil
	}
	for p.err == nil {
		items = append(items, p.expression())
		if p.accept(end) {
			return items
		}
		p.expect(",")
	}
	return nil
}

// levels are the operators, from those that bind least.
var levels = [...][]struct {
	text string
	op   operator
}{
	{{"||", opOr}, {"or", opOr}},
	{{"&&", opAnd}, {"and", opAnd}},
	{{"==", opEqual}, {"eq", opEqual}, {"!=", opUnequal}, {"ne", opUnequal}},
	{{"<=", opLessEqual}, {"le", opLessEqual}, {">=", opGreaterEqual}, {"ge", opGreaterEqual},
		{"<", opLess}, {"lt", opLess}, {">", opGreater}, {"gt", opGreater}},
	{{"+", opAdd}, {"-", opSubtract}},
	{{"*", opMultiply}, {"/", opDivide}, {"%", opModulo}},
}

func (p *parser) expression() expression {
	defer p.nest()()
	if p.err != nil {
		return constant{}
	}
	return p.binary(0)
}

func (p *parser) binary(level int) expression {
	if level == len(levels) {
		return p.unary()
	}
	left := p.binary(level + 1)
	for p.err == nil {
		op, ok := p.operator(level)
		if !ok {
			break
		}
		left = &binary{op, left, p.binary(level + 1)}
	}
	return left
}

func (p *parser) operator(level int) (operator, bool) {
	p.space()
	for _, candidate := range levels[level] {
		if strings.HasPrefix(p.rest(), candidate.text) && !p.continues(candidate.text) {
			p.pos += len(candidate.text)
			return candidate.op, true
		}
	}
	return 0, false
}

// continues reports whether a word at the position is longer than s.
func (p *parser) continues(s string) bool {
	rest := p.rest()[len(s):]
	return isLetter(s[0]) && rest != "" && (isLetter(rest[0]) || isDigit(rest[0]))
}

func (p *parser) unary() expression {
	p.space()
	if word := "not"; strings.HasPrefix(p.rest(), word) && !p.continues(word) {
		p.pos += len(word)
		return p.not()
	}
	if strings.HasPrefix(p.rest(), "!") && !strings.HasPrefix(p.rest(), "!=") {
		p.pos++
		return p.not()
	}
	return p.primary()
}

func (p *parser) not() expression {
	defer p.nest()()
	if p.err != nil {
		return constant{}
	}
	return &notExpression{p.unary()}
}

func (p *parser) primary() expression {
	p.space()
	at, rest := p.pos, p.rest()
	if rest == "" {
		p.fail(at, "an expression expected")
		return constant{}
	}
	switch c := rest[0]; {
	case c == '$':
		if ref := p.reference(); ref != nil {
			return ref
		}
	case c == '"':
		return p.interpolated(at)
	case c == '\'':
		return p.quoted(at)
	case isDigit(c), c == '-' && len(rest) > 1 && (isDigit(rest[1]) || rest[1] == '.'), c == '.' && len(rest) > 1 && isDigit(rest[1]):
		return p.number(at)
	case c == '[':
		p.pos++
		return p.listOrRange()
	case c == '{':
		p.pos++
		return p.mapLiteral()
	case c == '(':
		p.pos++
		inner := p.expression()
		p.expect(")")
		return inner
	}
	return p.word(at)
}

func (p *parser) word(at int) expression {
	for text, value := range map[string]bool{"true": true, "false": false} {
		if strings.HasPrefix(p.rest(), text) && !p.continues(text) {
			p.pos += len(text)
			return constant{value}
		}
	}
	p.fail(at, "an expression expected")
	return constant{}
}

// number reads an integer or a fraction. The dots of a range are not its own.
func (p *parser) number(at int) expression {
	p.pos++ // a digit, a sign or a point
	p.digits()
	rest := p.rest()
	if strings.HasPrefix(rest, ".") && !strings.HasPrefix(rest, "..") && p.src[at] != '.' {
		p.pos++
		p.digits()
	}
	if rest = p.rest(); rest != "" && rest[0]|0x20 == 'e' {
		mark := p.pos
		p.pos++
		if rest = p.rest(); rest != "" && (rest[0] == '+' || rest[0] == '-') {
			p.pos++
		}
		if !p.digits() {
			p.pos = mark
		}
	}
	text := p.src[at:p.pos]
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return constant{n}
	}
	if !strings.ContainsAny(text, ".eE") {
		return constant{fromBig(toBig(numeric(number(text))))}
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		p.fail(at, "a number expected")
	}
	return constant{f}
}

func (p *parser) digits() bool {
	start := p.pos
	for p.pos < len(p.src) && isDigit(p.src[p.pos]) {
		p.pos++
	}
	return p.pos > start
}

func (p *parser) listOrRange() expression {
	if p.accept("]") {
		return &listLiteral{}
	}
	first := p.expression()
	if p.accept("..") {
		last := p.expression()
		p.expect("]")
		return &rangeLiteral{first, last}
	}
	if p.accept("]") {
		return &listLiteral{[]expression{first}}
	}
	p.expect(",")
	return &listLiteral{append([]expression{first}, p.list("]")...)}
}

func (p *parser) mapLiteral() expression {
	m := &mapLiteral{}
	if p.accept("}") {
		return m
	}
	for p.err == nil {
		m.keys = append(m.keys, p.expression())
		p.expect(":")
		m.values = append(m.values, p.expression())
		if p.accept("}") {
			break
		}
		p.expect(",")
	}
	return m
}

// quoted reads a string in single quotation marks, which is taken as it is.
func (p *parser) quoted(at int) expression {
	text, after, ok := strings.Cut(p.rest()[1:], "'")
	if !ok {
		p.fail(at, "a string without an end")
	}
	p.pos = len(p.src) - len(after)
	return constant{text}
}

// interpolated reads a string in double quotation marks, which is a template itself. A backslash in front of a quotation
// mark keeps it from ending the string; as in Velocity, the backslash stays.
func (p *parser) interpolated(at int) expression {
	end := stringEnd(p.src, at+1)
	if end < 0 {
		p.fail(at, "a string without an end")
		return constant{}
	}
	defer p.nest()()
	whole := p.src
	p.src, p.pos = whole[:end], at+1
	nodes := p.template()
	p.src, p.pos = whole, end+1
	if len(nodes) == 0 {
		return constant{""}
	}
	if text, ok := nodes[0].(textNode); ok && len(nodes) == 1 {
		return constant{string(text)}
	}
	return &interpolation{nodes}
}

func stringEnd(s string, from int) int {
	for i := from; i < len(s); i++ {
		switch s[i] {
		case '"':
			return i
		case '\\':
			if i+1 < len(s) && s[i+1] == '"' && strings.IndexByte(s[i+2:], '"') >= 0 {
				i++
			}
		}
	}
	return -1
}
