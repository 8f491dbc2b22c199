package logs_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tollbook/tollbook/awsapi/awslogs"
	"github.com/tollbook/tollbook/logs"
)

func groupARN(name string) string {
	return "arn:aws:logs:" + region + ":" + account + ":log-group:" + name
}

// tailSession is a live tail session that a test reads.
type tailSession struct {
	t       *testing.T
	start   *awslogs.LiveTailSessionStart
	updates chan *awslogs.LiveTailSessionUpdate
	err     chan error
	leave   context.CancelFunc
}

// tailed starts a session; updates holds as many as are to be kept for a client that does not read.
func (f *fixture) tailed(t *testing.T, in *awslogs.StartLiveTailRequest, updates int) *tailSession {
	t.Helper()
	ctx, leave := context.WithCancel(f.ctx)
	s := &tailSession{t, nil, make(chan *awslogs.LiveTailSessionUpdate, updates), make(chan error, 1), leave}
	started := make(chan *awslogs.LiveTailSessionStart, 1)
	go func() {
		s.err <- f.StartLiveTail(ctx, in, func(e *awslogs.StartLiveTailResponseStream) error {
			if e.SessionStart != nil {
				started <- e.SessionStart
				return nil
			}
			select {
			case s.updates <- e.SessionUpdate:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}()
	select {
	case s.start = <-started:
	case err := <-s.err:
		t.Fatal(err)
	}
	return s
}

// next returns the messages of the next update that has any.
func (s *tailSession) next() (messages []string) {
	s.t.Helper()
	for {
		select {
		case u := <-s.updates:
			for _, e := range u.SessionResults {
				messages = append(messages, *e.Message)
			}
			if messages != nil {
				return messages
			}
		case err := <-s.err:
			s.t.Fatalf("the session ended: %v", err)
		}
	}
}

func (s *tailSession) want(messages ...string) {
	s.t.Helper()
	if diff := cmp.Diff(messages, s.next()); diff != "" {
		s.t.Errorf("update (-want +got):\n%s", diff)
	}
}

func TestLiveTail(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		f.createGroup("g")
		f.createStream("g", "s")
		f.put("g", "s", event(0, "before the session"))
		s := f.tailed(t, &awslogs.StartLiveTailRequest{LogGroupIdentifiers: []string{groupARN("g")}}, 10)
		if len(*s.start.SessionId) != 36 || !slices.Equal(s.start.LogGroupIdentifiers, []string{groupARN("g")}) ||
			s.start.LogStreamNames == nil || s.start.LogStreamNamePrefixes == nil {
			t.Errorf("session start %+v", s.start)
		}
		begun := time.Now()
		f.put("g", "s", event(2, "b"), event(3, "c"))
		u := <-s.updates
		want := []awslogs.LiveTailSessionLogEvent{
			{LogStreamName: new("s"), LogGroupIdentifier: new(groupARN("g")), Message: new("b"), Timestamp: new(start + 2), IngestionTime: new(start)},
			{LogStreamName: new("s"), LogGroupIdentifier: new(groupARN("g")), Message: new("c"), Timestamp: new(start + 3), IngestionTime: new(start)},
		}
		if diff := cmp.Diff(want, u.SessionResults); diff != "" || *u.SessionMetadata.Sampled {
			t.Errorf("update (-want +got), sampled %t:\n%s", *u.SessionMetadata.Sampled, diff)
		}
		if waited := time.Since(begun); waited > 25*time.Millisecond {
			t.Errorf("the update came after %s", waited)
		}
		// What comes within 25 ms of an update waits for the next, in the order of time.
		f.put("g", "s", event(9, "e"))
		f.put("g", "s", event(8, "d"))
		s.want("d", "e")
		if waited := time.Since(begun); waited != 25*time.Millisecond {
			t.Errorf("the second update came after %s", waited)
		}
		// An empty update each second.
		for range 3 {
			begun = time.Now()
			u := <-s.updates
			if len(u.SessionResults) != 0 || u.SessionResults == nil || *u.SessionMetadata.Sampled || time.Since(begun) != time.Second {
				t.Errorf("after %s: %+v", time.Since(begun), u)
			}
		}
		s.leave()
		if err := <-s.err; !errors.Is(err, context.Canceled) {
			t.Errorf("a session that its client left: %v", err)
		}
	})
}

// Filters by pattern, by stream and by prefix; streams that come later count too.
func TestLiveTailFilters(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		in   awslogs.StartLiveTailRequest
		want []string
	}{
		"all":      {awslogs.StartLiveTailRequest{}, []string{"api1 200", "api1 500", "api2 500", "web 500"}},
		"pattern":  {awslogs.StartLiveTailRequest{LogEventFilterPattern: new("500")}, []string{"api1 500", "api2 500", "web 500"}},
		"streams":  {awslogs.StartLiveTailRequest{LogStreamNames: []string{"api2", "web"}}, []string{"api2 500", "web 500"}},
		"prefixes": {awslogs.StartLiveTailRequest{LogStreamNamePrefixes: []string{"api", "x"}}, []string{"api1 200", "api1 500", "api2 500"}},
		"both": {
			awslogs.StartLiveTailRequest{LogStreamNamePrefixes: []string{"api"}, LogEventFilterPattern: new("-200")},
			[]string{"api1 500", "api2 500"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(t)
				f.createGroup("g")
				f.createStream("g", "api1")
				c.in.LogGroupIdentifiers = []string{groupARN("g")}
				s := f.tailed(t, &c.in, 100)
				f.createStream("g", "api2")
				f.createStream("g", "web")
				f.put("g", "api1", event(1, "api1 200"), event(2, "api1 500"))
				f.put("g", "api2", event(3, "api2 500"))
				f.put("g", "web", event(4, "web 500"))
				var got []string
				for len(got) < len(c.want) {
					got = append(got, s.next()...)
				}
				time.Sleep(2 * time.Second)
				for len(s.updates) > 0 {
					for _, e := range (<-s.updates).SessionResults {
						got = append(got, *e.Message)
					}
				}
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				s.leave()
				<-s.err
			})
		})
	}
}

