package value_test

import (
	"testing"
	"time"

	"github.com/tollbook/tollbook/logs/insights/value"
)

func TestParseDate(t *testing.T) {
	t.Parallel()
	f := func(s, pattern, want string, zone ...value.Value) {
		t.Helper()
		ms := call(t, "parseDate", append(args(text(s), text(pattern)), zone...)...)
		if got := call(t, "fromMillis", ms).Text(); got != want {
			t.Errorf("%q as %q: %q, want %q", s, pattern, got, want)
		}
	}
	f("2021-10-30T19:10:00.5Z", "yyyy-MM-dd'T'HH:mm:ss.SX", "2021-10-30 19:10:00.500")
	f("2021-10-30 19:10:00,123", "yyyy-MM-dd HH:mm:ss,SSS", "2021-10-30 19:10:00.123")
	f("30/Oct/2021:19:10:00 +0200", "dd/MMM/yyyy:HH:mm:ss Z", "2021-10-30 17:10:00.000")
	f("Sat, 30 October 2021 7:05 pm", "EEE, d MMMM yyyy h:mm a", "2021-10-30 19:05:00.000")
	f("Saturday 1/2/99", "EEEE M/d/yy", "") // 2099-01-02 is a Friday
	f("Friday 1/2/99", "EEEE M/d/yy", "2099-01-02 00:00:00.000")
	f("20211030191000", "yyyyMMddHHmmss", "2021-10-30 19:10:00.000")
	f("2021.303", "yyyy.D", "2021-10-30 00:00:00.000")
	f("2021.366", "yyyy.DDD", "")
	f("12:30 AM", "hh:mm a", "1970-01-01 00:30:00.000")
	f("12:30 PM", "hh:mm a", "1970-01-01 12:30:00.000")
	f("24:00", "kk:mm", "1970-01-01 00:00:00.000")
	f("11 am", "K a", "1970-01-01 11:00:00.000")
	f("1:00", "H:mm", "1970-01-01 01:00:00.000")
	f("01:00", "H:mm", "1970-01-01 01:00:00.000")
	f("1:00", "HH:mm", "")
	f("2021-10-30 o'clock", "yyyy-MM-dd 'o''clock'", "2021-10-30 00:00:00.000")
	f("'5", "''d", "1970-01-05 00:00:00.000")
	f("2021-10-30 10+02:00", "yyyy-MM-dd HHXXX", "2021-10-30 08:00:00.000")
	f("2021-10-30 10-0330", "yyyy-MM-dd HHxx", "2021-10-30 13:30:00.000")
	f("2021-10-30 10Z", "yyyy-MM-dd HHx", "")
	f("2021-07-01 10 PDT", "yyyy-MM-dd HH z", "2021-07-01 17:00:00.000")
	f("2021-07-01 10 Europe/Berlin", "yyyy-MM-dd HH VV", "2021-07-01 08:00:00.000")
	f("2021-07-01 10", "yyyy-MM-dd HH", "2021-07-01 08:00:00.000", text("Europe/Berlin"))
	f("2021-07-01 10Z", "yyyy-MM-dd HHX", "2021-07-01 10:00:00.000", text("Europe/Berlin"))
	f("2021-02-29", "yyyy-MM-dd", "")
	f("2024-02-29", "yyyy-MM-dd", "2024-02-29 00:00:00.000")
	f("2021-13-01", "yyyy-MM-dd", "")
	f("2021-00-01", "yyyy-MM-dd", "")
	f("2021-10-30x", "yyyy-MM-dd", "")
	f("2021-10", "yyyy-MM-dd", "")
	f("25:00", "HH:mm", "")
	f("10:60", "HH:mm", "")
	f("", "yyyy", "")
	f("x", "[yyyy]", "")
	f("2021", "yyyy", "2021-01-01 00:00:00.000")
	f("12:00", "'12:00", "")
}

// FuzzDatePattern parses with any pattern, and what Go prints must be read as it was.
func FuzzDatePattern(f *testing.F) {
	f.Add("2021-10-30 19:10", "yyyy-MM-dd HH:mm", int64(0))
	f.Add("30/Oct/2021 7 PM GMT", "dd/MMM/yyyy h a z", int64(1635621000123))
	f.Add("'", "''''", int64(-62135596800000))
	f.Fuzz(func(t *testing.T, s, pattern string, ms int64) {
		fn, _ := value.Lookup("parseDate")
		if eval, err := fn.Prepare(args(null, text(pattern))); err == nil {
			if got := eval(queryContext, args(text(s), text(pattern))); !got.IsNull() && got.Kind() != value.Number {
				t.Fatalf("%q as %q is a %v", s, pattern, got.Kind())
			}
		}
		at := time.UnixMilli(ms).UTC()
		if at.Year() < 0 || at.Year() > 9999 {
			return
		}
		printed := at.Format("Monday 02 Jan 2006 03:04:05.000PM -07:00")
		got := call(t, "parseDate", text(printed), text("EEEE dd MMM yyyy hh:mm:ss.SSSa XXX"))
		if n, ok := got.AsTime(); !ok || n != ms {
			t.Fatalf("%s is read as %v", printed, got)
		}
	})
}
