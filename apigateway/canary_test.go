package apigateway_test

import (
	"testing"

	ag "github.com/tollbook/tollbook/awsapi/awsapigateway"
)

// canaried is an API whose stage prod has a canary with a quarter of the requests.
func (f *fixture) canaried(t *testing.T) (api, first, second string) {
	t.Helper()
	api, _, first = f.deployed(t)
	out := must[*ag.Deployment](t)(f.CreateDeployment(f.ctx, &ag.CreateDeploymentRequest{
		RestApiId: api, StageName: new("prod"), Variables: map[string]string{"a": "1", "b": "1"},
		CanarySettings: &ag.DeploymentCanarySettings{PercentTraffic: new(25.0), StageVariableOverrides: map[string]string{"b": "2"}},
	}))
	return api, first, *out.Id
}

func TestCanary(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	api, first, second := f.canaried(t)
	st := f.stage(t, api)
	same(t, *st.DeploymentId, first)
	same(t, st.CanarySettings, &ag.CanarySettings{
		DeploymentId: &second, PercentTraffic: new(25.0), StageVariableOverrides: map[string]string{"b": "2"}, UseStageCache: new(false),
	})
	served := f.served(t, api)
	same(t, []string{served.DeploymentID, served.Canary.Stage.DeploymentID}, []string{first, second})
	same(t, served.Variables, map[string]string{"a": "1", "b": "1"})
	same(t, served.Canary.Stage.Variables, map[string]string{"a": "1", "b": "2"})
	wantError(t, f.DeleteDeployment(f.ctx, &ag.DeleteDeploymentRequest{RestApiId: api, DeploymentId: second}), badRequest,
		"Active stages pointing to this deployment must be moved or deleted")

	f.updateStageOK(t, api,
		ag.PatchOperation{Op: new("copy"), Path: new("/deploymentId"), From: new("/canarySettings/deploymentId")},
		ag.PatchOperation{Op: new("copy"), Path: new("/variables"), From: new("/canarySettings/stageVariableOverrides")},
		patch("replace", "/canarySettings/percentTraffic", "0.0"))
	st = f.stage(t, api)
	same(t, *st.DeploymentId, second)
	same(t, st.Variables, map[string]string{"a": "1", "b": "2"})
	same(t, *st.CanarySettings.PercentTraffic, 0.0)
	f.updateStageOK(t, api, patch("remove", "/canarySettings"))
	same(t, f.stage(t, api).CanarySettings == nil, true)
	same(t, f.served(t, api).Canary == nil, true)
}

func TestCanaryPatches(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	api, _, _ := f.deployed(t)
	_, err := f.updateStage(api, patch("replace", "/canarySettings/percentTraffic", "101"))
	wantError(t, err, badRequest, "Percent traffic must be between 0.0 and 100.0")

	f.updateStageOK(t, api,
		patch("replace", "/canarySettings/percentTraffic", "50.000000"),
		patch("replace", "/canarySettings/stageVariableOverrides/x", "1"),
		patch("replace", "/canarySettings/useStageCache", "true"))
	c := f.stage(t, api).CanarySettings
	same(t, *c.PercentTraffic, 50.0)
	same(t, *c.UseStageCache, true)
	same(t, c.StageVariableOverrides, map[string]string{"x": "1"})
	f.updateStageOK(t, api, patch("remove", "/canarySettings/stageVariableOverrides/x"))
	same(t, len(f.stage(t, api).CanarySettings.StageVariableOverrides), 0)
}
