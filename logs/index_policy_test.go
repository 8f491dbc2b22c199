package logs_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tollbook/tollbook/awsapi/awslogs"
)

func (f *fixture) indexPolicies(group string) []awslogs.IndexPolicy {
	f.t.Helper()
	out, err := f.DescribeIndexPolicies(f.ctx, &awslogs.DescribeIndexPoliciesRequest{LogGroupIdentifiers: []string{group}})
	f.must(err)
	return out.IndexPolicies
}

// A group's own index policy stands before the account's.
func TestIndexPolicies(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.createGroup("g")
	arn := "arn:aws:logs:us-east-1:111111111111:log-group:g"
	if got := f.indexPolicies("g"); len(got) != 0 {
		t.Errorf("at first: %v", got)
	}
	_, err := f.putAccountPolicy("all", "FIELD_INDEX_POLICY", `{"Fields":["userId"]}`, "")
	f.must(err)
	ofAccount := awslogs.IndexPolicy{
		LogGroupIdentifier: &arn, LastUpdateTime: new(start), PolicyDocument: new(`{"Fields":["userId"]}`),
		PolicyName: new("all"), Source: new("ACCOUNT"),
	}
	if diff := cmp.Diff([]awslogs.IndexPolicy{ofAccount}, f.indexPolicies(arn)); diff != "" {
		t.Error(diff)
	}
	document := `{"Fields":["requestId"],"FieldsV2":{"status":{"type":"FACET"},"path":{"type":"FIELD_INDEX"}}}`
	f.clock.Add(5)
	out, err := f.PutIndexPolicy(f.ctx, &awslogs.PutIndexPolicyRequest{LogGroupIdentifier: arn, PolicyDocument: document})
	f.must(err)
	own := awslogs.IndexPolicy{
		LogGroupIdentifier: &arn, LastUpdateTime: new(start + 5), PolicyDocument: &document, Source: new("LOG_GROUP"),
	}
	if diff := cmp.Diff(&own, out.IndexPolicy); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]awslogs.IndexPolicy{own}, f.indexPolicies("g")); diff != "" {
		t.Error(diff)
	}
	del := func() error {
		_, err := f.DeleteIndexPolicy(f.ctx, &awslogs.DeleteIndexPolicyRequest{LogGroupIdentifier: "g"})
		return err
	}
	f.must(del())
	expectError(t, "deleted twice", del(), "ResourceNotFoundException: The specified log group has no index policy.")
	if diff := cmp.Diff([]awslogs.IndexPolicy{ofAccount}, f.indexPolicies("g")); diff != "" {
		t.Error(diff)
	}
}

func TestIndexPolicyErrors(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.createGroup("g")
	f.createRareGroup("rare")
	fields := func(n, length int) string {
		var names []string
		for i := range n {
			names = append(names, fmt.Sprintf("%q", strings.Repeat("é", length-2)+fmt.Sprintf("%02d", i)))
		}
		return `{"Fields":[` + strings.Join(names, ",") + `]}`
	}
	const invalid = "InvalidParameterException: Invalid index policy document: "
	tests := []struct{ name, group, document, want string }{
		{"most", "g", fields(20, 100), ""},
		{"too many", "g", fields(21, 10), invalid + "it must name 1 to 20 fields"},
		{"too long", "g", fields(1, 101), invalid + "the name of a field must have 1 to 100 characters"},
		{"none", "g", `{"Fields":[]}`, invalid + "it must name 1 to 20 fields"},
		{"twice", "g", `{"Fields":["a"],"FieldsV2":{"a":{"type":"FACET"}}}`, invalid + "it names field a twice"},
		{"type", "g", `{"FieldsV2":{"a":{"type":"X"}}}`, invalid + "the type of field a is neither FIELD_INDEX nor FACET"},
		{"JSON", "g", `{"Fields":["a"]`, invalid + "it is not a JSON document"},
		{"member", "g", `{"Field":["a"]}`, invalid + "it has an unknown member or one of another type"},
		{"array", "g", `["a"]`, invalid + "it has an unknown member or one of another type"},
		{"class", "rare", `{"Fields":["a"]}`, standardOnly},
	}
	for _, tc := range tests {
		_, err := f.PutIndexPolicy(f.ctx, &awslogs.PutIndexPolicyRequest{LogGroupIdentifier: tc.group, PolicyDocument: tc.document})
		if tc.want != "" {
			expectError(t, tc.name, err, tc.want)
		} else if err != nil {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
	_, err := f.DescribeIndexPolicies(f.ctx, &awslogs.DescribeIndexPoliciesRequest{LogGroupIdentifiers: []string{"rare"}})
	expectError(t, "describe of a class", err, standardOnly)
	_, err = f.DescribeIndexPolicies(f.ctx, &awslogs.DescribeIndexPoliciesRequest{LogGroupIdentifiers: []string{"g"}, NextToken: new("x")})
	expectError(t, "token", err, badToken)
}
