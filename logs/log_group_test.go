package logs_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tollbook/tollbook/awsapi/awslogs"
)

func TestCreateLogGroupErrors(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.createGroup("g")
	tests := []struct {
		name string
		in   awslogs.CreateLogGroupRequest
		want string
	}{
		{"twice", awslogs.CreateLogGroupRequest{LogGroupName: "g"},
			"ResourceAlreadyExistsException: The specified log group already exists"},
		{"reserved", awslogs.CreateLogGroupRequest{LogGroupName: "aws/x"},
			"InvalidParameterException: Log groups starting with AWS/ are reserved for AWS."},
		{"no key's ARN", awslogs.CreateLogGroupRequest{LogGroupName: "h", KmsKeyId: new("1234abcd-12ab-34cd-56ef-1234567890ab")},
			"InvalidParameterException: The specified KMS Key Id could not be found. 'h'"},
		{"reserved tag", awslogs.CreateLogGroupRequest{LogGroupName: "h", Tags: map[string]string{"AWS:x": ""}},
			"InvalidParameterException: aws: prefixed tag key names are not allowed for external use."},
	}
	for _, tc := range tests {
		expectError(t, tc.name, f.CreateLogGroup(f.ctx, &tc.in), tc.want)
	}
	f.createGroup("/aws/x") // with a slash before it, the name is free
	if err := f.CreateLogGroup(callerIn(f.ctx, account, "eu-west-1"), &awslogs.CreateLogGroupRequest{LogGroupName: "g"}); err != nil {
		t.Errorf("the name in another region: %v", err)
	}
}

// What a client sees, as recorded from AWS.
func TestDescribeLogGroupsMembers(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.createGroup("g")
	f.must(f.CreateLogGroup(f.ctx, &awslogs.CreateLogGroupRequest{
		LogGroupName: "h", LogGroupClass: new("INFREQUENT_ACCESS"), KmsKeyId: new(kmsKey), DeletionProtectionEnabled: new(true),
	}))
	f.must(f.PutRetentionPolicy(f.ctx, &awslogs.PutRetentionPolicyRequest{LogGroupName: "h", RetentionInDays: 7}))
	out, err := f.DescribeLogGroups(f.ctx, &awslogs.DescribeLogGroupsRequest{})
	f.must(err)
	arn := "arn:aws:logs:us-east-1:111111111111:log-group:"
	want := []awslogs.LogGroup{
		{
			Arn: new(arn + "g:*"), CreationTime: new(start), DeletionProtectionEnabled: new(false), LogGroupArn: new(arn + "g"),
			LogGroupClass: new("STANDARD"), LogGroupName: new("g"), MetricFilterCount: new(int32(0)), StoredBytes: new(int64(0)),
		},
		{
			Arn: new(arn + "h:*"), CreationTime: new(start), DeletionProtectionEnabled: new(true), LogGroupArn: new(arn + "h"),
			LogGroupClass: new("INFREQUENT_ACCESS"), LogGroupName: new("h"), MetricFilterCount: new(int32(0)),
			StoredBytes: new(int64(0)), KmsKeyId: new(kmsKey), RetentionInDays: new(int32(7)),
		},
	}
	if diff := cmp.Diff(want, out.LogGroups); diff != "" || out.NextToken != nil {
		t.Error(diff)
	}

	out, err = f.DescribeLogGroups(f.ctx, &awslogs.DescribeLogGroupsRequest{LogGroupNamePattern: new("h")})
	f.must(err)
	reduced := want[1]
	reduced.StoredBytes, reduced.DeletionProtectionEnabled, reduced.KmsKeyId, reduced.RetentionInDays = nil, nil, nil, nil
	if diff := cmp.Diff([]awslogs.LogGroup{reduced}, out.LogGroups); diff != "" {
		t.Errorf("by pattern: %s", diff)
	}
}

func TestDescribeLogGroupsPages(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for i := range 120 {
		f.createGroup(fmt.Sprintf("g%03d", i))
	}
	sizes, names := f.groupPages(awslogs.DescribeLogGroupsRequest{})
	if diff := cmp.Diff([]int{50, 50, 20}, sizes); diff != "" {
		t.Error(diff)
	}
	for i, name := range names {
		if want := fmt.Sprintf("g%03d", i); name != want {
			t.Fatalf("group %d is %s, want %s", i, name, want)
		}
	}
	sizes, _ = f.groupPages(awslogs.DescribeLogGroupsRequest{Limit: new(int32(5)), LogGroupNamePrefix: new("g01")})
	if diff := cmp.Diff([]int{5, 5}, sizes); diff != "" {
		t.Errorf("a last page that is full must not have a token: %s", diff)
	}
	identifiers := []string{"g007", "none", "arn:aws:logs:us-east-1:111111111111:log-group:g003:*", "g007", "g005"}
	_, names = f.groupPages(awslogs.DescribeLogGroupsRequest{LogGroupIdentifiers: identifiers, Limit: new(int32(2))})
	if diff := cmp.Diff([]string{"g003", "g005", "g007"}, names); diff != "" {
		t.Error(diff)
	}
}

