package logs_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/awslogs"
	"github.com/tollbook/tollbook/logs"
	"github.com/tollbook/tollbook/logs/embedded"
)

// metricBook notes what a sink is given, a line for each datum.
type metricBook struct {
	mu     sync.Mutex
	lines  []string
	refuse error // where set, what calls end with
}

func (b *metricBook) PutMetrics(_ context.Context, acct, reg, namespace string, data []logs.MetricDatum) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.refuse != nil {
		return b.refuse
	}
	if acct != account || reg != region || len(data) == 0 {
		return fmt.Errorf("%d data of %s/%s", len(data), acct, reg)
	}
	for _, d := range data {
		line := fmt.Sprintf("%s/%s", namespace, d.Name)
		for _, dim := range d.Dimensions {
			line += fmt.Sprintf(" %s=%s", dim.Name, dim.Value)
		}
		line += fmt.Sprintf(" @%d", (d.Minute-startMinute)/60_000)
		for i, v := range d.Values {
			line += fmt.Sprintf(" %gx%g", v, d.Counts[i])
		}
		if d.Unit != "None" {
			line += " " + d.Unit
		}
		b.lines = append(b.lines, line)
	}
	return nil
}

// taken returns the lines since the last time, sorted.
func (b *metricBook) taken() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	lines := b.lines
	b.lines = nil
	slices.Sort(lines)
	return lines
}

// startMinute is the minute that the tests begin in.
const startMinute = logs.Millis(start - start%60_000)

// meteredFixture is a fixture with a sink, which pumps when it is told.
type meteredFixture struct {
	*fixture
	book *metricBook
}

func newMeteredFixture(t *testing.T) *meteredFixture {
	f := &meteredFixture{newFixture(t), &metricBook{}}
	f.clock.Store(int64(startMinute))
	f.Service = f.metered(f.store)
	f.createGroup("g")
	f.createStream("g", "s")
	return f
}

func (f *meteredFixture) metered(store logs.Store) *logs.Service {
	f.t.Helper()
	s, err := logs.New(f.db, store, logs.Options{
		Now: func() time.Time { return time.UnixMilli(f.clock.Load()) }, Log: slog.New(slog.DiscardHandler),
		FlushEvery: time.Hour, SweepEvery: time.Hour, MetricsEvery: time.Hour, Metrics: f.book,
	})
	f.must(err)
	f.t.Cleanup(func() { _ = s.Close() })
	return s
}

// filtering puts a metric filter; each option changes it.
func (f *meteredFixture) filtering(name, pattern, value string, options ...func(*awslogs.PutMetricFilterRequest)) {
	f.t.Helper()
	in := &awslogs.PutMetricFilterRequest{
		LogGroupName: "g", FilterName: name, FilterPattern: pattern,
		MetricTransformations: []awslogs.MetricTransformation{{MetricName: name, MetricNamespace: "N", MetricValue: value}},
	}
	for _, change := range options {
		change(in)
	}
	f.must(f.PutMetricFilter(f.ctx, in))
}

func dimensions(d map[string]string) func(*awslogs.PutMetricFilterRequest) {
	return func(in *awslogs.PutMetricFilterRequest) { in.MetricTransformations[0].Dimensions = d }
}

func defaultValue(v float64) func(*awslogs.PutMetricFilterRequest) {
	return func(in *awslogs.PutMetricFilterRequest) { in.MetricTransformations[0].DefaultValue = &v }
}

// log puts a message at a second after startMinute.
func (f *meteredFixture) log(second int64, messages ...string) {
	f.t.Helper()
	var events []awslogs.InputLogEvent
	for _, m := range messages {
		events = append(events, awslogs.InputLogEvent{Timestamp: int64(startMinute) + 1000*second, Message: m})
	}
	f.put("g", "s", events...)
}

// at sets the clock to a second after startMinute.
func (f *meteredFixture) at(second int64) { f.clock.Store(int64(startMinute) + 1000*second) }

// expect pumps and compares what the sink was given, save for the service's own metrics.
func (f *meteredFixture) expect(what string, want ...string) {
	f.t.Helper()
	f.must(f.PumpMetrics(f.ctx))
	f.compare(what, want...)
}

