package apigateway_test

import (
	"testing"
	"time"

	ag "github.com/tollbook/tollbook/awsapi/awsapigateway"
)

func (f *fixture) updateStage(apiID string, ops ...ag.PatchOperation) (*ag.Stage, error) {
	return f.UpdateStage(f.ctx, &ag.UpdateStageRequest{RestApiId: apiID, StageName: "prod", PatchOperations: ops})
}

func (f *fixture) updateStageOK(t *testing.T, apiID string, ops ...ag.PatchOperation) *ag.Stage {
	t.Helper()
	return must[*ag.Stage](t)(f.updateStage(apiID, ops...))
}

func (f *fixture) stage(t *testing.T, apiID string) *ag.Stage {
	t.Helper()
	return must[*ag.Stage](t)(f.GetStage(f.ctx, &ag.GetStageRequest{RestApiId: apiID, StageName: "prod"}))
}

func TestStageDefaults(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	api, _, deployment := f.deployed(t)
	created := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	want := &ag.Stage{
		CacheClusterEnabled: new(false), CacheClusterStatus: new("NOT_AVAILABLE"), CreatedDate: &created, DeploymentId: &deployment,
		LastUpdatedDate: &created, MethodSettings: map[string]ag.MethodSetting{}, StageName: new("prod"), TracingEnabled: new(false),
	}
	same(t, f.stage(t, api), want)

	*f.clock = f.clock.Add(time.Hour)
	updated := created.Add(time.Hour)
	want.Description, want.LastUpdatedDate = new("text"), &updated
	same(t, f.updateStageOK(t, api, patch("replace", "/description", "text")), want)
	same(t, f.stage(t, api), want)
}

func TestCreateStage(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	api, _, deployment := f.deployed(t)
	create := func(name string, change func(*ag.CreateStageRequest)) (*ag.Stage, error) {
		in := &ag.CreateStageRequest{RestApiId: api, StageName: name, DeploymentId: deployment}
		if change != nil {
			change(in)
		}
		return f.CreateStage(f.ctx, in)
	}
	got := must[*ag.Stage](t)(create("test_1-a", func(in *ag.CreateStageRequest) {
		in.Variables, in.Tags = map[string]string{"host": "example.com:80"}, map[string]string{"team": "a"}
	}))
	same(t, got.Variables, map[string]string{"host": "example.com:80"})
	same(t, got.Tags, map[string]string{"team": "a"})
	served, ok := f.sink.stage(api, "test_1-a")
	same(t, ok, true)
	same(t, served.Variables, map[string]string{"host": "example.com:80"})

	const value = "Please use values with alphanumeric characters and the symbols ' ', -', '.', '_', ':', '/', '?', '&', '=', and ','."
	for name, c := range map[string]struct {
		stage         string
		change        func(*ag.CreateStageRequest)
		code, message string
	}{
		"exists":             {"prod", nil, conflict, "Stage already exists"},
		"name":               {"a.b", nil, badRequest, "Stage name only allows a-zA-Z0-9_-"},
		"unknown api":        {"x", func(in *ag.CreateStageRequest) { in.RestApiId = "nope" }, notFound, "Invalid API identifier specified 123456789012:nope"},
		"unknown deployment": {"x", func(in *ag.CreateStageRequest) { in.DeploymentId = "nope" }, notFound, "Invalid Deployment identifier specified"},
		"canary deployment":  {"x", func(in *ag.CreateStageRequest) { in.CanarySettings = &ag.CanarySettings{DeploymentId: new("nope")} }, badRequest, "Deployment id does not exist"},
		"canary": {"x", func(in *ag.CreateStageRequest) {
			in.CanarySettings = &ag.CanarySettings{DeploymentId: &deployment, PercentTraffic: new(-1.0)}
		}, badRequest, "Percent traffic must be between 0.0 and 100.0"},
		"variable name":  {"x", func(in *ag.CreateStageRequest) { in.Variables = map[string]string{"a.b": "x"} }, badRequest, "Invalid stage variable name: a.b. Please use alphanumeric characters and underscores"},
		"variable value": {"x", func(in *ag.CreateStageRequest) { in.Variables = map[string]string{"a": "<x>"} }, badRequest, "Invalid stage variable value: <x>. " + value},
		"documentation":  {"x", func(in *ag.CreateStageRequest) { in.DocumentationVersion = new("1") }, notFound, "Invalid Documentation version identifier specified"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := create(c.stage, c.change)
			wantError(t, err, c.code, c.message)
		})
	}
}

func TestGetStages(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	api, _, first := f.deployed(t)
	f.deploy(t, api, "beta")
	names := func(deployment *string) (names []string) {
		for _, st := range must[*ag.Stages](t)(f.GetStages(f.ctx, &ag.GetStagesRequest{RestApiId: api, DeploymentId: deployment})).Item {
			names = append(names, *st.StageName)
		}
		return names
	}
	same(t, names(nil), []string{"beta", "prod"})
	same(t, names(&first), []string{"prod"})
	_, err := f.GetStages(f.ctx, &ag.GetStagesRequest{RestApiId: "nope"})
	wantError(t, err, notFound, "Invalid API identifier specified 123456789012:nope")
}

func TestDeleteStage(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	api, _, _ := f.deployed(t)
	in := &ag.DeleteStageRequest{RestApiId: api, StageName: "prod"}
	if err := f.DeleteStage(f.ctx, in); err != nil {
		t.Fatal(err)
	}
	if _, served := f.sink.stage(api, "prod"); served {
		t.Error("the deleted stage is still served")
	}
	const unknown = "Invalid stage identifier specified"
	wantError(t, f.DeleteStage(f.ctx, in), notFound, unknown)
	_, err := f.updateStage(api, patch("replace", "/description", "x"))
	wantError(t, err, notFound, unknown)
	_, err = f.GetStage(f.ctx, &ag.GetStageRequest{RestApiId: api, StageName: "prod"})
	wantError(t, err, notFound, unknown)
}
