package filterpattern_test

import (
	"strings"
	"testing"
)

// entry is an access log entry in API Gateway's JSON format, combined the same request in the combined format.
const (
	entry = `{"requestId":"3b1f8e2c-77aa-4f0d-9a51-0c6f2d1e8b44","ip":"10.12.200.7","caller":"-","user":"-","requestTime":"20/Nov/2026:09:15:42 +0000",` +
		`"httpMethod":"GET","resourcePath":"/v1/orders/{id}/sub17","status":"502","protocol":"HTTP/1.1","responseLength":"1534","latency":"231"}`
	combined = `83.149.9.216 - - [17/May/2015:10:05:03 +0000] "GET /presentations/logstash-monitorama-2013/images/kibana-search.png HTTP/1.1" 200 203023 ` +
		`"http://semicomplete.com/presentations/logstash-monitorama-2013/" "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_9_1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/32.0.1700.77 Safari/537.36"`
)

func BenchmarkMatch(b *testing.B) {
	for _, bb := range []struct {
		name, pattern, message string
		want                   bool
	}{
		{"term", "kibana", combined, true},
		{"term_absent", "Firefox", combined, false},
		{"terms", `GET -POST "HTTP/1.1"`, entry, true},
		{"regex", `%sub[0-9]+%`, entry, true},
		{"regex_absent", `%sup[0-9]+%`, entry, false},
		{"json", "{ $.status = 5* }", entry, true},
		{"json_two", `{ $.status = 5* && $.httpMethod = "POST" }`, entry, false},
		{"json_wildcard", `{ $.* = "502" }`, entry, true},
		{"json_no_json", "{ $.status = 5* }", combined, false},
		{"space", "[ip, user, username, timestamp, request, status = 2*, bytes]", combined, true},
		{"space_early", "[ip=10.*, user, username, timestamp, request, status, bytes]", combined, false},
		{"space_ellipsis", "[..., status = 2*, bytes > 1000, referer, agent]", combined, true},
	} {
		b.Run(bb.name, func(b *testing.B) {
			p := parse(b, bb.pattern)
			if p.Match(bb.message) != bb.want {
				b.Fatal("wrong answer")
			}
			b.ReportAllocs()
			b.SetBytes(int64(len(bb.message)))
			for b.Loop() {
				p.Match(bb.message)
			}
		})
	}
}

// TestMatchAllocatesNothing leaves out running regular expressions: they keep their memory in a pool that may be emptied.
func TestMatchAllocatesNothing(t *testing.T) {
	escaped := `{"quoted \"key\"":"x","a":"` + strings.Repeat("plain ", 20) + `"}`
	for pattern, message := range map[string]string{
		"GET -POST ?x": entry, "%sup[0-9]+%": entry, "{ $.status = 5* && $.latency != 3 }": entry, "{ $.* = 502 }": entry,
		"{ $.a = plain* }": escaped[:1] + escaped[strings.Index(escaped, `"a"`):],
		"[ip, ..., status = 2*, bytes > 1000, referer, agent]":         combined,
		"[ip, user, username, timestamp, request, status = 2*, bytes]": combined,
	} {
		p := parse(t, pattern)
		if n := testing.AllocsPerRun(100, func() { p.Match(message) }); n > 0 {
			t.Errorf("%q: %v allocations", pattern, n)
		}
	}
}
