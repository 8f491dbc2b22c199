package logs_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/tollbook/tollbook/awsapi/awslogs"
	"github.com/tollbook/tollbook/logs"
)

func (f *fixture) expectTimes(group, stream string, first, last int64) {
	f.t.Helper()
	for _, s := range f.describeStreams(&awslogs.DescribeLogStreamsRequest{LogGroupName: &group}) {
		if *s.LogStreamName != stream {
			continue
		}
		if s.LastEventTimestamp == nil || *s.FirstEventTimestamp != start+first || *s.LastEventTimestamp != start+last {
			f.t.Errorf("stream %s: first event %v, last %v; want %d and %d", stream, s.FirstEventTimestamp, s.LastEventTimestamp,
				start+first, start+last)
		}
		return
	}
	f.t.Errorf("there is no stream %s", stream)
}

// Streams whose times are not written yet stay in memory; the others come back from their records.
func TestForgettingStreamsLosesNothing(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.createGroup("g")
	f.createStream("g", "s")
	f.put("g", "s", event(10, "m"), event(20, "m"))
	if left := f.ForgetStreams(); left != 1 {
		t.Errorf("%d streams are left, want the one that is not written", left)
	}
	f.expectTimes("g", "s", 10, 20)
	if left := f.ForgetStreams(); left != 0 {
		t.Errorf("%d streams are left, want none", left)
	}
	f.put("g", "s", event(15, "m"))
	f.expectTimes("g", "s", 10, 20)

	entry := []logs.Entry{{Stream: 3, Timestamp: start, Message: "m"}}
	for range 2 {
		f.must(f.AppendEntries(f.ctx, accessDestination(), entry))
		f.describeStreams(&awslogs.DescribeLogStreamsRequest{LogGroupName: new(accessGroup)})
		f.ForgetStreams()
	}
	if got := f.filter(accessGroup); len(got) != 2 {
		t.Errorf("the access log has %d entries, want 2", len(got))
	}
}

func TestTimesThatCouldNotBeWrittenAreWrittenLater(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.createGroup("g")
	f.createStream("g", "s")
	f.put("g", "s", event(1, "m"))
	cancelled, cancel := context.WithCancel(f.ctx)
	cancel()
	if _, err := f.DescribeLogStreams(cancelled, &awslogs.DescribeLogStreamsRequest{LogGroupName: new("g")}); err == nil {
		t.Error("a cancelled request was answered")
	}
	f.expectTimes("g", "s", 1, 1)
}

// Appends while times are being written are not lost.
func TestTimesUnderConcurrentAppends(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.createGroup("g")
	const streams, each = 3, 50
	var appends sync.WaitGroup
	for i := range streams {
		name := fmt.Sprint(i)
		f.createStream("g", name)
		appends.Go(func() {
			for n := range int64(each) {
				if _, err := f.PutLogEvents(f.ctx, putRequest("g", name, event(-n, "m"), event(n, "m"))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	done := make(chan struct{})
	var reads sync.WaitGroup
	reads.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
				if _, err := f.DescribeLogStreams(f.ctx, &awslogs.DescribeLogStreamsRequest{LogGroupName: new("g")}); err != nil {
					t.Error(err)
				}
			}
		}
	})
	appends.Wait()
	close(done)
	reads.Wait()
	for i := range streams {
		f.expectTimes("g", fmt.Sprint(i), 1-each, each-1)
	}
}
