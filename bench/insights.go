package main

import (
	"context"
	"fmt"
	"math/rand"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/internal/testkit"
)

// insightsQuestion is asked as a Logs Insights query of a server, and in SQL of ClickHouse. Both answer with rows of a
// value and a number, which are compared.
type insightsQuestion struct {
	title, query string
	tenth        bool             // over the first tenth of the time range only
	table        *clickHouseTable // nil: ClickHouse is not asked
	sql          string           // a verb stands for the end of the tenth
}

var insightsQuestions = []insightsQuestion{
	{title: "count by status", query: `stats count(*) as n by status`, table: &clickHouseJSON,
		sql: `SELECT entry.status.:String AS k, count() FROM json GROUP BY k`},
	{title: "count by status in a tenth of the time", query: `stats count(*) as n by status`, tenth: true, table: &clickHouseJSON,
		sql: `SELECT entry.status.:String AS k, count() FROM json WHERE entry._time < '%s' GROUP BY k`},
	{title: "count, pct(latency, 99) by resourcePath", query: `stats count(*) as n, pct(latency, 99) as p by resourcePath`, table: &clickHouseJSON,
		sql: `SELECT entry.resourcePath.:String AS k, count(), quantile(0.99)(toUInt32(entry.latency.:String)) FROM json GROUP BY k`},
	{title: "top 10 of 50,000 addresses", query: `stats count(*) as n by ip | sort n desc | limit 10`, table: &clickHouseJSON,
		sql: `SELECT entry.ip.:String AS k, count() AS n FROM json GROUP BY k ORDER BY n DESC LIMIT 10`},
	{title: "5-minute bins of one status", query: `filter status = "502" | stats count(*) as n by bin(5m)`, table: &clickHouseJSON,
		sql: `SELECT concat(toString(toStartOfInterval(entry._time, INTERVAL 5 MINUTE), 'UTC'), '.000') AS k, count() FROM json WHERE entry.status.:String = '502' GROUP BY k`},
	{title: "like /regex/ over @message", query: `filter @message like /\/v1\/[a-z]+\/[^"]*sub1\d".*"status":"50\d"/ | stats count(*) as n by status`, table: &clickHouseRaw,
		sql: `SELECT extract(message, '"status":"(\\d+)"') AS k, count() FROM raw WHERE match(message, '/v1/[a-z]+/[^"]*sub1\\d".*"status":"50\\d"') GROUP BY k`},
	{title: "like /regex/ without a literal", query: `filter @message like /(?i)\bU[a-z]+s\b/ | stats count(*) as n by status`, table: &clickHouseRaw,
		sql: `SELECT extract(message, '"status":"(\\d+)"') AS k, count() FROM raw WHERE match(message, '(?i)\\bU[a-z]+s\\b') GROUP BY k`},
	{title: "parse glob, then count", query: `parse @message '"resourcePath":"*","status":"*"' as p, s | filter s = "404" | stats count(*) as n by p`, table: &clickHouseRaw,
		sql: `SELECT extractAll(message, '"resourcePath":"([^"]*)"')[1] AS k, count() FROM raw WHERE extractAll(message, '"status":"([^"]*)"')[1] = '404' GROUP BY k`},
	{title: "parse glob within a value, then count", query: `parse @message '"ip":"10.*.*.*"' as a, b, c | stats count(*) as n by b`, table: &clickHouseRaw,
		sql: `SELECT extractAll(message, '"ip":"10[.]\\d+[.](\\d+)[.]\\d+"')[1] AS k, count() FROM raw GROUP BY k`},
	{title: "newest 1,000", query: `fields @timestamp, @message | sort @timestamp desc | limit 1000`},
}

// insightsBench is a server and perhaps ClickHouse, with the same entries.
type insightsBench struct {
	settings
	logs     *cloudwatchlogs.Client
	first    time.Time // of the entries
	last     time.Time
	peer     *clickHouseProcess // nil without
	own, sql [][]time.Duration  // by question
}

