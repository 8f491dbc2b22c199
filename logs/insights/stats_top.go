package insights

import (
	"container/heap"
	"context"
	"slices"

	"github.com/tollbook/tollbook/logs/insights/syntax"
	"github.com/tollbook/tollbook/logs/insights/value"
)

// statsTop is a sort and a limit right behind a stats: rows are made of the groups that are left only.
type statsTop struct {
	keys  []sortKey // over the result's columns
	reads []int     // the columns that keys read
	limit int
}

// takeTop takes sort and limit away from the commands behind a stats, if they come next.
func (s *statsShape) takeTop(cmds []syntax.Command, c *compiling) ([]syntax.Command, error) {
	if len(cmds) < 2 || s.top > 0 {
		return cmds, nil
	}
	by, ok := cmds[0].(*syntax.Sort)
	limit, limited := cmds[1].(*syntax.Limit)
	if !ok || !limited || limit.Tail {
		return cmds, nil
	}
	top := &statsTop{limit: int(limit.N)}
	for _, key := range by.Keys {
		x, err := compileExpression(key.Expr, s.columns, c)
		if err != nil {
			return nil, err
		}
		top.keys = append(top.keys, sortKey{x, key.Desc})
		for _, f := range fieldsOf(key.Expr) {
			for n := range f.Steps {
				if i := slices.Index(s.columns, joined(f.Steps[:n+1])); i >= 0 {
					top.reads = append(top.reads, i)
				}
			}
			if i := slices.Index(s.columns, f.Name); i >= 0 {
				top.reads = append(top.reads, i)
			}
		}
	}
	s.first = top
	return cmds[2:], nil
}

// rankedGroup is a group with what it is sorted by.
type rankedGroup struct {
	group int
	keys  []value.Value
}

// ranking is the groups that come first, as a heap with the last of them on top. Groups that are equal come in the order of
// what they are grouped by.
type ranking struct {
	top    *statsTop
	stats  *groupedStats
	groups []rankedGroup
}

func (r *ranking) Len() int           { return len(r.groups) }
func (r *ranking) Less(i, j int) bool { return r.compare(&r.groups[i], &r.groups[j]) > 0 }
func (r *ranking) Swap(i, j int)      { r.groups[i], r.groups[j] = r.groups[j], r.groups[i] }
func (r *ranking) Push(x any)         { r.groups = append(r.groups, x.(rankedGroup)) }
func (r *ranking) Pop() any           { panic("BUG: a ranking keeps its groups") }

func (r *ranking) compare(a, b *rankedGroup) int {
	for i := range r.top.keys {
		if order := r.compareKey(i, a.keys[i], b.keys[i]); order != 0 {
			return order
		}
	}
	return r.stats.compareGroups(a.group, b.group)
}

func (r *ranking) compareKey(i int, a, b value.Value) int {
	if r.top.keys[i].desc {
		return value.CompareDescending(a, b)
	}
	return value.Compare(a, b)
}

// firstGroups are the groups that come first, in order; only some of them once ctx has ended.
func (g *groupedStats) firstGroups(ctx context.Context, top *statsTop) []int {
	r := &ranking{top: top, stats: g}
	var scratch []value.Value
	row := make([]value.Value, len(g.shape.columns))
	probe := rankedGroup{keys: make([]value.Value, len(top.keys))}
	for group := range g.len() {
		if group%checkRows == 0 && ctx.Err() != nil {
			break
		}
		scratch = g.read(scratch[:0], row, group, top.reads)
		for i, key := range top.keys {
			probe.keys[i] = key.value(row)
		}
		probe.group = group
		switch {
		case len(r.groups) < top.limit:
			heap.Push(r, rankedGroup{group, slices.Clone(probe.keys)})
		case r.compare(&probe, &r.groups[0]) < 0:
			r.groups[0].group = group
			copy(r.groups[0].keys, probe.keys)
			heap.Fix(r, 0)
		}
	}
	_ = sortUntil(ctx, r.groups, func(a, b rankedGroup) int { return r.compare(&a, &b) }) // its caller looks at ctx as well
	order := make([]int, len(r.groups))
	for i := range order {
		order[i] = r.groups[i].group
	}
	return order
}

// read writes the columns of a group's row that are asked for. It returns scratch.
func (g *groupedStats) read(scratch, row []value.Value, group int, columns []int) []value.Value {
	by := len(g.shape.by)
	scratch = append(scratch, make([]value.Value, by+len(g.calls))...)
	for i, call := range g.calls {
		scratch[by+i] = call.value(group)
	}
	keyed := false
	for _, at := range columns {
		if at >= by {
			row[at] = g.shape.outputs[at-by](scratch)
		} else if !keyed {
			copy(row, g.row(nil, group))
			keyed = true
		}
	}
	return scratch
}

// compareGroups orders groups by what they are grouped by.
func (g *groupedStats) compareGroups(a, b int) int {
	x, y := g.row(nil, a), g.row(nil, b)
	for i := range x {
		if order := value.Compare(x[i], y[i]); order != 0 {
			return order
		}
	}
	return a - b
}
