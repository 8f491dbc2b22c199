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

// inSet is in for the values of a sub-query.
func (ec *expressionCompiler) inSet(e *inSet) (compiled, error) {
	x, err := ec.compile(e.X)
	if err != nil {
		return compiled{}, err
	}
	return folded(tested(func(row []value.Value) bool {
		v := x.eval(row)
		return v.IsScalar() && e.set.has(v) != e.Not
	}), x), nil
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
}

func newValueSet() *valueSet {
	return &valueSet{texts: map[string]bool{}, numbers: map[float64]bool{}, numeric: map[float64]bool{}}
}

// add adds a value; null, lists and maps equal nothing. It returns about by how many bytes the set has grown.
func (s *valueSet) add(v value.Value) (bytes int64) {
	n, isNumber := v.AsNumber()
	switch v.Kind() {
	case value.Text:
		if s.texts[v.Text()] {
			return 0
		}
		s.texts[strings.Clone(v.Text())] = true
		if isNumber {
			s.numeric[n] = true
		}
		return int64(len(v.Text())) + 64
	case value.Number:
		if s.numbers[n] {
			return 0
		}
		s.numbers[n] = true
		return 32
	case value.Bool, value.Time:
		s.rest = append(s.rest, v)
		return valueBytes
	}
	return 0
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
	case value.Time:
		n, _ := v.AsNumber()
		return s.numbers[n] || s.numeric[n] || s.texts[v.Text()] || equalsOne(v, s.rest)
	case value.Bool:
		n, _ := v.AsNumber()
		name := "false"
		if n == 1 {
			name = "true"
		}
		return s.numbers[n] || s.numeric[n] || s.texts[name] || equalsOne(v, s.rest)
	}
	return false
}

func equalsOne(v value.Value, others []value.Value) bool {
	for _, other := range others {
		if value.Equal(v, other) {
			return true
		}
	}
	return false
}
