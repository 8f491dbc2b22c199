package columnar

import (
	"strings"

	"github.com/tollbook/tollbook/logs/condition"
)

// MaxNamedFields is the most fields of a plain shape.
const MaxNamedFields = 200

// Column is one field's values for rows of a block. A caller owns it, and Named uses its memory again. It has one of two
// forms: Codes, each a place in Dict or in DictInts, or Ints. What it says of rows that were not asked for is arbitrary.
type Column struct {
	Codes    []uint32          // of each row, or MissingCode
	Dict     []condition.Value // a value may stand in it twice
	DictInts []int64           // instead of Dict: integers in Form
	Ints     []int64           // of each row, in Form; arbitrary in rows that Present does not have
	Present  *Bitmap           // of Ints; nil: all rows have it
	Form     IntForm

	present Bitmap
}

// IntForm says how integers of a column are written. Integers of equal forms are equal if their texts are.
type IntForm struct {
	format format
	kind   condition.Kind
}

// Decimal says whether the text is what strconv makes of the integer.
func (f IntForm) Decimal() bool { return f.format.kind == formatDecimal }

// Append appends the text of an integer.
func (f IntForm) Append(dst []byte, n int64) []byte { return f.format.append(dst, n) }

// Value is the value that an integer stands for.
func (f IntForm) Value(n int64) condition.Value {
	return condition.Value{Kind: f.kind, Text: string(f.format.append(nil, n))}
}

// Named reads the values that the given rows have in the scalar whose path, joined by dots, is name. Rows that are not of a
// plain shape miss it: see Unplain. A shape is plain if it is of JSON objects, with MaxNamedFields at most, and no two of
// its fields have one name.
func (b *Block) Named(name string, rows *Bitmap, c *Column) error {
	r := columnReader{b: b, rows: rows, out: c}
	for _, s := range b.shapes {
		if slot, ok := s.names()[name]; ok {
			r.parts = append(r.parts, vectorPart{s, slot})
		}
	}
	return r.read()
}

// HasNamed says whether some row of a plain shape has the field.
func (b *Block) HasNamed(name string) bool {
	for _, s := range b.shapes {
		if _, ok := s.names()[name]; ok {
			return true
		}
	}
	return false
}

// Plain says whether all rows are of plain shapes.
func (b *Block) Plain() bool {
	if b.texts != nil {
		return false
	}
	for _, s := range b.shapes {
		if s.names() == nil {
			return false
		}
	}
	return true
}

// Unplain clears the rows that are of a plain shape, and those whose message has no opening brace and so no field at all.
func (b *Block) Unplain(rows *Bitmap) error {
	if b.Plain() {
		rows.Reset()
		return nil
	}
	rows.ClearRange(b.rows, MaxRows)
	return b.selectEach(rows, func(s *blockShape, ranks *Bitmap) error {
		switch {
		case s != nil && s.names() != nil:
			ranks.Reset()
			return nil
		case s != nil && s.json:
			return nil
		}
		return b.selectContains("{", s, ranks)
	})
}

// OutsidePlain clears the rows that are of a plain shape.
func (b *Block) OutsidePlain(rows *Bitmap) error {
	if b.Plain() {
		rows.Reset()
		return nil
	}
	rows.ClearRange(b.rows, MaxRows)
	return b.selectEach(rows, func(s *blockShape, ranks *Bitmap) error {
		if s != nil && s.names() != nil {
			ranks.Reset()
		}
		return nil
	})
}

// plainNames are the slots of a plain shape by the names of their fields; nil if the shape is not plain.
func (s *blockShape) plainNames() map[string]int {
	paths := s.paths()
	if !s.json || len(s.slots) > MaxNamedFields || len(paths) != len(s.slots) {
		return nil
	}
	names := make(map[string]int, len(paths))
	for slot, path := range paths {
		names[strings.Join(path, ".")] = slot
	}
	if len(names) < len(paths) {
		return nil
	}
	return names
}

// Timestamps returns the timestamps of the given rows, in dst if it has room: one place for each row of the block,
// arbitrary where a row was not asked for.
func (b *Block) Timestamps(rows *Bitmap, dst []int64) ([]int64, error) {
	dst = grow(dst, b.rows)
	b.askedTimes.Store(true)
	for k := range chunkCount(b.rows) {
		from, to := k<<chunkBits, min((k+1)<<chunkBits, b.rows)
		if !rows.AnyIn(from, to) {
			continue
		}
		if b.timestamps.loaded[k].Load() == nil {
			b.mu.Lock()
			err := b.timestamps.load(b, k, k+1)
			b.mu.Unlock()
			if err != nil {
				return dst, err
			}
		}
		v := b.timestamps.loaded[k].Load()
		if rows.countIn(from, to) > (to-from)/8 {
			v.widen(dst[from:to])
			continue
		}
		for row := rows.Next(from); row >= 0 && row < to; row = rows.Next(row + 1) {
			dst[row] = int64(v.at(row - from))
		}
	}
	return dst, nil
}

// NamedTest decides on the values of a field, as a condition.Field does: Test is called with Missing where a row has none,
// and Only, where it is not empty, is the only text that Test accepts.
type NamedTest struct {
	Name string
	Test func(v condition.Value) bool
	Only string
}

func (t *NamedTest) question(s *blockShape, slot int) *question {
	return s.fieldQuestion(slot, condition.Field{Test: t.Test, Only: t.Only})
}

// SelectNamed clears the rows of plain shapes that do not pass the test, and reads only what it needs for that. Rows that
// are not of a plain shape stay.
func (b *Block) SelectNamed(t *NamedTest, rows *Bitmap) error {
	rows.ClearRange(b.rows, MaxRows)
	return b.selectEach(rows, func(s *blockShape, ranks *Bitmap) error {
		if s == nil || s.names() == nil {
			return nil
		}
		slot, ok := s.names()[t.Name]
		if ok {
			s.ask(slot)
			return b.narrowColumn(s.columns[slot], t.question(s, slot), ranks)
		}
		if !t.Test(condition.Value{}) {
			ranks.Reset()
		}
		return nil
	})
}

// ExcludesNamed says whether surely no row passes the test. It knows that from dictionaries and filters alone, and of
// blocks with plain shapes only.
func (b *Block) ExcludesNamed(t *NamedTest) (bool, error) {
	if !b.Plain() {
		return false, nil
	}
	for _, s := range b.shapes {
		slot, ok := s.names()[t.Name]
		could := !ok && t.Test(condition.Value{})
		if ok {
			var err error
			if could, err = s.columns[slot].could(b, t.question(s, slot)); err != nil {
				return false, err
			}
		}
		if could {
			return false, nil
		}
	}
	return true, nil
}
