package iam

import (
	"context"
	"errors"
	"strings"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/awsiam"
	"github.com/tollbook/tollbook/state"
)

// CreateUser makes a user without keys or permissions.
func (s *Service) CreateUser(ctx context.Context, in *awsiam.CreateUserRequest) (*awsiam.CreateUserResponse, error) {
	tags, err := mergeTags(nil, in.Tags, "TagsPerUser")
	if err != nil {
		return nil, err
	}
	u := userRecord{
		Name: in.UserName, Path: pathOf(in.Path), ID: newID(userPrefix, idLength), Created: s.date(), Tags: tags,
		Boundary: valueOf(in.PermissionsBoundary),
	}
	err = s.write(ctx, func(t tx) error {
		if err := t.checkBoundary(u.Boundary); err != nil {
			return err
		}
		return t.insertUser(u)
	})
	if err != nil {
		return nil, err
	}
	return &awsiam.CreateUserResponse{User: u.toWire(awsapi.CallerFrom(ctx).AccountID)}, nil
}

// checkBoundary refuses a permissions boundary that does not exist; "" is none.
func (t tx) checkBoundary(arn string) error {
	if arn == "" {
		return nil
	}
	_, err := t.policy(arn)
	if errors.Is(err, state.ErrNotFound) {
		return awsiam.NoSuchEntityException("Scope ARN: %s does not exist or is not attachable.", arn)
	}
	return err
}

func (t tx) insertUser(u userRecord) error {
	err := users.Insert(t.Tx, t.key("", foldName(u.Name)), u)
	if errors.Is(err, state.ErrExists) {
		return awsiam.EntityAlreadyExistsException("User with name %s already exists.", u.Name)
	} else if err != nil {
		return err
	}
	all, _, err := users.List(t.Tx, t.scope(), "", "", maxUsers+1)
	if len(all) > maxUsers {
		return overQuota("UsersPerAccount", maxUsers)
	}
	return err
}

// user finds a user by name; AWS' error if there is none.
func (t tx) user(name string) (userRecord, error) {
	u, err := users.Get(t.Tx, t.key("", foldName(name)))
	if errors.Is(err, state.ErrNotFound) {
		return u, awsiam.NoSuchEntityException("The user with name %s cannot be found.", name)
	}
	return u, err
}

// userByARN finds a user of the account; state.ErrNotFound if there is none.
func (t tx) userByARN(arn string) (userRecord, error) {
	u, err := users.Get(t.Tx, t.key("", foldName(arn[strings.LastIndexByte(arn, '/')+1:])))
	if err == nil && userARN(t.account, u) != arn {
		return u, state.ErrNotFound
	}
	return u, err
}

// userOrCaller finds the user that a request names, or else who makes it.
func (t tx) userOrCaller(ctx context.Context, name *string) (userRecord, error) {
	if name != nil {
		return t.user(*name)
	}
	u, err := t.userByARN(awsapi.CallerFrom(ctx).ARN)
	if errors.Is(err, state.ErrNotFound) {
		return u, validationError("Must specify userName when calling with non-User credentials")
	}
	return u, err
}

// changeUser applies a change to a user and returns what it became. The name stays.
func (s *Service) changeUser(ctx context.Context, name string, change func(tx, *userRecord) error) error {
	return s.write(ctx, func(t tx) error {
		u, err := t.user(name)
		if err != nil {
			return err
		}
		if err := change(t, &u); err != nil {
			return err
		}
		return users.Put(t.Tx, t.key("", foldName(u.Name)), u)
	})
}

