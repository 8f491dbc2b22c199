package apigateway_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	ag "github.com/tollbook/tollbook/awsapi/awsapigateway"
)

func definition(t *testing.T, name string) []byte {
	t.Helper()
	return must[[]byte](t)(os.ReadFile(filepath.Join("openapi", "testdata", name)))
}

func (f *fixture) imported(t *testing.T, body []byte, parameters map[string]string) *ag.RestApi {
	t.Helper()
	return must[*ag.RestApi](t)(f.ImportRestApi(f.ctx, &ag.ImportRestApiRequest{Body: body, Parameters: parameters}))
}

// methods are an API's methods by path.
func (f *fixture) methods(t *testing.T, api string) map[string]ag.Method {
	t.Helper()
	list := must[*ag.Resources](t)(f.GetResources(f.ctx, &ag.GetResourcesRequest{RestApiId: api, Embed: []string{"methods"}}))
	out := map[string]ag.Method{}
	for _, res := range list.Items {
		for name, m := range res.ResourceMethods {
			out[name+" "+*res.Path] = m
		}
	}
	return out
}

func TestImport(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	api := f.imported(t, definition(t, "pets_oas30.yaml"), map[string]string{"endpointConfigurationTypes": "REGIONAL"})
	same(t, []string{*api.Name, *api.Description, *api.Version, api.EndpointConfiguration.Types[0]}, []string{"pets", "All about pets", "1.0", "REGIONAL"})
	same(t, api.Tags, map[string]string{"owner": "us"})
	same(t, api.BinaryMediaTypes, []string{"image/png"})
	same(t, *api.MinimumCompressionSize, int32(1024))

	methods := f.methods(t, *api.Id)
	same(t, len(methods), 2)
	list := methods["GET /pets"]
	same(t, []string{*list.AuthorizationType, *list.OperationName}, []string{"CUSTOM", "listPets"})
	same(t, list.RequestParameters, map[string]bool{"method.request.header.X-Trace": false, "method.request.querystring.limit": true})
	same(t, list.MethodResponses["200"].ResponseModels, map[string]string{"application/json": "Pets"})
	same(t, *list.MethodIntegration.TimeoutInMillis, int32(5000))
	same(t, *list.MethodIntegration.IntegrationResponses["400"].SelectionPattern, "4\\d{2}")
	model := must[*ag.Model](t)(f.GetModel(f.ctx, &ag.GetModelRequest{RestApiId: *api.Id, ModelName: "Pets"}))
	same(t, strings.Contains(*model.Schema, "https://apigateway.amazonaws.com/restapis/"+*api.Id+"/models/Pet"), true)
	same(t, len(must[*ag.Models](t)(f.GetModels(f.ctx, &ag.GetModelsRequest{RestApiId: *api.Id})).Items), 2) // no Empty, no Error
	same(t, len(f.parts(t, &ag.GetDocumentationPartsRequest{RestApiId: *api.Id, Type: new("RESOURCE")})), 1)
	f.deploy(t, *api.Id, "prod")
	same(t, len(f.served(t, *api.Id).Routes), 2)
}

func TestImportBasePath(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	doc := []byte(`{"openapi":"3.0.1","info":{"title":"t"},"servers":[{"url":"https://x/base/part"}],
		"paths":{"/a":{"get":{"x-amazon-apigateway-integration":{"type":"mock"}}}}}`)
	for mode, want := range map[string]string{"": "GET /a", "ignore": "GET /a", "prepend": "GET /base/part/a", "split": "GET /part/a"} {
		api := f.imported(t, doc, map[string]string{"basepath": mode})
		if _, ok := f.methods(t, *api.Id)[want]; !ok {
			t.Errorf("basepath=%s: %v", mode, f.methods(t, *api.Id))
		}
	}
	_, err := f.ImportRestApi(f.ctx, &ag.ImportRestApiRequest{Body: doc, Parameters: map[string]string{"basepath": "Prepend"}})
	wantError(t, err, badRequest, "Invalid basepath specified: Prepend. Valid options are ignore,prepend,split")
}

// A deployed import exports to what it was made of; an import of the export makes the same API.
func TestExport(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	api := f.imported(t, definition(t, "pets_swagger.json"), nil)
	f.deploy(t, *api.Id, "prod")
	export := func(api, kind, accepts, extensions string) *ag.ExportResponse {
		in := &ag.GetExportRequest{RestApiId: api, StageName: "prod", ExportType: kind, Parameters: map[string]string{"extensions": extensions}}
		if accepts != "" {
			in.Accepts = &accepts
		}
		return must[*ag.ExportResponse](t)(f.GetExport(f.ctx, in))
	}
	for _, kind := range []string{"swagger", "oas30"} {
		for _, accepts := range []string{"application/json", "application/yaml"} {
			out := export(*api.Id, kind, accepts, "apigateway")
			again := f.imported(t, out.Body, nil)
			f.deploy(t, *again.Id, "prod")
			second := export(*again.Id, kind, accepts, "apigateway")
			if diff := cmp.Diff(strings.ReplaceAll(string(out.Body), *api.Id, "X"), strings.ReplaceAll(string(second.Body), *again.Id, "X")); diff != "" {
				t.Errorf("%s as %s: %s", kind, accepts, diff)
			}
		}
	}
	plain := export(*api.Id, "oas30", "", "")
	same(t, []string{*plain.ContentType, *plain.ContentDisposition}, []string{"application/octet-stream", `attachment; filename="oas30_1.0.json"`})
	if text := string(plain.Body); strings.Contains(text, "x-amazon-apigateway-integration") || !json.Valid(plain.Body) {
		t.Errorf("an export without extensions: %s", text)
	}
	_, err := f.GetExport(f.ctx, &ag.GetExportRequest{RestApiId: *api.Id, StageName: "prod", ExportType: "raml"})
	wantError(t, err, badRequest, "Invalid exportType specified. Valid options are oas30,swagger")
}

