package logs_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tollbook/tollbook/awsapi/awslogs"
)

const route53 = `{"Version":"2012-10-17","Statement":[{"Sid":"s","Effect":"Allow","Principal":{"Service":["route53.amazonaws.com"]},` +
	`"Action":"logs:PutLogEvents","Resource":"logArn"}]}`

func (f *fixture) putPolicy(name, document string) (*awslogs.PutResourcePolicyResponse, error) {
	return f.PutResourcePolicy(f.ctx, &awslogs.PutResourcePolicyRequest{PolicyName: &name, PolicyDocument: &document})
}

// describePolicies returns the policies of all pages, as "name or ARN at time".
func (f *fixture) describePolicies(in awslogs.DescribeResourcePoliciesRequest) (found []string) {
	f.t.Helper()
	for {
		out, err := f.DescribeResourcePolicies(f.ctx, &in)
		f.must(err)
		for _, p := range out.ResourcePolicies {
			name := p.PolicyName
			if name == nil {
				name = p.ResourceArn
			}
			found = append(found, fmt.Sprint(*name, " at ", *p.LastUpdatedTime-start))
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			return found
		}
	}
}

func TestAccountResourcePolicies(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	out, err := f.putPolicy("p0", route53)
	f.must(err)
	want := &awslogs.PutResourcePolicyResponse{ResourcePolicy: &awslogs.ResourcePolicy{
		PolicyName: new("p0"), PolicyDocument: new(route53), LastUpdatedTime: new(start), PolicyScope: new("ACCOUNT"),
	}}
	if diff := cmp.Diff(want, out); diff != "" {
		t.Error(diff)
	}
	for i := range 9 {
		_, err := f.putPolicy(fmt.Sprint("p", i+1), route53)
		f.must(err)
	}
	_, err = f.putPolicy("p10", route53)
	expectError(t, "eleventh", err, limitReached)
	f.clock.Add(5)
	_, err = f.putPolicy("p9", route53)
	f.must(err)
	f.must(f.DeleteResourcePolicy(f.ctx, &awslogs.DeleteResourcePolicyRequest{PolicyName: new("p2")}))
	err = f.DeleteResourcePolicy(f.ctx, &awslogs.DeleteResourcePolicyRequest{PolicyName: new("p2")})
	expectError(t, "deleted twice", err, "ResourceNotFoundException: Policy with name [p2] does not exist.")
	names := []string{"p0 at 0", "p1 at 0", "p3 at 0", "p4 at 0", "p5 at 0", "p6 at 0", "p7 at 0", "p8 at 0", "p9 at 5"}
	for _, limit := range []int32{1, 3, 9, 50} {
		if diff := cmp.Diff(names, f.describePolicies(awslogs.DescribeResourcePoliciesRequest{Limit: &limit})); diff != "" {
			t.Errorf("%d a page: %s", limit, diff)
		}
	}
}

// The policy of a log group is changed by who knows its revision.
func TestGroupResourcePolicy(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.createGroup("h")
	f.createGroup("g")
	const arn = "arn:aws:logs:us-east-1:111111111111:log-group:"
	put := func(group string, revision *string) (string, error) {
		out, err := f.PutResourcePolicy(f.ctx, &awslogs.PutResourcePolicyRequest{
			ResourceArn: new(arn + group), PolicyDocument: new(route53), ExpectedRevisionId: revision,
		})
		if err != nil {
			return "", err
		}
		return *out.RevisionId, nil
	}
	const stale = "OperationAbortedException: The resource policy was changed by another request. Read its revision and try again."
	const unknown = "InvalidParameterException: expectedRevisionId must be specified to change the resource policy of a log group."
	_, err := put("h", new("1"))
	expectError(t, "revision of none", err, stale)
	_, err = put("h", nil)
	f.must(err)
	first, err := put("g", nil)
	f.must(err)
	_, err = put("g", nil)
	expectError(t, "no revision", err, unknown)
	second, err := put("g", &first)
	f.must(err)
	_, err = put("g", &first)
	expectError(t, "old revision", err, stale)

	out, err := f.DescribeResourcePolicies(f.ctx, &awslogs.DescribeResourcePoliciesRequest{ResourceArn: new(arn + "g:*")})
	f.must(err)
	want := []awslogs.ResourcePolicy{{
		PolicyDocument: new(route53), LastUpdatedTime: new(start), PolicyScope: new("RESOURCE"),
		ResourceArn: new(arn + "g"), RevisionId: &second,
	}}
	if diff := cmp.Diff(want, out.ResourcePolicies); diff != "" {
		t.Error(diff)
	}
	if got := f.describePolicies(awslogs.DescribeResourcePoliciesRequest{}); got != nil {
		t.Errorf("of the account: %q", got)
	}
	all := f.describePolicies(awslogs.DescribeResourcePoliciesRequest{PolicyScope: new("RESOURCE"), Limit: new(int32(1))})
	if diff := cmp.Diff([]string{arn + "g at 0", arn + "h at 0"}, all); diff != "" {
		t.Error(diff)
	}

	del := func(revision *string) error {
		return f.DeleteResourcePolicy(f.ctx, &awslogs.DeleteResourcePolicyRequest{ResourceArn: new(arn + "g"), ExpectedRevisionId: revision})
	}
	expectError(t, "delete an old revision", del(&first), stale)
	expectError(t, "delete no revision", del(nil), unknown)
	f.must(del(&second))
	expectError(t, "deleted twice", del(&second), "ResourceNotFoundException: The specified log group has no resource policy.")
	if got := f.describePolicies(awslogs.DescribeResourcePoliciesRequest{ResourceArn: new(arn + "g")}); got != nil {
		t.Errorf("after the deletion: %q", got)
	}
}

