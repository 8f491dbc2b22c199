package cloudwatch

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/tollbook/tollbook/awsapi/awscloudwatch"
)

// AWS' limits on what a call may bring.
const (
	maxDatums = 1000
	maxValues = 150 // of one datum
	maxPast   = 14 * 24 * time.Hour
	maxFuture = 2 * time.Hour
)

// maxValue bounds values: 2^360 either way.
var maxValue = math.Ldexp(1, 360)

// PutMetricData stores data points. They are durable and in every answer when it returns.
func (s *Service) PutMetricData(ctx context.Context, in *awscloudwatch.PutMetricDataInput) error {
	if strings.HasPrefix(in.Namespace, "AWS/") {
		return invalidValue("The value %s for parameter Namespace is invalid.", in.Namespace)
	}
	if err := checkText("Namespace", in.Namespace); err != nil {
		return err
	}
	total := len(in.MetricData)
	for _, e := range in.EntityMetricData {
		total += len(e.MetricData)
	}
	switch {
	case total == 0:
		return missingParameter("The parameter MetricData is required.")
	case total > maxDatums:
		return invalidValue("The collection MetricData must not have a size greater than %d.", maxDatums)
	}
	points := make([]point, 0, total)
	points, err := s.readData(ctx, points, in.Namespace, "MetricData", in.MetricData)
	for i, e := range in.EntityMetricData {
		if err == nil {
			points, err = s.readData(ctx, points, in.Namespace, fmt.Sprintf("EntityMetricData.member.%d.MetricData", i+1), e.MetricData)
		}
	}
	if err != nil {
		return err
	}
	return s.store.append(ctx, points)
}

// readData turns datums into points; where names their list in messages.
func (s *Service) readData(
	ctx context.Context, points []point, namespace, where string, data []awscloudwatch.MetricDatum,
) ([]point, error) {
	at := callersPlace(ctx)
	for i := range data {
		name := fmt.Sprintf("%s.member.%d", where, i+1)
		p, err := s.readDatum(name, &data[i])
		if err != nil {
			return nil, err
		}
		if p.summary == nil {
			continue // samples that are there 0 times
		}
		p.key.account, p.key.region, p.key.namespace = at.account, at.region, namespace
		points = append(points, p)
	}
	return points, nil
}

func (s *Service) readDatum(where string, d *awscloudwatch.MetricDatum) (p point, err error) {
	if err := checkText(where+".MetricName", d.MetricName); err != nil {
		return p, err
	}
	p.key.name = d.MetricName
	if p.key.dimensions, err = readDimensions(where, d.Dimensions); err != nil {
		return p, err
	}
	if p.pointKey, err = s.readPointKey(where, d); err != nil {
		return p, err
	}
	p.summary, err = readValues(where, d)
	return p, err
}

// checkText refuses names that AWS does not take. (Length is the model's.)
func checkText(where, text string) error {
	if isBlank(text) {
		return invalidValue("The parameter %s must contain at least one non-whitespace character.", where)
	}
	for _, r := range text {
		if r > 126 || r < 32 {
			return invalidValue("The value %s for parameter %s contains non-ASCII characters.", text, where)
		}
	}
	return nil
}

func readDimensions(where string, in []awscloudwatch.Dimension) ([]Dimension, error) {
	dims := make([]Dimension, 0, len(in))
	for i, d := range in {
		member := fmt.Sprintf("%s.Dimensions.member.%d", where, i+1)
		if err := checkText(member+".Name", d.Name); err != nil {
			return nil, err
		}
		if strings.HasPrefix(d.Name, ":") {
			return nil, invalidValue("The value %s for parameter %s.Name is invalid.", d.Name, member)
		}
		if err := checkText(member+".Value", d.Value); err != nil {
			return nil, err
		}
		dims = append(dims, Dimension(d))
	}
	dims = sortDimensions(dims)
	for i := 1; i < len(dims); i++ {
		if dims[i].Name == dims[i-1].Name {
			return nil, invalidValue("The parameter %s.Dimensions has the dimension %s more than once.", where, dims[i].Name)
		}
	}
	return dims, nil
}

