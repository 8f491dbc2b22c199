package filterpattern

import (
	"slices"

	"github.com/tollbook/tollbook/logs/condition"
)

// jsonPattern is an expression over the values of a JSON object.
//
// Match reads the message once from its first byte to its last. The selectors of all tests are one tree, in which the
// scanner goes down beside the message; where it meets a value that tests are about, it notes what they say. The expression
// is evaluated over these notes at the end.
type jsonPattern struct {
	expr  expr
	tests []test
	root  *node
}

// test is one comparison of the pattern.
type test struct {
	selector string // as written
	steps    []step
	op       operator
	value    value
}

// expr is an expression; its tests are told by their number.
type expr interface {
	holds(noted bits, tests []test) bool
	condition(tests []test) condition.Condition
}

type (
	andExpr  []expr
	orExpr   []expr
	testExpr int
)

func (p *Pattern) parseJSON(body string, base int) *Error {
	if body[len(body)-1] != '}' {
		return invalidPattern(base)
	}
	tokens, err := lex(body[1:len(body)-1], base+1)
	if err != nil {
		return err
	}
	in := &jsonParser{parser: parser{tokens: tokens}}
	e, err := in.or()
	if err != nil {
		return err
	}
	if tok := in.next(); tok.kind != endToken {
		return invalidPattern(tok.offset)
	}
	p.kind, p.regexps = JSON, in.regexps
	p.shape = &jsonPattern{expr: e, tests: in.tests, root: buildTree(in.tests)}
	return nil
}

type jsonParser struct {
	parser
	tests     []test
	wildcards int
}

func (p *jsonParser) or() (expr, *Error) {
	first, err := p.and()
	if err != nil || p.peek().text != "||" {
		return first, err
	}
	all := orExpr{first}
	for p.accept(symbolToken, "||") {
		e, err := p.and()
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return all, nil
}

func (p *jsonParser) and() (expr, *Error) {
	first, err := p.primary()
	if err != nil || p.peek().text != "&&" {
		return first, err
	}
	all := andExpr{first}
	for p.accept(symbolToken, "&&") {
		e, err := p.primary()
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return all, nil
}

func (p *jsonParser) primary() (expr, *Error) {
	if !p.accept(symbolToken, "(") {
		return p.test()
	}
	e, err := p.or()
	if err == nil && !p.accept(symbolToken, ")") {
		err = invalidPattern(p.peek().offset)
	}
	return e, err
}

// maxWildcards is how many wildcard selectors AWS takes in a pattern.
const maxWildcards = 3

func (p *jsonParser) test() (expr, *Error) {
	tok := p.next()
	if tok.kind != selectorToken {
		return nil, invalidPattern(tok.offset)
	}
	wildcards := countWildcards(tok.steps)
	if p.wildcards += wildcards; wildcards > 1 || p.wildcards > maxWildcards || len(p.tests) == maxTests {
		return nil, invalidPattern(tok.offset)
	}
	t := test{selector: tok.text, steps: tok.steps}
	var err *Error
	if p.peek().kind == bareToken {
		t.op, err = p.keywords()
	} else {
		t.op, t.value, err = p.comparison()
	}
	p.tests = append(p.tests, t)
	return testExpr(len(p.tests) - 1), err
}

func (p *jsonParser) keywords() (operator, *Error) {
	first, second := p.next(), p.next()
	if second.kind == bareToken {
		switch first.text + " " + second.text {
		case "IS NULL":
			return isNull, nil
		case "IS TRUE":
			return isTrue, nil
		case "IS FALSE":
			return isFalse, nil
		case "NOT EXISTS":
			return notExists, nil
		}
	}
	return 0, invalidPattern(first.offset)
}

func (p *jsonPattern) match(message string) bool {
	s := scanner{message: message, tests: p.tests}
	return s.scan(p.root) && p.expr.holds(s.noted, p.tests)
}

func (p *jsonPattern) matchesAll() bool { return false }

func (p *jsonPattern) condition() condition.Condition { return p.expr.condition(p.tests) }

func (p *jsonPattern) names() []string {
	var names []string
	for _, t := range p.tests {
		if !slices.Contains(names, t.selector) {
			names = append(names, t.selector)
		}
	}
	return names
}

// extract finds nothing: AWS documents extracted values for space-delimited patterns only.
func (p *jsonPattern) extract(string) map[string]string { return nil }

func (p *jsonPattern) value(message, selector string) (string, bool) {
	if selector == "" || selector[0] != '$' {
		return "", false
	}
	steps, end, ok := parseSelector(selector, 0)
	if !ok || end != len(selector) || countWildcards(steps) > 0 {
		return "", false
	}
	s := scanner{message: message}
	if !s.scan(captureTree(steps)) || s.captured.Kind == condition.Missing || s.captured == nullValue {
		return "", false
	}
	return s.captured.Text, true
}

func (e andExpr) holds(noted bits, tests []test) bool {
	for _, member := range e {
		if !member.holds(noted, tests) {
			return false
		}
	}
	return true
}

func (e orExpr) holds(noted bits, tests []test) bool {
	for _, member := range e {
		if member.holds(noted, tests) {
			return true
		}
	}
	return false
}

// holds reads the note: that the test was satisfied or, of NOT EXISTS, that it was not.
func (e testExpr) holds(noted bits, tests []test) bool {
	return noted.has(int(e)) != (tests[e].op == notExists)
}

func (e andExpr) condition(tests []test) condition.Condition { return allOf(conditions(e, tests)) }
func (e orExpr) condition(tests []test) condition.Condition  { return anyOf(conditions(e, tests)) }

func conditions(members []expr, tests []test) []condition.Condition {
	all := make([]condition.Condition, len(members))
	for i, member := range members {
		all[i] = member.condition(tests)
	}
	return all
}

// condition is nil where a Field's path might lead somewhere else than the selector and the test is about nothing being
// there: an element's index is also a member's name.
func (e testExpr) condition(tests []test) condition.Condition {
	t := tests[e]
	names, ok := path(t.steps)
	if !ok || t.op == notExists && slices.ContainsFunc(names, readsAsIndex) {
		return nil
	}
	return condition.Field{Path: names, Test: t.holds, Only: t.only()}
}

// only returns the one text that the test accepts, or "" where there may be others, as for a number, which can be written
// in several ways.
func (t *test) only() string {
	if v := &t.value; t.op == equal && v.regex == nil && !v.isNumber && !v.anyStart && !v.anyEnd {
		return v.literal
	}
	return ""
}

// holds decides on a scalar, or, for NOT EXISTS, on there being none.
func (t *test) holds(v condition.Value) bool {
	if v.Kind == condition.Missing {
		return t.op == notExists
	}
	switch t.op {
	case equal:
		return t.equals(v)
	case notEqual:
		return !t.equals(v)
	case less, lessOrEqual, greater, greaterOrEqual:
		return v.Kind == condition.Literal && t.value.compare(t.op, v.Text)
	}
	return v.Kind == condition.Literal && v.Text == t.op.literal()
}

// equals compares an unquoted number with a number as numbers, and with a string as texts.
func (t *test) equals(v condition.Value) bool {
	if !t.value.isNumber {
		return t.value.matchText(v.Text)
	}
	if v.Kind == condition.String {
		return v.Text == t.value.written
	}
	n, ok := parseNumber(v.Text)
	return ok && n.compare(t.value.number) == 0
}

// literal returns what a JSON value must be for an IS test.
func (op operator) literal() string {
	switch op {
	case isNull:
		return "null"
	case isTrue:
		return "true"
	case isFalse:
		return "false"
	}
	return ""
}