// GetUser returns a user; without a name, who asks. The root is shown as a user, too.
func (s *Service) GetUser(ctx context.Context, in *awsiam.GetUserRequest) (*awsiam.GetUserResponse, error) {
	caller := awsapi.CallerFrom(ctx)
	if in.UserName == nil && strings.HasSuffix(caller.ARN, ":root") {
		return &awsiam.GetUserResponse{User: &awsiam.User{
			Path: "/", UserName: "root", UserId: caller.AccountID, Arn: caller.ARN, CreateDate: s.date(),
		}}, nil
	}
	var wire *awsiam.User
	err := s.read(ctx, func(t tx) error {
		u, err := t.userOrCaller(ctx, in.UserName)
		wire = u.toWire(t.account)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &awsiam.GetUserResponse{User: wire}, nil
}

// ListUsers returns the users under a path, by name, without their tags.
func (s *Service) ListUsers(ctx context.Context, in *awsiam.ListUsersRequest) (*awsiam.ListUsersResponse, error) {
	var wire []awsiam.User
	err := s.read(ctx, func(t tx) error {
		all, _, err := users.List(t.Tx, t.scope(), "", "", 0)
		for _, u := range all {
			if underPath(u.Path, in.PathPrefix) {
				u.Tags, u.Boundary = nil, ""
				wire = append(wire, *u.toWire(t.account))
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	p, err := paginate(wire, func(u awsiam.User) string { return foldName(u.UserName) }, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &awsiam.ListUsersResponse{Users: p.items, IsTruncated: p.truncated, Marker: p.marker}, nil
}

// UpdateUser changes name and path. What belongs to the user stays with it.
func (s *Service) UpdateUser(ctx context.Context, in *awsiam.UpdateUserRequest) error {
	return s.write(ctx, func(t tx) error {
		u, err := t.user(in.UserName)
		if err != nil {
			return err
		}
		old := foldName(u.Name)
		if in.NewPath != nil {
			u.Path = *in.NewPath
		}
		if in.NewUserName != nil {
			u.Name = *in.NewUserName
		}
		if foldName(u.Name) == old {
			return users.Put(t.Tx, t.key("", old), u)
		}
		if err := users.Delete(t.Tx, t.key("", old)); err != nil {
			return err
		}
		return t.insertUser(u)
	})
}

// DeleteUser removes a user that has no keys, policies or groups.
func (s *Service) DeleteUser(ctx context.Context, in *awsiam.DeleteUserRequest) error {
	return s.write(ctx, func(t tx) error {
		u, err := t.user(in.UserName)
		if err != nil {
			return err
		}
		if keys, _, err := userKeys.List(t.Tx, t.scope(), u.ID, "", 1); err != nil {
			return err
		} else if len(keys) > 0 {
			return awsiam.DeleteConflictException("Cannot delete entity, must delete access keys first.")
		}
		if groups, _, err := userGroups.List(t.Tx, t.scope(), u.ID, "", 1); err != nil {
			return err
		} else if len(groups) > 0 {
			return awsiam.DeleteConflictException("Cannot delete entity, must remove users from group first.")
		}
		if err := t.checkBare(userEntity(u)); err != nil {
			return err
		}
		return users.Delete(t.Tx, t.key("", foldName(u.Name)))
	})
}

// PutUserPermissionsBoundary bounds what a user's policies can allow by another policy.
func (s *Service) PutUserPermissionsBoundary(ctx context.Context, in *awsiam.PutUserPermissionsBoundaryRequest) error {
	return s.changeUser(ctx, in.UserName, func(t tx, u *userRecord) error {
		u.Boundary = in.PermissionsBoundary
		return t.checkBoundary(u.Boundary)
	})
}

// DeleteUserPermissionsBoundary takes a user's boundary away.
func (s *Service) DeleteUserPermissionsBoundary(ctx context.Context, in *awsiam.DeleteUserPermissionsBoundaryRequest) error {
	return s.changeUser(ctx, in.UserName, func(_ tx, u *userRecord) error {
		u.Boundary = ""
		return nil
	})
}

// TagUser adds tags to a user or replaces their values.
func (s *Service) TagUser(ctx context.Context, in *awsiam.TagUserRequest) error {
	return s.changeUser(ctx, in.UserName, func(_ tx, u *userRecord) (err error) {
		u.Tags, err = mergeTags(u.Tags, in.Tags, "TagsPerUser")
		return err
	})
}

// UntagUser removes tags from a user.
func (s *Service) UntagUser(ctx context.Context, in *awsiam.UntagUserRequest) error {
	return s.changeUser(ctx, in.UserName, func(_ tx, u *userRecord) error {
		u.Tags = dropTags(u.Tags, in.TagKeys)
		return nil
	})
}

// ListUserTags returns the tags of a user by key.
func (s *Service) ListUserTags(ctx context.Context, in *awsiam.ListUserTagsRequest) (*awsiam.ListUserTagsResponse, error) {
	var u userRecord
	err := s.read(ctx, func(t tx) (err error) {
		u, err = t.user(in.UserName)
		return err
	})
	if err != nil {
		return nil, err
	}
	p, err := paginate(tagsToWire(u.Tags), tagKey, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &awsiam.ListUserTagsResponse{Tags: p.items, IsTruncated: p.truncated, Marker: p.marker}, nil
}

func (u userRecord) toWire(account string) *awsiam.User {
	return &awsiam.User{
		Path: u.Path, UserName: u.Name, UserId: u.ID, Arn: userARN(account, u), CreateDate: u.Created,
		PermissionsBoundary: boundaryToWire(u.Boundary), Tags: tagsToWire(u.Tags),
	}
}
