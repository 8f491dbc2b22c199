package awswire

import (
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/iam/policy"
)

// target is one thing that an operation is about. An operation on several needs to be allowed on each.
type target struct {
	arns  []string // by which policies may name it: denied if one is denied, allowed if one is allowed
	shown string   // in AWS' text of a refusal; "" stands for the first ARN
}

// nothing is the target of an operation that policies allow on "*" only.
var nothing = []target{{arns: []string{"*"}}}

// decide is the verdict on the target.
func (t target) decide(who *policy.Identity, action string, keys map[string][]string) policy.Verdict {
	verdict := policy.Verdict{}
	for i, arn := range t.arns {
		v := who.Decide(policy.Request{Action: action, Resource: arn, Context: keys})
		if v.Decision == policy.ExplicitDeny {
			return v
		}
		if i == 0 || v.Decision == policy.Allow && verdict.Decision == policy.ImplicitDeny {
			verdict = v
		}
	}
	return verdict
}

// on names the target in AWS' text, which leaves it out where there is none.
func (t target) on() string {
	switch {
	case t.shown != "":
		return " on resource: " + t.shown
	case t.arns[0] == "*":
		return ""
	}
	return " on resource: " + t.arns[0]
}

// targets are what the operation is about, as its request says.
func (x *exchange) targets(who *policy.Identity, caller awsapi.Caller, r *awsapi.Request) []target {
	switch x.service.SigningName {
	case "apigateway":
		return []target{{arns: []string{"arn:aws:apigateway:" + caller.Region + "::" + x.resourcePath(r)}}}
	case "logs":
		return logTargets(x.operation.Name, "arn:aws:logs:"+caller.Region+":"+caller.AccountID+":log-group:", r.Body)
	case "iam":
		return []target{iamTarget(who, x.operation.Name, "arn:aws:iam::"+caller.AccountID+":", r.Form)}
	}
	return nothing
}

// resourcePath is the path of a request as policies name it. That of tags ends in an ARN, which stays encoded.
func (x *exchange) resourcePath(r *awsapi.Request) string {
	if arn, ok := r.Labels["resource_arn"]; ok {
		return "/tags/" + url.QueryEscape(arn)
	}
	return x.r.URL.Path
}

// namesGroups finds the command of a query that chooses its log groups.
var namesGroups = regexp.MustCompile(`(?im)(^|\()\s*source\s`)

// logTargets are the log groups of a request, each with its streams, and alone: policies write either. An operation that
// names none is about group "", except those that AWS allows on "*" only.
func logTargets(operation, group string, body []byte) []target {
	var in struct {
		Group       string   `json:"logGroupName"`
		Identifier  string   `json:"logGroupIdentifier"`
		Resource    string   `json:"resourceArn"`
		Stream      string   `json:"logStreamName"`
		Groups      []string `json:"logGroupNames"`
		Identifiers []string `json:"logGroupIdentifiers"`
		Query       string   `json:"queryString"`
	}
	if json.Unmarshal(body, &in) != nil { // the operation will say what is wrong with it
		return nothing
	}
	names := slices.DeleteFunc(append(append(in.Groups, in.Identifiers...), in.Group, in.Identifier, in.Resource),
		func(name string) bool { return name == "" })
	if namesGroups.MatchString(in.Query) { // by itself, which may be any
		names = append(names, "*")
	}
	if len(names) == 0 {
		if operation != "DescribeLogGroups" && operation != "DescribeMetricFilters" {
			return nothing
		}
		names = []string{""}
	}
	var targets []target
	for _, name := range names {
		arn := strings.TrimSuffix(name, ":*")
		if !strings.HasPrefix(name, "arn:") {
			arn = group + name
		}
		targets = append(targets, target{arns: []string{arn + ":log-stream:" + in.Stream, arn}})
	}
	return targets
}

// iamTarget is the entity that a request names. IAM's refusals name what there is by its kind and name, and what is to be
// made by its ARN. The path of an entity other than the caller is not known here, so policies that name it are not met.
func iamTarget(who *policy.Identity, operation, account string, form url.Values) target {
	for _, kind := range []string{"Role", "Group", "User", "Policy"} {
		name, arn := form.Get(kind+"Name"), ""
		switch {
		case operation == "List"+kind+"s" || kind == "Policy" && operation == "ListPolicies":
			path := "/" + strings.Trim(form.Get("PathPrefix"), "/")
			return target{arns: []string{account + strings.ToLower(kind) + path}, shown: listed(kind, path)}
		case kind == "Policy" && form.Get("PolicyArn") != "":
			return target{arns: []string{form.Get("PolicyArn")}, shown: "policy " + form.Get("PolicyArn")}
		case name == "" && kind == "User" && aboutOneself(operation):
			_, name, _ = cutLast(who.ARN, "/")
			arn = who.ARN
		case name == "":
			continue
		case kind == "User" && strings.HasPrefix(who.ARN, account+"user/") && strings.HasSuffix(who.ARN, "/"+name):
			arn = who.ARN
		default:
			path := "/" + strings.Trim(form.Get("Path"), "/")
			arn = account + strings.ToLower(kind) + strings.TrimSuffix(path, "/") + "/" + name
		}
		if operation == "Create"+kind && kind != "Policy" {
			return target{arns: []string{arn}}
		}
		return target{arns: []string{arn}, shown: strings.ToLower(kind) + " " + name}
	}
	return nothing[0]
}

// listed is how IAM names the path whose entities are to be listed: in full, but for policies; "" stands for the ARN.
func listed(kind, path string) string {
	if kind == "Policy" {
		return "policy path " + path
	}
	return ""
}

// aboutOneself tells of operations that take no name for the caller's own.
func aboutOneself(operation string) bool {
	switch operation {
	case "GetUser", "CreateAccessKey", "ListAccessKeys", "UpdateAccessKey", "DeleteAccessKey":
		return true
	}
	return false
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return "", s, false
}
