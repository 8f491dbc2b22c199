package iam

import (
	"context"

	"github.com/tollbook/tollbook/awsapi/awsiam"
)

// TagRole adds tags to a role or replaces their values.
func (s *Service) TagRole(ctx context.Context, in *awsiam.TagRoleRequest) error {
	_, err := s.changeRole(ctx, in.RoleName, func(_ tx, role *roleRecord) (err error) {
		role.Tags, err = mergeTags(role.Tags, in.Tags, "TagsPerRole")
		return err
	})
	return err
}

// UntagRole removes tags from a role.
func (s *Service) UntagRole(ctx context.Context, in *awsiam.UntagRoleRequest) error {
	_, err := s.changeRole(ctx, in.RoleName, func(_ tx, role *roleRecord) error {
		role.Tags = dropTags(role.Tags, in.TagKeys)
		return nil
	})
	return err
}

// ListRoleTags returns the tags of a role by key.
func (s *Service) ListRoleTags(ctx context.Context, in *awsiam.ListRoleTagsRequest) (*awsiam.ListRoleTagsResponse, error) {
	var role roleRecord
	err := s.read(ctx, func(t tx) (err error) {
		role, err = t.role(in.RoleName)
		return err
	})
	if err != nil {
		return nil, err
	}
	p, err := paginate(tagsToWire(role.Tags), tagKey, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &awsiam.ListRoleTagsResponse{Tags: p.items, IsTruncated: p.truncated, Marker: p.marker}, nil
}
