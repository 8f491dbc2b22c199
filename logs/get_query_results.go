package logs

import (
	"context"
	"strconv"
	"time"

	"github.com/tollbook/tollbook/awsapi/awslogs"
	"github.com/tollbook/tollbook/logs/insights"
)

// Paging of query results.
const (
	maxResultPage = 10_000
	resultsByRow  = 'r' // the order letter of their tokens
)

// resultsWait is how long GetQueryResults waits for a query that is about to end: most take less, and their clients would
// otherwise find them running and come back after a second.
const resultsWait = 200 * time.Millisecond

// GetQueryResults returns what a query has found: rows so far while it runs. Of a query that failed because of what it
// asked, too many groups for the memory for example, it is an error that says so; AWS says Failed alone.
func (s *Service) GetQueryResults(ctx context.Context, in *awslogs.GetQueryResultsRequest) (*awslogs.GetQueryResultsResponse, error) {
	q, err := s.queries.find(ctx, in.QueryId)
	if err != nil {
		return nil, err
	}
	place, err := placeIn(in.NextToken, resultsByRow)
	if err != nil {
		return nil, err
	}
	from := 0
	if place != "" {
		if from, err = strconv.Atoi(place); err != nil || from < 0 {
			return nil, invalidToken()
		}
	}
	q.await(ctx, resultsWait)
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.problem != "" {
		return nil, invalid("Query %s failed: %s", q.id, q.problem)
	}
	size := maxResultPage
	if n := orZero(in.MaxItems); n > 0 {
		size = min(size, int(n))
	}
	return q.page(from, size), nil
}

// await returns when the query has ended, or after a while.
func (q *query) await(ctx context.Context, atMost time.Duration) {
	timer := time.NewTimer(atMost)
	defer timer.Stop()
	select {
	case <-q.done:
	case <-ctx.Done():
	case <-timer.C:
	}
}

// page returns some rows. The caller holds mu.
func (q *query) page(from, size int) *awslogs.GetQueryResultsResponse {
	rows := q.result.Rows
	rows = rows[min(from, len(rows)):]
	out := &awslogs.GetQueryResultsResponse{
		QueryLanguage: new(languageCWLI), Status: new(q.status), Results: [][]awslogs.ResultField{},
		Statistics: queryStatistics(&q.result.Statistics),
	}
	if len(rows) > size {
		rows = rows[:size]
		if q.status == queryComplete {
			out.NextToken = listToken(resultsByRow, strconv.Itoa(from+size))
		}
	}
	for _, row := range rows {
		fields := []awslogs.ResultField{}
		for i, v := range row {
			if !v.IsNull() {
				fields = append(fields, awslogs.ResultField{Field: &q.result.Columns[i], Value: new(v.String())})
			}
		}
		out.Results = append(out.Results, fields)
	}
	return out
}

func queryStatistics(s *insights.Statistics) *awslogs.QueryStatistics {
	return &awslogs.QueryStatistics{
		RecordsMatched: new(float64(s.RecordsMatched)), RecordsScanned: new(float64(s.RecordsScanned)),
		BytesScanned: new(float64(s.BytesScanned)), EstimatedRecordsSkipped: new(float64(s.RecordsSkipped)),
		EstimatedBytesSkipped: new(float64(s.BytesSkipped)), LogGroupsScanned: new(float64(s.LogGroups)),
	}
}

// StopQuery ends a query that runs.
func (s *Service) StopQuery(ctx context.Context, in *awslogs.StopQueryRequest) (*awslogs.StopQueryResponse, error) {
	q, err := s.queries.find(ctx, in.QueryId)
	if err != nil {
		return nil, err
	}
	if !q.active() {
		return nil, invalid("Query with id %s is not running", q.id) // text unverified
	}
	q.cancel()
	q.await(ctx, resultsWait)
	return &awslogs.StopQueryResponse{Success: new(true)}, nil
}
