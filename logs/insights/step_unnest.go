package insights

import (
	"context"
	"slices"
	"strings"

	"github.com/go-faster/jx"

	"github.com/tollbook/tollbook/logs/insights/syntax"
	"github.com/tollbook/tollbook/logs/insights/value"
)

// unnestStep makes a row of each element of a list (spec/cloudwatch-logs §6.4). A value that is no list counts as a list
// of one; an empty list leaves no row, a missing one leaves the row as it is.
type unnestStep struct {
	list    expression
	json    bool       // expand: a text that is a JSON array is a list
	array   expression // expand: the field of that name in the message, if it is a list; may be nil
	columns []string
	place   int // of the element
}

func (b *stepBuilder) unnest(cmd *syntax.Unnest) error {
	list, err := b.compile(cmd.Field)
	if err != nil {
		return err
	}
	s := &unnestStep{list: list, json: cmd.Expand}
	if cmd.Expand && slices.Contains(b.schema.columns, "@message") {
		if s.array, err = b.messageArray(cmd); err != nil {
			return err
		}
	}
	s.place = b.result(cmd.Into)
	s.columns = b.schema.columns
	b.add(s)
	return nil
}

func (s *unnestStep) run(ctx context.Context, e *env, in *table) (*table, error) {
	if err := in.widen(ctx, e, s.columns); err != nil {
		return nil, err
	}
	out := &table{columns: s.columns}
	size := int64(len(s.columns))*valueBytes + rowBytes
	err := eachRow(ctx, in.rows, func(_ int, row []value.Value) error {
		list := s.list(row)
		if list.IsNull() && s.array != nil {
			list = s.array(row)
		}
		elements := s.elements(list)
		if err := e.memory.take(size * int64(len(elements))); err != nil {
			return err
		}
		for i, element := range elements {
			if i%checkRows == checkRows-1 && ctx.Err() != nil {
				return context.Cause(ctx)
			}
			if i < len(elements)-1 {
				out.rows = append(out.rows, slices.Clone(row))
			} else {
				out.rows = append(out.rows, row)
			}
			out.rows[len(out.rows)-1][s.place] = element
		}
		return nil
	})
	return out, err
}

// messageArray reads an array of the message's object, which is no field as other values are: its elements are.
func (b *stepBuilder) messageArray(cmd *syntax.Unnest) (expression, error) {
	path, ok := fieldPath(cmd.Field.Name)
	if !ok {
		return nil, nil
	}
	steps := slices.Clone(cmd.Field.Steps)
	steps[0] = strings.TrimSuffix(path, strings.TrimPrefix(cmd.Field.Name, steps[0]))
	message, err := b.systemField(cmd, "@message")
	return func(row []value.Value) value.Value {
		v := firstObject(message(row).Text())
		for _, step := range steps {
			v = v.At(step)
		}
		if v.Kind() != value.List {
			return value.Value{}
		}
		return v
	}, err
}

// firstObject is the first JSON object in a message.
func firstObject(message string) value.Value {
	at := strings.IndexByte(message, '{')
	if at < 0 {
		return value.Value{}
	}
	raw, err := jx.DecodeStr(message[at:]).Raw()
	if err != nil {
		return value.Value{}
	}
	v, _ := value.ParseJSON(string(raw))
	return v
}

func (s *unnestStep) elements(v value.Value) []value.Value {
	if s.json && v.Kind() == value.Text {
		if parsed, ok := value.ParseJSON(v.Text()); ok && parsed.Kind() == value.List {
			v = parsed
		}
	}
	if v.Kind() == value.List {
		return v.Elements()
	}
	return []value.Value{v}
}
