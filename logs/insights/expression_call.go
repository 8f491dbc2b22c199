package insights

import (
	"sync"

	"github.com/tollbook/tollbook/logs/insights/syntax"
	"github.com/tollbook/tollbook/logs/insights/value"
)

func (ec *expressionCompiler) call(e *syntax.Call) (compiled, error) {
	switch e.Name {
	case "bin":
		return ec.bin(e, &syntax.Field{Span: e.Span, Name: timestampField}, e.Args[0], value.Period.Floor)
	case "datefloor":
		return ec.bin(e, e.Args[0], e.Args[1], value.Period.Floor)
	case "dateceil":
		return ec.bin(e, e.Args[0], e.Args[1], value.Period.Ceil)
	}
	args := make([]compiled, len(e.Args))
	for i, arg := range e.Args {
		var err error
		if args[i], err = ec.compile(arg); err != nil {
			return compiled{}, err
		}
	}
	switch e.Name {
	case "if", "case":
		return folded(choice(args), args...), nil
	case "coalesce":
		return folded(firstPresent(args), args...), nil
	}
	f, ok := value.Lookup(e.Name)
	if !ok {
		return compiled{}, errorAt(e, "Function %s is not allowed here: it aggregates", e.Name)
	}
	return ec.apply(e, f, args)
}

// timestampField is the time of a log event, which bin() is always about.
const timestampField = "@timestamp"

// bin puts a time into the bins of a period.
func (ec *expressionCompiler) bin(e *syntax.Call, of, by syntax.Expr, round func(value.Period, int64) int64) (compiled, error) {
	period, ok := by.(*syntax.Period)
	if !ok {
		return compiled{}, errorAt(e, "Function %s needs a period", e.Name)
	}
	x, err := ec.compile(of)
	if err != nil {
		return compiled{}, err
	}
	bins := periodOf(period)
	return folded(evaluated(func(row []value.Value) value.Value {
		ms, ok := x.eval(row).AsTime()
		if !ok {
			return value.Value{}
		}
		return value.OfTime(round(bins, ms))
	}), x), nil
}

// periodOf is a period as written, with AWS' cap of its unit. The units are the same on both sides.
func periodOf(p *syntax.Period) value.Period { return value.NewPeriod(p.N, p.Unit) }

// choice is if and case: conditions, each with a value, and perhaps a default.
func choice(args []compiled) compiled {
	return evaluated(func(row []value.Value) value.Value {
		rest := args
		for ; len(rest) >= 2; rest = rest[2:] {
			if rest[0].test(row) {
				return rest[1].eval(row)
			}
		}
		if len(rest) == 1 {
			return rest[0].eval(row)
		}
		return value.Value{}
	})
}

// firstPresent is coalesce.
func firstPresent(args []compiled) compiled {
	return evaluated(func(row []value.Value) (v value.Value) {
		for _, arg := range args {
			if v = arg.eval(row); !v.IsNull() {
				break
			}
		}
		return v
	})
}

// apply is a function of values.
func (ec *expressionCompiler) apply(e *syntax.Call, f value.Function, args []compiled) (compiled, error) {
	known := make([]value.Value, len(args))
	for i, arg := range args {
		if !arg.known {
			continue
		}
		known[i] = arg.eval(nil)
		if _, err := f.Prepare(known); err != nil {
			return compiled{}, errorAt(e.Args[i], "Function %s: %v", f.Name, err)
		}
	}
	eval, err := f.Prepare(known)
	if err != nil {
		return compiled{}, errorAt(e, "Function %s: %v", f.Name, err)
	}
	buffers := &sync.Pool{New: func() any { return new(make([]value.Value, len(args))) }}
	return folded(evaluated(func(row []value.Value) value.Value {
		values := buffers.Get().(*[]value.Value)
		defer buffers.Put(values)
		for i, arg := range args {
			(*values)[i] = arg.eval(row)
		}
		return eval(&ec.context, *values)
	}), args...), nil
}
