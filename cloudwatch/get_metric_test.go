package cloudwatch_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	cw "github.com/tollbook/tollbook/awsapi/awscloudwatch"
)

func TestGetMetricStatistics(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.putDatum(
		cw.MetricDatum{MetricName: "m", Timestamp: new(noon.Add(-9 * time.Minute)), Values: []float64{10, 8, 1}, Counts: []float64{1, 2, 1}, Unit: new("Count")},
		cw.MetricDatum{MetricName: "m", Timestamp: new(noon.Add(-8*time.Minute - 5*time.Second)), Value: new(5.0), Unit: new("Bytes")},
		cw.MetricDatum{MetricName: "m", Timestamp: new(noon.Add(-3 * time.Minute)), Value: new(7.0), Unit: new("Count")},
	)
	get := func(from, to time.Duration, period int32, unit *string, stats ...string) string {
		out, err := f.GetMetricStatistics(f.ctx, &cw.GetMetricStatisticsInput{
			Namespace: "N", MetricName: "m", StartTime: noon.Add(from), EndTime: noon.Add(to), Period: period, Statistics: stats, Unit: unit,
		})
		if err != nil {
			t.Fatal(err)
		}
		slices.SortFunc(out.Datapoints, func(a, b cw.Datapoint) int {
			return a.Timestamp.Compare(*b.Timestamp)*2 + strings.Compare(*a.Unit, *b.Unit)
		})
		var all []string
		for _, d := range out.Datapoints {
			line := fmt.Sprintf("%v %s", d.Timestamp.Sub(noon), *d.Unit)
			for _, v := range []*float64{d.SampleCount, d.Sum, d.Average, d.Minimum, d.Maximum} {
				if v != nil {
					line += fmt.Sprintf(" %v", *v)
				}
			}
			all = append(all, line)
		}
		return strings.Join(all, "; ")
	}
	for name, c := range map[string]struct{ got, want string }{
		// A value list counts as weighted samples.
		"weighted": {get(-10*time.Minute, -9*time.Minute+time.Second, 60, new("Count"), "SampleCount", "Sum", "Average", "Minimum", "Maximum"), "-9m0s Count 4 27 6.75 1 10"},
		"units":    {get(-10*time.Minute, 0, 300, nil, "Sum"), "-10m0s Bytes 5; -10m0s Count 27; -5m0s Count 7"},
		"unit":     {get(-10*time.Minute, 0, 600, new("Count"), "Sum"), "-10m0s Count 34"},
		"no match": {get(-10*time.Minute, 0, 600, new("Percent"), "Sum"), ""},
		// Periods begin at the start, which is rounded down to the minute.
		"alignment": {get(-9*time.Minute+20*time.Second, 0, 300, nil, "Sum"), "-9m0s Bytes 5; -9m0s Count 27; -4m0s Count 7"},
		"end":       {get(-10*time.Minute, -3*time.Minute, 60, new("Count"), "Sum"), "-9m0s Count 27"},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %s, want %s", name, c.got, c.want)
		}
	}
	extended, err := f.GetMetricStatistics(f.ctx, &cw.GetMetricStatisticsInput{Namespace: "N", MetricName: "m", StartTime: noon.Add(-time.Hour),
		EndTime: noon, Period: 3600, ExtendedStatistics: []string{"p50", "tm75", "PR(:8)"}, Unit: new("Count")})
	if err != nil {
		t.Fatal(err)
	}
	same(t, extended.Datapoints[0].ExtendedStatistics, map[string]float64{"p50": 8, "tm75": (1 + 7 + 8 + 8) / 4.0, "PR(:8)": 80})
}

