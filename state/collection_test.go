package state_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tollbook/tollbook/state"
)

type note struct{ Text string }

var (
	notes   = state.Collection[note]{Kind: "test.note"}
	numbers = state.Collection[int64]{Kind: "test.number"}
)

const scope = "000000000000/us-east-1"

func key(id string) state.Key { return state.Key{Scope: scope, ID: id} }

func expectMissing(t *testing.T, db *state.DB, id string) {
	t.Helper()
	read(t, db, func(tx *state.Tx) error {
		if n, err := notes.Get(tx, key(id)); !errors.Is(err, state.ErrNotFound) {
			t.Errorf("document %s: %+v, %v; want ErrNotFound", id, n, err)
		}
		return nil
	})
}

func TestCollectionErrors(t *testing.T) {
	t.Parallel()
	db := openTemp(t)
	write(t, db, func(tx *state.Tx) error { return notes.Insert(tx, key("a"), note{"first"}) })
	tests := []struct {
		name string
		do   func(*state.Tx) error
		want error
	}{
		{"insert twice", func(tx *state.Tx) error { return notes.Insert(tx, key("a"), note{"second"}) }, state.ErrExists},
		{"delete missing", func(tx *state.Tx) error { return notes.Delete(tx, key("b")) }, state.ErrNotFound},
		{"get missing", func(tx *state.Tx) error { _, err := notes.Get(tx, key("b")); return err }, state.ErrNotFound},
		{"other kind", func(tx *state.Tx) error { _, err := numbers.Get(tx, key("a")); return err }, state.ErrNotFound},
	}
	for _, tc := range tests {
		if err := db.Write(t.Context(), tc.do); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", tc.name, err, tc.want)
		}
	}
	read(t, db, func(tx *state.Tx) error {
		if n, err := notes.Get(tx, key("a")); n.Text != "first" {
			t.Errorf("the document became %+v, %v", n, err)
		}
		return nil
	})
}

func TestErrExistsLeavesTheTransactionUsable(t *testing.T) {
	t.Parallel()
	db := openTemp(t)
	write(t, db, func(tx *state.Tx) error {
		if err := notes.Insert(tx, key("a"), note{"first"}); err != nil {
			return err
		}
		if err := notes.Insert(tx, key("a"), note{"again"}); !errors.Is(err, state.ErrExists) {
			t.Errorf("got %v, want ErrExists", err)
		}
		return notes.Insert(tx, key("b"), note{"second"})
	})
	read(t, db, func(tx *state.Tx) error { _, err := notes.Get(tx, key("b")); return err })
}

func TestListPages(t *testing.T) {
	t.Parallel()
	db := openTemp(t)
	write(t, db, func(tx *state.Tx) error {
		var err error
		for _, id := range []string{"b", "B", "a", "é", "a-b", "a1"} {
			err = errors.Join(err, notes.Insert(tx, state.Key{Scope: scope, Parent: "api", ID: id}, note{id}))
		}
		return errors.Join(err, notes.Insert(tx, key("other"), note{"elsewhere"}))
	})
	// By bytes, not as any language sorts.
	all := []note{{"B"}, {"a"}, {"a-b"}, {"a1"}, {"b"}, {"é"}}
	tests := []struct {
		after string
		limit int
		want  []note
		more  bool
	}{
		{"", 0, all, false},
		{"", 6, all, false},
		{"", 5, all[:5], true},
		{"a-b", 2, all[3:5], true},
		{"b", 2, all[5:], false},
		{"é", 2, nil, false},
	}
	read(t, db, func(tx *state.Tx) error {
		for _, tc := range tests {
			got, more, err := notes.List(tx, scope, "api", tc.after, tc.limit)
			if err != nil {
				return err
			}
			if diff := cmp.Diff(tc.want, got); diff != "" || more != tc.more {
				t.Errorf("after %q limit %d: more %v\n%s", tc.after, tc.limit, more, diff)
			}
		}
		return nil
	})
}

