package value

import (
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // where the system has no time zones

	"github.com/ncruces/go-strftime"
)

var timeFunctions = []Function{
	{"fromMillis", plain(fromMillis)},
	{"toMillis", plain(toMillis)},
	{"now", plain(func(c *Context, _ []Value) Value { return OfNumber(float64(c.Now / 1000)) })},
	{"queryStartTime", plain(func(c *Context, _ []Value) Value { return OfNumber(float64(c.Start)) })},
	{"queryEndTime", plain(func(c *Context, _ []Value) Value { return OfNumber(float64(c.End)) })},
	{"queryTimeRange", plain(func(c *Context, _ []Value) Value { return OfNumber(float64(c.End - c.Start)) })},
	{"parseDate", prepareParseDate},
	{"formatDate", prepareFormatDate},
	{"strftime", prepareFormatDate},
}

func fromMillis(_ *Context, args []Value) Value {
	ms, ok := args[0].AsTime()
	if !ok {
		return Value{}
	}
	return OfTime(ms)
}

func toMillis(_ *Context, args []Value) Value {
	ms, ok := args[0].AsTime()
	if !ok {
		return Value{}
	}
	return OfNumber(float64(ms))
}

// prepareParseDate is parseDate(text, Java pattern, [zone]), in milliseconds since 1970.
func prepareParseDate(known []Value) (Eval, error) {
	pattern, err := once(known[1], parseDatePattern)
	if err != nil {
		return nil, err
	}
	zone, err := zoneArgument(known)
	return func(_ *Context, args []Value) Value {
		p, ok := pattern(args[1])
		loc, ok2 := zone(args)
		if !ok || !ok2 || !args[0].IsScalar() {
			return Value{}
		}
		t, ok := p.parse(args[0].Text(), loc)
		if !ok {
			return Value{}
		}
		return OfNumber(float64(t.UnixMilli()))
	}, err
}

// prepareFormatDate is formatDate(time, strftime format, [zone]). What strftime does not know stays as it is.
func prepareFormatDate(known []Value) (Eval, error) {
	zone, err := zoneArgument(known)
	return func(_ *Context, args []Value) Value {
		ms, ok := args[0].AsTime()
		loc, ok2 := zone(args)
		if !ok || !ok2 || !args[1].IsScalar() {
			return Value{}
		}
		return OfText(strftime.Format(args[1].Text(), time.UnixMilli(ms).In(loc)))
	}, err
}

// zoneArgument returns what reads a third argument: a time zone, which is UTC if there is none.
func zoneArgument(known []Value) (func(args []Value) (*time.Location, bool), error) {
	if len(known) < 3 {
		return func([]Value) (*time.Location, bool) { return time.UTC, true }, nil
	}
	zone, err := once(known[2], parseZone)
	return func(args []Value) (*time.Location, bool) { return zone(args[2]) }, err
}

// abbreviations are hours from UTC of names that the IANA database does not have, or has with changes over the year.
var abbreviations = map[string]int{
	"UTC": 0, "GMT": 0, "Z": 0, "CET": 1, "CEST": 2, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8,
	"PDT": -7,
}

// parseZone takes names of the IANA database, some abbreviations, and offsets such as +02:00, -0530, UTC+1 and GMT+1.
func parseZone(name string) (*time.Location, error) {
	if hours, ok := abbreviations[name]; ok {
		return time.FixedZone(name, hours*3600), nil
	}
	offset := strings.TrimPrefix(strings.TrimPrefix(name, "UTC"), "GMT")
	if seconds, n, ok := readOffset(offset); ok && n == len(offset) {
		return time.FixedZone(name, seconds), nil
	}
	loc, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" {
		return nil, fmt.Errorf("unknown time zone %q", name)
	}
	return loc, nil
}

// readOffset reads +h, +hh, +hhmm or +hh:mm at the beginning of a text, or the same with a minus.
func readOffset(s string) (seconds, length int, ok bool) {
	if s == "" || s[0] != '+' && s[0] != '-' {
		return 0, 0, false
	}
	hours, n := readDigits(s[1:], 2)
	if n == 0 {
		return 0, 0, false
	}
	length = 1 + n
	rest := s[length:]
	colon := 0
	if strings.HasPrefix(rest, ":") {
		colon = 1
	}
	minutes, n := readDigits(rest[colon:], 2)
	if n == 2 {
		length += colon + 2
	} else {
		minutes = 0
	}
	if hours > 18 || minutes > 59 {
		return 0, 0, false
	}
	seconds = hours*3600 + minutes*60
	if s[0] == '-' {
		seconds = -seconds
	}
	return seconds, length, true
}

// readDigits reads up to a number of digits at the beginning of a text, and returns how many there are.
func readDigits(s string, most int) (n, length int) {
	for length < len(s) && length < most && isDigit(s[length]) {
		n = n*10 + int(s[length]-'0')
		length++
	}
	return n, length
}
