package insights

import (
	"context"
	"slices"
	"strings"

	"github.com/tollbook/tollbook/logs/columnar"
	"github.com/tollbook/tollbook/logs/insights/value"
)

// keyTable numbers the values of one column. Values are one if stats takes them for one (value.AppendKey). As long as all of
// them are integers of one form, no texts are made of them.
type keyTable struct {
	ctx  context.Context
	n    int
	null uint32 // number + 1 of null; 0: it has none

	whole  bool    // all values but null are ints
	form   intForm // of ints
	ints   []int64 // by number
	values []value.Value
	ids    map[string]uint32 // by key; not of null
	tables []formTable
	bytes  int64 // of ids and values

	key   []byte   // scratch
	codes []uint32 // scratch: number + 1 of each code
}

// intForm says how integers are written: as times, or as a column has them.
type intForm struct {
	times  bool
	column columnar.IntForm
}

func (f intForm) value(n int64) value.Value {
	if f.times {
		return value.OfTime(n)
	}
	return fieldValue(f.column.Value(n))
}

// formTable has number + 1 of integers in a form.
type formTable struct {
	form intForm
	intTable
}

// value is the value of a number.
func (t *keyTable) value(id uint32) value.Value {
	switch {
	case id+1 == t.null:
		return value.Value{}
	case t.whole:
		return t.form.value(t.ints[id])
	}
	return t.values[id]
}

func (t *keyTable) held() int64 {
	n := t.bytes + 8*int64(cap(t.ints))
	for i := range t.tables {
		n += t.tables[i].held()
	}
	return n
}

// add gives out the next number.
func (t *keyTable) add() uint32 {
	t.n++
	return uint32(t.n - 1)
}

func (t *keyTable) nullID() uint32 {
	if t.null == 0 {
		t.null = t.add() + 1
		if t.whole {
			t.ints = append(t.ints, 0)
		} else {
			t.values = append(t.values, value.Value{})
		}
	}
	return t.null - 1
}

// id is the number of a value.
func (t *keyTable) id(v value.Value) uint32 {
	if !v.IsScalar() {
		return t.nullID()
	}
	t.spell()
	t.key = v.AppendKey(t.key[:0])
	id, known := t.ids[string(t.key)]
	if known {
		return id
	}
	if t.ids == nil {
		t.ids = map[string]uint32{}
	}
	id = t.add()
	t.ids[string(t.key)] = id
	t.values = append(t.values, owned(v))
	t.bytes += 2*int64(len(t.key)) + valueBytes + 56
	return id
}

// owned is a value that may be kept for long: a text may be a small part of a large one, all of which it would keep.
func owned(v value.Value) value.Value {
	if v.Kind() == value.Text {
		return value.OfText(strings.Clone(v.Text()))
	}
	return v
}

// spell makes values of integers, since there are others as well: of some of them only once the query was stopped.
func (t *keyTable) spell() {
	if !t.whole {
		return
	}
	ints, form := t.ints, t.form
	t.whole, t.ints = false, nil
	t.values, t.ids = make([]value.Value, len(ints)), make(map[string]uint32, len(ints))
	for id, n := range ints {
		if id%checkRows == 0 && t.ctx.Err() != nil {
			return
		}
		if uint32(id)+1 == t.null {
			continue
		}
		v := form.value(n)
		t.key = v.AppendKey(t.key[:0])
		t.values[id], t.ids[string(t.key)] = v, uint32(id)
		t.bytes += 2*int64(len(t.key)) + valueBytes + 56
	}
}

// table is the table of integers in a form.
func (t *keyTable) table(form intForm) *formTable {
	if t.n == 0 || t.n == 1 && t.null > 0 {
		t.whole, t.form, t.values, t.ints = true, form, nil, make([]int64, t.n)
	} else if t.whole && t.form != form {
		t.spell()
	}
	for i := range t.tables {
		if t.tables[i].form == form {
			return &t.tables[i]
		}
	}
	t.tables = append(t.tables, formTable{form: form, intTable: intTable{ctx: t.ctx}})
	return &t.tables[len(t.tables)-1]
}

