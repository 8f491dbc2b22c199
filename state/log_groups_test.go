package state_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tollbook/tollbook/state"
)

const account, region = "000000000000", "us-east-1"

func group(name string) state.LogGroup {
	return state.LogGroup{
		Account: account, Region: region, Name: name, Class: "STANDARD", Tags: map[string]string{}, CreatedAt: 1000,
	}
}

func insertGroups(t testing.TB, db *state.DB, groups ...state.LogGroup) (ids []int64) {
	t.Helper()
	write(t, db, func(tx *state.Tx) error {
		for _, g := range groups {
			id, err := tx.InsertLogGroup(g)
			if err != nil {
				return err
			}
			ids = append(ids, id)
		}
		return nil
	})
	return ids
}

func findGroup(t testing.TB, db *state.DB, name string) (g state.LogGroup) {
	t.Helper()
	read(t, db, func(tx *state.Tx) (err error) { g, err = tx.FindLogGroup(account, region, name); return err })
	return g
}

func TestLogGroupRoundTrip(t *testing.T) {
	t.Parallel()
	db := openTemp(t)
	want := state.LogGroup{
		Account: account, Region: region, Name: "g", Class: "INFREQUENT_ACCESS", RetentionDays: 7, KMSKey: "k",
		DeletionProtection: true, Tags: map[string]string{"a": "ü\"", "b": ""}, CreatedAt: 1770153455123,
	}
	want.ID = insertGroups(t, db, want)[0]
	if diff := cmp.Diff(want, findGroup(t, db, "g")); diff != "" {
		t.Error(diff)
	}
	want.RetentionDays, want.KMSKey, want.DeletionProtection, want.Tags = 0, "", false, map[string]string{}
	write(t, db, func(tx *state.Tx) error { return tx.UpdateLogGroup(want) })
	if diff := cmp.Diff(want, findGroup(t, db, "g")); diff != "" {
		t.Error(diff)
	}
}

func TestLogGroupErrors(t *testing.T) {
	t.Parallel()
	db := openTemp(t)
	insertGroups(t, db, group("g"))
	tests := []struct {
		name string
		do   func(*state.Tx) error
		want error
	}{
		{"insert twice", func(tx *state.Tx) error { _, err := tx.InsertLogGroup(group("g")); return err }, state.ErrExists},
		{"find missing", func(tx *state.Tx) error { _, err := tx.FindLogGroup(account, region, "G"); return err }, state.ErrNotFound},
		{"other region", func(tx *state.Tx) error { _, err := tx.FindLogGroup(account, "x", "g"); return err }, state.ErrNotFound},
		{"update missing", func(tx *state.Tx) error { return tx.UpdateLogGroup(state.LogGroup{ID: 99}) }, state.ErrNotFound},
		{"delete missing", func(tx *state.Tx) error { return tx.DeleteLogGroup(99) }, state.ErrNotFound},
	}
	for _, tc := range tests {
		if err := db.Write(t.Context(), tc.do); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", tc.name, err, tc.want)
		}
	}
}

func TestIDsAreNeverGivenOutAgain(t *testing.T) {
	t.Parallel()
	db := openTemp(t)
	seen := map[int64]bool{}
	for range 3 {
		id := insertGroups(t, db, group("g"))[0]
		stream := insertStreams(t, db, id, "s")[0].ID
		if seen[id] || seen[-stream] {
			t.Errorf("group %d or stream %d had been given out before", id, stream)
		}
		seen[id], seen[-stream] = true, true
		write(t, db, func(tx *state.Tx) error { return tx.DeleteLogGroup(id) })
	}
}

func TestDeleteLogGroupTakesItsStreams(t *testing.T) {
	t.Parallel()
	db := openTemp(t)
	ids := insertGroups(t, db, group("g"), group("other"))
	insertStreams(t, db, ids[0], "a", "b")
	insertStreams(t, db, ids[1], "c")
	write(t, db, func(tx *state.Tx) error { return tx.DeleteLogGroup(ids[0]) })
	read(t, db, func(tx *state.Tx) error {
		for i, id := range ids {
			left, _, err := tx.ListLogStreams(state.LogStreamQuery{GroupID: id})
			if err != nil {
				return err
			}
			if want := []int{0, 1}[i]; len(left) != want {
				t.Errorf("streams left of group %d: %+v", id, left)
			}
		}
		return nil
	})
}

func TestListLogGroups(t *testing.T) {
	t.Parallel()
	db := openTemp(t)
	infrequent, elsewhere := group("b-rare"), group("elsewhere")
	infrequent.Class, elsewhere.Region = "INFREQUENT_ACCESS", "eu-west-1"
	insertGroups(t, db, group("b"), group("B"), group("a/x"), group("a"), group("a.z"), infrequent, elsewhere)
	tests := []struct {
		name string
		q    state.LogGroupQuery
		want []string
		more bool
	}{
		{"all, by bytes", state.LogGroupQuery{}, []string{"B", "a", "a.z", "a/x", "b", "b-rare"}, false},
		{"prefix", state.LogGroupQuery{Prefix: "a"}, []string{"a", "a.z", "a/x"}, false},
		{"substring with its case", state.LogGroupQuery{Substring: "B"}, []string{"B"}, false},
		{"substring that LIKE would read", state.LogGroupQuery{Substring: "_"}, nil, false},
		{"class", state.LogGroupQuery{Class: "INFREQUENT_ACCESS"}, []string{"b-rare"}, false},
		{"first page", state.LogGroupQuery{Limit: 2}, []string{"B", "a"}, true},
		{"next page", state.LogGroupQuery{Limit: 2, After: "a", Prefix: "a"}, []string{"a.z", "a/x"}, false},
		{"last page", state.LogGroupQuery{Limit: 2, After: "a/x"}, []string{"b", "b-rare"}, false},
	}
	for _, tc := range tests {
		tc.q.Account, tc.q.Region = account, region
		read(t, db, func(tx *state.Tx) error {
			groups, more, err := tx.ListLogGroups(tc.q)
			var got []string
			for _, g := range groups {
				got = append(got, g.Name)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" || more != tc.more {
				t.Errorf("%s: more %v\n%s", tc.name, more, diff)
			}
			return err
		})
	}
	read(t, db, func(tx *state.Tx) error {
		all, err := tx.AllLogGroups()
		if len(all) != 7 {
			t.Errorf("all groups: %d, want 7", len(all))
		}
		return err
	})
}
