package columnar

import (
	"encoding/binary"
	"math/bits"
	"strconv"
)

// A format says how an integer is written. Every format is exact: what parse accepts, append writes again byte for byte,
// so only canonical text parses ("7", not "07").
type format struct {
	kind  formatKind
	param uint16 // of fixed: digits after the point; of iso and clf see format_time.go
}

type formatKind uint8

const (
	formatDecimal formatKind = iota
	formatFixed              // 12.500
	formatIPv4
	formatISO // 2006-01-02T15:04:05.000Z and its kin
	formatCLF // 02/Jan/2006:15:04:05 +0000
	formatKinds
)

const maxDecimalDigits = 18 // any number of so many digits fits an int64

// detectFormat finds the format that s is written in.
func detectFormat(s string) (format, bool) {
	if _, ok := parseDecimal(s); ok {
		return format{kind: formatDecimal}, true
	}
	if _, ok := parseIPv4(s); ok {
		return format{kind: formatIPv4}, true
	}
	if f, ok := detectTime(s); ok {
		return f, true
	}
	return detectFixed(s)
}

func (f format) isTime() bool { return f.kind == formatISO || f.kind == formatCLF }

// valid says whether f can stand in a header.
func (f format) valid() bool {
	switch f.kind {
	case formatDecimal, formatIPv4:
		return f.param == 0
	case formatFixed:
		return f.param >= 1 && f.param <= maxDecimalDigits-1
	case formatISO:
		return isoLayout(f.param).valid()
	case formatCLF:
		return f.param <= 2*clfZero
	}
	return false
}

func (f format) parse(s string, memo *timeMemo) (int64, bool) {
	switch f.kind {
	case formatDecimal:
		return parseDecimal(s)
	case formatFixed:
		return parseFixed(s, int(f.param))
	case formatIPv4:
		return parseIPv4(s)
	case formatISO:
		return isoLayout(f.param).parse(s, memo)
	default:
		return parseCLF(s, f.param, memo)
	}
}

// append writes v; any v is written somehow, so that bytes from a disk cannot do harm.
func (f format) append(dst []byte, v int64) []byte {
	switch f.kind {
	case formatDecimal:
		return appendDecimal(dst, v)
	case formatFixed:
		return appendFixed(dst, v, int(f.param))
	case formatIPv4:
		return appendIPv4(dst, uint32(v))
	case formatISO:
		return isoLayout(f.param).append(dst, v)
	default:
		return appendCLF(dst, v, f.param)
	}
}

// alphabet is what the format's texts are made of.
func (f format) alphabet() string {
	switch f.kind {
	case formatDecimal:
		return "0123456789-"
	case formatFixed:
		return "0123456789-."
	case formatIPv4:
		return "0123456789."
	case formatISO:
		return "0123456789-T :.,Z+"
	default:
		return "0123456789/: +-JanFebMarAprMayJunJulAugSepOctNovDec"
	}
}

// maxLen is at least the length of the longest text that the format writes of the values from low to high.
func (f format) maxLen(low, high int64) int {
	switch f.kind {
	case formatDecimal:
		return max(len(strconv.FormatInt(low, 10)), len(strconv.FormatInt(high, 10)))
	case formatIPv4:
		return len("255.255.255.255")
	case formatISO:
		return len("2006-01-02T15:04:05.000000000+00:00")
	case formatCLF:
		return len("02/Jan/2006:15:04:05 +0000")
	}
	return maxDecimalDigits + 3
}

func parseDecimal(s string) (int64, bool) {
	digits := s
	if len(s) > 0 && s[0] == '-' {
		digits = s[1:]
	}
	if len(digits) == 0 || len(digits) > maxDecimalDigits || (digits[0] == '0' && len(s) > 1) {
		return 0, false
	}
	v, ok := parseDigits(digits)
	if len(digits) < len(s) {
		v = -v
	}
	return v, ok
}

// parseDigits reads up to 18 digits, leading zeros too.
func parseDigits(s string) (int64, bool) {
	v := int64(0)
	for i := range len(s) {
		d := s[i] - '0'
		if d > 9 {
			return 0, false
		}
		v = v*10 + int64(d)
	}
	return v, true
}

func appendDecimal(dst []byte, v int64) []byte {
	if v < 0 {
		return strconv.AppendInt(dst, v, 10)
	}
	if v < 10 {
		return append(dst, byte('0'+v))
	}
	if v < 100 {
		return append(dst, twoDigits[v*2], twoDigits[v*2+1])
	}
	if v < 10000 {
		hi, lo := v/100*2, v%100*2
		if v < 1000 {
			return append(dst, twoDigits[hi+1], twoDigits[lo], twoDigits[lo+1])
		}
		return append(dst, twoDigits[hi], twoDigits[hi+1], twoDigits[lo], twoDigits[lo+1])
	}
	return strconv.AppendInt(dst, v, 10)
}

