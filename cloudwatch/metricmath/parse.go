package metricmath

import (
	"slices"
	"strconv"
	"strings"
)

// Expr is a parsed expression. It is immutable.
type Expr struct {
	root       node
	references []string
	functions  []string
}

// node is a part of an expression.
type node interface {
	print(*strings.Builder)
}

type (
	number struct{ value float64 }
	str    struct{ text string }
	ref    struct {
		id string
		at int
	}
	negation struct {
		of node
		at int
	}
	binary struct {
		op          string
		left, right node
		at          int
	}
	list struct {
		items []node
		at    int
	}
	call struct {
		name     string
		function function
		args     []node
		at       int
	}
	word struct { // REPEAT, ASC, AVG without parentheses, …
		name string
		at   int
	}
)

// Parse reads an expression. Errors are of type *Error. Functions and their numbers of arguments are checked here, types
// and IDs when it is evaluated.
func Parse(src string) (*Expr, error) {
	tokens, err := lex(src)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: tokens}
	root, err := p.expression(0, 0)
	if err != nil {
		return nil, err
	}
	if t := p.peek(); t.kind != tokEnd {
		return nil, p.unexpected(t)
	}
	return &Expr{root: root, references: p.references, functions: p.functions}, nil
}

// References returns the IDs that the expression names, each once.
func (e *Expr) References() []string { return e.references }

// Calls reports whether the expression calls the function.
func (e *Expr) Calls(function string) bool { return slices.Contains(e.functions, function) }

// String prints the expression with every pair of parentheses that its structure has. Parse of it gives the same
// expression.
func (e *Expr) String() string {
	var b strings.Builder
	e.root.print(&b)
	return b.String()
}

type parser struct {
	tokens                []token
	pos                   int
	references, functions []string
}

func (p *parser) peek() token { return p.tokens[p.pos] }

func (p *parser) take() token {
	t := p.tokens[p.pos]
	if t.kind != tokEnd {
		p.pos++
	}
	return t
}

func (p *parser) accept(op string) bool {
	if t := p.peek(); t.kind == tokOperator && t.text == op {
		p.pos++
		return true
	}
	return false
}

func (p *parser) expect(op string) error {
	if !p.accept(op) {
		return p.unexpected(p.peek())
	}
	return nil
}

func (p *parser) unexpected(t token) error {
	if t.kind == tokEnd {
		return fault(t.at, "Unexpected end of expression")
	}
	return fault(t.at, "Unexpected %s at position %d", strconv.Quote(t.text), t.at+1)
}

// precedence of the binary operators; 0 for what is none.
func precedence(t token) int {
	if t.kind != tokOperator && t.kind != tokName {
		return 0
	}
	switch t.text {
	case "OR":
		return 1
	case "AND":
		return 2
	case "==", "!=", "<", ">", "<=", ">=":
		return 3
	case "+", "-":
		return 4
	case "*", "/":
		return 5
	case "^":
		return 7 // above unary minus, which has 6
	}
	return 0
}

// expression reads operands joined by operators that bind tighter than above.
func (p *parser) expression(above, depth int) (node, error) {
	if depth > maxDepth {
		return nil, fault(p.peek().at, "The expression is nested too deeply")
	}
	left, err := p.unary(depth)
	if err != nil {
		return nil, err
	}
	for {
		op := p.peek()
		prec := precedence(op)
		if prec <= above {
			return left, nil
		}
		p.take()
		bound := prec
		if op.text == "^" {
			bound-- // groups to the right
		}
		right, err := p.expression(bound, depth+1)
		if err != nil {
			return nil, err
		}
		left = &binary{op: op.text, left: left, right: right, at: op.at}
	}
}

func (p *parser) unary(depth int) (node, error) {
	if t := p.peek(); p.accept("-") {
		of, err := p.expression(6, depth+1)
		if err != nil {
			return nil, err
		}
		return &negation{of: of, at: t.at}, nil
	}
	return p.operand(depth)
}

