package gateway_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tollbook/tollbook/gateway"
	"github.com/tollbook/tollbook/gateway/endpoint"
)

// lambdaProxy is a route to a function.
func lambdaProxy(method, path, uri string) gateway.Route {
	return gateway.Route{
		ResourceID: "r1", ResourcePath: path, Method: method,
		Integration: gateway.Integration{Type: "AWS_PROXY", Method: "POST", URI: uri},
	}
}

// returns is a function that always returns the same text.
func returns(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("x-amzn-RequestId", "5f0c0c4e-lambda")
		_, _ = io.WriteString(w, text)
	}
}

// throws is a function that ends with an error.
func throws(message string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Amz-Function-Error", "Unhandled")
		w.Header().Set("x-amzn-RequestId", "5f0c0c4e-lambda")
		text, _ := json.Marshal(map[string]string{"errorMessage": message, "errorType": "Error"})
		_, _ = w.Write(text)
	}
}

func refuses(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("x-amzn-RequestId", "5f0c0c4e-lambda")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// TestLambdaProxyResponse follows the table of what a function may return.
func TestLambdaProxyResponse(t *testing.T) {
	t.Parallel()
	const bad = "502 "
	for name, tt := range map[string]struct{ returned, want string }{
		"all":                {`{"statusCode":201,"headers":{"X-A":"b"},"body":"hi","isBase64Encoded":false}`, "201 application/json X-A=[b] hi"},
		"no status":          {`{"body":"hi"}`, "200 application/json X-A=[] hi"},
		"only headers":       {`{"headers":{"X-A":"b"}}`, "200 application/json X-A=[b] "},
		"empty object":       {`{}`, "200 application/json X-A=[] "},
		"status as text":     {`{"statusCode":"404"}`, "404 application/json X-A=[] "},
		"status of no sense": {`{"statusCode":"abc"}`, bad},
		"status true":        {`{"statusCode":true}`, bad},
		"status object":      {`{"statusCode":{}}`, bad},
		"status 99":          {`{"statusCode":99}`, bad},
		"status 600":         {`{"statusCode":600}`, bad},
		"status interim":     {`{"statusCode":100}`, bad},
		"status broken":      {`{"statusCode":200.5}`, bad},
		"status null":        {`{"statusCode":null,"body":"hi"}`, "200 application/json X-A=[] hi"},
		"bool header":        {`{"headers":{"X-A":true}}`, "200 application/json X-A=[true] "},
		"number header":      {`{"headers":{"X-A":12.5}}`, "200 application/json X-A=[12.5] "},
		"null header":        {`{"headers":{"X-A":null}}`, "200 application/json X-A=[] "},
		"list header":        {`{"headers":{"X-A":["b"]}}`, bad},
		"null headers":       {`{"headers":null,"multiValueHeaders":null,"body":null}`, "200 application/json X-A=[] "},
		"text headers":       {`{"headers":"X-A"}`, bad},
		"split header":       {`{"headers":{"X-A":"b\r\nX-B: c"}}`, "200 application/json X-A=[] "},
		"lists":              {`{"multiValueHeaders":{"X-A":["1",2,false]}}`, "200 application/json X-A=[1 2 false] "},
		"no list":            {`{"multiValueHeaders":{"X-A":"1"}}`, bad},
		"merged":             {`{"headers":{"x-a":"solo"},"multiValueHeaders":{"X-A":["multi"]}}`, "200 application/json X-A=[multi solo] "},
		"merged once":        {`{"headers":{"X-A":"b"},"multiValueHeaders":{"X-A":["b"]}}`, "200 application/json X-A=[b] "},
		"content type":       {`{"headers":{"content-type":"text/plain"},"body":"hi"}`, "200 text/plain X-A=[] hi"},
		"unknown key":        {`{"statusCode":200,"cookies":[]}`, bad},
		"null":               {`null`, bad},
		"text":               {`"hi"`, bad},
		"nothing":            {``, bad},
		"number":             {`200`, bad},
		"list":               {`[{"statusCode":200}]`, bad},
		"broken":             {`{"statusCode":200`, bad},
		"two values":         {`{"statusCode":200} {}`, bad},
		"white space":        {" {\"statusCode\":202}\n", "202 application/json X-A=[] "},
		"body object":        {`{"body":{"a":1}}`, bad},
		"body list":          {`{"body":[1]}`, bad},
		"body escapes":       {`{"body":"a\n\u00e9\"\ud83d\ude00"}`, "200 application/json X-A=[] a\né\"😀"},
		"base64 for text":    {`{"body":"aGk=","isBase64Encoded":true}`, "200 application/json X-A=[] aGk="},
		"deep":               {`{"body":` + strings.Repeat("[", 100_000), bad},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := start(t, stageOf(lambdaProxy("ANY", "/", serveFunction(t, returns(tt.returned)))))
			a := b.do("GET", "/prod/", "")
			got := fmt.Sprintf("%d %s X-A=%v %s", a.status, a.header.Get("Content-Type"), a.header.Values("X-A"), a.body)
			if tt.want != bad {
				if got != tt.want {
					t.Errorf("got  %s\nwant %s", got, tt.want)
				}
				return
			}
			if a.status != 502 || a.body != `{"message": "Internal server error"}` || a.header.Get("x-amzn-ErrorType") != "InternalServerErrorException" {
				t.Errorf("got %s, want a 502", got)
			}
		})
	}
}

