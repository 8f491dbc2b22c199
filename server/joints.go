package server

import (
	"context"
	"time"

	"github.com/tollbook/tollbook/apigateway"
	"github.com/tollbook/tollbook/cloudwatch"
	"github.com/tollbook/tollbook/gateway"
	"github.com/tollbook/tollbook/iam"
	"github.com/tollbook/tollbook/logs"
	"github.com/tollbook/tollbook/sts"
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

// logSources are the stages of REST APIs, whose service is made after the log service.
type logSources struct{ apis *apigateway.Service }

var _ logs.LogSources = (*logSources)(nil)

func (s *logSources) LogSource(ctx context.Context, resourceARN string) (exists, logging bool, err error) {
	return s.apis.LogSource(ctx, resourceARN)
}

func (s *logSources) DeliveriesChanged(ctx context.Context, resourceARN string) {
	s.apis.DeliveriesChanged(ctx, resourceARN)
}

var _ apigateway.LogDeliveries = (*logs.Service)(nil)

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

func (s stages) TestInvoke(stage gateway.Stage, r gateway.TestRequest) (gateway.TestResult, error) {
	return s.gateway.TestInvoke(stage, r)
}

func (s stages) TestAuthorizer(stage gateway.Stage, id string, r gateway.TestRequest) (gateway.TestAuthorization, error) {
	return s.gateway.TestAuthorizer(stage, id, r)
}

func (s stages) FlushAuthorizers(apiID, stage string) { s.gateway.FlushAuthorizers(apiID, stage) }

func (s stages) FlushCache(apiID, stage string)  { s.gateway.FlushCache(apiID, stage) }
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

// temporaryKeys has package iam make the keys that sts gives away.
type temporaryKeys struct{ iam *iam.Service }

var _ sts.Keys = temporaryKeys{}

func (k temporaryKeys) AssumeRole(ctx context.Context, in sts.RoleSession) (sts.TemporaryKey, error) {
	key, err := k.iam.AssumeRole(ctx, iam.RoleSession(in))
	return sts.TemporaryKey(key), err
}

func (k temporaryKeys) SessionToken(ctx context.Context, duration time.Duration) (sts.TemporaryKey, error) {
	key, err := k.iam.SessionToken(ctx, duration)
	return sts.TemporaryKey(key), err
}

func (k temporaryKeys) KeyAccount(ctx context.Context, accessKeyID string) (string, error) {
	return k.iam.KeyAccount(ctx, accessKeyID)
}
