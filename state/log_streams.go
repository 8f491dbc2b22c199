package state

import "fmt"

// NoEvent stands in LogStream's three times of events while the stream has had none. It is below every time, so such
// streams sort as the oldest.
const NoEvent = -1

// LogStream is the record of a log stream. Times are milliseconds.
type LogStream struct {
	ID        int64 // never given out again
	GroupID   int64
	Name      string
	CreatedAt int64
	StreamTimes
}

// StreamTimes is what a record tells of a stream's events; NoEvent in all three if it had none yet.
type StreamTimes struct {
	FirstEvent, LastEvent, LastIngestion int64
}

// LogStreamUpdate gives new times to the stream with an ID.
type LogStreamUpdate struct {
	ID int64
	StreamTimes
}

// LogStreamQuery selects a page of one group's streams.
type LogStreamQuery struct {
	GroupID int64
	Prefix  string // names that begin with it
	// ByLastEvent sorts by (LastEvent, Name) rather than by the bytes of the name.
	ByLastEvent bool
	Descending  bool
	// After, where set, is the place in that order behind which the page begins. Name alone counts unless ByLastEvent.
	After *StreamPlace
	Limit int // 0: all
}

// StreamPlace is a place in the order of a LogStreamQuery.
type StreamPlace struct {
	LastEvent int64
	Name      string
}

const streamColumns = "id, group_id, name, created_at, first_event, last_event, last_ingestion"

// InsertLogStreams adds streams without events to a group and returns their records in the order of names. ErrExists if
// one of the names is taken; the transaction should then be given up, since others may have been added.
func (tx *Tx) InsertLogStreams(groupID, createdAt int64, names ...string) ([]LogStream, error) {
	if len(names) == 0 {
		return nil, nil
	}
	id, err := tx.reserve("log_streams", len(names))
	if err != nil {
		return nil, fmt.Errorf("insert log streams: %w", err)
	}
	streams := make([]LogStream, len(names))
	for i, name := range names {
		s := LogStream{id + int64(i), groupID, name, createdAt, StreamTimes{NoEvent, NoEvent, NoEvent}}
		n, err := tx.exec("INSERT INTO log_streams ("+streamColumns+
			") VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
			s.ID, s.GroupID, s.Name, s.CreatedAt, s.FirstEvent, s.LastEvent, s.LastIngestion)
		if err := changed(n, err, ErrExists); err != nil {
			return nil, fmt.Errorf("insert log stream %s: %w", name, err)
		}
		streams[i] = s
	}
	return streams, nil
}

// FindLogStream returns the group's stream of that name, or ErrNotFound.
func (tx *Tx) FindLogStream(groupID int64, name string) (LogStream, error) {
	s, err := one(tx, scanStream,
		"SELECT "+streamColumns+" FROM log_streams WHERE group_id = $1 AND name = $2", groupID, name)
	if err != nil {
		return s, fmt.Errorf("find log stream %s: %w", name, err)
	}
	return s, nil
}

// LogStreamByID returns the stream with the ID, or ErrNotFound.
func (tx *Tx) LogStreamByID(id int64) (LogStream, error) {
	s, err := one(tx, scanStream, "SELECT "+streamColumns+" FROM log_streams WHERE id = $1", id)
	if err != nil {
		return s, fmt.Errorf("find log stream %d: %w", id, err)
	}
	return s, nil
}

// LastLogStreamID returns the highest ID ever given to a log stream, 0 before the first.
func (tx *Tx) LastLogStreamID() (int64, error) {
	last, err := one(tx, scanInt, "SELECT last FROM sequences WHERE name = $1", "log_streams")
	if err != nil {
		return 0, fmt.Errorf("read the last log stream id: %w", err)
	}
	return last, nil
}

// DeleteLogStream removes the stream, or returns ErrNotFound.
func (tx *Tx) DeleteLogStream(id int64) error {
	n, err := tx.exec("DELETE FROM log_streams WHERE id = $1", id)
	if err := changed(n, err, ErrNotFound); err != nil {
		return fmt.Errorf("delete log stream %d: %w", id, err)
	}
	return nil
}

// ListLogStreams returns a page of streams; more says that further ones follow. An index serves every order; only
// ByLastEvent with a Prefix has to look at each stream of the group.
func (tx *Tx) ListLogStreams(q LogStreamQuery) (streams []LogStream, more bool, err error) {
	var w where
	w.and("group_id = ?", q.GroupID)
	w.prefix(q.Prefix)
	order := w.streamOrder(q)
	streams, err = some(tx, scanStream, "SELECT "+streamColumns+" FROM log_streams"+w.String()+
		order+" LIMIT "+w.arg(rowsFor(q.Limit)), w.args...)
	if err != nil {
		return nil, false, fmt.Errorf("list log streams: %w", err)
	}
	streams, more = page(streams, q.Limit)
	return streams, more, nil
}

// streamOrder adds the condition for the page's beginning and returns the ORDER BY that goes with it.
func (w *where) streamOrder(q LogStreamQuery) string {
	beyond, direction := " > ", ""
	if q.Descending {
		beyond, direction = " < ", " DESC"
	}
	if !q.ByLastEvent {
		if q.After != nil {
			w.and("name"+beyond+"?", q.After.Name)
		}
		return " ORDER BY name" + direction
	}
	if q.After != nil {
		w.and("(last_event, name)"+beyond+"(?, ?)", q.After.LastEvent, q.After.Name)
	}
	return " ORDER BY last_event" + direction + ", name" + direction
}

// UpdateLogStreams stores new times. Streams that are gone are left out without an error: a deletion may have come first.
func (tx *Tx) UpdateLogStreams(updates []LogStreamUpdate) error {
	for _, u := range updates {
		_, err := tx.exec("UPDATE log_streams SET first_event = $2, last_event = $3, last_ingestion = $4 WHERE id = $1",
			u.ID, u.FirstEvent, u.LastEvent, u.LastIngestion)
		if err != nil {
			return fmt.Errorf("update log stream %d: %w", u.ID, err)
		}
	}
	return nil
}

func scanStream(row scanner) (s LogStream, err error) {
	err = row.Scan(&s.ID, &s.GroupID, &s.Name, &s.CreatedAt, &s.FirstEvent, &s.LastEvent, &s.LastIngestion)
	return s, err
}
