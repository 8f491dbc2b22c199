package gateway_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tollbook/tollbook/gateway"
	"github.com/tollbook/tollbook/gateway/endpoint"
)

// function is a Lambda function that answers with what reply makes of the event.
type function struct {
	calls atomic.Int64
	mu    sync.Mutex
	event map[string]any // the last
	reply func(event map[string]any) (body string, failed bool)
}

// serve returns the authorizer URI of the function.
func (f *function) serve(t testing.TB) string {
	t.Helper()
	return serveFunction(t, func(w http.ResponseWriter, r *http.Request) {
		f.calls.Add(1)
		data, _ := io.ReadAll(r.Body)
		event := map[string]any{}
		if err := json.Unmarshal(data, &event); err != nil {
			t.Error(err)
		}
		f.mu.Lock()
		f.event = event
		f.mu.Unlock()
		body, failed := f.reply(event)
		if failed {
			w.Header().Set("X-Amz-Function-Error", "Unhandled")
		}
		w.Header().Set("X-Amzn-Requestid", "6f7c0bd8-9a54-4a2b-8e0c-1a2b3c4d5e6f")
		_, _ = io.WriteString(w, body)
	})
}

func grantFor(principal, effect, resource string) string {
	return fmt.Sprintf(`{"principalId":%q,"policyDocument":{"Version":"2012-10-17","Statement":[{"Action":"execute-api:Invoke",`+
		`"Effect":%q,"Resource":%q}]},"context":{"tier":"gold","level":3,"beta":true,"none":null}}`, principal, effect, resource)
}

const allOfStage = "arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5/prod/*"

const authorizedFormat = `$context.status $context.authorizer.principalId tier=$context.authorizer.tier level=$context.authorizer.level ` +
	`beta=$context.authorizer.beta none=$context.authorizer.none authorizer=$context.authorizer.status/$context.authorizer.integrationStatus/$context.authorizer.error ` +
	`authorize=$context.authorize.status/$context.authorize.error`

// authorized is a stage whose methods GET /a and GET /b ask an authorizer.
func authorized(a gateway.Authorizer, authorizationType string) gateway.Stage {
	a.ID = "auth01"
	s := stageOf(mock("GET", "/a", "a"), mock("GET", "/b/{id}", "b"), mock("GET", "/open", "open"))
	for i := range s.Routes[:2] {
		s.Routes[i].AuthorizationType, s.Routes[i].AuthorizerID = authorizationType, a.ID
	}
	s.Authorizers = map[string]gateway.Authorizer{a.ID: a}
	s.AccessLog.Format = authorizedFormat
	return s
}

func TestTokenAuthorizer(t *testing.T) {
	t.Parallel()
	f := &function{reply: func(event map[string]any) (string, bool) {
		switch event["authorizationToken"] {
		case "Bearer allow":
			return grantFor("user|a1", "Allow", allOfStage), false
		case "Bearer deny":
			return grantFor("user|a1", "Deny", "*"), false
		case "Bearer one":
			return grantFor("user|a1", "Allow", "arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5/prod/GET/a"), false
		case "Bearer unauthorized":
			return `{"errorMessage":"Unauthorized","errorType":"Error"}`, true
		case "Bearer throws":
			return `{"errorMessage":"no","errorType":"Error"}`, true
		case "Bearer nothing":
			return "null", false
		case "Bearer nobody":
			return strings.Replace(grantFor("x", "Allow", "*"), `"principalId":"x",`, "", 1), false
		case "Bearer object":
			return strings.Replace(grantFor("x", "Allow", "*"), `"gold"`, `{"a":1}`, 1), false
		case "Bearer extra":
			return strings.Replace(grantFor("x", "Allow", "*"), `"principalId"`, `"more":1,"principalId"`, 1), false
		}
		return "not JSON", false
	}}
	b := start(t, authorized(gateway.Authorizer{
		Type: "TOKEN", URI: f.serve(t), IdentitySource: "method.request.header.Auth", IdentityValidation: "Bearer .*",
	}, "CUSTOM"))
	for _, c := range []struct {
		name, token, path string
		status            int
		errorType, body   string
	}{
		{"allowed", "Bearer allow", "/a", 200, "", "a"},
		{"allowed with a path", "Bearer allow", "/b/7", 200, "", "b"},
		{"denied", "Bearer deny", "/a", 403, "AccessDeniedException", `{"Message":"User is not authorized to access this resource with an explicit deny in an identity-based policy"}`},
		{"allowed one method", "Bearer one", "/a", 200, "", "a"},
		{"not another", "Bearer one", "/b/7", 403, "AccessDeniedException", `{"Message":"User is not authorized to access this resource"}`},
		{"function says no", "Bearer unauthorized", "/a", 401, "UnauthorizedException", `{"message":"Unauthorized"}`},
		{"function throws", "Bearer throws", "/a", 500, "AuthorizerConfigurationException", `{"message":null}`},
		{"no principal", "Bearer nobody", "/a", 500, "AuthorizerConfigurationException", `{"message":null}`},
		{"context with an object", "Bearer object", "/a", 500, "AuthorizerConfigurationException", `{"message":null}`},
		{"unknown member", "Bearer extra", "/a", 500, "AuthorizerConfigurationException", `{"message":null}`},
		{"nothing", "Bearer nothing", "/a", 500, "AuthorizerConfigurationException", `{"message":null}`},
		{"no JSON", "Bearer rubbish", "/a", 500, "AuthorizerConfigurationException", `{"message":null}`},
		{"other form", "Basic abc", "/a", 401, "UnauthorizedException", `{"message":"Unauthorized"}`},
		{"no token", "", "/a", 401, "UnauthorizedException", `{"message":"Unauthorized"}`},
		{"open method", "", "/open", 200, "", "open"},
	} {
		got := b.do("GET", "/prod"+c.path, "", "Auth", c.token)
		if got.status != c.status || got.body != c.body || got.header.Get("X-Amzn-Errortype") != c.errorType {
			t.Errorf("%s: got %d %q %s", c.name, got.status, got.header.Get("X-Amzn-Errortype"), got.body)
		}
	}
	want := map[string]any{"type": "TOKEN", "authorizationToken": "Bearer rubbish",
		"methodArn": "arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5/prod/GET/a"}
	if diff := cmp.Diff(want, f.event); diff != "" {
		t.Error(diff)
	}
	log := b.lines(group)
	for _, line := range []string{
		"200 user|a1 tier=gold level=3 beta=true none=- authorizer=200/200/- authorize=200/-",
		"403 user|a1 tier=gold level=3 beta=true none=- authorizer=200/200/- authorize=403/The client is not authorized to perform this operation.",
		"401 - tier=- level=- beta=- none=- authorizer=401/-/Unauthorized authorize=-/-",   // not asked
		"401 - tier=- level=- beta=- none=- authorizer=401/200/Unauthorized authorize=-/-", // it threw
		"500 - tier=- level=- beta=- none=- authorizer=500/200/AuthorizerConfigurationException authorize=-/-",
	} {
		if !slices.Contains(log, line) {
			t.Errorf("no entry %s", line)
		}
	}
}

