package insights

import (
	"context"
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/tollbook/tollbook/logs/insights/syntax"
	"github.com/tollbook/tollbook/logs/insights/value"
)

// Limits and defaults of queries (spec/cloudwatch-logs §6.1, §6.4).
const (
	DefaultLimit       = 10_000    // rows
	MaxLimit           = 100_000   // rows
	DefaultMemoryBytes = 512 << 20 // for one query
)

// unlimited is the limit of a query within another.
const unlimited = math.MaxInt

// Options are what a query is about beside its text. The zero value of a field is its default.
type Options struct {
	// Within is the time range. A SOURCE with START and END has its own.
	Within TimeRange
	// Now is the time in milliseconds since 1970 that now() and relative times go by. Default: the clock's when it compiles.
	Now int64
	// Limit is how many rows the result may have, at most MaxLimit. Default: as many as the query's own limit says, or
	// DefaultLimit if it has none.
	Limit int
	// MemoryBytes is about how much memory a run may use. Default: DefaultMemoryBytes.
	MemoryBytes int64
	// Region is what @aws.region says. Default: it has no value.
	Region string
	// Lookups are the tables of lookup and cidrlookup. Default: there are none.
	Lookups LookupTables
}

// Query is a compiled query. It is safe for concurrent use.
type Query struct {
	parsed  *syntax.Query
	options Options
	plan    *plan // of the query as it stands, its sub-queries without a value
}

// Result is rows under named columns.
type Result struct {
	Columns    []string
	Rows       [][]value.Value // each of len(Columns); null where a row has no value
	Statistics Statistics
}

// Bytes is about how much memory the rows take.
func (r *Result) Bytes() (n int64) {
	for _, row := range r.Rows {
		n += rowBytes + rowBytesOf(row)
	}
	return n
}

// Statistics is what a query has looked at. Numbers of a scan that ends early, since it has enough rows, are of what it
// came to until then.
type Statistics struct {
	RecordsMatched int64 // events that the filters before the first other command accept
	RecordsScanned int64 // events that were looked at, in columns or as messages
	BytesScanned   int64 // of the messages of these; of a block that was selected in part, in proportion
	RecordsSkipped int64 // events of blocks on disk whose dictionaries and filters say that none matches
	BytesSkipped   int64
	LogGroups      int
}

func (s *Statistics) add(o *Statistics) {
	s.RecordsMatched += o.RecordsMatched
	s.RecordsScanned += o.RecordsScanned
	s.BytesScanned += o.BytesScanned
	s.RecordsSkipped += o.RecordsSkipped
	s.BytesSkipped += o.BytesSkipped
}

// Compile plans a query. Errors are *syntax.Error, but for those of Options.Lookups.
func Compile(parsed *syntax.Query, o Options) (*Query, error) {
	if o.Limit <= 0 {
		o.Limit = defaultLimit(parsed.Commands)
	}
	o.Limit = min(o.Limit, MaxLimit)
	return compile(parsed, o)
}

func compile(parsed *syntax.Query, o Options) (*Query, error) {
	if o.Now == 0 {
		o.Now = time.Now().UnixMilli()
	}
	if o.MemoryBytes <= 0 {
		o.MemoryBytes = DefaultMemoryBytes
	}
	o.Within = sourceRange(parsed.Source, o.Within, o.Now)
	q := &Query{parsed: parsed, options: o}
	nothing := func(*syntax.Query) (*table, error) { return &table{columns: []string{"-"}}, nil }
	none := &subqueries{ctx: context.Background(), ask: nothing}
	cmds, err := none.resolve(parsed.Commands)
	if err != nil {
		return nil, err
	}
	q.plan, err = newPlan(cmds, q.compiling(), o.Limit)
	return q, err
}

// defaultLimit is how many rows a result may have if nobody but the query says it.
func defaultLimit(cmds []syntax.Command) int {
	for _, cmd := range cmds {
		if _, ok := cmd.(*syntax.Limit); ok {
			return MaxLimit
		}
	}
	return DefaultLimit
}

// sourceRange is the time range of a query whose SOURCE may have one; both of its bounds are inclusive.
func sourceRange(s *syntax.Source, within TimeRange, now int64) TimeRange {
	at := func(t *syntax.SourceTime) int64 {
		if t.Relative {
			return now + t.Millis
		}
		return t.Millis
	}
	if s != nil && s.Start != nil {
		within.From = at(s.Start)
	}
	if s != nil && s.End != nil {
		within.To = at(s.End) + 1
	}
	return within
}

