package iam_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tollbook/tollbook/awsapi/awsiam"
)

// TestErrorTexts provokes every refusal that clients and Terraform know by its text. Each case starts with role R (policy
// "inline" inside, AWS' push policy and customer policy P attached), role Bare, customer policies P, Free and Full, the last
// with five versions.
func TestErrorTexts(t *testing.T) {
	t.Parallel()
	const (
		own  = "arn:aws:iam::111111111111:policy/"
		aws  = "arn:aws:iam::aws:policy/ReadOnlyAccess"
		role = "The role with name Nobody cannot be found."
	)
	trust := func(document string) func(fixture) error {
		return func(f fixture) error {
			_, err := f.CreateRole(f.ctx, &awsiam.CreateRoleRequest{RoleName: "New", AssumeRolePolicyDocument: document})
			return err
		}
	}
	managed := func(document string) func(fixture) error {
		return func(f fixture) error {
			_, err := f.CreatePolicy(f.ctx, &awsiam.CreatePolicyRequest{PolicyName: "New", PolicyDocument: document})
			return err
		}
	}
	tag := func(keys ...string) func(fixture) error {
		return func(f fixture) error {
			in := &awsiam.TagRoleRequest{RoleName: "R"}
			for _, key := range keys {
				in.Tags = append(in.Tags, awsiam.Tag{Key: key, Value: "v"})
			}
			return f.TagRole(f.ctx, in)
		}
	}
	attach := func(role, arn string) func(fixture) error {
		return func(f fixture) error {
			return f.AttachRolePolicy(f.ctx, &awsiam.AttachRolePolicyRequest{RoleName: role, PolicyArn: arn})
		}
	}
	denied := func(operation string) string {
		return "User: arn:aws:iam::111111111111:root is not authorized to perform: iam:" + operation + " on resource: policy " + aws
	}
	long := strings.Replace(allowLogs, "logs:*", "logs:"+strings.Repeat("x", 6000), 1)
	setUp := map[string]func(f fixture){ // by the name of the case
		"delete role with inline policies": func(f fixture) {
			f.ok(f.PutRolePolicy(f.ctx, &awsiam.PutRolePolicyRequest{RoleName: "Bare", PolicyName: "x", PolicyDocument: allowLogs}))
		},
		"eleventh attachment": func(f fixture) {
			for i := range 10 {
				f.attach("Bare", f.createPolicy(fmt.Sprintf("A%d", i), allowLogs))
			}
		},
		"inline policies too long": func(f fixture) {
			f.ok(f.PutRolePolicy(f.ctx, &awsiam.PutRolePolicyRequest{RoleName: "R", PolicyName: "a", PolicyDocument: long}))
		},
		"too many tags": func(f fixture) {
			for i := range 50 {
				f.ok(tag(fmt.Sprint("k", i))(f))
			}
		},
	}
	cases := []struct {
		name    string
		call    func(f fixture) error
		status  int
		code    string
		message string
	}{
		{"role exists", func(f fixture) error {
			_, err := f.CreateRole(f.ctx, &awsiam.CreateRoleRequest{RoleName: "r", AssumeRolePolicyDocument: trustGateway})
			return err
		}, 409, "EntityAlreadyExists", "Role with name r already exists."},
		{"policy exists", func(f fixture) error {
			_, err := f.CreatePolicy(f.ctx, &awsiam.CreatePolicyRequest{PolicyName: "p", Path: new("/x/"), PolicyDocument: allowLogs})
			return err
		}, 409, "EntityAlreadyExists", "A policy called p already exists. Duplicate names are not allowed."},
		{"role missing", func(f fixture) error {
			_, err := f.GetRole(f.ctx, &awsiam.GetRoleRequest{RoleName: "Nobody"})
			return err
		}, 404, "NoSuchEntity", role},
		{"delete missing role", func(f fixture) error { return f.DeleteRole(f.ctx, &awsiam.DeleteRoleRequest{RoleName: "Nobody"}) }, 404, "NoSuchEntity", role},
		{"update missing role", func(f fixture) error {
			_, err := f.UpdateRole(f.ctx, &awsiam.UpdateRoleRequest{RoleName: "Nobody"})
			return err
		}, 404, "NoSuchEntity", role},
		{"instance profiles of missing role", func(f fixture) error {
			_, err := f.ListInstanceProfilesForRole(f.ctx, &awsiam.ListInstanceProfilesForRoleRequest{RoleName: "Nobody"})
			return err
		}, 404, "NoSuchEntity", role},
		{"inline policy missing", func(f fixture) error {
			_, err := f.GetRolePolicy(f.ctx, &awsiam.GetRolePolicyRequest{RoleName: "R", PolicyName: "other"})
			return err
		}, 404, "NoSuchEntity", "The role policy with name other cannot be found."},
		{"delete missing inline policy", func(f fixture) error {
			return f.DeleteRolePolicy(f.ctx, &awsiam.DeleteRolePolicyRequest{RoleName: "R", PolicyName: "other"})
		}, 404, "NoSuchEntity", "The role policy with name other cannot be found."},
		{"inline policy of missing role", func(f fixture) error {
			_, err := f.GetRolePolicy(f.ctx, &awsiam.GetRolePolicyRequest{RoleName: "Nobody", PolicyName: "other"})
			return err
		}, 404, "NoSuchEntity", role},
		{"policy missing", func(f fixture) error {
			_, err := f.GetPolicy(f.ctx, &awsiam.GetPolicyRequest{PolicyArn: own + "X"})
			return err
		}, 404, "NoSuchEntity", "Policy " + own + "X was not found."},
		{"policy under another path", func(f fixture) error {
			return f.DeletePolicy(f.ctx, &awsiam.DeletePolicyRequest{PolicyArn: own + "x/P"})
		}, 404, "NoSuchEntity", "Policy " + own + "x/P was not found."},
		{"version missing", func(f fixture) error {
			_, err := f.GetPolicyVersion(f.ctx, &awsiam.GetPolicyVersionRequest{PolicyArn: own + "P", VersionId: "v9"})
			return err
		}, 404, "NoSuchEntity", "Policy " + own + "P version v9 does not exist or is not attachable."},
		{"delete missing version", func(f fixture) error {
			return f.DeletePolicyVersion(f.ctx, &awsiam.DeletePolicyVersionRequest{PolicyArn: own + "P", VersionId: "v9"})
		}, 404, "NoSuchEntity", "Policy " + own + "P version v9 does not exist or is not attachable."},
		{"attach missing policy", attach("R", own+"X"), 404, "NoSuchEntity", "Policy " + own + "X does not exist or is not attachable."},
		{"attach to missing role", attach("Nobody", pushToLogs), 404, "NoSuchEntity", role},
		{"attach no ARN", attach("R", "AmazonAPIGatewayPushToCloudWatchLogs"), 400, "ValidationError", "Invalid ARN:  Could not be parsed!"},
		{"attach a service-linked role's policy", attach("R", "arn:aws:iam::aws:policy/aws-service-role/APIGatewayServiceRolePolicy"), 400, "PolicyNotAttachable",
			"Cannot attach a Service Role Policy to a Customer Role."},
		{"detach what is not attached", func(f fixture) error {
			return f.DetachRolePolicy(f.ctx, &awsiam.DetachRolePolicyRequest{RoleName: "Bare", PolicyArn: pushToLogs})
		}, 404, "NoSuchEntity", "Policy " + pushToLogs + " was not found."},
		{"delete role with attached policies", func(f fixture) error { return f.DeleteRole(f.ctx, &awsiam.DeleteRoleRequest{RoleName: "R"}) }, 409, "DeleteConflict",
			"Cannot delete entity, must detach all policies first."},
		{"delete role with inline policies", func(f fixture) error {
			return f.DeleteRole(f.ctx, &awsiam.DeleteRoleRequest{RoleName: "Bare"})
		}, 409, "DeleteConflict", "Cannot delete entity, must delete policies first."},
		{"delete attached policy", func(f fixture) error {
			return f.DeletePolicy(f.ctx, &awsiam.DeletePolicyRequest{PolicyArn: own + "P"})
		}, 409, "DeleteConflict", "Cannot delete a policy attached to entities."},
		{"delete policy with versions", func(f fixture) error {
			return f.DeletePolicy(f.ctx, &awsiam.DeletePolicyRequest{PolicyArn: own + "Full"})
		}, 409, "DeleteConflict", "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy."},
		{"delete default version", func(f fixture) error {
			return f.DeletePolicyVersion(f.ctx, &awsiam.DeletePolicyVersionRequest{PolicyArn: own + "P", VersionId: "v1"})
		}, 409, "DeleteConflict", "Cannot delete the default version of a policy."},
		{"sixth version", func(f fixture) error {
			_, err := f.CreatePolicyVersion(f.ctx, &awsiam.CreatePolicyVersionRequest{PolicyArn: own + "Full", PolicyDocument: allowLogs})
			return err
		}, 409, "LimitExceeded", "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version."},
		{"eleventh attachment", func(f fixture) error {
			return attach("Bare", own+"P")(f)
		}, 409, "LimitExceeded", "Cannot exceed quota for PoliciesPerRole: 10"},
		{"trust policy too long", trust(trustGateway + strings.Repeat(" ", 2048)), 409, "LimitExceeded", "Cannot exceed quota for ACLSizePerRole: 2048"},
		{"managed policy too long", managed(strings.Replace(allowLogs, "logs:*", "logs:"+strings.Repeat("x", 6144), 1)), 409, "LimitExceeded", "Cannot exceed quota for PolicySize: 6144"},
		{"inline policies too long", func(f fixture) error {
			return f.PutRolePolicy(f.ctx, &awsiam.PutRolePolicyRequest{RoleName: "R", PolicyName: "b", PolicyDocument: long})
		}, 409, "LimitExceeded", "Maximum policy size of 10240 bytes exceeded for role R"},
		{"trust JSON broken", trust(`{`), 400, "MalformedPolicyDocument", "This policy contains invalid Json"},
		{"trust JSON broken on update", func(f fixture) error {
			return f.UpdateAssumeRolePolicy(f.ctx, &awsiam.UpdateAssumeRolePolicyRequest{RoleName: "R", PolicyDocument: "x"})
		}, 400, "MalformedPolicyDocument", "This policy contains invalid Json"},
		{"resource in trust policy", trust(strings.Replace(trustGateway, `"Effect"`, `"Resource":"*","Effect"`, 1)), 400, "MalformedPolicyDocument", "Has prohibited field Resource"},
		{"unknown role as principal", trust(strings.Replace(trustGateway, `{"Service":"apigateway.amazonaws.com"}`, `{"AWS":"arn:aws:iam::111111111111:role/Nobody"}`, 1)), 400, "MalformedPolicyDocument",
			`Invalid principal in policy: "AWS":"arn:aws:iam::111111111111:role/Nobody"`},
		{"unknown user as principal", trust(strings.Replace(trustGateway, `{"Service":"apigateway.amazonaws.com"}`, `{"AWS":"arn:aws:iam::111111111111:user/alice"}`, 1)), 400, "MalformedPolicyDocument",
			`Invalid principal in policy: "AWS":"arn:aws:iam::111111111111:user/alice"`},
		{"policy JSON broken", managed(`{`), 400, "MalformedPolicyDocument", "Syntax errors in policy."},
		{"version JSON broken", func(f fixture) error {
			_, err := f.CreatePolicyVersion(f.ctx, &awsiam.CreatePolicyVersionRequest{PolicyArn: own + "P", PolicyDocument: "{"})
			return err
		}, 400, "MalformedPolicyDocument", "Syntax errors in policy."},
		{"inline JSON broken", func(f fixture) error {
			return f.PutRolePolicy(f.ctx, &awsiam.PutRolePolicyRequest{RoleName: "R", PolicyName: "x", PolicyDocument: "{"})
		}, 400, "MalformedPolicyDocument", "Syntax errors in policy."},
		{"no action", managed(strings.Replace(allowLogs, `"Action":"logs:*",`, ``, 1)), 400, "MalformedPolicyDocument", "Policy statement must contain actions."},
		{"no resource", managed(strings.Replace(allowLogs, `,"Resource":"*"`, ``, 1)), 400, "MalformedPolicyDocument", "Policy statement must contain resources."},
		{"principal", managed(strings.Replace(allowLogs, `"Effect"`, `"Principal":"*","Effect"`, 1)), 400, "MalformedPolicyDocument", "Policy document should not specify a principal."},
		{"odd vendor", managed(strings.Replace(allowLogs, `logs:`, `lo#gs:`, 1)), 400, "MalformedPolicyDocument", "Vendor lo#gs is not valid"},
		{"tag twice", tag("a", "A"), 400, "InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive."},
		{"reserved tag", tag("aws:x"), 400, "InvalidInput", "aws: prefixed tag key names are not allowed for external use."},
		{"too many tags", func(f fixture) error {
			return tag("one more")(f)
		}, 409, "LimitExceeded", "Cannot exceed quota for TagsPerRole: 50"},
		{"delete AWS policy", func(f fixture) error { return f.DeletePolicy(f.ctx, &awsiam.DeletePolicyRequest{PolicyArn: aws}) }, 403, "AccessDenied", denied("DeletePolicy")},
		{"version of AWS policy", func(f fixture) error {
			_, err := f.CreatePolicyVersion(f.ctx, &awsiam.CreatePolicyVersionRequest{PolicyArn: aws, PolicyDocument: allowLogs})
			return err
		}, 403, "AccessDenied", denied("CreatePolicyVersion")},
		{"tag AWS policy", func(f fixture) error { return f.TagPolicy(f.ctx, &awsiam.TagPolicyRequest{PolicyArn: aws}) }, 403, "AccessDenied", denied("TagPolicy")},
		{"default of AWS policy", func(f fixture) error {
			return f.SetDefaultPolicyVersion(f.ctx, &awsiam.SetDefaultPolicyVersionRequest{PolicyArn: aws, VersionId: "v1"})
		}, 403, "AccessDenied", denied("SetDefaultPolicyVersion")},
		{"marker", func(f fixture) error {
			_, err := f.ListRoles(f.ctx, &awsiam.ListRolesRequest{Marker: new("!")})
			return err
		}, 400, "ValidationError", "Invalid Marker."},
		{"permissions boundary", func(f fixture) error {
			_, err := f.CreateRole(f.ctx, &awsiam.CreateRoleRequest{RoleName: "New", AssumeRolePolicyDocument: trustGateway, PermissionsBoundary: new(aws + "x")})
			return err
		}, 404, "NoSuchEntity", "Scope ARN: " + aws + "x does not exist or is not attachable."},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := furnished(t)
			if prepare, ok := setUp[c.name]; ok {
				prepare(f)
			}
			before := f.snapshot()
			wantError(t, c.call(f), c.status, c.code, c.message)
			if f.snapshot() != before {
				t.Error("a refused request changed something")
			}
		})
	}
}

