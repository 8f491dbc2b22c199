package syntax

// children calls visit with each place that holds a direct part of an expression. A sub-query is not a part.
func children(e Expr, visit func(*Expr)) {
	switch e := e.(type) {
	case *Call:
		for i := range e.Args {
			visit(&e.Args[i])
		}
	case *Unary:
		visit(&e.X)
	case *Binary:
		visit(&e.X)
		visit(&e.Y)
	case *Like:
		visit(&e.X)
		visit(&e.Y)
	case *In:
		visit(&e.X)
		for i := range e.List {
			visit(&e.List[i])
		}
	}
}

// walk calls visit with e and all its parts, whole before part, while visit says to go on into them.
func walk(e Expr, visit func(Expr) bool) {
	if e == nil || !visit(e) {
		return
	}
	children(e, func(part *Expr) { walk(*part, visit) })
}

// IsAggregate tells whether a call is one of an aggregate function.
func (c *Call) IsAggregate() bool {
	f, _ := LookupFunction(c.Name)
	return f.Aggregate
}

// expressions returns the places of a command's expressions over the rows that come to it; those of stats are not among
// them.
func expressions(c Command) []*Expr {
	var places []*Expr
	switch c := c.(type) {
	case *Fields:
		for i := range c.Columns {
			places = append(places, &c.Columns[i].Expr)
		}
	case *Filter:
		places = append(places, &c.Cond)
	case *FilterIndex:
		places = append(places, &c.Cond)
	case *RelevantFields:
		places = append(places, &c.Cond)
	case *Sort:
		for i := range c.Keys {
			places = append(places, &c.Keys[i].Expr)
		}
	case *Parse:
		if c.From != nil {
			places = append(places, &c.From)
		}
	}
	return places
}

// fieldsOf returns the fields that a command names beside its expressions.
func fieldsOf(c Command) []*Field {
	switch c := c.(type) {
	case *Dedup:
		return c.Fields
	case *Unmask:
		return c.Fields
	case *Unnest:
		return []*Field{c.Field}
	case *Join:
		return []*Field{c.LeftKey}
	case *Lookup:
		var list []*Field
		for _, k := range c.Keys {
			list = append(list, k.Field)
		}
		return list
	case *Pattern:
		return []*Field{c.Field}
	}
	return rowFieldsOf(c)
}

func rowFieldsOf(c Command) []*Field {
	switch c := c.(type) {
	case *AddTotals:
		return c.Fields
	case *Accum:
		return []*Field{c.Field}
	case *AutoRegress:
		return []*Field{c.Field}
	case *CountFrequent:
		return c.Fields
	case *FillMissing:
		var list []*Field
		for _, v := range c.Values {
			list = append(list, v.Field)
		}
		return list
	case *Outlier:
		return c.Fields
	case *RelevantFields:
		return c.Fields
	case *Sessionize:
		return c.Fields
	}
	return nil
}
