package protocol_test

import (
	"math"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-faster/jx"

	"github.com/tollbook/tollbook/awsapi/protocol"
)

func TestStringRule(t *testing.T) {
	t.Parallel()
	digits := protocol.NewPattern(`\d+`, `\d+`)
	tests := []struct {
		name  string
		rule  protocol.StringRule
		value string
		want  string // "" if it satisfies the rule
	}{
		{"nothing asked", protocol.StringRule{}, "", ""},
		{"characters, not bytes", protocol.StringRule{Max: 3}, "äöü", ""},
		{"too long", protocol.StringRule{Max: 3}, "äöüß", "Member must have length less than or equal to 3"},
		{"characters below the minimum", protocol.StringRule{Min: 4}, "äöü", "Member must have length greater than or equal to 4"},
		{"whole string", protocol.StringRule{Pattern: digits}, "12a", `Member must satisfy regular expression pattern: \d+`},
		{"no line end", protocol.StringRule{Pattern: digits}, "12\n", `Member must satisfy regular expression pattern: \d+`},
		{"enum", protocol.StringRule{Enum: []string{"A", "B"}}, "a", "Member must satisfy enum value set: [A, B]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			v := protocol.Violations{Code: "C"}
			v.String(nil, "x", tt.value, &tt.rule)
			got := ""
			if err := v.Err(); err != nil {
				_, got, _ = strings.Cut(err.Error(), "constraint: ")
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestViolationsAreBounded(t *testing.T) {
	t.Parallel()
	v := protocol.Violations{Code: "C"}
	long := strings.Repeat("ä", 1<<12)
	for range 10_000 {
		v.String(nil, long, long, &protocol.StringRule{Max: 1})
	}
	if text := v.Err().Error(); !strings.HasPrefix(text, "C: 10000 validation errors detected: ") || len(text) > 50_000 {
		t.Errorf("the message has %d bytes and begins %.60q", len(text), text)
	}
}

func TestPath(t *testing.T) {
	t.Parallel()
	root := (*protocol.Path)(nil)
	events := root.Field("logEvents")
	third := events.Element(3)
	message := third.Field("message")
	if got, want := message.String(), "logEvents.3.member.message"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestForm(t *testing.T) {
	t.Parallel()
	form, err := protocol.ParseForm(url.Values{
		"L.member.10": {"c"}, "L.member.2": {"b"}, "L.member.0": {"x"}, "L.member.-1": {"x"}, "L.member.y": {"x"}, "L.member.1": {"a"},
		"N": {"7", "8"}, "T": {"2026-08-01T10:00:00Z"}, "B": {"AQI="}, "F": {"1.5"}, "Big": {"9999999999"},
	})
	if err != nil {
		t.Fatal(err)
	}
	var list string
	for _, e := range form.Get("L").Get("member").Elements() {
		s, _ := e.String()
		list += s
	}
	n, errN := form.Scalar("N").Int32()
	at, errT := form.Scalar("T").Time()
	b, errB := form.Scalar("B").Blob()
	f, errF := form.Scalar("F").Float64()
	if list != "abc" || n != 7 || at.Unix() != 1785578400 || string(b) != "\x01\x02" || f != 1.5 {
		t.Errorf("got %q %d %v %q %v (%v %v %v %v)", list, n, at, b, f, errN, errT, errB, errF)
	}
	if _, err := form.Scalar("Big").Int32(); err == nil {
		t.Error("a number of 34 bits was read as one of 32")
	}
	if form.Scalar("L") != nil || form.Get("absent").Get("x") != nil || len(form.Get("absent").Elements()) != 0 {
		t.Error("absent values are there")
	}
	if _, err := protocol.ParseForm(url.Values{strings.Repeat("a.", 100): {""}}); err == nil {
		t.Error("a deep name was accepted")
	}
}

func TestJSONScalars(t *testing.T) {
	t.Parallel()
	read := func(doc string, f func(j *protocol.JSON) error) error {
		return f(protocol.NewJSON([]byte(doc), new(protocol.Violations)))
	}
	isTime := func(want int64) func(*protocol.JSON) error {
		return func(j *protocol.JSON) error {
			at, err := j.Time()
			if err == nil && at.UnixMilli() != want {
				t.Errorf("time is %v, want %d", at, want)
			}
			return err
		}
	}
	tests := []struct {
		doc string
		f   func(j *protocol.JSON) error
		ok  bool
	}{
		{`1.5`, isTime(1500), true},
		{`"2026-08-01T10:00:00Z"`, isTime(1785578400000), true},
		{`"yesterday"`, isTime(0), false},
		{`"AQI="`, func(j *protocol.JSON) error { _, err := j.Blob(); return err }, true},
		{`"?"`, func(j *protocol.JSON) error { _, err := j.Blob(); return err }, false},
		{`1e3`, func(j *protocol.JSON) error { _, err := j.Int32(); return err }, true},
		{`-9223372036854775808`, func(j *protocol.JSON) error { _, err := j.Int64(); return err }, true},
		{`9223372036854775808`, func(j *protocol.JSON) error { _, err := j.Int64(); return err }, false},
		{`2147483648`, func(j *protocol.JSON) error { _, err := j.Int32(); return err }, false},
		{`1e400`, func(j *protocol.JSON) error { _, err := j.Float64(); return err }, false},
		{`"1"`, func(j *protocol.JSON) error { _, err := j.Int64(); return err }, false},
		{`01`, func(j *protocol.JSON) error { _, err := j.Int64(); return err }, false},
		{`tru`, func(j *protocol.JSON) error { _, err := j.Bool(); return err }, false},
		{`"a`, func(j *protocol.JSON) error { _, err := j.String(); return err }, false},
	}
	for _, tt := range tests {
		if err := read(tt.doc, tt.f); (err == nil) != tt.ok {
			t.Errorf("%s: %v", tt.doc, err)
		}
	}
}

func TestJSONInvalidUTF8(t *testing.T) {
	t.Parallel()
	j := protocol.NewJSON([]byte("\"a\xffb\""), new(protocol.Violations))
	if s, err := j.String(); err != nil || s != "a\uFFFDb" {
		t.Errorf("read %q, %v", s, err)
	}
	body := protocol.JSONBody(func(e *jx.Encoder) { protocol.String(e, "a\xffb") })
	if string(body) != "\"a\uFFFDb\"" {
		t.Errorf("wrote %q", body)
	}
}

func TestEpochTime(t *testing.T) {
	t.Parallel()
	for at, want := range map[time.Time]string{
		time.Unix(1785578400, 0):                 "1785578400",
		time.Unix(1785578400, 1000):              "1785578400",
		time.UnixMilli(1785578400250):            "1785578400.25",
		time.UnixMilli(math.MaxInt32*1000 + 999): "2147483647.999",
	} {
		if got := string(protocol.JSONBody(func(e *jx.Encoder) { protocol.EpochTime(e, at) })); got != want {
			t.Errorf("%v is %s, want %s", at, got, want)
		}
	}
}

func TestXML(t *testing.T) {
	t.Parallel()
	var x protocol.XML
	x.Open("A")
	x.String("S", "<a>&\"\r\x00\xff")
	x.Int64("I", -1)
	x.Float64("F", 0.25)
	x.Bool("B", true)
	x.Time("T", time.Unix(1785578400, 999).In(time.FixedZone("", 7200)))
	x.Close("A")
	want := "<A><S>&lt;a&gt;&amp;&#34;&#xD;\uFFFD\uFFFD</S><I>-1</I><F>0.25</F><B>true</B><T>2026-08-01T10:00:00Z</T></A>"
	if got := string(x.Bytes()); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
