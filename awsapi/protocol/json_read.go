package protocol

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/go-faster/jx"

	"github.com/tollbook/tollbook/awsapi"
)

// JSON reads one JSON document for generated decoders. Its methods return errors for the client
// (SerializationException). A value that is null counts as absent.
type JSON struct {
	d       jx.Decoder
	scratch []byte
	// V takes the nulls where a value is required.
	V *Violations
}

// NewJSON reads body, which stays untouched; nulls where a value is required are noted in v. An empty body counts as
// an empty object; bytes that are no UTF-8 are read as U+FFFD.
func NewJSON(body []byte, v *Violations) *JSON {
	if len(bytes.TrimSpace(body)) == 0 {
		body = []byte("{}")
	}
	if !utf8.Valid(body) {
		body = bytes.ToValidUTF8(body, []byte("\uFFFD"))
	}
	j := &JSON{V: v}
	j.d.ResetBytes(body)
	return j
}

func serialization(format string, args ...any) error {
	return awsapi.NewError(400, "SerializationException", format, args...)
}

func malformed() error { return serialization("The request body is not well-formed JSON.") }

// Object begins an object; the caller loops over the iterator's Next and ends with Done.
func (j *JSON) Object() (jx.ObjIter, error) {
	if err := j.expect(jx.Object); err != nil {
		return jx.ObjIter{}, err
	}
	it, err := j.d.ObjIter()
	if err != nil {
		err = malformed()
	}
	return it, err
}

// Array begins an array; the caller loops over the iterator's Next and ends with Done.
func (j *JSON) Array() (jx.ArrIter, error) {
	if err := j.expect(jx.Array); err != nil {
		return jx.ArrIter{}, err
	}
	it, err := j.d.ArrIter()
	if err != nil {
		err = malformed()
	}
	return it, err
}

// Done turns the error with which an iterator ended into one for the client.
func (j *JSON) Done(err error) error {
	if err != nil {
		return malformed()
	}
	return nil
}

// End checks that nothing follows the document.
func (j *JSON) End() error {
	if err := j.d.Skip(); !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return malformed()
	}
	return nil
}

// SkipNull consumes a null, if that is what comes next.
func (j *JSON) SkipNull() bool {
	return j.d.Next() == jx.Null && j.d.Null() == nil
}

// Skip consumes a value that the model does not know.
func (j *JSON) Skip() error {
	if j.d.Skip() != nil {
		return malformed()
	}
	return nil
}

// String reads a string.
func (j *JSON) String() (string, error) {
	if err := j.expect(jx.String); err != nil {
		return "", err
	}
	b, err := j.d.StrAppend(j.scratch[:0])
	if err != nil {
		return "", malformed()
	}
	j.scratch = b
	return string(b), nil
}

// Bool reads a boolean.
func (j *JSON) Bool() (bool, error) {
	if err := j.expect(jx.Bool); err != nil {
		return false, err
	}
	b, err := j.d.Bool()
	if err != nil {
		return false, malformed()
	}
	return b, nil
}

// Int64 reads an integer; a fraction is cut off, as AWS does.
func (j *JSON) Int64() (int64, error) {
	num, err := j.number()
	if err != nil {
		return 0, err
	}
	if n, err := strconv.ParseInt(string(num), 10, 64); err == nil {
		return n, nil
	}
	f, err := strconv.ParseFloat(string(num), 64)
	if err != nil || f <= math.MinInt64 || f >= math.MaxInt64 {
		return 0, serialization("%s can not be converted to a Long", shorten(string(num)))
	}
	return int64(f), nil
}

// Int32 reads an integer of 32 bits; a fraction is cut off.
func (j *JSON) Int32() (int32, error) {
	n, err := j.Int64()
	if err == nil && n != int64(int32(n)) {
		err = serialization("%d can not be converted to an Integer", n)
	}
	return int32(n), err
}

// Float64 reads a number.
func (j *JSON) Float64() (float64, error) {
	num, err := j.number()
	if err != nil {
		return 0, err
	}
	f, err := strconv.ParseFloat(string(num), 64)
	if err != nil {
		return 0, serialization("%s can not be converted to a Double", shorten(string(num)))
	}
	return f, nil
}

// number returns the text of a number; it is valid until the next read.
func (j *JSON) number() ([]byte, error) {
	if err := j.expect(jx.Number); err != nil {
		return nil, err
	}
	num, err := j.d.Num()
	if err != nil {
		return nil, malformed()
	}
	return num, nil
}

// Time reads a point in time: seconds since 1970 with an optional fraction, or an RFC 3339 string.
func (j *JSON) Time() (time.Time, error) {
	if j.d.Next() != jx.String {
		f, err := j.Float64()
		if err != nil {
			return time.Time{}, err
		}
		return epochTime(f)
	}
	s, err := j.String()
	if err != nil {
		return time.Time{}, err
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}, serialization("%q is not a timestamp", shorten(s))
	}
	return t, nil
}

// Timestamps stay within the years 1 to 9999, which RFC 3339 can write.
const (
	minEpochSeconds = -62135596800
	maxEpochSeconds = 253402300799
)

// epochTime is the time so many seconds after 1970, to the millisecond.
func epochTime(seconds float64) (time.Time, error) {
	if !(seconds >= minEpochSeconds && seconds <= maxEpochSeconds) { // nor is it NaN
		return time.Time{}, serialization("%g is not a timestamp", seconds)
	}
	return time.UnixMilli(int64(math.Round(seconds * 1000))).UTC(), nil
}

// Blob reads a base64 string.
func (j *JSON) Blob() ([]byte, error) {
	s, err := j.String()
	if err != nil {
		return nil, err
	}
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		return nil, serialization("A blob is not valid base64")
	}
	return b, nil
}

// expect checks the type of the next value and names, as AWS does, the Java classes that do not fit.
func (j *JSON) expect(want jx.Type) error {
	got := j.d.Next()
	switch {
	case got == want:
		return nil
	case got == jx.Invalid:
		return malformed()
	case got == jx.Object:
		return serialization("Start of structure or map found where not expected.")
	case got == jx.Array:
		return serialization("Start of list found where not expected.")
	case want == jx.Object || want == jx.Array:
		return serialization("Unexpected value type in payload: %s found where a %s is expected", javaClass(got), typeNames[want])
	default:
		return serialization("class %s can not be converted to an %s", javaClass(got), typeNames[want])
	}
}

var typeNames = map[jx.Type]string{
	jx.String: "String", jx.Bool: "Boolean", jx.Number: "Number", jx.Object: "structure or map", jx.Array: "list",
}

func javaClass(t jx.Type) string {
	switch t {
	case jx.String:
		return "java.lang.String"
	case jx.Bool:
		return "java.lang.Boolean"
	case jx.Number:
		return "com.amazon.coral.value.json.numbers.TruncatingBigNumber"
	default:
		return "null"
	}
}
