package columnar

import (
	"encoding/binary"
	"encoding/hex"
)

// A hexPattern is the look of identifiers that are lower-case hex digits with fixed other characters between them: UUIDs,
// trace IDs ("1-5759e988-bd862e3fe1be46a994272793"), hashes. Two digits make a byte; the first is its upper half.
type hexPattern struct {
	text   string // what an identifier looks like; each 'x' is a digit
	digits int    // an even number
	uuid   bool
}

const (
	uuidPattern  = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"
	minHexDigits = 8
	maxHexText   = 256
)

// newHexPattern is false for a text that is no pattern.
func newHexPattern(text string) (hexPattern, bool) {
	p := hexPattern{text: text, uuid: text == uuidPattern}
	for i := range len(text) {
		if text[i] == 'x' {
			p.digits++
		}
	}
	return p, p.digits >= minHexDigits && p.digits%2 == 0 && len(text) <= maxHexText
}

// detectHex finds the pattern of identifiers that look like samples: the characters that are hex digits in all of them
// are digits, except one alone that never changes, and all others are the same in all of them.
func detectHex(samples []string) (hexPattern, bool) {
	first := samples[0]
	if len(first) < minHexDigits || len(first) > maxHexText {
		return hexPattern{}, false
	}
	text, same := []byte(first), make([]bool, len(first))
	for i := range text {
		digit := true
		same[i] = true
		for _, s := range samples {
			if len(s) != len(first) {
				return hexPattern{}, false
			}
			digit = digit && isHexDigit(s[i])
			same[i] = same[i] && s[i] == first[i]
		}
		if digit {
			text[i] = 'x'
		} else if !same[i] || first[i] == 'x' {
			return hexPattern{}, false
		}
	}
	for i := range text {
		alone := (i == 0 || text[i-1] != 'x') && (i+1 == len(text) || text[i+1] != 'x')
		if alone && same[i] {
			text[i] = first[i]
		}
	}
	return newHexPattern(string(text))
}

func isHexDigit(c byte) bool { return c-'0' <= 9 || c-'a' <= 5 }

// width is the number of bytes of a packed identifier.
func (p *hexPattern) width() int { return p.digits / 2 }

// pack appends the digits of s, or says false if s does not fit the pattern.
func (p *hexPattern) pack(dst []byte, s string) ([]byte, bool) {
	if p.uuid {
		return packUUID(dst, s)
	}
	if len(s) != len(p.text) {
		return dst, false
	}
	at, half := len(dst), byte(0)
	high := true
	for i := range len(s) {
		c := s[i]
		if p.text[i] != 'x' {
			if c != p.text[i] {
				return dst[:at], false
			}
			continue
		}
		if !isHexDigit(c) {
			return dst[:at], false
		}
		if high {
			half = hexValue(c) << 4
		} else {
			dst = append(dst, half|hexValue(c))
		}
		high = !high
	}
	return dst, true
}

func hexValue(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c - 'a' + 10
}

// append writes the identifier whose digits are packed.
func (p *hexPattern) append(dst, packed []byte) []byte {
	if p.uuid {
		return appendUUID(dst, packed)
	}
	const digits = "0123456789abcdef"
	n := 0
	for i := range len(p.text) {
		c := p.text[i]
		if c == 'x' {
			c = digits[packed[n/2]>>(4-n%2*4)&15]
			n++
		}
		dst = append(dst, c)
	}
	return dst
}

func packUUID(dst []byte, s string) ([]byte, bool) {
	if len(s) != len(uuidPattern) || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return dst, false
	}
	a, ok1 := packHex8(load64(s, 0))
	b, ok2 := packHex8(load64(s, 9)&0xffffffff | load64(s, 14)<<32)
	c, ok3 := packHex8(load64(s, 19)&0xffffffff | load64(s, 24)<<32)
	d, ok4 := packHex8(load64(s, 28))
	if !(ok1 && ok2 && ok3 && ok4) {
		return dst, false
	}
	dst = binary.LittleEndian.AppendUint64(dst, uint64(a)|uint64(b)<<32)
	return binary.LittleEndian.AppendUint64(dst, uint64(c)|uint64(d)<<32), true
}

// packHex8 packs eight hex digits at once, the first character lowest in x. A digit is known by being written again.
func packHex8(x uint64) (uint32, bool) {
	n := x&(0x0f*ones) + (x>>6&ones)*9
	letter := (n + 6*ones) >> 4 & ones
	if n&(0xf0*ones) != 0 || n+0x30*ones+letter*0x27 != x {
		return 0, false
	}
	n = (n<<4 | n>>8) & 0x00ff00ff00ff00ff
	n = (n | n>>8) & 0x0000ffff0000ffff
	return uint32(n | n>>16), true
}

func appendUUID(dst, packed []byte) []byte {
	var b [36]byte
	hex.Encode(b[0:8], packed[0:4])
	hex.Encode(b[9:13], packed[4:6])
	hex.Encode(b[14:18], packed[6:8])
	hex.Encode(b[19:23], packed[8:10])
	hex.Encode(b[24:36], packed[10:16])
	b[8], b[13], b[18], b[23] = '-', '-', '-', '-'
	return append(dst, b[:]...)
}
