package insights

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unsafe"

	"github.com/tollbook/tollbook/logs/insights/syntax"
	"github.com/tollbook/tollbook/logs/insights/value"
)

// newSteps makes the steps of the commands behind the scan, whose rows look like in. It returns what the rows look like
// behind the last one. Its errors are *syntax.Error.
func newSteps(cmds []syntax.Command, in schema, c *compiling) ([]step, schema, error) {
	b := stepBuilder{compiling: c, schema: in, choosing: in.stats != nil}
	for len(cmds) > 0 {
		used, err := b.next(cmds)
		if err != nil {
			return nil, schema{}, err
		}
		cmds = cmds[used:]
	}
	return b.steps, b.schema, nil
}

// stepBuilder makes one step after the other.
type stepBuilder struct {
	*compiling
	schema schema // of the rows behind the steps
	steps  []step
	// choosing is set behind stats and its like: all columns are shown, and the next fields chooses from them.
	choosing bool
}

// next makes the step of the first command. Some take a command that follows into the same step.
func (b *stepBuilder) next(cmds []syntax.Command) (used int, err error) {
	switch cmd := cmds[0].(type) {
	case *syntax.Sort:
		if limit, ok := follows[*syntax.Limit](cmds); ok && !limit.Tail {
			return 2, b.sort(cmd, limit.N)
		}
		return 1, b.sort(cmd, 0)
	case *syntax.Pattern:
		if diff, ok := follows[*syntax.Diff](cmds); ok {
			return 2, b.diff(diff, cmd.Field)
		}
		return 1, b.pattern(cmd)
	case *syntax.Join:
		return 1, b.join(cmd, cmds[1:])
	}
	return 1, b.core(cmds[0])
}

// follows returns the second command if it is a T.
func follows[T syntax.Command](cmds []syntax.Command) (T, bool) {
	if len(cmds) > 1 {
		cmd, ok := cmds[1].(T)
		return cmd, ok
	}
	var none T
	return none, false
}

// core makes the step of a command of spec §6.4.
func (b *stepBuilder) core(cmd syntax.Command) error {
	switch cmd := cmd.(type) {
	case *syntax.Fields:
		return b.fields(cmd)
	case *syntax.Filter:
		return b.filter(cmd.Cond)
	case *syntax.FilterIndex:
		return b.filter(cmd.Cond)
	case *syntax.Stats:
		return b.stats(cmd)
	case *syntax.Limit:
		b.add(&limitStep{n: cmd.N, tail: cmd.Tail})
	case *syntax.Parse:
		return b.parse(cmd)
	case *syntax.Dedup:
		return b.dedup(cmd)
	case *syntax.Unmask:
		_, err := b.fieldValues(cmd.Fields) // nothing is masked, so there is nothing to show
		return err
	case *syntax.Unnest:
		return b.unnest(cmd)
	case *syntax.Lookup:
		return b.lookup(cmd)
	case *syntax.Diff:
		return b.diff(cmd, nil)
	case *syntax.Estimate:
		return errorAt(cmd, "estimate must be the last command")
	case *syntax.Anomaly:
		return errorAt(cmd, "anomaly is not supported: what it returns is not documented; use pattern, diff or outlier")
	default:
		return b.later(cmd)
	}
	return nil
}

// later makes the step of a command of spec §6.5.
func (b *stepBuilder) later(cmd syntax.Command) error {
	switch cmd := cmd.(type) {
	case *syntax.AddTotals:
		return b.addTotals(cmd)
	case *syntax.Accum:
		return b.accum(cmd)
	case *syntax.AutoRegress:
		return b.autoRegress(cmd)
	case *syntax.AppendCols:
		return b.appendCols(cmd)
	case *syntax.FillDown:
		return b.fillDown(cmd)
	case *syntax.FillMissing:
		return b.fillMissing(cmd)
	case *syntax.Outlier:
		return b.outlier(cmd)
	case *syntax.RelevantFields:
		return b.relevantFields(cmd)
	case *syntax.Sessionize:
		return b.sessionize(cmd)
	}
	return errorAt(cmd, "this command is not supported here")
}