func TestResourcePolicyErrors(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	const unusable = "InvalidParameterException: Could not convert to persistable policy."
	const oneOf = "InvalidParameterException: Exactly one of policyName and resourceArn must be specified."
	gone := "arn:aws:logs:us-east-1:111111111111:log-group:gone"
	for name, document := range map[string]string{
		"JSON":      "{",
		"empty":     "{}",
		"principal": `{"Statement":[{"Effect":"Allow","Principal":{"AWS":"delivery.logs.amazonaws.com"},"Action":"logs:*","Resource":"*"}]}`,
		"nobody":    `{"Statement":[{"Effect":"Allow","Action":"logs:*","Resource":"*"}]}`,
		"nothing":   `{"Statement":[{"Effect":"Allow","Principal":"*","Resource":"*"}]}`,
		"no effect": `{"Statement":[{"Principal":"*","Action":"logs:*","Resource":"*"}]}`,
	} {
		_, err := f.putPolicy("p", document)
		expectError(t, name, err, unusable)
	}
	put := func(in awslogs.PutResourcePolicyRequest) error {
		_, err := f.PutResourcePolicy(f.ctx, &in)
		return err
	}
	describe := func(in awslogs.DescribeResourcePoliciesRequest) error {
		_, err := f.DescribeResourcePolicies(f.ctx, &in)
		return err
	}
	del := func(in awslogs.DeleteResourcePolicyRequest) error { return f.DeleteResourcePolicy(f.ctx, &in) }
	tests := []struct {
		name string
		err  error
		want string
	}{
		{"no document", put(awslogs.PutResourcePolicyRequest{PolicyName: new("p")}), "InvalidParameterException: policyDocument must be specified."},
		{"neither", put(awslogs.PutResourcePolicyRequest{PolicyDocument: new(route53)}), oneOf},
		{"both", put(awslogs.PutResourcePolicyRequest{PolicyDocument: new(route53), PolicyName: new("p"), ResourceArn: &gone}), oneOf},
		{"no group", put(awslogs.PutResourcePolicyRequest{PolicyDocument: new(route53), ResourceArn: &gone}), noGroup},
		{"no ARN", put(awslogs.PutResourcePolicyRequest{PolicyDocument: new(route53), ResourceArn: new("g")}),
			"InvalidParameterException: The specified resource ARN is not valid: g"},
		{"describe no group", describe(awslogs.DescribeResourcePoliciesRequest{ResourceArn: &gone}), noGroup},
		{"describe with another scope", describe(awslogs.DescribeResourcePoliciesRequest{ResourceArn: &gone, PolicyScope: new("ACCOUNT")}),
			"InvalidParameterException: resourceArn cannot be combined with the policyScope ACCOUNT."},
		{"token", describe(awslogs.DescribeResourcePoliciesRequest{NextToken: new("x")}), badToken},
		{"delete neither", del(awslogs.DeleteResourcePolicyRequest{}), oneOf},
		{"delete of no group", del(awslogs.DeleteResourcePolicyRequest{ResourceArn: &gone}), noGroup},
	}
	for _, tc := range tests {
		expectError(t, tc.name, tc.err, tc.want)
	}
}

