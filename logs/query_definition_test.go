package logs_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tollbook/tollbook/awsapi/awslogs"
)

func (f *fixture) putDefinition(in awslogs.PutQueryDefinitionRequest) string {
	f.t.Helper()
	out, err := f.PutQueryDefinition(f.ctx, &in)
	f.must(err)
	return *out.QueryDefinitionId
}

func (f *fixture) definitions(in awslogs.DescribeQueryDefinitionsRequest) (all []awslogs.QueryDefinition) {
	f.t.Helper()
	for {
		out, err := f.DescribeQueryDefinitions(f.ctx, &in)
		f.must(err)
		all = append(all, out.QueryDefinitions...)
		if in.NextToken = out.NextToken; in.NextToken == nil {
			return all
		}
	}
}

func TestQueryDefinitions(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	id := f.putDefinition(awslogs.PutQueryDefinitionRequest{
		Name: "folder/errors", QueryString: "fields @message | filter status = {{status}}", LogGroupNames: []string{"g"},
		Parameters: []awslogs.QueryParameter{{Name: "status", DefaultValue: new("500"), Description: new("HTTP status")}},
	})
	want := awslogs.QueryDefinition{
		QueryDefinitionId: &id, Name: new("folder/errors"), QueryString: new("fields @message | filter status = {{status}}"),
		QueryLanguage: new("CWLI"), LastModified: new(start), LogGroupNames: []string{"g"},
		Parameters: []awslogs.QueryParameter{{Name: "status", DefaultValue: new("500"), Description: new("HTTP status")}},
	}
	if diff := cmp.Diff([]awslogs.QueryDefinition{want}, f.definitions(awslogs.DescribeQueryDefinitionsRequest{})); diff != "" {
		t.Error(diff)
	}

	// An update keeps nothing of what was there.
	f.clock.Add(5)
	again := f.putDefinition(awslogs.PutQueryDefinitionRequest{QueryDefinitionId: &id, Name: "errors", QueryString: "q", QueryLanguage: new("PPL")})
	want = awslogs.QueryDefinition{
		QueryDefinitionId: &id, Name: new("errors"), QueryString: new("q"), QueryLanguage: new("PPL"), LastModified: new(start + 5),
		LogGroupNames: []string{},
	}
	if diff := cmp.Diff([]awslogs.QueryDefinition{want}, f.definitions(awslogs.DescribeQueryDefinitionsRequest{})); diff != "" || again != id {
		t.Error(diff)
	}

	del := func() error {
		out, err := f.DeleteQueryDefinition(f.ctx, &awslogs.DeleteQueryDefinitionRequest{QueryDefinitionId: id})
		if err == nil && !*out.Success {
			t.Error("no success")
		}
		return err
	}
	const missing = "ResourceNotFoundException: The specified query definition does not exist."
	f.must(del())
	expectError(t, "deleted twice", del(), missing)
	_, err := f.PutQueryDefinition(f.ctx, &awslogs.PutQueryDefinitionRequest{QueryDefinitionId: &id, Name: "n", QueryString: "q"})
	expectError(t, "update of none", err, missing)
}

func TestDescribeQueryDefinitionsPages(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for i, name := range []string{"b", "a/b", "a", "a-b", "a"} {
		f.putDefinition(awslogs.PutQueryDefinitionRequest{Name: name, QueryString: "q", QueryLanguage: new([]string{"SQL", "CWLI"}[i%2])})
	}
	tests := []struct {
		name string
		in   awslogs.DescribeQueryDefinitionsRequest
		want []string
	}{
		{"all", awslogs.DescribeQueryDefinitionsRequest{}, []string{"a", "a", "a-b", "a/b", "b"}},
		{"prefix", awslogs.DescribeQueryDefinitionsRequest{QueryDefinitionNamePrefix: new("a/")}, []string{"a/b"}},
		{"language", awslogs.DescribeQueryDefinitionsRequest{QueryLanguage: new("CWLI")}, []string{"a-b", "a/b"}},
	}
	for _, tc := range tests {
		for _, limit := range []int32{1, 2, 5, 1000} {
			tc.in.MaxResults = &limit
			var names []string
			for _, d := range f.definitions(tc.in) {
				names = append(names, *d.Name)
			}
			if diff := cmp.Diff(tc.want, names); diff != "" {
				t.Errorf("%s, %d a page: %s", tc.name, limit, diff)
			}
		}
	}
	_, err := f.DescribeQueryDefinitions(f.ctx, &awslogs.DescribeQueryDefinitionsRequest{NextToken: new("x")})
	expectError(t, "token", err, badToken)
}

func TestQueryDefinitionErrors(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	parameters := func(names ...string) (all []awslogs.QueryParameter) {
		for _, name := range names {
			all = append(all, awslogs.QueryParameter{Name: name})
		}
		return all
	}
	for want, in := range map[string]awslogs.PutQueryDefinitionRequest{
		"InvalidParameterException: Query parameters are supported only for Logs Insights QL queries.": {QueryLanguage: new("SQL"), Parameters: parameters("a")},
		"InvalidParameterException: Query parameter a is defined twice.":                               {Parameters: parameters("a", "b", "a")},
	} {
		in.Name, in.QueryString = "n", "q"
		_, err := f.PutQueryDefinition(f.ctx, &in)
		expectError(t, "parameters", err, want)
	}
}

// A request that is sent twice because its answer was lost makes one definition.
func TestQueryDefinitionClientToken(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	put := func(token string) string {
		return f.putDefinition(awslogs.PutQueryDefinitionRequest{Name: "n", QueryString: "q", ClientToken: &token})
	}
	one, two := strings.Repeat("1", 36), strings.Repeat("2", 36)
	if first, second := put(one), put(one); first != second {
		t.Errorf("one token made %s and %s", first, second)
	}
	if put(one) == put(two) {
		t.Error("two tokens made one definition")
	}
	if n := len(f.definitions(awslogs.DescribeQueryDefinitionsRequest{})); n != 2 {
		t.Errorf("%d definitions, want 2", n)
	}
}

func TestQueryDefinitionLimit(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.must(f.FillQueryDefinitions(f.ctx, 999))
	id := f.putDefinition(awslogs.PutQueryDefinitionRequest{Name: "last", QueryString: "q"})
	_, err := f.PutQueryDefinition(f.ctx, &awslogs.PutQueryDefinitionRequest{Name: "more", QueryString: "q"})
	expectError(t, "1001st", err, limitReached)
	f.putDefinition(awslogs.PutQueryDefinitionRequest{QueryDefinitionId: &id, Name: "renamed", QueryString: "q"})
	out, err := f.DescribeQueryDefinitions(f.ctx, &awslogs.DescribeQueryDefinitionsRequest{})
	f.must(err)
	if len(out.QueryDefinitions) != 1000 || out.NextToken != nil {
		t.Errorf("a page of %d, token %v", len(out.QueryDefinitions), out.NextToken)
	}
}