func TestLambdaProxyHeaders(t *testing.T) {
	t.Parallel()
	b := start(t, stageOf(lambdaProxy("ANY", "/", serveFunction(t, returns(`{"headers":{"Date":"d","Server":"s","Connection":"close",
		"Content-Length":"7","TE":"t","Via":"v","Content-Encoding":"gzip","x-amzn-RequestId":"mine","Set-Cookie":"a=1"},
		"multiValueHeaders":{"tesT-Multi":["value-multi"],"set-cookie":["b=2","c=3"]},"body":"x"}`)))))
	raw := b.raw("GET /prod/ HTTP/1.1\r\nHost: a1b2c3d4e5.execute-api.x\r\nConnection: close\r\n\r\n")
	for _, want := range []string{
		"x-amzn-Remapped-Date: d\r\n", "x-amzn-Remapped-Server: s\r\n", "x-amzn-Remapped-Connection: close\r\n",
		"x-amzn-Remapped-Content-Length: 7\r\n", "tesT-Multi: value-multi\r\n", "set-cookie: b=2\r\n", "set-cookie: c=3\r\n",
		"set-cookie: a=1\r\n", "x-amzn-Remapped-x-amzn-RequestId: mine\r\n", "X-Amzn-Trace-Id: Root=", "Content-Encoding: gzip\r\n",
	} {
		if !strings.Contains(raw, want) {
			t.Errorf("no %q in\n%s", want, raw)
		}
	}
	if strings.Contains(raw, "\r\nTE:") || strings.Contains(raw, "Via:") {
		t.Errorf("hop-by-hop headers were passed on:\n%s", raw)
	}
}

