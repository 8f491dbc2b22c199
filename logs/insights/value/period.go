package value

import (
	"time"

	"github.com/tollbook/tollbook/logs/insights/syntax"
)

// Period is a length of time that bins have. It is made by NewPeriod.
type Period struct {
	millis int64 // of a bin, if its length is fixed
	months int64 // otherwise
	origin int64 // where a bin of fixed length begins
}

const (
	dayMillis    = 86_400_000
	mondayMillis = 4 * dayMillis // 1970-01-05, the first Monday
)

// NewPeriod returns a period of n units, which is at least one. As in AWS, what is beyond a unit's cap counts as the cap:
// 1000 milliseconds, 60 seconds, 60 minutes, 24 hours (spec §6.7). The larger units have a cap of about ten thousand years.
func NewPeriod(n int64, unit syntax.Unit) Period {
	n = max(n, 1)
	switch unit {
	case syntax.Millisecond:
		return Period{millis: min(n, 1000)}
	case syntax.Second:
		return Period{millis: min(n, 60) * 1000}
	case syntax.Minute:
		return Period{millis: min(n, 60) * 60_000}
	case syntax.Hour:
		return Period{millis: min(n, 24) * 3_600_000}
	case syntax.Week:
		return Period{millis: min(n, 500_000) * 7 * dayMillis, origin: mondayMillis}
	case syntax.Month:
		return Period{months: min(n, 120_000)}
	case syntax.Quarter:
		return Period{months: min(n, 40_000) * 3}
	case syntax.Year:
		return Period{months: min(n, 10_000) * 12}
	}
	return Period{millis: min(n, 3_500_000) * dayMillis}
}

// Fixed returns how long each of the period's bins is and where one of them begins, both in milliseconds, the latter since
// 1970. It returns false for months, quarters and years, whose length changes.
func (p Period) Fixed() (length, origin int64, ok bool) { return p.millis, p.origin, p.millis > 0 }

// Floor returns the beginning of the bin in which a time lies, both in milliseconds since 1970. Bins follow one another
// from 1970-01-01 on, in UTC, weeks from the first Monday on.
func (p Period) Floor(ms int64) int64 {
	if p.millis > 0 {
		return ms - mod(ms-p.origin, p.millis)
	}
	months := monthsSince1970(ms)
	return monthStart(months - mod(months, p.months))
}

// Next returns the beginning of the bin that follows the bin in which a time lies.
func (p Period) Next(ms int64) int64 {
	start := p.Floor(ms)
	if p.millis > 0 {
		return start + p.millis
	}
	return monthStart(monthsSince1970(start) + p.months)
}

// Ceil returns the time itself if a bin begins there, and otherwise the beginning of the next bin.
func (p Period) Ceil(ms int64) int64 {
	if p.Floor(ms) == ms {
		return ms
	}
	return p.Next(ms)
}

// mod is the remainder that is not negative; n is positive.
func mod(i, n int64) int64 {
	if r := i % n; r >= 0 {
		return r
	} else {
		return r + n
	}
}

func monthsSince1970(ms int64) int64 {
	year, month, _ := time.UnixMilli(ms).UTC().Date()
	return int64(year-1970)*12 + int64(month-1)
}

func monthStart(months int64) int64 {
	return time.Date(1970, time.January+time.Month(months), 1, 0, 0, 0, 0, time.UTC).UnixMilli()
}
