package logs_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tollbook/tollbook/awsapi/awslogs"
)

const (
	limitReached = "LimitExceededException: Resource limit exceeded."
	standardOnly = "ValidationException: This operation is only supported on the Standard log class."
)

// metricFilter is a request for a filter that counts the events that match.
func metricFilter(group, name, pattern string) *awslogs.PutMetricFilterRequest {
	return &awslogs.PutMetricFilterRequest{
		LogGroupName: group, FilterName: name, FilterPattern: pattern,
		MetricTransformations: []awslogs.MetricTransformation{{MetricName: "count", MetricNamespace: "app", MetricValue: "1"}},
	}
}

func (f *fixture) createRareGroup(name string) {
	f.t.Helper()
	f.must(f.CreateLogGroup(f.ctx, &awslogs.CreateLogGroupRequest{LogGroupName: name, LogGroupClass: new("INFREQUENT_ACCESS")}))
}

func TestMetricFilterMembers(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.createGroup("g")
	in := metricFilter("g", "b", " ")
	in.MetricTransformations[0].DefaultValue = new(0.0)
	f.must(f.PutMetricFilter(f.ctx, in))
	in = metricFilter("g", "a", `{ $.status = 5* && $.path = "/x" }`)
	in.MetricTransformations[0] = awslogs.MetricTransformation{
		MetricName: "latency", MetricNamespace: "app", MetricValue: "$.latency", Unit: new("Milliseconds"),
		Dimensions: map[string]string{"Path": "$.path"},
	}
	in.FieldSelectionCriteria = new(`@aws.region IN ["us-east-1"]`)
	in.EmitSystemFieldDimensions = []string{"@aws.account"}
	f.must(f.PutMetricFilter(f.ctx, in))

	out, err := f.DescribeMetricFilters(f.ctx, &awslogs.DescribeMetricFiltersRequest{LogGroupName: new("g")})
	f.must(err)
	want := []awslogs.MetricFilter{
		{
			FilterName: new("a"), FilterPattern: &in.FilterPattern, LogGroupName: new("g"), CreationTime: new(start),
			ApplyOnTransformedLogs: new(false), MetricTransformations: in.MetricTransformations,
			FieldSelectionCriteria: in.FieldSelectionCriteria, EmitSystemFieldDimensions: in.EmitSystemFieldDimensions,
		},
		{
			FilterName: new("b"), FilterPattern: new(" "), LogGroupName: new("g"), CreationTime: new(start),
			ApplyOnTransformedLogs: new(false), MetricTransformations: []awslogs.MetricTransformation{
				{MetricName: "count", MetricNamespace: "app", MetricValue: "1", DefaultValue: new(0.0)},
			},
		},
	}
	if diff := cmp.Diff(want, out.MetricFilters); diff != "" || out.NextToken != nil {
		t.Error(diff)
	}
	if n := f.metricFilterCount("g"); n != 2 {
		t.Errorf("metricFilterCount = %d, want 2", n)
	}
}

func (f *fixture) metricFilterCount(group string) int32 {
	f.t.Helper()
	out, err := f.DescribeLogGroups(f.ctx, &awslogs.DescribeLogGroupsRequest{LogGroupNamePrefix: &group})
	f.must(err)
	return *out.LogGroups[0].MetricFilterCount
}

func TestMetricFilterIsReplacedAndDeleted(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.createGroup("g")
	f.must(f.PutMetricFilter(f.ctx, metricFilter("g", "f", "ERROR")))
	f.clock.Add(1000)
	f.must(f.PutMetricFilter(f.ctx, metricFilter("g", "f", "WARN")))
	found := f.describedMetricFilters(awslogs.DescribeMetricFiltersRequest{LogGroupName: new("g")})
	if diff := cmp.Diff([]string{"g/f WARN"}, found); diff != "" {
		t.Error(diff)
	}
	del := func() error {
		return f.DeleteMetricFilter(f.ctx, &awslogs.DeleteMetricFilterRequest{LogGroupName: "g", FilterName: "f"})
	}
	f.must(del())
	expectError(t, "deleted twice", del(), "ResourceNotFoundException: The specified metric filter does not exist.")
	if n := f.metricFilterCount("g"); n != 0 {
		t.Errorf("metricFilterCount = %d, want 0", n)
	}
}

