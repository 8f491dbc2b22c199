package insights

import (
	"context"
	"iter"

	"github.com/tollbook/tollbook/logs/columnar"
	"github.com/tollbook/tollbook/logs/condition"
)

// Data is the log events that a query is about: those of its log groups. Its methods are safe for concurrent use.
type Data interface {
	// Groups are the log groups, each in the form that @log shows: account:name.
	Groups() []string
	// Blocks calls visit once for each block that holds events of a time range, in no order, on several goroutines at the
	// same time, each of which has a number below runtime.GOMAXPROCS(0). It ends with the first error, visit's or its own.
	Blocks(ctx context.Context, within TimeRange, visit func(worker int, b *Block) error) error
	// Events yields the events of a time range whose message the filter accepts, all groups together, oldest first or newest
	// first, and ends after the first error. The filter may be nil to accept all. It reads about as far as it is asked.
	Events(ctx context.Context, within TimeRange, newestFirst bool, filter *EventFilter) iter.Seq2[Event, error]
}

// EventFilter selects events by their message. Its functions are called concurrently.
type EventFilter struct {
	Match func(message string) bool
	// Implied holds for every message that Match accepts; nil if nothing is known of them.
	Implied condition.Condition
	// Block and Loose are told of all that is looked at, whether Match is asked about it or not: of blocks, with how many of
	// their rows are in the time range, and of messages that are in none. Block says whether Match accepts none of a block.
	Block func(b *columnar.Block, selected int) (none bool, err error)
	Loose func(messages int, bytes int64)
}

// TimeRange is timestamps in milliseconds since 1970: From inclusive, To exclusive.
type TimeRange struct{ From, To int64 }

// Block is a block of log events with those of its rows that are asked for. It is valid until visit returns.
type Block struct {
	*columnar.Block
	Group int // index into Data's Groups
	// Rows are the events of the time range that are still there. They may be narrowed by who visits.
	Rows *columnar.Bitmap
	// Fresh says that the events are only in memory yet. They count as looked at even if the block excludes them.
	Fresh bool
	// Stream returns the name of a row's log stream, and Pointer its @ptr; at is the row's place in Positions.
	Stream  func(row int) (string, error)
	Pointer func(row int, timestamp, ingestion int64, arrival uint64) (string, error)
}

// Event is one log event.
type Event struct {
	Group                int // index into Data's Groups
	Timestamp, Ingestion int64
	Message              string
	Stream               func() (string, error) // name of its log stream
	Pointer              func() (string, error) // @ptr
}
