package logs_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/awslogs"
	"github.com/tollbook/tollbook/logs"
	"github.com/tollbook/tollbook/state"
)

const (
	account = "111111111111"
	region  = "us-east-1"
	day     = 24 * 60 * 60 * 1000
)

// start is when the tests' clock begins: an instant without special properties.
const start = int64(1770153455123)

// fixture is a service on a store and a state database that outlive it, with a clock that stands until it is set.
type fixture struct {
	*logs.Service
	t     testing.TB
	ctx   context.Context
	db    *state.DB
	store *memStore
	clock *atomic.Int64 // milliseconds
}

func newFixture(t testing.TB) *fixture {
	t.Helper()
	f := &fixture{t: t, ctx: callerIn(t.Context(), account, region), clock: new(atomic.Int64)}
	f.clock.Store(start)
	f.store = &memStore{now: func() logs.Millis { return logs.Millis(f.clock.Load()) }}
	db, err := state.Open(t.Context(), filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	f.db = db
	f.Service = f.open(f.store)
	return f
}

func callerIn(ctx context.Context, account, region string) context.Context {
	return awsapi.WithCaller(ctx, awsapi.Caller{AccountID: account, Region: region})
}

// open starts a service on the fixture's database, whose background work waits for longer than any test.
func (f *fixture) open(store logs.Store) *logs.Service {
	f.t.Helper()
	s, err := logs.New(f.db, store, logs.Options{
		Now: func() time.Time { return time.UnixMilli(f.clock.Load()) }, Log: slog.New(slog.DiscardHandler),
		FlushEvery: time.Hour, SweepEvery: time.Hour,
	})
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { _ = s.Close() })
	return s
}

func (f *fixture) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) createGroup(name string) {
	f.t.Helper()
	f.must(f.CreateLogGroup(f.ctx, &awslogs.CreateLogGroupRequest{LogGroupName: name}))
}

func (f *fixture) createStream(group, name string) {
	f.t.Helper()
	f.must(f.CreateLogStream(f.ctx, &awslogs.CreateLogStreamRequest{LogGroupName: group, LogStreamName: name}))
}

// event is an event some milliseconds after start.
func event(after int64, message string) awslogs.InputLogEvent {
	return awslogs.InputLogEvent{Timestamp: start + after, Message: message}
}

func (f *fixture) put(group, stream string, events ...awslogs.InputLogEvent) *awslogs.PutLogEventsResponse {
	f.t.Helper()
	out, err := f.PutLogEvents(f.ctx, putRequest(group, stream, events...))
	f.must(err)
	return out
}

func putRequest(group, stream string, events ...awslogs.InputLogEvent) *awslogs.PutLogEventsRequest {
	return &awslogs.PutLogEventsRequest{LogGroupName: group, LogStreamName: stream, LogEvents: events}
}

// filter returns the messages that FilterLogEvents gives of a group.
func (f *fixture) filter(group string) (messages []string) {
	f.t.Helper()
	out, err := f.FilterLogEvents(f.ctx, &awslogs.FilterLogEventsRequest{LogGroupName: &group})
	f.must(err)
	for _, e := range out.Events {
		messages = append(messages, *e.Message)
	}
	return messages
}

func (f *fixture) describeStreams(in *awslogs.DescribeLogStreamsRequest) []awslogs.LogStream {
	f.t.Helper()
	out, err := f.DescribeLogStreams(f.ctx, in)
	f.must(err)
	return out.LogStreams
}

// expectError checks that err is an API error, written as "Code: message".
func expectError(t testing.TB, name string, err error, want string) {
	t.Helper()
	var e *awsapi.Error
	if !errors.As(err, &e) || e.Error() != want {
		t.Errorf("%s:\n got %v\nwant %s", name, err, want)
	}
}

const (
	noGroup  = "ResourceNotFoundException: The specified log group does not exist."
	noStream = "ResourceNotFoundException: The specified log stream does not exist."
	badToken = "InvalidParameterException: The specified nextToken is invalid."
)

