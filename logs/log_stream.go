package logs

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/tollbook/tollbook/awsapi/awslogs"
	"github.com/tollbook/tollbook/state"
)

// CreateLogStream makes a log stream in a group.
func (s *Service) CreateLogStream(ctx context.Context, in *awslogs.CreateLogStreamRequest) error {
	return s.groups.use(ctx, callersGroup(ctx, in.LogGroupName), func(g *group) error {
		err := s.insertStreams(ctx, g, in.LogStreamName)
		if errors.Is(err, state.ErrExists) {
			return awslogs.ResourceAlreadyExistsException("The specified log stream already exists")
		}
		return err
	})
}

// insertStreams adds streams to a group whose mu the caller holds.
func (s *Service) insertStreams(ctx context.Context, g *group, names ...string) error {
	return s.db.Write(ctx, func(tx *state.Tx) error {
		_, err := tx.InsertLogStreams(g.rec.ID, int64(s.now()), names...)
		return err
	})
}

// DeleteLogStream removes a log stream with its events.
func (s *Service) DeleteLogStream(ctx context.Context, in *awslogs.DeleteLogStreamRequest) error {
	return s.groups.change(ctx, callersGroup(ctx, in.LogGroupName), func(g *group) error {
		st, err := g.streams.find(ctx, s.db, in.LogStreamName)
		if err != nil {
			return err
		}
		events := deletion{g.id, st.id}
		err = s.db.Write(ctx, func(tx *state.Tx) error {
			if err := events.note(tx); err != nil {
				return err
			}
			return tx.DeleteLogStream(int64(st.id))
		})
		if err != nil {
			return err
		}
		g.streams.remove(st)
		s.deleteEvents(ctx, events)
		return nil
	})
}

// The order letters of list tokens for log streams.
const (
	streamsByName     = 'n'
	streamsByNameDown = 'N'
	streamsByTime     = 't'
	streamsByTimeDown = 'T'
)

// DescribeLogStreams returns a page of a group's streams, by name or by the time of their last event. Event times are
// those of every append acknowledged before the call.
func (s *Service) DescribeLogStreams(
	ctx context.Context, in *awslogs.DescribeLogStreamsRequest,
) (*awslogs.DescribeLogStreamsResponse, error) {
	key, err := namedGroup(ctx, in.LogGroupName, in.LogGroupIdentifier)
	if err != nil {
		return nil, err
	}
	q, err := streamQuery(in)
	if err != nil {
		return nil, err
	}
	if err := s.groups.use(ctx, key, func(g *group) error { q.GroupID = g.rec.ID; return nil }); err != nil {
		return nil, err
	}
	// If they cannot be written, the disk being full, the listing is still worth having.
	s.flushTimes(ctx)
	out := &awslogs.DescribeLogStreamsResponse{}
	err = s.db.Read(ctx, func(tx *state.Tx) error {
		recs, more, err := tx.ListLogStreams(q)
		out.LogStreams = make([]awslogs.LogStream, len(recs))
		for i, rec := range recs {
			out.LogStreams[i] = describedStream(key, rec)
		}
		if more {
			out.NextToken = streamToken(q, recs[len(recs)-1])
		}
		return err
	})
	return out, err
}

func streamQuery(in *awslogs.DescribeLogStreamsRequest) (state.LogStreamQuery, error) {
	q := state.LogStreamQuery{
		Prefix: orZero(in.LogStreamNamePrefix), ByLastEvent: orZero(in.OrderBy) == "LastEventTime",
		Descending: orZero(in.Descending), Limit: describePage,
	}
	if in.Limit != nil {
		q.Limit = int(*in.Limit)
	}
	if q.ByLastEvent && in.LogStreamNamePrefix != nil {
		return q, awslogs.InvalidParameterException("Cannot order by LastEventTime with a logStreamNamePrefix.")
	}
	place, err := placeIn(in.NextToken, streamOrder(q))
	if err != nil || place == "" {
		return q, err
	}
	last, name, ok := strings.Cut(place, " ")
	ms, err := strconv.ParseInt(last, 10, 64)
	if !ok || err != nil {
		return q, invalidToken()
	}
	q.After = &state.StreamPlace{LastEvent: ms, Name: name}
	return q, nil
}

func streamToken(q state.LogStreamQuery, last state.LogStream) *string {
	return listToken(streamOrder(q), strconv.FormatInt(last.LastEvent, 10)+" "+last.Name)
}

func streamOrder(q state.LogStreamQuery) byte {
	switch {
	case q.ByLastEvent && q.Descending:
		return streamsByTimeDown
	case q.ByLastEvent:
		return streamsByTime
	case q.Descending:
		return streamsByNameDown
	}
	return streamsByName
}

func describedStream(key groupKey, rec state.LogStream) awslogs.LogStream {
	out := awslogs.LogStream{
		LogStreamName: &rec.Name, CreationTime: &rec.CreatedAt, Arn: new(key.streamARN(rec.Name)),
		StoredBytes: new(int64(0)), // AWS has not counted them by stream since 2019
	}
	if rec.LastEvent != state.NoEvent {
		out.FirstEventTimestamp, out.LastEventTimestamp = &rec.FirstEvent, &rec.LastEvent
		out.LastIngestionTime = &rec.LastIngestion
		out.UploadSequenceToken = sequenceToken(Millis(rec.LastIngestion))
	}
	return out
}
