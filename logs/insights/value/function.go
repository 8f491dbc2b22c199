package value

import "strings"

// Context is what functions know of the query beside their arguments, in milliseconds since 1970. It is the same for the
// whole query.
type Context struct {
	Now        int64 // when the query began
	Start, End int64 // its time range
}

// Eval computes a function's value. It keeps nothing of args and is safe for concurrent use.
type Eval func(c *Context, args []Value) Value

// Function is a function that computes a value from values (spec §6.7). Not among them are the aggregates, which belong
// to stats, and bin, datefloor and dateceil, which take a Period.
//
// A function of null is null, except where it is about what is missing (ispresent, isempty, isblank, isNumeric, isValidIp
// and its like, coalesce, if, case) or about those that are there (concat, greatest, least). Lists and maps are null to it,
// but not to ispresent, coalesce, if, case and the JSON functions. An argument that cannot be converted makes null as well.
// A text of more than 4 MiB, four times what a log event can have, is null too: a query could make texts of any size.
type Function struct {
	Name    string // in the spelling of the spec
	prepare func(known []Value) (Eval, error)
}

// Prepare returns what computes the function of len(known) arguments, of which there must be as many as the language has
// it (syntax.Function says how many). known are those that are the same in every call, with null for the others; of what is
// known regular expressions, date patterns, time zones and subnets are read once, and the error says what is wrong with
// them. Where they are not known, wrong ones make null.
func (f Function) Prepare(known []Value) (Eval, error) {
	eval, err := f.prepare(known)
	if err != nil {
		return nil, err
	}
	return func(c *Context, args []Value) Value {
		v := eval(c, args)
		if len(v.text) > maxText {
			return Value{}
		}
		return v
	}, nil
}

// maxText bounds the texts that functions make, in bytes.
const maxText = 4 << 20

// Lookup finds a function by its name in any case.
func Lookup(name string) (Function, bool) {
	f, ok := functions[strings.ToLower(name)]
	return f, ok
}

var functions = index(numberFunctions, timeFunctions, generalFunctions, jsonFunctions, ipFunctions, textFunctions, codeFunctions)

func index(groups ...[]Function) map[string]Function {
	byName := map[string]Function{}
	for _, group := range groups {
		for _, f := range group {
			byName[strings.ToLower(f.Name)] = f
		}
	}
	return byName
}

// plain is a function in which nothing is to be prepared.
func plain(eval Eval) func([]Value) (Eval, error) {
	return func([]Value) (Eval, error) { return eval, nil }
}

// ofNumber is a function of one number.
func ofNumber(f func(n float64) Value) func([]Value) (Eval, error) {
	return plain(func(_ *Context, args []Value) Value {
		n, ok := args[0].AsNumber()
		if !ok {
			return Value{}
		}
		return f(n)
	})
}

// ofText is a function of one text.
func ofText(f func(s string) Value) func([]Value) (Eval, error) {
	return plain(func(_ *Context, args []Value) Value {
		if !args[0].IsScalar() {
			return Value{}
		}
		return f(args[0].Text())
	})
}

// ofTwoTexts is a function of two texts.
func ofTwoTexts(f func(s, t string) Value) func([]Value) (Eval, error) {
	return plain(func(_ *Context, args []Value) Value {
		if !args[0].IsScalar() || !args[1].IsScalar() {
			return Value{}
		}
		return f(args[0].Text(), args[1].Text())
	})
}

// once returns what reads an argument. One that is known is read now, and its error returned.
func once[T any](known Value, read func(string) (T, error)) (func(Value) (T, bool), error) {
	if known.IsScalar() {
		t, err := read(known.Text())
		return func(Value) (T, bool) { return t, true }, err
	}
	return func(v Value) (t T, ok bool) {
		if !v.IsScalar() {
			return t, false
		}
		t, err := read(v.Text())
		return t, err == nil
	}, nil
}
