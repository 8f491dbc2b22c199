package syntax

import (
	"math"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
)

// commands are the names of the commands behind a pipe, as they are spelt in AWS' documentation.
var commands = []string{
	"fields", "display", "filter", "where", "stats", "sort", "order", "limit", "head", "tail", "parse", "dedup",
	"filterIndex", "unmask", "unnest", "expand", "join", "lookup", "pattern", "diff", "anomaly", "estimate",
	"addtotals", "accum", "autoregress", "appendcols", "cidrlookup", "countFrequent", "count_frequent", "filldown",
	"fillmissing", "logcompare", "outlier", "relevantfields", "sessionize",
}

// Commands returns the names of all commands, SOURCE first. What it returns is the caller's.
func Commands() []string { return append([]string{"SOURCE"}, commands...) }

// command reads one command.
func (p *parser) command() Command {
	start, name := p.tok, strings.ToLower(p.tok.text)
	if !start.isWord(commands...) {
		p.mismatched(commandKeywords()...)
		return nil
	}
	p.advance()
	c := p.coreCommand(name)
	if c == nil {
		c = p.rowCommand(name)
	}
	*c.place() = p.span(start.Start)
	return c
}

func commandKeywords() []string {
	words := make([]string, len(commands))
	for i, c := range commands {
		words[i] = keyword(c)
	}
	return words
}

// place is where a command keeps its span.
func (s *Span) place() *Span { return s }

// placed is a Command whose span can be set.
type placed interface {
	Command
	place() *Span
}

// coreCommand reads what follows the name of a command of spec §6.4. It returns nil for other names.
func (p *parser) coreCommand(name string) placed {
	switch name {
	case "fields", "display":
		return &Fields{Display: name == "display", Columns: p.columns()}
	case "filter", "where":
		return &Filter{Cond: p.expr()}
	case "filterindex":
		return p.filterIndex()
	case "stats":
		return p.stats()
	case "sort", "order":
		return p.sort()
	case "limit", "head", "tail":
		return &Limit{N: p.integer(1, 100_000), Tail: name == "tail"}
	case "parse":
		return p.parse()
	case "dedup":
		return &Dedup{Fields: p.fields()}
	case "unmask":
		return &Unmask{Fields: p.fields()}
	case "unnest":
		f := p.field()
		p.expectWord("into")
		return &Unnest{Field: f, Into: p.name()}
	case "expand":
		f := p.field()
		return &Unnest{Field: f, Into: f.Name, Expand: true}
	case "pattern":
		return &Pattern{Field: p.field()}
	}
	return p.sourceCommand(name)
}

// sourceCommand reads the core commands that look at other log events or tables.
func (p *parser) sourceCommand(name string) placed {
	switch name {
	case "join":
		return p.join()
	case "lookup":
		return p.lookup()
	case "cidrlookup":
		return p.cidrLookup()
	case "diff":
		return &Diff{Against: p.against()}
	case "logcompare":
		p.expectWord("timeshift")
		return &Diff{Shift: p.period()}
	case "anomaly":
		return &Anomaly{}
	case "estimate":
		return &Estimate{}
	}
	return nil
}

// integer reads a whole number of a range.
func (p *parser) integer(min, max int64) int64 {
	if p.tok.kind != numberToken {
		p.mismatched("NUMBER")
		return min
	}
	n, err := strconv.ParseInt(p.tok.text, 10, 64)
	if err != nil || n < min || n > max {
		p.failAt(p.tok.Span, "Number must be an integer from %d to %d: %s", min, max, p.tok.text)
		return min
	}
	p.advance()
	return n
}

// filterIndex reads FIELD = VALUE or FIELD in [VALUES]; values are numbers and strings.
func (p *parser) filterIndex() *FilterIndex {
	start := p.tok.Start
	x := p.field()
	if p.acceptSymbol("=") {
		y := p.literal()
		return &FilterIndex{Cond: &Binary{p.span(start), Equal, x, y}}
	}
	if !p.acceptWord("in") {
		p.mismatched("'='", keyword("in"))
	}
	p.expectSymbol("[")
	in := &In{X: x}
	p.list(func() { in.List = append(in.List, p.literal()) })
	p.expectSymbol("]")
	in.Span = p.span(start)
	return &FilterIndex{Cond: in}
}

// literal reads a number, which may have a sign, or a string.
func (p *parser) literal() Expr {
	start := p.tok.Start
	switch {
	case p.tok.kind == stringToken:
		return p.string()
	case p.acceptSymbol("-"):
		n := p.unsigned()
		return &Unary{p.span(start), Sub, n}
	}
	return p.unsigned()
}

func (p *parser) unsigned() *Number {
	if p.tok.kind != numberToken {
		p.mismatched("NUMBER", "STRING")
		return &Number{}
	}
	return p.number()
}

func (p *parser) stats() *Stats {
	s := &Stats{Aggs: p.columns()}
	if p.acceptWord("by") {
		s.By = p.columns()
	}
	if p.acceptWord("offset") {
		s.Offset = p.period()
	}
	return s
}

// sort reads keys, before which AWS' examples sometimes put "by".
func (p *parser) sort() *Sort {
	s := &Sort{}
	if p.tok.isWord("by") && beginsOperand(p.peek()) {
		p.advance()
	}
	p.list(func() {
		key := SortKey{Expr: p.expr()}
		if key.Desc = p.acceptWord("desc"); !key.Desc {
			p.acceptWord("asc")
		}
		s.Keys = append(s.Keys, key)
	})
	return s
}

