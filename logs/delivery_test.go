package logs_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tollbook/tollbook/awsapi/awslogs"
	"github.com/tollbook/tollbook/logs"
	"github.com/tollbook/tollbook/logs/embedded"
)

func TestDelivery(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newSubscribed(t)
		f.log("s", "before")
		f.subscribe("f", "", "fake://a")
		f.subscribe("only errors", "ERROR", "fake://b")
		f.log("s", "1 ERROR", "2")
		f.log("t", "3 ERROR")
		f.log("s", "4")
		f.expect("all", "fake://a", "s: 1 ERROR 2 4", "t: 3 ERROR")
		f.expect("those that match", "fake://b", "s: 1 ERROR", "t: 3 ERROR")
		f.expect("once", "fake://a")
		f.log("t", "5")
		f.expect("later", "fake://a", "t: 5")
		for _, s := range f.Deliveries() {
			if s.Health != "delivering" || s.SecondsBehind != 0 || s.ArrivalsBehind != 0 || s.ForwardedBytes == 0 || s.Errors != 0 {
				t.Errorf("%+v", s)
			}
		}
		f.must(f.DeleteSubscriptionFilter(f.ctx, &awslogs.DeleteSubscriptionFilterRequest{LogGroupName: "g", FilterName: "f"}))
		f.log("s", "6 ERROR")
		f.expect("deleted", "fake://a")
		f.expect("the other goes on", "fake://b", "s: 6 ERROR")
		f.must(f.DeleteLogGroup(f.ctx, &awslogs.DeleteLogGroupRequest{LogGroupName: "g"}))
		f.createGroup("g")
		f.createStream("g", "s")
		f.log("s", "7 ERROR")
		f.expect("another group of that name", "fake://b")
		if n := len(f.Deliveries()); n != 0 {
			t.Errorf("%d deliveries are left", n)
		}
		if a := f.destinations["fake://a"]; a.closed != 2 { // the attempt at first, and the deliverer
			t.Errorf("closed %d times", a.closed)
		}
	})
}

// What is forwarded, and what fails, is in the service's own metrics, by filter.
func TestDeliveryMetrics(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newSubscribed(t)
		f.subscribe("f", "", "fake://a")
		f.must(f.PumpMetrics(f.ctx))
		a := f.destinations["fake://a"]
		a.mu.Lock()
		a.answer = func(*logs.Delivery) error {
			a.answer = nil
			return errors.New("once")
		}
		a.mu.Unlock()
		f.log("s", "1", "2", "3")
		pass(time.Minute)
		f.must(f.PumpMetrics(f.ctx))
		const dimensions = " DestinationType=Fake FilterName=f LogGroupName=g @"
		got := map[string]string{}
		for _, line := range f.book.taken() {
			if name, rest, ok := strings.Cut(line, dimensions); ok {
				got[name] = rest[strings.Index(rest, " ")+1:]
			}
		}
		want := map[string]string{
			"AWS/Logs/ForwardedLogEvents": "3x1", "AWS/Logs/DeliveryErrors": "3x1",
			"AWS/Logs/ForwardedBytes": fmt.Sprintf("%dx1 Bytes", f.Deliveries()[0].ForwardedBytes),
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// The payload has AWS' members, and the control message too.
func TestDeliveryPayload(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newSubscribed(t)
		f.must(f.PutSubscriptionFilter(f.ctx, &awslogs.PutSubscriptionFilterRequest{
			LogGroupName: "g", FilterName: "f", FilterPattern: "", DestinationArn: "fake://a", EmitSystemFields: []string{"@aws.account", "@aws.region"},
		}))
		now := time.Now().UnixMilli()
		f.log("s", "<a&b>\xff")
		pass(time.Second)
		a := f.destinations["fake://a"]
		out, err := f.FilterLogEvents(f.ctx, &awslogs.FilterLogEventsRequest{LogGroupName: new("g")})
		f.must(err)
		type object = map[string]any
		want := object{
			"MessageType": "DATA_MESSAGE", "Owner": account, "LogGroup": "g", "LogStream": "s", "SubscriptionFilters": []any{"f"},
			"LogEvents": []any{object{
				"ID": *out.Events[0].EventId, "Message": "<a&b>\uFFFD", "Timestamp": float64(now), "@aws.account": account, "@aws.region": region,
			}},
		}
		if diff := cmp.Diff(want, asObject(t, a.payloads[0])); diff != "" {
			t.Errorf("data message (-want +got):\n%s", diff)
		}
		want = object{
			"MessageType": "CONTROL_MESSAGE", "Owner": "CloudwatchLogs", "LogGroup": "", "LogStream": "", "SubscriptionFilters": []any{},
			"LogEvents": []any{object{
				"ID": "", "Message": "CWL CONTROL MESSAGE: Checking health of destination Fake.", "Timestamp": float64(now), "@aws.account": "", "@aws.region": "",
			}},
		}
		if diff := cmp.Diff(want, asObject(t, a.control[0])); diff != "" || len(a.control) != 1 {
			t.Errorf("%d control messages (-want +got):\n%s", len(a.control), diff)
		}
	})
}

