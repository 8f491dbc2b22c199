package logs

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tollbook/tollbook/awsapi/awslogs"
	"github.com/tollbook/tollbook/state"
)

// Limits of live tails. Those without a comment are AWS'.
const (
	maxLiveTails     = 15 // of one account in a region
	liveTailTime     = 3 * time.Hour
	liveTailIdle     = time.Second           // an empty update follows after so long
	liveTailGap      = 25 * time.Millisecond // between updates, on average; our own
	maxUpdateEvents  = 500                   // more are sampled
	maxQueuedUpdates = 10                    // for a client that reads slowly, with 5,000 events; then the oldest is dropped
	maxTailNames     = 10_000                // streams whose name a session keeps of a group; our own
)

// liveTailDelay is how long the first message waits, for the sake of the AWS SDK for Go. When an answer begins, it closes the
// request's body; if that comes between the body's last byte and the look of its transport whether there are more, as
// happens with a quick server, the transport drops the connection: "use of closed network connection".
const liveTailDelay = 10 * time.Millisecond

// liveTails counts the sessions that are open, by account and region.
type liveTails struct {
	mu   sync.Mutex
	open map[string]int
}

// enter counts a session until leave is called, unless there are as many as there can be.
func (l *liveTails) enter(scope string) (leave func(), err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open[scope] >= maxLiveTails {
		return nil, limitExceeded()
	}
	l.open[scope]++
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.open[scope]--; l.open[scope] == 0 {
			delete(l.open, scope)
		}
	}, nil
}

// liveTail is a session.
type liveTail struct {
	service         *Service
	groups          []*tailedGroup
	filter          *Filter
	names, prefixes []string // of streams; nil: all
	ear             chan struct{}
	updates         tailQueue
}

// tailedGroup is a group of a session, which reads from next on.
type tailedGroup struct {
	*group
	identifier string // as the request has it
	next       uint64
	names      map[StreamID]string // of its streams; "" of those that are not wanted or gone
}

// follow begins to listen for events that arrive from now on.
func (t *liveTail) follow() (stop func()) {
	var stops []func()
	next := t.service.store.NextArrival()
	for _, g := range t.groups {
		g.next = next
		stops = append(stops, g.news.follow(t.ear))
	}
	return func() {
		for _, stop := range stops {
			stop()
		}
	}
}

// read makes updates of what has arrived since the last, at most so many: events come in bursts, so those for which there
// was no update before may have several. There is an error when all groups are gone.
func (t *liveTail) read(ctx context.Context, most int) (updates []*awslogs.LiveTailSessionUpdate, err error) {
	sample := sampler{most: most * maxUpdateEvents}
	left := 0
	to := t.service.store.NextArrival()
	for _, g := range t.groups {
		if g.isGone() {
			continue
		}
		left++
		if err := t.readGroup(ctx, g, to, &sample); err != nil {
			return nil, err
		}
		g.next = to
	}
	if left == 0 {
		return nil, awslogs.SessionStreamingException("The log groups of the session were deleted.")
	}
	events, sampled := sample.take()
	for results := range slices.Chunk(sessionResults(events), maxUpdateEvents) {
		updates = append(updates, &awslogs.LiveTailSessionUpdate{
			SessionMetadata: &awslogs.LiveTailSessionMetadata{Sampled: new(sampled)}, SessionResults: results,
		})
	}
	return updates, nil
}

func (t *liveTail) readGroup(ctx context.Context, g *tailedGroup, to uint64, sample *sampler) error {
	return t.service.arrivals(ctx, g.group, g.next, to, t.filter, func(e *LogEvent) error {
		name, err := t.streamName(ctx, g, e.Stream)
		if err == nil && name != "" {
			sample.add(tailEvent{g, name, e.Timestamp, e.Ingestion, e.Message})
		}
		return err
	})
}

// streamName returns the name of a stream, "" if it is not wanted, or gone.
func (t *liveTail) streamName(ctx context.Context, g *tailedGroup, id StreamID) (name string, err error) {
	if name, known := g.names[id]; known {
		return name, nil
	}
	err = t.service.db.Read(ctx, func(tx *state.Tx) (err error) {
		name, err = g.streams.name(tx, id)
		return err
	})
	if err != nil {
		return "", err
	}
	if !t.wants(name) {
		name = ""
	}
	if len(g.names) >= maxTailNames {
		clear(g.names)
	}
	g.names[id] = name
	return name, nil
}

func (t *liveTail) wants(stream string) bool {
	if t.prefixes != nil {
		return slices.ContainsFunc(t.prefixes, func(p string) bool { return strings.HasPrefix(stream, p) })
	}
	return t.names == nil || slices.Contains(t.names, stream)
}

// tailEvent is an event on its way into an update.
type tailEvent struct {
	group                *tailedGroup
	stream               string
	timestamp, ingestion Millis
	message              string
}

// sessionResults puts events in the order of time, those of one time as they come.
func sessionResults(events []tailEvent) []awslogs.LiveTailSessionLogEvent {
	slices.SortStableFunc(events, func(a, b tailEvent) int { return cmp.Compare(a.timestamp, b.timestamp) })
	results := make([]awslogs.LiveTailSessionLogEvent, len(events))
	for i := range events {
		e := &events[i]
		results[i] = awslogs.LiveTailSessionLogEvent{
			LogStreamName: &e.stream, LogGroupIdentifier: &e.group.identifier,
			Message:   new(strings.Clone(e.message)), // which shares memory with others
			Timestamp: new(int64(e.timestamp)), IngestionTime: new(int64(e.ingestion)),
		}
	}
	return results
}

// sampler keeps at most so many of all events that it is given, spread evenly. It holds less than twice as many.
type sampler struct {
	most   int
	kept   []tailEvent
	stride int // one of so many is kept; 0 stands for 1
	seen   int
}

func (s *sampler) add(e tailEvent) {
	s.stride = max(s.stride, 1)
	if s.seen++; (s.seen-1)%s.stride != 0 {
		return
	}
	if s.kept = append(s.kept, e); len(s.kept) < 2*s.most {
		return
	}
	for i := range s.most {
		s.kept[i] = s.kept[2*i]
	}
	clear(s.kept[s.most:])
	s.kept = s.kept[:s.most]
	s.stride *= 2
}

// take returns what is kept, and whether that is not all.
func (s *sampler) take() (events []tailEvent, sampled bool) {
	n := len(s.kept)
	if n <= s.most {
		return s.kept, s.stride > 1
	}
	for i := range s.most {
		events = append(events, s.kept[i*n/s.most])
	}
	return events, true
}

// tailQueue holds updates for a client that does not keep up.
type tailQueue struct {
	ready chan struct{} // of capacity one: there may be updates

	mu      sync.Mutex
	updates []*awslogs.LiveTailSessionUpdate
}

// push adds an update; that it is idle needs no telling while others wait. The update behind one that is dropped says that
// events are missing.
func (q *tailQueue) push(u *awslogs.LiveTailSessionUpdate) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(u.SessionResults) == 0 && len(q.updates) > 0 {
		return
	}
	if q.updates = append(q.updates, u); len(q.updates) > maxQueuedUpdates {
		q.updates = slices.Delete(q.updates, 0, 1)
		q.updates[0].SessionMetadata.Sampled = new(true)
	}
	wake(q.ready)
}

// pop takes the oldest update; nil if there is none.
func (q *tailQueue) pop() *awslogs.LiveTailSessionUpdate {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.updates) == 0 {
		return nil
	}
	u := q.updates[0]
	q.updates = slices.Delete(q.updates, 0, 1)
	return u
}
