package iam

import (
	"context"

	"github.com/tollbook/tollbook/awsapi/awsiam"
)

// PutUserPolicy embeds a policy in a user or replaces the one with its name.
func (s *Service) PutUserPolicy(ctx context.Context, in *awsiam.PutUserPolicyRequest) error {
	return s.of(ctx, findUser, in.UserName, func(t tx, e entity) error { return t.putInline(e, in.PolicyName, in.PolicyDocument) })
}

// GetUserPolicy returns an inline policy.
func (s *Service) GetUserPolicy(ctx context.Context, in *awsiam.GetUserPolicyRequest) (*awsiam.GetUserPolicyResponse, error) {
	e, p, err := s.inlinePolicy(ctx, findUser, in.UserName, in.PolicyName)
	if err != nil {
		return nil, err
	}
	return &awsiam.GetUserPolicyResponse{UserName: e.name, PolicyName: p.Name, PolicyDocument: encodeDocument(p.Document)}, nil
}

// DeleteUserPolicy removes an inline policy.
func (s *Service) DeleteUserPolicy(ctx context.Context, in *awsiam.DeleteUserPolicyRequest) error {
	return s.of(ctx, findUser, in.UserName, func(t tx, e entity) error { return t.deleteInline(e, in.PolicyName) })
}

// ListUserPolicies returns the names of a user's inline policies.
func (s *Service) ListUserPolicies(ctx context.Context, in *awsiam.ListUserPoliciesRequest) (*awsiam.ListUserPoliciesResponse, error) {
	p, err := s.inlinePage(ctx, findUser, in.UserName, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &awsiam.ListUserPoliciesResponse{PolicyNames: p.items, IsTruncated: p.truncated, Marker: p.marker}, nil
}

// AttachUserPolicy gives a user the permissions of a managed policy. Repeating it changes nothing.
func (s *Service) AttachUserPolicy(ctx context.Context, in *awsiam.AttachUserPolicyRequest) error {
	return s.of(ctx, findUser, in.UserName, func(t tx, e entity) error { return t.attach(e, in.PolicyArn) })
}

// DetachUserPolicy takes a managed policy from a user.
func (s *Service) DetachUserPolicy(ctx context.Context, in *awsiam.DetachUserPolicyRequest) error {
	return s.of(ctx, findUser, in.UserName, func(t tx, e entity) error { return t.detach(e, in.PolicyArn) })
}

// ListAttachedUserPolicies returns names and ARNs of a user's managed policies, those under a path.
func (s *Service) ListAttachedUserPolicies(ctx context.Context, in *awsiam.ListAttachedUserPoliciesRequest) (*awsiam.ListAttachedUserPoliciesResponse, error) {
	p, err := s.attachedPage(ctx, findUser, in.UserName, in.PathPrefix, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &awsiam.ListAttachedUserPoliciesResponse{AttachedPolicies: p.items, IsTruncated: p.truncated, Marker: p.marker}, nil
}
