package iam

import (
	"context"
	"errors"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/awsiam"
	"github.com/tollbook/tollbook/state"
)

// CreateGroup makes a group without users or permissions.
func (s *Service) CreateGroup(ctx context.Context, in *awsiam.CreateGroupRequest) (*awsiam.CreateGroupResponse, error) {
	g := groupRecord{Name: in.GroupName, Path: pathOf(in.Path), ID: newID(groupPrefix, idLength), Created: s.date()}
	if err := s.write(ctx, func(t tx) error { return t.insertGroup(g) }); err != nil {
		return nil, err
	}
	return &awsiam.CreateGroupResponse{Group: g.toWire(awsapi.CallerFrom(ctx).AccountID)}, nil
}

func (t tx) insertGroup(g groupRecord) error {
	err := groups.Insert(t.Tx, t.key("", foldName(g.Name)), g)
	if errors.Is(err, state.ErrExists) {
		return awsiam.EntityAlreadyExistsException("Group with name %s already exists.", g.Name)
	} else if err != nil {
		return err
	}
	all, _, err := groups.List(t.Tx, t.scope(), "", "", maxGroups+1)
	if len(all) > maxGroups {
		return overQuota("GroupsPerAccount", maxGroups)
	}
	return err
}

// group finds a group by name; AWS' error if there is none.
func (t tx) group(name string) (groupRecord, error) {
	g, err := groups.Get(t.Tx, t.key("", foldName(name)))
	if errors.Is(err, state.ErrNotFound) {
		return g, awsiam.NoSuchEntityException("The group with name %s cannot be found.", name)
	}
	return g, err
}

