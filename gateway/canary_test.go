package gateway_test

import (
	"strings"
	"testing"

	"github.com/tollbook/tollbook/gateway"
)

func TestCanary(t *testing.T) {
	t.Parallel()
	stage := stageOf(mock("GET", "/", "stage"))
	stage.AccessLog.Format = "$context.requestId $context.isCanaryRequest $context.deploymentId"
	canary := stage
	canary.DeploymentID = "canary"
	canary.Routes = []gateway.Route{mock("GET", "/", "canary")}
	stage.Canary = &gateway.Canary{Percent: 25, Stage: canary}
	b := start(t, stage)
	const requests = 2000
	seen := map[string]int{}
	for range requests {
		seen[b.do("GET", "/prod/", "").body]++
	}
	// 25 % with a standard deviation of 1 %: six of them are never crossed
	if seen["canary"] < requests*19/100 || seen["canary"] > requests*31/100 || seen["canary"]+seen["stage"] != requests {
		t.Errorf("answers %v", seen)
	}
	marked := map[string]int{}
	for _, line := range b.lines(group) {
		_, rest, _ := strings.Cut(line, " ")
		marked[rest]++
	}
	if marked["true canary"] != seen["canary"] || marked["false d3p10y"] != seen["stage"] {
		t.Errorf("entries %v of answers %v", marked, seen)
	}
	if n := len(b.lines(group + "/Canary")); n != seen["canary"] {
		t.Errorf("%d entries in the canary's own group, of %d", n, seen["canary"])
	}
}

func TestCanaryShares(t *testing.T) {
	t.Parallel()
	for percent, want := range map[float64]string{0: "stage", 100: "canary"} {
		stage := stageOf(mock("GET", "/", "stage"))
		canary := stageOf(mock("GET", "/", "canary"))
		stage.Canary = &gateway.Canary{Percent: percent, Stage: canary}
		b := start(t, stage)
		for range 50 {
			if got := b.do("GET", "/prod/", "").body; got != want {
				t.Fatalf("%v %%: %s", percent, got)
			}
		}
	}
}
