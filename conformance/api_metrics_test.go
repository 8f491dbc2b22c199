package conformance_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

// TestMetricsAgreeWithTheAccessLog sends requests and counts them four ways: in the access log, by Logs Insights, in
// AWS/ApiGateway and on /metrics, and by a metric filter on the log.
func TestMetricsAgreeWithTheAccessLog(t *testing.T) {
	t.Parallel()
	p, upstream := start(t, t.TempDir()), notesService(t)
	enableAccountRole(t, p)
	api := notesAPI(t, p, upstream.URL)
	deploy(t, p, api, "prod")
	if err := setAccessLogs(t.Context(), p, api, "prod", groupARN(api, "prod"), guideFormat); err != nil {
		t.Fatal(err)
	}
	group := accessLogGroup(api, "prod")
	must(p.logs().PutMetricFilter(t.Context(), &cloudwatchlogs.PutMetricFilterInput{
		LogGroupName: &group, FilterName: aws.String("client-errors"), FilterPattern: aws.String("{ $.status = 4* }"),
		MetricTransformations: []logtypes.MetricTransformation{{
			MetricName: aws.String("ClientErrors"), MetricNamespace: aws.String("Notes"), MetricValue: aws.String("1"),
		}},
	}))(t)
	const found, missing = 7, 3
	for range found {
		request(t, "GET", p.Gateway+"/"+api+"/prod/notes/1", "")
	}
	for range missing {
		if a := request(t, "DELETE", p.Gateway+"/"+api+"/prod/nowhere", ""); a.status/100 != 4 {
			t.Fatalf("a route that does not exist: %d", a.status)
		}
	}
	awaitEvents(t, p, group, found+missing)
	rows, _ := askInsights(t, p.logs(), cloudwatchlogs.StartQueryInput{LogGroupName: &group, QueryString: aws.String("filter status >= 400 | stats count(*) as n")})
	if len(rows) != 1 || rows[0] != fmt.Sprintf("n=%d", missing) {
		t.Errorf("Logs Insights: %v", rows)
	}
	shown := request(t, "GET", p.API+"/metrics", "").body // which brings the metrics up to date
	for _, series := range []string{"requests_total", "4xx_errors_total"} {
		want := map[string]int{"requests_total": found + missing, "4xx_errors_total": missing}[series]
		line := fmt.Sprintf(`tollbook_stage_%s{api_id="%s",api_name="notes-api",stage="prod"} %d`, series, api, want)
		if !strings.Contains(shown, line) {
			t.Errorf("/metrics has no %s", line)
		}
	}
	stage := []types.Dimension{{Name: aws.String("ApiName"), Value: aws.String("notes-api")}, {Name: aws.String("Stage"), Value: aws.String("prod")}}
	for _, dimensions := range [][]types.Dimension{stage, stage[:1]} {
		for name, want := range map[string]float64{"Count": found + missing, "4XXError": missing, "5XXError": 0} {
			if got := metricSum(t, p, "AWS/ApiGateway", name, dimensions); got != want {
				t.Errorf("%s of %d dimensions: %v, want %v", name, len(dimensions), got, want)
			}
		}
	}
	eventually(t, func() bool { return metricSum(t, p, "Notes", "ClientErrors", nil) >= missing })
	if got := metricSum(t, p, "Notes", "ClientErrors", nil); got != missing {
		t.Errorf("the metric filter counted %v", got)
	}
}

// metricSum is the sum of a metric over the last minutes.
func metricSum(t *testing.T, p *product, namespace, name string, dimensions []types.Dimension) (sum float64) {
	t.Helper()
	now := time.Now()
	out := must(cloudwatch.NewFromConfig(p.AWSConfig()).GetMetricStatistics(t.Context(), &cloudwatch.GetMetricStatisticsInput{
		Namespace: &namespace, MetricName: &name, Dimensions: dimensions, Period: aws.Int32(60), Statistics: []types.Statistic{types.StatisticSum},
		StartTime: aws.Time(now.Add(-10 * time.Minute)), EndTime: aws.Time(now.Add(time.Minute)),
	}))(t)
	for _, d := range out.Datapoints {
		sum += *d.Sum
	}
	return sum
}
