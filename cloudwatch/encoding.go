package cloudwatch

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"

	sketchbins "github.com/DataDog/sketches-go/ddsketch/store"
)

// How points lie in metrics.db. Numbers are uvarints; a float is its bits with the bytes reversed, which makes small whole
// numbers short.
//
//	batch (table arrived)   version 1, then points: series ID, resolution in s, time in s, unit, summary
//	chunk (table chunks)    version 1, then points: seconds since the point before (the first: since the chunk's start),
//	                        unit, summary; sorted by time and unit
//	summary  0  count sum min max                        without distribution
//	         1  count value                              all samples equal
//	         2  count sum min max  n (value count)*n     single values, ascending
//	         3  count sum min max  zeros  positive  negative
//	            a sketch: counts by bin; positive and negative are n (bin count)*n, bin zig-zag encoded
//	unit     place in the list units
const encodingVersion = 1

const (
	summaryOpaque = iota
	summaryUniform
	summaryExact
	summarySketch
)

// maxBin bounds the bins that are believed: at 1 % they lie within ±36,000 for all of float64.
const maxBin = 40_000

var errCorrupt = errors.New("corrupt metric data")

// units are AWS', by their numbers on disk: the order must stay.
var units = []string{"", "Seconds", "Microseconds", "Milliseconds", "Bytes", "Kilobytes", "Megabytes", "Gigabytes", "Terabytes",
	"Bits", "Kilobits", "Megabits", "Gigabits", "Terabits", "Percent", "Count", "Bytes/Second", "Kilobytes/Second",
	"Megabytes/Second", "Gigabytes/Second", "Terabytes/Second", "Bits/Second", "Kilobits/Second", "Megabits/Second",
	"Gigabits/Second", "Terabits/Second", "Count/Second", "None"}

// unit is a place in units. Data without one has the unit None, as at AWS; 0 is for requests that want any.
type unit uint8

const unitNone unit = 27

// unitNamed returns the unit of a name; false if AWS has none of that name.
func unitNamed(name string) (unit, bool) {
	i := slices.Index(units, name)
	return unit(max(i, 0)), i >= 0
}

// unitOf is unitNamed for data.
func unitOf(name string) (unit, bool) {
	u, ok := unitNamed(name)
	if u == 0 {
		u = unitNone
	}
	return u, ok
}

func (u unit) String() string { return units[u] }

func appendFloat(b []byte, v float64) []byte {
	return binary.AppendUvarint(b, bits.ReverseBytes64(math.Float64bits(v)))
}

// appendSummary encodes a summary.
func appendSummary(b []byte, s *summary) []byte {
	if len(s.exact) == 1 && s.sum == s.exact[0].value*s.count {
		return appendFloat(appendFloat(append(b, summaryUniform), s.count), s.min)
	}
	kind := byte(summaryOpaque)
	switch {
	case s.sketch != nil:
		kind = summarySketch
	case s.exact != nil:
		kind = summaryExact
	}
	b = append(b, kind)
	for _, v := range []float64{s.count, s.sum, s.min, s.max} {
		b = appendFloat(b, v)
	}
	switch kind {
	case summaryExact:
		b = binary.AppendUvarint(b, uint64(len(s.exact)))
		for _, w := range s.exact {
			b = appendFloat(appendFloat(b, w.value), w.count)
		}
	case summarySketch:
		b = appendFloat(b, s.sketch.GetZeroCount())
		b = appendBins(b, s.sketch.GetPositiveValueStore())
		b = appendBins(b, s.sketch.GetNegativeValueStore())
	}
	return b
}

func appendBins(b []byte, bins sketchbins.Store) []byte {
	n := 0
	bins.ForEach(func(int, float64) bool { n++; return false })
	b = binary.AppendUvarint(b, uint64(n))
	bins.ForEach(func(bin int, count float64) bool {
		b = appendFloat(binary.AppendVarint(b, int64(bin)), count)
		return false
	})
	return b
}

// decoder reads what the functions above wrote. After the first fault it only returns zeros and err says what was wrong.
type decoder struct {
	data []byte
	err  error
}

func (d *decoder) fail(what string) {
	if d.err == nil {
		d.err = fmt.Errorf("%s: %w", what, errCorrupt)
	}
	d.data = nil
}

func (d *decoder) more() bool { return d.err == nil && len(d.data) > 0 }

func (d *decoder) version() {
	if d.byte() != encodingVersion {
		d.fail("version")
	}
}

func (d *decoder) byte() byte {
	if len(d.data) == 0 {
		d.fail("short")
		return 0
	}
	b := d.data[0]
	d.data = d.data[1:]
	return b
}

func (d *decoder) uvarint() uint64 {
	v, n := binary.Uvarint(d.data)
	if n <= 0 {
		d.fail("number")
		return 0
	}
	d.data = d.data[n:]
	return v
}

func (d *decoder) varint() int64 {
	v, n := binary.Varint(d.data)
	if n <= 0 {
		d.fail("number")
		return 0
	}
	d.data = d.data[n:]
	return v
}

func (d *decoder) float() float64 {
	v := math.Float64frombits(bits.ReverseBytes64(d.uvarint()))
	if math.IsNaN(v) || math.IsInf(v, 0) {
		d.fail("value")
		return 0
	}
	return v
}

func (d *decoder) unit() unit {
	u := d.byte()
	if int(u) >= len(units) {
		d.fail("unit")
		return 0
	}
	return unit(u)
}

func (d *decoder) summary() *summary {
	kind := d.byte()
	if kind == summaryUniform {
		count := d.float()
		return newSummary(d.float(), count)
	}
	s := &summary{count: d.float(), sum: d.float(), min: d.float(), max: d.float()}
	switch kind {
	case summaryOpaque:
	case summaryExact:
		n := d.uvarint()
		if n == 0 || n > maxDistinct {
			d.fail("values")
			return s
		}
		s.exact = make([]weighted, n)
		for i := range s.exact {
			s.exact[i] = weighted{d.float(), d.float()}
		}
	case summarySketch:
		s.sketch = newSketch()
		if zeros := d.float(); zeros > 0 {
			_ = s.sketch.AddWithCount(0, zeros)
		}
		d.bins(s.sketch.GetPositiveValueStore())
		d.bins(s.sketch.GetNegativeValueStore())
	default:
		d.fail("kind")
	}
	return s
}

func (d *decoder) bins(into sketchbins.Store) {
	for n := d.uvarint(); n > 0 && d.err == nil; n-- {
		bin, count := d.varint(), d.float()
		if bin < -maxBin || bin > maxBin || count < 0 {
			d.fail("bin")
			return
		}
		into.AddWithCount(int(bin), count)
	}
}
