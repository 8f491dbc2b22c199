package syntax

import (
	"strconv"
	"strings"
)

// units are the spellings of the units (spec §6.7), the one that is printed first. Those of several letters may end in s.
var units = [...][]string{
	Millisecond: {"ms", "msec", "millisecond"},
	Second:      {"s", "sec", "second"},
	Minute:      {"m", "min", "minute"},
	Hour:        {"h", "hr", "hour"},
	Day:         {"d", "day"},
	Week:        {"w", "week"},
	Month:       {"mo", "mon", "month"},
	Quarter:     {"q", "qtr", "quarter"},
	Year:        {"y", "yr", "year"},
}

// String returns the unit in its shortest spelling.
func (u Unit) String() string {
	if int(u) < len(units) && u > 0 {
		return units[u][0]
	}
	return "Unit(" + strconv.Itoa(int(u)) + ")"
}

// parseUnit returns the unit of a spelling, or 0.
func parseUnit(word string) Unit {
	word = strings.ToLower(word)
	for unit, spellings := range units {
		for _, s := range spellings {
			if word == s || len(s) > 1 && word == s+"s" {
				return Unit(unit)
			}
		}
	}
	return 0
}

// splitPeriod cuts 5m into 5 and the minute.
func splitPeriod(text string) (n string, unit Unit) {
	letters := strings.TrimLeft(text, "0123456789")
	return text[:len(text)-len(letters)], parseUnit(letters)
}

func isPeriod(text string) bool {
	_, unit := splitPeriod(text)
	return unit != 0
}

// relativeMillis are the lengths of units before now. Months, quarters and years count as 30, 91 and 365 days there.
var relativeMillis = [...]int64{
	Millisecond: 1,
	Second:      1000,
	Minute:      60_000,
	Hour:        3_600_000,
	Day:         86_400_000,
	Week:        7 * 86_400_000,
	Month:       30 * 86_400_000,
	Quarter:     91 * 86_400_000,
	Year:        365 * 86_400_000,
}

// maxPeriod bounds a period's number, so that it fits whatever it is multiplied with.
const maxPeriod = 1_000_000
