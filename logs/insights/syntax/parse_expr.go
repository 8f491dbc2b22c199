package syntax

import (
	"regexp/syntax"
	"strconv"
)

// operand is what messages say where an expression may begin.
var operand = []string{"NUMBER", "STRING", "ID", "'('"}

var comparisons = map[string]Op{
	"=": Equal, "!=": NotEqual, "<": Less, "<=": LessEqual, ">": Greater, ">=": GreaterEqual,
}

// expr reads an expression: operators from the weakest to the strongest are or, and, not, comparisons, sums, products,
// powers and signs (spec §6.2).
func (p *parser) expr() Expr {
	if !p.nest() {
		return &Number{}
	}
	defer func() { p.depth-- }()
	start := p.tok.Start
	x := p.and()
	for p.tok.isWord("or") {
		p.advance()
		y := p.and()
		x = &Binary{p.span(start), Or, x, y}
	}
	return x
}

func (p *parser) and() Expr {
	start := p.tok.Start
	x := p.not()
	for p.tok.isWord("and") {
		p.advance()
		y := p.not()
		x = &Binary{p.span(start), And, x, y}
	}
	return x
}

func (p *parser) not() Expr {
	start := p.tok.Start
	if !p.isSymbol("!") && !(p.tok.isWord("not") && beginsOperand(p.peek())) {
		return p.comparison()
	}
	p.advance()
	if !p.nest() {
		return &Number{}
	}
	defer func() { p.depth-- }()
	x := p.not()
	return &Unary{p.span(start), Not, x}
}

// beginsOperand tells a "not" before an operand from a field that is called so.
func beginsOperand(t token) bool {
	switch t.kind {
	case nameToken, numberToken, stringToken:
		return true
	}
	return t.isSymbol("(") || t.isSymbol("-") || t.isSymbol("!")
}

func (p *parser) comparison() Expr {
	start := p.tok.Start
	x := p.sum()
	if op := comparisons[p.tok.text]; op != 0 && p.tok.kind == symbolToken {
		p.advance()
		y := p.sum()
		return &Binary{p.span(start), op, x, y}
	}
	if p.acceptSymbol("=~") {
		y := p.regexLiteral()
		return &Like{Span: p.span(start), X: x, Y: y}
	}
	not := p.tok.isWord("not") && p.peek().isWord("like", "in")
	if not {
		p.advance()
	}
	switch {
	case p.acceptWord("like"):
		y := p.likePattern()
		return &Like{p.span(start), x, not, y}
	case p.acceptWord("in"):
		return p.in(start, x, not)
	}
	return x
}

func (p *parser) likePattern() Expr {
	switch {
	case p.tok.kind == stringToken:
		return p.string()
	case p.isSymbol("/"):
		return p.regexLiteral()
	}
	p.mismatched("STRING", "REGEX")
	return &String{}
}

// in reads the list or the query behind in.
func (p *parser) in(start int, x Expr, not bool) Expr {
	in := &In{X: x, Not: not}
	switch {
	case p.acceptSymbol("["):
		p.list(func() { in.List = append(in.List, p.expr()) })
		p.expectSymbol("]")
	case p.acceptSymbol("("):
		in.Query = p.subquery()
	default:
		p.mismatched("'['", "'('")
	}
	in.Span = p.span(start)
	return in
}

// subquery reads a query that names its log groups, behind its opening parenthesis.
func (p *parser) subquery() *Query {
	if !p.tok.isWord("source") {
		p.mismatched(keyword("source"))
		return &Query{}
	}
	q := p.query(true)
	p.expectSymbol(")")
	return q
}

func (p *parser) sum() Expr {
	start := p.tok.Start
	x := p.product()
	for p.isSymbol("+") || p.isSymbol("-") {
		op := Add
		if p.isSymbol("-") {
			op = Sub
		}
		p.advance()
		y := p.product()
		x = &Binary{p.span(start), op, x, y}
	}
	return x
}

var products = map[string]Op{"*": Mul, "/": Div, "%": Mod}

