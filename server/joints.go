package server

import (
	"context"
	"time"

	"github.com/tollbook/tollbook/apigateway"
	"github.com/tollbook/tollbook/cloudwatch"
	"github.com/tollbook/tollbook/gateway"
	"github.com/tollbook/tollbook/logs"
)

// The services do not know each other; these types join what one declares to what another has.

// logGroups makes the log groups that API Gateway owns.
type logGroups struct{ logs *logs.Service }

var _ apigateway.LogGroups = logGroups{}

func (g logGroups) EnsureAccessLogGroup(ctx context.Context, accountID, region, group string) error {
	return g.logs.EnsureAccessLogGroup(ctx, logs.Destination{AccountID: accountID, Region: region, Group: group})
}

func (g logGroups) Welcome(ctx context.Context, accountID, region string) error {
	return g.logs.EnsureGroup(ctx, logs.Destination{AccountID: accountID, Region: region, Group: "/aws/apigateway/welcome"},
		"log_stream_created_by_aws_to_validate_log_delivery_subscriptions", "Cloudwatch logs enabled for API Gateway")
}

// stages hands compiled stages to the gateway.
type stages struct{ gateway *gateway.Gateway }

var _ apigateway.StageSink = stages{}

func (s stages) SetStage(stage gateway.Stage) error {
	table, err := gateway.Compile(stage)
	if err != nil {
		return err
	}
	s.gateway.SetStage(stage.APIID, stage.Name, table)
	return nil
}

func (s stages) RemoveStage(apiID, stage string) { s.gateway.RemoveStage(apiID, stage) }
func (s stages) RemoveAPI(apiID string)          { s.gateway.RemoveAPI(apiID) }

// metricSink hands metric data that come out of log events to the metrics service.
type metricSink struct{ metrics *cloudwatch.Service }

var _ logs.MetricSink = metricSink{}

func (m metricSink) PutMetrics(ctx context.Context, account, region, namespace string, data []logs.MetricDatum) error {
	out := make([]cloudwatch.Datum, len(data))
	for i, d := range data {
		dimensions := make([]cloudwatch.Dimension, len(d.Dimensions))
		for j, dim := range d.Dimensions {
			dimensions[j] = cloudwatch.Dimension(dim)
		}
		out[i] = cloudwatch.Datum{
			Namespace: namespace, MetricName: d.Name, Dimensions: dimensions, Time: time.UnixMilli(int64(d.Minute)), Unit: d.Unit,
			Values: d.Values, Counts: d.Counts,
		}
	}
	return m.metrics.Record(ctx, account, region, out)
}
