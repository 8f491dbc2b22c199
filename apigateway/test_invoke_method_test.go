package apigateway_test

import (
	"strings"
	"testing"

	ag "github.com/tollbook/tollbook/awsapi/awsapigateway"
)

func TestTestInvokeMethod(t *testing.T) {
	t.Parallel()
	f, _ := withGateway(t)
	api, root := f.api(t)
	pets := f.resource(t, api, root, "pets")
	pet := f.resource(t, api, pets, "{id}")
	must[*ag.Method](t)(f.putMethod(api, pet, "ANY", nil))
	test := func(api, resource, method string, edit func(*ag.TestInvokeMethodRequest)) (*ag.TestInvokeMethodResponse, error) {
		in := &ag.TestInvokeMethodRequest{RestApiId: api, ResourceId: resource, HttpMethod: method}
		if edit != nil {
			edit(in)
		}
		return f.TestInvokeMethod(f.ctx, in)
	}
	_, err := test("nosuchapi1", pet, "GET", nil)
	wantError(t, err, notFound, "Invalid Resource identifier specified")
	_, err = test(api, "nosuch", "GET", nil)
	wantError(t, err, notFound, "Invalid Resource identifier specified")
	_, err = test(api, pets, "GET", nil)
	wantError(t, err, notFound, "Invalid Method identifier specified")
	_, err = test(api, pet, "GET", nil)
	wantError(t, err, badRequest, "No integration defined for method")

	must[*ag.MethodResponse](t)(f.PutMethodResponse(f.ctx, &ag.PutMethodResponseRequest{
		RestApiId: api, ResourceId: pet, HttpMethod: "ANY", StatusCode: "201", ResponseParameters: map[string]bool{"method.response.header.X-V": true}}))
	must[*ag.Integration](t)(f.PutIntegration(f.ctx, &ag.PutIntegrationRequest{RestApiId: api, ResourceId: pet, HttpMethod: "ANY",
		Type: "MOCK", RequestTemplates: map[string]string{"application/json": `{"statusCode": 200}`}}))
	must[*ag.IntegrationResponse](t)(f.PutIntegrationResponse(f.ctx, &ag.PutIntegrationResponseRequest{
		RestApiId: api, ResourceId: pet, HttpMethod: "ANY", StatusCode: "201",
		ResponseParameters: map[string]string{"method.response.header.X-V": "stageVariables.v"},
		ResponseTemplates:  map[string]string{"application/json": "made"}}))
	_, err = test(api, pet, "GET", func(in *ag.TestInvokeMethodRequest) { in.ClientCertificateId = new("abc123") })
	wantError(t, err, notFound, "Invalid Client Certificate identifier specified")
	got := must[*ag.TestInvokeMethodResponse](t)(test(api, pet, "POST", func(in *ag.TestInvokeMethodRequest) {
		in.PathWithQueryString, in.Body = new("/pets/7?a=1"), new(`{"a":1}`)
		in.Headers = map[string]string{"X-A": "1", "X-B": "single"}
		in.MultiValueHeaders = map[string][]string{"X-B": {"one", "two"}}
		in.StageVariables = map[string]string{"v": "variable"}
	}))
	same(t, *got.Status, int32(201))
	same(t, *got.Body, "made")
	same(t, got.Headers, map[string]string{"Content-Type": "application/json", "X-V": "variable"})
	same(t, got.MultiValueHeaders, map[string][]string{"Content-Type": {"application/json"}, "X-V": {"variable"}})
	for _, want := range []string{
		"Execution log for request ", "HTTP Method: POST, Resource Path: /pets/7\n", "Method request path: {id=7}\n", "query string: {a=1}\n",
		"Method request headers: {X-A=1, X-B=one, X-B=two}\n", `body before transformations: {"a":1}` + "\n", "Method completed with status: 201\n",
	} {
		if !strings.Contains(*got.Log, want) {
			t.Errorf("no %q in\n%s", want, *got.Log)
		}
	}
}
