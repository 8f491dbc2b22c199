package logfile

import (
	"slices"
	"strconv"
	"strings"

	"github.com/go-faster/jx"
	"github.com/parquet-go/parquet-go"
)

// maxFieldColumns is how many fields have columns; the most frequent ones.
const maxFieldColumns = 200

// fieldColumn is a column for a top-level field of messages.
type fieldColumn struct {
	field, name string
	number      bool
	seen        int
}

// fieldColumns are the columns for fields, in the order in which the fields were seen first.
type fieldColumns struct {
	list    []fieldColumn
	byField map[string]int // place in list
	values  []parquet.Value
	json    jx.Decoder
}

// fieldsOf finds the columns for a sample of events.
func fieldsOf(sample []StoredEvent) *fieldColumns {
	f := &fieldColumns{byField: map[string]int{}}
	for _, e := range sample {
		f.each(e.Message, f.note)
	}
	if len(f.list) > maxFieldColumns {
		slices.SortStableFunc(f.list, func(a, b fieldColumn) int { return b.seen - a.seen })
		f.list = f.list[:maxFieldColumns]
	}
	taken := map[string]bool{}
	for _, name := range fixedColumns() {
		taken[name] = true
	}
	clear(f.byField)
	for i := range f.list {
		c := &f.list[i]
		for c.name = c.field; taken[strings.ToLower(c.name)]; {
			c.name += "_"
		}
		taken[strings.ToLower(c.name)] = true
		f.byField[c.field] = i
	}
	f.values = make([]parquet.Value, len(f.list))
	return f
}

// note takes in one value of the sample. A field that is always null is text.
func (f *fieldColumns) note(field string, value jx.Raw) {
	if field == "" {
		return // no name for a column
	}
	i, known := f.byField[field]
	if !known {
		i = len(f.list)
		f.byField[field] = i
		f.list = append(f.list, fieldColumn{field: field})
	}
	c := &f.list[i]
	switch value.Type() {
	case jx.Null:
	case jx.Number:
		c.number = c.seen == 0 || c.number
		c.seen++
	default:
		c.number = false
		c.seen++
	}
}

// each visits the fields of a message that is a JSON object; of other messages none.
func (f *fieldColumns) each(message string, visit func(field string, value jx.Raw)) {
	text := []byte(message)
	if message == "" || message[0] != '{' || !jx.Valid(text) {
		return
	}
	f.json.ResetBytes(text)
	_ = f.json.ObjBytes(func(d *jx.Decoder, key []byte) error { // it was valid
		value, err := d.Raw()
		if err == nil {
			visit(string(key), value)
		}
		return err
	})
}

// appendTo adds a message's values to its row.
func (f *fieldColumns) appendTo(row parquet.Row, message string) parquet.Row {
	if len(f.list) == 0 {
		return row
	}
	for i := range f.values {
		f.values[i] = parquet.NullValue().Level(0, 0, firstFieldColumn+i)
	}
	f.each(message, func(field string, raw jx.Raw) {
		i, known := f.byField[field]
		if !known {
			return
		}
		if v, ok := f.list[i].value(raw); ok {
			f.values[i] = v.Level(0, 1, firstFieldColumn+i)
		} else {
			f.values[i] = parquet.NullValue().Level(0, 0, firstFieldColumn+i)
		}
	})
	return append(row, f.values...)
}

// value is a JSON value as one of the column: text of strings, JSON of the rest.
func (c *fieldColumn) value(raw jx.Raw) (v parquet.Value, ok bool) {
	switch kind := raw.Type(); {
	case kind == jx.Null || c.number && kind != jx.Number:
		return v, false
	case c.number:
		n, err := strconv.ParseFloat(string(raw), 64)
		return parquet.DoubleValue(n), err == nil // not beyond what a DOUBLE holds
	case kind == jx.String:
		text, err := jx.DecodeBytes(raw).StrBytes()
		return parquet.ByteArrayValue(slices.Clone(text)), err == nil
	}
	return parquet.ByteArrayValue(slices.Clone(raw)), true
}
