package insights

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/tollbook/tollbook/logs/insights/syntax"
	"github.com/tollbook/tollbook/logs/insights/value"
)

// TestFlow checks that what needs no row for long needs little memory, and that it finds what it should.
func TestFlow(t *testing.T) {
	t.Parallel()
	const n = 30_000
	d := newMemData(t, 5000, numberedEvents(n, func(i int) string {
		return fmt.Sprintf(`{"n":%d,"path":"/a/b%d","text":"user %d has %d things and a long text behind it"}`, i, i%3, i*7919, i%11)
	}))
	for query, want := range map[string]string{
		"pattern text": `@pattern=user <Number-1> has <Number-2> things and a long text behind it @ratio=1 @sampleCount=30000`,
		"fields split(path, '/') as p | unnest p into x | filter x != '' | stats count(*) as c by x | sort x":                                         "x=a c=30000\nx=b0 c=10000\nx=b1 c=10000\nx=b2 c=10000\n",
		"fields split(path, '/') as p | unnest p into x | pattern x | sort `@pattern` | filter @sampleCount > 20000 | display @pattern, @sampleCount": "@pattern= @sampleCount=30000\n@pattern=<Token-1> @sampleCount=30000\n@pattern=a @sampleCount=30000\n",
		"countFrequent path":                                  "path=/a/b0 _approxcount=10000\npath=/a/b1 _approxcount=10000\npath=/a/b2 _approxcount=10000\n",
		"tail 2 | display n":                                  "n=1 @ptr=ptr-1\nn=0 @ptr=ptr-0\n",
		"sort @timestamp asc | tail 2 | display n":            "n=29998 @ptr=ptr-29998\nn=29999 @ptr=ptr-29999\n",
		"accum n as s | limit 3 | display s":                  "s=29999 @ptr=ptr-29999\ns=59997 @ptr=ptr-29998\ns=89994 @ptr=ptr-29997\n",
		"autoregress n | filldown n | limit 2 | display n_p1": "@ptr=ptr-29999\nn_p1=29999 @ptr=ptr-29998\n",
	} {
		q := mustCompile(t, query, Options{Within: wholeTime, MemoryBytes: 1 << 20})
		r, err := q.Run(t.Context(), d, nil, nil)
		if err != nil {
			t.Errorf("%s: %v", query, err)
			continue
		}
		if got := r.show(); got[:min(len(got), len(want))] != want {
			t.Errorf("%s:\n%swant\n%s", query, got, want)
		}
	}
}

// TestDiffFlows compares two halves of the time.
func TestDiffFlows(t *testing.T) {
	t.Parallel()
	d := newMemData(t, 100, numberedEvents(3000, func(i int) string { return fmt.Sprintf("took %d ms in half h", i) }))
	q := mustCompile(t, "diff | display `@sampleCount`, `@differenceCount`", Options{Within: TimeRange{2000, 4000}, MemoryBytes: 64 << 10})
	r, err := q.Run(t.Context(), d, nil, nil)
	if want := "@sampleCount=1000 @differenceCount=-1000\n"; err != nil || r.show() != want {
		t.Errorf("%s, %v", r.show(), err)
	}
}

// TestLimits checks how many rows a result has.
func TestLimits(t *testing.T) {
	t.Parallel()
	const n = 110_000
	d := newMemData(t, 50_000, numberedEvents(n, func(i int) string { return fmt.Sprintf(`{"n":%d}`, i) }))
	for _, c := range []struct {
		query       string
		limit, want int
	}{
		{"fields n", 0, DefaultLimit}, {"fields n | limit 25000", 0, 25_000}, {"fields n | limit 25000", 100, 100}, {"fields n", 50_000, 50_000},
		{"limit 5 | fields n", 100, 5}, {"stats count(*) by n", 0, DefaultLimit}, {"stats count(*) by n | limit 20000", 0, 20_000},
		{"fields n", 200_000, MaxLimit}, {"accum n", 0, DefaultLimit}, {"accum n | limit 12000", 0, 12_000},
	} {
		r, err := mustCompile(t, c.query, Options{Within: wholeTime, Limit: c.limit}).Run(t.Context(), d, nil, nil)
		if err != nil || len(r.Rows) != c.want {
			t.Errorf("%s with limit %d: %d rows, %v", c.query, c.limit, len(r.Rows), err)
		}
	}
	open := func(context.Context, *syntax.Source) (Data, error) { return d, nil }
	r, err := mustCompile(t, "filter n in (SOURCE 'g' | fields n) | stats count(*) as c", Options{Within: wholeTime}).Run(t.Context(), d, open, nil)
	if err != nil || r.show() != "c=110000\n" {
		t.Errorf("the values of a sub-query: %s, %v", r.show(), err)
	}
	_, err = mustCompile(t, "join type=inner left=l right=r where l.n = r.n (SOURCE 'g')", Options{Within: wholeTime}).Run(t.Context(), d, open, nil)
	if wrong := (*syntax.Error)(nil); !errors.As(err, &wrong) {
		t.Errorf("a join with too many keys: %v", err)
	}
}

// TestStopValues stops a list of many values where it is made.
func TestStopValues(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	l := newAggregator(ctx, &aggregate{name: "values"}).(*valueLists)
	l.grow(1)
	const n = 100_000
	for i := range n {
		l.addValue(0, value.OfNumber(float64(i)))
	}
	cancel()
	into := newAggregator(ctx, &aggregate{name: "values"}).(*valueLists)
	into.grow(1)
	into.merge(l, 0, []uint32{0})
	if len(into.groups[0]) >= n {
		t.Errorf("merged %d values", len(into.groups[0]))
	}
}

// TestDateFloor checks that datefloor of @timestamp is what it is of any other time, whatever an offset does to bins.
func TestDateFloor(t *testing.T) {
	t.Parallel()
	d := newMemData(t, 100, numberedEvents(1000, func(i int) string { return fmt.Sprintf(`{"n":%d}`, i) }))
	for _, period := range []string{"7ms", "300ms", "1s", "1w", "1mo"} {
		for _, offset := range []string{"", " offset 1s"} {
			direct := ask(t, d, "stats count(*) as c by datefloor(@timestamp, "+period+") as at, bin(7ms) as b"+offset)
			computed := ask(t, d, "stats count(*) as c by datefloor(fromMillis(n), "+period+") as at, bin(7ms) as b"+offset)
			if direct.show() != computed.show() || len(direct.Rows) == 0 {
				t.Errorf("by %s%s:\n%swant\n%s", period, offset, direct.show(), computed.show())
			}
		}
	}
}
