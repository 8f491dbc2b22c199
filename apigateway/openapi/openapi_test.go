package openapi_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tollbook/tollbook/apigateway/openapi"
)

func load(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func parse(t testing.TB, data []byte) *openapi.Document {
	t.Helper()
	d, err := openapi.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Both documents describe the same API, one in each version and text form.
func TestVersionsSayTheSame(t *testing.T) {
	t.Parallel()
	v2, v3 := parse(t, load(t, "pets_swagger.json")), parse(t, load(t, "pets_oas30.yaml"))
	if d := cmp.Diff(v2, v3); d != "" {
		t.Error(d)
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	d := parse(t, load(t, "pets_oas30.yaml"))
	want := []openapi.Operation{
		{
			Path: "/pets", Method: "GET", OperationName: "listPets",
			Parameters: []openapi.Parameter{{"X-Trace", "header", false}, {"limit", "querystring", true}},
			Responses: []openapi.Response{
				{StatusCode: "200", Headers: []string{"X-Total"}, Models: map[string]string{"application/json": "Pets"}},
				{StatusCode: "400"},
			},
			AuthorizationType: "CUSTOM", Authorizer: "tokens", APIKeyRequired: true, RequestValidator: "params",
			Integration: &openapi.Integration{
				Type: "HTTP", HTTPMethod: "GET", URI: "https://backend.example/pets", PassthroughBehavior: "WHEN_NO_MATCH",
				RequestParameters: map[string]string{"integration.request.querystring.limit": "method.request.querystring.limit"},
				Responses: []openapi.IntegrationResponse{
					{StatusCode: "200", ResponseParameters: map[string]string{"method.response.header.X-Total": "'1'"}},
					{StatusCode: "400", SelectionPattern: "4\\d{2}", ResponseTemplates: map[string]string{"application/json": "{}"}},
				},
				TimeoutInMillis: 5000,
			},
		},
		{
			Path: "/pets/{petId}", Method: "ANY", AuthorizationType: "AWS_IAM", RequestValidator: "all",
			Parameters:    []openapi.Parameter{{"petId", "path", true}},
			RequestModels: map[string]string{"application/json": "Pet"},
			Integration: &openapi.Integration{
				Type: "AWS_PROXY", HTTPMethod: "POST",
				URI: "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:pets/invocations",
			},
		},
	}
	if diff := cmp.Diff(want, d.Operations); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]openapi.Authorizer{{
		Name: "tokens", Type: "TOKEN", AuthType: "custom", IdentitySource: "method.request.header.Authorization",
		URI:                "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:auth/invocations",
		IdentityValidation: "^x-[a-z]+", ResultTTLSeconds: new(60),
	}}, d.Authorizers); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"/v1", "/v1", ""}, []string{d.BasePath, d.Base("prepend"), d.Base("split")}); diff != "" {
		t.Error(diff)
	}
}

// What is written reads as what was written, in each version and text form.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"swagger", "oas30"} {
		for _, yaml := range []bool{false, true} {
			d := parse(t, load(t, "pets_oas30.yaml"))
			text, err := openapi.Write(d, openapi.WriteOptions{Version: version, YAML: yaml, Host: "h", Stage: "v1", All: true, Documentation: true})
			if err != nil {
				t.Fatal(err)
			}
			again := parse(t, text)
			d.Servers, again.Servers = nil, nil
			d.EndpointTypes = nil // exports do not say them
			d.Tags = nil
			if diff := cmp.Diff(d, again); diff != "" {
				t.Errorf("%s, YAML %v: %s\n%s", version, yaml, diff, text)
			}
		}
	}
}

