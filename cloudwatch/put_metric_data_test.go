package cloudwatch_test

import (
	"math"
	"strings"
	"testing"
	"time"

	cw "github.com/tollbook/tollbook/awsapi/awscloudwatch"
)

func TestPutMetricDataErrors(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	const value, combination = "InvalidParameterValue", "InvalidParameterCombination"
	set := &cw.StatisticSet{SampleCount: 1, Sum: 1, Minimum: 1, Maximum: 1}
	for name, c := range map[string]struct {
		edit          func(*cw.MetricDatum)
		code, message string
	}{
		"value and values": {func(d *cw.MetricDatum) { d.Value, d.Values = new(1.0), []float64{1} }, combination,
			"The parameters MetricData.member.1.Value and MetricData.member.1.Values are mutually exclusive and you have specified both."},
		"value and set": {func(d *cw.MetricDatum) { d.Value, d.StatisticValues = new(1.0), set }, combination,
			"The parameters MetricData.member.1.Value and MetricData.member.1.StatisticValues are mutually exclusive and you have specified both."},
		"counts": {func(d *cw.MetricDatum) { d.Values, d.Counts = []float64{1, 2}, []float64{1} }, value,
			"The parameters MetricData.member.1.Values and MetricData.member.1.Counts must be of the same size."},
		"nothing": {func(*cw.MetricDatum) {}, "MissingParameter",
			"At least one of the parameters MetricData.member.1.Value, MetricData.member.1.Values and MetricData.member.1.StatisticValues must be specified."},
		"NaN": {func(d *cw.MetricDatum) { d.Value = new(math.NaN()) }, value,
			"The value NaN for parameter MetricData.member.1.Value is invalid."},
		"too large": {func(d *cw.MetricDatum) { d.Value = new(math.Ldexp(1, 361)) }, value,
			"The value 4.6970851655476665e+108 for parameter MetricData.member.1.Value is invalid."},
		"old": {func(d *cw.MetricDatum) { d.Value, d.Timestamp = new(1.0), new(noon.Add(-15*24*time.Hour)) }, value,
			"The parameter MetricData.member.1.Timestamp must specify a time within the past two weeks."},
		"future": {func(d *cw.MetricDatum) { d.Value, d.Timestamp = new(1.0), new(noon.Add(3*time.Hour)) }, value,
			"The parameter MetricData.member.1.Timestamp must specify a time no more than two hours in the future."},
		"many values": {func(d *cw.MetricDatum) { d.Values = repeat(1, 151) }, value,
			"The collection MetricData.member.1.Values must not have a size greater than 150."},
		"resolution": {func(d *cw.MetricDatum) { d.Value, d.StorageResolution = new(1.0), new(int32(30)) }, value,
			"The value 30 for parameter MetricData.member.1.StorageResolution is invalid."},
		"unit": {func(d *cw.MetricDatum) { d.Value, d.Unit = new(1.0), new("Furlongs") }, value,
			"The value Furlongs for parameter MetricData.member.1.Unit is invalid."},
		"dimension twice": {func(d *cw.MetricDatum) {
			d.Value, d.Dimensions = new(1.0), []cw.Dimension{{Name: "a", Value: "1"}, {Name: "a", Value: "2"}}
		}, value, "The parameter MetricData.member.1.Dimensions has the dimension a more than once."},
		"not ASCII": {func(d *cw.MetricDatum) { d.Value, d.Dimensions = new(1.0), []cw.Dimension{{Name: "a", Value: "é"}} }, value,
			"The value é for parameter MetricData.member.1.Dimensions.member.1.Value contains non-ASCII characters."},
		"minimum": {func(d *cw.MetricDatum) {
			d.StatisticValues = &cw.StatisticSet{SampleCount: 1, Minimum: 2, Maximum: 1}
		}, value, "The parameter MetricData.member.1.StatisticValues.Maximum must be greater than MetricData.member.1.StatisticValues.Minimum."},
	} {
		t.Run(name, func(t *testing.T) {
			d := cw.MetricDatum{MetricName: "m"}
			c.edit(&d)
			// The valid datum beside it must not be stored either.
			err := f.PutMetricData(f.ctx, &cw.PutMetricDataInput{Namespace: "N", MetricData: []cw.MetricDatum{d, {MetricName: "m", Value: new(1.0)}}})
			wantError(t, err, 400, c.code, c.message)
		})
	}
	err := f.PutMetricData(f.ctx, &cw.PutMetricDataInput{Namespace: "AWS/Mine", MetricData: []cw.MetricDatum{{MetricName: "m", Value: new(1.0)}}})
	wantError(t, err, 400, value, "The value AWS/Mine for parameter Namespace is invalid.")
	err = f.PutMetricData(f.ctx, &cw.PutMetricDataInput{Namespace: "N", MetricData: make([]cw.MetricDatum, 1001)})
	wantError(t, err, 400, value, "The collection MetricData must not have a size greater than 1000.")
	err = f.PutMetricData(f.ctx, &cw.PutMetricDataInput{Namespace: "N"})
	wantError(t, err, 400, "MissingParameter", "The parameter MetricData is required.")
	if got := f.data(-60, 60, stat("a", "m", "Sum", 60)); got != "a m:" {
		t.Errorf("a refused call has stored %s", got)
	}
}

