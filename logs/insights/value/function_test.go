package value_test

import (
	"math"
	"testing"

	"github.com/tollbook/tollbook/logs/insights/value"
)

var queryContext = &value.Context{Now: 1767261600123, Start: 1767258000000, End: 1767261599999}

// call calls a function in both ways, with its arguments known beforehand and not, which must give the same.
func call(t *testing.T, name string, args ...value.Value) value.Value {
	t.Helper()
	f, ok := value.Lookup(name)
	if !ok {
		t.Fatalf("there is no %s", name)
	}
	later, err := f.Prepare(make([]value.Value, len(args)))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	got := later(queryContext, args)
	if now, err := f.Prepare(args); err == nil {
		if known := now(queryContext, args); known.Kind() != got.Kind() || known.Text() != got.Text() {
			t.Errorf("%s%v: %v if known, else %v", name, args, known, got)
		}
	}
	return got
}

type functionTest struct {
	name string
	args []value.Value
	want value.Value
}

func args(v ...value.Value) []value.Value { return v }

func runFunctions(t *testing.T, tests []functionTest) {
	t.Helper()
	t.Parallel()
	for _, test := range tests {
		got := call(t, test.name, test.args...)
		if got.Kind() != test.want.Kind() || got.Text() != test.want.Text() {
			t.Errorf("%s%q: %v %q, want %v %q", test.name, test.args, got.Kind(), got, test.want.Kind(), test.want)
		}
	}
}

func TestNumberFunctions(t *testing.T) {
	runFunctions(t, []functionTest{
		{"abs", args(num(-2.5)), num(2.5)},
		{"ABS", args(text("-7")), num(7)},
		{"abs", args(text("x")), null},
		{"abs", args(null), null},
		{"abs", args(value.OfList(nil)), null},
		{"ceil", args(num(1.2)), num(2)},
		{"ceil", args(num(-1.2)), num(-1)},
		{"floor", args(num(1.8)), num(1)},
		{"floor", args(num(-1.2)), num(-2)},
		{"log", args(num(math.E)), num(1)},
		{"log", args(num(0)), null},
		{"log", args(num(-1)), null},
		{"sqrt", args(num(9)), num(3)},
		{"sqrt", args(num(-9)), null},
		{"round", args(num(2.5)), num(3)},
		{"round", args(num(-2.5)), num(-3)},
		{"round", args(text("2.4")), num(2)},
		{"round", args(num(2.345), num(1)), num(2.3)},
		{"round", args(num(1234.5), num(-2)), num(1200)},
		{"round", args(num(0.1), num(20)), num(0.1)},
		{"round", args(num(1e300), num(2)), num(1e300)},
		{"round", args(num(1), null), null},
		{"round", args(text("x"), num(1)), null},
		{"round", args(null), null},
		{"greatest", args(num(1), text("10"), num(2)), num(10)},
		{"greatest", args(null, num(-3), text("x")), num(-3)},
		{"greatest", args(null), null},
		{"least", args(num(1), text("10"), num(-2)), num(-2)},
		{"least", args(text("a"), text("b")), null},
		{"toNumber", args(text("1.5")), num(1.5)},
		{"toNumber", args(text("1.5s")), null},
		{"toDouble", args(text("1e3")), num(1000)},
		{"toInt", args(text("12.9")), num(12)},
		{"toInt", args(num(-12.9)), num(-12)},
		{"toLong", args(num(1e19)), null},
		{"toLong", args(text("9007199254740991")), num(9007199254740991)},
		{"haversine", args(num(0), num(0), num(0), num(0)), num(0)},
		{"haversine", args(num(91), num(0), num(0), num(0)), null},
		{"haversine", args(num(0), num(181), num(0), num(0)), null},
		{"haversine", args(num(0), num(0), num(0), text("x")), null},
	})
}

func TestHaversine(t *testing.T) {
	t.Parallel()
	f := func(lat1, lon1, lat2, lon2, want float64) {
		t.Helper()
		got, ok := call(t, "haversine", num(lat1), num(lon1), num(lat2), num(lon2)).AsNumber()
		if !ok || math.Abs(got-want) > want/1000 {
			t.Errorf("%v km, want %v", got, want)
		}
	}
	f(52.52, 13.405, 48.8566, 2.3522, 877.5) // Berlin to Paris
	f(0, 0, 0, 180, math.Pi*6371)
	f(90, 0, -90, 0, math.Pi*6371)
}