// intID is the number of an integer; table is that of its form.
func (t *keyTable) intID(table *formTable, n int64) uint32 {
	place := table.place(uint64(n))
	if *place == 0 {
		if t.whole {
			t.ints = append(t.ints, n)
			*place = t.add() + 1
		} else {
			*place = t.id(table.form.value(n)) + 1
		}
	}
	return *place - 1
}

// number writes the number of each row's value.
func (t *keyTable) number(rows []int32, v *vector, ids []uint32) error {
	if codes, ok := v.coded(); ok {
		t.numberCodes(rows, v, codes, ids)
		return nil
	}
	switch v.form {
	case vectorConstant:
		id := t.id(v.one)
		for i := range ids {
			ids[i] = id
		}
		return nil
	case vectorTimes:
		t.numberTimes(rows, v.times, ids)
		return nil
	case vectorField:
		t.numberInts(rows, v.field, ids)
		return nil
	}
	for i, row := range rows {
		x, err := v.look(int(row))
		if err != nil {
			return err
		}
		ids[i] = t.idOfView(v, x)
	}
	return nil
}

// idOfView is id of a value that is valid now only if it is a message.
func (t *keyTable) idOfView(v *vector, x value.Value) uint32 {
	if v.form != vectorMessage {
		return t.id(x)
	}
	t.key = x.AppendKey(t.key[:0])
	if id, known := t.ids[string(t.key)]; known {
		return id
	}
	return t.id(x)
}

func (t *keyTable) numberCodes(rows []int32, v *vector, codes []uint32, ids []uint32) {
	n := v.entries()
	t.codes = slices.Grow(t.codes[:0], n+1)[:n+1]
	clear(t.codes)
	known := t.codes
	var ints *formTable
	if v.form == vectorField && len(v.field.DictInts) > 0 {
		ints = t.table(intForm{column: v.field.Form})
	}
	for i, row := range rows {
		code := min(codes[row], uint32(n)) // the last is of MissingCode
		if known[code] == 0 {
			known[code] = t.codeID(v, ints, code, n) + 1
		}
		ids[i] = known[code] - 1
	}
}

func (t *keyTable) codeID(v *vector, ints *formTable, code uint32, n int) uint32 {
	switch {
	case code == uint32(n):
		return t.id(v.one)
	case ints != nil:
		return t.intID(ints, v.field.DictInts[code])
	}
	return t.id(v.entry(code))
}

func (t *keyTable) numberInts(rows []int32, c *columnar.Column, ids []uint32) {
	table := t.table(intForm{column: c.Form})
	for i, row := range rows {
		if at := uint64(c.Ints[row]) - table.base; c.Present == nil && at < uint64(len(table.dense)) && table.dense[at] > 0 {
			ids[i] = table.dense[at] - 1
			continue
		}
		if c.Present == nil || c.Present.Has(int(row)) {
			ids[i] = t.intID(table, c.Ints[row])
		} else {
			ids[i] = t.nullID()
		}
	}
}

// numberTimes looks up only what differs from the row before.
func (t *keyTable) numberTimes(rows []int32, times []int64, ids []uint32) {
	table := t.table(intForm{times: true})
	last, id := int64(0), uint32(0)
	for i, row := range rows {
		if at := times[row]; i == 0 || at != last {
			last, id = at, t.intID(table, at)
		}
		ids[i] = id
	}
}

// merge returns the numbers of another table's values; of some of them only once ctx has ended.
func (t *keyTable) merge(ctx context.Context, o *keyTable) []uint32 {
	ids := make([]uint32, o.n)
	var table *formTable
	if o.whole {
		table = t.table(o.form)
	}
	for i := range ids {
		if i%checkRows == 0 && ctx.Err() != nil {
			break
		}
		switch {
		case uint32(i)+1 == o.null:
			ids[i] = t.nullID()
		case o.whole:
			ids[i] = t.intID(table, o.ints[i])
		default:
			ids[i] = t.id(o.values[i])
		}
	}
	return ids
}
