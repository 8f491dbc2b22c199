package syntax

import (
	"strconv"
	"strings"
)

// String returns the query in canonical text, which parses into the same tree but for spans. Columns without a name of
// their own keep their source text, since it is their name.
func (q *Query) String() string {
	p := &printer{}
	if q.Source != nil {
		p.source(q.Source)
	}
	for i, c := range q.Commands {
		if i > 0 || q.Source != nil {
			p.write(" | ")
		}
		p.command(c)
	}
	return p.Builder.String()
}

func (p *printer) command(c Command) {
	switch c := c.(type) {
	case *Fields:
		p.write(choose(c.Display, "display ", "fields "))
		p.columns(c.Columns)
	case *Filter:
		p.write("filter ")
		p.expr(c.Cond, strengthOr)
	case *FilterIndex:
		p.write("filterIndex ")
		p.expr(c.Cond, strengthOr)
	case *Stats:
		p.stats(c)
	case *Sort:
		p.sort(c)
	case *Limit:
		p.write(choose(c.Tail, "tail ", "limit "), strconv.FormatInt(c.N, 10))
	case *Parse:
		p.parse(c)
	case *Dedup:
		p.write("dedup ")
		p.fields(c.Fields)
	case *Unmask:
		p.write("unmask ")
		p.fields(c.Fields)
	case *Unnest:
		p.unnest(c)
	case *Pattern:
		p.write("pattern ", quotePath(c.Field.Steps))
	case *Anomaly:
		p.write("anomaly")
	case *Estimate:
		p.write("estimate")
	default:
		p.sourceCommand(c)
	}
}

func (p *printer) sourceCommand(c Command) {
	switch c := c.(type) {
	case *Join:
		p.join(c)
	case *Lookup:
		p.lookup(c)
	case *Diff:
		p.diff(c)
	default:
		p.rowCommand(c)
	}
}

func choose(condition bool, yes, no string) string {
	if condition {
		return yes
	}
	return no
}

func (p *printer) columns(list []Column) {
	for i, c := range list {
		if i > 0 {
			p.write(", ")
		}
		p.column(c)
	}
}

func (p *printer) column(c Column) {
	f, isField := c.Expr.(*Field)
	switch {
	case c.As:
		p.expr(c.Expr, strengthOr)
		p.write(" as ", quoteName(c.Name))
	case c.Name == "" || isField && f.Name == c.Name:
		p.expr(c.Expr, strengthOr)
	default:
		p.write(c.Name)
	}
}

func (p *printer) fields(list []*Field) {
	for i, f := range list {
		if i > 0 {
			p.write(", ")
		}
		p.write(quotePath(f.Steps))
	}
}

func (p *printer) stats(c *Stats) {
	p.write("stats ")
	p.columns(c.Aggs)
	if len(c.By) > 0 {
		p.write(" by ")
		p.columns(c.By)
	}
	if c.Offset != nil {
		p.write(" offset ", c.Offset.text())
	}
}

func (d *Period) text() string { return strconv.FormatInt(d.N, 10) + d.Unit.String() }

func (p *printer) sort(c *Sort) {
	p.write("sort ")
	for i, key := range c.Keys {
		if i > 0 {
			p.write(", ")
		}
		p.expr(key.Expr, strengthOr)
		p.write(choose(key.Desc, " desc", " asc"))
	}
}

func (p *printer) parse(c *Parse) {
	p.write("parse ")
	if c.From != nil {
		p.expr(c.From, strengthPrimary)
		p.write(" ")
	}
	if c.Regex != nil {
		p.expr(c.Regex, strengthPrimary)
		return
	}
	p.write(quoteString(c.Glob.Value), " as ")
	for i, name := range c.Names {
		p.write(choose(i > 0, ", ", ""), quoteName(name))
	}
}

func (p *printer) unnest(c *Unnest) {
	p.write(choose(c.Expand, "expand ", "unnest "), quotePath(c.Field.Steps))
	if !c.Expand {
		p.write(" into ", quoteName(c.Into))
	}
}

func (p *printer) join(c *Join) {
	left, right := quoteStep(c.LeftName, true), quoteStep(c.RightName, true)
	p.write("join type=", choose(c.Left, "left", "inner"), " left=", left, " right=", right, " where ")
	p.write(quotePath(append([]string{c.LeftName}, c.LeftKey.Steps...)), " = ")
	p.write(quotePath(append([]string{c.RightName}, c.RightKey.Steps...)), " (", c.Right.String(), ")")
}

func (p *printer) lookup(c *Lookup) {
	p.write(choose(c.CIDR, "cidrlookup ", "lookup "), quoteName(c.Table), " ")
	for i, k := range c.Keys {
		p.write(choose(i > 0, ", ", ""))
		p.lookupKey(k, c.CIDR)
	}
	p.write(choose(c.New, " OUTPUTNEW ", " OUTPUT "))
	for i, o := range c.Output {
		p.write(choose(i > 0, ", ", ""), quoteName(o.TableField))
		if o.Name != o.TableField {
			p.write(" as ", quoteName(o.Name))
		}
	}
}

func (p *printer) lookupKey(k LookupKey, cidr bool) {
	field, column := quotePath(k.Field.Steps), quoteName(k.TableField)
	switch {
	case k.TableField == k.Field.Name:
		p.write(field)
	case cidr:
		p.write(field, " as ", column)
	default:
		p.write(column, " as ", field)
	}
}

func (p *printer) diff(c *Diff) {
	if c.Shift != nil {
		p.write("logcompare timeshift ", c.Shift.text())
		return
	}
	p.write("diff", choose(c.Against != "", " ", ""), c.Against)
}

func (p *printer) source(s *Source) {
	parts := []string{"SOURCE"}
	if s.ByRule {
		parts = append(parts, "logGroups("+sourceRules(s)+")")
	}
	if len(s.Groups) > 0 {
		parts = append(parts, quoteStrings(s.Groups))
	}
	if len(s.DataSources) > 0 {
		parts = append(parts, "dataSource(["+quoteStrings(s.DataSources)+"])")
	}
	if s.Start != nil {
		parts = append(parts, "START="+s.Start.text())
	}
	if s.End != nil {
		parts = append(parts, "END="+s.End.text())
	}
	p.write(strings.Join(parts, " "))
}

func sourceRules(s *Source) string {
	var rules []string
	for _, r := range []struct {
		name   string
		values []string
	}{{"namePrefix", s.NamePrefixes}, {"class", s.Classes}, {"accountIdentifiers", s.Accounts}} {
		if len(r.values) > 0 {
			rules = append(rules, r.name+": ["+quoteStrings(r.values)+"]")
		}
	}
	return strings.Join(rules, ", ")
}

func quoteStrings(list []string) string {
	quoted := make([]string, len(list))
	for i, s := range list {
		quoted[i] = quoteString(s)
	}
	return strings.Join(quoted, ", ")
}

func (t *SourceTime) text() string {
	switch {
	case !t.Relative:
		return strconv.FormatInt(t.Millis, 10)
	case t.Millis == 0:
		return "now"
	}
	return "-" + beforeNow(-t.Millis)
}

// beforeNow writes milliseconds in the largest unit that keeps the number within its range.
func beforeNow(ms int64) string {
	for _, unit := range []Unit{Week, Day, Hour, Minute, Second} {
		if n := ms / relativeMillis[unit]; ms%relativeMillis[unit] == 0 {
			return strconv.FormatInt(n, 10) + unit.String()
		}
	}
	return strconv.FormatInt(ms, 10) + Millisecond.String()
}
