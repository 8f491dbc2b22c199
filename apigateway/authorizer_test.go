package apigateway_test

import (
	"strings"
	"testing"
	"time"

	ag "github.com/tollbook/tollbook/awsapi/awsapigateway"
	"github.com/tollbook/tollbook/gateway"
)

const (
	authorizerURI = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:123456789012:function:auth/invocations"
	userPoolARN   = "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_Abc123"
)

// authorizer makes a TOKEN authorizer.
func (f *fixture) authorizer(t *testing.T, apiID, name string) string {
	t.Helper()
	return *must[*ag.Authorizer](t)(f.CreateAuthorizer(f.ctx, &ag.CreateAuthorizerRequest{
		RestApiId: apiID, Name: name, Type: "TOKEN", AuthorizerUri: new(authorizerURI),
		IdentitySource: new("method.request.header.Authorization"), AuthorizerResultTtlInSeconds: new(int32(60)),
	})).Id
}

func TestAuthorizerLife(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	api, root := f.api(t)
	id := f.authorizer(t, api, "tokens")
	want := &ag.Authorizer{
		Id: &id, Name: new("tokens"), Type: new("TOKEN"), AuthType: new("custom"), AuthorizerUri: new(authorizerURI),
		IdentitySource: new("method.request.header.Authorization"), AuthorizerResultTtlInSeconds: new(int32(60)),
	}
	get := &ag.GetAuthorizerRequest{RestApiId: api, AuthorizerId: id}
	same(t, must[*ag.Authorizer](t)(f.GetAuthorizer(f.ctx, get)), want)
	same(t, must[*ag.Authorizers](t)(f.GetAuthorizers(f.ctx, &ag.GetAuthorizersRequest{RestApiId: api})).Items, []ag.Authorizer{*want})

	got := must[*ag.Authorizer](t)(f.UpdateAuthorizer(f.ctx, &ag.UpdateAuthorizerRequest{RestApiId: api, AuthorizerId: id, PatchOperations: patches(
		patch("replace", "/name", "all"), patch("replace", "/type", "REQUEST"), patch("replace", "/authorizerResultTtlInSeconds", "0"),
		patch("remove", "/identitySource"))}))
	want.Name, want.Type, want.AuthorizerResultTtlInSeconds, want.IdentitySource = new("all"), new("REQUEST"), new(int32(0)), nil
	same(t, got, want)

	must[*ag.Method](t)(f.PutMethod(f.ctx, &ag.PutMethodRequest{
		RestApiId: api, ResourceId: root, HttpMethod: "GET", AuthorizationType: "CUSTOM", AuthorizerId: &id}))
	del := &ag.DeleteAuthorizerRequest{RestApiId: api, AuthorizerId: id}
	wantError(t, f.DeleteAuthorizer(f.ctx, del), conflict, "Cannot delete authorizer 'all', is referenced in method: //GET")
	if err := f.DeleteMethod(f.ctx, &ag.DeleteMethodRequest{RestApiId: api, ResourceId: root, HttpMethod: "GET"}); err != nil {
		t.Fatal(err)
	}
	if err := f.DeleteAuthorizer(f.ctx, del); err != nil {
		t.Fatal(err)
	}
	_, err := f.GetAuthorizer(f.ctx, get)
	wantError(t, err, notFound, "Invalid Authorizer identifier specified")
}