func asObject(t *testing.T, p payload) (object map[string]any) {
	t.Helper()
	text, err := json.Marshal(p)
	if err == nil {
		err = json.Unmarshal(text, &object)
	}
	if err != nil {
		t.Fatal(err)
	}
	return object
}

// A destination that fails is tried again, ever more rarely; what was delivered meanwhile is not delivered again.
func TestDeliveryIsTriedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newSubscribed(t)
		a := f.destinations["fake://a"]
		f.subscribe("f", "", "fake://a")
		down := errors.New("down")
		a.mu.Lock()
		a.attempts = 0
		a.answer = func(d *logs.Delivery) error {
			if d.Stream == "t" {
				return down
			}
			return nil
		}
		a.mu.Unlock()
		f.log("s", "1")
		f.log("t", "2")
		f.expect("one of two", "fake://a", "s: 1")
		pass(time.Hour)
		s := f.Deliveries()[0]
		if s.Health != "retrying" || s.Error != "down" || s.SecondsBehind < 3600 || s.ArrivalsBehind != 2 {
			t.Errorf("an hour later: %+v", s)
		}
		if a.attempts < 60 || a.attempts > 140 {
			t.Errorf("%d attempts in an hour", a.attempts)
		}
		f.log("s", "3")
		f.log("t", "4")
		a.mu.Lock()
		a.answer = nil
		a.mu.Unlock()
		pass(time.Minute)
		f.expect("up again", "fake://a", "s: 3", "t: 2", "t: 4")
		if s := f.Deliveries()[0]; s.Health != "delivering" || s.Error != "" || s.ForwardedEvents != 4 || s.Lost != 0 || s.Errors < 60 {
			t.Errorf("in the end: %+v", s)
		}
		ids := slices.Compact(slices.Sorted(slices.Values(a.ids)))
		if len(ids) != 4 {
			t.Errorf("ids of payloads: %v", a.ids)
		}
		f.must(f.PumpMetrics(f.ctx))
		pass(time.Minute)
		f.book.taken()
		f.must(f.PumpMetrics(f.ctx))
		if lines := strings.Join(f.book.taken(), "\n"); strings.Contains(lines, "DeliveryErrors") {
			t.Errorf("errors of a minute without any:\n%s", lines)
		}
	})
}

// After a day events are given up, and refused payloads at once.
func TestDeliveryGivesUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newSubscribed(t)
		a := f.destinations["fake://a"]
		f.subscribe("f", "", "fake://a")
		answer := func(with func(*logs.Delivery) error) {
			a.mu.Lock()
			defer a.mu.Unlock()
			a.answer = with
		}
		answer(func(*logs.Delivery) error { return errors.New("down") })
		f.log("s", "old")
		pass(23*time.Hour + 30*time.Minute)
		f.log("s", "young")
		pass(time.Hour)
		answer(nil)
		pass(time.Minute)
		f.expect("after a day", "fake://a", "s: young")
		answer(func(d *logs.Delivery) error {
			if d.Events[0].Message == "poison" {
				return fmt.Errorf("%w: 400", logs.ErrRefused)
			}
			return nil
		})
		f.log("s", "poison")
		f.log("t", "a")
		f.expect("the others arrive", "fake://a", "t: a")
		f.log("s", "b")
		f.expect("and the stream goes on", "fake://a", "s: b")
		if s := f.Deliveries()[0]; s.Lost != 2 || s.Health != "delivering" {
			t.Errorf("%+v", s)
		}
	})
}

