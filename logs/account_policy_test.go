package logs_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tollbook/tollbook/awsapi/awslogs"
)

const (
	subscriptions = "SUBSCRIPTION_FILTER_POLICY"
	fieldIndexes  = "FIELD_INDEX_POLICY"
	metrics       = "METRIC_EXTRACTION_POLICY"
)

func (f *fixture) putAccountPolicy(name, kind, document, criteria string) (*awslogs.PutAccountPolicyResponse, error) {
	in := &awslogs.PutAccountPolicyRequest{PolicyName: name, PolicyType: kind, PolicyDocument: document}
	if criteria != "" {
		in.SelectionCriteria = &criteria
	}
	return f.PutAccountPolicy(f.ctx, in)
}

func TestAccountPolicies(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	document := `{"DestinationArn":"` + lambda + `","FilterPattern":"ERROR","Distribution":"Random"}`
	out, err := f.putAccountPolicy("p", subscriptions, document, `LogGroupName NOT IN ["a", "b"]`)
	f.must(err)
	want := awslogs.AccountPolicy{
		PolicyName: new("p"), PolicyType: new(subscriptions), PolicyDocument: &document, LastUpdatedTime: new(start),
		Scope: new("ALL"), SelectionCriteria: new(`LogGroupName NOT IN ["a", "b"]`), AccountId: new(account),
	}
	if diff := cmp.Diff(want, *out.AccountPolicy); diff != "" {
		t.Error(diff)
	}
	f.clock.Add(5)
	_, err = f.putAccountPolicy("p", subscriptions, document, "")
	f.must(err)
	want.LastUpdatedTime, want.SelectionCriteria = new(start+5), nil
	describe := func(in awslogs.DescribeAccountPoliciesRequest) ([]awslogs.AccountPolicy, error) {
		out, err := f.DescribeAccountPolicies(f.ctx, &in)
		if err != nil {
			return nil, err
		}
		return out.AccountPolicies, nil
	}
	for name, tc := range map[string]struct {
		in   awslogs.DescribeAccountPoliciesRequest
		want []awslogs.AccountPolicy
	}{
		"type":          {awslogs.DescribeAccountPoliciesRequest{PolicyType: subscriptions}, []awslogs.AccountPolicy{want}},
		"name":          {awslogs.DescribeAccountPoliciesRequest{PolicyType: subscriptions, PolicyName: new("p")}, []awslogs.AccountPolicy{want}},
		"account":       {awslogs.DescribeAccountPoliciesRequest{PolicyType: subscriptions, AccountIdentifiers: []string{account}}, []awslogs.AccountPolicy{want}},
		"other account": {awslogs.DescribeAccountPoliciesRequest{PolicyType: subscriptions, AccountIdentifiers: []string{"222222222222"}}, []awslogs.AccountPolicy{}},
		"other type":    {awslogs.DescribeAccountPoliciesRequest{PolicyType: fieldIndexes}, []awslogs.AccountPolicy{}},
		"unbuilt type":  {awslogs.DescribeAccountPoliciesRequest{PolicyType: "DATA_PROTECTION_POLICY"}, []awslogs.AccountPolicy{}},
	} {
		got, err := describe(tc.in)
		if diff := cmp.Diff(tc.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v %s", name, err, diff)
		}
	}
	const missing = "ResourceNotFoundException: Policy with name [none] does not exist."
	_, err = describe(awslogs.DescribeAccountPoliciesRequest{PolicyType: subscriptions, PolicyName: new("none")})
	expectError(t, "no such name", err, missing)
	_, err = describe(awslogs.DescribeAccountPoliciesRequest{PolicyType: subscriptions, AccountIdentifiers: []string{account, account}})
	expectError(t, "two accounts", err, "InvalidParameterException: Only one account identifier can be specified.")
	_, err = describe(awslogs.DescribeAccountPoliciesRequest{PolicyType: subscriptions, NextToken: new("x")})
	expectError(t, "token", err, badToken)
	del := func(name string) error {
		return f.DeleteAccountPolicy(f.ctx, &awslogs.DeleteAccountPolicyRequest{PolicyName: name, PolicyType: subscriptions})
	}
	expectError(t, "delete of none", del("none"), missing)
	f.must(del("p"))
	if got, err := describe(awslogs.DescribeAccountPoliciesRequest{PolicyType: subscriptions}); err != nil || len(got) != 0 {
		t.Errorf("after the deletion: %v, %v", got, err)
	}
}