const insightsGroup = "bench"

// insightsTable compares Logs Insights queries, through StartQuery and GetQueryResults of a running server, with
// ClickHouse.
func insightsTable(s settings) error {
	ctx, cancel := context.WithTimeout(context.Background(), s.limit)
	defer cancel()
	ctx, release := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM) // so that the directory is removed
	defer release()
	t, stop, err := startTollbook(s.binary)
	if err != nil {
		return err
	}
	defer stop()
	b := insightsBench{settings: s, logs: cloudwatchlogs.NewFromConfig(t.AWSConfig())}
	if err := b.load(ctx, t); err != nil {
		return fmt.Errorf("load %d entries: %w", s.entries, err)
	}
	if strings.Contains(s.peers, "clickhouse") {
		stopPeer, err := b.loadPeer(ctx)
		if err != nil {
			fmt.Printf("without clickhouse: %v\n", err)
		}
		defer stopPeer()
	}
	if err := b.askAll(ctx); err != nil {
		return err
	}
	b.print()
	return nil
}

// load puts the entries into 300 streams, those of a few minutes at a time, as a gateway would spread them.
func (b *insightsBench) load(ctx context.Context, t *testkit.Server) error {
	const streams, window = 300, 60_000
	if _, err := b.logs.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String(insightsGroup)}); err != nil {
		return err
	}
	for i := range streams {
		in := &cloudwatchlogs.CreateLogStreamInput{LogGroupName: aws.String(insightsGroup), LogStreamName: aws.String(streamName(i))}
		if _, err := b.logs.CreateLogStream(ctx, in); err != nil {
			return err
		}
	}
	src, random := newSource(b.entries, 0), rand.New(rand.NewSource(1))
	for more := true; more; {
		var batches [streams][]logtypes.InputLogEvent
		for range window {
			message, e, ok := src.append(nil)
			if more = ok; !ok {
				break
			}
			if b.first.IsZero() {
				b.first = e.Time
			}
			b.last = e.Time
			i := random.Intn(streams)
			batches[i] = append(batches[i], logtypes.InputLogEvent{Timestamp: aws.Int64(e.Time.UnixMilli()), Message: aws.String(string(message))})
		}
		for i, events := range batches {
			if err := b.put(ctx, i, events); err != nil {
				return err
			}
		}
	}
	awaitQuiet(ctx, 2*time.Second, func() time.Duration { return cpu(t.PID()) }, nil)
	return nil
}

func streamName(i int) string { return fmt.Sprintf("stream-%03d", i) }

func (b *insightsBench) put(ctx context.Context, stream int, events []logtypes.InputLogEvent) error {
	if len(events) == 0 {
		return nil
	}
	in := &cloudwatchlogs.PutLogEventsInput{LogGroupName: aws.String(insightsGroup), LogStreamName: aws.String(streamName(stream)), LogEvents: events}
	_, err := b.logs.PutLogEvents(ctx, in, cloudwatchlogs.WithAPIOptions(smithyhttp.AddHeaderValue(awsapi.OldEventsHeader, "true")))
	return err
}

// loadPeer starts ClickHouse and loads both of its tables.
func (b *insightsBench) loadPeer(ctx context.Context) (stop func(), err error) {
	dir, err := os.MkdirTemp("", "tollbook-bench-insights")
	if err != nil {
		return func() {}, err
	}
	stop = func() { os.RemoveAll(dir) }
	tables, err := startClickHouse(ctx, dir)
	if err != nil {
		return stop, err
	}
	peer := tables[0].(*clickHouse).clickHouseProcess
	stop = func() { peer.stop(); os.RemoveAll(dir) }
	for _, table := range tables {
		if _, err := table.load(ctx, newSource(b.entries, 0)); err != nil {
			return stop, err
		}
	}
	b.peer = peer
	return stop, nil
}