func (s *Service) readPointKey(where string, d *awscloudwatch.MetricDatum) (k pointKey, err error) {
	now := s.now()
	at := now
	if d.Timestamp != nil {
		at = *d.Timestamp
	}
	switch {
	case at.Before(now.Add(-maxPast)):
		return k, invalidValue("The parameter %s.Timestamp must specify a time within the past two weeks.", where)
	case at.After(now.Add(maxFuture)):
		return k, invalidValue("The parameter %s.Timestamp must specify a time no more than two hours in the future.", where)
	}
	k.resolution = 60
	if d.StorageResolution != nil {
		k.resolution = int64(*d.StorageResolution)
	}
	if k.resolution != 1 && k.resolution != 60 {
		return k, invalidValue("The value %d for parameter %s.StorageResolution is invalid.", k.resolution, where)
	}
	k.time = floor(at.Unix(), k.resolution)
	var ok bool
	if k.unit, ok = unitOf(valueOf(d.Unit)); !ok {
		return k, invalidValue("The value %s for parameter %s.Unit is invalid.", *d.Unit, where)
	}
	return k, nil
}

// readValues makes the summary of what the datum holds: a value, values with counts, or a statistic set.
func readValues(where string, d *awscloudwatch.MetricDatum) (*summary, error) {
	exclusive := func(a, b string) error {
		return invalidCombination("The parameters %s.%s and %s.%s are mutually exclusive and you have specified both.",
			where, a, where, b)
	}
	switch {
	case d.Value != nil && d.Values != nil:
		return nil, exclusive("Value", "Values")
	case d.Value != nil && d.StatisticValues != nil:
		return nil, exclusive("Value", "StatisticValues")
	case d.StatisticValues != nil && d.Values != nil:
		return nil, exclusive("StatisticValues", "Values")
	case d.Value != nil:
		if err := checkValue(where+".Value", *d.Value); err != nil {
			return nil, err
		}
		return newSummary(*d.Value, 1), nil
	case d.StatisticValues != nil:
		return readStatisticSet(where+".StatisticValues", d.StatisticValues)
	case len(d.Values) > 0:
		return readValueList(where, d)
	}
	return nil, missingParameter("At least one of the parameters %s.Value, %s.Values and %s.StatisticValues must be specified.",
		where, where, where)
}

func checkValue(where string, v float64) error {
	if math.IsNaN(v) || v < -maxValue || v > maxValue {
		return invalidValue("The value %v for parameter %s is invalid.", v, where)
	}
	return nil
}

func readStatisticSet(where string, set *awscloudwatch.StatisticSet) (*summary, error) {
	for _, v := range []struct {
		name  string
		value float64
	}{{"SampleCount", set.SampleCount}, {"Sum", set.Sum}, {"Minimum", set.Minimum}, {"Maximum", set.Maximum}} {
		if err := checkValue(where+"."+v.name, v.value); err != nil {
			return nil, err
		}
	}
	switch {
	case set.SampleCount < 0:
		return nil, invalidValue("The value %v for parameter %s.SampleCount is invalid.", set.SampleCount, where)
	case set.Minimum > set.Maximum:
		return nil, invalidValue("The parameter %s.Maximum must be greater than %s.Minimum.", where, where)
	case set.SampleCount == 0:
		return nil, nil
	}
	return opaque(set.SampleCount, set.Sum, set.Minimum, set.Maximum), nil
}

func readValueList(where string, d *awscloudwatch.MetricDatum) (*summary, error) {
	if len(d.Values) > maxValues {
		return nil, invalidValue("The collection %s.Values must not have a size greater than %d.", where, maxValues)
	}
	counts := ones(d.Counts, len(d.Values))
	if len(counts) != len(d.Values) {
		return nil, invalidValue("The parameters %s.Values and %s.Counts must be of the same size.", where, where)
	}
	return checkedSummary(where, d.Values, counts)
}

// checkedSummary makes the summary of values with counts; nil if all counts are 0.
func checkedSummary(where string, values, counts []float64) (*summary, error) {
	var kept, keptCounts []float64
	for i, v := range values {
		if err := checkValue(fmt.Sprintf("%s.Values.member.%d", where, i+1), v); err != nil {
			return nil, err
		}
		if c := counts[i]; !(c >= 0 && c <= maxValue) {
			return nil, invalidValue("The value %v for parameter %s.Counts.member.%d is invalid.", c, where, i+1)
		} else if c > 0 {
			kept, keptCounts = append(kept, v), append(keptCounts, c)
		}
	}
	if len(kept) == 0 {
		return nil, nil
	}
	return summarize(kept, keptCounts), nil
}

// ones are the counts that were given, or n times 1.
func ones(counts []float64, n int) []float64 {
	if counts == nil {
		counts = slices.Repeat([]float64{1}, n)
	}
	return counts
}
