package awswire_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/awsapigateway"
	"github.com/tollbook/tollbook/awsapi/awscloudwatch"
	"github.com/tollbook/tollbook/awsapi/awsiam"
	"github.com/tollbook/tollbook/awsapi/awslogs"
	"github.com/tollbook/tollbook/awsapi/awssts"
)

// script is what a fake service saw and what it is to answer.
type script struct {
	// answer is the JSON of an output, "error STATUS CODE MESSAGE", "failure TEXT" for an error that is not for the
	// client, or "panic".
	answer string
	seen   string // the decoded input as JSON, and the caller
}

// play notes the input and makes the answer.
func play[Out any](ctx context.Context, s *script, in any) (*Out, error) {
	data, err := json.MarshalIndent(in, "", "  ")
	if err != nil {
		return nil, err
	}
	c := awsapi.CallerFrom(ctx)
	s.seen = fmt.Sprintf("%T %s\ncaller %s %s %s from %s\n", in, data, c.AccountID, c.Region, c.AccessKeyID, c.SourceIP)
	kind, rest, _ := strings.Cut(strings.TrimSpace(s.answer), " ")
	switch kind {
	case "panic":
		panic("asked for")
	case "failure":
		return nil, errors.New(rest)
	case "error":
		var status int
		var code string
		_, err := fmt.Sscan(rest, &status, &code)
		_, text, _ := strings.Cut(rest, code+" ")
		return nil, errors.Join(err, awsapi.NewError(status, code, "%s", text))
	}
	out := new(Out)
	if s.answer == "" {
		return out, nil
	}
	return out, json.Unmarshal([]byte(s.answer), out)
}

func playVoid(ctx context.Context, s *script, in any) error {
	_, err := play[struct{}](ctx, s, in)
	return err
}

type fakeLogs struct {
	awslogs.Service // operations that no test calls
	*script
}

func (f fakeLogs) CreateLogGroup(ctx context.Context, in *awslogs.CreateLogGroupRequest) error {
	return playVoid(ctx, f.script, in)
}

func (f fakeLogs) PutLogGroupDeletionProtection(ctx context.Context, in *awslogs.PutLogGroupDeletionProtectionRequest) error {
	return playVoid(ctx, f.script, in)
}

func (f fakeLogs) PutLogEvents(ctx context.Context, in *awslogs.PutLogEventsRequest) (*awslogs.PutLogEventsResponse, error) {
	return play[awslogs.PutLogEventsResponse](ctx, f.script, in)
}

func (f fakeLogs) FilterLogEvents(ctx context.Context, in *awslogs.FilterLogEventsRequest) (*awslogs.FilterLogEventsResponse, error) {
	return play[awslogs.FilterLogEventsResponse](ctx, f.script, in)
}

func (f fakeLogs) DescribeLogGroups(ctx context.Context, in *awslogs.DescribeLogGroupsRequest) (*awslogs.DescribeLogGroupsResponse, error) {
	return play[awslogs.DescribeLogGroupsResponse](ctx, f.script, in)
}

// StartLiveTail sends each part of an answer that is separated by ";" as play makes it; one that is no event ends the
// stream.
func (f fakeLogs) StartLiveTail(
	ctx context.Context, in *awslogs.StartLiveTailRequest, send func(*awslogs.StartLiveTailResponseStream) error,
) error {
	for part := range strings.SplitSeq(f.answer, ";") {
		part = strings.TrimSpace(part)
		s := &script{answer: part}
		event, err := play[awslogs.StartLiveTailResponseStream](ctx, s, in)
		f.seen = s.seen
		if err != nil || part == "" {
			return err
		}
		if err := send(event); err != nil {
			return err
		}
	}
	return nil
}

type fakeGateway struct {
	awsapigateway.Service
	*script
}

func (f fakeGateway) CreateRestApi(ctx context.Context, in *awsapigateway.CreateRestApiRequest) (*awsapigateway.RestApi, error) {
	return play[awsapigateway.RestApi](ctx, f.script, in)
}

func (f fakeGateway) GetRestApis(ctx context.Context, in *awsapigateway.GetRestApisRequest) (*awsapigateway.RestApis, error) {
	return play[awsapigateway.RestApis](ctx, f.script, in)
}

func (f fakeGateway) DeleteRestApi(ctx context.Context, in *awsapigateway.DeleteRestApiRequest) error {
	return playVoid(ctx, f.script, in)
}

func (f fakeGateway) GetResources(ctx context.Context, in *awsapigateway.GetResourcesRequest) (*awsapigateway.Resources, error) {
	return play[awsapigateway.Resources](ctx, f.script, in)
}

