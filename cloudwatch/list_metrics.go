package cloudwatch

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/tollbook/tollbook/awsapi/awscloudwatch"
)

const (
	metricsPage   = 500
	listedFor     = 14 * 24 * time.Hour // how long a metric without new data is listed
	activeFor     = 3 * time.Hour       // what RecentlyActive PT3H asks for
	tokenMetrics  = 'm'
	tokenData     = 'd'
	tokenAlarms   = 'a'
	tokenHistory  = 'h'
	tokenBoards   = 'b'
	tokenBackward = 'r' // history, oldest first
)

// ListMetrics lists metrics with data of the last two weeks, sorted by namespace, name and dimensions.
func (s *Service) ListMetrics(ctx context.Context, in *awscloudwatch.ListMetricsInput) (*awscloudwatch.ListMetricsOutput, error) {
	after, err := pagePlace(in.NextToken, tokenMetrics)
	if err != nil {
		return nil, err
	}
	at := callersPlace(ctx)
	out := &awscloudwatch.ListMetricsOutput{Metrics: []awscloudwatch.Metric{}}
	if in.OwningAccount != nil && *in.OwningAccount != at.account {
		return out, nil // there are no linked accounts
	}
	since := s.now().Add(-listedFor).Unix()
	if in.RecentlyActive != nil {
		since = s.now().Add(-activeFor).Unix()
	}
	found := s.store.find(at, func(ser *series) bool { return ser.last >= since && listed(in, ser.key) })
	for _, ser := range found {
		if ser.name <= after {
			continue
		}
		if len(out.Metrics) == metricsPage {
			out.NextToken = pageToken(tokenMetrics, after)
			break
		}
		out.Metrics = append(out.Metrics, ser.key.toWire())
		if valueOf(in.IncludeLinkedAccounts) {
			out.OwningAccounts = append(out.OwningAccounts, at.account)
		}
		after = ser.name
	}
	return out, nil
}

// listed applies the filters of a request to a metric.
func listed(in *awscloudwatch.ListMetricsInput, k seriesKey) bool {
	if in.Namespace != nil && *in.Namespace != k.namespace || in.MetricName != nil && *in.MetricName != k.name {
		return false
	}
	for _, f := range in.Dimensions {
		if !slices.ContainsFunc(k.dimensions, func(d Dimension) bool {
			return d.Name == f.Name && (f.Value == nil || *f.Value == d.Value)
		}) {
			return false
		}
	}
	return true
}

// find returns the series of a place that want accepts, sorted by key. want runs under the store's lock.
func (s *store) find(at place, want func(*series) bool) (found []*series) {
	s.mu.RLock()
	for _, ser := range s.series {
		if ser.key.account == at.account && ser.key.region == at.region && want(ser) {
			found = append(found, ser)
		}
	}
	s.mu.RUnlock()
	slices.SortFunc(found, func(a, b *series) int { return strings.Compare(a.name, b.name) })
	return found
}

// lookup returns the series of a key; nil if there is none.
func (s *store) lookup(k seriesKey) *series {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.series[k.String()]
}

func (k seriesKey) toWire() awscloudwatch.Metric {
	m := awscloudwatch.Metric{Namespace: new(k.namespace), MetricName: new(k.name), Dimensions: []awscloudwatch.Dimension{}}
	for _, d := range k.dimensions {
		m.Dimensions = append(m.Dimensions, awscloudwatch.Dimension(d))
	}
	return m
}

// keyOf identifies the metric that a request names.
func keyOf(at place, namespace, name string, dims []awscloudwatch.Dimension) seriesKey {
	k := seriesKey{account: at.account, region: at.region, namespace: namespace, name: name}
	for _, d := range dims {
		k.dimensions = append(k.dimensions, Dimension(d))
	}
	k.dimensions = sortDimensions(k.dimensions)
	return k
}
