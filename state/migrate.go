package state

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migration is one step of the schema. Its file is named NUMBER_what.sql; a file is never changed once released.
type migration struct {
	version int64
	name    string
	script  string
}

func migrations() ([]migration, error) {
	entries, err := migrationFiles.ReadDir("migrations")
	if err != nil {
		return nil, err
	}
	var all []migration
	for _, e := range entries {
		text, err := migrationFiles.ReadFile(path.Join("migrations", e.Name()))
		if err != nil {
			return nil, err
		}
		number, _, _ := strings.Cut(e.Name(), "_")
		version, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("migration %s has no number: %w", e.Name(), err)
		}
		all = append(all, migration{version, e.Name(), string(text)})
	}
	slices.SortFunc(all, func(a, b migration) int { return cmp.Compare(a.version, b.version) })
	return all, nil
}

// migrate applies the steps that the database has not had, all in one transaction.
func migrate(ctx context.Context, c *conn) error {
	steps, err := migrations()
	if err != nil {
		return err
	}
	latest := steps[len(steps)-1].version
	at, err := schemaVersion(ctx, c)
	if err != nil || at == latest {
		return err
	}
	if at > latest {
		return fmt.Errorf("its schema has version %d, this program knows versions up to %d: %w", at, latest, ErrNewerVersion)
	}
	return c.transact(ctx, beginWrite, func(tx *Tx) error {
		for _, m := range steps {
			if m.version > at {
				if err := tx.apply(m); err != nil {
					return fmt.Errorf("migration %s: %w", m.name, err)
				}
			}
		}
		return nil
	})
}

// schemaVersion returns the version of the schema in the file, 0 for a new file.
func schemaVersion(ctx context.Context, c *conn) (version int64, err error) {
	err = c.transact(ctx, beginWrite, func(tx *Tx) error {
		if _, err := tx.exec("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)"); err != nil {
			return err
		}
		version, err = one(tx, scanInt, "SELECT version FROM schema_version")
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		return err
	})
	return version, err
}

// apply runs a step's script, which is too long-lived a text to be kept prepared.
func (tx *Tx) apply(m migration) error {
	if _, err := tx.conn.sql.ExecContext(tx.ctx, m.script); err != nil {
		return readable(err)
	}
	if _, err := tx.exec("DELETE FROM schema_version"); err != nil {
		return err
	}
	_, err := tx.exec("INSERT INTO schema_version (version) VALUES ($1)", m.version)
	return err
}

func scanInt(row scanner) (n int64, err error) {
	err = row.Scan(&n)
	return n, err
}
