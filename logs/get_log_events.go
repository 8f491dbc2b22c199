package logs

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/tollbook/tollbook/awsapi/awslogs"
)

// AWS' limits on a page of events.
const (
	maxPageEvents = 10_000
	maxPageBytes  = 1_048_576
)

// GetLogEvents returns a page of one stream's events in the order of time, with tokens for the pages behind and before
// it. At the end of the stream the token that was passed comes back.
func (s *Service) GetLogEvents(
	ctx context.Context, in *awslogs.GetLogEventsRequest,
) (*awslogs.GetLogEventsResponse, error) {
	key, err := namedGroup(ctx, in.LogGroupName, in.LogGroupIdentifier)
	if err != nil {
		return nil, err
	}
	read, err := eventReadOf(in)
	if err != nil {
		return nil, err
	}
	err = s.groups.use(ctx, key, func(g *group) error {
		if err := readable(g); err != nil {
			return err
		}
		st, err := g.streams.find(ctx, s.db, in.LogStreamName)
		if err != nil {
			return err
		}
		read.query.Group, read.query.Streams = g.id, []StreamID{st.id}
		read.query.From = max(read.query.From, retentionStart(&g.rec, s.now()))
		return nil
	})
	if err != nil {
		return nil, err
	}
	page, _, err := s.scanPage(ctx, read.query, read.limit)
	if err != nil {
		return nil, err
	}
	return read.answer(page), nil
}

// readable refuses groups whose events can be read by queries only.
func readable(g *group) error {
	if g.rec.Class == classInfrequentAccess {
		return g.standardOnly()
	}
	return nil
}

// eventRead is a GetLogEvents request as a scan.
type eventRead struct {
	query ScanQuery
	limit int
	at    Position // of the token, or zero without one
}

func eventReadOf(in *awslogs.GetLogEventsRequest) (eventRead, error) {
	read := eventRead{
		query: ScanQuery{From: Millis(orZero(in.StartTime)), To: math.MaxInt64, Descending: !orZero(in.StartFromHead)},
		limit: maxPageEvents,
	}
	if in.EndTime != nil {
		read.query.To = Millis(*in.EndTime)
	}
	if in.Limit != nil {
		read.limit = int(*in.Limit)
	}
	if in.NextToken == nil {
		return read, nil
	}
	direction, at, err := parseEventToken(*in.NextToken)
	if err != nil {
		return read, err
	}
	read.at = at
	// The letter decides. AWS' documentation asks for startFromHead with a forward token; clients leave it out.
	if read.query.Descending = direction == 'b'; read.query.Descending {
		read.query.Before = &at
	} else {
		read.query.After = &at
	}
	return read, nil
}

// answer turns the scanned page, which it may reorder, into the response.
func (r *eventRead) answer(page []LogEvent) *awslogs.GetLogEventsResponse {
	if r.query.Descending {
		slices.Reverse(page)
	}
	forward, backward := r.bounds(page)
	return &awslogs.GetLogEventsResponse{
		Events:            outputEvents(page),
		NextForwardToken:  eventToken('f', forward),
		NextBackwardToken: eventToken('b', backward),
	}
}

// bounds returns the positions of the next tokens. When an empty page ends the reading, its own token comes back, and the
// other one takes in the event that the token stood at.
func (r *eventRead) bounds(page []LogEvent) (forward, backward Position) {
	switch {
	case len(page) > 0:
		return page[len(page)-1].Position(), page[0].Position()
	case r.query.After != nil:
		return r.at, following(r.at)
	case r.query.Before != nil:
		return preceding(r.at), r.at
	}
	return Position{}, Position{}
}

// following returns the lowest position above p, preceding the highest below it, as far as there are events.
func following(p Position) Position {
	if p.Arrival++; p.Arrival == 0 {
		p.Ingestion++
	}
	return p
}

func preceding(p Position) Position {
	if p.Arrival == 0 && p.Ingestion > 0 {
		p.Ingestion--
	}
	if p != (Position{Timestamp: p.Timestamp}) {
		p.Arrival-- // from 0 to the highest, where the ingestion time went down
	}
	return p
}

// scanPage reads events until the page is full by number or bytes; more says that another event follows. A page holds at
// least one event if there is any.
func (s *Service) scanPage(ctx context.Context, q ScanQuery, limit int) (page []LogEvent, more bool, err error) {
	bytes := 0
	for event, err := range s.store.Scan(ctx, q) {
		if err != nil {
			return nil, false, fmt.Errorf("read events of log group %d: %w", q.Group, err)
		}
		bytes += len(event.Message) + eventOverhead
		if len(page) == limit || len(page) > 0 && bytes > maxPageBytes {
			return page, true, nil
		}
		page = append(page, event)
	}
	return page, false, nil
}

// outputEvents shares one piece of memory among the events' members, which the response holds by pointer.
func outputEvents(page []LogEvent) []awslogs.OutputLogEvent {
	out := make([]awslogs.OutputLogEvent, len(page))
	times := make([][2]int64, len(page))
	for i := range page {
		e := &page[i]
		times[i] = [2]int64{int64(e.Timestamp), int64(e.Ingestion)}
		out[i] = awslogs.OutputLogEvent{Timestamp: &times[i][0], IngestionTime: &times[i][1], Message: &e.Message}
	}
	return out
}