// TestLambdaProxyEvent compares an event as a whole.
func TestLambdaProxyEvent(t *testing.T) {
	t.Parallel()
	events := make(chan string, 10)
	uri := serveFunction(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		events <- string(body)
		_, _ = io.WriteString(w, "{}")
	})
	route := lambdaProxy("ANY", "/pets/{id}/{rest+}", uri)
	route.OperationName = "getPet"
	s := stageOf(route, lambdaProxy("GET", "/", uri))
	s.BinaryMediaTypes = []string{"image/*", "application/x-bin"}
	b := start(t, s)
	a := b.do("POST", "/prod/pets/a%20b/c/d?x=1&y=%26%C3%A9&x=2&empty", "bödy \xff", "X-One", "1", "x-two", "a", "x-two", "b",
		"Content-Type", "text/plain", "X-Amzn-Trace-Id", "Root=1-x", "X-Forwarded-For", "10.0.0.1", "TE", "trailers", "Via", "1.1 v",
		"Authorization", "AWS4-HMAC-SHA256 Credential=a/b", "User-Agent", "test", "Accept-Encoding", "identity")
	got := parseEvent(t, <-events)
	context := got["requestContext"].(map[string]any)
	for _, changing := range []string{"requestTime", "requestTimeEpoch", "extendedRequestId"} {
		if context[changing] == nil {
			t.Errorf("no %s", changing)
		}
		delete(context, changing)
	}
	headers := map[string]any{
		"Host": "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com", "X-One": "1", "x-two": "b", "Content-Type": "text/plain",
		"Via": "1.1 v", "User-Agent": "test", "Accept-Encoding": "identity", "X-Amzn-Trace-Id": "Root=1-x",
		"X-Forwarded-For": "10.0.0.1, 127.0.0.1", "X-Forwarded-Port": "80", "X-Forwarded-Proto": "http",
	}
	lists := map[string]any{}
	for name, value := range headers {
		lists[name] = []any{value}
	}
	lists["x-two"] = []any{"a", "b"}
	want := map[string]any{
		"resource": "/pets/{id}/{rest+}", "path": "/pets/a%20b/c/d", "httpMethod": "POST", "headers": headers, "multiValueHeaders": lists,
		"queryStringParameters":           map[string]any{"x": "2", "y": "&é", "empty": ""},
		"multiValueQueryStringParameters": map[string]any{"x": []any{"1", "2"}, "y": []any{"&é"}, "empty": []any{""}},
		"pathParameters":                  map[string]any{"id": "a%20b", "rest": "c/d"},
		"stageVariables":                  map[string]any{"greeting": "hello", "v": "2"},
		"body":                            "bödy \ufffd", "isBase64Encoded": false,
		"requestContext": map[string]any{
			"accountId": "123456789012", "apiId": "a1b2c3d4e5", "deploymentId": "d3p10y", "resourceId": "r1",
			"resourcePath": "/pets/{id}/{rest+}", "stage": "prod", "operationName": "getPet",
			"domainName": "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com", "domainPrefix": "a1b2c3d4e5", "httpMethod": "POST",
			"path": "/prod/pets/a%20b/c/d", "protocol": "HTTP/1.1", "requestId": a.header.Get("x-amzn-RequestId"),
			"identity": map[string]any{
				"accessKey": nil, "accountId": nil, "caller": nil, "cognitoAuthenticationProvider": nil, "cognitoAuthenticationType": nil,
				"cognitoIdentityId": nil, "cognitoIdentityPoolId": nil, "principalOrgId": nil, "sourceIp": "127.0.0.1", "user": nil,
				"userAgent": "test", "userArn": nil,
			},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("event (-want +got):\n%s", diff)
	}

	b.do("GET", "/prod/", "")
	got = parseEvent(t, <-events)
	for _, key := range []string{"queryStringParameters", "multiValueQueryStringParameters", "pathParameters", "body"} {
		if value, ok := got[key]; !ok || value != nil {
			t.Errorf("%s is %v, want null", key, value)
		}
	}

	for mediaType, want := range map[string]string{
		"image/png": "AP8= true", "application/x-bin; v=1": "AP8= true", "text/plain": "\u0000\ufffd false",
	} {
		b.do("PUT", "/prod/pets/1/x", "\x00\xff", "Content-Type", mediaType)
		got = parseEvent(t, <-events)
		if text := fmt.Sprintf("%v %v", got["body"], got["isBase64Encoded"]); text != want {
			t.Errorf("%s: body and isBase64Encoded %q, want %q", mediaType, text, want)
		}
	}
}

func parseEvent(t *testing.T, text string) map[string]any {
	t.Helper()
	event := map[string]any{}
	if err := json.Unmarshal([]byte(text), &event); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return event
}

