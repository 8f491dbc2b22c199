package state_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tollbook/tollbook/state"
)

func insertStreams(t testing.TB, db *state.DB, groupID int64, names ...string) (streams []state.LogStream) {
	t.Helper()
	write(t, db, func(tx *state.Tx) (err error) {
		streams, err = tx.InsertLogStreams(groupID, 1000, names...)
		return err
	})
	return streams
}

func update(id, last int64) state.LogStreamUpdate {
	return state.LogStreamUpdate{ID: id, StreamTimes: state.StreamTimes{FirstEvent: 1, LastEvent: last, LastIngestion: 2}}
}

func TestLogStreamErrors(t *testing.T) {
	t.Parallel()
	db := openTemp(t)
	g := insertGroups(t, db, group("g"))[0]
	insertStreams(t, db, g, "s")
	tests := []struct {
		name string
		do   func(*state.Tx) error
		want error
	}{
		{"insert twice", func(tx *state.Tx) error { _, err := tx.InsertLogStreams(g, 1, "r", "s"); return err }, state.ErrExists},
		{"find missing", func(tx *state.Tx) error { _, err := tx.FindLogStream(g, "r"); return err }, state.ErrNotFound},
		{"delete missing", func(tx *state.Tx) error { return tx.DeleteLogStream(99) }, state.ErrNotFound},
		{"update missing", func(tx *state.Tx) error {
			return tx.UpdateLogStreams([]state.LogStreamUpdate{update(99, 5)})
		}, nil},
	}
	for _, tc := range tests {
		if err := db.Write(t.Context(), tc.do); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", tc.name, err, tc.want)
		}
	}
	err := db.Write(t.Context(), func(tx *state.Tx) error { _, err := tx.InsertLogStreams(77, 1, "s"); return err })
	if err == nil {
		t.Error("a stream was added to a group that does not exist")
	}
}

func TestThreeHundredStreamsInOneTransaction(t *testing.T) {
	t.Parallel()
	db := openTemp(t)
	g := insertGroups(t, db, group("g"))[0]
	names := make([]string, 300)
	for i := range names {
		names[i] = fmt.Sprintf("%03d", i)
	}
	want := insertStreams(t, db, g, names...)
	read(t, db, func(tx *state.Tx) error {
		got, more, err := tx.ListLogStreams(state.LogStreamQuery{GroupID: g})
		if diff := cmp.Diff(want, got); diff != "" || more {
			t.Errorf("more %v\n%s", more, diff)
		}
		return err
	})
}

func TestListLogStreams(t *testing.T) {
	t.Parallel()
	db := openTemp(t)
	ids := insertGroups(t, db, group("g"), group("other"))
	s := insertStreams(t, db, ids[0], "b", "a/1", "a", "\uD7FF", "\uD7FF2", "\uE000", "\U0010FFFF")
	insertStreams(t, db, ids[1], "elsewhere")
	write(t, db, func(tx *state.Tx) error {
		return tx.UpdateLogStreams([]state.LogStreamUpdate{update(s[0].ID, 20), update(s[1].ID, 30), update(s[2].ID, 20)})
	})
	byTime := func(q state.LogStreamQuery) state.LogStreamQuery { q.ByLastEvent = true; return q }
	at := func(last int64, name string) *state.StreamPlace {
		return &state.StreamPlace{LastEvent: last, Name: name}
	}
	tests := []struct {
		name string
		q    state.LogStreamQuery
		want []string
		more bool
	}{
		{"by name", state.LogStreamQuery{}, []string{"a", "a/1", "b", "\uD7FF", "\uD7FF2", "\uE000", "\U0010FFFF"}, false},
		{"by name, page", state.LogStreamQuery{After: at(99, "a"), Limit: 2}, []string{"a/1", "b"}, true},
		{"by name, down", state.LogStreamQuery{Descending: true, After: at(0, "\uD7FF"), Limit: 3}, []string{"b", "a/1", "a"}, false},
		{"prefix", state.LogStreamQuery{Prefix: "a"}, []string{"a", "a/1"}, false},
		{"prefix, down", state.LogStreamQuery{Prefix: "a", Descending: true}, []string{"a/1", "a"}, false},
		{"prefix before the surrogates", state.LogStreamQuery{Prefix: "\uD7FF"}, []string{"\uD7FF", "\uD7FF2"}, false},
		{"highest prefix", state.LogStreamQuery{Prefix: "\U0010FFFF"}, []string{"\U0010FFFF"}, false},
		{"by time, empty streams are oldest", byTime(state.LogStreamQuery{Limit: 6}),
			[]string{"\uD7FF", "\uD7FF2", "\uE000", "\U0010FFFF", "a", "b"}, true},
		{"by time, down", byTime(state.LogStreamQuery{Descending: true, Limit: 2}), []string{"a/1", "b"}, true},
		{"by time, page within equal times", byTime(state.LogStreamQuery{After: at(20, "a")}), []string{"b", "a/1"}, false},
		{"by time, down, page within equal times", byTime(state.LogStreamQuery{Descending: true, After: at(20, "b"), Limit: 1}),
			[]string{"a"}, true},
	}
	for _, tc := range tests {
		tc.q.GroupID = ids[0]
		read(t, db, func(tx *state.Tx) error {
			streams, more, err := tx.ListLogStreams(tc.q)
			if diff := cmp.Diff(tc.want, streamNames(streams)); diff != "" || more != tc.more {
				t.Errorf("%s: more %v\n%s", tc.name, more, diff)
			}
			return err
		})
	}
}

func streamNames(streams []state.LogStream) (names []string) {
	for _, s := range streams {
		names = append(names, s.Name)
	}
	return names
}

// BenchmarkListByLastEvent reads the first page of a million streams in the order that the console asks for.
func BenchmarkListByLastEvent(b *testing.B) {
	db, g := millionStreams(b)
	q := state.LogStreamQuery{GroupID: g, ByLastEvent: true, Descending: true, Limit: 50}
	for _, after := range []*state.StreamPlace{nil, {LastEvent: 500_000, Name: "s0500000"}} {
		q.After = after
		b.Run(fmt.Sprintf("middle=%v", after != nil), func(b *testing.B) {
			for b.Loop() {
				read(b, db, func(tx *state.Tx) error { _, _, err := tx.ListLogStreams(q); return err })
			}
		})
	}
}

func millionStreams(b *testing.B) (*state.DB, int64) {
	db := open(b, filepath.Join(b.TempDir(), "state.db"))
	g := insertGroups(b, db, group("g"))[0]
	const million, chunk = 1_000_000, 50_000
	for at := 0; at < million; at += chunk {
		names := make([]string, chunk)
		for i := range names {
			names[i] = fmt.Sprintf("s%07d", at+i)
		}
		streams := insertStreams(b, db, g, names...)
		updates := make([]state.LogStreamUpdate, chunk)
		for i, s := range streams {
			updates[i] = update(s.ID, int64(at+i))
		}
		write(b, db, func(tx *state.Tx) error { return tx.UpdateLogStreams(updates) })
	}
	return db, g
}
