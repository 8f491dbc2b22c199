package columnar

// isoLayout is the param of formatISO: digits of the fraction of a second in the low four bits, then flags.
type isoLayout uint16

const (
	isoBlank  isoLayout = 1 << 4 // a blank, not T, between date and time
	isoComma  isoLayout = 1 << 5 // a comma before the fraction
	isoZulu   isoLayout = 1 << 6 // ends with Z
	isoOffset isoLayout = 1 << 7 // ends with +00:00

	isoSeconds = len("2006-01-02T15:04:05")
	isoMinutes = len("2006-01-02T15:04:")
	clfMinutes = len("02/Jan/2006:15:04:")
	clfZero    = 24 * 60 // the param of formatCLF is the zone's offset in minutes and this
	months     = "JanFebMarAprMayJunJulAugSepOctNovDec"
)

// timeMemo remembers the minute that was parsed last.
type timeMemo struct {
	minute  string
	seconds int64
	zone    uint64 // of formatCLF: the six bytes that end each text
}

func detectTime(s string) (format, bool) {
	var memo timeMemo
	if len(s) == len("02/Jan/2006:15:04:05 +0000") && s[2] == '/' {
		zone, ok := parseZone(s[len(s)-5:])
		f := format{formatCLF, zone}
		if ok {
			_, ok = f.parse(s, &memo)
		}
		return f, ok
	}
	if len(s) < isoSeconds || s[4] != '-' {
		return format{}, false
	}
	layout := isoLayoutOf(s)
	f := format{formatISO, uint16(layout)}
	if !layout.valid() {
		return format{}, false
	}
	_, ok := f.parse(s, &memo)
	return f, ok
}

func isoLayoutOf(s string) isoLayout {
	layout := isoLayout(0)
	if s[10] == ' ' {
		layout |= isoBlank
	}
	tail := s[isoSeconds:]
	if tail != "" && tail[0] == ',' {
		layout |= isoComma
	}
	switch {
	case tail != "" && tail[len(tail)-1] == 'Z':
		layout, tail = layout|isoZulu, tail[:len(tail)-1]
	case len(tail) >= 6 && tail[len(tail)-6:] == "+00:00":
		layout, tail = layout|isoOffset, tail[:len(tail)-6]
	}
	if len(tail) > 1 {
		layout |= isoLayout(min(len(tail)-1, 15))
	}
	return layout
}

func (l isoLayout) digits() int { return int(l & 15) }

func (l isoLayout) valid() bool {
	known := l < 1<<8 && l.digits() <= 9 && l&(isoZulu|isoOffset) != isoZulu|isoOffset
	return known && (l&isoComma == 0 || l.digits() > 0)
}

func (l isoLayout) suffix() string {
	switch {
	case l&isoZulu != 0:
		return "Z"
	case l&isoOffset != 0:
		return "+00:00"
	}
	return ""
}

func (l isoLayout) point() byte {
	if l&isoComma != 0 {
		return ','
	}
	return '.'
}

// parse counts in units of the last digit of the fraction.
func (l isoLayout) parse(s string, memo *timeMemo) (int64, bool) {
	n, suffix := l.digits(), l.suffix()
	want := isoSeconds + len(suffix)
	if n > 0 {
		want += 1 + n
	}
	if len(s) != want || (suffix != "" && s[want-1] != suffix[len(suffix)-1]) || (len(suffix) > 1 && s[want-len(suffix):] != suffix) {
		return 0, false
	}
	if !memo.has(s[:isoMinutes]) && !l.parseMinute(s, memo) {
		return 0, false
	}
	tens, units := s[isoMinutes]-'0', s[isoMinutes+1]-'0'
	if tens > 5 || units > 9 {
		return 0, false
	}
	v := memo.seconds + int64(tens*10+units)
	if n == 0 {
		return v, true
	}
	if s[isoSeconds] != l.point() {
		return 0, false
	}
	fraction, ok := parseDigits(s[isoSeconds+1 : isoSeconds+1+n])
	return v*pow10(n) + fraction, ok
}

func (l isoLayout) parseMinute(s string, memo *timeMemo) bool {
	separator := byte('T')
	if l&isoBlank != 0 {
		separator = ' '
	}
	if s[4] != '-' || s[7] != '-' || s[10] != separator || s[13] != ':' || s[16] != ':' {
		return false
	}
	return memo.set(s[:isoMinutes], s[:4], s[5:7], s[8:10], s[11:13], s[14:16], l.digits())
}

func (m *timeMemo) has(minute string) bool {
	return len(m.minute) == len(minute) && equalTexts(m.minute, minute)
}

// set remembers a minute if it is one. With nine digits of a fraction only the years that an int64 can count are.
func (m *timeMemo) set(text, year, month, day, hour, minute string, fraction int) bool {
	y, ok1 := parseDigits(year)
	mo, ok2 := parseDigits(month)
	d, ok3 := parseDigits(day)
	h, ok4 := parseDigits(hour)
	mi, ok5 := parseDigits(minute)
	ok := ok1 && ok2 && ok3 && ok4 && ok5 && y >= 1 && mo >= 1 && mo <= 12 && d >= 1 && h < 24 && mi < 60
	if !ok || d > daysIn(y, mo) || (fraction > 6 && (y < 1700 || y > 2200)) {
		return false
	}
	*m = timeMemo{minute: text, seconds: daysFromCivil(y, mo, d)*86400 + h*3600 + mi*60}
	return true
}

