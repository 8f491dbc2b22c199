package gateway_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tollbook/tollbook/gateway"
)

func TestMock(t *testing.T) {
	t.Parallel()
	route := func(path, template string, edit func(*gateway.Integration)) gateway.Route {
		r := mock("ANY", path, "default")
		r.MethodResponses = nil
		r.Integration.RequestTemplates["application/json"] = template
		r.Integration.Responses = append(r.Integration.Responses,
			gateway.IntegrationResponse{
				StatusCode: "404", SelectionPattern: "404",
				Templates: map[string]string{"application/json": `{"j":1}`, "text/xml": "<x/>"},
				Parameters: map[string]string{
					"method.response.header.X-Static": "'a, b'", "method.response.header.X-Stage": "context.stage",
					"method.response.header.X-Var": "stageVariables.greeting", "method.response.header.X-Gone": "stageVariables.none",
					"method.response.header.Server": "'mine'", "method.response.header.Transfer-Encoding": "'chunked'",
				},
			},
			gateway.IntegrationResponse{StatusCode: "500", SelectionPattern: `5\d{2}`, Templates: map[string]string{"text/plain": "broken"}},
			gateway.IntegrationResponse{StatusCode: "204", SelectionPattern: "20", Templates: nil},
		)
		if edit != nil {
			edit(&r.Integration)
		}
		return r
	}
	b := start(t, stageOf(
		route("/default", `{"statusCode": 200}`, nil),
		route("/loose", `{statusCode: 404}`, nil),
		route("/single", `{'statusCode':404,}`, nil),
		route("/more", "{\n  \"a\": {\"b\": 1},\n  \"statusCode\" : 503\n}", nil),
		route("/prefix", `{"statusCode": 201}`, nil),
		route("/text", `{"statusCode": "404"}`, nil),
		route("/none", `{}`, nil),
		route("/dollar", `{"statusCode": 404, "price": "$5 #1"}`, nil),
		route("/body", "", func(i *gateway.Integration) { i.RequestTemplates = nil }),
		route("/catchall", `{"statusCode": 404}`, func(i *gateway.Integration) {
			i.RequestTemplates = map[string]string{"$default": `{"statusCode": 404}`}
			i.PassthroughBehavior = "NEVER"
		}),
		route("/strict", `{"statusCode": 404}`, func(i *gateway.Integration) { i.PassthroughBehavior = "WHEN_NO_TEMPLATES" }),
	))
	for _, tt := range []struct {
		path, body, contentType, accept string
		status                          int
		want                            string
	}{
		{"/default", "", "", "", 200, "default"},
		{"/loose", "", "", "", 404, `{"j":1}`},
		{"/single", "", "", "", 404, `{"j":1}`},
		{"/more", "", "", "", 500, "broken"},
		{"/prefix", "", "", "", 200, "default"}, // "20" is no match of the whole "201"
		{"/text", "", "", "", 500, `{"message": "Internal server error"}`},
		{"/none", "", "", "", 500, `{"message": "Internal server error"}`},
		{"/dollar", "", "", "", 404, `{"j":1}`},
		{"/loose", "", "", "text/xml", 404, "<x/>"},
		{"/loose", "", "", "image/png", 404, `{"j":1}`},
		{"/loose", "", "text/plain", "", 404, `{"j":1}`}, // nothing to pass through
		{"/loose", "x", "text/plain", "", 500, `{"message": "Internal server error"}`},
		{"/loose", `{"statusCode":503}`, "text/plain", "", 500, "broken"},
		{"/loose", "x", "application/json; charset=utf-8", "", 404, `{"j":1}`},
		{"/body", `{"statusCode":404}`, "", "", 404, `{"j":1}`},
		{"/body", "", "", "", 500, `{"message": "Internal server error"}`},
		{"/catchall", "x", "text/plain", "", 404, `{"j":1}`},
		{"/strict", "x", "text/plain", "", 415, `{"message": "Unsupported Media Type"}`},
	} {
		var headers []string
		if tt.contentType != "" {
			headers = append(headers, "Content-Type", tt.contentType)
		}
		if tt.accept != "" {
			headers = append(headers, "Accept", tt.accept)
		}
		got := b.do("POST", "/prod"+tt.path, tt.body, headers...)
		if got.status != tt.status || got.body != tt.want {
			t.Errorf("%+v: %d %s", tt, got.status, got.body)
		}
		if got.header.Get("X-Amzn-Trace-Id") != "" {
			t.Errorf("%s: MOCK has a trace id", tt.path)
		}
	}
	h := b.do("GET", "/prod/loose", "", "Accept", "text/xml").header
	for name, want := range map[string]string{
		"X-Static": "a, b", "X-Stage": "prod", "X-Var": "hello", "X-Gone": "", "X-Amzn-Remapped-Server": "mine", "Server": "",
		"Content-Type": "text/xml",
	} {
		if got := h.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestHTTP(t *testing.T) {
	t.Parallel()
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-One", "1")
		w.Header().Add("X-Many", "a")
		w.Header().Add("X-Many", "b")
		w.Header().Set("Content-Type", "text/plain")
		if r.URL.Query().Get("fail") != "" {
			w.WriteHeader(http.StatusNotFound)
		}
		var names strings.Builder
		_ = r.Header.Write(&names)
		_, _ = io.WriteString(w, r.Method+" "+r.RequestURI+"\n"+strings.ReplaceAll(names.String(), "\r\n", "\n")+string(body))
	}))
	t.Cleanup(upstream.Close)
	b := start(t, stageOf(gateway.Route{
		ResourcePath: "/h/{id}", Method: "ANY",
		Integration: gateway.Integration{
			Type: "HTTP", Method: "PUT", URI: upstream.URL + "/up/{id}",
			RequestParameters: map[string]string{
				"integration.request.path.id":          "method.request.path.id",
				"integration.request.querystring.fail": "method.request.querystring.f",
				"integration.request.header.X-From":    "method.request.header.x-from",
			},
			RequestTemplates: map[string]string{"text/css": "from a template"},
			Responses: []gateway.IntegrationResponse{
				{StatusCode: "200", Parameters: map[string]string{
					"method.response.header.One": "integration.response.header.x-one", "method.response.header.Many": "integration.response.multivalueheader.X-Many",
				}},
				{StatusCode: "410", SelectionPattern: "404", Templates: map[string]string{"application/json": `{"gone":true}`}},
			},
		},
	}))
	got := b.do("POST", "/prod/h/7?x=1", "body", "X-Client", "c", "X-From", "f", "Content-Type", "text/html", "Accept", "text/html")
	want := "PUT /up/7\nAccept: application/json\nContent-Length: 4\nContent-Type: text/html\nUser-Agent: AmazonAPIGateway_a1b2c3d4e5\n" +
		"X-Amzn-Apigateway-Api-Id: a1b2c3d4e5\nX-Amzn-Trace-Id: " + got.header.Get("X-Amzn-Trace-Id") + "\nX-From: f\nbody"
	if got.status != 200 || got.body != want {
		t.Errorf("%d\n%s\nwant\n%s", got.status, got.body, want)
	}
	h := got.header
	if h.Get("One") != "1" || strings.Join(h["Many"], "+") != "a+b" || h.Get("X-One") != "" || h.Get("Content-Type") != "application/json" ||
		!strings.HasPrefix(h.Get("X-Amzn-Trace-Id"), "Root=1-") {
		t.Errorf("%v", h)
	}
	got = b.do("GET", "/prod/h/8?f=yes", "", "Content-Type", "text/css")
	if got.status != 410 || got.body != `{"gone":true}` {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got = b.do("POST", "/prod/h/9", "replaced", "Content-Type", "text/css"); !strings.HasSuffix(got.body, "\nfrom a template") {
		t.Errorf("%s", got.body)
	}
}

