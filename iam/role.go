package iam

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/awsiam"
	"github.com/tollbook/tollbook/iam/policy"
	"github.com/tollbook/tollbook/state"
)

// defaultSession is the longest session of a role that says nothing, in seconds.
const defaultSession = 3600

// CreateRole makes a role that the principals of its trust policy may assume.
func (s *Service) CreateRole(ctx context.Context, in *awsiam.CreateRoleRequest) (*awsiam.CreateRoleResponse, error) {
	tags, err := mergeTags(nil, in.Tags, "TagsPerRole")
	if err != nil {
		return nil, err
	}
	role := roleRecord{
		Name: in.RoleName, Path: pathOf(in.Path), ID: newID(rolePrefix, idLength), Created: s.date(),
		TrustPolicy: in.AssumeRolePolicyDocument, Description: valueOf(in.Description),
		MaxSessionDuration: defaultSession, Tags: tags, Boundary: valueOf(in.PermissionsBoundary),
	}
	if in.MaxSessionDuration != nil {
		role.MaxSessionDuration = *in.MaxSessionDuration
	}
	err = s.write(ctx, func(t tx) error {
		if err := t.checkBoundary(role.Boundary); err != nil {
			return err
		}
		return t.insertRole(role)
	})
	if err != nil {
		return nil, err
	}
	wire := role.toWire(awsapi.CallerFrom(ctx).AccountID)
	wire.MaxSessionDuration = nil // which AWS leaves out here
	return &awsiam.CreateRoleResponse{Role: wire}, nil
}

func (t tx) insertRole(role roleRecord) error {
	if err := t.checkTrustPolicy(role.TrustPolicy); err != nil {
		return err
	}
	err := roles.Insert(t.Tx, t.key("", foldName(role.Name)), role)
	if errors.Is(err, state.ErrExists) {
		return awsiam.EntityAlreadyExistsException("Role with name %s already exists.", role.Name)
	} else if err != nil {
		return err
	}
	all, _, err := roles.List(t.Tx, t.scope(), "", "", maxRoles+1)
	if len(all) > maxRoles {
		return overQuota("RolesPerAccount", maxRoles)
	}
	return err
}

// checkTrustPolicy refuses a document that is malformed, too long, or names users or roles of this account that do not
// exist. Principals of other accounts cannot be looked up and are taken on trust.
func (t tx) checkTrustPolicy(document string) error {
	doc, err := policy.ParseTrust(document)
	if err != nil {
		return malformed(err)
	}
	if utf8.RuneCountInString(document) > maxTrustPolicySize {
		return overQuota("ACLSizePerRole", maxTrustPolicySize)
	}
	for _, statement := range doc.Statements {
		for _, p := range append(statement.Principals[:len(statement.Principals):len(statement.Principals)], statement.NotPrincipals...) {
			if ok, err := t.principalExists(p); err != nil {
				return err
			} else if !ok {
				return malformed(p.Invalid())
			}
		}
	}
	return nil
}

func (t tx) principalExists(p policy.Principal) (bool, error) {
	entity, ok := strings.CutPrefix(p.Value, "arn:aws:iam::"+t.account+":")
	if p.Type != "AWS" || !ok {
		return true, nil
	}
	if strings.HasPrefix(entity, "role/") {
		_, err := t.roleByARN(p.Value)
		return found(err)
	}
	if strings.HasPrefix(entity, "user/") {
		_, err := t.userByARN(p.Value)
		return found(err)
	}
	return true, nil
}

