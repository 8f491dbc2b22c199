package state

import (
	"strings"
	"testing"
)

// Every way to list must be served by an index: with a million streams a sort would take a second for each page.
func TestListingsUseIndexes(t *testing.T) {
	t.Parallel()
	db, err := Open(t.Context(), t.TempDir()+"/state.db")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	place := &StreamPlace{LastEvent: 5, Name: "n"}
	for _, q := range []LogStreamQuery{
		{}, {Descending: true}, {After: place}, {Prefix: "p", After: place, Descending: true},
		{ByLastEvent: true}, {ByLastEvent: true, After: place}, {ByLastEvent: true, After: place, Descending: true},
	} {
		var w where
		w.and("group_id = ?", 1)
		w.prefix(q.Prefix)
		order := w.streamOrder(q)
		plan := explain(t, db, "SELECT "+streamColumns+" FROM log_streams"+w.String()+order, w.args)
		if strings.Contains(plan, "TEMP B-TREE") || !strings.Contains(plan, "USING INDEX") {
			t.Errorf("%+v: %s", q, plan)
		}
	}
}

func explain(t *testing.T, db *DB, query string, args []any) string {
	t.Helper()
	var steps []string
	err := db.Read(t.Context(), func(tx *Tx) (err error) {
		steps, err = some(tx, func(row scanner) (detail string, err error) {
			var id, parent, unused int
			err = row.Scan(&id, &parent, &unused, &detail)
			return detail, err
		}, "EXPLAIN QUERY PLAN "+query, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(steps, "; ")
}
