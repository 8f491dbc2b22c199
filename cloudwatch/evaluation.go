package cloudwatch

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/cloudwatch/metricmath"
)

// maxFound is how many series one SEARCH may find, and defaultPeriod what expressions without any metric have.
const (
	maxFound      = 500
	defaultPeriod = 300
)

// evaluation answers the queries of one request.
type evaluation struct {
	ctx     context.Context // lives as long as the request
	s       *Service
	at      place
	queries []*metricQuery
	start   time.Time
	end     time.Time
	// origin, if not 0, is where periods begin, in s; else they begin as on the clock. Alarms look at the periods before now.
	origin int64
	zone   *time.Location
	values map[string]metricmath.Value // of queries that are answered
	// plain are the values of metrics that are answered, of all units: where one has several, several at one time.
	plain map[string][]dataValue
}

func (s *Service) evaluation(ctx context.Context, queries []*metricQuery, start, end time.Time) *evaluation {
	return &evaluation{
		ctx: ctx, s: s, at: callersPlace(ctx), queries: queries, start: start, end: end, zone: time.UTC,
		values: map[string]metricmath.Value{}, plain: map[string][]dataValue{},
	}
}

// results answers all queries that are not hidden. A hidden one that no other needs is not looked at.
func (e *evaluation) results() (all []result, err error) {
	for _, q := range e.queries {
		if q.hidden {
			continue
		}
		if q.account != "" && q.account != e.at.account {
			all = append(all, result{id: q.id, label: q.defaultLabel(), forbidden: true})
			continue
		}
		v, err := e.value(q)
		if err != nil {
			return nil, err
		}
		if v.Kind == metricmath.Scalar {
			return nil, expressionError(q.id, errors.New("The expression must return a time series or an array of time series"))
		}
		for _, s := range v.Series {
			all = append(all, e.result(q, v.Kind, s))
		}
	}
	return all, nil
}

func (e *evaluation) result(q *metricQuery, kind metricmath.Kind, s metricmath.Series) result {
	r := result{id: q.id}
	if q.expression == nil {
		r.points = e.plain[q.id]
	} else {
		r.points = dataValues(s.Points)
	}
	switch {
	case kind == metricmath.Array && q.label != "":
		r.label = q.label + " " + s.Label
	case kind == metricmath.Array:
		r.label = s.Label
	case q.labelled:
		r.label = q.label
	default:
		r.label = q.defaultLabel()
	}
	r.label = e.dynamicLabel(r.label, q, r.points)
	return r
}

func dataValues(points []metricmath.Point) (values []dataValue) {
	for _, p := range points {
		values = append(values, dataValue{p.Time, p.Value})
	}
	return values
}

// defaultLabel is the metric's name, or an expression's ID.
func (q *metricQuery) defaultLabel() string {
	if q.expression != nil {
		return q.id
	}
	return q.name
}

// value answers one query, and first those that it needs.
func (e *evaluation) value(q *metricQuery) (v metricmath.Value, err error) {
	if v, ok := e.values[q.id]; ok {
		return v, nil
	}
	if q.expression == nil {
		var s metricmath.Series
		s, err = e.metric(q)
		v = metricmath.One(s)
	} else {
		v, err = e.evaluate(q)
	}
	if err == nil {
		e.values[q.id] = v
	}
	return v, err
}

func (e *evaluation) evaluate(q *metricQuery) (metricmath.Value, error) {
	period := e.periodOf(q)
	v, err := q.expression.Eval(&metricmath.Env{
		Start: e.from(period), End: e.end.Unix(), Origin: e.origin, Period: period,
		Lookup:  func(id string) (metricmath.Value, error) { return e.value(e.query(id)) },
		Metrics: e.metrics,
		Search: func(search metricmath.Search, stat string, p int64) ([]metricmath.Series, error) {
			if p == 0 {
				p = period
			}
			return e.search(search, stat, p)
		},
	})
	var wire *awsapi.Error
	var fault *metricmath.Error
	switch {
	case errors.As(err, &wire):
		return v, err
	case errors.As(err, &fault):
		return v, expressionError(q.id, err)
	}
	return v, err
}

