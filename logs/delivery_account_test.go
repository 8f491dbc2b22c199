package logs_test

import (
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tollbook/tollbook/awsapi/awslogs"
	"github.com/tollbook/tollbook/logs"
)

func (f *subscribed) accountWide(to, pattern, criteria string) {
	f.t.Helper()
	_, err := f.putAccountPolicy("p", subscriptions, `{"DestinationArn":"`+to+`","FilterPattern":"`+pattern+`"}`, criteria)
	f.must(err)
	synctest.Wait()
}

// expectOfGroups is expect for payloads of several groups, which come in any order.
func (f *subscribed) expectOfGroups(what, to string, payloads ...string) {
	f.t.Helper()
	pass(150 * time.Millisecond)
	if diff := cmp.Diff(payloads, slices.Sorted(slices.Values(f.destinations[to].messages()))); diff != "" {
		f.t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// TestAccountDelivery delivers from all log groups of an account, save some, those too that are made later.
func TestAccountDelivery(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newSubscribed(t)
		for _, group := range []string{"h", "loop"} {
			f.createGroup(group)
			f.createStream(group, "s")
		}
		f.must(f.CreateLogGroup(f.ctx, &awslogs.CreateLogGroupRequest{LogGroupName: "rare", LogGroupClass: new("INFREQUENT_ACCESS")}))
		f.createStream("rare", "s")
		log := func(group string, messages ...string) {
			for _, m := range messages {
				f.put(group, "s", awslogs.InputLogEvent{Timestamp: time.Now().UnixMilli(), Message: m})
			}
		}
		log("h", "before")
		f.accountWide("fake://a", "ERROR", `LogGroupName NOT IN ["loop"]`)
		log("g", "1 ERROR", "2")
		log("h", "3 ERROR")
		log("loop", "4 ERROR")
		log("rare", "5 ERROR")
		f.createGroup("later")
		f.createStream("later", "s")
		log("later", "6 ERROR")
		a := f.destinations["fake://a"]
		pass(150 * time.Millisecond)
		for _, p := range a.payloads {
			if p.PolicyLevel != "ACCOUNT_LEVEL_POLICY" || p.SubscriptionFilters[0] != "p" || p.Owner != account {
				t.Errorf("payload %+v", p)
			}
		}
		f.expectOfGroups("all but some", "fake://a", "s: 1 ERROR", "s: 3 ERROR", "s: 6 ERROR")

		// A group that is no longer left out begins here and now; the others go on.
		f.accountWide("fake://b", "ERROR", "")
		log("loop", "7 ERROR")
		log("g", "8 ERROR")
		f.expectOfGroups("elsewhere", "fake://b", "s: 7 ERROR", "s: 8 ERROR")
		f.expect("no more", "fake://a")

		// With a filter of the group's own, an event is delivered for each.
		f.subscribe("own", "", "fake://a")
		log("g", "9 ERROR")
		f.expect("own", "fake://a", "s: 9 ERROR")
		f.expect("policy", "fake://b", "s: 9 ERROR")
		if n := len(f.Deliveries()); n != 5 {
			t.Errorf("%d deliveries: %+v", n, f.Deliveries())
		}

		f.must(f.DeleteAccountPolicy(f.ctx, &awslogs.DeleteAccountPolicyRequest{PolicyName: "p", PolicyType: subscriptions}))
		synctest.Wait()
		log("h", "10 ERROR")
		f.expect("deleted", "fake://b")
		if b := f.destinations["fake://b"]; b.closed != 2 { // the attempt at first, and what the groups share
			t.Errorf("closed %d times", b.closed)
		}
	})
}

// TestAccountDeliveryGoesOn starts the service again: each group goes on from where it was.
func TestAccountDeliveryGoesOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newSubscribed(t)
		f.createGroup("h")
		f.createStream("h", "s")
		f.accountWide("fake://a", "", "")
		f.log("s", "1")
		f.expect("first", "fake://a", "s: 1")
		f.must(f.Close())
		f.Service = f.delivering(f.store)
		f.put("h", "s", awslogs.InputLogEvent{Timestamp: time.Now().UnixMilli(), Message: "2"})
		f.log("s", "3")
		f.expectOfGroups("again", "fake://a", "s: 2", "s: 3")
		f.must(f.DeleteLogGroup(f.ctx, &awslogs.DeleteLogGroupRequest{LogGroupName: "h"}))
		synctest.Wait()
		if n := len(f.Deliveries()); n != 1 {
			t.Errorf("%d deliveries", n)
		}
	})
}

// TestAccountPolicyDestinations has destinations that cannot be used.
func TestAccountPolicyDestinations(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newSubscribed(t)
		put := func(to string) error {
			_, err := f.putAccountPolicy("p", subscriptions, `{"DestinationArn":"`+to+`"}`, "")
			return err
		}
		expectError(t, "no such place", put("fake://nowhere"), "InvalidParameterException: The specified destinationArn is not valid: fake://nowhere: no such place")
		f.destinations["fake://a"].answer = func(*logs.Delivery) error { return errors.New("down") }
		expectError(t, "down", put("fake://a"),
			"InvalidParameterException: Could not deliver test message to specified destination. Check if the destination is valid. down")
		f.must(put(lambda))
		synctest.Wait()
		for _, s := range f.Deliveries() {
			if s.Health != "not delivered" {
				t.Errorf("%+v", s)
			}
		}
	})
}

// TestCalmWarnings counts what the log says of a destination that fails for moments, and of one that fails for a day.
func TestCalmWarnings(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newSubscribed(t)
		var said syncBuffer
		f.must(f.Close())
		f.logger = slog.New(slog.NewTextHandler(&said, nil))
		f.Service = f.delivering(f.store)
		a := f.destinations["fake://a"]
		f.subscribe("f", "", "fake://a")
		down := false
		a.mu.Lock()
		a.answer = func(*logs.Delivery) error {
			if down {
				return errors.New("down")
			}
			return nil
		}
		a.mu.Unlock()
		set := func(to bool) {
			a.mu.Lock()
			defer a.mu.Unlock()
			down = to
		}
		for range 20 { // it flaps
			set(true)
			f.log("s", "x")
			pass(2 * time.Second)
			set(false)
			pass(10 * time.Second)
		}
		if n := strings.Count(said.String(), "WARN"); n != 0 {
			t.Errorf("%d warnings of a destination that flaps:\n%s", n, said.String())
		}
		set(true)
		f.log("s", "y")
		pass(24 * time.Hour)
		if n := strings.Count(said.String(), "WARN"); n < 20 || n > 32 {
			t.Errorf("%d warnings in a day", n)
		}
	})
}

// syncBuffer is text that is written and read at the same time.
type syncBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
