package apigateway_test

import (
	"strings"
	"testing"

	ag "github.com/tollbook/tollbook/awsapi/awsapigateway"
	"github.com/tollbook/tollbook/gateway"
	"github.com/tollbook/tollbook/state"
)

func (f *fixture) createModel(api, name, schema string) (*ag.Model, error) {
	return f.CreateModel(f.ctx, &ag.CreateModelRequest{RestApiId: api, Name: name, ContentType: "application/json", Schema: &schema})
}

func TestModels(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	api, root := f.api(t)
	list := must[*ag.Models](t)(f.GetModels(f.ctx, &ag.GetModelsRequest{RestApiId: api}))
	same(t, len(list.Items), 2)
	same(t, *list.Items[0].Name+" "+*list.Items[0].Description, "Empty This is a default empty schema model")
	same(t, *list.Items[1].Name, "Error")

	m := must[*ag.Model](t)(f.createModel(api, "Pet", `{"type":"object","required":["kind"]}`))
	same(t, m, &ag.Model{Id: m.Id, Name: new("Pet"), Schema: new(`{"type":"object","required":["kind"]}`), ContentType: new("application/json")})
	_, err := f.createModel(api, "Pet", "{}")
	wantError(t, err, conflict, "Model name already exists for this REST API")
	_, err = f.createModel(api, "", "{}")
	wantError(t, err, badRequest, "Model name must be non-empty")
	_, err = f.createModel(api, "my-pet", "{}")
	wantError(t, err, badRequest, "Model name must be alphanumeric: my-pet")
	_, err = f.createModel(api, "Blank", "")
	wantError(t, err, badRequest, "Model schema must have at least 1 property or array items defined")
	for _, text := range []string{"{", `{"type":"thing"}`, `{"required":[]}`, `[]`} {
		_, err = f.createModel(api, "Bad", text)
		wantError(t, err, badRequest, "Invalid model specified: Validation Result: warnings : [], errors : [Invalid model schema specified]")
	}
	_, err = f.createModel(api, "Huge", `{"description":"`+strings.Repeat("x", 400<<10)+`"}`)
	wantError(t, err, badRequest, "The models of an API can have at most 409600 bytes together")
	_, err = f.createModel("nowhere", "Pet", "{}")
	wantError(t, err, notFound, "Invalid API identifier specified "+account+":nowhere")

	ref := `{"type":"array","items":{"$ref":"https://apigateway.amazonaws.com/restapis/` + api + `/models/Pet"}}`
	must[*ag.Model](t)(f.createModel(api, "Pets", ref))
	flat := must[*ag.Model](t)(f.GetModel(f.ctx, &ag.GetModelRequest{RestApiId: api, ModelName: "Pets", Flatten: new(true)}))
	if !strings.Contains(*flat.Schema, `"$ref": "#/definitions/Pet"`) {
		t.Errorf("flat: %s", *flat.Schema)
	}
	_, err = f.GetModel(f.ctx, &ag.GetModelRequest{RestApiId: api, ModelName: "Cat"})
	wantError(t, err, notFound, "Invalid model name specified: Cat")

	_, err = f.putMethod(api, root, "POST", func(in *ag.PutMethodRequest) { in.RequestModels = map[string]string{"application/json": "petModel"} })
	wantError(t, err, badRequest, "Invalid model identifier specified: petModel")
	must[*ag.Method](t)(f.putMethod(api, root, "ANY", func(in *ag.PutMethodRequest) { in.RequestModels = map[string]string{"application/json": "Pets"} }))
	del := func(name string) error {
		return f.DeleteModel(f.ctx, &ag.DeleteModelRequest{RestApiId: api, ModelName: name})
	}
	wantError(t, del("Pets"), conflict, "Cannot delete model 'Pets', is referenced in method request: //ANY")
	wantError(t, del("Pet"), conflict, "Cannot delete model 'Pet', is referenced in model: Pets")
	if err := del("Error"); err != nil {
		t.Error(err)
	}
	wantError(t, del("Error"), notFound, "Invalid model name specified: Error")
}

