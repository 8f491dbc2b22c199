package conformance_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/tollbook/tollbook/awsapi/awscloudwatch"
)

func (p *product) cloudwatch() *cloudwatch.Client { return cloudwatch.NewFromConfig(p.AWSConfig()) }

// metricsClient is AWS' SDK, which speaks Smithy RPC v2 with CBOR, and a minute that is over.
type metricsClient struct {
	*cloudwatch.Client
	minute time.Time
}

// metricOperations calls every operation of CloudWatch that is served, each with those before it done.
var metricOperations = []struct {
	names []string
	call  func(t *testing.T, c metricsClient)
}{
	{[]string{"PutMetricData", "ListMetrics"}, putAndListMetrics},
	{[]string{"GetMetricStatistics", "GetMetricData"}, readMetrics},
	{[]string{"PutMetricAlarm", "DescribeAlarms", "DescribeAlarmsForMetric"}, putAlarm},
	{[]string{"DisableAlarmActions", "EnableAlarmActions"}, switchAlarmActions},
	{[]string{"SetAlarmState", "DescribeAlarmHistory"}, setAlarmState},
	{[]string{"PutCompositeAlarm"}, putCompositeAlarm},
	{[]string{"TagResource", "ListTagsForResource", "UntagResource"}, tagAlarm},
	{[]string{"PutDashboard", "GetDashboard", "ListDashboards", "DeleteDashboards"}, dashboards},
	{[]string{"DeleteAlarms"}, deleteAlarm},
}

func TestMetricOperations(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir())
	c := metricsClient{p.cloudwatch(), time.Now().Add(-10 * time.Minute).Truncate(time.Minute).UTC()}
	for _, op := range metricOperations {
		if !t.Run(strings.Join(op.names, ","), func(t *testing.T) { op.call(t, c) }) {
			break
		}
	}
}

// TestEveryMetricOperationHasACase fails when an operation is served that metricOperations leaves out.
func TestEveryMetricOperationHasACase(t *testing.T) {
	t.Parallel()
	var called []string
	for _, op := range metricOperations {
		called = append(called, op.names...)
	}
	for _, op := range awscloudwatch.Operations(nil).Operations {
		if op.Handle != nil && !slices.Contains(called, op.Name) {
			t.Errorf("no case calls %s", op.Name)
		}
	}
}

var notesDimension = []types.Dimension{{Name: aws.String("Api"), Value: aws.String("notes")}}

func putAndListMetrics(t *testing.T, c metricsClient) {
	datum := func(d types.MetricDatum) types.MetricDatum {
		d.MetricName, d.Dimensions = aws.String("Latency"), notesDimension
		d.Timestamp, d.Unit = &c.minute, types.StandardUnitMilliseconds
		return d
	}
	must(c.PutMetricData(t.Context(), &cloudwatch.PutMetricDataInput{Namespace: aws.String("Notes"), MetricData: []types.MetricDatum{
		datum(types.MetricDatum{Value: aws.Float64(1)}),
		datum(types.MetricDatum{Values: []float64{2, 4}, Counts: []float64{3, 1}}),
		datum(types.MetricDatum{StatisticValues: &types.StatisticSet{
			SampleCount: aws.Float64(5), Sum: aws.Float64(50), Minimum: aws.Float64(0.5), Maximum: aws.Float64(20),
		}}),
	}}))(t)
	out := must(c.ListMetrics(t.Context(), &cloudwatch.ListMetricsInput{Namespace: aws.String("Notes")}))(t)
	if len(out.Metrics) != 1 || aws.ToString(out.Metrics[0].MetricName) != "Latency" || len(out.Metrics[0].Dimensions) != 1 {
		t.Errorf("metrics: %+v", out.Metrics)
	}
}

