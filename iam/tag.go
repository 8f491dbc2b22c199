package iam

import (
	"slices"
	"strings"

	"github.com/tollbook/tollbook/awsapi/awsiam"
)

// mergeTags adds tags to those of an entity, sorted by key; a tag with the key of another, ignoring case, replaces it.
// quota names the limit in the error when there would be too many.
func mergeTags(have []tagRecord, add []awsiam.Tag, quota string) ([]tagRecord, error) {
	merged, seen := slices.Clone(have), map[string]bool{}
	for _, tag := range add {
		folded := strings.ToLower(tag.Key)
		if strings.HasPrefix(folded, "aws:") {
			return nil, awsiam.InvalidInputException("aws: prefixed tag key names are not allowed for external use.")
		}
		if seen[folded] {
			return nil, awsiam.InvalidInputException("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		}
		seen[folded] = true
		merged = slices.DeleteFunc(merged, func(t tagRecord) bool { return strings.EqualFold(t.Key, tag.Key) })
		merged = append(merged, tagRecord{tag.Key, tag.Value})
	}
	if len(merged) > maxTags {
		return nil, overQuota(quota, maxTags)
	}
	slices.SortFunc(merged, func(a, b tagRecord) int { return strings.Compare(a.Key, b.Key) })
	return merged, nil
}

// dropTags removes tags by key, ignoring case; keys that are not there are no error.
func dropTags(have []tagRecord, keys []string) []tagRecord {
	return slices.DeleteFunc(slices.Clone(have), func(t tagRecord) bool {
		return slices.ContainsFunc(keys, func(key string) bool { return strings.EqualFold(key, t.Key) })
	})
}

// tagsToWire returns nil where there are none.
func tagsToWire(tags []tagRecord) []awsiam.Tag {
	var wire []awsiam.Tag
	for _, t := range tags {
		wire = append(wire, awsiam.Tag{Key: t.Key, Value: t.Value})
	}
	return wire
}

func tagKey(t awsiam.Tag) string { return t.Key }
