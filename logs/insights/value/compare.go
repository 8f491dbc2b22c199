package value

import (
	"encoding/binary"
	"math"
	"strings"
)

// Equal is the operator =. Two texts are equal if they are the same bytes. Beside a number, boolean or time a text counts
// as the number that it is; one that is none is equal to a time that prints so, and to the boolean whose name it is. Null,
// lists and maps are equal to nothing, not even themselves (spec §6.2, §6.7).
func Equal(a, b Value) bool {
	if a.kind == Text && b.kind == Text {
		return a.text == b.text
	}
	if !a.IsScalar() || !b.IsScalar() {
		return false
	}
	x, isNumber := a.AsNumber()
	y, isNumberToo := b.AsNumber()
	if isNumber && isNumberToo {
		return x == y
	}
	return equalByText(a, b) || equalByText(b, a)
}

// equalByText compares with a text that is no number.
func equalByText(a, text Value) bool {
	if text.kind != Text {
		return false
	}
	switch a.kind {
	case Time:
		return a.Text() == text.text
	case Bool:
		return text.text == "true" && a.num == 1 || text.text == "false" && a.num == 0
	}
	return false
}

// NotEqual is the operator !=, which is false as well where null, a list or a map takes part.
func NotEqual(a, b Value) bool { return a.IsScalar() && b.IsScalar() && !Equal(a, b) }

// Less is the operator <, and > with its operands changed over. Numbers, and texts that are numbers, are compared as
// numbers; two other texts, and a time with a text, by their bytes; nothing else is less than something.
func Less(a, b Value) bool {
	order, ok := relate(a, b)
	return ok && order < 0
}

// LessOrEqual is the operator <=, and >= with its operands changed over: Less or, as numbers or by bytes, equal.
func LessOrEqual(a, b Value) bool {
	order, ok := relate(a, b)
	return ok && order <= 0
}

// relate returns how two values stand to each other, if they do.
func relate(a, b Value) (order int, ok bool) {
	x, isNumber := a.AsNumber()
	y, isNumberToo := b.AsNumber()
	if isNumber && isNumberToo {
		return compareNumbers(x, y), true
	}
	if a.kind == Text && b.kind == Text || a.kind == Time && b.kind == Text || a.kind == Text && b.kind == Time {
		return strings.Compare(a.Text(), b.Text()), true
	}
	return 0, false
}

func compareNumbers(x, y float64) int {
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

// AppendKey appends bytes that are the same for two values exactly if stats and dedup take them for one: if they print the
// same. Null is apart from the empty text, and a time from every text. Keys of several values may be joined: none is the
// beginning of another.
func (v Value) AppendKey(dst []byte) []byte {
	switch v.kind {
	case Null:
		return append(dst, 0)
	case Time:
		return binary.BigEndian.AppendUint64(append(dst, 1), math.Float64bits(v.num))
	case Text:
		dst = binary.AppendUvarint(dst, uint64(len(v.text))+2)
		return append(dst, v.text...)
	case List, Map:
		text := v.Text()
		dst = binary.AppendUvarint(dst, uint64(len(text))+2)
		return append(dst, text...)
	}
	at := len(dst)
	dst = v.AppendText(append(dst, 0))
	if n := len(dst) - at - 1; n+2 < 0x80 { // what prints a number is short
		dst[at] = byte(n + 2)
		return dst
	}
	return OfText(string(dst[at+1:])).AppendKey(dst[:at])
}
