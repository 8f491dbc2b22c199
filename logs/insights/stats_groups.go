package insights

import (
	"math/bits"
	"slices"

	"github.com/tollbook/tollbook/logs/columnar"
	"github.com/tollbook/tollbook/logs/insights/value"
)

// groups numbers the combinations of values of the columns of a by. It is for one goroutine.
type groups struct {
	keys  []keyTable
	pairs []pairTable // of what the columns before made, and the next column
	ids   [2][]uint32 // scratch
}

func newGroups(keys int) *groups {
	return &groups{keys: make([]keyTable, keys), pairs: make([]pairTable, max(keys-1, 0))}
}

// len is how many groups there are: one, if there is nothing to group by.
func (g *groups) len() int {
	switch {
	case len(g.pairs) > 0:
		return len(g.pairs[len(g.pairs)-1].pairs)
	case len(g.keys) > 0:
		return len(g.keys[0].values)
	}
	return 1
}

// number returns the group of each row, until it is called again.
func (g *groups) number(rows []int32, keys []*vector) ([]uint32, error) {
	for k := range g.ids {
		g.ids[k] = slices.Grow(g.ids[k][:0], len(rows))[:len(rows)]
	}
	if len(keys) == 0 {
		clear(g.ids[0])
		return g.ids[0], nil
	}
	if err := g.keys[0].number(rows, keys[0], g.ids[0]); err != nil {
		return nil, err
	}
	for k, v := range keys[1:] {
		if err := g.keys[k+1].number(rows, v, g.ids[1]); err != nil {
			return nil, err
		}
		g.pairs[k].number(g.ids[0], g.ids[1])
	}
	return g.ids[0], nil
}

// row appends the values of a group.
func (g *groups) row(dst []value.Value, group int) []value.Value {
	at := len(dst)
	dst = append(dst, make([]value.Value, len(g.keys))...)
	id := uint32(group)
	for k := len(g.pairs) - 1; k >= 0; k-- {
		pair := g.pairs[k].pairs[id]
		dst[at+k+1] = g.keys[k+1].values[uint32(pair)]
		id = uint32(pair >> 32)
	}
	if len(g.keys) > 0 {
		dst[at] = g.keys[0].values[id]
	}
	return dst
}

// merge returns for each group of o the same group of g, which it adds if it is not there.
func (g *groups) merge(o *groups) []uint32 {
	if len(g.keys) == 0 {
		return []uint32{0}
	}
	ids := g.keys[0].merge(&o.keys[0])
	for k := range g.pairs {
		next := g.keys[k+1].merge(&o.keys[k+1])
		joined := make([]uint32, len(o.pairs[k].pairs))
		for i, pair := range o.pairs[k].pairs {
			joined[i] = g.pairs[k].id(ids[pair>>32], next[uint32(pair)])
		}
		ids = joined
	}
	return ids
}

// held is about how many bytes the groups hold.
func (g *groups) held() (n int64) {
	for i := range g.keys {
		n += g.keys[i].held()
	}
	for i := range g.pairs {
		n += g.pairs[i].table.held() + 8*int64(cap(g.pairs[i].pairs))
	}
	return n
}

// keyTable numbers the values of one column. Values are one if stats takes them for one (value.AppendKey).
type keyTable struct {
	values []value.Value
	ids    map[string]uint32
	ints   []intIDs // of integers in a form
	times  intTable
	bytes  int64
	key    []byte   // scratch
	codes  []uint32 // scratch: number + 1 of each code
}

type intIDs struct {
	form  columnar.IntForm
	table intTable
}

// id is the number of a value.
func (t *keyTable) id(v value.Value) uint32 {
	if !v.IsScalar() {
		v = value.Value{}
	}
	t.key = v.AppendKey(t.key[:0])
	id, known := t.ids[string(t.key)]
	if known {
		return id
	}
	if t.ids == nil {
		t.ids = map[string]uint32{}
	}
	id = uint32(len(t.values))
	t.ids[string(t.key)] = id
	t.values = append(t.values, v)
	t.bytes += 2*int64(len(t.key)) + valueBytes + 56
	return id
}

func (t *keyTable) held() int64 {
	n := t.bytes + t.times.held()
	for i := range t.ints {
		n += t.ints[i].table.held()
	}
	return n
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
	return t.id(value.OfText(string([]byte(x.Text()))))
}

