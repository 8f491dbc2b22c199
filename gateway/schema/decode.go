package schema

import (
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/go-faster/jx"
)

// Limits of what is read. They keep the work that a document can cause in proportion to its size: numbers are compared
// exactly, and 1e1000000 would be a million digits.
const (
	maxDepth    = 512
	maxDigits   = 400 // characters of a number
	maxExponent = 400
)

var errNotJSON = errors.New("not JSON")

// decode reads a JSON text into what the library works on: map[string]any, []any, string, json.Number, bool and nil. Of a
// key that occurs twice the last value counts. Strings are copies.
func decode(text []byte) (any, error) {
	d := jx.DecodeBytes(text)
	v, err := value(d, 0)
	if err == nil && d.Skip() != io.EOF {
		err = errNotJSON // something follows
	}
	return v, err
}

func value(d *jx.Decoder, depth int) (any, error) {
	if depth > maxDepth {
		return nil, errNotJSON
	}
	switch d.Next() {
	case jx.Object:
		return object(d, depth+1)
	case jx.Array:
		return array(d, depth+1)
	case jx.String:
		return d.Str()
	case jx.Number:
		return number(d)
	case jx.Bool:
		return d.Bool()
	case jx.Null:
		return nil, d.Null()
	}
	return nil, errNotJSON
}

func object(d *jx.Decoder, depth int) (any, error) {
	members, err := d.ObjIter()
	if err != nil {
		return nil, err
	}
	out := map[string]any{}
	for members.Next() {
		key := string(members.Key())
		if out[key], err = value(d, depth); err != nil {
			return nil, err
		}
	}
	return out, members.Err()
}

func array(d *jx.Decoder, depth int) (any, error) {
	elements, err := d.ArrIter()
	if err != nil {
		return nil, err
	}
	out := []any{}
	for elements.Next() {
		v, err := value(d, depth)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, elements.Err()
}

func number(d *jx.Decoder) (any, error) {
	n, err := d.Num()
	if err != nil {
		return nil, err
	}
	text := string(n)
	if len(text) > maxDigits {
		return nil, errNotJSON
	}
	if at := strings.IndexAny(text, "eE"); at >= 0 {
		exponent, err := strconv.Atoi(text[at+1:])
		if err != nil || exponent > maxExponent || exponent < -maxExponent {
			return nil, errNotJSON
		}
	}
	return json.Number(text), nil
}
