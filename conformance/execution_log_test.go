package conformance_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	gwtypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
)

// tracedFormat tells what `tollbook trace` can use.
const tracedFormat = `{"requestId":"$context.requestId","ip":"$context.identity.sourceIp","httpMethod":"$context.httpMethod",` +
	`"path":"$context.path","resourcePath":"$context.resourcePath","status":$context.status,"length":$context.responseLength,` +
	`"took":$context.responseLatency,"backEnd":$context.integrationLatency}`

func setLogging(ctx context.Context, p *product, apiID, stage, level string, trace bool) error {
	value := map[bool]string{true: "true", false: "false"}[trace]
	_, err := p.apigateway().UpdateStage(ctx, &apigateway.UpdateStageInput{RestApiId: &apiID, StageName: &stage, PatchOperations: []gwtypes.PatchOperation{
		{Op: gwtypes.OpReplace, Path: aws.String("/*/*/logging/loglevel"), Value: &level},
		{Op: gwtypes.OpReplace, Path: aws.String("/*/*/logging/dataTrace"), Value: &value},
		{Op: gwtypes.OpReplace, Path: aws.String("/*/*/metrics/enabled"), Value: aws.String("true")},
	}})
	return err
}

// TestOneRequestOneStory follows one request through its execution log, its entry and `tollbook trace`.
func TestOneRequestOneStory(t *testing.T) {
	t.Parallel()
	p, upstream := start(t, t.TempDir()), notesService(t)
	ctx := t.Context()
	api := notesAPI(t, p, upstream.URL)
	deploy(t, p, api, "prod")
	refused(t, setLogging(ctx, p, api, "prod", "INFO", true), "BadRequestException", "CloudWatch Logs role ARN must be set in account settings to enable logging")
	enableAccountRole(t, p)
	if err := setAccessLogs(ctx, p, api, "prod", groupARN(api, "prod"), tracedFormat); err != nil {
		t.Fatal(err)
	}
	group := "API-Gateway-Execution-Logs_" + api + "/prod"
	quiet := request(t, "GET", p.Gateway+"/"+api+"/prod/ping", "")
	if err := setLogging(ctx, p, api, "prod", "INFO", true); err != nil {
		t.Fatal(err)
	}
	a := request(t, "POST", p.Gateway+"/"+api+"/prod/notes?x=1", `{"text":"hello"}`)
	request(t, "GET", p.Gateway+"/"+api+"/prod/ping", "")

	const lines, ofMock = 21, 14
	eventually(t, func() bool { // the first write makes the group
		found, err := p.logs().DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &group})
		return err == nil && len(found.LogGroups) == 1
	})
	got := awaitEvents(t, p, group, lines+ofMock)
	var story []string // without the other request's lines, which may be between these if they are of the same millisecond
	stream := ""
	for i, e := range got {
		text, mine := strings.CutPrefix(aws.ToString(e.Message), "("+a.requestID+") ")
		if !mine {
			continue
		}
		if story = append(story, text); len(story) == 1 {
			stream = aws.ToString(e.LogStreamName)
		}
		if aws.ToString(e.LogStreamName) != stream {
			t.Errorf("line %d is in another stream", i)
		}
	}
	if len(story) != lines || !strings.HasPrefix(story[0], "Extended Request Id: ") {
		t.Fatalf("the story is %q", story)
	}
	if last := story[lines-1]; last != "Method completed with status: 200" && last != "Method completed with status: 201" {
		t.Errorf("the last line is %q", last)
	}
	for _, e := range got {
		if strings.Contains(aws.ToString(e.Message), quiet.requestID) {
			t.Errorf("logged before logging was on: %s", aws.ToString(e.Message))
		}
	}
	checkTrace(t, p, api, a, stream)
}

