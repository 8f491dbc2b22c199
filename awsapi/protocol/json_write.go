package protocol

import (
	"bytes"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/go-faster/jx"

	"github.com/tollbook/tollbook/awsapi"
)

// maxPooledBytes bounds the buffers that are kept for later answers.
const maxPooledBytes = 4 << 20

var encoders = sync.Pool{New: func() any { return new(jx.Encoder) }}

// JSONBody returns the document that write writes. The encoder is write's only during the call.
func JSONBody(write func(e *jx.Encoder)) []byte {
	e := encoders.Get().(*jx.Encoder)
	e.Reset()
	write(e)
	body := bytes.Clone(e.Bytes())
	if cap(e.Bytes()) <= maxPooledBytes {
		encoders.Put(e)
	}
	return body
}

// JSONResponse is an answer whose body is the document that write writes.
func JSONResponse(write func(e *jx.Encoder)) *awsapi.Response {
	return &awsapi.Response{Body: JSONBody(write)}
}

// String writes a string; bytes that are no UTF-8 become U+FFFD, since clients refuse such a document whole.
func String(e *jx.Encoder, s string) { e.Str(ValidUTF8(s)) }

// ValidUTF8 returns s with U+FFFD in place of what is no UTF-8.
func ValidUTF8(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// EpochTime writes a time as seconds since 1970: a whole number, or one with milliseconds where there are any.
func EpochTime(e *jx.Encoder, t time.Time) {
	if ms := t.UnixMilli(); ms%1000 != 0 {
		e.Float64(float64(ms) / 1000)
		return
	}
	e.Int64(t.Unix())
}

// SortedKeys returns a map's keys in order, so that the same answer is always the same bytes.
func SortedKeys[T any](m map[string]T) []string { return sortedKeys(m) }