func TestAccountPolicyErrors(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	const indexDocument = `{"Fields":["a"]}`
	const wrongCriteria = "InvalidParameterException: Invalid selectionCriteria: "
	subscription := `{"DestinationArn":"` + lambda + `"}`
	tests := []struct{ name, policy, kind, document, criteria, want string }{
		{"masking", "p", "DATA_PROTECTION_POLICY", "{}", "",
			"NotImplemented: PutAccountPolicy for DATA_PROTECTION_POLICY is not built in this version of Tollbook"},
		{"transforming", "p", "TRANSFORMER_POLICY", "[]", "",
			"NotImplemented: PutAccountPolicy for TRANSFORMER_POLICY is not built in this version of Tollbook"},
		{"name", "AWS/p", metrics, "{}", "", "InvalidParameterException: The policy name must not be empty and must not start with aws/."},
		{"long", "p", metrics, `{"a":"` + strings.Repeat("é", 30_720) + `"}`, "", "InvalidParameterException: The policy document exceeds 30720 characters."},
		{"long criteria", "p", metrics, "{}", strings.Repeat("é", 12_801), "InvalidParameterException: selectionCriteria exceeds 25600 bytes."},
		{"metric document", "p", metrics, "null", "", "InvalidParameterException: Invalid metric extraction policy document: it is not a JSON object"},
		{"index document", "p", fieldIndexes, "{}", "", "InvalidParameterException: Invalid index policy document: it must name 1 to 20 fields"},
		{"subscription document", "p", subscriptions, `{"Destination":""}`, "",
			"InvalidParameterException: Invalid subscription filter policy document: it has an unknown member or one of another type"},
		{"distribution", "p", subscriptions, `{"DestinationArn":"` + lambda + `","Distribution":"x"}`, "",
			"InvalidParameterException: Invalid subscription filter policy document: Distribution is neither Random nor ByLogStream"},
		{"kinesis without role", "p", subscriptions, `{"DestinationArn":"` + stream + `"}`, "",
			"InvalidParameterException: destinationArn for vendor kinesis cannot be used without roleArn"},
		{"vendor", "p", subscriptions, `{"DestinationArn":"arn:aws:s3:us-east-1:1:bucket/b","RoleArn":"` + role + `"}`, "",
			"InvalidParameterException: PutAccountPolicy operation cannot work with destinationArn for vendor s3"},
		{"pattern", "p", subscriptions, `{"DestinationArn":"` + lambda + `","FilterPattern":"{"}`, "", "InvalidParameterException: Invalid filter pattern"},
		{"no destination", "p", subscriptions, `{"DestinationArn":"arn:aws:logs:us-east-1:111111111111:destination:none"}`, "",
			"InvalidParameterException: Could not deliver test message to specified destination. Check if the destination is valid."},
		{"subscription criteria", "p", subscriptions, subscription, `LogGroupName IN ["a"]`,
			wrongCriteria + "a subscription filter policy supports LogGroupName NOT IN [] only"},
		{"index criteria", "p", fieldIndexes, indexDocument, `LogGroupName = "a"`,
			wrongCriteria + "a field index policy supports LogGroupNamePrefix, or DataSourceName AND DataSourceType, only"},
		{"index criteria that negate", "p", fieldIndexes, indexDocument, `LogGroupNamePrefix NOT IN ["a"]`,
			wrongCriteria + "LogGroupNamePrefix supports = and IN with at least one text only"},
		{"half a data source", "p", fieldIndexes, indexDocument, `DataSourceName = "a"`,
			wrongCriteria + "a field index policy supports LogGroupNamePrefix, or DataSourceName AND DataSourceType, only"},
		{"or", "p", fieldIndexes, indexDocument, `LogGroupNamePrefix = "a" OR LogGroupNamePrefix = "b"`, wrongCriteria + "OR is not supported"},
		{"metric criteria", "p", metrics, "{}", `LogGroupName = "a"`,
			wrongCriteria + "a metric extraction policy supports one list (IN, NOT IN) of LogGroupName or LogGroupNamePrefix only"},
		{"metric criteria without names", "p", metrics, "{}", `LogGroupName IN []`, wrongCriteria + "a list must have 1 to 50 texts"},
	}
	for _, tc := range tests {
		_, err := f.putAccountPolicy(tc.policy, tc.kind, tc.document, tc.criteria)
		expectError(t, tc.name, err, tc.want)
	}
}

