package logs

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"
	"strings"
)

// MetricSink takes in metric data that comes out of log events: what metric filters make, and the service's own metrics.
type MetricSink interface {
	// PutMetrics adds data to metrics of a namespace, all or none. It keeps data, which nobody changes any more. After an
	// error that is an *awsapi.Error the data are given up, after another one the same call is made again later.
	PutMetrics(ctx context.Context, account, region, namespace string, data []MetricDatum) error
}

// MetricDatum is values of one metric within one minute.
type MetricDatum struct {
	Name       string
	Dimensions []MetricDimension // sorted by name, at most three
	Minute     Millis            // its beginning
	Unit       string            // as CloudWatch has them; "None" without
	// Values are the different values, ascending, at most 150; Counts says how often each occurs, at least once.
	Values, Counts []float64
}

// MetricDimension is a dimension of a metric; neither part is empty.
type MetricDimension struct{ Name, Value string }

// Statistics sums the datum up.
func (d *MetricDatum) Statistics() (samples, sum, minimum, maximum float64) {
	for i, v := range d.Values {
		samples += d.Counts[i]
		sum += v * d.Counts[i]
	}
	return samples, sum, d.Values[0], d.Values[len(d.Values)-1]
}

// CloudWatch's limits on a datum.
const (
	maxDatumValues    = 150
	maxDimensionValue = 1024 // bytes
)

// maxMetricValue is the largest value, of either sign, that CloudWatch takes.
var maxMetricValue = math.Ldexp(1, 360)

// metricSums adds up values by metric, dimensions and minute.
type metricSums map[metricKey]*metricSum

type metricKey struct {
	target           metricTarget
	name, unit, dims string
	minute           Millis
}

// metricTarget is where data go with one call.
type metricTarget struct{ account, region, namespace string }

type metricSum struct {
	dimensions []MetricDimension
	counts     map[float64]float64
}

// add counts a value. Dimensions must be sorted.
func (sums metricSums) add(k metricKey, dimensions []MetricDimension, value float64) {
	k.dims = dimensionsKey(dimensions)
	s := sums[k]
	if s == nil {
		s = &metricSum{slices.Clone(dimensions), map[float64]float64{}}
		sums[k] = s
	}
	s.counts[value]++
}

// dimensionsKey is different for different dimensions.
func dimensionsKey(dimensions []MetricDimension) string {
	if len(dimensions) == 0 {
		return ""
	}
	var b strings.Builder
	for _, d := range dimensions {
		b.WriteString(d.Name)
		b.WriteByte(0) // which is in no name, and in no value (isDimensionValue)
		b.WriteString(d.Value)
		b.WriteByte(0)
	}
	return b.String()
}

// isDimensionValue tells whether CloudWatch would take the text as a dimension's value.
func isDimensionValue(text string) bool {
	return text != "" && len(text) <= maxDimensionValue && strings.IndexFunc(text, func(r rune) bool { return r < ' ' }) < 0
}

// handover is a call of the sink that has yet to be made.
type handover struct {
	metricTarget
	data []MetricDatum
}

// maxHandoverData is how many data go with one call, as with PutMetricData.
const maxHandoverData = 1000

// handovers makes calls of the sums, in a fixed order.
func (sums metricSums) handovers() (calls []handover) {
	for _, k := range slices.SortedFunc(maps.Keys(sums), metricKey.compare) {
		for _, d := range sums[k].data(k) {
			last := len(calls) - 1
			if last < 0 || calls[last].metricTarget != k.target || len(calls[last].data) >= maxHandoverData {
				calls = append(calls, handover{metricTarget: k.target})
				last++
			}
			calls[last].data = append(calls[last].data, d)
		}
	}
	return calls
}

func (k metricKey) compare(l metricKey) int {
	return cmp.Or(
		strings.Compare(k.target.account, l.target.account), strings.Compare(k.target.region, l.target.region),
		strings.Compare(k.target.namespace, l.target.namespace), strings.Compare(k.name, l.name),
		strings.Compare(k.unit, l.unit), strings.Compare(k.dims, l.dims), cmp.Compare(k.minute, l.minute),
	)
}

func (s *metricSum) data(k metricKey) (data []MetricDatum) {
	for values := range slices.Chunk(slices.Sorted(maps.Keys(s.counts)), maxDatumValues) {
		counts := make([]float64, len(values))
		for i, v := range values {
			counts[i] = s.counts[v]
		}
		data = append(data, MetricDatum{
			Name: k.name, Dimensions: s.dimensions, Minute: k.minute, Unit: k.unit, Values: values, Counts: counts,
		})
	}
	return data
}
