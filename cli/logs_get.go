package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

type getLogs struct {
	endpoint    `embed:""`
	eventFormat `embed:""`
	period      `embed:""`
	Group       string `arg:"" help:"Log group."`
	Stream      string `arg:"" help:"Log stream."`
	Limit       int    `help:"Most events to print; 0 is all." default:"0"`
	Reverse     bool   `help:"The latest event first."`
	Raw         bool   `help:"Print messages only."`
}

// Run prints the events of the stream.
func (g *getLogs) Run(ctx context.Context, std streams) error {
	from, to, err := g.bounds(time.Now())
	if err != nil {
		return err
	}
	clients, err := g.connect(ctx)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(std.out)
	in := &cloudwatchlogs.GetLogEventsInput{
		LogGroupName: &g.Group, LogStreamName: &g.Stream, StartTime: from, EndTime: to, StartFromHead: aws.Bool(!g.Reverse),
	}
	return errors.Join(g.read(ctx, clients.logs, in, out), out.Flush())
}

// read pages through the stream until a page gives back the token that it was asked with.
func (g *getLogs) read(ctx context.Context, logs *cloudwatchlogs.Client, in *cloudwatchlogs.GetLogEventsInput, out io.Writer) error {
	for left := g.Limit; ; {
		if g.Limit > 0 {
			in.Limit = aws.Int32(int32(min(left, maxBatchEvents)))
		}
		page, err := logs.GetLogEvents(ctx, in)
		if err != nil {
			return fmt.Errorf("read log stream %s of %s: %w", g.Stream, g.Group, err)
		}
		next := page.NextForwardToken
		if g.Reverse {
			next = page.NextBackwardToken
			slices.Reverse(page.Events)
		}
		for _, e := range page.Events {
			if err := g.printOne(out, e); err != nil {
				return err
			}
		}
		left -= len(page.Events)
		if g.Limit > 0 && left <= 0 || aws.ToString(next) == aws.ToString(in.NextToken) {
			return nil
		}
		in.NextToken = next
	}
}

func (g *getLogs) printOne(out io.Writer, e types.OutputLogEvent) error {
	if g.Raw {
		_, err := fmt.Fprintln(out, aws.ToString(e.Message))
		return err
	}
	return g.print(out, types.FilteredLogEvent{Timestamp: e.Timestamp, Message: e.Message, LogStreamName: &g.Stream})
}