func TestAuthorizerResultsAreKept(t *testing.T) {
	t.Parallel()
	f := &function{reply: func(event map[string]any) (string, bool) {
		arn, _ := event["methodArn"].(string)
		return grantFor("p", "Allow", arn), false // of the one method that was asked for
	}}
	s := authorized(gateway.Authorizer{
		Type: "TOKEN", URI: f.serve(t), IdentitySource: "method.request.header.Authorization", TTL: time.Minute,
	}, "CUSTOM")
	b := start(t, s)
	get := func(path, token string, status int, calls int64) {
		t.Helper()
		if got := b.do("GET", path, "", "Authorization", token); got.status != status || f.calls.Load() != calls {
			t.Errorf("%s as %s: %d after %d calls, want %d after %d", path, token, got.status, f.calls.Load(), status, calls)
		}
	}
	get("/prod/a", "one", 200, 1)
	get("/prod/a", "one", 200, 1)
	get("/prod/b/1", "one", 403, 1) // the kept policy names /a alone
	get("/prod/a", "two", 200, 2)
	b.gw.FlushAuthorizers("A1B2C3D4E5", "prod")
	b.gw.FlushAuthorizers("nosuchapi0", "prod")
	get("/prod/b/1", "one", 200, 3)
	get("/prod/b/1/", "one", 200, 3)
	b.set(s) // a new deployment begins anew
	get("/prod/a", "one", 200, 4)
}

func TestSimultaneousRequestsShareACall(t *testing.T) {
	t.Parallel()
	called, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	f := &function{reply: func(map[string]any) (string, bool) {
		once.Do(func() { close(called) })
		<-release
		return grantFor("p", "Allow", "*"), false
	}}
	b := start(t, authorized(gateway.Authorizer{
		Type: "TOKEN", URI: f.serve(t), IdentitySource: "method.request.header.Authorization", TTL: time.Minute,
	}, "CUSTOM"))
	var done sync.WaitGroup
	for range 8 {
		done.Go(func() {
			if got := b.do("GET", "/prod/a", "", "Authorization", "one"); got.status != 200 {
				t.Errorf("got %d %s", got.status, got.body)
			}
		})
	}
	select {
	case <-called:
	case <-time.After(10 * time.Second):
		t.Fatal("the function was not called")
	}
	if got := b.do("GET", "/prod/open", ""); got.status != 200 {
		t.Errorf("others wait, too: %d", got.status)
	}
	close(release)
	done.Wait()
	if n := f.calls.Load(); n != 1 {
		t.Errorf("%d calls", n)
	}
}

