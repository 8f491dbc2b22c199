package conformance_test

import (
	"errors"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/google/go-cmp/cmp"
)

// askInsights runs a query over the last hour and returns its rows as name=value texts, without @ptr.
func askInsights(t *testing.T, logs *cloudwatchlogs.Client, in cloudwatchlogs.StartQueryInput) (rows []string, end *cloudwatchlogs.GetQueryResultsOutput) {
	t.Helper()
	now := time.Now().Unix()
	in.StartTime, in.EndTime = aws.Int64(now-3600), aws.Int64(now+10)
	started := must(logs.StartQuery(t.Context(), &in))(t)
	for {
		end = must(logs.GetQueryResults(t.Context(), &cloudwatchlogs.GetQueryResultsInput{QueryId: started.QueryId}))(t)
		if end.Status != types.QueryStatusScheduled && end.Status != types.QueryStatusRunning {
			break
		}
	}
	for _, row := range end.Results {
		var fields []string
		for _, f := range row {
			if *f.Field != "@ptr" {
				fields = append(fields, *f.Field+"="+*f.Value)
			}
		}
		rows = append(rows, strings.Join(fields, " "))
	}
	return rows, end
}

// TestInsights asks questions of a few entries, of two groups and of none.
func TestInsights(t *testing.T) {
	t.Parallel()
	ctx, logs := logGroup(t, "asked")
	group, stream := aws.String("asked"), aws.String("s")
	must(logs.CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: group, LogStreamName: stream}))(t)
	var events []types.InputLogEvent
	for _, line := range []string{
		`{"requestId":"a","status":"200","path":"/x","responseLatency":12}`,
		`{"requestId":"b","status":"502","path":"/x","responseLatency":40}`,
		`{"requestId":"c","status":"404","path":"/y","responseLatency":8}`,
	} {
		events = append(events, types.InputLogEvent{Timestamp: aws.Int64(time.Now().UnixMilli()), Message: &line})
	}
	must(logs.PutLogEvents(ctx, &cloudwatchlogs.PutLogEventsInput{LogGroupName: group, LogStreamName: stream, LogEvents: events}))(t)

	for query, want := range map[string][]string{
		`stats count(*) as n by path | sort n desc`:                       {"path=/x n=2", "path=/y n=1"},
		`filter status >= 400 and status <= 499 | fields requestId`:       {"requestId=c"},
		`filter @message like /(?i)"STATUS":"5/ | display requestId`:      {"requestId=b"},
		`stats sum(responseLatency)/count(*) as m`:                        {"m=20"},
		`parse @message '"path":"*"' as p | stats count_distinct(p) as d`: {"d=2"},
		`fields requestId | filter status = "200" | sort requestId asc`:   {"requestId=a"},
		`filter status = "999" | fields requestId`:                        nil,
	} {
		rows, end := askInsights(t, logs, cloudwatchlogs.StartQueryInput{LogGroupName: group, QueryString: &query})
		if diff := cmp.Diff(want, rows); diff != "" || end.Status != types.QueryStatusComplete {
			t.Errorf("%s: %s %s", query, end.Status, diff)
		}
		if end.Statistics.RecordsScanned+end.Statistics.EstimatedRecordsSkipped != 3 {
			t.Errorf("%s: scanned %v and skipped %v of 3", query, end.Statistics.RecordsScanned, end.Statistics.EstimatedRecordsSkipped)
		}
	}
	rows, _ := askInsights(t, logs, cloudwatchlogs.StartQueryInput{QueryString: aws.String(`SOURCE logGroups(namePrefix: ['ask']) | stats count(*) as n by @log`)})
	if diff := cmp.Diff([]string{"@log=000000000000:asked n=3"}, rows); diff != "" {
		t.Errorf("SOURCE: %s", diff)
	}
}

// TestInsightsPointers takes @ptr of a row to the whole record.
func TestInsightsPointers(t *testing.T) {
	t.Parallel()
	ctx, logs := logGroup(t, "pointed")
	group, stream := aws.String("pointed"), aws.String("s")
	must(logs.CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: group, LogStreamName: stream}))(t)
	must(logs.PutLogEvents(ctx, &cloudwatchlogs.PutLogEventsInput{LogGroupName: group, LogStreamName: stream, LogEvents: []types.InputLogEvent{
		{Timestamp: aws.Int64(time.Now().UnixMilli()), Message: aws.String(`{"requestId":"a"}`)},
	}}))(t)
	_, end := askInsights(t, logs, cloudwatchlogs.StartQueryInput{LogGroupName: group, QueryString: aws.String("fields @message")})
	if len(end.Results) != 1 {
		t.Fatalf("%d rows, want 1", len(end.Results))
	}
	for _, f := range end.Results[0] {
		if *f.Field != "@ptr" {
			continue
		}
		record := must(logs.GetLogRecord(ctx, &cloudwatchlogs.GetLogRecordInput{LogRecordPointer: f.Value}))(t)
		if record.LogRecord["requestId"] != "a" || record.LogRecord["@logStream"] != "s" {
			t.Errorf("record %v", record.LogRecord)
		}
		return
	}
	t.Errorf("no @ptr in %v", end.Results[0])
}

