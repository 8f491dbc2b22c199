package iam

import (
	"context"
	"errors"
	"strings"

	"github.com/tollbook/tollbook/awsapi/awsiam"
	"github.com/tollbook/tollbook/state"
)

// AttachRolePolicy gives a role the permissions of a managed policy. Repeating it changes nothing.
func (s *Service) AttachRolePolicy(ctx context.Context, in *awsiam.AttachRolePolicyRequest) error {
	return s.write(ctx, func(t tx) error {
		role, err := t.role(in.RoleName)
		if err != nil {
			return err
		}
		p, err := t.attachablePolicy(in.PolicyArn)
		if err != nil {
			return err
		}
		a := attachmentRecord{RoleName: role.Name, PolicyARN: p.ARN}
		if err := attachments.Put(t.Tx, t.key(foldName(role.Name), p.ARN), a); err != nil {
			return err
		}
		all, _, err := attachments.List(t.Tx, t.scope(), foldName(role.Name), "", 0)
		if err != nil {
			return err
		} else if len(all) > maxAttachments {
			return overQuota("PoliciesPerRole", maxAttachments)
		}
		return attachedTo.Put(t.Tx, t.key(p.ARN, foldName(role.Name)), a)
	})
}

// attachablePolicy finds a policy that a role of the account may have.
func (t tx) attachablePolicy(arn string) (managedPolicy, error) {
	p, err := t.policy(arn)
	if errors.Is(err, state.ErrNotFound) {
		return p, awsiam.NoSuchEntityException("Policy %s does not exist or is not attachable.", arn)
	}
	if err == nil && p.ofAWS() && strings.HasPrefix(p.Path, "/aws-service-role/") {
		return p, awsiam.PolicyNotAttachableException("Cannot attach a Service Role Policy to a Customer Role.")
	}
	return p, err
}

// DetachRolePolicy takes a managed policy from a role.
func (s *Service) DetachRolePolicy(ctx context.Context, in *awsiam.DetachRolePolicyRequest) error {
	return s.write(ctx, func(t tx) error {
		role, err := t.role(in.RoleName)
		if err != nil {
			return err
		}
		err = attachments.Delete(t.Tx, t.key(foldName(role.Name), in.PolicyArn))
		if errors.Is(err, state.ErrNotFound) {
			return noSuchPolicy(in.PolicyArn)
		} else if err != nil {
			return err
		}
		return attachedTo.Delete(t.Tx, t.key(in.PolicyArn, foldName(role.Name)))
	})
}

// attached returns the managed policies of a role, by ARN.
func (t tx) attached(role roleRecord) ([]managedPolicy, error) {
	all, _, err := attachments.List(t.Tx, t.scope(), foldName(role.Name), "", 0)
	if err != nil {
		return nil, err
	}
	found := make([]managedPolicy, 0, len(all))
	for _, a := range all {
		p, err := t.policy(a.PolicyARN)
		if errors.Is(err, state.ErrNotFound) {
			continue // a policy of AWS that an older version of the program had
		} else if err != nil {
			return nil, err
		}
		found = append(found, p)
	}
	return found, nil
}

// ListAttachedRolePolicies returns names and ARNs of a role's managed policies, those under a path.
func (s *Service) ListAttachedRolePolicies(ctx context.Context, in *awsiam.ListAttachedRolePoliciesRequest) (*awsiam.ListAttachedRolePoliciesResponse, error) {
	var wire []awsiam.AttachedPolicy
	err := s.read(ctx, func(t tx) error {
		role, err := t.role(in.RoleName)
		if err != nil {
			return err
		}
		all, err := t.attached(role)
		for _, p := range all {
			if underPath(p.Path, in.PathPrefix) {
				wire = append(wire, awsiam.AttachedPolicy{PolicyName: new(p.Name), PolicyArn: new(p.ARN)})
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	p, err := paginate(wire, func(a awsiam.AttachedPolicy) string { return *a.PolicyArn }, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &awsiam.ListAttachedRolePoliciesResponse{AttachedPolicies: p.items, IsTruncated: p.truncated, Marker: p.marker}, nil
}

// ListEntitiesForPolicy returns the roles that have a managed policy; users and groups there are none.
func (s *Service) ListEntitiesForPolicy(ctx context.Context, in *awsiam.ListEntitiesForPolicyRequest) (*awsiam.ListEntitiesForPolicyResponse, error) {
	var wire []awsiam.PolicyRole
	err := s.read(ctx, func(t tx) (err error) {
		if _, err = t.existingPolicy(in.PolicyArn); err == nil && wantsRoles(in) {
			wire, err = t.rolesWith(in.PolicyArn, in.PathPrefix)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	p, err := paginate(wire, func(r awsiam.PolicyRole) string { return foldName(*r.RoleName) }, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &awsiam.ListEntitiesForPolicyResponse{
		PolicyGroups: []awsiam.PolicyGroup{}, PolicyUsers: []awsiam.PolicyUser{}, PolicyRoles: p.items,
		IsTruncated: p.truncated, Marker: p.marker,
	}, nil
}

func wantsRoles(in *awsiam.ListEntitiesForPolicyRequest) bool {
	return (in.EntityFilter == nil || *in.EntityFilter == "Role") && valueOf(in.PolicyUsageFilter) != "PermissionsBoundary"
}

// rolesWith returns the roles under a path that have a policy.
func (t tx) rolesWith(arn string, pathPrefix *string) ([]awsiam.PolicyRole, error) {
	all, _, err := attachedTo.List(t.Tx, t.scope(), arn, "", 0)
	if err != nil {
		return nil, err
	}
	var wire []awsiam.PolicyRole
	for _, a := range all {
		role, err := t.role(a.RoleName)
		if err != nil {
			return nil, err
		}
		if underPath(role.Path, pathPrefix) {
			wire = append(wire, awsiam.PolicyRole{RoleName: new(role.Name), RoleId: new(role.ID)})
		}
	}
	return wire, nil
}
