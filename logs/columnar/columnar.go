// Package columnar turns a block of log events into columns and back, byte for byte.
//
// A message is a shape (the literal text that stays) and values (the parts that change). Rows of one shape keep each value
// position as a column of its own type: a dictionary code, an integer relative to the row's timestamp, 16 bytes for a
// UUID, compressed text. A read takes only the columns that it needs, and a condition is decided on dictionaries, packed
// bytes and filters wherever it can be. Splitting schema from variables is the idea of CLP (Rodrigues, Luo, Yuan: "CLP:
// Efficient and Scalable Search on Compressed Text Logs", OSDI '21). The format is drawn in docs/formats/block.md.
//
// Events come from a store that is about to write them (Encoder) and go back to the one that reads them (Block). Files,
// streams, order and caching are the store's; what a condition means to a user is logs/filterpattern's.
package columnar

import "errors"

const (
	// MaxRows is the most rows of a block.
	MaxRows = 1 << 16
	// ChunkRows is the number of rows that a column compresses together: what a reader of one row must unpack of it.
	ChunkRows = 1 << chunkBits

	chunkBits = 11
)

// ErrCorrupt marks the errors of bytes that fail their checksum, their bounds or their own rules.
var ErrCorrupt = errors.New("corrupt block")

// Rows are the events of a block on their way in, in block order. The slices have one length, 1 to MaxRows. Timestamps
// and ingestions are milliseconds since 1970; any value survives.
type Rows struct {
	Timestamps, Ingestions []int64
	Arrivals               []uint64
	Messages               []string
}

// Positions are the places of rows in their streams, as Rows has them.
type Positions struct {
	Timestamps, Ingestions []int64
	Arrivals               []uint64
}
