package conformance_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	gwtypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

func op(op gwtypes.Op, path, value string) []gwtypes.PatchOperation {
	p := gwtypes.PatchOperation{Op: op, Path: &path}
	if value != "" {
		p.Value = &value
	}
	return []gwtypes.PatchOperation{p}
}

// withKey sends the key with a request.
func withKey(key string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("X-API-Key", key) }
}

// TestModelsAndValidators calls every operation on models, request validators and gateway responses, and looks at what a
// client of the API gets.
func TestModelsAndValidators(t *testing.T) {
	t.Parallel()
	p, upstream := start(t, t.TempDir()), notesService(t)
	ctx, gw := t.Context(), p.apigateway()
	api := notesAPI(t, p, upstream.URL)
	must(gw.CreateModel(ctx, &apigateway.CreateModelInput{RestApiId: &api, Name: aws.String("Note"), ContentType: aws.String("application/json"),
		Schema: aws.String(`{"type":"object","required":["text"],"properties":{"text":{"type":"string","maxLength":5}}}`)}))(t)
	must(gw.UpdateModel(ctx, &apigateway.UpdateModelInput{RestApiId: &api, ModelName: aws.String("Note"), PatchOperations: op("replace", "/description", "a note")}))(t)
	if m := must(gw.GetModel(ctx, &apigateway.GetModelInput{RestApiId: &api, ModelName: aws.String("Note"), Flatten: true}))(t); aws.ToString(m.Description) != "a note" {
		t.Errorf("model %+v", m)
	}
	if list := must(gw.GetModels(ctx, &apigateway.GetModelsInput{RestApiId: &api}))(t); len(list.Items) != 3 {
		t.Errorf("models %+v", list.Items)
	}
	if text := must(gw.GetModelTemplate(ctx, &apigateway.GetModelTemplateInput{RestApiId: &api, ModelName: aws.String("Note")}))(t); !strings.Contains(aws.ToString(text.Value), "$inputRoot.text") {
		t.Errorf("template %s", aws.ToString(text.Value))
	}
	v := must(gw.CreateRequestValidator(ctx, &apigateway.CreateRequestValidatorInput{RestApiId: &api, Name: aws.String("all"), ValidateRequestBody: true}))(t)
	must(gw.UpdateRequestValidator(ctx, &apigateway.UpdateRequestValidatorInput{RestApiId: &api, RequestValidatorId: v.Id, PatchOperations: op("replace", "/validateRequestParameters", "true")}))(t)
	if got := must(gw.GetRequestValidator(ctx, &apigateway.GetRequestValidatorInput{RestApiId: &api, RequestValidatorId: v.Id}))(t); !got.ValidateRequestParameters {
		t.Errorf("validator %+v", got)
	}
	if list := must(gw.GetRequestValidators(ctx, &apigateway.GetRequestValidatorsInput{RestApiId: &api}))(t); len(list.Items) != 1 {
		t.Errorf("validators %+v", list.Items)
	}
	notes := resourceAt(t, p, api, "/notes")
	must(gw.UpdateMethod(ctx, &apigateway.UpdateMethodInput{RestApiId: &api, ResourceId: &notes, HttpMethod: aws.String("ANY"), PatchOperations: append(
		append(op("replace", "/requestValidatorId", *v.Id), op("add", "/requestModels/application~1json", "Note")...),
		op("add", "/requestParameters/method.request.header.X-Tenant", "true")...)}))(t)
	must(gw.PutGatewayResponse(ctx, &apigateway.PutGatewayResponseInput{RestApiId: &api, ResponseType: "BAD_REQUEST_BODY",
		ResponseTemplates: map[string]string{"application/json": `{"wrong":"$context.error.validationErrorString"}`}}))(t)
	must(gw.UpdateGatewayResponse(ctx, &apigateway.UpdateGatewayResponseInput{RestApiId: &api, ResponseType: "BAD_REQUEST_BODY", PatchOperations: op("replace", "/statusCode", "422")}))(t)
	if r := must(gw.GetGatewayResponse(ctx, &apigateway.GetGatewayResponseInput{RestApiId: &api, ResponseType: "BAD_REQUEST_BODY"}))(t); aws.ToString(r.StatusCode) != "422" || r.DefaultResponse {
		t.Errorf("gateway response %+v", r)
	}
	if list := must(gw.GetGatewayResponses(ctx, &apigateway.GetGatewayResponsesInput{RestApiId: &api}))(t); len(list.Items) != 21 {
		t.Errorf("%d gateway responses", len(list.Items))
	}
	deploy(t, p, api, "prod")
	url, tenant := p.Gateway+"/"+api+"/prod/notes", func(r *http.Request) {
		r.Header.Set("X-Tenant", "a")
		r.Header.Set("Content-Type", "application/json")
	}
	for _, c := range []struct {
		body   string
		edit   func(*http.Request)
		status int
		want   string
	}{
		{`{"text":"short"}`, tenant, 200, `"method":"POST"`},
		{`{"text":"too long"}`, tenant, 422, `{"wrong":"[string "too long" is too long (length: 8, maximum allowed: 5)]"}`},
		{`{"text":"short"}`, func(*http.Request) {}, 400, `{"message": "Missing required request parameters: [X-Tenant]"}`},
	} {
		if a := request(t, "POST", url, c.body, c.edit); a.status != c.status || !strings.Contains(a.body, c.want) {
			t.Errorf("%s: %d %s", c.body, a.status, a.body)
		}
	}
	must(gw.DeleteGatewayResponse(ctx, &apigateway.DeleteGatewayResponseInput{RestApiId: &api, ResponseType: "BAD_REQUEST_BODY"}))(t)
	_, err := gw.DeleteModel(ctx, &apigateway.DeleteModelInput{RestApiId: &api, ModelName: aws.String("Note")})
	refused(t, err, "ConflictException", "Cannot delete model 'Note', is referenced in method request: /notes/ANY")
	must(gw.DeleteModel(ctx, &apigateway.DeleteModelInput{RestApiId: &api, ModelName: aws.String("Error")}))(t)
	must(gw.UpdateMethod(ctx, &apigateway.UpdateMethodInput{RestApiId: &api, ResourceId: &notes, HttpMethod: aws.String("ANY"), PatchOperations: op("replace", "/requestValidatorId", "")}))(t)
	must(gw.DeleteRequestValidator(ctx, &apigateway.DeleteRequestValidatorInput{RestApiId: &api, RequestValidatorId: v.Id}))(t)
}