// Many headers and parameters of the same and of other names are told apart in the same way as few.
func TestLambdaProxyEventOfMany(t *testing.T) {
	t.Parallel()
	events := make(chan string, 1)
	b := start(t, stageOf(lambdaProxy("GET", "/", serveFunction(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		events <- string(body)
		_, _ = io.WriteString(w, "{}")
	}))))
	var query, headers []string
	for i := range 100 {
		query = append(query, fmt.Sprintf("q%d=%d", i%50, i))
		headers = append(headers, fmt.Sprintf("X-H%d", i%50), fmt.Sprint(i))
	}
	b.do("GET", "/prod/?"+strings.Join(query, "&"), "", headers...)
	got := parseEvent(t, <-events)
	params, lists := got["queryStringParameters"].(map[string]any), got["multiValueQueryStringParameters"].(map[string]any)
	sent, all := got["headers"].(map[string]any), got["multiValueHeaders"].(map[string]any)
	for i := range 50 {
		first, last := fmt.Sprint(i), fmt.Sprint(i+50)
		q, h := fmt.Sprintf("q%d", i), fmt.Sprintf("X-H%d", i)
		if params[q] != last || !cmp.Equal(lists[q], []any{first, last}) || sent[h] != last || !cmp.Equal(all[h], []any{first, last}) {
			t.Fatalf("%v %v, %v %v", params[q], lists[q], sent[h], all[h])
		}
	}
}

func TestLambdaProxyBase64(t *testing.T) {
	t.Parallel()
	b := func(types ...string) *bench {
		s := stageOf(lambdaProxy("GET", "/", serveFunction(t, returns(`{"body":"aGk=","isBase64Encoded":true}`))),
			lambdaProxy("GET", "/bad", serveFunction(t, returns(`{"body":"a","isBase64Encoded":true}`))))
		s.BinaryMediaTypes = types
		return start(t, s)
	}
	for _, tt := range []struct{ types, accept, want string }{
		{"image/png", "image/png", "hi"}, {"image/png", "image/png,text/html", "hi"}, {"image/png", "text/html,image/png", "aGk="},
		{"image/png", "", "aGk="}, {"*/*", "text/html", "hi"}, {"*/*", "", "hi"}, {"application/json", "", "hi"}, {"image/*", "IMAGE/jpeg;q=1", "hi"},
	} {
		var headers []string
		if tt.accept != "" {
			headers = []string{"Accept", tt.accept}
		}
		if a := b(tt.types).do("GET", "/prod/", "", headers...); a.body != tt.want {
			t.Errorf("%s, Accept %s: %q, want %q", tt.types, tt.accept, a.body, tt.want)
		}
	}
	if a := b("*/*").do("GET", "/prod/bad", ""); a.status != 500 {
		t.Errorf("what is no base64: %d %s", a.status, a.body)
	}
}

// TestLambdaProxyFailures goes through what can go wrong, with the lines that the execution log has for it.
func TestLambdaProxyFailures(t *testing.T) {
	t.Parallel()
	const problem = "Execution failed due to configuration error: "
	for name, tt := range map[string]struct {
		uri    string
		edit   func(*gateway.Integration)
		status int
		body   string
		lines  []string
	}{
		"malformed": {serveFunction(t, returns("null")), nil, 502, `{"message": "Internal server error"}`,
			[]string{problem + "Malformed Lambda proxy response", "Method completed with status: 502"}},
		"throws": {serveFunction(t, throws("out of beans")), nil, 502, `{"message": "Internal server error"}`, []string{
			"Lambda execution failed with status 200 due to customer function error: out of beans. Lambda request id: 5f0c0c4e-lambda",
			"Method completed with status: 502"}},
		"throttled": {serveFunction(t, refuses(429, `{"message":"Rate Exceeded."}`)), nil, 500, `{"message": "Internal server error"}`, []string{
			"Lambda invocation failed with status: 429. Lambda request id: 5f0c0c4e-lambda", problem + "Rate Exceeded.",
			"Method completed with status: 500"}},
		"no permission": {serveFunction(t, refuses(403, `{"Message":"no"}`)), nil, 500, `{"message": "Internal server error"}`,
			[]string{problem + "Invalid permissions on Lambda function", "Method completed with status: 500"}},
		"no function": {functionURI("gone"), nil, 500, `{"message": "Internal server error"}`, []string{
			"Lambda invocation failed with status: 404. Lambda request id: ", problem + "Function not found: gone", "Method completed with status: 500"}},
		"service fails": {serveFunction(t, refuses(503, "busy")), nil, 500, `{"message": "Internal server error"}`, []string{
			"Lambda invocation failed with status: 503. Lambda request id: 5f0c0c4e-lambda", problem + "Lambda answered with status 503",
			"Method completed with status: 500"}},
		"slow": {serveFunction(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body); <-r.Context().Done() }),
			func(i *gateway.Integration) { i.Timeout = 50 * time.Millisecond }, 504, `{"message": "Endpoint request timed out"}`,
			[]string{"Execution failed due to a timeout error", "Method completed with status: 504"}},
		"not by POST": {functionURI("x"), func(i *gateway.Integration) { i.Method = "GET" }, 500, `{"message": "Internal server error"}`,
			[]string{problem + "A Lambda function is called by POST, and not by GET", "Method completed with status: 500"}},
		"no ARN": {"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/x", nil, 501, "", nil},
		"illegal header": {functionURI("x"), func(i *gateway.Integration) {
			i.RequestParameters = map[string]string{"integration.request.header.Authorization": "'x'"}
		}, 500, `{"message": "Internal server error"}`, []string{problem + "Illegal header mapping: Authorization", "Method completed with status: 500"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := lambdaProxy("GET", "/", tt.uri)
			r.Settings.LoggingLevel = "ERROR"
			if tt.edit != nil {
				tt.edit(&r.Integration)
			}
			b := start(t, stageOf(r))
			a := b.do("GET", "/prod/", "")
			if a.status != tt.status || tt.body != "" && a.body != tt.body {
				t.Errorf("got %d %s", a.status, a.body)
			}
			if tt.lines == nil {
				return
			}
			got := b.lines("API-Gateway-Execution-Logs_a1b2c3d4e5/prod")
			for i := range got {
				_, got[i], _ = strings.Cut(got[i], ") ")
			}
			if diff := cmp.Diff(tt.lines, got); diff != "" {
				t.Errorf("execution log (-want +got):\n%s", diff)
			}
		})
	}
}

