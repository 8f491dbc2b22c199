package iam

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/tollbook/tollbook/awsapi/awsiam"
	"github.com/tollbook/tollbook/state"
)

// attachablePolicy finds a policy that an entity of the account may have.
func (t tx) attachablePolicy(arn string) (managedPolicy, error) {
	p, err := t.policy(arn)
	if errors.Is(err, state.ErrNotFound) {
		return p, awsiam.NoSuchEntityException("Policy %s does not exist or is not attachable.", arn)
	}
	if err == nil && p.ofAWS() && strings.HasPrefix(p.Path, "/aws-service-role/") {
		return p, awsiam.PolicyNotAttachableException("Cannot attach a Service Role Policy to a Customer Role.")
	}
	return p, err
}

// ListEntitiesForPolicy returns the roles, users and groups that have a managed policy, or have it as their boundary.
func (s *Service) ListEntitiesForPolicy(ctx context.Context, in *awsiam.ListEntitiesForPolicyRequest) (*awsiam.ListEntitiesForPolicyResponse, error) {
	var holders []holder
	err := s.read(ctx, func(t tx) error {
		if _, err := t.existingPolicy(in.PolicyArn); err != nil {
			return err
		}
		all, err := t.holders(in.PolicyArn, valueOf(in.PolicyUsageFilter))
		for _, h := range all {
			if underPath(h.path, in.PathPrefix) && wanted(h.kind, valueOf(in.EntityFilter)) {
				holders = append(holders, h)
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	p, err := paginate(holders, holder.key, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	out := &awsiam.ListEntitiesForPolicyResponse{
		PolicyGroups: []awsiam.PolicyGroup{}, PolicyUsers: []awsiam.PolicyUser{}, PolicyRoles: []awsiam.PolicyRole{},
		IsTruncated: p.truncated, Marker: p.marker,
	}
	for _, h := range p.items {
		switch h.kind {
		case "role":
			out.PolicyRoles = append(out.PolicyRoles, awsiam.PolicyRole{RoleName: &h.name, RoleId: &h.unique})
		case "user":
			out.PolicyUsers = append(out.PolicyUsers, awsiam.PolicyUser{UserName: &h.name, UserId: &h.unique})
		default:
			out.PolicyGroups = append(out.PolicyGroups, awsiam.PolicyGroup{GroupName: &h.name, GroupId: &h.unique})
		}
	}
	return out, nil
}

// wanted: AWS' filter has a word for each kind, and two for kinds of policies, which say nothing here.
func wanted(kind, filter string) bool {
	return filter != "Role" && filter != "User" && filter != "Group" || strings.EqualFold(filter, kind)
}

// holder is an entity that has a policy.
type holder struct {
	entity
	path, unique string
}

func (h holder) key() string { return h.kind + "/" + foldName(h.name) }

// holders finds who has a policy attached, or as a boundary, or either if usage is empty; by kind and name.
func (t tx) holders(arn, usage string) ([]holder, error) {
	all, err := t.entities()
	if err != nil {
		return nil, err
	}
	var have []holder
	for _, h := range all {
		has := usage != "PermissionsPolicy" && h.boundary == arn
		if !has && usage != "PermissionsBoundary" {
			_, err := attachedTo.Get(t.Tx, t.key(arn, h.id))
			if has, err = found(err); err != nil {
				return nil, err
			}
		}
		if has {
			have = append(have, h.holder)
		}
	}
	slices.SortFunc(have, func(a, b holder) int { return strings.Compare(a.key(), b.key()) })
	return have, nil
}

type bounded struct {
	holder
	boundary string
}

func (t tx) entities() (all []bounded, err error) {
	ofRoles, _, err := roles.List(t.Tx, t.scope(), "", "", 0)
	if err != nil {
		return nil, err
	}
	for _, r := range ofRoles {
		all = append(all, bounded{holder{roleEntity(r), r.Path, r.ID}, r.Boundary})
	}
	ofUsers, _, err := users.List(t.Tx, t.scope(), "", "", 0)
	if err != nil {
		return nil, err
	}
	for _, u := range ofUsers {
		all = append(all, bounded{holder{userEntity(u), u.Path, u.ID}, u.Boundary})
	}
	ofGroups, _, err := groups.List(t.Tx, t.scope(), "", "", 0)
	for _, g := range ofGroups {
		all = append(all, bounded{holder{groupEntity(g), g.Path, g.ID}, ""})
	}
	return all, err
}
