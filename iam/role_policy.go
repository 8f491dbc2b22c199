package iam

import (
	"context"

	"github.com/tollbook/tollbook/awsapi/awsiam"
)

// PutRolePolicy embeds a policy in a role or replaces the one with its name.
func (s *Service) PutRolePolicy(ctx context.Context, in *awsiam.PutRolePolicyRequest) error {
	return s.of(ctx, findRole, in.RoleName, func(t tx, e entity) error { return t.putInline(e, in.PolicyName, in.PolicyDocument) })
}

// GetRolePolicy returns an inline policy.
func (s *Service) GetRolePolicy(ctx context.Context, in *awsiam.GetRolePolicyRequest) (*awsiam.GetRolePolicyResponse, error) {
	e, p, err := s.inlinePolicy(ctx, findRole, in.RoleName, in.PolicyName)
	if err != nil {
		return nil, err
	}
	return &awsiam.GetRolePolicyResponse{RoleName: e.name, PolicyName: p.Name, PolicyDocument: encodeDocument(p.Document)}, nil
}

// DeleteRolePolicy removes an inline policy.
func (s *Service) DeleteRolePolicy(ctx context.Context, in *awsiam.DeleteRolePolicyRequest) error {
	return s.of(ctx, findRole, in.RoleName, func(t tx, e entity) error { return t.deleteInline(e, in.PolicyName) })
}

// ListRolePolicies returns the names of a role's inline policies.
func (s *Service) ListRolePolicies(ctx context.Context, in *awsiam.ListRolePoliciesRequest) (*awsiam.ListRolePoliciesResponse, error) {
	p, err := s.inlinePage(ctx, findRole, in.RoleName, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &awsiam.ListRolePoliciesResponse{PolicyNames: p.items, IsTruncated: p.truncated, Marker: p.marker}, nil
}

// AttachRolePolicy gives a role the permissions of a managed policy. Repeating it changes nothing.
func (s *Service) AttachRolePolicy(ctx context.Context, in *awsiam.AttachRolePolicyRequest) error {
	return s.of(ctx, findRole, in.RoleName, func(t tx, e entity) error { return t.attach(e, in.PolicyArn) })
}

// DetachRolePolicy takes a managed policy from a role.
func (s *Service) DetachRolePolicy(ctx context.Context, in *awsiam.DetachRolePolicyRequest) error {
	return s.of(ctx, findRole, in.RoleName, func(t tx, e entity) error { return t.detach(e, in.PolicyArn) })
}

// ListAttachedRolePolicies returns names and ARNs of a role's managed policies, those under a path.
func (s *Service) ListAttachedRolePolicies(ctx context.Context, in *awsiam.ListAttachedRolePoliciesRequest) (*awsiam.ListAttachedRolePoliciesResponse, error) {
	p, err := s.attachedPage(ctx, findRole, in.RoleName, in.PathPrefix, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &awsiam.ListAttachedRolePoliciesResponse{AttachedPolicies: p.items, IsTruncated: p.truncated, Marker: p.marker}, nil
}