// TestLambdaNowhere is about a gateway that was not told where functions are.
func TestLambdaNowhere(t *testing.T) {
	t.Parallel()
	e, err := endpoint.New(endpoint.Options{Functions: map[string]string{"other": "http://127.0.0.1:1"}})
	if err != nil {
		t.Fatal(err)
	}
	r := lambdaProxy("GET", "/", functionURI("notes"))
	r.Settings.LoggingLevel = "ERROR"
	var warnings strings.Builder
	b := startWith(t, gateway.Config{Endpoints: e, Logger: slog.New(slog.NewTextHandler(&warnings, nil))}, stageOf(r))
	if !strings.Contains(warnings.String(), "stage=prod methods=1") {
		t.Errorf("no warning: %s", warnings.String())
	}
	a := b.do("GET", "/prod/", "")
	if a.status != 500 {
		t.Errorf("got %d", a.status)
	}
	if log := strings.Join(b.lines("API-Gateway-Execution-Logs_a1b2c3d4e5/prod"), "\n"); !strings.Contains(log, "--lambda notes=URL") {
		t.Errorf("the log does not say what to do:\n%s", log)
	}
}

// TestLambdaCall looks at the request that calls a function.
func TestLambdaCall(t *testing.T) {
	t.Parallel()
	calls := make(chan *http.Request, 1)
	uri := serveFunction(t, func(w http.ResponseWriter, r *http.Request) {
		calls <- r.Clone(r.Context())
		w.Header().Set("x-amzn-requestid", "the-lambda-id")
		_, _ = io.WriteString(w, `{"statusCode":404}`)
	})
	name := uri[strings.LastIndex(uri, ":function:")+len(":function:") : len(uri)-len("/invocations")]
	s := stageOf(lambdaProxy("GET", "/a/{x}", strings.Replace(uri, name, "${stageVariables.fn}:${stageVariables.alias}", 1)))
	s.Variables = map[string]string{"fn": name, "alias": "live"}
	s.AccessLog.Format = `$context.integration.integrationStatus $context.integrationStatus $context.integration.status $context.status $context.integration.requestId $context.awsEndpointRequestId`
	b := start(t, s)
	if a := b.do("GET", "/prod/a/1", ""); a.status != 404 {
		t.Fatalf("got %d %s", a.status, a.body)
	}
	r := <-calls
	if r.URL.String() != "/2015-03-31/functions/"+name+"/invocations?Qualifier=live" {
		t.Errorf("called at %s", r.URL)
	}
	for header, want := range map[string]string{
		"X-Amz-Source-Arn": "arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5/prod/GET/a/1", "Accept": "application/json",
		"User-Agent": "AmazonAPIGateway_a1b2c3d4e5", "X-Amzn-Apigateway-Api-Id": "a1b2c3d4e5", "Content-Type": "application/json",
	} {
		if got := r.Header.Get(header); got != want {
			t.Errorf("%s: %q, want %q", header, got, want)
		}
	}
	if auth := r.Header.Get("Authorization"); !strings.HasPrefix(auth, "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/") || !strings.Contains(auth, "/us-east-1/lambda/aws4_request") {
		t.Errorf("signed by %s", auth)
	}
	if got := b.lines(group)[0]; got != "200 200 404 404 the-lambda-id the-lambda-id" {
		t.Errorf("access log: %s", got)
	}
}

