package columnar

import (
	"encoding/binary"
	"math/bits"

	"github.com/klauspost/compress/huff0"
)

// Numbers are stored as byte planes: all lowest bytes of a chunk, then all second bytes, and so on. Each plane of a chunk
// says in its first byte how it is stored. Planes of values that do not repeat in runs, as in logs, come near their
// entropy this way, without any search for matches.
const (
	planeConst  = iota // one byte, which all rows have
	planeRaw           // a byte a row
	planeShared        // sized: huff0, four streams, by the table that the column's header holds for the plane
	planeOwn           // sized: huff0, four streams, behind a table of its own
	planeSparse        // the byte of most rows; uvarint count; for each other row a uvarint gap and the byte
)

const minTableRows = 48 // fewer cannot make up for a table

type histogram [256]uint32

// planeEncoder splits numbers into planes and compresses them. It is scratch that lasts from column to column.
type planeEncoder struct {
	huff   huff0.Scratch // by the table of the whole plane
	own    huff0.Scratch // by the table of one chunk
	bytes  []byte        // one plane of all rows
	hists  []histogram   // of its chunks
	stored []byte        // encoded chunks, plane after plane
	ends   []int         // end of each in stored
	tables [8][]byte     // of each plane, empty without one
}

// planeCount is the number of planes that values need whose bits are all in or.
func planeCount(or uint64) int { return (bits.Len64(or) + 7) / 8 }

// split encodes all planes; chunk then appends those of one chunk.
func (p *planeEncoder) split(values []uint64, planes int) {
	p.begin(len(values))
	for i := range planes {
		extract(p.bytes, values, i*8)
		p.encodePlane(i)
	}
}

func (p *planeEncoder) begin(rows int) {
	p.stored, p.ends = p.stored[:0], p.ends[:0]
	p.bytes = grow(p.bytes, rows)
}

func extract(dst []byte, values []uint64, shift int) {
	dst = dst[:len(values)]
	for i, v := range values {
		dst[i] = byte(v >> (shift & 63))
	}
}

func (p *planeEncoder) encodePlane(plane int) {
	var all histogram
	p.hists = grow(p.hists, chunkCount(len(p.bytes)))
	for k := range p.hists {
		p.hists[k].count(chunkOf(p.bytes, k))
		all.add(&p.hists[k])
	}
	p.makeTable(plane, &all)
	for k := range p.hists {
		p.encodeChunk(chunkOf(p.bytes, k), &p.hists[k], len(p.tables[plane]) > 0)
		p.ends = append(p.ends, len(p.stored))
	}
}

// makeTable makes the plane's shared table if it saves five bytes of a hundred.
func (p *planeEncoder) makeTable(plane int, all *histogram) {
	if p.tables[plane] = p.tables[plane][:0]; len(p.bytes) < minTableRows {
		return
	}
	p.huff.Reuse = huff0.ReusePolicyMust
	if err := p.huff.BuildCTable((*[256]uint32)(all)); err != nil {
		return // one symbol: every chunk is constant
	}
	table, err := p.huff.AppendTable(p.tables[plane])
	if size := p.huff.EstimateSize((*[256]uint32)(all)); err == nil && size > 0 && (size+len(table))*20 < len(p.bytes)*19 {
		p.tables[plane] = table
	}
}

func (p *planeEncoder) encodeChunk(in []byte, h *histogram, shared bool) {
	top, count := h.top()
	others := len(in) - int(count)
	if others == 0 {
		p.stored = append(p.stored, planeConst, top)
		return
	}
	best := len(in)
	sharedSize, ownSize := best, best
	if shared {
		if n := p.huff.EstimateSize((*[256]uint32)(h)); n >= 0 {
			sharedSize = n + 8
		}
	}
	if sharedSize > minTableRows {
		ownSize = h.entropyBytes(len(in)) + 8 + h.symbols()/2
	}
	switch {
	case others*5/2 < min(sharedSize, ownSize):
		p.stored = appendSparse(p.stored, in, top, others)
	case ownSize*10 < sharedSize*9 && p.huffChunk(planeOwn, in, &p.own):
	case sharedSize*20 < len(in)*19 && p.huffChunk(planeShared, in, &p.huff):
	default:
		p.stored = append(append(p.stored, planeRaw), in...)
	}
}

// huffChunk appends the chunk compressed, unless that fails or saves nothing.
func (p *planeEncoder) huffChunk(kind byte, in []byte, s *huff0.Scratch) bool {
	s.Reuse = huff0.ReusePolicyMust
	if kind == planeOwn {
		s.Reuse = huff0.ReusePolicyNone
	}
	s.Out = s.Out[:0]
	out, _, err := huff0.Compress4X(in, s)
	if err != nil || len(out)+3 >= len(in) {
		return false
	}
	p.stored = appendSized(append(p.stored, kind), out)
	return true
}

func appendSparse(dst, in []byte, top byte, others int) []byte {
	dst = binary.AppendUvarint(append(dst, planeSparse, top), uint64(others))
	next := 0
	for i, b := range in {
		if b != top {
			dst = append(binary.AppendUvarint(dst, uint64(i-next)), b)
			next = i + 1
		}
	}
	return dst
}

// appendChunk appends all planes of chunk k, of as many chunks as split was given.
func (p *planeEncoder) appendChunk(dst []byte, k, chunks, planes int) []byte {
	for i := range planes {
		n, from := i*chunks+k, 0
		if n > 0 {
			from = p.ends[n-1]
		}
		dst = append(dst, p.stored[from:p.ends[n]]...)
	}
	return dst
}

func (h *histogram) count(in []byte) {
	var second histogram // so that an increment does not wait for the one before
	*h = histogram{}
	for len(in) >= 2 {
		h[in[0]]++
		second[in[1]]++
		in = in[2:]
	}
	if len(in) > 0 {
		h[in[0]]++
	}
	h.add(&second)
}

func (h *histogram) add(o *histogram) {
	for i := range h {
		h[i] += o[i]
	}
}

func (h *histogram) top() (symbol byte, count uint32) {
	for i, n := range h {
		if n > count {
			symbol, count = byte(i), n
		}
	}
	return symbol, count
}

func (h *histogram) symbols() int {
	n := 0
	for _, c := range h {
		if c > 0 {
			n++
		}
	}
	return n
}

// entropyBytes is about what the best code needs for the total of h.
func (h *histogram) entropyBytes(total int) int {
	sum := 0 // in 1/256 bits
	whole := log2x256(uint32(total))
	for _, c := range h {
		if c > 0 {
			sum += int(c) * max(whole-log2x256(c), 256)
		}
	}
	return sum / 2048
}

// log2x256 is 256 times the binary logarithm of v ≥ 1, linear between powers of two and lifted in their middle.
func log2x256(v uint32) int {
	n := bits.Len32(v) - 1
	frac := int(uint64(v)<<8>>n) - 256
	return n<<8 + frac + frac*(256-frac)*88/65536
}

func chunkCount(n int) int { return (n + ChunkRows - 1) >> chunkBits }

// chunkOf is chunk k of a column's values.
func chunkOf[T any](all []T, k int) []T {
	return all[k<<chunkBits : min((k+1)<<chunkBits, len(all))]
}

// grow returns a slice of length n that reuses s; what it holds is arbitrary.
func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
