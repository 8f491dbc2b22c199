package logs

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/awslogs"
	"github.com/tollbook/tollbook/state"
)

// Pages of listings, where the request names no limit.
const (
	describePage = 50
	listPage     = 50
)

// groupsByName is the order letter of a list token for log groups.
const groupsByName = 'g'

// DescribeLogGroups returns a page of the caller's log groups, sorted by the bytes of their names.
func (s *Service) DescribeLogGroups(
	ctx context.Context, in *awslogs.DescribeLogGroupsRequest,
) (*awslogs.DescribeLogGroupsResponse, error) {
	if err := checkDescribeLogGroups(in); err != nil {
		return nil, err
	}
	recs, next, err := s.selectedGroups(ctx, in)
	if err != nil {
		return nil, err
	}
	filters, err := s.countMetricFilters(ctx, recs)
	if err != nil {
		return nil, err
	}
	stored, err := s.stored.byGroup(ctx, s.store)
	if err != nil {
		return nil, err
	}
	out := &awslogs.DescribeLogGroupsResponse{LogGroups: make([]awslogs.LogGroup, len(recs)), NextToken: next}
	for i, rec := range recs {
		out.LogGroups[i] = describedGroup(rec, stored[GroupID(rec.ID)], orZero(in.LogGroupNamePattern) != "")
		out.LogGroups[i].MetricFilterCount = &filters[i]
	}
	return out, nil
}

func checkDescribeLogGroups(in *awslogs.DescribeLogGroupsRequest) error {
	if in.LogGroupNamePrefix != nil && in.LogGroupNamePattern != nil {
		return awslogs.InvalidParameterException(
			"LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.")
	}
	filtered := in.LogGroupNamePrefix != nil || in.LogGroupNamePattern != nil || in.LogGroupClass != nil
	if in.LogGroupIdentifiers != nil && filtered {
		return awslogs.InvalidParameterException(
			"logGroupIdentifiers cannot be combined with logGroupNamePrefix, logGroupNamePattern or logGroupClass.")
	}
	return nil
}

func (s *Service) selectedGroups(
	ctx context.Context, in *awslogs.DescribeLogGroupsRequest,
) (recs []state.LogGroup, next *string, err error) {
	after, err := placeIn(in.NextToken, groupsByName)
	if err != nil || !ownAccount(ctx, in.IncludeLinkedAccounts, in.AccountIdentifiers) {
		return nil, nil, err
	}
	limit := describePage
	if in.Limit != nil {
		limit = int(*in.Limit)
	}
	if in.LogGroupIdentifiers != nil {
		return s.identifiedGroups(ctx, in.LogGroupIdentifiers, after, limit)
	}
	return s.listGroups(ctx, state.LogGroupQuery{
		Prefix: orZero(in.LogGroupNamePrefix), Substring: orZero(in.LogGroupNamePattern),
		Class: orZero(in.LogGroupClass), After: after, Limit: limit,
	}, nil)
}

// ownAccount says whether a request that looks into linked accounts asks for the caller's own, the only one there is.
func ownAccount(ctx context.Context, linked *bool, accounts []string) bool {
	return !orZero(linked) || len(accounts) == 0 || slices.Contains(accounts, awsapi.CallerFrom(ctx).AccountID)
}

// listGroups returns the first groups of the query that keep, where given, accepts within the same transaction.
func (s *Service) listGroups(
	ctx context.Context, q state.LogGroupQuery, keep func(*state.Tx, *state.LogGroup) (bool, error),
) (found []state.LogGroup, next *string, err error) {
	c := awsapi.CallerFrom(ctx)
	q.Account, q.Region = c.AccountID, c.Region
	limit := q.Limit
	err = s.db.Read(ctx, func(tx *state.Tx) error {
		for more := true; more && next == nil; {
			var recs []state.LogGroup
			if recs, more, err = tx.ListLogGroups(q); err != nil {
				return err
			}
			for i := range recs {
				q.After = recs[i].Name
				kept := keep == nil
				if keep != nil {
					if kept, err = keep(tx, &recs[i]); err != nil {
						return err
					}
				}
				if kept {
					found = append(found, recs[i])
				}
				if len(found) == limit && (more || i < len(recs)-1) {
					next = listToken(groupsByName, q.After)
					break
				}
			}
		}
		return nil
	})
	return found, next, err
}

