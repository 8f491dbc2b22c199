package apigateway_test

import (
	"testing"

	ag "github.com/tollbook/tollbook/awsapi/awsapigateway"
	"github.com/tollbook/tollbook/iam/policy"
)

// TestRolesArePassed has a user who may write APIs and hand over one role: no other gets in by any way.
func TestRolesArePassed(t *testing.T) {
	t.Parallel()
	const (
		mine, other = "arn:aws:iam::123456789012:role/mine", "arn:aws:iam::123456789012:role/other"
		user        = "arn:aws:iam::123456789012:user/u"
		queue       = "arn:aws:apigateway:eu-west-1:sqs:path/123456789012/q"
		function    = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:123456789012:function:f/invocations"
		denied      = "User: " + user + " is not authorized to perform: iam:PassRole on resource: " + other +
			" because no identity-based policy allows the iam:PassRole action"
	)
	f := newFixture(t)
	document, err := policy.Parse(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"apigateway:*","Resource":"*"},
		{"Effect":"Allow","Action":"iam:PassRole","Resource":"` + mine + `","Condition":{"StringEquals":{"iam:PassedToService":"apigateway.amazonaws.com"}}}]}`)
	if err != nil {
		t.Fatal(err)
	}
	f.ctx = policy.WithIdentity(f.ctx, &policy.Identity{Caller: policy.Caller{ARN: user, AccountID: account}, Policies: []*policy.Document{document}})
	apiID, root := f.api(t)
	must[*ag.Method](t)(f.PutMethod(f.ctx, &ag.PutMethodRequest{RestApiId: apiID, ResourceId: root, HttpMethod: "POST", AuthorizationType: "NONE"}))

	put := func(role string) error {
		_, err := f.PutIntegration(f.ctx, &ag.PutIntegrationRequest{RestApiId: apiID, ResourceId: root, HttpMethod: "POST", Type: "AWS",
			IntegrationHttpMethod: new("POST"), Uri: new(queue), Credentials: new(role)})
		return err
	}
	update := func(role string) error {
		_, err := f.UpdateIntegration(f.ctx, &ag.UpdateIntegrationRequest{RestApiId: apiID, ResourceId: root, HttpMethod: "POST",
			PatchOperations: patches(patch("replace", "/credentials", role))})
		return err
	}
	var authorizer string
	authorize := func(role string) error {
		a, err := f.CreateAuthorizer(f.ctx, &ag.CreateAuthorizerRequest{RestApiId: apiID, Name: "n", Type: "TOKEN", AuthorizerUri: new(function),
			IdentitySource: new("method.request.header.Authorization"), AuthorizerCredentials: new(role)})
		if err == nil {
			authorizer = *a.Id
		}
		return err
	}
	change := func(role string) error {
		_, err := f.UpdateAuthorizer(f.ctx, &ag.UpdateAuthorizerRequest{RestApiId: apiID, AuthorizerId: authorizer,
			PatchOperations: patches(patch("replace", "/authorizerCredentials", role))})
		return err
	}
	logs := func(role string) error {
		_, err := f.UpdateAccount(f.ctx, &ag.UpdateAccountRequest{PatchOperations: patches(patch("replace", "/cloudwatchRoleArn", role))})
		return err
	}
	for _, hand := range []func(string) error{put, update, authorize, change, logs} {
		wantError(t, hand(other), "AccessDeniedException", denied)
		if err := hand(mine); err != nil {
			t.Error(err)
		}
	}
	if err := put("arn:aws:iam::*:user/*"); err != nil { // nobody's role
		t.Error(err)
	}
	document2 := `{"swagger":"2.0","info":{"title":"t","version":"1"},"paths":{"/a":{"post":{"responses":{},"x-amazon-apigateway-integration":` +
		`{"type":"aws","httpMethod":"POST","uri":"` + queue + `","credentials":"` + other + `"}}}}}`
	_, err = f.ImportRestApi(f.ctx, &ag.ImportRestApiRequest{Body: []byte(document2)})
	wantError(t, err, badRequest, "Errors found during import:\n\tUnable to put integration on 'POST' for resource at path '/a': "+denied)
}
