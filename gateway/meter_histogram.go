package gateway

import (
	"math/bits"
	"sync/atomic"
)

// histogram counts latencies in milliseconds: each up to 127 for itself, then in 64 steps for every doubling, so that the
// middle of a step is within 0.8 % of what it stands for. Its memory comes in pieces of 64 steps when they are first needed.
//
//	piece 0    0 … 63        piece 2   128 … 255 by 2
//	piece 1   64 … 127       piece 3   256 … 511 by 4   …   piece 19   16.7 million … 33.5 million by 262,144 (9 hours)
type histogram struct {
	sum    atomic.Int64
	min    atomic.Int64 // of the samples since the last take, plus 1; 0: none
	max    atomic.Int64 // the same
	pieces [histogramPieces]atomic.Pointer[[64]atomic.Uint32]
}

const histogramPieces = 20

// step finds the place of a value.
func step(v int64) (piece, place int) {
	if v < 64 {
		return 0, int(v)
	}
	piece = bits.Len64(uint64(v)) - 6
	if piece >= histogramPieces {
		return histogramPieces - 1, 63
	}
	return piece, int(v>>(piece-1)) - 64
}

// middle is the value that stands for a step.
func middle(piece, place int) float64 {
	if piece == 0 {
		return float64(place)
	}
	width := int64(1) << (piece - 1)
	return float64(int64(place+64)*width) + float64(width-1)/2
}

// add counts a value, of which the step comes last.
func (h *histogram) add(v int64) {
	v = max(v, 0)
	h.sum.Add(v)
	for least := h.min.Load(); least == 0 || least > v+1; least = h.min.Load() {
		if h.min.CompareAndSwap(least, v+1) {
			break
		}
	}
	for most := h.max.Load(); most < v+1; most = h.max.Load() {
		if h.max.CompareAndSwap(most, v+1) {
			break
		}
	}
	piece, place := step(v)
	p := h.pieces[piece].Load()
	if p == nil {
		p = new([64]atomic.Uint32)
		if !h.pieces[piece].CompareAndSwap(nil, p) {
			p = h.pieces[piece].Load()
		}
	}
	p[place].Add(1)
}

// histogramTotal gathers the histograms of several cells.
type histogramTotal struct {
	LatencySamples
	ranged bool // Min and Max are known
	counts [histogramPieces]*[64]int64
}

// take empties a histogram and returns how many samples it had. Without any, sum and extremes stay for their sample, which
// is on its way.
func (t *histogramTotal) take(h *histogram) (n int64) {
	for i := range h.pieces {
		p := h.pieces[i].Load()
		if p == nil {
			continue
		}
		if t.counts[i] == nil {
			t.counts[i] = new([64]int64)
		}
		for j := range p {
			if p[j].Load() == 0 {
				continue
			}
			c := int64(p[j].Swap(0))
			t.counts[i][j] += c
			n += c
		}
	}
	if n == 0 {
		return 0
	}
	t.Count += n
	t.Sum += h.sum.Swap(0)
	if least := h.min.Swap(0) - 1; least >= 0 {
		if !t.ranged || least < t.Min {
			t.Min = least
		}
		t.ranged = true
	}
	t.Max = max(t.Max, h.max.Swap(0)-1)
	return n
}

// samples lists the values that there are.
func (t *histogramTotal) samples() LatencySamples {
	s := t.LatencySamples
	for i, piece := range t.counts {
		if piece == nil {
			continue
		}
		for j, c := range piece {
			if c == 0 {
				continue
			}
			s.Values, s.Counts = append(s.Values, t.value(i, j)), append(s.Counts, float64(c))
		}
	}
	if n := len(s.Values); n > 0 && !t.ranged { // they went with samples that were taken before
		s.Min, s.Max = int64(s.Values[0]), int64(s.Values[n-1])
	}
	return s
}

// value stands for a step: its middle, but nothing beyond the extremes.
func (t *histogramTotal) value(piece, place int) float64 {
	v := middle(piece, place)
	if at, in := step(t.Min); t.ranged && at == piece && in == place {
		v = max(v, float64(t.Min))
	}
	if at, in := step(t.Max); t.ranged && at == piece && in == place {
		v = min(v, float64(t.Max))
	}
	return v
}
