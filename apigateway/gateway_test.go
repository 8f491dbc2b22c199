package apigateway_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/tollbook/tollbook/accesslog"
	"github.com/tollbook/tollbook/apigateway"
	ag "github.com/tollbook/tollbook/awsapi/awsapigateway"
	"github.com/tollbook/tollbook/gateway"
)

// realSink compiles stages into a real gateway, but refuses those that refuse says.
type realSink struct {
	*gateway.Gateway
	refuse bool
}

var _ apigateway.StageSink = (*realSink)(nil)

func (s *realSink) SetStage(stage gateway.Stage) error {
	if s.refuse && len(stage.Routes) == 1 {
		stage.Routes = append(stage.Routes, stage.Routes[0]) // a method that is there twice
	}
	table, err := gateway.Compile(stage)
	if err != nil {
		return err
	}
	s.Gateway.SetStage(stage.APIID, stage.Name, table)
	return nil
}

type noLog struct{}

func (noLog) AppendEntries(context.Context, accesslog.Destination, []accesslog.RenderedEntry) error {
	return nil
}

// withGateway puts a real gateway behind the service.
func withGateway(t *testing.T) (*fixture, *realSink) {
	f := newFixture(t)
	writer := accesslog.NewWriter(noLog{}, accesslog.Options{})
	gw, err := gateway.New(gateway.Config{AccountID: account, Region: region}, writer)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := writer.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() {
		if err := gw.Close(); err != nil {
			t.Error(err)
		}
	})
	sink := &realSink{Gateway: gw}
	f.Service = apigateway.New(apigateway.Options{DB: f.db, Roles: f.roles, LogGroups: f.groups, Stages: sink})
	return f, sink
}

func (s *realSink) get(apiID, path string) int {
	r := httptest.NewRequest(http.MethodGet, "http://"+apiID+".execute-api."+region+".amazonaws.com"+path, nil)
	w := httptest.NewRecorder()
	s.HTTPHandler().ServeHTTP(w, r)
	return w.Code
}

func TestServedThroughTheGateway(t *testing.T) {
	t.Parallel()
	f, sink := withGateway(t)
	api, root := f.api(t)
	notes := f.resource(t, api, root, "notes")
	must[*ag.Method](t)(f.putMethod(api, notes, "GET", nil))
	must[*ag.MethodResponse](t)(f.PutMethodResponse(f.ctx, &ag.PutMethodResponseRequest{
		RestApiId: api, ResourceId: notes, HttpMethod: "GET", StatusCode: "200"}))
	must[*ag.Integration](t)(f.PutIntegration(f.ctx, &ag.PutIntegrationRequest{RestApiId: api, ResourceId: notes, HttpMethod: "GET",
		Type: "MOCK", RequestTemplates: map[string]string{"application/json": `{"statusCode": 200}`}}))
	must[*ag.IntegrationResponse](t)(f.PutIntegrationResponse(f.ctx, &ag.PutIntegrationResponseRequest{
		RestApiId: api, ResourceId: notes, HttpMethod: "GET", StatusCode: "200"}))
	same(t, sink.get(api, "/prod/notes"), 403) // not deployed yet
	f.deploy(t, api, "prod")
	same(t, sink.get(api, "/prod/notes"), 200)
	same(t, sink.get(api, "/prod/other"), 403)

	if err := f.DeleteStage(f.ctx, &ag.DeleteStageRequest{RestApiId: api, StageName: "prod"}); err != nil {
		t.Fatal(err)
	}
	same(t, sink.get(api, "/prod/notes"), 403)
}

func TestBrokenStageThroughTheGateway(t *testing.T) {
	t.Parallel()
	f, sink := withGateway(t)
	sink.refuse = true
	api, _, _ := f.deployed(t)
	for _, path := range []string{"/prod", "/prod/", "/prod/any/thing"} {
		same(t, sink.get(api, path), 500)
	}
}
