package columnar

import (
	"encoding/binary"
	"hash/crc32"
	"math/bits"
)

type integer interface {
	~uint8 | ~uint32 | ~int64 | ~uint64
}

// putNumbers writes a column of numbers: its chunks to the data, and to the header
//
//	transform 1 | its parameters | planes 1 | a sized table each plane | chunks: length uvarint, CRC32C 4
//
// where a column without planes has no chunks, unless its transform needs the first value of each.
func putNumbers[T integer](e *Encoder, values []T, t transform, times []int64) {
	planes := splitNumbers(e, values, &t, times)
	e.putTransform(&t)
	e.head = append(e.head, byte(planes))
	for i := range planes {
		e.head = appendSized(e.head, e.planes.tables[i])
	}
	if planes == 0 && len(e.firsts) == 0 {
		return
	}
	chunks := chunkCount(len(values))
	for k := range chunks {
		start := len(e.data)
		if len(e.firsts) > 0 {
			e.data = binary.AppendUvarint(e.data, e.firsts[k])
		}
		e.data = e.planes.appendChunk(e.data, k, chunks, planes)
		e.putSection(start)
	}
}

// splitNumbers transforms values and splits the residuals; it returns the number of planes.
func splitNumbers[T integer](e *Encoder, values []T, t *transform, times []int64) int {
	e.firsts = e.firsts[:0]
	if t.kind == transformPlain {
		low, high := minMax(values)
		t.base = uint64(low)
		if uint64(high)-t.base < 256 {
			return splitBytes(e, values, low, high)
		}
	}
	e.residuals = grow(e.residuals, len(values))
	var or uint64
	switch t.kind {
	case transformPlain:
		or = plainResiduals(e.residuals, values, t)
	case transformTimed:
		or = timedResiduals(e.residuals, values, times, t)
	default:
		or = deltaResiduals(e, values, times, t)
	}
	planes := planeCount(or)
	e.planes.split(e.residuals, planes)
	return planes
}

// splitBytes is the short way for numbers of one plane.
func splitBytes[T integer](e *Encoder, values []T, low, high T) int {
	if low == high {
		return 0
	}
	e.planes.begin(len(values))
	for i, v := range values {
		e.planes.bytes[i] = byte(v - low)
	}
	e.planes.encodePlane(0)
	return 1
}

func minMax[T integer](values []T) (low, high T) {
	low, high = values[0], values[0]
	for _, v := range values {
		low, high = min(low, v), max(high, v)
	}
	return low, high
}

func (e *Encoder) putTransform(t *transform) {
	e.head = append(e.head, byte(t.kind))
	switch t.kind {
	case transformPlain:
		e.head = binary.AppendUvarint(e.head, zigzag(int64(t.base)))
	case transformTimed:
		e.head = binary.AppendUvarint(append(e.head, byte(t.unit)), zigzag(int64(t.base)))
	case transformFollow:
		e.head = binary.AppendUvarint(e.head, t.rate)
	}
}

// putSection writes the length of the data from start on and, if there is some, its checksum.
func (e *Encoder) putSection(start int) {
	e.head = binary.AppendUvarint(e.head, uint64(len(e.data)-start))
	if start == len(e.data) {
		return
	}
	e.head = binary.LittleEndian.AppendUint32(e.head, crc32.Checksum(e.data[start:], castagnoli))
}

func plainResiduals[T integer](dst []uint64, values []T, t *transform) (or uint64) {
	for i, v := range values {
		r := uint64(v) - t.base
		dst[i] = r
		or |= r
	}
	return or
}

func timedResiduals[T integer](dst []uint64, values []T, times []int64, t *transform) (or uint64) {
	low := int64(uint64(values[0]) - t.unit.of(times[0]))
	for i, v := range values {
		r := uint64(v) - t.unit.of(times[i])
		low = min(low, int64(r))
		dst[i] = r
	}
	t.base = uint64(low)
	for i := range dst {
		dst[i] -= t.base
		or |= dst[i]
	}
	return or
}

func deltaResiduals[T integer](e *Encoder, values []T, times []int64, t *transform) (or uint64) {
	last, lastTime := uint64(0), uint64(0)
	for i, v := range values {
		if i%ChunkRows == 0 {
			e.firsts = append(e.firsts, uint64(v))
			last = uint64(v)
			e.residuals[i] = 0
		} else {
			delta := uint64(v) - last
			if t.kind == transformFollow {
				delta -= t.expected(uint64(times[i]) - lastTime)
			}
			r := zigzag(int64(delta))
			e.residuals[i] = r
			or |= r
			last = uint64(v)
		}
		if t.kind == transformFollow {
			lastTime = uint64(times[i])
		}
	}
	return or
}

// A transform must make numbers so much shorter than the next simpler one, in 1/16 bits a row, to be chosen.
const (
	timedGain = 8
	deltaGain = 20
)

// chooseTransform compares transforms on a sample of the values.
func chooseTransform[T integer](values []T, traits columnTraits) transform {
	s := sampler{rows: len(values)}
	plain := s.spread(func(i int) uint64 { return uint64(values[i]) })
	best, bits := transform{kind: transformPlain}, plain
	for _, u := range traits.units {
		timed := s.spread(func(i int) uint64 { return uint64(values[i]) - u.of(traits.times[i]) })
		if timed+timedGain < bits {
			best, bits = transform{kind: transformTimed, unit: u}, timed
		}
	}
	delta := s.deltas(func(i int) uint64 { return uint64(values[i]) - uint64(values[i-1]) })
	if delta+deltaGain < bits {
		best = transform{kind: transformDelta}
	}
	return best
}

// sampler estimates how long numbers are, in 1/16 bits, on some runs of rows.
type sampler struct{ rows int }

const (
	sampleRuns = 16
	sampleRun  = 16
)

func (s sampler) each(do func(i int)) (n int) {
	if s.rows <= sampleRuns*sampleRun {
		for i := range s.rows {
			do(i)
		}
		return s.rows
	}
	for run := range sampleRuns {
		from := run * (s.rows - sampleRun) / (sampleRuns - 1)
		for i := from; i < from+sampleRun; i++ {
			do(i)
		}
	}
	return sampleRuns * sampleRun
}

// spread is the mean length of the values above their least.
func (s sampler) spread(value func(i int) uint64) int {
	low := int64(value(0))
	s.each(func(i int) { low = min(low, int64(value(i))) })
	sum := 0
	n := s.each(func(i int) { sum += bits.Len64(value(i) - uint64(low)) })
	return sum * 16 / n
}

// deltas is the mean length of differences between rows, with their sign.
func (s sampler) deltas(delta func(i int) uint64) int {
	sum := 0
	n := s.each(func(i int) {
		if i > 0 {
			sum += bits.Len64(zigzag(int64(delta(i))))
		}
	})
	return sum * 16 / n
}