func TestUpdateModel(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	api, _ := f.api(t)
	update := func(ops ...ag.PatchOperation) (*ag.Model, error) {
		return f.UpdateModel(f.ctx, &ag.UpdateModelRequest{RestApiId: api, ModelName: "Error", PatchOperations: ops})
	}
	m := must[*ag.Model](t)(update(patch("replace", "/description", "d"), patch("replace", "/schema", `{"type":"string"}`)))
	same(t, *m.Description+*m.Schema, `d{"type":"string"}`)
	_, err := update(patch("replace", "/name", "x"))
	wantError(t, err, badRequest, "Invalid patch path  '/name' specified for op 'replace'. Must be one of: [/description, /schema]")
	_, err = update(patch("add", "/schema", "x"))
	wantError(t, err, badRequest, "Invalid patch path  '/schema' specified for op 'add'. Please choose supported operations")
	_, err = update(patch("replace", "/schema", "x"))
	wantError(t, err, badRequest, "Invalid model specified: Validation Result: warnings : [], errors : [Invalid model schema specified]")
}

func TestModelTemplate(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	api, _ := f.api(t)
	get := func(name string) (*ag.Template, error) {
		return f.GetModelTemplate(f.ctx, &ag.GetModelTemplateRequest{RestApiId: api, ModelName: name})
	}
	same(t, *must[*ag.Template](t)(get("Error")).Value,
		"#set($inputRoot = $input.path('$'))\n{\n  \"message\" : \"$inputRoot.message\"\n}\n")
	_, err := get("Empty")
	wantError(t, err, badRequest, "Model schema must have at least 1 property or array items defined")
}

func TestRequestValidators(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	api, root := f.api(t)
	create := func(api, name string) (*ag.RequestValidator, error) {
		return f.CreateRequestValidator(f.ctx, &ag.CreateRequestValidatorRequest{RestApiId: api, Name: &name, ValidateRequestBody: new(true)})
	}
	r := must[*ag.RequestValidator](t)(create(api, "body"))
	same(t, r, &ag.RequestValidator{Id: r.Id, Name: new("body"), ValidateRequestBody: new(true), ValidateRequestParameters: new(false)})
	_, err := create("nowhere", "x")
	wantError(t, err, badRequest, "Invalid REST API identifier specified")
	_, err = create(api, "")
	wantError(t, err, badRequest, "Request Validator name cannot be blank")

	update := func(ops ...ag.PatchOperation) (*ag.RequestValidator, error) {
		return f.UpdateRequestValidator(f.ctx, &ag.UpdateRequestValidatorRequest{RestApiId: api, RequestValidatorId: *r.Id, PatchOperations: ops})
	}
	r = must[*ag.RequestValidator](t)(update(patch("replace", "/validateRequestParameters", "true"), patch("replace", "/validateRequestBody")))
	same(t, *r.ValidateRequestBody, false)
	same(t, *r.ValidateRequestParameters, true)
	_, err = update(patch("replace", "/id", "x"))
	wantError(t, err, badRequest, "Invalid patch path  '/id' specified for op 'replace'. Must be one of: "+
		"[/name, /validateRequestParameters, /validateRequestBody]")

	_, err = f.putMethod(api, root, "GET", func(in *ag.PutMethodRequest) { in.RequestValidatorId = new("nobody") })
	wantError(t, err, badRequest, "Invalid Request Validator identifier specified")
	must[*ag.Method](t)(f.putMethod(api, root, "GET", func(in *ag.PutMethodRequest) { in.RequestValidatorId = r.Id }))
	del := func() error {
		return f.DeleteRequestValidator(f.ctx, &ag.DeleteRequestValidatorRequest{RestApiId: api, RequestValidatorId: *r.Id})
	}
	wantError(t, del(), conflict, "Cannot delete Request Validator '"+*r.Id+"', is referenced in method request: //GET")
	if err := f.DeleteMethod(f.ctx, &ag.DeleteMethodRequest{RestApiId: api, ResourceId: root, HttpMethod: "GET"}); err != nil {
		t.Fatal(err)
	}
	if err := del(); err != nil {
		t.Fatal(err)
	}
	wantError(t, del(), notFound, "Invalid Request Validator identifier specified")
	same(t, len(must[*ag.RequestValidators](t)(f.GetRequestValidators(f.ctx, &ag.GetRequestValidatorsRequest{RestApiId: api})).Items), 0)
}