func (f fakeGateway) PutIntegration(ctx context.Context, in *awsapigateway.PutIntegrationRequest) (*awsapigateway.Integration, error) {
	return play[awsapigateway.Integration](ctx, f.script, in)
}

func (f fakeGateway) UpdateMethodResponse(ctx context.Context, in *awsapigateway.UpdateMethodResponseRequest) (*awsapigateway.MethodResponse, error) {
	return play[awsapigateway.MethodResponse](ctx, f.script, in)
}

func (f fakeGateway) GetTags(ctx context.Context, in *awsapigateway.GetTagsRequest) (*awsapigateway.Tags, error) {
	return play[awsapigateway.Tags](ctx, f.script, in)
}

func (f fakeGateway) UntagResource(ctx context.Context, in *awsapigateway.UntagResourceRequest) error {
	return playVoid(ctx, f.script, in)
}

type fakeIAM struct {
	awsiam.Service
	*script
}

func (f fakeIAM) CreateRole(ctx context.Context, in *awsiam.CreateRoleRequest) (*awsiam.CreateRoleResponse, error) {
	return play[awsiam.CreateRoleResponse](ctx, f.script, in)
}

func (f fakeIAM) ListRoles(ctx context.Context, in *awsiam.ListRolesRequest) (*awsiam.ListRolesResponse, error) {
	return play[awsiam.ListRolesResponse](ctx, f.script, in)
}

func (f fakeIAM) ListPolicies(ctx context.Context, in *awsiam.ListPoliciesRequest) (*awsiam.ListPoliciesResponse, error) {
	return play[awsiam.ListPoliciesResponse](ctx, f.script, in)
}

func (f fakeIAM) UntagRole(ctx context.Context, in *awsiam.UntagRoleRequest) error {
	return playVoid(ctx, f.script, in)
}

type fakeSTS struct {
	awssts.Service
	*script
}

func (f fakeSTS) GetCallerIdentity(ctx context.Context, in *awssts.GetCallerIdentityRequest) (*awssts.GetCallerIdentityResponse, error) {
	return play[awssts.GetCallerIdentityResponse](ctx, f.script, in)
}

type fakeCloudWatch struct {
	awscloudwatch.Service
	*script
}

func (f fakeCloudWatch) PutMetricData(ctx context.Context, in *awscloudwatch.PutMetricDataInput) error {
	return playVoid(ctx, f.script, in)
}

func (f fakeCloudWatch) GetMetricData(ctx context.Context, in *awscloudwatch.GetMetricDataInput) (*awscloudwatch.GetMetricDataOutput, error) {
	return play[awscloudwatch.GetMetricDataOutput](ctx, f.script, in)
}

func (f fakeCloudWatch) ListMetrics(ctx context.Context, in *awscloudwatch.ListMetricsInput) (*awscloudwatch.ListMetricsOutput, error) {
	return play[awscloudwatch.ListMetricsOutput](ctx, f.script, in)
}

func (f fakeCloudWatch) GetMetricStatistics(
	ctx context.Context, in *awscloudwatch.GetMetricStatisticsInput,
) (*awscloudwatch.GetMetricStatisticsOutput, error) {
	return play[awscloudwatch.GetMetricStatisticsOutput](ctx, f.script, in)
}

func (f fakeCloudWatch) DescribeAlarms(ctx context.Context, in *awscloudwatch.DescribeAlarmsInput) (*awscloudwatch.DescribeAlarmsOutput, error) {
	return play[awscloudwatch.DescribeAlarmsOutput](ctx, f.script, in)
}

func (f fakeCloudWatch) SetAlarmState(ctx context.Context, in *awscloudwatch.SetAlarmStateInput) error {
	if f.answer == "unknown\n" {
		return awscloudwatch.ResourceNotFound("")
	}
	return playVoid(ctx, f.script, in)
}

func (f fakeCloudWatch) PutDashboard(ctx context.Context, in *awscloudwatch.PutDashboardInput) (*awscloudwatch.PutDashboardOutput, error) {
	if f.answer == "invalid\n" {
		err := awscloudwatch.DashboardInvalidInputError("The dashboard body is invalid, there are 1 validation errors:")
		err.Members = map[string]any{"dashboardValidationMessages": []map[string]any{{"DataPath": "/widgets/0", "line": 7}}}
		return nil, err
	}
	return play[awscloudwatch.PutDashboardOutput](ctx, f.script, in)
}

// fakes are all services, playing the same script.
func fakes(s *script) []awsapi.Service {
	return []awsapi.Service{
		awslogs.Operations(fakeLogs{script: s}),
		awsapigateway.Operations(fakeGateway{script: s}),
		awsiam.Operations(fakeIAM{script: s}),
		awssts.Operations(fakeSTS{script: s}),
		awscloudwatch.Operations(fakeCloudWatch{script: s}),
	}
}
