package logs

import (
	"context"
	"fmt"

	"github.com/tollbook/tollbook/state"
)

// deletion is a group or stream whose events the store has yet to delete. It is noted in the transaction that takes the
// group or stream out of the state, and struck off when the store has done its part, so a crash in between is made up
// for at the next start.
type deletion struct {
	Group  GroupID
	Stream StreamID // 0: the whole group
}

// deletions has a record for each, by what it is about; it belongs to no account.
var deletions = state.Collection[deletion]{Kind: "logs.Deletion"}

func (d deletion) key() state.Key { return state.Key{ID: fmt.Sprintf("%d/%d", d.Group, d.Stream)} }

func (d deletion) note(tx *state.Tx) error { return deletions.Put(tx, d.key(), d) }

// deleteEvents has the store delete what the state no longer knows. Its failure is only reported: the IDs are never given
// out again, so nobody can read the events, and New tries again at the next start. That the caller may have left does
// not matter any more.
func (s *Service) deleteEvents(ctx context.Context, d deletion) {
	if err := s.finishDeletion(context.WithoutCancel(ctx), d); err != nil {
		s.opts.Log.Error("delete events; they are out of reach and go at the next start", "error", err)
	}
}

func (s *Service) finishDeletion(ctx context.Context, d deletion) error {
	var err error
	if d.Stream == 0 {
		err = s.store.DeleteGroup(ctx, d.Group)
	} else {
		err = s.store.DeleteStreams(ctx, d.Group, []StreamID{d.Stream})
	}
	if err != nil {
		return fmt.Errorf("delete the events of group %d, stream %d: %w", d.Group, d.Stream, err)
	}
	return s.db.Write(ctx, func(tx *state.Tx) error { return deletions.Delete(tx, d.key()) })
}

// finishDeletions does what a crash, or a store that failed, has left of deletions.
func (s *Service) finishDeletions(ctx context.Context) error {
	var left []deletion
	err := s.db.Read(ctx, func(tx *state.Tx) (err error) {
		left, _, err = deletions.List(tx, "", "", "", 0)
		return err
	})
	for i := 0; i < len(left) && err == nil; i++ {
		err = s.finishDeletion(ctx, left[i])
	}
	return err
}
