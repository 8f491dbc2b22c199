package iam

import (
	"context"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/awsiam"
)

// TagPolicy adds tags to a customer managed policy or replaces their values.
func (s *Service) TagPolicy(ctx context.Context, in *awsiam.TagPolicyRequest) error {
	return s.changeTags(ctx, "TagPolicy", in.PolicyArn, func(have []tagRecord) ([]tagRecord, error) {
		return mergeTags(have, in.Tags, "TagsPerPolicy")
	})
}

// UntagPolicy removes tags from a customer managed policy.
func (s *Service) UntagPolicy(ctx context.Context, in *awsiam.UntagPolicyRequest) error {
	return s.changeTags(ctx, "UntagPolicy", in.PolicyArn, func(have []tagRecord) ([]tagRecord, error) {
		return dropTags(have, in.TagKeys), nil
	})
}

func (s *Service) changeTags(ctx context.Context, operation, arn string, change func([]tagRecord) ([]tagRecord, error)) error {
	caller := awsapi.CallerFrom(ctx)
	return s.write(ctx, func(t tx) error {
		p, err := t.ownPolicy(caller.ARN, operation, arn)
		if err != nil {
			return err
		}
		if p.Tags, err = change(p.Tags); err != nil {
			return err
		}
		return t.putPolicy(p)
	})
}

// ListPolicyTags returns the tags of a policy by key.
func (s *Service) ListPolicyTags(ctx context.Context, in *awsiam.ListPolicyTagsRequest) (*awsiam.ListPolicyTagsResponse, error) {
	var found managedPolicy
	err := s.read(ctx, func(t tx) (err error) {
		found, err = t.existingPolicy(in.PolicyArn)
		return err
	})
	if err != nil {
		return nil, err
	}
	p, err := paginate(tagsToWire(found.Tags), tagKey, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &awsiam.ListPolicyTagsResponse{Tags: p.items, IsTruncated: p.truncated, Marker: p.marker}, nil
}