func (f *fixture) groupPages(in awslogs.DescribeLogGroupsRequest) (sizes []int, names []string) {
	f.t.Helper()
	for {
		out, err := f.DescribeLogGroups(f.ctx, &in)
		f.must(err)
		sizes = append(sizes, len(out.LogGroups))
		for _, g := range out.LogGroups {
			names = append(names, *g.LogGroupName)
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			return sizes, names
		}
	}
}

func TestDescribeLogGroupsErrors(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.createGroup("g")
	tests := []struct {
		name string
		in   awslogs.DescribeLogGroupsRequest
		want string
	}{
		{"prefix and pattern", awslogs.DescribeLogGroupsRequest{LogGroupNamePrefix: new("a"), LogGroupNamePattern: new("b")},
			"InvalidParameterException: LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters."},
		{"identifiers and prefix", awslogs.DescribeLogGroupsRequest{LogGroupNamePrefix: new("a"), LogGroupIdentifiers: []string{"g"}},
			"InvalidParameterException: logGroupIdentifiers cannot be combined with logGroupNamePrefix, logGroupNamePattern or logGroupClass."},
		{"no log group's ARN", awslogs.DescribeLogGroupsRequest{LogGroupIdentifiers: []string{"arn:aws:s3:::b"}},
			"InvalidParameterException: The specified log group identifier is not valid: arn:aws:s3:::b"},
		{"token", awslogs.DescribeLogGroupsRequest{NextToken: new("xyz!")}, badToken},
		{"token of another listing", awslogs.DescribeLogGroupsRequest{NextToken: new("bmFt")}, badToken},
	}
	for _, tc := range tests {
		_, err := f.DescribeLogGroups(f.ctx, &tc.in)
		expectError(t, tc.name, err, tc.want)
	}
}

func TestListLogGroups(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for _, name := range []string{"/aws/a", "/aws/b", "discovery", "my-discovery", "x/aws/c"} {
		f.createGroup(name)
	}
	f.must(f.TagLogGroup(f.ctx, &awslogs.TagLogGroupRequest{LogGroupName: "/aws/b", Tags: map[string]string{"team": "one"}}))
	_, err := f.PutIndexPolicy(f.ctx, &awslogs.PutIndexPolicyRequest{LogGroupIdentifier: "/aws/a", PolicyDocument: `{"Fields":["requestId"]}`})
	f.must(err)
	tagged := func(values ...string) []awslogs.TagFilter { return []awslogs.TagFilter{{Key: "team", Values: values}} }
	tests := []struct {
		name string
		in   awslogs.ListLogGroupsRequest
		want []string
	}{
		{"all", awslogs.ListLogGroupsRequest{}, []string{"/aws/a", "/aws/b", "discovery", "my-discovery", "x/aws/c"}},
		{"prefix or substring", awslogs.ListLogGroupsRequest{LogGroupNamePattern: new("^/aws|my-disc")}, []string{"/aws/a", "/aws/b", "my-discovery"}},
		{"substring", awslogs.ListLogGroupsRequest{LogGroupNamePattern: new("/aws")}, []string{"/aws/a", "/aws/b", "x/aws/c"}},
		{"tag", awslogs.ListLogGroupsRequest{LogGroupTags: tagged()}, []string{"/aws/b"}},
		{"value", awslogs.ListLogGroupsRequest{LogGroupTags: tagged("two", "one")}, []string{"/aws/b"}},
		{"other value", awslogs.ListLogGroupsRequest{LogGroupTags: tagged("two")}, nil},
		{"class", awslogs.ListLogGroupsRequest{LogGroupClass: new("DELIVERY")}, nil},
		{"value with a wildcard", awslogs.ListLogGroupsRequest{LogGroupTags: tagged("O*")}, []string{"/aws/b"}},
		{"not a value", awslogs.ListLogGroupsRequest{LogGroupTags: tagged("!two")}, []string{"/aws/b"}},
		{"not a value with a wildcard", awslogs.ListLogGroupsRequest{LogGroupTags: tagged("!*NE")}, nil},
		{"default field index", awslogs.ListLogGroupsRequest{LogGroupNamePattern: new("^/aws"), FieldIndexNames: []string{"@logStream"}},
			[]string{"/aws/a", "/aws/b"}},
		{"field index", awslogs.ListLogGroupsRequest{FieldIndexNames: []string{"requestId", "traceId"}}, []string{"/aws/a"}},
		{"no field index", awslogs.ListLogGroupsRequest{FieldIndexNames: []string{"requestId", "status"}}, nil},
		{"data source", awslogs.ListLogGroupsRequest{DataSources: []awslogs.DataSourceFilter{{Name: "amazon_vpc"}}}, nil},
	}
	for _, tc := range tests {
		for _, limit := range []int32{1, 2, 50} {
			tc.in.Limit, tc.in.NextToken = &limit, nil
			if diff := cmp.Diff(tc.want, f.listedGroups(tc.in)); diff != "" {
				t.Errorf("%s, %d a page: %s", tc.name, limit, diff)
			}
		}
	}
}

