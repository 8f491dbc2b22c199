package cloudwatch

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/state"
)

// alarmWatch holds the alarms as they are evaluated.
type alarmWatch struct {
	changing sync.Mutex // held while records of alarms are written and alarms follows them
	mu       sync.RWMutex
	alarms   map[state.Key]*watched
	sending  chan struct{}  // as many tokens as actions may be under way
	notices  sync.WaitGroup // actions that have not ended
	history  int            // makes IDs of history items and actions unique; under changing
	expired  time.Time      // when old history was deleted last; only maintain uses it
}

// watched is one alarm in memory. It is replaced when the record changes.
type watched struct {
	at      place
	rec     alarmRecord
	queries []*metricQuery // nil for an alarm on a single metric
	rule    *alarmRule     // of a composite alarm; nil for others
	seen    atomic.Int64   // end of the last evaluation, in s
}

// maxSending is how many actions are under way at the same time.
const maxSending = 16

func newAlarmWatch() alarmWatch {
	return alarmWatch{alarms: map[state.Key]*watched{}, sending: make(chan struct{}, maxSending)}
}

func newWatched(at place, rec alarmRecord) (w *watched, err error) {
	w = &watched{at: at, rec: rec}
	switch {
	case rec.composite():
		w.rule, err = parseRule(rec.Rule, at)
	case rec.Config.Metrics != nil:
		w.queries, err = parseAlarmQueries(rec.Config.Metrics)
	}
	return w, err
}

// loadAlarms reads all alarms. One that cannot be read any more is not watched.
func (s *Service) loadAlarms(ctx context.Context) error {
	return s.db.Read(ctx, func(tx *state.Tx) error {
		all, err := alarmRecords.All(tx)
		for _, e := range all {
			w, err := newWatched(placeOf(e.Key), e.Doc)
			if err != nil {
				s.opts.Log.Error("alarm cannot be evaluated", "alarm", e.Key.ID, "error", err)
				continue
			}
			s.alarms.alarms[e.Key] = w
		}
		return err
	})
}

// alarmChange is a transaction on alarms. What memory and the world outside must learn of it follows its commit.
type alarmChange struct {
	s       *Service
	tx      *state.Tx
	now     time.Time
	replace map[state.Key]*watched // nil: removed
	send    []notice
	// following are alarms whose parents are being evaluated.
	following map[state.Key]bool
}

// changeAlarms runs f in a transaction and then has the watch follow and actions executed.
func (s *Service) changeAlarms(ctx context.Context, f func(*alarmChange) error) error {
	s.alarms.changing.Lock()
	defer s.alarms.changing.Unlock()
	c := &alarmChange{s: s, now: s.now(), replace: map[state.Key]*watched{}, following: map[state.Key]bool{}}
	err := s.db.Write(ctx, func(tx *state.Tx) error {
		c.tx = tx
		return f(c)
	})
	if err != nil {
		return asSent("change alarms", err)
	}
	s.alarms.mu.Lock()
	for key, w := range c.replace {
		if w == nil {
			delete(s.alarms.alarms, key)
			continue
		}
		if old := s.alarms.alarms[key]; old != nil && old.rec.Configured.Equal(w.rec.Configured) {
			w.seen.Store(old.seen.Load())
		}
		s.alarms.alarms[key] = w
	}
	s.alarms.mu.Unlock()
	for _, n := range c.send {
		s.notify(n)
	}
	return nil
}

// asSent says what was tried, unless the error is for the client as it is.
func asSent(what string, err error) error {
	var wire *awsapi.Error
	if err == nil || errors.As(err, &wire) {
		return err
	}
	return fmt.Errorf("%s: %w", what, err)
}

// put stores a record and, unless it is zero, an item of history.
func (c *alarmChange) put(at place, rec alarmRecord, item historyRecord) error {
	w, err := newWatched(at, rec)
	if err != nil {
		return err
	}
	key := at.key(rec.Config.AlarmName)
	if err := alarmRecords.Put(c.tx, key, rec); err != nil {
		return err
	}
	c.replace[key] = w
	if item.Type == "" {
		return nil
	}
	return c.addHistory(at, rec, item)
}

func (c *alarmChange) remove(at place, rec alarmRecord) error {
	key := at.key(rec.Config.AlarmName)
	if err := alarmRecords.Delete(c.tx, key); err != nil {
		return err
	}
	c.replace[key] = nil
	return c.addHistory(at, rec, configured("deleted", "Delete", rec))
}

// setState stores a new state. A change of its value goes into the history and executes actions.
func (c *alarmChange) setState(at place, rec alarmRecord, next alarmState) error {
	old := rec.State
	rec.State = next
	if old.Value != next.Value {
		rec.Changed = next.Updated
		if err := c.act(at, rec, old.Value); err != nil {
			return err
		}
	}
	if old.Value == next.Value {
		return c.put(at, rec, historyRecord{})
	}
	if err := c.put(at, rec, stateUpdate(old, next)); err != nil {
		return err
	}
	return c.follow(at, rec.Config.AlarmName)
}

// act stores the actions of an alarm whose state has changed, and has them executed.
func (c *alarmChange) act(at place, rec alarmRecord, old string) error {
	if !rec.actionsEnabled() {
		return nil
	}
	for _, action := range rec.actions(rec.State.Value) {
		n := notice{at, c.newID(), actionRecord{Alarm: rec, Old: old, Action: action}}
		if err := actionRecords.Put(c.tx, at.key(n.id), n.actionRecord); err != nil {
			return err
		}
		c.send = append(c.send, n)
	}
	return nil
}

// addHistory stores an item of an alarm's history.
func (c *alarmChange) addHistory(at place, rec alarmRecord, item historyRecord) error {
	item.Alarm, item.Rule, item.Time = rec.Config.AlarmName, rec.composite(), c.now
	return historyRecords.Put(c.tx, state.Key{Scope: at.scope(), Parent: item.Alarm, ID: c.newID()}, item)
}

// newID makes an ID for what happens now.
func (c *alarmChange) newID() string {
	c.s.alarms.history++
	return historyID(c.now, c.s.alarms.history)
}
