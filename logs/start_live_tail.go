package logs

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/awslogs"
	"github.com/tollbook/tollbook/logs/filterpattern"
)

// StartLiveTail sends the events of up to ten log groups as they arrive: a sessionStart first, then updates until the
// client leaves, all groups are deleted, or three hours have passed. AWS sends an update each second. Here
// events are sent as soon as they are there, at most every 25 ms, so that a request is seen within 100 ms of its end; idle,
// there is an empty one each second, as AWS has it.
func (s *Service) StartLiveTail(
	ctx context.Context, in *awslogs.StartLiveTailRequest, send func(*awslogs.StartLiveTailResponseStream) error,
) error {
	t, err := s.newLiveTail(ctx, in)
	if err != nil {
		return err
	}
	c := awsapi.CallerFrom(ctx)
	leave, err := s.tails.enter(c.AccountID + "/" + c.Region)
	if err != nil {
		return err
	}
	defer leave()
	defer t.follow()()
	start := &awslogs.LiveTailSessionStart{
		RequestId: &c.RequestID, SessionId: new(uuid.NewString()), LogGroupIdentifiers: in.LogGroupIdentifiers,
		LogStreamNames: orEmpty(in.LogStreamNames), LogStreamNamePrefixes: orEmpty(in.LogStreamNamePrefixes),
		LogEventFilterPattern: new(orZero(in.LogEventFilterPattern)),
	}
	if !wait(ctx, liveTailDelay) {
		return ctx.Err()
	}
	if err := send(&awslogs.StartLiveTailResponseStream{SessionStart: start}); err != nil {
		return err
	}
	return t.run(ctx, send)
}

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// newLiveTail checks a request and finds its groups.
func (s *Service) newLiveTail(ctx context.Context, in *awslogs.StartLiveTailRequest) (*liveTail, error) {
	byStream := in.LogStreamNames != nil || in.LogStreamNamePrefixes != nil
	switch {
	case in.LogStreamNames != nil && in.LogStreamNamePrefixes != nil:
		return nil, invalid("logStreamNames and logStreamNamePrefixes are mutually exclusive parameters.")
	case byStream && len(in.LogGroupIdentifiers) > 1:
		return nil, invalid("logStreamNames and logStreamNamePrefixes can be specified for a single log group only.")
	}
	t := &liveTail{
		service: s, ear: make(chan struct{}, 1), names: in.LogStreamNames, prefixes: in.LogStreamNamePrefixes,
		updates: tailQueue{ready: make(chan struct{}, 1)},
	}
	pattern, err := parsePattern(orZero(in.LogEventFilterPattern))
	if err != nil {
		return nil, err
	}
	t.filter = patternFilter(pattern)
	for _, identifier := range in.LogGroupIdentifiers {
		g, err := s.tailedGroup(ctx, identifier)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(t.groups, func(o *tailedGroup) bool { return o.group == g.group }) {
			t.groups = append(t.groups, g)
		}
	}
	return t, nil
}

// patternFilter is a pattern as scans want it; nil for one that matches all.
func patternFilter(p *filterpattern.Pattern) *Filter {
	if p.MatchesAll() {
		return nil
	}
	return &Filter{Match: p.Match, Implied: p.Condition()}
}

// tailedGroup finds a group by its ARN; the operation takes neither names nor the form with ":*".
func (s *Service) tailedGroup(ctx context.Context, identifier string) (*tailedGroup, error) {
	if !strings.HasPrefix(identifier, "arn:") || strings.HasSuffix(identifier, ":*") {
		return nil, invalid("The specified log group identifier is not valid: %s. It must be an ARN without :* at its end.", identifier)
	}
	key, err := identifiedGroup(ctx, identifier)
	if err != nil {
		return nil, err
	}
	t := &tailedGroup{identifier: identifier, names: map[StreamID]string{}}
	return t, s.groups.use(ctx, key, func(g *group) error {
		t.group = g
		if g.rec.Class != classStandard {
			return awslogs.InvalidOperationException("Live Tail is only supported on the Standard log class.")
		}
		return nil
	})
}

// run sends updates until the session ends.
func (t *liveTail) run(ctx context.Context, send func(*awslogs.StartLiveTailResponseStream) error) error {
	collecting, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- t.collect(collecting) }()
	for {
		var err error
		done := false
		select {
		case <-t.updates.ready:
		case err = <-ended:
			done = true
		}
		for u := t.updates.pop(); u != nil; u = t.updates.pop() {
			if failed := send(&awslogs.StartLiveTailResponseStream{SessionUpdate: u}); failed != nil {
				stop()
				if !done {
					<-ended
				}
				return failed
			}
		}
		if done {
			return err
		}
	}
}

// collect puts updates into the queue until the session ends, and says why it did.
func (t *liveTail) collect(ctx context.Context) error {
	over, idle, pause := time.NewTimer(liveTailTime), time.NewTimer(liveTailIdle), time.NewTimer(0)
	defer over.Stop()
	defer idle.Stop()
	defer pause.Stop()
	ear := (<-chan struct{})(nil)   // until pause is over
	last, credit := time.Now(), 1.0 // updates that may be sent: one for each gap that passes, none of which is lost to quiet
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-over.C:
			return awslogs.SessionTimeoutException("The session has timed out after %d hours.", int(liveTailTime.Hours()))
		case <-pause.C:
			ear = t.ear
		case <-idle.C:
			t.updates.push(&awslogs.LiveTailSessionUpdate{
				SessionMetadata: &awslogs.LiveTailSessionMetadata{Sampled: new(false)}, SessionResults: []awslogs.LiveTailSessionLogEvent{},
			})
			idle.Reset(liveTailIdle)
		case <-ear:
			credit = min(credit+float64(time.Since(last))/float64(liveTailGap), maxQueuedUpdates)
			last = time.Now()
			updates, err := t.read(ctx, max(int(credit), 1))
			if err != nil {
				return t.broken(ctx, err)
			}
			for _, update := range updates {
				t.updates.push(update)
				idle.Reset(liveTailIdle)
			}
			credit = max(0, credit-float64(len(updates)))
			ear = nil
			pause.Reset(liveTailGap)
		}
	}
}

// broken says why a session ends that cannot read its events; the cause is for the operator.
func (t *liveTail) broken(ctx context.Context, err error) error {
	var e *awsapi.Error
	if ctx.Err() != nil || errors.As(err, &e) {
		return err
	}
	t.service.opts.Log.Error("live tail", "error", err)
	return awslogs.SessionStreamingException("The log events cannot be read at present. Start another session.")
}
