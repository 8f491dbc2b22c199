package iam

import (
	"context"
	"errors"

	"github.com/tollbook/tollbook/awsapi/awsiam"
	"github.com/tollbook/tollbook/iam/policy"
	"github.com/tollbook/tollbook/state"
)

// PutRolePolicy embeds a policy in a role or replaces the one with its name.
func (s *Service) PutRolePolicy(ctx context.Context, in *awsiam.PutRolePolicyRequest) error {
	if _, err := policy.ParseInline(in.PolicyDocument); err != nil {
		return malformed(err)
	}
	return s.write(ctx, func(t tx) error {
		role, err := t.role(in.RoleName)
		if err != nil {
			return err
		}
		id := foldName(role.Name)
		if err := rolePolicies.Put(t.Tx, t.key(id, in.PolicyName), rolePolicyRecord{in.PolicyName, in.PolicyDocument}); err != nil {
			return err
		}
		return t.checkInlineSize(role)
	})
}

// checkInlineSize refuses a role whose inline policies are too long together.
func (t tx) checkInlineSize(role roleRecord) error {
	all, _, err := rolePolicies.List(t.Tx, t.scope(), foldName(role.Name), "", 0)
	if err != nil {
		return err
	}
	size := 0
	for _, p := range all {
		size += policySize(p.Document)
	}
	if size > maxInlinePolicySize {
		return awsiam.LimitExceededException("Maximum policy size of %d bytes exceeded for role %s", maxInlinePolicySize, role.Name)
	}
	return nil
}

// GetRolePolicy returns an inline policy.
func (s *Service) GetRolePolicy(ctx context.Context, in *awsiam.GetRolePolicyRequest) (*awsiam.GetRolePolicyResponse, error) {
	var role roleRecord
	var inline rolePolicyRecord
	err := s.read(ctx, func(t tx) (err error) {
		if role, err = t.role(in.RoleName); err != nil {
			return err
		}
		inline, err = rolePolicies.Get(t.Tx, t.key(foldName(role.Name), in.PolicyName))
		if errors.Is(err, state.ErrNotFound) {
			return noSuchRolePolicy(in.PolicyName)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return &awsiam.GetRolePolicyResponse{RoleName: role.Name, PolicyName: inline.Name, PolicyDocument: encodeDocument(inline.Document)}, nil
}

// DeleteRolePolicy removes an inline policy.
func (s *Service) DeleteRolePolicy(ctx context.Context, in *awsiam.DeleteRolePolicyRequest) error {
	return s.write(ctx, func(t tx) error {
		role, err := t.role(in.RoleName)
		if err != nil {
			return err
		}
		err = rolePolicies.Delete(t.Tx, t.key(foldName(role.Name), in.PolicyName))
		if errors.Is(err, state.ErrNotFound) {
			return noSuchRolePolicy(in.PolicyName)
		}
		return err
	})
}

// ListRolePolicies returns the names of a role's inline policies.
func (s *Service) ListRolePolicies(ctx context.Context, in *awsiam.ListRolePoliciesRequest) (*awsiam.ListRolePoliciesResponse, error) {
	var names []string
	err := s.read(ctx, func(t tx) error {
		role, err := t.role(in.RoleName)
		if err != nil {
			return err
		}
		all, _, err := rolePolicies.List(t.Tx, t.scope(), foldName(role.Name), "", 0)
		for _, p := range all {
			names = append(names, p.Name)
		}
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
