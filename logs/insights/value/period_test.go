package value_test

import (
	"testing"
	"time"

	"github.com/tollbook/tollbook/logs/insights/syntax"
	"github.com/tollbook/tollbook/logs/insights/value"
)

func TestPeriods(t *testing.T) {
	t.Parallel()
	const layout = "2006-01-02 15:04:05.000"
	f := func(n int64, unit syntax.Unit, of, floor, ceil string) {
		t.Helper()
		at, err := time.Parse(layout, of)
		if err != nil {
			t.Fatal(err)
		}
		p := value.NewPeriod(n, unit)
		got := [2]string{}
		for i, ms := range []int64{p.Floor(at.UnixMilli()), p.Ceil(at.UnixMilli())} {
			got[i] = time.UnixMilli(ms).UTC().Format(layout)
		}
		if got != [2]string{floor, ceil} {
			t.Errorf("%d of unit %d: %s is from %s to %s", n, unit, of, got[0], got[1])
		}
	}
	const at = "2021-10-30 19:17:23.456" // a Saturday
	f(100, syntax.Millisecond, at, "2021-10-30 19:17:23.400", "2021-10-30 19:17:23.500")
	f(5000, syntax.Millisecond, at, "2021-10-30 19:17:23.000", "2021-10-30 19:17:24.000")
	f(10, syntax.Second, at, "2021-10-30 19:17:20.000", "2021-10-30 19:17:30.000")
	f(300, syntax.Second, at, "2021-10-30 19:17:00.000", "2021-10-30 19:18:00.000") // as 60s
	f(5, syntax.Minute, at, "2021-10-30 19:15:00.000", "2021-10-30 19:20:00.000")
	f(90, syntax.Minute, at, "2021-10-30 19:00:00.000", "2021-10-30 20:00:00.000")
	f(6, syntax.Hour, at, "2021-10-30 18:00:00.000", "2021-10-31 00:00:00.000")
	f(48, syntax.Hour, at, "2021-10-30 00:00:00.000", "2021-10-31 00:00:00.000")
	f(1, syntax.Day, at, "2021-10-30 00:00:00.000", "2021-10-31 00:00:00.000")
	f(1, syntax.Week, at, "2021-10-25 00:00:00.000", "2021-11-01 00:00:00.000")
	f(1, syntax.Month, at, "2021-10-01 00:00:00.000", "2021-11-01 00:00:00.000")
	f(5, syntax.Month, "2021-10-30 00:00:00.000", "2021-09-01 00:00:00.000", "2022-02-01 00:00:00.000")
	f(1, syntax.Quarter, at, "2021-10-01 00:00:00.000", "2022-01-01 00:00:00.000")
	f(1, syntax.Year, at, "2021-01-01 00:00:00.000", "2022-01-01 00:00:00.000")
	f(0, syntax.Second, at, "2021-10-30 19:17:23.000", "2021-10-30 19:17:24.000")
	f(1, syntax.Hour, "2021-10-30 19:00:00.000", "2021-10-30 19:00:00.000", "2021-10-30 19:00:00.000")
	f(1, syntax.Day, "1969-12-31 23:00:00.000", "1969-12-31 00:00:00.000", "1970-01-01 00:00:00.000")
	f(1, syntax.Week, "1969-12-31 23:00:00.000", "1969-12-29 00:00:00.000", "1970-01-05 00:00:00.000")
	f(1, syntax.Month, "1969-11-02 00:00:00.000", "1969-11-01 00:00:00.000", "1969-12-01 00:00:00.000")
}

func FuzzPeriod(f *testing.F) {
	f.Add(int64(1635621000123), int64(5), uint8(3))
	f.Add(int64(-1), int64(7), uint8(7))
	f.Fuzz(func(t *testing.T, ms, n int64, unit uint8) {
		if ms < -1e15 || ms > 1e15 {
			return
		}
		p := value.NewPeriod(n, syntax.Unit(unit%9+1))
		start, next := p.Floor(ms), p.Next(ms)
		if start > ms || next <= ms || p.Floor(start) != start || p.Floor(next) != next || p.Floor(next-1) != start {
			t.Fatalf("%d is from %d to %d", ms, start, next)
		}
		if length, origin, ok := p.Fixed(); ok && (next-start != length || (start-origin)%length != 0) {
			t.Fatalf("from %d to %d are no %d", start, next, length)
		}
	})
}