func TestListMetrics(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	dim := func(kv ...string) (dims []cw.Dimension) {
		for i := 0; i < len(kv); i += 2 {
			dims = append(dims, cw.Dimension{Name: kv[i], Value: kv[i+1]})
		}
		return dims
	}
	f.putDatum(
		cw.MetricDatum{MetricName: "a", Value: new(1.0), Dimensions: dim("y", "2", "x", "1")},
		cw.MetricDatum{MetricName: "a", Value: new(1.0), Dimensions: dim("x", "1", "y", "2")}, // the same
		cw.MetricDatum{MetricName: "a", Value: new(1.0), Dimensions: dim("x", "2")},
		cw.MetricDatum{MetricName: "b", Value: new(1.0), Timestamp: new(noon.Add(-4 * time.Hour))},
		cw.MetricDatum{MetricName: "c", Value: new(1.0), Timestamp: new(noon.Add(-13 * 24 * time.Hour))},
	)
	list := func(in cw.ListMetricsInput) string {
		out, err := f.ListMetrics(f.ctx, &in)
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, m := range out.Metrics {
			name := *m.MetricName
			for _, d := range m.Dimensions {
				name += "," + d.Name + "=" + d.Value
			}
			all = append(all, name)
		}
		return strings.Join(all, " ")
	}
	for name, c := range map[string]struct {
		in   cw.ListMetricsInput
		want string
	}{
		"all":       {cw.ListMetricsInput{}, "a,x=1,y=2 a,x=2 b c"},
		"name":      {cw.ListMetricsInput{MetricName: new("b")}, "b"},
		"namespace": {cw.ListMetricsInput{Namespace: new("M")}, ""},
		"dimension": {cw.ListMetricsInput{Dimensions: []cw.DimensionFilter{{Name: "x"}}}, "a,x=1,y=2 a,x=2"},
		"value":     {cw.ListMetricsInput{Dimensions: []cw.DimensionFilter{{Name: "x", Value: new("1")}}}, "a,x=1,y=2"},
		"two":       {cw.ListMetricsInput{Dimensions: []cw.DimensionFilter{{Name: "x"}, {Name: "y"}}}, "a,x=1,y=2"},
		"active":    {cw.ListMetricsInput{RecentlyActive: new("PT3H")}, "a,x=1,y=2 a,x=2"},
		"own":       {cw.ListMetricsInput{OwningAccount: new(account), MetricName: new("b")}, "b"},
		"other's":   {cw.ListMetricsInput{OwningAccount: new("111111111111")}, ""},
	} {
		if got := list(c.in); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	f.set(noon.Add(13 * 24 * time.Hour))
	if got := list(cw.ListMetricsInput{}); got != "a,x=1,y=2 a,x=2 b" {
		t.Errorf("two weeks later: %s", got)
	}
	_, err := f.ListMetrics(f.ctx, &cw.ListMetricsInput{NextToken: new("nope")})
	wantError(t, err, 400, "InvalidNextToken", "Invalid nextToken")
}

func TestListMetricsPages(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	var data []cw.MetricDatum
	for i := range 1000 {
		data = append(data, cw.MetricDatum{MetricName: "m", Value: new(1.0), Dimensions: []cw.Dimension{{Name: "n", Value: string(rune('!'+i%90)) + string(rune('!'+i/90))}}})
	}
	f.putDatum(data...)
	seen := map[string]bool{}
	pages := 0
	for token := (*string)(nil); pages == 0 || token != nil; pages++ {
		out, err := f.ListMetrics(f.ctx, &cw.ListMetricsInput{NextToken: token})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range out.Metrics {
			seen[m.Dimensions[0].Value] = true
		}
		token = out.NextToken
	}
	if pages != 2 || len(seen) != 1000 {
		t.Errorf("%d metrics on %d pages", len(seen), pages)
	}
}
