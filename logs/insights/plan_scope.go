package insights

import (
	"regexp"
	"slices"
	"strings"

	"github.com/tollbook/tollbook/logs/insights/syntax"
	"github.com/tollbook/tollbook/logs/insights/value"
)

// slotKind says where the values of a slot come from.
type slotKind uint8

const (
	slotField     slotKind = iota // a field of the message
	slotMessage                   // @message
	slotTimestamp                 // @timestamp
	slotIngestion                 // @ingestionTime
	slotStream                    // @logStream
	slotLog                       // @log
	slotAccount                   // @aws.account
	slotPointer                   // @ptr
	slotAbsent                    // null: a field that begins with one @ and is none of the above
	slotLambda                    // a field of Lambda's lines
	slotRegion                    // @aws.region
	slotComputed                  // an expression over slots before it
	slotCapture                   // what a parse captures
)

var systemSlots = map[string]slotKind{
	"@message": slotMessage, "@timestamp": slotTimestamp, "@ingestionTime": slotIngestion, "@logStream": slotStream,
	"@log": slotLog, "@ptr": slotPointer, "@aws.account": slotAccount,
	"@aws.region": slotRegion,
}

// slot is a column of the scan's rows. A slot reads only slots before it.
type slot struct {
	kind    slotKind
	name    string
	path    string     // of slotField; of slotLambda the label; of slotRegion the region
	field   int        // of slotField: its number among the fields
	expr    *scanExpr  // of slotComputed
	parse   *parseExpr // of slotCapture
	capture int        // of slotCapture: its number
}

// scanExpr is an expression over slots.
type scanExpr struct {
	number int         // among the expressions of the scan
	source syntax.Expr // what was written
	refs   []int       // slots that it reads
	names  []string    // by which it knows them
	run    expression  // over their values, in the order of refs
	form   exprForm
	period value.Period // of formBin
	shift  int64        // of formBin: by how much bins are shown later, in milliseconds
	// calculation, where it is not nil, is the same expression.
	calculation *calculation
}

// exprForm says whether an expression is one of those that need no row.
type exprForm uint8

const (
	formRow  exprForm = iota
	formSlot          // the slot itself: refs[0]
	formBin           // bin of @timestamp, or datefloor: refs[0]
)

// parseExpr is a parse as the scan does it.
type parseExpr struct {
	number int
	from   *scanExpr
	glob   *glob
	regex  *regexp.Regexp
	groups []int // of the regular expression, one for each name
	names  []string
}

// scope makes slots and expressions while the commands of a scan are planned.
type scope struct {
	*compiling
	slots  []slot
	byName map[string]int // system and message fields
	named  map[string]int // what commands have computed, by name
	fields []string       // paths
	lines  bool           // one of them is a field that lines without an object can have
	exprs  int
	parses int
}

func newScope(c *compiling) *scope {
	return &scope{compiling: c, byName: map[string]int{}, named: map[string]int{}}
}

// eventSlot is the slot of a field of log events, as it is without the query's commands.
func (s *scope) eventSlot(name string) int {
	if i, ok := s.byName[name]; ok {
		return i
	}
	v := slot{name: name}
	if kind, ok := systemSlots[name]; ok {
		v.kind = kind
		if kind == slotRegion {
			v.path = s.region
		}
	} else if label, ok := lambdaFields[name]; ok {
		v.kind, v.path = slotLambda, label
	} else if path, ok := fieldPath(name); ok {
		v.path, v.field = path, len(s.fields)
		s.lines = s.lines || lineFields[path]
		s.fields = append(s.fields, path)
	} else {
		v.kind = slotAbsent
	}
	s.byName[name] = s.add(v)
	return s.byName[name]
}

func (s *scope) add(v slot) int {
	s.slots = append(s.slots, v)
	return len(s.slots) - 1
}

// resolve finds the slot that a field begins with, and the name by which an expression knows it.
func (s *scope) resolve(f *syntax.Field) (name string, at int) {
	if at, ok := s.named[f.Name]; ok {
		return f.Name, at
	}
	for n := len(f.Steps) - 1; n > 0; n-- {
		name := joined(f.Steps[:n])
		if at, ok := s.named[name]; ok {
			return name, at
		}
	}
	return f.Name, s.eventSlot(f.Name)
}

func joined(steps []string) string { return strings.Join(steps, ".") }

// expr compiles an expression over slots.
func (s *scope) expr(e syntax.Expr) (*scanExpr, error) {
	x := &scanExpr{number: s.exprs, source: e}
	s.exprs++
	var names []string
	for _, f := range fieldsOf(e) {
		if name, at := s.resolve(f); !slices.Contains(names, name) {
			x.refs, names = append(x.refs, at), append(names, name)
		}
	}
	x.names = names
	var err error
	if x.run, err = compileExpression(e, names, s.compiling); err != nil {
		return nil, err
	}
	switch e := e.(type) {
	case *syntax.Binary:
		x.calculation = newCalculation(e, names)
	case *syntax.Field:
		if names[0] == e.Name {
			x.form = formSlot
		}
	case *syntax.Call:
		p, ok := binPeriod(e)
		if !ok {
			p, ok = floorPeriod(e)
		}
		if ok && s.slots[x.refs[0]].kind == slotTimestamp {
			x.form, x.period = formBin, p
		}
	}
	return x, nil
}

func binPeriod(e *syntax.Call) (value.Period, bool) {
	if e.Name != "bin" || len(e.Args) != 1 {
		return value.Period{}, false
	}
	p, ok := e.Args[0].(*syntax.Period)
	if !ok {
		return value.Period{}, false
	}
	return periodOf(p), true
}

// floorPeriod is the period of datefloor(field, period).
func floorPeriod(e *syntax.Call) (value.Period, bool) {
	if e.Name != "datefloor" || len(e.Args) != 2 {
		return value.Period{}, false
	}
	_, isField := e.Args[0].(*syntax.Field)
	p, ok := e.Args[1].(*syntax.Period)
	if !ok || !isField {
		return value.Period{}, false
	}
	return periodOf(p), true
}

// compute names the values of an expression.
func (s *scope) compute(name string, e syntax.Expr) error {
	x, err := s.expr(e)
	if err != nil {
		return err
	}
	if x.form == formSlot {
		s.named[name] = x.refs[0]
		return nil
	}
	s.named[name] = s.add(slot{kind: slotComputed, name: name, expr: x})
	return nil
}

// parse names what a parse captures.
func (s *scope) parse(cmd *syntax.Parse) error {
	from := cmd.From
	if from == nil {
		from = systemField(cmd.Span, "@message")
	}
	x, err := s.expr(from)
	if err != nil {
		return err
	}
	p := &parseExpr{number: s.parses, from: x, names: cmd.Names}
	s.parses++
	var made parseStep // the rules are those of the step
	if cmd.Glob != nil {
		err = made.withGlob(cmd)
	} else {
		err = made.withRegex(cmd)
	}
	if err != nil {
		return err
	}
	p.glob, p.regex, p.groups = made.glob, made.regex, made.groups
	for i, name := range cmd.Names {
		s.named[name] = s.add(slot{kind: slotCapture, name: name, parse: p, capture: i})
	}
	return nil
}

// bulky says whether there are slots with values that are made of whole messages. What is parsed out of them is small.
func (s *scope) bulky() bool {
	return slices.ContainsFunc(s.slots, func(v slot) bool {
		return v.kind == slotComputed && slices.ContainsFunc(v.expr.refs, func(at int) bool { return s.slots[at].kind == slotMessage })
	})
}
