package embedded

import (
	"encoding/binary"
	"errors"
	"math"

	"github.com/tollbook/tollbook/logs"
)

// The index of a segment, unpacked. All numbers are varints; those of a part are differences to the part before.
//
//	| blocks | length of each |                                          blocks follow each other from offset 32
//	| parts  | part …         |
//	  part:  | group | stream | block | offset | length | events | message bytes |
//	         | first timestamp, ingestion, arrival | last timestamp, ingestion, arrival |
//	         | lowest arrival | highest arrival | highest ingestion |
//	| checkpoint record (checkpoint.go) |
const partNumbers = 16

// segmentIndex is what is kept in memory of a segment.
type segmentIndex struct {
	blocks     []blockRef
	parts      []part // by group, stream, position
	checkpoint *checkpoint
}

func (p *part) numbers() [partNumbers]uint64 {
	return [partNumbers]uint64{
		uint64(p.group), uint64(p.stream), uint64(p.block), uint64(p.offset), uint64(p.length),
		uint64(p.events), uint64(p.bytes),
		uint64(p.first.Timestamp), uint64(p.first.Ingestion), p.first.Arrival,
		uint64(p.last.Timestamp), uint64(p.last.Ingestion), p.last.Arrival,
		p.firstArrival, p.lastArrival, uint64(p.lastIngestion),
	}
}

func (p *part) setNumbers(n [partNumbers]uint64) {
	p.group, p.stream = logs.GroupID(n[0]), logs.StreamID(n[1])
	p.block, p.offset, p.length = uint32(n[2]), uint32(n[3]), uint32(n[4])
	p.events, p.bytes = int64(n[5]), int64(n[6])
	p.first = logs.Position{Timestamp: logs.Millis(n[7]), Ingestion: logs.Millis(n[8]), Arrival: n[9]}
	p.last = logs.Position{Timestamp: logs.Millis(n[10]), Ingestion: logs.Millis(n[11]), Arrival: n[12]}
	p.extent = extent{p.first.Timestamp, p.last.Timestamp, n[13], n[14]}
	p.lastIngestion = logs.Millis(n[15])
}

func (x *segmentIndex) append(buf []byte) []byte {
	buf = binary.AppendUvarint(buf, uint64(len(x.blocks)))
	for _, b := range x.blocks {
		buf = binary.AppendUvarint(buf, uint64(b.length))
	}
	buf = binary.AppendUvarint(buf, uint64(len(x.parts)))
	var previous [partNumbers]uint64
	for i := range x.parts {
		numbers := x.parts[i].numbers()
		for j, n := range numbers {
			buf = binary.AppendVarint(buf, int64(n-previous[j]))
		}
		previous = numbers
	}
	return x.checkpoint.append(buf)
}

var errIndex = errors.New("index is malformed")

// parseIndex checks that what it returns is safe to use: sorted, with blocks before limit.
func parseIndex(raw []byte, limit int64) (*segmentIndex, error) {
	in := reader{data: raw}
	x := &segmentIndex{}
	n := in.uvarint()
	if n > uint64(in.left()) {
		return nil, errIndex
	}
	x.blocks = make([]blockRef, n)
	at := int64(headerBytes)
	for i := range x.blocks {
		length := in.uvarint()
		if length < blockHeaderBytes || length > uint64(limit-at) || length > math.MaxUint32 {
			return nil, errIndex
		}
		x.blocks[i] = blockRef{at, uint32(length)}
		at += int64(length)
	}
	if at != limit || !x.parseParts(&in) {
		return nil, errIndex
	}
	c, err := decodeCheckpoint(raw[in.at:])
	if err != nil {
		return nil, errIndex
	}
	x.checkpoint = c
	return x, nil
}

func (x *segmentIndex) parseParts(in *reader) bool {
	n := in.uvarint()
	if n > uint64(in.left())/partNumbers {
		return false
	}
	x.parts = make([]part, n)
	var numbers [partNumbers]uint64
	for i := range x.parts {
		for j := range numbers {
			numbers[j] += uint64(in.varint())
		}
		p := &x.parts[i]
		p.setNumbers(numbers)
		if numbers[2] >= uint64(len(x.blocks)) || !p.valid() || i > 0 && !x.parts[i-1].precedes(p) {
			return false
		}
	}
	return !in.bad
}

func (p *part) valid() bool {
	return p.events > 0 && p.bytes >= 0 && p.length > 0 && p.first.Compare(p.last) <= 0
}

func (p *part) precedes(q *part) bool {
	switch {
	case p.group != q.group:
		return p.group < q.group
	case p.stream != q.stream:
		return p.stream < q.stream
	}
	return p.last.Compare(q.first) < 0
}
