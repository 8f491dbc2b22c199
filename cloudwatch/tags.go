package cloudwatch

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tollbook/tollbook/awsapi/awscloudwatch"
	"github.com/tollbook/tollbook/state"
)

// withTags returns old with more tags, in a new map.
func withTags(old map[string]string, more []awscloudwatch.Tag) (map[string]string, error) {
	tags := maps.Clone(old)
	if tags == nil {
		tags = map[string]string{}
	}
	for _, t := range more {
		if strings.HasPrefix(strings.ToLower(t.Key), "aws:") {
			return nil, invalidValue("The tag key %s is reserved: keys must not begin with aws:.", t.Key)
		}
		tags[t.Key] = t.Value
	}
	if len(tags) > maxTags {
		return nil, invalidValue("A resource can have at most %d tags.", maxTags)
	}
	return tags, nil
}

// TagResource adds tags to an alarm or a dashboard, replacing those with the same keys.
func (s *Service) TagResource(ctx context.Context, in *awscloudwatch.TagResourceInput) (*awscloudwatch.TagResourceOutput, error) {
	err := s.changeTags(ctx, in.ResourceARN, func(old map[string]string) (map[string]string, error) { return withTags(old, in.Tags) })
	return &awscloudwatch.TagResourceOutput{}, err
}

// UntagResource removes tags of an alarm or a dashboard; keys that it does not have are no error.
func (s *Service) UntagResource(ctx context.Context, in *awscloudwatch.UntagResourceInput) (*awscloudwatch.UntagResourceOutput, error) {
	err := s.changeTags(ctx, in.ResourceARN, func(old map[string]string) (map[string]string, error) {
		tags := maps.Clone(old)
		maps.DeleteFunc(tags, func(key, _ string) bool { return slices.Contains(in.TagKeys, key) })
		return tags, nil
	})
	return &awscloudwatch.UntagResourceOutput{}, err
}

// ListTagsForResource returns the tags of an alarm or a dashboard, sorted by key.
func (s *Service) ListTagsForResource(
	ctx context.Context, in *awscloudwatch.ListTagsForResourceInput,
) (*awscloudwatch.ListTagsForResourceOutput, error) {
	out := &awscloudwatch.ListTagsForResourceOutput{Tags: []awscloudwatch.Tag{}}
	err := s.changeTags(ctx, in.ResourceARN, func(tags map[string]string) (map[string]string, error) {
		for _, key := range slices.Sorted(maps.Keys(tags)) {
			out.Tags = append(out.Tags, awscloudwatch.Tag{Key: key, Value: tags[key]})
		}
		return nil, nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// changeTags stores what f makes of the tags of a resource; nil: they stay.
func (s *Service) changeTags(ctx context.Context, arn string, f func(map[string]string) (map[string]string, error)) error {
	at := callersPlace(ctx)
	unknown := awscloudwatch.ResourceNotFoundException("The resource %s does not exist.", arn)
	if name, ok := strings.CutPrefix(arn, alarmARN(at, "")); ok {
		return s.changeAlarms(ctx, func(c *alarmChange) error {
			rec, err := alarmRecords.Get(c.tx, at.key(name))
			if err != nil {
				return missing(err, unknown)
			}
			tags, err := f(rec.Tags)
			if err != nil || tags == nil {
				return err
			}
			rec.Tags = tags
			return c.put(at, rec, historyRecord{})
		})
	}
	name, ok := strings.CutPrefix(arn, boardARN(at, ""))
	switch {
	case ok:
		return asSent("change tags", s.db.Write(ctx, func(tx *state.Tx) error {
			rec, err := boardRecords.Get(tx, at.boardKey(name))
			if err != nil {
				return missing(err, unknown)
			}
			tags, err := f(rec.Tags)
			if err != nil || tags == nil {
				return err
			}
			rec.Tags = tags
			return boardRecords.Put(tx, at.boardKey(name), rec)
		}))
	case !strings.HasPrefix(arn, "arn:aws:cloudwatch:"):
		return invalidValue("The value %s for parameter ResourceARN is invalid.", arn)
	}
	return unknown
}

func boardARN(at place, name string) string {
	return fmt.Sprintf("arn:aws:cloudwatch::%s:dashboard/%s", at.account, name)
}

func (p place) boardKey(name string) state.Key { return state.Key{Scope: p.account + "/", ID: name} }
