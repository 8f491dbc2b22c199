package insights

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/tollbook/tollbook/logs/insights/syntax"
	"github.com/tollbook/tollbook/logs/insights/value"
)

// relevantColumns are those of relevantfields (spec/cloudwatch-logs §6.5).
var relevantColumns = []string{
	"@fieldName", "@relevanceScore", "@topRelevanceContributors", "@conditionalMedian", "@baselineMedian",
}

// relevantStep compares the rows for which a condition holds with the others, field by field. The score of a field is
// how far its two distributions are apart, from 0 to 1: of numbers the distance of Kolmogorov and Smirnov, else the total
// variation. A field is one of numbers if all its values are, and more than maxCategories different ones. A missing
// value counts as a value of its own.
type relevantStep struct {
	holds  func(row []value.Value) bool
	names  []string
	fields []expression
	// message has the fields of JSON log events, if none are named.
	message expression
}

const (
	// maxCategories is up to how many different numbers are taken for names, such as those of a status.
	maxCategories = 20
	// maxContributors is how many values a field names that have shifted most.
	maxContributors = 5
)

func (b *stepBuilder) relevantFields(cmd *syntax.RelevantFields) error {
	s := &relevantStep{}
	var err error
	if s.holds, err = compileCondition(cmd.Cond, b.schema.columns, b.compiling); err != nil {
		return err
	}
	if len(cmd.Fields) == 0 {
		s.message, err = b.systemField(cmd, "@message")
	} else {
		s.fields, err = b.fieldValues(cmd.Fields)
	}
	if err != nil {
		return err
	}
	for _, f := range cmd.Fields {
		s.names = append(s.names, f.Name)
	}
	b.replace(s, relevantColumns...)
	return nil
}

// side is 0 for rows for which the condition holds, 1 for the others.
type side int

// relevantField is what was seen of a field.
type relevantField struct {
	name   string
	values map[string]*relevantValue
	seen   [2]int64
}

type relevantValue struct {
	v      value.Value
	counts [2]int64
}

// relevantFields is the work of a relevantStep.
type relevantFields struct {
	memory *budget
	byName map[string]*relevantField
	rows   [2]int64
	key    []byte
}

