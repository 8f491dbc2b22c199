package apigateway_test

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tollbook/tollbook/apigateway"
	"github.com/tollbook/tollbook/awsapi"
	ag "github.com/tollbook/tollbook/awsapi/awsapigateway"
	"github.com/tollbook/tollbook/gateway"
	"github.com/tollbook/tollbook/state"
)

const (
	account = "123456789012"
	region  = "eu-west-1"
	roleARN = "arn:aws:iam::123456789012:role/APIGatewayCloudWatchLogs"

	badRequest = "BadRequestException"
	notFound   = "NotFoundException"
	conflict   = "ConflictException"
	notBuilt   = "NotImplementedException"
)

// fixture is a Service on a real database, with fakes for the other services and the data plane.
type fixture struct {
	*apigateway.Service
	ctx    context.Context
	db     *state.DB
	clock  *time.Time
	roles  *fakeRoles
	groups *fakeGroups
	sink   *fakeSink
	log    *strings.Builder
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	db, err := state.Open(t.Context(), filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return fixtureOn(t, db)
}

// fixtureOn is a Service on a database that may have been used before.
func fixtureOn(t *testing.T, db *state.DB) *fixture {
	clock := time.Date(2026, 3, 4, 5, 6, 7, 890, time.UTC)
	f := &fixture{
		ctx:    inRegion(t.Context(), region),
		db:     db,
		clock:  &clock,
		roles:  &fakeRoles{},
		groups: &fakeGroups{},
		sink:   &fakeSink{stages: map[string]gateway.Stage{}, domains: map[string]gateway.Domain{}},
		log:    &strings.Builder{},
	}
	f.Service = apigateway.New(apigateway.Options{
		DB: db, Roles: f.roles, LogGroups: f.groups, Stages: f.sink, Domains: f.sink,
		Log: slog.New(slog.NewTextHandler(f.log, nil)),
		Now: func() time.Time { return clock },
	})
	return f
}

func inRegion(ctx context.Context, region string) context.Context {
	return awsapi.WithCaller(ctx, awsapi.Caller{AccountID: account, Region: region})
}

type fakeRoles struct {
	err   error
	asked []string
}

func (r *fakeRoles) CheckLogRole(_ context.Context, accountID, roleARN string) error {
	r.asked = append(r.asked, accountID+" "+roleARN)
	return r.err
}

type fakeGroups struct {
	err     error
	ensured []string
	welcome []string
}

func (g *fakeGroups) EnsureAccessLogGroup(_ context.Context, accountID, region, group string) error {
	g.ensured = append(g.ensured, accountID+" "+region+" "+group)
	return g.err
}

func (g *fakeGroups) Welcome(_ context.Context, accountID, region string) error {
	g.welcome = append(g.welcome, accountID+" "+region)
	return g.err
}

// fakeSink keeps what is served. Calls for one API never overlap, which inside checks.
type fakeSink struct {
	mu     sync.Mutex
	stages map[string]gateway.Stage // by "api/stage"
	calls  []string
	refuse func(gateway.Stage) error

	domains map[string]gateway.Domain
}

func (s *fakeSink) SetDomain(d gateway.Domain) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.domains[d.Name] = d
}

func (s *fakeSink) RemoveDomain(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.domains, name)
}

func (s *fakeSink) SetStage(stage gateway.Stage) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, "set "+stage.Name+" "+stage.DeploymentID)
	if s.refuse != nil {
		if err := s.refuse(stage); err != nil {
			return err
		}
	}
	s.stages[stage.APIID+"/"+stage.Name] = stage
	return nil
}

func (s *fakeSink) RemoveStage(apiID, stage string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.stages, apiID+"/"+stage)
}

func (s *fakeSink) TestInvoke(gateway.Stage, gateway.TestRequest) (gateway.TestResult, error) {
	return gateway.TestResult{}, errors.New("no data plane")
}

func (s *fakeSink) FlushCache(_, stage string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, "flush "+stage)
}

func (s *fakeSink) FlushAuthorizers(apiID, stage string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, "flush "+apiID+" "+stage)
}