// TestLambdaCustom is about integrations of type AWS: a template makes the payload, the error's message the response.
func TestLambdaCustom(t *testing.T) {
	t.Parallel()
	payloads := make(chan string, 10)
	uri := serveFunction(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		payloads <- string(body) + " " + r.Header.Get("X-Amz-Invocation-Type")
		if strings.Contains(string(body), "throw") {
			throws("four hundred: bad\nrequest")(w, r)
			return
		}
		if r.Header.Get("X-Amz-Invocation-Type") == "Event" {
			w.WriteHeader(http.StatusAccepted)
			return
		}
		_, _ = io.WriteString(w, `{"made":"by function"}`)
	})
	custom := func(path string, parameters, templates map[string]string, responses ...gateway.IntegrationResponse) gateway.Route {
		return gateway.Route{ResourcePath: path, Method: "POST", Integration: gateway.Integration{
			Type: "AWS", Method: "POST", URI: uri, RequestParameters: parameters, RequestTemplates: templates, Responses: responses,
		}}
	}
	all := gateway.IntegrationResponse{StatusCode: "200"}
	b := start(t, stageOf(
		custom("/plain", nil, nil, all, gateway.IntegrationResponse{StatusCode: "400", SelectionPattern: "(?s).*four hundred.*"}),
		custom("/oneline", nil, nil, all, gateway.IntegrationResponse{StatusCode: "400", SelectionPattern: ".*four hundred.*"}),
		custom("/template", nil, map[string]string{"application/json": `{"fixed":true}`}, all),
		custom("/event", map[string]string{"integration.request.header.X-Amz-Invocation-Type": "'Event'"}, nil,
			gateway.IntegrationResponse{StatusCode: "202"}),
		custom("/none", nil, nil, gateway.IntegrationResponse{StatusCode: "400", SelectionPattern: "x"}),
	))
	for _, tt := range []struct {
		path, body, payload string
		status              int
		answer              string
	}{
		{"/plain", `{"a":1}`, `{"a":1} `, 200, `{"made":"by function"}`},
		{"/plain", `"throw"`, `"throw" `, 400, `{"errorMessage":"four hundred: bad\nrequest","errorType":"Error"}`},
		{"/oneline", `"throw"`, `"throw" `, 200, `{"errorMessage":"four hundred: bad\nrequest","errorType":"Error"}`},
		{"/template", `{"a":1}`, `{"fixed":true} `, 200, `{"made":"by function"}`},
		{"/event", `{"a":1}`, `{"a":1} Event`, 202, ""},
		{"/none", `{"a":1}`, `{"a":1} `, 500, `{"message": "Internal server error"}`},
	} {
		a := b.do("POST", "/prod"+tt.path, tt.body, "Content-Type", "application/json")
		if got := <-payloads; got != tt.payload {
			t.Errorf("%s: the function got %q, want %q", tt.path, got, tt.payload)
		}
		if a.status != tt.status || a.body != tt.answer {
			t.Errorf("%s %s: %d %q, want %d %q", tt.path, tt.body, a.status, a.body, tt.status, tt.answer)
		}
	}
}

