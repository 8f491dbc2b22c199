package apigateway_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	ag "github.com/tollbook/tollbook/awsapi/awsapigateway"
	"github.com/tollbook/tollbook/gateway"
)

func (f *fixture) served(t *testing.T, apiID string) gateway.Stage {
	t.Helper()
	stage, ok := f.sink.stage(apiID, "prod")
	if !ok {
		t.Fatal("the stage is not served")
	}
	return stage
}

func TestPublishAtStart(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	first, _, _ := f.deployed(t)
	f.setLogRole(t)
	f.updateStageOK(t, first, patch("replace", pathDestination, logGroupARN), patch("replace", pathFormat, logFormat))
	f.ctx = inRegion(t.Context(), "us-east-1")
	second, _, _ := f.deployed(t)

	later := fixtureOn(t, f.db)
	if err := later.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	same(t, later.sink.stages, f.sink.stages)
	same(t, later.served(t, first).Region, region)
	same(t, later.served(t, second).Region, "us-east-1")
	same(t, later.served(t, second).AccountID, account)
	same(t, len(later.groups.ensured), 0)
}

func TestBrokenStageAnswers500AndHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	broken, _, _ := f.deployed(t)
	sound, _, _ := f.deployed(t)
	f.sink.stages = map[string]gateway.Stage{}
	f.sink.refuse = func(st gateway.Stage) error {
		if st.APIID == broken && st.Routes[0].ResourceID != "" {
			return errors.New("cannot compile")
		}
		return nil
	}
	if err := f.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	same(t, len(f.served(t, sound).Routes), 1)
	// A MOCK integration without a template has no status to answer with, which is a 500.
	for i, path := range []string{"/", "/{proxy+}"} {
		route := f.served(t, broken).Routes[i]
		same(t, route.ResourcePath, path)
		same(t, route.Method, "ANY")
		same(t, route.Integration, gateway.Integration{Type: "MOCK", PassthroughBehavior: "WHEN_NO_MATCH"})
	}
	if !strings.Contains(f.log.String(), "cannot compile") {
		t.Error("the cause is not in the log")
	}
}

// Changes from many sides end with the data plane serving what is stored.
func TestPublishKeepsTheOrderOfCommits(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	api, _, _ := f.deployed(t)
	var wg sync.WaitGroup
	errs := make(chan error, 40)
	for worker := range 4 {
		wg.Go(func() {
			for i := range 10 {
				_, err := f.updateStage(api, patch("replace", "/variables/last", fmt.Sprintf("%d-%d", worker, i)))
				errs <- err
			}
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
	same(t, f.served(t, api).Variables, f.stage(t, api).Variables)
}

func TestBrokenLogFormatStillAnswers500(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	api, _, _ := f.deployed(t)
	f.setLogRole(t)
	f.sink.refuse = func(st gateway.Stage) error {
		if st.AccessLog != nil {
			return errors.New("bad format")
		}
		return nil
	}
	f.updateStageOK(t, api, patch("replace", pathDestination, logGroupARN), patch("replace", pathFormat, logFormat))
	same(t, len(f.served(t, api).Routes), 2)
	same(t, f.served(t, api).AccessLog, (*gateway.AccessLog)(nil))
}

func TestAPIIDsAreUniqueOverRegions(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	seen := map[string]bool{}
	for i := range 40 {
		ctx := inRegion(t.Context(), fmt.Sprintf("region-%d", i))
		seen[*must[*ag.RestApi](t)(f.CreateRestApi(ctx, &ag.CreateRestApiRequest{Name: "x"})).Id] = true
	}
	same(t, len(seen), 40)
}