// parse reads [FIELD] "GLOB" as NAMES or [FIELD] /REGEX/.
func (p *parser) parse() *Parse {
	c := &Parse{}
	if p.tok.kind == nameToken {
		c.From = p.primary()
	}
	switch {
	case p.tok.kind == stringToken:
		c.Glob = p.string()
		p.globNames(c)
	case p.isSymbol("/"):
		c.Regex = p.regexLiteral()
		p.groupNames(c)
	default:
		p.mismatched("STRING", "REGEX")
	}
	return c
}

// globNames reads the names of a glob's stars: as many as there are stars.
func (p *parser) globNames(c *Parse) {
	stars := strings.Count(c.Glob.Value, "*")
	p.expectWord("as")
	p.list(func() {
		c.Names = append(c.Names, p.name())
		if n := len(c.Names); p.err == nil && (n > stars || n < stars && !p.isSymbol(",")) {
			p.failAt(c.Glob.Span, "Number of names (%d) does not match number of wildcards (%d) in parse", n, stars)
		}
	})
}

// groupNames takes the names of a regular expression's groups: there must be one.
func (p *parser) groupNames(c *Parse) {
	re, err := syntax.Parse(c.Regex.Pattern, syntax.Perl)
	if err != nil {
		return // reported by whoever read it
	}
	c.Names = slices.DeleteFunc(re.CapNames(), func(name string) bool { return name == "" })
	if len(c.Names) == 0 && p.err == nil {
		p.failAt(c.Regex.Span, "Regular expression of parse has no named group")
	}
}

// against reads what diff compares with.
func (p *parser) against() string {
	for _, word := range []string{"previousDay", "previousWeek", "previousMonth"} {
		if p.acceptWord(word) {
			return word
		}
	}
	return ""
}

// join reads type=inner|left left=L right=R where L.f=R.f (SOURCE …). Its options stand in any order.
func (p *parser) join() *Join {
	j := &Join{}
	for p.tok.isWord("type", "left", "right") && p.peek().isSymbol("=") {
		option := p.tok
		p.advance()
		p.advance()
		p.joinOption(j, option)
	}
	if j.LeftName == "" || j.RightName == "" {
		p.mismatched("type=", "left=", "right=")
		return j
	}
	p.expectWord("where")
	p.joinKeys(j)
	p.expectSymbol("(")
	j.Right = p.subquery()
	return j
}

func (p *parser) joinOption(j *Join, option token) {
	switch {
	case option.isWord("left"):
		j.LeftName = p.joinName()
	case option.isWord("right"):
		j.RightName = p.joinName()
	case p.acceptWord("left"):
		j.Left = true
	case !p.acceptWord("inner"):
		p.mismatched("inner", "left")
	}
	if p.err == nil && strings.EqualFold(j.LeftName, j.RightName) && j.LeftName != "" {
		p.failAt(p.span(option.Start), "Both sides of join are called %s", j.LeftName)
	}
}

// joinName reads the name of a side, which is one step of a path.
func (p *parser) joinName() string {
	if p.tok.kind == nameToken && len(p.tok.steps) > 1 {
		p.mismatched("ID")
	}
	return p.name()
}

// joinKeys reads L.f = R.f, or the same the other way round.
func (p *parser) joinKeys(j *Join) {
	a := p.field()
	p.expectSymbol("=")
	b := p.field()
	if p.err == nil && a.Steps[0] == j.RightName {
		a, b = b, a
	}
	j.LeftKey, j.RightKey = p.joinKey(a, j.LeftName), p.joinKey(b, j.RightName)
}

func (p *parser) joinKey(f *Field, side string) *Field {
	if p.err == nil && (f.Steps[0] != side || len(f.Steps) < 2) {
		p.failAt(f.Span, "Expected a field of %s in join: %s", side, f.Name)
	}
	if p.err != nil {
		return f
	}
	return newField(f.Span, f.Steps[1:])
}

// lookup reads TABLE FIELD [as LOGFIELD], … OUTPUT|OUTPUTNEW FIELDS.
func (p *parser) lookup() *Lookup {
	l := &Lookup{Table: p.table()}
	p.list(func() {
		key := p.field()
		k := LookupKey{TableField: key.Name, Field: key}
		if p.acceptWord("as") {
			k.Field = p.field()
		}
		l.Keys = append(l.Keys, k)
	})
	p.outputs(l)
	return l
}

// cidrLookup reads TABLE IPFIELD [as COLUMN] OUTPUT|OUTPUTNEW FIELDS.
func (p *parser) cidrLookup() *Lookup {
	l := &Lookup{CIDR: true, Table: p.table()}
	k := LookupKey{Field: p.field()}
	k.TableField = k.Field.Name
	if name, ok := p.alias(); ok {
		k.TableField = name
	}
	l.Keys = []LookupKey{k}
	p.outputs(l)
	return l
}

// table reads the name of a lookup table, which may be quoted.
func (p *parser) table() string {
	if p.tok.kind == stringToken && p.tok.text != "" {
		return p.string().Value
	}
	return p.name()
}

func (p *parser) outputs(l *Lookup) {
	if l.New = p.acceptWord("outputnew"); !l.New {
		p.expectWord("output")
	}
	p.list(func() {
		o := LookupOutput{TableField: p.name()}
		o.Name = o.TableField
		if name, ok := p.alias(); ok {
			o.Name = name
		}
		l.Output = append(l.Output, o)
	})
}

// float reads a number above 0.
func (p *parser) float() float64 {
	n := p.unsigned()
	if p.err == nil && (n.Value <= 0 || math.IsInf(n.Value, 0)) {
		p.failAt(n.Span, "Number must be above 0: %s", n.Text)
	}
	return n.Value
}
