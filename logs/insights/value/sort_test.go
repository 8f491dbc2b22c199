package value_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/tollbook/tollbook/logs/insights/value"
)

// documented is the sequence of AWS' documentation (spec/cloudwatch-logs §6.6).
const documented = "!: # *%04 0# 5A 111A 2345_ @ @_ A A9876fghj a12345hfh 0 01 1 2 3"

func TestDocumentedOrder(t *testing.T) {
	t.Parallel()
	want := strings.Fields(documented)
	var values []value.Value
	for i := range want {
		values = append(values, text(want[(i*7)%len(want)])) // 7 has no divisor in common with 17
	}
	values = append(values, null)
	f := func(compare func(a, b value.Value) int, want []string) {
		t.Helper()
		slices.SortFunc(values, compare)
		var got []string
		for _, v := range values {
			got = append(got, v.Text())
		}
		if !slices.Equal(got, append(want, "")) || !values[len(values)-1].IsNull() {
			t.Errorf("got  %q\nwant %q and null", got, want)
		}
	}
	f(value.Compare, slices.Clone(want))
	slices.Reverse(want)
	f(value.CompareDescending, want)
}

func TestOrderOfKinds(t *testing.T) {
	t.Parallel()
	ascending := []value.Value{text(""), text("a2"), text("a10"), text("a10b"), text("aa"), num(-1), num(0), yes, text("9"), num(10), at(1000)}
	for i, a := range ascending {
		for j, b := range ascending {
			if got := sign(value.Compare(a, b)); got != sign(i-j) {
				t.Errorf("Compare(%q, %q) = %d", a, b, got)
			}
			if got := sign(value.CompareDescending(a, b)); got != sign(j-i) {
				t.Errorf("CompareDescending(%q, %q) = %d", a, b, got)
			}
		}
		for _, last := range []value.Value{null, value.OfList(nil)} {
			if value.Compare(a, last) >= 0 || value.CompareDescending(a, last) >= 0 || value.Compare(last, a) <= 0 {
				t.Errorf("%q is not before %v", a, last.Kind())
			}
		}
	}
}

func sign(n int) int { return min(1, max(-1, n)) }

// FuzzTotalOrder checks that no order of three values contradicts itself.
func FuzzTotalOrder(f *testing.F) {
	all := strings.Fields(documented)
	for i := range all {
		f.Add(all[i], all[(i+3)%len(all)], all[(i+8)%len(all)])
	}
	f.Add("", "a", "1")
	f.Add("-0", "0", "+0")
	f.Add("a1", "a01", "a1b")
	f.Add("1e2", "100", "100.0")
	f.Fuzz(func(t *testing.T, s1, s2, s3 string) {
		a, b, c := text(s1), text(s2), text(s3)
		if sign(value.Compare(a, b)) != -sign(value.Compare(b, a)) || sign(value.Compare(a, b)) != sign(value.CompareDescending(b, a)) {
			t.Fatalf("the order of %q and %q depends on the side", s1, s2)
		}
		if (value.Compare(a, b) == 0) != (s1 == s2) {
			t.Fatalf("%q and %q: %d", s1, s2, value.Compare(a, b))
		}
		if value.Compare(a, b) < 0 && value.Compare(b, c) < 0 && value.Compare(a, c) >= 0 {
			t.Fatalf("%q < %q < %q, but not the first before the last", s1, s2, s3)
		}
	})
}
