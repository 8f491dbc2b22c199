package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

type tailLogs struct {
	endpoint     `embed:""`
	eventFormat  `embed:""`
	Group        string        `arg:"" help:"Log group."`
	StreamPrefix string        `help:"Only log streams whose names begin so." xor:"streams" placeholder:"P"`
	Stream       []string      `help:"Only this log stream; may be given several times." xor:"streams" sep:"none"`
	Since        string        `help:"Where to begin: how long ago (10m, 2h, 3d) or a time." default:"10m" placeholder:"TIME"`
	Filter       string        `help:"Only events that match this filter pattern." placeholder:"PATTERN"`
	Follow       bool          `short:"f" help:"Go on with new events until interrupted."`
	Interval     time.Duration `help:"How often --follow looks for new events." default:"1s"`
}

// Run prints the events; with --follow it ends when ctx does.
func (t *tailLogs) Run(ctx context.Context, std streams) error {
	since, err := parseWhen(t.Since, time.Now())
	if err != nil {
		return fmt.Errorf("--since: %w", err)
	}
	clients, err := t.connect(ctx)
	if err != nil {
		return err
	}
	seen := &tailSeen{newest: since, at: map[string]bool{}}
	for {
		err := t.printNew(ctx, clients.logs, std, seen)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil || !t.Follow {
			return err
		}
		if pause(ctx, t.Interval) != nil {
			return nil
		}
	}
}

// printNew prints what was not seen before.
func (t *tailLogs) printNew(ctx context.Context, logs *cloudwatchlogs.Client, std streams, seen *tailSeen) error {
	in := cloudwatchlogs.FilterLogEventsInput{
		LogGroupName: &t.Group, LogStreamNamePrefix: optional(t.StreamPrefix), LogStreamNames: t.Stream,
		FilterPattern: optional(t.Filter), StartTime: aws.Int64(seen.newest),
	}
	out := bufio.NewWriter(std.out)
	for e, err := range filtered(ctx, logs, in) {
		if err != nil {
			return errors.Join(err, out.Flush())
		}
		if !seen.add(e) {
			continue
		}
		if err := t.print(out, e); err != nil {
			return err
		}
	}
	return out.Flush()
}

// tailSeen is how aws logs tail tells new events: it asks from the newest timestamp on, inclusive, and remembers which
// events of that time it has.
type tailSeen struct {
	newest int64
	at     map[string]bool // IDs of the events at newest
}

func (s *tailSeen) add(e types.FilteredLogEvent) (isNew bool) {
	when, id := aws.ToInt64(e.Timestamp), aws.ToString(e.EventId)
	if when == s.newest && s.at[id] {
		return false
	}
	if when > s.newest {
		s.newest = when
		clear(s.at)
	}
	if when == s.newest {
		s.at[id] = true
	}
	return true
}
