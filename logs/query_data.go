package logs

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"

	"github.com/tollbook/tollbook/logs/insights"
	"github.com/tollbook/tollbook/state"
)

// queryData is the events of the log groups that a query names, as they are when it begins.
type queryData struct {
	service *Service
	groups  []*queriedGroup
}

var _ insights.Data = (*queryData)(nil)

// queriedGroup is a log group of a query.
type queriedGroup struct {
	group *group
	kept  Millis // the beginning of its retention

	mu    sync.Mutex
	names map[StreamID]string // of its streams, as far as they were asked for; "" of one that is gone
}

// queryData finds the groups. One that does not exist is told as queries tell it.
func (s *Service) queryData(ctx context.Context, keys []groupKey) (*queryData, error) {
	d := &queryData{service: s}
	for _, key := range keys {
		err := s.groups.use(ctx, key, func(g *group) error {
			if err := queryable(g); err != nil {
				return err
			}
			d.groups = append(d.groups, &queriedGroup{group: g, kept: retentionStart(&g.rec, s.now()), names: map[StreamID]string{}})
			return nil
		})
		if isMissing(err) {
			return nil, queriedGroupMissing(ctx, key)
		} else if err != nil {
			return nil, err
		}
	}
	return d, nil
}

// Groups returns account and name of the groups, as @log shows them.
func (d *queryData) Groups() []string {
	names := make([]string, len(d.groups))
	for i, g := range d.groups {
		names[i] = g.group.key.account + ":" + g.group.key.name
	}
	return names
}

// Blocks has the store go through the groups, one after the other.
func (d *queryData) Blocks(ctx context.Context, within insights.TimeRange, visit func(worker int, b *insights.Block) error) error {
	for i, g := range d.groups {
		err := d.service.store.Columns(ctx, g.scan(within), func(worker int, b *ColumnBlock) error {
			return visit(worker, &insights.Block{
				Block: b.Block, Group: i, Rows: b.Rows, Fresh: b.Fresh,
				Stream: func(row int) (string, error) { return d.streamName(g, b.Stream(row)) },
				Pointer: func(row int, timestamp, ingestion int64, arrival uint64) (string, error) {
					at := Position{Millis(timestamp), Millis(ingestion), arrival}
					return recordPointer{g.group.id, b.Stream(row), at}.String(), nil
				},
			})
		})
		if errors.Is(err, insights.ErrMemory) {
			return err // which is about the query, not the group
		} else if err != nil {
			return fmt.Errorf("read the columns of %s: %w", g.group.key.name, err)
		}
	}
	return nil
}

func (g *queriedGroup) scan(within insights.TimeRange) ScanQuery {
	return ScanQuery{Group: g.group.id, From: max(Millis(within.From), g.kept), To: Millis(within.To)}
}

// Events merges the groups by position.
func (d *queryData) Events(
	ctx context.Context, within insights.TimeRange, newestFirst bool, f *insights.EventFilter,
) iter.Seq2[insights.Event, error] {
	return func(yield func(insights.Event, error) bool) {
		var filter *Filter
		if f != nil {
			filter = &Filter{Match: f.Match, Implied: f.Implied, Block: f.Block, Loose: f.Loose}
		}
		merged := eventMerge{newestFirst: newestFirst}
		defer merged.stop()
		for i, g := range d.groups {
			q := g.scan(within)
			q.Descending, q.Filter = newestFirst, filter
			merged.add(i, d.service.store.Scan(ctx, q))
		}
		for {
			of, e, err := merged.next()
			if err != nil {
				yield(insights.Event{}, fmt.Errorf("read the events of a query: %w", err))
				return
			}
			if e == nil || !yield(d.event(of, e), nil) {
				return
			}
		}
	}
}

func (d *queryData) event(of int, e *LogEvent) insights.Event {
	g, stream, at := d.groups[of], e.Stream, e.Position()
	return insights.Event{
		Group: of, Timestamp: int64(e.Timestamp), Ingestion: int64(e.Ingestion), Message: e.Message,
		Stream:  func() (string, error) { return d.streamName(g, stream) },
		Pointer: func() (string, error) { return recordPointer{g.group.id, stream, at}.String(), nil },
	}
}

// streamName returns a stream's name; one that was deleted meanwhile has none.
func (d *queryData) streamName(g *queriedGroup, id StreamID) (string, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if name, known := g.names[id]; known {
		return name, nil
	}
	err := d.service.db.Read(context.Background(), func(tx *state.Tx) error {
		name, err := g.group.streams.name(tx, id)
		g.names[id] = name
		return err
	})
	if err != nil {
		return "", fmt.Errorf("name log stream %d: %w", id, err)
	}
	return g.names[id], nil
}

// eventMerge merges scans that are in order. Few queries name more than a handful of groups, so it looks at all of them.
type eventMerge struct {
	newestFirst bool
	scans       []*pulledScan
}

// pulledScan is a scan with its next event; done once there is none.
type pulledScan struct {
	group int
	pull  func() (LogEvent, error, bool)
	stop  func()
	event LogEvent
	full  bool
}

func (m *eventMerge) add(group int, scan iter.Seq2[LogEvent, error]) {
	pull, stop := iter.Pull2(scan)
	m.scans = append(m.scans, &pulledScan{group: group, pull: pull, stop: stop})
}

func (m *eventMerge) stop() {
	for _, s := range m.scans {
		s.stop()
	}
}

// next returns the next event of all, or nil after the last.
func (m *eventMerge) next() (group int, e *LogEvent, err error) {
	var first *pulledScan
	for i := 0; i < len(m.scans); i++ {
		s := m.scans[i]
		if ok, err := s.fill(); err != nil {
			return 0, nil, err
		} else if !ok {
			m.scans = append(m.scans[:i], m.scans[i+1:]...)
			i--
			continue
		}
		if first == nil || m.before(&s.event, &first.event) {
			first = s
		}
	}
	if first == nil {
		return 0, nil, nil
	}
	first.full = false
	return first.group, &first.event, nil
}

func (m *eventMerge) before(a, b *LogEvent) bool {
	order := a.Position().Compare(b.Position())
	return order < 0 && !m.newestFirst || order > 0 && m.newestFirst
}

func (s *pulledScan) fill() (ok bool, err error) {
	if s.full {
		return true, nil
	}
	s.event, err, s.full = s.pull()
	return s.full, err
}
