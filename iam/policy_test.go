package iam_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tollbook/tollbook/awsapi/awsiam"
	"github.com/tollbook/tollbook/iam/policy"
)

func TestPolicyShapes(t *testing.T) {
	t.Parallel()
	f := open(t)
	out := must[*awsiam.CreatePolicyResponse](t)(f.CreatePolicy(f.ctx, &awsiam.CreatePolicyRequest{
		PolicyName: "Logs", Path: new("/team/"), PolicyDocument: allowLogs, Description: new("all of logs"), Tags: []awsiam.Tag{{Key: "k", Value: "v"}},
	}))
	if !isID(*out.Policy.PolicyId, "ANPA") {
		t.Errorf("policy ID %s", *out.Policy.PolicyId)
	}
	want := awsiam.Policy{
		PolicyName: new("Logs"), PolicyId: out.Policy.PolicyId, Arn: new("arn:aws:iam::111111111111:policy/team/Logs"), Path: new("/team/"),
		DefaultVersionId: new("v1"), AttachmentCount: new(int32(0)), PermissionsBoundaryUsageCount: new(int32(0)), IsAttachable: new(true),
		CreateDate: new(created), UpdateDate: new(created), Tags: []awsiam.Tag{{Key: "k", Value: "v"}},
	}
	if diff := cmp.Diff(want, *out.Policy); diff != "" {
		t.Errorf("CreatePolicy: %s", diff)
	}
	f.createRole("R")
	f.attach("R", *want.Arn)
	want.AttachmentCount, want.Description = new(int32(1)), new("all of logs")
	got := must[*awsiam.GetPolicyResponse](t)(f.GetPolicy(f.ctx, &awsiam.GetPolicyRequest{PolicyArn: *want.Arn}))
	if diff := cmp.Diff(want, *got.Policy); diff != "" {
		t.Errorf("GetPolicy: %s", diff)
	}
	want.Description, want.Tags = nil, nil
	list := must[*awsiam.ListPoliciesResponse](t)(f.ListPolicies(f.ctx, &awsiam.ListPoliciesRequest{Scope: new("Local")}))
	if diff := cmp.Diff(&awsiam.ListPoliciesResponse{Policies: []awsiam.Policy{want}, IsTruncated: new(false)}, list); diff != "" {
		t.Errorf("ListPolicies: %s", diff)
	}
}

func TestPolicyVersions(t *testing.T) {
	t.Parallel()
	f := open(t)
	arn := f.createPolicy("P", allowLogs)
	second := strings.Replace(allowLogs, "Allow", "Deny", 1)
	create := func(setDefault *bool) *awsiam.PolicyVersion {
		return must[*awsiam.CreatePolicyVersionResponse](t)(f.CreatePolicyVersion(f.ctx, &awsiam.CreatePolicyVersionRequest{
			PolicyArn: arn, PolicyDocument: second, SetAsDefault: setDefault,
		})).PolicyVersion
	}
	if diff := cmp.Diff(&awsiam.PolicyVersion{VersionId: new("v2"), IsDefaultVersion: new(false), CreateDate: new(created)}, create(nil)); diff != "" {
		t.Errorf("CreatePolicyVersion: %s", diff)
	}
	create(new(true))
	f.ok(f.SetDefaultPolicyVersion(f.ctx, &awsiam.SetDefaultPolicyVersionRequest{PolicyArn: arn, VersionId: "v2"}))
	f.ok(f.DeletePolicyVersion(f.ctx, &awsiam.DeletePolicyVersionRequest{PolicyArn: arn, VersionId: "v3"}))
	if v := create(nil); *v.VersionId != "v4" {
		t.Errorf("the number of a deleted version came back: %s", *v.VersionId)
	}
	list := must[*awsiam.ListPolicyVersionsResponse](t)(f.ListPolicyVersions(f.ctx, &awsiam.ListPolicyVersionsRequest{PolicyArn: arn, MaxItems: new(int32(2))}))
	rest := must[*awsiam.ListPolicyVersionsResponse](t)(f.ListPolicyVersions(f.ctx, &awsiam.ListPolicyVersionsRequest{PolicyArn: arn, Marker: list.Marker}))
	want := []awsiam.PolicyVersion{
		{VersionId: new("v4"), IsDefaultVersion: new(false), CreateDate: new(created)},
		{VersionId: new("v2"), IsDefaultVersion: new(true), CreateDate: new(created)},
		{VersionId: new("v1"), IsDefaultVersion: new(false), CreateDate: new(created)},
	}
	if diff := cmp.Diff(want, append(list.Versions, rest.Versions...)); diff != "" || !*list.IsTruncated || *rest.IsTruncated {
		t.Errorf("ListPolicyVersions: %s", diff)
	}
	got := must[*awsiam.GetPolicyVersionResponse](t)(f.GetPolicyVersion(f.ctx, &awsiam.GetPolicyVersionRequest{PolicyArn: arn, VersionId: "v2"})).PolicyVersion
	if document, _ := url.PathUnescape(*got.Document); document != second || !*got.IsDefaultVersion {
		t.Errorf("GetPolicyVersion: %s", document)
	}
	for _, id := range []string{"v1", "v4"} {
		f.ok(f.DeletePolicyVersion(f.ctx, &awsiam.DeletePolicyVersionRequest{PolicyArn: arn, VersionId: id}))
	}
	f.ok(f.DeletePolicy(f.ctx, &awsiam.DeletePolicyRequest{PolicyArn: arn}))
	f.createPolicy("P", allowLogs) // nothing of the old one is in the way
}

