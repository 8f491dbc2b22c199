package insights

import (
	"strings"

	"github.com/tollbook/tollbook/logs/insights/syntax"
	"github.com/tollbook/tollbook/logs/insights/value"
)

// like is true for texts that contain a text or a match of a regular expression. Like !=, not like is false where there is
// no value.
func (ec *expressionCompiler) like(e *syntax.Like) (compiled, error) {
	x, err := ec.compile(e.X)
	if err != nil {
		return compiled{}, err
	}
	match, err := likeMatcher(e.Y)
	if err != nil {
		return compiled{}, err
	}
	return folded(tested(func(row []value.Value) bool {
		v := x.eval(row)
		return v.IsScalar() && match(v.Text()) != e.Not
	}), x), nil
}

// likeMatcher returns what decides on texts what stands behind like, which is a String or a Regex.
func likeMatcher(pattern syntax.Expr) (func(s string) bool, error) {
	if text, ok := pattern.(*syntax.String); ok {
		return func(s string) bool { return strings.Contains(s, text.Value) }, nil
	}
	regex, ok := pattern.(*syntax.Regex)
	if !ok {
		return nil, errorAt(pattern, "Expected a text or a regular expression")
	}
	match, err := newMatcher(regex.Pattern)
	if err != nil {
		return nil, errorAt(pattern, "Invalid regular expression: %v", err)
	}
	return match, nil
}

// in is true for values that equal one of a list. Like !=, not in is false where there is no value.
func (ec *expressionCompiler) in(e *syntax.In) (compiled, error) {
	if e.Query != nil {
		return compiled{}, errorAt(e, "A sub-query is not allowed here")
	}
	x, err := ec.compile(e.X)
	if err != nil {
		return compiled{}, err
	}
	parts := []compiled{x}
	set := newValueSet()
	for _, element := range e.List {
		if v, ok := literalValue(element); ok { // a sub-query may have found very many
			set.add(v)
			continue
		}
		y, err := ec.compile(element)
		if err != nil {
			return compiled{}, err
		}
		parts = append(parts, y)
	}
	contains := listMembership(set, parts[1:])
	return folded(tested(func(row []value.Value) bool {
		v := x.eval(row)
		return v.IsScalar() && contains(v, row) != e.Not
	}), parts...), nil
}

// literalValue is the value of a literal.
func literalValue(e syntax.Expr) (value.Value, bool) {
	switch e := e.(type) {
	case *syntax.Number:
		return value.OfNumber(e.Value), true
	case *syntax.String:
		return value.OfText(e.Value), true
	}
	return value.Value{}, false
}

// listMembership returns what finds a value in a set or among elements: those that are known are put into the set, the others
// are looked at one by one.
func listMembership(set *valueSet, elements []compiled) func(v value.Value, row []value.Value) bool {
	var others []expression
	for _, element := range elements {
		if element.known {
			set.add(element.eval(nil))
		} else {
			others = append(others, element.eval)
		}
	}
	return func(v value.Value, row []value.Value) bool {
		if set.has(v) {
			return true
		}
		for _, other := range others {
			if value.Equal(v, other(row)) {
				return true
			}
		}
		return false
	}
}

// valueSet is values of which one may equal another value (value.Equal).
type valueSet struct {
	texts   map[string]bool
	numbers map[float64]bool // of the numbers
	numeric map[float64]bool // of the texts that are numbers, which only numbers equal
	rest    []value.Value    // booleans and times
	all     []value.Value
}

func newValueSet() *valueSet {
	return &valueSet{texts: map[string]bool{}, numbers: map[float64]bool{}, numeric: map[float64]bool{}}
}

func (s *valueSet) add(v value.Value) {
	n, isNumber := v.AsNumber()
	switch v.Kind() {
	case value.Text:
		s.texts[v.Text()] = true
		if isNumber {
			s.numeric[n] = true
		}
	case value.Number:
		s.numbers[n] = true
	default:
		s.rest = append(s.rest, v)
	}
	s.all = append(s.all, v)
}

// has says whether one of the values equals v.
func (s *valueSet) has(v value.Value) bool {
	switch v.Kind() {
	case value.Text:
		if s.texts[v.Text()] {
			return true
		}
		if n, ok := v.AsNumber(); ok && s.numbers[n] {
			return true
		}
		return equalsOne(v, s.rest)
	case value.Number:
		n, _ := v.AsNumber()
		return s.numbers[n] || s.numeric[n] || equalsOne(v, s.rest)
	}
	return equalsOne(v, s.all)
}

func equalsOne(v value.Value, others []value.Value) bool {
	for _, other := range others {
		if value.Equal(v, other) {
			return true
		}
	}
	return false
}
