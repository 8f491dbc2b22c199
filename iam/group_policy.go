package iam

import (
	"context"

	"github.com/tollbook/tollbook/awsapi/awsiam"
)

// ofGroup calls f in a transaction with a group as an entity.
func (s *Service) ofGroup(ctx context.Context, name string, f func(tx, entity) error) error {
	return s.write(ctx, func(t tx) error {
		g, err := t.group(name)
		if err != nil {
			return err
		}
		return f(t, groupEntity(g))
	})
}

// PutGroupPolicy embeds a policy in a group or replaces the one with its name.
func (s *Service) PutGroupPolicy(ctx context.Context, in *awsiam.PutGroupPolicyRequest) error {
	return s.ofGroup(ctx, in.GroupName, func(t tx, e entity) error { return t.putInline(e, in.PolicyName, in.PolicyDocument) })
}

// DeleteGroupPolicy removes an inline policy.
func (s *Service) DeleteGroupPolicy(ctx context.Context, in *awsiam.DeleteGroupPolicyRequest) error {
	return s.ofGroup(ctx, in.GroupName, func(t tx, e entity) error { return t.deleteInline(e, in.PolicyName) })
}

// AttachGroupPolicy gives a group the permissions of a managed policy.
func (s *Service) AttachGroupPolicy(ctx context.Context, in *awsiam.AttachGroupPolicyRequest) error {
	return s.ofGroup(ctx, in.GroupName, func(t tx, e entity) error { return t.attach(e, in.PolicyArn) })
}

// DetachGroupPolicy takes a managed policy from a group.
func (s *Service) DetachGroupPolicy(ctx context.Context, in *awsiam.DetachGroupPolicyRequest) error {
	return s.ofGroup(ctx, in.GroupName, func(t tx, e entity) error { return t.detach(e, in.PolicyArn) })
}

// GetGroupPolicy returns an inline policy.
func (s *Service) GetGroupPolicy(ctx context.Context, in *awsiam.GetGroupPolicyRequest) (*awsiam.GetGroupPolicyResponse, error) {
	out := &awsiam.GetGroupPolicyResponse{}
	err := s.read(ctx, func(t tx) error {
		g, err := t.group(in.GroupName)
		if err != nil {
			return err
		}
		p, err := t.inline(groupEntity(g), in.PolicyName)
		out.GroupName, out.PolicyName, out.PolicyDocument = g.Name, p.Name, encodeDocument(p.Document)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// ListGroupPolicies returns the names of a group's inline policies.
func (s *Service) ListGroupPolicies(ctx context.Context, in *awsiam.ListGroupPoliciesRequest) (*awsiam.ListGroupPoliciesResponse, error) {
	var names []string
	err := s.read(ctx, func(t tx) error {
		g, err := t.group(in.GroupName)
		if err != nil {
			return err
		}
		names, err = t.inlineNames(groupEntity(g))
		return err
	})
	if err != nil {
		return nil, err
	}
	p, err := paginate(names, func(name string) string { return name }, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &awsiam.ListGroupPoliciesResponse{PolicyNames: p.items, IsTruncated: p.truncated, Marker: p.marker}, nil
}

// ListAttachedGroupPolicies returns names and ARNs of a group's managed policies, those under a path.
func (s *Service) ListAttachedGroupPolicies(ctx context.Context, in *awsiam.ListAttachedGroupPoliciesRequest) (*awsiam.ListAttachedGroupPoliciesResponse, error) {
	var wire []awsiam.AttachedPolicy
	err := s.read(ctx, func(t tx) error {
		g, err := t.group(in.GroupName)
		if err != nil {
			return err
		}
		wire, err = t.attachedUnder(groupEntity(g), in.PathPrefix)
		return err
	})
	if err != nil {
		return nil, err
	}
	p, err := paginate(wire, func(a awsiam.AttachedPolicy) string { return *a.PolicyArn }, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &awsiam.ListAttachedGroupPoliciesResponse{AttachedPolicies: p.items, IsTruncated: p.truncated, Marker: p.marker}, nil
}
