package syntax

import "slices"

// structured are the fields of which a query says that they are maps or lists: these cannot be compared, so dedup, pattern,
// sort and stats refuse them (spec/cloudwatch-logs §6.7). What jsonParse and split return is one.
type structured map[string]bool

// structured refuses maps and lists where they are not allowed.
func (k *checker) structured(q *Query) {
	known := structured{}
	for _, c := range q.Commands {
		for _, e := range comparedBy(c) {
			if known.is(e) {
				k.fail(e.At(), "Maps and lists are not allowed in %s", commandName(c))
			}
		}
		known.follow(c)
	}
}

// follow notes what a command makes.
func (s structured) follow(c Command) {
	switch c := c.(type) {
	case *Fields:
		for _, column := range c.Columns {
			s[column.Name] = s.is(column.Expr)
		}
	case *Unnest:
		delete(s, c.Into) // its elements may be anything
	case *Parse:
		for _, name := range c.Names {
			delete(s, name)
		}
	case *Lookup:
		for _, out := range c.Output {
			delete(s, out.Name)
		}
	case *Stats, *Pattern, *Diff, *RelevantFields:
		clear(s)
	}
}

func (s structured) is(e Expr) bool {
	switch e := e.(type) {
	case *Field:
		return s[e.Name]
	case *Call:
		return slices.Contains([]string{"jsonParse", "split"}, e.Name)
	}
	return false
}

// comparedBy are the expressions whose values a command compares.
func comparedBy(c Command) (all []Expr) {
	switch c := c.(type) {
	case *Dedup:
		for _, f := range c.Fields {
			all = append(all, f)
		}
	case *Pattern:
		if c.Field != nil {
			all = append(all, c.Field)
		}
	case *Sort:
		for _, key := range c.Keys {
			all = append(all, key.Expr)
		}
	case *Stats:
		for _, by := range c.By {
			all = append(all, by.Expr)
		}
		for _, agg := range c.Aggs {
			if call, ok := agg.Expr.(*Call); ok {
				all = append(all, call.Args...)
			}
		}
	}
	return all
}

func commandName(c Command) string {
	switch c.(type) {
	case *Dedup:
		return "dedup"
	case *Pattern:
		return "pattern"
	case *Sort:
		return "sort"
	}
	return "stats"
}
