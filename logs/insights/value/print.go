package value

import (
	"time"
	"unicode/utf8"
)

// timeLayout is how times print, always in UTC (spec §6.1).
const timeLayout = "2006-01-02 15:04:05.000"

// Text returns the value as it prints: a number without trailing zeros, a boolean as 1 or 0, a time as
// 2021-10-30 19:10:00.000 in UTC, a list or map as JSON, and null as an empty text.
func (v Value) Text() string {
	if v.kind == Text {
		return v.text
	}
	if v.kind == Null {
		return ""
	}
	var buffer [64]byte
	return string(v.AppendText(buffer[:0]))
}

// String is Text.
func (v Value) String() string { return v.Text() }

// AppendText appends what Text returns.
func (v Value) AppendText(dst []byte) []byte {
	switch v.kind {
	case Text:
		return append(dst, v.text...)
	case Number:
		if v.text != "" {
			return append(dst, v.text...)
		}
		return appendNumber(dst, v.num)
	case Bool:
		return append(dst, '0'+byte(v.num))
	case Time:
		return time.UnixMilli(int64(v.num)).UTC().AppendFormat(dst, timeLayout)
	case List, Map:
		return v.AppendJSON(dst)
	}
	return dst
}

// AppendJSON appends the value as JSON without blanks: null, booleans as true and false, times as texts.
func (v Value) AppendJSON(dst []byte) []byte {
	switch v.kind {
	case Null:
		return append(dst, "null"...)
	case Text:
		return appendQuoted(dst, v.text)
	case Bool:
		if v.num == 0 {
			return append(dst, "false"...)
		}
		return append(dst, "true"...)
	case Time:
		return append(v.AppendText(append(dst, '"')), '"')
	case List:
		return v.appendList(dst)
	case Map:
		return v.appendMap(dst)
	}
	return v.AppendText(dst)
}

func (v Value) appendList(dst []byte) []byte {
	dst = append(dst, '[')
	for i, element := range v.in.values {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = element.AppendJSON(dst)
	}
	return append(dst, ']')
}

func (v Value) appendMap(dst []byte) []byte {
	dst = append(dst, '{')
	for i, key := range v.in.keys {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendQuoted(dst, key), ':')
		dst = v.in.values[i].AppendJSON(dst)
	}
	return append(dst, '}')
}

const hexDigits = "0123456789abcdef"

// appendQuoted appends a JSON string. Only what JSON requires is escaped; bytes that are not UTF-8 become U+FFFD.
func appendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c < ' ':
			dst = appendControl(dst, c)
		case c < utf8.RuneSelf:
			dst = append(dst, c)
		default:
			r, n := utf8.DecodeRuneInString(s[i:])
			dst = utf8.AppendRune(dst, r)
			i += n
			continue
		}
		i++
	}
	return append(dst, '"')
}

func appendControl(dst []byte, c byte) []byte {
	switch c {
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	}
	return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
}
