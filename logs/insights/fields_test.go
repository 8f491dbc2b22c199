package insights

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tollbook/tollbook/logs/insights/value"
)

func TestDiscoverFields(t *testing.T) {
	t.Parallel()
	var many, some strings.Builder
	for i := range 205 {
		fmt.Fprintf(&many, `"f%d":%d,`, i, i)
		if i < MaxDiscoveredFields {
			fmt.Fprintf(&some, "f%d=%d ", i, i)
		}
	}
	for message, want := range map[string]string{
		`{"a":{"b":[1,{"c":true}]},"d":null,"@e":"x","f":false}`: "a.b.0=1 a.b.1.c=1 @@e=x f=0 ",
		`INFO {"a":1} and {"b":2}`:                               "a=1 ",
		`{"a":1`:                                                 "", `{"a":1}}`: "a=1 ", "": "", "[1]": "", `{"a":1,"a":2}`: "a=1 a=2 ",
		"{" + many.String() + `"z":1}`: some.String(),
	} {
		got := ""
		for _, f := range DiscoverFields(message) {
			got += f.Name + "=" + f.Value + " "
		}
		if got != want {
			t.Errorf("%.100s: %s, want %s", message, got, want)
		}
	}
}

func TestPicker(t *testing.T) {
	t.Parallel()
	p := newPicker([]string{"a", "b.c", "missing"})
	out := make([]value.Value, 3)
	for message, want := range map[string][]string{
		`{"a":1,"b":{"c":"x"}}`: {"1", "x", ""}, `text {"b":{"c":2},"b.c":3}`: {"", "3", ""}, `{"a":1,`: {"", "", ""}, "none": {"", "", ""},
	} {
		p.pick([]byte(message), out)
		if got := []string{out[0].Text(), out[1].Text(), out[2].Text()}; !cmp.Equal(got, want) {
			t.Errorf("%s: %q, want %q", message, got, want)
		}
	}
}

func TestLambdaField(t *testing.T) {
	t.Parallel()
	report := "REPORT RequestId: r1\tDuration: 12.34 ms\tBilled Duration: 13 ms\tMemory Size: 128 MB\tMax Memory Used: 70 MB\tInit Duration: 1.5 ms\t\nXRAY TraceId: 1-x\tSegmentId: s1\tSampled: true\t"
	for field, want := range map[string]string{
		"@type": "REPORT", "@requestId": "r1", "@duration": "12.34", "@billedDuration": "13", "@memorySize": "128000000", "@maxMemoryUsed": "70000000",
		"@initDuration": "1.5", "@xrayTraceId": "1-x", "@xraySegmentId": "s1",
	} {
		if got := lambdaField(report, lambdaFields[field]).Text(); got != want {
			t.Errorf("%s is %s, want %s", field, got, want)
		}
		if got := lambdaField("START of nothing", lambdaFields[field]); !got.IsNull() {
			t.Errorf("%s is %s in another line", field, got)
		}
	}
}
