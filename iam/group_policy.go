package iam

import (
	"context"

	"github.com/tollbook/tollbook/awsapi/awsiam"
)

// PutGroupPolicy embeds a policy in a group or replaces the one with its name.
func (s *Service) PutGroupPolicy(ctx context.Context, in *awsiam.PutGroupPolicyRequest) error {
	return s.of(ctx, findGroup, in.GroupName, func(t tx, e entity) error { return t.putInline(e, in.PolicyName, in.PolicyDocument) })
}

// GetGroupPolicy returns an inline policy.
func (s *Service) GetGroupPolicy(ctx context.Context, in *awsiam.GetGroupPolicyRequest) (*awsiam.GetGroupPolicyResponse, error) {
	e, p, err := s.inlinePolicy(ctx, findGroup, in.GroupName, in.PolicyName)
	if err != nil {
		return nil, err
	}
	return &awsiam.GetGroupPolicyResponse{GroupName: e.name, PolicyName: p.Name, PolicyDocument: encodeDocument(p.Document)}, nil
}

// DeleteGroupPolicy removes an inline policy.
func (s *Service) DeleteGroupPolicy(ctx context.Context, in *awsiam.DeleteGroupPolicyRequest) error {
	return s.of(ctx, findGroup, in.GroupName, func(t tx, e entity) error { return t.deleteInline(e, in.PolicyName) })
}

// ListGroupPolicies returns the names of a group's inline policies.
func (s *Service) ListGroupPolicies(ctx context.Context, in *awsiam.ListGroupPoliciesRequest) (*awsiam.ListGroupPoliciesResponse, error) {
	p, err := s.inlinePage(ctx, findGroup, in.GroupName, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &awsiam.ListGroupPoliciesResponse{PolicyNames: p.items, IsTruncated: p.truncated, Marker: p.marker}, nil
}

// AttachGroupPolicy gives a group the permissions of a managed policy. Repeating it changes nothing.
func (s *Service) AttachGroupPolicy(ctx context.Context, in *awsiam.AttachGroupPolicyRequest) error {
	return s.of(ctx, findGroup, in.GroupName, func(t tx, e entity) error { return t.attach(e, in.PolicyArn) })
}

// DetachGroupPolicy takes a managed policy from a group.
func (s *Service) DetachGroupPolicy(ctx context.Context, in *awsiam.DetachGroupPolicyRequest) error {
	return s.of(ctx, findGroup, in.GroupName, func(t tx, e entity) error { return t.detach(e, in.PolicyArn) })
}

// ListAttachedGroupPolicies returns names and ARNs of a group's managed policies, those under a path.
func (s *Service) ListAttachedGroupPolicies(ctx context.Context, in *awsiam.ListAttachedGroupPoliciesRequest) (*awsiam.ListAttachedGroupPoliciesResponse, error) {
	p, err := s.attachedPage(ctx, findGroup, in.GroupName, in.PathPrefix, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &awsiam.ListAttachedGroupPoliciesResponse{AttachedPolicies: p.items, IsTruncated: p.truncated, Marker: p.marker}, nil
}
