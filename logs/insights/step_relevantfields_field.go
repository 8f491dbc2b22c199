package insights

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/cespare/xxhash/v2"

	"github.com/tollbook/tollbook/logs/insights/value"
)

const (
	// maxCategories is up to how many different numbers are taken for names, such as those of a status.
	maxCategories = 20
	// maxContributors is how many values a field names that have shifted most.
	maxContributors = 5
	// maxValues is up to how many different values of a field are counted each for itself.
	maxValues = 1000
	// fieldBuckets is into how many groups the values of other fields are sorted.
	fieldBuckets = 1024
)

// relevantField is what was seen of a field: values, or, once these are too many, buckets and numbers.
type relevantField struct {
	name    string
	seen    [2]int64
	values  map[string]*relevantValue
	buckets []relevantBucket
	// numbers are the distributions of both sides as long as all values are numbers.
	numbers    [2]distribution
	notNumbers bool // of buckets: one of the values is none
	key        []byte
}

// relevantValue is a value and how often it comes on each side.
type relevantValue struct {
	v      value.Value
	counts [2]int64
}

// relevantBucket is values with the same hash. One that most of them are is found by a vote (Boyer and Moore: "MJRTY - A Fast
// Majority Vote Algorithm", 1981).
type relevantBucket struct {
	counts [2]int64
	leader string // what has most votes
	votes  int64
}

// add counts a value. It returns by how many bytes the field has grown.
func (f *relevantField) add(v value.Value, of side) (bytes int64) {
	if !v.IsScalar() {
		return 0
	}
	f.seen[of]++
	var counts [2]int64
	counts[of] = 1
	return f.count(v, counts)
}

// count counts a value that comes on both sides.
func (f *relevantField) count(v value.Value, counts [2]int64) (bytes int64) {
	f.key = v.AppendKey(f.key[:0])
	if f.values == nil {
		return f.countBucket(v, counts)
	}
	known := f.values[string(f.key)]
	if known == nil {
		if len(f.values) == maxValues {
			return f.toBuckets() + f.count(v, counts)
		}
		known = &relevantValue{v: owned(v)}
		f.values[string(f.key)] = known
		bytes = 2*int64(len(f.key)) + 120
	}
	known.counts[0] += counts[0]
	known.counts[1] += counts[1]
	return bytes
}

// toBuckets sorts the values that are known into buckets.
func (f *relevantField) toBuckets() (bytes int64) {
	old := f.values
	f.values, f.buckets = nil, make([]relevantBucket, fieldBuckets)
	for key, known := range old {
		bytes += f.count(known.v, known.counts) - 2*int64(len(key)) - 120
	}
	return bytes + fieldBuckets*64
}

// countBucket counts a value, whose key is f.key, in its bucket.
func (f *relevantField) countBucket(v value.Value, counts [2]int64) (bytes int64) {
	b := &f.buckets[xxhash.Sum64(f.key)%fieldBuckets]
	bytes = b.add(v.Text(), counts, counts[0]+counts[1])
	n, isNumber := v.AsNumber()
	if f.notNumbers = f.notNumbers || !isNumber || n != n; f.notNumbers {
		f.numbers = [2]distribution{}
		return bytes
	}
	for of, times := range counts {
		bytes += f.numbers[of].add(n, uint64(times))
	}
	return bytes
}

// add counts values, for whose leader there are votes.
func (b *relevantBucket) add(leader string, counts [2]int64, votes int64) (bytes int64) {
	b.counts[0] += counts[0]
	b.counts[1] += counts[1]
	switch {
	case b.leader == leader:
		b.votes += votes
	case votes > b.votes:
		bytes = int64(len(leader) - len(b.leader))
		b.leader, b.votes = strings.Clone(leader), votes-b.votes
	default:
		b.votes -= votes
	}
	return bytes
}

