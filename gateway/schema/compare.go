package schema

import (
	"encoding/json"
	"hash/maphash"
	"maps"
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// typeName is the JSON type of a value, in the names of draft 4.
func typeName(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case []any:
		return "array"
	case map[string]any:
		return "object"
	case json.Number:
		if isInteger(v) {
			return "integer"
		}
	}
	return "number"
}

// The bits of types that a value of each kind satisfies. An integer is a number, too.
var (
	nullBit    = bitOf("null")
	boolBit    = bitOf("boolean")
	stringBit  = bitOf("string")
	arrayBit   = bitOf("array")
	objectBit  = bitOf("object")
	numberBit  = bitOf("number")
	integerBit = bitOf("integer") | numberBit
)

func bitOf(name string) (t jsonschema.Types) {
	t.Add(name)
	return t
}

// hasType reports whether a value is of one of the types.
func hasType(types jsonschema.Types, v any) bool {
	bit := numberBit
	switch v := v.(type) {
	case nil:
		bit = nullBit
	case bool:
		bit = boolBit
	case string:
		bit = stringBit
	case []any:
		bit = arrayBit
	case map[string]any:
		bit = objectBit
	case json.Number:
		if isInteger(v) {
			bit = integerBit
		}
	}
	return types&bit != 0
}

func inEnum(values []any, v any) bool {
	return slices.ContainsFunc(values, func(allowed any) bool { return equal(allowed, v) })
}

// equal compares two values as JSON: numbers by what they are worth, objects without regard to order.
func equal(a, b any) bool {
	switch a := a.(type) {
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for name, v := range a {
			if other, ok := b[name]; !ok || !equal(v, other) {
				return false
			}
		}
		return true
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, equal)
	case json.Number:
		b, ok := b.(json.Number)
		return ok && (a == b || rational(a).Cmp(rational(b)) == 0)
	}
	return a == b // nil, bool or string; others are of another type
}

// unique reports whether no two elements are equal. It takes time in proportion to their size.
func unique(list []any) bool {
	seed := maphash.MakeSeed()
	seen := make(map[uint64]int, len(list)) // the first element of each hash
	var rest []any                          // others of the same hash, which is next to impossible
	for i, v := range list {
		var h maphash.Hash
		h.SetSeed(seed)
		hash(&h, v)
		first, ok := seen[h.Sum64()]
		switch {
		case !ok:
			seen[h.Sum64()] = i
		case equal(list[first], v) || slices.ContainsFunc(rest, func(other any) bool { return equal(other, v) }):
			return false
		default:
			rest = append(rest, v)
		}
	}
	return true
}

// hash is the same for values that are equal.
func hash(h *maphash.Hash, v any) {
	switch v := v.(type) {
	case nil:
		_ = h.WriteByte('n')
	case bool:
		maphash.WriteComparable(h, v)
	case string:
		_ = h.WriteByte('s')
		_, _ = h.WriteString(v)
	case json.Number:
		_ = h.WriteByte('d')
		if isInteger(v) && v != "-0" {
			_, _ = h.WriteString(string(v))
		} else {
			_, _ = h.WriteString(rational(v).RatString())
		}
	case []any:
		_ = h.WriteByte('[')
		for _, e := range v {
			hash(h, e)
		}
		_ = h.WriteByte(']')
	case map[string]any:
		_ = h.WriteByte('{')
		for _, name := range slices.Sorted(maps.Keys(v)) {
			_, _ = h.WriteString(name)
			_ = h.WriteByte(0)
			hash(h, v[name])
		}
		_ = h.WriteByte('}')
	}
}
