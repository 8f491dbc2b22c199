package awswire

import (
	"net/http"
	"strconv"
	"time"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/iam/policy"
)

// authorize decides by the caller's own policies whether the operation may be carried out. A nil identity may do
// everything. What a role's trust policy decides is left to the operation, and nobody can be denied to ask who they are.
func (x *exchange) authorize(who *policy.Identity, caller awsapi.Caller, r *awsapi.Request) error {
	if who == nil || who.Root {
		return nil
	}
	switch x.operation.Name {
	case "GetCallerIdentity", "AssumeRole", "GetSessionToken":
		return nil
	}
	action, keys := x.action(), requestKeys(caller, x.r)
	x.addTagKeys(keys, r)
	for _, t := range x.targets(who, caller, r) {
		if verdict := t.decide(who, action, keys); verdict.Decision != policy.Allow {
			return ErrDenied.With("User: " + who.ARN + " is not authorized to perform: " + action + t.on() + " " + verdict.Reason)
		}
	}
	return nil
}

// action is what policies call the operation. API Gateway's are named after HTTP methods.
func (x *exchange) action() string {
	if x.service.SigningName == "apigateway" {
		return "apigateway:" + x.r.Method
	}
	prefix := x.service.SigningName
	if prefix == "monitoring" {
		prefix = "cloudwatch"
	}
	return prefix + ":" + x.operation.Name
}

// requestKeys are the condition keys of a request that are not about who makes it.
func requestKeys(caller awsapi.Caller, r *http.Request) map[string][]string {
	secure := "false"
	if r.TLS != nil {
		secure = "true"
	}
	now := time.Now()
	keys := map[string][]string{
		"aws:SourceIp": {caller.SourceIP}, "aws:SecureTransport": {secure}, "aws:CurrentTime": {now.UTC().Format(time.RFC3339)},
		"aws:EpochTime": {strconv.FormatInt(now.Unix(), 10)}, "aws:RequestedRegion": {caller.Region},
	}
	if caller.UserAgent != "" {
		keys["aws:UserAgent"] = []string{caller.UserAgent}
	}
	return keys
}