// Which policies of one type an account can have side by side.
func TestAccountPoliciesBesideEachOther(t *testing.T) {
	t.Parallel()
	const overlap = "InvalidParameterException: The selectionCriteria overlap with those of the policy "
	prefix := func(p string) string { return fmt.Sprintf("LogGroupNamePrefix IN [%q]", p) }
	many := func(n int) (all []string) {
		for i := range n {
			all = append(all, prefix(fmt.Sprintf("%02d", i)))
		}
		return all
	}
	source := func(name, kind string) string {
		return fmt.Sprintf("DataSourceName = %q AND DataSourceType = %q", name, kind)
	}
	tests := []struct {
		name, kind string
		there      []string // criteria of policies that are there, named p0, p1 and so on
		criteria   string
		want       string // "" if it is none
	}{
		{"second subscription", subscriptions, []string{""}, `LogGroupName NOT IN ["a"]`, limitReached},
		{"second index for all", fieldIndexes, []string{""}, "", limitReached},
		{"index for some beside all", fieldIndexes, []string{""}, prefix("a"), limitReached},
		{"index for all beside some", fieldIndexes, []string{prefix("a")}, "", limitReached},
		{"index of a data source beside all", fieldIndexes, []string{""}, source("vpc", "flow"), ""},
		{"other prefix", fieldIndexes, []string{prefix("my-log")}, prefix("my-other"), ""},
		{"longer prefix", fieldIndexes, []string{prefix("my-log")}, prefix("my-logging"), overlap + "p0."},
		{"shorter prefix", fieldIndexes, []string{prefix("x"), prefix("my-log")}, prefix("my"), overlap + "p1."},
		{"other data source", fieldIndexes, []string{source("vpc", "flow")}, source("vpc", "dns"), ""},
		{"same data source", fieldIndexes, []string{source("vpc", "flow")}, source("vpc", "flow"), overlap + "p0."},
		{"20th index", fieldIndexes, many(19), prefix("x"), ""},
		{"21st index", fieldIndexes, many(20), prefix("x"), limitReached},
		{"second metric policy for all", metrics, []string{""}, "", limitReached},
		{"metric policy for some beside all", metrics, []string{""}, prefix("a"), limitReached},
		{"sixth metric policy", metrics, many(5), prefix("x"), limitReached},
		{"names apart", metrics, []string{`LogGroupName IN ["a", "b"]`}, `LogGroupName IN ["ab"]`, ""},
		{"same name", metrics, []string{`LogGroupName IN ["a", "b"]`}, `LogGroupName IN ["c", "b"]`, overlap + "p0."},
		{"prefix of a name", metrics, []string{`LogGroupName IN ["/aws/x"]`}, prefix("/aws/"), overlap + "p0."},
		{"two exclusions", metrics, []string{`LogGroupName NOT IN ["a"]`}, `LogGroupNamePrefix NOT IN ["b"]`, limitReached},
		{"within an exclusion", metrics, []string{`LogGroupNamePrefix NOT IN ["/aws/lambda"]`}, `LogGroupName IN ["/aws/lambda/f"]`, ""},
		{"beyond an exclusion", metrics, []string{`LogGroupNamePrefix NOT IN ["/aws/lambda"]`}, prefix("/aws"), overlap + "p0."},
		{"exclusion of more", metrics, []string{prefix("/aws/lambda")}, `LogGroupNamePrefix NOT IN ["/aws"]`, ""},
		{"exclusion of less", metrics, []string{prefix("/aws")}, `LogGroupName NOT IN ["/aws"]`, overlap + "p0."},
	}
	documents := map[string]string{subscriptions: `{"DestinationArn":"` + lambda + `"}`, fieldIndexes: `{"Fields":["a"]}`, metrics: "{}"}
	for _, tc := range tests {
		f := newFixture(t)
		for i, criteria := range tc.there {
			_, err := f.putAccountPolicy(fmt.Sprint("p", i), tc.kind, documents[tc.kind], criteria)
			f.must(err)
		}
		_, err := f.putAccountPolicy("new", tc.kind, documents[tc.kind], tc.criteria)
		if tc.want != "" {
			expectError(t, tc.name, err, tc.want)
		} else if err != nil {
			t.Errorf("%s: %v", tc.name, err)
		}
		// A policy is not in its own way.
		_, err = f.putAccountPolicy("p0", tc.kind, documents[tc.kind], tc.there[0])
		if tc.want != "" && err != nil {
			t.Errorf("%s: p0 again: %v", tc.name, err)
		}
	}
}

// An index policy of the account is in force where its criteria say.
func TestAccountIndexPolicyCriteria(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	_, err := f.putAccountPolicy("source", fieldIndexes, `{"Fields":["a"]}`, `DataSourceName = "x" AND DataSourceType = "y"`)
	f.must(err)
	_, err = f.putAccountPolicy("some", fieldIndexes, `{"Fields":["a"]}`, `LogGroupNamePrefix IN ["/app", "/web"]`)
	f.must(err)
	for group, want := range map[string]int{"/app/x": 1, "/web": 1, "/other": 0} {
		f.createGroup(group)
		if got := f.indexPolicies(group); len(got) != want || want == 1 && *got[0].PolicyName != "some" {
			t.Errorf("%s has the policies %v", group, got)
		}
	}
}
