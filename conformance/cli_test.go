package conformance_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// guidePrinted is the format as the guide prints it, to be pasted.
const guidePrinted = `{ "requestId":"$context.requestId",
  "ip": "$context.identity.sourceIp",
  "caller":"$context.identity.caller",
  "user":"$context.identity.user",
  "requestTime":"$context.requestTime",
  "httpMethod":"$context.httpMethod",
  "resourcePath":"$context.resourcePath",
  "status":"$context.status",
  "protocol":"$context.protocol",
  "responseLength":"$context.responseLength"
}`

func TestOneClick(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir())
	api := notesAPI(t, p, "http://127.0.0.1:1")
	deploy(t, p, api, "prod")
	cli := func(args ...string) string {
		t.Helper()
		out, err := run(t, []string{"AWS_REGION=us-east-1"}, binary, append([]string{"access-logs"}, append(args, "--endpoint-url", p.API, "--api", "notes-api", "--stage", "prod")...)...)
		if err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
		return out
	}
	state := func() (account *string, stage *apigateway.GetStageOutput) {
		return must(p.apigateway().GetAccount(t.Context(), &apigateway.GetAccountInput{}))(t).CloudwatchRoleArn,
			must(p.apigateway().GetStage(t.Context(), &apigateway.GetStageInput{RestApiId: &api, StageName: aws.String("prod")}))(t)
	}

	if out := cli("enable", "--dry-run"); !strings.Contains(out, "would create role APIGatewayCloudWatchLogs") || !strings.Contains(out, "would turn on access logs") {
		t.Errorf("dry run: %s", out)
	}
	if account, stage := state(); account != nil || stage.AccessLogSettings != nil {
		t.Fatal("the dry run changed something")
	}
	cli("enable", "--format", guidePrinted)
	if out := cli("enable", "--format", guidePrinted); !strings.Contains(out, "nothing to change") {
		t.Errorf("second time: %s", out)
	}
	account, stage := state()
	if account == nil || stage.AccessLogSettings == nil || strings.Contains(aws.ToString(stage.AccessLogSettings.Format), "\n") {
		t.Fatalf("account role %v, stage %+v", account, stage.AccessLogSettings)
	}
	a := request(t, "GET", p.Gateway+"/"+api+"/prod/ping", "")
	e := awaitEvents(t, p, accessLogGroup(api, "prod"), 1)
	var entry map[string]string
	if err := json.Unmarshal([]byte(aws.ToString(e[0].Message)), &entry); err != nil || entry["requestId"] != a.requestID {
		t.Errorf("entry %s: %v", aws.ToString(e[0].Message), err)
	}
	cli("enable", "--format", "clf") // its own settings may change
	cli("disable")
	if account, stage := state(); account != nil || stage.AccessLogSettings != nil || len(stage.Tags) != 0 {
		t.Errorf("after disable: account %v, stage %+v %v", account, stage.AccessLogSettings, stage.Tags)
	}
	_, err := p.iam().GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String("APIGatewayCloudWatchLogs")})
	refused(t, err, "NoSuchEntity", "")
	if out := cli("disable"); !strings.Contains(out, "nothing to change") {
		t.Errorf("second time: %s", out)
	}
}

// What was there before enable stays after disable.
func TestOneClickKeepsWhatOthersMade(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir())
	role := enableAccountRole(t, p)
	api := notesAPI(t, p, "http://127.0.0.1:1")
	deploy(t, p, api, "prod")
	for _, verb := range []string{"enable", "disable"} {
		if out, err := run(t, nil, binary, "access-logs", verb, "--endpoint-url", p.API, "--region", "us-east-1", "--api", api, "--stage", "prod"); err != nil {
			t.Fatalf("%s: %v\n%s", verb, err, out)
		}
	}
	if got := must(p.apigateway().GetAccount(t.Context(), &apigateway.GetAccountInput{}))(t); aws.ToString(got.CloudwatchRoleArn) != role {
		t.Errorf("account role is %q, was %q", aws.ToString(got.CloudwatchRoleArn), role)
	}
	must(p.iam().GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String("APIGatewayCloudWatchLogs")}))(t)

	if err := setAccessLogs(t.Context(), p, api, "prod", groupARN(api, "prod"), "$context.requestId"); err != nil {
		t.Fatal(err)
	}
	if out, err := run(t, nil, binary, "access-logs", "enable", "--endpoint-url", p.API, "--region", "us-east-1", "--api", api, "--stage", "prod"); err == nil {
		t.Errorf("overwrote settings that it had not made:\n%s", out)
	}
	if out, err := run(t, nil, binary, "access-logs", "disable", "--endpoint-url", p.API, "--region", "us-east-1", "--api", api, "--stage", "prod"); err != nil || !strings.Contains(out, "nothing to change") {
		t.Errorf("disable of what enable did not make: %v\n%s", err, out)
	}
}

func TestAWSCLIFollowsTheGuide(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("aws"); err != nil {
		t.Skip("the aws CLI is not installed")
	}
	p, upstream := start(t, t.TempDir()), notesService(t)
	out, err := run(t, append(p.env(t), "UPSTREAM="+upstream.URL, "GATEWAY="+p.Gateway), "bash", "testdata/guide.sh")
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if !strings.Contains(out, "PASS") {
		t.Errorf("the guide did not reach its end:\n%s", out)
	}
}

func TestBoto3FollowsTheGuide(t *testing.T) {
	t.Parallel()
	if _, err := run(t, nil, "python3", "-c", "import boto3"); err != nil {
		t.Skip("boto3 is not installed")
	}
	p, upstream := start(t, t.TempDir()), notesService(t)
	out, err := run(t, append(p.env(t), "UPSTREAM="+upstream.URL, "GATEWAY="+p.Gateway), "python3", "testdata/guide.py")
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if !strings.Contains(out, "PASS") {
		t.Errorf("the guide did not reach its end:\n%s", out)
	}
}

// env makes AWS tools use this server and no configuration of the machine's.
func (p *product) env(t *testing.T) []string {
	t.Helper()
	none := filepath.Join(t.TempDir(), "none")
	if err := os.WriteFile(none, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return []string{"AWS_ENDPOINT_URL=" + p.API, "AWS_ACCESS_KEY_ID=AKIATEST", "AWS_SECRET_ACCESS_KEY=secret", "AWS_DEFAULT_REGION=us-east-1",
		"AWS_CONFIG_FILE=" + none, "AWS_SHARED_CREDENTIALS_FILE=" + none, "AWS_PAGER=", "AWS_EC2_METADATA_DISABLED=true"}
}
