package iam_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/awsiam"
	"github.com/tollbook/tollbook/iam"
	"github.com/tollbook/tollbook/iam/sigv4"
)

func TestCheckLogRole(t *testing.T) {
	t.Parallel()
	const arn = "arn:aws:iam::111111111111:role/R"
	trust := func(statement string) func(fixture) {
		return func(f fixture) {
			document := `{"Version":"2012-10-17","Statement":` + statement + `}`
			f.ok(f.UpdateAssumeRolePolicy(f.ctx, &awsiam.UpdateAssumeRolePolicyRequest{RoleName: "R", PolicyDocument: document}))
			f.attach("R", pushToLogs)
		}
	}
	inline := func(document string) func(fixture) {
		return func(f fixture) {
			f.ok(f.PutRolePolicy(f.ctx, &awsiam.PutRolePolicyRequest{RoleName: "R", PolicyName: "p", PolicyDocument: document}))
		}
	}
	resource := func(arn string) string {
		return strings.Replace(allowLogs, `"Resource":"*"`, `"Resource":"`+arn+`"`, 1)
	}
	service := `{"Effect":"Allow","Principal":{"Service":"apigateway.amazonaws.com"},"Action":"sts:AssumeRole"`
	cases := []struct {
		name  string
		setUp func(f fixture)
		arn   string
		want  string // the refusal, "" for none
	}{
		{"push policy", func(f fixture) { f.attach("R", pushToLogs) }, arn, ""},
		{"inline", inline(allowLogs), arn, ""},
		{"customer policy", func(f fixture) { f.attach("R", f.createPolicy("P", allowLogs)) }, arn, ""},
		{"every log group by ARN", inline(resource("arn:aws:logs:*:*:*")), arn, ""},
		{"same region", inline(resource("arn:aws:logs:eu-west-1:111111111111:*")), arn, ""},
		{"other region", inline(resource("arn:aws:logs:us-east-1:111111111111:*")), arn, "role " + arn + " is not allowed logs:CreateLogGroup"},
		{"named groups", inline(resource("arn:aws:logs:*:*:log-group:API-Gateway-*")), arn, "role " + arn + " is not allowed logs:CreateLogGroup"},
		{"nothing", func(fixture) {}, arn, "role " + arn + " is not allowed logs:CreateLogGroup"},
		{"too little", func(f fixture) { f.attach("R", "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole") }, arn, "role " + arn + " is not allowed logs:DescribeLogGroups"},
		{"denied", func(f fixture) {
			f.attach("R", pushToLogs)
			inline(strings.NewReplacer("Allow", "Deny", "logs:*", "logs:FilterLogEvents").Replace(allowLogs))(f)
		}, arn, "role " + arn + " is not allowed logs:FilterLogEvents"},
		{"no such role", func(fixture) {}, arn + "x", "role " + arn + "x does not exist"},
		{"wrong path", func(fixture) {}, "arn:aws:iam::111111111111:role/x/R", "role arn:aws:iam::111111111111:role/x/R does not exist"},
		{"other account", func(fixture) {}, "arn:aws:iam::222222222222:role/R", "role arn:aws:iam::222222222222:role/R does not exist"},
		{"no ARN", func(fixture) {}, "R", "role R does not exist"},
		{"empty", func(fixture) {}, "", "role  does not exist"},
		{"other service", trust(strings.Replace(service, "apigateway", "lambda", 1) + "}"), arn, "role " + arn + " does not trust apigateway.amazonaws.com"},
		{"trust denied", trust("[" + service + "}," + strings.Replace(service, "Allow", "Deny", 1) + "}]"), arn, "role " + arn + " does not trust apigateway.amazonaws.com"},
		{"own account as source", trust(service + `,"Condition":{"StringEquals":{"aws:SourceAccount":"111111111111"}}}`), arn, ""},
		{"other account as source", trust(service + `,"Condition":{"StringEquals":{"aws:SourceAccount":"222222222222"}}}`), arn, "role " + arn + " does not trust apigateway.amazonaws.com"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := open(t)
			f.createRole("R")
			c.setUp(f)
			err := f.CheckLogRole(f.ctx, account, c.arn)
			if c.want == "" {
				f.ok(err)
				return
			}
			var refusal *iam.LogRoleRefusal
			if !errors.As(err, &refusal) || err.Error() != c.want {
				t.Errorf("got %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestCheckLogRoleFollowsTheDefaultVersion(t *testing.T) {
	t.Parallel()
	f := open(t)
	role := f.createRole("R")
	arn := f.createPolicy("P", allowLogs)
	f.attach("R", arn)
	f.ok(f.CheckLogRole(f.ctx, account, role.Arn))
	_, err := f.CreatePolicyVersion(f.ctx, &awsiam.CreatePolicyVersionRequest{PolicyArn: arn, PolicyDocument: strings.Replace(allowLogs, "Allow", "Deny", 1), SetAsDefault: new(true)})
	f.ok(err)
	if err := f.CheckLogRole(f.ctx, account, role.Arn); err == nil {
		t.Error("the old version is still in force")
	}
}

// TestUndecided: a failure to read is told apart from a refusal.
func TestUndecided(t *testing.T) {
	t.Parallel()
	f := open(t)
	role := f.createRole("R")
	ctx, cancel := context.WithCancel(f.ctx)
	cancel()
	err := f.CheckLogRole(ctx, account, role.Arn)
	var refusal *iam.LogRoleRefusal
	var fault *awsapi.Error
	if errors.As(err, &refusal) || !errors.As(err, &fault) || fault.Status != 500 || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if _, err := f.CanAssume(ctx, account, role.Arn, "apigateway.amazonaws.com"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestCanAssumeAndAllowed(t *testing.T) {
	t.Parallel()
	f := open(t)
	arn := f.createRole("R").Arn
	f.ok(f.TagRole(f.ctx, &awsiam.TagRoleRequest{RoleName: "R", Tags: []awsiam.Tag{{Key: "team", Value: "red"}}}))
	f.ok(f.PutRolePolicy(f.ctx, &awsiam.PutRolePolicyRequest{RoleName: "R", PolicyName: "p", PolicyDocument: `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":"lambda:InvokeFunction","Resource":"arn:aws:lambda:*:*:function:${aws:PrincipalTag/team}-*"},
		{"Effect":"Allow","Action":"sns:ListTopics","Resource":"*","Condition":{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::111111111111:role/R"}}}]}`}))
	assumable := map[string]bool{"apigateway.amazonaws.com": true, "lambda.amazonaws.com": false, "": false}
	for service, want := range assumable {
		if got := must[bool](t)(f.CanAssume(f.ctx, account, arn, service)); got != want {
			t.Errorf("assumed by %q: %v", service, got)
		}
	}
	allowed := []struct {
		arn, action, resource string
		want                  bool
	}{
		{arn, "lambda:InvokeFunction", "arn:aws:lambda:eu-west-1:111111111111:function:red-a", true},
		{arn, "lambda:InvokeFunction", "arn:aws:lambda:eu-west-1:111111111111:function:blue-a", false},
		{arn, "sns:ListTopics", "", true},
		{arn, "sns:Publish", "", false},
		{arn + "x", "sns:ListTopics", "", false},
	}
	for _, c := range allowed {
		if got := must[bool](t)(f.Allowed(f.ctx, account, c.arn, c.action, c.resource)); got != c.want {
			t.Errorf("%s may %s on %s: %v", c.arn, c.action, c.resource, got)
		}
	}
}

func TestRootKey(t *testing.T) {
	t.Parallel()
	f := open(t)
	id, secret, isNew, err := iam.EnsureRootKey(t.Context(), f.db)
	f.ok(err)
	if !isNew || len(id) != 20 || !strings.HasPrefix(id, "AKIA") || len(secret) != 40 {
		t.Errorf("got %s %d %v", id, len(secret), isNew)
	}
	again, sameSecret, isNew, err := iam.EnsureRootKey(t.Context(), f.db)
	f.ok(err)
	if isNew || again != id || sameSecret != secret {
		t.Error("the second call made another key")
	}
	got, who, err := f.Signer(t.Context(), sigv4.Credential{AccessKeyID: id})
	f.ok(err)
	if got != secret || !who.Root || who.ARN != "arn:aws:iam::000000000000:root" {
		t.Errorf("the key is that of %+v", who)
	}
	if _, _, err := f.Signer(t.Context(), sigv4.Credential{AccessKeyID: "AKIANOBODY"}); !errors.Is(err, sigv4.ErrUnknownKey) {
		t.Errorf("got %v", err)
	}
}
