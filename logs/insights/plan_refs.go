package insights

import (
	"slices"

	"github.com/tollbook/tollbook/logs/insights/syntax"
)

// parts calls visit for each direct part of an expression. A sub-query is not a part.
func parts(e syntax.Expr, visit func(syntax.Expr)) {
	switch e := e.(type) {
	case *syntax.Call:
		for _, arg := range e.Args {
			visit(arg)
		}
	case *syntax.Unary:
		visit(e.X)
	case *syntax.Binary:
		visit(e.X)
		visit(e.Y)
	case *syntax.Like:
		visit(e.X)
	case *syntax.In:
		visit(e.X)
		for _, member := range e.List {
			visit(member)
		}
	case *inSet:
		visit(e.X)
	}
}

func systemField(at syntax.Span, name string) *syntax.Field {
	return &syntax.Field{Span: at, Name: name, Steps: []string{name}}
}

// eachReference calls visit for each field that a command reads of its rows.
func eachReference(cmd syntax.Command, visit func(*syntax.Field)) {
	for _, e := range expressionsOf(cmd) {
		for _, f := range fieldsOf(e) {
			visit(f)
		}
	}
	for _, f := range namedFields(cmd) {
		visit(f)
	}
	for _, name := range implicitFields(cmd) {
		visit(systemField(cmd.At(), name))
	}
}

// expressionsOf are the expressions over a command's rows.
func expressionsOf(cmd syntax.Command) (all []syntax.Expr) {
	columns := func(list []syntax.Column) {
		for _, c := range list {
			all = append(all, c.Expr)
		}
	}
	switch cmd := cmd.(type) {
	case *syntax.Fields:
		columns(cmd.Columns)
	case *syntax.Stats:
		columns(cmd.By)
		columns(cmd.Aggs)
		for _, e := range all {
			if readsTime(e) {
				return append(all, systemField(cmd.Span, "@timestamp"))
			}
		}
	case *syntax.Filter:
		all = append(all, cmd.Cond)
	case *syntax.FilterIndex:
		all = append(all, cmd.Cond)
	case *syntax.RelevantFields:
		all = append(all, cmd.Cond)
	case *syntax.Sort:
		for _, key := range cmd.Keys {
			all = append(all, key.Expr)
		}
	case *syntax.Parse:
		if cmd.From != nil {
			all = append(all, cmd.From)
		}
	}
	return all
}

// readsTime says whether an expression has an aggregate that depends on when its values were.
func readsTime(e syntax.Expr) bool {
	call, ok := e.(*syntax.Call)
	found := ok && (call.Name == "earliest" || call.Name == "latest" || call.Name == "rate")
	parts(e, func(part syntax.Expr) { found = found || readsTime(part) })
	return found
}

// namedFields are the fields that a command names beside its expressions.
func namedFields(cmd syntax.Command) []*syntax.Field {
	switch cmd := cmd.(type) {
	case *syntax.Dedup:
		return cmd.Fields
	case *syntax.Unnest:
		return []*syntax.Field{cmd.Field}
	case *syntax.Join:
		return []*syntax.Field{cmd.LeftKey}
	case *syntax.Lookup:
		var list []*syntax.Field
		for _, key := range cmd.Keys {
			list = append(list, key.Field)
		}
		return list
	case *syntax.Pattern:
		return []*syntax.Field{cmd.Field}
	case *syntax.AddTotals:
		return cmd.Fields
	case *syntax.Accum:
		return []*syntax.Field{cmd.Field}
	case *syntax.AutoRegress:
		return []*syntax.Field{cmd.Field}
	case *syntax.FillDown:
		return fieldsNamed(cmd)
	case *syntax.Outlier:
		return cmd.Fields
	case *syntax.RelevantFields:
		return cmd.Fields
	case *syntax.Sessionize:
		return cmd.Fields
	}
	return nil
}

// fieldsNamed are the fields that filldown names in full.
func fieldsNamed(cmd *syntax.FillDown) (list []*syntax.Field) {
	for _, name := range cmd.Fields {
		if name != "" && name[len(name)-1] != '*' {
			list = append(list, systemField(cmd.Span, name))
		}
	}
	return list
}

// fieldsOf returns the fields that an expression reads, each name once: for bin() @timestamp. It does not go into
// sub-queries.
func fieldsOf(e syntax.Expr) (all []*syntax.Field) {
	add := func(f *syntax.Field) {
		if !slices.ContainsFunc(all, func(g *syntax.Field) bool { return g.Name == f.Name }) {
			all = append(all, f)
		}
	}
	var collect func(e syntax.Expr)
	collect = func(e syntax.Expr) {
		switch e := e.(type) {
		case *syntax.Field:
			add(e)
		case *syntax.Call:
			if e.Name == "bin" {
				add(systemField(e.Span, timestampField))
			}
		}
		parts(e, collect)
	}
	collect(e)
	return all
}
