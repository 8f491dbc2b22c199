package apigateway_test

import (
	"testing"

	ag "github.com/tollbook/tollbook/awsapi/awsapigateway"
	"github.com/tollbook/tollbook/gateway"
)

// An entry of method settings shows AWS' limits as soon as anything is set; they limit nothing until a client sets one.
func TestMethodThrottleIsChosen(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	api, _, _ := f.deployed(t)
	for _, c := range []struct {
		path, value string
		want        *gateway.Throttle
	}{
		{"/*/*/metrics/enabled", "true", nil},
		{"/*/*/throttling/rateLimit", "10000", &gateway.Throttle{Rate: 10000, Burst: 5000}},
		{"/~1/GET/throttling/burstLimit", "7", &gateway.Throttle{Rate: 10000, Burst: 7}},
		{"/~1/GET/throttling/rateLimit", "-1", &gateway.Throttle{Rate: -1, Burst: 7}}, // none: see gateway.Throttle
	} {
		must[*ag.Stage](t)(f.UpdateStage(f.ctx, &ag.UpdateStageRequest{RestApiId: api, StageName: "prod",
			PatchOperations: patches(patch("replace", c.path, c.value))}))
		st, _ := f.sink.stage(api, "prod")
		same(t, st.Routes[0].Settings.Throttle, c.want)
	}
}
