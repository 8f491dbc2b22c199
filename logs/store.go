package logs

import (
	"context"
	"errors"
	"iter"

	"github.com/tollbook/tollbook/logs/columnar"
	"github.com/tollbook/tollbook/logs/condition"
)

// Millis is a time in milliseconds since 1970-01-01 UTC, as AWS counts event and ingestion times.
type Millis int64

// GroupID and StreamID name a log group and a log stream for good: the state store hands them out and never gives one
// out again, so a group or stream that was deleted and made anew shares nothing with the old one.
type (
	GroupID  int64
	StreamID int64
)

// LogEvent is one stored event.
type LogEvent struct {
	Stream    StreamID
	Timestamp Millis // what the writer said
	Ingestion Millis // the server's clock when the event was accepted; never falls within one store
	// Arrival numbers every event of a store in the order of acceptance. Events of one batch are consecutive.
	Arrival uint64
	Message string
}

// Position is a place in the order in which events are read: timestamp, then ingestion, then arrival.
type Position struct {
	Timestamp Millis
	Ingestion Millis
	Arrival   uint64
}

// Position returns where e stands.
func (e *LogEvent) Position() Position { return Position{e.Timestamp, e.Ingestion, e.Arrival} }

// Compare orders positions; the result is negative, zero or positive.
func (p Position) Compare(q Position) int {
	switch {
	case p.Timestamp != q.Timestamp:
		return sign(p.Timestamp < q.Timestamp)
	case p.Ingestion != q.Ingestion:
		return sign(p.Ingestion < q.Ingestion)
	case p.Arrival != q.Arrival:
		return sign(p.Arrival < q.Arrival)
	}
	return 0
}

func sign(less bool) int {
	if less {
		return -1
	}
	return 1
}

// Batch is what one writer adds to one stream. The store keeps neither the slice nor the messages' memory after Append
// has returned, so a writer may build messages over a buffer that it uses again.
type Batch struct {
	Group  GroupID
	Stream StreamID
	Events []NewEvent
}

// NewEvent is an event on its way in. Within a batch timestamps need not be sorted.
type NewEvent struct {
	Timestamp Millis
	Message   string // any bytes, at least one
}

// ScanQuery selects events of one group.
type ScanQuery struct {
	Group GroupID
	// Streams limits the scan; empty means every stream of the group.
	Streams []StreamID
	// From (inclusive) and To (exclusive) bound the timestamps.
	From, To Millis
	// After and Before, where set, are exclusive bounds on the position.
	After, Before *Position
	// ArrivedFrom (inclusive) and ArrivedTo (exclusive) bound the arrivals; an ArrivedTo of 0 bounds nothing.
	ArrivedFrom, ArrivedTo uint64
	// Descending yields the latest event first.
	Descending bool
	// Filter, where set, limits the scan to the messages that it accepts.
	Filter *Filter
}

// Filter selects events by their message.
type Filter struct {
	// Match decides. It is called concurrently and keeps nothing of the message.
	Match func(message string) bool
	// Implied holds for every message that Match accepts: a store may pass over the events for which it does not hold
	// and ask Match about the others only.
	Implied condition.Condition
	// Block and Loose, where they are set, are told what a scan looks at, for who counts it: Block of each block, with the
	// number of its messages that the scan selects, before Match is asked about any; Loose of messages that are in no block.
	// Together they are told of each selected message once, if the scan goes to its end. Block may say that Match accepts
	// none of the block. Both are called concurrently.
	Block func(b *columnar.Block, selected int) (none bool, err error)
	Loose func(messages int, bytes int64)
}

// StreamStats sums up the events that a store holds of one stream.
type StreamStats struct {
	Group         GroupID
	Stream        StreamID
	FirstEvent    Millis // lowest timestamp
	LastEvent     Millis // highest timestamp
	LastIngestion Millis
	Events        int64
	Bytes         int64 // of the messages, plus 26 for each event, as AWS counts them
}

// ColumnBlock is a block with selected events, for queries.
type ColumnBlock struct {
	Block *columnar.Block
	// Rows are the events that are of the query's group, streams, times and positions, are not deleted, and may satisfy
	// Filter.Implied. Whether Filter.Match accepts them has not been asked: who needs that exactly does it.
	Rows *columnar.Bitmap
	// Selected is how many rows there were before Filter.Implied left some out.
	Selected int
	// Fresh says that the block is of events that are only in memory yet.
	Fresh bool
	// Stream returns the stream of one of the rows.
	Stream func(row int) StreamID
}

// FieldCount says how many events have a field.
type FieldCount struct {
	// Name is the path to the field in the JSON of a message, its steps joined by dots; members of arrays are numbers.
	Name   string
	Events int64
}

// ErrCorrupt marks bytes on disk that fail their checksum or their bounds.
var ErrCorrupt = errors.New("corrupt")

// Store keeps the events of every log stream. Every method is safe for concurrent use. storetest holds the contract.
type Store interface {
	// Append adds the batches, all or none, and is durable when it returns nil: the events survive loss of power and are
	// in every read that begins afterwards. It returns the ingestion time given to all of them. Concurrent callers share
	// one fsync. After an error from the disk nothing of the call is readable, now or after a restart.
	Append(ctx context.Context, batches []Batch) (ingestion Millis, err error)
	// Scan yields the selected events in the order of their positions and ends after the first error. It sees what was
	// acknowledged before it began and is not disturbed by writes, sealing or deletion that happen meanwhile. A message
	// stays valid after the scan.
	Scan(ctx context.Context, q ScanQuery) iter.Seq2[LogEvent, error]
	// Columns calls visit once for each block that holds selected events, in no order, on several goroutines at the same
	// time, each of which has a number: worker is below runtime.GOMAXPROCS(0). Events that are only in memory yet come in
	// blocks like the others. b is valid during the call. Columns ends with the first error, of visit or its own; damage is
	// reported as Scan does it, and that includes errors of the block's methods that visit returns.
	Columns(ctx context.Context, q ScanQuery, visit func(worker int, b *ColumnBlock) error) error
	// NextArrival returns the arrival of the next event: every acknowledged one has a lower number, and a scan that begins
	// now finds all that do. It never falls, over restarts neither. It is quick.
	NextArrival() uint64
	// DeleteStreams and DeleteGroup make the events unreadable for good when they return nil; space is freed later.
	DeleteStreams(ctx context.Context, group GroupID, streams []StreamID) error
	DeleteGroup(ctx context.Context, group GroupID) error
	// ExpireBefore makes the group's events with a timestamp below t unreadable for good; space is freed later.
	ExpireBefore(ctx context.Context, group GroupID, t Millis) error
	// Stats yields one StreamStats for each stream that holds events, in no order.
	Stats(ctx context.Context) iter.Seq2[StreamStats, error]
	// Fields counts, for each scalar field that the selected events have where their messages are JSON objects, the events
	// that have it, in no order. total is the number of selected events. Among many events, a store may pass over messages
	// whose form hardly any others have.
	Fields(ctx context.Context, q ScanQuery) (fields []FieldCount, total int64, err error)
	// Close waits for work under way, makes everything durable and releases the files.
	Close() error
}
