package cloudwatch_test

import (
	"context"
	"testing"
	"time"

	cw "github.com/tollbook/tollbook/awsapi/awscloudwatch"
	"github.com/tollbook/tollbook/cloudwatch"
	"github.com/tollbook/tollbook/gateway"
)

// drained is a meter that has counted this.
type drained []gateway.StageMinute

func (d *drained) Drain(f func(gateway.StageMinute)) {
	for _, m := range *d {
		f(m)
	}
	*d = nil
}

func TestGatewayMetrics(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	minute := func(stage, method, resource string, requests, client uint64) gateway.StageMinute {
		return gateway.StageMinute{
			AccountID: account, Region: region, APIID: "a1", APIName: "notes", Stage: stage, Method: method, Resource: resource,
			Minute: noon.Add(-time.Minute), Requests: requests, ClientErrors: client,
			Latency: gateway.LatencySamples{Count: int64(requests), Sum: 10 * int64(requests), Min: 5, Max: 15,
				Values: []float64{5, 10, 15}, Counts: []float64{1, float64(requests) - 2, 1}},
		}
	}
	meter := &drained{minute("prod", "", "", 6, 3), minute("prod", "GET", "/notes/{id}", 4, 2), minute("test", "", "", 4, 0)}
	metrics := cloudwatch.NewGatewayMetrics(f.Service, meter)
	ended, end := context.WithCancel(f.ctx)
	end()
	_ = metrics.Collect(ended) // whether this fails or not, nothing is lost and nothing counted twice
	*meter = append(*meter, minute("prod", "", "", 3, 0))
	if err := metrics.Collect(f.ctx); err != nil {
		t.Fatal(err)
	}
	query := func(id, name, statistic string, dims ...string) cw.MetricDataQuery {
		m := &cw.Metric{Namespace: new("AWS/ApiGateway"), MetricName: &name}
		for i := 0; i < len(dims); i += 2 {
			m.Dimensions = append(m.Dimensions, cw.Dimension{Name: dims[i], Value: dims[i+1]})
		}
		return cw.MetricDataQuery{Id: id, MetricStat: &cw.MetricStat{Metric: m, Period: 60, Stat: statistic}}
	}
	want := `api Count: 13@-1
stage Count: 9@-1
route Count: 4@-1
errors 4XXError: 3@-1
rate 4XXError: 0.5@-1
none 5XXError: 0@-1
latency Latency: 10@-1
integration IntegrationLatency:`
	got := f.data(-5, 0,
		query("api", "Count", "SampleCount", "ApiName", "notes"),
		query("stage", "Count", "Sum", "Stage", "prod", "ApiName", "notes"),
		query("route", "Count", "Sum", "ApiName", "notes", "Method", "GET", "Resource", "/notes/{id}", "Stage", "prod"),
		query("errors", "4XXError", "Sum", "ApiName", "notes", "Stage", "prod"),
		query("rate", "4XXError", "Average", "ApiName", "notes", "Method", "GET", "Resource", "/notes/{id}", "Stage", "prod"),
		query("none", "5XXError", "Maximum", "ApiName", "notes"),
		query("latency", "Latency", "p50", "ApiName", "notes"),
		query("integration", "IntegrationLatency", "p50", "ApiName", "notes"),
	)
	if got != want {
		t.Errorf("got\n%s", got)
	}
}