// merge adds what another has seen of the field, which must not be used any more.
func (f *relevantField) merge(o *relevantField) (bytes int64) {
	f.seen[0] += o.seen[0]
	f.seen[1] += o.seen[1]
	for _, known := range o.values {
		bytes += f.count(known.v, known.counts)
	}
	if o.buckets == nil {
		return bytes
	}
	if f.buckets == nil {
		bytes += f.toBuckets()
	}
	for i := range o.buckets {
		b := &o.buckets[i]
		bytes += f.buckets[i].add(b.leader, b.counts, b.votes)
	}
	if f.notNumbers = f.notNumbers || o.notNumbers; f.notNumbers {
		f.numbers = [2]distribution{}
		return bytes
	}
	for of := range f.numbers {
		bytes += f.numbers[of].merge(&o.numbers[of])
	}
	return bytes
}

func (f *relevantField) row(rows [2]int64) []value.Value {
	row := make([]value.Value, len(relevantColumns))
	row[0] = value.OfText(f.name)
	numbers := f.sortedNumbers()
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

// sidedNumber is a number and how often it comes on each side.
type sidedNumber struct {
	number float64
	counts [2]int64
}

// sortedNumbers returns the field's values in order, if it is one of numbers.
func (f *relevantField) sortedNumbers() []sidedNumber {
	var all []sidedNumber
	if f.buckets != nil {
		if f.notNumbers {
			return nil
		}
		all = f.sidedNumbers()
	} else if len(f.values) <= maxCategories {
		return nil
	}
	for _, v := range f.values {
		n, ok := v.v.AsNumber()
		if !ok {
			return nil
		}
		all = append(all, sidedNumber{n, v.counts})
	}
	slices.SortFunc(all, func(a, b sidedNumber) int { return cmp.Compare(a.number, b.number) })
	return all
}

// sidedNumbers puts the distributions of both sides into one list. If one is a sketch, both must be, to have the same numbers.
func (f *relevantField) sidedNumbers() (all []sidedNumber) {
	if (f.numbers[0].sketch == nil) != (f.numbers[1].sketch == nil) {
		for of := range f.numbers {
			if f.numbers[of].sketch == nil {
				f.numbers[of].toSketch()
			}
		}
	}
	for of := range f.numbers {
		sorted, _ := f.numbers[of].sorted()
		for _, n := range sorted {
			x := sidedNumber{number: n.number}
			x.counts[of] = int64(n.times)
			all = append(all, x)
		}
	}
	return all
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
	add := func(text string, counts [2]int64) {
		all = append(all, shift{text, share(0, counts[0]) - share(1, counts[1])})
	}
	for _, v := range f.values {
		add(v.v.Text(), v.counts)
	}
	var other [2]int64
	for _, b := range f.buckets {
		if 2*b.votes >= b.counts[0]+b.counts[1] {
			add(b.leader, b.counts)
			continue
		}
		other[0] += b.counts[0]
		other[1] += b.counts[1]
	}
	if other != [2]int64{} {
		add("(other)", other)
	}
	if missing := [2]int64{rows[0] - f.seen[0], rows[1] - f.seen[1]}; missing != [2]int64{} {
		add("(missing)", missing)
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
func (f *relevantField) kolmogorov(sorted []sidedNumber, rows [2]int64) float64 {
	var below [2]float64
	for of := range below {
		below[of] = float64(rows[of]-f.seen[of]) / float64(rows[of])
	}
	largest := math.Abs(below[0] - below[1])
	for i, v := range sorted {
		for of := range below {
			below[of] += float64(v.counts[of]) / float64(rows[of])
		}
		if i+1 == len(sorted) || sorted[i+1].number != v.number {
			largest = max(largest, math.Abs(below[0]-below[1]))
		}
	}
	return largest
}

// median returns the middle value of one side, the mean of the middle two of an even number.
func (f *relevantField) median(sorted []sidedNumber, of side) value.Value {
	n := f.seen[of]
	if n == 0 {
		return value.Value{}
	}
	low, high := math.NaN(), math.NaN()
	passed := int64(0)
	for _, v := range sorted {
		passed += v.counts[of]
		if math.IsNaN(low) && passed > (n-1)/2 {
			low = v.number
		}
		if math.IsNaN(high) && passed > n/2 {
			high = v.number
		}
	}
	return value.OfNumber((low + high) / 2)
}
