package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// beginWrite takes the write lock at once: a transaction that read first could otherwise not write any more.
const beginWrite = "BEGIN IMMEDIATE"

type access bool

const (
	reading access = false
	writing access = true
)

// pool opens connections to one SQLite file. The zero pool can be closed.
type pool struct{ read, write *sql.DB }

// openPool makes the file if need be, readable by its owner alone: it holds secret keys.
func openPool(path string) (*pool, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	read, err := sql.Open("sqlite", dsn(path, "query_only(1)"))
	if err != nil {
		return nil, err
	}
	write, err := sql.Open("sqlite", dsn(path, "journal_mode(WAL)"))
	return &pool{read, write}, err
}

func dsn(path, pragma string) string {
	params := url.Values{"_pragma": {
		"busy_timeout(5000)", pragma, "synchronous(FULL)", "foreign_keys(1)", "temp_store(MEMORY)",
	}}
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: params.Encode()}
	return u.String()
}

func (p *pool) connect(ctx context.Context, a access) (*conn, error) {
	db := p.read
	if a == writing {
		db = p.write
	}
	// The connection outlives the request that happens to need it first.
	c, err := db.Conn(context.WithoutCancel(ctx))
	if err != nil {
		return nil, readable(err)
	}
	return &conn{sql: c, prepared: map[string]*sql.Stmt{}}, nil
}

func (p *pool) close() error {
	if p == nil {
		return nil
	}
	var err error
	for _, db := range []*sql.DB{p.read, p.write} {
		if db != nil {
			err = errors.Join(err, db.Close())
		}
	}
	return err
}

// readable marks the errors by which SQLite says that the bytes of the file are not what they should be.
func readable(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code() & 0xff { // the low byte is the kind, the rest tells where
	case sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT:
		return fmt.Errorf("%w; restore it from a backup, or move it away to begin anew: %w", ErrUnreadable, err)
	}
	return err
}
