package cli

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/tollbook/tollbook/accesslog"
)

const tracedID = "1aa0d9a8-3a34-4b68-9d6c-2f6f2b0a9a8e"

func stageWith(api, stage, format string) stageOfAPI {
	return stageOfAPI{types.Stage{
		StageName: &stage,
		AccessLogSettings: &types.AccessLogSettings{
			DestinationArn: aws.String("arn:aws:logs:us-east-1:000000000000:log-group:shared"), Format: &format,
		},
	}, api, "notes"}
}

func hitOf(group string, timestamp int64, message string) hit {
	return hit{group: group, event: logtypes.FilteredLogEvent{LogStreamName: aws.String("s"), Timestamp: &timestamp, Message: &message}}
}

// told is the story of events, without what only a server knows.
func told(t *testing.T, stages []stageOfAPI, entries, executions []hit) string {
	t.Helper()
	s := &story{RequestID: tracedID}
	s.takeEntry(entries, stages)
	s.takeExecution(executions, stages)
	if err := (&storySearch{}).addMetrics(context.Background(), s); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := s.print(&out, "text"); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestStory(t *testing.T) {
	t.Parallel()
	const at = 1713481524_000
	clf := accesslog.Predefined("clf")
	entry := `203.0.113.7 - - [18/Apr/2024:23:05:24 +0000]"GET /pets HTTP/1.1" 404 26 ` + tracedID + ` Vts2fFmArPEFh8g=`
	execution := []hit{
		hitOf(executionPrefix+"other/prod", at, "("+tracedID+") of another API"),
		hitOf(executionPrefix+"api1/prod", at+1, "("+tracedID+") Extended Request Id: x"),
		hitOf(executionPrefix+"api1/prod", at+2, "(another) Endpoint request headers: {X="+tracedID+"}"),
		hitOf(executionPrefix+"api1/prod", at+40, "("+tracedID+") Received response. Status: 404, Integration latency: 38 ms"),
		hitOf(executionPrefix+"api1/prod", at+41, "("+tracedID+") Method completed with status: 404"),
	}
	for _, tt := range []struct {
		name                string
		stages              []stageOfAPI
		entries, executions []hit
		want                []string
		not                 string
	}{
		{
			name: "common log format", stages: []stageOfAPI{stageWith("api1", "beta", `{"id":"$context.requestId"}`), stageWith("api1", "prod", clf)},
			entries: []hit{hitOf("shared", at+41, entry)}, executions: execution,
			want: []string{"GET /pets  404\n", "API notes (api1), stage prod\n", "    +0 ms  execution  Extended Request Id: x\n", "   +39 ms  execution  Received response.",
				"   +40 ms  access     answered 404, 26 bytes; the back end took 38 ms\n", "ApiName=notes, Stage=prod\n",
				"as Count 1, 4XXError 1, 5XXError 0, IntegrationLatency 38\n", "minute 2024-04-18T23:05Z\n"},
			not: "another",
		},
		{
			name: "execution log only", stages: []stageOfAPI{stageWith("api1", "prod", clf)}, executions: execution[1:],
			want: []string{"request " + tracedID + "  404\n", "no access log entry found\n", "API notes (api1), stage prod\n", "as Count 1, 4XXError 1"},
		},
		{
			name:    "two stages of one format",
			stages:  []stageOfAPI{stageWith("api1", "beta", "$context.stage $context.requestId $context.status"), stageWith("api1", "prod", "$context.stage $context.requestId $context.status")},
			entries: []hit{hitOf("shared", at, "prod "+tracedID+" 500")},
			want:    []string{"stage prod\n", "5XXError 1"},
		},
		{
			name:    "a stage that is gone, and an entry that only mentions the ID",
			entries: []hit{hitOf("old", at, `{"requestId":"x","userAgent":"`+tracedID+`"}`), hitOf("old", at, fmt.Sprintf(`{"requestId":%q,"status":200,"ip":"-"}`, tracedID))},
			want:    []string{"  200\n", `{"requestId":"` + tracedID},
			not:     "counted in",
		},
	} {
		got := told(t, tt.stages, tt.entries, tt.executions)
		for _, want := range tt.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: no %q in\n%s", tt.name, want, got)
			}
		}
		if tt.not != "" && strings.Contains(got, tt.not) {
			t.Errorf("%s: %q in\n%s", tt.name, tt.not, got)
		}
	}
}

func TestMethodMetrics(t *testing.T) {
	t.Parallel()
	s := stageOfAPI{Stage: types.Stage{MethodSettings: map[string]types.MethodSetting{
		"*/*": {MetricsEnabled: true}, "~1/GET": {}, "a~1b/GET": {}, "c/POST": {},
	}}}
	for key, want := range map[[2]string]bool{{"/", "GET"}: false, {"/a/b", "GET"}: false, {"/a/b", "POST"}: true, {"/c", "POST"}: false, {"/", "ANY"}: true} {
		if got := s.metrics(key[0], key[1]); got != want {
			t.Errorf("%v: %v", key, got)
		}
	}
}
