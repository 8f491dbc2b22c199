package gateway_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tollbook/tollbook/gateway"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestErrorBodies writes down every answer that the gateway itself gives: status, headers, body and what the log says.
func TestErrorBodies(t *testing.T) {
	t.Parallel()
	b := start(t, errorStage(t))
	big := strings.Repeat("x", 10<<20+1)
	requests := []struct {
		name string
		do   func() string
	}{
		{"no resource", func() string { return show(b.do("GET", "/prod/nowhere", "")) }},
		{"no method", func() string { return show(b.do("DELETE", "/prod/mock", "")) }},
		{"no resource, not SigV4", func() string { return show(b.do("GET", "/prod/nowhere", "", "Authorization", `Bearer a"b<c>`)) }},
		{"no resource, SigV4", func() string {
			return show(b.do("GET", "/prod/nowhere", "", "Authorization", "AWS4-HMAC-SHA256 Credential=x"))
		}},
		{"unknown stage", func() string { return show(b.do("GET", "/nostage/mock", "")) }},
		{"body too large", func() string { return show(b.do("POST", "/prod/proxy", big)) }},
		{"URL too long", func() string { return show(b.do("GET", "/prod/mock?"+strings.Repeat("x", 10240), "")) }},
		{"headers too large", func() string { return show(b.do("GET", "/prod/mock", "", "X-A", strings.Repeat("x", 10240))) }},
		{"brace in query", func() string {
			return b.raw("GET /prod/mock?a={} HTTP/1.1\r\nHost: a1b2c3d4e5.execute-api.x\r\nConnection: close\r\n\r\n")
		}},
		{"folded header", func() string {
			return b.raw("GET /prod/mock HTTP/1.1\r\nHost: a1b2c3d4e5.execute-api.x\r\nX: a\r\n b\r\n\r\n")
		}},
		{"malformed request line", func() string { return b.raw("\x16\x03\x01 garbage\r\n\r\n") }},
		{"head beyond all bounds", func() string {
			return b.raw("GET /prod/mock HTTP/1.1\r\nHost: a1b2c3d4e5.execute-api.x\r\nX: " + strings.Repeat("x", 40000) + "\r\n\r\n")
		}},
		{"unsupported media type", func() string { return show(b.do("POST", "/prod/never", "x", "Content-Type", "text/css")) }},
		{"mock without status", func() string { return show(b.do("GET", "/prod/nostatus", "")) }},
		{"failing template", func() string { return show(b.do("GET", "/prod/velocity", "")) }},
		{"no integration response", func() string { return show(b.do("GET", "/prod/nomatch", "")) }},
		{"undeclared status", func() string { return show(b.do("GET", "/prod/undeclared", "")) }},
		{"no status declared", func() string { return show(b.do("GET", "/prod/nothingdeclared", "")) }},
		{"AWS_PROXY", func() string { return show(b.do("GET", "/prod/lambda", "")) }},
		{"AWS_IAM", func() string { return show(b.do("GET", "/prod/iam", "")) }},
		{"API key", func() string { return show(b.do("GET", "/prod/key", "")) }},
		{"broken template", func() string { return show(b.do("GET", "/prod/broken", "")) }},
		{"bad address", func() string { return show(b.do("GET", "/prod/badaddress", "")) }},
		{"illegal header", func() string { return show(b.do("GET", "/prod/illegal", "")) }},
		{"refused", func() string { return show(b.do("GET", "/prod/refused", "")) }},
		{"slow", func() string { return show(b.do("GET", "/prod/slow", "")) }},
		{"garbage", func() string { return show(b.do("GET", "/prod/garbage", "")) }},
	}
	var out strings.Builder
	for _, r := range requests {
		fmt.Fprintf(&out, "== %s\n%s\n", r.name, strings.TrimRight(strings.ReplaceAll(r.do(), "\r\n", "\n"), "\n"))
	}
	lines := b.lines(group)
	slices.Sort(lines)
	if n := len(requests) - 2; len(lines) != n { // unknown stage, and a head of which no host was read
		t.Errorf("%d entries, want %d", len(lines), n)
	}
	fmt.Fprintf(&out, "== entries\n")
	for _, line := range sortedByCause(t, lines) {
		fmt.Fprintln(&out, line)
	}
	compareGolden(t, "testdata/errors.golden", mask(out.String()))
}

