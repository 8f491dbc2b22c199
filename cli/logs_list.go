package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

type listLogs struct {
	endpoint `embed:""`
	Group    string `arg:"" optional:"" help:"Log group whose log streams to list; without one, log groups are listed."`
	Prefix   string `help:"Only names that begin so." placeholder:"P"`
	Limit    int    `help:"Most log streams to list." default:"1000"`
}

// Run prints a table.
func (l *listLogs) Run(ctx context.Context, std streams) error {
	clients, err := l.connect(ctx)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	if l.Group == "" {
		err = l.groups(ctx, clients.logs, table)
	} else {
		err = l.streams(ctx, clients.logs, table)
	}
	return errors.Join(err, table.Flush())
}

func (l *listLogs) groups(ctx context.Context, logs *cloudwatchlogs.Client, table io.Writer) error {
	fmt.Fprintln(table, "LOG GROUP\tSTORED\tRETENTION\tLAST EVENT")
	pages := cloudwatchlogs.NewDescribeLogGroupsPaginator(logs, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: optional(l.Prefix)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("list log groups: %w", err)
		}
		for _, g := range page.LogGroups {
			last, err := lastEvent(ctx, logs, g.LogGroupName)
			if err != nil {
				return err
			}
			kept := "for ever"
			if g.RetentionInDays != nil {
				kept = fmt.Sprintf("%d days", *g.RetentionInDays)
			}
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", aws.ToString(g.LogGroupName), size(aws.ToInt64(g.StoredBytes)), kept, moment(last))
		}
	}
	return nil
}

// lastEvent is the time of a group's last event, or nil if it has none or is gone.
func lastEvent(ctx context.Context, logs *cloudwatchlogs.Client, group *string) (*int64, error) {
	page, err := logs.DescribeLogStreams(ctx, &cloudwatchlogs.DescribeLogStreamsInput{
		LogGroupName: group, OrderBy: types.OrderByLastEventTime, Descending: aws.Bool(true), Limit: aws.Int32(1),
	})
	if hasCode(err, "ResourceNotFoundException") {
		return nil, nil
	} else if err != nil {
		return nil, fmt.Errorf("list log streams of %s: %w", aws.ToString(group), err)
	}
	if len(page.LogStreams) == 0 {
		return nil, nil
	}
	return page.LogStreams[0].LastEventTimestamp, nil
}

// streams lists by last event, which AWS does not offer together with a prefix: then all of them are read and sorted.
func (l *listLogs) streams(ctx context.Context, logs *cloudwatchlogs.Client, table io.Writer) error {
	in := &cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: &l.Group, LogStreamNamePrefix: optional(l.Prefix)}
	if l.Prefix == "" {
		in.OrderBy, in.Descending = types.OrderByLastEventTime, aws.Bool(true)
	}
	var found []types.LogStream
	pages := cloudwatchlogs.NewDescribeLogStreamsPaginator(logs, in)
	for pages.HasMorePages() && (l.Prefix != "" || len(found) < l.Limit) {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("list log streams of %s: %w", l.Group, err)
		}
		found = append(found, page.LogStreams...)
	}
	slices.SortStableFunc(found, func(a, b types.LogStream) int {
		return int(min(max(aws.ToInt64(b.LastEventTimestamp)-aws.ToInt64(a.LastEventTimestamp), -1), 1))
	})
	fmt.Fprintln(table, "LOG STREAM\tFIRST EVENT\tLAST EVENT\tLAST INGESTION")
	for _, s := range found[:min(len(found), max(0, l.Limit))] {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", aws.ToString(s.LogStreamName), moment(s.FirstEventTimestamp), moment(s.LastEventTimestamp), moment(s.LastIngestionTime))
	}
	return nil
}

func moment(ms *int64) string {
	if ms == nil {
		return "-"
	}
	return clock(*ms)
}
