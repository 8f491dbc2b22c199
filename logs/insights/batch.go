package insights

import (
	"context"
	"math/bits"
	"slices"
	"strings"

	"github.com/tollbook/tollbook/logs/columnar"
	"github.com/tollbook/tollbook/logs/condition"
	"github.com/tollbook/tollbook/logs/insights/value"
)

// batch is a block on its way through the scan. A worker has one and uses its memory again for each block.
type batch struct {
	ctx    context.Context
	slots  []slot
	fields []string // paths
	lines  bool     // messages without an object can have some of them
	groups []string // names of log groups
	memory *budget
	check  int // after how many rows, a power of 2, it looks whether the query was stopped, less 1

	block *Block
	rows  columnar.Bitmap // those that are still selected
	count int             // how many
	list  []int32         // them in order, if listed
	fresh bool            // whether list is of rows

	vectors []vector // of slots
	ready   []bool
	columns []columnar.Column // memory of vectors of fields, by slot
	scratch []scratch         // memory of vectors of expressions, by their numbers
	parses  []parsed          // by their numbers

	times     []int64
	timed     bool
	positions columnar.Positions // of all rows, if placed
	placed    bool
	message   []byte
	loose     looseRows
}

// scratch is memory for the values of an expression.
type scratch struct {
	vector vector
	dict   []value.Value
	rows   []value.Value
	done   []bool
	row    []value.Value
	ints   map[int64]value.Value
	held   int64 // bytes of values that the budget knows of

	// of calculations
	inputs    []input
	numbers   []float64
	temporary [][]float64
	used      int // of temporary
}

func newBatch(ctx context.Context, s *scanPlan, memory *budget, groups []string) *batch {
	return &batch{
		ctx: ctx, slots: s.slots, fields: s.fields, lines: s.lines, groups: groups, memory: memory,
		vectors: make([]vector, len(s.slots)), ready: make([]bool, len(s.slots)),
		columns: make([]columnar.Column, len(s.slots)), scratch: make([]scratch, s.exprs), parses: make([]parsed, s.parses),
	}
}

// start begins with a block.
func (b *batch) start(block *Block) {
	b.block, b.rows = block, *block.Rows
	b.check = 1<<(bits.Len(uint(min(checkRows, checkBytes/block.rowBytes()+1)))-1) - 1
	b.placed = false
	b.forget()
	b.changed()
}

// checkBytes is how many bytes of messages are worked on before it is looked whether the query was stopped: some regular
// expressions take 20 ns for each.
const checkBytes = 256 << 10

// rowBytes is about the length of a block's messages.
func (b *Block) rowBytes() int { return int(b.MessageBytes()/int64(b.Len())) + 1 }

// stopped says whether the query was stopped; it is asked for each row, by number.
func (b *batch) stopped(i int) bool { return i&b.check == 0 && b.ctx.Err() != nil }

// hold tells the budget how many bytes the values of an expression take now.
func (b *batch) hold(s *scratch, bytes int64) error {
	grown := bytes - s.held
	s.held = bytes
	return b.memory.take(grown)
}

// forget drops what was read for rows that were selected.
func (b *batch) forget() {
	clear(b.ready)
	for i := range b.parses {
		b.parses[i].done = false
	}
	b.timed, b.loose.found = false, false
}

// changed is called when rows were cleared.
func (b *batch) changed() {
	b.count, b.fresh = b.rows.Count(), false
}

// whole says whether all rows of the block are selected.
func (b *batch) whole() bool { return b.count == b.block.Len() }

// selected lists the selected rows.
func (b *batch) selected() []int32 {
	if !b.fresh {
		b.list = b.rows.AppendTo(slices.Grow(b.list[:0], b.count))
		b.fresh = true
	}
	return b.list
}

// vector returns the values of a slot.
func (b *batch) vector(at int) (*vector, error) {
	v := &b.vectors[at]
	if b.ready[at] {
		return v, nil
	}
	if err := b.fill(at, v); err != nil {
		return nil, err
	}
	b.ready[at] = true
	return v, nil
}

func (b *batch) fill(at int, v *vector) error {
	s := &b.slots[at]
	*v = vector{}
	switch s.kind {
	case slotField:
		return b.fillField(at, s, v)
	case slotMessage:
		v.form, v.text = vectorMessage, b.messageOf
	case slotTimestamp:
		v.form = vectorTimes
		var err error
		v.times, err = b.timestamps()
		return err
	case slotIngestion:
		v.form = vectorTimes
		p, err := b.places()
		v.times = p.Ingestions
		return err
	case slotStream:
		return b.fillText(at, v, b.block.Stream)
	case slotPointer:
		return b.fillPointers(at, v)
	case slotLog:
		v.one = value.OfText(b.groups[b.block.Group])
	case slotAccount:
		v.one = value.OfText(accountOf(b.groups[b.block.Group]))
	case slotRegion:
		v.one = regionOf(s)
	case slotLambda:
		return b.fillLambda(s, v)
	case slotComputed:
		from, err := b.eval(s.expr)
		if err == nil {
			*v = *from
		}
		return err
	case slotCapture:
		return b.fillCapture(at, s, v)
	}
	return nil
}

