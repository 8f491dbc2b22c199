package gateway_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/tollbook/tollbook/gateway"
)

// mirror is a back end that answers with the request's first line, the headers that begin with X- or are Accept or
// Content-Type, and its body. What the query says in "answer" it answers in its place, as the type in "type".
func mirror(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Back", "end")
		if answer := r.URL.Query().Get("answer"); answer != "" {
			w.Header().Set("Content-Type", r.URL.Query().Get("type"))
			_, _ = io.WriteString(w, answer)
			return
		}
		w.Header().Set("Content-Type", "text/plain")
		var out strings.Builder
		out.WriteString(r.Method + " " + r.RequestURI)
		for _, name := range []string{"Accept", "Content-Type", "X-A", "X-B", "X-C"} {
			if values := r.Header.Values(name); len(values) > 0 {
				out.WriteString("\n" + name + ": " + strings.Join(values, ", "))
			}
		}
		_, _ = io.WriteString(w, out.String()+"\n"+string(body))
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func mapped(path, uri string, edit func(*gateway.Integration)) gateway.Route {
	r := gateway.Route{
		ResourceID: "r", ResourcePath: path, Method: "ANY",
		Integration: gateway.Integration{
			Type: "HTTP", Method: "POST", URI: uri,
			RequestTemplates: map[string]string{},
			Responses:        []gateway.IntegrationResponse{{StatusCode: "200"}},
		},
	}
	edit(&r.Integration)
	return r
}

func TestRequestTemplates(t *testing.T) {
	t.Parallel()
	up := mirror(t)
	template := func(text string) func(*gateway.Integration) {
		return func(i *gateway.Integration) { i.RequestTemplates["application/json"] = text }
	}
	b := start(t, stageOf(
		mapped("/plain/{id}", up+"/x", template(`{"id": "$input.params('id')", "a": $input.json('$.a'), "q": "$input.params().querystring.q", `+
			`"ip": "$context.identity.sourceIp", "path": "$context.path", "resource": "$context.resourcePath", "stage": "$stageVariables.greeting", `+
			`"host": "$input.params('host')", "proto": "$input.params().header.get('X-Forwarded-Proto')", "epoch": #if($context.requestTimeEpoch > 1)1#end}`)),
		mapped("/override/{id}", up+"/p/{id}/y?z=1", func(i *gateway.Integration) {
			i.RequestParameters = map[string]string{
				"integration.request.path.id":       "method.request.path.id",
				"integration.request.header.X-A":    "'mapped'",
				"integration.request.header.X-B":    "'kept'",
				"integration.request.querystring.q": "'mapped'",
				"integration.request.querystring.r": "'kept'",
			}
			i.RequestTemplates["application/json"] = `#set($context.requestOverride.header.x-a = 'over')` +
				`#set($context.requestOverride.header['X-C'] = "c $context.stage")#set($context.requestOverride.header.accept = 'text/css')` +
				`#set($context.requestOverride.path.id = 'n w')#set($context.requestOverride.querystring.q = 'a&b')body`
		}),
		mapped("/twice", up+"/", template(`#set($context.requestOverride.header.a = '1')#set($context.requestOverride.header.a = '2')`)),
		mapped("/forms", up+"/", func(i *gateway.Integration) {
			i.RequestTemplates["application/x-www-form-urlencoded"] =
				`#set($m = {})#foreach($pair in $input.body.split('&'))#set($kv = $pair.split('='))#set($x = $m.put($kv[0], $util.urlDecode($kv[1])))#end` +
					`{#foreach($k in $m.keySet())"$k": "$util.escapeJavaScript($m.get($k))"#if($foreach.hasNext), #end#end}`
			i.PassthroughBehavior = "NEVER"
		}),
		mapped("/any", up+"/", func(i *gateway.Integration) { i.RequestTemplates["$default"] = "d $input.body" }),
		mapped("/strict", up+"/", func(i *gateway.Integration) {
			i.RequestTemplates["application/json"], i.PassthroughBehavior = "j", "WHEN_NO_TEMPLATES"
		}),
		mapped("/open", up+"/", func(i *gateway.Integration) { i.PassthroughBehavior = "WHEN_NO_TEMPLATES" }),
		mapped("/closed", up+"/", func(i *gateway.Integration) { i.PassthroughBehavior = "NEVER" }),
		mapped("/loop", up+"/", template("#foreach($i in [1..1000])#foreach($j in [1..1000])#foreach($k in [1..1000])x#end#end#end")),
	))
	const head = "\nAccept: application/json\nContent-Type: application/json\n"
	for _, tt := range []struct{ name, path, contentType, body, want string }{
		{"plain", "/plain/a%20b?q=1&q=2%263", "application/json; charset=utf-8", `{"a":{"b":[1, 2.50]}}`, "POST /x" + head +
			`{"id": "a b", "a": {"b":[1,2.50]}, "q": "2&3", "ip": "127.0.0.1", "path": "/prod/plain/a%20b", "resource": "/plain/{id}", ` +
			`"stage": "hello", "host": "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com", "proto": "http", "epoch": 1}`},
		{"no type", "/plain/1", "", "", "POST /x" + head + `{"id": "1", "a": "", "q": "$input.params().querystring.q"`},
		{"passes", "/plain/1", "text/css", "as it is", "POST /x\nAccept: application/json\nContent-Type: text/css\nas it is"},
		{"override", "/override/7", "", "", "POST /p/n%20w/y?z=1&r=kept&q=a%26b\nAccept: text/css\nContent-Type: application/json\nX-A: over\nX-B: kept\nX-C: c prod\nbody"},
		{"twice", "/twice", "", "", "500"},
		{"forms", "/forms", "application/x-www-form-urlencoded", "a=1&b=x+y%27", "POST /\nAccept: application/json\nContent-Type: application/x-www-form-urlencoded\n" + `{"a": "1", "b": "x y\'"}`},
		{"forms, other", "/forms", "text/css", "x", "415"},
		{"default", "/any", "image/png", "x", "POST /" + head + "d x"},
		{"strict", "/strict", "application/json", "x", "POST /" + head + "j"},
		{"strict, other", "/strict", "text/css", "x", "415"},
		{"no templates", "/open", "text/css", "x", "POST /\nAccept: application/json\nContent-Type: text/css\nx"},
		{"never", "/closed", "application/json", "x", "415"},
		{"bad body", "/plain/1", "application/json", "{", "500"},
		{"hostile", "/loop", "", "", "500"},
	} {
		var headers []string
		if tt.contentType != "" {
			headers = []string{"Content-Type", tt.contentType}
		}
		got := b.do("POST", "/prod"+tt.path, tt.body, headers...)
		if len(tt.want) == 3 {
			if status := map[string]int{"500": 500, "415": 415}[tt.want]; got.status != status {
				t.Errorf("%s: %d %s", tt.name, got.status, got.body)
			}
			continue
		}
		if tt.name == "no type" {
			tt.want = strings.TrimSuffix(tt.want, `"$input.params().querystring.q"`)
		}
		if got.status != 200 || !strings.HasPrefix(got.body, tt.want) {
			t.Errorf("%s: %d\n%s\nwant\n%s", tt.name, got.status, got.body, tt.want)
		}
	}
}

func TestResponseTemplates(t *testing.T) {
	t.Parallel()
	up := mirror(t)
	respond := func(responses ...gateway.IntegrationResponse) func(*gateway.Integration) {
		return func(i *gateway.Integration) {
			i.RequestParameters = map[string]string{
				"integration.request.querystring.answer": "method.request.querystring.answer",
				"integration.request.querystring.type":   "method.request.querystring.type",
			}
			i.Responses = responses
		}
	}
	s := stageOf(
		mapped("/map", up, respond(gateway.IntegrationResponse{
			StatusCode: "200",
			Templates: map[string]string{"application/json": `{"n": $input.json('$.n'), "id": "$input.params('id')"}`,
				"text/xml": `<n>$input.path('$.n')</n>`, "text/css": ""},
			Parameters: map[string]string{
				"method.response.header.Name": "integration.response.body.n[1].name", "method.response.header.All": "integration.response.body.n",
				"method.response.header.Gone": "integration.response.body.nope", "method.response.header.Back": "integration.response.header.x-back",
				"method.response.header.Stage": "context.stage",
			},
		})),
		mapped("/override", up, func(i *gateway.Integration) {
			respond(gateway.IntegrationResponse{
				StatusCode: "200", Parameters: map[string]string{"method.response.header.A": "'mapped'", "method.response.header.B": "'kept'"},
				Templates: map[string]string{"application/json": `#set($o = $input.path('$'))#if($o.error)#set($context.responseOverride.status = $o.code)#end` +
					`#set($context.responseOverride.header.a = "over")#set($context.responseOverride.header.Server = "mine")$context.requestOverride.path.stash`},
			})(i)
			i.RequestTemplates["application/json"] = `#set($context.requestOverride.path.stash = 'from the request')#set($context.responseOverride.header.C = 'early')`
		}),
		mapped("/fails", up, respond(gateway.IntegrationResponse{StatusCode: "200", Templates: map[string]string{"application/json": "$util.urlDecode('%')"}})),
		mock("GET", "/mock", `#set($context.responseOverride.status = 201)$input.body $input.params('x')`),
		func() gateway.Route {
			r := mock("GET", "/mock2", "x")
			r.Integration.RequestTemplates["application/json"] = `#set($context.responseOverride.status = 418)#set($context.responseOverride.header.H = 'v'){"statusCode": #if($input.params('fail') != '')500#{else}200#end}`
			r.Integration.Responses = append(r.Integration.Responses, gateway.IntegrationResponse{StatusCode: "200", SelectionPattern: "(?=5).{3}", Templates: map[string]string{"application/json": "look-ahead"}})
			return r
		}(),
	)
	s.AccessLog.Format = "$context.status $context.responseOverride.status $context.integration.error"
	b := start(t, s)
	get := func(path string, headers ...string) answer { return b.do("GET", "/prod"+path, "", headers...) }

	got := get(`/map?id=7&type=application/json&answer=%7B%22n%22:[1,%7B%22name%22:%22x%22%7D]%7D`)
	if got.status != 200 || got.body != `{"n": [1,{"name":"x"}], "id": "7"}` {
		t.Errorf("%d %s", got.status, got.body)
	}
	for name, want := range map[string]string{"Name": "x", "All": `[1,{"name":"x"}]`, "Gone": "", "Back": "end", "Stage": "prod", "Content-Type": "application/json"} {
		if got.header.Get(name) != want {
			t.Errorf("%s: %q, want %q", name, got.header.Get(name), want)
		}
	}
	got = get("/map?type=application/json&answer=%7B%22n%22:5%7D", "Accept", "text/xml, */*")
	if got.body != "<n>5</n>" || got.header.Get("Content-Type") != "text/xml" {
		t.Errorf("%+v", got)
	}
	if got = get("/map?type=application/json&answer=%7B%22n%22:5%7D", "Accept", "text/css"); got.body != `{"n":5}` {
		t.Errorf("an empty template: %+v", got)
	}
	got = get("/override?type=application/json&answer=%7B%22error%22:true,%22code%22:409%7D")
	if got.status != 409 || got.body != "from the request" || got.header.Get("A") != "over" || got.header.Get("B") != "kept" ||
		got.header.Get("C") != "early" || got.header.Get("X-Amzn-Remapped-Server") != "mine" {
		t.Errorf("%+v", got)
	}
	if got = get("/fails?type=application/json&answer=1"); got.status != 500 || got.body != `{"message": "Internal server error"}` {
		t.Errorf("%+v", got)
	}
	if got = get("/mock?x=y"); got.status != 201 || got.body != "{} y" {
		t.Errorf("%+v", got)
	}
	if got = get("/mock2"); got.status != 418 || got.body != "x" || got.header.Get("H") != "v" {
		t.Errorf("%+v", got)
	}
	if got = get("/mock2?fail=1"); got.status != 418 || got.body != "look-ahead" {
		t.Errorf("%+v", got)
	}
	want := []string{
		"200 - -", "200 - -", "200 - -", "409 409 -",
		`500 - Execution failed due to configuration error: Unable to transform response: $util.urlDecode: invalid URL escape \"%\"`,
		"201 201 -", "418 418 -", "418 418 -",
	}
	lines := b.lines(group)
	slices.Sort(lines)
	slices.Sort(want)
	if strings.Join(lines, "\n") != strings.Join(want, "\n") {
		t.Errorf("access log:\n%s", strings.Join(lines, "\n"))
	}
}

func TestContentHandling(t *testing.T) {
	t.Parallel()
	up := mirror(t)
	const raw, encoded = "\x00\xff!", "AP8h"
	handled := func(path, request, response, template string) gateway.Route {
		return mapped(path, up, func(i *gateway.Integration) {
			i.ContentHandling = request
			i.Responses[0].ContentHandling = response
			i.RequestParameters = map[string]string{
				"integration.request.querystring.answer": "method.request.querystring.answer",
				"integration.request.querystring.type":   "method.request.querystring.type",
			}
			if template != "" {
				i.RequestTemplates["application/json"], i.RequestTemplates["image/png"] = template, template
			}
		})
	}
	routes := []gateway.Route{
		handled("/keep", "", "", ""), handled("/binary", "CONVERT_TO_BINARY", "CONVERT_TO_BINARY", ""), handled("/text", "CONVERT_TO_TEXT", "CONVERT_TO_TEXT", ""),
		handled("/vtl", "", "", "<$input.body>"), handled("/vtltext", "CONVERT_TO_TEXT", "", "<$input.body>"), handled("/vtlbinary", "CONVERT_TO_BINARY", "", "<$input.body>"),
	}
	for i := range routes { // the body of the request is what matters here; the response passes
		if strings.HasPrefix(routes[i].ResourcePath, "/vtl") {
			routes[i].Integration.Responses[0].ContentHandling = "CONVERT_TO_TEXT"
		}
	}
	plain := start(t, stageOf(routes...))
	listed := stageOf(routes...)
	listed.BinaryMediaTypes = []string{"image/png"}
	binary := start(t, listed)
	for _, tt := range []struct {
		b                       *bench
		path, contentType, body string
		want                    string // the end of what the back end got; 500
	}{
		{plain, "/keep", "image/png", raw, "\n" + raw}, {plain, "/text", "text/x", "t", "\nt"}, {plain, "/vtlbinary", "application/json", encoded, "500"},
		{binary, "/vtl", "application/json", "t", "\n<t>"}, {binary, "/vtl", "image/png", raw, "500"}, {binary, "/vtltext", "image/png", raw, "\n<" + encoded + ">"},
		{binary, "/vtlbinary", "application/json", "no base64", "500"}, {binary, "/keep", "image/png", raw, "\n" + raw},
	} {
		got := tt.b.do("POST", "/prod"+tt.path, tt.body, "Content-Type", tt.contentType)
		if tt.want == "500" && got.status == 500 || tt.want != "500" && got.status == 200 && strings.HasSuffix(got.body, tt.want) {
			continue
		}
		t.Errorf("%s %s: %d %q", tt.path, tt.contentType, got.status, got.body)
	}
	for _, tt := range []struct {
		b                        *bench
		path, kind, accept, body string
		want                     string
	}{
		{plain, "/keep", "image/png", "image/png", encoded, encoded}, {plain, "/binary", "text/plain", "", encoded, raw}, {plain, "/text", "text/plain", "", "t", "t"},
		{plain, "/binary", "text/plain", "", "no base64", "500"},
		{binary, "/keep", "text/plain", "text/plain", "t", "t"}, {binary, "/keep", "text/plain", "image/png", encoded, raw},
		{binary, "/keep", "text/plain", "image/png", "no base64", "500"}, {binary, "/keep", "image/png", "text/plain", raw, encoded},
		{binary, "/keep", "image/png", "image/png,*/*", raw, raw}, {binary, "/keep", "image/png", "text/plain,image/png", raw, encoded},
		{binary, "/binary", "image/png", "text/plain", raw, raw}, {binary, "/binary", "text/plain", "text/plain", encoded, raw},
		{binary, "/text", "image/png", "image/png", raw, encoded}, {binary, "/text", "text/plain", "image/png", "t", "t"},
	} {
		query := strings.NewReplacer("\x00", "%00", "\xff", "%ff", " ", "%20", "!", "%21").Replace(tt.body)
		got := tt.b.do("GET", "/prod"+tt.path+"?type="+tt.kind+"&answer="+query, "", "Accept", tt.accept)
		if tt.want == "500" && got.status == 500 || got.status == 200 && got.body == tt.want {
			continue
		}
		t.Errorf("%s %s to %s: %d %q, want %q", tt.path, tt.kind, tt.accept, got.status, got.body, tt.want)
	}
}
