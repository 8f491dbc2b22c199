package logs_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/awslogs"
)

const (
	lambda = "arn:aws:lambda:us-east-1:111111111111:function:f"
	stream = "arn:aws:kinesis:us-east-1:111111111111:stream/s"
	role   = "arn:aws:iam::111111111111:role/r"
	kmsKey = "arn:aws:kms:us-east-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab"
)

func subscriptionFilter(group, name, pattern string) *awslogs.PutSubscriptionFilterRequest {
	return &awslogs.PutSubscriptionFilterRequest{LogGroupName: group, FilterName: name, FilterPattern: pattern, DestinationArn: lambda}
}

func (f *fixture) describeSubscriptions(in awslogs.DescribeSubscriptionFiltersRequest) (all []awslogs.SubscriptionFilter) {
	f.t.Helper()
	for {
		out, err := f.DescribeSubscriptionFilters(f.ctx, &in)
		f.must(err)
		all = append(all, out.SubscriptionFilters...)
		if in.NextToken = out.NextToken; in.NextToken == nil {
			return all
		}
	}
}

func TestSubscriptionFilterMembers(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.createGroup("g")
	f.must(f.PutSubscriptionFilter(f.ctx, subscriptionFilter("g", "test", "")))
	f.must(f.PutSubscriptionFilter(f.ctx, &awslogs.PutSubscriptionFilterRequest{
		LogGroupName: "g", FilterName: "all", FilterPattern: "ERROR", DestinationArn: stream, RoleArn: new(role),
		Distribution: new("Random"), FieldSelectionCriteria: new(`@aws.account != "2"`), EmitSystemFields: []string{"@aws.region"},
	}))
	want := []awslogs.SubscriptionFilter{
		{
			FilterName: new("all"), LogGroupName: new("g"), FilterPattern: new("ERROR"), CreationTime: new(start),
			DestinationArn: new(stream), RoleArn: new(role), Distribution: new("Random"), ApplyOnTransformedLogs: new(false),
			FieldSelectionCriteria: new(`@aws.account != "2"`), EmitSystemFields: []string{"@aws.region"},
		},
		{
			FilterName: new("test"), LogGroupName: new("g"), FilterPattern: new(""), CreationTime: new(start),
			DestinationArn: new(lambda), Distribution: new("ByLogStream"), ApplyOnTransformedLogs: new(false),
		},
	}
	for _, limit := range []int32{1, 2, 50} {
		got := f.describeSubscriptions(awslogs.DescribeSubscriptionFiltersRequest{LogGroupName: "g", Limit: &limit})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%d a page: %s", limit, diff)
		}
	}
	got := f.describeSubscriptions(awslogs.DescribeSubscriptionFiltersRequest{LogGroupName: "g", FilterNamePrefix: new("te")})
	if diff := cmp.Diff(want[1:], got); diff != "" {
		t.Errorf("by prefix: %s", diff)
	}

	f.clock.Add(1000)
	f.must(f.PutSubscriptionFilter(f.ctx, subscriptionFilter("g", "test", "changed")))
	expectError(t, "third", f.PutSubscriptionFilter(f.ctx, subscriptionFilter("g", "third", "")), limitReached)
	want[1].FilterPattern = new("changed")
	if diff := cmp.Diff(want, f.describeSubscriptions(awslogs.DescribeSubscriptionFiltersRequest{LogGroupName: "g"})); diff != "" {
		t.Errorf("replaced: %s", diff)
	}
	f.must(f.DeleteSubscriptionFilter(f.ctx, &awslogs.DeleteSubscriptionFilterRequest{LogGroupName: "g", FilterName: "all"}))
	f.must(f.PutSubscriptionFilter(f.ctx, subscriptionFilter("g", "third", "")))
}