func TestGetMetricStatisticsErrors(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for name, c := range map[string]struct {
		edit          func(*cw.GetMetricStatisticsInput)
		code, message string
	}{
		"too many": {func(in *cw.GetMetricStatisticsInput) { in.StartTime, in.Period = noon.Add(-24*time.Hour), 1 }, "InvalidParameterCombination",
			"You have requested up to 86400 datapoints, which exceeds the limit of 1440. You may reduce the datapoints requested by increasing Period, or decreasing the time range."},
		"order": {func(in *cw.GetMetricStatisticsInput) { in.StartTime = noon }, "InvalidParameterValue",
			"The parameter StartTime must be less than the parameter EndTime."},
		"period": {func(in *cw.GetMetricStatisticsInput) { in.Period = 61 }, "InvalidParameterValue",
			"The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60."},
		"no statistic": {func(in *cw.GetMetricStatisticsInput) { in.Statistics = nil }, "MissingParameter",
			"Must specify either Statistics or ExtendedStatistics."},
		"both": {func(in *cw.GetMetricStatisticsInput) { in.ExtendedStatistics = []string{"p9"} }, "InvalidParameterCombination",
			"The parameters Statistics and ExtendedStatistics are mutually exclusive and you have specified both."},
		"unknown": {func(in *cw.GetMetricStatisticsInput) { in.Statistics, in.ExtendedStatistics = nil, []string{"p101"} }, "InvalidParameterValue",
			"The value p101 for parameter ExtendedStatistics.member.1 is not supported."},
	} {
		t.Run(name, func(t *testing.T) {
			in := &cw.GetMetricStatisticsInput{Namespace: "N", MetricName: "m", StartTime: noon.Add(-time.Hour), EndTime: noon, Period: 60, Statistics: []string{"Sum"}}
			c.edit(in)
			_, err := f.GetMetricStatistics(f.ctx, in)
			wantError(t, err, 400, c.code, c.message)
		})
	}
}

