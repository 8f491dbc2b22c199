package logs_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tollbook/tollbook/awsapi/awslogs"
	"github.com/tollbook/tollbook/logs"
)

func TestFilterLogEventsErrors(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.createGroup("g")
	f.must(f.CreateLogGroup(f.ctx, &awslogs.CreateLogGroupRequest{LogGroupName: "rare", LogGroupClass: new("INFREQUENT_ACCESS")}))
	tests := []struct {
		name, group string
		in          awslogs.FilterLogEventsRequest
		want        string
	}{
		{"no stream", "g", awslogs.FilterLogEventsRequest{LogStreamNames: []string{"none"}}, noStream},
		{"names and prefix", "g", awslogs.FilterLogEventsRequest{LogStreamNames: []string{"a"}, LogStreamNamePrefix: new("a")},
			"InvalidParameterException: LogStreamNamePrefix and LogStreamNames are mutually exclusive parameters."},
		{"token", "g", awslogs.FilterLogEventsRequest{NextToken: new("???")}, badToken},
		{"token of another listing", "g", awslogs.FilterLogEventsRequest{NextToken: new("Z2E")}, badToken},
		{"pattern", "g", awslogs.FilterLogEventsRequest{FilterPattern: new("{ $.status = }")},
			"InvalidParameterException: Invalid filter pattern"},
		{"term", "g", awslogs.FilterLogEventsRequest{FilterPattern: new("GET /notes")},
			"InvalidParameterException: Invalid character(s) in term '/notes'"},
		{"class", "rare", awslogs.FilterLogEventsRequest{}, standardOnly},
	}
	for _, tc := range tests {
		tc.in.LogGroupName = &tc.group
		_, err := f.FilterLogEvents(f.ctx, &tc.in)
		expectError(t, tc.name, err, tc.want)
	}
}

// TestFilterLogEventsByPattern has patterns of every kind select, and pages of what they select follow each other.
func TestFilterLogEventsByPattern(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.createGroup("g")
	f.createStream("g", "a")
	f.createStream("g", "b")
	for i, line := range []string{
		`{"status":"200","path":"/notes"}`, `{"status":"404","path":"/notes"}`, `{"status":502,"path":"/users"}`,
		`127.0.0.1 - - [x y] "GET /notes HTTP/1.1" 404 7`, `ERROR out of notes`,
	} {
		f.put("g", []string{"a", "b"}[i%2], event(int64(i), line))
	}
	tests := []struct {
		pattern string
		want    []int // the events that it selects
	}{
		{"", []int{0, 1, 2, 3, 4}},
		{`" "`, []int{0, 1, 2, 3, 4}},
		{"notes -ERROR", []int{0, 1, 3}},
		{"?ERROR ?users", []int{2, 4}},
		{`"GET /notes"`, []int{3}},
		{`{ $.status = 4* || $.status = 502 }`, []int{1, 2}},
		{`[..., status = 404, bytes]`, []int{3}},
		{`%^ERROR\s%`, []int{4}},
		{"absent", nil},
	}
	for _, tc := range tests {
		var got []int
		in := &awslogs.FilterLogEventsRequest{LogGroupName: new("g"), FilterPattern: &tc.pattern, Limit: new(int32(1))}
		for range 7 {
			page, err := f.FilterLogEvents(f.ctx, in)
			f.must(err)
			for _, e := range page.Events {
				got = append(got, int(*e.Timestamp-start))
			}
			if in.NextToken = page.NextToken; in.NextToken == nil {
				break
			}
		}
		if in.NextToken != nil || !slices.Equal(got, tc.want) {
			t.Errorf("%s selects %v, want %v", tc.pattern, got, tc.want)
		}
	}
}

func TestFilterLogEventsSelects(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.createGroup("g")
	for _, name := range []string{"a/1", "a/2", "b"} {
		f.createStream("g", name)
	}
	f.put("g", "b", event(0, "b0"), event(30, "b30"))
	f.put("g", "a/2", event(10, "2"), event(20, "2 again"))
	f.put("g", "a/1", event(10, "1, later than 2"), event(15, "1"))
	at := func(ms int64) *int64 { return new(start + ms) }
	all := []string{"b0", "2", "1, later than 2", "1", "2 again", "b30"}
	tests := []struct {
		name string
		in   awslogs.FilterLogEventsRequest
		want []string
	}{
		{"all, merged", awslogs.FilterLogEventsRequest{}, all},
		{"blank patterns match all", awslogs.FilterLogEventsRequest{FilterPattern: new(` " " `)}, all},
		{"names, one twice", awslogs.FilterLogEventsRequest{LogStreamNames: []string{"a/1", "b", "a/1"}}, []string{"b0", "1, later than 2", "1", "b30"}},
		{"prefix", awslogs.FilterLogEventsRequest{LogStreamNamePrefix: new("a/")}, []string{"2", "1, later than 2", "1", "2 again"}},
		{"prefix of no stream", awslogs.FilterLogEventsRequest{LogStreamNamePrefix: new("c")}, nil},
		{"both ends are inclusive", awslogs.FilterLogEventsRequest{StartTime: at(15), EndTime: at(20)}, []string{"1", "2 again"}},
		{"to the end of time", awslogs.FilterLogEventsRequest{StartTime: at(30), EndTime: new(int64(1<<63 - 1))}, []string{"b30"}},
	}
	for _, tc := range tests {
		for _, limit := range []int32{1, 2, 5, 10_000} {
			tc.in.LogGroupName, tc.in.Limit, tc.in.NextToken = new("g"), &limit, nil
			if diff := cmp.Diff(tc.want, f.filtered(tc.in)); diff != "" {
				t.Errorf("%s, %d a page: %s", tc.name, limit, diff)
			}
		}
	}
}

