package logs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/awslogs"
	"github.com/tollbook/tollbook/state"
)

// AWS' limits on what is put at once.
const (
	maxBatchBytes  = 1_048_576 // of messages, with eventOverhead for each
	maxEventBytes  = 1_048_576 // of one message and its overhead
	eventOverhead  = 26
	maxBatchSpan   = Millis(24 * 60 * 60 * 1000)
	maxEventAge    = Millis(14 * 24 * 60 * 60 * 1000)
	maxEventFuture = Millis(2 * 60 * 60 * 1000)
)

// PutLogEvents appends events to a stream. They are durable when it returns. Events too old or too new are left out and
// told in the answer.
func (s *Service) PutLogEvents(
	ctx context.Context, in *awslogs.PutLogEventsRequest,
) (*awslogs.PutLogEventsResponse, error) {
	if err := checkBatch(in.LogEvents); err != nil {
		return nil, err
	}
	var out *awslogs.PutLogEventsResponse
	err := s.groups.use(ctx, callersGroup(ctx, in.LogGroupName), func(g *group) error {
		st, err := g.streams.find(ctx, s.db, in.LogStreamName)
		if err != nil {
			return err
		}
		now := s.now()
		limits := acceptance{oldest: now - maxEventAge, kept: retentionStart(&g.rec, now), newest: now + maxEventFuture}
		if awsapi.CallerFrom(ctx).AcceptOldEvents {
			limits.oldest = 0
		}
		accepted, rejected := limits.cut(in.LogEvents)
		ingestion, err := s.put(ctx, g, st, accepted)
		if err != nil {
			return err
		}
		out = &awslogs.PutLogEventsResponse{
			NextSequenceToken: sequenceToken(max(ingestion, now)), RejectedLogEventsInfo: rejected,
		}
		return nil
	})
	return out, err
}

// checkBatch checks what does not depend on the group.
func checkBatch(events []awslogs.InputLogEvent) error {
	total, sorted := 0, true
	for i := range events {
		size := len(events[i].Message) + eventOverhead
		if size > maxEventBytes {
			return awslogs.InvalidParameterException(
				"Log event too large: %d bytes exceeds limit of %d", size, maxEventBytes)
		}
		total += size
		sorted = sorted && (i == 0 || events[i-1].Timestamp <= events[i].Timestamp)
	}
	if total > maxBatchBytes {
		return awslogs.InvalidParameterException("Upload too large: %d bytes exceeds limit of %d", total, maxBatchBytes)
	}
	if !sorted {
		return awslogs.InvalidParameterException(
			"Log events in a single PutLogEvents request must be in chronological order.")
	}
	return nil
}

// acceptance is the timestamps that a group takes at a time, all inclusive.
type acceptance struct {
	oldest Millis // below it events are too old
	kept   Millis // the beginning of the group's retention
	newest Millis
}

// cut returns what is accepted of a sorted batch; rejected, which may be nil, tells what is left out.
func (a acceptance) cut(
	events []awslogs.InputLogEvent,
) (accepted []awslogs.InputLogEvent, rejected *awslogs.RejectedLogEventsInfo) {
	// The cuts are at the ends, so only what is left out is looked at.
	tooOld := 0
	for tooOld < len(events) && Millis(events[tooOld].Timestamp) < a.oldest {
		tooOld++
	}
	expired := tooOld
	for expired < len(events) && Millis(events[expired].Timestamp) < a.kept {
		expired++
	}
	end := len(events)
	for end > expired && Millis(events[end-1].Timestamp) > a.newest {
		end--
	}
	if expired == 0 && end == len(events) {
		return events, nil
	}
	rejected = &awslogs.RejectedLogEventsInfo{}
	if tooOld > 0 {
		rejected.TooOldLogEventEndIndex = new(int32(tooOld))
	}
	if expired > tooOld {
		rejected.ExpiredLogEventEndIndex = new(int32(expired))
	}
	if end < len(events) {
		rejected.TooNewLogEventStartIndex = new(int32(end))
	}
	return events[expired:end], rejected
}

// put appends sorted events to a stream of a group whose mu the caller holds.
func (s *Service) put(
	ctx context.Context, g *group, st *stream, events []awslogs.InputLogEvent,
) (ingestion Millis, err error) {
	if len(events) == 0 {
		return 0, nil
	}
	first, last := Millis(events[0].Timestamp), Millis(events[len(events)-1].Timestamp)
	if last-first > maxBatchSpan {
		return 0, awslogs.InvalidParameterException(
			"The batch of log events in a single PutLogEvents request cannot span more than 24 hours.")
	}
	batch, bytes := Batch{Group: g.id, Stream: st.id, Events: make([]NewEvent, len(events))}, 0
	for i := range events {
		bytes += len(events[i].Message)
		batch.Events[i] = NewEvent{Millis(events[i].Timestamp), events[i].Message}
	}
	defer s.times.begin()()
	if ingestion, err = s.store.Append(ctx, []Batch{batch}); err != nil {
		return 0, s.refusedByStore(fmt.Errorf("append %d events to log stream %s of %s: %w", len(events), st.name, g.key.name, err))
	}
	s.times.appended(st, first, last, ingestion)
	g.appended(len(events), bytes, ingestion)
	return ingestion, nil
}

// refusedByStore tells a client that nothing of its call was stored, in a way that SDKs take as a reason to try again. The
// cause is told to the operator. A call that was given up stays what it is.
func (s *Service) refusedByStore(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	s.opts.Log.Error("log store refused events", "error", err)
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return awslogs.ServiceUnavailableException("The log store cannot take events: its disk is full.")
	}
	return awslogs.ServiceUnavailableException("The log store cannot take events at present.")
}

// sequenceToken is the number that AWS gives out with every batch and no longer asks for.
func sequenceToken(ingestion Millis) *string {
	digits := EventID(Position{Timestamp: ingestion, Ingestion: ingestion})
	return new(strings.Repeat("0", max(0, tokenDigits-len(digits))) + digits)
}

// retentionStart is the lowest timestamp that the group keeps at the time now.
func retentionStart(rec *state.LogGroup, now Millis) Millis {
	if rec.RetentionDays == 0 {
		return 0
	}
	return max(0, now-Millis(rec.RetentionDays)*24*60*60*1000)
}
