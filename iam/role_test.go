package iam_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tollbook/tollbook/awsapi/awsiam"
)

func TestRoleShapes(t *testing.T) {
	t.Parallel()
	f := open(t)
	document := " " + trustGateway + "\n"
	out, err := f.CreateRole(f.ctx, &awsiam.CreateRoleRequest{
		RoleName: "APIGatewayCloudWatchLogs", Path: new("/service/"), AssumeRolePolicyDocument: document, Description: new("writes logs"),
		MaxSessionDuration: new(int32(7200)), Tags: []awsiam.Tag{{Key: "b", Value: "2"}, {Key: "a", Value: "1"}},
	})
	f.ok(err)
	if !isID(out.Role.RoleId, "AROA") {
		t.Errorf("role ID %s", out.Role.RoleId)
	}
	want := awsiam.Role{
		Path: "/service/", RoleName: "APIGatewayCloudWatchLogs", RoleId: out.Role.RoleId, CreateDate: created,
		Arn:                      "arn:aws:iam::111111111111:role/service/APIGatewayCloudWatchLogs",
		AssumeRolePolicyDocument: new(strings.ReplaceAll(url.QueryEscape(document), "+", "%20")),
		Description:              new("writes logs"), Tags: []awsiam.Tag{{Key: "a", Value: "1"}, {Key: "b", Value: "2"}},
	}
	if diff := cmp.Diff(want, *out.Role); diff != "" {
		t.Errorf("CreateRole: %s", diff)
	}
	got := must[*awsiam.GetRoleResponse](t)(f.GetRole(f.ctx, &awsiam.GetRoleRequest{RoleName: "apigatewaycloudwatchlogs"}))
	want.MaxSessionDuration, want.RoleLastUsed = new(int32(7200)), &awsiam.RoleLastUsed{}
	if diff := cmp.Diff(want, *got.Role); diff != "" {
		t.Errorf("GetRole: %s", diff)
	}
	list := must[*awsiam.ListRolesResponse](t)(f.ListRoles(f.ctx, &awsiam.ListRolesRequest{}))
	want.Tags, want.RoleLastUsed = nil, nil
	if diff := cmp.Diff(&awsiam.ListRolesResponse{Roles: []awsiam.Role{want}, IsTruncated: new(false)}, list); diff != "" {
		t.Errorf("ListRoles: %s", diff)
	}
}

func TestDocumentsSurviveByteForByte(t *testing.T) {
	t.Parallel()
	f := open(t)
	f.createRole("R")
	document := "{\r\n\t\"Version\": \"2012-10-17\",\n \"Statement\":{\"Sid\":\"a\",\"Effect\":\"Allow\",\"Action\":\"a:b+c%20d\",\"Resource\":\"arn:é/ü*~-_.?&=#\"}}"
	f.ok(f.PutRolePolicy(f.ctx, &awsiam.PutRolePolicyRequest{RoleName: "R", PolicyName: "p", PolicyDocument: document}))
	out := must[*awsiam.GetRolePolicyResponse](t)(f.GetRolePolicy(f.ctx, &awsiam.GetRolePolicyRequest{RoleName: "R", PolicyName: "p"}))
	if strings.ContainsAny(out.PolicyDocument, "+ \"{") {
		t.Errorf("not encoded: %s", out.PolicyDocument)
	}
	for name, decode := range map[string]func(string) (string, error){"path": url.PathUnescape, "query": url.QueryUnescape} {
		if got, err := decode(out.PolicyDocument); err != nil || got != document {
			t.Errorf("decoded as %s: %q, %v", name, got, err)
		}
	}
}