const twoDigits = "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748" +
	"4950515253545556575859606162636465666768697071727374757677787980818283848586878889909192939495969798" + "99"

func appendTwo(dst []byte, v int64) []byte {
	v = int64(uint64(v)%100) * 2
	return append(dst, twoDigits[v], twoDigits[v+1])
}

// appendPadded writes the last n digits of v ≥ 0.
func appendPadded(dst []byte, v int64, n int) []byte {
	at := len(dst)
	for range n {
		dst = append(dst, '0')
	}
	u := uint64(v)
	for i := at + n - 1; i >= at; i-- {
		dst[i] = byte('0' + u%10)
		u /= 10
	}
	return dst
}

// detectFixed accepts 1.5 and -0.250, and no number that starts with a needless zero.
func detectFixed(s string) (format, bool) {
	for i := len(s) - 1; i > 0; i-- {
		if s[i] == '.' {
			f := format{kind: formatFixed, param: uint16(len(s) - 1 - i)}
			_, ok := parseFixed(s, int(f.param))
			return f, ok
		}
	}
	return format{}, false
}

func parseFixed(s string, fraction int) (int64, bool) {
	point := len(s) - 1 - fraction
	if point < 1 || fraction < 1 || s[point] != '.' {
		return 0, false
	}
	whole := s[:point]
	negative := whole[0] == '-'
	if negative {
		whole = whole[1:]
	}
	if len(whole) == 0 || len(whole)+fraction > maxDecimalDigits || (whole[0] == '0' && len(whole) > 1) {
		return 0, false
	}
	hi, ok := parseDigits(whole)
	lo, okFraction := parseDigits(s[point+1:])
	v := hi*pow10(fraction) + lo
	if negative {
		return -v, ok && okFraction && v != 0
	}
	return v, ok && okFraction
}

func appendFixed(dst []byte, v int64, fraction int) []byte {
	u := uint64(v)
	if v < 0 {
		dst = append(dst, '-')
		u = -u
	}
	unit := uint64(pow10(fraction))
	dst = strconv.AppendUint(dst, u/unit, 10)
	return appendPadded(append(dst, '.'), int64(u%unit), fraction)
}

func pow10(n int) int64 { return powersOf10[n] }

var powersOf10 = [maxDecimalDigits + 1]int64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
	1e16, 1e17, 1e18}

func parseIPv4(s string) (int64, bool) {
	if len(s) < 7 || len(s) > 15 {
		return 0, false
	}
	v, octet, digits, dots := uint32(0), uint32(0), 0, 0
	for i := range len(s) {
		c := s[i]
		if d := uint32(c - '0'); d <= 9 {
			if digits > 0 && octet == 0 {
				return 0, false
			}
			octet = octet*10 + d
			digits++
			continue
		}
		if c != '.' || digits == 0 || octet > 255 {
			return 0, false
		}
		v = v<<8 | octet
		octet, digits = 0, 0
		dots++
	}
	if dots != 3 || digits == 0 || octet > 255 || digits > 3 {
		return 0, false
	}
	return int64(v<<8 | octet), true
}

func appendIPv4(dst []byte, v uint32) []byte {
	dst = appendOctet(dst, v>>24)
	dst = appendOctet(append(dst, '.'), v>>16&255)
	dst = appendOctet(append(dst, '.'), v>>8&255)
	return appendOctet(append(dst, '.'), v&255)
}

func appendOctet(dst []byte, v uint32) []byte {
	switch {
	case v < 10:
		return append(dst, byte('0'+v))
	case v < 100:
		return append(dst, twoDigits[v*2], twoDigits[v*2+1])
	}
	lo := v % 100 * 2
	return append(dst, byte('0'+v/100), twoDigits[lo], twoDigits[lo+1])
}

// load64 is the eight bytes of s from i on, the first lowest.
func load64(s string, i int) uint64 { return binary.LittleEndian.Uint64([]byte(s[i : i+8])) }

func load32(s string, i int) uint64 { return uint64(binary.LittleEndian.Uint32([]byte(s[i : i+4]))) }

// firstByte is the place of the lowest byte in mask whose high bit is set.
func firstByte(mask uint64) int { return bits.TrailingZeros64(mask) >> 3 }

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)