func (t *keyTable) numberCodes(rows []int32, v *vector, codes []uint32, ids []uint32) {
	n := v.entries()
	t.codes = slices.Grow(t.codes[:0], n+1)[:n+1]
	clear(t.codes)
	known := t.codes
	var ints *intTable
	if v.form == vectorField && len(v.field.DictInts) > 0 {
		ints = t.intTable(v.field.Form)
	}
	for i, row := range rows {
		code := min(codes[row], uint32(n)) // the last is of MissingCode
		if known[code] == 0 {
			known[code] = t.codeID(v, ints, code, n) + 1
		}
		ids[i] = known[code] - 1
	}
}

func (t *keyTable) codeID(v *vector, ints *intTable, code uint32, n int) uint32 {
	switch {
	case code == uint32(n):
		return t.id(v.one)
	case ints != nil:
		return t.intID(ints, v.field.Form, v.field.DictInts[code])
	}
	return t.id(v.entry(code))
}

// intTable is the table of integers in a form.
func (t *keyTable) intTable(form columnar.IntForm) *intTable {
	for i := range t.ints {
		if t.ints[i].form == form {
			return &t.ints[i].table
		}
	}
	t.ints = append(t.ints, intIDs{form: form})
	return &t.ints[len(t.ints)-1].table
}

func (t *keyTable) intID(table *intTable, form columnar.IntForm, n int64) uint32 {
	place := table.place(uint64(n))
	if *place == 0 {
		*place = t.id(fieldValue(form.Value(n))) + 1
	}
	return *place - 1
}

func (t *keyTable) numberInts(rows []int32, c *columnar.Column, ids []uint32) {
	table := t.intTable(c.Form)
	for i, row := range rows {
		if c.Present == nil || c.Present.Has(int(row)) {
			ids[i] = t.intID(table, c.Form, c.Ints[row])
		} else {
			ids[i] = t.id(value.Value{})
		}
	}
}

// numberTimes looks up only what differs from the row before.
func (t *keyTable) numberTimes(rows []int32, times []int64, ids []uint32) {
	last, id := int64(0), uint32(0)
	for i, row := range rows {
		if at := times[row]; i == 0 || at != last {
			place := t.times.place(uint64(at))
			if *place == 0 {
				*place = t.id(value.OfTime(at)) + 1
			}
			last, id = at, *place-1
		}
		ids[i] = id
	}
}

// merge returns the numbers of another table's values.
func (t *keyTable) merge(o *keyTable) []uint32 {
	ids := make([]uint32, len(o.values))
	for i, v := range o.values {
		ids[i] = t.id(v)
	}
	return ids
}

// pairTable numbers pairs of numbers.
type pairTable struct {
	table intTable
	pairs []uint64
}

// number writes into a the numbers of the pairs of a and b.
func (t *pairTable) number(a, b []uint32) {
	for i := range a {
		a[i] = t.id(a[i], b[i])
	}
}

func (t *pairTable) id(a, b uint32) uint32 {
	pair := uint64(a)<<32 | uint64(b)
	place := t.table.place(pair)
	if *place == 0 {
		t.pairs = append(t.pairs, pair)
		*place = uint32(len(t.pairs))
	}
	return *place - 1
}

// intTable maps integers to numbers above 0, by open addressing.
type intTable struct {
	keys   []uint64
	values []uint32 // 0: no key here
	used   int
	shift  uint8
}

func (t *intTable) held() int64 { return 12 * int64(cap(t.keys)) }

const minTable = 64

// place is where the number of a key stands, 0 if it has none yet: the caller must write one. It is valid until the next
// call.
func (t *intTable) place(key uint64) *uint32 {
	if 2*t.used >= len(t.keys) {
		t.double()
	}
	mask := len(t.keys) - 1
	for i := int(key * 0x9E3779B97F4A7C15 >> t.shift); ; i++ {
		i &= mask
		if t.values[i] == 0 {
			t.keys[i] = key
			t.used++
			return &t.values[i]
		}
		if t.keys[i] == key {
			return &t.values[i]
		}
	}
}

func (t *intTable) double() {
	n := max(2*len(t.keys), minTable)
	old := *t
	*t = intTable{keys: make([]uint64, n), values: make([]uint32, n), shift: uint8(64 - bits.TrailingZeros(uint(n)))}
	for i, v := range old.values {
		if v != 0 {
			*t.place(old.keys[i]) = v
		}
	}
}
