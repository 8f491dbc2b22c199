package apigateway

import (
	"net/http"
	"strings"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/iam/policy"
)

// ofCaller, as an integration's credentials, stands for those of whoever calls the API.
const ofCaller = "arn:aws:iam::*:user/*"

// checkPassRole makes sure that the caller may hand a role to API Gateway, which then acts as it: without this, whoever may
// write an API could use every role that trusts the service. "" is no role.
func checkPassRole(who *policy.Identity, roleARN string) error {
	if who == nil || roleARN == "" || roleARN == ofCaller || !strings.HasPrefix(roleARN, "arn:") {
		return nil
	}
	verdict := who.Decide(policy.Request{
		Action: "iam:PassRole", Resource: roleARN, Context: map[string][]string{"iam:PassedToService": {"apigateway.amazonaws.com"}},
	})
	if verdict.Decision == policy.Allow {
		return nil
	}
	return awsapi.NewError(http.StatusForbidden, "AccessDeniedException",
		"User: %s is not authorized to perform: iam:PassRole on resource: %s %s", who.ARN, roleARN, verdict.Reason)
}
