package value

import "slices"

var generalFunctions = []Function{
	{"ispresent", plain(func(_ *Context, args []Value) Value { return OfBool(!args[0].IsNull()) })},
	{"isNumeric", plain(isNumeric)},
	{"coalesce", plain(coalesce)},
	{"if", plain(caseOf)},
	{"case", plain(caseOf)},
	{"messageSize", ofText(func(s string) Value { return OfNumber(float64(len(s))) })},
}

func isNumeric(_ *Context, args []Value) Value {
	_, ok := args[0].AsNumber()
	return OfBool(ok)
}

func coalesce(_ *Context, args []Value) Value {
	i := slices.IndexFunc(args, func(v Value) bool { return !v.IsNull() })
	if i < 0 {
		return Value{}
	}
	return args[i]
}

// caseOf is case(condition, value, …, [default]), of which if(condition, a, b) is one.
func caseOf(_ *Context, args []Value) Value {
	for len(args) >= 2 {
		if args[0].Truth() {
			return args[1]
		}
		args = args[2:]
	}
	if len(args) == 1 {
		return args[0]
	}
	return Value{}
}
