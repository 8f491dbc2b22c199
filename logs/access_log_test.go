package logs_test

import (
	"crypto/md5"
	"fmt"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/tollbook/tollbook/awsapi/awslogs"
	"github.com/tollbook/tollbook/logs"
)

const accessGroup = "API-Gateway-Access-Logs_abc123/prod"

func accessDestination() logs.Destination {
	return logs.Destination{AccountID: account, Region: region, Group: accessGroup}
}

func TestAccessLogGroupHasItsStreams(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for range 2 { // the second time there is nothing to do
		f.must(f.EnsureAccessLogGroup(f.ctx, accessDestination()))
	}
	names := f.streamPages(awslogs.DescribeLogStreamsRequest{LogGroupName: new(accessGroup)})
	want := map[string]bool{}
	for i := range 300 {
		want[fmt.Sprintf("%x", md5.Sum(fmt.Appendf(nil, "%s/%d", accessGroup, i)))] = true
	}
	if len(names) != 300 || len(want) != 300 {
		t.Fatalf("there are %d streams", len(names))
	}
	for _, name := range names {
		if !want[name] {
			t.Errorf("there is a stream %s", name)
		}
	}
}

func TestAppendEntriesKeepsOrderAndStreams(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	var entries []logs.Entry
	for i := range 1000 {
		entries = append(entries, logs.Entry{Stream: i * 7 % 10, Timestamp: start + int64(i/10), Message: fmt.Sprint(i)})
	}
	f.must(f.AppendEntries(f.ctx, accessDestination(), entries))
	if f.store.appends != 1 {
		t.Errorf("the store was called %d times, want once", f.store.appends)
	}
	for index := range 10 {
		var want []string
		for _, e := range entries {
			if e.Stream == index {
				want = append(want, e.Message)
			}
		}
		name := fmt.Sprintf("%x", md5.Sum(fmt.Appendf(nil, "%s/%d", accessGroup, index)))
		if diff := cmp.Diff(want, messages(f.getEvents(accessGroup, name))); diff != "" {
			t.Errorf("stream %d: %s", index, diff)
		}
	}
	latest := f.describeStreams(&awslogs.DescribeLogStreamsRequest{
		LogGroupName: new(accessGroup), OrderBy: new("LastEventTime"), Descending: new(true), Limit: new(int32(11)),
	})
	if *latest[0].LastEventTimestamp != start+99 || *latest[9].FirstEventTimestamp != start || latest[10].LastEventTimestamp != nil {
		t.Error("the streams' event times are not those of the entries")
	}
}

func TestAppendEntriesRefusesAnUnknownStreamWhole(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	err := f.AppendEntries(f.ctx, accessDestination(), []logs.Entry{{Stream: 0, Timestamp: start, Message: "a"}, {Stream: 300, Timestamp: start, Message: "b"}})
	if err == nil || f.store.held() != 0 {
		t.Errorf("error %v, %d events stored", err, f.store.held())
	}
}

func TestAppendEntriesAfterDeletions(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	entry := []logs.Entry{{Stream: 42, Timestamp: start, Message: "m"}}
	f.must(f.AppendEntries(f.ctx, accessDestination(), entry))
	name := *f.describeStreams(&awslogs.DescribeLogStreamsRequest{
		LogGroupName: new(accessGroup), OrderBy: new("LastEventTime"), Descending: new(true),
	})[0].LogStreamName

	f.must(f.DeleteLogStream(f.ctx, &awslogs.DeleteLogStreamRequest{LogGroupName: accessGroup, LogStreamName: name}))
	f.must(f.AppendEntries(f.ctx, accessDestination(), entry))
	if got := f.getEvents(accessGroup, name); len(got) != 1 {
		t.Errorf("after the stream was deleted it has %d events, want 1", len(got))
	}
	f.must(f.DeleteLogGroup(f.ctx, &awslogs.DeleteLogGroupRequest{LogGroupName: accessGroup}))
	f.must(f.AppendEntries(f.ctx, accessDestination(), entry))
	if got := f.filter(accessGroup); len(got) != 1 {
		t.Errorf("after the group was deleted it has %d events, want 1", len(got))
	}
	if n := len(f.streamPages(awslogs.DescribeLogStreamsRequest{LogGroupName: new(accessGroup)})); n != 300 {
		t.Errorf("after the group was deleted it has %d streams, want 300", n)
	}
}

