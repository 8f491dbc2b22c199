package logs

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/tollbook/tollbook/awsapi/awslogs"
	"github.com/tollbook/tollbook/state"
)

// maxTags is how many tags a log group may have.
const maxTags = 50

// The operations on resources and the older ones on log groups work on the same tags.

// TagResource adds tags to a log group, replacing those with the same keys.
func (s *Service) TagResource(ctx context.Context, in *awslogs.TagResourceRequest) error {
	key, err := taggedGroup(ctx, in.ResourceArn)
	if err != nil {
		return err
	}
	return s.tag(ctx, key, in.Tags)
}

// UntagResource removes tags of a log group. Keys that it does not have are no error.
func (s *Service) UntagResource(ctx context.Context, in *awslogs.UntagResourceRequest) error {
	key, err := taggedGroup(ctx, in.ResourceArn)
	if err != nil {
		return err
	}
	return s.untag(ctx, key, in.TagKeys)
}

// ListTagsForResource returns the tags of a log group.
func (s *Service) ListTagsForResource(
	ctx context.Context, in *awslogs.ListTagsForResourceRequest,
) (*awslogs.ListTagsForResourceResponse, error) {
	key, err := taggedGroup(ctx, in.ResourceArn)
	if err != nil {
		return nil, err
	}
	tags, err := s.tags(ctx, key)
	return &awslogs.ListTagsForResourceResponse{Tags: tags}, err
}

// TagLogGroup is TagResource by the group's name.
func (s *Service) TagLogGroup(ctx context.Context, in *awslogs.TagLogGroupRequest) error {
	return s.tag(ctx, callersGroup(ctx, in.LogGroupName), in.Tags)
}

// UntagLogGroup is UntagResource by the group's name.
func (s *Service) UntagLogGroup(ctx context.Context, in *awslogs.UntagLogGroupRequest) error {
	return s.untag(ctx, callersGroup(ctx, in.LogGroupName), in.Tags)
}

// ListTagsLogGroup is ListTagsForResource by the group's name.
func (s *Service) ListTagsLogGroup(
	ctx context.Context, in *awslogs.ListTagsLogGroupRequest,
) (*awslogs.ListTagsLogGroupResponse, error) {
	tags, err := s.tags(ctx, callersGroup(ctx, in.LogGroupName))
	return &awslogs.ListTagsLogGroupResponse{Tags: tags}, err
}

// taggedGroup returns the group that an ARN names. Log groups are the only resources with tags so far.
func taggedGroup(ctx context.Context, arn string) (groupKey, error) {
	if !strings.HasPrefix(arn, "arn:") {
		return groupKey{}, awslogs.InvalidParameterException("The specified resource ARN is not valid: %s", arn)
	}
	if f := strings.SplitN(arn, ":", 7); len(f) == 7 && f[5] != "log-group" {
		return groupKey{}, awslogs.ResourceNotFoundException("The specified resource does not exist.")
	}
	return identifiedGroup(ctx, arn)
}

func (s *Service) tag(ctx context.Context, key groupKey, tags map[string]string) error {
	if err := checkTags(tags); err != nil {
		return err
	}
	return s.updateGroup(ctx, key, func(rec *state.LogGroup) error {
		rec.Tags = maps.Clone(rec.Tags)
		maps.Copy(rec.Tags, tags)
		if len(rec.Tags) > maxTags {
			return awslogs.TooManyTagsException("A resource can have at most %d tags.", maxTags)
		}
		return nil
	})
}

func (s *Service) untag(ctx context.Context, key groupKey, names []string) error {
	return s.updateGroup(ctx, key, func(rec *state.LogGroup) error {
		rec.Tags = maps.Clone(rec.Tags)
		for _, name := range names {
			delete(rec.Tags, name)
		}
		return nil
	})
}

// tags returns the group's tags, a map that must not be changed.
func (s *Service) tags(ctx context.Context, key groupKey) (tags map[string]string, err error) {
	err = s.groups.use(ctx, key, func(g *group) error { tags = g.rec.Tags; return nil })
	return tags, err
}

// checkTags refuses the keys that AWS keeps for itself.
func checkTags(tags map[string]string) error {
	for name := range tags {
		if strings.HasPrefix(strings.ToLower(name), "aws:") {
			return awslogs.InvalidParameterException("aws: prefixed tag key names are not allowed for external use.")
		}
	}
	return nil
}

// tagsMatch tells whether tags satisfy each of the filters: the key is there, with one of the values if some are given.
func tagsMatch(tags map[string]string, filters []awslogs.TagFilter) bool {
	for _, f := range filters {
		value, ok := tags[f.Key]
		if !ok || len(f.Values) > 0 && !slices.Contains(f.Values, value) {
			return false
		}
	}
	return true
}
