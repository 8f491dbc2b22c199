package insights

import (
	"context"
	"slices"
	"strconv"

	"github.com/tollbook/tollbook/logs/insights/syntax"
	"github.com/tollbook/tollbook/logs/insights/value"
)

// aggregate is a call of an aggregate function.
type aggregate struct {
	name     string
	of       int     // number of its argument among those of the stats; -1: count(*)
	number   float64 // of pct the percentage, of histogram the number of ranges
	interval float64 // of rate, in milliseconds
	timed    bool    // depends on when values were
}

// statsShape is a stats apart from where its values come from.
type statsShape struct {
	by      []syntax.Expr
	args    []syntax.Expr // of aggregates, each once
	calls   []aggregate
	columns []string     // of the result
	outputs []expression // over the values of by and those of calls
	shift   int64        // by how much bins are shown later, in milliseconds
	timed   bool
	top     int       // of topk: how many rows; 0 of all others
	first   *statsTop // nil: all rows
}

// newStatsShape takes a stats apart.
func newStatsShape(cmd *syntax.Stats, c *compiling) (*statsShape, error) {
	s := &statsShape{}
	if top, ok := topk(cmd); ok {
		return s, s.topk(cmd, top)
	}
	if cmd.Offset != nil {
		if cmd.Offset.Unit > syntax.Week {
			return nil, errorAt(cmd.Offset, "offset must be in weeks or a shorter unit")
		}
		s.shift = periodMillis(cmd.Offset)
	}
	var names []string // of what outputs are computed from
	for _, by := range cmd.By {
		s.by = append(s.by, by.Expr)
		s.columns = append(s.columns, by.Name)
		names = append(names, by.Name)
	}
	for _, column := range cmd.Aggs {
		over, err := s.takeAggregates(column.Expr)
		if err != nil {
			return nil, err
		}
		x, err := compileExpression(over, append(names, s.callNames()...), c)
		if err != nil {
			return nil, err
		}
		s.columns, s.outputs = append(s.columns, column.Name), append(s.outputs, x)
	}
	return s, nil
}

// callName is the name of the column that has the results of an aggregate: none that a query can write.
func callName(i int) string { return "\x00" + strconv.Itoa(i) }

func (s *statsShape) callNames() (names []string) {
	for i := range s.calls {
		names = append(names, callName(i))
	}
	return names
}

// takeAggregates adds the aggregates of an expression, and returns it with their columns in their places.
func (s *statsShape) takeAggregates(e syntax.Expr) (_ syntax.Expr, err error) {
	take := func(x *syntax.Expr) {
		if err == nil {
			*x, err = s.takeAggregates(*x)
		}
	}
	list := func(all []syntax.Expr) []syntax.Expr {
		all = slices.Clone(all)
		for i := range all {
			take(&all[i])
		}
		return all
	}
	switch e := e.(type) {
	case *syntax.Call:
		if e.IsAggregate() {
			return systemField(e.Span, callName(len(s.calls))), s.call(e)
		}
		out := *e
		out.Args = list(e.Args)
		return &out, err
	case *syntax.Unary:
		out := *e
		take(&out.X)
		return &out, err
	case *syntax.Binary:
		out := *e
		take(&out.X)
		take(&out.Y)
		return &out, err
	case *syntax.Like:
		out := *e
		take(&out.X)
		return &out, err
	case *syntax.In:
		out := *e
		take(&out.X)
		out.List = list(e.List)
		return &out, err
	}
	return e, nil
}

// call adds an aggregate.
func (s *statsShape) call(call *syntax.Call) error {
	a := aggregate{name: call.Name, of: -1}
	if newAggregator(context.Background(), &a) == nil {
		return errorAt(call, "Aggregate function %s is not supported here", call.Name)
	}
	if len(call.Args) > 0 && !call.Star {
		a.of = len(s.args)
		s.args = append(s.args, call.Args[0])
	}
	if len(call.Args) > 1 {
		switch arg := call.Args[1].(type) {
		case *syntax.Number:
			a.number = arg.Value
		case *syntax.Period:
			if arg.Unit > syntax.Week {
				return errorAt(arg, "the interval must be in weeks or a shorter unit")
			}
			a.interval = float64(max(periodMillis(arg), 1))
		default:
			return errorAt(arg, "Expected a number")
		}
	}
	if a.of < 0 && a.name != "count" {
		return errorAt(call, "Function %s needs a field", call.Name)
	}
	a.timed = readsTime(call)
	s.timed = s.timed || a.timed
	s.calls = append(s.calls, a)
	return nil
}

func topk(cmd *syntax.Stats) (*syntax.Call, bool) {
	if len(cmd.Aggs) != 1 || len(cmd.By) > 0 {
		return nil, false
	}
	call, ok := cmd.Aggs[0].Expr.(*syntax.Call)
	return call, ok && call.Name == "topk" && len(call.Args) == 2
}

// topk makes of topk(k, field) the k commonest values, a row each, with how often they come (our rule).
func (s *statsShape) topk(cmd *syntax.Stats, call *syntax.Call) error {
	k, ok := call.Args[0].(*syntax.Number)
	if !ok || k.Value < 1 {
		return errorAt(call.Args[0], "Expected a number above 0")
	}
	s.by, s.top = call.Args[1:], int(k.Value)
	s.columns = []string{cmd.Aggs[0].Name, "count"}
	s.calls = []aggregate{{name: "count", of: -1}}
	s.outputs = []expression{func(row []value.Value) value.Value { return row[1] }}
	return nil
}