func (f *meteredFixture) compare(what string, want ...string) {
	f.t.Helper()
	got := slices.DeleteFunc(f.book.taken(), func(line string) bool { return strings.HasPrefix(line, "AWS/Logs") })
	if diff := cmp.Diff(want, got); diff != "" && len(want)+len(got) > 0 {
		f.t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestMetricFilterValues(t *testing.T) {
	t.Parallel()
	access := []string{
		`{"status":200,"latency":12,"path":"/a"}`, `{"status":500,"latency":"7.5","path":"/a"}`,
		`{"status":502,"latency":12}`, `{"status":503,"path":""}`, `not JSON`,
	}
	space := []string{"1.2.3.4 GET /a 200 17", "1.2.3.4 GET /b 404 x", "5.6.7.8 POST /a 200 -3e1"}
	const requests = "[ip, method, path, status, ms]"
	for name, c := range map[string]struct {
		pattern, value string
		options        []func(*awslogs.PutMetricFilterRequest)
		messages, want []string
	}{
		"count":       {"", "1", nil, access, []string{"N/m @0 1x5"}},
		"terms":       {`"status"`, "2.5", nil, access, []string{"N/m @0 2.5x4"}},
		"selector":    {"{ $.status = * }", "$.latency", nil, access, []string{"N/m @0 7.5x1 12x2"}},
		"json filter": {"{ $.status >= 500 }", "$.status", nil, access, []string{"N/m @0 500x1 502x1 503x1"}},
		"no match":    {"{ $.status = 404 }", "1", nil, access, nil},
		"not numbers": {"{ $.path = * }", "$.path", nil, access, nil},
		"field":       {requests, "$ms", nil, space, []string{"N/m @0 -30x1 17x1"}},
		"dimension": {
			"{ $.path = * }", "1", []func(*awslogs.PutMetricFilterRequest){dimensions(map[string]string{"Path": "$.path"})},
			access, []string{"N/m Path=/a @0 1x2"},
		},
		"dimensions": {
			requests, "1", []func(*awslogs.PutMetricFilterRequest){dimensions(map[string]string{"P": "$path", "M": "$method", "S": "$status"})},
			space, []string{"N/m M=GET P=/a S=200 @0 1x1", "N/m M=GET P=/b S=404 @0 1x1", "N/m M=POST P=/a S=200 @0 1x1"},
		},
		"unit": {
			"200", "1", []func(*awslogs.PutMetricFilterRequest){func(in *awslogs.PutMetricFilterRequest) {
				in.MetricTransformations[0].Unit = new("Count")
			}},
			space, []string{"N/m @0 1x2 Count"},
		},
		"system fields": {
			"200", "1", []func(*awslogs.PutMetricFilterRequest){func(in *awslogs.PutMetricFilterRequest) {
				in.EmitSystemFieldDimensions = []string{"@aws.region", "@aws.account"}
			}},
			space, []string{"N/m @aws.account=" + account + " @aws.region=" + region + " @0 1x2"},
		},
		"criteria": {
			"200", "1", []func(*awslogs.PutMetricFilterRequest){func(in *awslogs.PutMetricFilterRequest) {
				in.FieldSelectionCriteria = new(`@aws.region IN ["eu-west-1", "us-east-1"] AND @aws.account != "2"`)
			}},
			space, []string{"N/m @0 1x2"},
		},
		"other criteria": {
			"200", "1", []func(*awslogs.PutMetricFilterRequest){func(in *awslogs.PutMetricFilterRequest) {
				in.FieldSelectionCriteria = new(`@aws.region = "eu-west-1" OR @aws.account NOT IN ["` + account + `"]`)
			}},
			space, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newMeteredFixture(t)
			f.filtering("m", c.pattern, c.value, c.options...)
			f.log(1, c.messages...)
			f.expect(name, c.want...)
			f.expect("nothing new")
		})
	}
}

// Filters work on what comes after them: not on what came before, by the old filter up to a change, not after a deletion.
func TestMetricFilterChanges(t *testing.T) {
	t.Parallel()
	f := newMeteredFixture(t)
	f.log(1, "a before")
	f.filtering("m", "a", "1")
	f.expect("not retroactive")
	f.log(2, "a", "b")
	f.filtering("m", "b", "10")
	f.compare("what came before the change", "N/m @0 1x1")
	f.log(61, "a", "b", "b")
	f.filtering("second", "", "3")
	f.compare("the other filter goes on", "N/m @1 10x2")
	f.log(62, "b")
	f.must(f.DeleteMetricFilter(f.ctx, &awslogs.DeleteMetricFilterRequest{LogGroupName: "g", FilterName: "m"}))
	f.compare("before the deletion", "N/m @1 10x1", "N/second @1 3x1")
	f.log(63, "b")
	f.expect("after the deletion", "N/second @1 3x1")
	f.must(f.DeleteLogGroup(f.ctx, &awslogs.DeleteLogGroupRequest{LogGroupName: "g"}))
	f.createGroup("g")
	f.createStream("g", "s")
	f.log(64, "b")
	f.expect("another group of that name")
}

// Minutes are those of the events, and many values make many data.
func TestMetricFilterMinutes(t *testing.T) {
	t.Parallel()
	f := newMeteredFixture(t)
	f.filtering("m", "{ $.v = * }", "$.v")
	f.log(-3600, `{"v":1}`)
	f.log(59, `{"v":2}`)
	f.log(60, `{"v":3}`, `{"v":3}`)
	f.expect("minutes", "N/m @-60 1x1", "N/m @0 2x1", "N/m @1 3x2")
	var many []string
	for i := range 301 {
		many = append(many, fmt.Sprintf(`{"v":%d}`, i))
	}
	f.log(1, many...)
	f.must(f.PumpMetrics(f.ctx))
	sizes := map[int]int{}
	for _, line := range f.book.taken() {
		sizes[strings.Count(line, "x1")]++
	}
	if diff := cmp.Diff(map[int]int{150: 2, 1: 1}, sizes); diff != "" {
		t.Errorf("values of a datum (-want +got):\n%s", diff)
	}
	f.log(1, `{"v":1e400}`, `{"v":"NaN"}`, `{"v":"0x10"}`, `{"v":-1e108}`, `{"v":1e109}`)
	f.expect("values that CloudWatch does not take", "N/m @0 -1e+108x1")
}

// The default value comes when a minute is over in which events came and none matched; not without events.
func TestMetricFilterDefault(t *testing.T) {
	t.Parallel()
	f := newMeteredFixture(t)
	f.filtering("m", "hit", "1", defaultValue(0))
	f.log(10, "miss", "miss")
	f.log(70, "miss", "hit")
	f.expect("the minute is not over", "N/m @1 1x1")
	f.at(69)
	f.expect("more may come")
	f.at(70)
	f.expect("the minute is over", "N/m @0 0x1")
	f.log(20, "miss")
	f.expect("once")
	f.at(600)
	f.expect("the second minute had a match, and nothing came later")
	f.log(-3600, "miss")
	f.log(-3600, "miss")
	f.expect("a minute long over", "N/m @-60 0x1")
}

// The place is kept over restarts: nothing is counted twice, what came meanwhile is counted, and minutes that are open too.
func TestMetricFilterAfterRestart(t *testing.T) {
	t.Parallel()
	f := newMeteredFixture(t)
	f.filtering("m", "hit", "1", defaultValue(0))
	f.log(10, "hit")
	f.log(70, "miss")
	f.expect("before", "N/m @0 1x1")
	f.log(11, "hit") // not looked at yet
	f.Service = f.metered(f.store)
	f.expect("after a crash", "N/m @0 1x1")
	f.must(f.Close())
	f.compare("on close")
	f.Service = f.metered(f.store)
	f.log(12, "miss")
	f.at(300)
	f.expect("the first minute had a match, the second none", "N/m @1 0x1")
	f.log(301, "hit")
	f.must(f.Close())
	f.compare("Close makes what is left", "N/m @5 1x1")
}

// What a sink does not take is handed over again, once; what it refuses is given up.
func TestMetricSinkFails(t *testing.T) {
	t.Parallel()
	f := newMeteredFixture(t)
	f.filtering("m", "", "1")
	f.log(1, "a")
	f.book.refuse = errors.New("the disk is full")
	for range 3 {
		if err := f.PumpMetrics(f.ctx); !errors.Is(err, f.book.refuse) {
			t.Errorf("got %v", err)
		}
	}
	f.log(2, "b")
	f.book.refuse = nil
	f.expect("again", "N/m @0 1x1", "N/m @0 1x1")
	f.book.refuse = awsapi.NewError(400, "InvalidParameterValue", "never")
	f.log(3, "c")
	f.must(f.PumpMetrics(f.ctx))
	f.book.refuse = nil
	f.expect("given up")
}

// A filter makes at most a thousand sets of dimensions within an hour.
func TestMetricFilterDimensionSets(t *testing.T) {
	t.Parallel()
	f := newMeteredFixture(t)
	f.filtering("m", "{ $.id = * }", "1", dimensions(map[string]string{"Id": "$.id"}))
	batch := func(from, n int) (messages []string) {
		for i := range n {
			messages = append(messages, fmt.Sprintf(`{"id":"%d"}`, from+i))
		}
		return messages
	}
	count := func() int { f.must(f.PumpMetrics(f.ctx)); return len(f.book.taken()) }
	f.log(1, batch(0, 700)...)
	if n := count(); n != 700 {
		t.Errorf("%d data, want 700", n)
	}
	f.log(1, batch(500, 700)...)
	if n := count(); n != 500 {
		t.Errorf("%d data, want the 200 that were known and 300 others", n)
	}
	f.at(3600)
	f.log(3600, batch(5000, 10)...)
	f.must(f.PumpMetrics(f.ctx))
	got := slices.DeleteFunc(f.book.taken(), func(line string) bool { return strings.HasPrefix(line, "AWS/Logs") })
	if len(got) != 10 {
		t.Errorf("%d data an hour later, want 10", len(got))
	}
}

// The service's own metrics are made when a minute is over.
func TestUsageMetrics(t *testing.T) {
	t.Parallel()
	f := newMeteredFixture(t)
	f.expect("begin")
	f.log(1, "12345", "1")
	f.must(f.AppendEntries(f.ctx, accessDestination(), []logs.Entry{{Stream: 7, Timestamp: start, Message: "123"}}))
	own := func(what string, want ...string) {
		t.Helper()
		f.must(f.PumpMetrics(f.ctx))
		if got := f.book.taken(); !slices.Equal(want, got) {
			t.Errorf("%s:\n got %q\nwant %q", what, got, want)
		}
	}
	f.at(59)
	own("the minute is not over")
	f.at(60)
	first := []string{
		"AWS/Logs/IncomingBytes @0 87x1 Bytes",
		"AWS/Logs/IncomingBytes LogGroupName=" + accessGroup + " @0 29x1 Bytes",
		"AWS/Logs/IncomingBytes LogGroupName=g @0 58x1 Bytes",
		"AWS/Logs/IncomingLogEvents @0 3x1",
		"AWS/Logs/IncomingLogEvents LogGroupName=" + accessGroup + " @0 1x1",
		"AWS/Logs/IncomingLogEvents LogGroupName=g @0 2x1",
	}
	slices.Sort(first)
	own("the minute is over", first...)
	f.at(120)
	own("nothing came")
	f.log(61, "1")
	f.at(190)
	f.book.refuse = errors.New("not now")
	f.must(f.PumpMetrics(f.ctx))
	f.book.refuse = nil
	f.log(191, "1")
	f.at(241)
	f.log(242, "1")
	own("the sink failed for a minute", "AWS/Logs/IncomingBytes @3 54x1 Bytes", "AWS/Logs/IncomingBytes LogGroupName=g @3 54x1 Bytes",
		"AWS/Logs/IncomingLogEvents @3 2x1", "AWS/Logs/IncomingLogEvents LogGroupName=g @3 2x1")
	f.at(300)
	own("what came before the last look belongs to its own minute", "AWS/Logs/IncomingBytes @4 27x1 Bytes",
		"AWS/Logs/IncomingBytes LogGroupName=g @4 27x1 Bytes", "AWS/Logs/IncomingLogEvents @4 1x1", "AWS/Logs/IncomingLogEvents LogGroupName=g @4 1x1")
	f.log(301, "12")
	f.must(f.Close())
	if got := f.book.taken(); !slices.Contains(got, "AWS/Logs/IncomingBytes LogGroupName=g @5 28x1 Bytes") {
		t.Errorf("what came in a minute that the service does not see the end of: %q", got)
	}
}

// Each event is counted once while writers append, filters change and the store is opened again.
func TestMetricFilterOnEmbeddedStore(t *testing.T) {
	t.Parallel()
	f := newMeteredFixture(t)
	dir := filepath.Join(t.TempDir(), "logs")
	open := func() *embedded.Store {
		store, err := embedded.Open(dir, embedded.Options{Logger: slog.New(slog.DiscardHandler)})
		f.must(err)
		return store
	}
	const rounds, writers, calls = 3, 4, 20
	for round := range rounds {
		store := open()
		f.Service = f.metered(store)
		if round == 0 {
			f.filtering("m", "hit", "1")
		}
		var writing sync.WaitGroup
		for range writers {
			writing.Go(func() {
				for i := range calls {
					if _, err := f.PutLogEvents(f.ctx, putRequest("g", "s", event(int64(i), "hit"), event(int64(i), "miss"))); err != nil {
						t.Error(err)
					}
				}
			})
		}
		for range 5 {
			f.must(f.PumpMetrics(f.ctx))
			f.filtering("other", "miss", "1") // has the pump load filters anew
		}
		writing.Wait()
		f.must(f.Close())
		f.must(store.Close())
	}
	hits := 0
	for _, line := range f.book.taken() {
		if rest, ok := strings.CutPrefix(line, "N/m @"); ok {
			var minute, n int
			if _, err := fmt.Sscanf(rest, "%d 1x%d", &minute, &n); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			hits += n
		}
	}
	if want := rounds * writers * calls; hits != want {
		t.Errorf("%d events were counted, want %d", hits, want)
	}
}