// The gateway's entries and two groups in one session.
func TestLiveTailOfGroups(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		f.createGroup("g")
		f.createStream("g", "s")
		f.must(f.EnsureAccessLogGroup(f.ctx, accessDestination()))
		in := &awslogs.StartLiveTailRequest{LogGroupIdentifiers: []string{groupARN("g"), groupARN(accessGroup), groupARN("g")}}
		s := f.tailed(t, in, 10)
		f.put("g", "s", event(1, "a"))
		s.want("a")
		f.must(f.AppendEntries(f.ctx, accessDestination(), []logs.Entry{
			{Stream: 7, Timestamp: start + 5, Message: "c"}, {Stream: 3, Timestamp: start + 4, Message: "b"},
		}))
		s.want("b", "c")
		// One group less, then none.
		f.must(f.DeleteLogGroup(f.ctx, &awslogs.DeleteLogGroupRequest{LogGroupName: "g"}))
		f.must(f.AppendEntries(f.ctx, accessDestination(), []logs.Entry{{Stream: 7, Timestamp: start + 6, Message: "d"}}))
		s.want("d")
		f.must(f.DeleteLogGroup(f.ctx, &awslogs.DeleteLogGroupRequest{LogGroupName: accessGroup}))
		expectError(t, "no group is left", <-s.err, "SessionStreamingException: The log groups of the session were deleted.")
	})
}

// More events than an update has are sampled evenly.
func TestLiveTailSamples(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		f.createGroup("g")
		f.createStream("g", "s")
		s := f.tailed(t, &awslogs.StartLiveTailRequest{LogGroupIdentifiers: []string{groupARN("g")}}, 10)
		for _, n := range []int{500, 501, 999, 1000, 7301} {
			batch := make([]awslogs.InputLogEvent, n)
			for i := range batch {
				batch[i] = event(int64(i), fmt.Sprint(i))
			}
			f.put("g", "s", batch...)
			var u *awslogs.LiveTailSessionUpdate
			for u = <-s.updates; len(u.SessionResults) == 0; u = <-s.updates {
			}
			if len(u.SessionResults) != 500 || *u.SessionMetadata.Sampled != (n > 500) {
				t.Errorf("of %d events: %d, sampled %t", n, len(u.SessionResults), *u.SessionMetadata.Sampled)
			}
			most := int64(0)
			for i := 1; i < len(u.SessionResults); i++ {
				most = max(most, *u.SessionResults[i].Timestamp-*u.SessionResults[i-1].Timestamp)
			}
			if step := int64(n/500 + 8); most > 2*step {
				t.Errorf("of %d events: a gap of %d", n, most)
			}
			if last := *u.SessionResults[499].Timestamp - start; last < int64(n)*98/100 {
				t.Errorf("of %d events: the last is %d", n, last)
			}
		}
		s.leave()
		<-s.err
	})
}

// After a pause more updates may come at once, so that a burst need not be sampled.
func TestLiveTailOfABurst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		f.createGroup("g")
		f.createStream("g", "s")
		s := f.tailed(t, &awslogs.StartLiveTailRequest{LogGroupIdentifiers: []string{groupARN("g")}}, 10)
		time.Sleep(900 * time.Millisecond) // of the bubble: before the first idle update
		batch := make([]awslogs.InputLogEvent, 2400)
		for i := range batch {
			batch[i] = event(int64(i), fmt.Sprint(i))
		}
		f.put("g", "s", batch...)
		came := 0
		for came < len(batch) {
			u := <-s.updates
			if *u.SessionMetadata.Sampled || len(u.SessionResults) > 500 || *u.SessionResults[0].Timestamp != start+int64(came) {
				t.Fatalf("after %d events: %d, sampled %t", came, len(u.SessionResults), *u.SessionMetadata.Sampled)
			}
			came += len(u.SessionResults)
		}
		s.leave()
		<-s.err
	})
}