func TestGeneralFunctions(t *testing.T) {
	list := value.OfList(args(num(1)))
	runFunctions(t, []functionTest{
		{"ispresent", args(text("")), yes},
		{"ispresent", args(list), yes},
		{"ispresent", args(null), no},
		{"isNumeric", args(text("1.5")), yes},
		{"isNumeric", args(text("1.5s")), no},
		{"isNumeric", args(null), no},
		{"coalesce", args(null, text(""), text("a")), text("")},
		{"coalesce", args(null, list), list},
		{"coalesce", args(null), null},
		{"if", args(yes, text("a"), text("b")), text("a")},
		{"if", args(null, text("a"), text("b")), text("b")},
		{"case", args(no, num(1), yes, num(2), num(3)), num(2)},
		{"case", args(no, num(1), no, num(2), num(3)), num(3)},
		{"case", args(no, num(1)), null},
		{"messageSize", args(text("aé")), num(3)},
		{"messageSize", args(null), null},
	})
}

func TestJSONFunctions(t *testing.T) {
	list, object := parsed(t, `[1,"2",{"a":true},null]`), parsed(t, `{"b":[1.5]}`)
	runFunctions(t, []functionTest{
		{"jsonParse", args(text(`{"b":[1.5]}`)), object},
		{"jsonParse", args(text(` [1,"2",{"a":true},null]`)), list},
		{"jsonParse", args(text(`5`)), null},
		{"jsonParse", args(text(`"x"`)), null},
		{"jsonParse", args(text(`{`)), null},
		{"jsonParse", args(object), object},
		{"jsonParse", args(null), null},
		{"jsonStringify", args(object), text(`{"b":[1.5]}`)},
		{"jsonStringify", args(text("x")), null},
		{"jsonArraySize", args(list), num(4)},
		{"jsonArraySize", args(text(`[1,2]`)), num(2)},
		{"jsonArraySize", args(object), null},
		{"jsonArrayContains", args(list, num(1)), yes},
		{"jsonArrayContains", args(list, text("1")), yes},
		{"jsonArrayContains", args(list, num(2)), yes},
		{"jsonArrayContains", args(text(`["a"]`), text("a")), yes},
		{"jsonArrayContains", args(text(`["a"]`), text("A")), no},
		{"jsonArrayContains", args(list, null), null},
		{"jsonArrayContains", args(text("a"), text("a")), null},
	})
}

func TestIPFunctions(t *testing.T) {
	runFunctions(t, []functionTest{
		{"isValidIp", args(text("10.0.0.1")), yes},
		{"isValidIp", args(text("::1")), yes},
		{"isValidIp", args(text("10.0.0.256")), no},
		{"isValidIp", args(text("10.0.0")), no},
		{"isValidIp", args(null), no},
		{"isValidIpV4", args(text("1.2.3.4")), yes},
		{"isValidIpV4", args(text("::1")), no},
		{"isValidIpV6", args(text("2001:db8::1")), yes},
		{"isValidIpV6", args(text("1.2.3.4")), no},
		{"isIpInSubnet", args(text("192.168.1.7"), text("192.168.0.0/16")), yes},
		{"isIpInSubnet", args(text("192.169.1.7"), text("192.168.0.0/16")), no},
		{"isIpInSubnet", args(text("2001:db8::7"), text("2001:db8::/32")), yes},
		{"isIpInSubnet", args(text("10.0.0.1"), text("::/0")), no},
		{"isIpInSubnet", args(text("x"), text("10.0.0.0/8")), no},
		{"isIpInSubnet", args(text("10.0.0.1"), text("10.0.0.0")), null},
		{"isIpInSubnet", args(null, text("10.0.0.0/8")), null},
		{"isIpv4InSubnet", args(text("10.1.2.3"), text("10.0.0.0/8")), yes},
		{"isIpv4InSubnet", args(text("::1"), text("::/0")), null},
		{"isIpv6InSubnet", args(text("fe80::1"), text("fe80::/10")), yes},
		{"isIpv6InSubnet", args(text("10.0.0.1"), text("10.0.0.0/8")), null},
		{"ipv4ToNumber", args(text("192.168.0.1")), num(3232235521)},
		{"ipv4ToNumber", args(text("255.255.255.255")), num(4294967295)},
		{"ipv4ToNumber", args(text("::1")), null},
		{"isPrivateIP", args(text("172.31.0.1")), yes},
		{"isPrivateIP", args(text("172.32.0.1")), no},
		{"isPrivateIP", args(text("fd00::1")), yes},
		{"isPublicIP", args(text("8.8.8.8")), yes},
		{"isPublicIP", args(text("2606:4700::1111")), yes},
		{"isPublicIP", args(text("10.0.0.1")), no},
		{"isPublicIP", args(text("127.0.0.1")), no},
		{"isPublicIP", args(text("no")), no},
		{"isReservedIP", args(text("127.0.0.1")), yes},
		{"isReservedIP", args(text("169.254.169.254")), yes},
		{"isReservedIP", args(text("224.0.0.1")), yes},
		{"isReservedIP", args(text("fe80::1%eth0")), yes},
		{"isReservedIP", args(text("10.0.0.1")), no},
		{"isReservedIP", args(text("8.8.8.8")), no},
	})
}

