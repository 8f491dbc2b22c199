package value

import (
	"fmt"
	"strings"
	"time"
)

// datePattern is a date pattern of Java's DateTimeFormatter, compiled for parsing:
//
//	y u  year; yy is 2000 to 2099         k  hour 1-24             E  weekday: EEE Mon, EEEE Monday
//	M L  month: M, MM, MMM Jan, MMMM May   K  hour 0-11             a  AM or PM
//	d    day of the month                 h  hour 1-12             Z  +0200; ZZZZZ +02:00 or Z
//	D    day of the year                  m  minute                X  Z or +02, +0200, +02:00; x without Z
//	H    hour 0-23                        s  second                z  UTC, PST, Europe/Berlin; VV the same
//	S    fraction of the second, a digit each                      'text', '' and all that is no letter: themselves
//
// A number of one letter takes as many digits as there can be, of more letters exactly as many digits. Names are English,
// in any case. What a pattern leaves out is that of 1970-01-01 00:00:00; its text must be used up.
type datePattern []dateField

type dateField struct {
	letter  byte // 0 for a literal
	count   int
	literal string
}

// mostLetters is how often a letter may be repeated.
var mostLetters = map[byte]int{
	'y': 4, 'u': 4, 'M': 4, 'L': 4, 'd': 2, 'D': 3, 'H': 2, 'k': 2, 'K': 2, 'h': 2, 'm': 2, 's': 2, 'S': 9, 'E': 4, 'a': 1,
	'Z': 5, 'X': 3, 'x': 3, 'z': 4, 'V': 2,
}

func parseDatePattern(s string) (datePattern, error) {
	var p datePattern
	for s != "" {
		field, n, err := nextDateField(s)
		if err != nil {
			return nil, fmt.Errorf("date pattern: %w", err)
		}
		p = append(p, field)
		s = s[n:]
	}
	return p, nil
}