func (b *stepBuilder) stats(cmd *syntax.Stats) error {
	s, out, err := newStatsStep(cmd, b.schema, b.compiling)
	if err != nil {
		return err
	}
	b.add(s)
	b.schema = out
	b.schema.stats = cmd
	b.choosing = true
	return nil
}

func (b *stepBuilder) add(s step) { b.steps = append(b.steps, s) }

// replace adds a step that makes other rows, all of whose columns are shown.
func (b *stepBuilder) replace(s step, columns ...string) {
	b.add(s)
	b.schema = schema{columns: columns, shown: columns}
	b.choosing = true
}

// compile compiles an expression for the rows behind the steps.
func (b *stepBuilder) compile(e syntax.Expr) (expression, error) {
	return compileExpression(e, b.schema.columns, b.compiling)
}

// fieldValues compiles fields.
func (b *stepBuilder) fieldValues(fields []*syntax.Field) ([]expression, error) {
	values := make([]expression, len(fields))
	for i, f := range fields {
		var err error
		if values[i], err = b.compile(f); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// systemField compiles a field that a command reads without naming it.
func (b *stepBuilder) systemField(cmd syntax.Command, name string) (expression, error) {
	if !slices.Contains(b.schema.columns, name) {
		return nil, errorAt(cmd, "this command needs %s, which does not exist here", name)
	}
	return b.compile(systemField(cmd.At(), name))
}

// target returns the place of the column that a command writes; if there is none of its name, it adds one. Columns below
// its name, as e.name is below e, cannot be named any more: the name now leads into what the command writes.
func (b *stepBuilder) target(name string) int {
	place := slices.Index(b.schema.columns, name)
	columns := slices.Clone(b.schema.columns)
	for i, column := range columns {
		if strings.HasPrefix(column, name+".") {
			columns[i] = hidden + column
		}
	}
	if place < 0 {
		place = len(columns)
		columns = append(columns, name)
	}
	b.schema.columns = columns
	return place
}

// hidden begins columns that no query can name.
const hidden = "\x00"

// result is target for a column that the command makes for the result: it is shown as what fields names is.
func (b *stepBuilder) result(name string) int {
	b.schema = b.schema.extend(name)
	return b.target(name)
}

// extend shows columns beside those that are shown already, as parse does. If no command has said what is shown, these
// are @timestamp and @message. Behind display it changes nothing.
func (s schema) extend(names ...string) schema {
	if s.shown == nil {
		s.shown = []string{"@timestamp", "@message"}
	}
	return s.show(names...)
}

// show shows columns, as fields does. Behind display it changes nothing.
func (s schema) show(names ...string) schema {
	if s.displayed {
		return s
	}
	s.shown = slices.Clip(s.shown)
	for _, name := range names {
		if !slices.Contains(s.shown, name) {
			s.shown = append(s.shown, name)
		}
	}
	return s
}

// visible are the columns that a command works on which takes all of them.
func (s schema) visible() []string {
	if s.shown == nil {
		return []string{"@timestamp", "@message"}
	}
	return s.shown
}

// implicitFields are the fields of log events that a command reads without naming them.
func implicitFields(cmd syntax.Command) []string {
	switch cmd := cmd.(type) {
	case *syntax.Parse:
		if cmd.From == nil {
			return []string{"@message"}
		}
	case *syntax.Diff:
		return []string{"@message"}
	case *syntax.Unnest:
		if cmd.Expand {
			return []string{"@message"}
		}
	case *syntax.RelevantFields:
		if len(cmd.Fields) == 0 {
			return []string{"@message"}
		}
	case *syntax.Sessionize:
		return []string{"@timestamp"}
	case *syntax.Lookup:
		if cmd.New { // what there is stays
			return madeBy(cmd)
		}
	}
	return nil
}

// rowReferences calls visit for the fields of their rows that commands read: not for what one of them makes itself.
func rowReferences(cmds []syntax.Command, visit func(*syntax.Field)) {
	var join *syntax.Join
	made := map[string]bool{}
	for _, cmd := range cmds {
		eachReference(cmd, func(f *syntax.Field) {
			if join != nil {
				f = inFrontOf(join, f)
			}
			if f != nil && !isMade(made, f) {
				visit(f)
			}
		})
		switch cmd := cmd.(type) {
		case *syntax.Stats, *syntax.Pattern, *syntax.Diff, *syntax.RelevantFields:
			return // what follows reads other rows
		case *syntax.Join:
			join = cmd
		}
		for _, name := range madeBy(cmd) {
			made[name] = true
		}
	}
}

func isMade(made map[string]bool, f *syntax.Field) bool {
	if made[f.Name] {
		return true
	}
	for n := len(f.Steps) - 1; n > 0; n-- {
		if made[strings.Join(f.Steps[:n], ".")] {
			return true
		}
	}
	return false
}

// madeBy are the names of the columns that a command adds to rows.
func madeBy(cmd syntax.Command) (names []string) {
	switch cmd := cmd.(type) {
	case *syntax.Fields:
		for _, c := range cmd.Columns {
			names = append(names, c.Name)
		}
	case *syntax.Parse:
		names = cmd.Names
	case *syntax.Unnest:
		names = []string{cmd.Into}
	case *syntax.Lookup:
		for _, out := range cmd.Output {
			names = append(names, out.Name)
		}
	case *syntax.AutoRegress:
		for lag := cmd.From; lag <= cmd.To; lag++ {
			names = append(names, cmd.Name(lag))
		}
	case *syntax.Accum:
		names = []string{cmd.Out}
	case *syntax.AddTotals:
		names = []string{cmd.FieldName}
	case *syntax.Sessionize:
		names = []string{cmd.Out}
	}
	return names
}

func errorAt(at interface{ At() syntax.Span }, format string, args ...any) error {
	return &syntax.Error{Span: at.At(), Message: fmt.Sprintf(format, args...)}
}

// stepFunc is a step that needs nothing but what it closes over.
type stepFunc func(ctx context.Context, e *env, in *table) (*table, error)

func (f stepFunc) run(ctx context.Context, e *env, in *table) (*table, error) { return f(ctx, e, in) }

const (
	valueBytes = int64(unsafe.Sizeof(value.Value{}))
	rowBytes   = int64(unsafe.Sizeof([]value.Value{}))
	// checkRows is how many rows, or the like, are worked on before it is looked whether the query was stopped, where each
	// takes no long time; checkSteps where it may.
	checkRows  = 256
	checkSteps = 16
)

// eachRow calls f for each row until it returns an error or the query is stopped.
func eachRow(ctx context.Context, rows [][]value.Value, f func(i int, row []value.Value) error) error {
	for i, row := range rows {
		if i%checkSteps == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if err := f(i, row); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// widen gives rows the columns of a step's output, of which theirs are the first.
func (t *table) widen(ctx context.Context, e *env, columns []string) error {
	old, wide := len(t.columns), len(columns)
	t.columns = columns
	if wide == old {
		return nil
	}
	if err := e.memory.take(int64(len(t.rows)) * int64(wide-old) * valueBytes); err != nil {
		return err
	}
	var block []value.Value // many rows in one allocation
	return eachRow(ctx, t.rows, func(i int, row []value.Value) error {
		if len(block) < wide {
			block = make([]value.Value, wide*min(1024, len(t.rows)-i))
		}
		copy(block, row)
		t.rows[i], block = block[:wide:wide], block[wide:]
		return nil
	})
}

// appendRowKey appends a key of several values (value.AppendKey). It returns false if one is null.
func appendRowKey(key []byte, row []value.Value, values []expression) ([]byte, bool) {
	whole := true
	for _, v := range values {
		part := v(row)
		whole = whole && part.IsScalar()
		key = part.AppendKey(key)
	}
	return key, whole
}

// matches reports whether a name is one of names, or begins with one that ends in a star.
func matches(names []string, name string) bool {
	return slices.ContainsFunc(names, func(n string) bool {
		prefix, wild := strings.CutSuffix(n, "*")
		return n == name || wild && strings.HasPrefix(name, prefix)
	})
}