func readMetrics(t *testing.T, c metricsClient) {
	end := c.minute.Add(5 * time.Minute)
	stats := must(c.GetMetricStatistics(t.Context(), &cloudwatch.GetMetricStatisticsInput{
		Namespace: aws.String("Notes"), MetricName: aws.String("Latency"), Dimensions: notesDimension,
		StartTime: &c.minute, EndTime: &end, Period: aws.Int32(60),
		Statistics: []types.Statistic{"SampleCount", "Sum", "Average", "Minimum", "Maximum"},
	}))(t)
	if len(stats.Datapoints) != 1 {
		t.Fatalf("datapoints: %+v", stats.Datapoints)
	}
	d := stats.Datapoints[0]
	got := fmt.Sprintf("%v %v %v %v %v %s", d.Timestamp.Equal(c.minute), *d.SampleCount, *d.Sum, *d.Minimum, *d.Maximum, d.Unit)
	if want := "true 10 61 0.5 20 Milliseconds"; got != want || *d.Average != 6.1 {
		t.Errorf("statistics %s with average %v, want %s", got, *d.Average, want)
	}
	metric := &types.Metric{Namespace: aws.String("Notes"), MetricName: aws.String("Latency"), Dimensions: notesDimension}
	data := must(c.GetMetricData(t.Context(), &cloudwatch.GetMetricDataInput{
		StartTime: &c.minute, EndTime: &end,
		MetricDataQueries: []types.MetricDataQuery{
			{Id: aws.String("sum"), MetricStat: &types.MetricStat{Metric: metric, Period: aws.Int32(60), Stat: aws.String("Sum")}},
			{Id: aws.String("twice"), Expression: aws.String("sum * 2"), Label: aws.String("Twice")},
		},
	}))(t)
	for i, want := range []float64{61, 122} {
		r := data.MetricDataResults[i]
		if len(r.Values) != 1 || r.Values[0] != want || !r.Timestamps[0].Equal(c.minute) || r.StatusCode != types.StatusCodeComplete {
			t.Errorf("result %d: %+v", i, r)
		}
	}
}

// putAlarm makes an alarm that changes its state by nobody's hand but ours: its metric has no data, which it ignores.
func putAlarm(t *testing.T, c metricsClient) {
	must(c.PutMetricAlarm(t.Context(), &cloudwatch.PutMetricAlarmInput{
		AlarmName: aws.String("quiet"), Namespace: aws.String("Notes"), MetricName: aws.String("Quiet"),
		Statistic: types.StatisticSum, Period: aws.Int32(60),
		EvaluationPeriods: aws.Int32(2), Threshold: aws.Float64(0.5), ComparisonOperator: types.ComparisonOperatorGreaterThanThreshold,
		TreatMissingData: aws.String("ignore"), Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("edge")}},
	}))(t)
	a := describedAlarm(t, c)
	if *a.Threshold != 0.5 || *a.EvaluationPeriods != 2 || !*a.ActionsEnabled || a.StateValue != types.StateValueInsufficientData {
		t.Errorf("alarm: %+v", a)
	}
	if want := "arn:aws:cloudwatch:us-east-1:000000000000:alarm:quiet"; aws.ToString(a.AlarmArn) != want {
		t.Errorf("ARN %s, want %s", aws.ToString(a.AlarmArn), want)
	}
	of := must(c.DescribeAlarmsForMetric(t.Context(), &cloudwatch.DescribeAlarmsForMetricInput{
		Namespace: aws.String("Notes"), MetricName: aws.String("Quiet"),
	}))(t)
	if len(of.MetricAlarms) != 1 {
		t.Errorf("%d alarms of the metric", len(of.MetricAlarms))
	}
}

func describedAlarm(t *testing.T, c metricsClient) types.MetricAlarm {
	t.Helper()
	out := must(c.DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{"quiet"}}))(t)
	if len(out.MetricAlarms) != 1 {
		t.Fatalf("%d alarms", len(out.MetricAlarms))
	}
	return out.MetricAlarms[0]
}

func switchAlarmActions(t *testing.T, c metricsClient) {
	must(c.DisableAlarmActions(t.Context(), &cloudwatch.DisableAlarmActionsInput{AlarmNames: []string{"quiet"}}))(t)
	if *describedAlarm(t, c).ActionsEnabled {
		t.Error("the actions are still enabled")
	}
	must(c.EnableAlarmActions(t.Context(), &cloudwatch.EnableAlarmActionsInput{AlarmNames: []string{"quiet"}}))(t)
	if !*describedAlarm(t, c).ActionsEnabled {
		t.Error("the actions are still disabled")
	}
}

func setAlarmState(t *testing.T, c metricsClient) {
	must(c.SetAlarmState(t.Context(), &cloudwatch.SetAlarmStateInput{
		AlarmName: aws.String("quiet"), StateValue: types.StateValueAlarm, StateReason: aws.String("a drill"),
	}))(t)
	if a := describedAlarm(t, c); a.StateValue != types.StateValueAlarm || aws.ToString(a.StateReason) != "a drill" {
		t.Errorf("state %s, %s", a.StateValue, aws.ToString(a.StateReason))
	}
	out := must(c.DescribeAlarmHistory(t.Context(), &cloudwatch.DescribeAlarmHistoryInput{
		AlarmName: aws.String("quiet"), HistoryItemType: types.HistoryItemTypeStateUpdate,
	}))(t)
	if len(out.AlarmHistoryItems) != 1 || !strings.Contains(aws.ToString(out.AlarmHistoryItems[0].HistoryData), "a drill") {
		t.Errorf("history: %+v", out.AlarmHistoryItems)
	}
}

