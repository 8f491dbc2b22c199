package embedded

import (
	"cmp"
	"encoding/binary"
	"errors"
	"math"

	"github.com/tollbook/tollbook/logs"
	"github.com/tollbook/tollbook/logs/columnar"
)

// The index of a segment, unpacked. Blocks follow each other from offset 32, each with its pages behind it. All numbers are
// zigzag varints, save the number of blocks, which is a plain one:
//
//	| blocks | block … |
//	  block: | length | pages | groups in it | events | message bytes | first group | last group |
//	         | first time | last time | lowest arrival | highest arrival | highest ingestion | page … |
//	  page:  | length | parts | events | first group | stream | last group | stream |
//	| checkpoint record (checkpoint.go) |
const (
	blockNumbers = 12
	pageNumbers  = 7
)

// segmentIndex is what is kept in memory of a segment.
type segmentIndex struct {
	blocks     []blockRef
	pages      []pageRef // of all blocks, in their order
	checkpoint *checkpoint
}

// blockRef is where a block lies, and what is in it.
type blockRef struct {
	offset                int64
	length                uint32
	groups                uint32
	firstGroup, lastGroup logs.GroupID
	fromPage, toPage      int
	summary
}

// pageRef is where a page lies, and what is in it.
type pageRef struct {
	offset      int64
	length      uint32
	parts       uint32
	row, rows   uint32 // the first one in the block, and how many
	first, last streamKey
}

// streamKey names a stream of the store.
type streamKey struct {
	group  logs.GroupID
	stream logs.StreamID
}

func (k streamKey) compare(l streamKey) int {
	return cmp.Or(cmp.Compare(k.group, l.group), cmp.Compare(k.stream, l.stream))
}

// bounds returns positions that no event of the block lies outside of.
func (b *blockRef) bounds() (first, last logs.Position) {
	return timeStart(b.firstTime), logs.Position{Timestamp: b.lastTime, Ingestion: math.MaxInt64, Arrival: math.MaxUint64}
}

// mayHold reports whether events of the group can be in the block.
func (b *blockRef) mayHold(group logs.GroupID) bool {
	return b.firstGroup <= group && group <= b.lastGroup
}

// touched reports whether the page can hold parts of the group, and of one of the streams, which are sorted, if any are named.
func (p *pageRef) touched(group logs.GroupID, streams []logs.StreamID) bool {
	if group < p.first.group || group > p.last.group {
		return false
	}
	if len(streams) == 0 {
		return true
	}
	least, most := streamKey{group, streams[0]}, streamKey{group, streams[len(streams)-1]}
	return least.compare(p.last) <= 0 && most.compare(p.first) >= 0
}

func (b *blockRef) numbers() [blockNumbers]int64 {
	return [blockNumbers]int64{
		int64(b.length), int64(b.toPage - b.fromPage), int64(b.groups), b.events, b.bytes, int64(b.firstGroup), int64(b.lastGroup),
		int64(b.firstTime), int64(b.lastTime), int64(b.firstArrival), int64(b.lastArrival), int64(b.lastIngestion),
	}
}

func (p *pageRef) numbers() [pageNumbers]int64 {
	return [pageNumbers]int64{
		int64(p.length), int64(p.parts), int64(p.rows),
		int64(p.first.group), int64(p.first.stream), int64(p.last.group), int64(p.last.stream),
	}
}

func (x *segmentIndex) append(buf []byte) []byte {
	buf = binary.AppendUvarint(buf, uint64(len(x.blocks)))
	for i := range x.blocks {
		b := &x.blocks[i]
		for _, n := range b.numbers() {
			buf = binary.AppendVarint(buf, n)
		}
		for j := range x.pages[b.fromPage:b.toPage] {
			for _, n := range x.pages[b.fromPage+j].numbers() {
				buf = binary.AppendVarint(buf, n)
			}
		}
	}
	return x.checkpoint.append(buf)
}

var errIndex = errors.New("index is malformed")

// parseIndex checks that what it returns is safe to use: blocks and pages before limit, and counts that can be true.
func parseIndex(raw []byte, limit int64) (*segmentIndex, error) {
	in := reader{data: raw}
	x := &segmentIndex{}
	n := in.uvarint()
	if n > uint64(in.left())/blockNumbers {
		return nil, errIndex
	}
	x.blocks = make([]blockRef, n)
	at := int64(headerBytes)
	for i := range x.blocks {
		if !x.parseBlock(&in, &x.blocks[i], &at, limit) {
			return nil, errIndex
		}
	}
	if at != limit {
		return nil, errIndex
	}
	c, err := decodeCheckpoint(raw[in.at:])
	if err != nil {
		return nil, errIndex
	}
	x.checkpoint = c
	return x, nil
}

func (x *segmentIndex) parseBlock(in *reader, b *blockRef, at *int64, limit int64) bool {
	var n [blockNumbers]int64
	for i := range n {
		n[i] = in.varint()
	}
	if n[0] <= 0 || n[0] > min(limit-*at, math.MaxUint32) || n[1] <= 0 || n[1] > int64(in.left())/pageNumbers ||
		n[2] <= 0 || n[2] > n[3] || n[3] > columnar.MaxRows || n[4] < 0 || n[5] > n[6] || n[7] > n[8] {
		return false
	}
	*b = blockRef{
		offset: *at, length: uint32(n[0]), groups: uint32(n[2]),
		firstGroup: logs.GroupID(n[5]), lastGroup: logs.GroupID(n[6]), fromPage: len(x.pages), toPage: len(x.pages) + int(n[1]),
		summary: summary{
			extent{logs.Millis(n[7]), logs.Millis(n[8]), uint64(n[9]), uint64(n[10])}, logs.Millis(n[11]), n[3], n[4],
		},
	}
	*at += n[0]
	row := uint32(0)
	for range n[1] {
		p, ok := parsePageRef(in, *at, limit)
		if !ok || int64(p.rows) > b.events-int64(row) {
			return false
		}
		p.row = row
		row += p.rows
		*at += int64(p.length)
		x.pages = append(x.pages, p)
	}
	return int64(row) == b.events && x.pages[b.fromPage].first.group == b.firstGroup && x.pages[b.toPage-1].last.group == b.lastGroup
}

func parsePageRef(in *reader, at, limit int64) (p pageRef, ok bool) {
	var n [pageNumbers]int64
	for i := range n {
		n[i] = in.varint()
	}
	if n[0] < pageHeaderBytes || n[0] > min(limit-at, math.MaxUint32) || n[1] <= 0 || n[1] > n[2] || n[2] > columnar.MaxRows {
		return p, false
	}
	return pageRef{
		offset: at, length: uint32(n[0]), parts: uint32(n[1]), rows: uint32(n[2]),
		first: streamKey{logs.GroupID(n[3]), logs.StreamID(n[4])}, last: streamKey{logs.GroupID(n[5]), logs.StreamID(n[6])},
	}, !in.bad
}
