package value

import "strings"

// Compare orders values for sort asc by natural sort (spec §6.6): what is no number before what is one. It returns a
// negative number if a comes before b, a positive one if it comes behind, and zero if they are the same. Nulls, with lists
// and maps, which count as null here, come last. The order is total over all other values.
func Compare(a, b Value) int { return compare(a, b, 1) }

// CompareDescending orders values for sort desc: Compare's reverse, but nulls come last here too.
func CompareDescending(a, b Value) int { return compare(a, b, -1) }

func compare(a, b Value, direction int) int {
	if !a.IsScalar() || !b.IsScalar() {
		return boolOrder(!a.IsScalar(), !b.IsScalar())
	}
	x, isNumber := a.AsNumber()
	y, isNumberToo := b.AsNumber()
	switch {
	case isNumber != isNumberToo:
		return direction * boolOrder(isNumber, isNumberToo)
	case !isNumber:
		return direction * compareNatural(a.text, b.text)
	}
	if order := compareNumbers(x, y); order != 0 {
		return direction * order
	}
	if a.text == b.text && a.kind == b.kind {
		return 0
	}
	return direction * strings.Compare(a.Text(), b.Text()) // such as 01 and 1
}

// boolOrder puts false before true.
func boolOrder(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// compareNatural compares texts chunk by chunk. A chunk is a run of digits or a run of other characters.
func compareNatural(a, b string) int {
	for a != "" && b != "" {
		x, y := chunk(a), chunk(b)
		if x != y {
			return compareChunks(x, y)
		}
		a, b = a[len(x):], b[len(y):]
	}
	return len(a) - len(b)
}

// chunk returns the chunk at the beginning of a text that is not empty.
func chunk(s string) string {
	digits := isDigit(s[0])
	n := 1
	for n < len(s) && isDigit(s[n]) == digits {
		n++
	}
	return s[:n]
}

// compareChunks compares digits by length and then by value, and all else by code point, which in UTF-8 is byte by byte.
func compareChunks(x, y string) int {
	if isDigit(x[0]) && isDigit(y[0]) && len(x) != len(y) {
		return len(x) - len(y)
	}
	return strings.Compare(x, y)
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