// nextDateField reads what a pattern begins with, and returns its length.
func nextDateField(s string) (dateField, int, error) {
	c := s[0]
	switch {
	case c == '\'':
		return quotedField(s)
	case strings.IndexByte("[]{}#", c) >= 0:
		return dateField{}, 0, fmt.Errorf("%q is not supported", c)
	case !isLetter(c):
		return dateField{literal: s[:1]}, 1, nil
	}
	count := 1
	for count < len(s) && s[count] == c {
		count++
	}
	most, ok := mostLetters[c]
	if !ok || count > most || c == 'V' && count != 2 {
		return dateField{}, 0, fmt.Errorf("%q is not supported", s[:count])
	}
	return dateField{letter: c, count: count}, count, nil
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// quotedField reads text in quotes, in which two quotes are one.
func quotedField(s string) (dateField, int, error) {
	if strings.HasPrefix(s, "''") {
		return dateField{literal: "'"}, 2, nil
	}
	var text strings.Builder
	for i := 1; i < len(s); i++ {
		if s[i] == '\'' {
			if i+1 == len(s) || s[i+1] != '\'' {
				return dateField{literal: text.String()}, i + 1, nil
			}
			i++
		}
		text.WriteByte(s[i])
	}
	return dateField{}, 0, fmt.Errorf("quote without an end")
}

// dateParts is what has been read of a date.
type dateParts struct {
	year, month, day, yearDay     int
	hour, minute, second, nanos   int
	afternoon, hasWeekday, isHalf bool // isHalf: the hour is one of twelve
	weekday                       time.Weekday
	zone                          *time.Location
}

// parse reads a date. The zone holds where the text has none.
func (p datePattern) parse(s string, zone *time.Location) (time.Time, bool) {
	parts := dateParts{year: 1970, month: 1, day: 1, zone: zone}
	for _, field := range p {
		n, ok := parts.read(field, s)
		if !ok {
			return time.Time{}, false
		}
		s = s[n:]
	}
	if s != "" {
		return time.Time{}, false
	}
	return parts.time()
}

// read reads a field at the beginning of a text and returns its length.
func (d *dateParts) read(field dateField, s string) (length int, ok bool) {
	switch field.letter {
	case 0:
		return len(field.literal), strings.HasPrefix(s, field.literal)
	case 'M', 'L':
		if field.count > 2 {
			return readName(s, field.count > 3, 12, &d.month, func(i int) string { return time.Month(i + 1).String() })
		}
	case 'E':
		i := 0
		length, ok = readName(s, field.count > 3, 7, &i, func(i int) string { return time.Weekday(i).String() })
		d.hasWeekday, d.weekday = true, time.Weekday(i-1)
		return length, ok
	case 'a':
		d.afternoon = len(s) >= 2 && strings.EqualFold(s[:2], "PM")
		return 2, d.afternoon || len(s) >= 2 && strings.EqualFold(s[:2], "AM")
	case 'Z', 'X', 'x', 'z', 'V':
		return d.readZone(field, s)
	}
	return d.readNumber(field, s)
}

// readName reads one of several names, whole or their first three letters, and stores its number, the first being 1.
func readName(s string, whole bool, names int, number *int, name func(int) string) (length int, ok bool) {
	for i := range names {
		want := name(i)
		if !whole {
			want = want[:3]
		}
		if len(s) >= len(want) && strings.EqualFold(s[:len(want)], want) {
			*number = i + 1
			return len(want), true
		}
	}
	return 0, false
}

func (d *dateParts) readZone(field dateField, s string) (length int, ok bool) {
	if field.letter == 'z' || field.letter == 'V' {
		for length < len(s) && (isLetter(s[length]) || isDigit(s[length]) || strings.IndexByte("/_+-:", s[length]) >= 0) {
			length++
		}
		zone, err := parseZone(s[:length])
		d.zone = zone
		return length, err == nil
	}
	if strings.HasPrefix(s, "Z") && (field.letter == 'X' || field.count == 5) {
		d.zone = time.UTC
		return 1, true
	}
	seconds, length, ok := readOffset(s)
	d.zone = time.FixedZone("", seconds)
	return length, ok
}

func (d *dateParts) readNumber(field dateField, s string) (length int, ok bool) {
	most := field.count
	if most == 1 {
		most = max(2, mostLetters[field.letter])
	}
	if field.letter == 'S' {
		most = field.count
	}
	n, length := readDigits(s, most)
	if length == 0 || length < field.count {
		return 0, false
	}
	return length, d.set(field, n)
}

// set stores a number and says whether it is in its range.
func (d *dateParts) set(field dateField, n int) bool {
	switch field.letter {
	case 'y', 'u':
		d.year = n
		if field.count == 2 {
			d.year += 2000
		}
		return true
	case 'M', 'L':
		d.month = n
		return 1 <= n && n <= 12
	case 'd':
		d.day = n
		return 1 <= n && n <= 31
	case 'D':
		d.yearDay = n
		return 1 <= n && n <= 366
	case 'm':
		d.minute = n
		return n <= 59
	case 's':
		d.second = n
		return n <= 59
	case 'S':
		for range 9 - field.count {
			n *= 10
		}
		d.nanos = n
		return true
	}
	return d.setHour(field.letter, n)
}

func (d *dateParts) setHour(letter byte, n int) bool {
	d.hour, d.isHalf = n, letter == 'h' || letter == 'K'
	switch letter {
	case 'H':
		return n <= 23
	case 'k':
		d.hour = n % 24
		return 1 <= n && n <= 24
	case 'K':
		return n <= 11
	}
	d.hour = n % 12
	return 1 <= n && n <= 12
}

// time puts the parts together. A day that the month does not have, or that is another weekday, is none.
func (d *dateParts) time() (time.Time, bool) {
	hour := d.hour
	if d.isHalf && d.afternoon {
		hour += 12
	}
	if d.yearDay > 0 {
		first := time.Date(d.year, 1, d.yearDay, 0, 0, 0, 0, time.UTC)
		if first.Year() != d.year {
			return time.Time{}, false
		}
		d.month, d.day = int(first.Month()), first.Day()
	}
	t := time.Date(d.year, time.Month(d.month), d.day, hour, d.minute, d.second, d.nanos, d.zone)
	day := time.Date(d.year, time.Month(d.month), d.day, 0, 0, 0, 0, time.UTC)
	return t, day.Day() == d.day && (!d.hasWeekday || day.Weekday() == d.weekday)
}