// identifiedGroups returns those of the named groups that exist.
func (s *Service) identifiedGroups(
	ctx context.Context, identifiers []string, after string, limit int,
) (recs []state.LogGroup, next *string, err error) {
	var names []string
	for _, identifier := range identifiers {
		key, err := identifiedGroup(ctx, identifier)
		if err != nil && !isMissing(err) {
			return nil, nil, err
		}
		if err == nil && key.name > after {
			names = append(names, key.name)
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	c := awsapi.CallerFrom(ctx)
	err = s.db.Read(ctx, func(tx *state.Tx) error {
		for _, name := range names {
			rec, err := tx.FindLogGroup(c.AccountID, c.Region, name)
			if errors.Is(err, state.ErrNotFound) {
				continue
			} else if err != nil {
				return err
			}
			if len(recs) == limit {
				next = listToken(groupsByName, recs[limit-1].Name)
				return nil
			}
			recs = append(recs, rec)
		}
		return nil
	})
	return recs, next, err
}

// describedGroup is a group as DescribeLogGroups shows it. AWS leaves some members out of a search by pattern.
func describedGroup(rec state.LogGroup, stored int64, reduced bool) awslogs.LogGroup {
	arn := groupKey{rec.Account, rec.Region, rec.Name}.arn()
	g := awslogs.LogGroup{
		Arn: new(arn + ":*"), LogGroupArn: &arn, LogGroupName: &rec.Name, LogGroupClass: &rec.Class,
		CreationTime: &rec.CreatedAt,
	}
	if reduced {
		return g
	}
	g.StoredBytes, g.DeletionProtectionEnabled = &stored, &rec.DeletionProtection
	if rec.RetentionDays != 0 {
		g.RetentionInDays = &rec.RetentionDays
	}
	if rec.KMSKey != "" {
		g.KmsKeyId = &rec.KMSKey
	}
	return g
}

// countMetricFilters returns how many metric filters each of the groups has.
func (s *Service) countMetricFilters(ctx context.Context, recs []state.LogGroup) ([]int32, error) {
	counts := make([]int32, len(recs))
	return counts, s.db.Read(ctx, func(tx *state.Tx) error {
		for i := range recs {
			p := (&group{key: groupKey{recs[i].Account, recs[i].Region, recs[i].Name}, rec: recs[i]}).place()
			n, err := metricFilters.Count(tx, p.scope, p.parent)
			if err != nil {
				return err
			}
			counts[i] = int32(n)
		}
		return nil
	})
}

// ListLogGroups returns names, ARNs and classes of a page of the caller's log groups.
func (s *Service) ListLogGroups(
	ctx context.Context, in *awslogs.ListLogGroupsRequest,
) (*awslogs.ListLogGroupsResponse, error) {
	out := &awslogs.ListLogGroupsResponse{LogGroups: []awslogs.LogGroupSummary{}}
	after, err := placeIn(in.NextToken, groupsByName)
	if err != nil || !ownAccount(ctx, in.IncludeLinkedAccounts, in.AccountIdentifiers) {
		return out, err
	}
	if in.DataSources != nil {
		return out, nil // no log group here comes from a data source of AWS
	}
	q := state.LogGroupQuery{Class: orZero(in.LogGroupClass), After: after, Limit: listPage}
	if in.Limit != nil {
		q.Limit = int(*in.Limit)
	}
	recs, next, err := s.listGroups(ctx, q, func(tx *state.Tx, rec *state.LogGroup) (bool, error) {
		if !nameMatches(rec.Name, orZero(in.LogGroupNamePattern)) || !tagsMatch(rec.Tags, in.LogGroupTags) {
			return false, nil
		}
		return indexes(tx, rec, in.FieldIndexNames)
	})
	if err != nil {
		return nil, err
	}
	for _, rec := range recs {
		arn := groupKey{rec.Account, rec.Region, rec.Name}.arn()
		out.LogGroups = append(out.LogGroups,
			awslogs.LogGroupSummary{LogGroupName: &rec.Name, LogGroupArn: &arn, LogGroupClass: &rec.Class})
	}
	out.NextToken = next
	return out, nil
}

// nameMatches tells whether a name has one of the pattern's alternatives in it, or at its beginning for those with a ^.
func nameMatches(name, pattern string) bool {
	for alternative := range strings.SplitSeq(pattern, "|") {
		if prefix, ok := strings.CutPrefix(alternative, "^"); ok && strings.HasPrefix(name, prefix) {
			return true
		} else if !ok && strings.Contains(name, alternative) {
			return true
		}
	}
	return false
}

// notBuilt is the answer to a request for what this version does not do.
func notBuilt(what string) *awsapi.Error {
	return awsapi.NewError(501, "NotImplemented", "%s is not built in this version of Tollbook", what)
}
