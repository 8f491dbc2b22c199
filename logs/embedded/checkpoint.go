package embedded

import "github.com/tollbook/tollbook/logs"

// A checkpoint is what a store must know beside its events. It is the first record of each write-ahead log and stands in
// each segment too, so that one damaged file does not bring deleted events back.
//
//	record:  | next arrival 8 | last ingestion 8 | logs 4 | sequence 8, length 8 … | tombstone record … |
//
// The logs are the older ones that still count, each with the length up to which it does: what lies behind was never
// acknowledged.
type checkpoint struct {
	nextArrival   uint64
	lastIngestion logs.Millis
	wals          []walLength
	tombstones    []tombstone
}

type walLength struct {
	sequence uint64
	length   int64
}

func (c *checkpoint) append(buf []byte) []byte {
	start := len(buf)
	buf = beginRecord(buf, recordCheckpoint)
	buf = little.AppendUint64(buf, c.nextArrival)
	buf = little.AppendUint64(buf, uint64(c.lastIngestion))
	buf = little.AppendUint32(buf, uint32(len(c.wals)))
	for _, w := range c.wals {
		buf = little.AppendUint64(buf, w.sequence)
		buf = little.AppendUint64(buf, uint64(w.length))
	}
	for i := range c.tombstones {
		buf = c.tombstones[i].append(buf)
	}
	return endRecord(buf, start)
}

func decodeCheckpoint(record []byte) (*checkpoint, error) {
	in := reader{data: record, at: recordHeaderBytes}
	c := &checkpoint{nextArrival: in.uint64(), lastIngestion: logs.Millis(in.uint64())}
	n := in.uint32()
	if in.bad || int64(n)*16 > int64(in.left()) {
		return nil, errRecord
	}
	for range n {
		c.wals = append(c.wals, walLength{in.uint64(), int64(in.uint64())})
	}
	err := splitRecords(record[in.at:], func(kind byte, record []byte) error {
		if kind != recordTombstone {
			return errRecord
		}
		t, err := decodeTombstone(record)
		if err == nil {
			c.tombstones = append(c.tombstones, *t)
		}
		return err
	})
	return c, err
}
