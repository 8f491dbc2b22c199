package cloudwatch

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tollbook/tollbook/awsapi/awscloudwatch"
)

const (
	maxQueries    = 500
	maxDatapoints = 100_800 // of one answer
)

// GetMetricData answers metric queries and expressions over them. Periods begin as on the clock. A page holds
// MaxDatapoints data points; results are in the order of the queries. Data of different units is never added up: a metric
// without a unit in its query has a value for each unit that a period has data of, and expressions are over the unit that
// has the most samples. A page ends behind all values of a time.
func (s *Service) GetMetricData(ctx context.Context, in *awscloudwatch.GetMetricDataInput) (*awscloudwatch.GetMetricDataOutput, error) {
	if !in.StartTime.Before(in.EndTime) {
		return nil, validationError("The parameter StartTime must be less than the parameter EndTime.")
	}
	from, err := parseDataToken(in.NextToken)
	if err != nil {
		return nil, err
	}
	zone, err := labelZone(in.LabelOptions)
	if err != nil {
		return nil, err
	}
	queries, err := parseQueries("MetricDataQueries", in.MetricDataQueries)
	if err != nil {
		return nil, err
	}
	e := s.evaluation(ctx, queries, in.StartTime, in.EndTime)
	e.zone = zone
	results, err := e.results()
	if err != nil {
		return nil, err
	}
	limit := maxDatapoints
	if n := valueOf(in.MaxDatapoints); n > 0 {
		limit = min(limit, int(n))
	}
	p := dataPage{out: &awscloudwatch.GetMetricDataOutput{
		MetricDataResults: []awscloudwatch.MetricDataResult{}, Messages: []awscloudwatch.MessageData{},
	}, room: limit, ascending: valueOf(in.ScanBy) == "TimestampAscending"}
	p.fill(results, from)
	return p.out, nil
}

// dataPlace is where a page of data points begins.
type dataPlace struct {
	result int   // index
	time   int64 // of the last data point that was shown of it; meaningless if fresh
	fresh  bool  // none of it was shown yet
}

func (d dataPlace) token() *string {
	if d.fresh {
		return pageToken(tokenData, strconv.Itoa(d.result))
	}
	return pageToken(tokenData, fmt.Sprintf("%d/%d", d.result, d.time))
}

func parseDataToken(token *string) (d dataPlace, err error) {
	text, err := pagePlace(token, tokenData)
	if err != nil || text == "" {
		return dataPlace{fresh: true}, err
	}
	result, at, shown := strings.Cut(text, "/")
	d.fresh = !shown
	var bad [2]error
	d.result, bad[0] = strconv.Atoi(result)
	if shown {
		d.time, bad[1] = strconv.ParseInt(at, 10, 64)
	}
	if errors.Join(bad[:]...) != nil || d.result < 0 {
		return d, awscloudwatch.InvalidNextToken("Invalid nextToken")
	}
	return d, nil
}

// dataPage collects a page of the answer.
type dataPage struct {
	out       *awscloudwatch.GetMetricDataOutput
	room      int // data points that still fit
	ascending bool
}

func (p *dataPage) fill(results []result, from dataPlace) {
	for i := from.result; i < len(results); i++ {
		r := &results[i]
		points := slices.Clone(r.points)
		if !p.ascending {
			slices.Reverse(points)
		}
		if i == from.result && !from.fresh {
			points = slices.DeleteFunc(points, func(d dataValue) bool {
				return d.time <= from.time && p.ascending || d.time >= from.time && !p.ascending
			})
		}
		if p.room == 0 && len(points) > 0 {
			p.out.NextToken = dataPlace{result: i, fresh: true}.token()
			return
		}
		shown := points[:min(len(points), p.room)]
		for n := len(shown); 0 < n && n < len(points) && points[n].time == shown[n-1].time; n = len(shown) {
			shown = points[:n+1]
		}
		p.room = max(0, p.room-len(shown))
		status := "Complete"
		if len(shown) < len(points) {
			status = "PartialData"
			p.out.NextToken = dataPlace{result: i, time: shown[len(shown)-1].time}.token()
		}
		if r.forbidden {
			status = "Forbidden"
		}
		p.out.MetricDataResults = append(p.out.MetricDataResults, r.toWire(shown, status))
		if p.out.NextToken != nil {
			return
		}
	}
}

// result is the answer to one query, or one series of an expression's array.
type result struct {
	id, label string
	points    []dataValue // ascending
	forbidden bool
}

type dataValue struct {
	time  int64
	value float64
}

func (r *result) toWire(points []dataValue, status string) awscloudwatch.MetricDataResult {
	out := awscloudwatch.MetricDataResult{
		Id: &r.id, Label: &r.label, StatusCode: &status,
		Timestamps: make([]time.Time, len(points)), Values: make([]float64, len(points)),
	}
	for i, p := range points {
		out.Timestamps[i], out.Values[i] = time.Unix(p.time, 0).UTC(), p.value
	}
	if r.forbidden {
		out.Messages = []awscloudwatch.MessageData{{
			Code: new("Forbidden"), Value: new("The account is not linked to this one."),
		}}
	}
	return out
}

// labelZone is the zone that labels show times in, such as +0130.
func labelZone(o *awscloudwatch.LabelOptions) (*time.Location, error) {
	if o == nil || o.Timezone == nil {
		return time.UTC, nil
	}
	t, err := time.Parse("-0700", *o.Timezone)
	if err != nil || len(*o.Timezone) != 5 {
		return nil, validationError("The value %s for parameter LabelOptions.Timezone is not valid.", *o.Timezone)
	}
	_, offset := t.Zone()
	return time.FixedZone(*o.Timezone, offset), nil
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
