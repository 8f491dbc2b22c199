package conformance_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

// TestExecutionLogDelivery follows AWS' guide to log deliveries of execution logs, to two log groups, and back.
func TestExecutionLogDelivery(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p, upstream := start(t, dir), notesService(t)
	ctx, logs := t.Context(), p.logs()
	api := notesAPI(t, p, upstream.URL)
	deploy(t, p, api, "prod")
	enableAccountRole(t, p)
	stage := "arn:aws:apigateway:us-east-1:000000000000:/restapis/" + api + "/stages/prod"
	source := &cloudwatchlogs.PutDeliverySourceInput{Name: aws.String("my-apigw-source"), LogType: aws.String("EXECUTION_LOGS"), ResourceArn: &stage}
	_, err := logs.PutDeliverySource(ctx, source)
	refused(t, err, "ValidationException", "Execution logging is off for "+stage)
	if err := setLogging(ctx, p, api, "prod", "INFO", true); err != nil {
		t.Fatal(err)
	}
	if made := must(logs.PutDeliverySource(ctx, source))(t).DeliverySource; aws.ToString(made.Service) != "apigateway" || made.ResourceArns[0] != stage {
		t.Errorf("source %+v", made)
	}
	must(logs.GetDeliverySource(ctx, &cloudwatchlogs.GetDeliverySourceInput{Name: source.Name}))(t)
	destination := func(name string, format logtypes.OutputFormat) *string {
		t.Helper()
		must(logs.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &name}))(t)
		return must(logs.PutDeliveryDestination(ctx, &cloudwatchlogs.PutDeliveryDestinationInput{
			Name: &name, OutputFormat: format, DeliveryDestinationConfiguration: &logtypes.DeliveryDestinationConfiguration{
				DestinationResourceArn: aws.String("arn:aws:logs:us-east-1:000000000000:log-group:" + name)},
		}))(t).DeliveryDestination.Arn
	}
	structured, classic := destination("structured", ""), destination("classic", logtypes.OutputFormatPlain)
	must(logs.GetDeliveryDestination(ctx, &cloudwatchlogs.GetDeliveryDestinationInput{Name: aws.String("classic")}))(t)
	first := must(logs.CreateDelivery(ctx, &cloudwatchlogs.CreateDeliveryInput{DeliverySourceName: source.Name, DeliveryDestinationArn: structured}))(t).Delivery
	second := must(logs.CreateDelivery(ctx, &cloudwatchlogs.CreateDeliveryInput{
		DeliverySourceName: source.Name, DeliveryDestinationArn: classic, RecordFields: []string{"payload"}, FieldDelimiter: aws.String(""),
	}))(t).Delivery

	long := `{"text":"` + strings.Repeat("long ", 2000) + `"}`
	a := request(t, "POST", p.Gateway+"/"+api+"/prod/notes", long)
	const lines = 21
	inPlain, inJSON := awaitEvents(t, p, "classic", lines), awaitEvents(t, p, "structured", lines)
	for i, e := range inJSON {
		var record map[string]any
		if err := json.Unmarshal([]byte(aws.ToString(e.Message)), &record); err != nil {
			t.Fatal(err)
		}
		if record["payload"] != aws.ToString(inPlain[i].Message) || record["resource_arn"] != stage || record["api_id"] != api || record["stage"] != "prod" ||
			record["resource_path"] != "/notes" || record["http_method"] != "POST" || record["event_timestamp"] != float64(aws.ToInt64(e.Timestamp)) {
			t.Errorf("line %d: %s", i, aws.ToString(e.Message))
		}
	}
	body := "(" + a.requestID + ") Method request body before transformations: " + long
	if !slices.ContainsFunc(inPlain, func(e logtypes.FilteredLogEvent) bool { return aws.ToString(e.Message) == body }) {
		t.Error("the body is not there as it was sent")
	}

	out, err := run(t, []string{"AWS_REGION=us-east-1"}, binary, "trace", "--endpoint-url", p.API, a.requestID)
	if err != nil || !strings.Contains(out, "API notes-api ("+api+"), stage prod\n") || !strings.Contains(out, "  Method completed with status: 20") ||
		!strings.Contains(out, "\nexecution log, in ") {
		t.Errorf("trace: %v\n%.3000s", err, out)
	}

	// What was set is in force after a restart, too.
	if err := p.Stop(); err != nil {
		t.Fatal(err)
	}
	p = start(t, dir)
	logs = p.logs()
	must(logs.UpdateDeliveryConfiguration(ctx, &cloudwatchlogs.UpdateDeliveryConfigurationInput{Id: first.Id, RecordFields: []string{"http_method", "stage"}}))(t)
	must(logs.DeleteDelivery(ctx, &cloudwatchlogs.DeleteDeliveryInput{Id: second.Id}))(t)
	request(t, "GET", p.Gateway+"/"+api+"/prod/ping", "")
	if e := awaitEvents(t, p, "structured", lines+14); aws.ToString(e[lines].Message) != `{"http_method":"GET","stage":"prod"}` {
		t.Errorf("updated: %s", aws.ToString(e[lines].Message))
	}
	if n := len(events(t, p, "classic")); n != lines {
		t.Errorf("%d events in a group to which nothing is delivered any more", n)
	}
	group := "API-Gateway-Execution-Logs_" + api + "/prod"
	if found := must(logs.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &group}))(t); len(found.LogGroups) != 0 {
		t.Errorf("API Gateway's own group: %+v", found.LogGroups)
	}
	must(logs.DeleteDelivery(ctx, &cloudwatchlogs.DeleteDeliveryInput{Id: first.Id}))(t)
	request(t, "GET", p.Gateway+"/"+api+"/prod/ping", "")
	eventually(t, func() bool {
		out, err := logs.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &group})
		return err == nil && len(out.LogGroups) == 1
	})
	awaitEvents(t, p, group, 14)
	deleteDeliveries(t, p)
}

