package cloudwatch

import (
	"context"
	"errors"
	"time"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/cloudwatch/metricmath"
	"github.com/tollbook/tollbook/state"
)

// extraPeriods is how many periods more than EvaluationPeriods are looked at for data, so that a late or missing data point
// is made up for by an older one. AWS' examples have 5 for an alarm over 3.
const extraPeriods = 2

// watchAlarms evaluates alarms as time passes.
func (s *Service) watchAlarms(ctx context.Context) {
	ticker := time.NewTicker(s.opts.EvaluateEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			s.evaluateAlarms(ctx)
		}
	}
}

// evaluateAlarms evaluates the alarms for which a minute, or 10 s for those with short periods, has ended since they were
// evaluated last.
func (s *Service) evaluateAlarms(ctx context.Context) {
	now := s.now().Add(-s.opts.EvaluationDelay).Unix()
	for _, w := range s.alarms.onMetrics() {
		if ctx.Err() != nil {
			return
		}
		end := floor(now, 60)
		if w.period() < 60 {
			end = floor(now, 10)
		}
		if end <= w.seen.Load() {
			continue
		}
		w.seen.Store(end)
		if err := s.evaluateAlarm(ctx, w, end); err != nil && ctx.Err() == nil {
			s.opts.Log.Error("evaluate alarm", "alarm", w.rec.Config.AlarmName, "error", err)
		}
	}
}

// onMetrics are the alarms that are evaluated as time passes: all but composite alarms.
func (a *alarmWatch) onMetrics() []*watched {
	a.mu.RLock()
	defer a.mu.RUnlock()
	all := make([]*watched, 0, len(a.alarms))
	for _, w := range a.alarms {
		if w.rule == nil {
			all = append(all, w)
		}
	}
	return all
}

func (w *watched) period() int64 { return alarmPeriod(&w.rec.Config, w.queries) }

// datum is what an alarm sees of one period.
type datum struct {
	time    int64
	value   float64
	samples float64 // 0 where they are not known
	missing bool
}

// evaluateAlarm looks at the periods before end and changes the alarm's state if they say so.
func (s *Service) evaluateAlarm(ctx context.Context, w *watched, end int64) error {
	ctx = awsapi.WithCaller(ctx, awsapi.Caller{AccountID: w.at.account, Region: w.at.region})
	data, err := s.alarmData(ctx, w, end)
	if err != nil {
		return err
	}
	v := w.judge(data)
	if v.state == "" || v.state == w.rec.State.Value {
		return nil
	}
	next := alarmState{Value: v.state, Reason: w.reason(v), ReasonData: w.reasonData(v, end, s.now()), Updated: s.now()}
	return s.changeAlarms(ctx, func(c *alarmChange) error {
		rec, err := alarmRecords.Get(c.tx, w.at.key(w.rec.Config.AlarmName))
		if errors.Is(err, state.ErrNotFound) || err == nil && !rec.Configured.Equal(w.rec.Configured) {
			return nil // deleted, or changed meanwhile: the next evaluation sees it
		}
		if err != nil || rec.State.Value == next.Value {
			return err
		}
		return c.setState(w.at, rec, next)
	})
}

// alarmData returns one datum for each period of the evaluation range, oldest first.
func (s *Service) alarmData(ctx context.Context, w *watched, end int64) ([]datum, error) {
	period := w.period()
	n := int64(valueOf(w.rec.Config.EvaluationPeriods)) + extraPeriods
	from := end - n*period
	data := make([]datum, n)
	for i := range data {
		data[i] = datum{time: from + int64(i)*period, missing: true}
	}
	set := func(at int64, value, samples float64) {
		if i := (at - from) / period; at >= from && i < n {
			data[i].value, data[i].samples, data[i].missing = value, samples, false
		}
	}
	if w.queries != nil {
		return data, s.expressionData(ctx, w, from, end, set)
	}
	return data, s.metricData(ctx, w, from, end, set)
}

func (s *Service) metricData(ctx context.Context, w *watched, from, end int64, set func(at int64, value, samples float64)) error {
	c := &w.rec.Config
	ser := s.store.lookup(keyOf(w.at, valueOf(c.Namespace), valueOf(c.MetricName), c.Dimensions))
	if ser == nil {
		return nil
	}
	u, _ := unitNamed(valueOf(c.Unit)) // checked when the alarm was put, as the statistic
	st, _ := parseStatistic(alarmStatistic(c))
	buckets, err := s.store.read(ctx, ser, query{from: from, to: end, period: w.period(), unit: u})
	for _, b := range ofOneUnit(buckets) {
		if v, ok := st.of(b.summary); ok && finite(v) {
			set(b.time, v, b.count)
		}
	}
	return err
}

func (s *Service) expressionData(ctx context.Context, w *watched, from, end int64, set func(at int64, value, samples float64)) error {
	e := s.evaluation(ctx, w.queries, time.Unix(from, 0), time.Unix(end, 0))
	e.origin = from
	for _, q := range w.queries {
		if q.hidden {
			continue
		}
		v, err := e.value(q)
		if err != nil {
			return err
		}
		if v.Kind == metricmath.Scalar || len(v.Series) != 1 {
			return errors.New("the expression returns no single time series")
		}
		for _, p := range v.Series[0].Points {
			set(p.Time, p.Value, 0)
		}
	}
	return nil
}