func (p *parser) operand(depth int) (node, error) {
	t := p.take()
	switch {
	case t.kind == tokNumber:
		return &number{t.number}, nil
	case t.kind == tokString:
		return &str{t.text}, nil
	case t.kind == tokName:
		return p.name(t, depth)
	case t.kind == tokOperator && t.text == "(":
		n, err := p.expression(0, depth+1)
		if err != nil {
			return nil, err
		}
		return n, p.expect(")")
	case t.kind == tokOperator && t.text == "[":
		items, err := p.items("]", depth+1)
		return &list{items: items, at: t.at}, err
	}
	return nil, p.unexpected(t)
}

// items reads expressions up to the closing token.
func (p *parser) items(end string, depth int) ([]node, error) {
	if p.accept(end) {
		return nil, nil
	}
	var all []node
	for {
		n, err := p.expression(0, depth)
		if err != nil {
			return nil, err
		}
		all = append(all, n)
		if p.accept(end) {
			return all, nil
		}
		if err := p.expect(","); err != nil {
			return nil, err
		}
	}
}

// name reads what begins with a letter: IDs begin with a small one.
func (p *parser) name(t token, depth int) (node, error) {
	if t.text[0] >= 'a' && t.text[0] <= 'z' {
		if !slices.Contains(p.references, t.text) {
			p.references = append(p.references, t.text)
		}
		return &ref{t.text, t.at}, nil
	}
	if !p.accept("(") {
		return &word{t.text, t.at}, nil
	}
	f, ok := functions[t.text]
	if !ok {
		return nil, unknownFunction(t)
	}
	args, err := p.items(")", depth+1)
	if err != nil {
		return nil, err
	}
	if len(args) < f.least || len(args) > f.most {
		return nil, fault(t.at, "Wrong number of arguments for function %s", t.text)
	}
	p.functions = append(p.functions, t.text)
	return &call{name: t.text, function: f, args: args, at: t.at}, nil
}

// unbuilt are AWS' functions that need what this program does not have.
var unbuilt = []string{"ANOMALY_DETECTION_BAND", "INSIGHT_RULE_METRIC", "SERVICE_QUOTA", "DB_PERF_INSIGHTS", "LAMBDA"}

func unknownFunction(t token) error {
	if slices.Contains(unbuilt, t.text) {
		return fault(t.at, "Function %s is not supported by this server", t.text)
	}
	return fault(t.at, "Unsupported function name %s", t.text)
}

func (n *number) print(b *strings.Builder) {
	b.WriteString(strconv.FormatFloat(n.value, 'g', -1, 64))
}

// print uses the quote that the text does not have unescaped.
func (n *str) print(b *strings.Builder) {
	quote := "'"
	if _, size, err := lexString("'"+n.text+"'", 0); err != nil || size != len(n.text)+2 {
		quote = `"`
	}
	b.WriteString(quote + n.text + quote)
}

func (n *ref) print(b *strings.Builder)  { b.WriteString(n.id) }
func (n *word) print(b *strings.Builder) { b.WriteString(n.name) }

func (n *negation) print(b *strings.Builder) {
	b.WriteString("(-")
	n.of.print(b)
	b.WriteByte(')')
}

func (n *binary) print(b *strings.Builder) {
	b.WriteByte('(')
	n.left.print(b)
	b.WriteString(" " + n.op + " ")
	n.right.print(b)
	b.WriteByte(')')
}

func (n *list) print(b *strings.Builder) {
	b.WriteByte('[')
	printItems(b, n.items)
	b.WriteByte(']')
}

func (n *call) print(b *strings.Builder) {
	b.WriteString(n.name + "(")
	printItems(b, n.args)
	b.WriteByte(')')
}

func printItems(b *strings.Builder, items []node) {
	for i, item := range items {
		if i > 0 {
			b.WriteString(", ")
		}
		item.print(b)
	}
}