func TestTextFunctions(t *testing.T) {
	list := value.OfList(nil)
	runFunctions(t, []functionTest{
		{"isempty", args(text("")), yes},
		{"isempty", args(null), yes},
		{"isempty", args(list), yes},
		{"isempty", args(text(" ")), no},
		{"isempty", args(num(0)), no},
		{"isblank", args(text(" \t\n")), yes},
		{"isblank", args(null), yes},
		{"isblank", args(text(" a ")), no},
		{"concat", args(text("a"), null, num(1.50), yes), text("a1.51")},
		{"concat", args(null), text("")},
		{"ltrim", args(text("xyZxyfooxyZ"), text("xyZ")), text("fooxyZ")},
		{"rtrim", args(text("xyZfooxyxyZ"), text("xyZ")), text("xyZfoo")},
		{"trim", args(text("xyZxyfooxyxyZ"), text("xyZ")), text("foo")},
		{"ltrim", args(text(" \ta ")), text("a ")},
		{"rtrim", args(text(" a \n")), text(" a")},
		{"trim", args(text("\u2003a ")), text("a")},
		{"trim", args(text("a"), null), null},
		{"trim", args(null), null},
		{"strlen", args(text("aé😀")), num(3)},
		{"strlen", args(num(12.5)), num(4)},
		{"strlen", args(null), null},
		{"toupper", args(text("aé1")), text("AÉ1")},
		{"tolower", args(text("AÉ1")), text("aé1")},
		{"substr", args(text("xyZfooxyZ"), num(3), num(3)), text("foo")},
		{"substr", args(text("xyZfooxyZ"), num(3)), text("fooxyZ")},
		{"substr", args(text("aé😀b"), num(1), num(2)), text("é😀")},
		{"substr", args(text("abc"), num(3)), text("")},
		{"substr", args(text("abc"), num(9), num(9)), text("")},
		{"substr", args(text("abc"), num(1), num(0)), text("")},
		{"substr", args(text("abc"), num(-1)), null},
		{"substr", args(text("abc"), num(0), num(-1)), null},
		{"substr", args(text("abc"), text("x")), null},
		{"substr", args(null, num(0)), null},
		{"replace", args(text("a.b.c"), text("."), text("--")), text("a--b--c")},
		{"replace", args(text("abc"), text(""), text("-")), text("abc")},
		{"replace", args(text("abc"), null, text("-")), null},
		{"regexReplace", args(text("id=12 id=345"), text(`id=\d+`), text("id=N")), text("id=N id=N")},
		{"regexReplace", args(text("ab"), text(`(?P<x>a)(b)`), text(`\2$1${x}${2}$0`)), text("baabab")},
		{"regexReplace", args(text("ab"), text(`a`), text(`$$\$\\$x$`)), text(`$$\$x$b`)},
		{"regexReplace", args(text("ab"), text(`(a)|(c)`), text(`[\2\1\9${none}]`)), text("[a]b")},
		{"regexReplace", args(text("aaa"), text(`x*`), text(`-`)), text("-a-a-a-")},
		{"regexReplace", args(text("ab"), text(`(`), text(``)), null},
		{"regexReplace", args(null, text(`a`), text(``)), null},
		{"strcontains", args(text("/x"), text("x")), yes},
		{"strcontains", args(text("/x"), text("X")), no},
		{"strcontains", args(text("/x"), text("X"), yes), yes},
		{"strcontains", args(text("/x"), text("X"), text("true")), yes},
		{"strcontains", args(text("/x"), text("X"), no), no},
		{"strcontains", args(null, text("x")), null},
		{"startsWith", args(text("/api/x"), text("/api")), yes},
		{"startsWith", args(text("/api/x"), text("api")), no},
		{"endsWith", args(text("a.png"), text(".png")), yes},
		{"endsWith", args(null, text(".png")), null},
		{"split", args(text("a,b,"), text(",")), value.OfList(args(text("a"), text("b"), text("")))},
		{"split", args(text("aé"), text("")), value.OfList(args(text("a"), text("é")))},
	})
}

