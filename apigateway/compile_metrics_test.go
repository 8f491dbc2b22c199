package apigateway_test

import (
	"testing"

	ag "github.com/tollbook/tollbook/awsapi/awsapigateway"
)

// Detailed metrics follow the settings of the method, or else those of all methods.
func TestCompileDetailedMetrics(t *testing.T) {
	t.Parallel()
	b := newBackend(t)
	must[*ag.Integration](t)(b.put("HTTP", func(in *ag.PutIntegrationRequest) {
		in.Uri, in.IntegrationHttpMethod = new("http://example.com/"), new("GET")
	}))
	items := b.resource(t, b.api, b.root, "items")
	must[*ag.Method](t)(b.putMethod(b.api, items, "ANY", func(*ag.PutMethodRequest) {}))
	must[*ag.Integration](t)(b.PutIntegration(b.ctx, &ag.PutIntegrationRequest{RestApiId: b.api, ResourceId: items, HttpMethod: "ANY",
		Type: "HTTP_PROXY", IntegrationHttpMethod: new("ANY"), Uri: new("http://backend/")}))
	b.deploy(t, b.api, "prod")
	for _, step := range []struct {
		patches []ag.PatchOperation
		root    bool
		items   bool
	}{
		{patches(patch("replace", "/variables/a", "1")), false, false},
		{patches(patch("replace", "/*/*/metrics/enabled", "true")), true, true},
		{patches(patch("replace", "/items/ANY/metrics/enabled", "false")), true, false},
		{patches(patch("replace", "/~1/GET/metrics/enabled", "true"), patch("remove", "/*/*")), true, false},
		{patches(patch("remove", "/items/ANY"), patch("replace", "/*/*/metrics/enabled", "true")), true, true},
	} {
		b.updateStageOK(t, b.api, step.patches...)
		stage := b.served(t, b.api)
		if stage.APIName == "" {
			t.Error("the stage has no API name")
		}
		got := map[string]bool{}
		for _, r := range stage.Routes {
			got[r.ResourcePath] = r.DetailedMetrics
		}
		same(t, got, map[string]bool{"/": step.root, "/items": step.items})
	}
}
