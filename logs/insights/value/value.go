// Package value holds the values of Logs Insights queries and the functions on them: how they convert, compare, sort and
// print (spec/cloudwatch-logs §6.2, §6.6, §6.7). Where values come from and what is done with them is logs/insights'. It
// knows nothing of a query's text: what is wrong with an argument comes back as an error, and the caller knows its place.
package value

import (
	"math"
	"strconv"
	"unsafe"
)

// Kind is the type of a value.
type Kind uint8

// The kinds. Fields of log events are Text, whatever they look like; @timestamp and what functions make of it is Time.
const (
	Null Kind = iota
	Text
	Number
	Bool
	Time
	List
	Map
)

// Value is an immutable value, safe for concurrent use. The zero Value is null. Values are compared by Equal, not by ==.
type Value struct {
	kind Kind
	num  float64    // of a Number; 0 or 1 of a Bool; milliseconds since 1970 of a Time
	text string     // of a Text; of a Number what it prints where num alone would lose digits
	in   *structure // of a List and a Map
}

// structure is what is in a List or a Map.
type structure struct {
	values []Value
	keys   []string // of a Map: one for each value, in the order of the JSON text
	bytes  int64    // about how much memory all of it takes
}

// newStructure keeps both slices; keys are nil of a List.
func newStructure(keys []string, values []Value) *structure {
	in := &structure{values: values, keys: keys, bytes: int64(unsafe.Sizeof(structure{})) + int64(cap(values))*valueBytes}
	for i := range values {
		in.bytes += values[i].Held()
	}
	for _, key := range keys {
		in.bytes += int64(len(key)) + int64(unsafe.Sizeof(key))
	}
	return in
}

const valueBytes = int64(unsafe.Sizeof(Value{}))

// Held is about how many bytes a value takes beside the Value itself: those of its text, or of all that is in it.
func (v Value) Held() int64 {
	if v.in != nil {
		return v.in.bytes
	}
	return int64(len(v.text))
}

// OfText returns a text.
func OfText(s string) Value { return Value{kind: Text, text: s} }

// OfNumber returns a number, or null if it is not finite.
func OfNumber(n float64) Value {
	if math.IsNaN(n) || math.IsInf(n, 0) {
		return Value{}
	}
	return Value{kind: Number, num: n}
}

// OfBool returns a boolean, which is also the number 1 or 0.
func OfBool(b bool) Value {
	if b {
		return Value{kind: Bool, num: 1}
	}
	return Value{kind: Bool}
}

// maxMillis is the largest distance of a time from 1970, in milliseconds: a hundred million days, as in ECMAScript.
const maxMillis = 8.64e15

// OfTime returns a time in milliseconds since 1970, or null if it is more than a hundred million days away from it.
func OfTime(ms int64) Value {
	if ms < -maxMillis || ms > maxMillis {
		return Value{}
	}
	return Value{kind: Time, num: float64(ms)}
}

// OfList returns a list. It keeps the slice, which must not be changed any more.
func OfList(values []Value) Value {
	return Value{kind: List, in: newStructure(nil, values)}
}

// OfMap returns a map of keys to the values at the same index. It keeps both slices, which must not be changed any more.
func OfMap(keys []string, values []Value) Value {
	return Value{kind: Map, in: newStructure(keys, values[:len(keys)])}
}

// Kind returns the value's type.
func (v Value) Kind() Kind { return v.kind }

// IsNull says whether there is no value.
func (v Value) IsNull() bool { return v.kind == Null }

// IsScalar says whether the value is there and neither List nor Map: those are null to functions and comparisons.
func (v Value) IsScalar() bool { return v.kind != Null && v.kind < List }

// Elements returns the elements of a List, or nil. They must not be changed.
func (v Value) Elements() []Value {
	if v.kind != List {
		return nil
	}
	return v.in.values
}

// At returns what a step of a path leads to: the entry of a Map, of several with one key the last, or the element of a
// List at a decimal index. It is null where there is none, and in every other value.
func (v Value) At(step string) Value {
	switch v.kind {
	case Map:
		for i := len(v.in.keys) - 1; i >= 0; i-- {
			if v.in.keys[i] == step {
				return v.in.values[i]
			}
		}
	case List:
		if i, err := strconv.ParseUint(step, 10, 31); err == nil && int(i) < len(v.in.values) {
			return v.in.values[i]
		}
	}
	return Value{}
}

// Truth says whether a condition with this value holds: for a number that is not 0, and for the text "true". Null, lists
// and maps do not hold.
func (v Value) Truth() bool {
	switch v.kind {
	case Number, Bool, Time:
		return v.num != 0
	case Text:
		n, ok := parseNumber(v.text)
		return ok && n != 0 || v.text == "true"
	}
	return false
}

// AsTime returns milliseconds since 1970: of a Time, and of what AsNumber takes for a number, cut to an integer.
func (v Value) AsTime() (ms int64, ok bool) {
	n, ok := v.AsNumber()
	if !ok || math.Abs(n) > maxMillis {
		return 0, false
	}
	return int64(n), true
}
