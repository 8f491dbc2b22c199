package vfs

import (
	"errors"
	"syscall"
)

// Kind says what an operation does.
type Kind string

// The kinds of operations that Crashable counts. Reads are not counted: they change nothing.
const (
	KindCreate   Kind = "create"
	KindWrite    Kind = "write"
	KindSync     Kind = "sync"
	KindTruncate Kind = "truncate"
	KindRename   Kind = "rename"
	KindRemove   Kind = "remove"
	KindSyncDir  Kind = "syncdir"
	KindRead     Kind = "read"
)

// Op is an operation about to happen.
type Op struct {
	Index int // counts all but reads, from 0
	Kind  Kind
	Name  string
	Bytes int // of a write
}

// Fault decides on an operation: nil lets it happen, an error makes it fail with no effect. For a write, *ShortWrite lets
// a part of it happen. A failed sync loses track of what was written, as Linux does: a later sync that succeeds does not
// make those bytes durable.
type Fault func(op Op) error

// ShortWrite is a Fault's answer that writes N bytes and then fails with Err.
type ShortWrite struct {
	N   int
	Err error
}

// Error implements error.
func (e *ShortWrite) Error() string { return "short write: " + e.Err.Error() }

// Unwrap returns the cause.
func (e *ShortWrite) Unwrap() error { return e.Err }

// ErrKilled is what every operation answers once the process counts as dead.
var ErrKilled = errors.New("process killed")

// KillAt lets the operations before index happen and refuses all from there on. A write at index happens by half.
func KillAt(index int) Fault {
	return func(op Op) error {
		switch {
		case op.Kind == KindRead || op.Index < index:
			return nil
		case op.Index == index && op.Kind == KindWrite:
			return &ShortWrite{N: op.Bytes / 2, Err: ErrKilled}
		}
		return ErrKilled
	}
}

// FailAt makes the operation at index fail with err, and no other.
func FailAt(index int, err error) Fault {
	return func(op Op) error {
		if op.Kind != KindRead && op.Index == index {
			return err
		}
		return nil
	}
}

// FullAfter lets n more bytes be written; then writes are short and creations fail with ENOSPC.
func FullAfter(n int) Fault {
	return func(op Op) error {
		switch {
		case op.Kind == KindWrite && op.Bytes > n:
			n, op.Bytes = 0, n
			return &ShortWrite{N: op.Bytes, Err: syscall.ENOSPC}
		case op.Kind == KindWrite:
			n -= op.Bytes
		case op.Kind == KindCreate && n == 0:
			return syscall.ENOSPC
		}
		return nil
	}
}
