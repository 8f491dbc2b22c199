package mapping

// An expression has a value; nil is none.
type expression interface{ eval(r *run) any }

type constant struct{ value any }

func (c constant) eval(*run) any { return c.value }

// interpolation is a string with references or directives in it.
type interpolation struct{ nodes []node }

func (s *interpolation) eval(r *run) any {
	if !r.step() {
		return nil
	}
	mark := len(r.out)
	r.block(s.nodes)
	return r.cut(mark)
}

type listLiteral struct{ items []expression }

func (l *listLiteral) eval(r *run) any {
	if !r.spend(valueBytes * (len(l.items) + 1)) {
		return nil
	}
	list := &List{items: make([]any, 0, len(l.items))}
	for _, item := range l.items {
		list.items = append(list.items, item.eval(r))
	}
	return list
}

// rangeLiteral is [1..3], also downwards.
type rangeLiteral struct{ first, last expression }

func (l *rangeLiteral) eval(r *run) any {
	first, ok := toInt(l.first.eval(r))
	last, ok2 := toInt(l.last.eval(r))
	if !ok || !ok2 {
		return nil
	}
	step, n := 1, last-first
	if n < 0 {
		step, n = -1, -n
	}
	if n < 0 || n > maxMemory/valueBytes || !r.spend(valueBytes*(n+1)) {
		r.fail("a range of %d to %d: %w", first, last, errLimit)
		return nil
	}
	list := &List{items: make([]any, 0, n+1)}
	for i := 0; i <= n; i++ {
		list.items = append(list.items, int64(first+i*step))
	}
	return list
}

type mapLiteral struct{ keys, values []expression }

func (l *mapLiteral) eval(r *run) any {
	if !r.spend(2 * valueBytes * (len(l.keys) + 1)) {
		return nil
	}
	m := &Map{}
	for i := range l.keys {
		m.put(r.text(l.keys[i].eval(r)), l.values[i].eval(r))
	}
	return m
}

type notExpression struct{ of expression }

func (n *notExpression) eval(r *run) any { return !truth(n.of.eval(r)) }

type operator uint8

const (
	opOr operator = iota
	opAnd
	opEqual
	opUnequal
	opLess
	opLessEqual
	opGreater
	opGreaterEqual
	opAdd
	opSubtract
	opMultiply
	opDivide
	opModulo
)

type binary struct {
	op          operator
	left, right expression
}

func (b *binary) eval(r *run) any {
	if !r.step() {
		return nil
	}
	left := b.left.eval(r)
	switch b.op {
	case opOr:
		return truth(left) || truth(b.right.eval(r))
	case opAnd:
		return truth(left) && truth(b.right.eval(r))
	}
	right := b.right.eval(r)
	switch b.op {
	case opEqual:
		return r.equal(left, right)
	case opUnequal:
		return !r.equal(left, right)
	case opLess, opLessEqual, opGreater, opGreaterEqual:
		return ordered(b.op, left, right)
	case opAdd:
		if isText(left) || isText(right) {
			return r.concat(operandText(r, b.left, left), operandText(r, b.right, right))
		}
	}
	return arithmetic(b.op, left, right)
}

// ordered compares numbers; anything else is neither less nor greater.
func ordered(op operator, left, right any) bool {
	c, ok := compareNumbers(left, right)
	switch {
	case !ok:
		return false
	case op == opLess:
		return c < 0
	case op == opLessEqual:
		return c <= 0
	case op == opGreater:
		return c > 0
	}
	return c >= 0
}

func isText(v any) bool { _, ok := v.(string); return ok }

// operandText is what a value adds to a string: a reference without a value adds its source.
func operandText(r *run, e expression, v any) string {
	if v != nil {
		return r.text(v)
	}
	if ref, ok := e.(*reference); ok && !ref.quiet && !ref.silent {
		return ref.source
	}
	return ""
}

func (r *run) concat(a, b string) any {
	if !r.spend(len(a) + len(b)) {
		return nil
	}
	return a + b
}
