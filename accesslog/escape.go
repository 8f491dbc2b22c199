package accesslog

import (
	"bytes"
	"slices"
	"unicode/utf8"
)

// plain[c] has a bit for each place at which the byte c stands for itself. Bytes from 0x80 on are looked at as runes.
var plain = func() (t [256]uint8) {
	for c := 0x20; c < 0x80; c++ {
		t[c] = 0xff
	}
	t[0x7f] &^= 1 << placeText
	strip(&t, placeText, `"\`)
	strip(&t, placeJSONString, `"\`)
	strip(&t, placeJSONBare, `"\`)
	strip(&t, placeXML, `&<>"'`)
	strip(&t, placeCSVField, `,"`)
	strip(&t, placeCSVQuoted, `"`)
	return t
}()

func strip(t *[256]uint8, at place, chars string) {
	for i := range len(chars) {
		t[chars[i]] &^= 1 << at
	}
}

// appendEscaped adds a present value as it may stand at the place.
func appendEscaped(dst []byte, at place, s string) []byte {
	switch at {
	case placeJSONBare:
		dst = append(dst, '"')
		dst = escape(dst, placeJSONString, s)
		return append(dst, '"')
	case placeCSVField:
		field := len(dst)
		return quoteCSVField(escape(dst, placeCSVPiece, s), field)
	default:
		return escape(dst, at, s)
	}
}

// appendQuoted adds $context.error.messageString: the message in quotation marks, or "-" in them.
func appendQuoted(dst []byte, at place, s string) []byte {
	if s == "" {
		s = "-"
	}
	switch at {
	case placeText:
		dst = append(dst, '"')
		dst = escape(dst, at, s)
		return append(dst, '"')
	case placeJSONBare:
		return appendEscaped(dst, at, s)
	case placeCSVField:
		dst = append(dst, '"')
		dst = escape(dst, placeCSVQuoted, s)
		return append(dst, '"')
	default:
		dst = escape(dst, at, `"`)
		dst = escape(dst, at, s)
		return escape(dst, at, `"`)
	}
}

func escape(dst []byte, at place, s string) []byte {
	bit := uint8(1) << at
	start := 0
	for i := 0; i < len(s); {
		if plain[s[i]]&bit != 0 {
			i++
			continue
		}
		dst = append(dst, s[start:i]...)
		var size int
		dst, size = appendSpecial(dst, at, s[i:])
		i += size
		start = i
	}
	return append(dst, s[start:]...)
}

// appendSpecial adds the first rune of s, which does not stand for itself, and returns its size in s.
func appendSpecial(dst []byte, at place, s string) ([]byte, int) {
	if s[0] < utf8.RuneSelf {
		return appendASCII(dst, at, s[0]), 1
	}
	r, size := utf8.DecodeRuneInString(s)
	switch {
	case r == utf8.RuneError && size == 1 && at == placeText:
		return appendHex(dst, s[0]), 1
	case r == 0xfffe || r == 0xffff: // not characters, and not allowed in XML
		r = utf8.RuneError
	}
	return utf8.AppendRune(dst, r), size
}

func appendASCII(dst []byte, at place, c byte) []byte {
	switch at {
	case placeJSONString:
		return appendJSONByte(dst, c)
	case placeXML:
		return appendXMLByte(dst, c)
	case placeText:
		return appendTextByte(dst, c)
	case placeCSVQuoted:
		if c == '"' {
			return append(dst, `""`...)
		}
	}
	return append(dst, ' ') // a control character in CSV, which has no other way to keep an entry on one line
}

const hexDigits = "0123456789abcdef"

func appendHex(dst []byte, c byte) []byte {
	return append(dst, '\\', 'x', hexDigits[c>>4], hexDigits[c&15])
}

func appendJSONByte(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	}
	return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
}

func appendXMLByte(dst []byte, c byte) []byte {
	switch c {
	case '&':
		return append(dst, "&amp;"...)
	case '<':
		return append(dst, "&lt;"...)
	case '>':
		return append(dst, "&gt;"...)
	case '"':
		return append(dst, "&quot;"...)
	case '\'':
		return append(dst, "&apos;"...)
	case '\t':
		return append(dst, "&#9;"...)
	case '\n':
		return append(dst, "&#10;"...)
	case '\r':
		return append(dst, "&#13;"...)
	}
	return utf8.AppendRune(dst, utf8.RuneError)
}

func appendTextByte(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	}
	return appendHex(dst, c)
}

// quoteCSVField quotes the field that begins at dst[field:], as RFC 4180 says, if its text needs it.
func quoteCSVField(dst []byte, field int) []byte {
	if bytes.IndexByte(dst[field:], ',') < 0 && bytes.IndexByte(dst[field:], '"') < 0 {
		return dst
	}
	old := len(dst)
	dst = slices.Grow(dst, 2+bytes.Count(dst[field:], []byte{'"'}))
	dst = dst[:old+2+bytes.Count(dst[field:], []byte{'"'})]
	w := len(dst) - 1
	dst[w] = '"'
	for r := old - 1; r >= field; r-- {
		w--
		dst[w] = dst[r]
		if dst[r] == '"' {
			w--
			dst[w] = '"'
		}
	}
	dst[field] = '"'
	return dst
}