// Much at once is cut into payloads of a megabyte, and steps that memory has room for; each stream keeps its order.
func TestDeliveryOfMuch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newSubscribed(t)
		a := f.destinations["fake://a"]
		f.subscribe("f", "", "fake://a")
		a.mu.Lock()
		a.answer = func(*logs.Delivery) error { return errors.New("down") }
		a.mu.Unlock()
		random := rand.New(rand.NewPCG(1, 1))
		const calls = 60
		for i := range calls {
			f.log([]string{"s", "t"}[i%2], fmt.Sprint(i), strings.Repeat("x", 300_000+random.IntN(600_000)))
		}
		pass(time.Minute)
		a.mu.Lock()
		most := 0
		a.answer = func(d *logs.Delivery) error {
			size := 0
			for _, e := range d.Events {
				size += len(e.Message)
			}
			most = max(most, size)
			return nil
		}
		a.mu.Unlock()
		pass(10 * time.Minute)
		next := map[string]int{"s": 0, "t": 1}
		for _, p := range a.payloads {
			for _, e := range p.LogEvents {
				if e.Message[0] == 'x' {
					continue
				}
				if want := fmt.Sprint(next[p.LogStream]); e.Message != want {
					t.Fatalf("stream %s: %s came, want %s", p.LogStream, e.Message, want)
				}
				next[p.LogStream] += 2
			}
		}
		if next["s"] != calls || next["t"] != calls+1 || most > 1<<20 {
			t.Errorf("delivered up to %v of %d; the largest payload has %d bytes", next, calls, most)
		}
	})
}

// The destination of PutDestination can be a URL too, and filters go along when it changes.
func TestDeliveryToALogicalDestination(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newSubscribed(t)
		put := func(url string) string {
			t.Helper()
			out, err := f.PutDestination(f.ctx, &awslogs.PutDestinationRequest{
				DestinationName: "d", TargetArn: url, RoleArn: "arn:aws:iam::" + account + ":role/r",
			})
			f.must(err)
			synctest.Wait()
			return *out.Destination.Arn
		}
		f.subscribe("f", "", put("fake://a"))
		f.log("s", "1")
		f.expect("first", "fake://a", "s: 1")
		put("fake://b")
		f.log("s", "2")
		f.expect("not to the first", "fake://a")
		f.expect("but to the second", "fake://b", "s: 2")
		f.must(f.DeleteDestination(f.ctx, &awslogs.DeleteDestinationRequest{DestinationName: "d"}))
		synctest.Wait()
		f.log("s", "3")
		f.expect("to nobody", "fake://b")
		if s := f.Deliveries(); len(s) != 1 || s[0].Health != "not delivered" {
			t.Errorf("%+v", s)
		}
	})
}

func TestDeliveryRefusals(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newSubscribed(t)
		f.destinations["fake://a"].answer = func(*logs.Delivery) error { return errors.New("connection refused") }
		put := func(group, to string) error {
			return f.PutSubscriptionFilter(f.ctx, &awslogs.PutSubscriptionFilterRequest{LogGroupName: group, FilterName: "f", DestinationArn: to})
		}
		expectError(t, "out of reach", put("g", "fake://a"), "InvalidParameterException: Could not deliver test message to specified "+
			"destination. Check if the destination is valid. connection refused")
		expectError(t, "no such thing", put("g", "gopher://x"),
			"InvalidParameterException: The specified destinationArn is not valid: gopher://x: no such place")
		expectError(t, "no group", put("gone", "fake://b"), noGroup)
		_, err := f.PutDestination(f.ctx, &awslogs.PutDestinationRequest{
			DestinationName: "d", TargetArn: "gopher://x", RoleArn: "arn:aws:iam::" + account + ":role/r",
		})
		expectError(t, "target", err, "InvalidParameterException: The specified targetArn is not valid: gopher://x: no such place")
		out, err := f.DescribeSubscriptionFilters(f.ctx, &awslogs.DescribeSubscriptionFiltersRequest{LogGroupName: "g"})
		f.must(err)
		if len(out.SubscriptionFilters) != 0 {
			t.Errorf("filters that were refused are there: %+v", out.SubscriptionFilters)
		}
		f.must(put("g", "arn:aws:lambda:us-east-1:"+account+":function:f"))
		synctest.Wait()
		if s := f.Deliveries(); len(s) != 1 || s[0].Health != "not delivered" {
			t.Errorf("a Lambda function: %+v", s)
		}
		f.must(f.PutSubscriptionFilter(f.ctx, subscriptionFilter("g", "second", "")))
		f.destinations["fake://a"].attempts = 0
		third := subscriptionFilter("g", "third", "")
		third.DestinationArn = "fake://a"
		expectError(t, "third", f.PutSubscriptionFilter(f.ctx, third), limitReached)
		if n := f.destinations["fake://a"].attempts; n != 0 {
			t.Errorf("%d messages were sent for a filter that there is no room for", n)
		}
	})
}

