package iam

import (
	"context"
	"errors"
	"slices"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/awsiam"
	"github.com/tollbook/tollbook/state"
)

// CreatePolicyVersion adds a version, which applies only once it is the default. Numbers are never used again.
func (s *Service) CreatePolicyVersion(ctx context.Context, in *awsiam.CreatePolicyVersionRequest) (*awsiam.CreatePolicyVersionResponse, error) {
	if err := checkManagedDocument(in.PolicyDocument); err != nil {
		return nil, err
	}
	caller, version := awsapi.CallerFrom(ctx), policyVersionRecord{Document: in.PolicyDocument, Created: s.date()}
	err := s.write(ctx, func(t tx) error {
		p, err := t.ownPolicy(caller.ARN, "CreatePolicyVersion", in.PolicyArn)
		if err != nil {
			return err
		}
		if all, err := t.versions(p); err != nil {
			return err
		} else if len(all) >= maxVersions {
			return awsiam.LimitExceededException("A managed policy can have up to %d versions. Before you create a new version, "+
				"you must delete an existing version.", maxVersions)
		}
		p.Newest++
		p.Updated, version.Number = version.Created, p.Newest
		if valueOf(in.SetAsDefault) {
			p.Default = p.Newest
		}
		if err := policyVersions.Insert(t.Tx, t.key(policyID(p.ARN), versionKey(p.Newest)), version); err != nil {
			return err
		}
		return t.putPolicy(p)
	})
	if err != nil {
		return nil, err
	}
	return &awsiam.CreatePolicyVersionResponse{PolicyVersion: new(version.toWire(valueOf(in.SetAsDefault)))}, nil
}

// versions returns the versions of a policy by number. Of AWS' policies only the one in force comes with the program.
func (t tx) versions(p managedPolicy) ([]policyVersionRecord, error) {
	if p.ofAWS() {
		return []policyVersionRecord{{Number: p.Default, Document: p.Document, Created: p.Updated}}, nil
	}
	all, _, err := policyVersions.List(t.Tx, t.scope(), policyID(p.ARN), "", 0)
	return all, err
}

// version finds one version; AWS' error if there is none.
func (t tx) version(p managedPolicy, id string) (policyVersionRecord, error) {
	all, err := t.versions(p)
	if err != nil {
		return policyVersionRecord{}, err
	}
	number := versionNumber(id)
	i := slices.IndexFunc(all, func(v policyVersionRecord) bool { return v.Number == number })
	if i < 0 {
		return policyVersionRecord{}, noSuchVersion(p.ARN, id)
	}
	return all[i], nil
}

// GetPolicyVersion returns a version with its document.
func (s *Service) GetPolicyVersion(ctx context.Context, in *awsiam.GetPolicyVersionRequest) (*awsiam.GetPolicyVersionResponse, error) {
	var wire awsiam.PolicyVersion
	err := s.read(ctx, func(t tx) error {
		p, err := t.existingPolicy(in.PolicyArn)
		if err != nil {
			return err
		}
		v, err := t.version(p, in.VersionId)
		wire = v.toWire(v.Number == p.Default)
		wire.Document = new(encodeDocument(v.Document))
		return err
	})
	if err != nil {
		return nil, err
	}
	return &awsiam.GetPolicyVersionResponse{PolicyVersion: &wire}, nil
}

// ListPolicyVersions returns the versions, newest first, without their documents.
func (s *Service) ListPolicyVersions(ctx context.Context, in *awsiam.ListPolicyVersionsRequest) (*awsiam.ListPolicyVersionsResponse, error) {
	var wire []awsiam.PolicyVersion
	err := s.read(ctx, func(t tx) error {
		p, err := t.existingPolicy(in.PolicyArn)
		if err != nil {
			return err
		}
		all, err := t.versions(p)
		for _, v := range slices.Backward(all) {
			wire = append(wire, v.toWire(v.Number == p.Default))
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	newestFirst := func(v awsiam.PolicyVersion) string { return versionKey(999_999_999 - versionNumber(*v.VersionId)) }
	p, err := paginate(wire, newestFirst, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &awsiam.ListPolicyVersionsResponse{Versions: p.items, IsTruncated: p.truncated, Marker: p.marker}, nil
}

// SetDefaultPolicyVersion puts a version in force.
func (s *Service) SetDefaultPolicyVersion(ctx context.Context, in *awsiam.SetDefaultPolicyVersionRequest) error {
	caller := awsapi.CallerFrom(ctx)
	return s.write(ctx, func(t tx) error {
		p, err := t.ownPolicy(caller.ARN, "SetDefaultPolicyVersion", in.PolicyArn)
		if err != nil {
			return err
		}
		v, err := t.version(p, in.VersionId)
		if err != nil {
			return err
		}
		p.Default = v.Number
		return t.putPolicy(p)
	})
}

// DeletePolicyVersion removes a version that is not in force.
func (s *Service) DeletePolicyVersion(ctx context.Context, in *awsiam.DeletePolicyVersionRequest) error {
	caller := awsapi.CallerFrom(ctx)
	return s.write(ctx, func(t tx) error {
		p, err := t.ownPolicy(caller.ARN, "DeletePolicyVersion", in.PolicyArn)
		if err != nil {
			return err
		}
		number := versionNumber(in.VersionId)
		if number == p.Default {
			return awsiam.DeleteConflictException("Cannot delete the default version of a policy.")
		}
		err = policyVersions.Delete(t.Tx, t.key(policyID(p.ARN), versionKey(number)))
		if errors.Is(err, state.ErrNotFound) {
			return noSuchVersion(p.ARN, in.VersionId)
		}
		return err
	})
}

// toWire leaves the document to GetPolicyVersion.
func (v policyVersionRecord) toWire(inForce bool) awsiam.PolicyVersion {
	return awsiam.PolicyVersion{VersionId: new(versionID(v.Number)), IsDefaultVersion: new(inForce), CreateDate: new(v.Created)}
}
