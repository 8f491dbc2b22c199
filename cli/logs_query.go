package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/tollbook/tollbook/logs/insights"
	"github.com/tollbook/tollbook/logs/insights/syntax"
)

type queryLogs struct {
	endpoint `embed:""`
	Group    []string `short:"g" help:"Log group; may be given several times. Not with a query that begins with SOURCE." sep:"none" placeholder:"G"`
	Since    string   `help:"Begin of the time range: how long ago (10m, 2h, 3d) or a time." default:"1h" placeholder:"TIME"`
	Until    string   `help:"End of the time range, inclusive: how long ago or a time." default:"now" placeholder:"TIME"`
	Limit    int32    `help:"The most rows, unless the query says it." placeholder:"N"`
	Format   string   `help:"table, chart (bars of the numbers), csv or json (one object a line)." enum:"table,chart,csv,json" default:"table"`
	Pointers bool     `help:"Show @ptr too."`
	Explain  bool     `help:"Do not ask, but print how the query would be run."`
	Query    string   `arg:"" help:"Query in Logs Insights QL, such as 'stats count(*) by status'."`
}

// Run asks the query and prints its rows; what was looked at goes to the error stream.
func (q *queryLogs) Run(ctx context.Context, std streams) error {
	now := time.Now()
	in := cloudwatchlogs.StartQueryInput{QueryString: &q.Query, LogGroupNames: q.Group}
	for _, bound := range []struct {
		name, text string
		to         **int64
	}{{"--since", q.Since, &in.StartTime}, {"--until", q.Until, &in.EndTime}} {
		ms, err := parseWhen(bound.text, now)
		if err != nil {
			return fmt.Errorf("%s: %w", bound.name, err)
		}
		*bound.to = aws.Int64(ms / 1000)
	}
	if q.Limit > 0 {
		in.Limit = &q.Limit
	}
	if q.Explain {
		return q.plan(std, *in.StartTime, *in.EndTime)
	}
	clients, err := q.connect(ctx)
	if err != nil {
		return err
	}
	answer, err := ask(ctx, clients.logs, in)
	if err != nil {
		return q.explain(err)
	}
	out := bufio.NewWriter(std.out)
	if err := newResultTable(answer.rows, q.Pointers).print(out, q.Format); err != nil {
		return err
	}
	fmt.Fprintln(std.err, answer.summary(time.Since(now)))
	return out.Flush()
}

// plan prints how the query is run. No server is asked: it would do the same.
func (q *queryLogs) plan(std streams, start, end int64) error {
	parsed, err := syntax.ParseQuery(q.Query)
	if err != nil {
		return q.wrong(err)
	}
	plan, err := insights.Compile(parsed, insights.Options{
		Limit: int(q.Limit), Within: insights.TimeRange{From: start * 1000, To: end*1000 + 1000}, Now: time.Now().UnixMilli(),
	})
	if err != nil {
		return q.wrong(err)
	}
	_, err = fmt.Fprint(std.out, plan.Explain())
	return err
}

func (q *queryLogs) wrong(err error) error {
	var at *syntax.Error
	if !errors.As(err, &at) {
		return err
	}
	return fmt.Errorf("%s\n%s", at.Message, marked([]rune(q.Query), at.Start, at.End))
}

// explain shows where in the query the error is.
func (q *queryLogs) explain(err error) error {
	var wrong *types.MalformedQueryException
	if !errors.As(err, &wrong) || wrong.QueryCompileError == nil || wrong.QueryCompileError.Location == nil {
		return err
	}
	at := wrong.QueryCompileError.Location
	from, to := int(aws.ToInt32(at.StartCharOffset)), int(aws.ToInt32(at.EndCharOffset))
	return fmt.Errorf("%s\n%s", aws.ToString(wrong.QueryCompileError.Message), marked([]rune(q.Query), from, to))
}

// marked is the line of a text that a place is in, with the place marked below it.
func marked(text []rune, from, to int) string {
	from = max(0, min(from, len(text)))
	begin, end := from, from
	for begin > 0 && text[begin-1] != '\n' {
		begin--
	}
	for end < len(text) && text[end] != '\n' {
		end++
	}
	return "  " + string(text[begin:end]) + "\n  " + strings.Repeat(" ", from-begin) + strings.Repeat("^", max(1, min(to, end)-from))
}

// answer is all that a query found.
type answer struct {
	rows       [][]types.ResultField
	statistics types.QueryStatistics
}

// ask runs a query to its end. If ctx ends first, the query is stopped.
func ask(ctx context.Context, logs *cloudwatchlogs.Client, in cloudwatchlogs.StartQueryInput) (a answer, err error) {
	started, err := logs.StartQuery(ctx, &in)
	if err != nil {
		return a, fmt.Errorf("start the query: %w", err)
	}
	results := cloudwatchlogs.GetQueryResultsInput{QueryId: started.QueryId}
	for {
		page, err := logs.GetQueryResults(ctx, &results)
		if ctx.Err() != nil {
			stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
			defer cancel()
			_, _ = logs.StopQuery(stop, &cloudwatchlogs.StopQueryInput{QueryId: started.QueryId}) // it may have ended
			return a, ctx.Err()
		}
		if err != nil {
			return a, fmt.Errorf("read the query's results: %w", err)
		}
		switch page.Status {
		case types.QueryStatusScheduled, types.QueryStatusRunning:
			continue // the server waits a little before it says so
		case types.QueryStatusComplete:
		default:
			return a, fmt.Errorf("the query ended as %s", page.Status)
		}
		a.rows = append(a.rows, page.Results...)
		if page.Statistics != nil {
			a.statistics = *page.Statistics
		}
		if results.NextToken = page.NextToken; results.NextToken == nil {
			return a, nil
		}
	}
}

func (a *answer) summary(took time.Duration) string {
	s := a.statistics
	return fmt.Sprintf("%d rows; %.0f entries matched of %.0f looked at in %v", len(a.rows), s.RecordsMatched, s.RecordsScanned, took.Round(time.Millisecond))
}
