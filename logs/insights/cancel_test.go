package insights

import (
	"context"
	"errors"
	"os"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tollbook/tollbook/logs/insights/syntax"
)

// longQueries are queries whose work is in different places: reading, merging, sorting, making rows.
var longQueries = []string{
	"stats count(*) by id", "stats count(*), avg(ms), pct(ms, 99), count_distinct(n) by id, n | sort `count(*)` desc | limit 20000",
	"stats values(id), latest(n) by u", "stats count(*) as c by id, u | stats sum(c) by u",
	"stats count(*) as c by id | sort c, id | limit 100000", "stats count(*) as c by n | filter c > 0 | sort n desc | limit 10",
	"fields concat(id, u) as k | sort k | limit 50000", "dedup id", "dedup u, id | limit 100000", "sort ms desc, id | limit 100000",
	"fields jsonParse(@message) as j | unnest j.list into x | filter x = 'nowhere' | limit 10",
	"fields jsonParse(@message) as j | unnest j.list into x | sort x desc, n | limit 100000",
	"sessionize u, id maxspan 1ms | sort session_id desc | limit 100000", "sessionize u | stats count(*) by session_id",
	"outlier ms n | sort n | limit 1000", "relevantfields where n % 3 = 0", "relevantfields id, n, ms where n % 3 = 0",
	"pattern @message", "diff", "filter id like /9.*9/ | pattern id", "accum n as s | stats max(s)", "autoregress n p=1-3 | stats max(n_p3)",
	"filldown u | stats count(*) by u", "addtotals col=true n ms", "countFrequent id, n",
	"join type=left left=l right=r where l.ms = r.u (SOURCE 'g' | limit 20000)",
	"filter u in (SOURCE 'g' | stats count(*) by id | display id) | stats count(*)",
	"appendcols (SOURCE 'g' | fields id as other | limit 50000)", "parse @message '\"n\":*,\"u\":\"*\"' as a, b | stats count(*) by a, b",
	"stats histogram(ms, 10), stddev(ms), earliest(id) by n", "expand list | stats count(*) by list",
}

// watchedContext counts how often it is asked whether it has ended, ends itself at one of these times, and knows the longest
// time between two. It is for queries, which ask on all of their goroutines.
type watchedContext struct {
	context.Context
	cancel context.CancelFunc
	at     int64 // of which time it ends; 0: never
	asked  atomic.Int64
	last   atomic.Int64 // when it was asked, in ns
	worst  atomic.Int64 // ns
	ended  atomic.Int64 // when, in ns
}

func watch(ctx context.Context, at int64) *watchedContext {
	w := &watchedContext{at: at}
	w.Context, w.cancel = context.WithCancel(ctx)
	w.last.Store(time.Now().UnixNano())
	return w
}

func (w *watchedContext) Err() error {
	now := time.Now().UnixNano()
	if gap := now - w.last.Swap(now); gap > w.worst.Load() {
		w.worst.Store(gap)
	}
	if w.asked.Add(1) == w.at {
		w.ended.Store(now)
		w.cancel()
	}
	return w.Context.Err()
}

// TestCancelAnywhere stops long queries at many of the moments at which they ask whether to stop. They must end at once.
// The bound is generous since the machine may be busy; the longest times are printed.
func TestCancelAnywhere(t *testing.T) {
	t.Parallel()
	n, points := 5000, int64(3)
	if text := os.Getenv("CANCEL_EVENTS"); text != "" { // to see on many more events how long it takes
		n, _ = strconv.Atoi(text)
	}
	d := newMemData(t, 10_000, flowEvents(n))
	for _, query := range longQueries {
		t.Run(query, func(t *testing.T) {
			t.Parallel()
			whole := watch(t.Context(), 0)
			if err := runWatched(whole, d, query); err != nil {
				t.Fatal(err)
			}
			slowest := time.Duration(0)
			asked := whole.asked.Load()
			for i := range points {
				w := watch(t.Context(), max(1, asked*(2*i+1)/(2*points)))
				err := runWatched(w, d, query)
				if w.ended.Load() == 0 {
					continue // it asked less often, since goroutines share their work in another way
				}
				if !errors.Is(err, context.Canceled) {
					t.Errorf("stopped at %d of %d: %v", w.at, asked, err)
				}
				slowest = max(slowest, time.Since(time.Unix(0, w.ended.Load())))
			}
			t.Logf("%s: asked %d times, at the latest after %v; ended after %v", query, asked, time.Duration(whole.worst.Load()), slowest)
			if slowest > 2*time.Second {
				t.Errorf("ended %v after it was stopped", slowest)
			}
		})
	}
}

func runWatched(ctx *watchedContext, d *memData, text string) error {
	defer ctx.cancel()
	parsed, err := syntax.ParseQuery(text)
	if err != nil {
		return err
	}
	q, err := Compile(parsed, Options{Within: wholeTime, MemoryBytes: 4 << 30})
	if err != nil {
		return err
	}
	open := func(context.Context, *syntax.Source) (Data, error) { return d, nil }
	_, err = q.Run(ctx, d, open, nil)
	if err == nil && ctx.ended.Load() != 0 {
		return errors.New("went on to its end")
	}
	return err
}
