package value_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/tollbook/tollbook/logs/insights/value"
)

func TestParseJSON(t *testing.T) {
	t.Parallel()
	f := func(s, want string) {
		t.Helper()
		v, ok := value.ParseJSON(s)
		if got := string(v.AppendJSON(nil)); !ok || got != want {
			t.Errorf("%s: %s %v, want %s", s, got, ok, want)
		}
	}
	f(` { "a" : [ 1 , 2.50 , "x" ] , "b" : { } } `, `{"a":[1,2.5,"x"],"b":{}}`)
	f(`"\u00e9\n"`, `"é\n"`)
	f(`null`, `null`)
	f(`true`, `true`)
	f(`-1e2`, `-100`)
	f(`12345678901234567890`, `12345678901234567890`)
	f(`{"a":1,"a":2}`, `{"a":1,"a":2}`)
	f(strings.Repeat("[", 128)+strings.Repeat("]", 128), strings.Repeat("[", 128)+strings.Repeat("]", 128))
	tooDeep := strings.Repeat("[", 129) + strings.Repeat("]", 129)
	for _, s := range []string{"", " ", "{", `{"a"}`, `[1,]`, "1 2", "{} x", "nul", "01", `"a`, "'a'", tooDeep} {
		if v, ok := value.ParseJSON(s); ok || !v.IsNull() {
			t.Errorf("%q: %v", s, v)
		}
	}
}

func TestPaths(t *testing.T) {
	t.Parallel()
	v := parsed(t, `{"a":{"b.c":[10,{"d":null}]},"a2":1,"a2":2}`)
	f := func(want string, steps ...string) {
		t.Helper()
		got := v
		for _, step := range steps {
			got = got.At(step)
		}
		if got.Text() != want {
			t.Errorf("%q: %q, want %q", steps, got, want)
		}
	}
	f("10", "a", "b.c", "0")
	f(`{"d":null}`, "a", "b.c", "1")
	f("", "a", "b.c", "1", "d")
	f("", "a", "b.c", "2")
	f("", "a", "b.c", "-1")
	f("", "a", "b.c", "x")
	f("", "none", "deeper")
	f("", "a2", "0")
	f("2", "a2")
}

// FuzzParseJSON compares with encoding/json, and reads back what is printed.
func FuzzParseJSON(f *testing.F) {
	for _, s := range []string{`{"a":[1,2,{"b":"c"}]}`, `[null,true,1e5,"\ud83d\ude00"]`, `"\u0000"`, `{"a":1,"a":2}`, "[1] 2", `-0.0`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, ok := value.ParseJSON(s)
		if ok && !json.Valid([]byte(s)) {
			t.Fatalf("%q is no JSON", s)
		}
		if !ok {
			return
		}
		printed := string(v.AppendJSON(nil))
		again, ok := value.ParseJSON(printed)
		if !ok || string(again.AppendJSON(nil)) != printed {
			t.Fatalf("%q prints as %q, then as %q", s, printed, again.AppendJSON(nil))
		}
	})
}