// What belongs to a group goes with it, and a group made anew under its name has none of it.
func TestDeletedGroupTakesItsRecordsAlong(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	arn := "arn:aws:logs:us-east-1:111111111111:log-group:g"
	f.createGroup("g")
	f.createGroup("stays")
	for _, group := range []string{"g", "stays"} {
		f.must(f.PutMetricFilter(f.ctx, metricFilter(group, "f", "x")))
		f.must(f.PutSubscriptionFilter(f.ctx, subscriptionFilter(group, "f", "x")))
	}
	_, err := f.PutIndexPolicy(f.ctx, &awslogs.PutIndexPolicyRequest{LogGroupIdentifier: "g", PolicyDocument: `{"Fields":["a"]}`})
	f.must(err)
	_, err = f.PutResourcePolicy(f.ctx, &awslogs.PutResourcePolicyRequest{ResourceArn: &arn, PolicyDocument: new(route53)})
	f.must(err)
	f.must(f.DeleteLogGroup(f.ctx, &awslogs.DeleteLogGroupRequest{LogGroupName: "g"}))
	if diff := cmp.Diff([]string{"stays/f x"}, f.describedMetricFilters(awslogs.DescribeMetricFiltersRequest{})); diff != "" {
		t.Error(diff)
	}
	if got := f.describePolicies(awslogs.DescribeResourcePoliciesRequest{PolicyScope: new("RESOURCE")}); got != nil {
		t.Errorf("policies of log groups: %q", got)
	}
	f.createGroup("g")
	if n := f.metricFilterCount("g"); n != 0 {
		t.Errorf("metricFilterCount = %d", n)
	}
	if got := f.describeSubscriptions(awslogs.DescribeSubscriptionFiltersRequest{LogGroupName: "g"}); got != nil {
		t.Errorf("subscription filters: %v", got)
	}
	if got := f.indexPolicies("g"); len(got) != 0 {
		t.Errorf("index policies: %v", got)
	}
	if got := f.describePolicies(awslogs.DescribeResourcePoliciesRequest{ResourceArn: &arn}); got != nil {
		t.Errorf("resource policies: %q", got)
	}
}

// The operations on a group's records say the same as others when the group is not there.
func TestRecordsOfMissingGroup(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.createGroup("there")
	elsewhere := callerIn(f.ctx, account, "eu-west-1")
	ops := map[string]func(ctx context.Context, name string) error{
		"PutMetricFilter": func(ctx context.Context, name string) error {
			return f.PutMetricFilter(ctx, metricFilter(name, "f", ""))
		},
		"DescribeMetricFilters": func(ctx context.Context, name string) error {
			_, err := f.DescribeMetricFilters(ctx, &awslogs.DescribeMetricFiltersRequest{LogGroupName: &name})
			return err
		},
		"DeleteMetricFilter": func(ctx context.Context, name string) error {
			return f.DeleteMetricFilter(ctx, &awslogs.DeleteMetricFilterRequest{LogGroupName: name, FilterName: "f"})
		},
		"PutSubscriptionFilter": func(ctx context.Context, name string) error {
			return f.PutSubscriptionFilter(ctx, subscriptionFilter(name, "f", ""))
		},
		"AssociateKmsKey": func(ctx context.Context, name string) error {
			return f.AssociateKmsKey(ctx, &awslogs.AssociateKmsKeyRequest{LogGroupName: &name, KmsKeyId: kmsKey})
		},
		"DisassociateKmsKey": func(ctx context.Context, name string) error {
			return f.DisassociateKmsKey(ctx, &awslogs.DisassociateKmsKeyRequest{LogGroupName: &name})
		},
		"PutIndexPolicy": func(ctx context.Context, name string) error {
			_, err := f.PutIndexPolicy(ctx, &awslogs.PutIndexPolicyRequest{LogGroupIdentifier: name, PolicyDocument: `{"Fields":["a"]}`})
			return err
		},
		"DescribeIndexPolicies": func(ctx context.Context, name string) error {
			_, err := f.DescribeIndexPolicies(ctx, &awslogs.DescribeIndexPoliciesRequest{LogGroupIdentifiers: []string{name}})
			return err
		},
		"DeleteIndexPolicy": func(ctx context.Context, name string) error {
			_, err := f.DeleteIndexPolicy(ctx, &awslogs.DeleteIndexPolicyRequest{LogGroupIdentifier: name})
			return err
		},
	}
	for name, op := range ops {
		expectError(t, name, op(f.ctx, "gone"), noGroup)
		expectError(t, name+" in another region", op(elsewhere, "there"), noGroup)
	}
}
