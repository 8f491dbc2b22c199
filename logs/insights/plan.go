package insights

import (
	"slices"

	"github.com/tollbook/tollbook/logs/insights/syntax"
)

// plan is a compiled query: a scan, and the steps on the rows that come out of it.
type plan struct {
	scan  scanPlan
	steps []step
	rest  []syntax.Command // what the steps were made of
	out   schema           // of the rows behind the steps
	limit int              // how many rows the result may have
	// estimates says that the query is not run, but what it would look at is estimated.
	estimates bool
}

// scanPlan is what is done to log events. Exactly one of stats and rows is set.
type scanPlan struct {
	slots  []slot
	fields []string // paths of the message's fields that are read
	lines  bool     // one of them is a field that lines without an object can have
	exprs  int
	parses int
	bulky  bool         // a slot has values that are made of whole messages
	filter []*predicate // all of which must hold
	stats  *scanStats
	rows   *scanRows
}

// scanStats is a stats in a scan.
type scanStats struct {
	*statsShape
	keys []*scanExpr
	vals []*scanExpr // of args
}

// scanRows is which rows a scan returns, and in which order.
type scanRows struct {
	columns []string
	slots   []int // of columns
	order   []orderKey
	dedup   []*scanExpr // of rows that have the same values of these, only the first is kept
	keep    int         // how many; 0: all
	// byTime says that the order is that of events, and newestFirst which.
	byTime, newestFirst bool
	// streamed says that the scan goes through events, one after the other, until it has enough.
	streamed bool
	// backwards says that rows come in the order that is opposite to what the commands behind expect: a tail keeps the last.
	backwards bool
	flow      *flow // if it is not nil, rows are not kept but flow through it
	first     int   // how many of the rows that have flown are wanted, in order; 0: all
}

// orderKey is an expression to sort by.
type orderKey struct {
	expr *scanExpr
	desc bool
}

// newPlan compiles commands.
func newPlan(cmds []syntax.Command, c *compiling, limit int) (*plan, error) {
	cmds, estimates := withoutEstimate(withoutFrequent(cmds))
	p := &planner{scope: newScope(c), keep: -1}
	rest, err := p.absorb(cmds)
	if err != nil {
		return nil, err
	}
	out := &plan{limit: limit, estimates: estimates}
	var in schema
	if p.stats != nil {
		if rest, err = p.stats.takeTop(rest, c); err != nil {
			return nil, err
		}
		in = schema{columns: p.stats.columns, shown: p.stats.columns, stats: p.statsCommand}
	} else if in, err = p.planRows(rest, limit); err != nil {
		return nil, err
	}
	out.rest = rest
	if out.steps, out.out, err = newSteps(rest, in, c); err != nil {
		return nil, err
	}
	if p.rows != nil {
		out.steps = p.rows.takeFlow(out.steps)
		if p.rows.backwards {
			out.steps = append([]step{stepFunc(reverseRows)}, out.steps...)
		}
	}
	out.scan = scanPlan{
		slots: p.slots, fields: p.fields, lines: p.lines, exprs: p.exprs, parses: p.parses, filter: p.filters, stats: p.stats, rows: p.rows,
		bulky: p.bulky(),
	}
	return out, nil
}

// planner goes through the commands that the scan takes on.
type planner struct {
	*scope
	schema       schema // columns are not kept
	filters      []*predicate
	order        []orderKey
	dedup        []*scanExpr
	keep         int // rows that a limit leaves; -1 without one
	stats        *scanStats
	statsCommand *syntax.Stats
	rows         *scanRows
}

// absorb plans commands as long as the scan can do them, and returns the others.
func (p *planner) absorb(cmds []syntax.Command) (rest []syntax.Command, err error) {
	for i, cmd := range cmds {
		taken, err := p.command(cmd)
		if err != nil {
			return nil, err
		}
		if !taken {
			return cmds[i:], nil
		}
		if p.stats != nil {
			return cmds[i+1:], nil
		}
	}
	return nil, nil
}

// command plans a command, or says that it is left to the steps.
func (p *planner) command(cmd syntax.Command) (taken bool, err error) {
	limited := p.keep >= 0 || p.dedup != nil
	switch cmd := cmd.(type) {
	case *syntax.Dedup:
		return !limited, p.distinct(cmd, limited)
	case *syntax.Fields:
		return true, p.columns(cmd)
	case *syntax.Parse:
		p.schema = p.schema.extend(cmd.Names...)
		return true, p.parse(cmd)
	case *syntax.Unmask:
		return true, nil // nothing is masked
	case *syntax.Filter:
		return !limited, p.where(cmd.Cond, limited)
	case *syntax.FilterIndex:
		return !limited, p.where(cmd.Cond, limited)
	case *syntax.Sort:
		return !limited, p.sort(cmd, limited)
	case *syntax.Limit:
		if cmd.Tail {
			return false, nil
		}
		if n := int(cmd.N); p.keep < 0 || n < p.keep {
			p.keep = n
		}
		return true, nil
	case *syntax.Stats:
		return !limited, p.aggregate(cmd, limited)
	}
	return false, nil
}

