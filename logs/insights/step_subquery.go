package insights

import (
	"context"
	"slices"

	"github.com/tollbook/tollbook/logs/insights/syntax"
	"github.com/tollbook/tollbook/logs/insights/value"
)

// A sub-query, filter F in ( SOURCE … ), is asked before the query that it is in, and its values then stand there as if
// they had been written: F in [ … ]. So the scan needs to know nothing of sub-queries.

// inSet is an In whose sub-query has been asked. What it has found may be very many values: they are put into a set once.
type inSet struct {
	*syntax.In
	set *valueSet
}

// hasSubquery reports whether a command has a sub-query.
func hasSubquery(cmd syntax.Command) bool {
	return slices.ContainsFunc(expressionsOf(cmd), isSubquery)
}

func isSubquery(e syntax.Expr) bool {
	in, ok := e.(*syntax.In)
	found := ok && in.Query != nil
	parts(e, func(part syntax.Expr) { found = found || isSubquery(part) })
	return found
}

// subqueries asks the sub-queries of a query.
type subqueries struct {
	ctx    context.Context
	memory *budget
	ask    func(q *syntax.Query) (*table, error)
}

// resolve returns commands with the values of their sub-queries, for which ask is called in turn: a table whose only
// column, beside @ptr, has them. Commands without one are returned as they are.
func (s *subqueries) resolve(cmds []syntax.Command) ([]syntax.Command, error) {
	if !slices.ContainsFunc(cmds, hasSubquery) {
		return cmds, nil
	}
	out := slices.Clone(cmds)
	for i, cmd := range cmds {
		filter, ok := cmd.(*syntax.Filter)
		if !ok {
			if hasSubquery(cmd) {
				return nil, errorAt(cmd, "a sub-query can only be used in filter")
			}
			continue
		}
		cond, err := s.resolveIn(filter.Cond)
		if err != nil {
			return nil, err
		}
		out[i] = &syntax.Filter{Span: filter.Span, Cond: cond}
	}
	return out, nil
}

// resolveIn rebuilds the part of a condition that leads to sub-queries. They cannot be inside of other expressions.
func (s *subqueries) resolveIn(e syntax.Expr) (syntax.Expr, error) {
	var err error
	switch e := e.(type) {
	case *syntax.Unary:
		out := *e
		out.X, err = s.resolveIn(e.X)
		return &out, err
	case *syntax.Binary:
		out := *e
		if out.X, err = s.resolveIn(e.X); err != nil {
			return nil, err
		}
		out.Y, err = s.resolveIn(e.Y)
		return &out, err
	case *syntax.In:
		if e.Query == nil {
			return e, nil
		}
		set, err := s.valuesOf(e)
		return &inSet{e, set}, err
	}
	return e, nil
}

func (s *subqueries) valuesOf(in *syntax.In) (*valueSet, error) {
	if slices.ContainsFunc(in.Query.Commands, hasSubquery) {
		return nil, errorAt(in, "a sub-query cannot have a sub-query")
	}
	t, err := s.ask(in.Query)
	if err != nil {
		return nil, err
	}
	place, err := onlyColumn(in, t)
	if err != nil {
		return nil, err
	}
	set := newValueSet()
	return set, eachRow(s.ctx, t.rows, func(_ int, row []value.Value) error {
		return s.memory.take(set.add(literal(row[place])))
	})
}

// onlyColumn returns the place of the column that a sub-query shows.
func onlyColumn(in *syntax.In, t *table) (int, error) {
	place := -1
	for i, column := range t.columns {
		if column == "@ptr" {
			continue
		}
		if place >= 0 {
			return 0, errorAt(in, "a sub-query must return one field, not %s and %s", t.columns[place], column)
		}
		place = i
	}
	if place < 0 {
		return 0, errorAt(in, "a sub-query must return one field")
	}
	return place, nil
}

// literal is a value as a query can have it written: a number or a text.
func literal(v value.Value) value.Value {
	if n, ok := v.AsNumber(); ok && v.Kind() != value.Text {
		return value.OfNumber(n)
	}
	return v
}

// appendColsStep puts the columns of another query beside the rows, row by row.
type appendColsStep struct {
	cmd     *syntax.AppendCols
	columns []string // of the rows behind it
	names   []string // of the other query's columns that are taken
	places  []int    // where they go
}

// appendCols adds columns of a query, which is compiled here for its columns and once more when it runs.
func (b *stepBuilder) appendCols(cmd *syntax.AppendCols) error {
	if b.columnsOf == nil {
		return errorAt(cmd, "appendcols cannot be used here")
	}
	columns, err := b.columnsOf(cmd.Query)
	if err != nil {
		return err
	}
	s := &appendColsStep{cmd: cmd}
	shown := b.schema.visible() // other columns may be there only because a command behind names one of the query's
	for _, column := range columns {
		if column != "@ptr" && (cmd.Override || !slices.Contains(shown, column)) {
			s.names, s.places = append(s.names, column), append(s.places, b.result(column))
		}
	}
	s.columns = b.schema.columns
	b.add(s)
	return nil
}

func (s *appendColsStep) run(ctx context.Context, e *env, in *table) (*table, error) {
	other, err := e.query(ctx, s.cmd.Query)
	if err != nil {
		return nil, err
	}
	if err := other.narrow(ctx, e, s.names); err != nil {
		return nil, err
	}
	if err := in.widen(ctx, e, s.columns); err != nil {
		return nil, err
	}
	rows := other.rows[:min(len(other.rows), len(in.rows), int(s.cmd.Max))]
	err = eachRow(ctx, rows, func(i int, row []value.Value) error {
		for from, to := range s.places {
			in.rows[i][to] = row[from]
		}
		return nil
	})
	return in, err
}
