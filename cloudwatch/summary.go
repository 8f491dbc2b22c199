package cloudwatch

import (
	"cmp"
	"math"
	"slices"

	"github.com/DataDog/sketches-go/ddsketch"
	"github.com/DataDog/sketches-go/ddsketch/mapping"
	sketchbins "github.com/DataDog/sketches-go/ddsketch/store"
)

const (
	// maxDistinct is how many different values a bucket keeps one by one. With more it becomes a sketch, whose quantiles are
	// within 1 % of the true value.
	maxDistinct    = 128
	sketchAccuracy = 0.01
	// sketchBins bounds a sketch's memory (16 kB): at 1 % they span a factor of 10^17. Only the values nearest to 0 lose
	// accuracy beyond that.
	sketchBins = 2048
)

// summary is what is kept of the samples of one series in one bucket of time: all that any statistic needs.
type summary struct {
	count, sum, min, max float64
	// exact holds the samples, sorted, while they are few; then sketch does. Both are nil if the distribution is not known,
	// since samples came as a statistic set: then the statistics of distributions have no value, as at AWS.
	exact  []weighted
	sketch *ddsketch.DDSketch
}

// weighted is a value that count samples have.
type weighted struct{ value, count float64 }

// newSummary makes the summary of count samples of one value.
func newSummary(value, count float64) *summary {
	return &summary{count: count, sum: value * count, min: value, max: value, exact: []weighted{{value, count}}}
}

// summarize makes the summary of values, of which each has the count at the same place. values is not empty.
func summarize(values, counts []float64) *summary {
	s := &summary{min: values[0], max: values[0], exact: make([]weighted, 0, len(values))}
	for i, v := range values {
		s.exact = append(s.exact, weighted{v, counts[i]})
		s.count += counts[i]
		s.sum += v * counts[i]
		s.min, s.max = min(s.min, v), max(s.max, v)
	}
	slices.SortFunc(s.exact, byValue)
	s.exact = joined(s.exact)
	s.limit()
	return s
}

// opaque makes the summary of a statistic set. If all its samples have the same value, the distribution is known.
func opaque(count, sum, least, most float64) *summary {
	if least == most && sum == least*count {
		return newSummary(least, count)
	}
	return &summary{count: count, sum: sum, min: least, max: most}
}

func byValue(a, b weighted) int { return cmp.Compare(a.value, b.value) }

// joined adds up the counts of equal values, in place.
func joined(sorted []weighted) []weighted {
	out := sorted[:0]
	for _, w := range sorted {
		if n := len(out); n > 0 && out[n-1].value == w.value {
			out[n-1].count += w.count
		} else {
			out = append(out, w)
		}
	}
	return out
}

// clone returns a copy that shares nothing that merge changes.
func (s *summary) clone() *summary {
	c := *s
	c.exact = slices.Clone(s.exact)
	if s.sketch != nil {
		c.sketch = s.sketch.Copy()
	}
	return &c
}

func (s *summary) known() bool { return s.exact != nil || s.sketch != nil }

// merge adds the samples of o, which stays as it is.
func (s *summary) merge(o *summary) {
	known := s.known() && o.known()
	s.count += o.count
	s.sum += o.sum
	s.min, s.max = min(s.min, o.min), max(s.max, o.max)
	switch {
	case !known:
		s.exact, s.sketch = nil, nil
	case s.sketch == nil && o.sketch == nil:
		s.exact = mergeSorted(s.exact, o.exact)
		s.limit()
	default:
		s.sketched()
		s.addTo(o)
	}
}

// addTo adds the distribution of o to the sketch.
func (s *summary) addTo(o *summary) {
	if o.sketch != nil {
		_ = s.sketch.MergeWith(o.sketch) // fails only for another accuracy, of which there is none
		return
	}
	for _, w := range o.exact {
		_ = s.sketch.AddWithCount(w.value, w.count) // fails only for negative counts and values beyond 2^1000
	}
}

// limit turns too many single values into a sketch.
func (s *summary) limit() {
	if len(s.exact) > maxDistinct {
		s.sketched()
	}
}

func (s *summary) sketched() {
	if s.sketch == nil {
		s.sketch = newSketch()
		s.addTo(&summary{exact: s.exact})
		s.exact = nil
	}
}

func newSketch() *ddsketch.DDSketch {
	m, _ := mapping.NewLogarithmicMapping(sketchAccuracy) // fails only for an accuracy outside of 0 to 1
	return ddsketch.NewDDSketch(m, sketchbins.NewCollapsingLowestDenseStore(sketchBins), sketchbins.NewCollapsingLowestDenseStore(sketchBins))
}

func mergeSorted(a, b []weighted) []weighted {
	if len(b) == 1 { // by far the most frequent: a single value that is there already
		if i, ok := slices.BinarySearchFunc(a, b[0], byValue); ok {
			a[i].count += b[0].count
			return a
		}
	}
	out := make([]weighted, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if a[0].value <= b[0].value {
			out, a = append(out, a[0]), a[1:]
		} else {
			out, b = append(out, b[0]), b[1:]
		}
	}
	return joined(append(append(out, a...), b...))
}

// distribution returns the samples sorted by value, a sketch's bins by the value that stands for them.
func (s *summary) distribution() []weighted {
	if s.sketch == nil {
		return s.exact
	}
	var all []weighted
	s.sketch.ForEach(func(value, count float64) bool {
		all = append(all, weighted{math.Min(math.Max(value, s.min), s.max), count})
		return false
	})
	slices.SortFunc(all, byValue)
	return all
}