func (l isoLayout) append(dst []byte, v int64) []byte {
	n := l.digits()
	seconds, fraction := v, int64(0)
	if n == 3 {
		seconds, fraction = floorDiv(v, 1000)
	} else if n > 0 {
		seconds, fraction = floorDiv(v, pow10(n))
	}
	days, clock := floorDiv(seconds, 86400)
	y, m, d := civilFromDays(days)
	separator := byte('T')
	if l&isoBlank != 0 {
		separator = ' '
	}
	dst = appendTwo(appendTwo(dst, y/100), y%100)
	dst = appendTwo(append(dst, '-'), m)
	dst = appendTwo(append(dst, '-'), d)
	dst = appendClock(append(dst, separator), clock)
	if n == 3 {
		dst = append(dst, l.point(), byte('0'+fraction/100))
		dst = appendTwo(dst, fraction%100)
	} else if n > 0 {
		dst = appendPadded(append(dst, l.point()), fraction, n)
	}
	return append(dst, l.suffix()...)
}

func appendClock(dst []byte, seconds int64) []byte {
	dst = appendTwo(dst, seconds/3600)
	dst = appendTwo(append(dst, ':'), seconds/60%60)
	return appendTwo(append(dst, ':'), seconds%60)
}

// parseZone reads +0200 as minutes and clfZero.
func parseZone(s string) (uint16, bool) {
	h, ok := parseDigits(s[1:3])
	m, okMinutes := parseDigits(s[3:5])
	v := h*60 + m
	if !ok || !okMinutes || h >= 24 || m >= 60 || (s[0] != '+' && (s[0] != '-' || v == 0)) {
		return 0, false
	}
	if s[0] == '-' {
		v = -v
	}
	return uint16(v + clfZero), true
}

// parseCLF counts seconds since 1970 in UTC.
func parseCLF(s string, zone uint16, memo *timeMemo) (int64, bool) {
	if len(s) != len("02/Jan/2006:15:04:05 +0000") {
		return 0, false
	}
	offset := int64(zone) - clfZero
	if !memo.has(s[:clfMinutes]) && !parseCLFMinute(s, offset, memo) {
		return 0, false
	}
	if load64(s, clfMinutes)>>16 != memo.zone {
		return 0, false
	}
	tens, units := s[clfMinutes]-'0', s[clfMinutes+1]-'0'
	if tens > 5 || units > 9 {
		return 0, false
	}
	return memo.seconds + int64(tens*10+units) - offset*60, true
}

func parseCLFMinute(s string, offset int64, memo *timeMemo) bool {
	if s[2] != '/' || s[6] != '/' || s[11] != ':' || s[14] != ':' || s[17] != ':' {
		return false
	}
	for m := int64(0); m < 12; m++ {
		if s[3:6] == months[m*3:m*3+3] {
			var number [2]byte
			month := string(appendTwo(number[:0], m+1))
			if !memo.set(s[:clfMinutes], s[7:11], month, s[:2], s[12:14], s[15:17], 0) {
				return false
			}
			memo.zone = load64(string(appendZone([]byte("  "), offset)), 0) >> 16
			return true
		}
	}
	return false
}

func appendCLF(dst []byte, v int64, zone uint16) []byte {
	offset := int64(zone) - clfZero
	days, clock := floorDiv(v+offset*60, 86400)
	y, m, d := civilFromDays(days)
	dst = append(appendTwo(dst, d), '/')
	dst = append(append(dst, months[m*3-3:m*3]...), '/')
	dst = appendTwo(appendTwo(dst, y/100), y%100)
	dst = appendClock(append(dst, ':'), clock)
	return appendZone(dst, offset)
}

func appendZone(dst []byte, minutes int64) []byte {
	sign := byte('+')
	if minutes < 0 {
		sign, minutes = '-', -minutes
	}
	return appendTwo(appendTwo(append(dst, ' ', sign), minutes/60), minutes%60)
}

// floorDiv divides with a remainder that is never negative.
func floorDiv(v, by int64) (quotient, remainder int64) {
	quotient, remainder = v/by, v%by
	if remainder < 0 {
		return quotient - 1, remainder + by
	}
	return quotient, remainder
}

func daysIn(year, month int64) int64 {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// daysFromCivil counts days since 1970-01-01 in the Gregorian calendar; years begin in March so that leap days end them.
func daysFromCivil(y, m, d int64) int64 {
	if m <= 2 {
		y--
		m += 12
	}
	era, yearOfEra := floorDiv(y, 400)
	dayOfYear := (153*(m-3)+2)/5 + d - 1
	return era*146097 + yearOfEra*365 + yearOfEra/4 - yearOfEra/100 + dayOfYear - 719468
}

// civilFromDays is the inverse of daysFromCivil; of days outside the years 0 to 9999 it keeps the range, not the sense.
func civilFromDays(days int64) (y, m, d int64) {
	era, day := floorDiv(days+719468, 146097)
	yearOfEra := (day - day/1460 + day/36524 - day/146096) / 365
	dayOfYear := day - (365*yearOfEra + yearOfEra/4 - yearOfEra/100)
	mp := (5*dayOfYear + 2) / 153
	d, m, y = dayOfYear-(153*mp+2)/5+1, mp+3, yearOfEra+era*400
	if m > 12 {
		m, y = m-12, y+1
	}
	_, y = floorDiv(y, 10000)
	return y, m, d
}
