package apigateway_test

import (
	"testing"

	ag "github.com/tollbook/tollbook/awsapi/awsapigateway"
)

func TestDeploymentErrors(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	api, root := f.api(t)
	create := func(in ag.CreateDeploymentRequest) error {
		if in.RestApiId == "" {
			in.RestApiId = api
		}
		_, err := f.CreateDeployment(f.ctx, &in)
		return err
	}
	wantError(t, create(ag.CreateDeploymentRequest{RestApiId: "nope"}), notFound, "Invalid API identifier specified 123456789012:nope")
	wantError(t, create(ag.CreateDeploymentRequest{}), badRequest, "The REST API doesn't contain any methods")
	must[*ag.Method](t)(f.putMethod(api, root, "GET", nil))
	wantError(t, create(ag.CreateDeploymentRequest{StageName: new("prod")}), badRequest, "No integration defined for method")
	f.mock(t, api, f.resource(t, api, root, "a"), "GET")
	wantError(t, create(ag.CreateDeploymentRequest{}), badRequest, "No integration defined for method") // one of two
	must[*ag.Integration](t)(f.PutIntegration(f.ctx, &ag.PutIntegrationRequest{RestApiId: api, ResourceId: root, HttpMethod: "GET", Type: "MOCK"}))

	canary := &ag.DeploymentCanarySettings{PercentTraffic: new(50.0)}
	const content = "Invalid deployment content specified."
	wantError(t, create(ag.CreateDeploymentRequest{CanarySettings: canary}), badRequest,
		content+"Non null and non empty stageName must be provided for canary deployment. Provided value is null")
	wantError(t, create(ag.CreateDeploymentRequest{CanarySettings: canary, StageName: new("")}), badRequest,
		content+"Non null and non empty stageName must be provided for canary deployment. Provided value is ")
	wantError(t, create(ag.CreateDeploymentRequest{CanarySettings: canary, StageName: new("non-existing")}), badRequest,
		content+"Stage non-existing must already be created before making a canary release deployment")
	wantError(t, create(ag.CreateDeploymentRequest{StageName: new("a/b")}), badRequest, "Stage name only allows a-zA-Z0-9_-")
	wantError(t, create(ag.CreateDeploymentRequest{StageName: new("prod"), Variables: map[string]string{"a-b": "x"}}), badRequest,
		"Invalid stage variable name: a-b. Please use alphanumeric characters and underscores")
	same(t, len(must[*ag.Deployments](t)(f.GetDeployments(f.ctx, &ag.GetDeploymentsRequest{RestApiId: api})).Items), 0)
	same(t, len(f.sink.stages), 0)

	f.deploy(t, api, "prod")
	_, err := f.GetDeployment(f.ctx, &ag.GetDeploymentRequest{RestApiId: api, DeploymentId: "nope"})
	wantError(t, err, notFound, "Invalid Deployment identifier specified")
}

func TestDeploymentShapes(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	api, _, _ := f.deployed(t)
	got := must[*ag.Deployment](t)(f.CreateDeployment(f.ctx, &ag.CreateDeploymentRequest{RestApiId: api, Description: new("second")}))
	want := &ag.Deployment{Id: got.Id, CreatedDate: got.CreatedDate, Description: new("second")}
	same(t, got, want)
	same(t, len(*got.Id), 6)
	want.ApiSummary = map[string]map[string]ag.MethodSnapshot{
		"/": {"GET": {AuthorizationType: new("NONE"), ApiKeyRequired: new(false)}}}
	same(t, must[*ag.Deployment](t)(f.GetDeployment(f.ctx,
		&ag.GetDeploymentRequest{RestApiId: api, DeploymentId: *got.Id, Embed: []string{"apisummary"}})), want)

	changed := must[*ag.Deployment](t)(f.UpdateDeployment(f.ctx, &ag.UpdateDeploymentRequest{RestApiId: api, DeploymentId: *got.Id,
		PatchOperations: patches(patch("replace", "/description", "renamed"))}))
	same(t, changed.Description, new("renamed"))
	_, err := f.UpdateDeployment(f.ctx, &ag.UpdateDeploymentRequest{RestApiId: api, DeploymentId: *got.Id,
		PatchOperations: patches(patch("replace", "/id", "x"))})
	wantError(t, err, badRequest, "Invalid patch path /id")
	same(t, len(must[*ag.Deployments](t)(f.GetDeployments(f.ctx, &ag.GetDeploymentsRequest{RestApiId: api})).Items), 2)
}

func TestDeploymentIsASnapshot(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	api, root, first := f.deployed(t)
	notes := f.resource(t, api, root, "notes")
	f.mock(t, api, notes, "GET")
	must[*ag.RestApi](t)(f.UpdateRestApi(f.ctx, &ag.UpdateRestApiRequest{RestApiId: api,
		PatchOperations: patches(patch("add", "/binaryMediaTypes/image~1png"))}))
	// A change of the stage must not bring the newer API into it.
	f.updateStageOK(t, api, patch("replace", "/description", "x"))
	served, _ := f.sink.stage(api, "prod")
	same(t, len(served.Routes), 1)
	same(t, served.BinaryMediaTypes, []string(nil))

	second := f.deploy(t, api, "prod")
	served, _ = f.sink.stage(api, "prod")
	same(t, served.DeploymentID, second)
	same(t, len(served.Routes), 2)
	same(t, served.BinaryMediaTypes, []string{"image/png"})

	if err := f.DeleteResource(f.ctx, &ag.DeleteResourceRequest{RestApiId: api, ResourceId: notes}); err != nil {
		t.Fatal(err)
	}
	f.updateStageOK(t, api, patch("replace", "/deploymentId", first))
	served, _ = f.sink.stage(api, "prod")
	same(t, len(served.Routes), 1)
	f.updateStageOK(t, api, patch("replace", "/deploymentId", second))
	served, _ = f.sink.stage(api, "prod")
	same(t, len(served.Routes), 2)
}

func TestDeploymentSetsStageMembers(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	api, _, _ := f.deployed(t)
	f.updateStageOK(t, api, patch("replace", "/variables/a", "1"))
	f.deploy(t, api, "prod") // says nothing of variables
	same(t, f.stage(t, api).Variables, map[string]string{"a": "1"})
	must[*ag.Deployment](t)(f.CreateDeployment(f.ctx, &ag.CreateDeploymentRequest{RestApiId: api, StageName: new("prod"),
		StageDescription: new("d"), Variables: map[string]string{"b": "2"}, TracingEnabled: new(true), CacheClusterEnabled: new(true)}))
	got := f.stage(t, api)
	same(t, got.Variables, map[string]string{"b": "2"})
	same(t, got.Description, new("d"))
	same(t, got.TracingEnabled, new(true))
	same(t, got.CacheClusterSize, new("0.5"))
}

func TestDeleteDeployment(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	api, _, first := f.deployed(t)
	in := &ag.DeleteDeploymentRequest{RestApiId: api, DeploymentId: first}
	wantError(t, f.DeleteDeployment(f.ctx, in), badRequest, "Active stages pointing to this deployment must be moved or deleted")
	f.deploy(t, api, "prod")
	if err := f.DeleteDeployment(f.ctx, in); err != nil {
		t.Fatal(err)
	}
	wantError(t, f.DeleteDeployment(f.ctx, in), notFound, "Invalid Deployment identifier specified")
	_, err := f.updateStage(api, patch("replace", "/deploymentId", first))
	wantError(t, err, notFound, "Invalid Deployment identifier specified")
}
