package conformance_test

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

// logGroup makes a log group on a fresh server.
func logGroup(t *testing.T, name string) (context.Context, *cloudwatchlogs.Client) {
	t.Helper()
	logs := start(t, t.TempDir()).logs()
	must(logs.CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &name}))(t)
	return t.Context(), logs
}

const (
	lambdaARN  = "arn:aws:lambda:us-east-1:000000000000:function:f"
	kinesisARN = "arn:aws:kinesis:us-east-1:000000000000:stream/s"
	roleARN    = "arn:aws:iam::000000000000:role/r"
	kmsKeyARN  = "arn:aws:kms:us-east-1:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	groupGARN  = "arn:aws:logs:us-east-1:000000000000:log-group:g"
)

func TestMetricFilters(t *testing.T) {
	t.Parallel()
	ctx, logs := logGroup(t, "g")
	put := func(name string, edit func(*cloudwatchlogs.PutMetricFilterInput)) error {
		in := &cloudwatchlogs.PutMetricFilterInput{
			LogGroupName: aws.String("g"), FilterName: &name, FilterPattern: aws.String("{ $.status = 5* }"),
			MetricTransformations: []types.MetricTransformation{{
				MetricName: aws.String("errors"), MetricNamespace: aws.String("api"), MetricValue: aws.String("1"), DefaultValue: aws.Float64(0),
			}},
		}
		if edit != nil {
			edit(in)
		}
		_, err := logs.PutMetricFilter(ctx, in)
		return err
	}
	for _, name := range []string{"b", "a", "c"} {
		if err := put(name, nil); err != nil {
			t.Fatal(err)
		}
	}
	var names []string
	pages := cloudwatchlogs.NewDescribeMetricFiltersPaginator(logs, &cloudwatchlogs.DescribeMetricFiltersInput{LogGroupName: aws.String("g"), Limit: aws.Int32(2)})
	for pages.HasMorePages() {
		for _, f := range must(pages.NextPage(ctx))(t).MetricFilters {
			names = append(names, aws.ToString(f.FilterName))
			if v := f.MetricTransformations[0].DefaultValue; v == nil || *v != 0 || f.ApplyOnTransformedLogs || f.CreationTime == nil {
				t.Errorf("filter %s: %+v", aws.ToString(f.FilterName), f)
			}
		}
	}
	if got := strings.Join(names, " "); got != "a b c" {
		t.Errorf("filters: %s", got)
	}
	groups := must(logs.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{}))(t).LogGroups
	if n := aws.ToInt32(groups[0].MetricFilterCount); n != 3 {
		t.Errorf("metricFilterCount is %d", n)
	}

	long := func(n int) *string { return aws.String(strings.Repeat("x", n)) }
	refused(t, put(*long(513), nil), "InvalidParameterException", "at 'filterName' failed to satisfy constraint: Member must have length less than or equal to 512")
	refused(t, put("d", func(in *cloudwatchlogs.PutMetricFilterInput) { in.FilterPattern = long(1025) }), "InvalidParameterException",
		"at 'filterPattern' failed to satisfy constraint: Member must have length less than or equal to 1024")
	refused(t, put("d", func(in *cloudwatchlogs.PutMetricFilterInput) { in.MetricTransformations[0].MetricName = long(256) }), "InvalidParameterException",
		"Member must have length less than or equal to 255")
	refused(t, put("d", func(in *cloudwatchlogs.PutMetricFilterInput) {
		in.MetricTransformations = append(in.MetricTransformations, in.MetricTransformations...)
	}), "InvalidParameterException", "at 'metricTransformations' failed to satisfy constraint: Member must have length less than or equal to 1")
	refused(t, put("d", func(in *cloudwatchlogs.PutMetricFilterInput) { in.FilterPattern = aws.String("{ $.status = ") }), "InvalidParameterException", "Invalid metric filter pattern")

	del := func(group, name *string) error {
		_, err := logs.DeleteMetricFilter(ctx, &cloudwatchlogs.DeleteMetricFilterInput{LogGroupName: group, FilterName: name})
		return err
	}
	if err := del(aws.String("g"), aws.String("a")); err != nil {
		t.Error(err)
	}
	refused(t, del(aws.String("g"), aws.String("a")), "ResourceNotFoundException", "The specified metric filter does not exist.")
	refused(t, del(long(513), aws.String("a")), "InvalidParameterException", "Invalid LogGroup or LogStream, both must have length less than or equal to 512.")

	tested := must(logs.TestMetricFilter(ctx, &cloudwatchlogs.TestMetricFilterInput{
		FilterPattern: aws.String("[ip, request, status = 4*]"), LogEventMessages: []string{`1.2.3.4 "GET /" 200`, `1.2.3.4 "GET /x" 404`},
	}))(t).Matches
	if len(tested) != 1 || tested[0].EventNumber != 1 || tested[0].ExtractedValues["$request"] != "GET /x" {
		t.Errorf("TestMetricFilter: %+v", tested)
	}
}

