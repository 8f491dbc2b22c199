package insights

import (
	regexsyntax "regexp/syntax"
	"strings"

	"github.com/tollbook/tollbook/logs/columnar"
	"github.com/tollbook/tollbook/logs/condition"
	"github.com/tollbook/tollbook/logs/insights/syntax"
	"github.com/tollbook/tollbook/logs/insights/value"
)

// predicate is a condition of a filter, taken apart at and and or.
type predicate struct {
	op    predicateOp
	parts []*predicate                 // of and and or
	expr  *scanExpr                    // of a leaf
	holds func(row []value.Value) bool // of a leaf, over the values of expr's refs
	named *columnar.NamedTest          // of a leaf on one field of the message
	slow  bool                         // named calls functions
	// contains are texts that the message of every row has for which a leaf holds; if decided, it holds for all that have
	// them.
	contains []string
	decided  bool
}

type predicateOp uint8

const (
	predicateLeaf predicateOp = iota
	predicateAnd
	predicateOr
)

// predicate compiles a condition.
func (s *scope) predicate(e syntax.Expr) (*predicate, error) {
	if b, ok := e.(*syntax.Binary); ok && (b.Op == syntax.And || b.Op == syntax.Or) {
		x, err := s.predicate(b.X)
		if err != nil {
			return nil, err
		}
		y, err := s.predicate(b.Y)
		if err != nil {
			return nil, err
		}
		op := predicateAnd
		if b.Op == syntax.Or {
			op = predicateOr
		}
		return &predicate{op: op, parts: append(x.under(op), y.under(op)...)}, nil
	}
	x, err := s.expr(e)
	if err != nil {
		return nil, err
	}
	p := &predicate{expr: x}
	if p.holds, err = compileCondition(e, x.names, s.compiling); err != nil {
		return nil, err
	}
	if len(x.refs) == 1 {
		switch v := &s.slots[x.refs[0]]; v.kind {
		case slotField:
			p.named, p.slow = namedTest(v.path, e, p.holds), calls(e)
		case slotMessage:
			p.contains, p.decided = messageTexts(e)
		}
	}
	return p, nil
}

// under are the parts of a predicate with the operator, or the predicate itself.
func (p *predicate) under(op predicateOp) []*predicate {
	if p.op == op {
		return p.parts
	}
	return []*predicate{p}
}

// calls says whether an expression calls functions or matches regular expressions.
func calls(e syntax.Expr) (found bool) {
	switch e.(type) {
	case *syntax.Call, *syntax.Like:
		return true
	}
	parts(e, func(part syntax.Expr) { found = found || calls(part) })
	return found
}

func namedTest(path string, e syntax.Expr, holds func([]value.Value) bool) *columnar.NamedTest {
	return &columnar.NamedTest{
		Name: path, Only: onlyText(e),
		Test: func(v condition.Value) bool { return holds([]value.Value{fieldValue(v)}) },
	}
}

// onlyText is the text that a field must have if a comparison holds, or "" if it is not certain that it is one. A text that
// is a number could be a boolean too.
func onlyText(e syntax.Expr) string {
	b, ok := e.(*syntax.Binary)
	if !ok || b.Op != syntax.Equal {
		return ""
	}
	x, y := b.X, b.Y
	if _, ok := x.(*syntax.String); ok {
		x, y = y, x
	}
	text, ok := y.(*syntax.String)
	if _, isField := x.(*syntax.Field); !ok || !isField {
		return ""
	}
	if _, isNumber := value.ParseNumber(text.Value); isNumber {
		return ""
	}
	return text.Value
}

// messageTexts are texts that a message must contain if a condition on it alone holds; decided says that this is all.
func messageTexts(e syntax.Expr) (texts []string, decided bool) {
	switch e := e.(type) {
	case *syntax.Like:
		if _, ok := e.X.(*syntax.Field); !ok || e.Not {
			return nil, false
		}
		switch y := e.Y.(type) {
		case *syntax.String:
			return []string{y.Value}, true
		case *syntax.Regex:
			return regexTexts(y.Pattern)
		}
	case *syntax.Call:
		if e.Name != "strcontains" || len(e.Args) != 2 {
			return nil, false
		}
		_, isField := e.Args[0].(*syntax.Field)
		if text, ok := e.Args[1].(*syntax.String); ok && isField {
			return []string{text.Value}, true
		}
	}
	return nil, false
}

func regexTexts(pattern string) (texts []string, decided bool) {
	parsed, err := regexsyntax.Parse(pattern, regexsyntax.Perl)
	if err != nil {
		return nil, false
	}
	if parsed = uncaptured(parsed.Simplify()); isLiteral(parsed) {
		return []string{string(parsed.Rune)}, true
	}
	return requiredLiterals(pattern), false
}

// implied is a condition that holds for every message for which the predicate holds; nil if nothing is known of one. full
// says that it leaves out nearly all for which the predicate does not hold.
func (p *predicate) implied() (c condition.Condition, full bool) {
	switch p.op {
	case predicateAnd:
		return impliedByAll(p.parts)
	case predicateOr:
		var any condition.Any
		full = true
		for _, part := range p.parts {
			member, fullPart := part.implied()
			if member == nil {
				return nil, false
			}
			any, full = append(any, member), full && fullPart
		}
		return any, full
	}
	if p.named != nil {
		return p.impliedField()
	}
	var all condition.All
	for _, text := range p.contains {
		all = append(all, condition.Contains(text))
	}
	if all == nil {
		return nil, false
	}
	return all, p.decided
}

func impliedByAll(parts []*predicate) (c condition.Condition, full bool) {
	var all condition.All
	full = true
	for _, part := range parts {
		member, fullPart := part.implied()
		if member != nil {
			all = append(all, member)
		}
		full = full && fullPart
	}
	if all == nil {
		return nil, len(parts) == 0
	}
	return all, full
}

// impliedField is a condition.Field, which is about messages that are an object. Others may contain one; and of a name with
// a dot there may be several fields, of which the last counts. A field behind the 200th of its message is absent, for
// which the predicate must not hold.
func (p *predicate) impliedField() (c condition.Condition, full bool) {
	t := p.named
	if strings.Contains(t.Name, ".") || t.Test(condition.Value{}) {
		return nil, false
	}
	test := func(v condition.Value) bool { return v.Kind == condition.Missing || t.Test(v) }
	return condition.Field{Path: []string{t.Name}, Test: test, Only: t.Only}, true
}
