package logs

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/awslogs"
	"github.com/tollbook/tollbook/state"
)

// maxTags is how many tags a resource may have.
const maxTags = 50

// The operations on resources and the older ones on log groups work on the same tags.

// TagResource adds tags to a log group, a destination or a lookup table, replacing those with the same keys.
func (s *Service) TagResource(ctx context.Context, in *awslogs.TagResourceRequest) error {
	r, err := taggedResource(ctx, in.ResourceArn)
	if err != nil {
		return err
	}
	return s.tag(ctx, r, in.Tags)
}

// UntagResource removes tags of a log group, a destination or a lookup table. Keys that it does not have are no error.
func (s *Service) UntagResource(ctx context.Context, in *awslogs.UntagResourceRequest) error {
	r, err := taggedResource(ctx, in.ResourceArn)
	if err != nil {
		return err
	}
	return s.untag(ctx, r, in.TagKeys)
}

// ListTagsForResource returns the tags of a log group, a destination or a lookup table.
func (s *Service) ListTagsForResource(
	ctx context.Context, in *awslogs.ListTagsForResourceRequest,
) (*awslogs.ListTagsForResourceResponse, error) {
	r, err := taggedResource(ctx, in.ResourceArn)
	if err != nil {
		return nil, err
	}
	tags, err := s.tags(ctx, r)
	return &awslogs.ListTagsForResourceResponse{Tags: tags}, err
}

// TagLogGroup is TagResource by the group's name.
func (s *Service) TagLogGroup(ctx context.Context, in *awslogs.TagLogGroupRequest) error {
	return s.tag(ctx, resource{group: callersGroup(ctx, in.LogGroupName)}, in.Tags)
}

// UntagLogGroup is UntagResource by the group's name.
func (s *Service) UntagLogGroup(ctx context.Context, in *awslogs.UntagLogGroupRequest) error {
	return s.untag(ctx, resource{group: callersGroup(ctx, in.LogGroupName)}, in.Tags)
}

// ListTagsLogGroup is ListTagsForResource by the group's name.
func (s *Service) ListTagsLogGroup(
	ctx context.Context, in *awslogs.ListTagsLogGroupRequest,
) (*awslogs.ListTagsLogGroupResponse, error) {
	tags, err := s.tags(ctx, resource{group: callersGroup(ctx, in.LogGroupName)})
	return &awslogs.ListTagsLogGroupResponse{Tags: tags}, err
}

// resource is what tags belong to: a log group, or a destination or a lookup table if one is named.
type resource struct {
	group       groupKey
	destination string
	lookupTable string
}

// taggedResource returns what an ARN names.
func taggedResource(ctx context.Context, text string) (r resource, err error) {
	a, ok := parseARN(text)
	switch {
	case !ok || a.service != "logs":
		return r, invalid("The specified resource ARN is not valid: %s", text)
	case a.kind == "log-group":
		r.group, err = identifiedGroup(ctx, text)
		return r, err
	case a.kind == "destination" && callersGroup(ctx, "") == groupKey{account: a.account, region: a.region}:
		return resource{destination: a.name}, nil
	case a.kind == "lookup-table" && callersGroup(ctx, "") == groupKey{account: a.account, region: a.region}:
		return resource{lookupTable: a.name}, nil
	}
	return r, resourceMissing()
}

func resourceMissing() *awsapi.Error {
	return awslogs.ResourceNotFoundException("The specified resource does not exist.")
}

// updateTags stores what f makes of the tags; f must return a new map.
func (s *Service) updateTags(ctx context.Context, r resource, f func(map[string]string) (map[string]string, error)) error {
	switch {
	case r.destination != "":
		return s.updateDestination(ctx, r.destination, resourceMissing(), func(rec *destinationRecord) (err error) {
			rec.Tags, err = f(rec.Tags)
			return err
		})
	case r.lookupTable != "":
		return s.updateLookupTable(ctx, r.lookupTable, resourceMissing(), func(_ *state.Tx, rec *lookupTableRecord) (err error) {
			rec.Tags, err = f(rec.Tags)
			return err
		})
	}
	return s.updateGroup(ctx, r.group, func(rec *state.LogGroup) (err error) {
		rec.Tags, err = f(rec.Tags)
		return err
	})
}

func (s *Service) tag(ctx context.Context, r resource, more map[string]string) error {
	return s.updateTags(ctx, r, func(tags map[string]string) (map[string]string, error) { return tagged(tags, more) })
}

func (s *Service) untag(ctx context.Context, r resource, names []string) error {
	return s.updateTags(ctx, r, func(tags map[string]string) (map[string]string, error) {
		left := maps.Clone(tags)
		for _, name := range names {
			delete(left, name)
		}
		return left, nil
	})
}

// tagged returns the tags with more added, in a new map.
func tagged(tags, more map[string]string) (map[string]string, error) {
	if err := checkTags(more); err != nil {
		return nil, err
	}
	all := map[string]string{}
	maps.Copy(all, tags)
	maps.Copy(all, more)
	if len(all) > maxTags {
		return nil, awslogs.TooManyTagsException("A resource can have at most %d tags.", maxTags)
	}
	return all, nil
}

// tags returns the tags of a resource, a map that must not be changed.
func (s *Service) tags(ctx context.Context, r resource) (tags map[string]string, err error) {
	if r.destination == "" && r.lookupTable == "" {
		err = s.groups.use(ctx, r.group, func(g *group) error { tags = g.rec.Tags; return nil })
		return tags, err
	}
	err = s.db.Read(ctx, func(tx *state.Tx) (err error) {
		if r.destination != "" {
			var rec destinationRecord
			rec, err = destinations.Get(tx, callersPlace(ctx, "").key(r.destination))
			tags = rec.Tags
		} else {
			var rec lookupTableRecord
			rec, err = lookupTables.Get(tx, callersPlace(ctx, "").key(r.lookupTable))
			tags = rec.Tags
		}
		return missing(err, resourceMissing())
	})
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

// tagsMatch tells whether tags satisfy each of the filters: the key is there, with a value that one of the filter's
// values matches, if it has some.
func tagsMatch(tags map[string]string, filters []awslogs.TagFilter) bool {
	for _, f := range filters {
		value, ok := tags[f.Key]
		matches := func(want string) bool { return tagValueMatches(value, want) }
		if !ok || len(f.Values) > 0 && !slices.ContainsFunc(f.Values, matches) {
			return false
		}
	}
	return true
}

// tagValueMatches compares a tag's value with that of a filter. A ! before it negates; a * at its beginning or end stands
// for any text, and with one, case does not count.
func tagValueMatches(value, want string) bool {
	want, negated := strings.CutPrefix(want, "!")
	middle, anyBefore := strings.CutPrefix(want, "*")
	middle, anyAfter := strings.CutSuffix(middle, "*")
	matches := value == want
	if anyBefore || anyAfter {
		value, middle = strings.ToLower(value), strings.ToLower(middle)
		i := strings.Index(value, middle)
		if !anyAfter {
			i = strings.LastIndex(value, middle)
		}
		matches = i >= 0 && (anyBefore || i == 0) && (anyAfter || i+len(middle) == len(value))
	}
	return matches != negated
}
