package mapping

import (
	"strings"

	"github.com/tollbook/tollbook/internal/javaregexp"
)

// A filter is the condition of [?( … )].
type filter interface {
	holds(w *walker, item any) bool
}

type filterAll []filter // &&
type filterAny []filter // ||
type filterNot struct{ of filter }

func (f filterAll) holds(w *walker, item any) bool {
	for _, part := range f {
		if !part.holds(w, item) {
			return false
		}
	}
	return true
}

func (f filterAny) holds(w *walker, item any) bool {
	for _, part := range f {
		if part.holds(w, item) {
			return true
		}
	}
	return false
}

func (f filterNot) holds(w *walker, item any) bool { return !f.of.holds(w, item) }

// comparison is left op right; without an operator it asks whether left is there.
type comparison struct {
	left, right operand
	op          string
	pattern     *javaregexp.Regexp // of =~
}

// operand is a value or a path from the item (@) or the root ($).
type operand struct {
	value    any
	path     *jsonPath
	fromRoot bool
}

func (o *operand) eval(w *walker, item any) (v any, present bool) {
	if o.path == nil {
		return o.value, true
	}
	if o.fromRoot {
		item = w.root
	}
	v = w.run.find(o.path, item)
	if l, ok := v.(*List); ok && !o.path.definite {
		return v, len(l.items) > 0
	}
	return v, v != nil
}

// comparisons are the operators, the longer before those that they begin with.
var comparisons = [...]string{"==", "!=", "<=", ">=", "<", ">", "=~", "in", "nin", "contains", "size", "empty"}

func (c *comparison) holds(w *walker, item any) bool {
	if !w.run.step() {
		return false
	}
	left, present := c.left.eval(w, item)
	if c.op == "" {
		return present
	}
	right, _ := c.right.eval(w, item)
	switch c.op {
	case "==":
		return w.same(left, right)
	case "!=":
		return !w.same(left, right)
	case "=~":
		return w.matches(c.pattern, left)
	case "in":
		return w.among(left, right)
	case "nin":
		return !w.among(left, right)
	case "contains":
		if s, ok := left.(string); ok {
			return w.run.look(len(s)) && strings.Contains(s, w.run.text(right))
		}
		return w.among(right, left)
	case "size":
		return w.same(w.run.pathFunction("size", left), right)
	case "empty":
		return present && (w.run.pathFunction("size", left) == int64(0)) == (right == true)
	}
	return compared(c.op, left, right)
}

// same compares values of one kind only: "1" is not 1.
func (w *walker) same(a, b any) bool {
	if isText(a) != isText(b) || a == nil || b == nil {
		return a == nil && b == nil
	}
	return w.run.equal(a, b)
}

func (w *walker) among(v, list any) bool {
	l, ok := list.(*List)
	if !ok {
		return false
	}
	for _, item := range l.items {
		if w.same(v, item) {
			return true
		}
	}
	return false
}

func (w *walker) matches(pattern *javaregexp.Regexp, v any) bool {
	s, ok := v.(string)
	if !ok || !w.run.look(len(s)) {
		return false
	}
	ok, err := pattern.MatchWhole(s)
	if err != nil {
		w.run.fail("JSONPath: %w", err)
	}
	return ok
}

func compared(op string, a, b any) bool {
	c, ok := compareNumbers(a, b)
	if s, isString := a.(string); isString {
		var t string
		if t, ok = b.(string); ok {
			c = strings.Compare(s, t)
		}
	}
	switch {
	case !ok:
		return false
	case op == "<":
		return c < 0
	case op == "<=":
		return c <= 0
	case op == ">":
		return c > 0
	}
	return c >= 0
}

// filter reads ( … ) or what stands without parentheses.
func (p *pathParser) filter() filter {
	if p.depth++; p.depth > maxNesting {
		p.fail("conditions too deep within each other")
		return filterAll{}
	}
	defer func() { p.depth-- }()
	f := filterAny{p.conjunction()}
	for p.err == nil && p.op("||") {
		f = append(f, p.conjunction())
	}
	return f
}

func (p *pathParser) conjunction() filter {
	f := filterAll{p.condition()}
	for p.err == nil && p.op("&&") {
		f = append(f, p.condition())
	}
	return f
}

func (p *pathParser) op(s string) bool {
	p.space()
	return p.accept(s)
}

func (p *pathParser) condition() filter {
	switch {
	case p.err != nil:
		return filterAll{}
	case p.op("!"):
		if p.depth++; p.depth > maxNesting {
			p.fail("conditions too deep within each other")
		}
		defer func() { p.depth-- }()
		return filterNot{p.condition()}
	case p.op("("):
		f := p.filter()
		if !p.op(")") {
			p.fail(") expected")
		}
		return f
	}
	return p.comparison()
}

func (p *pathParser) comparison() filter {
	c := &comparison{left: p.operand()}
	p.space()
	for _, op := range comparisons {
		if !strings.HasPrefix(p.rest(), op) {
			continue
		}
		c.op = op
		p.pos += len(op)
		p.space()
		if op == "=~" {
			c.pattern = p.pattern()
		} else {
			c.right = p.operand()
		}
		break
	}
	return c
}

// operand reads a path, a string, a list, or a word such as 10 or true.
func (p *pathParser) operand() operand {
	p.space()
	switch rest := p.rest(); {
	case p.accept("@"):
		return operand{path: p.path()}
	case p.accept("$"):
		return operand{path: p.path(), fromRoot: true}
	case strings.HasPrefix(rest, "'"), strings.HasPrefix(rest, `"`):
		return operand{value: p.quoted()}
	case p.accept("["):
		return operand{value: p.list()}
	}
	n := strings.IndexAny(p.rest(), " \t\r\n)]&|,=!<>")
	if n < 0 {
		n = len(p.rest())
	}
	v, err := parseJSON(p.rest()[:n])
	if err != nil {
		p.fail("value expected")
	}
	p.pos += n
	return operand{value: v}
}

func (p *pathParser) list() *List {
	l := &List{json: true}
	p.space()
	if p.accept("]") {
		return l
	}
	for p.err == nil {
		item := p.operand()
		if item.path != nil {
			p.fail("value expected")
		}
		l.items = append(l.items, item.value)
		p.space()
		if p.accept("]") {
			break
		}
		if !p.accept(",") {
			p.fail(", expected")
		}
	}
	return l
}

// pattern reads /regular expression/flags.
func (p *pathParser) pattern() *javaregexp.Regexp {
	if !p.accept("/") {
		p.fail("/ expected")
		return nil
	}
	text := p.rest()
	end := 0
	for end < len(text) && text[end] != '/' {
		if text[end] == '\\' {
			end++
		}
		end++
	}
	if end >= len(text) {
		p.fail("regular expression without an end")
		return nil
	}
	p.pos += end + 1
	source := strings.ReplaceAll(text[:end], `\/`, "/")
	if p.accept("i") {
		source = "(?i)" + source
	}
	e, err := javaregexp.Compile(source)
	if err != nil || len(source) > maxRegexLen {
		p.fail("invalid regular expression")
	}
	return e
}
