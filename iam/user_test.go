package iam_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/awsiam"
	"github.com/tollbook/tollbook/iam"
	"github.com/tollbook/tollbook/iam/policy"
	"github.com/tollbook/tollbook/iam/sigv4"
)

// user makes a user with a key.
func (f fixture) user(name string) (key *awsiam.AccessKey) {
	f.t.Helper()
	must[*awsiam.CreateUserResponse](f.t)(f.CreateUser(f.ctx, &awsiam.CreateUserRequest{UserName: name, Path: new("/team/")}))
	return must[*awsiam.CreateAccessKeyResponse](f.t)(f.CreateAccessKey(f.ctx, &awsiam.CreateAccessKeyRequest{UserName: &name})).AccessKey
}

func (f fixture) signer(id, token string) *policy.Identity {
	f.t.Helper()
	_, who, err := f.Signer(f.t.Context(), sigv4.Credential{AccessKeyID: id, SecurityToken: token, Service: "logs", Region: "eu-west-1"})
	f.ok(err)
	return who
}

func decide(who *policy.Identity, action string) policy.Verdict {
	return who.Decide(policy.Request{Action: action, Resource: "arn:aws:logs:eu-west-1:" + account + ":log-group:g"})
}

func TestUserLife(t *testing.T) {
	t.Parallel()
	f := open(t)
	key := f.user("Alice")
	got := must[*awsiam.GetUserResponse](t)(f.GetUser(f.ctx, &awsiam.GetUserRequest{UserName: new("alice")})).User
	want := &awsiam.User{Path: "/team/", UserName: "Alice", UserId: got.UserId, Arn: "arn:aws:iam::" + account + ":user/team/Alice", CreateDate: created}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	secret, who, err := f.Signer(t.Context(), sigv4.Credential{AccessKeyID: key.AccessKeyId})
	f.ok(err)
	if secret != key.SecretAccessKey || who.ARN != want.Arn || who.UserID != got.UserId || who.Root {
		t.Errorf("the key is that of %+v", who)
	}
	f.ok(f.UpdateUser(f.ctx, &awsiam.UpdateUserRequest{UserName: "Alice", NewUserName: new("Bob"), NewPath: new("/")}))
	if who := f.signer(key.AccessKeyId, ""); who.ARN != "arn:aws:iam::"+account+":user/Bob" || who.Context["aws:username"][0] != "Bob" {
		t.Errorf("a renamed user is %+v", who)
	}
	used := must[*awsiam.GetAccessKeyLastUsedResponse](t)(f.GetAccessKeyLastUsed(f.ctx, &awsiam.GetAccessKeyLastUsedRequest{AccessKeyId: key.AccessKeyId}))
	if *used.UserName != "Bob" || used.AccessKeyLastUsed.ServiceName != "logs" || used.AccessKeyLastUsed.LastUsedDate == nil {
		t.Errorf("last used %+v", used.AccessKeyLastUsed)
	}
	update := &awsiam.UpdateAccessKeyRequest{UserName: new("Bob"), AccessKeyId: key.AccessKeyId, Status: "Inactive"}
	f.ok(f.UpdateAccessKey(f.ctx, update))
	if _, _, err := f.Signer(t.Context(), sigv4.Credential{AccessKeyID: key.AccessKeyId}); !errors.Is(err, sigv4.ErrUnknownKey) {
		t.Errorf("an inactive key: %v", err)
	}
	list := must[*awsiam.ListAccessKeysResponse](t)(f.ListAccessKeys(f.ctx, &awsiam.ListAccessKeysRequest{UserName: new("Bob")})).AccessKeyMetadata
	if len(list) != 1 || *list[0].Status != "Inactive" || *list[0].UserName != "Bob" {
		t.Errorf("keys %+v", list)
	}
	var refused *awsapi.Error
	if err := f.DeleteUser(f.ctx, &awsiam.DeleteUserRequest{UserName: "Bob"}); !errors.As(err, &refused) ||
		refused.Message != "Cannot delete entity, must delete access keys first." {
		t.Errorf("got %v", err)
	}
	f.ok(f.DeleteAccessKey(f.ctx, &awsiam.DeleteAccessKeyRequest{UserName: new("Bob"), AccessKeyId: key.AccessKeyId}))
	f.ok(f.DeleteUser(f.ctx, &awsiam.DeleteUserRequest{UserName: "Bob"}))
	if users := must[*awsiam.ListUsersResponse](t)(f.ListUsers(f.ctx, &awsiam.ListUsersRequest{})).Users; len(users) != 0 {
		t.Errorf("users %+v", users)
	}
}

