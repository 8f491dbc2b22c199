package logs

import (
	"fmt"
	"math/bits"
	"strconv"
)

// An event id is a decimal number of 208 bits, laid out as AWS does:
//
//	| timestamp, 64 bits | ingestion, 64 bits | 16 zero bits | arrival, 64 bits |
//	 207              144 143               80 79          64 63              0
//
// For present-day times it has 56 digits; ids sort as positions do, and events of one batch differ by one.

// eventIDDigits is the length of the longest id, of a timestamp with all bits set.
const eventIDDigits = 63

// ten19 is the largest power of ten in 64 bits; ids are converted 19 digits at a time.
const ten19, digits19 = 10_000_000_000_000_000_000, 19

// EventID returns the id of the event at p: timestamp × 2^144 + ingestion × 2^80 + arrival, in decimal. Times must not be
// negative: the ids of negative ones are unique but out of order.
func EventID(p Position) string {
	ts, in := uint64(p.Timestamp), uint64(p.Ingestion)
	// words of 64 bits, lowest first
	n := [4]uint64{p.Arrival, in << 16, in>>48 | ts<<16, ts >> 48}
	var buf [4 * digits19]byte
	at := len(buf)
	for n != [4]uint64{} {
		at -= digits19
		putDigits(buf[at:at+digits19], divide(&n))
	}
	for at < len(buf)-1 && buf[at] == '0' {
		at++
	}
	if at == len(buf) {
		return "0"
	}
	return string(buf[at:])
}

// divide divides n by 10^19 and returns the remainder.
func divide(n *[4]uint64) (rem uint64) {
	for i := len(n) - 1; i >= 0; i-- {
		if rem|n[i] != 0 {
			n[i], rem = bits.Div64(rem, n[i], ten19)
		}
	}
	return rem
}

func putDigits(buf []byte, v uint64) {
	for i := len(buf) - 1; i >= 0; i-- {
		buf[i] = byte('0' + v%10)
		v /= 10
	}
}

// ParseEventID returns the position that an id stands for. Leading zeros are accepted. Ids that EventID does not make, such
// as AWS' own with their random part, are refused.
func ParseEventID(s string) (Position, error) {
	if len(s) == 0 || len(s) > eventIDDigits {
		return Position{}, fmt.Errorf("event id %.80q: want 1 to %d digits", s, eventIDDigits)
	}
	var n [4]uint64
	for rest := s; rest != ""; {
		cut := (len(rest)-1)%digits19 + 1
		v, err := strconv.ParseUint(rest[:cut], 10, 64)
		if err != nil || rest[0] == '+' {
			return Position{}, fmt.Errorf("event id %q: not a number", s)
		}
		multiplyAdd(&n, v)
		rest = rest[cut:]
	}
	if n[1]&0xffff != 0 || n[3]>>16 != 0 {
		return Position{}, fmt.Errorf("event id %q: not an id of this service", s)
	}
	return Position{
		Timestamp: Millis(n[3]<<48 | n[2]>>16),
		Ingestion: Millis(n[2]<<48 | n[1]>>16),
		Arrival:   n[0],
	}, nil
}

// multiplyAdd sets n to n × 10^19 + v; 63 digits cannot overflow it.
func multiplyAdd(n *[4]uint64, v uint64) {
	carry := v
	for i := range n {
		hi, lo := bits.Mul64(n[i], ten19)
		var c uint64
		n[i], c = bits.Add64(lo, carry, 0)
		carry = hi + c
	}
}
