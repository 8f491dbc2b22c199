package conformance_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	gwtypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

// restAPI is an API under construction, with a resource that has a method.
type restAPI struct {
	*product
	client               *apigateway.Client
	id, root, note, verb *string
}

// replace is a patch of one operation.
func replace(path, value string) []gwtypes.PatchOperation {
	return []gwtypes.PatchOperation{{Op: gwtypes.OpReplace, Path: &path, Value: &value}}
}

// TestRestApiByHand makes, reads, changes and deletes each part of an API, and asks the gateway in between.
func TestRestApiByHand(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir())
	c, ctx := p.apigateway(), t.Context()
	api := must(c.CreateRestApi(ctx, &apigateway.CreateRestApiInput{Name: aws.String("by-hand"), Tags: map[string]string{"team": "edge"}}))(t)
	a := restAPI{product: p, client: c, id: api.Id, root: api.RootResourceId, verb: aws.String("GET")}
	a.note = must(c.CreateResource(ctx, &apigateway.CreateResourceInput{RestApiId: a.id, ParentId: a.root, PathPart: aws.String("note")}))(t).Id
	mock(t, p, a.id, a.note, "first")
	a.changeResource(t)
	a.changeMethod(t)
	a.changeDeployments(t)
	a.deleteAll(t)
}

func (a restAPI) changeResource(t *testing.T) {
	must(a.client.UpdateResource(t.Context(), &apigateway.UpdateResourceInput{RestApiId: a.id, ResourceId: a.note,
		PatchOperations: replace("/pathPart", "notes")}))(t)
	r := must(a.client.GetResource(t.Context(), &apigateway.GetResourceInput{RestApiId: a.id, ResourceId: a.note, Embed: []string{"methods"}}))(t)
	if aws.ToString(r.Path) != "/notes" || aws.ToString(r.ParentId) != *a.root || r.ResourceMethods["GET"].MethodIntegration == nil {
		t.Errorf("resource: %+v", r)
	}
	arn := aws.String("arn:aws:apigateway:us-east-1::/restapis/" + *a.id)
	if tags := must(a.client.GetTags(t.Context(), &apigateway.GetTagsInput{ResourceArn: arn}))(t); tags.Tags["team"] != "edge" {
		t.Errorf("tags: %v", tags.Tags)
	}
}

func (a restAPI) changeMethod(t *testing.T) {
	ctx, ok := t.Context(), aws.String("200")
	must(a.client.UpdateMethod(ctx, &apigateway.UpdateMethodInput{RestApiId: a.id, ResourceId: a.note, HttpMethod: a.verb,
		PatchOperations: replace("/operationName", "GetNotes")}))(t)
	m := must(a.client.GetMethod(ctx, &apigateway.GetMethodInput{RestApiId: a.id, ResourceId: a.note, HttpMethod: a.verb}))(t)
	if aws.ToString(m.OperationName) != "GetNotes" || aws.ToString(m.AuthorizationType) != "NONE" {
		t.Errorf("method: %+v", m)
	}
	must(a.client.UpdateMethodResponse(ctx, &apigateway.UpdateMethodResponseInput{RestApiId: a.id, ResourceId: a.note, HttpMethod: a.verb, StatusCode: ok,
		PatchOperations: []gwtypes.PatchOperation{{Op: gwtypes.OpAdd, Path: aws.String("/responseParameters/method.response.header.X-Note"), Value: aws.String("false")}}}))(t)
	r := must(a.client.GetMethodResponse(ctx, &apigateway.GetMethodResponseInput{RestApiId: a.id, ResourceId: a.note, HttpMethod: a.verb, StatusCode: ok}))(t)
	if _, declared := r.ResponseParameters["method.response.header.X-Note"]; !declared {
		t.Errorf("method response: %+v", r)
	}
	must(a.client.UpdateIntegration(ctx, &apigateway.UpdateIntegrationInput{RestApiId: a.id, ResourceId: a.note, HttpMethod: a.verb,
		PatchOperations: replace("/timeoutInMillis", "1234")}))(t)
	if i := must(a.client.GetIntegration(ctx, &apigateway.GetIntegrationInput{RestApiId: a.id, ResourceId: a.note, HttpMethod: a.verb}))(t); i.TimeoutInMillis != 1234 || i.Type != gwtypes.IntegrationTypeMock {
		t.Errorf("integration: %+v", i)
	}
	must(a.client.UpdateIntegrationResponse(ctx, &apigateway.UpdateIntegrationResponseInput{RestApiId: a.id, ResourceId: a.note, HttpMethod: a.verb, StatusCode: ok,
		PatchOperations: []gwtypes.PatchOperation{{Op: gwtypes.OpAdd, Path: aws.String("/responseParameters/method.response.header.X-Note"), Value: aws.String("'seven'")}}}))(t)
	ir := must(a.client.GetIntegrationResponse(ctx, &apigateway.GetIntegrationResponseInput{RestApiId: a.id, ResourceId: a.note, HttpMethod: a.verb, StatusCode: ok}))(t)
	if ir.ResponseParameters["method.response.header.X-Note"] != "'seven'" {
		t.Errorf("integration response: %+v", ir)
	}
}

