package logs_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tollbook/tollbook/awsapi/awslogs"
	"github.com/tollbook/tollbook/internal/vfs"
	"github.com/tollbook/tollbook/logs"
	"github.com/tollbook/tollbook/logs/embedded"
)

// The service on the store that it has in the product, closed and opened again between the steps.
func TestOnEmbeddedStore(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	dir := t.TempDir()
	step := func(do func()) {
		t.Helper()
		store, err := embedded.Open(dir, embedded.Options{})
		f.must(err)
		f.Service = f.open(store)
		do()
		f.must(f.Close())
		f.must(store.Close())
	}
	expect := func(group string, want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, f.filtered(awslogs.FilterLogEventsRequest{LogGroupName: &group, Limit: new(int32(3))})); diff != "" {
			t.Errorf("%s: %s", group, diff)
		}
	}
	step(func() {
		f.createGroup("g")
		for i := range 3 {
			f.createStream("g", fmt.Sprint(i))
			f.put("g", fmt.Sprint(i), event(int64(i), fmt.Sprint("a", i)), event(int64(10+i), fmt.Sprint("b", i)))
		}
		f.must(f.AppendEntries(f.ctx, accessDestination(), []logs.Entry{{Stream: 7, Timestamp: start, Message: "entry"}}))
		expect("g", "a0", "a1", "a2", "b0", "b1", "b2")
	})
	step(func() {
		expect("g", "a0", "a1", "a2", "b0", "b1", "b2")
		expect(accessGroup, "entry")
		f.must(f.DeleteLogStream(f.ctx, &awslogs.DeleteLogStreamRequest{LogGroupName: "g", LogStreamName: "1"}))
		f.must(f.DeleteLogGroup(f.ctx, &awslogs.DeleteLogGroupRequest{LogGroupName: accessGroup}))
		expect("g", "a0", "a2", "b0", "b2")
	})
	step(func() {
		expect("g", "a0", "a2", "b0", "b2")
		f.createStream("g", "1")
		f.must(f.EnsureAccessLogGroup(f.ctx, accessDestination()))
		expect("g", "a0", "a2", "b0", "b2")
		expect(accessGroup)
		out, err := f.DescribeLogGroups(f.ctx, &awslogs.DescribeLogGroupsRequest{LogGroupNamePrefix: new("g")})
		f.must(err)
		if got := *out.LogGroups[0].StoredBytes; got != 4*(2+26) {
			t.Errorf("storedBytes = %d, want %d", got, 4*(2+26))
		}
		page := f.get(awslogs.GetLogEventsRequest{LogStreamName: "2"})
		if diff := cmp.Diff([]string{"a2", "b2"}, messages(page.Events)); diff != "" {
			t.Error(diff)
		}
	})
}

// TestFullDisk has the disk of the store fill up: clients are told so and what was stored stays readable, the stream tells
// of no event that was refused, and when there is space again all goes on.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	disk := vfs.NewCrashable()
	store, err := embedded.Open("/logs", embedded.Options{FS: disk, Logger: slog.New(slog.DiscardHandler)})
	f.must(err)
	defer store.Close()
	f.Service = f.open(store)
	f.createGroup("g")
	f.createStream("g", "s")
	f.put("g", "s", event(0, "first"))
	disk.SetFault(vfs.FullAfter(5000))
	taken := 1
	for ; ; taken++ {
		_, err = f.PutLogEvents(f.ctx, putRequest("g", "s", event(int64(taken), strings.Repeat("x", 500))))
		if err != nil {
			break
		}
	}
	const full = "ServiceUnavailableException: The log store cannot take events: its disk is full."
	expectError(t, "the disk is full", err, full)
	for range 3 {
		_, err = f.PutLogEvents(f.ctx, putRequest("g", "s", event(int64(taken), "refused")))
		expectError(t, "the disk is still full", err, full)
	}
	read := func() int { return len(f.get(awslogs.GetLogEventsRequest{LogStreamName: "s"}).Events) }
	if n := read(); n != taken || taken < 2 {
		t.Errorf("%d events can be read, %d were acknowledged", n, taken)
	}
	if last := f.describeStreams(&awslogs.DescribeLogStreamsRequest{LogGroupName: new("g")})[0].LastEventTimestamp; *last != start+int64(taken)-1 {
		t.Errorf("the last event of the stream is %d", *last-start)
	}
	disk.SetFault(nil)
	f.put("g", "s", event(int64(taken), "there is space again"))
	if n := read(); n != taken+1 {
		t.Errorf("%d events can be read, want %d", n, taken+1)
	}
}
