package value

import (
	"math"
	"strconv"
)

// AsNumber returns the value as a number: a Number, a Bool as 1 or 0, a Time in milliseconds since 1970, and a Text that
// is a decimal number from its first to its last character. It allocates nothing.
func (v Value) AsNumber() (float64, bool) {
	switch v.kind {
	case Text:
		return parseNumber(v.text)
	case Number, Bool, Time:
		return v.num, true
	}
	return 0, false
}

// ParseNumber reads a text that is a decimal number as a whole: an optional sign, digits with an optional point among or
// beside them, and an optional exponent. It takes neither blanks nor hexadecimal digits nor names, nor a number beyond
// float64's range.
func ParseNumber(s string) (float64, bool) { return parseNumber(s) }

// maxExact is the first integer behind which float64 leaves some out.
const maxExact = 1 << 53

// parseNumber reads digits itself: nearly all numbers in logs have few, and are then exact as an integer that is divided by
// a power of ten. The rest goes to strconv.
func parseNumber(s string) (float64, bool) {
	if s == "" || s[0] > '9' { // most texts that are no numbers
		return 0, false
	}
	i, digits, point := 0, 0, -1
	if s[0] == '-' || s[0] == '+' {
		i++
	}
	var mantissa uint64
	for ; i < len(s); i++ {
		if d := s[i] - '0'; d <= 9 {
			mantissa = mantissa*10 + uint64(d) // wraps beyond 19 digits; then unused
			digits++
		} else if s[i] == '.' && point < 0 {
			point = digits
		} else {
			break
		}
	}
	if digits == 0 || i < len(s) && !isExponent(s[i:]) {
		return 0, false
	}
	scale := 0
	if point >= 0 {
		scale = digits - point
	}
	if i < len(s) || digits > 19 || mantissa > maxExact || scale >= len(powersOfTen) {
		n, err := strconv.ParseFloat(s, 64)
		return n, err == nil
	}
	n := float64(mantissa) / powersOfTen[scale]
	if s[0] == '-' {
		n = -n
	}
	return n, true
}

// powersOfTen are those that float64 has exactly.
var powersOfTen = [...]float64{
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21,
	1e22,
}

// isExponent says whether a text is an e with an integer behind it.
func isExponent(s string) bool {
	if s[0]|0x20 != 'e' {
		return false
	}
	s = s[1:]
	if s != "" && (s[0] == '-' || s[0] == '+') {
		s = s[1:]
	}
	for i := range len(s) {
		if s[i]-'0' > 9 {
			return false
		}
	}
	return s != ""
}

// appendNumber writes a number without trailing zeros, and with an exponent only from 10^21 on and below 10^-6.
func appendNumber(dst []byte, n float64) []byte {
	if n == math.Trunc(n) && math.Abs(n) < maxExact {
		return strconv.AppendInt(dst, int64(n), 10)
	}
	if a := math.Abs(n); a >= 1e21 || a < 1e-6 {
		return strconv.AppendFloat(dst, n, 'e', -1, 64)
	}
	return strconv.AppendFloat(dst, n, 'f', -1, 64)
}
