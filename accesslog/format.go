package accesslog

import (
	"errors"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Format is a compiled log format. It is immutable and may be used by any number of goroutines.
type Format struct {
	kind  Kind
	parts []part
	clock atomic.Pointer[clockText] // the last requestTime rendered
}

// A part is literal text and, after it, one variable. The last part of a format may have no variable.
type part struct {
	literal string
	value   *variable // nil: none
	place   place
	clock   bool // the variable is requestTime
	open    bool // a CSV field of several pieces begins after the literal
	close   bool // such a field ends before the literal
}

// clockText is requestTime of one second.
type clockText struct {
	second int64
	text   string
}

// ErrEmptyFormat is returned for a format without a character in it.
var ErrEmptyFormat = errors.New("Access Log value must not be empty") //nolint:staticcheck // AWS' own text

// Compile prepares a format for rendering. It accepts everything that AWS stores for a REST API and more: what is no
// known variable prints "-", and a format without a request ID or with several lines is rendered too (each line break
// inside as a space, the one at the end dropped), so that what a store once accepted never stops an API. Use
// ValidateREST to refuse a format as AWS does. The only error is ErrEmptyFormat.
func Compile(format string) (*Format, error) {
	format = strings.TrimRight(format, "\r\n")
	if format == "" {
		return nil, ErrEmptyFormat
	}
	tokens := tokenize(strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ").Replace(format))
	kind := detectKind(tokens)
	return &Format{kind: kind, parts: compileParts(kind, tokens)}, nil
}

// Kind says what f's entries are.
func (f *Format) Kind() Kind { return f.kind }

// Append renders e as one line, without a line break at the end, and adds it to dst. It does not allocate when dst has
// room. Nothing of e is kept.
func (f *Format) Append(dst []byte, e *Entry) []byte {
	field := 0
	for i := range f.parts {
		p := &f.parts[i]
		if p.close {
			dst = quoteCSVField(dst, field)
		}
		dst = append(dst, p.literal...)
		if p.open {
			field = len(dst)
		}
		if p.value != nil {
			dst = f.appendValue(dst, p, e)
		}
	}
	return dst
}

func (f *Format) appendValue(dst []byte, p *part, e *Entry) []byte {
	switch v := p.value; {
	case p.clock:
		return appendText(dst, p, f.clockText(e.TimeMillis))
	case v.number != nil:
		n, ok := v.number(e)
		if !ok {
			return append(dst, '-')
		}
		return strconv.AppendInt(dst, n, 10)
	case v.quoted:
		return appendQuoted(dst, p.place, v.text(e))
	case v.text == nil:
		return append(dst, '-')
	case v.masked:
		return appendText(dst, p, Mask(v.text(e)))
	default:
		return appendText(dst, p, v.text(e))
	}
}

func appendText(dst []byte, p *part, s string) []byte {
	switch {
	case s == "":
		return append(dst, '-')
	case p.value.trusted && p.place != placeJSONBare:
		return append(dst, s...)
	default:
		return appendEscaped(dst, p.place, s)
	}
}

// clockText returns the text of requestTime. Most requests of a second share it.
func (f *Format) clockText(millis int64) string {
	if millis == 0 {
		return ""
	}
	second := millis / 1000
	c := f.clock.Load()
	if c == nil || c.second != second {
		c = &clockText{second, string(appendCLFTime(nil, second))}
		f.clock.Store(c)
	}
	return c.text
}

// appendCLFTime writes a time as the common log format does, in UTC: 18/Apr/2024:23:05:24 +0000.
func appendCLFTime(dst []byte, second int64) []byte {
	return time.Unix(second, 0).UTC().AppendFormat(dst, "02/Jan/2006:15:04:05 -0700")
}
