// Package logs is the log service: log groups, log streams and log events as CloudWatch Logs has them. It holds AWS'
// rules and messages. Requests come from awswire through awslogs.Operations, and the gateway's own entries through
// AppendEntries. Groups and streams are records in package state; events go to a Store (logs/embedded, for one), which
// knows streams by ID alone. How requests look on the wire and who may send them is left to awswire.
//
// The order that keeps the two stores in step: a group or stream exists in state before its first event is appended,
// and it is deleted from state before its events are. What a crash leaves of a deletion is finished by New.
package logs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/awslogs"
	"github.com/tollbook/tollbook/state"
)

// Options of a Service. The zero value works.
type Options struct {
	// Now is the clock. Default: time.Now.
	Now func() time.Time
	// Log receives what goes wrong in the background. Default: slog.Default.
	Log *slog.Logger
	// FlushEvery is how often the event times of streams are written to the state database, which costs about 0.1 ms for each
	// stream that is in use. Listings do not wait for it. Default: 10 s.
	FlushEvery time.Duration
	// SweepEvery is how often events beyond their group's retention are given up. Reads leave them out at once. Default: 1 h.
	SweepEvery time.Duration
	// Metrics receives what metric filters make, and the metrics of the service itself. Default: nobody, and metric filters
	// do nothing.
	Metrics MetricSink
	// MetricsEvery is how often metric data is made of the events that have arrived. Default: 5 s.
	MetricsEvery time.Duration
	// Dial makes a receiver for the URL of a subscription filter's destination, or says why it cannot be used. It does not
	// connect yet. Default: URLs are refused.
	Dial func(url string) (Receiver, error)
	// Sources are the services whose resources can be delivery sources. Default: none.
	Sources LogSources
}

func (o *Options) setDefaults() {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.FlushEvery <= 0 {
		o.FlushEvery = 10 * time.Second
	}
	if o.SweepEvery <= 0 {
		o.SweepEvery = time.Hour
	}
	if o.MetricsEvery <= 0 {
		o.MetricsEvery = 5 * time.Second
	}
	if o.Sources == nil {
		o.Sources = noLogSources{}
	}
}

// Service is the log service. Its methods are safe for concurrent use.
type Service struct {
	opts       Options
	db         *state.DB
	store      Store
	groups     *groupCache
	times      timesWriter
	stored     storedBytes
	queries    *queries
	tails      liveTails
	metrics    *metricPump
	deliveries *deliverySet

	scratch sync.Pool // of *scratch, for AppendEntries

	stop    context.CancelFunc
	stopped sync.WaitGroup
}

var _ awslogs.Service = (*Service)(nil)

// New starts a service on records and events. It brings the streams' event times up to date and finishes deletions that a
// crash cut short, for which it goes through the store's streams once. db and store stay the caller's and must be closed
// after the service.
func New(db *state.DB, store Store, opts Options) (*Service, error) {
	opts.setDefaults()
	s := &Service{opts: opts, db: db, store: store, groups: newGroupCache(db), queries: newQueries(), tails: liveTails{open: map[string]int{}}}
	s.metrics, s.deliveries = newMetricPump(s, opts.Metrics), newDeliverySet(s)
	s.times.db = db
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	err := s.recoverTimes(ctx)
	if err == nil {
		err = s.finishDeletions(ctx)
	}
	if err != nil {
		stop()
		return nil, fmt.Errorf("start the log service: %w", err)
	}
	s.stopped.Go(func() { s.background(ctx) })
	s.stopped.Go(func() { s.deliveries.run(ctx) })
	if opts.Metrics != nil {
		s.stopped.Go(func() { s.metrics.run(ctx) })
	}
	return s, nil
}

// Close ends the work in the background, queries too, and writes the streams' event times. No call may be under way.
func (s *Service) Close() error {
	s.queries.close()
	s.stop()
	s.stopped.Wait()
	return s.times.flush(context.Background())
}

func (s *Service) background(ctx context.Context) {
	flush, sweep := time.NewTicker(s.opts.FlushEvery), time.NewTicker(s.opts.SweepEvery)
	defer flush.Stop()
	defer sweep.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-flush.C:
			s.flushTimes(ctx)
			s.groups.shrink(maxCachedStreams)
		case <-sweep.C:
			if err := s.expire(ctx); err != nil && ctx.Err() == nil {
				s.opts.Log.Error("retention sweep", "error", err)
			}
		}
	}
}

// flushTimes writes the streams' event times and only reports an error: they are still in memory then, and would be
// found again in the store after a crash.
func (s *Service) flushTimes(ctx context.Context) {
	if err := s.times.flush(ctx); err != nil && ctx.Err() == nil {
		s.opts.Log.Error("write event times of log streams", "error", err)
	}
}

func (s *Service) now() Millis { return Millis(s.opts.Now().UnixMilli()) }

func groupMissing() *awsapi.Error {
	return awslogs.ResourceNotFoundException("The specified log group does not exist.")
}

func streamMissing() *awsapi.Error {
	return awslogs.ResourceNotFoundException("The specified log stream does not exist.")
}

// missing turns state.ErrNotFound into the answer for the client.
func missing(err error, answer *awsapi.Error) error {
	if errors.Is(err, state.ErrNotFound) {
		return answer
	}
	return err
}