func TestPolicyTags(t *testing.T) {
	t.Parallel()
	f := open(t)
	arn := f.createPolicy("P", allowLogs)
	f.ok(f.TagPolicy(f.ctx, &awsiam.TagPolicyRequest{PolicyArn: arn, Tags: []awsiam.Tag{{Key: "a", Value: "1"}, {Key: "b", Value: "2"}}}))
	f.ok(f.UntagPolicy(f.ctx, &awsiam.UntagPolicyRequest{PolicyArn: arn, TagKeys: []string{"A"}}))
	out := must[*awsiam.ListPolicyTagsResponse](t)(f.ListPolicyTags(f.ctx, &awsiam.ListPolicyTagsRequest{PolicyArn: arn}))
	if diff := cmp.Diff([]awsiam.Tag{{Key: "b", Value: "2"}}, out.Tags); diff != "" {
		t.Error(diff)
	}
}

func TestListPoliciesFilters(t *testing.T) {
	t.Parallel()
	f := open(t)
	own := f.createPolicy("P", allowLogs)
	f.createRole("R")
	f.attach("R", pushToLogs)
	cases := []struct {
		name string
		in   awsiam.ListPoliciesRequest
		want string // ARNs
	}{
		{"attached", awsiam.ListPoliciesRequest{OnlyAttached: new(true)}, pushToLogs},
		{"attached, local", awsiam.ListPoliciesRequest{OnlyAttached: new(true), Scope: new("Local")}, ""},
		{"local", awsiam.ListPoliciesRequest{Scope: new("Local")}, own},
		{"path", awsiam.ListPoliciesRequest{PathPrefix: new("/service-role/"), Scope: new("AWS")},
			"arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole " + pushToLogs},
		{"permissions", awsiam.ListPoliciesRequest{PolicyUsageFilter: new("PermissionsPolicy")}, pushToLogs},
		{"boundary", awsiam.ListPoliciesRequest{PolicyUsageFilter: new("PermissionsBoundary")}, ""},
	}
	for _, c := range cases {
		out := must[*awsiam.ListPoliciesResponse](t)(f.ListPolicies(f.ctx, &c.in))
		var arns []string
		for _, p := range out.Policies {
			arns = append(arns, *p.Arn)
		}
		if diff := cmp.Diff(c.want, strings.Join(arns, " ")); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func TestAttachments(t *testing.T) {
	t.Parallel()
	f := open(t)
	own := f.createPolicy("P", allowLogs)
	for _, role := range []string{"A", "B"} {
		f.createRole(role)
		f.attach(role, own)
		f.attach(role, own) // again
	}
	f.attach("A", pushToLogs)
	attached := must[*awsiam.ListAttachedRolePoliciesResponse](t)(f.ListAttachedRolePolicies(f.ctx, &awsiam.ListAttachedRolePoliciesRequest{RoleName: "A"}))
	want := []awsiam.AttachedPolicy{
		{PolicyName: new("P"), PolicyArn: new(own)},
		{PolicyName: new("AmazonAPIGatewayPushToCloudWatchLogs"), PolicyArn: new(pushToLogs)},
	}
	if diff := cmp.Diff(want, attached.AttachedPolicies); diff != "" {
		t.Errorf("ListAttachedRolePolicies: %s", diff)
	}
	attached = must[*awsiam.ListAttachedRolePoliciesResponse](t)(f.ListAttachedRolePolicies(f.ctx, &awsiam.ListAttachedRolePoliciesRequest{RoleName: "A", PathPrefix: new("/service-role/")}))
	if diff := cmp.Diff(want[1:], attached.AttachedPolicies); diff != "" {
		t.Errorf("under a path: %s", diff)
	}
	entities := func(in awsiam.ListEntitiesForPolicyRequest) string {
		in.PolicyArn = own
		out := must[*awsiam.ListEntitiesForPolicyResponse](t)(f.ListEntitiesForPolicy(f.ctx, &in))
		if out.PolicyGroups == nil || out.PolicyUsers == nil || out.PolicyRoles == nil {
			t.Errorf("a list is absent: %+v", out)
		}
		var names string
		for _, r := range out.PolicyRoles {
			names += *r.RoleName
		}
		return names
	}
	if got := entities(awsiam.ListEntitiesForPolicyRequest{}); got != "AB" {
		t.Errorf("entities %s", got)
	}
	if got := entities(awsiam.ListEntitiesForPolicyRequest{EntityFilter: new("User")}); got != "" {
		t.Errorf("users %s", got)
	}
	f.ok(f.DetachRolePolicy(f.ctx, &awsiam.DetachRolePolicyRequest{RoleName: "a", PolicyArn: own}))
	if got := entities(awsiam.ListEntitiesForPolicyRequest{EntityFilter: new("Role")}); got != "B" {
		t.Errorf("after detaching %s", got)
	}
}

// TestAWSPolicies: what comes with the program is well formed, and the policy of the guide is AWS' exactly.
func TestAWSPolicies(t *testing.T) {
	t.Parallel()
	f := open(t)
	list := must[*awsiam.ListPoliciesResponse](t)(f.ListPolicies(f.ctx, &awsiam.ListPoliciesRequest{Scope: new("AWS")}))
	if len(list.Policies) != 16 {
		t.Errorf("%d policies", len(list.Policies))
	}
	for _, p := range list.Policies {
		v := must[*awsiam.GetPolicyVersionResponse](t)(f.GetPolicyVersion(f.ctx, &awsiam.GetPolicyVersionRequest{PolicyArn: *p.Arn, VersionId: *p.DefaultVersionId})).PolicyVersion
		document, err := url.PathUnescape(*v.Document)
		f.ok(err)
		if _, err := policy.ParseManaged(document); err != nil || !isID(*p.PolicyId, "ANPA") || !*v.IsDefaultVersion || p.UpdateDate.Before(*p.CreateDate) {
			t.Errorf("%s: %v %+v", *p.Arn, err, v)
		}
	}
	push := must[*awsiam.GetPolicyVersionResponse](t)(f.GetPolicyVersion(f.ctx, &awsiam.GetPolicyVersionRequest{PolicyArn: pushToLogs, VersionId: "v1"})).PolicyVersion
	document, _ := url.PathUnescape(*push.Document)
	const want = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["logs:CreateLogGroup","logs:CreateLogStream","logs:DescribeLogGroups","logs:DescribeLogStreams","logs:PutLogEvents","logs:GetLogEvents","logs:FilterLogEvents"],"Resource":"*"}]}`
	if got := strings.Join(strings.Fields(document), ""); got != want {
		t.Errorf("got %s", got)
	}
}
