package conformance_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	gwtypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/smithy-go"
)

// hostileTemplates would never end, or fill the memory.
var hostileTemplates = map[string]string{
	"loops":         `#foreach($a in [1..1000])#foreach($b in [1..1000])#foreach($c in [1..1000])x#end#end#end`,
	"silent-loops":  `#foreach($a in [1..1000])#foreach($b in [1..1000])#foreach($c in [1..1000])#set($x=$c)#end#end#end`,
	"doubling":      `#set($s="0123456789")#foreach($i in [1..60])#set($s="$s$s")#end$s`,
	"concatenation": `#set($s="0123456789")#foreach($i in [1..60])#set($s=$s.concat($s))#end`,
	"encoding":      `#set($s="0123456789")#foreach($i in [1..900])#set($s=$util.base64Encode($s))#end`,
	"escaping":      `#set($s='"')#foreach($i in [1..900])#set($s=$util.escapeJavaScript($s))#end`,
	"replacing":     `#set($s="a")#foreach($i in [1..60])#set($s=$s.replaceAll("a","aaaaaaaa"))#end`,
	"recursion":     `#macro(f)#f()#end#f()`,
	"two-macros":    `#macro(a)#b()#b()#end#macro(b)#a()#a()#end#a()`,
	"evaluation":    `#set($e='#evaluate($e)')#evaluate($e)`,
	"big-output":    `#foreach($a in [1..1000])#foreach($b in [1..1000])01234567890123456789#end#end`,
	"big-list":      `#set($l=[])#foreach($a in [1..1000])#foreach($b in [1..1000])#foreach($c in [1..100])#set($x=$l.add("$a$b$c"))#end#end#end`,
	"list-doubling": `#set($l=[1])#foreach($i in [1..60])#set($x=$l.addAll($l))#end`,
}

// definitionOf is an API with a MOCK for each template, in the response.
func definitionOf(templates map[string]string) []byte {
	paths := map[string]any{}
	for name, template := range templates {
		paths["/"+name] = map[string]any{"post": map[string]any{
			"responses": map[string]any{"200": map[string]any{"description": "ok"}},
			"x-amazon-apigateway-integration": map[string]any{
				"type": "mock", "requestTemplates": map[string]string{"application/json": `{"statusCode":200}`},
				"responses": map[string]any{"default": map[string]any{
					"statusCode": "200", "responseTemplates": map[string]string{"application/json": template},
				}},
			},
		}}
	}
	doc, err := json.Marshal(map[string]any{"swagger": "2.0", "info": map[string]string{"title": "t", "version": "1"}, "paths": paths})
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return doc
}

// TestHostileTemplates: each stops at a limit with AWS' 500, and nobody else has to wait for it.
func TestHostileTemplates(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir())
	templates := map[string]string{
		"good": "fine",
		// a value within itself, and a body within itself many times over: whatever comes of it, it comes soon
		"own-list": `#set($l=[])#set($x=$l.add($l))$l`, "own-map": `#set($m={})#set($m.m=$m)$m$util.escapeJavaScript("$m")`,
		"body": `$input.json('$')$input.path('$..*')`,
	}
	for name, template := range hostileTemplates {
		templates[name] = template
	}
	api := must(p.apigateway().ImportRestApi(t.Context(), &apigateway.ImportRestApiInput{Body: definitionOf(templates)}))(t)
	deploy(t, p, *api.Id, "prod")
	ask := func(name, body string) answer {
		begin := time.Now()
		a := request(t, "POST", p.Gateway+"/"+*api.Id+"/prod/"+name, body)
		if took := time.Since(begin); took > 10*time.Second {
			t.Errorf("%s took %v", name, took)
		}
		return a
	}
	for name := range hostileTemplates {
		if a := ask(name, "{}"); a.status != 500 || a.body != `{"message": "Internal server error"}` {
			t.Errorf("%s: %d %.200s", name, a.status, a.body)
		}
	}
	ask("own-list", "")
	ask("own-map", "")
	ask("body", strings.Repeat("[", 1_000_000))
	ask("body", strings.Repeat(`{"a":`, 100_000)+"1"+strings.Repeat("}", 100_000))
	if a := ask("good", ""); a.status != 200 || a.body != "fine" {
		t.Errorf("afterwards: %d %s", a.status, a.body)
	}
}

