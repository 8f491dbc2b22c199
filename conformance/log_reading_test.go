package conformance_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

// TestFilterPatternsAndFields puts lines into a group and asks for them by patterns of each kind, and for its fields.
func TestFilterPatternsAndFields(t *testing.T) {
	t.Parallel()
	ctx, logs := logGroup(t, "lines")
	group, stream := aws.String("lines"), aws.String("s")
	must(logs.CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: group, LogStreamName: stream}))(t)
	lines := []string{
		`{"requestId":"0d2f5b9e-7c1a-4f6b-9a37-5b8f3a1c2d4e","status":"200","latency":12}`,
		`{"requestId":"1d2f5b9e-7c1a-4f6b-9a37-5b8f3a1c2d4e","status":"502","latency":431}`,
		`127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534`,
		`ERROR: out of patience`,
	}
	var events []types.InputLogEvent
	for i, line := range lines {
		events = append(events, types.InputLogEvent{Timestamp: aws.Int64(time.Now().UnixMilli() + int64(i)), Message: &line})
	}
	must(logs.PutLogEvents(ctx, &cloudwatchlogs.PutLogEventsInput{LogGroupName: group, LogStreamName: stream, LogEvents: events}))(t)
	for pattern, want := range map[string][]int{
		"": {0, 1, 2, 3}, "ERROR": {3}, "?ERROR ?frank": {2, 3}, "status -502": {0}, `"5b8f3a1c2d4e"`: {0, 1},
		`{ $.status = 5* && $.latency > 400 }`: {1}, `{ $.requestId = "0d2f5b9e-7c1a-4f6b-9a37-5b8f3a1c2d4e" }`: {0},
		`[ip, id, user, time, request, status = 4*, bytes]`: {2}, `%GET /index%`: {2},
	} {
		out, err := logs.FilterLogEvents(ctx, &cloudwatchlogs.FilterLogEventsInput{LogGroupName: group, FilterPattern: &pattern})
		if err != nil {
			t.Errorf("%s: %v", pattern, err)
			continue
		}
		var got []int
		for _, e := range out.Events {
			got = append(got, slices.Index(lines, *e.Message))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: lines %v, want %v", pattern, got, want)
		}
	}
	for _, pattern := range []string{"{ $.status = }", "GET /", `%"GET%`, "[a, b"} {
		_, err := logs.FilterLogEvents(ctx, &cloudwatchlogs.FilterLogEventsInput{LogGroupName: group, FilterPattern: &pattern})
		if err == nil || !strings.Contains(err.Error(), "InvalidParameterException") {
			t.Errorf("%s: %v", pattern, err)
		}
	}
	fields := must(logs.GetLogGroupFields(ctx, &cloudwatchlogs.GetLogGroupFieldsInput{LogGroupName: group}))(t)
	percent := map[string]int32{}
	for _, f := range fields.LogGroupFields {
		percent[*f.Name] = f.Percent
	}
	if percent["@message"] != 100 || percent["status"] != 50 || percent["latency"] != 50 {
		t.Errorf("fields: %v", percent)
	}
	_, err := logs.GetLogRecord(ctx, &cloudwatchlogs.GetLogRecordInput{LogRecordPointer: aws.String("CmEKJgoiNjY3")})
	if err == nil || !strings.Contains(err.Error(), "InvalidParameterException") {
		t.Errorf("an unknown pointer: %v", err)
	}
}