func (p *parser) product() Expr {
	start := p.tok.Start
	x := p.power()
	for p.tok.kind == symbolToken && products[p.tok.text] != 0 {
		op := products[p.tok.text]
		p.advance()
		y := p.power()
		x = &Binary{p.span(start), op, x, y}
	}
	return x
}

// power groups from the right.
func (p *parser) power() Expr {
	start := p.tok.Start
	x := p.signed()
	if !p.isSymbol("^") || !p.nest() {
		return x
	}
	defer func() { p.depth-- }()
	p.advance()
	y := p.power()
	return &Binary{p.span(start), Pow, x, y}
}

func (p *parser) signed() Expr {
	start := p.tok.Start
	if !p.acceptSymbol("-") {
		return p.primary()
	}
	x := p.primary()
	return &Unary{p.span(start), Sub, x}
}

func (p *parser) primary() Expr {
	switch {
	case p.tok.kind == numberToken:
		return p.number()
	case p.tok.kind == stringToken:
		return p.string()
	case p.tok.kind == nameToken && !p.tok.quoted && len(p.tok.steps) == 1 && p.peek().isSymbol("("):
		return p.call()
	case p.tok.kind == nameToken:
		return p.field()
	case p.acceptSymbol("("):
		x := p.expr()
		p.expectSymbol(")")
		return x
	}
	p.mismatched(operand...)
	return &Number{}
}

func (p *parser) number() *Number {
	n := &Number{Span: p.tok.Span, Text: p.tok.text}
	value, err := strconv.ParseFloat(p.tok.text, 64)
	if err != nil {
		p.failAt(p.tok.Span, "Number out of range: %s", p.tok.text)
		return n
	}
	n.Value = value
	p.advance()
	return n
}

// call reads a function and its arguments.
func (p *parser) call() Expr {
	start, name := p.tok.Span, p.tok.text
	f, ok := LookupFunction(name)
	if !ok {
		p.failAt(start, "Unknown function: %s", name)
		return &Number{}
	}
	p.advance()
	p.advance()
	c := &Call{Name: f.Name}
	if f.Name == "count" && p.acceptSymbol("*") {
		c.Star = true
	} else if !p.isSymbol(")") {
		p.list(func() { c.Args = append(c.Args, p.argument(f, len(c.Args))) })
	}
	p.expectSymbol(")")
	c.Span = p.span(start.Start)
	if n := len(c.Args); p.err == nil && (n < f.Min || n > f.Max) {
		p.failAt(c.Span, "Wrong number of arguments for %s: %d", f.Name, n)
	}
	return c
}

// argument reads one argument of a function.
func (p *parser) argument(f Function, i int) Expr {
	switch {
	case i == f.Period:
		return p.period()
	case i == f.Regex && p.isSymbol("/"):
		return p.regexLiteral()
	}
	return p.expr()
}

// period reads a number with a unit.
func (p *parser) period() *Period {
	if p.tok.kind != periodToken {
		p.mismatched("PERIOD")
		return &Period{}
	}
	digits, unit := splitPeriod(p.tok.text)
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n < 1 || n > maxPeriod {
		p.failAt(p.tok.Span, "Period out of range: %s", p.tok.text)
		return &Period{}
	}
	at := p.tok.Span
	p.advance()
	return &Period{at, n, unit}
}

// regexLiteral reads /…/. What the lexer took for a division begins it.
func (p *parser) regexLiteral() *Regex {
	start := p.tok.Start
	if !p.isSymbol("/") {
		p.mismatched("REGEX")
		return &Regex{}
	}
	pattern, ok := p.lexer.regex(start)
	if !ok {
		p.tok = p.unrecognized(start, len(p.src))
		return &Regex{}
	}
	r := &Regex{Span{start, p.pos}, pattern}
	if _, err := syntax.Parse(pattern, syntax.Perl); err != nil {
		p.failAt(r.Span, "Invalid regular expression: %s", regexProblem(err))
		return r
	}
	p.tok.End = p.pos
	p.advance()
	return r
}

func regexProblem(err error) string {
	if e, ok := err.(*syntax.Error); ok {
		return e.Code.String() + ": " + e.Expr
	}
	return err.Error()
}
