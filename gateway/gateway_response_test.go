package gateway_test

import (
	"testing"

	"github.com/tollbook/tollbook/gateway"
)

func TestGatewayResponses(t *testing.T) {
	t.Parallel()
	stage := stageOf(closed("GET", "/a"), proxy("GET", "/down/{x}", "http://127.0.0.1:1/", nil), closed("GET", "/plain"))
	stage.Variables["brand"] = "Tollbook"
	stage.AccessLog.Format = `$context.requestId $context.status $context.error.responseType $context.error.message`
	stage.GatewayResponses = map[string]gateway.GatewayResponse{
		"DEFAULT_4XX": {
			StatusCode: 418,
			Parameters: map[string]string{
				"gatewayresponse.header.Access-Control-Allow-Origin": "'*'", "gatewayresponse.header.X-Type": "context.error.responseType",
				"gatewayresponse.header.X-Asked": "method.request.header.X-Ask", "gatewayresponse.header.X-Path": "method.request.path.x",
				"gatewayresponse.header.Content-Length": "'1'", "gatewayresponse.header.WWW-Authenticate": "'Basic'",
				"gatewayresponse.header.X-Evil": "method.request.querystring.evil", "gatewayresponse.header.X-Nonsense": "nonsense",
				"gatewayresponse.header.X-Message": "context.error.message", "gatewayresponse.header.X-String": "context.error.messageString",
			},
			Templates: map[string]string{
				"application/json": `{"m":$context.error.messageString,"t":"$context.error.responseType","s":"$context.status","b":"${stageVariables.brand}!",` +
					`"q":"$method.request.querystring.q","v":"$context.nothing","r":"$other","p":"$context.stage-1.","h":"{$method.request.header.X-Ask}"}`,
				"text/plain": "sorry: $context.error.message",
			},
		},
		"INTEGRATION_FAILURE":          {Templates: map[string]string{"text/html": "<p>$method.request.path.x</p>"}},
		"MISSING_AUTHENTICATION_TOKEN": {Parameters: map[string]string{"gatewayresponse.header.X-Own": "'1'"}},
	}
	b := start(t, stage)
	a := b.do("GET", "/prod/a?q=1&evil=a%0d%0ab", "", "X-Ask", "me")
	want := `{"m":"Forbidden","t":"INVALID_API_KEY","s":"418","b":"Tollbook!","q":"1","v":"","r":"$other","p":"prod-1.","h":"{me}"}`
	if a.status != 418 || a.body != want {
		t.Errorf("%d %s\nwant %s", a.status, a.body, want)
	}
	for name, want := range map[string]string{
		"Access-Control-Allow-Origin": "*", "X-Type": "INVALID_API_KEY", "X-Asked": "me", "X-Path": "", "X-Evil": "", "X-Nonsense": "",
		"X-Message": "Forbidden", "X-String": `"Forbidden"`,
		"Www-Authenticate": "Basic", "X-Amzn-Errortype": "ForbiddenException", "Content-Type": "application/json",
	} {
		if got := a.header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	a = b.do("GET", "/prod/a", "", "Accept", "text/plain, */*")
	if a.body != "sorry: Forbidden" || a.header.Get("Content-Type") != "text/plain" {
		t.Errorf("%s %v", a.body, a.header)
	}
	// A definition of its own is the whole answer: nothing of the class is in it.
	a = b.do("GET", "/prod/nowhere", "")
	if a.status != 403 || a.body != `{"message":"Missing Authentication Token"}` || a.header.Get("X-Own") != "1" || a.header.Get("X-Type") != "" {
		t.Errorf("%d %s %v", a.status, a.body, a.header)
	}
	a = b.do("GET", "/prod/down/7", "")
	if a.status != 504 || a.body != "<p>7</p>" || a.header.Get("Content-Type") != "text/html" {
		t.Errorf("%d %s %v", a.status, a.body, a.header)
	}
	b.wantLines("418 INVALID_API_KEY Forbidden", "418 INVALID_API_KEY Forbidden",
		"403 MISSING_AUTHENTICATION_TOKEN Missing Authentication Token", "504 INTEGRATION_FAILURE Network error communicating with endpoint")
	// An error whose status the API changed counts as a client's.
	var client, server uint64
	b.gw.Drain(func(m gateway.StageMinute) { client, server = client+m.ClientErrors, server+m.ServerErrors })
	if client != 3 || server != 1 {
		t.Errorf("%d and %d errors", client, server)
	}
}

// A status that is no error counts as one all the same.
func TestStatusChangedToSuccess(t *testing.T) {
	t.Parallel()
	stage := stageOf(proxy("GET", "/down", "http://127.0.0.1:1/", nil))
	stage.GatewayResponses = map[string]gateway.GatewayResponse{"DEFAULT_5XX": {StatusCode: 200}}
	b := start(t, stage)
	if a := b.do("GET", "/prod/down", ""); a.status != 200 || a.body != `{"message": "Network error communicating with endpoint"}` {
		t.Errorf("%d %s", a.status, a.body)
	}
	var client, server uint64
	b.gw.Drain(func(m gateway.StageMinute) { client, server = client+m.ClientErrors, server+m.ServerErrors })
	if client != 1 || server != 0 {
		t.Errorf("%d and %d errors", client, server)
	}
}
