// Package cloudwatch is the metrics service: it takes data points, keeps and aggregates them, answers queries with metric
// math, watches alarms and stores dashboards, as Amazon CloudWatch does. It holds AWS' rules and messages; how requests
// look on the wire and who may send them is left to awswire.
//
// Data comes from clients by PutMetricData, and from the gateway and the log service by Record, which takes what they have
// already aggregated. Data points lie in a database file of their own (store.go draws it), alarms, their history and
// dashboards in package state. The language of expressions is in cloudwatch/metricmath.
//
// Percentiles and the other statistics of distributions are exact for periods with up to 128 different values, and within
// 1 % of the true value beyond. Not built: composite alarms, anomaly detection, Metrics Insights, metric streams, insight
// rules and entities (which PutMetricData accepts beside its data and does not keep).
package cloudwatch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/awscloudwatch"
	"github.com/tollbook/tollbook/state"
)

// Options of a Service. DB and Path are required.
type Options struct {
	// DB keeps alarms and dashboards. It stays the caller's and must be closed after the service.
	DB *state.DB
	// Path is the file of the data points, such as DATA_DIR/metrics.db. Its folder must exist.
	Path string
	// Now is the clock. Default: time.Now.
	Now func() time.Time
	// Log receives what goes wrong in the background. Default: slog.Default.
	Log *slog.Logger
	// Client sends alarms to URLs. Default: one with a timeout of 10 s that follows no redirects.
	Client *http.Client
	// FlushEvery is how often data points move from memory into chunks and old ones are rolled up. Default: 10 min.
	FlushEvery time.Duration
	// EvaluateEvery is how often alarms are looked at; each is evaluated once a minute, with a period of 10, 20 or 30 s once
	// in 10 s. Default: 1 s. Negative: never.
	EvaluateEvery time.Duration
	// EvaluationDelay is how long after the end of a period its data is waited for. It should be longer than the product's
	// own meters take to deliver. Default: 10 s.
	EvaluationDelay time.Duration
	// RetryAfter is the pause after the first failed attempt to send an alarm; each further one is twice as long. Default: 1 s.
	RetryAfter time.Duration
}

func (o *Options) setDefaults() {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Client == nil {
		o.Client = &http.Client{Timeout: 10 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		}}
	}
	orDefault(&o.FlushEvery, 10*time.Minute)
	orDefault(&o.EvaluateEvery, time.Second)
	orDefault(&o.EvaluationDelay, 10*time.Second)
	orDefault(&o.RetryAfter, time.Second)
}

func orDefault(d *time.Duration, v time.Duration) {
	if *d == 0 {
		*d = v
	}
}

// Service implements awscloudwatch.Service. Its methods are safe for concurrent use.
type Service struct {
	opts   Options
	db     *state.DB
	store  *store
	alarms alarmWatch

	running context.Context // ends with Close, for what runs in the background
	stop    context.CancelFunc
	stopped sync.WaitGroup
}

var _ awscloudwatch.Service = (*Service)(nil)

// New opens the data points and begins to watch the alarms.
func New(o Options) (*Service, error) {
	o.setDefaults()
	st, err := openStore(o.Path, o.Now, o.Log)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	s := &Service{opts: o, db: o.DB, store: st, running: ctx, stop: stop, alarms: newAlarmWatch()}
	if err := s.loadAlarms(ctx); err != nil {
		stop()
		return nil, errors.Join(fmt.Errorf("load alarms: %w", err), st.close())
	}
	if err := s.resumeActions(ctx); err != nil {
		stop()
		return nil, errors.Join(fmt.Errorf("load actions of alarms: %w", err), st.close())
	}
	s.stopped.Go(func() { s.maintain(ctx) })
	if o.EvaluateEvery > 0 {
		s.stopped.Go(func() { s.watchAlarms(ctx) })
	}
	return s, nil
}

// Close ends the work in the background and closes the file of data points. Actions of alarms that were not delivered, and
// data that is only in memory and in the table of what has arrived, are found again by the next New.
func (s *Service) Close() error {
	s.stop()
	s.stopped.Wait()
	s.alarms.notices.Wait()
	return s.store.close()
}

// maintain keeps the file in shape.
func (s *Service) maintain(ctx context.Context) {
	ticker := time.NewTicker(s.opts.FlushEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-s.store.full:
		}
		err := s.store.flush(ctx)
		if err == nil {
			err = s.store.rollUp(ctx)
		}
		if err == nil {
			err = s.expireHistory(ctx)
		}
		if err != nil && ctx.Err() == nil {
			s.opts.Log.Error("keep metric data in shape", "error", err)
		}
	}
}

func (s *Service) now() time.Time { return s.opts.Now().UTC() }

// place is an account's region.
type place struct{ account, region string }

func callersPlace(ctx context.Context) place {
	c := awsapi.CallerFrom(ctx)
	return place{c.AccountID, c.Region}
}

func (p place) scope() string { return p.account + "/" + p.region }