func TestAuthorizersAreRefused(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	api, _ := f.api(t)
	f.authorizer(t, api, "taken")
	const uriText = "Invalid Authorizer URI: arn:aws:lambda:x. Authorizer URI should be a valid API Gateway ARN that represents a Lambda function invocation."
	for name, c := range map[string]struct {
		in      ag.CreateAuthorizerRequest
		code    string
		message string
	}{
		"api":      {ag.CreateAuthorizerRequest{RestApiId: "nosuchapi1", Name: "a", Type: "TOKEN"}, conflict, "Unable to complete operation due to concurrent modification. Please try again later."},
		"name":     {ag.CreateAuthorizerRequest{Name: "taken", Type: "TOKEN", AuthorizerUri: new(authorizerURI)}, badRequest, "Authorizer name must be unique. Authorizer taken already exists in this RestApi."},
		"uri":      {ag.CreateAuthorizerRequest{Name: "a", Type: "TOKEN", AuthorizerUri: new("arn:aws:lambda:x")}, badRequest, uriText},
		"source":   {ag.CreateAuthorizerRequest{Name: "a", Type: "TOKEN", AuthorizerUri: new(authorizerURI), IdentitySource: new("method.request.querystring.q")}, badRequest, "Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression specified: method.request.querystring.q]"},
		"no cache": {ag.CreateAuthorizerRequest{Name: "a", Type: "REQUEST", AuthorizerUri: new(authorizerURI)}, badRequest, "Identity sources are required when caching is enabled for a REQUEST authorizer"},
		"ttl":      {ag.CreateAuthorizerRequest{Name: "a", Type: "TOKEN", AuthorizerUri: new(authorizerURI), AuthorizerResultTtlInSeconds: new(int32(3601))}, badRequest, "Invalid authorizer result TTL specified. It must be between 0 and 3600 seconds"},
		"pattern":  {ag.CreateAuthorizerRequest{Name: "a", Type: "TOKEN", AuthorizerUri: new(authorizerURI), IdentityValidationExpression: new("(")}, badRequest, "Invalid identity validation expression specified: ("},
		"pool":     {ag.CreateAuthorizerRequest{Name: "a", Type: "COGNITO_USER_POOLS", ProviderARNs: []string{"arn:x"}}, badRequest, "Invalid provider ARN specified: arn:x"},
	} {
		if c.in.RestApiId == "" {
			c.in.RestApiId = api
		}
		_, err := f.CreateAuthorizer(f.ctx, &c.in)
		t.Log(name)
		wantError(t, err, c.code, c.message)
	}
	for i := range 9 {
		f.authorizer(t, api, strings.Repeat("x", i+1))
	}
	_, err := f.CreateAuthorizer(f.ctx, &ag.CreateAuthorizerRequest{RestApiId: api, Name: "eleventh", Type: "TOKEN", AuthorizerUri: new(authorizerURI)})
	wantError(t, err, "LimitExceededException", "Maximum number of Authorizers for this API has been reached. Please contact AWS if you need additional Authorizers.")
}

func TestMethodsNeedTheirAuthorizer(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	api, root := f.api(t)
	id := f.authorizer(t, api, "tokens")
	const message = "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer."
	for _, c := range []struct{ kind, id string }{{"CUSTOM", ""}, {"CUSTOM", "nosuch"}, {"COGNITO_USER_POOLS", id}} {
		_, err := f.PutMethod(f.ctx, &ag.PutMethodRequest{
			RestApiId: api, ResourceId: root, HttpMethod: "GET", AuthorizationType: c.kind, AuthorizerId: &c.id})
		wantError(t, err, badRequest, message)
	}
	f.mock(t, api, root, "GET")
	_, err := f.UpdateMethod(f.ctx, &ag.UpdateMethodRequest{RestApiId: api, ResourceId: root, HttpMethod: "GET",
		PatchOperations: patches(patch("replace", "/authorizationType", "CUSTOM"))})
	wantError(t, err, badRequest, message)
	must[*ag.Method](t)(f.UpdateMethod(f.ctx, &ag.UpdateMethodRequest{RestApiId: api, ResourceId: root, HttpMethod: "GET",
		PatchOperations: patches(patch("replace", "/authorizationType", "CUSTOM"), patch("replace", "/authorizerId", id))}))
}

