// Package vfs is the small part of a file system that storage code needs, behind an interface, so that tests can pull the
// plug: OS is the real thing, Crashable keeps files in memory and forgets at a crash what was never synced.
//
// It leaves file formats, names and locking to its callers.
package vfs

import "io"

// FS is a file system. Every method is safe for concurrent use. Errors satisfy errors.Is with fs.ErrNotExist and the
// like, as those of package os do.
type FS interface {
	// Create makes name, or empties it, and opens it for reading and appending.
	Create(name string) (File, error)
	// Open opens name for reading.
	Open(name string) (File, error)
	// Rename gives a file another name, replacing what had it. It is durable after SyncDir.
	Rename(from, to string) error
	// Remove deletes a file. Handles that are open go on working. It is durable after SyncDir.
	Remove(name string) error
	// List returns the names of the files in dir, without subdirectories, sorted.
	List(dir string) ([]string, error)
	// MkdirAll makes dir and the directories above it that are missing.
	MkdirAll(dir string) error
	// SyncDir makes creations, renames and removals in dir durable.
	SyncDir(dir string) error
}

// File is an open file. ReadAt is safe for concurrent use; the other methods are for one goroutine at a time.
type File interface {
	io.ReaderAt
	io.Closer
	// Write adds p at the end of the file.
	Write(p []byte) (int, error)
	// Sync makes the content durable. After an error nobody knows which of the bytes written since the last good Sync
	// survive, and calling it again does not tell.
	Sync() error
	// Truncate cuts the file to size bytes.
	Truncate(size int64) error
	// Size returns the length in bytes.
	Size() (int64, error)
}
