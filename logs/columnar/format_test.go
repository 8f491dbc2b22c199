package columnar

import (
	"testing"
	"time"
)

func TestFormatsAreExact(t *testing.T) {
	t.Parallel()
	accepted := []string{"0", "7", "-1", "123456789012345678", "-999999999999999999", "1.5", "-0.250", "0.0", "1445680800.424",
		"10.0.4.148", "0.0.0.0", "255.255.255.255", "2026-11-20T00:00:00Z", "2026-11-20T00:00:00.014Z", "2024-02-29 23:59:59,999",
		"2026-11-20T00:00:00.123456+00:00", "2026-11-20T00:00:00.123456789Z", "0001-01-01T00:00:00.1Z", "9999-12-31T23:59:59",
		"20/Nov/2026:00:00:00 +0000", "29/Feb/2024:23:59:59 -0730", "01/Jan/0001:00:00:00 +1400"}
	for _, s := range accepted {
		f, ok := detectFormat(s)
		if !ok {
			t.Errorf("%q has no format", s)
			continue
		}
		var memo timeMemo
		v, ok := f.parse(s, &memo)
		if got := string(f.append(nil, v)); !ok || got != s || !f.valid() {
			t.Errorf("%q parses (%v) as %d in %+v, which writes %q", s, ok, v, f, got)
		}
	}
	refused := []string{"", "-", "00", "01", "-0", "+1", "1e5", "1234567890123456789", "-0.0", "01.5", ".5", "5.", "1..2", "1.2.3",
		"1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.", "1.2.3.0400", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-11-20T24:00:00Z",
		"2026-11-20T00:60:00Z", "2026-11-20T00:00:60Z", "2026-11-20T00:00:00.Z", "2026-11-20T00:00:00x", "0000-01-01T00:00:00Z",
		"1600-11-20T00:00:00.123456789Z", "20/nov/2026:00:00:00 +0000", "20/Nov/2026:00:00:00 -0000", "31/Nov/2026:00:00:00 +0000",
		"20/Nov/2026:00:00:00 +2400", "2026-11-20T00:00:00.0000000000Z"}
	for _, s := range refused {
		if f, ok := detectFormat(s); ok {
			t.Errorf("%q was taken for %+v", s, f)
		}
	}
}

func TestTimesAgreeWithTheStandardLibrary(t *testing.T) {
	t.Parallel()
	for day := int64(-719161); day < 2932896; day += 97 { // years 1 to 9999
		at := time.Unix(day*86400+day&0xffff, 0).UTC()
		iso := at.Format("2006-01-02T15:04:05Z")
		if got := string(format{formatISO, uint16(isoZulu)}.append(nil, at.Unix())); got != iso {
			t.Fatalf("%d is %s, not %s", at.Unix(), iso, got)
		}
		clf := at.In(time.FixedZone("", -5400)).Format("02/Jan/2006:15:04:05 -0700")
		var memo timeMemo
		if v, ok := parseCLF(clf, clfZero-90, &memo); !ok || v != at.Unix() {
			t.Fatalf("%s is %d, not %d", clf, at.Unix(), v)
		}
	}
}

// FuzzFormat: whatever text is accepted is written again byte for byte, and no value makes append fail.
func FuzzFormat(f *testing.F) {
	for _, s := range []string{"12", "1.50", "10.1.2.3", "2026-11-20T00:00:00.014Z", "20/Nov/2026:00:00:00 +0000"} {
		f.Add(s, int64(0), uint16(3))
	}
	f.Fuzz(func(t *testing.T, s string, v int64, param uint16) {
		if f, ok := detectFormat(s); ok {
			var memo timeMemo
			v, ok := f.parse(s, &memo)
			if got := string(f.append(nil, v)); !ok || got != s {
				t.Fatalf("%q became %q", s, got)
			}
		}
		for kind := range formatKinds {
			if f := (format{kind, param}); f.valid() {
				f.append(nil, v)
			}
		}
	})
}