// checkTrace asks `tollbook trace` for both of its forms.
func checkTrace(t *testing.T, p *product, api string, a answer, stream string) {
	t.Helper()
	trace := func(args ...string) string {
		t.Helper()
		out, err := run(t, []string{"AWS_REGION=us-east-1"}, binary, append([]string{"trace", "--endpoint-url", p.API}, args...)...)
		if err != nil {
			t.Fatalf("trace %v: %v\n%s", args, err, out)
		}
		return out
	}
	var story struct {
		APIID, APIName, Stage string
		Values                map[string]string
		Entry                 struct{ LogGroup, Message string }
		Execution             []struct{ LogStream string }
		Timeline              []struct{ Source, Text string }
		Metrics               struct {
			Namespace  string
			Dimensions []map[string]string
			Values     map[string]int
		}
	}
	if err := json.Unmarshal([]byte(trace("-o", "json", a.requestID)), &story); err != nil {
		t.Fatal(err)
	}
	if story.APIID != api || story.APIName != "notes-api" || story.Stage != "prod" || story.Values["resourcePath"] != "/notes" ||
		story.Entry.LogGroup != accessLogGroup(api, "prod") || len(story.Execution) != 21 || story.Execution[0].LogStream != stream {
		t.Errorf("story %+v", story)
	}
	if n := len(story.Timeline); n != 23 || story.Timeline[0].Text != "request arrived from 127.0.0.1" || story.Timeline[n-1].Source != "access" {
		t.Errorf("timeline %+v", story.Timeline)
	}
	if m := story.Metrics; m.Namespace != "AWS/ApiGateway" || len(m.Dimensions) != 3 || m.Dimensions[2]["Method"] != "ANY" || m.Values["Count"] != 1 {
		t.Errorf("metrics %+v", m)
	}
	text := trace(a.requestID)
	for _, want := range []string{"request " + a.requestID + "  POST /prod/notes  20", "Starting execution for request: " + a.requestID + "\n", "; the back end took ",
		"counted in AWS/ApiGateway, minute ", "  ApiName=notes-api, Method=ANY, Resource=/notes, Stage=prod\n", "\naccess log entry, in " + accessLogGroup(api, "prod")} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if byGroup := trace("--group", accessLogGroup(api, "prod"), a.requestID); byGroup != text {
		t.Errorf("with a group:\n%s", byGroup)
	}
	if out, err := run(t, []string{"AWS_REGION=us-east-1"}, binary, "trace", "--endpoint-url", p.API, "00000000-0000-4000-8000-000000000000"); err == nil || !strings.Contains(out, "no log entry") {
		t.Errorf("an unknown request: %v\n%s", err, out)
	}
}

func TestTestInvokeMethod(t *testing.T) {
	t.Parallel()
	p, upstream := start(t, t.TempDir()), notesService(t)
	api := notesAPI(t, p, upstream.URL) // never deployed
	resources := must(p.apigateway().GetResources(t.Context(), &apigateway.GetResourcesInput{RestApiId: &api}))(t)
	for _, res := range resources.Items {
		if aws.ToString(res.Path) != "/ping" {
			continue
		}
		got := must(p.apigateway().TestInvokeMethod(t.Context(), &apigateway.TestInvokeMethodInput{
			RestApiId: &api, ResourceId: res.Id, HttpMethod: aws.String("GET"), PathWithQueryString: aws.String("/ping?a=1"),
		}))(t)
		if got.Status != 200 || aws.ToString(got.Body) != `{"pong":true}` || got.Headers["Content-Type"] != "application/json" ||
			!strings.HasPrefix(aws.ToString(got.Log), "Execution log for request ") || !strings.Contains(aws.ToString(got.Log), "Method request query string: {a=1}\n") {
			t.Errorf("%+v\n%s", got, aws.ToString(got.Log))
		}
	}
	_, err := p.apigateway().TestInvokeMethod(t.Context(), &apigateway.TestInvokeMethodInput{
		RestApiId: &api, ResourceId: resources.Items[0].Id, HttpMethod: aws.String("PATCH")})
	refused(t, err, "NotFoundException", "Invalid Method identifier specified")
}

func TestTestInvokeMethodFromPython(t *testing.T) {
	t.Parallel()
	if _, err := run(t, nil, "python3", "-c", "import boto3"); err != nil {
		t.Skip("boto3 is not installed")
	}
	p := start(t, t.TempDir())
	out, err := run(t, p.env(t), "python3", "testdata/test_invoke.py")
	if err != nil || !strings.Contains(out, "PASS") {
		t.Fatalf("%v\n%s", err, out)
	}
}