// found tells "not there" from a failure to look.
func found(err error) (bool, error) {
	if errors.Is(err, state.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// role finds a role by name; AWS' error if there is none.
func (t tx) role(name string) (roleRecord, error) {
	role, err := roles.Get(t.Tx, t.key("", foldName(name)))
	if errors.Is(err, state.ErrNotFound) {
		return role, noSuchRole(name)
	}
	return role, err
}

// roleByARN finds a role of the account by its ARN; state.ErrNotFound if there is none.
func (t tx) roleByARN(arn string) (roleRecord, error) {
	role, err := roles.Get(t.Tx, t.key("", foldName(arn[strings.LastIndexByte(arn, '/')+1:])))
	if err == nil && roleARN(t.account, role) != arn {
		return role, state.ErrNotFound
	}
	return role, err
}

func (t tx) putRole(role roleRecord) error {
	return roles.Put(t.Tx, t.key("", foldName(role.Name)), role)
}

// changeRole applies a change to a role and returns what it became.
func (s *Service) changeRole(ctx context.Context, name string, change func(tx, *roleRecord) error) (role roleRecord, err error) {
	err = s.write(ctx, func(t tx) error {
		if role, err = t.role(name); err != nil {
			return err
		}
		if err := change(t, &role); err != nil {
			return err
		}
		return t.putRole(role)
	})
	return role, err
}

// GetRole returns a role with everything but its policies.
func (s *Service) GetRole(ctx context.Context, in *awsiam.GetRoleRequest) (*awsiam.GetRoleResponse, error) {
	var wire *awsiam.Role
	err := s.read(ctx, func(t tx) error {
		role, err := t.role(in.RoleName)
		wire = role.toWire(t.account)
		return err
	})
	if err != nil {
		return nil, err
	}
	wire.RoleLastUsed = &awsiam.RoleLastUsed{} // present and empty: sessions are not tracked
	return &awsiam.GetRoleResponse{Role: wire}, nil
}

// ListRoles returns the roles under a path, by name, without their tags.
func (s *Service) ListRoles(ctx context.Context, in *awsiam.ListRolesRequest) (*awsiam.ListRolesResponse, error) {
	var wire []awsiam.Role
	err := s.read(ctx, func(t tx) error {
		all, _, err := roles.List(t.Tx, t.scope(), "", "", 0)
		for _, role := range all {
			if underPath(role.Path, in.PathPrefix) {
				role.Tags, role.Boundary = nil, ""
				wire = append(wire, *role.toWire(t.account))
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	p, err := paginate(wire, func(r awsiam.Role) string { return foldName(r.RoleName) }, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &awsiam.ListRolesResponse{Roles: p.items, IsTruncated: p.truncated, Marker: p.marker}, nil
}

// UpdateRole sets description and longest session. A session length that is not given becomes the default, as AWS
// documents; a description that is not given stays.
func (s *Service) UpdateRole(ctx context.Context, in *awsiam.UpdateRoleRequest) (*awsiam.UpdateRoleResponse, error) {
	_, err := s.changeRole(ctx, in.RoleName, func(_ tx, role *roleRecord) error {
		role.MaxSessionDuration = defaultSession
		if in.MaxSessionDuration != nil {
			role.MaxSessionDuration = *in.MaxSessionDuration
		}
		if in.Description != nil {
			role.Description = *in.Description
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &awsiam.UpdateRoleResponse{}, nil
}

// UpdateRoleDescription sets the description alone.
func (s *Service) UpdateRoleDescription(ctx context.Context, in *awsiam.UpdateRoleDescriptionRequest) (*awsiam.UpdateRoleDescriptionResponse, error) {
	role, err := s.changeRole(ctx, in.RoleName, func(_ tx, role *roleRecord) error {
		role.Description = in.Description
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &awsiam.UpdateRoleDescriptionResponse{Role: role.toWire(awsapi.CallerFrom(ctx).AccountID)}, nil
}

// UpdateAssumeRolePolicy replaces the trust policy.
func (s *Service) UpdateAssumeRolePolicy(ctx context.Context, in *awsiam.UpdateAssumeRolePolicyRequest) error {
	_, err := s.changeRole(ctx, in.RoleName, func(t tx, role *roleRecord) error {
		role.TrustPolicy = in.PolicyDocument
		return t.checkTrustPolicy(in.PolicyDocument)
	})
	return err
}

// DeleteRole removes a role that has neither attached nor inline policies.
func (s *Service) DeleteRole(ctx context.Context, in *awsiam.DeleteRoleRequest) error {
	return s.write(ctx, func(t tx) error {
		role, err := t.role(in.RoleName)
		if err != nil {
			return err
		}
		if err := t.checkBare(roleEntity(role)); err != nil {
			return err
		}
		return roles.Delete(t.Tx, t.key("", foldName(role.Name)))
	})
}

// PutRolePermissionsBoundary bounds what a role's policies can allow by another policy.
func (s *Service) PutRolePermissionsBoundary(ctx context.Context, in *awsiam.PutRolePermissionsBoundaryRequest) error {
	_, err := s.changeRole(ctx, in.RoleName, func(t tx, role *roleRecord) error {
		role.Boundary = in.PermissionsBoundary
		return t.checkBoundary(role.Boundary)
	})
	return err
}

// DeleteRolePermissionsBoundary takes a role's boundary away.
func (s *Service) DeleteRolePermissionsBoundary(ctx context.Context, in *awsiam.DeleteRolePermissionsBoundaryRequest) error {
	_, err := s.changeRole(ctx, in.RoleName, func(_ tx, role *roleRecord) error {
		role.Boundary = ""
		return nil
	})
	return err
}

// ListInstanceProfilesForRole finds none: instance profiles are not built, and clients ask before they delete a role.
func (s *Service) ListInstanceProfilesForRole(ctx context.Context, in *awsiam.ListInstanceProfilesForRoleRequest) (*awsiam.ListInstanceProfilesForRoleResponse, error) {
	err := s.read(ctx, func(t tx) error {
		_, err := t.role(in.RoleName)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &awsiam.ListInstanceProfilesForRoleResponse{InstanceProfiles: []awsiam.InstanceProfile{}, IsTruncated: new(false)}, nil
}

func (r roleRecord) toWire(account string) *awsiam.Role {
	return &awsiam.Role{
		Path: r.Path, RoleName: r.Name, RoleId: r.ID, Arn: roleARN(account, r), CreateDate: r.Created,
		AssumeRolePolicyDocument: new(encodeDocument(r.TrustPolicy)),
		Description:              optional(r.Description),
		MaxSessionDuration:       new(r.MaxSessionDuration),
		PermissionsBoundary:      boundaryToWire(r.Boundary),
		Tags:                     tagsToWire(r.Tags),
	}
}