// groupedStats is a stats at work. It is for one goroutine.
type groupedStats struct {
	shape *statsShape
	groups
	calls  []aggregator
	inputs []input // of args, and one of count(*)
	any    bool    // rows have come
}

func newGroupedStats(ctx context.Context, s *statsShape) *groupedStats {
	g := &groupedStats{shape: s, groups: *newGroups(ctx, len(s.by)), inputs: make([]input, len(s.args)+1)}
	for i := range s.calls {
		g.calls = append(g.calls, newAggregator(ctx, &s.calls[i]))
	}
	return g
}

// add adds rows: their values of by and of args. in is for those that need positions.
func (g *groupedStats) add(rows []int32, by, args []*vector, places placesOf) error {
	if len(rows) == 0 {
		return nil
	}
	g.any = true
	ids, err := g.number(rows, by)
	if err != nil {
		return err
	}
	at, err := places()
	if err != nil {
		return err
	}
	for i := range g.inputs {
		var v *vector
		if i < len(args) {
			v = args[i]
		}
		g.inputs[i].reset(rows, v, at)
	}
	for i, call := range g.calls {
		of := g.shape.calls[i].of
		if of < 0 {
			of = len(g.inputs) - 1
		}
		call.grow(g.len())
		if err := call.add(&g.inputs[of], ids); err != nil {
			return err
		}
	}
	return nil
}

// merge adds what another has, which stays as it is. It ends with ctx, and g is then of no use.
func (g *groupedStats) merge(ctx context.Context, o *groupedStats) {
	if !o.any {
		return
	}
	g.any = true
	ids := g.groups.merge(ctx, &o.groups)
	if ctx.Err() != nil {
		return
	}
	for i, call := range g.calls {
		call.grow(g.len())
		o.calls[i].grow(len(ids))
		for first := 0; first < len(ids) && ctx.Err() == nil; first += mergedGroups {
			call.merge(o.calls[i], first, ids[first:min(first+mergedGroups, len(ids))])
		}
	}
}

// mergedGroups is how many groups are merged before it looks whether the query was stopped: one may have thousands of values.
const mergedGroups = 64

// held is about how many bytes it holds.
func (g *groupedStats) held() int64 {
	n := g.groups.held()
	for _, call := range g.calls {
		n += call.held()
	}
	return n
}

// table makes the result. Without rows there is none.
func (g *groupedStats) table(ctx context.Context, memory *budget) (*table, error) {
	s := g.shape
	t := &table{columns: s.columns}
	if !g.any {
		return t, nil
	}
	order := g.order(ctx)
	if err := memory.take(int64(len(order)) * (rowBytes + int64(len(s.columns))*valueBytes)); err != nil {
		return nil, err
	}
	held := int64(0) // by the values of rows, most of which the groups hold as well: that is given back later
	t.rows = make([][]value.Value, len(order))
	values := make([]value.Value, len(order)*len(s.columns))
	var row []value.Value
	for i, group := range order {
		if i%checkRows == 0 && ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		row = g.row(row[:0], group)
		for _, call := range g.calls {
			row = append(row, call.value(group))
		}
		out := values[:len(s.columns):len(s.columns)]
		values = values[len(s.columns):]
		copy(out, row[:len(s.by)])
		for k, output := range s.outputs {
			out[len(s.by)+k] = output(row)
		}
		t.rows[i] = out
		for k := range out {
			held += out[k].Held()
		}
		if i%checkRows == 0 || i == len(order)-1 {
			if err := memory.take(held); err != nil {
				return nil, err
			}
			held = 0
		}
	}
	if s.top > 0 {
		t.keepTop(ctx, s.top)
	}
	return t, context.Cause(ctx)
}

// maxSorted is up to how many groups come in the order of what they are grouped by.
const maxSorted = 20_000

// order is the groups that make rows. AWS' order is not specified; ours is the same each time, unless there are very many.
func (g *groupedStats) order(ctx context.Context) []int {
	if g.shape.first != nil {
		return g.firstGroups(ctx, g.shape.first)
	}
	order := make([]int, g.len())
	for i := range order {
		order[i] = i
	}
	if len(order) > maxSorted || g.shape.top > 0 {
		return order
	}
	rows := make([][]value.Value, len(order))
	for i := range rows {
		rows[i] = g.row(nil, i)
	}
	_ = sortUntil(ctx, order, func(a, b int) int { // its caller looks at ctx as well
		for k := range rows[a] {
			if c := value.Compare(rows[a][k], rows[b][k]); c != 0 {
				return c
			}
		}
		return a - b
	})
	return order
}

// keepTop keeps the rows with the highest counts that have a value; any of them once ctx has ended.
func (t *table) keepTop(ctx context.Context, n int) {
	t.rows = slices.DeleteFunc(t.rows, func(row []value.Value) bool { return row[0].IsNull() })
	_ = sortUntil(ctx, t.rows, func(a, b []value.Value) int { // its caller looks at ctx as well
		if order := value.CompareDescending(a[1], b[1]); order != 0 {
			return order
		}
		return value.Compare(a[0], b[0])
	})
	t.rows = t.rows[:min(n, len(t.rows))]
}
