package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"github.com/tollbook/tollbook/logfile"
)

type exportLogs struct {
	endpoint `embed:""`
	period   `embed:""`
	Group    string   `help:"Log group to export." required:""`
	Stream   []string `help:"Only this log stream; may be given several times." sep:"none"`
	Filter   string   `help:"Only events that match this filter pattern." placeholder:"PATTERN"`
	Format   string   `help:"jsonl (an object with timestamp, ingestionTime, logStream and message a line; logs import --format export reads it), parquet or text." enum:"jsonl,parquet,text" default:"jsonl"`
	Columns  string   `help:"Columns of a Parquet file for fields of messages that are JSON objects: auto (those of the first 1000 events) or none." enum:"auto,none" default:"auto"`
	Raw      bool     `help:"Write messages only, one after another."`
	Output   string   `short:"o" help:"File to write; it has its name only when it is whole. Standard output by default." default:"-" placeholder:"FILE"`
}

// Run writes the export. Of a group that is written to meanwhile it ends where it has caught up, or at --to.
func (x *exportLogs) Run(ctx context.Context, std streams) error {
	if x.Format == "parquet" && (x.Output == "-" || x.Raw) {
		return errors.New("--format parquet needs -o FILE and cannot be --raw")
	}
	now := time.Now()
	from, to, err := x.bounds(now)
	if err != nil {
		return err
	}
	clients, err := x.connect(ctx)
	if err != nil {
		return err
	}
	in := cloudwatchlogs.FilterLogEventsInput{
		LogGroupName: &x.Group, LogStreamNames: x.Stream, FilterPattern: optional(x.Filter), StartTime: from, EndTime: to,
	}
	if in.EndTime != nil {
		in.EndTime = aws.Int64(*to - 1) // the API's end is inclusive
	}
	job := &exportJob{logs: clients.logs, in: in, open: x.writer, bar: newProgress(std.err)}
	if x.Output == "-" {
		return job.write(ctx, std.out)
	}
	job.bar.start()
	err = replaceFile(x.Output, func(out io.Writer) error { return job.write(ctx, out) })
	job.bar.stop()
	if ctx.Err() != nil {
		return fmt.Errorf("interrupted; %s was not written", x.Output)
	} else if err != nil {
		return fmt.Errorf("export %s: %w", x.Group, err)
	}
	fmt.Fprintf(std.err, "wrote %s events to %s in %s\n", grouped(job.bar.events.Load()), x.Output, time.Since(now).Round(10*time.Millisecond))
	return nil
}

func (x *exportLogs) writer(out io.Writer) logfile.EventWriter {
	switch {
	case x.Raw:
		return logfile.ExportMessages(out)
	case x.Format == "parquet":
		return logfile.ExportParquet(out, x.Columns == "auto")
	case x.Format == "text":
		return logfile.ExportText(out)
	}
	return logfile.ExportJSONLines(out)
}

// exportJob is one run of the command.
type exportJob struct {
	logs *cloudwatchlogs.Client
	in   cloudwatchlogs.FilterLogEventsInput
	open func(io.Writer) logfile.EventWriter
	bar  *progress
}

func (j *exportJob) write(ctx context.Context, out io.Writer) error {
	w := j.open(out)
	for e, err := range filtered(ctx, j.logs, j.in) {
		if err != nil {
			return err
		}
		stored := logfile.StoredEvent{
			Timestamp: aws.ToInt64(e.Timestamp), IngestionTime: aws.ToInt64(e.IngestionTime),
			LogStream: aws.ToString(e.LogStreamName), Message: aws.ToString(e.Message),
		}
		if err := w.Write(stored); err != nil {
			return err
		}
		j.bar.events.Add(1)
		j.bar.read.Add(int64(len(stored.Message)))
	}
	return w.Close()
}
