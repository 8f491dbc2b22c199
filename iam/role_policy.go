package iam

import (
	"context"

	"github.com/tollbook/tollbook/awsapi/awsiam"
)

// ofRole calls f in a transaction with a role as an entity.
func (s *Service) ofRole(ctx context.Context, name string, f func(tx, entity) error) error {
	return s.write(ctx, func(t tx) error {
		role, err := t.role(name)
		if err != nil {
			return err
		}
		return f(t, roleEntity(role))
	})
}

// PutRolePolicy embeds a policy in a role or replaces the one with its name.
func (s *Service) PutRolePolicy(ctx context.Context, in *awsiam.PutRolePolicyRequest) error {
	return s.ofRole(ctx, in.RoleName, func(t tx, e entity) error { return t.putInline(e, in.PolicyName, in.PolicyDocument) })
}

// GetRolePolicy returns an inline policy.
func (s *Service) GetRolePolicy(ctx context.Context, in *awsiam.GetRolePolicyRequest) (*awsiam.GetRolePolicyResponse, error) {
	var role roleRecord
	var inline rolePolicyRecord
	err := s.read(ctx, func(t tx) (err error) {
		if role, err = t.role(in.RoleName); err != nil {
			return err
		}
		inline, err = t.inline(roleEntity(role), in.PolicyName)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &awsiam.GetRolePolicyResponse{RoleName: role.Name, PolicyName: inline.Name, PolicyDocument: encodeDocument(inline.Document)}, nil
}

// DeleteRolePolicy removes an inline policy.
func (s *Service) DeleteRolePolicy(ctx context.Context, in *awsiam.DeleteRolePolicyRequest) error {
	return s.ofRole(ctx, in.RoleName, func(t tx, e entity) error { return t.deleteInline(e, in.PolicyName) })
}

// ListRolePolicies returns the names of a role's inline policies.
func (s *Service) ListRolePolicies(ctx context.Context, in *awsiam.ListRolePoliciesRequest) (*awsiam.ListRolePoliciesResponse, error) {
	var names []string
	err := s.read(ctx, func(t tx) error {
		role, err := t.role(in.RoleName)
		if err != nil {
			return err
		}
		names, err = t.inlineNames(roleEntity(role))
		return err
	})
	if err != nil {
		return nil, err
	}
	p, err := paginate(names, func(name string) string { return name }, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &awsiam.ListRolePoliciesResponse{PolicyNames: p.items, IsTruncated: p.truncated, Marker: p.marker}, nil
}
