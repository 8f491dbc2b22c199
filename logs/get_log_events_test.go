package logs_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tollbook/tollbook/awsapi/awslogs"
)

func (f *fixture) get(in awslogs.GetLogEventsRequest) *awslogs.GetLogEventsResponse {
	f.t.Helper()
	if in.LogGroupName == nil && in.LogGroupIdentifier == nil {
		in.LogGroupName = new("g")
	}
	if in.LogStreamName == "" {
		in.LogStreamName = "s"
	}
	out, err := f.GetLogEvents(f.ctx, &in)
	f.must(err)
	return out
}

func (f *fixture) getEvents(group, stream string) []awslogs.OutputLogEvent {
	f.t.Helper()
	return f.get(awslogs.GetLogEventsRequest{LogGroupName: &group, LogStreamName: stream, StartFromHead: new(true)}).Events
}

func messages(events []awslogs.OutputLogEvent) (all []string) {
	for _, e := range events {
		all = append(all, *e.Message)
	}
	return all
}

// streamOf makes group g with stream s and n events, named by their numbers, a millisecond apart.
func (f *fixture) streamOf(n int) {
	f.t.Helper()
	f.createGroup("g")
	f.createStream("g", "s")
	for i := range n {
		f.put("g", "s", event(int64(i), fmt.Sprint(i)))
	}
}

func numbers(from, to int) (all []string) {
	for i := from; i < to; i++ {
		all = append(all, fmt.Sprint(i))
	}
	return all
}

func TestGetLogEventsErrors(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.streamOf(1)
	_, err := f.GetLogEvents(f.ctx, &awslogs.GetLogEventsRequest{LogGroupName: new("g"), LogStreamName: "none"})
	expectError(t, "no stream", err, noStream)
	for _, token := range []string{"", "x", "f/", "f/-1/s", "g/123/s", "f/1x/s", "f/" + strings.Repeat("9", 70), "/s", "b/+1"} {
		_, err := f.GetLogEvents(f.ctx, &awslogs.GetLogEventsRequest{LogGroupName: new("g"), LogStreamName: "s", NextToken: &token})
		expectError(t, "token "+token, err, badToken)
	}
	f.must(f.CreateLogGroup(f.ctx, &awslogs.CreateLogGroupRequest{LogGroupName: "rare", LogGroupClass: new("INFREQUENT_ACCESS")}))
	f.createStream("rare", "s")
	_, err = f.GetLogEvents(f.ctx, &awslogs.GetLogEventsRequest{LogGroupName: new("rare"), LogStreamName: "s"})
	expectError(t, "class", err, standardOnly)
}

func TestGetLogEventsSelects(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.streamOf(10)
	f.createStream("g", "other")
	f.put("g", "other", event(5, "other"))
	at := func(ms int64) *int64 { return new(start + ms) }
	tests := []struct {
		name string
		in   awslogs.GetLogEventsRequest
		want []string
	}{
		{"newest page by default, ascending", awslogs.GetLogEventsRequest{Limit: new(int32(3))}, numbers(7, 10)},
		{"oldest page", awslogs.GetLogEventsRequest{Limit: new(int32(3)), StartFromHead: new(true)}, numbers(0, 3)},
		{"start is inclusive, end exclusive", awslogs.GetLogEventsRequest{StartTime: at(2), EndTime: at(5)}, numbers(2, 5)},
		{"nothing there", awslogs.GetLogEventsRequest{StartTime: at(99)}, nil},
	}
	for _, tc := range tests {
		out := f.get(tc.in)
		if diff := cmp.Diff(tc.want, messages(out.Events)); diff != "" {
			t.Errorf("%s: %s", tc.name, diff)
		}
		shape := regexp.MustCompile(`^[fb]/\d{56}/s$`)
		if !shape.MatchString(*out.NextForwardToken) || !shape.MatchString(*out.NextBackwardToken) {
			t.Errorf("%s: tokens %s and %s", tc.name, *out.NextForwardToken, *out.NextBackwardToken)
		}
	}
}

func TestGetLogEventsMembers(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.streamOf(1)
	want := []awslogs.OutputLogEvent{{Timestamp: new(start), IngestionTime: new(start), Message: new("0")}}
	if diff := cmp.Diff(want, f.getEvents("g", "s")); diff != "" {
		t.Error(diff)
	}
}

func TestGetLogEventsPagesBothWays(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.streamOf(10)
	limit := new(int32(4))
	page := f.get(awslogs.GetLogEventsRequest{Limit: limit, StartFromHead: new(true)})
	expect := func(what string, want []string) {
		t.Helper()
		if diff := cmp.Diff(want, messages(page.Events)); diff != "" {
			t.Errorf("%s: %s", what, diff)
		}
	}
	forward := func() { page = f.get(awslogs.GetLogEventsRequest{Limit: limit, NextToken: page.NextForwardToken}) }
	backward := func() { page = f.get(awslogs.GetLogEventsRequest{Limit: limit, NextToken: page.NextBackwardToken}) }
	expect("first page", numbers(0, 4))
	forward()
	expect("second page", numbers(4, 8))
	backward()
	expect("back", numbers(0, 4))
	forward()
	forward()
	expect("last page", numbers(8, 10))
	token := *page.NextForwardToken
	for range 2 {
		forward()
		expect("end", nil)
		if *page.NextForwardToken != token {
			t.Errorf("the end has another token: %s after %s", *page.NextForwardToken, token)
		}
	}
	backward()
	expect("back from the end", numbers(6, 10))
	backward()
	backward()
	expect("first events", numbers(0, 2))
	token = *page.NextBackwardToken
	backward()
	expect("beginning", nil)
	if *page.NextBackwardToken != token {
		t.Error("the beginning has another token")
	}
	forward()
	expect("forward from the beginning", numbers(0, 4))
}

// A reader at the end of a stream gets what is written next, also if the stream was empty before.
func TestGetLogEventsFollows(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.createGroup("g")
	f.createStream("g", "s")
	page := f.get(awslogs.GetLogEventsRequest{})
	for i := range 3 {
		page = f.get(awslogs.GetLogEventsRequest{NextToken: page.NextForwardToken})
		if len(page.Events) != 0 {
			t.Errorf("before event %d there is %q", i, messages(page.Events))
		}
		f.put("g", "s", event(0, fmt.Sprint(i))) // all at the same time
		page = f.get(awslogs.GetLogEventsRequest{NextToken: new(strings.TrimSuffix(*page.NextForwardToken, "/s"))})
		if diff := cmp.Diff(numbers(i, i+1), messages(page.Events)); diff != "" {
			t.Error(diff)
		}
	}
}

func TestGetLogEventsPageIsOneMegabyte(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.createGroup("g")
	f.createStream("g", "s")
	half := strings.Repeat("x", 524_288-26)
	f.put("g", "s", event(0, half), event(0, half))
	f.put("g", "s", event(0, half))
	f.put("g", "s", event(0, strings.Repeat("x", 524_288-25)))
	page := f.get(awslogs.GetLogEventsRequest{StartFromHead: new(true)})
	if len(page.Events) != 2 {
		t.Errorf("first page has %d events, want the 2 that make exactly 1 MB", len(page.Events))
	}
	page = f.get(awslogs.GetLogEventsRequest{NextToken: page.NextForwardToken})
	if len(page.Events) != 1 {
		t.Errorf("second page has %d events, want 1, since 2 are a byte too many", len(page.Events))
	}
}