// columns plans fields and display.
func (p *planner) columns(cmd *syntax.Fields) error {
	if cmd.Display {
		p.schema.shown, p.schema.displayed = []string{}, false
	} else if p.schema.shown == nil {
		p.schema.shown = []string{}
	}
	for _, column := range cmd.Columns {
		p.schema = p.schema.show(column.Name)
		if f, ok := column.Expr.(*syntax.Field); ok && f.Name == column.Name {
			if name, _ := p.resolve(f); name == f.Name {
				continue
			}
		}
		if err := p.compute(column.Name, column.Expr); err != nil {
			return err
		}
	}
	p.schema.displayed = p.schema.displayed || cmd.Display
	return nil
}

func (p *planner) where(cond syntax.Expr, limited bool) error {
	if limited {
		return nil
	}
	x, err := p.predicate(cond)
	if err == nil {
		p.filters = append(p.filters, x.under(predicateAnd)...)
	}
	return err
}

// sort plans a sort; where its keys are equal, the order before it stays.
func (p *planner) sort(cmd *syntax.Sort, limited bool) error {
	if limited {
		return nil
	}
	var keys []orderKey
	for _, key := range cmd.Keys {
		x, err := p.expr(key.Expr)
		if err != nil {
			return err
		}
		keys = append(keys, orderKey{x, key.Desc})
	}
	p.order = append(keys, p.order...)
	return nil
}

func (p *planner) distinct(cmd *syntax.Dedup, limited bool) error {
	for _, f := range cmd.Fields {
		if limited {
			break
		}
		x, err := p.expr(f)
		if err != nil {
			return err
		}
		p.dedup = append(p.dedup, x)
	}
	return nil
}

func (p *planner) aggregate(cmd *syntax.Stats, limited bool) error {
	if limited {
		return nil
	}
	shape, err := newStatsShape(cmd, p.compiling)
	if err != nil {
		return err
	}
	s := &scanStats{statsShape: shape}
	for _, e := range shape.by {
		x, err := p.expr(e)
		if err != nil {
			return err
		}
		if call, ok := e.(*syntax.Call); ok && call.Name == "bin" {
			x.shift = shape.shift
		}
		s.keys = append(s.keys, x)
	}
	for _, e := range shape.args {
		x, err := p.expr(e)
		if err != nil {
			return err
		}
		s.vals = append(s.vals, x)
	}
	p.stats, p.statsCommand = s, cmd
	return nil
}

// planRows plans which rows the scan returns to the other commands.
func (p *planner) planRows(rest []syntax.Command, limit int) (schema, error) {
	in := p.schema
	r := &scanRows{keep: max(p.keep, 0), newestFirst: true}
	if n := firstRows(rest, limit); n > 0 && n != unlimited && (p.keep < 0 || p.keep > n) {
		r.keep = n
	}
	add := func(name string, slot int) {
		if !slices.Contains(r.columns, name) {
			r.columns, r.slots = append(r.columns, name), append(r.slots, slot)
		}
	}
	if !readsNamed(rest) {
		for _, name := range in.visible() {
			add(name, p.nameSlot(name))
		}
	}
	rowReferences(rest, func(f *syntax.Field) { add(p.resolve(f)) })
	if !slices.ContainsFunc(rest, losesPointer) {
		add("@ptr", p.eventSlot("@ptr"))
	}
	sorted := false
	if p.keep < 0 && r.keep == 0 && len(p.dedup) == 0 {
		r.first, sorted = flowsInto(rest, limit)
	}
	if r.first > 0 {
		add(placeColumn, placeSlot)
	}
	p.rows = r
	p.planOrder(r, rest, sorted)
	in.columns = r.columns
	return in, nil
}

// nameSlot is the slot of a column.
func (p *planner) nameSlot(name string) int {
	if at, ok := p.named[name]; ok {
		return at
	}
	return p.eventSlot(name)
}

// losesPointer says whether the rows of a command are none of events any more.
func losesPointer(cmd syntax.Command) bool {
	switch cmd.(type) {
	case *syntax.Stats, *syntax.Pattern, *syntax.Diff, *syntax.RelevantFields:
		return true
	}
	return false
}

// planOrder decides how the rows are found: through events, one after the other, if they come in the order of time and the
// store can look for those that are wanted; through columns otherwise.
func (p *planner) planOrder(r *scanRows, rest []syntax.Command, sorted bool) {
	r.order, r.dedup = p.order, p.dedup
	r.byTime = len(p.order) == 0
	if len(p.order) == 1 {
		first := p.order[0]
		if first.expr.form == formSlot && p.slots[first.expr.refs[0]].kind == slotTimestamp {
			r.byTime, r.newestFirst = true, first.desc
		}
	}
	if r.byTime {
		r.order = nil // events of one time keep the order in which they came
	}
	if n := lastRows(rest); n > 0 && r.byTime && r.keep == 0 && len(r.dedup) == 0 {
		r.backwards, r.newestFirst, r.keep = true, !r.newestFirst, n
	}
	_, full := impliedByAll(p.filters)
	r.streamed = r.byTime && (r.keep > 0 || r.first > 0 && !sorted) && full && len(r.dedup) == 0
}
