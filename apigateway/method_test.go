package apigateway_test

import (
	"testing"

	ag "github.com/tollbook/tollbook/awsapi/awsapigateway"
)

func (f *fixture) putMethod(apiID, resourceID, httpMethod string, change func(*ag.PutMethodRequest)) (*ag.Method, error) {
	in := &ag.PutMethodRequest{RestApiId: apiID, ResourceId: resourceID, HttpMethod: httpMethod, AuthorizationType: "NONE"}
	if change != nil {
		change(in)
	}
	return f.PutMethod(f.ctx, in)
}

func (f *fixture) updateMethod(apiID, resourceID string, ops ...ag.PatchOperation) (*ag.Method, error) {
	return f.UpdateMethod(f.ctx, &ag.UpdateMethodRequest{RestApiId: apiID, ResourceId: resourceID, HttpMethod: "GET", PatchOperations: ops})
}

func TestMethodDefaults(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	api, root := f.api(t)
	got := must[*ag.Method](t)(f.putMethod(api, root, "ANY", func(in *ag.PutMethodRequest) { in.AuthorizerId = new("ignored") }))
	want := &ag.Method{ApiKeyRequired: new(false), AuthorizationType: new("NONE"), HttpMethod: new("ANY")}
	same(t, got, want)
	in := &ag.GetMethodRequest{RestApiId: api, ResourceId: root, HttpMethod: "ANY"}
	same(t, must[*ag.Method](t)(f.GetMethod(f.ctx, in)), want)

	if err := f.DeleteMethod(f.ctx, &ag.DeleteMethodRequest{RestApiId: api, ResourceId: root, HttpMethod: "ANY"}); err != nil {
		t.Fatal(err)
	}
	_, err := f.GetMethod(f.ctx, in)
	wantError(t, err, notFound, "Invalid Method identifier specified")
}

func TestPutMethodErrors(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	api, root := f.api(t)
	must[*ag.Method](t)(f.putMethod(api, root, "GET", nil))
	const authorizer = "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer."
	for name, c := range map[string]struct {
		api, resource, method string
		change                func(*ag.PutMethodRequest)
		code, message         string
	}{
		"unknown api":      {"nope", root, "PUT", nil, notFound, "Invalid API identifier specified 123456789012:nope"},
		"unknown resource": {api, "nope", "PUT", nil, notFound, "Invalid Resource identifier specified"},
		"http method":      {api, root, "FETCH", nil, badRequest, "Invalid HttpMethod specified. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY"},
		"lower case":       {api, root, "get", nil, badRequest, "Invalid HttpMethod specified. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY"},
		"exists":           {api, root, "GET", nil, conflict, "Method already exists for this resource"},
		"custom": {api, root, "PUT", func(in *ag.PutMethodRequest) { in.AuthorizationType = "CUSTOM" },
			badRequest, authorizer},
		"cognito": {api, root, "PUT", func(in *ag.PutMethodRequest) {
			in.AuthorizationType, in.AuthorizerId = "COGNITO_USER_POOLS", new("abc123")
		}, badRequest, authorizer},
		"validator": {api, root, "PUT", func(in *ag.PutMethodRequest) { in.RequestValidatorId = new("abc123") },
			badRequest, "Invalid Request Validator identifier specified"},
		"model": {api, root, "PUT", func(in *ag.PutMethodRequest) {
			in.RequestModels = map[string]string{"application/json": "petModel"}
		}, badRequest, "Invalid model identifier specified: petModel"},
		"repeated name": {api, root, "PUT", func(in *ag.PutMethodRequest) {
			in.RequestParameters = map[string]bool{"method.request.path.id": true, "method.request.querystring.id": false}
		}, badRequest, "Parameter names must be unique across querystring, header and path"},
		"parameter": {api, root, "PUT", func(in *ag.PutMethodRequest) {
			in.RequestParameters = map[string]bool{"method.request.cookie.id": true}
		}, badRequest, "Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression specified: method.request.cookie.id]"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := f.putMethod(c.api, c.resource, c.method, c.change)
			wantError(t, err, c.code, c.message)
		})
	}
}

