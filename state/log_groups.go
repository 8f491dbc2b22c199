package state

import (
	"encoding/json"
	"fmt"
)

// LogGroup is the record of a log group. Account, Region and Name name it; ID names it for good.
type LogGroup struct {
	ID                 int64 // never given out again
	Account            string
	Region             string
	Name               string
	Class              string            // STANDARD, INFREQUENT_ACCESS or DELIVERY; fixed at creation
	RetentionDays      int32             // 0: events never expire
	KMSKey             string            // "" without one
	DeletionProtection bool              //
	Tags               map[string]string // never nil when read
	CreatedAt          int64             // milliseconds
}

// LogGroupQuery selects a page of one account's log groups in one region, sorted by the bytes of their names.
type LogGroupQuery struct {
	Account, Region string
	Prefix          string // names that begin with it
	Substring       string // names that contain it, in this case
	Class           string // "": every class
	After           string // names above it
	Limit           int    // 0: all
}

const groupColumns = "id, account, region, name, class, retention_days, kms_key, deletion_protection, tags, created_at"

// InsertLogGroup adds a group and returns the ID that it was given; g.ID is ignored. ErrExists if the name is taken.
func (tx *Tx) InsertLogGroup(g LogGroup) (id int64, err error) {
	tags, err := json.Marshal(g.Tags)
	if err != nil {
		return 0, wrapGroup("insert", g.Name, err)
	}
	if id, err = tx.reserve("log_groups", 1); err != nil {
		return 0, wrapGroup("insert", g.Name, err)
	}
	n, err := tx.exec("INSERT INTO log_groups ("+groupColumns+
		") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING",
		id, g.Account, g.Region, g.Name, g.Class, g.RetentionDays, g.KMSKey, number(g.DeletionProtection),
		string(tags), g.CreatedAt)
	return id, wrapGroup("insert", g.Name, changed(n, err, ErrExists))
}

// FindLogGroup returns the group of that name, or ErrNotFound.
func (tx *Tx) FindLogGroup(account, region, name string) (LogGroup, error) {
	g, err := one(tx, scanGroup,
		"SELECT "+groupColumns+" FROM log_groups WHERE account = $1 AND region = $2 AND name = $3", account, region, name)
	return g, wrapGroup("find", name, err)
}

// LogGroupByID returns the group with that ID, or ErrNotFound.
func (tx *Tx) LogGroupByID(id int64) (LogGroup, error) {
	g, err := one(tx, scanGroup, "SELECT "+groupColumns+" FROM log_groups WHERE id = $1", id)
	if err != nil {
		return g, fmt.Errorf("find log group %d: %w", id, err)
	}
	return g, nil
}

// UpdateLogGroup stores what can change of the group g.ID: retention, key, protection and tags. ErrNotFound if it is gone.
func (tx *Tx) UpdateLogGroup(g LogGroup) error {
	tags, err := json.Marshal(g.Tags)
	if err != nil {
		return wrapGroup("update", g.Name, err)
	}
	n, err := tx.exec("UPDATE log_groups SET retention_days = $2, kms_key = $3, deletion_protection = $4, tags = $5 "+
		"WHERE id = $1", g.ID, g.RetentionDays, g.KMSKey, number(g.DeletionProtection), string(tags))
	return wrapGroup("update", g.Name, changed(n, err, ErrNotFound))
}

// DeleteLogGroup removes the group and its streams, or returns ErrNotFound.
func (tx *Tx) DeleteLogGroup(id int64) error {
	_, err := tx.exec("DELETE FROM log_streams WHERE group_id = $1", id)
	if err != nil {
		return fmt.Errorf("delete the streams of log group %d: %w", id, err)
	}
	n, err := tx.exec("DELETE FROM log_groups WHERE id = $1", id)
	if err := changed(n, err, ErrNotFound); err != nil {
		return fmt.Errorf("delete log group %d: %w", id, err)
	}
	return nil
}

// ListLogGroups returns a page of groups; more says that further ones follow.
func (tx *Tx) ListLogGroups(q LogGroupQuery) (groups []LogGroup, more bool, err error) {
	var w where
	w.and("account = ?", q.Account)
	w.and("region = ?", q.Region)
	w.prefix(q.Prefix)
	w.contains(q.Substring)
	if q.After != "" {
		w.and("name > ?", q.After)
	}
	if q.Class != "" {
		w.and("class = ?", q.Class)
	}
	groups, err = some(tx, scanGroup, "SELECT "+groupColumns+" FROM log_groups"+w.String()+
		" ORDER BY name LIMIT "+w.arg(rowsFor(q.Limit)), w.args...)
	if err != nil {
		return nil, false, fmt.Errorf("list log groups: %w", err)
	}
	groups, more = page(groups, q.Limit)
	return groups, more, nil
}

// AllLogGroups returns the groups of all accounts and regions by ID.
func (tx *Tx) AllLogGroups() ([]LogGroup, error) {
	groups, err := some(tx, scanGroup, "SELECT "+groupColumns+" FROM log_groups ORDER BY id")
	if err != nil {
		return nil, fmt.Errorf("read all log groups: %w", err)
	}
	return groups, nil
}

// reserve takes n consecutive numbers of a sequence and returns the first. A transaction that fails gives them back.
func (tx *Tx) reserve(sequence string, n int) (first int64, err error) {
	last, err := one(tx, scanInt, "UPDATE sequences SET last = last + $2 WHERE name = $1 RETURNING last", sequence, n)
	if err != nil {
		return 0, fmt.Errorf("take a number of sequence %s: %w", sequence, err)
	}
	return last - int64(n) + 1, nil
}

func scanGroup(row scanner) (g LogGroup, err error) {
	var protected int
	var tags []byte
	err = row.Scan(&g.ID, &g.Account, &g.Region, &g.Name, &g.Class, &g.RetentionDays, &g.KMSKey, &protected, &tags,
		&g.CreatedAt)
	if err != nil {
		return g, err
	}
	g.DeletionProtection = protected != 0
	g.Tags = map[string]string{}
	err = json.Unmarshal(tags, &g.Tags)
	return g, err
}

func wrapGroup(what, name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s log group %s: %w", what, name, err)
}

// number is how a truth value is stored: databases differ in their boolean types, not in their integers.
func number(b bool) int {
	if b {
		return 1
	}
	return 0
}