// GetGroup returns a group and its users.
func (s *Service) GetGroup(ctx context.Context, in *awsiam.GetGroupRequest) (*awsiam.GetGroupResponse, error) {
	var g groupRecord
	var members []awsiam.User
	err := s.read(ctx, func(t tx) (err error) {
		if g, err = t.group(in.GroupName); err != nil {
			return err
		}
		all, _, err := users.List(t.Tx, t.scope(), "", "", 0)
		if err != nil {
			return err
		}
		for _, u := range all {
			_, err := groupMembers.Get(t.Tx, t.key(g.ID, u.ID))
			if is, err := found(err); err != nil {
				return err
			} else if is {
				u.Tags, u.Boundary = nil, ""
				members = append(members, *u.toWire(t.account))
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	p, err := paginate(members, func(u awsiam.User) string { return foldName(u.UserName) }, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	account := awsapi.CallerFrom(ctx).AccountID
	return &awsiam.GetGroupResponse{Group: g.toWire(account), Users: p.items, IsTruncated: p.truncated, Marker: p.marker}, nil
}

// ListGroups returns the groups under a path, by name.
func (s *Service) ListGroups(ctx context.Context, in *awsiam.ListGroupsRequest) (*awsiam.ListGroupsResponse, error) {
	var wire []awsiam.Group
	err := s.read(ctx, func(t tx) error {
		all, _, err := groups.List(t.Tx, t.scope(), "", "", 0)
		for _, g := range all {
			if underPath(g.Path, in.PathPrefix) {
				wire = append(wire, *g.toWire(t.account))
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	p, err := paginate(wire, groupKey, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &awsiam.ListGroupsResponse{Groups: p.items, IsTruncated: p.truncated, Marker: p.marker}, nil
}

func groupKey(g awsiam.Group) string { return foldName(g.GroupName) }

// UpdateGroup changes name and path. Users and policies stay with the group.
func (s *Service) UpdateGroup(ctx context.Context, in *awsiam.UpdateGroupRequest) error {
	return s.write(ctx, func(t tx) error {
		g, err := t.group(in.GroupName)
		if err != nil {
			return err
		}
		old := foldName(g.Name)
		if in.NewPath != nil {
			g.Path = *in.NewPath
		}
		if in.NewGroupName != nil {
			g.Name = *in.NewGroupName
		}
		if foldName(g.Name) == old {
			return groups.Put(t.Tx, t.key("", old), g)
		}
		if err := groups.Delete(t.Tx, t.key("", old)); err != nil {
			return err
		}
		return t.insertGroup(g)
	})
}

// DeleteGroup removes a group that has neither users nor policies.
func (s *Service) DeleteGroup(ctx context.Context, in *awsiam.DeleteGroupRequest) error {
	return s.write(ctx, func(t tx) error {
		g, err := t.group(in.GroupName)
		if err != nil {
			return err
		}
		if members, _, err := groupMembers.List(t.Tx, t.scope(), g.ID, "", 1); err != nil {
			return err
		} else if len(members) > 0 {
			return awsiam.DeleteConflictException("Cannot delete entity, must remove users from group first.")
		}
		if err := t.checkBare(groupEntity(g)); err != nil {
			return err
		}
		return groups.Delete(t.Tx, t.key("", foldName(g.Name)))
	})
}

// AddUserToGroup gives a user the permissions of a group. Repeating it changes nothing.
func (s *Service) AddUserToGroup(ctx context.Context, in *awsiam.AddUserToGroupRequest) error {
	return s.membership(ctx, in.UserName, in.GroupName, func(t tx, u userRecord, g groupRecord) error {
		m := memberRecord{UserID: u.ID, GroupID: g.ID, GroupName: g.Name}
		if err := groupMembers.Put(t.Tx, t.key(g.ID, u.ID), m); err != nil {
			return err
		}
		if err := userGroups.Put(t.Tx, t.key(u.ID, g.ID), m); err != nil {
			return err
		}
		all, _, err := userGroups.List(t.Tx, t.scope(), u.ID, "", 0)
		if len(all) > maxGroupsPerUser {
			return overQuota("GroupsPerUser", maxGroupsPerUser)
		}
		return err
	})
}

// RemoveUserFromGroup takes a user out of a group. Repeating it changes nothing.
func (s *Service) RemoveUserFromGroup(ctx context.Context, in *awsiam.RemoveUserFromGroupRequest) error {
	return s.membership(ctx, in.UserName, in.GroupName, func(t tx, u userRecord, g groupRecord) error {
		if _, err := found(groupMembers.Delete(t.Tx, t.key(g.ID, u.ID))); err != nil {
			return err
		}
		_, err := found(userGroups.Delete(t.Tx, t.key(u.ID, g.ID)))
		return err
	})
}

func (s *Service) membership(ctx context.Context, user, group string, f func(tx, userRecord, groupRecord) error) error {
	return s.write(ctx, func(t tx) error {
		g, err := t.group(group)
		if err != nil {
			return err
		}
		u, err := t.user(user)
		if err != nil {
			return err
		}
		return f(t, u, g)
	})
}

// groupsOf returns the groups of a user, by name.
func (t tx) groupsOf(u userRecord) ([]groupRecord, error) {
	all, _, err := groups.List(t.Tx, t.scope(), "", "", 0)
	if err != nil {
		return nil, err
	}
	var of []groupRecord
	for _, g := range all {
		_, err := userGroups.Get(t.Tx, t.key(u.ID, g.ID))
		if is, err := found(err); err != nil {
			return nil, err
		} else if is {
			of = append(of, g)
		}
	}
	return of, nil
}

// ListGroupsForUser returns the groups that a user is in.
func (s *Service) ListGroupsForUser(ctx context.Context, in *awsiam.ListGroupsForUserRequest) (*awsiam.ListGroupsForUserResponse, error) {
	var wire []awsiam.Group
	err := s.read(ctx, func(t tx) error {
		u, err := t.user(in.UserName)
		if err != nil {
			return err
		}
		of, err := t.groupsOf(u)
		for _, g := range of {
			wire = append(wire, *g.toWire(t.account))
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	p, err := paginate(wire, groupKey, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &awsiam.ListGroupsForUserResponse{Groups: p.items, IsTruncated: p.truncated, Marker: p.marker}, nil
}

func (g groupRecord) toWire(account string) *awsiam.Group {
	return &awsiam.Group{Path: g.Path, GroupName: g.Name, GroupId: g.ID, Arn: groupARN(account, g), CreateDate: g.Created}
}
