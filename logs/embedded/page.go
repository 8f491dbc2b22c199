package embedded

import (
	"encoding/binary"
	"errors"
	"sort"
	"unsafe"

	"github.com/tollbook/tollbook/logs"
)

// A page lists parts of one block, sorted by group and stream. All numbers are varints, zigzag save the counts. Those of a
// part are, in this order, differences to the part before it, and differences to the first or last position of its own:
//
//	| groups | group (to the one before), number of its parts | … |  for each group
//	| stream, events, message bytes, first timestamp, ingestion, arrival | last timestamp, ingestion, arrival |
//	|   lowest arrival (to the first) | highest arrival, highest ingestion (to the last) | …                  for each part
//
// The rows of the parts follow each other; the index says at which row the page begins.
const (
	steppedNumbers = 6 // differences to the part before
	partNumbers    = 12
)

// part is the events of one stream in one block: a range of its rows, in order of position.
type part struct {
	stream                    logs.StreamID
	row, events               uint32
	bytes                     int64 // of the messages
	first, last               logs.Position
	firstArrival, lastArrival uint64 // lowest and highest
	lastIngestion             logs.Millis
}

func (p *part) rows() (from, to int) { return int(p.row), int(p.row) + int(p.events) }

func (p *part) extent() extent {
	return extent{p.first.Timestamp, p.last.Timestamp, p.firstArrival, p.lastArrival}
}

func (p *part) summary() summary {
	return summary{p.extent(), p.lastIngestion, int64(p.events), p.bytes}
}

// add counts the next event.
func (p *part) add(at logs.Position, bytes int) {
	if p.events == 0 {
		p.first, p.firstArrival = at, at.Arrival
	}
	p.last = at
	p.events++
	p.bytes += int64(bytes)
	p.firstArrival, p.lastArrival = min(p.firstArrival, at.Arrival), max(p.lastArrival, at.Arrival)
	p.lastIngestion = max(p.lastIngestion, at.Ingestion)
}

// page is a page unpacked. It is shared and must not be changed.
type page struct {
	groups []pageGroup
	parts  []part
}

// pageGroup is where a group's parts are.
type pageGroup struct {
	group    logs.GroupID
	from, to int
}

// Held implements cached.
func (p *page) Held() int64 {
	return int64(unsafe.Sizeof(*p)) + int64(cap(p.groups))*int64(unsafe.Sizeof(pageGroup{})) + int64(cap(p.parts))*int64(unsafe.Sizeof(part{}))
}

// find returns the parts of a group, by stream.
func (p *page) find(group logs.GroupID) []part {
	i := sort.Search(len(p.groups), func(i int) bool { return p.groups[i].group >= group })
	if i == len(p.groups) || p.groups[i].group != group {
		return nil
	}
	return p.parts[p.groups[i].from:p.groups[i].to]
}

// findStream returns the part of a stream among those of its group; nil if there is none.
func findStream(parts []part, stream logs.StreamID) *part {
	i := sort.Search(len(parts), func(i int) bool { return parts[i].stream >= stream })
	if i == len(parts) || parts[i].stream != stream {
		return nil
	}
	return &parts[i]
}

func (p *part) numbers() [partNumbers]uint64 {
	return [partNumbers]uint64{
		uint64(p.stream), uint64(p.events), uint64(p.bytes),
		uint64(p.first.Timestamp), uint64(p.first.Ingestion), p.first.Arrival,
		uint64(p.last.Timestamp - p.first.Timestamp), uint64(p.last.Ingestion - p.first.Ingestion), p.last.Arrival - p.first.Arrival,
		p.firstArrival - p.first.Arrival, p.lastArrival - p.last.Arrival, uint64(p.lastIngestion - p.last.Ingestion),
	}
}

func (p *part) setNumbers(n *[partNumbers]uint64) {
	p.stream, p.events, p.bytes = logs.StreamID(n[0]), uint32(n[1]), int64(n[2])
	p.first = logs.Position{Timestamp: logs.Millis(n[3]), Ingestion: logs.Millis(n[4]), Arrival: n[5]}
	p.last = logs.Position{
		Timestamp: p.first.Timestamp + logs.Millis(n[6]), Ingestion: p.first.Ingestion + logs.Millis(n[7]), Arrival: p.first.Arrival + n[8],
	}
	p.firstArrival, p.lastArrival = p.first.Arrival+n[9], p.last.Arrival+n[10]
	p.lastIngestion = p.last.Ingestion + logs.Millis(n[11])
}

func (p *page) append(buf []byte) []byte {
	buf = binary.AppendUvarint(buf, uint64(len(p.groups)))
	var before logs.GroupID
	for _, g := range p.groups {
		buf = binary.AppendVarint(buf, int64(g.group-before))
		buf = binary.AppendUvarint(buf, uint64(g.to-g.from))
		before = g.group
	}
	var previous [partNumbers]uint64
	for i := range p.parts {
		numbers := p.parts[i].numbers()
		for j, n := range numbers {
			if j < steppedNumbers {
				n -= previous[j]
			}
			buf = binary.AppendVarint(buf, int64(n))
		}
		previous = numbers
	}
	return buf
}

var errParts = errors.New("parts do not match the index")

// decodePage checks that what it returns is safe to use and is what the index says: sorted, and of so many rows.
func decodePage(raw []byte, ref *pageRef) (*page, error) {
	in := reader{data: raw}
	p := &page{}
	if !p.decodeGroups(&in, ref) || !p.decodeParts(&in, ref) || in.bad || in.left() != 0 {
		return nil, errParts
	}
	return p, nil
}

func (p *page) decodeGroups(in *reader, ref *pageRef) bool {
	n := in.uvarint()
	if n == 0 || n > uint64(ref.parts) {
		return false
	}
	p.groups = make([]pageGroup, n)
	var group logs.GroupID
	at := 0
	for i := range p.groups {
		before := group
		group += logs.GroupID(in.varint())
		parts := in.uvarint()
		if parts == 0 || parts > uint64(ref.parts)-uint64(at) || i > 0 && group <= before {
			return false
		}
		p.groups[i] = pageGroup{group, at, at + int(parts)}
		at += int(parts)
	}
	return at == int(ref.parts) && p.groups[0].group == ref.first.group && group == ref.last.group
}

func (p *page) decodeParts(in *reader, ref *pageRef) bool {
	if uint64(ref.parts) > uint64(in.left())/partNumbers {
		return false
	}
	p.parts = make([]part, ref.parts)
	var numbers [partNumbers]uint64
	row := ref.row
	for i := range p.parts {
		for j := range numbers {
			n := uint64(in.varint())
			if j < steppedNumbers {
				n += numbers[j]
			}
			numbers[j] = n
		}
		q := &p.parts[i]
		q.setNumbers(&numbers)
		if numbers[1] == 0 || numbers[1] > uint64(ref.rows) || q.bytes < 0 || q.first.Compare(q.last) > 0 {
			return false
		}
		q.row = row
		row += q.events
	}
	return row == ref.row+ref.rows && p.sorted() &&
		p.parts[0].stream == ref.first.stream && p.parts[len(p.parts)-1].stream == ref.last.stream
}

// sorted reports whether the streams of each group ascend.
func (p *page) sorted() bool {
	for _, g := range p.groups {
		for i := g.from + 1; i < g.to; i++ {
			if p.parts[i-1].stream >= p.parts[i].stream {
				return false
			}
		}
	}
	return true
}
