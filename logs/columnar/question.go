package columnar

import (
	"bytes"
	"strings"
)

// question is what a column is asked about its texts.
type question struct {
	kind questionKind
	text string
	test func(text string) bool // of askTest; says the same each time
	only string                 // of askTest; where set, what no other value may be, once its escapes are read
}

type questionKind uint8

const (
	askContains questionKind = iota
	askPrefix
	askSuffix
	askEquals
	askTest
)

func (q *question) holds(s string) bool {
	switch q.kind {
	case askContains:
		return strings.Contains(s, q.text)
	case askPrefix:
		return strings.HasPrefix(s, q.text)
	case askSuffix:
		return strings.HasSuffix(s, q.text)
	case askEquals:
		return s == q.text
	}
	return q.test(s)
}

func (q *question) holdsBytes(b []byte) bool {
	switch q.kind {
	case askContains:
		return bytes.Contains(b, []byte(q.text))
	case askPrefix:
		return len(b) >= len(q.text) && string(b[:len(q.text)]) == q.text
	case askSuffix:
		return len(b) >= len(q.text) && string(b[len(b)-len(q.text):]) == q.text
	case askEquals:
		return string(b) == q.text
	}
	return q.test(string(b))
}

// tooLong says that no text of up to longest bytes can hold.
func (q *question) tooLong(longest int) bool { return q.kind != askTest && len(q.text) > longest }

// madeOf says whether the text has only characters of the alphabet; of a test it is true.
func (q *question) madeOf(alphabet string) bool {
	if q.kind == askTest {
		return true
	}
	for i := range len(q.text) {
		if strings.IndexByte(alphabet, q.text[i]) < 0 {
			return false
		}
	}
	return true
}

// canHold is false if no value in a slot of the kind can answer yes, since it would have ended before.
func (q *question) canHold(kind slotKind) bool {
	switch kind {
	case slotString, slotQuoted:
		return q.quotesEscaped()
	case slotBare:
		return !strings.ContainsAny(q.text, "\",:{}[] \t\r\n")
	case slotToken:
		return strings.IndexByte(q.text, ' ') < 0
	case slotBracket:
		return strings.IndexByte(q.text, ']') < 0
	case slotMarkup:
		return strings.IndexByte(q.text, '<') < 0
	case slotComma:
		return strings.IndexByte(q.text, ',') < 0
	}
	return wordEnd(q.text, 0) == len(q.text)
}

// quotesEscaped says whether each quote may have a backslash before it.
func (q *question) quotesEscaped() bool {
	for i := range len(q.text) {
		if q.text[i] != '"' {
			continue
		}
		atBegin := i == 0 && (q.kind == askContains || q.kind == askSuffix)
		if !atBegin && (i == 0 || q.text[i-1] != '\\') {
			return false
		}
	}
	return true
}
