package logs

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/tollbook/tollbook/accesslog"
	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/awslogs"
	"github.com/tollbook/tollbook/state"
)

// maxMessageBytes is the longest message that AWS' limits let through; longer access log entries are cut.
const maxMessageBytes = maxEventBytes - eventOverhead

// What the gateway's access log hands over. Service is its Appender.
type (
	// Destination is the log group that a stage's access log goes to.
	Destination = accesslog.Destination
	// Entry is a rendered access log entry with the index of its stream.
	Entry = accesslog.RenderedEntry
)

var _ accesslog.Appender = (*Service)(nil)

// AppendEntries adds entries to the access log streams of a group and makes those that do not exist, the group too. The
// entries are durable when it returns nil; on an error none was added.
func (s *Service) AppendEntries(ctx context.Context, dest Destination, entries []Entry) error {
	if len(entries) == 0 {
		return nil
	}
	return s.useAccessLog(ctx, destinationKey(dest), func(g *group, streams []*stream) error {
		sorted, _ := s.scratch.Get().(*scratch)
		if sorted == nil {
			sorted = new(scratch)
		}
		defer s.release(sorted)
		if err := sorted.group(g.id, streams, entries); err != nil {
			return err
		}
		defer s.times.begin()()
		ingestion, err := s.store.Append(ctx, sorted.batches)
		if err != nil {
			return fmt.Errorf("append %d access log entries to %s: %w", len(entries), dest.Group, err)
		}
		for i, index := range sorted.indexes {
			first, last := timeSpan(sorted.batches[i].Events)
			s.times.appended(streams[index], first, last, ingestion)
		}
		g.appended(len(entries), sorted.bytes, ingestion)
		return nil
	})
}

// EnsureAccessLogGroup makes a group and its access log streams as far as they do not exist.
func (s *Service) EnsureAccessLogGroup(ctx context.Context, dest Destination) error {
	return s.useAccessLog(ctx, destinationKey(dest), func(*group, []*stream) error { return nil })
}

// EnsureGroup makes a group and a stream with one event in it, as far as they do not exist.
func (s *Service) EnsureGroup(ctx context.Context, dest Destination, streamName, message string) error {
	return s.useEnsured(ctx, destinationKey(dest), func(g *group) error {
		st, err := g.streams.find(ctx, s.db, streamName)
		if isMissing(err) {
			if err = s.insertStreams(ctx, g, streamName); err != nil && !errors.Is(err, state.ErrExists) {
				return err
			}
			st, err = g.streams.find(ctx, s.db, streamName)
		}
		if err != nil || st.update().LastEvent != state.NoEvent {
			return err
		}
		_, err = s.put(ctx, g, st, []awslogs.InputLogEvent{{Timestamp: int64(s.now()), Message: message}})
		return err
	})
}

func destinationKey(d Destination) groupKey { return groupKey{d.AccountID, d.Region, d.Group} }

// useEnsured calls f with the group of that name, which it makes if need be.
func (s *Service) useEnsured(ctx context.Context, key groupKey, f func(*group) error) error {
	for {
		found := false
		err := s.groups.use(ctx, key, func(g *group) error { found = true; return f(g) })
		if found || !isMissing(err) {
			return err
		}
		if err := s.insertGroup(ctx, s.newGroup(key)); err != nil && !isCode(err, "ResourceAlreadyExistsException") {
			return err
		}
	}
}

// useAccessLog calls f with the group of that name and its access log streams, all of which exist until f returns.
func (s *Service) useAccessLog(ctx context.Context, key groupKey, f func(*group, []*stream) error) error {
	return s.useEnsured(ctx, key, func(g *group) error {
		g.streams.mu.RLock()
		streams := g.streams.access
		g.streams.mu.RUnlock()
		if streams == nil {
			var err error
			if streams, err = s.accessStreams(ctx, g); err != nil {
				return err
			}
		}
		return f(g, streams)
	})
}