func (s *fakeSink) TestAuthorizer(_ gateway.Stage, id string, r gateway.TestRequest) (gateway.TestAuthorization, error) {
	return gateway.TestAuthorization{Status: 200, Principal: id + r.PathWithQuery, Policy: "{}", Log: "log"}, nil
}

func (s *fakeSink) RemoveAPI(apiID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key := range s.stages {
		if strings.HasPrefix(key, apiID+"/") {
			delete(s.stages, key)
		}
	}
}

func (s *fakeSink) stage(apiID, name string) (gateway.Stage, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st, ok := s.stages[apiID+"/"+name]
	return st, ok
}

// must returns the result of an operation that has to succeed.
func must[T any](t *testing.T) func(out T, err error) T {
	t.Helper()
	return func(out T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
}

func wantError(t *testing.T, err error, code, message string) {
	t.Helper()
	var got *awsapi.Error
	if !errors.As(err, &got) {
		t.Fatalf("got error %v, want %s: %s", err, code, message)
	}
	if got.Code != code || got.Message != message {
		t.Fatalf("got  %s: %s\nwant %s: %s", got.Code, got.Message, code, message)
	}
}

func same(t *testing.T, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("mismatch (-want +got):\n%s", diff)
	}
}

// patch makes an operation; a value may follow.
func patch(op, path string, value ...string) ag.PatchOperation {
	p := ag.PatchOperation{Op: &op, Path: &path}
	if len(value) > 0 {
		p.Value = &value[0]
	}
	return p
}

func patches(ops ...ag.PatchOperation) []ag.PatchOperation { return ops }

// api makes an API and returns its id and that of its root resource.
func (f *fixture) api(t *testing.T) (apiID, rootID string) {
	t.Helper()
	out := must[*ag.RestApi](t)(f.CreateRestApi(f.ctx, &ag.CreateRestApiRequest{Name: "notes"}))
	return *out.Id, *out.RootResourceId
}

func (f *fixture) resource(t *testing.T, apiID, parentID, part string) string {
	t.Helper()
	out := must[*ag.Resource](t)(f.CreateResource(f.ctx,
		&ag.CreateResourceRequest{RestApiId: apiID, ParentId: parentID, PathPart: part}))
	return *out.Id
}

// mock makes a method with a MOCK integration.
func (f *fixture) mock(t *testing.T, apiID, resourceID, httpMethod string) {
	t.Helper()
	must[*ag.Method](t)(f.PutMethod(f.ctx, &ag.PutMethodRequest{
		RestApiId: apiID, ResourceId: resourceID, HttpMethod: httpMethod, AuthorizationType: "NONE"}))
	must[*ag.Integration](t)(f.PutIntegration(f.ctx, &ag.PutIntegrationRequest{
		RestApiId: apiID, ResourceId: resourceID, HttpMethod: httpMethod, Type: "MOCK"}))
}

func (f *fixture) deploy(t *testing.T, apiID, stage string) (deploymentID string) {
	t.Helper()
	in := &ag.CreateDeploymentRequest{RestApiId: apiID}
	if stage != "" {
		in.StageName = &stage
	}
	return *must[*ag.Deployment](t)(f.CreateDeployment(f.ctx, in)).Id
}

// deployed makes an API with GET / and stage prod.
func (f *fixture) deployed(t *testing.T) (apiID, rootID, deploymentID string) {
	t.Helper()
	apiID, rootID = f.api(t)
	f.mock(t, apiID, rootID, "GET")
	return apiID, rootID, f.deploy(t, apiID, "prod")
}

func (f *fixture) setLogRole(t *testing.T) {
	t.Helper()
	must[*ag.Account](t)(f.UpdateAccount(f.ctx,
		&ag.UpdateAccountRequest{PatchOperations: patches(patch("replace", "/cloudwatchRoleArn", roleARN))}))
}

// models are the schemas of an API by name.
func (f *fixture) models(t *testing.T, apiID string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, m := range must[*ag.Models](t)(f.GetModels(f.ctx, &ag.GetModelsRequest{RestApiId: apiID})).Items {
		out[*m.Name] = *m.Schema
	}
	return out
}
