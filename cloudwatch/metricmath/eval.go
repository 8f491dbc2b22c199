package metricmath

import (
	"math"
	"slices"
)

// Eval evaluates the expression. Its own errors are of type *Error; those of env's functions come back as they are.
func (e *Expr) Eval(env *Env) (Value, error) {
	return env.eval(e.root)
}

func (env *Env) eval(n node) (Value, error) {
	switch n := n.(type) {
	case *number:
		return Number(n.value), nil
	case *str:
		return Value{Kind: text, text: n.text}, nil
	case *ref:
		return env.Lookup(n.id)
	case *word:
		return Value{}, fault(n.at, "Undefined name %s", n.name)
	case *negation:
		v, err := env.operand(n.of, n.at)
		if err != nil {
			return v, err
		}
		return v.each(func(x float64) float64 { return -x }), nil
	case *binary:
		return env.binary(n)
	case *list:
		return env.list(n)
	case *call:
		return n.function.eval(env, n)
	}
	return Value{}, fault(0, "BUG: unknown part of an expression")
}

// operand evaluates what must be a number, a series or an array.
func (env *Env) operand(n node, at int) (Value, error) {
	v, err := env.eval(n)
	if err == nil && v.Kind == text {
		err = fault(at, "Unexpected string at position %d", at+1)
	}
	return v, err
}

func (env *Env) binary(n *binary) (Value, error) {
	left, err := env.operand(n.left, n.at)
	if err != nil {
		return left, err
	}
	right, err := env.operand(n.right, n.at)
	if err != nil {
		return right, err
	}
	f := operations[n.op]
	switch {
	case left.Kind == Array && right.Kind == Array:
		return Value{}, fault(n.at, "Unsupported operand type(s) for %s: '%s' and '%s'", n.op, left.Kind, right.Kind)
	case left.Kind == Scalar && right.Kind == Scalar:
		return Number(f(left.Scalar, right.Scalar)), nil
	case right.Kind == Scalar:
		return left.each(func(x float64) float64 { return f(x, right.Scalar) }), nil
	case left.Kind == Scalar:
		return right.each(func(x float64) float64 { return f(left.Scalar, x) }), nil
	case right.Kind == Array:
		return right.map1(func(s Series) Series { return joinAs(s, left.Series[0], s, f) }), nil
	default:
		return left.map1(func(s Series) Series { return joinAs(s, s, right.Series[0], f) }), nil
	}
}

var operations = map[string]func(a, b float64) float64{
	"+":   func(a, b float64) float64 { return a + b },
	"-":   func(a, b float64) float64 { return a - b },
	"*":   func(a, b float64) float64 { return a * b },
	"/":   func(a, b float64) float64 { return a / b },
	"^":   math.Pow,
	"==":  func(a, b float64) float64 { return truth(a == b) },
	"!=":  func(a, b float64) float64 { return truth(a != b) },
	"<":   func(a, b float64) float64 { return truth(a < b) },
	"<=":  func(a, b float64) float64 { return truth(a <= b) },
	">":   func(a, b float64) float64 { return truth(a > b) },
	">=":  func(a, b float64) float64 { return truth(a >= b) },
	"AND": func(a, b float64) float64 { return truth(a != 0 && b != 0) },
	"OR":  func(a, b float64) float64 { return truth(a != 0 || b != 0) },
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// list makes an array of its items; arrays among them are taken apart.
func (env *Env) list(n *list) (Value, error) {
	all := []Series{}
	for _, item := range n.items {
		v, err := env.operand(item, n.at)
		switch {
		case err != nil:
			return v, err
		case v.Kind == Scalar:
			return v, fault(n.at, "An array can have time series only, but has a Scalar")
		}
		if all = append(all, v.Series...); len(all) > maxSeries {
			return v, fault(n.at, "An array can have at most %d time series", maxSeries)
		}
	}
	return Many(all), nil
}

// each applies f to the number, or to every data point.
func (v Value) each(f func(float64) float64) Value {
	if v.Kind == Scalar {
		return Number(f(v.Scalar))
	}
	return v.map1(func(s Series) Series {
		points := make([]Point, 0, len(s.Points))
		for _, p := range s.Points {
			points = appendFinite(points, p.Time, f(p.Value))
		}
		return s.with(points)
	})
}

// map1 applies f to each series.
func (v Value) map1(f func(Series) Series) Value {
	out := make([]Series, len(v.Series))
	for i, s := range v.Series {
		out[i] = f(s)
	}
	v.Series = out
	return v
}

func (s Series) with(points []Point) Series {
	s.Points = points
	return s
}

func appendFinite(points []Point, at int64, v float64) []Point {
	if !finite(v) {
		return points
	}
	return append(points, Point{at, v + 0}) // + 0 makes 0 of -0
}

// joinAs combines a and b at every timestamp of either, under the name of another series.
func joinAs(name, a, b Series, f func(a, b float64) float64) Series {
	points := make([]Point, 0, max(len(a.Points), len(b.Points)))
	walk([]Series{a, b}, func(at int64, values []float64, _ []bool) {
		points = appendFinite(points, at, f(values[0], values[1]))
	})
	return name.with(points)
}

// walk calls f for every timestamp of any of the series, ascending, with the values there (0 where there is none) and
// which of them there are. f must not keep the slices.
func walk(all []Series, f func(at int64, values []float64, present []bool)) {
	places := make([]int, len(all))
	values, present := make([]float64, len(all)), make([]bool, len(all))
	for {
		at, more := int64(math.MaxInt64), false
		for i, s := range all {
			if places[i] < len(s.Points) {
				at, more = min(at, s.Points[places[i]].Time), true
			}
		}
		if !more {
			return
		}
		for i, s := range all {
			values[i], present[i] = 0, places[i] < len(s.Points) && s.Points[places[i]].Time == at
			if present[i] {
				values[i] = s.Points[places[i]].Value
				places[i]++
			}
		}
		f(at, values, present)
	}
}

// at returns the value of the series at a time.
func (s Series) at(t int64) (float64, bool) {
	i, ok := slices.BinarySearchFunc(s.Points, t, func(p Point, t int64) int {
		switch {
		case p.Time < t:
			return -1
		case p.Time > t:
			return 1
		}
		return 0
	})
	if !ok {
		return 0, false
	}
	return s.Points[i].Value, true
}
