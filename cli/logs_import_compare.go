package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
)

const (
	acceptedAge  = 14 * 24 * time.Hour // events younger than this are taken by any log service
	expiryMargin = time.Minute         // events so close to the end of their retention may be gone any moment
)

// identity is what makes an event the same as another.
type identity struct {
	time    int64
	message string
}

// present tells how many events at the beginning of a batch the stream holds. An event is there if the stream holds as many
// copies of it as the file has up to it; this fails only where others write the same lines at the same times. Of a file
// that is on record the batch was sent as a whole or not at all. One that is not on record may have been shorter when it
// was imported.
func (f *fileImport) present(ctx context.Context, b *batch) (int, error) {
	missing, err := f.missing(ctx, b)
	if err != nil || missing == nil {
		return 0, err // all are past their retention: the log group will leave them out again
	}
	if len(missing) == 0 {
		return len(b.events), nil
	}
	if f.known {
		return 0, nil
	}
	return b.before(missing), nil
}

// all tells whether the stream holds a batch that was sent as a whole.
func (f *fileImport) all(ctx context.Context, b *batch) (bool, error) {
	missing, err := f.missing(ctx, b)
	return missing != nil && len(missing) == 0, err
}

// missing counts the copies of a batch's events that the stream lacks; nil if none of them could be there.
func (f *fileImport) missing(ctx context.Context, b *batch) (map[identity]int, error) {
	need := map[identity]int{}
	lowest, highest := int64(math.MaxInt64), int64(0)
	for _, e := range f.witnesses(b) {
		need[identity{e.time, e.message}]++
		lowest, highest = min(lowest, e.time), max(highest, e.time)
	}
	if len(need) == 0 {
		return nil, nil
	}
	if highest <= b.from.Newest { // lines before the batch may be the same
		if err := f.addEarlier(need, b.events[0].line); err != nil {
			return nil, err
		}
	}
	return need, f.remove(ctx, need, lowest, highest)
}

// before is the number of events before the first that is missing: of several copies the last ones are.
func (b *batch) before(missing map[identity]int) int {
	first := len(b.events)
	for i, e := range slices.Backward(b.events) {
		if id := (identity{e.time, e.message}); missing[id] > 0 {
			missing[id]--
			first = i
		}
	}
	return first
}

// witnesses returns the events of a batch that are in the stream if the batch is. Those past their retention are not, and
// those older than 14 days or ahead of time may have been left out.
func (f *fileImport) witnesses(b *batch) []event {
	kept := f.run.target.keptSince()
	if kept > 0 {
		kept += expiryMargin.Milliseconds()
	}
	for _, bounds := range [][2]int64{
		{max(kept, time.Now().Add(-acceptedAge).UnixMilli()), f.sentAt()}, {kept, f.sentAt()}, {kept, math.MaxInt64},
	} {
		var found []event
		for _, e := range b.events {
			if e.time >= bounds[0] && e.time <= bounds[1] {
				found = append(found, e)
			}
		}
		if len(found) > 0 {
			return found
		}
	}
	return nil
}

// sentAt is when a batch in doubt was sent, at the latest.
func (f *fileImport) sentAt() int64 {
	if f.known && f.record.Time > 0 {
		return f.record.Time
	}
	return f.run.begun.UnixMilli()
}

// addEarlier adds the copies of the needed events that the file has before a line.
func (f *fileImport) addEarlier(need map[identity]int, line int64) error {
	if f.source.isStdin() {
		return errors.New("standard input was interrupted among lines of the same time, and cannot be read twice to tell which of them are in the stream: import a file, or use --again to import all")
	}
	in, err := f.source.open(nil)
	if err != nil {
		return err
	}
	defer in.close()
	earlier := map[identity]int{}
	for c := f.cutter(in.Reader); ; {
		b, err := c.next()
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if err != nil || b.events[0].line >= line {
			break
		}
		for _, e := range b.events {
			if id := (identity{e.time, e.message}); need[id] > 0 && e.line < line {
				earlier[id]++
			}
		}
	}
	for id, n := range earlier {
		need[id] += n
	}
	return nil
}

// remove reads the stream between two times, inclusive, and takes what it finds out of the needed events, until none is
// left.
func (f *fileImport) remove(ctx context.Context, need map[identity]int, lowest, highest int64) error {
	in := &cloudwatchlogs.GetLogEventsInput{
		LogGroupName: &f.run.target.group, LogStreamName: &f.record.Stream, StartFromHead: aws.Bool(true),
		StartTime: &lowest, EndTime: aws.Int64(highest + 1),
	}
	for len(need) > 0 {
		page, err := f.run.target.logs.GetLogEvents(ctx, in)
		if err != nil {
			return fmt.Errorf("compare with log stream %s: %w", f.record.Stream, err)
		}
		for _, e := range page.Events {
			id := identity{aws.ToInt64(e.Timestamp), aws.ToString(e.Message)}
			if n := need[id]; n > 1 {
				need[id] = n - 1
			} else if n == 1 {
				delete(need, id)
			}
		}
		if aws.ToString(page.NextForwardToken) == aws.ToString(in.NextToken) {
			break
		}
		in.NextToken = page.NextForwardToken
	}
	return nil
}
