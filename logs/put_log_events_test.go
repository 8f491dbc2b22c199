package logs_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/awslogs"
	"github.com/tollbook/tollbook/logs"
)

func TestPutLogEventsErrors(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.createGroup("g")
	f.createStream("g", "s")
	quarter := strings.Repeat("x", 262_118)
	tests := []struct {
		name string
		in   *awslogs.PutLogEventsRequest
		want string
	}{
		{"no stream", putRequest("g", "none", event(0, "m")), noStream},
		{"event too large", putRequest("g", "s", event(0, strings.Repeat("x", 1_048_551))),
			"InvalidParameterException: Log event too large: 1048577 bytes exceeds limit of 1048576"},
		{"batch too large", putRequest("g", "s", event(0, quarter), event(0, quarter), event(0, quarter), event(0, quarter), event(0, "m")),
			"InvalidParameterException: Upload too large: 1048603 bytes exceeds limit of 1048576"},
		{"size comes before order", putRequest("g", "s", event(5, quarter), event(0, quarter), event(0, quarter), event(0, quarter), event(0, "m")),
			"InvalidParameterException: Upload too large: 1048603 bytes exceeds limit of 1048576"},
		{"order", putRequest("none", "s", event(1, "m"), event(0, "m")),
			"InvalidParameterException: Log events in a single PutLogEvents request must be in chronological order."},
		{"span", putRequest("g", "s", event(-day, "m"), event(1, "m")),
			"InvalidParameterException: The batch of log events in a single PutLogEvents request cannot span more than 24 hours."},
	}
	for _, tc := range tests {
		_, err := f.PutLogEvents(f.ctx, tc.in)
		expectError(t, tc.name, err, tc.want)
	}
	if f.store.held() != 0 {
		t.Errorf("%d events were stored", f.store.held())
	}
	f.put("g", "s", event(0, strings.Repeat("ü", 524_275))) // 1,048,550 bytes
	f.put("g", "s", event(-day, "m"), event(0, "m"), event(0, "equal times are fine"))
	if f.store.held() != 4 {
		t.Errorf("%d events are stored, want 4", f.store.held())
	}
}

func TestRejectedLogEvents(t *testing.T) {
	t.Parallel()
	const hour = 60 * 60 * 1000
	tests := []struct {
		name      string
		retention int32
		times     []int64 // after start
		want      *awslogs.RejectedLogEventsInfo
		stored    int
	}{
		{"all good at the edges", 0, []int64{-14 * day, -13 * day}, nil, 2},
		{"future edge", 0, []int64{2 * hour}, nil, 1},
		{"too old", 0, []int64{-30 * day}, &awslogs.RejectedLogEventsInfo{TooOldLogEventEndIndex: new(int32(1))}, 0},
		{"too new", 0, []int64{day}, &awslogs.RejectedLogEventsInfo{TooNewLogEventStartIndex: new(int32(0))}, 0},
		{"a bit of each", 0, []int64{-14*day - 1, 0, 1, 2*hour + 1},
			&awslogs.RejectedLogEventsInfo{TooOldLogEventEndIndex: new(int32(1)), TooNewLogEventStartIndex: new(int32(3))}, 2},
		{"expired", 1, []int64{-day - 1, -day, 0}, &awslogs.RejectedLogEventsInfo{ExpiredLogEventEndIndex: new(int32(1))}, 2},
		{"expired and too old", 7, []int64{-20 * day, -8 * day, 0},
			&awslogs.RejectedLogEventsInfo{TooOldLogEventEndIndex: new(int32(1)), ExpiredLogEventEndIndex: new(int32(2))}, 1},
		{"retention longer than AWS takes events", 30, []int64{-20 * day, 0},
			&awslogs.RejectedLogEventsInfo{TooOldLogEventEndIndex: new(int32(1))}, 1},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			f.createGroup("g")
			f.createStream("g", "s")
			if tc.retention != 0 {
				f.must(f.PutRetentionPolicy(f.ctx, &awslogs.PutRetentionPolicyRequest{LogGroupName: "g", RetentionInDays: tc.retention}))
			}
			var events []awslogs.InputLogEvent
			for _, after := range tc.times {
				events = append(events, event(after, "m"))
			}
			// A day's span at most is for what is accepted; the first case shows the edges one by one.
			out := f.put("g", "s", events...)
			if diff := cmp.Diff(tc.want, out.RejectedLogEventsInfo); diff != "" {
				t.Error(diff)
			}
			if f.store.held() != tc.stored {
				t.Errorf("%d events were stored, want %d", f.store.held(), tc.stored)
			}
			if len(*out.NextSequenceToken) != 56 {
				t.Errorf("nextSequenceToken = %q, want 56 digits", *out.NextSequenceToken)
			}
		})
	}
}

