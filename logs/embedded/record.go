package embedded

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unsafe"

	"github.com/tollbook/tollbook/logs"
)

// A record is what one call adds to the write-ahead log. Integers are little-endian:
//
//	+--------+------+-----------------------+
//	| length | type | body, by type         |      length counts type and body
//	| 4      | 1    | length - 1            |
//	+--------+------+-----------------------+
//
//	events:      | arrival 8 | ingestion 8 | batches 4 | batch … |       arrival is the first event's
//	  batch:     | group 8 | stream 8 | events 4 | event … |
//	  event:     | timestamp 8 | length 4 | message |
//	tombstone:   | group 8 | bound 8 | before 8 | streams 4 | stream 8 … |   see tombstone.go
//	checkpoint:  see checkpoint.go
const (
	recordEvents     = 1
	recordTombstone  = 2
	recordCheckpoint = 3

	recordHeaderBytes = 5
	eventsHeaderBytes = recordHeaderBytes + 8 + 8 + 4
	batchHeaderBytes  = 8 + 8 + 4
	eventHeaderBytes  = 8 + 4
)

var (
	errRecord  = errors.New("malformed record")
	errMessage = errors.New("an event has an empty message")
	little     = binary.LittleEndian
)

// headEvent is an event whose message lies in a record. It holds no pointers, so that the garbage collector passes by.
type headEvent struct {
	timestamp      logs.Millis
	offset, length uint32 // of the message in the record
	index          uint32 // arrival is the record's plus index
}

// eventsRecord is the record of one Append with a table of what is in it. It is the only copy of the messages that the
// head keeps.
type eventsRecord struct {
	data    []byte
	batches []recordBatch
	events  int
	bytes   int64 // of the messages
}

type recordBatch struct {
	group  logs.GroupID
	stream logs.StreamID
	events []headEvent // by timestamp, then index
}

// encodeEvents builds the record. Arrival and ingestion are filled in by stamp, once they are known.
func encodeEvents(batches []logs.Batch) (*eventsRecord, error) {
	size, events, err := measure(batches)
	if err != nil || events == 0 {
		return &eventsRecord{}, err
	}
	r := &eventsRecord{events: events, batches: make([]recordBatch, 0, len(batches)), data: uncleared(size)}
	table := make([]headEvent, 0, events)
	r.data = append(r.data, make([]byte, eventsHeaderBytes)...)
	little.PutUint32(r.data, uint32(size-4))
	r.data[4] = recordEvents
	for i := range batches {
		if len(batches[i].Events) > 0 {
			table = r.addBatch(&batches[i], table)
		}
	}
	little.PutUint32(r.data[eventsHeaderBytes-4:], uint32(len(r.batches)))
	return r, nil
}

// uncleared returns an empty slice with room for size bytes, which is not set to zero first as make does it: of a large
// record, that takes a tenth of the time.
func uncleared(size int) []byte {
	var b strings.Builder
	b.Grow(size)
	b.WriteByte(0) // an empty string need not point to the memory
	return unsafe.Slice(unsafe.StringData(b.String()), size)[:0:size]
}

func measure(batches []logs.Batch) (size, events int, err error) {
	size = eventsHeaderBytes
	for i := range batches {
		if len(batches[i].Events) == 0 {
			continue
		}
		size += batchHeaderBytes
		for j := range batches[i].Events {
			n := len(batches[i].Events[j].Message)
			if n == 0 {
				return 0, 0, fmt.Errorf("append to stream %d: %w", batches[i].Stream, errMessage)
			}
			size += eventHeaderBytes + n
		}
		events += len(batches[i].Events)
		if size > maxAppendBytes {
			return 0, 0, fmt.Errorf("append of more than %d bytes: %w", maxAppendBytes, ErrTooLarge)
		}
	}
	return size, events, nil
}

func (r *eventsRecord) addBatch(b *logs.Batch, table []headEvent) []headEvent {
	d := r.data
	d = little.AppendUint64(d, uint64(b.Group))
	d = little.AppendUint64(d, uint64(b.Stream))
	d = little.AppendUint32(d, uint32(len(b.Events)))
	start, sorted := len(table), true
	for i := range b.Events {
		e := &b.Events[i]
		d = little.AppendUint64(d, uint64(e.Timestamp))
		d = little.AppendUint32(d, uint32(len(e.Message)))
		sorted = sorted && (i == 0 || b.Events[i-1].Timestamp <= e.Timestamp)
		r.bytes += int64(len(e.Message))
		table = append(table, headEvent{e.Timestamp, uint32(len(d)), uint32(len(e.Message)), uint32(len(table))})
		d = append(d, e.Message...)
	}
	r.data = d
	events := table[start:len(table):len(table)]
	if !sorted {
		sortEvents(events)
	}
	r.batches = append(r.batches, recordBatch{b.Group, b.Stream, events})
	return table
}

