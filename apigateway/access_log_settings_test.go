package apigateway_test

import (
	"errors"
	"strings"
	"testing"

	ag "github.com/tollbook/tollbook/awsapi/awsapigateway"
	"github.com/tollbook/tollbook/gateway"
)

const (
	logGroup    = "API-Gateway-Access-Logs_abc/prod"
	logGroupARN = "arn:aws:logs:eu-west-1:123456789012:log-group:" + logGroup
	logFormat   = `{ "requestId":"$context.requestId", "status":"$context.status" }`

	pathDestination = "/accessLogSettings/destinationArn"
	pathFormat      = "/accessLogSettings/format"
)

func TestAccessLogEnable(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	api, _, deployment := f.deployed(t)
	f.setLogRole(t)

	got := f.updateStageOK(t, api, patch("replace", pathDestination, logGroupARN))
	same(t, got.AccessLogSettings, &ag.AccessLogSettings{DestinationArn: new(logGroupARN)})
	served, _ := f.sink.stage(api, "prod")
	same(t, served.AccessLog, (*gateway.AccessLog)(nil)) // no format yet
	same(t, len(f.groups.ensured), 0)

	got = f.updateStageOK(t, api, patch("add", pathFormat, logFormat+"\n"))
	same(t, got.AccessLogSettings, &ag.AccessLogSettings{DestinationArn: new(logGroupARN), Format: new(logFormat + "\n")})
	same(t, f.stage(t, api), got)
	served, _ = f.sink.stage(api, "prod")
	same(t, served.AccessLog, &gateway.AccessLog{Group: logGroup, Region: region, Format: logFormat + "\n"})
	same(t, f.groups.ensured, []string{account + " " + region + " " + logGroup})
	same(t, served.DeploymentID, deployment) // in force without a new deployment

	f.updateStageOK(t, api, patch("replace", "/description", "x"))
	same(t, len(f.groups.ensured), 1) // the log settings were not touched

	got = f.updateStageOK(t, api, patch("remove", "/accessLogSettings"))
	same(t, got.AccessLogSettings, (*ag.AccessLogSettings)(nil))
	served, _ = f.sink.stage(api, "prod")
	same(t, served.AccessLog, (*gateway.AccessLog)(nil))
}

