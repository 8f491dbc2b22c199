package value

import (
	"io"

	"github.com/go-faster/jx"
)

// maxDepth bounds how deep JSON may be nested, so that what walks through a value needs little stack.
const maxDepth = 128

// ParseJSON reads a JSON text: an object as a Map, an array as a List, null as null. A number keeps digits that float64
// would lose. It returns false if the text as a whole is no JSON, or is nested deeper than 128 levels. Of a key that
// occurs more than once all values are kept.
func ParseJSON(s string) (Value, bool) {
	d := jx.DecodeStr(s)
	v, ok := readJSON(d, maxDepth)
	if !ok || d.Skip() != io.EOF { // something follows
		return Value{}, false
	}
	return v, true
}

func readJSON(d *jx.Decoder, depth int) (v Value, ok bool) {
	var err error
	switch d.Next() {
	case jx.String:
		v.kind = Text
		v.text, err = d.Str()
	case jx.Number:
		var n jx.Num
		n, err = d.Num()
		v = numberOf(string(n))
	case jx.Bool:
		var b bool
		b, err = d.Bool()
		v = OfBool(b)
	case jx.Null:
		err = d.Null()
	case jx.Array:
		return readArray(d, depth-1)
	case jx.Object:
		return readObject(d, depth-1)
	default:
		return v, false
	}
	return v, err == nil
}

// maxDigits is how many digits float64 keeps of every number.
const maxDigits = 15

// numberOf returns the number that a JSON literal is. One beyond float64's range stays text.
func numberOf(literal string) Value {
	n, ok := parseNumber(literal)
	if !ok {
		return OfText(literal)
	}
	v := OfNumber(n)
	if len(literal) > maxDigits && string(appendNumber(nil, n)) != literal {
		v.text = literal
	}
	return v
}

func readArray(d *jx.Decoder, depth int) (Value, bool) {
	elements, err := d.ArrIter()
	if depth < 0 || err != nil {
		return Value{}, false
	}
	var values []Value
	for elements.Next() {
		element, ok := readJSON(d, depth)
		if !ok {
			return Value{}, false
		}
		values = append(values, element)
	}
	return OfList(values), elements.Err() == nil
}

func readObject(d *jx.Decoder, depth int) (Value, bool) {
	members, err := d.ObjIter()
	if depth < 0 || err != nil {
		return Value{}, false
	}
	var keys []string
	var values []Value
	for members.Next() {
		keys = append(keys, string(members.Key()))
		member, ok := readJSON(d, depth)
		if !ok {
			return Value{}, false
		}
		values = append(values, member)
	}
	return OfMap(keys, values), members.Err() == nil
}
