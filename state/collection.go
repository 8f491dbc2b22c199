package state

import (
	"encoding/json"
	"fmt"
	"math"
)

// Key names a document within its kind.
type Key struct {
	Scope  string // "ACCOUNT/REGION", or "ACCOUNT/" for services without regions
	Parent string // such as the ID of the RestApi that a Stage belongs to; "" at the top
	ID     string // unique below scope and parent; never empty
}

func (k Key) String() string { return k.Scope + " " + k.Parent + "/" + k.ID }

// Collection is the documents of one kind. They are stored as the JSON of T, so a field that T gains later is zero in
// documents written before. Kind, such as "apigateway.Stage", must be unique within the program.
type Collection[T any] struct{ Kind string }

// Entry is a document together with its key.
type Entry[T any] struct {
	Key Key
	Doc T
}

// Get returns the document, or ErrNotFound.
func (c Collection[T]) Get(tx *Tx, k Key) (T, error) {
	doc, err := one(tx, c.scanDoc,
		"SELECT doc FROM documents WHERE kind = $1 AND scope = $2 AND parent = $3 AND id = $4",
		c.Kind, k.Scope, k.Parent, k.ID)
	return doc, c.wrap("get", k, err)
}

// Insert adds a document; ErrExists if there is one with the key.
func (c Collection[T]) Insert(tx *Tx, k Key, doc T) error {
	text, err := json.Marshal(doc)
	if err != nil {
		return c.wrap("insert", k, err)
	}
	n, err := tx.exec(
		"INSERT INTO documents (kind, scope, parent, id, doc) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
		c.Kind, k.Scope, k.Parent, k.ID, string(text))
	return c.wrap("insert", k, changed(n, err, ErrExists))
}

// Put adds a document or replaces the one with the key.
func (c Collection[T]) Put(tx *Tx, k Key, doc T) error {
	text, err := json.Marshal(doc)
	if err != nil {
		return c.wrap("put", k, err)
	}
	_, err = tx.exec(
		"INSERT INTO documents (kind, scope, parent, id, doc) VALUES ($1, $2, $3, $4, $5) "+
			"ON CONFLICT (kind, scope, parent, id) DO UPDATE SET doc = excluded.doc",
		c.Kind, k.Scope, k.Parent, k.ID, string(text))
	return c.wrap("put", k, err)
}

// Delete removes the document, or returns ErrNotFound.
func (c Collection[T]) Delete(tx *Tx, k Key) error {
	n, err := tx.exec(
		"DELETE FROM documents WHERE kind = $1 AND scope = $2 AND parent = $3 AND id = $4",
		c.Kind, k.Scope, k.Parent, k.ID)
	return c.wrap("delete", k, changed(n, err, ErrNotFound))
}

// DeleteAll removes every document of the kind below scope and parent; none is no error.
func (c Collection[T]) DeleteAll(tx *Tx, scope, parent string) error {
	_, err := tx.exec("DELETE FROM documents WHERE kind = $1 AND scope = $2 AND parent = $3", c.Kind, scope, parent)
	return c.wrap("delete all", Key{scope, parent, "*"}, err)
}

// List returns up to limit documents below scope and parent whose IDs sort after the ID after, by the bytes of their IDs;
// more says that further ones follow. Limit 0 returns all.
func (c Collection[T]) List(tx *Tx, scope, parent, after string, limit int) (docs []T, more bool, err error) {
	docs, err = some(tx, c.scanDoc,
		"SELECT doc FROM documents WHERE kind = $1 AND scope = $2 AND parent = $3 AND id > $4 ORDER BY id LIMIT $5",
		c.Kind, scope, parent, after, rowsFor(limit))
	if err != nil {
		return nil, false, c.wrap("list", Key{scope, parent, "*"}, err)
	}
	docs, more = page(docs, limit)
	return docs, more, nil
}

// Count returns how many documents there are below scope and parent.
func (c Collection[T]) Count(tx *Tx, scope, parent string) (int, error) {
	n, err := one(tx, scanInt,
		"SELECT count(*) FROM documents WHERE kind = $1 AND scope = $2 AND parent = $3", c.Kind, scope, parent)
	return int(n), c.wrap("count", Key{scope, parent, "*"}, err)
}

// ListAcross returns up to limit documents of the scope after.Scope, whatever their parents, sorted by ID and then by
// parent, beginning behind the place of after; more says that further ones follow. Limit 0 returns all. It looks at
// every document of the kind in the scope.
func (c Collection[T]) ListAcross(tx *Tx, after Key, limit int) (entries []Entry[T], more bool, err error) {
	entries, err = some(tx, c.scanEntry, "SELECT scope, parent, id, doc FROM documents WHERE kind = $1 AND scope = $2 "+
		"AND (id > $3 OR (id = $3 AND parent > $4)) ORDER BY id, parent LIMIT $5",
		c.Kind, after.Scope, after.ID, after.Parent, rowsFor(limit))
	if err != nil {
		return nil, false, c.wrap("list", Key{after.Scope, "*", "*"}, err)
	}
	entries, more = page(entries, limit)
	return entries, more, nil
}

// All returns every document of the kind in every scope, sorted by key. It is for starting up.
func (c Collection[T]) All(tx *Tx) ([]Entry[T], error) {
	all, err := some(tx, c.scanEntry,
		"SELECT scope, parent, id, doc FROM documents WHERE kind = $1 ORDER BY scope, parent, id", c.Kind)
	return all, c.wrap("read all", Key{"*", "*", "*"}, err)
}

func (c Collection[T]) scanDoc(row scanner) (doc T, err error) {
	var text []byte
	if err := row.Scan(&text); err != nil {
		return doc, err
	}
	err = json.Unmarshal(text, &doc)
	return doc, err
}

func (c Collection[T]) scanEntry(row scanner) (e Entry[T], err error) {
	var text []byte
	if err := row.Scan(&e.Key.Scope, &e.Key.Parent, &e.Key.ID, &text); err != nil {
		return e, err
	}
	err = json.Unmarshal(text, &e.Doc)
	return e, err
}

func (c Collection[T]) wrap(what string, k Key, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s %s %s: %w", what, c.Kind, k, err)
}

// changed turns "no row was changed" into the error that it means.
func changed(n int64, err, none error) error {
	if err == nil && n == 0 {
		return none
	}
	return err
}

// rowsFor is how many rows to ask for to fill a page of limit and know whether more follow; limit 0 asks for all.
func rowsFor(limit int) int64 {
	if limit <= 0 {
		return math.MaxInt64
	}
	return int64(limit) + 1
}

// page cuts what rowsFor asked for to the page.
func page[T any](rows []T, limit int) ([]T, bool) {
	if limit > 0 && len(rows) > limit {
		return rows[:limit], true
	}
	return rows, false
}