func TestGatewayResponses(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	api, _ := f.api(t)
	const template = `{"message":$context.error.messageString}`
	get := func(name string) *ag.GatewayResponse {
		t.Helper()
		return must[*ag.GatewayResponse](t)(f.GetGatewayResponse(f.ctx, &ag.GetGatewayResponseRequest{RestApiId: api, ResponseType: name}))
	}
	put := func(name, status string, parameters, templates map[string]string) (*ag.GatewayResponse, error) {
		in := &ag.PutGatewayResponseRequest{RestApiId: api, ResponseType: name, ResponseParameters: parameters, ResponseTemplates: templates}
		if status != "" {
			in.StatusCode = &status
		}
		return f.PutGatewayResponse(f.ctx, in)
	}
	list := must[*ag.GatewayResponses](t)(f.GetGatewayResponses(f.ctx, &ag.GetGatewayResponsesRequest{RestApiId: api}))
	same(t, len(list.Items), 21)
	for i, r := range list.Items[1:] {
		if *r.ResponseType <= *list.Items[i].ResponseType || !*r.DefaultResponse {
			t.Errorf("%s after %s", *r.ResponseType, *list.Items[i].ResponseType)
		}
	}
	same(t, get("DEFAULT_4XX"), &ag.GatewayResponse{ResponseType: new("DEFAULT_4XX"), DefaultResponse: new(true),
		ResponseParameters: map[string]string{}, ResponseTemplates: map[string]string{"application/json": template}})

	header := map[string]string{"gatewayresponse.header.X-A": "'a'"}
	text := map[string]string{"text/plain": "oops"}
	must[*ag.GatewayResponse](t)(put("DEFAULT_5XX", "599", header, text))
	same(t, get("INTEGRATION_TIMEOUT"), &ag.GatewayResponse{ResponseType: new("INTEGRATION_TIMEOUT"), StatusCode: new("599"),
		DefaultResponse: new(true), ResponseParameters: header, ResponseTemplates: text})
	same(t, *get("THROTTLED").StatusCode, "429")
	must[*ag.GatewayResponse](t)(put("INTEGRATION_TIMEOUT", "", nil, nil))
	same(t, get("INTEGRATION_TIMEOUT"), &ag.GatewayResponse{ResponseType: new("INTEGRATION_TIMEOUT"), StatusCode: new("504"),
		DefaultResponse: new(false), ResponseParameters: map[string]string{}, ResponseTemplates: map[string]string{"application/json": template}})

	for _, c := range []struct {
		parameters, templates map[string]string
		message               string
	}{
		{nil, map[string]string{"application/json": ""}, "Invalid null or empty value in responseTemplates"},
		{map[string]string{"gatewayresponse.header.A": ""}, nil, "Invalid null or empty value in responseParameters"},
		{map[string]string{"method.response.header.A": "'a'"}, nil, "Invalid mapping expression specified: Validation Result: " +
			"warnings : [], errors : [Invalid mapping expression specified: method.response.header.A]"},
	} {
		_, err := put("THROTTLED", "429", c.parameters, c.templates)
		wantError(t, err, badRequest, c.message)
	}
	update := func(name string, ops ...ag.PatchOperation) (*ag.GatewayResponse, error) {
		return f.UpdateGatewayResponse(f.ctx, &ag.UpdateGatewayResponseRequest{RestApiId: api, ResponseType: name, PatchOperations: ops})
	}
	r := must[*ag.GatewayResponse](t)(update("THROTTLED", patch("replace", "/statusCode", "420"),
		patch("add", "/responseParameters/gatewayresponse.header.A", "'b'"), patch("add", "/responseTemplates/text~1plain", "slow")))
	same(t, r, &ag.GatewayResponse{ResponseType: new("THROTTLED"), StatusCode: new("420"), DefaultResponse: new(false),
		ResponseParameters: map[string]string{"gatewayresponse.header.A": "'b'"}, ResponseTemplates: map[string]string{"text/plain": "slow"}})
	_, err := update("THROTTLED", patch("add", "/statusCode", "1"))
	wantError(t, err, badRequest, "Invalid patch path /statusCode")
	_, err = update("THROTTLED", ag.PatchOperation{Op: new("replace")})
	wantError(t, err, badRequest, "Invalid patch path null")
	_, err = update("THROTTLED", patch("replace", "/responseParameters/gatewayresponse.header.B", "'b'"))
	wantError(t, err, notFound, "Invalid parameter name specified")

	del := func(name string) error {
		return f.DeleteGatewayResponse(f.ctx, &ag.DeleteGatewayResponseRequest{RestApiId: api, ResponseType: name})
	}
	if err := del("THROTTLED"); err != nil {
		t.Fatal(err)
	}
	wantError(t, del("THROTTLED"), notFound, "Gateway response type not defined on api")
}