func TestRequestAuthorizer(t *testing.T) {
	t.Parallel()
	f := &function{reply: func(map[string]any) (string, bool) { return grantFor("p", "Allow", "*"), false }}
	a := gateway.Authorizer{
		Type: "REQUEST", URI: f.serve(t), TTL: time.Minute,
		IdentitySource: "method.request.header.X-Key, method.request.querystring.q,stageVariables.v, context.httpMethod",
	}
	b := start(t, authorized(a, "CUSTOM"))
	for _, c := range []struct {
		path, key string
		status    int
		calls     int64
	}{
		{"/prod/a?q=1", "k", 200, 1},
		{"/prod/a?q=1", "k", 200, 1},
		{"/prod/b/x?q=1", "k", 200, 1},
		{"/prod/a?q=2", "k", 200, 2},
		{"/prod/a?q=1k", "", 401, 2}, // not the same as q=1 and key k
		{"/prod/a?q=1", "", 401, 2},
		{"/prod/a", "k", 401, 2},
		{"/prod/b/%2Fy?q=a%20b&q=c&r=", "k", 200, 3},
	} {
		if got := b.do("GET", c.path, "", "X-Key", c.key); got.status != c.status || f.calls.Load() != c.calls {
			t.Errorf("%s %q: %d after %d calls", c.path, c.key, got.status, f.calls.Load())
		}
	}
	f.mu.Lock()
	event := f.event
	f.mu.Unlock()
	context, _ := event["requestContext"].(map[string]any)
	for _, name := range []string{"requestId", "extendedRequestId", "requestTime", "requestTimeEpoch"} {
		if context[name] == nil || context[name] == "" {
			t.Errorf("no %s", name)
		}
		delete(context, name)
	}
	headers, _ := event["headers"].(map[string]any)
	delete(headers, "X-Amzn-Trace-Id")
	many, _ := event["multiValueHeaders"].(map[string]any)
	delete(many, "X-Amzn-Trace-Id")
	text, err := json.MarshalIndent(event, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	compareGolden(t, "testdata/authorizer_request_event.json", string(text)+"\n")
}

func TestRequestAuthorizerWithoutCache(t *testing.T) {
	t.Parallel()
	f := &function{reply: func(map[string]any) (string, bool) { return grantFor("p", "Allow", "*"), false }}
	b := start(t, authorized(gateway.Authorizer{Type: "REQUEST", URI: f.serve(t)}, "CUSTOM"))
	for range 2 {
		if got := b.do("GET", "/prod/a", ""); got.status != 200 {
			t.Errorf("got %d %s", got.status, got.body)
		}
	}
	if f.calls.Load() != 2 {
		t.Errorf("%d calls", f.calls.Load())
	}
}

func TestBrokenAuthorizersCloseTheirMethods(t *testing.T) {
	t.Parallel()
	for name, a := range map[string]gateway.Authorizer{
		"pattern": {Type: "TOKEN", URI: "http://127.0.0.1:1", IdentityValidation: "("},
		"source":  {Type: "REQUEST", URI: "http://127.0.0.1:1", IdentitySource: "nonsense"},
		"type":    {Type: "OTHER", URI: "http://127.0.0.1:1"},
	} {
		b := start(t, authorized(a, "CUSTOM"))
		if got := b.do("GET", "/prod/a", "", "Authorization", "x"); got.status != 500 || got.body != `{"message":null}` {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
	s := authorized(gateway.Authorizer{Type: "TOKEN", URI: "http://127.0.0.1:1"}, "CUSTOM")
	s.Routes[0].AuthorizerID = "other1"
	s.Routes[1].AuthorizationType = "COGNITO_USER_POOLS"
	b := start(t, s)
	for _, path := range []string{"/prod/a", "/prod/b/1"} {
		if got := b.do("GET", path, "", "Authorization", "x"); got.status != 500 {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
}

// A function that cannot be reached is an error of the authorizer's, and not of the integration's.
func TestAuthorizerIsAway(t *testing.T) {
	t.Parallel()
	s := authorized(gateway.Authorizer{Type: "TOKEN", URI: functionURI("away")}, "CUSTOM")
	s.Routes[0].Settings.LoggingLevel = "INFO"
	s.AccessLog.Format = "$context.requestId $context.error.responseType $context.integration.error $context.authorizer.status"
	for name, c := range map[string]struct {
		options endpoint.Options
		lines   int
		cause   string
	}{
		"not set": {endpoint.Options{Credentials: testKey}, 6, "Execution failed due to configuration error: It is not set where"},
		"down":    {endpoint.Options{Credentials: testKey, Lambda: "http://127.0.0.1:1"}, 7, "Execution failed due to a network error"},
	} {
		endpoints, err := endpoint.New(c.options)
		if err != nil {
			t.Fatal(err)
		}
		b := startWith(t, gateway.Config{Endpoints: endpoints}, s)
		got := b.do("GET", "/prod/a", "", "Authorization", "x")
		if got.status != 500 || got.body != `{"message":null}` || got.header.Get("x-amzn-ErrorType") != "AuthorizerConfigurationException" {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
		b.wantLines("AUTHORIZER_CONFIGURATION_ERROR - 500")
		lines := b.lines("API-Gateway-Execution-Logs_a1b2c3d4e5/prod")
		if len(lines) != c.lines || !strings.Contains(lines[c.lines-3], c.cause) || !strings.HasSuffix(lines[c.lines-2], " AuthorizerConfigurationException") {
			t.Errorf("%s: %q", name, lines)
		}
	}
}
