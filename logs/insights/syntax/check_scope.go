package syntax

import (
	"slices"
	"strconv"
	"strings"
)

// scope is what names stand for between two commands of a query. Before a stats every name may be a field of an event;
// after it only what it and later commands define exists, and AWS reports others as unknown symbols.
type scope struct {
	k       *checker
	closed  bool              // a stats has been
	open    bool              // columns come from elsewhere, so that nothing is known of names
	defined map[string]bool   // names that commands have defined, and fields that were chosen
	output  []string          // columns that the query shows
	shown   bool              // a display has been
	fresh   bool              // output is that of a stats, which fields chooses from
	calls   map[string]string // how an unnamed column of a stats is computed, and its name
	aliases map[string]Expr   // the named columns of the stats that is looked at, from the first
	copies  int               // how many expressions took the place of an alias in it
	last    Span              // of the last command
}

func newScope(k *checker) *scope { return &scope{k: k, defined: map[string]bool{}} }

// unknown is AWS' message for a name that is not there, or is there already.
func (s *scope) unknown(at Span, name string) {
	s.k.fail(at, "Unknown symbols found in or after stats: %s", name)
}

// columns returns how many columns the query shows, if a command chose them.
func (s *scope) columns() (n int, known bool) { return len(s.output), s.closed || len(s.output) > 0 }

// command checks the names of one command, then adds its own.
func (s *scope) command(c Command) {
	s.last = c.At()
	if stats, ok := c.(*Stats); ok {
		s.stats(stats)
		return
	}
	for _, e := range expressions(c) {
		s.resolve(e)
	}
	for _, f := range fieldsOf(c) {
		s.field(f)
	}
	if parse, ok := c.(*Parse); ok && parse.From == nil {
		s.symbol(parse.Span, []string{"@message"})
	}
	s.define(c)
}

// resolve checks an expression outside of stats. What a stats computed is replaced by its column.
func (s *scope) resolve(e *Expr) {
	switch x := (*e).(type) {
	case *Field:
		s.field(x)
	case *Call:
		if name, ok := s.calls[printExpr(x)]; ok {
			*e = &Field{Span: x.Span, Name: name, Steps: []string{name}}
			return
		}
		if x.IsAggregate() {
			s.k.fail(x.Span, "Aggregate function %s is only allowed in stats", x.Name)
		}
		if x.Name == "bin" {
			s.symbol(x.Span, []string{"@timestamp"})
		}
	}
	children(*e, s.resolve)
}

func (s *scope) field(f *Field) { s.symbol(f.Span, f.Steps) }

// symbol checks that a path begins with a name that exists. A path may lead into a map or a list.
func (s *scope) symbol(at Span, steps []string) {
	if !s.closed || s.open {
		return
	}
	for n := len(steps); n > 0; n-- {
		if s.defined[strings.Join(steps[:n], ".")] {
			return
		}
	}
	s.unknown(at, strings.Join(steps, "."))
}

// stats checks a stats; from then on its columns are all there is.
func (s *scope) stats(c *Stats) {
	for i := range c.By {
		s.resolve(&c.By[i].Expr)
	}
	s.aliases, s.copies = map[string]Expr{}, 0
	for i := range c.Aggs {
		s.aggregate(&c.Aggs[i].Expr)
		s.hasAggregate(c.Aggs[i])
		if c.Aggs[i].As {
			s.aliases[c.Aggs[i].Name] = c.Aggs[i].Expr
		}
	}
	s.topk(c)
	s.closed, s.open, s.shown, s.fresh = true, false, false, true
	s.defined, s.output, s.calls = map[string]bool{}, nil, map[string]string{}
	for _, column := range slices.Concat(c.By, c.Aggs) {
		s.statsColumn(column)
	}
}

func (s *scope) statsColumn(c Column) {
	s.add(c.Expr.At(), c.Name)
	s.output = append(s.output, c.Name)
	if _, ok := c.Expr.(*Field); !ok && !c.As {
		s.calls[printExpr(c.Expr)] = c.Name
	}
}

// maxCopies bounds what aliases of aliases can grow to.
const maxCopies = 1000

