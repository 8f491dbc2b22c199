package apigateway_test

import (
	"math/rand/v2"
	"testing"

	ag "github.com/tollbook/tollbook/awsapi/awsapigateway"
)

func TestStagePatches(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	api, _, _ := f.deployed(t)
	second := f.deploy(t, api, "")
	got := f.updateStageOK(t, api,
		patch("replace", "/deploymentId", second),
		patch("replace", "/description", "text"),
		patch("replace", "/cacheClusterEnabled", "true"),
		patch("replace", "/cacheClusterSize", "1.6"),
		patch("replace", "/tracingEnabled", "true"),
		patch("replace", "/variables/a", "1"),
		patch("replace", "/variables/b", "2"),
		patch("remove", "/variables/a"),
		patch("remove", "/canarySettings"),
		patch("replace", "/clientCertificateId", ""))
	same(t, got, &ag.Stage{
		StageName: new("prod"), DeploymentId: &second, Description: new("text"), CacheClusterEnabled: new(true),
		CacheClusterSize: new("1.6"), CacheClusterStatus: new("AVAILABLE"), TracingEnabled: new(true),
		Variables: map[string]string{"b": "2"}, MethodSettings: map[string]ag.MethodSetting{},
		CreatedDate: got.CreatedDate, LastUpdatedDate: got.LastUpdatedDate,
	})
	served, _ := f.sink.stage(api, "prod")
	same(t, served.DeploymentID, second)
	same(t, served.Variables, map[string]string{"b": "2"})

	same(t, f.updateStageOK(t, api, patch("replace", "/variables", `{"c":"3"}`)).Variables, map[string]string{"c": "3"})
	same(t, f.updateStageOK(t, api, patch("remove", "/variables")).Variables, map[string]string(nil))
}

// Whatever operations come before it, a list that ends with a bad operation leaves the stage, and what is served, as they
// were; and a list that is refused is refused by its first bad operation.
func TestFailedPatchChangesNothing(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	api, _, first := f.deployed(t)
	second := f.deploy(t, api, "")
	f.setLogRole(t)
	good := patches(
		patch("replace", "/deploymentId", first),
		patch("replace", "/deploymentId", second),
		patch("replace", "/description", "a"),
		patch("replace", "/variables/a", "1"),
		patch("replace", "/variables/b", "2"),
		patch("remove", "/variables/a"),
		patch("remove", "/variables"),
		patch("replace", pathDestination, logGroupARN),
		patch("replace", pathFormat, logFormat),
		patch("remove", "/accessLogSettings"),
		patch("replace", "/*/*/metrics/enabled", "true"),
		patch("replace", "/a~1b/GET/logging/loglevel", "INFO"),
		patch("replace", "/tracingEnabled", "true"),
	)
	bad := patches(
		patch("replace", "/nope", "x"),
		patch("replace", "/deploymentId", "nope"),
		patch("replace", pathFormat, "no id"),
		patch("replace", pathDestination, logGroupARN+":*"),
		patch("remove", "/never/PUT"),
		patch("add", "/description", "x"),
		patch("replace", "/canarySettings/percentTraffic", "101"),
		ag.PatchOperation{},
	)
	rnd := rand.New(rand.NewPCG(1, 2))
	for round := range 150 {
		var ops []ag.PatchOperation
		for range rnd.IntN(6) {
			ops = append(ops, good[rnd.IntN(len(good))])
		}
		if round%3 == 0 { // move on to another state to start from
			f.updateStageOK(t, api, ops...)
			continue
		}
		worst := bad[rnd.IntN(len(bad))]
		before, served := f.stage(t, api), f.served(t, api)
		ensured := len(f.groups.ensured)

		_, err := f.updateStage(api, append(ops, worst)...)
		_, alone := f.updateStage(api, worst)
		if err == nil || alone == nil || err.Error() != alone.Error() {
			t.Fatalf("%d good operations and a bad one: got %v, want %v", len(ops), err, alone)
		}
		same(t, f.stage(t, api), before)
		same(t, f.served(t, api), served)
		same(t, len(f.groups.ensured), ensured)
	}
}
