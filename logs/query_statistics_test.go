package logs_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tollbook/tollbook/awsapi/awslogs"
	"github.com/tollbook/tollbook/logs"
	"github.com/tollbook/tollbook/logs/embedded"
)

// query runs a query over the whole time, and returns how many rows it has and what it looked at.
func (f *fixture) query(group, text string, from, to int64) (rows int, s awslogs.QueryStatistics) {
	f.t.Helper()
	started, err := f.StartQuery(f.ctx, &awslogs.StartQueryRequest{
		LogGroupName: &group, QueryString: text, StartTime: from / 1000, EndTime: to / 1000,
	})
	f.must(err)
	for {
		out, err := f.GetQueryResults(f.ctx, &awslogs.GetQueryResultsRequest{QueryId: *started.QueryId})
		f.must(err)
		switch *out.Status {
		case "Complete":
			return len(out.Results), *out.Statistics
		case "Scheduled", "Running":
			time.Sleep(time.Millisecond)
		default:
			f.t.Fatalf("%s: %s", text, *out.Status)
		}
	}
}

// TestStatisticsOfBothScans asks the same of events in order and of columns: both say the same of what they looked at, on
// disk, in memory and in both.
func TestStatisticsOfBothScans(t *testing.T) {
	t.Parallel()
	const n = 12_000
	mixed, objects := make([]logs.Entry, n), make([]logs.Entry, n)
	for i := range n {
		message := fmt.Sprintf(`{"id":"x%d","status":%d,"part":"p%d"}`, i*7919, 200+i%5*100, i/1000)
		objects[i] = logs.Entry{Stream: i % 3, Timestamp: start + int64(i)*10, Message: message}
		mixed[i] = objects[i]
		if i%97 == 0 {
			mixed[i].Message = fmt.Sprint("no JSON ", i)
		}
	}
	put := func(f *fixture, part []logs.Entry) { f.must(f.AppendEntries(f.ctx, accessDestination(), part)) }
	for _, c := range []struct {
		name    string
		events  []logs.Entry
		sealed  int     // how many of them are on disk
		skipped float64 // when a part is asked for that is nowhere: blocks of objects alone know that
	}{
		{"in memory", mixed, 0, 0}, {"on disk", mixed, n, 0}, {"in both", mixed, n / 2, 0},
		{"objects in memory", objects, 0, 0}, {"objects on disk", objects, n, n}, {"objects in both", objects, n / 2, n / 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			f.clock.Add(n * 10)
			dir := t.TempDir()
			total := 0.0
			for i := range c.events {
				total += float64(len(c.events[i].Message))
			}
			store, err := embedded.Open(dir, embedded.Options{HeadBytes: 64 << 10})
			f.must(err)
			f.Service = f.open(store)
			f.must(f.EnsureAccessLogGroup(f.ctx, accessDestination()))
			if c.sealed > 0 {
				put(f, c.events[:c.sealed])
				for m := store.Metrics(); m.SealingHeads > 0 || m.Segments == 0; m = store.Metrics() {
					time.Sleep(time.Millisecond)
				}
			}
			f.must(f.Close())
			f.must(store.Close())
			store, err = embedded.Open(dir, embedded.Options{})
			f.must(err)
			f.Service = f.open(store)
			put(f, c.events[c.sealed:])
			compareScans(f, total)
			_, s := f.query(accessGroup, `filter part = "nowhere" | stats count(*)`, start, start+n*10)
			if *s.EstimatedRecordsSkipped != c.skipped {
				t.Errorf("skipped %v, want %v", *s.EstimatedRecordsSkipped, c.skipped)
			}
			f.must(f.Close())
			f.must(store.Close())
		})
	}
}

func compareScans(f *fixture, total float64) {
	const n = 12_000
	for _, filter := range []string{
		"", "filter status = 400 | ", `filter part = "p3" | `, `filter part = "nowhere" | `, `filter absent = "x" | `,
		`filter @message like "no JSON" | `, `filter @message like "nowhere" | `, `filter status = 200 or id = "x7919" | `,
		`filter status = 300 and part in ["p1", "p2"] | `,
	} {
		_, want := f.query(accessGroup, filter+"stats count(*)", start, start+n*10)
		rows, got := f.query(accessGroup, filter+"fields @message | limit 100000", start, start+n*10)
		if diff := cmp.Diff(want, got); diff != "" || float64(rows) != min(*got.RecordsMatched, 10_000) {
			f.t.Errorf("%s%d rows (-stats +rows):\n%s", filter, rows, diff)
		}
		if events := *got.RecordsScanned + *got.EstimatedRecordsSkipped; events != n {
			f.t.Errorf("%s%v events", filter, events)
		}
		if bytes := *got.BytesScanned + *got.EstimatedBytesSkipped; bytes != total {
			f.t.Errorf("%s%v bytes, want %v", filter, bytes, total)
		}
		// Of a part of the time the number of bytes is about right.
		_, want = f.query(accessGroup, filter+"stats count(*)", start+20_000, start+70_000)
		_, got = f.query(accessGroup, filter+"fields @message | limit 100000", start+20_000, start+70_000)
		if *want.RecordsMatched != *got.RecordsMatched || *want.RecordsScanned != *got.RecordsScanned ||
			*want.EstimatedRecordsSkipped != *got.EstimatedRecordsSkipped {
			f.t.Errorf("%spart: %s", filter, cmp.Diff(want, got))
		}
		if bytes := *got.BytesScanned + *got.EstimatedBytesSkipped; bytes < total*0.4 || bytes > total*0.44 {
			f.t.Errorf("%spart: %v of %v bytes", filter, bytes, total)
		}
	}
	// A query that has enough stops.
	if rows, got := f.query(accessGroup, "limit 20", start, start+n*10); rows != 20 || *got.RecordsScanned >= n {
		f.t.Errorf("limit 20: %d rows of %v", rows, *got.RecordsScanned)
	}
}
