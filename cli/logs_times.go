package cli

import (
	"fmt"
	"strconv"
	"time"
)

// secondsBelow tells seconds from milliseconds since 1970: in milliseconds it is a day in 1973.
const secondsBelow = 100_000_000_000

// clock writes a time in milliseconds since 1970 in full.
func clock(ms int64) string {
	return time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z")
}

// parseWhen reads a time as people give it: RFC 3339, a date (its beginning in UTC), milliseconds or seconds since 1970, now,
// or how long ago: 90s, 10m, 2h, 3d, 1w. It returns milliseconds since 1970.
func parseWhen(text string, now time.Time) (int64, error) {
	if text == "now" {
		return now.UnixMilli(), nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", time.DateTime, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UnixMilli(), nil
		}
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && n >= 0 {
		if n < secondsBelow {
			n *= 1000
		}
		return n, nil
	}
	ago, err := parseAgo(text)
	if err != nil {
		return 0, fmt.Errorf("%q is no time: use 2026-04-09T12:34:56Z, 2026-04-09, milliseconds since 1970, now, or 10m, 2h, 3d for how long ago", text)
	}
	return now.Add(-ago).UnixMilli(), nil
}

func parseAgo(text string) (time.Duration, error) {
	day := 24 * time.Hour
	if len(text) > 1 {
		for unit, length := range map[byte]time.Duration{'d': day, 'w': 7 * day} {
			if text[len(text)-1] == unit {
				n, err := strconv.ParseUint(text[:len(text)-1], 10, 16)
				return time.Duration(n) * length, err
			}
		}
	}
	d, err := time.ParseDuration(text)
	if err == nil && d < 0 {
		err = fmt.Errorf("negative")
	}
	return d, err
}

// period is the half-open range of times that a command reads.
type period struct {
	From string `help:"Beginning, inclusive: a time, or how long ago (10m, 2h, 3d)." placeholder:"TIME"`
	To   string `help:"End, exclusive: a time, or how long ago." placeholder:"TIME"`
}

// bounds returns the period in milliseconds since 1970; an absent one is nil.
func (p period) bounds(now time.Time) (from, to *int64, err error) {
	if from, err = bound("--from", p.From, now); err != nil {
		return nil, nil, err
	}
	to, err = bound("--to", p.To, now)
	return from, to, err
}

func bound(flag, text string, now time.Time) (*int64, error) {
	if text == "" {
		return nil, nil
	}
	ms, err := parseWhen(text, now)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", flag, err)
	}
	return &ms, nil
}