func (e *evaluation) query(id string) *metricQuery {
	for _, q := range e.queries {
		if q.id == id {
			return q
		}
	}
	return nil // checkReferences has seen that there is one
}

// periodOf is that of an expression: its own, or the shortest of the metrics in the request.
func (e *evaluation) periodOf(q *metricQuery) int64 {
	if q.period > 0 {
		return q.period
	}
	shortest := int64(math.MaxInt64)
	for _, o := range e.queries {
		if o.expression == nil {
			shortest = min(shortest, o.period)
		}
	}
	if shortest == math.MaxInt64 {
		return defaultPeriod
	}
	return shortest
}

// from is the beginning of the first period.
func (e *evaluation) from(period int64) int64 {
	if e.origin != 0 {
		return e.start.Unix()
	}
	return floor(roundedStart(e.start, e.s.now(), period), period)
}

// metric reads a metric's values. Those of one unit are for expressions, and those of all for the answer.
func (e *evaluation) metric(q *metricQuery) (metricmath.Series, error) {
	out := metricmath.Series{ID: q.id, Label: q.defaultLabel(), Period: q.period}
	if q.label != "" {
		out.Label = q.label
	}
	ser := e.s.store.lookup(keyOf(e.at, q.namespace, q.name, q.dimensions))
	if ser == nil {
		return out, nil
	}
	buckets, err := e.buckets(ser, q.unit, q.period)
	e.plain[q.id] = dataValues(pointsOf(buckets, q.statistic))
	out.Points = pointsOf(ofOneUnit(buckets), q.statistic)
	return out, err
}

func (e *evaluation) buckets(ser *series, u unit, period int64) ([]bucket, error) {
	return e.s.store.read(e.ctx, ser, query{from: e.from(period), to: e.end.Unix(), period: period, unit: u})
}

func pointsOf(buckets []bucket, st statistic) (points []metricmath.Point) {
	for _, b := range buckets {
		if v, ok := st.of(b.summary); ok && finite(v) {
			points = append(points, metricmath.Point{Time: b.time, Value: v})
		}
	}
	return points
}

// metrics are those of the request, for METRICS().
func (e *evaluation) metrics() (all []metricmath.Series, err error) {
	for _, q := range e.queries {
		if q.expression != nil {
			continue
		}
		v, err := e.value(q)
		if err != nil {
			return nil, err
		}
		all = append(all, v.Series...)
	}
	return all, nil
}

// search reads the metrics that a search means. What finds too many is refused rather than cut.
func (e *evaluation) search(search metricmath.Search, stat string, period int64) (all []metricmath.Series, err error) {
	st, ok := parseStatistic(stat)
	if !ok {
		return nil, validationError("The value %s is not a supported statistic.", stat)
	}
	if !validPeriod(period) {
		return nil, validationError("The period of a search must be 1, 5, 10, 20, 30 or a multiple of 60.")
	}
	since := e.s.now().Add(-listedFor).Unix()
	found := e.s.store.find(e.at, func(ser *series) bool {
		return ser.last >= since && search.Matches(ser.key.searched())
	})
	if len(found) > maxFound {
		return nil, validationError("The search found %d metrics, which exceeds the limit of %d.", len(found), maxFound)
	}
	for _, ser := range found {
		buckets, err := e.buckets(ser, 0, period)
		if err != nil {
			return nil, err
		}
		points := pointsOf(ofOneUnit(buckets), st)
		all = append(all, metricmath.Series{Label: ser.key.label(), Period: period, Points: points})
	}
	return all, nil
}

// searched is the metric as a search looks at it.
func (k seriesKey) searched() *metricmath.Metric {
	m := &metricmath.Metric{Namespace: k.namespace, Name: k.name}
	for _, d := range k.dimensions {
		m.Dimensions = append(m.Dimensions, metricmath.Dimension(d))
	}
	return m
}

// label tells the metrics of a search apart: by the values of their dimensions, and the name.
func (k seriesKey) label() string {
	text := ""
	for _, d := range k.dimensions {
		text += d.Value + " "
	}
	return fmt.Sprint(text, k.name)
}