// describedMetricFilters returns the filters of all pages, as "group/name pattern".
func (f *fixture) describedMetricFilters(in awslogs.DescribeMetricFiltersRequest) (found []string) {
	f.t.Helper()
	for {
		out, err := f.DescribeMetricFilters(f.ctx, &in)
		f.must(err)
		for _, m := range out.MetricFilters {
			found = append(found, *m.LogGroupName+"/"+*m.FilterName+" "+*m.FilterPattern)
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			return found
		}
	}
}

func TestDescribeMetricFiltersPages(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for _, group := range []string{"h", "g"} {
		f.createGroup(group)
		for _, name := range []string{"b", "a-b", "a"} {
			in := metricFilter(group, name, "x")
			in.MetricTransformations[0].MetricName = "of " + name
			f.must(f.PutMetricFilter(f.ctx, in))
		}
	}
	elsewhere := callerIn(f.ctx, account, "eu-west-1")
	f.must(f.CreateLogGroup(elsewhere, &awslogs.CreateLogGroupRequest{LogGroupName: "g"}))
	f.must(f.PutMetricFilter(elsewhere, metricFilter("g", "other", "x")))
	tests := []struct {
		name string
		in   awslogs.DescribeMetricFiltersRequest
		want []string
	}{
		{"of a group", awslogs.DescribeMetricFiltersRequest{LogGroupName: new("g")}, []string{"g/a x", "g/a-b x", "g/b x"}},
		{"prefix", awslogs.DescribeMetricFiltersRequest{LogGroupName: new("g"), FilterNamePrefix: new("a")}, []string{"g/a x", "g/a-b x"}},
		{"metric in a group", awslogs.DescribeMetricFiltersRequest{LogGroupName: new("g"), MetricName: new("of b"), MetricNamespace: new("app")},
			[]string{"g/b x"}},
		// The groups of one name come in the order in which they were made.
		{"all", awslogs.DescribeMetricFiltersRequest{}, []string{"h/a x", "g/a x", "h/a-b x", "g/a-b x", "h/b x", "g/b x"}},
		{"prefix without a group", awslogs.DescribeMetricFiltersRequest{FilterNamePrefix: new("b")},
			[]string{"h/a x", "g/a x", "h/a-b x", "g/a-b x", "h/b x", "g/b x"}},
		{"metric", awslogs.DescribeMetricFiltersRequest{MetricName: new("of b"), MetricNamespace: new("app")}, []string{"h/b x", "g/b x"}},
		{"other namespace", awslogs.DescribeMetricFiltersRequest{MetricName: new("of b"), MetricNamespace: new("x")}, nil},
	}
	for _, tc := range tests {
		for _, limit := range []int32{1, 2, 3, 50} {
			tc.in.Limit = &limit
			if diff := cmp.Diff(tc.want, f.describedMetricFilters(tc.in)); diff != "" {
				t.Errorf("%s, %d a page: %s", tc.name, limit, diff)
			}
		}
	}
	full := int32(6)
	if out, err := f.DescribeMetricFilters(f.ctx, &awslogs.DescribeMetricFiltersRequest{Limit: &full}); err != nil || out.NextToken != nil {
		t.Errorf("a last page that is full must not have a token: %v", err)
	}
}

func TestDescribeMetricFiltersErrors(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.createRareGroup("rare")
	tests := []struct {
		name string
		in   awslogs.DescribeMetricFiltersRequest
		want string
	}{
		{"no group", awslogs.DescribeMetricFiltersRequest{LogGroupName: new("none")}, noGroup},
		{"class", awslogs.DescribeMetricFiltersRequest{LogGroupName: new("rare")}, standardOnly},
		{"token", awslogs.DescribeMetricFiltersRequest{NextToken: new("xyz!")}, badToken},
		{"half a metric", awslogs.DescribeMetricFiltersRequest{MetricName: new("m")},
			"InvalidParameterException: metricName and metricNamespace must be specified together."},
	}
	for _, tc := range tests {
		_, err := f.DescribeMetricFilters(f.ctx, &tc.in)
		expectError(t, tc.name, err, tc.want)
	}
}

