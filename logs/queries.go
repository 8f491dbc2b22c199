package logs

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/awslogs"
	"github.com/tollbook/tollbook/logs/insights"
	"github.com/tollbook/tollbook/logs/insights/syntax"
)

// Limits on queries.
const (
	maxActiveQueries  = 100                       // of one account in a region, as AWS has it
	maxRunningQueries = 4                         // at the same time; others wait as Scheduled
	queryTimeout      = time.Hour                 // as AWS has it
	queryResultsKept  = Millis(7 * 24 * 3600_000) // as AWS has it
	maxQueryBytes     = int64(256 << 20)          // of memory for one query, about
	maxResultBytes    = int64(256 << 20)          // of all results that are kept
	partialEvery      = 200 * time.Millisecond    // how often partial results are shown
	maxKeptQueries    = 10_000
)

// QueryMemory is about how much memory all queries together may take, in bytes.
const QueryMemory = maxRunningQueries * maxQueryBytes

// The states of a query, as AWS calls them.
const (
	queryScheduled = "Scheduled"
	queryRunning   = "Running"
	queryComplete  = "Complete"
	queryFailed    = "Failed"
	queryCancelled = "Cancelled"
	queryTimedOut  = "Timeout"
)

// queries is what was asked since the start. Results are in memory only: they are gone with the process, and the oldest
// go when they become too many.
type queries struct {
	running chan struct{} // holds a place for each query that runs
	ended   sync.WaitGroup

	mu    sync.Mutex
	byID  map[string]*query
	order []*query // oldest first
	bytes int64    // of the results of those that have ended
}

// query is one query, from its start until its results are dropped.
type query struct {
	id        string
	account   string
	region    string
	caller    string // ARN
	text      string // as DescribeQueries shows it
	groups    []string
	createdAt Millis
	cancel    context.CancelFunc
	done      chan struct{} // closed when it has ended

	mu       sync.Mutex
	status   string
	result   insights.Result
	problem  string // why it failed, if the client can do something about it
	duration time.Duration
	bytes    int64
}

func newQueries() *queries {
	return &queries{running: make(chan struct{}, maxRunningQueries), byID: map[string]*query{}}
}

// add notes a query that is about to be run, and forgets what is too old.
func (t *queries) add(q *query) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.forget(q.createdAt - queryResultsKept)
	active := 0
	for _, other := range t.order {
		if other.account == q.account && other.region == q.region && other.active() {
			active++
		}
	}
	if active >= maxActiveQueries {
		return awslogs.LimitExceededException("Account maximum query concurrency limit of [%d] reached.", maxActiveQueries)
	}
	t.byID[q.id] = q
	t.order = append(t.order, q)
	t.ended.Add(1)
	return nil
}

// forget drops ended queries that began before a time, and the oldest while there are too many. The caller holds mu.
func (t *queries) forget(before Millis) {
	t.order = slices.DeleteFunc(t.order, func(q *query) bool {
		if q.active() || q.createdAt >= before && t.bytes <= maxResultBytes && len(t.byID) < maxKeptQueries {
			return false
		}
		delete(t.byID, q.id)
		t.bytes -= q.bytes
		return true
	})
}

func (t *queries) end(q *query) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.bytes += q.bytes
	close(q.done)
	t.ended.Done()
}

// find returns the caller's query of an ID.
func (t *queries) find(ctx context.Context, id string) (*query, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := awsapi.CallerFrom(ctx)
	if q := t.byID[id]; q != nil && q.account == c.AccountID && q.region == c.Region {
		return q, nil
	}
	return nil, awslogs.ResourceNotFoundException("Query with id %s does not exist", id) // text unverified
}

// close cancels what runs and waits for it.
func (t *queries) close() {
	t.mu.Lock()
	for _, q := range t.order {
		q.cancel()
	}
	t.mu.Unlock()
	t.ended.Wait()
}

func (q *query) active() bool {
	select {
	case <-q.done:
		return false
	default:
		return true
	}
}

// runQuery waits for its turn and answers the query.
func (s *Service) runQuery(ctx context.Context, q *query, plan *insights.Query, data *queryData) {
	defer s.queries.end(q)
	defer q.cancel()
	select {
	case s.queries.running <- struct{}{}:
		defer func() { <-s.queries.running }()
	case <-ctx.Done():
		q.finish(insights.Result{}, context.Cause(ctx), 0)
		return
	}
	begin := time.Now()
	q.set(queryRunning)
	result, err := plan.Run(ctx, data, s.openSource(q), q.show)
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if !q.finish(result, err, time.Since(begin)) {
		s.opts.Log.Error("query failed", "query_id", q.id, "query", q.text, "error", err)
	}
}

// openSource finds the log groups that a sub-query or a join names, as the query's caller.
func (s *Service) openSource(q *query) func(context.Context, *syntax.Source) (insights.Data, error) {
	caller := awsapi.Caller{AccountID: q.account, Region: q.region, ARN: q.caller}
	return func(ctx context.Context, source *syntax.Source) (insights.Data, error) {
		ctx = awsapi.WithCaller(ctx, caller)
		keys, err := s.sourceGroups(ctx, source)
		if err != nil {
			return nil, err
		}
		return s.queryData(ctx, keys)
	}
}

func (q *query) set(status string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.status = status
}

// show keeps a partial result.
func (q *query) show(result insights.Result) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.result = result
}

// finish notes how the query ended; understood is false if that is a fault of ours. What was found before a stop stays.
func (q *query) finish(result insights.Result, err error, took time.Duration) (understood bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.duration = took
	var bad *awsapi.Error
	var wrong *syntax.Error
	switch {
	case err == nil:
		q.status, q.result = queryComplete, result
	case errors.Is(err, context.DeadlineExceeded):
		q.status = queryTimedOut
	case errors.Is(err, context.Canceled):
		q.status = queryCancelled
	case errors.Is(err, insights.ErrMemory), errors.As(err, &wrong), errors.As(err, &bad):
		q.status, q.problem, q.result = queryFailed, err.Error(), insights.Result{}
	default:
		q.status, q.result = queryFailed, insights.Result{}
	}
	q.bytes = q.result.Bytes()
	return q.status != queryFailed || q.problem != ""
}
