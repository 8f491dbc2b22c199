// Package state keeps the transactional records behind the control plane: the documents of API Gateway and IAM, log
// groups and log streams. It knows how records are stored and found, not what they mean: rules and AWS' messages are the
// services', and log events never come here (they are in a logs.Store).
//
// Records live in one SQLite file in WAL mode with synchronous=FULL: what Write has returned nil for survives loss of
// power. The schema and the queries are written so that PostgreSQL takes them unchanged; what only SQLite has is in
// sqlite.go.
package state

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

var (
	// ErrNotFound says that there is no record with the key.
	ErrNotFound = errors.New("not found")
	// ErrExists says that another record has the key already.
	ErrExists = errors.New("exists already")
	// ErrNewerVersion says that a later release of Tollbook has written the file.
	ErrNewerVersion = errors.New("written by a newer version of tollbook")
	// ErrUnreadable says that the file is no state database, or a damaged one.
	ErrUnreadable = errors.New("not a readable state database")
)

// readers is how many transactions may read at the same time; further ones wait. Each holds a page cache of 2 MB at most.
const readers = 4

// DB is an open state database. Its methods are safe for concurrent use.
type DB struct {
	path    string
	pool    *pool
	writer  chan *conn // holds the one writing connection while nobody writes
	readers chan *conn // holds the reading connections that nobody uses

	closing sync.Once
	closed  chan struct{}
}

var errClosed = errors.New("state database is closed")

// Open opens the database file at path, makes it if there is none (its folder must exist), and brings an older schema up
// to date. Errors wrap ErrNewerVersion or ErrUnreadable where these are the cause.
func Open(ctx context.Context, path string) (*DB, error) {
	db := &DB{path: path, closed: make(chan struct{})}
	if err := db.open(ctx); err != nil {
		db.pool.close()
		return nil, fmt.Errorf("open state database %s: %w", path, err)
	}
	return db, nil
}

func (db *DB) open(ctx context.Context) (err error) {
	if db.pool, err = openPool(db.path); err != nil {
		return err
	}
	w, err := db.pool.connect(ctx, writing)
	if err != nil {
		return err
	}
	if err := migrate(ctx, w); err != nil {
		return err
	}
	db.writer = make(chan *conn, 1)
	db.writer <- w
	db.readers = make(chan *conn, readers)
	for range readers {
		db.readers <- nil // connected when first needed
	}
	return nil
}

// Read calls f with a transaction that sees one consistent snapshot and cannot write. f may run beside other readers and
// the writer; it must not begin another transaction of the same DB, nor keep the Tx. Its error is returned as it is.
func (db *DB) Read(ctx context.Context, f func(*Tx) error) error {
	c, err := db.take(ctx, db.readers)
	if err != nil {
		return err
	}
	if c == nil {
		if c, err = db.pool.connect(ctx, reading); err != nil {
			db.readers <- nil
			return fmt.Errorf("connect to state database %s: %w", db.path, err)
		}
	}
	defer func() { db.readers <- c }()
	return c.transact(ctx, "BEGIN", f)
}

// Write calls f with a transaction that may write; such transactions run one after the other. When Write returns nil,
// what f wrote is durable. When f returns an error nothing of it remains and Write returns that error as it is. f must
// not begin another transaction of the same DB, nor keep the Tx.
func (db *DB) Write(ctx context.Context, f func(*Tx) error) error {
	c, err := db.take(ctx, db.writer)
	if err != nil {
		return err
	}
	defer func() { db.writer <- c }()
	return c.transact(ctx, beginWrite, f)
}

func (db *DB) take(ctx context.Context, conns chan *conn) (*conn, error) {
	select {
	case <-db.closed:
		return nil, errClosed
	default:
	}
	select {
	case c := <-conns:
		return c, nil
	case <-db.closed:
		return nil, errClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Close waits for the transactions under way and closes the file. Later calls do nothing.
func (db *DB) Close() error {
	var err error
	db.closing.Do(func() {
		close(db.closed)
		for range readers {
			if c := <-db.readers; c != nil {
				err = errors.Join(err, c.close())
			}
		}
		err = errors.Join(err, (<-db.writer).close(), db.pool.close())
	})
	if err != nil {
		return fmt.Errorf("close state database %s: %w", db.path, err)
	}
	return nil
}