// TestInsightsRefusals sends what cannot be answered, and stops what has ended.
func TestInsightsRefusals(t *testing.T) {
	t.Parallel()
	ctx, logs := logGroup(t, "refused")
	in := cloudwatchlogs.StartQueryInput{LogGroupName: aws.String("refused"), StartTime: aws.Int64(0), EndTime: aws.Int64(1), QueryString: aws.String("fields @message | stat count(*)")}
	_, err := logs.StartQuery(ctx, &in)
	var wrong *types.MalformedQueryException
	if !errors.As(err, &wrong) || wrong.QueryCompileError == nil || *wrong.QueryCompileError.Location.StartCharOffset != 18 {
		t.Errorf("a wrong command: %v", err)
	}
	in.QueryString, in.LogGroupName = aws.String("fields @message"), aws.String("nowhere")
	if _, err = logs.StartQuery(ctx, &in); err == nil || !strings.Contains(err.Error(), "Log group 'nowhere' does not exist for account ID '000000000000'") {
		t.Errorf("a missing group: %v", err)
	}
	if _, err = logs.GetQueryResults(ctx, &cloudwatchlogs.GetQueryResultsInput{QueryId: aws.String("0d2f5b9e-7c1a-4f6b-9a37-5b8f3a1c2d4e")}); err == nil || !strings.Contains(err.Error(), "ResourceNotFoundException") {
		t.Errorf("an unknown query: %v", err)
	}
	_, _ = askInsights(t, logs, cloudwatchlogs.StartQueryInput{LogGroupName: aws.String("refused"), QueryString: aws.String("fields @message")})
	queries := must(logs.DescribeQueries(ctx, &cloudwatchlogs.DescribeQueriesInput{LogGroupName: aws.String("refused")}))(t).Queries
	if len(queries) != 1 || !strings.HasPrefix(*queries[0].QueryString, `SOURCE "refused" START=`) || queries[0].Status != types.QueryStatusComplete {
		t.Fatalf("queries %+v", queries)
	}
	if _, err := logs.StopQuery(ctx, &cloudwatchlogs.StopQueryInput{QueryId: queries[0].QueryId}); err == nil || !strings.Contains(err.Error(), "not running") {
		t.Errorf("stop of a query that has ended: %v", err)
	}
}

// TestQueryCommand asks by `tollbook logs query` in each format, and sees where a wrong query is wrong.
func TestQueryCommand(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir())
	ctx, logs := t.Context(), p.logs()
	group, stream := aws.String("g"), aws.String("s")
	must(logs.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: group}))(t)
	must(logs.CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: group, LogStreamName: stream}))(t)
	var events []types.InputLogEvent
	for _, status := range []string{"200", "200", "200", "404"} {
		events = append(events, types.InputLogEvent{Timestamp: aws.Int64(time.Now().UnixMilli()), Message: aws.String(`{"status":"` + status + `"}`)})
	}
	must(logs.PutLogEvents(ctx, &cloudwatchlogs.PutLogEventsInput{LogGroupName: group, LogStreamName: stream, LogEvents: events}))(t)
	query := func(args ...string) (string, error) {
		cmd := exec.Command(binary, append([]string{"logs", "query", "--endpoint-url", p.API, "--region", "us-east-1", "--group", "g", "--until", "now"}, args...)...)
		out, err := cmd.Output()
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return string(exit.Stderr), err
		}
		return string(out), err
	}
	const counts = "stats count(*) as n by status | sort n desc"
	for format, want := range map[string]string{
		"table": "status  n\n200     3\n404     1\n",
		"csv":   "status,n\n200,3\n404,1\n",
		"json":  `{"status":"200","n":"3"}` + "\n" + `{"status":"404","n":"1"}` + "\n",
		"chart": "status  n\n200     3  ████████████████████████████████████████\n404     1  █████████████▍\n",
	} {
		if got, err := query("--format", format, counts); err != nil || got != want {
			t.Errorf("%s: %v\n%s", format, err, cmp.Diff(want, got))
		}
	}
	got, err := query("filter status == 200")
	if err == nil || !strings.Contains(got, "\n  filter status == 200\n                 ^") {
		t.Errorf("a wrong query: %v\n%s", err, got)
	}
}