// A filter that is changed goes on where it was; one that is made anew begins anew.
func TestDeliveryGoesOnWhenItsFilterChanges(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newSubscribed(t)
		a := f.destinations["fake://a"]
		f.subscribe("f", "", "fake://a")
		a.mu.Lock()
		a.answer = func(d *logs.Delivery) error {
			if d.Control {
				return nil
			}
			return errors.New("down")
		}
		a.mu.Unlock()
		f.log("s", "1 x", "2")
		f.expect("down", "fake://a")
		f.subscribe("f", "x", "fake://b")
		f.log("s", "3 x")
		f.expect("to the other, by the other pattern", "fake://b", "s: 1 x", "s: 3 x")
		f.subscribe("f", "", "fake://a")
		f.log("s", "4")
		pass(time.Minute)
		f.must(f.DeleteSubscriptionFilter(f.ctx, &awslogs.DeleteSubscriptionFilterRequest{LogGroupName: "g", FilterName: "f"}))
		f.must(f.PutSubscriptionFilter(f.ctx, &awslogs.PutSubscriptionFilterRequest{LogGroupName: "g", FilterName: "f", DestinationArn: "fake://b"}))
		synctest.Wait()
		f.log("s", "5")
		f.expect("anew", "fake://b", "s: 5")
	})
}

// TestDeliveryAfterRestart opens the embedded store and the service again while the destination is down for some of the
// time, without closing the service at half of the times, as after kill -9: every event arrives, and those of a stream in
// order save for repetitions.
func TestDeliveryAfterRestart(t *testing.T) {
	t.Parallel()
	f := &subscribed{newFixture(t), &metricBook{}, map[string]*destination{"fake://a": {}}, slog.New(slog.DiscardHandler)}
	a := f.destinations["fake://a"]
	arrived := make(chan struct{}, 1)
	random := rand.New(rand.NewPCG(7, 7))
	a.answer = func(d *logs.Delivery) error {
		select {
		case arrived <- struct{}{}:
		default:
		}
		if !d.Control && random.IntN(3) == 0 {
			return errors.New("down")
		}
		return nil
	}
	dir := filepath.Join(t.TempDir(), "logs")
	written := 0
	for round := range 6 {
		store, err := embedded.Open(dir, embedded.Options{Logger: slog.New(slog.DiscardHandler)})
		f.must(err)
		s := f.delivering(store)
		f.Service = s
		if round == 0 {
			f.createGroup("g")
			f.createStream("g", "s")
			f.must(f.PutSubscriptionFilter(f.ctx, &awslogs.PutSubscriptionFilterRequest{LogGroupName: "g", FilterName: "f", DestinationArn: "fake://a"}))
		}
		for range 20 {
			f.log("s", fmt.Sprint(written))
			written++
		}
		<-arrived
		if round%2 == 0 {
			f.must(s.Close())
		}
		f.must(store.Close()) // the service that is not closed fails from here on
	}
	store, err := embedded.Open(dir, embedded.Options{Logger: slog.New(slog.DiscardHandler)})
	f.must(err)
	defer store.Close()
	last := f.delivering(store)
	defer last.Close()
	for !a.has(fmt.Sprint(written - 1)) {
		<-arrived
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	seen := 0
	for _, p := range a.payloads {
		for _, e := range p.LogEvents {
			var n int
			if _, err := fmt.Sscan(e.Message, &n); err != nil || n > seen {
				t.Fatalf("%q came when all up to %d had", e.Message, seen)
			}
			seen = max(seen, n+1)
		}
	}
	if seen != written {
		t.Errorf("%d events arrived of %d", seen, written)
	}
}