func TestCodeFunctions(t *testing.T) {
	runFunctions(t, []functionTest{
		{"urlencode", args(text("a b&ü")), text("a+b%26%C3%BC")},
		{"urldecode", args(text("a+b%26%C3%BC")), text("a b&ü")},
		{"urldecode", args(text("%zz")), null},
		{"base64encode", args(text("hi?>")), text("aGk/Pg==")},
		{"base64decode", args(text("aGk/Pg==")), text("hi?>")},
		{"base64decode", args(text("aGk_Pg")), text("hi?>")},
		{"base64decode", args(text("a")), null},
		{"hexToAscii", args(text("48656c6C6f")), text("Hello")},
		{"hexToAscii", args(text("0x48")), text("H")},
		{"hexToAscii", args(text("4")), null},
		{"hexToDec", args(text("ff")), num(255)},
		{"hexToDec", args(text("0xFF")), num(255)},
		{"hexToDec", args(text("-1")), null},
		{"decToHex", args(num(255)), text("0xff")},
		{"decToHex", args(text("0")), text("0x0")},
		{"decToHex", args(num(-1)), null},
		{"decToHex", args(num(1.5)), null},
		{"md5", args(text("")), text("d41d8cd98f00b204e9800998ecf8427e")},
		{"md5", args(null), null},
		{"sha256", args(text("abc")), text("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")},
	})
	if got := call(t, "hexToDec", text("ffffffffffffffff")).Text(); got != "18446744073709551615" {
		t.Errorf("the largest number is %s", got)
	}
}

func TestTimeFunctions(t *testing.T) {
	runFunctions(t, []functionTest{
		{"now", nil, num(1767261600)},
		{"queryStartTime", nil, num(1767258000000)},
		{"queryEndTime", nil, num(1767261599999)},
		{"queryTimeRange", nil, num(3599999)},
		{"fromMillis", args(text("1635621000000")), at(1635621000000)},
		{"fromMillis", args(num(1e18)), null},
		{"fromMillis", args(null), null},
		{"toMillis", args(at(1635621000000)), num(1635621000000)},
		{"toMillis", args(text("x")), null},
		{"formatDate", args(at(1635621000123), text("%Y-%m-%d")), text("2021-10-30")},
		{"strftime", args(at(1635621000123), text("%d/%b/%Y:%H:%M:%S.%L %z %%")), text("30/Oct/2021:19:10:00.123 +0000 %")},
		{"strftime", args(at(1635621000123), text("%F %T"), text("America/New_York")), text("2021-10-30 15:10:00")},
		{"strftime", args(num(0), text("%H:%M %z"), text("+05:30")), text("05:30 +0530")},
		{"strftime", args(num(0), text("%H"), text("UTC-3")), text("21")},
		{"strftime", args(num(0), text("%H"), text("Mars/Olympus")), null},
		{"strftime", args(num(0), null), null},
		{"strftime", args(null, text("%H")), null},
	})
}

func TestWrongConstants(t *testing.T) {
	t.Parallel()
	tests := []functionTest{
		{name: "regexReplace", args: args(null, text("("), null)},
		{name: "isIpInSubnet", args: args(null, text("10.0.0.0"))},
		{name: "isIpv4InSubnet", args: args(null, text("::/0"))},
		{name: "parseDate", args: args(null, text("yyyy-QQ"))},
		{name: "parseDate", args: args(null, text("yyyy"), text("Nowhere/City"))},
		{name: "strftime", args: args(null, null, text("Local"))},
	}
	for _, test := range tests {
		f, _ := value.Lookup(test.name)
		if _, err := f.Prepare(test.args); err == nil {
			t.Errorf("%s%q is accepted", test.name, test.args)
		}
	}
	if _, ok := value.Lookup("count"); ok {
		t.Error("count is no function of a row")
	}
}
