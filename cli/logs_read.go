package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

// logsCommand is what people without the aws CLI need of the log service, and what brings log files in and out.
type logsCommand struct {
	Import importLogs `cmd:"" help:"Import log files (NGINX, Apache, JSON lines, text; plain, gzip or zstd) into a log group."`
	Export exportLogs `cmd:"" help:"Write the events of a log group to a file: JSON lines, Parquet or text."`
	Tail   tailLogs   `cmd:"" help:"Print the last events of a log group, and with -f those that arrive."`
	Ls     listLogs   `cmd:"" help:"List log groups, or the log streams of one, the latest first."`
	Get    getLogs    `cmd:"" help:"Print the events of one log stream."`
	Query  queryLogs  `cmd:"" help:"Ask log groups a Logs Insights query and print a table, a chart, CSV or JSON."`
}

// eventFormat is how an event is printed for people.
type eventFormat struct {
	Format string `help:"How events are printed: short (time and message), detailed (and log stream) or json (detailed, with messages that are JSON spread over lines)." enum:"short,detailed,json" default:"detailed"`
}

// print writes an event. The forms are those of aws logs tail.
func (f eventFormat) print(out io.Writer, e types.FilteredLogEvent) error {
	when, message := time.UnixMilli(aws.ToInt64(e.Timestamp)).UTC(), []byte(aws.ToString(e.Message))
	if f.Format == "short" {
		_, err := fmt.Fprintf(out, "%s %s\n", when.Format("2006-01-02T15:04:05"), message)
		return err
	}
	if f.Format == "json" {
		var spread bytes.Buffer
		if spread.WriteByte('\n'); len(message) > 0 && message[0] == '{' && json.Indent(&spread, message, "", "    ") == nil {
			message = spread.Bytes()
		}
	}
	_, err := fmt.Fprintf(out, "%s %s %s\n", when.Format("2006-01-02T15:04:05.000000-07:00"), aws.ToString(e.LogStreamName), message)
	return err
}

// filtered returns the events that a FilterLogEvents request finds, page after page.
func filtered(ctx context.Context, logs *cloudwatchlogs.Client, in cloudwatchlogs.FilterLogEventsInput) iter.Seq2[types.FilteredLogEvent, error] {
	return func(yield func(types.FilteredLogEvent, error) bool) {
		for {
			page, err := logs.FilterLogEvents(ctx, &in)
			if err != nil {
				yield(types.FilteredLogEvent{}, fmt.Errorf("read log group %s: %w", aws.ToString(in.LogGroupName), err))
				return
			}
			for _, e := range page.Events {
				if !yield(e, nil) {
					return
				}
			}
			if in.NextToken = page.NextToken; in.NextToken == nil {
				return
			}
		}
	}
}

// optional is nil for an empty text, as requests want it.
func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