func TestAuthorizersAndPolicyAreDeployed(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	api, root := f.api(t)
	f.mock(t, api, root, "GET")
	id := f.authorizer(t, api, "tokens")
	pool := *must[*ag.Authorizer](t)(f.CreateAuthorizer(f.ctx, &ag.CreateAuthorizerRequest{
		RestApiId: api, Name: "pool", Type: "COGNITO_USER_POOLS", ProviderARNs: []string{userPoolARN}})).Id
	const text = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/prod/*"}]}`
	full := strings.Replace(text, "execute-api:/prod", "arn:aws:execute-api:eu-west-1:123456789012:"+api+"/prod", 1)
	out := must[*ag.RestApi](t)(f.UpdateRestApi(f.ctx, &ag.UpdateRestApiRequest{RestApiId: api, PatchOperations: patches(patch("replace", "/policy", text))}))
	same(t, *out.Policy, strings.ReplaceAll(full, `"`, `\"`))
	f.deploy(t, api, "prod")
	if err := f.FlushStageAuthorizersCache(f.ctx, &ag.FlushStageAuthorizersCacheRequest{RestApiId: api, StageName: "prod"}); err != nil {
		t.Fatal(err)
	}
	st, _ := f.sink.stage(api, "prod")
	same(t, st.ResourcePolicy, full)
	same(t, st.Authorizers, map[string]gateway.Authorizer{
		id:   {ID: id, Name: "tokens", Type: "TOKEN", URI: authorizerURI, IdentitySource: "method.request.header.Authorization", TTL: time.Minute},
		pool: {ID: pool, Name: "pool", Type: "COGNITO_USER_POOLS", ProviderARNs: []string{userPoolARN}, TTL: 5 * time.Minute},
	})
	same(t, f.sink.calls[len(f.sink.calls)-1], "flush "+api+" prod")
	tested := must[*ag.TestInvokeAuthorizerResponse](t)(f.TestInvokeAuthorizer(f.ctx, &ag.TestInvokeAuthorizerRequest{
		RestApiId: api, AuthorizerId: id, PathWithQueryString: new("/x")}))
	same(t, *tested.PrincipalId, id+"/x")

	clone := must[*ag.RestApi](t)(f.CreateRestApi(f.ctx, &ag.CreateRestApiRequest{Name: "clone", CloneFrom: &api}))
	same(t, len(must[*ag.Authorizers](t)(f.GetAuthorizers(f.ctx, &ag.GetAuthorizersRequest{RestApiId: *clone.Id})).Items), 2)
	out = must[*ag.RestApi](t)(f.UpdateRestApi(f.ctx, &ag.UpdateRestApiRequest{RestApiId: api, PatchOperations: patches(patch("replace", "/policy", ""))}))
	if out.Policy != nil {
		t.Errorf("policy is %s", *out.Policy)
	}
}

func TestResourcePoliciesAreChecked(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	const invalid = "Invalid policy document. Please check the policy syntax and ensure that Principals are valid."
	for name, c := range map[string]struct{ policy, message string }{
		"no JSON":      {"{", invalid},
		"no principal": {`{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`, invalid},
		"no resource":  {`{"Statement":[{"Effect":"Deny","Principal":"*","Action":"*"}]}`, invalid},
		"too large":    {`{"Id":"` + strings.Repeat("x", 8192) + `"}`, "Invalid policy document. The policy is larger than 8192 characters."},
	} {
		_, err := f.CreateRestApi(f.ctx, &ag.CreateRestApiRequest{Name: name, Policy: &c.policy})
		wantError(t, err, badRequest, c.message)
	}
}

func TestPrivateAPIsNeedAPolicy(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	out := must[*ag.RestApi](t)(f.CreateRestApi(f.ctx, &ag.CreateRestApiRequest{
		Name: "inner", EndpointConfiguration: &ag.EndpointConfiguration{Types: []string{"PRIVATE"}}}))
	f.mock(t, *out.Id, *out.RootResourceId, "GET")
	_, err := f.CreateDeployment(f.ctx, &ag.CreateDeploymentRequest{RestApiId: *out.Id})
	wantError(t, err, badRequest, "Private REST API doesn't have a resource policy attached to it")
}