func TestUpdateRole(t *testing.T) {
	t.Parallel()
	f := open(t)
	f.createRole("R")
	steps := []struct {
		do          func() error
		description *string
		session     int32
	}{
		{func() error {
			_, err := f.UpdateRole(f.ctx, &awsiam.UpdateRoleRequest{RoleName: "R", Description: new("one"), MaxSessionDuration: new(int32(7200))})
			return err
		}, new("one"), 7200},
		{func() error {
			_, err := f.UpdateRoleDescription(f.ctx, &awsiam.UpdateRoleDescriptionRequest{RoleName: "R", Description: "two"})
			return err
		}, new("two"), 7200},
		{func() error {
			_, err := f.UpdateRole(f.ctx, &awsiam.UpdateRoleRequest{RoleName: "R"})
			return err
		}, new("two"), 3600},
		{func() error {
			_, err := f.UpdateRoleDescription(f.ctx, &awsiam.UpdateRoleDescriptionRequest{RoleName: "R"})
			return err
		}, nil, 3600},
	}
	for i, step := range steps {
		f.ok(step.do())
		role := must[*awsiam.GetRoleResponse](t)(f.GetRole(f.ctx, &awsiam.GetRoleRequest{RoleName: "R"})).Role
		if diff := cmp.Diff(step.description, role.Description); diff != "" || *role.MaxSessionDuration != step.session {
			t.Errorf("step %d: %s, %d s", i, diff, *role.MaxSessionDuration)
		}
	}
}

func TestUpdateAssumeRolePolicy(t *testing.T) {
	t.Parallel()
	f := open(t)
	f.createRole("R")
	f.createRole("Other")
	document := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111111111111:role/Other","arn:aws:iam::999999999999:user/far","111111111111"]},"Action":"sts:AssumeRole"}}`
	f.ok(f.UpdateAssumeRolePolicy(f.ctx, &awsiam.UpdateAssumeRolePolicyRequest{RoleName: "R", PolicyDocument: document}))
	role := must[*awsiam.GetRoleResponse](t)(f.GetRole(f.ctx, &awsiam.GetRoleRequest{RoleName: "R"})).Role
	if got, _ := url.PathUnescape(*role.AssumeRolePolicyDocument); got != document {
		t.Errorf("got %s", got)
	}
}

func TestListRolesPages(t *testing.T) {
	t.Parallel()
	f := open(t)
	for _, name := range []string{"e", "C", "a", "D", "b"} {
		f.createRole(name)
	}
	_, err := f.CreateRole(f.ctx, &awsiam.CreateRoleRequest{RoleName: "aa", Path: new("/team/x/"), AssumeRolePolicyDocument: trustGateway})
	f.ok(err)
	var names []string
	in := &awsiam.ListRolesRequest{MaxItems: new(int32(2))}
	for page := 0; ; page++ {
		out := must[*awsiam.ListRolesResponse](t)(f.ListRoles(f.ctx, in))
		for _, r := range out.Roles {
			names = append(names, r.RoleName)
		}
		names = append(names, "|")
		if (out.Marker != nil) != *out.IsTruncated || page > 5 {
			t.Fatalf("page %d: truncated %v, marker %v", page, *out.IsTruncated, out.Marker)
		}
		if in.Marker = out.Marker; in.Marker == nil {
			break
		}
		if page == 0 { // what was shown last may go between two pages
			f.ok(f.DeleteRole(f.ctx, &awsiam.DeleteRoleRequest{RoleName: "aa"}))
		}
	}
	if got := strings.Join(names, ""); got != "aaa|bC|De|" {
		t.Errorf("got %s", got)
	}
	under := must[*awsiam.ListRolesResponse](t)(f.ListRoles(f.ctx, &awsiam.ListRolesRequest{PathPrefix: new("/team/")}))
	if len(under.Roles) != 0 || under.Roles == nil {
		t.Errorf("got %v", under.Roles)
	}
}

func TestAccountsAreApart(t *testing.T) {
	t.Parallel()
	f := open(t)
	f.createRole("R")
	other := f
	other.ctx = callerOf(t, "222222222222")
	if got := other.createRole("R").Arn; got != "arn:aws:iam::222222222222:role/R" {
		t.Errorf("got %s", got)
	}
	f.ok(f.DeleteRole(f.ctx, &awsiam.DeleteRoleRequest{RoleName: "R"}))
	must[*awsiam.GetRoleResponse](t)(other.GetRole(other.ctx, &awsiam.GetRoleRequest{RoleName: "R"}))
}

