package value_test

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/tollbook/tollbook/logs/insights/value"
)

var (
	null = value.Value{}
	text = value.OfText
	num  = value.OfNumber
	yes  = value.OfBool(true)
	no   = value.OfBool(false)
	at   = value.OfTime
)

func parsed(t testing.TB, s string) value.Value {
	t.Helper()
	v, ok := value.ParseJSON(s)
	if !ok {
		t.Fatalf("ParseJSON(%s) is no JSON", s)
	}
	return v
}

func TestText(t *testing.T) {
	t.Parallel()
	f := func(v value.Value, want string) {
		t.Helper()
		if got := v.Text(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	f(null, "")
	f(text("a b"), "a b")
	f(num(229), "229")
	f(num(12.5), "12.5")
	f(num(-0.25), "-0.25")
	f(num(math.Copysign(0, -1)), "0")
	f(num(1e15), "1000000000000000")
	f(num(1e20), "100000000000000000000")
	f(num(123456789.125), "123456789.125")
	f(num(1e21), "1e+21")
	f(num(0.000001), "0.000001")
	f(num(0.0000001), "1e-07")
	f(yes, "1")
	f(no, "0")
	f(at(1635621000000), "2021-10-30 19:10:00.000")
	f(at(-1), "1969-12-31 23:59:59.999")
	f(value.OfList([]value.Value{num(1), text("a\"\n\x01é"), null, yes, at(0)}), `[1,"a\"\n\u0001é",null,true,"1970-01-01 00:00:00.000"]`)
	f(value.OfMap([]string{"k\\", "l"}, []value.Value{num(1.5), value.OfList(nil)}), `{"k\\":1.5,"l":[]}`)
}

func TestOnlyFiniteValues(t *testing.T) {
	t.Parallel()
	for _, v := range []value.Value{num(math.NaN()), num(math.Inf(1)), at(math.MaxInt64), at(math.MinInt64)} {
		if !v.IsNull() {
			t.Errorf("%v is not null", v)
		}
	}
}

func TestAsNumber(t *testing.T) {
	t.Parallel()
	accepted := map[string]float64{
		"0": 0, "-0": 0, "42": 42, "+42": 42, "-4.5": -4.5, "007": 7, ".5": 0.5, "5.": 5, "1e3": 1000, "1E-2": 0.01, "-1.5e+2": -150,
		"0.1": 0.1, "0.3": 0.3, "123.456": 123.456, "9007199254740993": 9007199254740992, "18446744073709551616": 18446744073709551616,
		"0.000000000000000000000000001": 1e-27, "1e308": 1e308,
	}
	for s, want := range accepted {
		if got, ok := text(s).AsNumber(); !ok || got != want {
			t.Errorf("%q: %v %v, want %v", s, got, ok, want)
		}
	}
	rejected := []string{"", " 1", "1 ", "0x10", "Inf", "inf", "NaN", "1_000", "1,5", "-", "+", ".", "-.", "e5", "1e", "1e+", "1.2.3", "--1",
		"1e999", "a1", "1a", "٣", "1e5.0", "/", ":", "1:"}
	for _, s := range rejected {
		if got, ok := text(s).AsNumber(); ok {
			t.Errorf("%q is the number %v", s, got)
		}
	}
	if n, ok := at(1500).AsNumber(); !ok || n != 1500 {
		t.Errorf("a time is %v, %v", n, ok)
	}
	if _, ok := value.OfList(nil).AsNumber(); ok {
		t.Error("a list is a number")
	}
}

func TestAsNumberAllocatesNothing(t *testing.T) {
	for _, s := range []string{"12345", "0.25", "1.5e3", "12345678901234567890", "no", "1x"} {
		v := text(s)
		if n := testing.AllocsPerRun(20, func() { v.AsNumber() }); n > 0 {
			t.Errorf("%q takes %v allocations", s, n)
		}
	}
}

// FuzzNumber compares with strconv, which accepts more, and reads back what is printed.
func FuzzNumber(f *testing.F) {
	for _, s := range []string{"1", "-1.5", "1e5", "0x1p-2", "infinity", "1_0", "9007199254740993", ".5e-3", "00000000000000000000001.5"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := value.ParseNumber(s)
		want, err := strconv.ParseFloat(s, 64)
		plain := s != "" && strings.Trim(s, "0123456789.+-eE") == ""
		if ok != (err == nil && plain) {
			t.Fatalf("%q: number %v; strconv: %v %v", s, ok, want, err)
		}
		if !ok {
			return
		}
		if got != want {
			t.Fatalf("%q: %v, want %v", s, got, want)
		}
		printed := num(got).Text()
		if again, ok := value.ParseNumber(printed); !ok || again != got {
			t.Fatalf("%q prints as %q, which is %v %v", s, printed, again, ok)
		}
	})
}

func TestTruth(t *testing.T) {
	t.Parallel()
	for _, v := range []value.Value{yes, num(-1), text("1"), text("true"), text("0.5"), at(1)} {
		if !v.Truth() {
			t.Errorf("%v does not hold", v)
		}
	}
	for _, v := range []value.Value{null, no, num(0), text("0"), text(""), text("false"), text("yes"), value.OfList([]value.Value{yes})} {
		if v.Truth() {
			t.Errorf("%v holds", v)
		}
	}
}

func TestCompareForFilters(t *testing.T) {
	t.Parallel()
	list, object := value.OfList(nil), value.OfMap(nil, nil)
	tests := []struct {
		a, b value.Value
		want string // of = != < <= > >= those that hold
	}{
		{text("a"), text("a"), "= <= >="},
		{text("a"), text("A"), "!= > >="},
		{text("200"), num(200), "= <= >="},
		{text("200.0"), num(200), "= <= >="},
		{text("404"), num(400), "!= > >="},
		{text("abc"), num(200), "!="},
		{text(""), num(0), "!="},
		{num(2), num(10), "!= < <="},
		{text("9"), text("10"), "!= < <="},
		{text("9x"), text("10"), "!= > >="},
		{text("1"), text("1.0"), "!= <= >="},
		{yes, num(1), "= <= >="},
		{yes, text("true"), "= "},
		{yes, text("1"), "= <= >="},
		{no, text("true"), "!="},
		{at(1000), num(1000), "= <= >="},
		{at(0), text("1970-01-01 00:00:00.000"), "= <= >="},
		{at(0), text("1970-01-02"), "!= < <="},
		{text("1969"), at(0), "!= > >="}, // a number: milliseconds
		{null, null, ""},
		{null, num(0), ""},
		{text(""), null, ""},
		{list, list, ""},
		{object, text("{}"), ""},
	}
	for _, test := range tests {
		a, b := test.a, test.b
		var got []string
		for _, op := range []struct {
			name  string
			holds bool
		}{
			{"=", value.Equal(a, b)}, {"!=", value.NotEqual(a, b)}, {"<", value.Less(a, b)}, {"<=", value.LessOrEqual(a, b)},
			{">", value.Less(b, a)}, {">=", value.LessOrEqual(b, a)},
		} {
			if op.holds {
				got = append(got, op.name)
			}
		}
		if strings.Join(got, " ") != strings.TrimSpace(test.want) {
			t.Errorf("%v %q, %v %q: %v, want %s", a.Kind(), a, b.Kind(), b, got, test.want)
		}
		if value.Equal(a, b) != value.Equal(b, a) {
			t.Errorf("%q = %q depends on the side", a, b)
		}
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	key := func(values ...value.Value) string {
		var key []byte
		for _, v := range values {
			key = v.AppendKey(key)
		}
		return string(key)
	}
	same := [][2]value.Value{
		{num(5), text("5")}, {yes, num(1)}, {at(7), at(7)}, {value.OfList([]value.Value{num(1)}), text("[1]")}, {null, null},
		{num(1e300), text("1e+300")}, {text(strings.Repeat("x", 300)), text(strings.Repeat("x", 300))},
	}
	for _, pair := range same {
		if key(pair[0]) != key(pair[1]) {
			t.Errorf("%q and %q have different keys", pair[0], pair[1])
		}
	}
	different := [][2]string{
		{key(null), key(text(""))}, {key(text("a"), text("bc")), key(text("ab"), text("c"))}, {key(at(5)), key(num(5))},
		{key(text("")), key()}, {key(text("1")), key(text("1.0"))}, {key(null, text("")), key(text(""), null)},
	}
	for i, pair := range different {
		if pair[0] == pair[1] {
			t.Errorf("pair %d has one key %q", i, pair[0])
		}
	}
}

func TestArithmetic(t *testing.T) {
	t.Parallel()
	f := func(got value.Value, want string) {
		t.Helper()
		if got.Text() != want || want != "" && got.Kind() != value.Number {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	f(value.Add(num(2), text("3")), "5")
	f(value.Sub(at(5000), at(2000)), "3000")
	f(value.Mul(num(2), num(2.5)), "5")
	f(value.Div(num(1), num(4)), "0.25")
	f(value.Div(num(1), num(0)), "")
	f(value.Div(num(0), num(0)), "")
	f(value.Mod(num(10), num(3)), "1")
	f(value.Mod(num(-10), num(3)), "-1")
	f(value.Mod(num(1), num(0)), "")
	f(value.Pow(num(2), num(3)), "8")
	f(value.Pow(num(-1), num(0.5)), "")
	f(value.Pow(num(10), num(1000)), "")
	f(value.Neg(text("4")), "-4")
	f(value.Add(num(1), text("x")), "")
	f(value.Add(null, num(1)), "")
	f(value.Add(num(1), value.OfList(nil)), "")
}