func errorStage(t *testing.T) gateway.Stage {
	nowhere, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nowhere.Close() // nobody listens there now
	with := func(path string, edit func(*gateway.Route)) gateway.Route {
		r := mock("ANY", path, "{}")
		edit(&r)
		return r
	}
	to := func(path, uri string) gateway.Route {
		r := proxy("ANY", path, uri, nil)
		r.Integration.Timeout = 50 * time.Millisecond
		return r
	}
	return stageOf(
		mock("GET", "/mock", "{}"),
		to("/proxy", "http://127.0.0.1:9"),
		with("/never", func(r *gateway.Route) { r.Integration.PassthroughBehavior = "NEVER" }),
		with("/nostatus", func(r *gateway.Route) {
			r.Integration.RequestTemplates = map[string]string{"application/json": `{"status": 200}`}
		}),
		with("/velocity", func(r *gateway.Route) {
			r.Integration.RequestTemplates = map[string]string{"application/json": `{"statusCode": $util.parseJson('{')}`}
		}),
		with("/nomatch", func(r *gateway.Route) { r.Integration.Responses[0].SelectionPattern = `4\d{2}` }),
		with("/undeclared", func(r *gateway.Route) { r.MethodResponses = map[string]gateway.MethodResponse{"201": {}} }),
		with("/nothingdeclared", func(r *gateway.Route) { r.MethodResponses = map[string]gateway.MethodResponse{} }),
		with("/lambda", func(r *gateway.Route) { r.Integration.Type = "AWS_PROXY" }),
		with("/iam", func(r *gateway.Route) { r.AuthorizationType = "AWS_IAM" }),
		with("/key", func(r *gateway.Route) { r.APIKeyRequired = true }),
		with("/broken", func(r *gateway.Route) {
			r.Integration.Responses[0].Templates = map[string]string{"application/json": "a\n#if($x"}
		}),
		to("/badaddress", "http://exa mple/"),
		func() gateway.Route {
			r := to("/illegal", "http://127.0.0.1:9")
			r.Integration.RequestParameters = map[string]string{"integration.request.header.Content-Length": "'5'"}
			return r
		}(),
		to("/refused", "http://"+nowhere.Addr().String()),
		to("/slow", backend(t, "", func(c net.Conn) { _, _ = c.Read(make([]byte, 1)) })),
		to("/garbage", backend(t, "what is this\r\n\r\n", nil)),
	)
}

func show(a answer) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%d\n", a.status)
	for _, name := range slices.Sorted(maps.Keys(a.header)) {
		fmt.Fprintf(&out, "%s: %s\n", name, strings.Join(a.header[name], ", "))
	}
	fmt.Fprintf(&out, "\n%s\n", a.body)
	return out.String()
}

var masks = []struct {
	pattern *regexp.Regexp
	with    string
}{
	{regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`), "UUID"},
	{regexp.MustCompile(`[A-Za-z0-9_-]{15}=`), "EXTENDED-ID"},
	{regexp.MustCompile(`[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} [0-9:]{8} GMT`), "DATE"},
	{regexp.MustCompile(`x{100,}`), "xxx…"},
}

func mask(s string) string {
	for _, m := range masks {
		s = m.pattern.ReplaceAllString(s, m.with)
	}
	return s
}

// sortedByCause orders entries so that the file does not depend on which request ended first.
func sortedByCause(t *testing.T, lines []string) []string {
	t.Helper()
	var out []string
	for _, line := range lines {
		var entry map[string]any
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Errorf("%v: %s", err, line)
		}
		delete(entry, "id")
		delete(entry, "xid")
		text, err := json.Marshal(entry)
		if err != nil {
			t.Error(err)
		}
		out = append(out, string(text))
	}
	slices.Sort(out)
	return out
}

func compareGolden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Error(diff)
	}
}
