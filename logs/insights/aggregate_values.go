package insights

import (
	"context"
	"slices"

	"github.com/axiomhq/hyperloglog"
	"github.com/cespare/xxhash/v2"

	"github.com/tollbook/tollbook/logs/columnar"
	"github.com/tollbook/tollbook/logs/insights/value"
)

// exactDistinct is up to how many distinct values are counted exactly; beyond, a HyperLogLog with 2^14 registers estimates
// them, with a standard error of 0.8 % (Flajolet, Fusy, Gandouet, Meunier: "HyperLogLog", AofA '07).
const exactDistinct = 1 << 14

// distinct is count_distinct. Values are one if they print the same.
type distinct struct {
	ctx    context.Context
	groups []distinctSet
	bytes  int64
	hashes []uint64 // scratch: of codes, 0 if not known yet
	ints   hashedInts
	key    []byte // scratch
}

// hashedInts remembers hashes of integers in a form.
type hashedInts struct {
	form   columnar.IntForm
	table  intTable // place among hashes, + 1
	hashes []uint64
}

// distinctSet has hashes of the values, or a sketch of them.
type distinctSet struct {
	hashes map[uint64]struct{}
	sketch *hyperloglog.Sketch
}

func (d *distinct) grow(n int) { d.groups = grown(d.groups, n) }

func (d *distinct) add(in *input, groups []uint32) error {
	if v := in.vector; v.form == vectorField && len(v.field.Ints) > 0 {
		d.addInts(in, v.field, groups)
		return nil
	}
	codes, coded := in.vector.coded()
	if coded {
		d.hashes = grown(d.hashes[:0], in.vector.entries())
		clear(d.hashes)
	}
	for i, row := range in.rows {
		code := columnar.MissingCode
		if coded {
			if code = codes[row]; code != columnar.MissingCode && d.hashes[code] != 0 {
				d.addHash(groups[i], d.hashes[code])
				continue
			}
		}
		v, err := in.at(i)
		if err != nil {
			return err
		}
		if v.IsNull() {
			continue
		}
		d.key = v.AppendKey(d.key[:0])
		hash := xxhash.Sum64(d.key) | 1 // 0 means something else
		if code != columnar.MissingCode {
			d.hashes[code] = hash
		}
		d.addHash(groups[i], hash)
	}
	return nil
}

// maxHashedInts bounds for how many integers hashes are remembered.
const maxHashedInts = 1 << 20

func (d *distinct) addInts(in *input, c *columnar.Column, groups []uint32) {
	if d.ints.form != c.Form || len(d.ints.hashes) > maxHashedInts {
		d.ints = hashedInts{form: c.Form, table: intTable{ctx: d.ctx}}
	}
	for i, row := range in.rows {
		if c.Present != nil && !c.Present.Has(int(row)) {
			continue
		}
		place := d.ints.table.place(uint64(c.Ints[row]))
		if *place == 0 {
			d.key = fieldValue(c.Form.Value(c.Ints[row])).AppendKey(d.key[:0])
			d.ints.hashes = append(d.ints.hashes, xxhash.Sum64(d.key)|1)
			*place = uint32(len(d.ints.hashes))
		}
		d.addHash(groups[i], d.ints.hashes[*place-1])
	}
}

func (d *distinct) addHash(group uint32, hash uint64) {
	s := &d.groups[group]
	if s.sketch != nil {
		s.sketch.InsertHash(hash)
		return
	}
	if s.hashes == nil {
		s.hashes = map[uint64]struct{}{}
	}
	before := len(s.hashes)
	s.hashes[hash] = struct{}{}
	d.bytes += 16 * int64(len(s.hashes)-before)
	if len(s.hashes) > exactDistinct {
		d.toSketch(s)
	}
}

const distinctSketchBytes = 16 << 10 // about

func (d *distinct) toSketch(s *distinctSet) {
	s.sketch = hyperloglog.New14()
	for hash := range s.hashes {
		s.sketch.InsertHash(hash)
	}
	d.bytes += distinctSketchBytes - 16*int64(len(s.hashes))
	s.hashes = nil
}

