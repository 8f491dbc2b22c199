package gateway_test

import (
	"cmp"
	"fmt"
	"net"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tollbook/tollbook/gateway"
)

const executionGroup = "API-Gateway-Execution-Logs_a1b2c3d4e5/prod"

// TestExecutionLog writes down the execution log of every sort of outcome, at each level.
func TestExecutionLog(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		file     string
		settings gateway.MethodSettings
	}{
		{"info_trace", gateway.MethodSettings{LoggingLevel: "INFO", DataTrace: true}},
		{"info", gateway.MethodSettings{LoggingLevel: "INFO"}},
		{"error", gateway.MethodSettings{LoggingLevel: "ERROR"}},
		{"error_trace", gateway.MethodSettings{LoggingLevel: "ERROR", DataTrace: true}},
	} {
		t.Run(tt.file, func(t *testing.T) {
			t.Parallel()
			compareGolden(t, "testdata/execution/"+tt.file+".golden", executionLogs(t, tt.settings))
		})
	}
}

// executionLogs makes the requests, each once, and prints the lines that each left.
func executionLogs(t *testing.T, settings gateway.MethodSettings) string {
	stage := executionStage(t)
	for i := range stage.Routes {
		stage.Routes[i].Settings = settings
	}
	b := start(t, stage)
	var names, ids []string
	for _, r := range executionRequests {
		got := b.do(cmp.Or(r.method, "GET"), "/prod"+r.path, r.body, r.headers...)
		names, ids = append(names, r.name), append(ids, got.header.Get("x-amzn-RequestId"))
	}
	byID := map[string][]string{}
	for _, line := range b.lines(executionGroup) {
		id, text, ok := strings.Cut(strings.TrimPrefix(line, "("), ") ")
		if !ok {
			t.Errorf("no request ID: %s", line)
		}
		byID[id] = append(byID[id], text)
	}
	var out strings.Builder
	for i, id := range ids {
		fmt.Fprintf(&out, "== %s\n", names[i])
		for _, line := range byID[id] {
			fmt.Fprintln(&out, maskExecution(line))
		}
	}
	return out.String()
}

func TestTracedExecutionLog(t *testing.T) {
	t.Parallel()
	stage := stageOf(mock("GET", "/mock", "{}"))
	stage.TracingEnabled = true
	stage.Routes[0].Settings.LoggingLevel = "INFO"
	stage.AccessLog.Format = "$context.requestId $context.xrayTraceId"
	b := start(t, stage)
	const root = "1-58406520-a006649127e371903a2de979"
	b.do("GET", "/prod/mock", "", "X-Amzn-Trace-Id", "Parent=4c721bf33e3caf8f;Root="+root+";Sampled=0")
	b.do("GET", "/prod/mock", "")
	text := strings.Join(b.lines(executionGroup), "\n") + "\n"
	if strings.Count(text, ") X-ray Tracing ID : 1-") != 2 || strings.Count(text, ") X-ray Tracing ID : "+root+"\n") != 1 {
		t.Errorf("lines %s", text)
	}
	entries := strings.Join(b.lines(group), "\n") + "\n"
	if strings.Count(entries, " "+root+"\n") != 1 || len(regexp.MustCompile(`(?m) 1-[0-9a-f]{8}-[0-9a-f]{24}$`).FindAllString(entries, -1)) != 2 {
		t.Errorf("entries %s", entries)
	}
}

var executionRequests = []struct {
	name, method, path, body string
	headers                  []string
}{
	{name: "MOCK", path: "/mock"},
	{name: "MOCK with everything", method: "POST", path: "/mock/a%20b/c?x=1&y=%C3%A4&x=2", body: "one\ntwo", headers: []string{
		"Authorization", "Bearer abcdefghijkl", "X-Api-Key", "0123456789abcdefghij", "X-Other", "plain", "Content-Type", "application/json",
	}},
	{name: "long body", method: "POST", path: "/mock", body: strings.Repeat("é", 600)},
	{name: "binary body", method: "POST", path: "/mock", body: "\x89PNG\xff\xfe"},
	{name: "nearly long body", method: "POST", path: "/mock", body: strings.Repeat("x", 1024-len("Method request body before transformations: "))},
	{name: "HTTP", path: "/http?x=1"},
	{name: "HTTP_PROXY", method: "POST", path: "/proxy/a/b?x=1", body: `{"a":1}`},
	{name: "HTTP_PROXY, 404", path: "/missing"},
	{name: "no integration response", path: "/nomatch"},
	{name: "MOCK without status", path: "/nostatus"},
	{name: "bad address", path: "/badaddress"},
	{name: "unsupported media type", method: "POST", path: "/never", body: "x", headers: []string{"Content-Type", "text/css"}},
	{name: "missing parameters", path: "/valid"},
	{name: "wrong body", method: "POST", path: "/valid?q=1", body: `{"a":"x"}`, headers: []string{"X-Need", "1"}},
	{name: "body that is no JSON", method: "POST", path: "/valid?q=1", body: `{`, headers: []string{"X-Need", "1"}},
	{name: "timeout", path: "/slow"},
	{name: "refused", path: "/refused"},
	{name: "closed", method: "POST", path: "/closed"},
	{name: "garbage", path: "/garbage"},
	{name: "no such resource", path: "/nowhere"},
}

