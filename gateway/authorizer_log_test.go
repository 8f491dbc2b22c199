package gateway_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tollbook/tollbook/gateway"
)

// TestAuthorizersInTheExecutionLog compares the lines of authorizers, with everything that differs between runs masked.
func TestAuthorizersInTheExecutionLog(t *testing.T) {
	t.Parallel()
	f := &function{reply: func(event map[string]any) (string, bool) {
		switch event["authorizationToken"] {
		case "unauthorized":
			return `{"errorMessage":"Unauthorized","errorType":"Error"}`, true
		case "throws":
			return `{"errorType":"Error","errorMessage":"no"}`, true
		case "deny":
			return grantFor("user-123456", "Deny", "*"), false
		}
		return grantFor("user-123456", "Allow", "*"), false
	}}
	uri, number, trace := f.serve(t), regexp.MustCompile(`function-\d+`), regexp.MustCompile(`1-[0-9a-f]{8}-[0-9a-f]{24}`)
	var got strings.Builder
	for _, token := range []string{"allow-me-in", "deny", "unauthorized", "throws", ""} {
		s := authorized(gateway.Authorizer{
			Type: "TOKEN", URI: uri, IdentitySource: "method.request.header.Auth", TTL: time.Minute,
		}, "CUSTOM")
		s.Routes[0].Settings.LoggingLevel, s.TracingEnabled = "INFO", true
		b := start(t, s)
		header := b.do("GET", "/prod/a", "", "Auth", token).header
		got.WriteString("== " + token + "\n")
		for _, line := range b.lines("API-Gateway-Execution-Logs_a1b2c3d4e5/prod") {
			line = strings.ReplaceAll(line, header.Get("x-amzn-RequestId"), "ID")
			line = strings.ReplaceAll(line, header.Get("x-amz-apigw-id"), "XID")
			line = trace.ReplaceAllString(line, "TRACE")
			got.WriteString(number.ReplaceAllString(line, "function-N") + "\n")
		}
	}
	compareGolden(t, "testdata/execution/authorizer.golden", got.String())
}
