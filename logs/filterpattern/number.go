package filterpattern

import "strings"

// number is a decimal number of any size, kept as its digits: comparing is exact and allocates nothing, beyond 2^53 too.
//
//	-0012.340e5   negative, whole "12", fraction "340", magnitude 2+5: 0.12340 × 10^7
type number struct {
	negative        bool
	whole, fraction string // digits without zeros in front; both empty for zero
	magnitude       int    // power of ten such that the digits stand behind the point
}

// maxExponent is where exponents stop growing: numbers beyond are equal if their digits are.
const maxExponent = 1 << 30

// parseNumber reads [+-] digits [ "." digits ] [ "e" [+-] digits ], which takes in every JSON number.
func parseNumber(s string) (n number, ok bool) {
	if s == "" {
		return n, false
	}
	n.negative = s[0] == '-'
	if s[0] == '-' || s[0] == '+' {
		s = s[1:]
	}
	n.whole, s = cutDigits(s)
	if n.whole == "" {
		return n, false
	}
	if strings.HasPrefix(s, ".") {
		if n.fraction, s = cutDigits(s[1:]); n.fraction == "" {
			return n, false
		}
	}
	exponent, ok := parseExponent(s)
	n.normalize(exponent)
	return n, ok
}

func (n *number) normalize(exponent int) {
	n.whole = strings.TrimLeft(n.whole, "0")
	n.magnitude = len(n.whole) + exponent
	if n.whole == "" {
		fraction := strings.TrimLeft(n.fraction, "0")
		n.magnitude -= len(n.fraction) - len(fraction)
		n.fraction = fraction
	}
}

func (n number) isZero() bool { return n.whole == "" && n.fraction == "" }

// parseExponent reads what may follow the digits: nothing, or an exponent.
func parseExponent(s string) (exponent int, ok bool) {
	if s == "" {
		return 0, true
	}
	if s[0]|0x20 != 'e' || len(s) == 1 {
		return 0, false
	}
	s = s[1:]
	negative := s[0] == '-'
	if s[0] == '-' || s[0] == '+' {
		s = s[1:]
	}
	digits, rest := cutDigits(s)
	if digits == "" || rest != "" {
		return 0, false
	}
	for i := range len(digits) {
		exponent = min(exponent*10+int(digits[i]-'0'), maxExponent)
	}
	if negative {
		exponent = -exponent
	}
	return exponent, true
}

func cutDigits(s string) (digits, rest string) {
	i := 0
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	return s[:i], s[i:]
}

// compare returns a negative number if a is less than b, a positive one if it is greater, and zero if they are equal.
func (n number) compare(m number) int {
	switch {
	case n.isZero() && m.isZero():
		return 0
	case n.sign() != m.sign():
		return n.sign() - m.sign()
	case n.magnitude != m.magnitude:
		return n.sign() * (n.magnitude - m.magnitude)
	}
	return n.sign() * n.compareDigits(m)
}

func (n number) sign() int {
	switch {
	case n.isZero():
		return 0
	case n.negative:
		return -1
	}
	return 1
}

func (n number) compareDigits(m number) int {
	length := max(len(n.whole)+len(n.fraction), len(m.whole)+len(m.fraction))
	for i := range length {
		if d := int(n.digit(i)) - int(m.digit(i)); d != 0 {
			return d
		}
	}
	return 0
}

func (n number) digit(i int) byte {
	if i < len(n.whole) {
		return n.whole[i]
	}
	if i -= len(n.whole); i < len(n.fraction) {
		return n.fraction[i]
	}
	return '0'
}
