package protocol

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/tollbook/tollbook/awsapi"
)

// CBOREncoder writes one CBOR document for generated encoders, with the methods of jx.Encoder. Maps and arrays have
// indefinite length. Its zero value is ready.
type CBOREncoder struct{ b []byte }

// Bytes returns what was written.
func (e *CBOREncoder) Bytes() []byte { return e.b }

// ObjStart begins a map.
func (e *CBOREncoder) ObjStart() { e.b = append(e.b, cborMap<<5|31) }

// ObjEnd ends a map.
func (e *CBOREncoder) ObjEnd() { e.b = append(e.b, cborBreak) }

// ArrStart begins an array.
func (e *CBOREncoder) ArrStart() { e.b = append(e.b, cborArray<<5|31) }

// ArrEnd ends an array.
func (e *CBOREncoder) ArrEnd() { e.b = append(e.b, cborBreak) }

// FieldStart writes the key of the value that is written next.
func (e *CBOREncoder) FieldStart(key string) { e.Str(key) }

// Str writes a string; bytes that are no UTF-8 become U+FFFD.
func (e *CBOREncoder) Str(s string) {
	s = ValidUTF8(s)
	e.head(cborText, uint64(len(s)))
	e.b = append(e.b, s...)
}

// Blob writes a byte string.
func (e *CBOREncoder) Blob(b []byte) {
	e.head(cborBytes, uint64(len(b)))
	e.b = append(e.b, b...)
}

// Bool writes a boolean.
func (e *CBOREncoder) Bool(v bool) {
	if v {
		e.b = append(e.b, cborTrue)
		return
	}
	e.b = append(e.b, cborFalse)
}

// Null writes a null.
func (e *CBOREncoder) Null() { e.b = append(e.b, cborNull) }

// Int32 writes an integer.
func (e *CBOREncoder) Int32(n int32) { e.Int64(int64(n)) }

// Int64 writes an integer.
func (e *CBOREncoder) Int64(n int64) {
	if n < 0 {
		e.head(cborNegative, uint64(-1-n))
		return
	}
	e.head(cborUint, uint64(n))
}

// Float64 writes a number in 64 bits.
func (e *CBOREncoder) Float64(f float64) {
	e.b = binary.BigEndian.AppendUint64(append(e.b, cborFloat64), math.Float64bits(f))
}

// Time writes a time as tagged seconds since 1970, to the millisecond.
func (e *CBOREncoder) Time(t time.Time) {
	e.head(cborTag, epochTag)
	e.Float64(float64(t.UnixMilli()) / 1000)
}

// head writes an initial byte with its argument in the fewest bytes.
func (e *CBOREncoder) head(major byte, n uint64) {
	major <<= 5
	switch {
	case n < 24:
		e.b = append(e.b, major|byte(n))
	case n <= math.MaxUint8:
		e.b = append(e.b, major|24, byte(n))
	case n <= math.MaxUint16:
		e.b = binary.BigEndian.AppendUint16(append(e.b, major|25), uint16(n))
	case n <= math.MaxUint32:
		e.b = binary.BigEndian.AppendUint32(append(e.b, major|26), uint32(n))
	default:
		e.b = binary.BigEndian.AppendUint64(append(e.b, major|27), n)
	}
}

// JSON writes the value of a JSON document, which encoding/json made of a member that has no generated encoder; a broken
// one becomes a null.
func (e *CBOREncoder) JSON(document []byte) {
	d := json.NewDecoder(bytes.NewReader(document))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		v = nil
	}
	e.value(v)
}

func (e *CBOREncoder) value(v any) {
	switch v := v.(type) {
	case nil:
		e.Null()
	case bool:
		e.Bool(v)
	case string:
		e.Str(v)
	case json.Number:
		e.number(v)
	case []any:
		e.ArrStart()
		for _, x := range v {
			e.value(x)
		}
		e.ArrEnd()
	case map[string]any:
		e.ObjStart()
		for _, key := range sortedKeys(v) {
			e.FieldStart(key)
			e.value(v[key])
		}
		e.ObjEnd()
	}
}

func (e *CBOREncoder) number(n json.Number) {
	if i, err := n.Int64(); err == nil && !strings.ContainsAny(n.String(), ".eE") {
		e.Int64(i)
		return
	}
	f, _ := n.Float64() // out of range is infinite
	e.Float64(f)
}

// CBORResponse is an answer whose body is the document that write writes.
func CBORResponse(write func(e *CBOREncoder)) *awsapi.Response {
	e := CBOREncoder{b: make([]byte, 0, 1<<10)}
	write(&e)
	return &awsapi.Response{Body: slices.Clip(e.b)}
}
