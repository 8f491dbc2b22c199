package insights

import (
	"cmp"

	"github.com/tollbook/tollbook/logs/columnar"
	"github.com/tollbook/tollbook/logs/insights/value"
)

// place is where an event stands in the order of time.
type place struct {
	timestamp, ingestion int64
	arrival              uint64
}

func placeOf(p *columnar.Positions, row int) place {
	return place{p.Timestamps[row], p.Ingestions[row], p.Arrivals[row]}
}

func (p place) compare(o place) int {
	return cmp.Or(cmp.Compare(p.timestamp, o.timestamp), cmp.Compare(p.ingestion, o.ingestion), cmp.Compare(p.arrival, o.arrival))
}

// edge is earliest and latest: the value of the first or last event that has one.
type edge struct {
	sign  int
	bests []edgeValue
	bytes int64
}

type edgeValue struct {
	at    place
	value value.Value
}

func (e *edge) grow(n int) { e.bests = grown(e.bests, n) }

func (e *edge) add(in *input, groups []uint32) error {
	for n := range in.rows {
		i := n
		if e.sign > 0 { // rows are about in the order of time: the best comes first
			i = len(in.rows) - 1 - n
		}
		best := &e.bests[groups[i]]
		at := placeOf(in.places, int(in.rows[i]))
		if !best.value.IsNull() && e.sign*at.compare(best.at) <= 0 {
			continue
		}
		v, err := in.at(i)
		if err != nil {
			return err
		}
		e.addValue(best, edgeValue{at, v})
	}
	return nil
}

func (e *edge) addValue(best *edgeValue, v edgeValue) {
	if v.value.IsScalar() && (best.value.IsNull() || e.sign*v.at.compare(best.at) > 0) {
		if v.value.Kind() == value.Text {
			e.bytes += int64(len(v.value.Text()))
		}
		if best.value.Kind() == value.Text {
			e.bytes -= int64(len(best.value.Text()))
		}
		*best = edgeValue{v.at, owned(v.value)}
	}
}

func (e *edge) merge(from aggregator, first int, groups []uint32) {
	for i, v := range from.(*edge).bests[first : first+len(groups)] {
		e.addValue(&e.bests[groups[i]], v)
	}
}

func (e *edge) value(group int) value.Value { return e.bests[group].value }

func (e *edge) held() int64 { return e.bytes + (24+valueBytes)*int64(cap(e.bests)) }

// rates is rate: how much a number changes from its first event to its last, for each interval of the time between. It is
// null where there are not two numbers at different times (our rule; AWS documents "the per-interval rate of change").
type rates struct {
	interval float64 // milliseconds
	groups   []rateEnds
}

type rateEnds struct {
	known             bool
	first, last       place
	firstNum, lastNum float64
}

func (r *rates) grow(n int) { r.groups = grown(r.groups, n) }

func (r *rates) add(in *input, groups []uint32) error {
	numbers, err := in.numbers()
	for i, n := range numbers {
		if n == n {
			at := placeOf(in.places, int(in.rows[i]))
			r.groups[groups[i]].add(rateEnds{true, at, at, n, n})
		}
	}
	return err
}

func (e *rateEnds) add(o rateEnds) {
	switch {
	case !o.known:
		return
	case !e.known:
		*e = o
		return
	}
	if o.first.compare(e.first) < 0 {
		e.first, e.firstNum = o.first, o.firstNum
	}
	if o.last.compare(e.last) > 0 {
		e.last, e.lastNum = o.last, o.lastNum
	}
}

func (r *rates) merge(from aggregator, first int, groups []uint32) {
	for i, o := range from.(*rates).groups[first : first+len(groups)] {
		r.groups[groups[i]].add(o)
	}
}

func (r *rates) value(group int) value.Value {
	e := r.groups[group]
	elapsed := float64(e.last.timestamp - e.first.timestamp)
	if elapsed == 0 {
		return value.Value{}
	}
	return value.OfNumber((e.lastNum - e.firstNum) / (elapsed / r.interval))
}

func (r *rates) held() int64 { return 72 * int64(cap(r.groups)) }