// accessStreams finds or makes the access log streams of a group whose mu the caller holds.
func (s *Service) accessStreams(ctx context.Context, g *group) ([]*stream, error) {
	names := make([]string, accesslog.Streams)
	for i := range names {
		names[i] = accessStreamName(g.key.name, i)
	}
	recs, absent, err := s.streamRecords(ctx, g, names)
	if err != nil {
		return nil, err
	}
	if len(absent) > 0 {
		if err := s.insertStreams(ctx, g, absent...); err != nil && !errors.Is(err, state.ErrExists) {
			return nil, err
		}
		// Another caller may have made some of them.
		if recs, absent, err = s.streamRecords(ctx, g, names); err != nil {
			return nil, err
		}
		if len(absent) > 0 {
			return nil, fmt.Errorf("make the access log streams of %s: %d are still missing", g.key.name, len(absent))
		}
	}
	streams := g.streams.add(recs...)
	g.streams.mu.Lock()
	defer g.streams.mu.Unlock()
	g.streams.access = streams
	return streams, nil
}

func (s *Service) streamRecords(
	ctx context.Context, g *group, names []string,
) (recs []state.LogStream, absent []string, err error) {
	err = s.db.Read(ctx, func(tx *state.Tx) error {
		for _, name := range names {
			rec, err := tx.FindLogStream(g.rec.ID, name)
			if errors.Is(err, state.ErrNotFound) {
				absent = append(absent, name)
				continue
			} else if err != nil {
				return err
			}
			recs = append(recs, rec)
		}
		return nil
	})
	return recs, absent, err
}

// accessStreamName is the name of a group's access log stream, of the form that API Gateway's have.
func accessStreamName(group string, index int) string {
	sum := md5.Sum([]byte(group + "/" + strconv.Itoa(index)))
	return hex.EncodeToString(sum[:])
}

// isMissing tells whether err says that a group or stream does not exist.
func isMissing(err error) bool { return isCode(err, "ResourceNotFoundException") }

func isCode(err error, code string) bool {
	var e *awsapi.Error
	return errors.As(err, &e) && e.Code == code
}

// scratch sorts entries by stream in memory that is used again.
type scratch struct {
	ends    [accesslog.Streams]int32 // behind each stream's events
	events  []NewEvent
	batches []Batch
	indexes []int16 // of the batches' streams
	bytes   int     // of the messages
}

// group sets batches to the entries, one batch for each stream that has any, in the order of the entries within it.
func (sc *scratch) group(id GroupID, streams []*stream, entries []Entry) error {
	if len(entries) > math.MaxInt32 {
		return fmt.Errorf("append access log entries: %d are too many at once", len(entries))
	}
	clear(sc.ends[:])
	for i := range entries {
		if at := entries[i].Stream; at < 0 || at >= accesslog.Streams {
			return fmt.Errorf("append access log entry: there is no stream %d", at)
		}
		sc.ends[entries[i].Stream]++
	}
	sc.starts()
	sc.bytes = 0
	sc.events = slices.Grow(sc.events[:0], len(entries))[:len(entries)]
	for i := range entries {
		e := &entries[i]
		message := cutMessage(e.Message)
		sc.events[sc.ends[e.Stream]] = NewEvent{Millis(e.Timestamp), message}
		sc.bytes += len(message)
		sc.ends[e.Stream]++
	}
	sc.cutBatches(id, streams)
	return nil
}

// starts turns the counts into the places where each stream's events begin.
func (sc *scratch) starts() {
	var at int32
	for i, n := range sc.ends {
		sc.ends[i] = at
		at += n
	}
}

func (sc *scratch) cutBatches(id GroupID, streams []*stream) {
	sc.batches, sc.indexes = sc.batches[:0], sc.indexes[:0]
	var begin int32
	for i, end := range sc.ends {
		if end > begin {
			sc.batches = append(sc.batches, Batch{id, streams[i].id, sc.events[begin:end:end]})
			sc.indexes = append(sc.indexes, int16(i))
		}
		begin = end
	}
}

// release keeps the memory for another call, without the messages.
func (s *Service) release(sc *scratch) {
	clear(sc.events)
	clear(sc.batches)
	s.scratch.Put(sc)
}

func timeSpan(events []NewEvent) (first, last Millis) {
	first, last = events[0].Timestamp, events[0].Timestamp
	for i := range events {
		first, last = min(first, events[i].Timestamp), max(last, events[i].Timestamp)
	}
	return first, last
}

// cutMessage cuts a message that is too long, before a character and not within.
func cutMessage(message string) string {
	if len(message) <= maxMessageBytes {
		return message
	}
	end := maxMessageBytes
	for end > maxMessageBytes-utf8.UTFMax && !utf8.RuneStart(message[end]) {
		end--
	}
	return message[:end]
}
