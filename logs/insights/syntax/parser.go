package syntax

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

const (
	maxLength = 10_000 // characters of a query (StartQuery's queryString)
	maxDepth  = 100    // parentheses, functions and queries within each other
)

// ParseQuery reads a query. The error is always an *Error; its span counts characters of text. The tree is the caller's.
// All that can be decided without log events has been: only fields may turn out to be in none of them. (Parse is the type
// of a command.)
func ParseQuery(text string) (*Query, error) {
	if n := utf8.RuneCountInString(text); n > maxLength {
		return nil, &Error{Span: Span{maxLength, n}, Message: fmt.Sprintf("Query is longer than %d characters", maxLength)}
	}
	p := &parser{lexer: lexer{src: []rune(text)}}
	p.advance()
	q := p.query(false)
	q.Text = text
	if p.err == nil {
		p.err = check(q)
	}
	if p.err != nil {
		return nil, p.err
	}
	return q, nil
}

// parser reads a query from its tokens. After its first error it stands at the end of the text, so that all its loops end;
// what it returns from then on is thrown away.
type parser struct {
	lexer
	tok     token // the next one
	prevEnd int   // where the one before ended
	depth   int
}

func (p *parser) advance() {
	p.prevEnd = p.tok.End
	p.tok = p.next()
}

// peek returns the token behind the next one.
func (p *parser) peek() token {
	ahead := p.lexer
	return ahead.next()
}

// failAt notes an error and ends the text.
func (p *parser) failAt(at Span, format string, args ...any) { p.tok = p.fail(at, format, args...) }

// mismatched is the error for a token that does not fit, in the words of AWS' parser generator.
func (p *parser) mismatched(expecting ...string) {
	list := strings.Join(expecting, ", ")
	if len(expecting) > 1 {
		list = "{" + list + "}"
	}
	found := p.tok.text
	if p.tok.kind != endOfText {
		found = p.text(p.tok.Start, p.tok.End)
	}
	p.failAt(p.tok.Span, "mismatched input '%s' expecting %s", found, list)
}

// nest counts a level of nesting and reports whether there may be one more; leave it with p.depth--.
func (p *parser) nest() bool {
	p.depth++
	if p.depth > maxDepth {
		p.failAt(p.tok.Span, "Query is nested more than %d levels deep", maxDepth)
		return false
	}
	return true
}

func (p *parser) span(start int) Span { return Span{start, p.prevEnd} }

func (p *parser) isSymbol(s string) bool { return p.tok.isSymbol(s) }

func (t token) isSymbol(s string) bool { return t.kind == symbolToken && t.text == s }

// isWord tells whether a token is one of some keywords. A name is a keyword where the grammar has one, nowhere else.
func (t token) isWord(words ...string) bool {
	if t.kind != nameToken || t.quoted || len(t.steps) != 1 {
		return false
	}
	for _, w := range words {
		if strings.EqualFold(t.text, w) {
			return true
		}
	}
	return false
}

func (p *parser) acceptSymbol(s string) bool {
	ok := p.isSymbol(s)
	if ok {
		p.advance()
	}
	return ok
}

func (p *parser) acceptWord(word string) bool {
	ok := p.tok.isWord(word)
	if ok {
		p.advance()
	}
	return ok
}

func (p *parser) expectSymbol(s string) {
	if !p.acceptSymbol(s) {
		p.mismatched("'" + s + "'")
	}
}

func (p *parser) expectWord(word string) {
	if !p.acceptWord(word) {
		p.mismatched(keyword(word))
	}
}

// keyword is the name of a keyword in AWS' messages.
func keyword(word string) string { return "K_" + strings.ToUpper(word) }

// query reads a query up to the end of the text; an inner one up to the parenthesis that closes it, which it leaves.
func (p *parser) query(inner bool) *Query {
	q, start := &Query{}, p.tok.Start
	if !p.nest() {
		return q
	}
	defer func() { p.depth-- }()
	end := "<EOF>"
	if inner {
		end = "')'"
	}
	ended := func() bool { return p.tok.kind == endOfText || inner && p.isSymbol(")") }
	if p.tok.isWord("source") {
		q.Source = p.source()
	}
	for first := q.Source == nil; first || !ended(); first = false {
		if !first && !p.acceptSymbol("|") {
			p.mismatched("'|'", end)
		}
		if c := p.command(); c != nil {
			q.Commands = append(q.Commands, c)
		}
	}
	q.Text = p.text(start, max(start, p.prevEnd))
	return q
}

// list reads what one reads, as often as commas follow.
func (p *parser) list(one func()) {
	for one(); p.acceptSymbol(","); {
		one()
	}
}

// name reads a name that is given to something.
func (p *parser) name() string {
	if p.tok.kind != nameToken {
		p.mismatched("ID")
		return ""
	}
	name := strings.Join(p.tok.steps, ".")
	p.advance()
	return name
}

// alias reads "as NAME" if it is there.
func (p *parser) alias() (name string, ok bool) {
	if !p.acceptWord("as") {
		return "", false
	}
	return p.name(), true
}

func (p *parser) field() *Field {
	t := p.tok
	if t.kind != nameToken {
		p.mismatched("ID")
		return &Field{Span: t.Span}
	}
	p.advance()
	return newField(t.Span, t.steps)
}

func newField(at Span, steps []string) *Field {
	return &Field{Span: at, Name: strings.Join(steps, "."), Steps: steps}
}

// fields reads a list of fields.
func (p *parser) fields() []*Field {
	var list []*Field
	p.list(func() { list = append(list, p.field()) })
	return list
}

func (p *parser) string() *String {
	s := &String{Span: p.tok.Span, Value: p.tok.text}
	if p.tok.kind != stringToken {
		p.mismatched("STRING")
		return s
	}
	p.advance()
	return s
}

// columns reads a list of expressions with their names.
func (p *parser) columns() []Column {
	var list []Column
	p.list(func() {
		start := p.tok.Start
		c := Column{Expr: p.expr()}
		c.Name = p.text(start, max(start, p.prevEnd))
		if f, ok := c.Expr.(*Field); ok && f.Start == start {
			c.Name = f.Name
		}
		if name, ok := p.alias(); ok {
			c.Name, c.As = name, true
		}
		list = append(list, c)
	})
	return list
}