func (f *fixture) listedGroups(in awslogs.ListLogGroupsRequest) (names []string) {
	f.t.Helper()
	for {
		out, err := f.ListLogGroups(f.ctx, &in)
		f.must(err)
		for _, g := range out.LogGroups {
			names = append(names, *g.LogGroupName)
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			return names
		}
	}
}

func TestDeletionProtection(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.createGroup("g")
	protect := func(on bool) {
		f.must(f.PutLogGroupDeletionProtection(f.ctx, &awslogs.PutLogGroupDeletionProtectionRequest{
			LogGroupIdentifier: "g", DeletionProtectionEnabled: on,
		}))
	}
	protect(true)
	expectError(t, "protected", f.DeleteLogGroup(f.ctx, &awslogs.DeleteLogGroupRequest{LogGroupName: "g"}),
		"ValidationException: Cannot delete log group with deletion protection enabled. Disable deletion protection first.")
	protect(false)
	f.must(f.DeleteLogGroup(f.ctx, &awslogs.DeleteLogGroupRequest{LogGroupName: "g"}))
}

// A group made anew under its old name is empty, and the old one's events are gone from the store.
func TestDeletedGroupStartsEmpty(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for round := range 2 {
		f.createGroup("g")
		f.createStream("g", "s")
		if got := f.filter("g"); got != nil {
			t.Errorf("round %d begins with %q", round, got)
		}
		f.put("g", "s", event(0, "m"))
		f.must(f.DeleteLogGroup(f.ctx, &awslogs.DeleteLogGroupRequest{LogGroupName: "g"}))
		if f.store.held() != 0 {
			t.Errorf("round %d leaves %d events", round, f.store.held())
		}
	}
}

func TestStoredBytes(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.createGroup("g")
	f.createStream("g", "a")
	f.createStream("g", "b")
	f.put("g", "a", event(0, "12345"), event(0, "ü"))
	f.put("g", "b", event(0, "1"))
	out, err := f.DescribeLogGroups(f.ctx, &awslogs.DescribeLogGroupsRequest{})
	f.must(err)
	if got := *out.LogGroups[0].StoredBytes; got != 5+2+1+3*26 {
		t.Errorf("storedBytes = %d, want %d", got, 5+2+1+3*26)
	}
}

func TestTags(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.createGroup("g")
	arn := "arn:aws:logs:us-east-1:111111111111:log-group:g"
	expect := func(want string) {
		t.Helper()
		byARN, err := f.ListTagsForResource(f.ctx, &awslogs.ListTagsForResourceRequest{ResourceArn: arn})
		f.must(err)
		byName, err := f.ListTagsLogGroup(f.ctx, &awslogs.ListTagsLogGroupRequest{LogGroupName: "g"})
		f.must(err)
		for _, tags := range []map[string]string{byARN.Tags, byName.Tags} {
			if got, _ := json.Marshal(tags); string(got) != want {
				t.Errorf("tags are %s, want %s", got, want)
			}
		}
	}
	expect(`{}`)
	f.must(f.TagResource(f.ctx, &awslogs.TagResourceRequest{ResourceArn: arn, Tags: map[string]string{"a": "1", "b": "2"}}))
	f.must(f.TagLogGroup(f.ctx, &awslogs.TagLogGroupRequest{LogGroupName: "g", Tags: map[string]string{"b": "3", "c": "4"}}))
	expect(`{"a":"1","b":"3","c":"4"}`)
	f.must(f.UntagResource(f.ctx, &awslogs.UntagResourceRequest{ResourceArn: arn, TagKeys: []string{"a", "none"}}))
	f.must(f.UntagLogGroup(f.ctx, &awslogs.UntagLogGroupRequest{LogGroupName: "g", Tags: []string{"c"}}))
	expect(`{"b":"3"}`)

	many := map[string]string{}
	for i := range 50 {
		many[fmt.Sprint(i)] = ""
	}
	expectError(t, "51 tags", f.TagResource(f.ctx, &awslogs.TagResourceRequest{ResourceArn: arn, Tags: many}),
		"TooManyTagsException: A resource can have at most 50 tags.")
	expect(`{"b":"3"}`)
	_, err := f.ListTagsForResource(f.ctx, &awslogs.ListTagsForResourceRequest{ResourceArn: "g"})
	expectError(t, "no ARN", err, "InvalidParameterException: The specified resource ARN is not valid: g")
	_, err = f.ListTagsForResource(f.ctx, &awslogs.ListTagsForResourceRequest{ResourceArn: "arn:aws:logs:us-east-1:111111111111:delivery:d"})
	expectError(t, "delivery", err, "ResourceNotFoundException: The specified resource does not exist.")
}