// filtered pages through a request and returns the messages. A page after which nothing follows must have no token.
func (f *fixture) filtered(in awslogs.FilterLogEventsRequest) (messages []string) {
	f.t.Helper()
	for {
		out, err := f.FilterLogEvents(f.ctx, &in)
		f.must(err)
		if len(out.Events) == 0 && in.NextToken != nil {
			f.t.Error("a token led to an empty page")
		}
		for _, e := range out.Events {
			messages = append(messages, *e.Message)
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			return messages
		}
	}
}

func TestFilterLogEventsMembers(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.streamOf(2)
	out, err := f.FilterLogEvents(f.ctx, &awslogs.FilterLogEventsRequest{LogGroupName: new("g"), Limit: new(int32(1))})
	f.must(err)
	want := &awslogs.FilterLogEventsResponse{
		Events: []awslogs.FilteredLogEvent{{
			LogStreamName: new("s"), Timestamp: new(start), IngestionTime: new(start), Message: new("0"),
			EventId: new(logs.EventID(logs.Position{Timestamp: logs.Millis(start), Ingestion: logs.Millis(start)})),
		}},
		SearchedLogStreams: []awslogs.SearchedLogStream{},
		NextToken:          out.NextToken,
	}
	if diff := cmp.Diff(want, out); diff != "" || out.NextToken == nil {
		t.Error(diff)
	}
}

// Readers that page while writers write see each event once, in order, and miss none that was written before they began.
func TestPagingUnderConcurrentWrites(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.createGroup("g")
	const writers, each = 4, 100
	var work sync.WaitGroup
	for w := range writers {
		stream := fmt.Sprint("stream-", w)
		f.createStream("g", stream)
		work.Go(func() {
			for i := range each {
				at := f.clock.Add(1)
				in := putRequest("g", stream, awslogs.InputLogEvent{Timestamp: at, Message: fmt.Sprint(w, "/", i)})
				if _, err := f.PutLogEvents(f.ctx, in); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 2 {
		work.Go(func() { f.pageWhileWriting() })
	}
	work.Wait()
	if got := f.filtered(awslogs.FilterLogEventsRequest{LogGroupName: new("g"), Limit: new(int32(7))}); len(got) != writers*each {
		t.Errorf("at the end there are %d events, want %d", len(got), writers*each)
	}
}

func (f *fixture) pageWhileWriting() {
	for range 20 {
		before := f.store.held()
		got := f.filtered(awslogs.FilterLogEventsRequest{LogGroupName: new("g"), Limit: new(int32(7))})
		if len(got) < before {
			f.t.Errorf("%d events are read of %d that were written before", len(got), before)
		}
		slices.Sort(got)
		if n := len(got); len(slices.Compact(got)) != n {
			f.t.Error("an event was read twice")
		}
	}
}

// tail is what "aws logs tail --follow" does between two of its pauses.
type tail struct {
	in   awslogs.FilterLogEventsRequest
	seen map[string]bool // ids at the newest timestamp
}

func (c *tail) poll(f *fixture) (messages []string) {
	f.t.Helper()
	newest := *c.in.StartTime
	for {
		out, err := f.FilterLogEvents(f.ctx, &c.in)
		f.must(err)
		for _, e := range out.Events {
			if *e.Timestamp > newest {
				newest, c.seen = *e.Timestamp, map[string]bool{}
			}
			if id := *e.EventId; !c.seen[id] {
				messages = append(messages, *e.Message)
				c.seen[id] = *e.Timestamp == newest
			}
		}
		if c.in.NextToken = out.NextToken; c.in.NextToken == nil {
			c.in.StartTime = &newest
			return messages
		}
	}
}

func TestTailFollow(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.createGroup("g")
	f.createStream("g", "a")
	f.createStream("g", "b")
	c := &tail{
		in: awslogs.FilterLogEventsRequest{
			LogGroupName: new("g"), StartTime: new(start - 600_000), Interleaved: new(true), Limit: new(int32(3)),
		},
		seen: map[string]bool{},
	}
	expect := func(want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, c.poll(f)); diff != "" {
			t.Error(diff)
		}
	}
	expect()
	f.put("g", "a", event(-700_000, "before the beginning"), event(0, "1"), event(5, "2"))
	f.put("g", "b", event(5, "3"), event(5, "4"))
	expect("1", "2", "3", "4")
	expect()
	f.put("g", "a", event(5, "5"), event(6, "6")) // at the time that was seen already
	expect("5", "6")
	f.put("g", "b", event(6, "7"))
	expect("7")
	expect()
}
