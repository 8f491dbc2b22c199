package logs_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tollbook/tollbook/awsapi/awslogs"
)

func TestLogStreamErrors(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.createGroup("g")
	f.createStream("g", "s")
	expectError(t, "create twice", f.CreateLogStream(f.ctx, &awslogs.CreateLogStreamRequest{LogGroupName: "g", LogStreamName: "s"}),
		"ResourceAlreadyExistsException: The specified log stream already exists")
	expectError(t, "delete missing", f.DeleteLogStream(f.ctx, &awslogs.DeleteLogStreamRequest{LogGroupName: "g", LogStreamName: "t"}), noStream)

	byTime := awslogs.DescribeLogStreamsRequest{LogGroupName: new("g"), OrderBy: new("LastEventTime"), LogStreamNamePrefix: new("a")}
	_, err := f.DescribeLogStreams(f.ctx, &byTime)
	expectError(t, "order by time with prefix", err,
		"InvalidParameterException: Cannot order by LastEventTime with a logStreamNamePrefix.")
	for _, token := range []string{"!", "bnh5", "bnh5eiBh"} {
		_, err := f.DescribeLogStreams(f.ctx, &awslogs.DescribeLogStreamsRequest{LogGroupName: new("g"), NextToken: &token})
		expectError(t, "token "+token, err, badToken)
	}
}

func TestDeletedStreamStartsEmpty(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.createGroup("g")
	f.createStream("g", "other")
	f.put("g", "other", event(0, "stays"))
	for round := range 2 {
		f.createStream("g", "s")
		if got := f.getEvents("g", "s"); len(got) != 0 {
			t.Errorf("round %d begins with %q", round, messages(got))
		}
		f.put("g", "s", event(0, "m"))
		f.must(f.DeleteLogStream(f.ctx, &awslogs.DeleteLogStreamRequest{LogGroupName: "g", LogStreamName: "s"}))
		_, err := f.PutLogEvents(f.ctx, putRequest("g", "s", event(0, "m")))
		expectError(t, "put after deletion", err, noStream)
		if diff := cmp.Diff([]string{"stays"}, f.filter("g")); diff != "" {
			t.Error(diff)
		}
	}
	if f.store.held() != 1 {
		t.Errorf("the store holds %d events, want 1", f.store.held())
	}
}

func TestDescribeLogStreamsMembers(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.createGroup("g")
	f.createStream("g", "empty")
	f.createStream("g", "s")
	f.put("g", "s", event(-5, "m"), event(7, "m"))
	f.clock.Add(1)
	f.put("g", "s", event(2, "m"))
	got := f.describeStreams(&awslogs.DescribeLogStreamsRequest{LogGroupName: new("g")})
	arn := "arn:aws:logs:us-east-1:111111111111:log-group:g:log-stream:"
	want := []awslogs.LogStream{
		{Arn: new(arn + "empty"), CreationTime: new(start), LogStreamName: new("empty"), StoredBytes: new(int64(0))},
		{
			Arn: new(arn + "s"), CreationTime: new(start), LogStreamName: new("s"), StoredBytes: new(int64(0)),
			FirstEventTimestamp: new(start - 5), LastEventTimestamp: new(start + 7), LastIngestionTime: new(start + 1),
			UploadSequenceToken: got[1].UploadSequenceToken,
		},
	}
	if diff := cmp.Diff(want, got); diff != "" || len(*got[1].UploadSequenceToken) != 56 {
		t.Error(diff)
	}
}

// Orders and pages, each with the event times of the append just before.
func TestDescribeLogStreamsOrders(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.createGroup("g")
	const n = 12
	var up, down, byName []string
	for i := range n {
		name := fmt.Sprintf("%02d", i*5%n)
		f.createStream("g", name)
		if i >= 2 { // two stay empty and are the oldest, by name
			f.put("g", name, event(int64(i), "m"))
		}
		up, byName = append(up, name), append(byName, fmt.Sprintf("%02d", i))
	}
	for i := range up {
		down = append(down, up[n-1-i])
	}
	byTime := new("LastEventTime")
	tests := []struct {
		name string
		in   awslogs.DescribeLogStreamsRequest
		want []string
	}{
		{"by name", awslogs.DescribeLogStreamsRequest{}, byName},
		{"by time", awslogs.DescribeLogStreamsRequest{OrderBy: byTime}, up},
		{"by time, descending", awslogs.DescribeLogStreamsRequest{OrderBy: byTime, Descending: new(true)}, down},
		{"prefix", awslogs.DescribeLogStreamsRequest{LogStreamNamePrefix: new("1"), Descending: new(true)}, []string{"11", "10"}},
	}
	for _, tc := range tests {
		for _, limit := range []int32{1, 5, 6, 50} {
			tc.in.LogGroupName, tc.in.Limit, tc.in.NextToken = new("g"), &limit, nil
			if diff := cmp.Diff(tc.want, f.streamPages(tc.in)); diff != "" {
				t.Errorf("%s, %d a page: %s", tc.name, limit, diff)
			}
		}
	}
	f.put("g", down[n-1], event(1000, "m"))
	in := awslogs.DescribeLogStreamsRequest{LogGroupName: new("g"), OrderBy: byTime, Descending: new(true)}
	if got := f.streamPages(in)[0]; got != down[n-1] {
		t.Errorf("after an append the latest stream is %s, want %s", got, down[n-1])
	}
}

func (f *fixture) streamPages(in awslogs.DescribeLogStreamsRequest) (names []string) {
	f.t.Helper()
	for {
		out, err := f.DescribeLogStreams(f.ctx, &in)
		f.must(err)
		for _, s := range out.LogStreams {
			names = append(names, *s.LogStreamName)
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			return names
		}
	}
}