func TestSubscriptionFilterErrors(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.createGroup("g")
	f.createRareGroup("rare")
	_, err := f.PutDestination(f.ctx, &awslogs.PutDestinationRequest{DestinationName: "d", TargetArn: stream, RoleArn: role})
	f.must(err)
	const crossAccount = "AccessDeniedException: Cross-account lambda invocation passing is not allowed. " +
		"You must use DestinationPolicies to create cross account lambda triggers."
	const unreachable = "InvalidParameterException: Could not deliver test message to specified destination. Check if the destination is valid."
	tests := []struct {
		name, group, pattern, destination, role string
		want                                    string // "" if it is none
	}{
		{"no group", "none", "", lambda, "", noGroup},
		{"class", "rare", "", lambda, "", standardOnly},
		{"pattern", "g", "{", lambda, "", "InvalidParameterException: Invalid filter pattern"},
		{"another account's function", "g", "", "arn:aws:lambda:us-east-1:222222222222:function:f", "", crossAccount},
		{"another account's function, no group", "none", "", "arn:aws:lambda:us-east-1:222222222222:function:f", "", crossAccount},
		{"function with role", "g", "", lambda, role, "InvalidParameterException: destinationArn for vendor lambda cannot be used with roleArn"},
		{"kinesis without role", "g", "", stream, "", "InvalidParameterException: destinationArn for vendor kinesis cannot be used without roleArn"},
		{"firehose without role", "g", "", "arn:aws:firehose:us-east-1:111111111111:deliverystream/s", "",
			"InvalidParameterException: destinationArn for vendor firehose cannot be used without roleArn"},
		{"firehose", "g", "", "arn:aws:firehose:us-east-1:111111111111:deliverystream/s", role, ""},
		{"other service", "g", "", "arn:aws:sns:us-east-1:111111111111:topic/t", role,
			"InvalidParameterException: PutSubscriptionFilter operation cannot work with destinationArn for vendor sns"},
		{"no role's ARN", "g", "", stream, "arn:aws:iam::111111111111:user/u",
			"InvalidParameterException: The specified roleArn is not valid: arn:aws:iam::111111111111:user/u"},
		{"no ARN", "g", "", "function", "", "InvalidParameterException: The specified destinationArn is not valid: function"},
		{"destination", "g", "", "arn:aws:logs:us-east-1:111111111111:destination:d", "", ""},
		{"no destination", "g", "", "arn:aws:logs:us-east-1:111111111111:destination:none", "", unreachable},
		{"destination elsewhere", "g", "", "arn:aws:logs:eu-west-1:111111111111:destination:d", "", unreachable},
		{"log group", "g", "", "arn:aws:logs:us-east-1:111111111111:log-group:g", "", unreachable},
	}
	for _, tc := range tests {
		in := &awslogs.PutSubscriptionFilterRequest{LogGroupName: tc.group, FilterName: "f", FilterPattern: tc.pattern, DestinationArn: tc.destination}
		if tc.role != "" {
			in.RoleArn = &tc.role
		}
		err := f.PutSubscriptionFilter(f.ctx, in)
		if tc.want != "" {
			expectError(t, tc.name, err, tc.want)
		} else if err != nil {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
	_, err = f.DescribeSubscriptionFilters(f.ctx, &awslogs.DescribeSubscriptionFiltersRequest{LogGroupName: "none"})
	expectError(t, "describe without group", err, noGroup)
	_, err = f.DescribeSubscriptionFilters(f.ctx, &awslogs.DescribeSubscriptionFiltersRequest{LogGroupName: "rare"})
	expectError(t, "describe of a class", err, standardOnly)
	_, err = f.DescribeSubscriptionFilters(f.ctx, &awslogs.DescribeSubscriptionFiltersRequest{LogGroupName: "g", NextToken: new("x")})
	expectError(t, "token", err, badToken)
	for group, want := range map[string]string{
		"g": "ResourceNotFoundException: The specified subscription filter does not exist.", "none": noGroup,
	} {
		err := f.DeleteSubscriptionFilter(f.ctx, &awslogs.DeleteSubscriptionFilterRequest{LogGroupName: group, FilterName: "none"})
		expectError(t, "delete in "+group, err, want)
	}
}

// A destination is for other accounts; its policy says for which.
func TestDestinations(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	put := func(name, target string, tags map[string]string) (*awslogs.PutDestinationResponse, error) {
		return f.PutDestination(f.ctx, &awslogs.PutDestinationRequest{DestinationName: name, TargetArn: target, RoleArn: role, Tags: tags})
	}
	out, err := put("d", stream, map[string]string{"a": "1"})
	f.must(err)
	arn := "arn:aws:logs:us-east-1:111111111111:destination:d"
	want := awslogs.Destination{
		Arn: &arn, CreationTime: new(start), DestinationName: new("d"), RoleArn: new(role), TargetArn: new(stream),
	}
	if diff := cmp.Diff(want, *out.Destination); diff != "" {
		t.Error(diff)
	}

	other := awsapi.WithCaller(f.ctx, awsapi.Caller{AccountID: "222222222222", Region: region, ARN: "arn:aws:iam::222222222222:root"})
	f.must(f.CreateLogGroup(other, &awslogs.CreateLogGroupRequest{LogGroupName: "g"}))
	subscribe := func() error {
		return f.PutSubscriptionFilter(other, &awslogs.PutSubscriptionFilterRequest{LogGroupName: "g", FilterName: "f", DestinationArn: arn})
	}
	expectError(t, "without a policy", subscribe(), "AccessDeniedException: User with accountId: 222222222222 is not authorized to "+
		"perform: logs:PutSubscriptionFilter on resource: "+arn)
	policy := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"222222222222"},"Action":"logs:PutSubscriptionFilter","Resource":"` + arn + `"}]}`
	putPolicy := func(name, policy string) error {
		return f.PutDestinationPolicy(f.ctx, &awslogs.PutDestinationPolicyRequest{DestinationName: name, AccessPolicy: policy})
	}
	f.must(putPolicy("d", policy))
	f.must(subscribe())

	f.clock.Add(1000)
	out, err = put("d", stream+"2", map[string]string{"b": "2"})
	f.must(err)
	want.TargetArn, want.AccessPolicy = new(stream+"2"), &policy
	if diff := cmp.Diff(want, *out.Destination); diff != "" {
		t.Errorf("replaced: %s", diff)
	}
	f.must(f.UntagResource(f.ctx, &awslogs.UntagResourceRequest{ResourceArn: arn, TagKeys: []string{"b"}}))
	f.must(f.TagResource(f.ctx, &awslogs.TagResourceRequest{ResourceArn: arn, Tags: map[string]string{"c": "3"}}))
	tags, err := f.ListTagsForResource(f.ctx, &awslogs.ListTagsForResourceRequest{ResourceArn: arn})
	f.must(err)
	if diff := cmp.Diff(map[string]string{"a": "1", "c": "3"}, tags.Tags); diff != "" {
		t.Error(diff)
	}

	for _, name := range []string{"e", "d2"} {
		_, err = put(name, stream, nil)
		f.must(err)
	}
	if diff := cmp.Diff([]string{"d", "d2", "e"}, f.destinationNames(awslogs.DescribeDestinationsRequest{Limit: new(int32(2))})); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"d", "d2"}, f.destinationNames(awslogs.DescribeDestinationsRequest{DestinationNamePrefix: new("d")})); diff != "" {
		t.Error(diff)
	}

	const missing = "ResourceNotFoundException: The specified destination does not exist."
	f.must(f.DeleteDestination(f.ctx, &awslogs.DeleteDestinationRequest{DestinationName: "d"}))
	expectError(t, "deleted twice", f.DeleteDestination(f.ctx, &awslogs.DeleteDestinationRequest{DestinationName: "d"}), missing)
	expectError(t, "policy of none", putPolicy("d", policy), missing)
	_, err = f.ListTagsForResource(f.ctx, &awslogs.ListTagsForResourceRequest{ResourceArn: arn})
	expectError(t, "tags of none", err, "ResourceNotFoundException: The specified resource does not exist.")
	expectError(t, "long policy", putPolicy("e", string(make([]byte, 5121))), "InvalidParameterException: The specified accessPolicy exceeds 5120 bytes.")
	expectError(t, "no policy", putPolicy("e", "{}"), "InvalidParameterException: Could not convert to persistable policy.")
	_, err = put("e", lambda, nil)
	expectError(t, "function", err, "InvalidParameterException: PutDestination operation cannot work with targetArn for vendor lambda")
	_, err = put("e", "stream", nil)
	expectError(t, "no ARN", err, "InvalidParameterException: The specified targetArn is not valid: stream")
	_, err = put("e", stream, map[string]string{"aws:x": ""})
	expectError(t, "reserved tag", err, "InvalidParameterException: aws: prefixed tag key names are not allowed for external use.")
}

func (f *fixture) destinationNames(in awslogs.DescribeDestinationsRequest) (names []string) {
	f.t.Helper()
	for {
		out, err := f.DescribeDestinations(f.ctx, &in)
		f.must(err)
		for _, d := range out.Destinations {
			names = append(names, *d.DestinationName)
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			return names
		}
	}
}