// hostileDefinitions are no definitions, or would be endless ones.
func hostileDefinitions() map[string]string {
	laughs := "swagger: '2.0'\ninfo: {title: t, version: '1'}\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
	for i := range 12 {
		laughs += fmt.Sprintf("a%d: &a%d [%s]\n", i+1, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i), 10), ", "))
	}
	const head = `{"swagger":"2.0","info":{"title":"t","version":"1"},`
	return map[string]string{
		"nothing":             "",
		"no document":         "\x00\x01\x02",
		"no UTF-8":            head + "\"paths\":{\"/\xff\xfe\":{}}}",
		"half a document":     head + `"paths":{"/a":{`,
		"a list":              "[]",
		"nested lists":        head + `"paths":` + strings.Repeat("[", 200_000) + strings.Repeat("]", 200_000) + "}",
		"nested maps":         head + `"paths":` + strings.Repeat(`{"a":`, 100_000) + "1" + strings.Repeat("}", 100_000) + "}",
		"nested YAML":         "swagger: '2.0'\npaths: " + strings.Repeat("[", 100_000),
		"aliases that double": laughs + "paths: {/a: {get: *a12}}\nx-amazon-apigateway-policy: *a12\ndefinitions: {A: *a12}\n",
		"an alias of itself":  "swagger: '2.0'\ninfo: {title: t, version: '1'}\npaths: &p {/a: {get: {parameters: &q [*q]}, put: *p}}\ndefinitions: {A: &a {properties: *a}}\n",
		"references in a circle": head + `"paths":{"/a":{"get":{"parameters":[{"$ref":"#/parameters/p"}],"responses":{"200":{"$ref":"#/responses/r"}}}}},
			"parameters":{"p":{"$ref":"#/parameters/q"},"q":{"$ref":"#/parameters/p"}},"responses":{"r":{"$ref":"#/responses/r"}}}`,
		"a path that is its own": head + `"paths":{"/a":{"$ref":"#/paths/~1a"}}}`,
		"references to nothing":  head + `"paths":{"/a":{"get":{"parameters":[{"$ref":"#/parameters/none"}]}}}}`,
		"references elsewhere":   head + `"paths":{"/a":{"get":{"parameters":[{"$ref":"file:///etc/passwd"}]}}}}`,
		"bad paths":              head + `"paths":{"a":{},"/{":{},"/{}":{"get":{}},"/{a+}/b":{"get":{}},"/a b":{"get":{}}}}`,
		"numbers":                head + `"paths":{"/a":{"get":{"x-amazon-apigateway-integration":{"type":"mock","timeoutInMillis":1e999999999}}}}}`,
		"beyond 6 MB":            head + `"paths":{},"x":"` + strings.Repeat("x", 6<<20) + `"}`,
		"a large template":       string(definitionOf(map[string]string{"a": strings.Repeat("x", 300<<10+1)})),
	}
}

// TestHostileDefinitions: each is refused soon, and changes nothing.
func TestHostileDefinitions(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir())
	gw, ctx := p.apigateway(), t.Context()
	api := must(gw.ImportRestApi(ctx, &apigateway.ImportRestApiInput{Body: definitionOf(map[string]string{"good": "fine"})}))(t)
	deploy(t, p, *api.Id, "prod")
	export := func() string {
		deploy(t, p, *api.Id, "check") // an export is of what is deployed
		out := must(gw.GetExport(ctx, &apigateway.GetExportInput{RestApiId: api.Id, StageName: aws.String("check"), ExportType: aws.String("oas30"),
			Parameters: map[string]string{"extensions": "apigateway"}}))(t)
		return string(out.Body)
	}
	before := export()
	for name, doc := range hostileDefinitions() {
		begin := time.Now()
		_, imported := gw.ImportRestApi(ctx, &apigateway.ImportRestApiInput{Body: []byte(doc)})
		badRequest(t, name, imported)
		for _, mode := range []gwtypes.PutMode{gwtypes.PutModeMerge, gwtypes.PutModeOverwrite} {
			_, put := gw.PutRestApi(ctx, &apigateway.PutRestApiInput{RestApiId: api.Id, Mode: mode, Body: []byte(doc)})
			badRequest(t, name+", "+string(mode), put)
		}
		if took := time.Since(begin); took > 20*time.Second {
			t.Errorf("%s took %v", name, took)
		}
	}
	if after := export(); after != before {
		t.Errorf("the API became\n%s\nit was\n%s", after, before)
	}
	if all := must(gw.GetRestApis(ctx, &apigateway.GetRestApisInput{}))(t); len(all.Items) != 1 {
		t.Errorf("%d APIs are left", len(all.Items))
	}
	if a := request(t, "POST", p.Gateway+"/"+*api.Id+"/prod/good", ""); a.body != "fine" {
		t.Errorf("afterwards: %d %s", a.status, a.body)
	}
}

func badRequest(t *testing.T, name string, err error) {
	t.Helper()
	var refusal smithy.APIError
	if !errors.As(err, &refusal) {
		t.Errorf("%s: %v", name, err)
		return
	}
	switch refusal.ErrorCode() {
	case "BadRequestException", "LimitExceededException", "RequestEntityTooLargeException":
	default:
		t.Errorf("%s: %v", name, err)
	}
}

// TestSmugglingIsRefused: at both listeners of the product; gateway/testdata/smuggling.yaml has all of the cases.
func TestSmugglingIsRefused(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir())
	for _, url := range []string{p.API, p.Gateway} {
		conn := must(net.Dial("tcp", strings.TrimPrefix(url, "http://")))(t)
		defer conn.Close()
		if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
		must(io.WriteString(conn, "POST /a/b HTTP/1.1\r\nHost: localhost\r\nContent-Length: 40\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: localhost\r\n\r\n"))(t)
		data, _ := io.ReadAll(conn) // until it is closed
		if got := string(data); !strings.HasPrefix(got, "HTTP/1.1 400 ") || strings.Count(got, "HTTP/1.1") != 1 {
			t.Errorf("%s: %q", url, got)
		}
	}
}