func TestSubscriptionFilters(t *testing.T) {
	t.Parallel()
	ctx, logs := logGroup(t, "g")
	put := func(name, destination string) error {
		_, err := logs.PutSubscriptionFilter(ctx, &cloudwatchlogs.PutSubscriptionFilterInput{
			LogGroupName: aws.String("g"), FilterName: &name, FilterPattern: aws.String(""), DestinationArn: &destination,
		})
		return err
	}
	for _, name := range []string{"b", "a"} {
		if err := put(name, lambdaARN); err != nil {
			t.Fatal(err)
		}
	}
	refused(t, put("c", lambdaARN), "LimitExceededException", "Resource limit exceeded.")
	refused(t, put("a", kinesisARN), "InvalidParameterException", "destinationArn for vendor kinesis cannot be used without roleArn")
	refused(t, put("a", "arn:aws:lambda:us-east-1:111111111111:function:f"), "AccessDeniedException", "Cross-account lambda invocation passing is not allowed.")
	found := must(logs.DescribeSubscriptionFilters(ctx, &cloudwatchlogs.DescribeSubscriptionFiltersInput{LogGroupName: aws.String("g")}))(t).SubscriptionFilters
	if len(found) != 2 || aws.ToString(found[0].FilterName) != "a" || found[0].Distribution != types.DistributionByLogStream || found[0].RoleArn != nil {
		t.Errorf("filters: %+v", found)
	}
	must(logs.DeleteSubscriptionFilter(ctx, &cloudwatchlogs.DeleteSubscriptionFilterInput{LogGroupName: aws.String("g"), FilterName: aws.String("a")}))(t)
	_, err := logs.DeleteSubscriptionFilter(ctx, &cloudwatchlogs.DeleteSubscriptionFilterInput{LogGroupName: aws.String("g"), FilterName: aws.String("a")})
	refused(t, err, "ResourceNotFoundException", "The specified subscription filter does not exist.")
}

func TestLogDestinations(t *testing.T) {
	t.Parallel()
	ctx, logs := logGroup(t, "g")
	d := must(logs.PutDestination(ctx, &cloudwatchlogs.PutDestinationInput{
		DestinationName: aws.String("d"), TargetArn: aws.String(kinesisARN), RoleArn: aws.String(roleARN), Tags: map[string]string{"a": "b"},
	}))(t).Destination
	if aws.ToString(d.Arn) != "arn:aws:logs:us-east-1:000000000000:destination:d" || d.AccessPolicy != nil {
		t.Errorf("destination: %+v", d)
	}
	policy := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":"logs:PutSubscriptionFilter","Resource":"` + *d.Arn + `"}]}`
	must(logs.PutDestinationPolicy(ctx, &cloudwatchlogs.PutDestinationPolicyInput{DestinationName: aws.String("d"), AccessPolicy: &policy}))(t)
	found := must(logs.DescribeDestinations(ctx, &cloudwatchlogs.DescribeDestinationsInput{DestinationNamePrefix: aws.String("d")}))(t).Destinations
	if len(found) != 1 || aws.ToString(found[0].AccessPolicy) != policy {
		t.Errorf("destinations: %+v", found)
	}
	tags := must(logs.ListTagsForResource(ctx, &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: d.Arn}))(t).Tags
	if tags["a"] != "b" {
		t.Errorf("tags: %v", tags)
	}
	must(logs.DeleteDestination(ctx, &cloudwatchlogs.DeleteDestinationInput{DestinationName: aws.String("d")}))(t)
	_, err := logs.DeleteDestination(ctx, &cloudwatchlogs.DeleteDestinationInput{DestinationName: aws.String("d")})
	refused(t, err, "ResourceNotFoundException", "The specified destination does not exist.")
}

