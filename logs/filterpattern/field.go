package filterpattern

import "strings"

// field is where a field of a line stands. A text between brackets or double quotes is one field, without them; within
// quotes a backslash keeps a quote from ending it. What follows the closing delimiter begins another field.
//
//	127.0.0.1 [10/Oct/2000:13:25:15 -0700] "GET / HTTP/1.0"
//	          ↑raw                       ↑end  of the text   ↑next
type field struct {
	raw        int // of the first byte, the delimiter if there is one
	begin, end int // of the text
	next       int // behind the field
}

func (f field) of(message string) string { return message[f.begin:f.end] }

// withRest returns the field's text if it is the last, and otherwise all of the line from its first byte on.
func (f field) withRest(message string) string {
	if skipBlanks(message, f.next) == len(message) {
		return f.of(message)
	}
	return trimBlanks(message[f.raw:])
}

// nextField finds the first field at or behind a place; ok is false if there is none.
func nextField(message string, at int) (f field, ok bool) {
	at = skipBlanks(message, at)
	if at == len(message) {
		return field{}, false
	}
	end := -1
	switch message[at] {
	case '[':
		end = strings.IndexByte(message[at:], ']')
	case '"':
		end = quotedLength(message[at:])
	}
	if end > 0 {
		return field{raw: at, begin: at + 1, end: at + end, next: at + end + 1}, true
	}
	end = wordEnd(message, at)
	return field{raw: at, begin: at, end: end, next: end}, true
}

// quotedLength returns where the quote is that ends the quoted text at the beginning of s, or -1.
func quotedLength(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '"':
			return i
		case '\\':
			i++
		}
	}
	return -1
}

func appendFields(fields []field, message string) []field {
	for at := 0; ; {
		f, ok := nextField(message, at)
		if !ok {
			return fields
		}
		fields = append(fields, f)
		at = f.next
	}
}
