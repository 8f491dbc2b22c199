package apigateway_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/tollbook/tollbook/accesslog"
	"github.com/tollbook/tollbook/apigateway"
)

// fakeDeliveries is a log service that delivers the execution log of every stage to one group, if it is named.
type fakeDeliveries struct {
	group string
	err   error
}

func (d *fakeDeliveries) LogDeliveries(_ context.Context, stageARN string) ([]accesslog.Delivery, error) {
	if d.group == "" || d.err != nil || !strings.HasSuffix(stageARN, "/stages/prod") {
		return nil, d.err
	}
	return []accesslog.Delivery{{Destination: accesslog.Destination{AccountID: account, Region: region, Group: d.group}}}, nil
}

func deliveryFixture(t *testing.T) (*fixture, *fakeDeliveries) {
	f, d := newFixture(t), &fakeDeliveries{}
	f.Service = apigateway.New(apigateway.Options{
		DB: f.db, Roles: f.roles, LogGroups: f.groups, LogDeliveries: d, Stages: f.sink, Domains: f.sink,
		Log: slog.New(slog.DiscardHandler),
	})
	return f, d
}

func logSourceARN(apiID, stage string) string {
	return "arn:aws:apigateway:" + region + ":" + account + ":/restapis/" + apiID + "/stages/" + stage
}

func (f *fixture) deliveredTo(t *testing.T, apiID, stage string) string {
	t.Helper()
	s, ok := f.sink.stage(apiID, stage)
	if !ok || len(s.Deliveries) > 1 {
		t.Fatalf("stage %s is served: %v, delivered to %v", stage, ok, s.Deliveries)
	}
	if len(s.Deliveries) == 0 {
		return ""
	}
	if s.Canary != nil && s.Canary.Stage.Deliveries[0].Destination != s.Deliveries[0].Destination {
		t.Errorf("the canary's log goes to %v", s.Canary.Stage.Deliveries)
	}
	return s.Deliveries[0].Destination.Group
}

// TestDeliveriesAreInForce: a change is served at once, and stays with the stage through deployments and a restart.
func TestDeliveriesAreInForce(t *testing.T) {
	t.Parallel()
	f, d := deliveryFixture(t)
	api, _, deployment := f.deployed(t)
	f.deploy(t, api, "test")
	d.group = "mine"
	if got := f.deliveredTo(t, api, "prod"); got != "" {
		t.Errorf("delivered to %s without being told", got)
	}
	f.DeliveriesChanged(f.ctx, logSourceARN(api, "prod"))
	if got := f.deliveredTo(t, api, "prod"); got != "mine" {
		t.Errorf("delivered to %q", got)
	}
	d.group = "other"
	f.deploy(t, api, "prod")
	if prod, test := f.deliveredTo(t, api, "prod"), f.deliveredTo(t, api, "test"); prod != "other" || test != "" {
		t.Errorf("after a deployment: %q and %q", prod, test)
	}
	f.updateStageOK(t, api, patch("replace", "/canarySettings/deploymentId", deployment), patch("replace", "/canarySettings/percentTraffic", "5"))
	f.deliveredTo(t, api, "prod")
	f.sink.RemoveAPI(api)
	if err := f.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := f.deliveredTo(t, api, "prod"); got != "other" {
		t.Errorf("after a restart: %q", got)
	}

	elsewhere := strings.Replace(logSourceARN(api, "prod"), region, "us-west-2", 1)
	for _, arn := range []string{logSourceARN(api, "none"), logSourceARN("none", "prod"), elsewhere, "x"} {
		before := len(f.sink.calls)
		f.DeliveriesChanged(f.ctx, arn)
		if len(f.sink.calls) != before {
			t.Errorf("%s: %v", arn, f.sink.calls[before:])
		}
	}
	d.err = errors.New("disk on fire")
	f.DeliveriesChanged(f.ctx, logSourceARN(api, "prod"))
	if s, _ := f.sink.stage(api, "prod"); len(s.Routes) != 2 || s.Routes[1].ResourcePath != "/{proxy+}" {
		t.Error("served as if it were not delivered")
	}
}

func TestLogSource(t *testing.T) {
	t.Parallel()
	f, _ := deliveryFixture(t)
	api, _, _ := f.deployed(t)
	f.setLogRole(t)
	check := func(arn string, wantExists, wantLogging bool) {
		t.Helper()
		exists, logging, err := f.LogSource(f.ctx, arn)
		if err != nil || exists != wantExists || logging != wantLogging {
			t.Errorf("%s: %v %v %v", arn, exists, logging, err)
		}
	}
	prod := logSourceARN(api, "prod")
	check(prod, true, false)
	f.updateStageOK(t, api, patch("replace", "/*/*/logging/loglevel", "OFF"), patch("replace", "/~1/GET/logging/loglevel", "ERROR"))
	check(prod, true, true)
	f.updateStageOK(t, api, patch("replace", "/~1/GET/logging/loglevel", "OFF"))
	check(prod, true, false)
	f.updateStageOK(t, api, patch("replace", "/*/*/logging/loglevel", "INFO"))
	check(prod, true, true)
	check(logSourceARN(api, "none"), false, false)
	check(logSourceARN("none", "prod"), false, false)
	check(strings.Replace(prod, account, "999999999999", 1), false, false)
	check(strings.Replace(prod, account, "", 1), false, false)
	check(strings.Replace(prod, "/stages/", "/resources/", 1), false, false)
}
