package mapping

import (
	"strconv"
	"strings"
)

// numberMethod calls a method of java.lang.Integer or Double. Like Java's it also has those that need no number, such as
// parseInt, which templates reach by way of any number.
func (r *run) numberMethod(v any, name string, args []any) any {
	switch {
	case numeric(v) == nil:
		return nil
	case len(args) == 0:
		return r.numberMethod0(v, name)
	case len(args) == 2:
		return between(name, args[0], args[1])
	case len(args) > 1:
		return nil
	}
	switch name {
	case "equals":
		c, ok := compareNumbers(v, args[0])
		return ok && c == 0
	case "compareTo":
		if c, ok := compareNumbers(v, args[0]); ok {
			return int64(c)
		}
		return nil
	case "toString":
		return r.text(args[0])
	case "toHexString", "toBinaryString", "toOctalString":
		if n, ok := toInt(args[0]); ok {
			return strconv.FormatInt(int64(n), map[string]int{"toHexString": 16, "toBinaryString": 2, "toOctalString": 8}[name])
		}
		return nil
	}
	return r.parseNumber(v, name, r.text(args[0]))
}

// between is Integer.max and its like.
func between(name string, a, b any) any {
	c, ok := compareNumbers(a, b)
	switch {
	case !ok:
		return nil
	case name == "max" && c > 0, name == "min" && c < 0:
		return a
	case name == "max", name == "min":
		return b
	case name == "compare":
		return int64(c)
	case name == "sum":
		return arithmetic(opAdd, a, b)
	}
	return nil
}

func (r *run) numberMethod0(v any, name string) any {
	switch name {
	case "toString":
		return r.text(v)
	case "intValue", "longValue":
		if n := numeric(v); !isFloat(n) {
			return n
		} else if f := toFloat(n); f > -1<<62 && f < 1<<62 {
			return int64(f)
		}
	case "doubleValue", "floatValue":
		return toFloat(numeric(v))
	}
	return nil
}

// parseNumber fails the template if the text is no number, as Java does.
func (r *run) parseNumber(v any, name, text string) any {
	var out any
	var err error
	fraction := name == "parseDouble" || name == "parseFloat" || name == "valueOf" && isFloat(numeric(v))
	switch {
	case fraction:
		out, err = strconv.ParseFloat(strings.TrimSpace(text), 64)
	case name == "parseInt" || name == "parseLong" || name == "valueOf":
		out, err = strconv.ParseInt(text, 10, 64)
	default:
		return nil
	}
	if err != nil {
		r.fail("%s: %q is no number", name, text[:min(len(text), 100)])
	}
	return out
}
