package cloudwatch

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tollbook/tollbook/awsapi/awscloudwatch"
)

// Datum is metric data that a part of the product has gathered itself: the samples of one series in one minute.
type Datum struct {
	Namespace, MetricName string
	Dimensions            []Dimension // in any order; not changed
	Time                  time.Time   // any time of the minute
	Unit                  string      // one of AWS'; may be empty
	// Values are the samples, each as often as the count at the same place says (Counts nil: once). Samples that were
	// gathered in classes are given by values that stand for these.
	Values, Counts []float64
	// Statistics, if not nil, are the exact totals of what Values only approximate, or of samples without Values.
	Statistics *awscloudwatch.StatisticSet
}

// Record is PutMetricData for the product's own parts, which may write to AWS' namespaces and need not keep to AWS' limits
// on sizes and times. All of data is durable when it returns nil, and none of it is there with an error. It costs one
// sync of the disk whatever the number of series; several calls for the same minute add up.
func (s *Service) Record(ctx context.Context, account, region string, data []Datum) error {
	points := make([]point, 0, len(data))
	for i := range data {
		p, err := data[i].point()
		if err != nil {
			return fmt.Errorf("record metric %s of %s: %w", data[i].MetricName, data[i].Namespace, err)
		}
		if p.summary != nil {
			p.key.account, p.key.region = account, region
			points = append(points, p)
		}
	}
	return s.store.append(ctx, points)
}

func (d *Datum) point() (p point, err error) {
	for _, dim := range d.Dimensions {
		if strings.ContainsRune(dim.Name+dim.Value, 0) {
			return p, fmt.Errorf("dimension %q holds a zero byte", dim.Name)
		}
	}
	p.key = seriesKey{namespace: d.Namespace, name: d.MetricName, dimensions: sortDimensions(d.Dimensions)}
	var ok bool
	if p.unit, ok = unitOf(d.Unit); !ok {
		return p, fmt.Errorf("unknown unit %q", d.Unit)
	}
	p.time, p.resolution = floor(d.Time.Unix(), 60), 60
	p.summary, err = d.summary()
	return p, err
}

func (d *Datum) summary() (*summary, error) {
	set := d.Statistics
	if len(d.Values) == 0 {
		if set == nil {
			return nil, nil
		}
		return readStatisticSet("Statistics", set)
	}
	counts := ones(d.Counts, len(d.Values))
	if len(counts) != len(d.Values) {
		return nil, errors.New("values and counts differ in number")
	}
	sum, err := checkedSummary("Datum", d.Values, counts)
	if sum != nil && set != nil {
		sum.count, sum.sum, sum.min, sum.max = set.SampleCount, set.Sum, set.Minimum, set.Maximum
	}
	return sum, err
}
