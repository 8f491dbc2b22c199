package mapping

import (
	"math/big"
	"strconv"
	"strings"
)

// Values are of these types:
//
//	nil          no value: Java's null
//	bool, string
//	int64        an integer
//	*big.Int     one that does not fit
//	float64      a fraction that was computed
//	number       a number of a JSON document that is no int64, as it is written there
//	*List, *Map
//	object       things with methods of their own
//	*block       what #define keeps; its value is what it prints

// number is a JSON number that is a fraction or larger than an int64. It prints as it was written.
type number string

// List is Java's list. One of a JSON document prints as JSON, others as Java prints them.
type List struct {
	items []any
	json  bool
}

// Map keeps its keys in the order in which they came.
type Map struct {
	keys   []string
	values []any
	index  map[string]int // of maps with many keys
}

const indexedKeys = 16

func (m *Map) find(key string) int {
	if m.index != nil {
		if i, ok := m.index[key]; ok {
			return i
		}
		return -1
	}
	for i, k := range m.keys {
		if k == key {
			return i
		}
	}
	return -1
}

func (m *Map) get(key string) any {
	if i := m.find(key); i >= 0 {
		return m.values[i]
	}
	return nil
}

// put returns the value that was there.
func (m *Map) put(key string, v any) any {
	if i := m.find(key); i >= 0 {
		old := m.values[i]
		m.values[i] = v
		return old
	}
	m.keys, m.values = append(m.keys, key), append(m.values, v)
	if m.index != nil {
		m.index[key] = len(m.keys) - 1
	} else if len(m.keys) > indexedKeys {
		m.reindex()
	}
	return nil
}

func (m *Map) remove(key string) any {
	i := m.find(key)
	if i < 0 {
		return nil
	}
	old := m.values[i]
	m.keys = append(m.keys[:i:i], m.keys[i+1:]...)
	m.values = append(m.values[:i:i], m.values[i+1:]...)
	m.index = nil
	if len(m.keys) > indexedKeys {
		m.reindex()
	}
	return old
}

func (m *Map) reindex() {
	m.index = make(map[string]int, len(m.keys))
	for i, k := range m.keys {
		m.index[k] = i
	}
}

// object is a value with properties and methods that are its own. Both return nil for what it does not have.
type object interface {
	property(r *run, name string) any
	invoke(r *run, name string, args []any) any
	print(r *run)
}

// text is a value as a string.
func (r *run) text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case number:
		return string(v)
	case int64:
		return strconv.FormatInt(v, 10)
	}
	mark := len(r.out)
	r.print(v)
	return r.cut(mark)
}

// print writes a value as Java prints it.
func (r *run) print(v any) { r.printAt(v, 0) }

func (r *run) printAt(v any, depth int) {
	if !r.step() || r.tooDeep(depth) {
		return
	}
	switch v := v.(type) {
	case string:
		r.write(v)
	case int64:
		var digits [20]byte
		r.write(str(strconv.AppendInt(digits[:0], v, 10)))
	case number:
		r.write(string(v))
	case *Map:
		r.printMap(v, depth)
	case *List:
		r.printList(v, depth)
	case object:
		v.print(r)
	case *block:
		v.print(r)
	default:
		r.write(scalarText(v))
	}
}

// scalarText is the text of the rarer simple values.
func scalarText(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return javaDouble(v)
	case *big.Int:
		return v.String()
	}
	return ""
}

func (r *run) tooDeep(depth int) bool {
	if depth > maxDepth {
		r.fail("values more than %d deep: %w", maxDepth, errLimit)
	}
	return r.state == failed
}

func (r *run) printMap(m *Map, depth int) {
	r.write("{")
	for i, key := range m.keys {
		if i > 0 {
			r.write(", ")
		}
		r.write(key)
		r.write("=")
		if r.printAt(m.values[i], depth+1); r.state == failed {
			return
		}
	}
	r.write("}")
}

func (r *run) printList(l *List, depth int) {
	if l.json {
		r.printJSON(l, depth)
		return
	}
	r.write("[")
	for i, v := range l.items {
		if i > 0 {
			r.write(", ")
		}
		if r.printAt(v, depth+1); r.state == failed {
			return
		}
	}
	r.write("]")
}

// javaDouble is Java's Double.toString.
func javaDouble(f float64) string {
	abs := f
	if abs < 0 {
		abs = -abs
	}
	switch {
	case f != f:
		return "NaN"
	case abs > 1.7976931348623157e308:
		return strings.TrimPrefix(strings.ReplaceAll(strconv.FormatFloat(f, 'g', -1, 64), "Inf", "Infinity"), "+")
	case f == 0 || abs >= 1e-3 && abs < 1e7:
		return withPoint(strconv.FormatFloat(f, 'f', -1, 64))
	}
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(f, 'E', -1, 64), "E")
	n, _ := strconv.Atoi(exponent)
	return withPoint(mantissa) + "E" + strconv.Itoa(n)
}

func withPoint(s string) string {
	if strings.Contains(s, ".") {
		return s
	}
	return s + ".0"
}

// equal is Java's equals, and Velocity's == for values of different kinds: by their texts.
func (r *run) equal(a, b any) bool { return r.equalAt(a, b, 0) }

func (r *run) equalAt(a, b any, depth int) bool {
	if !r.step() || r.tooDeep(depth) {
		return false
	}
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	switch x := a.(type) {
	case string:
		if y, ok := b.(string); ok {
			return len(x) == len(y) && r.look(len(x)) && x == y
		}
	case bool:
		if y, ok := b.(bool); ok {
			return x == y
		}
	case *List:
		if y, ok := b.(*List); ok {
			return r.equalLists(x, y, depth)
		}
	case *Map:
		if y, ok := b.(*Map); ok {
			return r.equalMaps(x, y, depth)
		}
	}
	if c, ok := compareNumbers(a, b); ok {
		return c == 0
	}
	return r.text(a) == r.text(b)
}

func (r *run) equalLists(a, b *List, depth int) bool {
	if a == b || len(a.items) != len(b.items) {
		return a == b
	}
	for i := range a.items {
		if !r.equalAt(a.items[i], b.items[i], depth+1) {
			return false
		}
	}
	return true
}

func (r *run) equalMaps(a, b *Map, depth int) bool {
	if a == b || len(a.keys) != len(b.keys) {
		return a == b
	}
	for i, key := range a.keys {
		j := b.find(key)
		if j < 0 || !r.equalAt(a.values[i], b.values[j], depth+1) {
			return false
		}
	}
	return true
}
