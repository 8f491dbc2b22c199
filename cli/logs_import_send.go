package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/logfile"
)

const (
	maxAttempts  = 6
	firstBackoff = 200 * time.Millisecond // doubles with each attempt
)

// errTooOld ends an import into a log service that keeps to AWS' limit of 14 days.
var errTooOld = errors.New("the log service takes no events older than 14 days")

// send imports what is left of the source.
func (f *fileImport) send(ctx context.Context) (err error) {
	if f.record.Created, err = f.run.target.create(ctx, f.record.Stream); err != nil {
		return err
	}
	if !f.known {
		f.record.ID = f.run.journal.newID()
	}
	c, closeSource, err := f.read(&f.run.bar.read)
	if err != nil {
		return err
	}
	defer closeSource()
	c.tooLong = func(line logfile.Line) {
		f.run.note("%s:%d: line of %d bytes is above the limit of %d; not imported", f.source.name(), line.Number, line.Length, maxMessage)
	}
	defer func() { f.counts = c.counts }()
	for {
		b, err := c.next()
		if errors.Is(err, io.EOF) {
			return f.finish(c.mark())
		} else if err != nil {
			return errors.Join(fmt.Errorf("read %s: %w", f.source.name(), err), f.finish(c.mark()))
		}
		if err := f.deliver(ctx, b); err != nil {
			return fmt.Errorf("import %s: %w", f.source.name(), err)
		}
	}
}

// finish records that everything before the mark is done.
func (f *fileImport) finish(at mark) error {
	f.record.Done, f.record.Sending, f.record.Present = at, 0, 0
	return f.run.journal.write(f.record)
}

// deliver brings a batch into the stream once: what is being sent is on record before, and where it may be in the stream
// already, because an earlier import ended between sending and recording, the stream is asked.
func (f *fileImport) deliver(ctx context.Context, b *batch) error {
	rest := b
	if f.doubt {
		if b.from.Bytes == f.record.Done.Bytes {
			rest = b.without(min(f.record.Present, len(b.events)))
		}
		n, err := f.present(ctx, rest)
		if err != nil {
			return err
		}
		f.run.tally.alreadyThere.Add(int64(n))
		rest = rest.without(n)
	}
	if len(rest.events) == 0 {
		return nil
	}
	f.record.Done, f.record.Sending, f.record.Present = b.from, b.to.Bytes, len(b.events)-len(rest.events)
	if err := f.run.journal.write(f.record); err != nil {
		return err
	}
	stored, err := f.put(ctx, rest)
	f.doubt = f.doubt && stored == 0 // batches are sent in order: none behind one that was absent is there
	return err
}

// put sends a batch, again if need be, and tells how many of its events are stored. The SDK does not repeat the call by itself, since one that broke off may have been
// carried out.
func (f *fileImport) put(ctx context.Context, b *batch) (stored int64, err error) {
	events := b.sorted()
	in := &cloudwatchlogs.PutLogEventsInput{LogGroupName: &f.run.target.group, LogStreamName: &f.record.Stream, LogEvents: make([]types.InputLogEvent, len(events))}
	for i := range events {
		in.LogEvents[i] = types.InputLogEvent{Timestamp: &events[i].time, Message: &events[i].message}
	}
	for attempt, backoff := 1, firstBackoff; ; attempt, backoff = attempt+1, 2*backoff {
		out, err := f.run.target.logs.PutLogEvents(ctx, in, oldEvents, once)
		if err == nil {
			return f.account(b, out.RejectedLogEventsInfo)
		}
		again, doubt := outcome(err)
		if !again || attempt == maxAttempts || ctx.Err() != nil {
			return 0, fmt.Errorf("put %d events: %w", len(events), err)
		}
		f.run.note("%s: %v; trying again", f.source.name(), err)
		if err := pause(ctx, backoff); err != nil {
			return 0, err
		}
		if !doubt {
			continue
		}
		if there, err := f.all(ctx, b); err != nil {
			return 0, err
		} else if there {
			return f.account(b, nil)
		}
	}
}

// oldEvents asks for the events' own times, however old. AWS does not know the header and rejects old events.
func oldEvents(o *cloudwatchlogs.Options) {
	o.APIOptions = append(o.APIOptions, smithyhttp.AddHeaderValue(awsapi.OldEventsHeader, "true"))
}

func once(o *cloudwatchlogs.Options) { o.RetryMaxAttempts = 1 }

// outcome tells of a failed call whether to try again, and whether it may have been carried out all the same.
func outcome(err error) (again, doubt bool) {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return true, true // the connection
	}
	if code := api.ErrorCode(); strings.HasPrefix(code, "Throttling") || code == "TooManyRequestsException" {
		return true, false
	}
	var response *smithyhttp.ResponseError
	again = api.ErrorFault() == smithy.FaultServer || errors.As(err, &response) && response.HTTPStatusCode() >= 500
	return again, again
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// account counts what became of a batch's events and tells how many of them are stored.
func (f *fileImport) account(b *batch, rejected *types.RejectedLogEventsInfo) (stored int64, err error) {
	if rejected == nil {
		rejected = &types.RejectedLogEventsInfo{}
	}
	tooOld, ahead := int64(aws.ToInt32(rejected.TooOldLogEventEndIndex)), int64(0)
	if tooOld > 0 && !f.run.cmd.SkipOld {
		return 0, errTooOld
	}
	if rejected.TooNewLogEventStartIndex != nil {
		ahead = int64(len(b.events)) - int64(*rejected.TooNewLogEventStartIndex)
	}
	old := max(tooOld, int64(aws.ToInt32(rejected.ExpiredLogEventEndIndex)))
	f.run.sent(b, old, ahead)
	return int64(len(b.events)) - old - ahead, nil
}
