package gateway

import (
	"iter"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// reply is what a request is answered with, or what a back end has answered: a status, headers and a body. It keeps its
// memory for the next one.
type reply struct {
	status int
	header fields
	body   []byte // may be anybody's, and is not written to
	made   []byte // memory for a body that is made for this response
	// noBody: the body is only announced, by its length, and not sent (HEAD).
	noBody bool
	// last: the connection ends with this response.
	last bool
}

func (r *reply) reset() {
	if cap(r.made) > maxKept {
		r.made = nil
	}
	*r = reply{status: http.StatusOK, header: r.header, made: r.made[:0]}
	r.header.reset()
}

// fields are headers, in order, as they are on the wire: "name: value\r\n". The media type of the body stands apart, since
// there is only one.
type fields struct {
	contentType []byte
	text        []byte
	list        []field
}

// field is where a header is in the text: the name from begin, the value from value to end.
type field struct{ begin, nameEnd, value, end int32 }

func (f *fields) reset() {
	if cap(f.text) > maxKept {
		f.text = nil
	}
	f.contentType, f.text, f.list = f.contentType[:0], f.text[:0], f.list[:0]
}

const contentTypeName = "Content-Type"

// add adds a header. Of Content-Type there is one: the last. What would end the line becomes a space.
func (f *fields) add(name, value string) { f.append("", oneLine(name), oneLine(value)) }

// addLine is add for a header that was read from a line.
func (f *fields) addLine(name, value []byte) { f.append("", str(name), str(value)) }

// addRemapped is addLine under the name that AWS gives to headers which it sets itself.
func (f *fields) addRemapped(name, value []byte) { f.append(remapped, str(name), str(value)) }

func (f *fields) append(prefix, name, value string) {
	if prefix == "" && len(name) == len(contentTypeName) && strings.EqualFold(name, contentTypeName) {
		f.contentType = append(f.contentType[:0], value...)
		return
	}
	begin := len(f.text)
	nameEnd := begin + len(prefix) + len(name)
	f.text = append(append(append(append(f.text, prefix...), name...), ": "...), value...)
	f.list = append(f.list, field{int32(begin), int32(nameEnd), int32(nameEnd + 2), int32(len(f.text))})
	f.text = append(f.text, "\r\n"...)
}

// oneLine makes spaces of what would end a line.
func oneLine(s string) string {
	if strings.IndexByte(s, '\n') >= 0 || strings.IndexByte(s, '\r') >= 0 {
		return strings.NewReplacer("\r", " ", "\n", " ").Replace(s)
	}
	return s
}

func (f *fields) setType(mediaType string) { f.add(contentTypeName, mediaType) }

// set adds a header in place of those of that name.
func (f *fields) set(name, value string) {
	if f.has(name) {
		old := fields{contentType: f.contentType}
		for key, v := range f.all() {
			if !strings.EqualFold(str(key), name) {
				old.add(str(key), str(v))
			}
		}
		*f = old
	}
	f.add(name, value)
}

func (f *fields) has(name string) bool {
	for key := range f.all() {
		if strings.EqualFold(str(key), name) {
			return true
		}
	}
	return false
}

// all yields names and values, which are valid until the fields change.
func (f *fields) all() iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		if len(f.contentType) > 0 && !yield(raw(contentTypeName), f.contentType) {
			return
		}
		for _, h := range f.list {
			if !yield(f.text[h.begin:h.nameEnd], f.text[h.value:h.end]) {
				return
			}
		}
	}
}

// appendHead appends the head of a response over HTTP/1.1, with the empty line at its end. A status that has no body has no
// length either (RFC 9110 §8.6).
func (r *reply) appendHead(b []byte, now time.Time, keepAlive bool) []byte {
	b = append(b, "HTTP/1.1 "...)
	b = strconv.AppendInt(b, int64(r.status), 10)
	b = append(b, ' ')
	b = append(b, reason(r.status)...)
	b = append(b, "\r\nDate: "...)
	b = append(b, dateAt(now)...)
	if len(r.header.contentType) > 0 {
		b = append(b, "\r\nContent-Type: "...)
		b = append(b, r.header.contentType...)
	}
	if r.status >= 200 && r.status != 204 && r.status != 304 {
		b = append(b, "\r\nContent-Length: "...)
		b = strconv.AppendInt(b, int64(len(r.body)), 10)
	}
	b = append(b, "\r\n"...)
	b = append(b, r.header.text...)
	switch {
	case r.last:
		b = append(b, "Connection: close\r\n"...)
	case keepAlive:
		b = append(b, "Connection: keep-alive\r\n"...)
	}
	return append(b, "\r\n"...)
}

// hasBody reports whether the body is sent.
func (r *reply) hasBody() bool {
	return len(r.body) > 0 && !r.noBody && r.status >= 200 && r.status != 204 && r.status != 304
}

// reason is the phrase behind a status, which may be one that nobody has named.
func reason(status int) string {
	if text := http.StatusText(status); text != "" {
		return text
	}
	return "Unknown Status Code"
}

// date is the value of the Date header within one second.
type date struct {
	unix int64
	text string
}

var lastDate atomic.Pointer[date]

func dateAt(now time.Time) string {
	unix := now.Unix()
	if d := lastDate.Load(); d != nil && d.unix == unix {
		return d.text
	}
	d := &date{unix, now.UTC().Format(http.TimeFormat)}
	lastDate.Store(d)
	return d.text
}