// accountOf is the account of a log group as Data names it.
func accountOf(group string) string {
	account, _, _ := strings.Cut(group, ":")
	return account
}

// regionOf is the region of all log groups.
func regionOf(s *slot) value.Value {
	if s.path == "" {
		return value.Value{}
	}
	return value.OfText(s.path)
}

// messageOf is the message of a row, valid until the next call.
func (b *batch) messageOf(row int) (_ []byte, err error) {
	b.message, err = b.block.AppendMessage(b.message[:0], row)
	return b.message, err
}

func (b *batch) timestamps() (_ []int64, err error) {
	if !b.timed {
		b.times, err = b.block.Timestamps(&b.rows, b.times)
		b.timed = err == nil
	}
	return b.times, err
}

// places are the positions of all rows.
func (b *batch) places() (*columnar.Positions, error) {
	p := &b.positions
	if b.placed {
		return p, nil
	}
	p.Timestamps, p.Ingestions, p.Arrivals = p.Timestamps[:0], p.Ingestions[:0], p.Arrivals[:0]
	err := b.block.Positions(0, b.block.Len(), p)
	b.placed = err == nil
	return p, err
}

// fillText fills a vector with texts of which rows next to each other often have the same.
func (b *batch) fillText(at int, v *vector, of func(row int) (string, error)) error {
	c := &b.columns[at]
	c.Codes = slices.Grow(c.Codes[:0], b.block.Len())[:b.block.Len()]
	v.form, v.codes = vectorDict, c.Codes
	last := ""
	for _, row := range b.selected() {
		text, err := of(int(row))
		if err != nil {
			return err
		}
		if len(v.dict) == 0 || text != last {
			v.dict, last = append(v.dict, value.OfText(text)), text
		}
		v.codes[row] = uint32(len(v.dict) - 1)
	}
	return nil
}

func (b *batch) fillPointers(at int, v *vector) error {
	p, err := b.places()
	if err != nil {
		return err
	}
	return b.fillText(at, v, func(row int) (string, error) {
		return b.block.Pointer(row, p.Timestamps[row], p.Ingestions[row], p.Arrivals[row])
	})
}

func (b *batch) fillField(at int, s *slot, v *vector) error {
	c := &b.columns[at]
	if err := b.block.Named(s.path, &b.rows, c); err != nil {
		return err
	}
	v.form, v.field = vectorField, c
	loose, err := b.looseRows()
	if err != nil || loose.count == 0 {
		return err
	}
	return b.addLoose(s, v, loose)
}

// looseRows are the rows whose fields are not in columns: their messages are read, once for all fields.
type looseRows struct {
	found  bool
	rows   columnar.Bitmap
	count  int
	values []value.Value // of each row, in order, each field
	picker *picker
}

func (b *batch) looseRows() (*looseRows, error) {
	l := &b.loose
	if l.found {
		return l, nil
	}
	l.rows = b.rows
	unplain := b.block.Unplain
	if b.lines {
		unplain = b.block.OutsidePlain
	}
	if err := unplain(&l.rows); err != nil {
		return nil, err
	}
	l.count = l.rows.Count()
	l.found = true
	if l.count == 0 {
		return l, nil
	}
	if l.picker == nil {
		l.picker = newPicker(b.fields)
	}
	n := len(b.fields)
	l.values = slices.Grow(l.values[:0], l.count*n)[:l.count*n]
	i := 0
	for row := l.rows.Next(0); row >= 0; row = l.rows.Next(row + 1) {
		if b.stopped(i) {
			return nil, b.ctx.Err()
		}
		text, err := b.messageOf(row)
		if err != nil {
			return nil, err
		}
		l.picker.pick(text, l.values[i*n:(i+1)*n])
		i++
	}
	return l, nil
}

// addLoose adds the values of loose rows to those of a field's column.
func (b *batch) addLoose(s *slot, v *vector, l *looseRows) error {
	c := v.field
	if len(c.Codes) == 0 || len(c.DictInts) > 0 {
		if err := b.boxField(v); err != nil {
			return err
		}
	}
	i := s.field
	for row := l.rows.Next(0); row >= 0; row = l.rows.Next(row + 1) {
		switch found := l.values[i]; {
		case v.form == vectorRows:
			v.rows[row] = found
		case !found.IsNull():
			c.Codes[row] = uint32(len(c.Dict))
			c.Dict = append(c.Dict, messageValue(found))
		}
		i += len(b.fields)
	}
	return nil
}

// messageValue is what fieldValue makes the value of.
func messageValue(v value.Value) condition.Value {
	if v.Kind() == value.Bool {
		return condition.Value{Kind: condition.Literal, Text: map[bool]string{true: "true", false: "false"}[v.Truth()]}
	}
	return condition.Value{Kind: condition.String, Text: v.Text()}
}

// boxField turns a field's column into a value for each row.
func (b *batch) boxField(v *vector) error {
	rows := make([]value.Value, b.block.Len())
	for _, row := range b.selected() {
		var err error
		if rows[row], err = v.at(int(row)); err != nil {
			return err
		}
	}
	*v = vector{form: vectorRows, rows: rows}
	return nil
}