func TestKeysPerUser(t *testing.T) {
	t.Parallel()
	f := open(t)
	f.user("a")
	_, err := f.CreateAccessKey(f.ctx, &awsiam.CreateAccessKeyRequest{UserName: new("a")})
	f.ok(err)
	var refused *awsapi.Error
	if _, err = f.CreateAccessKey(f.ctx, &awsiam.CreateAccessKeyRequest{UserName: new("a")}); !errors.As(err, &refused) ||
		refused.Message != "Cannot exceed quota for AccessKeysPerUser: 2" {
		t.Errorf("got %v", err)
	}
}

// TestPoliciesOfUsers follows what a user may do through every way in which policies come to it.
func TestPoliciesOfUsers(t *testing.T) {
	t.Parallel()
	f := open(t)
	key := f.user("u")
	may := func(want policy.Decision, reason string) {
		t.Helper()
		if v := decide(f.signer(key.AccessKeyId, ""), "logs:PutLogEvents"); v.Decision != want || v.Reason != reason {
			t.Errorf("got %v %q, want %v %q", v.Decision, v.Reason, want, reason)
		}
	}
	const silent = "because no identity-based policy allows the logs:PutLogEvents action"
	may(policy.ImplicitDeny, silent)
	f.ok(f.PutUserPolicy(f.ctx, &awsiam.PutUserPolicyRequest{UserName: "u", PolicyName: "p", PolicyDocument: allowLogs}))
	may(policy.Allow, "")
	inline := must[*awsiam.GetUserPolicyResponse](t)(f.GetUserPolicy(f.ctx, &awsiam.GetUserPolicyRequest{UserName: "u", PolicyName: "p"}))
	if inline.UserName != "u" || !strings.HasPrefix(inline.PolicyDocument, "%7B%22Version") {
		t.Errorf("got %+v", inline)
	}
	f.ok(f.PutUserPermissionsBoundary(f.ctx, &awsiam.PutUserPermissionsBoundaryRequest{UserName: "u", PermissionsBoundary: "arn:aws:iam::aws:policy/IAMReadOnlyAccess"}))
	may(policy.ImplicitDeny, "because no permissions boundary allows the logs:PutLogEvents action")
	f.ok(f.DeleteUserPermissionsBoundary(f.ctx, &awsiam.DeleteUserPermissionsBoundaryRequest{UserName: "u"}))
	f.ok(f.DeleteUserPolicy(f.ctx, &awsiam.DeleteUserPolicyRequest{UserName: "u", PolicyName: "p"}))
	may(policy.ImplicitDeny, silent)
	f.ok(f.AttachUserPolicy(f.ctx, &awsiam.AttachUserPolicyRequest{UserName: "u", PolicyArn: pushToLogs}))
	may(policy.Allow, "")
	entities := must[*awsiam.ListEntitiesForPolicyResponse](t)(f.ListEntitiesForPolicy(f.ctx, &awsiam.ListEntitiesForPolicyRequest{PolicyArn: pushToLogs}))
	if len(entities.PolicyUsers) != 1 || *entities.PolicyUsers[0].UserName != "u" || len(entities.PolicyRoles) != 0 {
		t.Errorf("entities %+v", entities)
	}
	f.ok(f.DetachUserPolicy(f.ctx, &awsiam.DetachUserPolicyRequest{UserName: "u", PolicyArn: pushToLogs}))
	may(policy.ImplicitDeny, silent)

	must[*awsiam.CreateGroupResponse](t)(f.CreateGroup(f.ctx, &awsiam.CreateGroupRequest{GroupName: "g"}))
	f.ok(f.PutGroupPolicy(f.ctx, &awsiam.PutGroupPolicyRequest{GroupName: "g", PolicyName: "p", PolicyDocument: allowLogs}))
	f.ok(f.AddUserToGroup(f.ctx, &awsiam.AddUserToGroupRequest{GroupName: "g", UserName: "u"}))
	may(policy.Allow, "")
	members := must[*awsiam.GetGroupResponse](t)(f.GetGroup(f.ctx, &awsiam.GetGroupRequest{GroupName: "G"}))
	if len(members.Users) != 1 || members.Users[0].UserName != "u" || members.Group.Arn != "arn:aws:iam::"+account+":group/g" {
		t.Errorf("group %+v", members)
	}
	f.ok(f.UpdateGroup(f.ctx, &awsiam.UpdateGroupRequest{GroupName: "g", NewGroupName: new("h")}))
	may(policy.Allow, "")
	if of := must[*awsiam.ListGroupsForUserResponse](t)(f.ListGroupsForUser(f.ctx, &awsiam.ListGroupsForUserRequest{UserName: "u"})).Groups; len(of) != 1 || of[0].GroupName != "h" {
		t.Errorf("groups %+v", of)
	}
	f.ok(f.RemoveUserFromGroup(f.ctx, &awsiam.RemoveUserFromGroupRequest{GroupName: "h", UserName: "u"}))
	may(policy.ImplicitDeny, silent)
	f.ok(f.DeleteGroupPolicy(f.ctx, &awsiam.DeleteGroupPolicyRequest{GroupName: "h", PolicyName: "p"}))
	f.ok(f.DeleteGroup(f.ctx, &awsiam.DeleteGroupRequest{GroupName: "h"}))
}

