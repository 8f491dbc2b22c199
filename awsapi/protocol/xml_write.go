package protocol

import (
	"encoding/xml"
	"strconv"
	"time"
)

// XML writes the elements of a Query answer. Its zero value is ready.
type XML struct{ buf buffer }

// buffer is an io.Writer over a byte slice.
type buffer []byte

func (b *buffer) Write(p []byte) (int, error) {
	*b = append(*b, p...)
	return len(p), nil
}

// Bytes returns what was written.
func (x *XML) Bytes() []byte { return x.buf }

// Open writes a start tag.
func (x *XML) Open(name string) { x.buf = append(append(append(x.buf, '<'), name...), '>') }

// Close writes an end tag.
func (x *XML) Close(name string) { x.buf = append(append(append(x.buf, '<', '/'), name...), '>') }

// String writes an element with text. Characters that XML cannot hold become U+FFFD.
func (x *XML) String(name, text string) {
	x.Open(name)
	_ = xml.EscapeText(&x.buf, []byte(text)) // buffer never fails
	x.Close(name)
}

// Bool writes an element that says true or false.
func (x *XML) Bool(name string, b bool) { x.String(name, strconv.FormatBool(b)) }

// Int64 writes an element with a number.
func (x *XML) Int64(name string, n int64) { x.String(name, strconv.FormatInt(n, 10)) }

// Float64 writes an element with a number.
func (x *XML) Float64(name string, n float64) {
	x.String(name, strconv.FormatFloat(n, 'g', -1, 64))
}

// Time writes an element with a time in UTC, in seconds.
func (x *XML) Time(name string, t time.Time) { x.String(name, t.UTC().Format(time.RFC3339)) }
