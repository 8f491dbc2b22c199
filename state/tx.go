package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// conn is one connection with the statements prepared on it. One goroutine at a time uses it.
type conn struct {
	sql      *sql.Conn
	prepared map[string]*sql.Stmt // by text; the texts are constants of this package, so they are few
}

// Tx is a transaction under way, handed to the function given to Read or Write and valid until that returns. It is not
// safe for concurrent use.
type Tx struct {
	ctx  context.Context
	conn *conn
}

// transact runs f between BEGIN and COMMIT. These are plain statements since database/sql's own transactions prepare
// every statement anew.
func (c *conn) transact(ctx context.Context, begin string, f func(*Tx) error) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	if _, err := c.exec(begin); err != nil {
		return fmt.Errorf("begin transaction: %w", err)
	}
	done := false
	defer func() {
		if !done { // f failed or panicked, or the commit failed
			_, rollback := c.exec("ROLLBACK")
			err = withRollback(err, rollback)
		}
	}()
	if err := f(&Tx{ctx, c}); err != nil {
		return err
	}
	if _, err := c.exec("COMMIT"); err != nil {
		return fmt.Errorf("commit transaction: %w", err)
	}
	done = true
	return nil
}

// withRollback returns err as it is unless the transaction has stayed open, in which case the connection is useless.
func withRollback(err, rollback error) error {
	if rollback == nil || err == nil {
		return err
	}
	return errors.Join(err, fmt.Errorf("roll back transaction: %w", rollback))
}

func (c *conn) stmt(query string) (*sql.Stmt, error) {
	if s, ok := c.prepared[query]; ok {
		return s, nil
	}
	s, err := c.sql.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, readable(err)
	}
	c.prepared[query] = s
	return s, nil
}

func (c *conn) exec(query string, args ...any) (sql.Result, error) {
	s, err := c.stmt(query)
	if err != nil {
		return nil, err
	}
	r, err := s.Exec(args...)
	return r, readable(err)
}

func (c *conn) close() error {
	var err error
	for _, s := range c.prepared {
		err = errors.Join(err, s.Close())
	}
	return errors.Join(err, c.sql.Close())
}

// exec runs a statement and returns how many rows it changed. Statements are short and are not interrupted: the
// context is looked at between them, which saves the driver a goroutine for each.
func (tx *Tx) exec(query string, args ...any) (changed int64, err error) {
	if err := tx.ctx.Err(); err != nil {
		return 0, err
	}
	r, err := tx.conn.exec(query, args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// scanner is a row of a result; *sql.Row and *sql.Rows are ones.
type scanner interface{ Scan(dest ...any) error }

// one reads the only row of a query with scan; ErrNotFound without one.
func one[T any](tx *Tx, scan func(scanner) (T, error), query string, args ...any) (T, error) {
	var zero T
	rows, err := some(tx, scan, query, args...)
	if err != nil {
		return zero, err
	}
	if len(rows) == 0 {
		return zero, ErrNotFound
	}
	return rows[0], nil
}

// some reads all rows of a query with scan.
func some[T any](tx *Tx, scan func(scanner) (T, error), query string, args ...any) ([]T, error) {
	if err := tx.ctx.Err(); err != nil {
		return nil, err
	}
	s, err := tx.conn.stmt(query)
	if err != nil {
		return nil, err
	}
	rows, err := s.Query(args...)
	if err != nil {
		return nil, readable(err)
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, readable(rows.Err())
}