// putCompositeAlarm makes an alarm over the one that is in ALARM, and deletes it.
func putCompositeAlarm(t *testing.T, c metricsClient) {
	must(c.PutCompositeAlarm(t.Context(), &cloudwatch.PutCompositeAlarmInput{
		AlarmName: aws.String("loud"), AlarmRule: aws.String(`NOT OK("quiet") AND ALARM(quiet)`),
	}))(t)
	out := must(c.DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{AlarmTypes: []types.AlarmType{types.AlarmTypeCompositeAlarm}}))(t)
	if len(out.CompositeAlarms) != 1 || out.CompositeAlarms[0].StateValue != types.StateValueAlarm {
		t.Fatalf("%+v", out.CompositeAlarms)
	}
	if _, err := c.DeleteAlarms(t.Context(), &cloudwatch.DeleteAlarmsInput{AlarmNames: []string{"quiet"}}); err == nil {
		t.Error("an alarm was deleted that a composite alarm looks at")
	}
	must(c.DeleteAlarms(t.Context(), &cloudwatch.DeleteAlarmsInput{AlarmNames: []string{"loud"}}))(t)
}

func tagAlarm(t *testing.T, c metricsClient) {
	arn := describedAlarm(t, c).AlarmArn
	stage := []types.Tag{{Key: aws.String("stage"), Value: aws.String("prod")}}
	must(c.TagResource(t.Context(), &cloudwatch.TagResourceInput{ResourceARN: arn, Tags: stage}))(t)
	must(c.UntagResource(t.Context(), &cloudwatch.UntagResourceInput{ResourceARN: arn, TagKeys: []string{"team"}}))(t)
	out := must(c.ListTagsForResource(t.Context(), &cloudwatch.ListTagsForResourceInput{ResourceARN: arn}))(t)
	if len(out.Tags) != 1 || aws.ToString(out.Tags[0].Key) != "stage" || aws.ToString(out.Tags[0].Value) != "prod" {
		t.Errorf("tags: %+v", out.Tags)
	}
}

func dashboards(t *testing.T, c metricsClient) {
	name, body := aws.String("notes"), aws.String(`{"widgets":[{"type":"text","x":0,"y":0,"width":6,"height":3,"properties":{"markdown":"Notes"}}]}`)
	put := must(c.PutDashboard(t.Context(), &cloudwatch.PutDashboardInput{DashboardName: name, DashboardBody: body}))(t)
	if len(put.DashboardValidationMessages) != 0 {
		t.Errorf("messages: %+v", put.DashboardValidationMessages)
	}
	if got := must(c.GetDashboard(t.Context(), &cloudwatch.GetDashboardInput{DashboardName: name}))(t); aws.ToString(got.DashboardBody) != *body {
		t.Errorf("body: %s", aws.ToString(got.DashboardBody))
	}
	list := must(c.ListDashboards(t.Context(), &cloudwatch.ListDashboardsInput{}))(t)
	if len(list.DashboardEntries) != 1 || list.DashboardEntries[0].LastModified == nil {
		t.Errorf("dashboards: %+v", list.DashboardEntries)
	}
	must(c.DeleteDashboards(t.Context(), &cloudwatch.DeleteDashboardsInput{DashboardNames: []string{"notes"}}))(t)
	_, err := c.GetDashboard(t.Context(), &cloudwatch.GetDashboardInput{DashboardName: name})
	refused(t, err, "ResourceNotFound", "")
	_, err = c.PutDashboard(t.Context(), &cloudwatch.PutDashboardInput{DashboardName: aws.String("no spaces"), DashboardBody: body})
	refused(t, err, "InvalidParameterValue", "The value for field DashboardName contains invalid characters.")
}

func deleteAlarm(t *testing.T, c metricsClient) {
	must(c.DeleteAlarms(t.Context(), &cloudwatch.DeleteAlarmsInput{AlarmNames: []string{"quiet"}}))(t)
	if out := must(c.DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{}))(t); len(out.MetricAlarms) != 0 {
		t.Errorf("alarms: %+v", out.MetricAlarms)
	}
	_, err := c.SetAlarmState(t.Context(), &cloudwatch.SetAlarmStateInput{
		AlarmName: aws.String("quiet"), StateValue: types.StateValueOk, StateReason: aws.String("r"),
	})
	var gone *types.ResourceNotFound
	if !errors.As(err, &gone) {
		t.Errorf("state of an alarm that is gone: %v", err)
	}
}