func (q *Query) compiling() *compiling {
	return &compiling{text: q.parsed.Text, within: q.options.Within, now: q.options.Now, columnsOf: q.columnsOf, lookups: q.options.Lookups, region: q.options.Region}
}

// inner compiles a query that stands within this one, in whose text its places are. It has all rows that its own limits
// leave: they are bounded by the memory.
func (q *Query) inner(parsed *syntax.Query) (*Query, error) {
	in := *parsed
	in.Text = q.parsed.Text
	o := q.options
	o.Limit = unlimited
	return compile(&in, o)
}

func (q *Query) columnsOf(parsed *syntax.Query) ([]string, error) {
	in, err := q.inner(parsed)
	if err != nil {
		return nil, err
	}
	return in.plan.columns(), nil
}

// columns are those of the result.
func (p *plan) columns() []string {
	if p.estimates {
		return []string{estimatedColumn}
	}
	t := &table{columns: p.out.columns}
	columns := append([]string(nil), p.out.visible()...)
	if t.column("@ptr") >= 0 && (&table{columns: columns}).column("@ptr") < 0 {
		columns = append(columns, "@ptr")
	}
	return columns
}

// Run answers the query. open finds the events of a sub-query's or a join's SOURCE; it may be nil if there is none, and
// data may be nil if open finds those of the query's own SOURCE. partial, where it is not nil, is called now and then, not
// concurrently, with what is known so far. Run ends within some 50 ms when ctx does, with its cause. The error wraps
// ErrMemory if the query needs too much memory, and is a *syntax.Error if a sub-query cannot be used as it is.
func (q *Query) Run(
	ctx context.Context, data Data, open func(ctx context.Context, source *syntax.Source) (Data, error), partial func(Result),
) (Result, error) {
	e := &env{data: data, within: q.options.Within, now: q.options.Now, open: open, memory: newBudget(q.options.MemoryBytes)}
	e.lookups = newLookupRun(q.options.Lookups, e.memory)
	return q.run(ctx, e, partial)
}

func (q *Query) run(ctx context.Context, e *env, partial func(Result)) (Result, error) {
	if e.data == nil {
		var err error
		if e.data, err = openSource(ctx, e, q.parsed.Source); err != nil {
			return Result{}, err
		}
	}
	e.query = func(ctx context.Context, parsed *syntax.Query) (*table, error) { return q.runInner(ctx, e, parsed) }
	p, err := q.resolved(ctx, e)
	if err != nil {
		return Result{}, err
	}
	if p.estimates {
		return p.estimate(ctx, e)
	}
	r := &running{plan: p, env: e, partial: partial}
	e.scan = func(ctx context.Context, within TimeRange) (*table, error) { return r.scanAgain(ctx, within) }
	e.flow = func(ctx context.Context, within TimeRange, into sinkStep) (sink, error) {
		return r.flowAgain(ctx, within, into)
	}
	t, err := r.scan(ctx)
	for _, s := range p.steps {
		if err != nil {
			return Result{}, err
		}
		t, err = s.run(ctx, e, t)
	}
	if err == nil && ctx.Err() != nil {
		err = context.Cause(ctx) // what has stopped half way does not always say so
	}
	if err != nil {
		return Result{}, err
	}
	return p.result(ctx, e.memory, t, r.statistics())
}

func openSource(ctx context.Context, e *env, source *syntax.Source) (Data, error) {
	if e.open == nil || source == nil {
		return nil, fmt.Errorf("the query has no SOURCE, or none can be opened")
	}
	return e.open(ctx, source)
}

// resolved is the plan of the query with the values of its sub-queries.
func (q *Query) resolved(ctx context.Context, e *env) (*plan, error) {
	asked := false
	s := &subqueries{ctx: ctx, memory: e.memory, ask: func(parsed *syntax.Query) (*table, error) {
		asked = true
		return e.query(ctx, parsed)
	}}
	cmds, err := s.resolve(q.parsed.Commands)
	if err != nil {
		return nil, err
	}
	if !asked {
		return q.plan, nil
	}
	return newPlan(cmds, q.compiling(), q.options.Limit)
}