func furnished(t *testing.T) fixture {
	f := open(t)
	f.createRole("R")
	f.createRole("Bare")
	f.ok(f.PutRolePolicy(f.ctx, &awsiam.PutRolePolicyRequest{RoleName: "R", PolicyName: "inline", PolicyDocument: allowLogs}))
	f.attach("R", pushToLogs)
	f.attach("R", f.createPolicy("P", allowLogs))
	f.createPolicy("Free", allowLogs)
	full := f.createPolicy("Full", allowLogs)
	for range 4 {
		_, err := f.CreatePolicyVersion(f.ctx, &awsiam.CreatePolicyVersionRequest{PolicyArn: full, PolicyDocument: allowLogs})
		f.ok(err)
	}
	return f
}

// snapshot is the visible state of roles and customer policies.
func (f fixture) snapshot() string {
	f.t.Helper()
	var b strings.Builder
	roles := must[*awsiam.ListRolesResponse](f.t)(f.ListRoles(f.ctx, &awsiam.ListRolesRequest{}))
	for _, r := range roles.Roles {
		inline := must[*awsiam.ListRolePoliciesResponse](f.t)(f.ListRolePolicies(f.ctx, &awsiam.ListRolePoliciesRequest{RoleName: r.RoleName}))
		attached := must[*awsiam.ListAttachedRolePoliciesResponse](f.t)(f.ListAttachedRolePolicies(f.ctx, &awsiam.ListAttachedRolePoliciesRequest{RoleName: r.RoleName}))
		tags := must[*awsiam.ListRoleTagsResponse](f.t)(f.ListRoleTags(f.ctx, &awsiam.ListRoleTagsRequest{RoleName: r.RoleName}))
		fmt.Fprintln(&b, r.Arn, *r.AssumeRolePolicyDocument, inline.PolicyNames, len(attached.AttachedPolicies), tags.Tags)
	}
	policies := must[*awsiam.ListPoliciesResponse](f.t)(f.ListPolicies(f.ctx, &awsiam.ListPoliciesRequest{Scope: new("Local")}))
	for _, p := range policies.Policies {
		versions := must[*awsiam.ListPolicyVersionsResponse](f.t)(f.ListPolicyVersions(f.ctx, &awsiam.ListPolicyVersionsRequest{PolicyArn: *p.Arn}))
		fmt.Fprintln(&b, *p.Arn, *p.DefaultVersionId, *p.AttachmentCount, len(versions.Versions))
	}
	return b.String()
}