// Every operation that names a group says the same when there is none.
func TestMissingGroup(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.createGroup("there")
	elsewhere := callerIn(f.ctx, account, "eu-west-1")
	arn := "arn:aws:logs:" + region + ":" + account + ":log-group:gone"
	ops := map[string]func(ctx context.Context, name, arn string) error{
		"DeleteLogGroup": func(ctx context.Context, name, _ string) error {
			return f.DeleteLogGroup(ctx, &awslogs.DeleteLogGroupRequest{LogGroupName: name})
		},
		"CreateLogStream": func(ctx context.Context, name, _ string) error {
			return f.CreateLogStream(ctx, &awslogs.CreateLogStreamRequest{LogGroupName: name, LogStreamName: "s"})
		},
		"DeleteLogStream": func(ctx context.Context, name, _ string) error {
			return f.DeleteLogStream(ctx, &awslogs.DeleteLogStreamRequest{LogGroupName: name, LogStreamName: "s"})
		},
		"DescribeLogStreams": func(ctx context.Context, name, _ string) error {
			_, err := f.DescribeLogStreams(ctx, &awslogs.DescribeLogStreamsRequest{LogGroupName: &name})
			return err
		},
		"PutLogEvents": func(ctx context.Context, name, _ string) error {
			_, err := f.PutLogEvents(ctx, putRequest(name, "s", event(0, "m")))
			return err
		},
		"GetLogEvents": func(ctx context.Context, name, _ string) error {
			_, err := f.GetLogEvents(ctx, &awslogs.GetLogEventsRequest{LogGroupName: &name, LogStreamName: "s"})
			return err
		},
		"FilterLogEvents": func(ctx context.Context, _, arn string) error {
			_, err := f.FilterLogEvents(ctx, &awslogs.FilterLogEventsRequest{LogGroupIdentifier: &arn})
			return err
		},
		"PutRetentionPolicy": func(ctx context.Context, name, _ string) error {
			return f.PutRetentionPolicy(ctx, &awslogs.PutRetentionPolicyRequest{LogGroupName: name, RetentionInDays: 7})
		},
		"DeleteRetentionPolicy": func(ctx context.Context, name, _ string) error {
			return f.DeleteRetentionPolicy(ctx, &awslogs.DeleteRetentionPolicyRequest{LogGroupName: name})
		},
		"TagResource": func(ctx context.Context, _, arn string) error {
			return f.TagResource(ctx, &awslogs.TagResourceRequest{ResourceArn: arn, Tags: map[string]string{"a": "b"}})
		},
		"UntagLogGroup": func(ctx context.Context, name, _ string) error {
			return f.UntagLogGroup(ctx, &awslogs.UntagLogGroupRequest{LogGroupName: name, Tags: []string{"a"}})
		},
		"ListTagsForResource": func(ctx context.Context, _, arn string) error {
			_, err := f.ListTagsForResource(ctx, &awslogs.ListTagsForResourceRequest{ResourceArn: arn})
			return err
		},
		"PutLogGroupDeletionProtection": func(ctx context.Context, _, arn string) error {
			return f.PutLogGroupDeletionProtection(ctx, &awslogs.PutLogGroupDeletionProtectionRequest{LogGroupIdentifier: arn})
		},
	}
	for name, op := range ops {
		expectError(t, name, op(f.ctx, "gone", arn), noGroup)
		expectError(t, name+" in another region", op(elsewhere, "there", strings.Replace(arn, "gone", "there", 1)), noGroup)
	}
}

func TestGroupIdentifiers(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.createGroup("/a/b#c.d")
	arn := "arn:aws:logs:" + region + ":" + account + ":log-group:/a/b#c.d"
	for _, identifier := range []string{"/a/b#c.d", arn, arn + ":*"} {
		_, err := f.DescribeLogStreams(f.ctx, &awslogs.DescribeLogStreamsRequest{LogGroupIdentifier: &identifier})
		if err != nil {
			t.Errorf("%s: %v", identifier, err)
		}
	}
	malformed := "arn:aws:s3:::bucket"
	_, err := f.DescribeLogStreams(f.ctx, &awslogs.DescribeLogStreamsRequest{LogGroupIdentifier: &malformed})
	expectError(t, "malformed", err,
		"InvalidParameterException: The specified log group identifier is not valid: arn:aws:s3:::bucket")
	_, err = f.DescribeLogStreams(f.ctx, &awslogs.DescribeLogStreamsRequest{LogGroupName: new("/a/b#c.d"), LogGroupIdentifier: &arn})
	expectError(t, "both", err, "ValidationException: LogGroup name and LogGroup ARN are mutually exclusive parameters.")
	_, err = f.DescribeLogStreams(f.ctx, &awslogs.DescribeLogStreamsRequest{})
	expectError(t, "neither", err,
		"InvalidParameterException: Either logGroupName or logGroupIdentifier must be specified.")
}