func (a restAPI) changeDeployments(t *testing.T) {
	ctx := t.Context()
	first := must(a.client.CreateDeployment(ctx, &apigateway.CreateDeploymentInput{RestApiId: a.id, Description: aws.String("one")}))(t)
	must(a.client.CreateStage(ctx, &apigateway.CreateStageInput{RestApiId: a.id, DeploymentId: first.Id, StageName: aws.String("prod")}))(t)
	if got := request(t, "GET", a.Gateway+"/"+*a.id+"/prod/notes", ""); got.status != 200 || got.body != "first" || got.header.Get("X-Note") != "seven" {
		t.Errorf("%d %s %v", got.status, got.body, got.header)
	}
	second := must(a.client.CreateDeployment(ctx, &apigateway.CreateDeploymentInput{RestApiId: a.id}))(t)
	must(a.client.UpdateDeployment(ctx, &apigateway.UpdateDeploymentInput{RestApiId: a.id, DeploymentId: second.Id, PatchOperations: replace("/description", "two")}))(t)
	got := must(a.client.GetDeployment(ctx, &apigateway.GetDeploymentInput{RestApiId: a.id, DeploymentId: second.Id, Embed: []string{"apisummary"}}))(t)
	if aws.ToString(got.Description) != "two" || len(got.ApiSummary["/notes"]) != 1 {
		t.Errorf("deployment: %+v", got)
	}
	if all := must(a.client.GetDeployments(ctx, &apigateway.GetDeploymentsInput{RestApiId: a.id}))(t); len(all.Items) != 2 {
		t.Errorf("%d deployments", len(all.Items))
	}
	_, err := a.client.DeleteDeployment(ctx, &apigateway.DeleteDeploymentInput{RestApiId: a.id, DeploymentId: first.Id})
	refused(t, err, "BadRequestException", "Active stages pointing to this deployment must be moved or deleted")
	must(a.client.DeleteDeployment(ctx, &apigateway.DeleteDeploymentInput{RestApiId: a.id, DeploymentId: second.Id}))(t)
	stages := must(a.client.GetStages(ctx, &apigateway.GetStagesInput{RestApiId: a.id, DeploymentId: first.Id}))(t)
	if len(stages.Item) != 1 || aws.ToString(stages.Item[0].StageName) != "prod" {
		t.Errorf("stages: %+v", stages.Item)
	}
}

func (a restAPI) deleteAll(t *testing.T) {
	ctx, c, ok := t.Context(), a.client, aws.String("200")
	must(c.DeleteIntegrationResponse(ctx, &apigateway.DeleteIntegrationResponseInput{RestApiId: a.id, ResourceId: a.note, HttpMethod: a.verb, StatusCode: ok}))(t)
	must(c.DeleteIntegration(ctx, &apigateway.DeleteIntegrationInput{RestApiId: a.id, ResourceId: a.note, HttpMethod: a.verb}))(t)
	must(c.DeleteMethodResponse(ctx, &apigateway.DeleteMethodResponseInput{RestApiId: a.id, ResourceId: a.note, HttpMethod: a.verb, StatusCode: ok}))(t)
	_, err := c.GetIntegration(ctx, &apigateway.GetIntegrationInput{RestApiId: a.id, ResourceId: a.note, HttpMethod: a.verb})
	refused(t, err, "NotFoundException", "Invalid Integration identifier specified")
	authorizer := must(c.CreateAuthorizer(ctx, &apigateway.CreateAuthorizerInput{RestApiId: a.id, Name: aws.String("unused"), Type: gwtypes.AuthorizerTypeToken,
		AuthorizerUri:  aws.String("arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:f/invocations"),
		IdentitySource: aws.String("method.request.header.Authorization")}))(t)
	must(c.DeleteAuthorizer(ctx, &apigateway.DeleteAuthorizerInput{RestApiId: a.id, AuthorizerId: authorizer.Id}))(t)
	must(c.DeleteMethod(ctx, &apigateway.DeleteMethodInput{RestApiId: a.id, ResourceId: a.note, HttpMethod: a.verb}))(t)
	must(c.DeleteResource(ctx, &apigateway.DeleteResourceInput{RestApiId: a.id, ResourceId: a.note}))(t)
	_, err = c.GetResource(ctx, &apigateway.GetResourceInput{RestApiId: a.id, ResourceId: a.note})
	refused(t, err, "NotFoundException", "Invalid Resource identifier specified")
	if got := request(t, "GET", a.Gateway+"/"+*a.id+"/prod/notes", ""); got.body != "first" {
		t.Errorf("the deployment lost what was deleted afterwards: %d %s", got.status, got.body)
	}
}
