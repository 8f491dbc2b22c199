package insights

import (
	"slices"
	"strings"

	"github.com/tollbook/tollbook/logs/insights/syntax"
	"github.com/tollbook/tollbook/logs/insights/value"
)

// Expressions are compiled to closures, once for a query. What is made is safe for concurrent use. Parts without a field
// are computed while compiling; and, or, if, case and coalesce compute no more than they need; regular expressions, date
// patterns and subnets are read once.

// compileExpression compiles an expression for rows of the columns. A field is the column of its whole name, or else what
// its last steps find in the column that its first steps name (a map or a list); where there is none it is null. Errors are
// *syntax.Error.
func compileExpression(e syntax.Expr, columns []string, c *compiling) (expression, error) {
	x, err := newExpressionCompiler(columns, c).compile(e)
	return x.eval, err
}

// compileCondition is compileExpression of what only has to hold or not.
func compileCondition(e syntax.Expr, columns []string, c *compiling) (func(row []value.Value) bool, error) {
	x, err := newExpressionCompiler(columns, c).compile(e)
	return x.test, err
}

// compiled is a part of an expression, in two forms of which the faster one is used.
type compiled struct {
	eval  expression
	test  func(row []value.Value) bool // whether eval's value holds
	known bool                         // the value is the same for each row, even without one
}

func evaluated(eval expression) compiled {
	return compiled{eval: eval, test: func(row []value.Value) bool { return eval(row).Truth() }}
}

func tested(test func(row []value.Value) bool) compiled {
	return compiled{test: test, eval: func(row []value.Value) value.Value { return value.OfBool(test(row)) }}
}

func constant(v value.Value) compiled {
	holds := v.Truth()
	return compiled{
		eval:  func([]value.Value) value.Value { return v },
		test:  func([]value.Value) bool { return holds },
		known: true,
	}
}

// folded is x as a constant if all its parts are known.
func folded(x compiled, parts ...compiled) compiled {
	if slices.ContainsFunc(parts, func(p compiled) bool { return !p.known }) {
		return x
	}
	return constant(x.eval(nil))
}

type expressionCompiler struct {
	columns map[string]int
	context value.Context
}

func newExpressionCompiler(columns []string, c *compiling) *expressionCompiler {
	ec := &expressionCompiler{
		columns: make(map[string]int, len(columns)),
		context: value.Context{Now: c.now, Start: c.within.From, End: c.within.To - 1},
	}
	for i, name := range columns {
		ec.columns[name] = i
	}
	return ec
}

func (ec *expressionCompiler) compile(e syntax.Expr) (compiled, error) {
	switch e := e.(type) {
	case *syntax.Number:
		return constant(value.OfNumber(e.Value)), nil
	case *syntax.String:
		return constant(value.OfText(e.Value)), nil
	case *syntax.Regex:
		return constant(value.OfText(e.Pattern)), nil
	case *syntax.Field:
		return ec.field(e), nil
	case *syntax.Call:
		return ec.call(e)
	case *syntax.Unary:
		return ec.unary(e)
	case *syntax.Binary:
		return ec.binary(e)
	case *syntax.Like:
		return ec.like(e)
	case *syntax.In:
		return ec.in(e)
	case *inSet:
		return ec.inSet(e)
	}
	return compiled{}, errorAt(e, "Unexpected period")
}

func (ec *expressionCompiler) field(f *syntax.Field) compiled {
	if i, ok := ec.columns[f.Name]; ok {
		return evaluated(func(row []value.Value) value.Value { return row[i] })
	}
	for n := len(f.Steps) - 1; n > 0; n-- {
		i, ok := ec.columns[strings.Join(f.Steps[:n], ".")]
		if !ok {
			continue
		}
		rest := f.Steps[n:]
		return evaluated(func(row []value.Value) value.Value {
			v := row[i]
			for _, step := range rest {
				v = v.At(step)
			}
			return v
		})
	}
	return constant(value.Value{})
}

func (ec *expressionCompiler) unary(e *syntax.Unary) (compiled, error) {
	x, err := ec.compile(e.X)
	if err != nil {
		return compiled{}, err
	}
	if e.Op == syntax.Not {
		return folded(tested(func(row []value.Value) bool { return !x.test(row) }), x), nil
	}
	return folded(evaluated(func(row []value.Value) value.Value { return value.Neg(x.eval(row)) }), x), nil
}

// operators compute a value from two.
var operators = map[syntax.Op]func(a, b value.Value) value.Value{
	syntax.Add: value.Add, syntax.Sub: value.Sub, syntax.Mul: value.Mul, syntax.Div: value.Div, syntax.Mod: value.Mod,
	syntax.Pow: value.Pow,
}

// comparisons decide on two values.
var comparisons = map[syntax.Op]func(a, b value.Value) bool{
	syntax.Equal: value.Equal, syntax.NotEqual: value.NotEqual, syntax.Less: value.Less, syntax.LessEqual: value.LessOrEqual,
	syntax.Greater:      func(a, b value.Value) bool { return value.Less(b, a) },
	syntax.GreaterEqual: func(a, b value.Value) bool { return value.LessOrEqual(b, a) },
}

func (ec *expressionCompiler) binary(e *syntax.Binary) (compiled, error) {
	x, err := ec.compile(e.X)
	if err != nil {
		return compiled{}, err
	}
	y, err := ec.compile(e.Y)
	if err != nil {
		return compiled{}, err
	}
	var both compiled
	switch e.Op {
	case syntax.And:
		both = tested(func(row []value.Value) bool { return x.test(row) && y.test(row) })
	case syntax.Or:
		both = tested(func(row []value.Value) bool { return x.test(row) || y.test(row) })
	default:
		both = operate(e.Op, x.eval, y.eval)
	}
	return folded(both, x, y), nil
}

func operate(op syntax.Op, x, y expression) compiled {
	if compare, ok := comparisons[op]; ok {
		return tested(func(row []value.Value) bool { return compare(x(row), y(row)) })
	}
	compute := operators[op]
	return evaluated(func(row []value.Value) value.Value { return compute(x(row), y(row)) })
}