func TestEveryErrorWithItsPlace(t *testing.T) {
	t.Parallel()
	_, err := openapi.Parse([]byte(`openapi: 3.0.1
info: {version: "1"}
paths:
  /pets/{id:
    get: {responses: {}}
  /dogs:
    post:
      requestBody: {$ref: '#/components/requestBodies/None'}
      security: [{nobody: []}]
      x-amazon-apigateway-integration: {type: http_magic}
    get:
      x-amazon-apigateway-request-validator: none
      parameters: nonsense
`))
	var problems openapi.Problems
	if !errors.As(err, &problems) {
		t.Fatalf("error is %v", err)
	}
	got := []string{}
	for _, p := range problems {
		got = append(got, p.String())
	}
	want := []string{
		"line 2, column 7 (/info): The API needs a title",
		"line 5, column 5 (/paths/~1pets~1{id): Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the beginning and the end: {id",
		"line 8, column 27 (/paths/~1dogs/post/requestBody/$ref): Unable to resolve the reference #/components/requestBodies/None",
		"line 9, column 27 (/paths/~1dogs/post/security/0/nobody): Security scheme nobody is not defined",
		`line 10, column 47 (/paths/~1dogs/post/x-amazon-apigateway-integration/type): Invalid integration type: "http_magic"`,
		"line 12, column 46 (/paths/~1dogs/get/x-amazon-apigateway-request-validator): Invalid request validator name: none",
		"line 13, column 19 (/paths/~1dogs/get/parameters): must be a list",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestUnreadable(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                         "line 1, column 1 (/): The document is empty",
		"{\n  \"a\": 1,\n  oops\n": "line 3",
		"a: [1":                    "line 1",
		"[]":                       "line 1, column 1 (/): The document is no OpenAPI definition",
		`{"a": 1}`:                 `line 1, column 1 (/): The document needs "swagger": "2.0" or "openapi": "3.0.x"`,
		strings.Repeat(`{"a":`, 300) + "1" + strings.Repeat("}", 300):                    "nested more than",
		"swagger: '2.0'\ninfo: {title: t}\na: &a [x,x,x,x,x,x,x,x,x,x]\n" + bomb('b', 9): "too large",
	} {
		_, err := openapi.Parse([]byte(text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: error %v, want %q", text, err, want)
		}
	}
}

// bomb multiplies the anchor a by ten at each level and uses the last as a policy, which is read whole.
func bomb(first byte, levels int) string {
	var text strings.Builder
	before := byte('a')
	for i := range byte(levels) {
		name := first + i
		text.WriteString(string(name) + ": &" + string(name) + " [" + strings.Repeat("*"+string(before)+",", 10) + "]\n")
		before = name
	}
	return text.String() + "x-amazon-apigateway-policy: {a: *" + string(before) + "}\n"
}

func TestJSONOfOtherTongues(t *testing.T) {
	t.Parallel()
	d := parse(t, []byte("{\n\t\"swagger\": \"2.0\",\n\t\"info\": {\"title\": \"a\\/b \\u00e9 \\ud83d\\ude00\"}\n}"))
	if d.Title != "a/b é 😀" {
		t.Errorf("title %q", d.Title)
	}
}

func TestProxy(t *testing.T) {
	t.Parallel()
	text, err := openapi.Proxy([]byte(`openapi: 3.0.1
info: {title: t}
servers: [{url: 'http://127.0.0.1:9000/{base}/', variables: {base: {default: v2}}}]
paths:
  /a/{id}/{rest+}:
    get: {}
    post:
      x-amazon-apigateway-integration: {type: mock}
`), "")
	if err != nil {
		t.Fatal(err)
	}
	d := parse(t, text)
	want := &openapi.Integration{
		Type: "HTTP_PROXY", HTTPMethod: "GET", URI: "http://127.0.0.1:9000/v2/a/{id}/{rest}",
		RequestParameters: map[string]string{
			"integration.request.path.id": "method.request.path.id", "integration.request.path.rest": "method.request.path.rest",
		},
	}
	if diff := cmp.Diff(want, d.Operations[0].Integration); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]openapi.Parameter{{"id", "path", true}, {"rest", "path", true}}, d.Operations[0].Parameters); diff != "" {
		t.Error(diff)
	}
	if d.Operations[1].Integration.Type != "MOCK" {
		t.Errorf("the document's own integration was replaced: %+v", d.Operations[1].Integration)
	}
	if _, err := openapi.Proxy([]byte(`{"swagger":"2.0","info":{"title":"t"},"paths":{"/":{"get":{}}}}`), ""); err == nil ||
		!strings.Contains(err.Error(), "GET / has no integration, and the document names no server") {
		t.Errorf("without a server: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(load(f, "pets_oas30.yaml"))
	f.Add(load(f, "pets_swagger.json"))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := openapi.Parse(data)
		if err != nil {
			return
		}
		text, err := openapi.Write(d, openapi.WriteOptions{Version: "oas30", Host: "h", Stage: "s", All: true, Documentation: true})
		if err != nil {
			t.Fatal(err)
		}
		if !json.Valid(text) {
			t.Fatalf("no JSON: %s", text)
		}
	})
}
