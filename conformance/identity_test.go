package conformance_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	gwtypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	jose "github.com/go-jose/go-jose/v4"
)

// gateFunction is the function of a TOKEN authorizer behind Lambda's Invoke.
func gateFunction(t *testing.T) (url string) {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var event struct{ AuthorizationToken, MethodArn string }
		if err := json.NewDecoder(r.Body).Decode(&event); err != nil {
			t.Error(err)
		}
		if event.AuthorizationToken == "who" {
			w.Header().Set("X-Amz-Function-Error", "Unhandled")
			fmt.Fprint(w, `{"errorMessage":"Unauthorized","errorType":"Error"}`)
			return
		}
		effect := "Allow"
		if event.AuthorizationToken == "deny" {
			effect = "Deny"
		}
		fmt.Fprintf(w, `{"principalId":"somebody","policyDocument":{"Version":"2012-10-17","Statement":[{"Action":"execute-api:Invoke",`+
			`"Effect":%q,"Resource":%q}]},"context":{"level":3}}`, effect, event.MethodArn)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// TestIdentityFromPython goes through every operation about users, groups, keys, sessions and authorizers.
func TestIdentityFromPython(t *testing.T) {
	t.Parallel()
	if _, err := run(t, nil, "python3", "-c", "import boto3"); err != nil {
		t.Skip("boto3 is not installed")
	}
	p := start(t, t.TempDir(), "--auth", "sigv4", "--log-format", "json", "--lambda-endpoint", gateFunction(t))
	id, secret := printedKey(t, p)
	env := append(p.env(t), "GATEWAY="+p.Gateway, "AWS_ACCESS_KEY_ID="+id, "AWS_SECRET_ACCESS_KEY="+secret)
	out, err := run(t, env, "python3", "testdata/identity.py")
	if err != nil || !strings.Contains(out, "PASS") {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestIdentityFromGo has a user whom a policy lets into one log group, and a session of a role.
func TestIdentityFromGo(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir(), "--auth", "sigv4", "--log-format", "json")
	ctx := t.Context()
	id, secret := printedKey(t, p)
	as := func(id, secret, token string) aws.Config {
		cfg := p.AWSConfig()
		cfg.Credentials = credentials.NewStaticCredentialsProvider(id, secret, token)
		return cfg
	}
	root := iam.NewFromConfig(as(id, secret, ""))
	must(root.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("u")}))(t)
	key := must(root.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: aws.String("u")}))(t).AccessKey
	user := as(*key.AccessKeyId, *key.SecretAccessKey, "")
	_, err := cloudwatchlogs.NewFromConfig(user).CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String("g")})
	refused(t, err, "AccessDeniedException", "because no identity-based policy allows the logs:CreateLogGroup action")

	const own = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"000000000000"},"Action":"sts:AssumeRole"}]}`
	role := must(root.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("r"), AssumeRolePolicyDocument: aws.String(own)}))(t).Role
	allow := func(action string) *string {
		return aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"` + action + `","Resource":"*"}]}`)
	}
	must(root.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: role.RoleName, PolicyName: aws.String("p"), PolicyDocument: allow("logs:*")}))(t)
	assume := &sts.AssumeRoleInput{RoleArn: role.Arn, RoleSessionName: aws.String("s1")}
	_, err = sts.NewFromConfig(user).AssumeRole(ctx, assume)
	refused(t, err, "AccessDenied", "is not authorized to perform: sts:AssumeRole on resource: "+*role.Arn)
	must(root.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: aws.String("u"), PolicyName: aws.String("p"), PolicyDocument: allow("sts:AssumeRole")}))(t)
	session := must(sts.NewFromConfig(user).AssumeRole(ctx, assume))(t).Credentials
	acting := as(*session.AccessKeyId, *session.SecretAccessKey, *session.SessionToken)
	must(cloudwatchlogs.NewFromConfig(acting).CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String("g")}))(t)
	if who := must(sts.NewFromConfig(acting).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{}))(t); *who.Arn != "arn:aws:sts::000000000000:assumed-role/r/s1" {
		t.Errorf("session is %s", *who.Arn)
	}
}

// TestUserPool has an API that asks for tokens of a user pool, whose keys are somewhere else than at AWS.
func TestUserPool(t *testing.T) {
	t.Parallel()
	key := must(rsa.GenerateKey(rand.Reader, 2048))(t)
	pool := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/us-east-1_Abc/.well-known/jwks.json" {
			t.Errorf("asked for %s", r.URL.Path)
		}
		_ = json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "k", Algorithm: "RS256", Use: "sig"}}})
	}))
	t.Cleanup(pool.Close)
	sign := func(expires time.Time) string {
		signer := must(jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: key}, (&jose.SignerOptions{}).WithHeader("kid", "k")))(t)
		signed := must(signer.Sign(fmt.Appendf(nil, `{"iss":"https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Abc","token_use":"id","aud":"c","exp":%d}`, expires.Unix())))(t)
		return must(signed.CompactSerialize())(t)
	}
	p := start(t, t.TempDir(), "--cognito-endpoint", pool.URL)
	ctx, gw := t.Context(), p.apigateway()
	api := must(gw.CreateRestApi(ctx, &apigateway.CreateRestApiInput{Name: aws.String("pool")}))(t)
	gate := must(gw.CreateAuthorizer(ctx, &apigateway.CreateAuthorizerInput{
		RestApiId: api.Id, Name: aws.String("users"), Type: gwtypes.AuthorizerTypeCognitoUserPools, IdentitySource: aws.String("method.request.header.Authorization"),
		ProviderARNs: []string{"arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_Abc"},
	}))(t)
	method := aws.String("GET")
	must(gw.PutMethod(ctx, &apigateway.PutMethodInput{RestApiId: api.Id, ResourceId: api.RootResourceId, HttpMethod: method,
		AuthorizationType: aws.String("COGNITO_USER_POOLS"), AuthorizerId: gate.Id}))(t)
	must(gw.PutMethodResponse(ctx, &apigateway.PutMethodResponseInput{RestApiId: api.Id, ResourceId: api.RootResourceId, HttpMethod: method,
		StatusCode: aws.String("200")}))(t)
	must(gw.PutIntegration(ctx, &apigateway.PutIntegrationInput{RestApiId: api.Id, ResourceId: api.RootResourceId, HttpMethod: method,
		Type: gwtypes.IntegrationTypeMock, RequestTemplates: map[string]string{"application/json": `{"statusCode": 200}`}}))(t)
	must(gw.PutIntegrationResponse(ctx, &apigateway.PutIntegrationResponseInput{RestApiId: api.Id, ResourceId: api.RootResourceId,
		HttpMethod: method, StatusCode: aws.String("200")}))(t)
	deploy(t, p, *api.Id, "prod")
	for token, want := range map[string]int{sign(time.Now().Add(time.Hour)): 200, sign(time.Now().Add(-time.Hour)): 401, "": 401} {
		r := must(http.NewRequestWithContext(ctx, http.MethodGet, p.Gateway+"/"+*api.Id+"/prod/", http.NoBody))(t)
		r.Header.Set("Authorization", token)
		resp := must(http.DefaultClient.Do(r))(t)
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("got %d, want %d", resp.StatusCode, want)
		}
	}
}
