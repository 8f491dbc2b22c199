package logs

import (
	"context"
	"fmt"
	"math"

	"github.com/tollbook/tollbook/awsapi/awslogs"
	"github.com/tollbook/tollbook/logs/filterpattern"
	"github.com/tollbook/tollbook/state"
)

// eventsByPosition is the order letter of FilterLogEvents' tokens.
const eventsByPosition = 'e'

// FilterLogEvents returns a page of the events of a group, or of some of its streams, merged in the order of time. There
// is a token while more events follow.
func (s *Service) FilterLogEvents(
	ctx context.Context, in *awslogs.FilterLogEventsRequest,
) (*awslogs.FilterLogEventsResponse, error) {
	key, err := namedGroup(ctx, in.LogGroupName, in.LogGroupIdentifier)
	if err != nil {
		return nil, err
	}
	q, err := filterQuery(in)
	if err != nil {
		return nil, err
	}
	var of *group
	none := false
	err = s.groups.use(ctx, key, func(g *group) error {
		if err := readable(g); err != nil {
			return err
		}
		of, q.Group = g, g.id
		q.From = max(q.From, retentionStart(&g.rec, s.now()))
		q.Streams, err = s.filteredStreams(ctx, g, in)
		none = len(q.Streams) == 0 && in.LogStreamNamePrefix != nil
		return err
	})
	if err != nil {
		return nil, err
	}
	if none { // to the store, no streams would mean all
		return &awslogs.FilterLogEventsResponse{
			Events: []awslogs.FilteredLogEvent{}, SearchedLogStreams: []awslogs.SearchedLogStream{},
		}, nil
	}
	limit := maxPageEvents
	if in.Limit != nil {
		limit = int(*in.Limit)
	}
	page, more, err := s.scanPage(ctx, q, limit)
	if err != nil {
		return nil, err
	}
	return s.filterAnswer(ctx, of, page, more)
}

func filterQuery(in *awslogs.FilterLogEventsRequest) (ScanQuery, error) {
	q := ScanQuery{From: Millis(orZero(in.StartTime)), To: math.MaxInt64}
	if in.LogStreamNames != nil && in.LogStreamNamePrefix != nil {
		return q, awslogs.InvalidParameterException("LogStreamNamePrefix and LogStreamNames are mutually exclusive parameters.")
	}
	if err := setFilter(&q, orZero(in.FilterPattern)); err != nil {
		return q, err
	}
	if in.EndTime != nil && *in.EndTime < math.MaxInt64 {
		q.To = Millis(*in.EndTime) + 1 // inclusive here, exclusive in GetLogEvents
	}
	place, err := placeIn(in.NextToken, eventsByPosition)
	if err != nil || place == "" {
		return q, err
	}
	after, err := ParseEventID(place)
	if err != nil {
		return q, invalidToken()
	}
	q.After = &after
	return q, nil
}

// setFilter has the scan yield the events that a filter pattern matches.
func setFilter(q *ScanQuery, pattern string) error {
	p, err := parsePattern(pattern)
	if err == nil && !p.MatchesAll() {
		q.Filter = &Filter{Match: p.Match, Implied: p.Condition()}
	}
	return err
}

// parsePattern answers a pattern that AWS would refuse with AWS' text.
func parsePattern(pattern string) (*filterpattern.Pattern, error) {
	p, err := filterpattern.Parse(pattern)
	if err != nil {
		return nil, awslogs.InvalidParameterException("%v", err)
	}
	return p, nil
}

// filteredStreams returns the streams that the request names or prefixes; none if it wants all.
func (s *Service) filteredStreams(
	ctx context.Context, g *group, in *awslogs.FilterLogEventsRequest,
) (ids []StreamID, err error) {
	seen := map[string]bool{}
	for _, name := range in.LogStreamNames {
		st, err := g.streams.find(ctx, s.db, name)
		if err != nil {
			return nil, err
		}
		if !seen[name] {
			ids = append(ids, st.id)
		}
		seen[name] = true
	}
	if in.LogStreamNamePrefix == nil {
		return ids, nil
	}
	err = s.db.Read(ctx, func(tx *state.Tx) error {
		recs, _, err := tx.ListLogStreams(state.LogStreamQuery{GroupID: g.rec.ID, Prefix: *in.LogStreamNamePrefix})
		for _, rec := range recs {
			ids = append(ids, StreamID(rec.ID))
		}
		return err
	})
	return ids, err
}

func (s *Service) filterAnswer(
	ctx context.Context, g *group, page []LogEvent, more bool,
) (*awslogs.FilterLogEventsResponse, error) {
	out := &awslogs.FilterLogEventsResponse{SearchedLogStreams: []awslogs.SearchedLogStream{}}
	if more {
		out.NextToken = listToken(eventsByPosition, EventID(page[len(page)-1].Position()))
	}
	names, err := s.streamNames(ctx, g, page)
	if err != nil {
		return nil, err
	}
	out.Events = filteredEvents(page, names)
	return out, nil
}

// streamNames returns the names of the streams whose events are in the page; streams deleted meanwhile have none.
func (s *Service) streamNames(ctx context.Context, g *group, page []LogEvent) (map[StreamID]*string, error) {
	names := map[StreamID]*string{}
	err := s.db.Read(ctx, func(tx *state.Tx) error {
		for i := range page {
			id := page[i].Stream
			if _, known := names[id]; known {
				continue
			}
			name, err := g.streams.name(tx, id)
			if err != nil {
				return fmt.Errorf("name log stream %d: %w", id, err)
			}
			if names[id] = nil; name != "" {
				names[id] = &name
			}
		}
		return nil
	})
	return names, err
}

// filteredEvents leaves out events whose stream has no name any more.
func filteredEvents(page []LogEvent, names map[StreamID]*string) []awslogs.FilteredLogEvent {
	out := make([]awslogs.FilteredLogEvent, 0, len(page))
	// One piece of memory for what the response holds by pointer.
	values := make([]struct {
		timestamp, ingestion int64
		id                   string
	}, len(page))
	for i := range page {
		e, v := &page[i], &values[i]
		name := names[e.Stream]
		if name == nil {
			continue
		}
		v.timestamp, v.ingestion, v.id = int64(e.Timestamp), int64(e.Ingestion), EventID(e.Position())
		out = append(out, awslogs.FilteredLogEvent{
			LogStreamName: name, Timestamp: &v.timestamp, IngestionTime: &v.ingestion, EventId: &v.id, Message: &e.Message,
		})
	}
	return out
}