// What is validated and how errors are answered comes from the deployment.
func TestValidationIsDeployed(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	api, root := f.api(t)
	r := must[*ag.RequestValidator](t)(f.CreateRequestValidator(f.ctx,
		&ag.CreateRequestValidatorRequest{RestApiId: api, Name: new("both"), ValidateRequestBody: new(true), ValidateRequestParameters: new(true)}))
	must[*ag.Method](t)(f.putMethod(api, root, "POST", func(in *ag.PutMethodRequest) {
		in.RequestValidatorId, in.RequestModels = r.Id, map[string]string{"application/json": "Error"}
	}))
	must[*ag.Integration](t)(f.PutIntegration(f.ctx, &ag.PutIntegrationRequest{RestApiId: api, ResourceId: root, HttpMethod: "POST", Type: "MOCK"}))
	must[*ag.GatewayResponse](t)(f.PutGatewayResponse(f.ctx, &ag.PutGatewayResponseRequest{RestApiId: api, ResponseType: "BAD_REQUEST_BODY", StatusCode: new("422")}))
	f.deploy(t, api, "prod")
	if err := f.DeleteGatewayResponse(f.ctx, &ag.DeleteGatewayResponseRequest{RestApiId: api, ResponseType: "BAD_REQUEST_BODY"}); err != nil {
		t.Fatal(err)
	}
	st, _ := f.sink.stage(api, "prod")
	same(t, st.GatewayResponses, map[string]gateway.GatewayResponse{"BAD_REQUEST_BODY": {StatusCode: 422}})
	same(t, st.Routes[0].ValidateBody && st.Routes[0].ValidateParameters, true)
	same(t, len(st.Models), 2)

	clone := must[*ag.RestApi](t)(f.CreateRestApi(f.ctx, &ag.CreateRestApiRequest{Name: "copy", CloneFrom: &api}))
	f.deploy(t, *clone.Id, "prod")
	st, _ = f.sink.stage(*clone.Id, "prod")
	same(t, st.Routes[0].ValidateBody, true)
}

// APIs that were made before there were models get them when the server starts, once.
func TestModelsOfOldAPIs(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	old := state.Collection[map[string]any]{Kind: "apigateway.RestApi"}
	err := f.db.Write(f.ctx, func(tx *state.Tx) error {
		return old.Put(tx, state.Key{Scope: account + "/" + region, ID: "old0000001"}, map[string]any{"id": "old0000001", "name": "old"})
	})
	if err != nil {
		t.Fatal(err)
	}
	same(t, len(f.models(t, "old0000001")), 0)
	for range 2 {
		if err := f.Publish(f.ctx); err != nil {
			t.Fatal(err)
		}
	}
	same(t, len(f.models(t, "old0000001")), 2)
	if err := f.DeleteModel(f.ctx, &ag.DeleteModelRequest{RestApiId: "old0000001", ModelName: "Empty"}); err != nil {
		t.Fatal(err)
	}
	if err := f.Publish(f.ctx); err != nil {
		t.Fatal(err)
	}
	same(t, len(f.models(t, "old0000001")), 1)
	same(t, must[*ag.RestApi](t)(f.GetRestApi(f.ctx, &ag.GetRestApiRequest{RestApiId: "old0000001"})).Name, new("old"))
}
