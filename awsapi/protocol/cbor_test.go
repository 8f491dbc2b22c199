package protocol_test

import (
	"encoding/hex"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"github.com/tollbook/tollbook/awsapi/protocol"
)

// read turns a document, in hex, into text by one of the reading methods.
func read[T any](t *testing.T, doc string, method func(*protocol.CBOR) (T, error)) string {
	t.Helper()
	data, err := hex.DecodeString(strings.ReplaceAll(doc, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	c := protocol.NewCBOR(data, new(protocol.Violations))
	v, err := method(c)
	if err == nil {
		err = c.End()
	}
	if err != nil {
		return err.Error()
	}
	return fmt.Sprint(v)
}

const notCBOR = "SerializationException: The request body is not well-formed CBOR."

func unexpected(found, want string) string {
	return "SerializationException: Unexpected value type in payload: " + found + " found where a " + want + " is expected"
}

// TestCBORNumbers reads the examples of RFC 8949 appendix A and what lies around the limits.
func TestCBORNumbers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ doc, long, double string }{
		{"00", "0", "0"},
		{"17", "23", "23"},
		{"1818", "24", "24"},
		{"1903e8", "1000", "1000"},
		{"1a000f4240", "1000000", "1e+06"},
		{"1b000000e8d4a51000", "1000000000000", "1e+12"},
		{"1b7fffffffffffffff", "9223372036854775807", "9.223372036854776e+18"},
		{"1b8000000000000000", "SerializationException: 9223372036854775808 can not be converted to a Long", "9.223372036854776e+18"},
		{"20", "-1", "-1"},
		{"3903e7", "-1000", "-1000"},
		{"3b7fffffffffffffff", "-9223372036854775808", "-9.223372036854776e+18"},
		{"3bffffffffffffffff", "SerializationException: 18446744073709551615 can not be converted to a Long", "-1.8446744073709552e+19"},
		{"f93c00", "1", "1"},
		{"f93e00", "1", "1.5"},
		{"f97bff", "65504", "65504"},
		{"f90001", "0", "5.960464477539063e-08"},
		{"f9c400", "-4", "-4"},
		{"f97c00", "SerializationException: +Inf can not be converted to a Long", "+Inf"},
		{"f97e00", "SerializationException: NaN can not be converted to a Long", "NaN"},
		{"fa47c35000", "100000", "100000"},
		{"fb3ff199999999999a", "1", "1.1"},
		{"fbc010666666666666", "-4", "-4.1"},
		{"fb43e0000000000000", "SerializationException: 9.223372036854776e+18 can not be converted to a Long", "9.223372036854776e+18"},
		{"1c", notCBOR, notCBOR},
		{"1f", notCBOR, notCBOR},
		{"19", notCBOR, notCBOR},
		{"f93c", notCBOR, notCBOR},
		{"fb3ff1", notCBOR, notCBOR},
		{"", unexpected("structure or map", "number"), unexpected("structure or map", "number")}, // an empty body is a map
		{"0000", notCBOR, notCBOR},
		{"6131", unexpected("string", "number"), unexpected("string", "number")},
		{"f5", unexpected("boolean", "number"), unexpected("boolean", "number")},
		{"f6", unexpected("null", "number"), unexpected("null", "number")},
		{"f8ff", unexpected("number", "number"), unexpected("number", "number")},
		{"ff", notCBOR, notCBOR},
	} {
		if got := read(t, tt.doc, (*protocol.CBOR).Int64); got != tt.long {
			t.Errorf("%s as a long is %s, want %s", tt.doc, got, tt.long)
		}
		if got := read(t, tt.doc, (*protocol.CBOR).Float64); got != tt.double {
			t.Errorf("%s as a double is %s, want %s", tt.doc, got, tt.double)
		}
	}
	if got := read(t, "1a80000000", (*protocol.CBOR).Int32); got != "SerializationException: 2147483648 can not be converted to an Integer" {
		t.Errorf("2^31 as an integer is %s", got)
	}
}

func TestCBORStrings(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ doc, want string }{
		{"60", ""},
		{"6161", "a"},
		{"62c3bc", "ü"},
		{"7803616263", "abc"},
		{"7f 6161 60 626263 ff", "abc"},
		{"7fff", ""},
		{"6161 00", notCBOR},
		{"62ff61", "\uFFFDa"},
		{"7f6161", notCBOR},
		{"7f7f6161ffff", notCBOR},
		{"7f4161ff", notCBOR},
		{"7bffffffffffffffff61", notCBOR},
		{"6461", notCBOR},
		{"4161", unexpected("byte string", "string")},
		{"80", unexpected("list", "string")},
	} {
		if got := read(t, tt.doc, (*protocol.CBOR).String); got != tt.want {
			t.Errorf("%s is %q, want %q", tt.doc, got, tt.want)
		}
	}
	if got := read(t, "5f 4101 420203 ff", (*protocol.CBOR).Blob); got != "[1 2 3]" {
		t.Errorf("bytes in parts are %s", got)
	}
	for doc, want := range map[string]string{"f4": "false", "f5": "true", "f7": unexpected("null", "boolean"), "01": unexpected("integer", "boolean")} {
		if got := read(t, doc, (*protocol.CBOR).Bool); got != want {
			t.Errorf("%s as a boolean is %s, want %s", doc, got, want)
		}
	}
}