// deleteDeliveries removes what is left, and looks at the lists.
func deleteDeliveries(t *testing.T, p *product) {
	t.Helper()
	ctx, logs := t.Context(), p.logs()
	if n := len(must(logs.DescribeDeliveries(ctx, &cloudwatchlogs.DescribeDeliveriesInput{}))(t).Deliveries); n != 0 {
		t.Errorf("%d deliveries", n)
	}
	for _, s := range must(logs.DescribeDeliverySources(ctx, &cloudwatchlogs.DescribeDeliverySourcesInput{}))(t).DeliverySources {
		must(logs.DeleteDeliverySource(ctx, &cloudwatchlogs.DeleteDeliverySourceInput{Name: s.Name}))(t)
	}
	for _, d := range must(logs.DescribeDeliveryDestinations(ctx, &cloudwatchlogs.DescribeDeliveryDestinationsInput{}))(t).DeliveryDestinations {
		must(logs.DeleteDeliveryDestination(ctx, &cloudwatchlogs.DeleteDeliveryDestinationInput{Name: d.Name}))(t)
	}
	_, err := logs.GetDeliverySource(ctx, &cloudwatchlogs.GetDeliverySourceInput{Name: aws.String("my-apigw-source")})
	refused(t, err, "ResourceNotFoundException", "Requested Delivery Source does not exist in this account.")
}

func TestDeliveriesFromPython(t *testing.T) {
	t.Parallel()
	if _, err := run(t, nil, "python3", "-c", "import boto3"); err != nil {
		t.Skip("boto3 is not installed")
	}
	p := start(t, t.TempDir())
	enableAccountRole(t, p)
	out, err := run(t, append(p.env(t), "GATEWAY="+p.Gateway), "python3", "testdata/log_delivery.py")
	if err != nil || !strings.Contains(out, "PASS") {
		t.Fatalf("%v\n%s", err, out)
	}
}

func TestDeliveriesOfOtherKinds(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir())
	ctx, logs := t.Context(), p.logs()
	_, err := logs.PutDeliveryDestination(ctx, &cloudwatchlogs.PutDeliveryDestinationInput{
		Name: aws.String("s3"), OutputFormat: logtypes.OutputFormatParquet,
		DeliveryDestinationConfiguration: &logtypes.DeliveryDestinationConfiguration{DestinationResourceArn: aws.String("arn:aws:s3:::bucket")},
	})
	refused(t, err, "NotImplemented", "PutDeliveryDestination for an S3 bucket is not built")
	_, err = logs.PutDeliverySource(ctx, &cloudwatchlogs.PutDeliverySourceInput{
		Name: aws.String("cdn"), LogType: aws.String("EXECUTION_LOGS"), ResourceArn: aws.String("arn:aws:cloudfront::000000000000:distribution/E1")})
	refused(t, err, "ResourceNotFoundException", "Cannot access provided service.")
	_, err = logs.GetDelivery(ctx, &cloudwatchlogs.GetDeliveryInput{Id: aws.String("none")})
	refused(t, err, "ResourceNotFoundException", "Requested Delivery does not exist in this account.")
	templates := must(logs.DescribeConfigurationTemplates(ctx, &cloudwatchlogs.DescribeConfigurationTemplatesInput{Service: aws.String("apigateway")}))(t)
	if len(templates.ConfigurationTemplates) != 1 || len(templates.ConfigurationTemplates[0].AllowedFields) != 7 {
		t.Errorf("%+v", templates.ConfigurationTemplates)
	}
}