func TestAssumeRole(t *testing.T) {
	t.Parallel()
	f := open(t)
	key := f.user("u")
	trust := func(principal, more string) {
		t.Helper()
		f.ok(f.UpdateAssumeRolePolicy(f.ctx, &awsiam.UpdateAssumeRolePolicyRequest{RoleName: "R", PolicyDocument: `{"Version":"2012-10-17",` +
			`"Statement":[{"Effect":"Allow","Principal":{"AWS":"` + principal + `"},"Action":"sts:AssumeRole"` + more + `}]}`}))
	}
	must[*awsiam.CreateRoleResponse](t)(f.CreateRole(f.ctx, &awsiam.CreateRoleRequest{RoleName: "R", Path: new("/p/"), AssumeRolePolicyDocument: trustGateway}))
	f.attach("R", pushToLogs)
	const arn = "arn:aws:iam::" + account + ":role/p/R"
	ask := iam.RoleSession{RoleARN: arn, Name: "s", Duration: time.Hour}
	assume := func(in iam.RoleSession) (iam.TemporaryKey, error) {
		return f.AssumeRole(policy.WithIdentity(f.ctx, f.signer(key.AccessKeyId, "")), in)
	}
	wantDenied := func(why string, in iam.RoleSession) {
		t.Helper()
		var refused *awsapi.Error
		if _, err := assume(in); !errors.As(err, &refused) || refused.Code != "AccessDenied" ||
			refused.Message != "User: arn:aws:iam::"+account+":user/team/u is not authorized to perform: sts:AssumeRole on resource: "+in.RoleARN {
			t.Errorf("%s: got %v", why, err)
		}
	}
	wantDenied("trusts a service", ask)
	wantDenied("no such role", iam.RoleSession{RoleARN: arn + "x", Name: "s", Duration: time.Hour})
	trust(account, "")
	wantDenied("trusts the account, user has no permission", ask)
	trust("arn:aws:iam::"+account+":user/team/u", `,"Condition":{"StringEquals":{"sts:ExternalId":"secret"}}`)
	wantDenied("without the external ID", ask)
	ask.ExternalID = "secret"
	temporary, err := assume(ask)
	f.ok(err)
	if temporary.ARN != "arn:aws:sts::"+account+":assumed-role/R/s" || !strings.HasPrefix(temporary.AccessKeyID, "ASIA") ||
		!temporary.Expiration.Equal(created.Add(time.Hour)) || !strings.HasSuffix(temporary.UserID, ":s") {
		t.Errorf("got %+v", temporary)
	}
	who := f.signer(temporary.AccessKeyID, temporary.SessionToken)
	if who.ARN != temporary.ARN || who.UserID != temporary.UserID || who.RoleARN != arn || decide(who, "logs:PutLogEvents").Decision != policy.Allow {
		t.Errorf("session is %+v", who)
	}
	for name, cred := range map[string]sigv4.Credential{
		"without token":    {AccessKeyID: temporary.AccessKeyID},
		"with another":     {AccessKeyID: temporary.AccessKeyID, SecurityToken: temporary.SessionToken[:len(temporary.SessionToken)-8] + "AAAAAAA="},
		"of another key":   {AccessKeyID: "ASIAAAAAAAAAAAAAAAAA", SecurityToken: temporary.SessionToken},
		"of a lasting key": {AccessKeyID: key.AccessKeyId, SecurityToken: temporary.SessionToken},
	} {
		if _, _, err := f.Signer(t.Context(), cred); !errors.Is(err, sigv4.ErrUnknownKey) {
			t.Errorf("%s: %v", name, err)
		}
	}
	ask.Policies = []string{strings.Replace(allowLogs, "logs:*", "logs:Get*", 1)}
	bounded, err := assume(ask)
	f.ok(err)
	if v := decide(f.signer(bounded.AccessKeyID, bounded.SessionToken), "logs:PutLogEvents"); v.Reason != "because no session policy allows the logs:PutLogEvents action" {
		t.Errorf("bounded session: %+v", v)
	}
	var refused *awsapi.Error
	ask.Duration = 2 * time.Hour
	if _, err := assume(ask); !errors.As(err, &refused) || refused.Message != "The requested DurationSeconds exceeds the MaxSessionDuration set for this role." {
		t.Errorf("got %v", err)
	}
	f.ok(f.DetachRolePolicy(f.ctx, &awsiam.DetachRolePolicyRequest{RoleName: "R", PolicyArn: pushToLogs}))
	if v := decide(f.signer(temporary.AccessKeyID, temporary.SessionToken), "logs:PutLogEvents"); v.Decision != policy.ImplicitDeny {
		t.Error("the session keeps what the role has lost")
	}
	f.ok(f.DeleteRole(f.ctx, &awsiam.DeleteRoleRequest{RoleName: "R"}))
	must[*awsiam.CreateRoleResponse](t)(f.CreateRole(f.ctx, &awsiam.CreateRoleRequest{RoleName: "R", AssumeRolePolicyDocument: trustGateway}))
	if _, _, err := f.Signer(t.Context(), sigv4.Credential{AccessKeyID: temporary.AccessKeyID, SecurityToken: temporary.SessionToken}); !errors.Is(err, sigv4.ErrUnknownKey) {
		t.Errorf("a session outlives its role: %v", err)
	}
}

func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	f := open(t)
	now := created
	f.Service = iam.New(iam.Options{DB: f.db, AccountID: account, Now: func() time.Time { return now }})
	key, err := f.SessionToken(f.ctx, 15*time.Minute)
	f.ok(err)
	cred := sigv4.Credential{AccessKeyID: key.AccessKeyID, SecurityToken: key.SessionToken}
	if who := f.signer(cred.AccessKeyID, cred.SecurityToken); !who.Root {
		t.Errorf("the root's token is that of %+v", who)
	}
	again := iam.New(iam.Options{DB: f.db, AccountID: account, Now: func() time.Time { return now }}) // after a restart
	if _, _, err := again.Signer(t.Context(), cred); err != nil {
		t.Error(err)
	}
	now = now.Add(15 * time.Minute)
	for _, s := range []*iam.Service{f.Service, again} {
		if _, _, err := s.Signer(t.Context(), cred); !errors.Is(err, sigv4.ErrExpired) {
			t.Errorf("got %v", err)
		}
	}
}