func TestCBORTimes(t *testing.T) {
	t.Parallel()
	millis := func(c *protocol.CBOR) (int64, error) {
		at, err := c.Time()
		return at.UnixMilli(), err
	}
	for _, tt := range []struct{ doc, want string }{
		{"c1 1a6a6dc3e0", "1785578464000"},
		{"c1 fb41da9b70f807df3b", "1785578464123"}, // whose float lies off the millisecond
		{"1a6a6dc3e0", "1785578464000"},
		{"c1 20", "-1000"},
		{"c1 f97e00", "SerializationException: NaN is not a timestamp"},
		{"c1 fb7fefffffffffffff", "SerializationException: 1.7976931348623157e+308 is not a timestamp"},
		{"c1 6161", unexpected("string", "number")},
		{"c1", notCBOR},
		{"c2 4101", "SerializationException: Tag 2 is no timestamp"},
	} {
		if got := read(t, tt.doc, millis); got != tt.want {
			t.Errorf("%s is %s, want %s", tt.doc, got, tt.want)
		}
	}
}

// TestCBORSkip passes over what the model does not know, and refuses what is no CBOR or too deep.
func TestCBORSkip(t *testing.T) {
	t.Parallel()
	skip := func(c *protocol.CBOR) (string, error) { return "ok", c.Skip() }
	deep := func(n int) string { return strings.Repeat("81", n) + "00" }
	for _, tt := range []struct{ doc, want string }{
		{"a26161 01 6162 820203", "ok"},
		{"bf 6161 9f 01 f6 f7 f4 ff 6162 c1 fb3ff199999999999a ff", "ok"},
		{"5f 4101 ff", "ok"},
		{deep(100), "ok"},
		{deep(1000), notCBOR},
		{strings.Repeat("c1", 1000) + "00", notCBOR},
		{"a1 01 01", unexpected("integer", "string")}, // a key
		{"9f01", notCBOR},
		{"bf6161ff", notCBOR},
		{"9bffffffffffffffff", notCBOR},
		{"f800", notCBOR},
		{"fc", notCBOR},
		{"82 01", notCBOR},
	} {
		if got := read(t, tt.doc, skip); got != tt.want {
			t.Errorf("%.40s: %s, want %s", tt.doc, got, tt.want)
		}
	}
	many := append([]byte{0x9f}, append(make([]byte, 2<<20), 0xff)...)
	if err := protocol.NewCBOR(many, nil).Skip(); err == nil {
		t.Error("two million elements were taken")
	}
}

func TestCBOREncoder(t *testing.T) {
	t.Parallel()
	var e protocol.CBOREncoder
	e.ObjStart()
	e.FieldStart("n")
	e.ArrStart()
	for _, n := range []int64{0, 23, 24, 255, 256, 65535, 65536, math.MaxUint32, math.MaxUint32 + 1, -1, -25, math.MinInt64} {
		e.Int64(n)
	}
	e.Int32(-7)
	e.Float64(1.5)
	e.Bool(true)
	e.Bool(false)
	e.Null()
	e.ArrEnd()
	e.FieldStart("s")
	e.Str("a\xff" + strings.Repeat("x", 30))
	e.FieldStart("b")
	e.Blob([]byte{1, 2})
	e.FieldStart("t")
	e.Time(time.UnixMilli(1785578400250))
	e.FieldStart("j")
	e.JSON([]byte(`{"b":[1,-2.5,1e3,"x",null,true],"a":{}}`))
	e.FieldStart("broken")
	e.JSON([]byte(`{`))
	e.ObjEnd()
	got, err := cbor.Diagnose(e.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	want := `{_ "n": [_ 0, 23, 24, 255, 256, 65535, 65536, 4294967295, 4294967296, -1, -25, -9223372036854775808, -7, 1.5, true, false, null], ` +
		`"s": "a\ufffd` + strings.Repeat("x", 30) + `", "b": h'0102', "t": 1(1785578400.25), ` +
		`"j": {_ "a": {_ }, "b": [_ 1, -2.5, 1000.0, "x", null, true]}, "broken": null}`
	if got != want {
		t.Errorf("wrote\n%s\nwant\n%s", got, want)
	}
}

// FuzzCBOR passes over any bytes: never a panic, and nothing is taken that another reader finds malformed.
func FuzzCBOR(f *testing.F) {
	for _, doc := range []string{"bf6161fb3ff199999999999aff", "7f616160ff", "c11a00", "9bffffffffffffffff", "a16161f97c00", "f8ff", "5f4101ff00"} {
		data, err := hex.DecodeString(doc)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	mode, err := cbor.DecOptions{MaxNestedLevels: 1 << 10, MaxArrayElements: 1 << 30, MaxMapPairs: 1 << 30}.DecMode()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c := protocol.NewCBOR(data, new(protocol.Violations))
		if c.Skip() != nil || c.End() != nil || len(data) == 0 {
			return
		}
		if err := mode.Wellformed(data); err != nil {
			t.Errorf("%x was taken: %v", data, err)
		}
	})
}
