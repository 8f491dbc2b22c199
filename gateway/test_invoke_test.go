package gateway_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tollbook/tollbook/gateway"
)

var logClock = regexp.MustCompile(`(?m)^[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d UTC \d{4} : `)

func testLog(log string) string { return maskExecution(logClock.ReplaceAllString(log, "DATE : ")) }

// TestTestInvokeMock has the log that AWS was recorded to answer.
func TestTestInvokeMock(t *testing.T) {
	t.Parallel()
	b := start(t)
	route := mock("GET", "/pets", `{"pets": "all the pets"}`)
	route.AuthorizationType, route.APIKeyRequired = "AWS_IAM", true // passed by
	stage := stageOf(route)
	got, err := b.gw.TestInvoke(stage, gateway.TestRequest{Method: "GET"})
	if err != nil {
		t.Fatal(err)
	}
	want := strings.ReplaceAll(`Execution log for request UUID
DATE : Starting execution for request: UUID
DATE : HTTP Method: GET, Resource Path: /pets
DATE : API Key: *************pi-key
DATE : Method request path: {}
DATE : Method request query string: {}
DATE : Method request headers: {}
DATE : Method request body before transformations: 
DATE : Method response body after transformations: {"pets": "all the pets"}
DATE : Method response headers: {Content-Type=application/json}
DATE : Successfully completed execution
DATE : Method completed with status: 200
`, "\n", "⏎")
	if log := testLog(got.Log); log != want {
		t.Error(cmp.Diff(want, log))
	}
	headers := map[string][]string{"Content-Type": {"application/json"}}
	if got.Status != 200 || got.Body != `{"pets": "all the pets"}` || !cmp.Equal(got.Headers, headers) || got.Latency <= 0 {
		t.Errorf("%+v", got)
	}
	if lines := b.lines(group); len(lines) != 0 {
		t.Errorf("left in the access log: %q", lines)
	}
	b.gw.Drain(func(m gateway.StageMinute) { t.Errorf("left in the metrics: %+v", m) })
}

func TestTestInvokePaths(t *testing.T) {
	t.Parallel()
	b := start(t)
	for _, tt := range []struct{ path, want string }{
		{"", "Resource Path: /pets/{id}⏎DATE : Method request path: {id={id}}⏎DATE : Method request query string: {}⏎"},
		{"/pets/7?a=1&b=x%20y", "Resource Path: /pets/7⏎DATE : Method request path: {id=7}⏎DATE : Method request query string: {a=1, b=x y}⏎"},
		{"/other/thing/here", "Resource Path: /other/thing/here⏎DATE : Method request path: {}⏎"},
		{"pets/7", "Resource Path: /pets/7⏎DATE : Method request path: {id=7}⏎"},
		{"?a=1", "Resource Path: /pets/{id}⏎DATE : Method request path: {id={id}}⏎DATE : Method request query string: {a=1}⏎"},
	} {
		got, err := b.gw.TestInvoke(stageOf(mock("ANY", "/pets/{id}", "{}")), gateway.TestRequest{Method: "POST", PathWithQuery: tt.path})
		if log := testLog(got.Log); err != nil || got.Status != 200 || !strings.Contains(log, "HTTP Method: POST, "+tt.want) {
			t.Errorf("%q: %v %d %s", tt.path, err, got.Status, log)
		}
	}
}

func TestTestInvokeBackEnd(t *testing.T) {
	t.Parallel()
	b := start(t)
	route := proxy("POST", "/p/{proxy+}", echo(t)+"/base/{proxy}", passProxy)
	got, err := b.gw.TestInvoke(stageOf(route), gateway.TestRequest{
		Method: "POST", PathWithQuery: "/p/a/b?x=1", Body: "hi", Headers: map[string][]string{"X-A": {"1", "2"}, "Authorization": {"secret-token"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"POST /base/a/b?x=1 host=", "X-A: 1\nX-A: 2\n", "Authorization: secret-token\n", "\n\nhi"} {
		if !strings.Contains(got.Body, want) {
			t.Errorf("no %q in what the back end saw:\n%s", want, got.Body)
		}
	}
	if got.Headers["X-Echo"][0] != "yes" || got.Headers["x-amzn-RequestId"] != nil {
		t.Errorf("headers %v", got.Headers)
	}
	log := testLog(got.Log)
	for _, want := range []string{
		"Method request headers: {Authorization=******-token, X-A=1, X-A=2}⏎", "Method request body before transformations: hi⏎",
		"Sending request to http://BACK-END/base/a/b?x=1⏎", "Received response. Status: 200, Integration latency: N ms⏎",
	} {
		if !strings.Contains(log, want) {
			t.Errorf("no %q in\n%s", want, log)
		}
	}
	if strings.Contains(log, "secret-token") && strings.Contains(log, "Authorization=secret") {
		t.Errorf("a secret in\n%s", log)
	}
}

func TestTestInvokeFails(t *testing.T) {
	t.Parallel()
	b := start(t)
	got, err := b.gw.TestInvoke(stageOf(proxy("GET", "/x", "http://exa mple/", nil)), gateway.TestRequest{Method: "GET"})
	if err != nil {
		t.Fatal(err)
	}
	want := gateway.TestResult{
		Status: http.StatusInternalServerError, Body: `{"message": "Internal server error"}`,
		Headers: map[string][]string{"x-amzn-ErrorType": {"InternalServerErrorException"}}, Log: got.Log, Latency: got.Latency,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	end := "Method request body before transformations: ⏎DATE : Execution failed due to configuration error: Invalid endpoint address⏎" +
		"DATE : Method completed with status: 500⏎"
	if log := testLog(got.Log); !strings.HasSuffix(log, end) {
		t.Errorf("log %s", log)
	}
	if _, err := b.gw.TestInvoke(stageOf(), gateway.TestRequest{Method: "GET"}); err == nil {
		t.Error("a stage without a method is tested")
	}
}