func TestAccessLogErrors(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	api, _, _ := f.deployed(t)
	f.setLogRole(t)
	before := f.stage(t, api)
	const (
		arn      = "arn:aws:logs:eu-west-1:123456789012:log-group:"
		chars    = "Access log destination must only contain characters a-z, A-Z, 0-9, '_', '-', '/', '.': "
		otherARN = "Invalid ARN specified in the request. The ARN must be a valid CloudWatch Logs log group or Kinesis Data Firehose delivery stream ARN."
		place    = "Access log destination must be in account 123456789012 and region eu-west-1 of the API: "
		paths    = "Invalid accessLogSettings path. Must be one of : [/accessLogSettings/destinationArn, /accessLogSettings/format]"
	)
	for name, c := range map[string]struct {
		op            ag.PatchOperation
		code, message string
	}{
		"arn with star":     {patch("replace", pathDestination, arn+"/aws/apigateway/X:*"), badRequest, chars + "'log-group:/aws/apigateway/X:*'"},
		"hash in group":     {patch("replace", pathDestination, arn+"a#b"), badRequest, chars + "'log-group:a#b'"},
		"not an arn":        {patch("replace", pathDestination, "mygroup"), badRequest, "Invalid ARN specified in the request. ARNs must start with 'arn:': mygroup"},
		"other service":     {patch("replace", pathDestination, "arn:aws:s3:::bucket"), badRequest, otherARN},
		"no group":          {patch("replace", pathDestination, arn), badRequest, otherARN},
		"stream name":       {patch("replace", pathDestination, "arn:aws:firehose:eu-west-1:123456789012:deliverystream/mine"), badRequest, otherARN},
		"firehose":          {patch("replace", pathDestination, "arn:aws:firehose:eu-west-1:123456789012:deliverystream/amazon-apigateway-x"), notBuilt, "Access log delivery to Firehose streams is not supported by this server yet"},
		"other region":      {patch("replace", pathDestination, "arn:aws:logs:us-east-1:123456789012:log-group:x"), badRequest, place + "arn:aws:logs:us-east-1:123456789012:log-group:x"},
		"other account":     {patch("replace", pathDestination, "arn:aws:logs:eu-west-1:000000000000:log-group:x"), badRequest, place + "arn:aws:logs:eu-west-1:000000000000:log-group:x"},
		"empty arn":         {patch("replace", pathDestination, ""), badRequest, "Access Log value must not be empty"},
		"empty format":      {patch("replace", pathFormat, ""), badRequest, "Access Log value must not be empty"},
		"no value":          {patch("add", pathFormat), badRequest, "Access Log value must not be empty"},
		"two lines":         {patch("replace", pathFormat, "$context.requestId\nx"), badRequest, "Access Log format must be single line, new line character is allowed only at end of the format: '$context.requestId\nx'"},
		"no request id":     {patch("replace", pathFormat, "$context.status 100%"), badRequest, "Access Log format must include either $context.requestId or $context.extendedRequestId : '$context.status 100%'"},
		"replace whole":     {patch("replace", "/accessLogSettings", "x"), badRequest, paths},
		"add whole":         {patch("add", "/accessLogSettings", "x"), badRequest, paths},
		"other child":       {patch("replace", "/accessLogSettings/arn", "x"), badRequest, paths},
		"star":              {patch("add", "/accessLogSettings/*", "x"), badRequest, paths},
		"remove child":      {patch("remove", pathDestination), badRequest, "Cannot remove method setting accessLogSettings/destinationArn because there is no method setting for this method "},
		"remove format":     {patch("remove", pathFormat), badRequest, "Cannot remove method setting accessLogSettings/format because there is no method setting for this method "},
		"unknown op at all": {patch("test", pathFormat, "x"), badRequest, paths},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := f.updateStage(api, patch("replace", "/description", "half applied"), c.op)
			wantError(t, err, c.code, c.message)
			same(t, f.stage(t, api), before)
		})
	}
	same(t, len(f.groups.ensured), 0)
}

func TestRemoveAccessLogChildIsRefusedEvenWhenSet(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	api, _, _ := f.deployed(t)
	f.setLogRole(t)
	f.updateStageOK(t, api, patch("replace", pathDestination, logGroupARN), patch("replace", pathFormat, logFormat))
	_, err := f.updateStage(api, patch("remove", pathDestination))
	wantError(t, err, badRequest, "Cannot remove method setting accessLogSettings/destinationArn because there is no method setting for this method ")
}

func TestAccessLogNeedsRoleFirst(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	api, _, _ := f.deployed(t)
	const role = "CloudWatch Logs role ARN must be set in account settings to enable logging"
	for _, op := range []ag.PatchOperation{
		patch("replace", pathFormat, "no request id, which would be an error too"),
		patch("replace", pathDestination, "not an arn"),
		patch("replace", pathDestination, logGroupARN),
		patch("replace", "/*/*/logging/loglevel", "INFO"),
	} {
		_, err := f.updateStage(api, op)
		wantError(t, err, badRequest, role)
	}
	f.updateStageOK(t, api, patch("replace", "/*/*/logging/loglevel", "OFF"))
	f.updateStageOK(t, api, patch("remove", "/accessLogSettings"))
}

func TestAccessLogGroupCannotBeMade(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	api, _, _ := f.deployed(t)
	f.setLogRole(t)
	before := f.stage(t, api)
	f.groups.err = errors.New("disk full")
	_, err := f.updateStage(api, patch("replace", pathDestination, logGroupARN), patch("replace", pathFormat, logFormat))
	if err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Fatalf("got %v, want the cause", err)
	}
	same(t, f.stage(t, api), before)
}