func (b *insightsBench) askAll(ctx context.Context) error {
	b.own, b.sql = make([][]time.Duration, len(insightsQuestions)), make([][]time.Duration, len(insightsQuestions))
	for round := range b.rounds + 1 {
		for i, q := range insightsQuestions {
			answer, took, err := b.ask(ctx, q)
			if err != nil {
				return fmt.Errorf("ask for %s: %w", q.title, err)
			}
			other, peerTook, err := b.askPeer(q)
			if err != nil {
				return err
			}
			if b.peer != nil && q.table != nil && answer != other && round == 0 {
				fmt.Printf("%s: ClickHouse gives another answer:\n%s\ninstead of\n%s\n", q.title, other, answer)
			}
			if round > 0 { // the first is a warm-up of both
				b.own[i], b.sql[i] = append(b.own[i], took), append(b.sql[i], peerTook)
			}
		}
	}
	return nil
}

// ask runs a query to its end.
func (b *insightsBench) ask(ctx context.Context, q insightsQuestion) (answer string, took time.Duration, err error) {
	end := b.last
	if q.tenth {
		end = b.tenthEnd().Add(-time.Second) // inclusive
	}
	begin := time.Now()
	started, err := b.logs.StartQuery(ctx, &cloudwatchlogs.StartQueryInput{
		LogGroupName: aws.String(insightsGroup), QueryString: &q.query, StartTime: aws.Int64(b.first.Unix()), EndTime: aws.Int64(end.Unix()),
	})
	if err != nil {
		return "", 0, err
	}
	for {
		results, err := b.logs.GetQueryResults(ctx, &cloudwatchlogs.GetQueryResultsInput{QueryId: started.QueryId})
		if err != nil {
			return "", 0, err
		}
		switch results.Status {
		case logtypes.QueryStatusScheduled, logtypes.QueryStatusRunning:
			continue // the server waits before it says so
		case logtypes.QueryStatusComplete:
			return rowsAnswer(results.Results), time.Since(begin), nil
		}
		return "", 0, fmt.Errorf("the query ended as %s", results.Status)
	}
}

// tenthEnd is a full second, since queries have no finer range.
func (b *insightsBench) tenthEnd() time.Time {
	return b.first.Add(b.last.Sub(b.first) / 10).Truncate(time.Second)
}

// rowsAnswer is the first two fields of each row, sorted.
func rowsAnswer(rows [][]logtypes.ResultField) string {
	var lines []string
	for _, row := range rows {
		if len(row) < 2 {
			continue
		}
		lines = append(lines, aws.ToString(row[0].Value)+"\t"+aws.ToString(row[1].Value))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func (b *insightsBench) askPeer(q insightsQuestion) (answer string, took time.Duration, err error) {
	if b.peer == nil || q.table == nil {
		return "", 0, nil
	}
	sql := q.sql
	if q.tenth {
		sql = fmt.Sprintf(sql, b.tenthEnd().Format("2006-01-02 15:04:05"))
	}
	text, took, err := b.peer.query(sql)
	var lines []string
	for line := range strings.Lines(text) {
		columns := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		lines = append(lines, strings.Join(columns[:min(2, len(columns))], "\t"))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n"), took, err
}

func (b *insightsBench) print() {
	fmt.Printf("\nLogs Insights through StartQuery and GetQueryResults: %s entries, 300 streams; %d interleaved rounds, medians\n", thousands(b.entries), b.rounds)
	fmt.Printf("%-46s%14s%16s%10s\n", "", "Tollbook", "ClickHouse", "ratio")
	for i, q := range insightsQuestions {
		own := median(b.own[i])
		peer, ratio := "–", "–"
		if b.peer != nil && q.table != nil {
			p := median(b.sql[i])
			peer, ratio = formatTime(p), fmt.Sprintf("%.2f", own.Seconds()/p.Seconds())
		}
		fmt.Printf("%-46s%14s%16s%10s\n", q.title, formatTime(own), peer, ratio)
	}
}
