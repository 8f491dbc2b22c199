package insights

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/go-faster/jx"

	"github.com/tollbook/tollbook/logs/insights/value"
)

// MaxDiscoveredFields is how many fields are found in one event (spec/cloudwatch-logs §6.3).
const MaxDiscoveredFields = 200

// DiscoveredField is a field that a query can name, and the text that it shows.
type DiscoveredField struct{ Name, Value string }

// DiscoverFields returns the scalars of the first JSON object in a message, in its order, flattened: names of nested
// members are joined by dots, array elements are numbered from 0. A name that begins with @ gets another @. Booleans read
// 1 and 0, as queries print them; null is no value. A name can stand twice: its last value counts. A message without an
// object, or with a broken one, has the fields of a VPC flow log record or a Route 53 query log record if it is one. The
// fields of a line that Lambda writes around an invocation come last, by their names.
func DiscoverFields(message string) []DiscoveredField {
	var found []DiscoveredField
	w := fieldWalker{found: func(path []byte, v value.Value) {
		found = append(found, DiscoveredField{FieldName(string(path)), v.Text()})
	}}
	if !w.walk([]byte(message)) {
		found = nil
		eachLineField(message, func(name, text string) { found = append(found, DiscoveredField{name, text}) })
	}
	for _, name := range slices.Sorted(maps.Keys(lambdaFields)) {
		if v := lambdaField(message, lambdaFields[name]); !v.IsNull() {
			found = append(found, DiscoveredField{name, v.Text()})
		}
	}
	return found
}

// FieldName is how a query names a field of the message: names that begin with @ are the system's.
func FieldName(path string) string {
	if strings.HasPrefix(path, "@") {
		return "@" + path
	}
	return path
}

// fieldPath is the path of the field that a query names; a name that begins with one @ is none of a message.
func fieldPath(name string) (path string, ok bool) {
	if strings.HasPrefix(name, "@@") {
		return name[1:], true
	}
	return name, !strings.HasPrefix(name, "@")
}

// fieldWalker finds the fields of messages. It is for one goroutine.
type fieldWalker struct {
	found  func(path []byte, v value.Value) // path is valid during the call
	wanted func(path []byte) bool           // where set, found is called for these only
	d      jx.Decoder
	path   []byte
	n      int
}

// walk calls found for each field of the first object in a message, and says whether there is one that is not broken; if it
// is, found may have been called for what stands before the break.
func (w *fieldWalker) walk(message []byte) bool {
	at := strings.IndexByte(view(message), '{')
	if at < 0 {
		return false
	}
	w.d.ResetBytes(message[at:])
	w.path, w.n = w.path[:0], 0
	return w.object() == nil
}

func (w *fieldWalker) object() error {
	end := len(w.path)
	return w.d.ObjBytes(func(_ *jx.Decoder, key []byte) error {
		w.path = append(w.path[:end], key...)
		err := w.value()
		w.path = w.path[:end]
		return err
	})
}

func (w *fieldWalker) array() error {
	end, i := len(w.path), -1
	return w.d.Arr(func(*jx.Decoder) error {
		i++
		w.path = strconv.AppendInt(w.path[:end], int64(i), 10)
		err := w.value()
		w.path = w.path[:end]
		return err
	})
}

func (w *fieldWalker) value() error {
	kind := w.d.Next()
	switch kind {
	case jx.Object:
		w.path = append(w.path, '.')
		return w.object()
	case jx.Array:
		w.path = append(w.path, '.')
		return w.array()
	case jx.Null, jx.Invalid:
		return w.d.Skip()
	}
	if w.n++; w.n > MaxDiscoveredFields || w.wanted != nil && !w.wanted(w.path) {
		return w.d.Skip()
	}
	v, err := w.scalar(kind)
	if err == nil {
		w.found(w.path, v)
	}
	return err
}

func (w *fieldWalker) scalar(kind jx.Type) (value.Value, error) {
	switch kind {
	case jx.String:
		text, err := w.d.Str()
		return value.OfText(text), err
	case jx.Number:
		number, err := w.d.Num()
		return value.OfText(string(number)), err
	}
	b, err := w.d.Bool()
	return value.OfBool(b), err
}

// picker finds the values of certain fields. It is for one goroutine.
type picker struct {
	walker fieldWalker
	places map[string]int // by path
	out    []value.Value
}

// newPicker returns a picker of the fields with the paths, which are distinct.
func newPicker(paths []string) *picker {
	p := &picker{places: make(map[string]int, len(paths))}
	for i, path := range paths {
		p.places[path] = i
	}
	p.walker.wanted = func(path []byte) bool { _, ok := p.places[string(path)]; return ok }
	p.walker.found = func(path []byte, v value.Value) { p.out[p.places[string(path)]] = v }
	return p
}

// pick writes the fields' values, in the order of the paths, to out; null is one that the message does not have.
func (p *picker) pick(message []byte, out []value.Value) {
	clear(out)
	p.out = out
	if len(out) > 0 && !p.walker.walk(message) {
		clear(out)
		p.pickLine(message)
	}
}
