package value

import "slices"

var jsonFunctions = []Function{
	{"jsonParse", plain(jsonParse)},
	{"jsonStringify", plain(jsonStringify)},
	{"jsonArraySize", plain(jsonArraySize)},
	{"jsonArrayContains", plain(jsonArrayContains)},
}

// jsonParse makes a Map or a List of a text that is a JSON object or array, and null of every other text. What is one
// already stays.
func jsonParse(_ *Context, args []Value) Value {
	return structured(args[0])
}

func structured(v Value) Value {
	if v.kind == Text {
		v, _ = ParseJSON(v.text)
	}
	if v.kind != List && v.kind != Map {
		return Value{}
	}
	return v
}

// jsonStringify is the JSON text of a Map or List, and null of all else.
func jsonStringify(_ *Context, args []Value) Value {
	if args[0].kind != List && args[0].kind != Map {
		return Value{}
	}
	return OfText(args[0].Text())
}

// jsonArraySize counts the elements of a List or of a text that is a JSON array.
func jsonArraySize(_ *Context, args []Value) Value {
	list := structured(args[0])
	if list.kind != List {
		return Value{}
	}
	return OfNumber(float64(len(list.in.values)))
}

// jsonArrayContains says whether a List, or a text that is a JSON array, has an element that equals a value or prints as
// it does.
func jsonArrayContains(_ *Context, args []Value) Value {
	list, sought := structured(args[0]), args[1]
	if list.kind != List || !sought.IsScalar() {
		return Value{}
	}
	return OfBool(slices.ContainsFunc(list.in.values, func(v Value) bool {
		return Equal(v, sought) || v.IsScalar() && v.Text() == sought.Text()
	}))
}