func TestRoleTags(t *testing.T) {
	t.Parallel()
	f := open(t)
	f.createRole("R")
	f.ok(f.TagRole(f.ctx, &awsiam.TagRoleRequest{RoleName: "R", Tags: []awsiam.Tag{{Key: "Team", Value: "a"}, {Key: "x", Value: ""}}}))
	f.ok(f.TagRole(f.ctx, &awsiam.TagRoleRequest{RoleName: "R", Tags: []awsiam.Tag{{Key: "team", Value: "b"}, {Key: "y", Value: "1"}}}))
	f.ok(f.UntagRole(f.ctx, &awsiam.UntagRoleRequest{RoleName: "R", TagKeys: []string{"X", "absent"}}))
	out := must[*awsiam.ListRoleTagsResponse](t)(f.ListRoleTags(f.ctx, &awsiam.ListRoleTagsRequest{RoleName: "R", MaxItems: new(int32(1))}))
	if diff := cmp.Diff([]awsiam.Tag{{Key: "team", Value: "b"}}, out.Tags); diff != "" || !*out.IsTruncated {
		t.Errorf("first page: %s", diff)
	}
	out = must[*awsiam.ListRoleTagsResponse](t)(f.ListRoleTags(f.ctx, &awsiam.ListRoleTagsRequest{RoleName: "R", Marker: out.Marker}))
	if diff := cmp.Diff([]awsiam.Tag{{Key: "y", Value: "1"}}, out.Tags); diff != "" || *out.IsTruncated {
		t.Errorf("second page: %s", diff)
	}
}

func TestRolePolicies(t *testing.T) {
	t.Parallel()
	f := open(t)
	f.createRole("R")
	for i := range 3 {
		f.ok(f.PutRolePolicy(f.ctx, &awsiam.PutRolePolicyRequest{RoleName: "R", PolicyName: fmt.Sprint("p", i), PolicyDocument: allowLogs}))
	}
	f.ok(f.PutRolePolicy(f.ctx, &awsiam.PutRolePolicyRequest{RoleName: "r", PolicyName: "p1", PolicyDocument: allowLogs}))
	f.ok(f.DeleteRolePolicy(f.ctx, &awsiam.DeleteRolePolicyRequest{RoleName: "R", PolicyName: "p0"}))
	out := must[*awsiam.ListRolePoliciesResponse](t)(f.ListRolePolicies(f.ctx, &awsiam.ListRolePoliciesRequest{RoleName: "R"}))
	if diff := cmp.Diff(&awsiam.ListRolePoliciesResponse{PolicyNames: []string{"p1", "p2"}, IsTruncated: new(false)}, out); diff != "" {
		t.Error(diff)
	}
}

func TestDeletedRoleLeavesNothing(t *testing.T) {
	t.Parallel()
	f := open(t)
	first := f.createRole("R")
	f.attach("R", pushToLogs)
	f.ok(f.DetachRolePolicy(f.ctx, &awsiam.DetachRolePolicyRequest{RoleName: "R", PolicyArn: pushToLogs}))
	f.ok(f.DeleteRole(f.ctx, &awsiam.DeleteRoleRequest{RoleName: "R"}))
	if second := f.createRole("r"); second.RoleId == first.RoleId || second.Arn != "arn:aws:iam::111111111111:role/r" {
		t.Errorf("got %+v", second)
	}
	profiles := must[*awsiam.ListInstanceProfilesForRoleResponse](t)(f.ListInstanceProfilesForRole(f.ctx, &awsiam.ListInstanceProfilesForRoleRequest{RoleName: "r"}))
	if profiles.InstanceProfiles == nil || len(profiles.InstanceProfiles) != 0 || *profiles.IsTruncated {
		t.Errorf("got %+v", profiles)
	}
}
