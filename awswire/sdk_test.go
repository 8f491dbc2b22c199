package awswire_test

import (
	"errors"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/smithy-go"

	"github.com/tollbook/tollbook/awswire"
)

// metricsSDK is AWS' SDK, which speaks Smithy RPC v2, in front of a service that plays the script.
func metricsSDK(t *testing.T, s *script) *cloudwatch.Client {
	t.Helper()
	srv := httptest.NewServer(awswire.New(awswire.Options{Auth: awswire.AnyKey{}, Log: slog.New(slog.DiscardHandler)}, fakes(s)...))
	t.Cleanup(srv.Close)
	return cloudwatch.New(cloudwatch.Options{
		Region: "eu-west-1", BaseEndpoint: &srv.URL, Credentials: credentials.NewStaticCredentialsProvider("AK", "secret", ""),
		RetryMaxAttempts: 1,
	})
}

func TestSDKPutsAndGetsMetrics(t *testing.T) {
	t.Parallel()
	s := new(script)
	c := metricsSDK(t, s)
	at := time.UnixMilli(1785578400250).UTC()
	_, err := c.PutMetricData(t.Context(), &cloudwatch.PutMetricDataInput{Namespace: aws.String("n"), MetricData: []types.MetricDatum{
		{MetricName: aws.String("m"), Timestamp: &at, Values: []float64{-1.5}, Unit: types.StandardUnitCount, StorageResolution: aws.Int32(60)},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"Timestamp": "2026-08-01T10:00:00.25Z"`, "-1.5", `"Unit": "Count"`, `"StorageResolution": 60`} {
		if !strings.Contains(s.seen, want) {
			t.Errorf("the service did not see %s: %s", want, s.seen)
		}
	}
	s.answer = `{"MetricDataResults":[{"Id":"a","Timestamps":["2026-08-01T10:00:00.25Z"],"Values":[0.1]}],"Messages":[]}`
	out, err := c.GetMetricData(t.Context(), &cloudwatch.GetMetricDataInput{
		StartTime: &at, EndTime: &at, MetricDataQueries: []types.MetricDataQuery{{Id: aws.String("a")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if r := out.MetricDataResults[0]; *r.Id != "a" || r.Values[0] != 0.1 || !r.Timestamps[0].Equal(at) || out.Messages == nil {
		t.Errorf("got %+v", r)
	}
}

func TestSDKReadsErrors(t *testing.T) {
	t.Parallel()
	c := metricsSDK(t, &script{answer: "unknown\n"})
	_, err := c.SetAlarmState(t.Context(), &cloudwatch.SetAlarmStateInput{AlarmName: aws.String("a"), StateValue: "OK", StateReason: aws.String("r")})
	var gone *types.ResourceNotFound
	if !errors.As(err, &gone) {
		t.Errorf("not found: %v", err)
	}
	_, err = c.DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{StateValue: "BAD"})
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != "ValidationError" || !strings.Contains(api.ErrorMessage(), "Value 'BAD' at 'stateValue'") {
		t.Errorf("violation: %v", err)
	}
	c = metricsSDK(t, &script{answer: "failure the disk is gone"})
	_, err = c.ListMetrics(t.Context(), &cloudwatch.ListMetricsInput{})
	if !errors.As(err, &api) || api.ErrorCode() != "InternalFailure" {
		t.Errorf("failure: %v", err)
	}
}