// TestStoreErrorsReachTheCaller has clients told to try again, and told why where the disk is full.
func TestStoreErrorsReachTheCaller(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		cause error
		want  string
	}{
		{"full disk", syscall.ENOSPC, "ServiceUnavailableException: The log store cannot take events: its disk is full."},
		{"quota", syscall.EDQUOT, "ServiceUnavailableException: The log store cannot take events: its disk is full."},
		{"broken disk", syscall.EIO, "ServiceUnavailableException: The log store cannot take events at present."},
	}
	f := newFixture(t)
	f.createGroup("g")
	f.createStream("g", "s")
	for _, tc := range tests {
		f.store.beforeAppend = func([]logs.Batch) error { return tc.cause }
		_, err := f.PutLogEvents(f.ctx, putRequest("g", "s", event(0, "m")))
		expectError(t, tc.name, err, tc.want)
	}
	if s := f.describeStreams(&awslogs.DescribeLogStreamsRequest{LogGroupName: new("g")})[0]; s.LastEventTimestamp != nil {
		t.Error("the stream counts an event that was not stored")
	}
	f.store.beforeAppend = func([]logs.Batch) error { return context.Canceled }
	if _, err := f.PutLogEvents(f.ctx, putRequest("g", "s", event(0, "m"))); !errors.Is(err, context.Canceled) {
		t.Errorf("a caller that left got %v", err)
	}
	f.store.beforeAppend = nil
	f.put("g", "s", event(0, "m"))
}

func TestOldEventsAreTakenWhereTheRequestAsks(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.createGroup("g")
	f.createStream("g", "s")
	old := putRequest("g", "s", event(-4000*day, "m"))
	importing := awsapi.WithCaller(f.ctx, awsapi.Caller{AccountID: account, Region: region, AcceptOldEvents: true})
	out, err := f.PutLogEvents(importing, old)
	f.must(err)
	if out.RejectedLogEventsInfo != nil || f.store.held() != 1 {
		t.Errorf("rejected %+v, %d events are stored", out.RejectedLogEventsInfo, f.store.held())
	}
	f.must(f.PutRetentionPolicy(f.ctx, &awslogs.PutRetentionPolicyRequest{LogGroupName: "g", RetentionInDays: 7}))
	out, err = f.PutLogEvents(importing, old)
	f.must(err)
	want := &awslogs.RejectedLogEventsInfo{ExpiredLogEventEndIndex: new(int32(1))}
	if diff := cmp.Diff(want, out.RejectedLogEventsInfo); diff != "" {
		t.Errorf("the group's retention does not hold (-want +got):\n%s", diff)
	}
}

// BenchmarkPutLogEvents is what the service itself costs; divide by 10,000 for an event.
func BenchmarkPutLogEvents(b *testing.B) {
	f := newFixture(b)
	f.createGroup("g")
	f.createStream("g", "s")
	f.Service = f.open(discard{f.store})
	message := strings.Repeat("x", 70)
	events := make([]awslogs.InputLogEvent, 10_000)
	for i := range events {
		events[i] = event(int64(i), message)
	}
	in := putRequest("g", "s", events...)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := f.PutLogEvents(f.ctx, in); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(events)), "ns/event")
}

// BenchmarkAppendEntries is what the service costs for a batch of the gateway.
func BenchmarkAppendEntries(b *testing.B) {
	f := newFixture(b)
	f.Service = f.open(discard{f.store})
	entries := make([]logs.Entry, 2000)
	for i := range entries {
		entries[i] = logs.Entry{Stream: i * 7 % 300, Timestamp: start, Message: fmt.Sprint("entry", i)}
	}
	dest := logs.Destination{AccountID: account, Region: region, Group: "access"}
	b.ReportAllocs()
	for b.Loop() {
		if err := f.AppendEntries(f.ctx, dest, entries); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(entries)), "ns/entry")
}