// resourceAt is the ID of the resource with a path.
func resourceAt(t *testing.T, p *product, api, path string) string {
	t.Helper()
	for _, r := range must(p.apigateway().GetResources(t.Context(), &apigateway.GetResourcesInput{RestApiId: &api}))(t).Items {
		if aws.ToString(r.Path) == path {
			return aws.ToString(r.Id)
		}
	}
	t.Fatalf("no resource %s", path)
	return ""
}

// TestUsagePlans calls every operation on API keys and usage plans; quotas go on after the server was killed.
func TestUsagePlans(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p, upstream := start(t, dir), notesService(t)
	ctx, gw := t.Context(), p.apigateway()
	api := notesAPI(t, p, upstream.URL)
	ping := resourceAt(t, p, api, "/ping")
	must(gw.UpdateMethod(ctx, &apigateway.UpdateMethodInput{RestApiId: &api, ResourceId: &ping, HttpMethod: aws.String("GET"), PatchOperations: op("replace", "/apiKeyRequired", "true")}))(t)
	deploy(t, p, api, "prod")

	key := must(gw.CreateApiKey(ctx, &apigateway.CreateApiKeyInput{Name: aws.String("mobile"), Enabled: true}))(t)
	plan := must(gw.CreateUsagePlan(ctx, &apigateway.CreateUsagePlanInput{Name: aws.String("gold"),
		ApiStages: []gwtypes.ApiStage{{ApiId: &api, Stage: aws.String("prod")}}}))(t)
	ask := func() int {
		return request(t, "GET", p.Gateway+"/"+api+"/prod/ping", "", withKey(aws.ToString(key.Value))).status
	}
	if got := ask(); got != 403 {
		t.Errorf("a key in no plan: %d", got)
	}
	must(gw.CreateUsagePlanKey(ctx, &apigateway.CreateUsagePlanKeyInput{UsagePlanId: plan.Id, KeyId: key.Id, KeyType: aws.String("API_KEY")}))(t)
	if got := ask(); got != 200 {
		t.Errorf("a key in a plan: %d", got)
	}
	must(gw.UpdateUsagePlan(ctx, &apigateway.UpdateUsagePlanInput{UsagePlanId: plan.Id, PatchOperations: append(
		op("replace", "/quota/limit", "3"), op("replace", "/quota/period", "MONTH")...)}))(t)
	if a, b, c := ask(), ask(), ask(); a != 200 || b != 200 || c != 429 {
		t.Errorf("a quota of three, one used: %d %d %d", a, b, c)
	}
	today := time.Now().UTC().Format("2006-01-02")
	usage := must(gw.GetUsage(ctx, &apigateway.GetUsageInput{UsagePlanId: plan.Id, StartDate: &today, EndDate: &today}))(t)
	if days := usage.Items[*key.Id]; len(days) != 1 || days[0][0] != 3 || days[0][1] != 0 {
		t.Errorf("usage %v", usage.Items)
	}
	must(gw.UpdateUsage(ctx, &apigateway.UpdateUsageInput{UsagePlanId: plan.Id, KeyId: key.Id, PatchOperations: op("replace", "/remaining", "1")}))(t)

	p.Kill()
	p = start(t, dir)
	gw = p.apigateway()
	if a, b := ask(), ask(); a != 200 || b != 429 {
		t.Errorf("one more was granted, and the server restarted: %d %d", a, b)
	}
	must(gw.UpdateApiKey(ctx, &apigateway.UpdateApiKeyInput{ApiKey: key.Id, PatchOperations: op("replace", "/enabled", "false")}))(t)
	if got := ask(); got != 403 {
		t.Errorf("a key that is not enabled: %d", got)
	}
	if got := must(gw.GetApiKey(ctx, &apigateway.GetApiKeyInput{ApiKey: key.Id, IncludeValue: aws.Bool(true)}))(t); aws.ToString(got.Value) != *key.Value {
		t.Errorf("key %+v", got)
	}
	imported := must(gw.ImportApiKeys(ctx, &apigateway.ImportApiKeysInput{Format: "csv", Body: []byte("name,key,usageplanIds\nother,a-key-from-a-file-0123456789-abc," + *plan.Id + "\n")}))(t)
	if len(imported.Ids) != 1 || len(imported.Warnings) != 0 {
		t.Errorf("imported %+v", imported)
	}
	if list := must(gw.GetApiKeys(ctx, &apigateway.GetApiKeysInput{NameQuery: aws.String("oth")}))(t); len(list.Items) != 1 {
		t.Errorf("keys %+v", list.Items)
	}
	if list := must(gw.GetUsagePlanKeys(ctx, &apigateway.GetUsagePlanKeysInput{UsagePlanId: plan.Id}))(t); len(list.Items) != 2 {
		t.Errorf("keys of the plan %+v", list.Items)
	}
	must(gw.GetUsagePlanKey(ctx, &apigateway.GetUsagePlanKeyInput{UsagePlanId: plan.Id, KeyId: key.Id}))(t)
	must(gw.GetUsagePlan(ctx, &apigateway.GetUsagePlanInput{UsagePlanId: plan.Id}))(t)
	if list := must(gw.GetUsagePlans(ctx, &apigateway.GetUsagePlansInput{KeyId: key.Id}))(t); len(list.Items) != 1 {
		t.Errorf("plans %+v", list.Items)
	}
	must(gw.DeleteUsagePlanKey(ctx, &apigateway.DeleteUsagePlanKeyInput{UsagePlanId: plan.Id, KeyId: key.Id}))(t)
	must(gw.DeleteApiKey(ctx, &apigateway.DeleteApiKeyInput{ApiKey: key.Id}))(t)
	_, err := gw.DeleteUsagePlan(ctx, &apigateway.DeleteUsagePlanInput{UsagePlanId: plan.Id})
	refused(t, err, "BadRequestException", "because there are API Stages associated with it, including "+api+":prod")
	must(gw.UpdateUsagePlan(ctx, &apigateway.UpdateUsagePlanInput{UsagePlanId: plan.Id, PatchOperations: op("remove", "/apiStages", api+":prod")}))(t)
	must(gw.DeleteUsagePlan(ctx, &apigateway.DeleteUsagePlanInput{UsagePlanId: plan.Id}))(t)
}

func TestBoto3UsagePlans(t *testing.T) {
	t.Parallel()
	if _, err := run(t, nil, "python3", "-c", "import boto3"); err != nil {
		t.Skip("boto3 is not installed")
	}
	p := start(t, t.TempDir())
	out, err := run(t, append(p.env(t), "GATEWAY="+p.Gateway), "python3", "testdata/usage_plans.py")
	if err != nil || !strings.Contains(out, "PASS") {
		t.Fatalf("%v\n%s", err, out)
	}
}
