package insights

import (
	"fmt"
	"strings"

	"github.com/tollbook/tollbook/logs/insights/syntax"
)

// Explain tells developers how the query is run, a line for each part: what decides whether a block is looked at, what is
// read of columns, what of messages, and what is done to the rows that come out.
func (q *Query) Explain() string {
	x := &explainer{scan: &q.plan.scan}
	x.source()
	for i, p := range x.scan.filter {
		x.line("filter %d: %s", i+1, x.predicate(p))
	}
	x.reads()
	if x.scan.stats != nil {
		x.stats(x.scan.stats)
	} else {
		x.rows(x.scan.rows)
	}
	for _, cmd := range q.plan.rest {
		x.line("then %s", text(cmd))
	}
	x.line("result: %s; %d rows at most", strings.Join(q.plan.columns(), ", "), q.plan.limit)
	return x.out.String()
}

type explainer struct {
	scan *scanPlan
	out  strings.Builder
}

func (x *explainer) line(format string, args ...any) { fmt.Fprintf(&x.out, format+"\n", args...) }

// text is a command, or a part of one, as syntax prints it.
func text(cmd syntax.Command) string {
	return (&syntax.Query{Commands: []syntax.Command{cmd}}).String()
}

func exprText(e syntax.Expr) string {
	return strings.TrimPrefix(text(&syntax.Filter{Cond: e}), "filter ")
}

func (x *explainer) source() {
	switch r := x.scan.rows; {
	case r != nil && r.streamed:
		x.line("scan: events in order, until there are %d", max(r.keep, r.first))
		return
	case x.scan.byEvents():
		x.line("scan: events in order")
		return
	}
	x.line("scan: all blocks, on all processors")
}

func (x *explainer) predicate(p *predicate) string {
	switch p.op {
	case predicateAnd, predicateOr:
		all := make([]string, len(p.parts))
		for i, part := range p.parts {
			all[i] = "(" + x.predicate(part) + ")"
		}
		return strings.Join(all, map[predicateOp]string{predicateAnd: " and ", predicateOr: " or "}[p.op])
	}
	how := "evaluated for each row"
	switch {
	case p.named != nil && p.named.Only != "":
		how = "column " + p.named.Name + ", found by filter"
	case p.named != nil:
		how = "column " + p.named.Name + ", once for each value"
	case p.decided:
		how = fmt.Sprintf("messages that contain %q", p.contains)
	case len(p.contains) > 0:
		how = fmt.Sprintf("evaluated for messages that contain %q", p.contains)
	}
	return exprText(p.expr.source) + ": " + how
}

func (x *explainer) reads() {
	var columns, other []string
	for i := range x.scan.slots {
		switch s := &x.scan.slots[i]; s.kind {
		case slotField:
			columns = append(columns, s.path)
		case slotComputed:
			x.line("compute %s: %s", s.name, exprText(s.expr.source))
		case slotCapture:
			x.line("parse %s out of %s", s.name, exprText(s.parse.from.source))
		default:
			other = append(other, s.name)
		}
	}
	x.line("reads: %s", strings.Join(append(columns, other...), ", "))
}

func (x *explainer) stats(p *scanStats) {
	keys := make([]string, len(p.keys))
	for i, key := range p.keys {
		keys[i] = exprText(key.source)
	}
	calls := make([]string, len(p.calls))
	for i, call := range p.calls {
		of := "*"
		if call.of >= 0 {
			of = exprText(p.args[call.of])
		}
		calls[i] = call.name + "(" + of + ")"
	}
	x.line("aggregate on each processor, then merge: %s", strings.Join(calls, ", "))
	if len(keys) > 0 {
		x.line("group by: %s", strings.Join(keys, ", "))
	}
	if p.first != nil {
		x.line("rows are made of the first %d groups in the order of %d keys", p.first.limit, len(p.first.keys))
	}
}

func (x *explainer) flow(p *scanRows) {
	how := "on each processor, in no order"
	if x.scan.byEvents() {
		how = "one after the other"
	}
	first, ok := p.flow.sink.(*firstRowsStep)
	if !ok {
		x.line("rows flow through the next %d commands %s", len(p.flow.steps)+1, how)
		return
	}
	x.line("rows flow through the next %d commands %s; the first %d are kept", len(p.flow.steps), how, first.limit)
}

func (x *explainer) rows(p *scanRows) {
	if p.flow != nil {
		x.flow(p)
		return
	}
	order := "newest first"
	if !p.newestFirst {
		order = "oldest first"
	}
	var keys []string
	for _, key := range p.order {
		direction := " asc"
		if key.desc {
			direction = " desc"
		}
		keys = append(keys, exprText(key.expr.source)+direction)
	}
	order = strings.Join(append(keys, order), ", ")
	for _, key := range p.dedup {
		order += "; the first of each " + exprText(key.source)
	}
	if p.keep > 0 {
		order += fmt.Sprintf("; the first %d", p.keep)
	}
	x.line("order: %s", order)
}
