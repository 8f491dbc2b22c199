package insights

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tollbook/tollbook/logs/insights/syntax"
	"github.com/tollbook/tollbook/logs/insights/value"
)

// maxJoinKeys is how many different keys the right side of a join may have (spec/cloudwatch-logs §6.4).
const maxJoinKeys = 50_000

// joinStep joins rows with those of another query whose key prints the same. Rows come in the order of the left side,
// for each of them in the order of the right one. A missing key matches nothing.
type joinStep struct {
	cmd     *syntax.Join
	left    bool // keep rows without a match
	key     expression
	right   *syntax.Query
	names   []string // of the right side's columns that are kept
	columns []string
}

// join makes columns ALIAS.FIELD of both sides. The right side has what the commands behind name of it, and, if none of
// them says what is shown, @timestamp and @message. @ptr stays the left side's.
func (b *stepBuilder) join(cmd *syntax.Join, behind []syntax.Command) error {
	key, err := b.compile(cmd.LeftKey)
	if err != nil {
		return err
	}
	if err := b.checkLeft(cmd, behind); err != nil {
		return err
	}
	names := rightNames(cmd.RightName, behind)
	s := &joinStep{cmd: cmd, left: cmd.Left, key: key, right: rightQuery(cmd, names), names: names}
	var shown []string
	for _, column := range b.schema.columns {
		s.columns = append(s.columns, leftColumn(cmd.LeftName, column))
	}
	for _, column := range b.schema.visible() {
		shown = append(shown, leftColumn(cmd.LeftName, column))
	}
	for _, name := range names {
		s.columns = append(s.columns, cmd.RightName+"."+name)
		shown = append(shown, cmd.RightName+"."+name)
	}
	b.add(s)
	b.schema, b.choosing = schema{columns: s.columns, shown: shown}, true
	return nil
}

// checkLeft refuses names of the left side that rows do not have: they would read as missing fields.
func (b *stepBuilder) checkLeft(cmd *syntax.Join, behind []syntax.Command) error {
	var err error
	for _, c := range behind {
		eachReference(c, func(f *syntax.Field) {
			front := inFrontOf(cmd, f)
			if front == nil || err != nil {
				return
			}
			for n := len(front.Steps); n > 0; n-- {
				if slices.Contains(b.schema.columns, strings.Join(front.Steps[:n], ".")) {
					return
				}
			}
			err = errorAt(f, "Unknown symbols found in or after join: %s", f.Name)
		})
	}
	return err
}

func leftColumn(alias, column string) string {
	if column == "@ptr" {
		return column
	}
	return alias + "." + column
}

// inFrontOf returns the field that one behind a join is in front of it; nil if it is of the right side.
func inFrontOf(join *syntax.Join, f *syntax.Field) *syntax.Field {
	if len(f.Steps) < 2 || f.Steps[0] != join.LeftName {
		return nil
	}
	return &syntax.Field{Span: f.Span, Name: strings.Join(f.Steps[1:], "."), Steps: f.Steps[1:]}
}

// rightNames are the fields of the right side that commands name.
func rightNames(alias string, cmds []syntax.Command) []string {
	var names []string
	add := func(name string) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if !choosesColumns(cmds) {
		add("@timestamp")
		add("@message")
	}
	for _, cmd := range cmds {
		eachReference(cmd, func(f *syntax.Field) {
			if name, ok := strings.CutPrefix(f.Name, alias+"."); ok {
				add(name)
			}
		})
	}
	return names
}

// choosesColumns reports whether one of the commands says what the result shows.
func choosesColumns(cmds []syntax.Command) bool {
	return slices.ContainsFunc(cmds, func(cmd syntax.Command) bool {
		switch cmd.(type) {
		case *syntax.Fields, *syntax.Stats, *syntax.Pattern:
			return true
		}
		return false
	})
}

// rightQuery returns the right side with a display of its key and the fields of names.
func rightQuery(cmd *syntax.Join, names []string) *syntax.Query {
	display := &syntax.Fields{Span: cmd.At(), Display: true}
	display.Columns = append(display.Columns, syntax.Column{Expr: cmd.RightKey, Name: joinKey, As: true})
	for _, name := range names {
		field := &syntax.Field{Span: cmd.At(), Name: name, Steps: strings.Split(name, ".")}
		display.Columns = append(display.Columns, syntax.Column{Expr: field, Name: name})
	}
	right := *cmd.Right
	right.Commands = append(slices.Clip(right.Commands), display)
	return &right
}

// joinKey is the column of the right side's key.
const joinKey = hidden + "key"

func (s *joinStep) run(ctx context.Context, e *env, in *table) (*table, error) {
	right, err := e.query(ctx, s.right)
	if err != nil {
		return nil, err
	}
	if err := right.narrow(ctx, e, append([]string{joinKey}, s.names...)); err != nil {
		return nil, err
	}
	byKey, err := s.indexRows(ctx, e, right)
	if err != nil {
		return nil, err
	}
	out := &table{columns: s.columns}
	keys := []expression{s.key}
	var key []byte
	err = eachRow(ctx, in.rows, func(_ int, row []value.Value) error {
		var whole bool
		key, whole = appendRowKey(key[:0], row, keys)
		var matching []int32
		if whole {
			matching = byKey[string(key)]
		}
		return s.emit(ctx, e, out, row, right, matching)
	})
	return out, err
}

// emit adds a row of the left side joined with those of the right one that match.
func (s *joinStep) emit(ctx context.Context, e *env, out *table, row []value.Value, right *table, matching []int32) error {
	n := len(matching)
	if n == 0 && s.left {
		n = 1
	}
	if err := e.memory.take(int64(n) * (rowBytes + valueBytes*int64(len(s.columns)))); err != nil {
		return err
	}
	for i := range n {
		if i%checkRows == checkRows-1 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		joined := make([]value.Value, len(s.columns))
		copy(joined, row)
		if len(matching) > 0 {
			copy(joined[len(row):], right.rows[matching[i]][1:])
		}
		out.rows = append(out.rows, joined)
	}
	return nil
}

// narrow leaves columns in the order in which they are named.
func (t *table) narrow(ctx context.Context, e *env, names []string) error {
	if slices.Equal(t.columns, names) {
		return nil
	}
	places := make([]int, len(names))
	for i, name := range names {
		if places[i] = t.column(name); places[i] < 0 {
			return fmt.Errorf("BUG: no column %q among %q", name, t.columns)
		}
	}
	if err := e.memory.take(int64(len(t.rows)) * int64(len(places)) * valueBytes); err != nil {
		return err
	}
	t.columns = names
	return eachRow(ctx, t.rows, func(i int, row []value.Value) error {
		narrow := make([]value.Value, len(places))
		for j, place := range places {
			narrow[j] = row[place]
		}
		t.rows[i] = narrow
		return nil
	})
}

// indexRows returns where the rows of a right side are, by their key, which is their first column.
func (s *joinStep) indexRows(ctx context.Context, e *env, right *table) (map[string][]int32, error) {
	byKey := map[string][]int32{}
	var key []byte
	err := eachRow(ctx, right.rows, func(i int, row []value.Value) error {
		if !row[0].IsScalar() {
			return nil
		}
		key = row[0].AppendKey(key[:0])
		at, known := byKey[string(key)]
		byKey[string(key)] = append(at, int32(i))
		if known {
			return e.memory.take(4)
		}
		if len(byKey) > maxJoinKeys {
			return errorAt(s.cmd, "the right side of the join has more than %d different keys: shorten the time range", maxJoinKeys)
		}
		return e.memory.take(int64(len(key)) + 60)
	})
	return byKey, err
}
