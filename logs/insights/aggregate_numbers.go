package insights

import (
	"math"

	"github.com/tollbook/tollbook/logs/insights/value"
)

// counter is count: of rows, or of those that have a value.
type counter struct{ counts []int64 }

func (c *counter) grow(n int) { c.counts = grown(c.counts, n) }

func (c *counter) add(in *input, groups []uint32) error {
	if in.vector == nil {
		for _, g := range groups {
			c.counts[g]++
		}
		return nil
	}
	return in.present(func(i int) { c.counts[groups[i]]++ })
}

func (c *counter) merge(from aggregator, first int, groups []uint32) {
	for i, n := range from.(*counter).counts[first : first+len(groups)] {
		c.counts[groups[i]] += n
	}
}

func (c *counter) value(group int) value.Value { return value.OfNumber(float64(c.counts[group])) }

func (c *counter) held() int64 { return 8 * int64(cap(c.counts)) }

// adder is sum and avg: null where no value is a number.
type adder struct {
	mean   bool
	sums   []float64
	counts []int64
}

func (a *adder) grow(n int) { a.sums, a.counts = grown(a.sums, n), grown(a.counts, n) }

func (a *adder) add(in *input, groups []uint32) error {
	numbers, err := in.numbers()
	for i, n := range numbers {
		if n == n { // is a number
			g := groups[i]
			a.sums[g] += n
			a.counts[g]++
		}
	}
	return err
}

func (a *adder) merge(from aggregator, first int, groups []uint32) {
	o := from.(*adder)
	for i, g := range groups {
		a.sums[g] += o.sums[first+i]
		a.counts[g] += o.counts[first+i]
	}
}

func (a *adder) value(group int) value.Value {
	n := float64(a.counts[group])
	switch {
	case n == 0:
		return value.Value{}
	case a.mean:
		return value.OfNumber(a.sums[group] / n)
	}
	return value.OfNumber(a.sums[group])
}

func (a *adder) held() int64 { return 16 * int64(cap(a.sums)) }

// deviation is variance, of the population, and stddev, of a sample (spec/cloudwatch-logs §6.7, §10): of one number there is
// none. Welford's method, and Chan's to merge, keep what a difference of large sums would lose.
type deviation struct {
	root    bool
	counts  []float64
	means   []float64
	squares []float64 // sums of the squared differences to the mean
}

func (d *deviation) grow(n int) {
	d.counts, d.means, d.squares = grown(d.counts, n), grown(d.means, n), grown(d.squares, n)
}

func (d *deviation) add(in *input, groups []uint32) error {
	numbers, err := in.numbers()
	for i, n := range numbers {
		if n == n {
			g := groups[i]
			d.counts[g]++
			difference := n - d.means[g]
			d.means[g] += difference / d.counts[g]
			d.squares[g] += difference * (n - d.means[g])
		}
	}
	return err
}

func (d *deviation) merge(from aggregator, first int, groups []uint32) {
	o := from.(*deviation)
	for k, g := range groups {
		i := first + k
		if d.counts[g] == 0 {
			d.counts[g], d.means[g], d.squares[g] = o.counts[i], o.means[i], o.squares[i]
			continue
		} else if o.counts[i] == 0 {
			continue
		}
		n := d.counts[g] + o.counts[i]
		difference := o.means[i] - d.means[g]
		d.squares[g] += o.squares[i] + difference*difference*d.counts[g]*o.counts[i]/n
		d.means[g] += difference * o.counts[i] / n
		d.counts[g] = n
	}
}

func (d *deviation) value(group int) value.Value {
	n := d.counts[group]
	switch {
	case d.root && n > 1:
		return value.OfNumber(math.Sqrt(d.squares[group] / (n - 1)))
	case !d.root && n > 0:
		return value.OfNumber(d.squares[group] / n)
	}
	return value.Value{}
}

func (d *deviation) held() int64 { return 24 * int64(cap(d.counts)) }

// extreme is min and max: of the numbers, a time if that is what the value is. Where there is none it is the first or last
// text by sort order (our rule).
type extreme struct {
	sign  float64 // 1 of max
	bests []extremeValue
	texts int64 // bytes
}

type extremeValue struct {
	numeric, time bool
	number        float64
	text          value.Value
}

func (x *extreme) grow(n int) { x.bests = grown(x.bests, n) }

func (x *extreme) add(in *input, groups []uint32) error {
	numbers, err := in.numbers()
	if err != nil {
		return err
	}
	times := in.vector.form == vectorTimes
	boxed := in.vector.form != vectorField && !times
	for i, n := range numbers {
		best := &x.bests[groups[i]]
		if n != n {
			if best.numeric {
				continue
			}
			v, err := in.at(i)
			if err != nil {
				return err
			}
			x.addText(best, v)
			continue
		}
		if best.numeric && x.sign*n <= x.sign*best.number {
			continue
		}
		*best = extremeValue{numeric: true, time: times, number: n}
		if boxed {
			v, err := in.at(i)
			if err != nil {
				return err
			}
			best.time = v.Kind() == value.Time
		}
	}
	return nil
}

func (x *extreme) addText(best *extremeValue, v value.Value) {
	if !v.IsScalar() || best.text.IsScalar() && x.sign*float64(value.Compare(v, best.text)) <= 0 {
		return
	}
	x.texts += int64(len(v.Text()) - len(best.text.Text()))
	best.text = owned(v)
}

func (x *extreme) merge(from aggregator, first int, groups []uint32) {
	for i, o := range from.(*extreme).bests[first : first+len(groups)] {
		best := &x.bests[groups[i]]
		switch {
		case o.numeric && (!best.numeric || x.sign*o.number > x.sign*best.number):
			*best = o
		case !o.numeric && !best.numeric:
			x.addText(best, o.text)
		}
	}
}

func (x *extreme) value(group int) value.Value {
	best := x.bests[group]
	switch {
	case best.time:
		return value.OfTime(int64(best.number))
	case best.numeric:
		return value.OfNumber(best.number)
	}
	return best.text
}

func (x *extreme) held() int64 { return 72*int64(cap(x.bests)) + x.texts }
