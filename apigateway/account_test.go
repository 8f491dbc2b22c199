package apigateway_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/tollbook/tollbook/awsapi"
	ag "github.com/tollbook/tollbook/awsapi/awsapigateway"
)

func (f *fixture) updateAccount(ops ...ag.PatchOperation) (*ag.Account, error) {
	return f.UpdateAccount(f.ctx, &ag.UpdateAccountRequest{PatchOperations: ops})
}

func TestAccountDefaults(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	got := must[*ag.Account](t)(f.GetAccount(f.ctx, &ag.GetAccountRequest{}))
	same(t, got, &ag.Account{
		ApiKeyVersion:    new("4"),
		Features:         []string{"UsagePlans"},
		ThrottleSettings: &ag.ThrottleSettings{BurstLimit: new(int32(5000)), RateLimit: new(10000.0)},
	})
}

func TestAccountRole(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	got := must[*ag.Account](t)(f.updateAccount(patch("replace", "/cloudwatchRoleArn", roleARN)))
	same(t, got.CloudwatchRoleArn, new(roleARN))
	same(t, must[*ag.Account](t)(f.GetAccount(f.ctx, nil)), got)
	same(t, f.roles.asked, []string{account + " " + roleARN})

	must[*ag.Account](t)(f.updateAccount(patch("replace", "/cloudwatchRoleArn", roleARN)))
	same(t, len(f.roles.asked), 2) // tried again, but welcomed once
	same(t, f.groups.welcome, []string{account + " " + region})

	got = must[*ag.Account](t)(f.updateAccount(patch("replace", "/cloudwatchRoleArn", "")))
	same(t, got.CloudwatchRoleArn, (*string)(nil))
	same(t, len(f.roles.asked), 2)

	elsewhere := must[*ag.Account](t)(f.GetAccount(inRegion(t.Context(), "us-east-1"), nil))
	same(t, elsewhere.CloudwatchRoleArn, (*string)(nil))
}

func TestAccountRoleRefused(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.roles.err = errors.New("role trusts ec2 only")
	_, err := f.updateAccount(patch("replace", "/cloudwatchRoleArn", roleARN))
	wantError(t, err, badRequest, "The role ARN does not have required permissions configured. Please grant trust permission "+
		"for API Gateway and add the required role policy.")
	if !strings.Contains(f.log.String(), "role trusts ec2 only") {
		t.Error("the cause is not in the log")
	}

	f.roles.err = awsapi.NewError(500, "ServiceFailure", "disk gone")
	_, err = f.updateAccount(patch("replace", "/cloudwatchRoleArn", roleARN))
	wantError(t, err, "ServiceFailure", "disk gone")

	f.roles.err, f.groups.err = nil, errors.New("cannot write")
	_, err = f.updateAccount(patch("replace", "/cloudwatchRoleArn", roleARN))
	wantError(t, err, badRequest, "API Gateway could not successfully write to CloudWatch Logs using the ARN specified")

	got := must[*ag.Account](t)(f.GetAccount(f.ctx, nil))
	same(t, got.CloudwatchRoleArn, (*string)(nil))
}

func TestAccountPatches(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	_, err := f.updateAccount(patch("replace", "/apiKeyVersion", "5"))
	wantError(t, err, badRequest, "Invalid patch path /apiKeyVersion")
	_, err = f.updateAccount(patch("add", "/cloudwatchRoleArn", roleARN))
	wantError(t, err, badRequest, "Invalid patch operation specified. Must be one of: [replace]")
	_, err = f.updateAccount(patch("remove", "/features", "UsagePlans"))
	wantError(t, err, badRequest, "Usage Plans cannot be disabled once enabled")
	_, err = f.updateAccount(ag.PatchOperation{Op: new("replace")})
	wantError(t, err, badRequest, "Invalid patch path null")

	got := must[*ag.Account](t)(f.updateAccount(patch("add", "/features", "X"), patch("add", "/features", "UsagePlans")))
	same(t, got.Features, []string{"UsagePlans", "X"})
	got = must[*ag.Account](t)(f.updateAccount(patch("remove", "/features", "X")))
	same(t, got.Features, []string{"UsagePlans"})
}
