package awswire

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
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
	action := x.action()
	resources := x.resources(caller, r)
	verdict := policy.Verdict{}
	for i, resource := range resources {
		v := who.Decide(policy.Request{Action: action, Resource: resource, Context: requestKeys(caller, x.r)})
		if i == 0 || v.Decision == policy.ExplicitDeny || v.Decision == policy.Allow && verdict.Decision == policy.ImplicitDeny {
			verdict = v
		}
		if v.Decision == policy.ExplicitDeny {
			break
		}
	}
	if verdict.Decision == policy.Allow {
		return nil
	}
	return ErrDenied.With("User: " + who.ARN + " is not authorized to perform: " + action + on(resources[0]) + " " + verdict.Reason)
}

// on names the resource in AWS' text, which leaves it out where there is none.
func on(resource string) string {
	if resource == "*" {
		return ""
	}
	return " on resource: " + resource
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

// resources are the ARNs that an operation may be called by; it is denied if one is denied, and allowed if one is allowed. The
// path of a role, user or group is not known here, so policies that name it are not met.
func (x *exchange) resources(caller awsapi.Caller, r *awsapi.Request) []string {
	switch x.service.SigningName {
	case "apigateway":
		return []string{"arn:aws:apigateway:" + caller.Region + "::" + x.r.URL.Path}
	case "logs":
		return logResources(caller, r.Body)
	case "iam":
		return iamResources(caller, r)
	}
	return []string{"*"}
}

// logResources are a log group with its streams, and the group alone: policies write either.
func logResources(caller awsapi.Caller, body []byte) []string {
	var in struct {
		Group      string `json:"logGroupName"`
		Identifier string `json:"logGroupIdentifier"`
		Resource   string `json:"resourceArn"`
		Stream     string `json:"logStreamName"`
	}
	if json.Unmarshal(body, &in) != nil { // the operation will say what is wrong with it
		return []string{"*"}
	}
	group := "arn:aws:logs:" + caller.Region + ":" + caller.AccountID + ":log-group:"
	switch {
	case in.Group != "":
		group += in.Group
	case strings.HasPrefix(in.Identifier, "arn:"):
		group = strings.TrimSuffix(in.Identifier, ":*")
	case in.Identifier != "":
		group += in.Identifier
	case in.Resource != "":
		group = strings.TrimSuffix(in.Resource, ":*")
	default:
		return []string{"*"}
	}
	return []string{group + ":log-stream:" + in.Stream, group}
}

func iamResources(caller awsapi.Caller, r *awsapi.Request) []string {
	if arn := r.Form.Get("PolicyArn"); arn != "" && !r.Form.Has("RoleName") && !r.Form.Has("UserName") && !r.Form.Has("GroupName") {
		return []string{arn}
	}
	for _, kind := range []string{"Role", "Group", "User", "Policy"} {
		if name := r.Form.Get(kind + "Name"); name != "" {
			return []string{"arn:aws:iam::" + caller.AccountID + ":" + strings.ToLower(kind) + "/" + name}
		}
	}
	return []string{"*"}
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