func TestListAcrossAndCount(t *testing.T) {
	t.Parallel()
	db := openTemp(t)
	at := func(parent, id string) state.Key { return state.Key{Scope: scope, Parent: parent, ID: id} }
	keys := []state.Key{at("2", "a"), at("10", "b"), at("2", "b"), at("3", "b"), at("1", "c")}
	write(t, db, func(tx *state.Tx) error {
		err := notes.Insert(tx, state.Key{Scope: "000000000000/eu-west-1", Parent: "2", ID: "a"}, note{"elsewhere"})
		for i := len(keys) - 1; i >= 0; i-- {
			err = errors.Join(err, notes.Insert(tx, keys[i], note{keys[i].String()}))
		}
		return errors.Join(err, numbers.Insert(tx, keys[0], 1))
	})
	tests := []struct {
		after state.Key
		limit int
		want  []state.Key
		more  bool
	}{
		{at("", ""), 0, keys, false},
		{at("", ""), 5, keys, false},
		{at("", ""), 2, keys[:2], true},
		{keys[1], 2, keys[2:4], true},
		{at("20", "b"), 9, keys[3:], false},
		{keys[4], 2, nil, false},
	}
	read(t, db, func(tx *state.Tx) error {
		for _, tc := range tests {
			entries, more, err := notes.ListAcross(tx, tc.after, tc.limit)
			var got []state.Key
			for _, e := range entries {
				got = append(got, e.Key)
				if e.Doc.Text != e.Key.String() {
					t.Errorf("%s has the document of %s", e.Key, e.Doc.Text)
				}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" || more != tc.more || err != nil {
				t.Errorf("after %s limit %d: more %v, %v\n%s", tc.after, tc.limit, more, err, diff)
			}
		}
		for parent, want := range map[string]int{"2": 2, "3": 1, "none": 0} {
			if n, err := notes.Count(tx, scope, parent); n != want || err != nil {
				t.Errorf("below %s: %d, %v; want %d", parent, n, err, want)
			}
		}
		return nil
	})
}

func TestAllAndDeleteAll(t *testing.T) {
	t.Parallel()
	db := openTemp(t)
	want := []state.Entry[note]{
		{Key: state.Key{Scope: "1/a", ID: "x"}, Doc: note{"1"}},
		{Key: state.Key{Scope: "1/a", Parent: "p", ID: "x"}, Doc: note{"2"}},
		{Key: state.Key{Scope: "1/a", Parent: "p", ID: "y"}, Doc: note{"3"}},
		{Key: state.Key{Scope: "2/a", Parent: "p", ID: "x"}, Doc: note{"4"}},
	}
	write(t, db, func(tx *state.Tx) error {
		var err error
		for _, e := range want {
			err = errors.Join(err, notes.Put(tx, e.Key, note{"old"}), notes.Put(tx, e.Key, e.Doc))
		}
		return err
	})
	expectAll(t, db, want)
	write(t, db, func(tx *state.Tx) error { return notes.DeleteAll(tx, "1/a", "p") })
	expectAll(t, db, []state.Entry[note]{want[0], want[3]})
}

func expectAll(t *testing.T, db *state.DB, want []state.Entry[note]) {
	t.Helper()
	read(t, db, func(tx *state.Tx) error {
		got, err := notes.All(tx)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		return err
	})
}

// BenchmarkPointRead is one Read with one Get, as the control plane does most.
func BenchmarkPointRead(b *testing.B) {
	db := openBench(b, 10_000)
	for i := 0; b.Loop(); i++ {
		id := fmt.Sprintf("%05d", i%10_000)
		read(b, db, func(tx *state.Tx) error { _, err := notes.Get(tx, key(id)); return err })
	}
}

// BenchmarkWrite is one durable write, most of it the fsync.
func BenchmarkWrite(b *testing.B) {
	db := openBench(b, 100)
	for b.Loop() {
		write(b, db, func(tx *state.Tx) error { return notes.Put(tx, key("00001"), note{"changed"}) })
	}
}

func openBench(b *testing.B, documents int) *state.DB {
	db := open(b, filepath.Join(b.TempDir(), "state.db"))
	write(b, db, func(tx *state.Tx) error {
		for i := range documents {
			if err := notes.Insert(tx, key(fmt.Sprintf("%05d", i)), note{"text"}); err != nil {
				return err
			}
		}
		return nil
	})
	return db
}
