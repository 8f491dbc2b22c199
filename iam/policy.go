package iam

import (
	"context"
	"errors"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/awsiam"
	"github.com/tollbook/tollbook/iam/policy"
	"github.com/tollbook/tollbook/state"
)

// CreatePolicy makes a customer managed policy with a first version.
func (s *Service) CreatePolicy(ctx context.Context, in *awsiam.CreatePolicyRequest) (*awsiam.CreatePolicyResponse, error) {
	tags, err := mergeTags(nil, in.Tags, "TagsPerPolicy")
	if err != nil {
		return nil, err
	}
	if err := checkManagedDocument(in.PolicyDocument); err != nil {
		return nil, err
	}
	now := s.date()
	p := managedPolicy{policyRecord: policyRecord{
		Name: in.PolicyName, Path: pathOf(in.Path), ID: newID(policyPrefix, idLength), Created: now, Updated: now,
		Description: valueOf(in.Description), Default: 1, Newest: 1, Tags: tags,
	}}
	p.ARN = policyARN(awsapi.CallerFrom(ctx).AccountID, p.Path, p.Name)
	err = s.write(ctx, func(t tx) error {
		if err := t.insertPolicy(p); err != nil {
			return err
		}
		first := policyVersionRecord{Number: 1, Document: in.PolicyDocument, Created: now}
		return policyVersions.Insert(t.Tx, t.key(policyID(p.ARN), versionKey(1)), first)
	})
	if err != nil {
		return nil, err
	}
	wire := p.toWire(0)
	wire.Tags = tagsToWire(p.Tags)
	return &awsiam.CreatePolicyResponse{Policy: wire}, nil
}

func checkManagedDocument(document string) error {
	if _, err := policy.ParseManaged(document); err != nil {
		return malformed(err)
	}
	if policySize(document) > maxManagedPolicySize {
		return overQuota("PolicySize", maxManagedPolicySize)
	}
	return nil
}

func (t tx) insertPolicy(p managedPolicy) error {
	err := policies.Insert(t.Tx, t.key("", policyID(p.ARN)), p.policyRecord)
	if errors.Is(err, state.ErrExists) {
		return awsiam.EntityAlreadyExistsException("A policy called %s already exists. Duplicate names are not allowed.", p.Name)
	} else if err != nil {
		return err
	}
	all, _, err := policies.List(t.Tx, t.scope(), "", "", maxPolicies+1)
	if len(all) > maxPolicies {
		return overQuota("PoliciesPerAccount", maxPolicies)
	}
	return err
}

// GetPolicy returns a managed policy without its document, which GetPolicyVersion has.
func (s *Service) GetPolicy(ctx context.Context, in *awsiam.GetPolicyRequest) (*awsiam.GetPolicyResponse, error) {
	var wire *awsiam.Policy
	err := s.read(ctx, func(t tx) error {
		p, err := t.existingPolicy(in.PolicyArn)
		if err != nil {
			return err
		}
		attached, err := t.attachmentCount(p.ARN)
		wire = p.toWire(attached)
		wire.Description = optional(p.Description)
		wire.Tags = append([]awsiam.Tag{}, tagsToWire(p.Tags)...) // shown also when empty
		return err
	})
	if err != nil {
		return nil, err
	}
	return &awsiam.GetPolicyResponse{Policy: wire}, nil
}

// ListPolicies returns managed policies by ARN, without description and tags.
func (s *Service) ListPolicies(ctx context.Context, in *awsiam.ListPoliciesRequest) (*awsiam.ListPoliciesResponse, error) {
	var wire []awsiam.Policy
	err := s.read(ctx, func(t tx) error {
		all, err := t.policiesIn(valueOf(in.Scope))
		if err != nil {
			return err
		}
		for _, p := range all {
			attached, err := t.attachmentCount(p.ARN)
			if err != nil {
				return err
			}
			if underPath(p.Path, in.PathPrefix) && wantedUse(attached, in) {
				wire = append(wire, *p.toWire(attached))
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	p, err := paginate(wire, func(p awsiam.Policy) string { return *p.Arn }, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &awsiam.ListPoliciesResponse{Policies: p.items, IsTruncated: p.truncated, Marker: p.marker}, nil
}

// wantedUse applies OnlyAttached and PolicyUsageFilter. No policy is used as a boundary.
func wantedUse(attached int32, in *awsiam.ListPoliciesRequest) bool {
	switch valueOf(in.PolicyUsageFilter) {
	case "PermissionsBoundary":
		return false
	case "PermissionsPolicy":
		return attached > 0
	}
	return attached > 0 || !valueOf(in.OnlyAttached)
}

// policiesIn returns the policies of a scope (AWS, Local, or All by default) in the order of their ARNs.
func (t tx) policiesIn(scope string) ([]managedPolicy, error) {
	var all []managedPolicy
	if scope != "AWS" {
		own, _, err := policies.List(t.Tx, t.scope(), "", "", 0)
		if err != nil {
			return nil, err
		}
		for _, record := range own {
			all = append(all, managedPolicy{policyRecord: record, ARN: policyARN(t.account, record.Path, record.Name)})
		}
	}
	if scope != "Local" {
		all = append(all, t.aws.sorted...)
	}
	sortByARN(all)
	return all, nil
}

// DeletePolicy removes a policy that nothing has attached and that has one version.
func (s *Service) DeletePolicy(ctx context.Context, in *awsiam.DeletePolicyRequest) error {
	caller := awsapi.CallerFrom(ctx)
	return s.write(ctx, func(t tx) error {
		p, err := t.ownPolicy(caller.ARN, "DeletePolicy", in.PolicyArn)
		if err != nil {
			return err
		}
		if attached, err := t.attachmentCount(p.ARN); err != nil {
			return err
		} else if attached > 0 {
			return awsiam.DeleteConflictException("Cannot delete a policy attached to entities.")
		}
		if bounds, err := t.holders(p.ARN, "PermissionsBoundary"); err != nil {
			return err
		} else if len(bounds) > 0 {
			return awsiam.DeleteConflictException("Cannot delete a policy attached to entities.")
		}
		versions, _, err := policyVersions.List(t.Tx, t.scope(), policyID(p.ARN), "", 2)
		if err != nil {
			return err
		} else if len(versions) > 1 {
			return awsiam.DeleteConflictException("This policy has more than one version. Before you delete a policy, " +
				"you must delete the policy's versions. The default version is deleted with the policy.")
		}
		if err := policyVersions.DeleteAll(t.Tx, t.scope(), policyID(p.ARN)); err != nil {
			return err
		}
		return policies.Delete(t.Tx, t.key("", policyID(p.ARN)))
	})
}
