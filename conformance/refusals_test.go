package conformance_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/smithy-go"
)

// eventually waits for a condition that another process brings about.
func eventually(t *testing.T, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if ok() {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("not so within 10 s")
		}
	}
}

// refused checks AWS' code and text of an error.
func refused(t *testing.T, err error, code, text string) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != code || !strings.Contains(api.ErrorMessage(), text) {
		t.Errorf("got %v, want %s %q", err, code, text)
	}
}

func TestAccountRoleIsChecked(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir())
	ctx := t.Context()
	const text = "The role ARN does not have required permissions configured. Please grant trust permission for API Gateway and add the required role policy."
	_, err := setAccountRole(ctx, p, "arn:aws:iam::000000000000:role/none")
	refused(t, err, "BadRequestException", text)

	other := strings.ReplaceAll(trust, "apigateway", "lambda")
	r := must(p.iam().CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("untrusting"), AssumeRolePolicyDocument: &other}))(t)
	must(p.iam().AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: r.Role.RoleName, PolicyArn: aws.String(pushPolicy)}))(t)
	_, err = setAccountRole(ctx, p, aws.ToString(r.Role.Arn))
	refused(t, err, "BadRequestException", text)

	r = must(p.iam().CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("powerless"), AssumeRolePolicyDocument: aws.String(trust)}))(t)
	_, err = setAccountRole(ctx, p, aws.ToString(r.Role.Arn))
	refused(t, err, "BadRequestException", text)
	if got := must(p.apigateway().GetAccount(ctx, &apigateway.GetAccountInput{}))(t); got.CloudwatchRoleArn != nil {
		t.Errorf("a refused role was set: %s", *got.CloudwatchRoleArn)
	}
}

func TestAccessLogSettingsAreChecked(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir())
	ctx := t.Context()
	api := notesAPI(t, p, "http://127.0.0.1:1")
	deploy(t, p, api, "prod")
	arn := groupARN(api, "prod")
	refused(t, setAccessLogs(ctx, p, api, "prod", arn, guideFormat), "BadRequestException", "CloudWatch Logs role ARN must be set in account settings to enable logging")
	enableAccountRole(t, p)
	refused(t, setAccessLogs(ctx, p, api, "prod", arn, "$context.status"), "BadRequestException", "Access Log format must include either $context.requestId or $context.extendedRequestId : '$context.status'")
	refused(t, setAccessLogs(ctx, p, api, "prod", arn, "$context.requestId\n$context.status"), "BadRequestException", "Access Log format must be single line, new line character is allowed only at end of the format:")
	refused(t, setAccessLogs(ctx, p, api, "prod", arn+":*", guideFormat), "BadRequestException", "Access log destination must only contain characters a-z, A-Z, 0-9, '_', '-', '/', '.': 'log-group:"+accessLogGroup(api, "prod")+":*'")
	refused(t, setAccessLogs(ctx, p, api, "test", arn, guideFormat), "NotFoundException", "Invalid stage identifier specified")
	if stage := must(p.apigateway().GetStage(ctx, &apigateway.GetStageInput{RestApiId: &api, StageName: aws.String("prod")}))(t); stage.AccessLogSettings != nil {
		t.Errorf("refused settings were kept: %+v", stage.AccessLogSettings)
	}
}

func TestUnknownThings(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir())
	ctx := t.Context()
	_, err := p.apigateway().GetRestApi(ctx, &apigateway.GetRestApiInput{RestApiId: aws.String("nosuchapi0")})
	refused(t, err, "NotFoundException", "Invalid API identifier specified 000000000000:nosuchapi0")
	_, err = p.logs().GetLogEvents(ctx, &cloudwatchlogs.GetLogEventsInput{LogGroupName: aws.String("none"), LogStreamName: aws.String("none")})
	refused(t, err, "ResourceNotFoundException", "The specified log group does not exist.")
	_, err = p.iam().GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String("none")})
	refused(t, err, "NoSuchEntity", "The role with name none cannot be found.")
	_, err = p.apigateway().GetSdkTypes(ctx, &apigateway.GetSdkTypesInput{}, func(o *apigateway.Options) { o.RetryMaxAttempts = 1 })
	refused(t, err, "NotImplemented", "GetSdkTypes")
	_, err = p.logs().DescribeExportTasks(ctx, &cloudwatchlogs.DescribeExportTasksInput{},
		func(o *cloudwatchlogs.Options) { o.RetryMaxAttempts = 1 })
	refused(t, err, "NotImplemented", "DescribeExportTasks")
}

const someSignature = "AWS4-HMAC-SHA256 Credential=AKID/20261123/us-east-1/logs/aws4_request, SignedHeaders=host, Signature=00"

func TestBadRequestsOnTheWire(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir())
	json11 := func(target string) func(*http.Request) {
		return func(r *http.Request) {
			r.Header.Set("X-Amz-Target", target)
			r.Header.Set("Content-Type", "application/x-amz-json-1.1")
			r.Header.Set("Authorization", someSignature)
		}
	}
	for _, c := range []struct {
		name, body string
		edit       func(*http.Request)
		status     int
		want       string
	}{
		{"malformed JSON", `{"logGroupName":`, json11("Logs_20140328.CreateLogGroup"), 400, "SerializationException"},
		{"wrong type", `{"logGroupName":{}}`, json11("Logs_20140328.CreateLogGroup"), 400, "SerializationException"},
		{"missing member", `{}`, json11("Logs_20140328.CreateLogGroup"), 400, "Value null at 'logGroupName' failed to satisfy constraint: Member must not be null"},
		{"bad pattern", `{"logGroupName":"a b"}`, json11("Logs_20140328.CreateLogGroup"), 400, `Member must satisfy regular expression pattern`},
		{"unknown operation", `{}`, json11("Logs_20140328.Frobnicate"), 400, "UnknownOperationException"},
		{"unsigned", `{}`, func(r *http.Request) { r.Header.Set("X-Amz-Target", "Logs_20140328.DescribeLogGroups") }, 400, "MissingAuthenticationTokenException"},
		{"unsigned form post", `Action=ListRoles&Version=2010-05-08`, func(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") }, 403, "MissingAuthenticationToken"},
		{"other origin", `{}`, func(r *http.Request) {
			json11("Logs_20140328.DescribeLogGroups")(r)
			r.Header.Set("Origin", "http://evil.example")
		}, 403, "other origins"},
		{"rebound host", `{}`, func(r *http.Request) {
			json11("Logs_20140328.DescribeLogGroups")(r)
			r.Host = "evil.example"
		}, 421, "not served here"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a := request(t, "POST", p.API+"/", c.body, c.edit)
			if a.status != c.status || !strings.Contains(a.body, c.want) {
				t.Errorf("got %d %s, want %d with %q", a.status, a.body, c.status, c.want)
			}
			if a.requestID == "" && c.status != 421 && c.name != "other origin" {
				t.Error("no x-amzn-RequestId")
			}
		})
	}
	t.Run("oversized body", func(t *testing.T) {
		t.Parallel()
		req := must(http.NewRequestWithContext(t.Context(), "POST", p.API+"/", bytes.NewReader(make([]byte, 64<<20))))(t)
		json11("Logs_20140328.PutLogEvents")(req)
		resp, err := ownClient.Do(req)
		if err != nil {
			return // refused while it was still being sent
		}
		defer resp.Body.Close()
		io.Copy(io.Discard, resp.Body)
		if resp.StatusCode < 400 || resp.StatusCode > 499 {
			t.Errorf("64 MiB body: %d", resp.StatusCode)
		}
	})
}
