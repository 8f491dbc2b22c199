package embedded

import (
	"encoding/binary"
	"errors"
	"unsafe"

	"github.com/tollbook/tollbook/logs"
)

// A part in the encoding "rows" is its events in ascending order, each
//
//	+-----------+-----------+---------+--------+---------+
//	| timestamp | ingestion | arrival | length | message |
//	| varint    | varint    | varint  | uvarint|         |
//	+-----------+-----------+---------+--------+---------+
//
// The three numbers are differences to the event before; of the first, to zero. Varints are zigzag, as in protobuf.

func appendRow(buf []byte, previous logs.Position, r row) []byte {
	buf = binary.AppendVarint(buf, int64(r.Timestamp-previous.Timestamp))
	buf = binary.AppendVarint(buf, int64(r.Ingestion-previous.Ingestion))
	buf = binary.AppendVarint(buf, int64(r.Arrival-previous.Arrival))
	buf = binary.AppendUvarint(buf, uint64(len(r.message)))
	return append(buf, r.message...)
}

var errRows = errors.New("events do not match the index")

// decodeRows appends the n events in raw to rows. The messages share raw's memory, which must not change afterwards.
func decodeRows(raw []byte, n int64, rows []row) ([]row, error) {
	in := reader{data: raw}
	var p logs.Position
	for range n {
		p.Timestamp += logs.Millis(in.varint())
		p.Ingestion += logs.Millis(in.varint())
		p.Arrival += uint64(in.varint())
		length := in.uvarint()
		if in.bad || length > uint64(in.left()) {
			return nil, errRows
		}
		message := in.bytes(int(length))
		rows = append(rows, row{p, unsafe.String(unsafe.SliceData(message), len(message))})
	}
	if in.left() != 0 {
		return nil, errRows
	}
	return rows, nil
}
