package logfile

import (
	"bytes"
	"strconv"
	"time"
)

// Times outside of these bounds (milliseconds since 1970) are taken for something else: a duration, a counter.
const (
	earliest = 631_152_000_000   // 1990
	latest   = 7_258_118_400_000 // 2200
)

func usable(ms int64) bool { return ms >= earliest && ms < latest }

// parseTime reads a time in any form that log lines have: RFC 3339, as in the common log format, or a number of seconds,
// milliseconds, microseconds or nanoseconds since 1970. It returns milliseconds since 1970.
func parseTime(text []byte) (ms int64, ok bool) {
	if ms, n, ok := parseRFC3339(text); ok && n == len(text) {
		return ms, true
	}
	if ms, n, ok := parseCLF(text); ok && n == len(text) {
		return ms, true
	}
	return parseEpoch(text)
}

// parseEpoch reads a count since 1970, possibly with a fraction. Its size tells its unit, which is unambiguous from 1990
// to 2200.
func parseEpoch(text []byte) (ms int64, ok bool) {
	whole, fraction, _ := bytes.Cut(text, []byte{'.'})
	n, err := strconv.ParseInt(string(whole), 10, 64)
	if err != nil || len(whole) == 0 || whole[0] < '0' || whole[0] > '9' {
		return 0, false
	}
	switch {
	case n < 1e11:
		f, _, ok := parseFraction(fraction)
		if len(fraction) > 0 && !ok {
			return 0, false
		}
		ms = n*1000 + f
	case n < 1e14:
		ms = n
	case n < 1e17:
		ms = n / 1e3
	default:
		ms = n / 1e6
	}
	return ms, usable(ms)
}

// parseRFC3339 reads a time such as 2026-04-09T12:34:56.789Z at the beginning of text and returns how long it is. A blank
// may stand for the T, a comma for the point; without a zone it is UTC.
func parseRFC3339(text []byte) (ms int64, length int, ok bool) {
	const layout = "0000-00-00T00:00:00"
	if !shaped(text, layout) && !shaped(text, "0000-00-00 00:00:00") {
		return 0, 0, false
	}
	n := func(i, j int) int { return number(text[i:j]) }
	sec, ok := seconds(n(0, 4), n(5, 7), n(8, 10), n(11, 13), n(14, 16), n(17, 19))
	if !ok {
		return 0, 0, false
	}
	rest := text[len(layout):]
	fraction := int64(0)
	if len(rest) > 1 && (rest[0] == '.' || rest[0] == ',') {
		f, n, ok := parseFraction(rest[1:])
		if !ok {
			return 0, 0, false
		}
		fraction, rest = f, rest[1+n:]
	}
	offset, n2 := zone(rest)
	ms = (sec-offset)*1000 + fraction
	return ms, len(text) - len(rest) + n2, usable(ms)
}

// parseCLF reads a time such as 09/Apr/2026:12:34:56 +0000 at the beginning of text and returns how long it is.
func parseCLF(text []byte) (ms int64, length int, ok bool) {
	const layout = "00/Aaa/0000:00:00:00 +0000"
	if !shaped(text, layout) {
		return 0, 0, false
	}
	n := func(i, j int) int { return number(text[i:j]) }
	sec, ok := seconds(n(7, 11), month(text[3:6]), n(0, 2), n(12, 14), n(15, 17), n(18, 20))
	if !ok {
		return 0, 0, false
	}
	offset, _ := zone(text[21:26])
	ms = (sec - offset) * 1000
	return ms, len(layout), usable(ms)
}

// shaped tells whether text begins with the layout: a digit for 0, a letter for A or a, a sign for +, else the same byte.
func shaped(text []byte, layout string) bool {
	if len(text) < len(layout) {
		return false
	}
	for i := range len(layout) {
		c := text[i]
		switch layout[i] {
		case '0':
			if c < '0' || c > '9' {
				return false
			}
		case 'A', 'a':
			if c|0x20 < 'a' || c|0x20 > 'z' {
				return false
			}
		case '+':
			if c != '+' && c != '-' {
				return false
			}
		default:
			if c != layout[i] {
				return false
			}
		}
	}
	return true
}

func number(digits []byte) int {
	n := 0
	for _, c := range digits {
		n = n*10 + int(c-'0')
	}
	return n
}

// seconds since 1970 of a time of day in UTC. A leap second counts as the second behind it.
func seconds(year, mon, day, hour, minute, sec int) (int64, bool) {
	if mon < 1 || mon > 12 || hour > 23 || minute > 59 || sec > 60 {
		return 0, false
	}
	t := time.Date(year, time.Month(mon), day, hour, minute, 0, 0, time.UTC)
	return t.Unix() + int64(sec), t.Day() == day
}

func month(name []byte) int {
	const months = "janfebmaraprmayjunjulaugsepoctnovdec"
	i := bytes.Index([]byte(months), bytes.ToLower(name))
	if i < 0 || i%3 != 0 {
		return 0
	}
	return i/3 + 1
}

// parseFraction reads the digits behind a decimal point as milliseconds, cut.
func parseFraction(text []byte) (ms int64, length int, ok bool) {
	for length < len(text) && text[length] >= '0' && text[length] <= '9' {
		if length < 3 {
			ms = ms*10 + int64(text[length]-'0')
		}
		length++
	}
	for i := length; i < 3; i++ {
		ms *= 10
	}
	return ms, length, length > 0
}

// zone reads Z, ±hh:mm or ±hhmm, as seconds east of UTC.
func zone(text []byte) (offset int64, length int) {
	var hours, minutes []byte
	switch {
	case len(text) > 0 && (text[0] == 'Z' || text[0] == 'z'):
		return 0, 1
	case shaped(text, "+00:00"):
		hours, minutes, length = text[1:3], text[4:6], 6
	case shaped(text, "+0000"):
		hours, minutes, length = text[1:3], text[3:5], 5
	default:
		return 0, 0
	}
	offset = int64(number(hours)*3600 + number(minutes)*60)
	if text[0] == '-' {
		offset = -offset
	}
	return offset, length
}