func TestMetricRefusals(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir())
	c, ctx := p.cloudwatch(), t.Context()
	_, err := c.PutMetricData(ctx, &cloudwatch.PutMetricDataInput{Namespace: aws.String("Notes"), MetricData: []types.MetricDatum{
		{MetricName: aws.String("m"), Value: aws.Float64(1), Values: []float64{1}},
	}})
	refused(t, err, "InvalidParameterCombination",
		"The parameters MetricData.member.1.Value and MetricData.member.1.Values are mutually exclusive and you have specified both.")
	_, err = c.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{StateValue: "INVALID"})
	refused(t, err, "ValidationError", "Value 'INVALID' at 'stateValue' failed to satisfy constraint: "+
		"Member must satisfy enum value set: [INSUFFICIENT_DATA, ALARM, OK]")
	_, err = c.ListMetricStreams(ctx, &cloudwatch.ListMetricStreamsInput{}, func(o *cloudwatch.Options) { o.RetryMaxAttempts = 1 })
	refused(t, err, "NotImplemented", "ListMetricStreams")
}

// TestMetricsInQuery speaks as SDKs did before they had other protocols.
func TestMetricsInQuery(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir())
	form := func(r *http.Request) {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
		r.Header.Set("Authorization", strings.Replace(someSignature, "/logs/", "/monitoring/", 1))
	}
	for _, c := range []struct {
		form   string
		status int
		want   string
	}{
		{"Action=PutMetricData&Namespace=Notes&MetricData.member.1.MetricName=Count&MetricData.member.1.Value=1.5" +
			"&MetricData.member.1.Dimensions.member.1.Name=Api&MetricData.member.1.Dimensions.member.1.Value=notes", 200, "<PutMetricDataResponse"},
		{"Action=ListMetrics&Namespace=Notes", 200, "<Dimensions><member><Name>Api</Name><Value>notes</Value></member></Dimensions>"},
		{"Action=ListMetrics&Namespace=None", 200, "<Metrics></Metrics>"},
		{"Action=DescribeAlarms", 200, "<MetricAlarms></MetricAlarms>"},
		{"Action=PutMetricData&Namespace=Notes&MetricData.member.1.MetricName=m&MetricData.member.1.Value=1&MetricData.member.1.Values.member.1=1",
			400, "<Code>InvalidParameterCombination</Code>"},
		{"Action=SetAlarmState&AlarmName=none&StateValue=OK&StateReason=r", 404, "<Code>ResourceNotFound</Code>"},
		{"Action=SetAlarmState&AlarmName=none&StateValue=FINE&StateReason=r", 400, "<Code>ValidationError</Code>"},
	} {
		a := request(t, "POST", p.API+"/", c.form+"&Version=2010-08-01", form)
		if a.status != c.status || !strings.Contains(a.body, c.want) {
			t.Errorf("%s: got %d %s, want %d with %s", c.form, a.status, a.body, c.status, c.want)
		}
	}
}

// TestBoto3PutsMetrics speaks JSON 1.0, compressed where it is long.
func TestBoto3PutsMetrics(t *testing.T) {
	t.Parallel()
	if _, err := run(t, nil, "python3", "-c", "import boto3"); err != nil {
		t.Skip("boto3 is not installed")
	}
	p := start(t, t.TempDir())
	out, err := run(t, p.env(t), "python3", "testdata/metrics.py")
	if err != nil || !strings.Contains(out, "PASS") {
		t.Fatalf("%v\n%s", err, out)
	}
}

// TestSignedCompressedMetrics puts so much that the SDK compresses it: the signature is over what is sent.
func TestSignedCompressedMetrics(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir(), "--auth", "sigv4", "--log-format", "json")
	id, secret := printedKey(t, p)
	cfg := p.AWSConfig()
	_, err := p.cloudwatch().ListMetrics(t.Context(), &cloudwatch.ListMetricsInput{})
	refused(t, err, "InvalidClientTokenId", "The security token included in the request is invalid.")
	cfg.Credentials = credentials.NewStaticCredentialsProvider(id, secret, "")
	var data []types.MetricDatum
	for i := range 500 {
		data = append(data, types.MetricDatum{
			MetricName: aws.String(fmt.Sprintf("m%03d", i)), Value: aws.Float64(float64(i)), Dimensions: notesDimension,
		})
	}
	c := cloudwatch.NewFromConfig(cfg)
	must(c.PutMetricData(t.Context(), &cloudwatch.PutMetricDataInput{Namespace: aws.String("Notes"), MetricData: data}))(t)
	out := must(c.ListMetrics(t.Context(), &cloudwatch.ListMetricsInput{Namespace: aws.String("Notes")}))(t)
	if len(out.Metrics) != len(data) {
		t.Errorf("%d metrics, want %d", len(out.Metrics), len(data))
	}
}