func executionStage(t *testing.T) gateway.Stage {
	nowhere, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nowhere.Close() // nobody listens there now
	with := func(r gateway.Route, edit func(*gateway.Integration)) gateway.Route {
		edit(&r.Integration)
		r.Integration.Timeout = 50 * time.Millisecond
		return r
	}
	ok := backend(t, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 5\r\n\r\nhello", nil)
	gone := backend(t, "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone", nil)
	custom := func(path, uri, pattern string) gateway.Route {
		return with(mock("GET", path, `{"said": true}`), func(i *gateway.Integration) {
			i.Type, i.URI, i.Method, i.RequestTemplates = "HTTP", uri, "GET", nil
			i.RequestParameters = map[string]string{"integration.request.header.Authorization": "'Basic YWJjOmRlZg=='"}
			i.Responses[0].SelectionPattern = pattern
		})
	}
	to := func(path, uri string) gateway.Route {
		return with(proxy("ANY", path, uri, nil), func(*gateway.Integration) {})
	}
	valid := mock("ANY", "/valid", "{}")
	valid.ValidateParameters, valid.ValidateBody = true, true
	valid.RequestParameters = map[string]bool{"method.request.header.X-Need": true, "method.request.querystring.q": true}
	valid.RequestModels = map[string]string{"application/json": "Note"}
	stage := stageOf(
		valid,
		mock("ANY", "/mock", `{"pets": "all the pets"}`),
		mock("ANY", "/mock/{first}/{second}", `{"pets": "one"}`),
		custom("/http", ok+"/base?fixed=1", ""),
		proxy("ANY", "/proxy/{proxy+}", ok+"/base/{proxy}", passProxy),
		to("/missing", gone),
		custom("/nomatch", gone, `5\d{2}`),
		with(mock("ANY", "/nostatus", "{}"), func(i *gateway.Integration) {
			i.RequestTemplates = map[string]string{"application/json": `{"status": 200}`}
		}),
		to("/badaddress", "http://exa mple/"),
		with(mock("ANY", "/never", "{}"), func(i *gateway.Integration) { i.PassthroughBehavior = "NEVER" }),
		to("/slow", backend(t, "", func(c net.Conn) { _, _ = c.Read(make([]byte, 1)) })),
		to("/refused", "http://"+nowhere.Addr().String()+"/x"),
		to("/closed", backend(t, "", func(net.Conn) {})),
		to("/garbage", backend(t, "what is this\r\n\r\n", nil)),
	)
	stage.Models = map[string]string{"Note": `{"type": "object", "required": ["NoteId"]}`}
	return stage
}

var executionMasks = []struct {
	pattern *regexp.Regexp
	with    string
}{
	{masks[0].pattern, masks[0].with}, // UUIDs
	{regexp.MustCompile(`Extended Request Id: [A-Za-z0-9_-]{15}=`), "Extended Request Id: EXTENDED-ID"},
	{regexp.MustCompile(`x{100,}`), "xxx…"},
	{regexp.MustCompile(`127\.0\.0\.1:\d+`), "BACK-END"},
	{regexp.MustCompile(`Integration latency: \d+ ms`), "Integration latency: N ms"},
	{regexp.MustCompile(`Root=1-[0-9a-f]{8}-[0-9a-f]{24}`), "Root=TRACE"},
	{regexp.MustCompile(`(é){100,}`), "éé…"},
	{regexp.MustCompile(`\n`), `⏎`},
}

func maskExecution(line string) string {
	for _, m := range executionMasks {
		line = m.pattern.ReplaceAllString(line, m.with)
	}
	return line
}

// BenchmarkExecutionLog is BenchmarkMock at each level.
func BenchmarkExecutionLog(b *testing.B) {
	for _, tt := range []struct {
		name     string
		settings gateway.MethodSettings
	}{
		{"off", gateway.MethodSettings{}},
		{"error", gateway.MethodSettings{LoggingLevel: "ERROR"}},
		{"info", gateway.MethodSettings{LoggingLevel: "INFO"}},
		{"trace", gateway.MethodSettings{LoggingLevel: "INFO", DataTrace: true}},
	} {
		b.Run(tt.name, func(b *testing.B) {
			stage := stageOf(mock("GET", "/notes/{id}", `{"id":7}`))
			stage.Routes[0].Settings = tt.settings
			benchmarkStage(b, stage, "GET /prod/notes/7 HTTP/1.1\r\nHost: a1b2c3d4e5.execute-api.localhost\r\nUser-Agent: bench\r\n\r\n")
		})
	}
}