func TestPutMetricFilterErrors(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.createGroup("g")
	f.createRareGroup("rare")
	const wrong = "InvalidParameterException: Invalid metric transformation: "
	const text, json, space = "ERROR", "{ $.a = * }", "[a, b = 4*]"
	transform := func(edit func(*awslogs.MetricTransformation)) func(*awslogs.PutMetricFilterRequest) {
		return func(in *awslogs.PutMetricFilterRequest) { edit(&in.MetricTransformations[0]) }
	}
	dimensions := func(selectors ...string) func(*awslogs.PutMetricFilterRequest) {
		return transform(func(m *awslogs.MetricTransformation) {
			m.Dimensions = map[string]string{}
			for i, s := range selectors {
				m.Dimensions[fmt.Sprint("d", i)] = s
			}
		})
	}
	value := func(v string) func(*awslogs.PutMetricFilterRequest) {
		return transform(func(m *awslogs.MetricTransformation) { m.MetricValue = v })
	}
	tests := []struct {
		name, pattern string
		edit          func(*awslogs.PutMetricFilterRequest)
		want          string // "" if it is none
	}{
		{"no group", text, func(in *awslogs.PutMetricFilterRequest) { in.LogGroupName = "none" }, noGroup},
		{"class", text, func(in *awslogs.PutMetricFilterRequest) { in.LogGroupName = "rare" }, standardOnly},
		{"pattern", "{ $.a", func(*awslogs.PutMetricFilterRequest) {}, "InvalidParameterException: Invalid metric filter pattern"},
		{"term", "a b/c", func(*awslogs.PutMetricFilterRequest) {}, "InvalidParameterException: Invalid character(s) in term 'b/c'"},
		{"transformed", text, func(in *awslogs.PutMetricFilterRequest) { in.ApplyOnTransformedLogs = new(true) },
			"InvalidOperationException: applyOnTransformedLogs is valid only for log groups that have an active log transformer."},
		{"namespace of a service", text, transform(func(m *awslogs.MetricTransformation) { m.MetricNamespace = "AWS/ApiGateway" }),
			wrong + "metric namespace must not begin with AWS/"},
		{"dimensions of text", text, dimensions("$.a"), "InvalidParameterException: The specified filter pattern does not support dimensions"},
		{"dimensions of a regular expression", "%x%", dimensions("$.a"),
			"InvalidParameterException: The specified filter pattern does not support dimensions"},
		{"dimension", json, dimensions("$.a"), ""},
		{"dimension of another property", json, dimensions("$.b"), wrong + "dimension value must be valid selector"},
		{"dimension of a field", space, dimensions("$b"), ""},
		{"dimension that is a text", space, dimensions("b"), wrong + "dimension value must be valid selector"},
		{"three dimensions", space, dimensions("$a", "$b", "$a"), ""},
		{"four dimensions", space, dimensions("$a", "$b", "$a", "$b"), wrong + "a metric filter can have at most 3 dimensions"},
		{"three dimensions and a system field", space, func(in *awslogs.PutMetricFilterRequest) {
			dimensions("$a", "$b", "$a")(in)
			in.EmitSystemFieldDimensions = []string{"@aws.region"}
		}, wrong + "a metric filter can have at most 3 dimensions"},
		{"dimensions and default", space, func(in *awslogs.PutMetricFilterRequest) {
			dimensions("$a")(in)
			in.MetricTransformations[0].DefaultValue = new(1.0)
		}, wrong + "dimensions and default value are mutually exclusive properties"},
		{"default", text, transform(func(m *awslogs.MetricTransformation) { m.DefaultValue = new(math.Inf(1)) }),
			wrong + "default value must be a finite number"},
		{"fraction", text, value("-1.5e3"), ""},
		{"no number", text, value("length"), wrong + "metric value must be a valid number or selector"},
		{"infinite", text, value("Inf"), wrong + "metric value must be a valid number or selector"},
		{"selector in text", text, value("$.a"), wrong + "metric value must be a valid number or selector"},
		{"selector", json, value("$.other.bytes[0]"), ""},
		{"selector with a blank", json, value("$.a = 1 || $.b"), wrong + "metric value must be a valid number or selector"},
		{"selector with a wildcard", json, value("$.a[*]"), wrong + "metric value must be a valid number or selector"},
		{"field", space, value("$b"), ""},
		{"unknown field", space, value("$c"), wrong + "metric value must be a valid number or selector"},
		{"selection", text, func(in *awslogs.PutMetricFilterRequest) { in.FieldSelectionCriteria = new(`@x = "y"`) },
			"InvalidParameterException: Invalid fieldSelectionCriteria: unknown field @x, expected one of @aws.account, @aws.region"},
		{"system field", text, func(in *awslogs.PutMetricFilterRequest) { in.EmitSystemFieldDimensions = []string{"@message"} },
			"InvalidParameterException: Invalid system field: @message. Valid values are @aws.account and @aws.region, each at most once."},
	}
	for _, tc := range tests {
		in := metricFilter("g", "f", tc.pattern)
		tc.edit(in)
		err := f.PutMetricFilter(f.ctx, in)
		if tc.want != "" {
			expectError(t, tc.name, err, tc.want)
		} else if err != nil {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
}

func TestMetricFilterLimits(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.createGroup("g")
	for i := range 100 {
		f.must(f.PutMetricFilter(f.ctx, metricFilter("g", fmt.Sprint(i), "x")))
	}
	expectError(t, "101st", f.PutMetricFilter(f.ctx, metricFilter("g", "100", "x")), limitReached)
	f.must(f.PutMetricFilter(f.ctx, metricFilter("g", "99", "y")))
	if n := f.metricFilterCount("g"); n != 100 {
		t.Errorf("metricFilterCount = %d, want 100", n)
	}
}

// Five filters of a group may have regular expressions, metric and subscription filters together.
func TestRegexpLimit(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.createGroup("g")
	for i := range 4 {
		f.must(f.PutMetricFilter(f.ctx, metricFilter("g", fmt.Sprint(i), "%x%")))
	}
	f.must(f.PutSubscriptionFilter(f.ctx, subscriptionFilter("g", "0", "%x%")))
	expectError(t, "metric filter", f.PutMetricFilter(f.ctx, metricFilter("g", "4", "%x%")), limitReached)
	expectError(t, "subscription filter", f.PutSubscriptionFilter(f.ctx, subscriptionFilter("g", "1", "%x%")), limitReached)
	f.must(f.PutMetricFilter(f.ctx, metricFilter("g", "3", "%y%")))
	f.must(f.PutSubscriptionFilter(f.ctx, subscriptionFilter("g", "0", "%y%")))
	f.must(f.PutMetricFilter(f.ctx, metricFilter("g", "4", "y")))
}

func TestTestMetricFilter(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	const line = `127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534`
	tests := []struct {
		pattern  string
		messages []string
		want     string
	}{
		{"ERROR", []string{"ok", "an ERROR", "ERRORS"}, "1 an ERROR map[]; 2 ERRORS map[]"},
		{"", []string{"a"}, "0 a map[]"},
		{"{ $.a = 1 }", []string{`{"a":2}`, `{"a":1}`}, `1 {"a":1} map[]`},
		{"[ip, ..., status = 404, bytes]", []string{line}, "0 " + line + " map[$2:Prod $3:frank $4:10/Oct/2000:13:25:15 -0700 " +
			"$5:GET /index.html HTTP/1.0 $bytes:1534 $ip:127.0.0.1 $status:404]"},
		{"none", []string{"a"}, ""},
	}
	for _, tc := range tests {
		out, err := f.TestMetricFilter(f.ctx, &awslogs.TestMetricFilterRequest{FilterPattern: tc.pattern, LogEventMessages: tc.messages})
		f.must(err)
		var got []string
		for _, m := range out.Matches {
			got = append(got, fmt.Sprint(*m.EventNumber, " ", *m.EventMessage, " ", m.ExtractedValues))
		}
		if diff := cmp.Diff(tc.want, strings.Join(got, "; ")); diff != "" {
			t.Errorf("%s: %s", tc.pattern, diff)
		}
	}
	_, err := f.TestMetricFilter(f.ctx, &awslogs.TestMetricFilterRequest{FilterPattern: "[a, b", LogEventMessages: []string{"m"}})
	expectError(t, "pattern", err, "InvalidParameterException: Invalid metric filter pattern")
}
