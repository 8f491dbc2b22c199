package insights

import (
	"cmp"
	"math"
	"slices"

	"github.com/DataDog/sketches-go/ddsketch"

	"github.com/tollbook/tollbook/logs/insights/value"
)

// distributions is pct, median and histogram.
type distributions struct {
	stopped func() bool // whether nobody waits for the result any more
	result  func(d *distribution) value.Value
	groups  []distribution
	bytes   int64
}

func (d *distributions) grow(n int) { d.groups = grown(d.groups, n) }

func (d *distributions) add(in *input, groups []uint32) error {
	numbers, err := in.numbers()
	for i, n := range numbers {
		if n != n {
			continue
		}
		g := &d.groups[groups[i]]
		if whole := uint(n); whole < uint(len(g.counts)) && float64(whole) == n && n >= 0 {
			g.counts[whole]++
			continue
		}
		d.bytes += g.add(n, 1)
	}
	return err
}

func (d *distributions) merge(from aggregator, first int, groups []uint32) {
	o := from.(*distributions)
	for i, g := range groups {
		d.bytes += d.groups[g].merge(&o.groups[first+i])
	}
}

// value sorts up to maxCounted numbers.
func (d *distributions) value(group int) value.Value {
	if d.stopped() {
		return value.Value{}
	}
	return d.result(&d.groups[group])
}

func (d *distributions) held() int64 { return d.bytes + 56*int64(cap(d.groups)) }

const (
	// exactValues is up to how many values a distribution keeps as they are.
	exactValues = 4096
	// maxCounted is below which whole numbers a distribution of more values counts each for itself.
	maxCounted = 1 << 16
	// sketchAccuracy is by how much, relative to it, a percentile may be off if a distribution is neither: see DDSketch
	// (Masson, Rim, Lee: "DDSketch: A fast and fully-mergeable quantile sketch with relative-error guarantees", VLDB '19).
	sketchAccuracy = 0.005
	sketchBytes    = 16 << 10 // about
)

// distribution is numbers: the numbers themselves, or counts of whole numbers, or a sketch. The zero value is empty.
type distribution struct {
	values []float64
	counts []uint64 // how often each whole number comes
	sketch *ddsketch.DDSketch
}

// add adds a number that comes times times. It returns by how many bytes the distribution has grown.
func (d *distribution) add(n float64, times uint64) (bytes int64) {
	switch {
	case d.sketch != nil:
		d.addSketch(n, times)
		return 0
	case d.counts != nil:
		if !isCounted(n) {
			return d.toSketch() + d.add(n, times)
		}
		bytes = d.growCounts(n)
		d.counts[int(n)] += times
		return bytes
	case len(d.values)+int(min(times, exactValues)) > exactValues:
		if slices.ContainsFunc(d.values, func(n float64) bool { return !isCounted(n) }) {
			return d.toSketch() + d.add(n, times)
		}
		return d.toCounts() + d.add(n, times)
	}
	before := cap(d.values)
	for range times {
		d.values = append(d.values, n)
	}
	return 8 * int64(cap(d.values)-before)
}

func isCounted(n float64) bool { return n >= 0 && n < maxCounted && n == math.Trunc(n) }

// growCounts makes room for a whole number.
func (d *distribution) growCounts(n float64) (bytes int64) {
	if int(n) < len(d.counts) {
		return 0
	}
	before := len(d.counts)
	d.counts = grown(d.counts, min(max(2*before, int(n)+1, 64), maxCounted))
	return 8 * int64(len(d.counts)-before)
}

func (d *distribution) toCounts() (bytes int64) {
	bytes = -8*int64(cap(d.values)) + d.growCounts(slices.Max(d.values))
	for _, n := range d.values {
		d.counts[int(n)]++
	}
	d.values = nil
	return bytes
}

func (d *distribution) toSketch() (bytes int64) {
	old := *d
	sketch, err := ddsketch.NewDefaultDDSketch(sketchAccuracy)
	if err != nil {
		panic("BUG: accuracy of sketches: " + err.Error())
	}
	*d = distribution{sketch: sketch}
	old.each(d.addSketch)
	return sketchBytes - 8*int64(cap(old.values)+len(old.counts))
}

// addSketch adds to the sketch, which takes numbers up to about 10^308 only.
func (d *distribution) addSketch(n float64, times uint64) {
	limit := d.sketch.MaxIndexableValue()
	_ = d.sketch.AddWithCount(min(max(n, -limit), limit), float64(times)) // fails for what was just excluded
}

// each calls do for the numbers of a distribution without a sketch.
func (d *distribution) each(do func(n float64, times uint64)) {
	for _, n := range d.values {
		do(n, 1)
	}
	for n, times := range d.counts {
		if times > 0 {
			do(float64(n), times)
		}
	}
}

func (d *distribution) merge(o *distribution) (bytes int64) {
	if o.sketch == nil {
		o.each(func(n float64, times uint64) { bytes += d.add(n, times) })
		return bytes
	}
	if d.sketch == nil {
		bytes = d.toSketch()
	}
	if err := d.sketch.MergeWith(o.sketch); err != nil {
		panic("BUG: merge sketches: " + err.Error())
	}
	return bytes
}

// numberCount is a number and how often it comes.
type numberCount struct {
	number float64
	times  uint64
}

// sorted are the distinct numbers of a distribution, about those of one with a sketch, in order.
func (d *distribution) sorted() (all []numberCount, total uint64) {
	add := func(n float64, times uint64) {
		all = append(all, numberCount{n, times})
		total += times
	}
	if d.sketch != nil {
		d.sketch.ForEach(func(n, times float64) bool {
			add(n, uint64(times))
			return false
		})
	}
	d.each(add)
	slices.SortFunc(all, func(a, b numberCount) int { return cmp.Compare(a.number, b.number) })
	return all, total
}

// percentile is the nearest-rank percentile: the lowest number that p percent of all numbers do not exceed.
func (d *distribution) percentile(p float64) value.Value {
	all, total := d.sorted()
	place := p * float64(total) / 100
	rank := max(uint64(math.Ceil(place*(1-1e-12))), 1) // 0.07 of 100 is no more than 7
	for _, c := range all {
		if c.times >= rank {
			return value.OfNumber(c.number)
		}
		rank -= c.times
	}
	return value.Value{}
}

// histogram is a map of n ranges of equal width, from the least number to the largest, to how many numbers each has. A
// range's name is its bounds with a dash between; only the last range has its upper bound.
func (d *distribution) histogram(n int) value.Value {
	all, _ := d.sorted()
	if len(all) == 0 {
		return value.Value{}
	}
	low, high := all[0].number, all[len(all)-1].number
	width := (high - low) / float64(n)
	if width == 0 {
		n = 1
	}
	counts := make([]uint64, n)
	for _, c := range all {
		i := 0
		if width > 0 {
			i = min(int((c.number-low)/width), n-1)
		}
		counts[i] += c.times
	}
	keys, values := make([]string, n), make([]value.Value, n)
	for i, times := range counts {
		to := low + float64(i+1)*width
		if i == n-1 {
			to = high
		}
		keys[i] = value.OfNumber(low+float64(i)*width).Text() + "-" + value.OfNumber(to).Text()
		values[i] = value.OfNumber(float64(times))
	}
	return value.OfMap(keys, values)
}