func TestLogPolicies(t *testing.T) {
	t.Parallel()
	ctx, logs := logGroup(t, "g")
	document := aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"delivery.logs.amazonaws.com"},"Action":"logs:PutLogEvents","Resource":"*"}]}`)
	put := must(logs.PutResourcePolicy(ctx, &cloudwatchlogs.PutResourcePolicyInput{PolicyName: aws.String("p"), PolicyDocument: document}))(t).ResourcePolicy
	if put.PolicyScope != types.PolicyScopeAccount || aws.ToString(put.PolicyName) != "p" || put.RevisionId != nil {
		t.Errorf("policy: %+v", put)
	}
	own := must(logs.PutResourcePolicy(ctx, &cloudwatchlogs.PutResourcePolicyInput{ResourceArn: aws.String(groupGARN), PolicyDocument: document}))(t)
	if own.RevisionId == nil || own.ResourcePolicy.PolicyScope != types.PolicyScopeResource {
		t.Errorf("policy of a log group: %+v", own)
	}
	if all := must(logs.DescribeResourcePolicies(ctx, &cloudwatchlogs.DescribeResourcePoliciesInput{}))(t).ResourcePolicies; len(all) != 1 {
		t.Errorf("policies: %+v", all)
	}
	must(logs.DeleteResourcePolicy(ctx, &cloudwatchlogs.DeleteResourcePolicyInput{PolicyName: aws.String("p")}))(t)
	_, err := logs.DeleteResourcePolicy(ctx, &cloudwatchlogs.DeleteResourcePolicyInput{PolicyName: aws.String("non-existent")})
	refused(t, err, "ResourceNotFoundException", "Policy with name [non-existent] does not exist.")

	index := aws.String(`{"Fields":["requestId"]}`)
	must(logs.PutAccountPolicy(ctx, &cloudwatchlogs.PutAccountPolicyInput{PolicyName: aws.String("all"), PolicyType: types.PolicyTypeFieldIndexPolicy, PolicyDocument: index}))(t)
	policies := must(logs.DescribeAccountPolicies(ctx, &cloudwatchlogs.DescribeAccountPoliciesInput{PolicyType: types.PolicyTypeFieldIndexPolicy}))(t).AccountPolicies
	if len(policies) != 1 || policies[0].Scope != types.ScopeAll || aws.ToString(policies[0].AccountId) != "000000000000" {
		t.Errorf("account policies: %+v", policies)
	}
	_, err = logs.PutAccountPolicy(ctx, &cloudwatchlogs.PutAccountPolicyInput{PolicyName: aws.String("mask"), PolicyType: types.PolicyTypeDataProtectionPolicy, PolicyDocument: aws.String("{}")},
		func(o *cloudwatchlogs.Options) { o.RetryMaxAttempts = 1 })
	refused(t, err, "NotImplemented", "DATA_PROTECTION_POLICY")
	source := func() types.IndexSource {
		return must(logs.DescribeIndexPolicies(ctx, &cloudwatchlogs.DescribeIndexPoliciesInput{LogGroupIdentifiers: []string{"g"}}))(t).IndexPolicies[0].Source
	}
	if s := source(); s != types.IndexSourceAccount {
		t.Errorf("index policy of %s", s)
	}
	must(logs.PutIndexPolicy(ctx, &cloudwatchlogs.PutIndexPolicyInput{LogGroupIdentifier: aws.String("g"), PolicyDocument: index}))(t)
	if s := source(); s != types.IndexSourceLogGroup {
		t.Errorf("index policy of %s", s)
	}
	must(logs.DeleteIndexPolicy(ctx, &cloudwatchlogs.DeleteIndexPolicyInput{LogGroupIdentifier: aws.String("g")}))(t)
	must(logs.DeleteAccountPolicy(ctx, &cloudwatchlogs.DeleteAccountPolicyInput{PolicyName: aws.String("all"), PolicyType: types.PolicyTypeFieldIndexPolicy}))(t)
}

func TestQueryDefinitionsAndKeys(t *testing.T) {
	t.Parallel()
	ctx, logs := logGroup(t, "g")
	id := must(logs.PutQueryDefinition(ctx, &cloudwatchlogs.PutQueryDefinitionInput{Name: aws.String("app/errors"), QueryString: aws.String("fields @message")}))(t).QueryDefinitionId
	found := must(logs.DescribeQueryDefinitions(ctx, &cloudwatchlogs.DescribeQueryDefinitionsInput{QueryDefinitionNamePrefix: aws.String("app/")}))(t).QueryDefinitions
	if len(found) != 1 || aws.ToString(found[0].QueryDefinitionId) != aws.ToString(id) || found[0].QueryLanguage != types.QueryLanguageCwli {
		t.Errorf("definitions: %+v", found)
	}
	if !must(logs.DeleteQueryDefinition(ctx, &cloudwatchlogs.DeleteQueryDefinitionInput{QueryDefinitionId: id}))(t).Success {
		t.Error("no success")
	}
	_, err := logs.DeleteQueryDefinition(ctx, &cloudwatchlogs.DeleteQueryDefinitionInput{QueryDefinitionId: id})
	refused(t, err, "ResourceNotFoundException", "The specified query definition does not exist.")

	key := func() string {
		return aws.ToString(must(logs.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{}))(t).LogGroups[0].KmsKeyId)
	}
	must(logs.AssociateKmsKey(ctx, &cloudwatchlogs.AssociateKmsKeyInput{LogGroupName: aws.String("g"), KmsKeyId: aws.String(kmsKeyARN)}))(t)
	if key() != kmsKeyARN {
		t.Errorf("key: %q", key())
	}
	must(logs.DisassociateKmsKey(ctx, &cloudwatchlogs.DisassociateKmsKeyInput{ResourceIdentifier: aws.String(groupGARN)}))(t)
	if key() != "" {
		t.Errorf("key: %q", key())
	}
}