func TestGetMetricData(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.put(-9, 1)
	f.put(-8.5, 2, 3)
	f.put(-4, 10)
	f.putDatum(cw.MetricDatum{MetricName: "e", Timestamp: new(noon.Add(-9 * time.Minute)), Value: new(2.0)},
		cw.MetricDatum{MetricName: "d", Timestamp: new(noon.Add(-9 * time.Minute)), Value: new(4.0), Dimensions: []cw.Dimension{{Name: "Stage", Value: "prod"}}})
	labelled := func(q cw.MetricDataQuery, label string) cw.MetricDataQuery {
		q.Label = &label
		return q
	}
	sum := stat("a", "m", "Sum", 60)
	for name, c := range map[string]struct {
		queries []cw.MetricDataQuery
		want    string
	}{
		"metric":       {[]cw.MetricDataQuery{sum}, "a m: 6@-9 10@-4"},
		"on the clock": {[]cw.MetricDataQuery{stat("a", "m", "Sum", 300)}, "a m: 6@-10 10@-5"},
		"no data":      {[]cw.MetricDataQuery{stat("a", "nothing", "Sum", 60)}, "a nothing:"},
		"math": {[]cw.MetricDataQuery{hidden(sum), hidden(stat("b", "e", "Sum", 60)), expr("rate", "100 * b / a"), labelled(expr("f", "FILL(b, 0)"), "filled")},
			"rate rate: 33.333@-9 0@-4\nf filled: 0@-10 2@-9 0@-8 0@-7 0@-6 0@-5 0@-4 0@-3 0@-2 0@-1"},
		"chain":    {[]cw.MetricDataQuery{expr("y", "x + 1"), hidden(expr("x", "a * 2")), hidden(sum)}, "y y: 13@-9 21@-4"},
		"array":    {[]cw.MetricDataQuery{hidden(sum), hidden(stat("b", "e", "Sum", 60)), labelled(expr("m1", "METRICS() * 2"), "twice")}, "m1 twice m: 12@-9 20@-4\nm1 twice e: 4@-9"},
		"search":   {[]cw.MetricDataQuery{expr("s", `SEARCH('{N,Stage} d', 'Maximum', 300)`)}, "s prod d: 4@-10"},
		"dynamic":  {[]cw.MetricDataQuery{labelled(sum, "${LABEL} ${PROP('Stat')} ${MAX} at ${MAX_TIME}, ${AVG} ${NOPE}")}, "a m Sum 10 at 2026-03-04 11:56:00, 8 ${NOPE}: 6@-9 10@-4"},
		"extended": {[]cw.MetricDataQuery{stat("a", "m", "p50", 600)}, "a m: 2@-10"},
		"by hand":  {[]cw.MetricDataQuery{hidden(sum), expr("t", "TIME_SERIES(SUM(a))")}, "t t: 16@-10 16@-9 16@-8 16@-7 16@-6 16@-5 16@-4 16@-3 16@-2 16@-1"},
		"account":  {[]cw.MetricDataQuery{{Id: "a", AccountId: new("1"), MetricStat: sum.MetricStat}}, "a m:"},
	} {
		if got := f.data(-10, 0, c.queries...); got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

func TestGetMetricDataErrors(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	both := stat("a", "m", "Sum", 60)
	both.Expression = new("1")
	for name, c := range map[string]struct {
		queries []cw.MetricDataQuery
		message string
	}{
		"ids":        {[]cw.MetricDataQuery{stat("a", "m", "Sum", 60), stat("a", "n", "Sum", 60)}, "The values for parameter id in MetricDataQueries are not unique."},
		"both":       {[]cw.MetricDataQuery{both}, "The parameters MetricDataQueries.member.1.Expression and MetricDataQueries.member.1.MetricStat are mutually exclusive and you have specified both."},
		"neither":    {[]cw.MetricDataQuery{{Id: "a"}}, "At least one of the parameters MetricDataQueries.member.1.Expression and MetricDataQueries.member.1.MetricStat must be specified."},
		"id":         {[]cw.MetricDataQuery{stat("A", "m", "Sum", 60)}, "The value A for parameter MetricDataQueries.member.1.Id is invalid. It must begin with a lowercase letter and contain only letters, numbers and underscores."},
		"statistic":  {[]cw.MetricDataQuery{stat("a", "m", "p101", 60)}, "The value p101 for parameter MetricDataQueries.member.1.MetricStat.Stat is not supported."},
		"period":     {[]cw.MetricDataQuery{stat("a", "m", "Sum", 90)}, "The parameter MetricDataQueries.member.1.MetricStat.Period must be 1, 5, 10, 20, 30 or a multiple of 60."},
		"syntax":     {[]cw.MetricDataQuery{expr("e", "1 +")}, "Error in expression 'e': Unexpected end of expression"},
		"undefined":  {[]cw.MetricDataQuery{expr("e", "b * 2")}, "Error in expression 'e': Undefined variable b"},
		"cycle":      {[]cw.MetricDataQuery{expr("e", "f * 2"), expr("f", "e / 2")}, "Error in expression 'e': The expression refers to itself"},
		"scalar":     {[]cw.MetricDataQuery{expr("e", "1 + 1")}, "Error in expression 'e': The expression must return a time series or an array of time series"},
		"insights":   {[]cw.MetricDataQuery{expr("e", `SELECT SUM(Count) FROM SCHEMA("AWS/ApiGateway", ApiName)`)}, "Metrics Insights queries are not supported by this server."},
		"anomaly":    {[]cw.MetricDataQuery{expr("e", "ANOMALY_DETECTION_BAND(a)")}, "Error in expression 'e': Function ANOMALY_DETECTION_BAND is not supported by this server"},
		"too many":   {make([]cw.MetricDataQuery, 501), "The collection MetricDataQueries must not have a size greater than 500."},
		"in a chain": {[]cw.MetricDataQuery{expr("e", "g"), hidden(expr("g", "SUM(1)"))}, "Error in expression 'g': Unsupported argument type 'Scalar' for function SUM"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := f.GetMetricData(f.ctx, &cw.GetMetricDataInput{MetricDataQueries: c.queries, StartTime: noon.Add(-time.Hour), EndTime: noon})
			wantError(t, err, 400, "ValidationError", c.message)
		})
	}
	_, err := f.GetMetricData(f.ctx, &cw.GetMetricDataInput{StartTime: noon, EndTime: noon})
	wantError(t, err, 400, "ValidationError", "The parameter StartTime must be less than the parameter EndTime.")
	_, err = f.GetMetricData(f.ctx, &cw.GetMetricDataInput{StartTime: noon.Add(-1), EndTime: noon, NextToken: new("x")})
	wantError(t, err, 400, "InvalidNextToken", "Invalid nextToken")
}

// Pages of any size put together are the whole answer, in either order.
func TestGetMetricDataPages(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for i := range 7 {
		f.put(float64(i-10), float64(i))
	}
	queries := []cw.MetricDataQuery{stat("a", "m", "Sum", 60), stat("none", "x", "Sum", 60), stat("b", "m", "Maximum", 120)}
	for _, order := range []string{"TimestampAscending", "TimestampDescending"} {
		ask := func(limit int32, token *string) *cw.GetMetricDataOutput {
			out, err := f.GetMetricData(f.ctx, &cw.GetMetricDataInput{MetricDataQueries: queries, StartTime: noon.Add(-time.Hour), EndTime: noon,
				ScanBy: &order, MaxDatapoints: &limit, NextToken: token})
			if err != nil {
				t.Fatal(err)
			}
			return out
		}
		show := func(into map[string]string, out *cw.GetMetricDataOutput) (n int) {
			for _, r := range out.MetricDataResults {
				for i := range r.Values {
					into[*r.Id] += fmt.Sprint(r.Timestamps[i].Sub(noon), "=", r.Values[i], " ")
				}
				into[*r.Id] += ""
				n += len(r.Values)
			}
			return n
		}
		whole := map[string]string{}
		if n := show(whole, ask(0, nil)); n != 11 || len(whole) != 3 {
			t.Fatalf("%d points: %v", n, whole)
		}
		for limit := int32(1); limit < 13; limit++ {
			paged := map[string]string{}
			for token := (*string)(nil); ; {
				out := ask(limit, token)
				if n := show(paged, out); n > int(limit) {
					t.Errorf("%d points on a page of %d", n, limit)
				}
				if token = out.NextToken; token == nil {
					break
				}
			}
			same(t, paged, whole)
		}
	}
}

// TestGetMetricDataUnits has a metric with data of two units, which are never added up.
func TestGetMetricDataUnits(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.putDatum(
		cw.MetricDatum{MetricName: "m", Timestamp: new(noon.Add(-2 * time.Minute)), Values: []float64{1, 2}, Unit: new("Seconds")},
		cw.MetricDatum{MetricName: "m", Timestamp: new(noon.Add(-2 * time.Minute)), Value: new(1000.0), Unit: new("Milliseconds")},
		cw.MetricDatum{MetricName: "m", Timestamp: new(noon.Add(-time.Minute)), Value: new(5.0), Unit: new("Seconds")},
	)
	query := func(id string, unit *string) cw.MetricDataQuery {
		return cw.MetricDataQuery{Id: id, MetricStat: &cw.MetricStat{
			Metric: &cw.Metric{Namespace: new("N"), MetricName: new("m")}, Period: 60, Stat: "Sum", Unit: unit,
		}}
	}
	for _, page := range []*int32{nil, new(int32(1))} {
		in := &cw.GetMetricDataInput{
			StartTime: noon.Add(-time.Hour), EndTime: noon, ScanBy: new("TimestampAscending"), MaxDatapoints: page,
			MetricDataQueries: []cw.MetricDataQuery{
				query("any", nil), query("one", new("Milliseconds")), query("other", new("Count")),
				{Id: "sum", Expression: new("any * 2")}, {Id: "found", Expression: new("SEARCH('{N} m', 'Sum', 60)")},
			},
		}
		got := map[string][]float64{}
		for {
			out, err := f.GetMetricData(f.ctx, in)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range out.MetricDataResults {
				got[*r.Id] = append(got[*r.Id], r.Values...)
			}
			if in.NextToken = out.NextToken; in.NextToken == nil {
				break
			}
		}
		slices.Sort(got["any"])
		want := "map[any:[3 5 1000] found:[3 5] one:[1000] other:[] sum:[6 10]]"
		if fmt.Sprint(got) != want {
			t.Errorf("got %v, want %s", got, want)
		}
	}
}
