package columnar

import (
	"cmp"
	"encoding/binary"
	"math/bits"
	"slices"
)

// How a block says its ingestion times.
const (
	ingestionNumbers = iota // a number a row
	ingestionRuns           // by arrival: from each of the first column's arrivals on, the second's time
)

func (e *Encoder) putPositions(rows *Rows) {
	putNumbers(e, rows.Timestamps, chooseTransform(rows.Timestamps, columnTraits{}), nil)
	putNumbers(e, rows.Arrivals, e.arrivalTransform(rows), rows.Timestamps)
	if runs := e.ingestionRuns(rows); runs != nil {
		e.putRuns(runs)
		return
	}
	e.head = append(e.head, ingestionNumbers)
	traits := columnTraits{rows.Timestamps, []timeUnit{unitMillis}}
	putNumbers(e, rows.Ingestions, chooseTransform(rows.Ingestions, traits), rows.Timestamps)
}

// arrivalTransform: rows lie by stream, so a row's arrival is far from that of the row before, but about as far as its
// timestamp says, since all streams together get so many events a millisecond.
func (e *Encoder) arrivalTransform(rows *Rows) transform {
	best := chooseTransform(rows.Arrivals, columnTraits{})
	span := uint64(slices.Max(rows.Timestamps)) - uint64(slices.Min(rows.Timestamps))
	count := slices.Max(rows.Arrivals) - slices.Min(rows.Arrivals)
	if span == 0 || span >= 1<<40 || count >= 1<<40 {
		return best
	}
	follow := transform{kind: transformFollow, rate: count << followShift / span}
	s := sampler{len(rows.Arrivals)}
	delta := func(i int) uint64 { return rows.Arrivals[i] - rows.Arrivals[i-1] }
	followed := s.deltas(func(i int) uint64 {
		return delta(i) - follow.expected(uint64(rows.Timestamps[i])-uint64(rows.Timestamps[i-1]))
	})
	bits := s.deltas(delta)
	if best.kind == transformPlain {
		bits = s.spread(func(i int) uint64 { return rows.Arrivals[i] })
	}
	if followed+timedGain < bits {
		return follow
	}
	return best
}

// ingestionRun is a time at which events were taken in, and the arrivals of the first and last of them.
type ingestionRun struct {
	time        int64
	first, last uint64
}

// ingestionRuns are the block's ingestion times by arrival, or nil if they are many or no function of it. The events of
// a batch share their time, and arrive one after the other.
func (e *Encoder) ingestionRuns(rows *Rows) []ingestionRun {
	limit := 16 + len(rows.Ingestions)/16
	var runs []ingestionRun
	places := make([]uint32, 4<<bits.Len(uint(limit))) // in runs, and 1, by the time's hash
	mask := uint64(len(places) - 1)
	for i, at := range rows.Ingestions {
		place := uint64(at) * 0x9e3779b97f4a7c15 >> 40 & mask
		for places[place] != 0 && runs[places[place]-1].time != at {
			place = (place + 1) & mask
		}
		if places[place] == 0 {
			if len(runs) == limit {
				return nil
			}
			runs = append(runs, ingestionRun{at, rows.Arrivals[i], rows.Arrivals[i]})
			places[place] = uint32(len(runs))
		}
		r := &runs[places[place]-1]
		r.first, r.last = min(r.first, rows.Arrivals[i]), max(r.last, rows.Arrivals[i])
	}
	slices.SortFunc(runs, func(a, b ingestionRun) int { return cmp.Compare(a.first, b.first) })
	for i := 1; i < len(runs); i++ {
		if runs[i].first <= runs[i-1].last {
			return nil
		}
	}
	return runs
}

func (e *Encoder) putRuns(runs []ingestionRun) {
	firsts, times := make([]uint64, len(runs)), make([]int64, len(runs))
	for i, r := range runs {
		firsts[i], times[i] = r.first, r.time
	}
	e.head = binary.AppendUvarint(append(e.head, ingestionRuns), uint64(len(runs)))
	putNumbers(e, firsts, chooseTransform(firsts, columnTraits{}), nil)
	putNumbers(e, times, chooseTransform(times, columnTraits{}), nil)
}