func TestPutRestApi(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	api := f.imported(t, definition(t, "pets_oas30.yaml"), nil)
	doc := []byte(`{"swagger":"2.0","info":{"title":"other"},"x-amazon-apigateway-binary-media-types":["a/b"],"definitions":{"New":{"type":"object"}},
		"paths":{"/pets":{"get":{"x-amazon-apigateway-integration":{"type":"mock"}}},"/new":{"get":{"x-amazon-apigateway-integration":{"type":"mock"}}}}}`)
	put := func(mode string) *ag.RestApi {
		return must[*ag.RestApi](t)(f.PutRestApi(f.ctx, &ag.PutRestApiRequest{RestApiId: *api.Id, Mode: &mode, Body: doc}))
	}
	merged := put("merge")
	same(t, *merged.Name, "pets")
	same(t, merged.BinaryMediaTypes, []string{"image/png", "a/b"})
	methods := f.methods(t, *api.Id)
	same(t, len(methods), 3)
	same(t, *methods["GET /pets"].MethodIntegration.Type, "MOCK")

	over := put("overwrite")
	same(t, []string{*over.Name, *over.RootResourceId}, []string{"other", *api.RootResourceId})
	same(t, over.BinaryMediaTypes, []string{"a/b"})
	same(t, len(f.methods(t, *api.Id)), 2)
	same(t, len(must[*ag.Models](t)(f.GetModels(f.ctx, &ag.GetModelsRequest{RestApiId: *api.Id})).Items), 1)
	same(t, len(must[*ag.Authorizers](t)(f.GetAuthorizers(f.ctx, &ag.GetAuthorizersRequest{RestApiId: *api.Id})).Items), 0)
	_, err := f.PutRestApi(f.ctx, &ag.PutRestApiRequest{RestApiId: "nope", Body: doc})
	wantError(t, err, notFound, "Invalid API identifier specified 123456789012:nope")
}

// Everything that is wrong is told, and nothing is changed.
func TestImportErrors(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	api := f.imported(t, definition(t, "pets_oas30.yaml"), nil)
	before := f.methods(t, *api.Id)
	bad := []byte(`openapi: 3.0.1
info: {title: t}
paths:
  /a/{x}/{y+}/b:
    get: {}
  /a:
    get:
      x-amazon-apigateway-integration: {type: http, uri: nonsense, httpMethod: GET}
    post:
      x-amazon-apigateway-integration: {type: http_proxy, uri: 'http://x', httpMethod: GET, requestParameters: {integration.request.header.a: method.request.header.b}}
`)
	_, err := f.PutRestApi(f.ctx, &ag.PutRestApiRequest{RestApiId: *api.Id, Mode: new("overwrite"), Body: bad})
	wantError(t, err, badRequest, "Errors found during import:\n\tline 5, column 5 (/paths/~1a~1{x}~1{y+}~1b): Nothing can follow a greedy path variable: {y+}")
	bad = []byte(strings.Replace(string(bad), "/{y+}/b", "/{y+}", 1))
	_, err = f.PutRestApi(f.ctx, &ag.PutRestApiRequest{RestApiId: *api.Id, Mode: new("overwrite"), Body: bad})
	wantError(t, err, badRequest, "Errors found during import:"+
		"\n\tUnable to put integration on 'GET' for resource at path '/a': Invalid HTTP endpoint specified for URI"+
		"\n\tUnable to put integration on 'POST' for resource at path '/a': Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression parameter specified: method.request.header.b]")
	same(t, f.methods(t, *api.Id), before)

	for _, body := range []string{"", "nonsense", "{}", `{"swagger": "2.0"`} {
		_, err := f.ImportRestApi(f.ctx, &ag.ImportRestApiRequest{Body: []byte(body)})
		wantError(t, err, badRequest, "Invalid OpenAPI input.")
	}
	same(t, len(must[*ag.RestApis](t)(f.GetRestApis(f.ctx, &ag.GetRestApisRequest{})).Items), 1)

	warned := []byte(`{"swagger":"2.0","info":{"title":"t"},"paths":{"/":{"get":{"responses":{"default":{}}}}}}`)
	_, err = f.ImportRestApi(f.ctx, &ag.ImportRestApiRequest{Body: warned, FailOnWarnings: new(true)})
	wantError(t, err, badRequest, "Warnings found during import:\n\tline 1, column 83 (/paths/~1/get/responses/default): "+
		`Response "default" is not supported and left out: a method response has one status code`)
	same(t, len(f.imported(t, warned, nil).Warnings), 1)
}