func (d *distinct) merge(from aggregator, first int, groups []uint32) {
	for i := range groups {
		o, s := &from.(*distinct).groups[first+i], &d.groups[groups[i]]
		for hash := range o.hashes {
			d.addHash(groups[i], hash)
		}
		if o.sketch == nil {
			continue
		}
		if s.sketch == nil {
			d.toSketch(s)
		}
		if err := s.sketch.Merge(o.sketch); err != nil {
			panic("BUG: merge sketches: " + err.Error())
		}
	}
}

func (d *distinct) value(group int) value.Value {
	if s := &d.groups[group]; s.sketch != nil {
		return value.OfNumber(float64(s.sketch.Estimate()))
	}
	return value.OfNumber(float64(len(d.groups[group].hashes)))
}

func (d *distinct) held() int64 {
	return d.bytes + 16*int64(cap(d.groups)) + d.ints.table.held() + 8*int64(cap(d.ints.hashes))
}

// valueLists is values: the distinct values of a group, in sort order.
type valueLists struct {
	stopped func() bool              // whether nobody waits for the result any more
	groups  []map[string]value.Value // by key
	bytes   int64
	key     []byte // scratch
}

func (l *valueLists) grow(n int) { l.groups = grown(l.groups, n) }

func (l *valueLists) add(in *input, groups []uint32) error {
	return eachValue(in, func(i int, v value.Value) { l.addValue(groups[i], v) })
}

// eachValue calls do with the values of rows that are there.
func eachValue(in *input, do func(i int, v value.Value)) error {
	for i := range in.rows {
		v, err := in.at(i)
		if err != nil {
			return err
		}
		if v.IsScalar() {
			do(i, v)
		}
	}
	return nil
}

func (l *valueLists) addValue(group uint32, v value.Value) {
	if l.groups[group] == nil {
		l.groups[group] = map[string]value.Value{}
	}
	l.key = v.AppendKey(l.key[:0])
	if _, known := l.groups[group][string(l.key)]; !known {
		l.groups[group][string(l.key)] = owned(v)
		l.bytes += 100 + 2*int64(len(l.key))
	}
}

func (l *valueLists) merge(from aggregator, first int, groups []uint32) {
	for i, values := range from.(*valueLists).groups[first : first+len(groups)] {
		n := 0
		for _, v := range values {
			if n++; n%checkRows == 0 && l.stopped() {
				return
			}
			l.addValue(groups[i], v)
		}
	}
}

func (l *valueLists) value(group int) value.Value {
	if len(l.groups[group]) == 0 || l.stopped() {
		return value.Value{}
	}
	var list []value.Value
	for _, v := range l.groups[group] {
		list = append(list, v)
	}
	compared, stopped := 0, false
	slices.SortFunc(list, func(a, b value.Value) int {
		if compared++; compared%checkRows == 0 {
			stopped = stopped || l.stopped()
		}
		if stopped {
			return 0
		}
		return value.Compare(a, b)
	})
	return value.OfList(list)
}

func (l *valueLists) held() int64 { return l.bytes + 8*int64(cap(l.groups)) }

// sorted is sortsFirst and sortsLast.
type sorted struct {
	sign  int
	bests []value.Value
	bytes int64
}

func (s *sorted) grow(n int) { s.bests = grown(s.bests, n) }

func (s *sorted) add(in *input, groups []uint32) error {
	return eachValue(in, func(i int, v value.Value) { s.addValue(groups[i], v) })
}

func (s *sorted) addValue(group uint32, v value.Value) {
	best := &s.bests[group]
	if v.IsScalar() && (best.IsNull() || s.sign*value.Compare(v, *best) > 0) {
		if v.Kind() == value.Text {
			s.bytes += int64(len(v.Text()))
		}
		if best.Kind() == value.Text {
			s.bytes -= int64(len(best.Text()))
		}
		*best = owned(v)
	}
}

func (s *sorted) merge(from aggregator, first int, groups []uint32) {
	for i, v := range from.(*sorted).bests[first : first+len(groups)] {
		s.addValue(groups[i], v)
	}
}

func (s *sorted) value(group int) value.Value { return s.bests[group] }

func (s *sorted) held() int64 { return s.bytes + valueBytes*int64(cap(s.bests)) }