// alias puts what an earlier column of the same stats computes in the place of its name.
func (s *scope) alias(e *Expr, f *Field) {
	column, ok := s.aliases[f.Name]
	if !ok {
		s.unknown(f.Span, f.Name)
		return
	}
	walk(column, func(Expr) bool { s.copies++; return s.copies <= maxCopies })
	if s.copies > maxCopies {
		s.k.fail(f.Span, "Too many references to other columns in stats: %s", f.Name)
		return
	}
	*e = column
}

// aggregate checks an expression over aggregates: within them are expressions of rows, outside nothing of a row exists.
func (s *scope) aggregate(e *Expr) {
	switch x := (*e).(type) {
	case *Field:
		s.alias(e, x)
		return
	case *Call:
		if x.IsAggregate() {
			s.checkAggregate(x)
			children(x, s.resolve)
			return
		}
		if x.Name == "bin" {
			s.unknown(x.Span, "@timestamp")
		}
	}
	children(*e, s.aggregate)
}

// checkAggregate checks the arguments that must be numbers of a range.
func (s *scope) checkAggregate(c *Call) {
	switch c.Name {
	case "pct":
		s.constant(c.Args[1], 0, 100)
	case "topk":
		s.constant(c.Args[0], 1, 10_000)
	case "histogram":
		s.constant(c.Args[1], 1, 10_000)
	}
}

func (s *scope) constant(e Expr, min, max float64) {
	if n, ok := e.(*Number); !ok || n.Value < min || n.Value > max {
		s.k.fail(e.At(), "Expected a number from %v to %v", min, max)
	}
}

func (s *scope) hasAggregate(c Column) {
	found := false
	walk(c.Expr, func(e Expr) bool {
		call, ok := e.(*Call)
		found = found || ok && call.IsAggregate()
		return !found
	})
	if !found {
		s.k.fail(c.Expr.At(), "Expected an aggregate function in stats: %s", c.Name)
	}
}

// topk stands alone, without by (spec §6.7).
func (s *scope) topk(c *Stats) {
	for _, column := range c.Aggs {
		walk(column.Expr, func(e Expr) bool {
			call, ok := e.(*Call)
			if ok && call.Name == "topk" && (e != column.Expr || len(c.Aggs) > 1 || len(c.By) > 0) {
				s.k.fail(call.Span, "topk must be the only function of its stats, without by")
			}
			return true
		})
	}
}

// define adds the names that a command makes.
func (s *scope) define(c Command) {
	switch c := c.(type) {
	case *Fields:
		s.project(c)
	case *Parse:
		for _, name := range c.Names {
			s.add(c.Span, name)
		}
	case *Unnest:
		s.replace(c.Into)
	case *Lookup:
		for _, o := range c.Output {
			s.replace(o.Name)
		}
	case *Accum:
		s.replace(c.Out)
	case *AutoRegress:
		for lag := c.From; lag <= c.To; lag++ {
			s.replace(c.Name(lag))
		}
	case *AddTotals:
		s.replace(c.FieldName)
	case *Sessionize:
		s.replace(c.Out)
	case *Join, *Pattern, *Diff, *AppendCols, *CountFrequent, *RelevantFields, *Outlier:
		s.open = true
	}
}

// Name returns the column of a lag: the field's path, or the given name, with _p and the lag.
func (c *AutoRegress) Name(lag int) string {
	name := c.Out
	if name == "" {
		name = c.Field.Name
	}
	return name + "_p" + strconv.Itoa(lag)
}

// project adds the columns of fields, whose names must be new, or of display, whose names must differ.
func (s *scope) project(c *Fields) {
	if c.Display || s.fresh {
		s.output, s.fresh = nil, false
	}
	var names []string
	for _, column := range c.Columns {
		if column.As && (slices.Contains(names, column.Name) || !c.Display && s.defined[column.Name]) {
			s.unknown(column.Expr.At(), column.Name)
		}
		names = append(names, column.Name)
	}
	for _, name := range names {
		s.replace(name)
		if (c.Display || !s.shown) && !slices.Contains(s.output, name) {
			s.output = append(s.output, name)
		}
	}
	s.shown = s.shown || c.Display
}

// add adds a name that must be new.
func (s *scope) add(at Span, name string) {
	if s.defined[name] {
		s.unknown(at, name)
	}
	s.replace(name)
}

// replace adds a name that may be there already.
func (s *scope) replace(name string) { s.defined[name] = true }