func TestRequestIDs(t *testing.T) {
	t.Parallel()
	b := start(t, stageOf(mock("GET", "/x", "{}")))
	id := "1aa0d9a8-3a34-4b68-9d6c-2f6f2b0a9a8e"
	if got := b.do("GET", "/prod/x", "", "X-Amzn-RequestId", id).header.Get("x-amzn-RequestId"); got != id {
		t.Errorf("%s", got)
	}
	if got := mask(b.do("GET", "/prod/x", "", "x-amzn-requestid", "mine").header.Get("x-amzn-RequestId")); got != "UUID_REPLACED_INVALID_REQUEST_ID" {
		t.Errorf("%s", got)
	}
	seen := map[string]bool{}
	for range 1000 {
		h := b.do("GET", "/prod/x", "").header
		seen[h.Get("x-amzn-RequestId")], seen[h.Get("x-amz-apigw-id")] = true, true
		if mask(h.Get("x-amzn-RequestId")) != "UUID" || mask(h.Get("x-amz-apigw-id")) != "EXTENDED-ID" {
			t.Fatalf("%v", h)
		}
	}
	if len(seen) != 2000 {
		t.Errorf("%d different IDs", len(seen))
	}
}

func TestMethodOverride(t *testing.T) {
	t.Parallel()
	b := start(t, stageOf(mock("GET", "/x", "get"), mock("DELETE", "/x", "delete")))
	if got := b.do("GET", "/prod/x", "", "X-HTTP-Method-Override", "DELETE"); got.body != "delete" {
		t.Errorf("%s", got.body)
	}
	if got := b.do("GET", "/prod/x", "", "X-HTTP-Method-Override", "NONSENSE"); got.body != "get" {
		t.Errorf("%s", got.body)
	}
}
