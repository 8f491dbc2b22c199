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

// TagResource adds tags to a log group or another resource, replacing those with the same keys.
func (s *Service) TagResource(ctx context.Context, in *awslogs.TagResourceRequest) error {
	r, err := taggedResource(ctx, in.ResourceArn)
	if err != nil {
		return err
	}
	return s.tag(ctx, r, in.Tags)
}

// UntagResource removes tags of a log group or another resource. Keys that it does not have are no error.
func (s *Service) UntagResource(ctx context.Context, in *awslogs.UntagResourceRequest) error {
	r, err := taggedResource(ctx, in.ResourceArn)
	if err != nil {
		return err
	}
	return s.untag(ctx, r, in.TagKeys)
}

// ListTagsForResource returns the tags of a log group or another resource.
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

// resource is what tags belong to: a log group, or something else that is of a kind and has a name.
type resource struct {
	group groupKey
	kind  tagKeeper // nil: the group
	name  string
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
	}
	r.kind, r.name = tagKeepers[a.kind], a.name
	if r.kind == nil || callersGroup(ctx, "") != (groupKey{account: a.account, region: a.region}) {
		return r, resourceMissing()
	}
	return r, nil
}

// tagKeepers are the kinds of resources that have tags, beside log groups, by their names in ARNs.
var tagKeepers = map[string]tagKeeper{
	"destination":          recordTags[destinationRecord]{destinations, (*destinationRecord).tags},
	"lookup-table":         recordTags[lookupTableRecord]{lookupTables, (*lookupTableRecord).tags},
	"delivery-source":      recordTags[deliverySourceRecord]{deliverySources, (*deliverySourceRecord).tags},
	"delivery-destination": recordTags[deliveryDestinationRecord]{deliveryDestinations, (*deliveryDestinationRecord).tags},
	"delivery":             recordTags[logDeliveryRecord]{logDeliveries, (*logDeliveryRecord).tags},
}

func (r *destinationRecord) tags() *map[string]string         { return &r.Tags }
func (r *lookupTableRecord) tags() *map[string]string         { return &r.Tags }
func (r *deliverySourceRecord) tags() *map[string]string      { return &r.Tags }
func (r *deliveryDestinationRecord) tags() *map[string]string { return &r.Tags }
func (r *logDeliveryRecord) tags() *map[string]string         { return &r.Tags }

// tagKeeper reads and changes the tags in the records of one kind.
type tagKeeper interface {
	read(tx *state.Tx, key state.Key) (map[string]string, error)
	write(tx *state.Tx, key state.Key, tags map[string]string) error
}

// recordTags is the tagKeeper of a collection.
type recordTags[T any] struct {
	all   state.Collection[T]
	field func(*T) *map[string]string
}

func (k recordTags[T]) read(tx *state.Tx, key state.Key) (map[string]string, error) {
	rec, err := k.all.Get(tx, key)
	return *k.field(&rec), err
}

func (k recordTags[T]) write(tx *state.Tx, key state.Key, tags map[string]string) error {
	rec, err := k.all.Get(tx, key)
	if err != nil {
		return err
	}
	*k.field(&rec) = tags
	return k.all.Put(tx, key, rec)
}

func resourceMissing() *awsapi.Error {
	return awslogs.ResourceNotFoundException("The specified resource does not exist.")
}

// updateTags stores what f makes of the tags; f must return a new map.
func (s *Service) updateTags(ctx context.Context, r resource, f func(map[string]string) (map[string]string, error)) error {
	if r.kind == nil {
		return s.updateGroup(ctx, r.group, func(rec *state.LogGroup) (err error) {
			rec.Tags, err = f(rec.Tags)
			return err
		})
	}
	return s.db.Write(ctx, func(tx *state.Tx) error {
		key := callersPlace(ctx, "").key(r.name)
		tags, err := r.kind.read(tx, key)
		if err != nil {
			return missing(err, resourceMissing())
		}
		if tags, err = f(tags); err != nil {
			return err
		}
		return r.kind.write(tx, key, tags)
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
	if r.kind == nil {
		err = s.groups.use(ctx, r.group, func(g *group) error { tags = g.rec.Tags; return nil })
		return tags, err
	}
	err = s.db.Read(ctx, func(tx *state.Tx) error {
		tags, err = r.kind.read(tx, callersPlace(ctx, "").key(r.name))
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