func TestMethodPatches(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	api, root := f.api(t)
	must[*ag.Method](t)(f.putMethod(api, root, "GET", nil))
	got := must[*ag.Method](t)(f.updateMethod(api, root,
		patch("replace", "/authorizationType", "AWS_IAM"),
		patch("replace", "/apiKeyRequired", "true"),
		patch("replace", "/operationName", "ListNotes"),
		patch("add", "/requestParameters/method.request.querystring.q", "true"),
		patch("replace", "/requestParameters/method.request.header.X-A", "no"),
		patch("add", "/requestModels/application~1json", "Empty"),
		patch("add", "/authorizationScopes", "notes/read"),
	))
	want := &ag.Method{
		ApiKeyRequired: new(true), AuthorizationType: new("AWS_IAM"), HttpMethod: new("GET"), OperationName: new("ListNotes"),
		RequestParameters:   map[string]bool{"method.request.querystring.q": true, "method.request.header.X-A": false},
		RequestModels:       map[string]string{"application/json": "Empty"},
		AuthorizationScopes: []string{"notes/read"},
	}
	same(t, got, want)

	const op = "Invalid patch operation specified. Must be one of: [replace]"
	for name, c := range map[string]struct {
		op            ag.PatchOperation
		code, message string
	}{
		"http method":       {patch("replace", "/httpMethod", "PUT"), badRequest, "Invalid patch path /httpMethod"},
		"whole map":         {patch("replace", "/requestParameters", "x"), badRequest, "Invalid patch path /requestParameters"},
		"unescaped slash":   {patch("add", "/requestModels/application/json", "Empty"), badRequest, "Invalid patch path /requestModels/application/json"},
		"op":                {patch("remove", "/apiKeyRequired"), badRequest, op},
		"no op":             {ag.PatchOperation{Path: new("/apiKeyRequired")}, badRequest, op},
		"type":              {patch("replace", "/authorizationType", "CUSTOM"), badRequest, "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer."},
		"model":             {patch("add", "/requestModels/text~1plain", "petModel"), badRequest, "Invalid model identifier specified: petModel"},
		"validator":         {patch("replace", "/requestValidatorId", "abc123"), badRequest, "Invalid Request Validator identifier specified"},
		"missing parameter": {patch("remove", "/requestParameters/method.request.querystring.z"), notFound, "Invalid parameter name specified"},
		"missing model":     {patch("remove", "/requestModels/text~1plain"), notFound, "Content-Type specified was not found"},
		"repeated name":     {patch("add", "/requestParameters/method.request.path.q", "true"), badRequest, "Parameter names must be unique across querystring, header and path"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := f.updateMethod(api, root, patch("replace", "/operationName", "half applied"), c.op)
			wantError(t, err, c.code, c.message)
			same(t, must[*ag.Method](t)(f.GetMethod(f.ctx, &ag.GetMethodRequest{RestApiId: api, ResourceId: root, HttpMethod: "GET"})), want)
		})
	}
	_, err := f.updateMethod("nope", root, patch("replace", "/operationName", "x"))
	wantError(t, err, notFound, "Invalid Resource identifier specified") // not "Invalid API identifier"
}

func TestMethodResponses(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	api, root := f.api(t)
	must[*ag.Method](t)(f.putMethod(api, root, "GET", nil))
	put := func(code string, params map[string]bool, models map[string]string) (*ag.MethodResponse, error) {
		return f.PutMethodResponse(f.ctx, &ag.PutMethodResponseRequest{RestApiId: api, ResourceId: root, HttpMethod: "GET",
			StatusCode: code, ResponseParameters: params, ResponseModels: models})
	}
	update := func(code string, ops ...ag.PatchOperation) (*ag.MethodResponse, error) {
		return f.UpdateMethodResponse(f.ctx, &ag.UpdateMethodResponseRequest{RestApiId: api, ResourceId: root, HttpMethod: "GET",
			StatusCode: code, PatchOperations: ops})
	}
	same(t, must[*ag.MethodResponse](t)(put("200", nil, nil)), &ag.MethodResponse{StatusCode: new("200")})
	// What is given empty is shown.
	same(t, must[*ag.MethodResponse](t)(put("201", map[string]bool{}, map[string]string{})),
		&ag.MethodResponse{StatusCode: new("201"), ResponseParameters: map[string]bool{}, ResponseModels: map[string]string{}})
	got := must[*ag.MethodResponse](t)(f.GetMethodResponse(f.ctx,
		&ag.GetMethodResponseRequest{RestApiId: api, ResourceId: root, HttpMethod: "GET", StatusCode: "201"}))
	same(t, got.ResponseModels, map[string]string{})

	_, err := put("200", nil, nil)
	wantError(t, err, conflict, "Response already exists for this resource")
	_, err = put("202", nil, map[string]string{"application/json": "petModel"})
	wantError(t, err, badRequest, "Invalid model identifier specified: petModel")
	_, err = put("202", map[string]bool{"method.response.body": true}, nil)
	wantError(t, err, badRequest, "Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression specified: method.response.body]")

	changed := must[*ag.MethodResponse](t)(update("200",
		patch("add", "/responseParameters/method.response.header.my-header", "false"),
		patch("add", "/responseModels/application~1json", "Error")))
	same(t, changed, &ag.MethodResponse{StatusCode: new("200"),
		ResponseParameters: map[string]bool{"method.response.header.my-header": false},
		ResponseModels:     map[string]string{"application/json": "Error"}})

	for _, c := range []struct {
		op            ag.PatchOperation
		code, message string
	}{
		{patch("add", "/wrong/method.response.header.my-header", "true"), badRequest, "Invalid patch path /wrong/method.response.header.my-header"},
		{patch("remove", "/responseParameters/method.response.header.other"), notFound, "Invalid parameter name specified"},
		{patch("remove", "/responseModels/text~1html"), notFound, "Content-Type specified was not found"},
		{patch("move", "/responseModels/text~1html"), badRequest, "Invalid patch operation specified. Must be one of: [add, remove, replace]"},
	} {
		_, err := update("200", patch("remove", "/responseModels/application~1json"), c.op)
		wantError(t, err, c.code, c.message)
	}
	_, err = update("404")
	wantError(t, err, notFound, "Invalid Response status code specified")
	method := must[*ag.Method](t)(f.GetMethod(f.ctx, &ag.GetMethodRequest{RestApiId: api, ResourceId: root, HttpMethod: "GET"}))
	same(t, method.MethodResponses["200"], *changed)

	remove := &ag.DeleteMethodResponseRequest{RestApiId: api, ResourceId: root, HttpMethod: "GET", StatusCode: "200"}
	if err := f.DeleteMethodResponse(f.ctx, remove); err != nil {
		t.Fatal(err)
	}
	wantError(t, f.DeleteMethodResponse(f.ctx, remove), notFound, "Invalid Response status code specified")
}
