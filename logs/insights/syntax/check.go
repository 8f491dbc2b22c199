package syntax

import (
	"fmt"
	"slices"
)

// maxStats is how many stats a query may have (spec §6.4); log groups of the class INFREQUENT_ACCESS allow fewer.
const maxStats = 10

// checker finds the first thing in a query that no log event could make right.
type checker struct {
	err   *Error
	joins int // of the whole query
}

// place says what a query is part of.
type place uint8

const (
	outermost place = iota
	subquery        // of in
	joined          // right side of join
	appended        // of appendcols
)

// check returns what is wrong with a query, or nil. References to columns of a stats by what they compute become fields.
func check(q *Query) *Error {
	k := &checker{}
	k.query(q, outermost, Span{})
	return k.err
}

// fail notes the first error.
func (k *checker) fail(at Span, format string, args ...any) {
	if k.err == nil {
		k.err = &Error{Span: at, Message: fmt.Sprintf(format, args...)}
	}
}

// query checks a query; at is the expression that a sub-query is part of.
func (k *checker) query(q *Query, in place, at Span) {
	k.order(q)
	k.structured(q)
	s := newScope(k)
	s.last = at
	for _, c := range q.Commands {
		s.command(c)
		k.inner(c, in)
	}
	if columns, known := s.columns(); in == subquery && (!known || columns != 1) && !s.open {
		k.fail(s.last, "Sub-query must return exactly one field")
	}
}

// inner checks the queries within a command.
func (k *checker) inner(c Command, in place) {
	switch c := c.(type) {
	case *Join:
		if k.joins++; k.joins > 1 || in != outermost {
			k.fail(c.Span, "Only one join is allowed in a query")
		}
		k.query(c.Right, joined, c.Span)
	case *AppendCols:
		if in != outermost {
			k.fail(c.Span, "appendcols is not allowed within another query")
		}
		k.query(c.Query, appended, c.Span)
	}
	list := expressions(c)
	if s, ok := c.(*Stats); ok {
		list = append(columnExprs(s.Aggs), columnExprs(s.By)...)
	}
	for _, e := range list {
		walk(*e, func(e Expr) bool { return k.subquery(e, in) })
	}
}

func columnExprs(columns []Column) []*Expr {
	list := make([]*Expr, len(columns))
	for i := range columns {
		list[i] = &columns[i].Expr
	}
	return list
}

func (k *checker) subquery(e Expr, in place) bool {
	list, ok := e.(*In)
	if !ok || list.Query == nil {
		return true
	}
	switch in {
	case subquery:
		k.fail(list.Span, "Nested sub-queries are not supported")
	case joined:
		k.fail(list.Span, "Sub-queries are not supported on the right side of join")
	}
	k.query(list.Query, subquery, list.Span)
	return true
}

// order checks which command may stand where.
func (k *checker) order(q *Query) {
	stats := 0
	lastStats := -1
	for i, c := range q.Commands {
		if _, ok := c.(*Stats); ok {
			lastStats = i
			if stats++; stats > maxStats {
				k.fail(c.At(), "Only %d stats commands are allowed in a query", maxStats)
			}
		}
	}
	for i, c := range q.Commands {
		k.orderOf(q, i, c, lastStats)
	}
}

// orderOf checks the place of one command.
func (k *checker) orderOf(q *Query, i int, c Command, lastStats int) {
	if j := slices.IndexFunc(q.Commands[:i], isDedup); j >= 0 && !isLimit(c) {
		k.fail(c.At(), "Only limit is allowed after dedup")
	}
	switch c := c.(type) {
	case *Sort, *Limit:
		if i < lastStats {
			k.fail(c.At(), "sort and limit must follow the last stats")
		}
	case *Estimate:
		if i != len(q.Commands)-1 {
			k.fail(c.Span, "estimate must be the last command")
		}
	case *Anomaly:
		if i == 0 || !isPattern(q.Commands[i-1]) {
			k.fail(c.Span, "anomaly must follow pattern")
		}
	case *FillMissing:
		if lastStats < 0 || i < lastStats || !binned(q.Commands[lastStats].(*Stats)) {
			k.fail(c.Span, "fillmissing must follow stats by bin")
		}
	}
}

func isDedup(c Command) bool   { _, ok := c.(*Dedup); return ok }
func isLimit(c Command) bool   { _, ok := c.(*Limit); return ok }
func isPattern(c Command) bool { _, ok := c.(*Pattern); return ok }

// binned tells whether a stats groups by bin.
func binned(s *Stats) bool {
	return slices.ContainsFunc(s.By, func(c Column) bool {
		call, ok := c.Expr.(*Call)
		return ok && call.Name == "bin"
	})
}