// After a crash the records have no event times, and events of deleted streams may be left.
// TestNewRecoversTimes opens services after ones that were never closed: what of the times had not reached the records
// comes from the store, whether it was ingested before or after the last flush.
func TestNewRecoversTimes(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.createGroup("g")
	want := []string{}
	for i := range 6 {
		name := fmt.Sprint(i)
		f.createStream("g", name)
		f.clock.Add(1)
		f.put("g", name, event(int64(10*i), "a"), event(int64(10*i+1), "b"))
		want = append(want, fmt.Sprintf("%s %d %d %d", name, 10*i, 10*i+1, f.clock.Load()-start))
		if i == 2 || i == 3 {
			f.must(f.FlushTimes(f.ctx))
		}
		if i == 4 {
			f.Service = f.open(f.store)
		}
	}
	f.Service = f.open(f.store)
	var got []string
	for _, s := range f.describeStreams(&awslogs.DescribeLogStreamsRequest{LogGroupName: new("g")}) {
		got = append(got, fmt.Sprintf("%s %d %d %d", *s.LogStreamName, *s.FirstEventTimestamp-start,
			*s.LastEventTimestamp-start, *s.LastIngestionTime-start))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestTheMarkWaitsForAppendsUnderWay has an append take long: it is in the store, but the process ends before the service
// has taken note of it, while others have gone on and flushes have been.
func TestTheMarkWaitsForAppendsUnderWay(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.createGroup("g")
	f.createStream("g", "slow")
	f.createStream("g", "quick")
	stored, never := make(chan struct{}), make(chan struct{})
	slow := f.open(lateStore{f.store, stored, never})
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = slow.PutLogEvents(f.ctx, putRequest("g", "slow", event(7, "m")))
	}()
	<-stored
	for i := range 5 {
		f.clock.Add(1000)
		_, err := slow.PutLogEvents(f.ctx, putRequest("g", "quick", event(int64(i), "m")))
		f.must(err)
		f.must(slow.FlushTimes(f.ctx))
	}
	again := f.open(f.store)
	out, err := again.DescribeLogStreams(f.ctx, &awslogs.DescribeLogStreamsRequest{LogGroupName: new("g"), LogStreamNamePrefix: new("slow")})
	f.must(err)
	if last := out.LogStreams[0].LastEventTimestamp; last == nil || *last != start+7 {
		t.Errorf("the last event of the slow append is %v", last)
	}
	close(never)
	<-done
}

// lateStore stores the events of the stream "slow", and does not return from that before it is told to.
type lateStore struct {
	*memStore
	stored, never chan struct{}
}

func (s lateStore) Append(ctx context.Context, batches []logs.Batch) (logs.Millis, error) {
	ingestion, err := s.memStore.Append(ctx, batches)
	if batches[0].Events[0].Timestamp == logs.Millis(start+7) {
		close(s.stored)
		<-s.never
	}
	return ingestion, err
}

// TestDeletionsAreFinished has a store fail to delete, and the service end without a Close.
func TestDeletionsAreFinished(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for _, group := range []string{"g", "h"} {
		f.createGroup(group)
		f.createStream(group, "a")
		f.createStream(group, "b")
		f.put(group, "a", event(0, "m"))
		f.put(group, "b", event(0, "m"))
	}
	f.store.cannotDelete = errors.New("the disk is full")
	f.must(f.DeleteLogStream(f.ctx, &awslogs.DeleteLogStreamRequest{LogGroupName: "g", LogStreamName: "a"}))
	f.must(f.DeleteLogGroup(f.ctx, &awslogs.DeleteLogGroupRequest{LogGroupName: "h"}))
	if _, err := logs.New(f.db, f.store, logs.Options{}); !errors.Is(err, f.store.cannotDelete) {
		t.Errorf("a start that cannot delete: %v", err)
	}
	if f.store.held() != 4 {
		t.Errorf("the store holds %d events, want all 4", f.store.held())
	}
	f.store.cannotDelete = nil
	f.Service = f.open(f.store)
	if f.store.held() != 1 {
		t.Errorf("the store holds %d events, want the one of the stream that is left", f.store.held())
	}
	f.store.cannotDelete = errors.New("not asked again")
	f.Service = f.open(f.store)
}

func TestNewRefusesAnOlderState(t *testing.T) {
	t.Parallel()
	f, older := newFixture(t), newFixture(t)
	f.createGroup("g")
	f.createStream("g", "s")
	f.put("g", "s", event(0, "m"))
	_, err := logs.New(older.db, f.store, logs.Options{})
	if !errors.Is(err, logs.ErrStateOlder) {
		t.Errorf("got %v, want ErrStateOlder", err)
	}
	if f.store.held() != 1 {
		t.Error("the events were deleted")
	}
}

func TestCloseWritesEventTimes(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.createGroup("g")
	f.createStream("g", "s")
	f.put("g", "s", event(1, "m"))
	f.must(f.Close())
	f.must(f.db.Read(f.ctx, func(tx *state.Tx) error {
		rec, err := tx.LogStreamByID(1)
		if rec.LastEvent != start+1 {
			t.Errorf("the record after Close: %+v", rec)
		}
		return err
	}))
}
