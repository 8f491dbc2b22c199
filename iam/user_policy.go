package iam

import (
	"context"

	"github.com/tollbook/tollbook/awsapi/awsiam"
)

// ofUser calls f in a transaction with a user as an entity.
func (s *Service) ofUser(ctx context.Context, name string, f func(tx, entity) error) error {
	return s.write(ctx, func(t tx) error {
		u, err := t.user(name)
		if err != nil {
			return err
		}
		return f(t, userEntity(u))
	})
}

// PutUserPolicy embeds a policy in a user or replaces the one with its name.
func (s *Service) PutUserPolicy(ctx context.Context, in *awsiam.PutUserPolicyRequest) error {
	return s.ofUser(ctx, in.UserName, func(t tx, e entity) error { return t.putInline(e, in.PolicyName, in.PolicyDocument) })
}

// DeleteUserPolicy removes an inline policy.
func (s *Service) DeleteUserPolicy(ctx context.Context, in *awsiam.DeleteUserPolicyRequest) error {
	return s.ofUser(ctx, in.UserName, func(t tx, e entity) error { return t.deleteInline(e, in.PolicyName) })
}

// AttachUserPolicy gives a user the permissions of a managed policy.
func (s *Service) AttachUserPolicy(ctx context.Context, in *awsiam.AttachUserPolicyRequest) error {
	return s.ofUser(ctx, in.UserName, func(t tx, e entity) error { return t.attach(e, in.PolicyArn) })
}

// DetachUserPolicy takes a managed policy from a user.
func (s *Service) DetachUserPolicy(ctx context.Context, in *awsiam.DetachUserPolicyRequest) error {
	return s.ofUser(ctx, in.UserName, func(t tx, e entity) error { return t.detach(e, in.PolicyArn) })
}

// GetUserPolicy returns an inline policy.
func (s *Service) GetUserPolicy(ctx context.Context, in *awsiam.GetUserPolicyRequest) (*awsiam.GetUserPolicyResponse, error) {
	out := &awsiam.GetUserPolicyResponse{}
	err := s.read(ctx, func(t tx) error {
		u, err := t.user(in.UserName)
		if err != nil {
			return err
		}
		p, err := t.inline(userEntity(u), in.PolicyName)
		out.UserName, out.PolicyName, out.PolicyDocument = u.Name, p.Name, encodeDocument(p.Document)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// ListUserPolicies returns the names of a user's inline policies.
func (s *Service) ListUserPolicies(ctx context.Context, in *awsiam.ListUserPoliciesRequest) (*awsiam.ListUserPoliciesResponse, error) {
	var names []string
	err := s.read(ctx, func(t tx) error {
		u, err := t.user(in.UserName)
		if err != nil {
			return err
		}
		names, err = t.inlineNames(userEntity(u))
		return err
	})
	if err != nil {
		return nil, err
	}
	p, err := paginate(names, func(name string) string { return name }, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &awsiam.ListUserPoliciesResponse{PolicyNames: p.items, IsTruncated: p.truncated, Marker: p.marker}, nil
}

// ListAttachedUserPolicies returns names and ARNs of a user's managed policies, those under a path.
func (s *Service) ListAttachedUserPolicies(ctx context.Context, in *awsiam.ListAttachedUserPoliciesRequest) (*awsiam.ListAttachedUserPoliciesResponse, error) {
	var wire []awsiam.AttachedPolicy
	err := s.read(ctx, func(t tx) error {
		u, err := t.user(in.UserName)
		if err != nil {
			return err
		}
		wire, err = t.attachedUnder(userEntity(u), in.PathPrefix)
		return err
	})
	if err != nil {
		return nil, err
	}
	p, err := paginate(wire, func(a awsiam.AttachedPolicy) string { return *a.PolicyArn }, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &awsiam.ListAttachedUserPoliciesResponse{AttachedPolicies: p.items, IsTruncated: p.truncated, Marker: p.marker}, nil
}
