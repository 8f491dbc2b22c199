package logs

import (
	"context"
	"slices"
	"strings"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/awslogs"
)

// The order letter of DescribeQueries' tokens, and the size of its pages.
const (
	queriesByTime = 'q'
	queriesPage   = 1000
)

// DescribeQueries returns a page of the caller's queries, newest first: those that run and those whose results are kept.
func (s *Service) DescribeQueries(ctx context.Context, in *awslogs.DescribeQueriesRequest) (*awslogs.DescribeQueriesResponse, error) {
	after, err := placeIn(in.NextToken, queriesByTime)
	if err != nil {
		return nil, err
	}
	limit := queriesPage
	if in.MaxResults != nil {
		limit = int(*in.MaxResults)
	}
	out := &awslogs.DescribeQueriesResponse{Queries: []awslogs.QueryInfo{}}
	for _, q := range s.queries.of(ctx) {
		if after != "" {
			if q.id == after {
				after = ""
			}
			continue
		}
		info := q.info()
		if !wantsQuery(in, q, &info) {
			continue
		}
		if len(out.Queries) == limit {
			out.NextToken = listToken(queriesByTime, *out.Queries[limit-1].QueryId)
			break
		}
		out.Queries = append(out.Queries, info)
	}
	return out, nil
}

// of returns the caller's queries, newest first.
func (t *queries) of(ctx context.Context) (all []*query) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := awsapi.CallerFrom(ctx)
	for _, q := range slices.Backward(t.order) {
		if q.account == c.AccountID && q.region == c.Region {
			all = append(all, q)
		}
	}
	return all
}

func wantsQuery(in *awslogs.DescribeQueriesRequest, q *query, info *awslogs.QueryInfo) bool {
	return (in.LogGroupName == nil || slices.Contains(q.groups, *in.LogGroupName)) &&
		(in.Status == nil || *in.Status == *info.Status) &&
		(in.QueryLanguage == nil || strings.EqualFold(*in.QueryLanguage, languageCWLI))
}

func (q *query) info() awslogs.QueryInfo {
	q.mu.Lock()
	defer q.mu.Unlock()
	info := awslogs.QueryInfo{
		QueryId: &q.id, QueryString: &q.text, Status: new(q.status), CreateTime: new(int64(q.createdAt)),
		QueryLanguage: new(languageCWLI), UserIdentity: &q.caller,
	}
	if len(q.groups) > 0 {
		info.LogGroupName = &q.groups[0]
	}
	if !q.active() {
		info.QueryDuration, info.BytesScanned = new(q.duration.Milliseconds()), new(float64(q.result.Statistics.BytesScanned))
	}
	return info
}