// A client that does not read keeps the newest ten updates, and learns that some are missing.
func TestLiveTailOfASlowClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		f.createGroup("g")
		f.createStream("g", "s")
		s := f.tailed(t, &awslogs.StartLiveTailRequest{LogGroupIdentifiers: []string{groupARN("g")}}, 0)
		for i := range 30 {
			f.put("g", "s", event(int64(i), fmt.Sprint(i)))
			time.Sleep(30 * time.Millisecond)
		}
		var got, sampled []string
		for range 11 { // one was on its way to the client
			u := <-s.updates
			got = append(got, *u.SessionResults[0].Message)
			if *u.SessionMetadata.Sampled {
				sampled = append(sampled, *u.SessionResults[0].Message)
			}
		}
		if want := strings.Fields("0 20 21 22 23 24 25 26 27 28 29"); !slices.Equal(got, want) || !slices.Equal(sampled, []string{"20"}) {
			t.Errorf("got %v, of which sampled %v; want %v", got, sampled, want)
		}
		s.leave()
		<-s.err
	})
}

func TestLiveTailEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		f.createGroup("g")
		in := &awslogs.StartLiveTailRequest{LogGroupIdentifiers: []string{groupARN("g")}}
		begun := time.Now()
		s := f.tailed(t, in, 3*3600+1)
		expectError(t, "after a long time", <-s.err, "SessionTimeoutException: The session has timed out after 3 hours.")
		if lasted := time.Since(begun); lasted.Round(time.Second) != 3*time.Hour {
			t.Errorf("the session lasted %s", lasted)
		}
	})
}

func TestLiveTailRefusals(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.createGroup("g")
	f.createGroup("h")
	f.must(f.CreateLogGroup(f.ctx, &awslogs.CreateLogGroupRequest{LogGroupName: "rare", LogGroupClass: new("INFREQUENT_ACCESS")}))
	for name, c := range map[string]struct {
		in   awslogs.StartLiveTailRequest
		want string
	}{
		"a name": {
			awslogs.StartLiveTailRequest{LogGroupIdentifiers: []string{"g"}},
			"InvalidParameterException: The specified log group identifier is not valid: g. It must be an ARN without :* at its end.",
		},
		"with a star": {
			awslogs.StartLiveTailRequest{LogGroupIdentifiers: []string{groupARN("g") + ":*"}},
			"InvalidParameterException: The specified log group identifier is not valid: " + groupARN("g") + ":*. It must be an ARN without :* at its end.",
		},
		"missing": {awslogs.StartLiveTailRequest{LogGroupIdentifiers: []string{groupARN("g"), groupARN("gone")}}, noGroup},
		"class": {
			awslogs.StartLiveTailRequest{LogGroupIdentifiers: []string{groupARN("rare")}},
			"InvalidOperationException: Live Tail is only supported on the Standard log class.",
		},
		"pattern": {
			awslogs.StartLiveTailRequest{LogGroupIdentifiers: []string{groupARN("g")}, LogEventFilterPattern: new("{ $.a")},
			"InvalidParameterException: Invalid filter pattern",
		},
		"streams of groups": {
			awslogs.StartLiveTailRequest{LogGroupIdentifiers: []string{groupARN("g"), groupARN("h")}, LogStreamNames: []string{"s"}},
			"InvalidParameterException: logStreamNames and logStreamNamePrefixes can be specified for a single log group only.",
		},
		"streams and prefixes": {
			awslogs.StartLiveTailRequest{LogGroupIdentifiers: []string{groupARN("g")}, LogStreamNames: []string{"s"}, LogStreamNamePrefixes: []string{"s"}},
			"InvalidParameterException: logStreamNames and logStreamNamePrefixes are mutually exclusive parameters.",
		},
	} {
		err := f.StartLiveTail(f.ctx, &c.in, func(*awslogs.StartLiveTailResponseStream) error {
			t.Errorf("%s: an event is sent", name)
			return nil
		})
		expectError(t, name, err, c.want)
	}
}

// Fifteen sessions of an account in a region, and no more until one ends.
func TestLiveTailLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		f.createGroup("g")
		in := &awslogs.StartLiveTailRequest{LogGroupIdentifiers: []string{groupARN("g")}}
		var open []*tailSession
		for range 15 {
			open = append(open, f.tailed(t, in, 1))
		}
		send := func(*awslogs.StartLiveTailResponseStream) error { return errors.New("not this time") }
		expectError(t, "a sixteenth", f.StartLiveTail(f.ctx, in, send), "LimitExceededException: Resource limit exceeded.")
		open[3].leave()
		<-open[3].err
		if err := f.StartLiveTail(f.ctx, in, send); err == nil || err.Error() != "not this time" {
			t.Errorf("after one has left: %v", err)
		}
		for _, s := range open {
			s.leave()
		}
	})
}