// runInner runs a query that stands within this one.
func (q *Query) runInner(ctx context.Context, e *env, parsed *syntax.Query) (*table, error) {
	in, err := q.inner(parsed)
	if err != nil {
		return nil, err
	}
	inner := &env{within: in.options.Within, now: e.now, open: e.open, memory: e.memory, lookups: e.lookups}
	if parsed.Source == nil {
		inner.data = e.data
	}
	r, err := in.run(ctx, inner, nil)
	return &table{columns: r.Columns, rows: r.Rows}, err
}

// result cuts the columns that are shown out of rows.
func (p *plan) result(ctx context.Context, memory *budget, t *table, s Statistics) (Result, error) {
	r := Result{Columns: p.columns(), Rows: t.rows[:min(len(t.rows), p.limit)], Statistics: s}
	places := make([]int, len(r.Columns))
	same := len(r.Columns) == len(t.columns)
	for i, name := range r.Columns {
		places[i] = t.column(name)
		same = same && places[i] == i
	}
	if same {
		return r, nil
	}
	if err := memory.take(int64(len(r.Rows)) * (rowBytes + int64(len(places))*valueBytes)); err != nil {
		return Result{}, err
	}
	rows := make([][]value.Value, len(r.Rows))
	err := eachRow(ctx, r.Rows, func(i int, row []value.Value) error {
		rows[i] = make([]value.Value, len(places))
		for k, at := range places {
			if at >= 0 {
				rows[i][k] = row[at]
			}
		}
		return nil
	})
	r.Rows = rows
	return r, err
}

// running is a query at work.
type running struct {
	plan    *plan
	env     *env
	partial func(Result)

	blocks *scan
	events *eventScan
}

// scan runs the scan and shows what is known meanwhile.
func (r *running) scan(ctx context.Context) (*table, error) {
	p, err := r.prepared(ctx, r.env.within)
	if err != nil {
		return nil, err
	}
	if p.byEvents() {
		r.events = &eventScan{plan: p, env: r.env, within: r.env.within}
		return r.events.run(ctx, r.shower())
	}
	r.blocks = newScan(ctx, p, r.env, r.env.within)
	stop := r.showNowAndThen(ctx)
	err = r.blocks.read(ctx)
	if stop(); err != nil {
		return nil, err
	}
	return r.blocks.result(ctx)
}

// scanAgain runs the scan on another time range.
func (r *running) scanAgain(ctx context.Context, within TimeRange) (*table, error) {
	p, err := r.prepared(ctx, within)
	if err != nil {
		return nil, err
	}
	if p.byEvents() {
		return (&eventScan{plan: p, env: r.env, within: within}).run(ctx, nil)
	}
	again := newScan(ctx, p, r.env, within)
	if err := again.read(ctx); err != nil {
		return nil, err
	}
	return again.result(ctx)
}

func (r *running) statistics() Statistics {
	if r.events != nil {
		return r.events.statistics()
	}
	return r.blocks.statistics()
}

// shower shows rows that are the result's if no command follows.
func (r *running) shower() func(t *table, s Statistics) {
	if r.partial == nil {
		return nil
	}
	return func(t *table, s Statistics) {
		if len(r.plan.steps) > 0 {
			t = &table{columns: t.columns}
		}
		r.show(context.Background(), t, s)
	}
}

// show shows rows, which the query still counts as its own.
func (r *running) show(ctx context.Context, t *table, s Statistics) {
	if result, err := r.plan.result(ctx, nil, t, s); err == nil {
		r.partial(result)
	}
}

// showNowAndThen shows what a scan over blocks has found so far, until stop is called, which waits for the last time.
func (r *running) showNowAndThen(ctx context.Context) (stop func()) {
	if r.partial == nil {
		return func() {}
	}
	done := make(chan struct{})
	var ended sync.WaitGroup
	ended.Go(func() {
		ticker := time.NewTicker(partialEvery)
		defer ticker.Stop()
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
				r.showBlocks(ctx)
			}
		}
	})
	return func() {
		close(done)
		ended.Wait()
	}
}

func (r *running) showBlocks(ctx context.Context) {
	t := &table{columns: r.plan.out.columns}
	if r.plan.scan.stats != nil && len(r.plan.steps) == 0 {
		if sums, err := r.blocks.partialStats(ctx); err == nil {
			t = sums
		}
	}
	r.show(ctx, t, r.blocks.statistics())
}