func TestLongEntriesAreCutBeforeACharacter(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.must(f.AppendEntries(f.ctx, accessDestination(), []logs.Entry{
		{Stream: 0, Timestamp: start, Message: strings.Repeat("x", 1_048_551)},
		{Stream: 0, Timestamp: start + 1, Message: "x" + strings.Repeat("€", 400_000)},
	}))
	for _, m := range f.filtered(awslogs.FilterLogEventsRequest{LogGroupName: new(accessGroup)}) {
		if len(m) > 1_048_550 || len(m) < 1_048_548 || !utf8.ValidString(m) {
			t.Errorf("a message was cut to %d bytes", len(m))
		}
	}
}

func TestEnsureGroup(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	dest := logs.Destination{AccountID: account, Region: region, Group: "/aws/apigateway/welcome"}
	for range 2 {
		f.must(f.EnsureGroup(f.ctx, dest, "s", "Cloudwatch logs enabled for API Gateway"))
	}
	if diff := cmp.Diff([]string{"Cloudwatch logs enabled for API Gateway"}, f.filter(dest.Group)); diff != "" {
		t.Error(diff)
	}
}

// Whatever runs at the same time, events of what was deleted do not come back, and nothing is in the store that no
// stream has.
func TestAppendsRacingWithDeletions(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	var work sync.WaitGroup
	for range 3 {
		work.Go(func() {
			for range 30 {
				if err := f.AppendEntries(f.ctx, accessDestination(), []logs.Entry{{Stream: 1, Timestamp: start, Message: "m"}}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	work.Go(func() {
		for range 10 {
			_ = f.DeleteLogGroup(f.ctx, &awslogs.DeleteLogGroupRequest{LogGroupName: accessGroup})
		}
	})
	work.Wait()
	f.must(f.EnsureAccessLogGroup(f.ctx, accessDestination()))
	if visible := len(f.filter(accessGroup)); visible != f.store.held() {
		t.Errorf("%d events can be read, the store holds %d", visible, f.store.held())
	}
	f.must(f.DeleteLogGroup(f.ctx, &awslogs.DeleteLogGroupRequest{LogGroupName: accessGroup}))
	if f.store.held() != 0 {
		t.Errorf("after the deletion the store holds %d events", f.store.held())
	}
}

// A deletion waits for the append that is under way, and the next append finds the group gone.
func TestDeletionWaitsForAppends(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.createGroup("g")
	f.createStream("g", "s")
	appending, goOn := make(chan struct{}), make(chan struct{})
	f.store.beforeAppend = func([]logs.Batch) error {
		close(appending)
		<-goOn
		return nil
	}
	var work sync.WaitGroup
	work.Go(func() {
		if _, err := f.PutLogEvents(f.ctx, putRequest("g", "s", event(0, "m"))); err != nil {
			t.Error(err)
		}
	})
	<-appending
	work.Go(func() {
		if err := f.DeleteLogGroup(f.ctx, &awslogs.DeleteLogGroupRequest{LogGroupName: "g"}); err != nil {
			t.Error(err)
		}
	})
	close(goOn)
	work.Wait()
	_, err := f.PutLogEvents(f.ctx, putRequest("g", "s", event(0, "m")))
	expectError(t, "put after deletion", err, noGroup)
	if f.store.held() != 0 {
		t.Errorf("the store holds %d events", f.store.held())
	}
}