func (s *relevantStep) run(ctx context.Context, e *env, in *table) (*table, error) {
	w := &relevantFields{memory: e.memory, byName: map[string]*relevantField{}}
	for _, name := range s.names {
		w.byName[name] = &relevantField{name: name, values: map[string]*relevantValue{}}
	}
	err := eachRow(ctx, in.rows, func(_ int, row []value.Value) error {
		of := side(1)
		if s.holds(row) {
			of = 0
		}
		w.rows[of]++
		if s.message != nil {
			return w.addMessage(s.message(row).Text(), of)
		}
		for i, name := range s.names {
			if err := w.add(name, s.fields[i](row), of); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return w.table(), nil
}

func (w *relevantFields) addMessage(message string, of side) error {
	for _, field := range DiscoverFields(message) {
		if err := w.add(field.Name, value.OfText(field.Value), of); err != nil {
			return err
		}
	}
	return nil
}

func (w *relevantFields) add(name string, v value.Value, of side) error {
	f := w.byName[name]
	if f == nil {
		f = &relevantField{name: name, values: map[string]*relevantValue{}}
		w.byName[name] = f
	}
	if !v.IsScalar() {
		return nil
	}
	f.seen[of]++
	w.key = v.AppendKey(w.key[:0])
	known := f.values[string(w.key)]
	if known == nil {
		known = &relevantValue{v: v}
		f.values[string(w.key)] = known
		if err := w.memory.take(2*int64(len(w.key)) + 120); err != nil {
			return err
		}
	}
	known.counts[of]++
	return nil
}

// table returns the fields, the most relevant first.
func (w *relevantFields) table() *table {
	t := &table{columns: relevantColumns}
	if w.rows[0] == 0 || w.rows[1] == 0 {
		return t // nothing to compare
	}
	for _, f := range w.byName {
		t.rows = append(t.rows, f.row(w.rows))
	}
	slices.SortFunc(t.rows, func(a, b []value.Value) int {
		return cmp.Or(value.CompareDescending(a[1], b[1]), strings.Compare(a[0].Text(), b[0].Text()))
	})
	return t
}

func (f *relevantField) row(rows [2]int64) []value.Value {
	row := make([]value.Value, len(relevantColumns))
	row[0] = value.OfText(f.name)
	numbers := f.numbers()
	if numbers == nil {
		shifts := f.shifts(rows)
		row[1] = score(totalVariation(shifts))
		row[2] = contributors(shifts)
		return row
	}
	row[1] = score(f.kolmogorov(numbers, rows))
	row[3], row[4] = f.median(numbers, 0), f.median(numbers, 1)
	return row
}

// score rounds, so that the order of sums does not show.
func score(s float64) value.Value { return value.OfNumber(math.Round(s*1e4) / 1e4) }

// numbers returns the field's values in order, if it is one of numbers.
func (f *relevantField) numbers() []*relevantValue {
	if len(f.values) <= maxCategories {
		return nil
	}
	var sorted []*relevantValue
	for _, v := range f.values {
		if _, ok := v.v.AsNumber(); !ok {
			return nil
		}
		sorted = append(sorted, v)
	}
	slices.SortFunc(sorted, func(a, b *relevantValue) int { return value.Compare(a.v, b.v) })
	return sorted
}

// shift is by how much a value is more frequent where the condition holds.
type shift struct {
	text string
	by   float64
}

// shifts returns those of all values, the largest first.
func (f *relevantField) shifts(rows [2]int64) []shift {
	var all []shift
	share := func(of side, n int64) float64 { return float64(n) / float64(rows[of]) }
	for _, v := range f.values {
		all = append(all, shift{v.v.Text(), share(0, v.counts[0]) - share(1, v.counts[1])})
	}
	missing := share(0, rows[0]-f.seen[0]) - share(1, rows[1]-f.seen[1])
	if missing != 0 {
		all = append(all, shift{"(missing)", missing})
	}
	slices.SortFunc(all, func(a, b shift) int {
		return cmp.Or(cmp.Compare(math.Abs(b.by), math.Abs(a.by)), strings.Compare(a.text, b.text))
	})
	return all
}

func totalVariation(shifts []shift) float64 {
	sum := 0.0
	for _, s := range shifts {
		sum += math.Abs(s.by)
	}
	return sum / 2
}

// contributors writes the values that have shifted most, in percent points: 502 (+31.5%), 200 (-30%).
func contributors(shifts []shift) value.Value {
	var parts []string
	for _, s := range shifts[:min(len(shifts), maxContributors)] {
		percent := math.Round(s.by*1000) / 10
		if percent == 0 {
			break
		}
		sign := ""
		if percent > 0 {
			sign = "+"
		}
		parts = append(parts, s.text+" ("+sign+strconv.FormatFloat(percent, 'f', -1, 64)+"%)")
	}
	if parts == nil {
		return value.Value{}
	}
	return value.OfText(strings.Join(parts, ", "))
}

// kolmogorov returns the largest distance of the two cumulative distributions. Rows without the field come before all.
func (f *relevantField) kolmogorov(sorted []*relevantValue, rows [2]int64) float64 {
	var below [2]float64
	for of := range below {
		below[of] = float64(rows[of]-f.seen[of]) / float64(rows[of])
	}
	largest := math.Abs(below[0] - below[1])
	for _, v := range sorted {
		for of := range below {
			below[of] += float64(v.counts[of]) / float64(rows[of])
		}
		largest = max(largest, math.Abs(below[0]-below[1]))
	}
	return largest
}

// median returns the middle value of one side, the mean of the middle two of an even number.
func (f *relevantField) median(sorted []*relevantValue, of side) value.Value {
	n := f.seen[of]
	if n == 0 {
		return value.Value{}
	}
	low, high := math.NaN(), math.NaN()
	passed := int64(0)
	for _, v := range sorted {
		passed += v.counts[of]
		number, _ := v.v.AsNumber()
		if math.IsNaN(low) && passed > (n-1)/2 {
			low = number
		}
		if math.IsNaN(high) && passed > n/2 {
			high = number
		}
	}
	return value.OfNumber((low + high) / 2)
}