func sortEvents(events []headEvent) {
	slices.SortFunc(events, func(a, b headEvent) int {
		return cmp.Or(cmp.Compare(a.timestamp, b.timestamp), cmp.Compare(a.index, b.index))
	})
}

// stamp writes what is known only when the record's turn has come.
func (r *eventsRecord) stamp(arrival uint64, ingestion logs.Millis) {
	little.PutUint64(r.data[recordHeaderBytes:], arrival)
	little.PutUint64(r.data[recordHeaderBytes+8:], uint64(ingestion))
}

func (r *eventsRecord) arrival() uint64 { return little.Uint64(r.data[recordHeaderBytes:]) }

func (r *eventsRecord) ingestion() logs.Millis {
	return logs.Millis(little.Uint64(r.data[recordHeaderBytes+8:]))
}

// decodeEvents rebuilds the table from a record of type events; data is kept.
func decodeEvents(data []byte) (*eventsRecord, error) {
	if len(data) < eventsHeaderBytes {
		return nil, errRecord
	}
	r := &eventsRecord{data: data}
	in := reader{data: data, at: eventsHeaderBytes - 4}
	for range in.uint32() {
		b := recordBatch{group: logs.GroupID(in.uint64()), stream: logs.StreamID(in.uint64())}
		n := in.uint32()
		if int64(n)*eventHeaderBytes > int64(in.left()) {
			return nil, errRecord
		}
		b.events = make([]headEvent, 0, n)
		for range n {
			e := headEvent{timestamp: logs.Millis(in.uint64()), length: in.uint32(), index: uint32(r.events)}
			e.offset = uint32(in.at)
			in.bytes(int(e.length))
			b.events = append(b.events, e)
			r.events++
		}
		if in.bad {
			return nil, errRecord
		}
		sortEvents(b.events)
		r.batches = append(r.batches, b)
	}
	if in.bad || in.left() != 0 {
		return nil, errRecord
	}
	return r, nil
}

// splitRecords calls f for each record in a frame's payload, with its whole bytes and its type.
func splitRecords(payload []byte, f func(kind byte, record []byte) error) error {
	for len(payload) > 0 {
		if len(payload) < recordHeaderBytes {
			return errRecord
		}
		n := int64(little.Uint32(payload)) + 4
		if n < recordHeaderBytes || n > int64(len(payload)) {
			return errRecord
		}
		if err := f(payload[4], payload[:n:n]); err != nil {
			return err
		}
		payload = payload[n:]
	}
	return nil
}

// beginRecord appends the head of a record; endRecord fills in its length.
func beginRecord(buf []byte, kind byte) []byte { return append(buf, 0, 0, 0, 0, kind) }

func endRecord(buf []byte, start int) []byte {
	little.PutUint32(buf[start:], uint32(len(buf)-start-4))
	return buf
}

// reader takes integers off a byte slice. Past the end it sets bad and returns zeros, so that a decoder checks once.
type reader struct {
	data []byte
	at   int
	bad  bool
}

func (r *reader) left() int { return len(r.data) - r.at }

func (r *reader) bytes(n int) []byte {
	if n < 0 || n > r.left() {
		r.bad, r.at = true, len(r.data)
		return nil
	}
	b := r.data[r.at : r.at+n : r.at+n]
	r.at += n
	return b
}

func (r *reader) uint32() uint32 {
	if b := r.bytes(4); b != nil {
		return little.Uint32(b)
	}
	return 0
}

func (r *reader) uint64() uint64 {
	if b := r.bytes(8); b != nil {
		return little.Uint64(b)
	}
	return 0
}

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.data[r.at:])
	if n <= 0 {
		r.bad, r.at = true, len(r.data)
		return 0
	}
	r.at += n
	return v
}

func (r *reader) varint() int64 {
	u := r.uvarint()
	return int64(u>>1) ^ -int64(u&1)
}