// TestLambdaExecutionLog writes down what the execution log tells of a function's call, with data trace.
func TestLambdaExecutionLog(t *testing.T) {
	t.Parallel()
	routes := []gateway.Route{
		lambdaProxy("GET", "/proxy/{id}", serveFunction(t, returns(`{"statusCode":201,"headers":{"X-A":"b"},"body":"made"}`))),
		lambdaProxy("GET", "/throws", serveFunction(t, throws("out of beans"))),
		{ResourcePath: "/custom", Method: "POST", Integration: gateway.Integration{
			Type: "AWS", Method: "POST", URI: serveFunction(t, throws("bad request: no beans")),
			RequestTemplates: map[string]string{"application/json": `{"fixed":true}`},
			Responses:        []gateway.IntegrationResponse{{StatusCode: "400", SelectionPattern: "bad request.*"}},
		}},
	}
	for i := range routes {
		routes[i].Settings = gateway.MethodSettings{LoggingLevel: "INFO", DataTrace: true}
	}
	b := start(t, stageOf(routes...))
	b.do("GET", "/prod/proxy/7", "", "User-Agent", "test")
	b.do("GET", "/prod/throws", "", "User-Agent", "test")
	b.do("POST", "/prod/custom", `{"a":1}`, "User-Agent", "test", "Content-Type", "application/json")
	var out strings.Builder
	for _, text := range []string{"GET, Resource Path: /proxy", "GET, Resource Path: /throws", "POST, Resource Path: /custom"} {
		fmt.Fprintln(&out, "==", text)
		for _, line := range linesOfRequest(b.lines(executionGroup), text) {
			fmt.Fprintln(&out, changing.ReplaceAllString(maskExecution(line), "$1$2…"))
		}
	}
	compareGolden(t, "testdata/execution/lambda.golden", out.String())
}

// changing is what is different in each run of a function's call.
var changing = regexp.MustCompile(`(Date=)[A-Za-z]+,[^,}]*|(http://127\.0\.0\.1:|functions?[/:]function-|integration-tag=|Authorization=\*+|X-Amz-Date=|Content-Length=|` +
	`Date=|"extendedRequestId":"|"requestId":"|"requestTime":"|"X-Forwarded-Port":"|"X-Amzn-Trace-Id":\[?"|requestTimeEpoch":|X-Amzn-Trace-Id=)[^", }/]*`)

// linesOfRequest are the lines, without the prefix, of the request of which one has the text.
func linesOfRequest(all []string, text string) (lines []string) {
	prefix := ""
	for _, line := range all {
		if strings.Contains(line, text) {
			prefix, _, _ = strings.Cut(line, " ")
		}
	}
	for _, line := range all {
		if rest, ok := strings.CutPrefix(line, prefix+" "); ok {
			lines = append(lines, rest)
		}
	}
	return lines
}

// TestLambdaByCustomDomain: the function sees the base path, the stage it does not.
func TestLambdaByCustomDomain(t *testing.T) {
	t.Parallel()
	events := make(chan string, 1)
	uri := serveFunction(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		events <- string(body)
		_, _ = io.WriteString(w, "{}")
	})
	b := start(t, stageOf(lambdaProxy("GET", "/notes/{id}", uri)))
	b.gw.SetDomain(gateway.Domain{Name: "api.example.com", Mappings: []gateway.BasePathMapping{
		{BasePath: "v1", APIID: "a1b2c3d4e5", Stage: "prod"}, {APIID: "a1b2c3d4e5", Stage: "prod"}}})
	for sent, want := range map[string][2]string{
		"/v1/notes/7": {"/v1/notes/7", "/v1/notes/7"}, "/notes/7": {"/notes/7", "/notes/7"},
	} {
		b.do("GET", sent, "", "Host", "api.example.com")
		got := parseEvent(t, <-events)
		context := got["requestContext"].(map[string]any)
		if got["path"] != want[0] || context["path"] != want[1] || context["stage"] != "prod" || context["domainPrefix"] != "api" {
			t.Errorf("%s: path %v, requestContext %v", sent, got["path"], context)
		}
	}
}
