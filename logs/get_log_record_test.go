package logs_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tollbook/tollbook/awsapi/awslogs"
)

const unknownRecord = "InvalidParameterException: The specified log record pointer is invalid."

func TestGetLogRecord(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.createGroup("g")
	f.createStream("g", "s")
	many := make([]string, 300)
	for i := range many {
		many[i] = fmt.Sprintf(`"f%d":%d`, i, i)
	}
	tests := []struct {
		message string
		fields  map[string]string
	}{
		{"plain text", nil},
		{`{"status":"200","ms":12.50,"ok":true,"no":false,"none":null,"@own":"x"}`,
			map[string]string{"status": "200", "ms": "12.50", "ok": "1", "no": "0", "@@own": "x"}},
		{`{"a":{"b":[{"c":"\u00e9"},2]},"empty":{},"list":[]}`, map[string]string{"a.b.0.c": "é", "a.b.1": "2"}},
		{`START {"first":1} {"second":2}`, map[string]string{"first": "1"}},
		{`{"broken":1`, nil},
		{"START RequestId: r1 Version: 1", map[string]string{"@requestId": "r1", "@type": "START"}},
		{"2 123456789010 eni-1 - - - - - - - 1431280876 1431280934 - NODATA", map[string]string{
			"version": "2", "accountId": "123456789010", "interfaceId": "eni-1", "startTime": "1431280876", "endTime": "1431280934", "logStatus": "NODATA",
		}},
		{"{" + strings.Join(many, ",") + "}", first200(many)},
	}
	for i, tc := range tests {
		f.clock.Add(1)
		f.put("g", "s", event(int64(i), tc.message))
		pointer, err := f.PointerTo(f.ctx, "g", tc.message)
		f.must(err)
		out, err := f.GetLogRecord(f.ctx, &awslogs.GetLogRecordRequest{LogRecordPointer: pointer})
		f.must(err)
		want := map[string]string{
			"@message": tc.message, "@timestamp": strconv.FormatInt(start+int64(i), 10), "@ptr": pointer,
			"@ingestionTime": strconv.FormatInt(f.clock.Load(), 10), "@log": account + ":g", "@logStream": "s",
		}
		for name, value := range tc.fields {
			want[name] = value
		}
		if diff := cmp.Diff(want, out.LogRecord); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.message, diff)
		}
	}
}

func first200(fields []string) map[string]string {
	found := map[string]string{}
	for i := range fields[:200] {
		found[fmt.Sprintf("f%d", i)] = strconv.Itoa(i)
	}
	return found
}

func TestGetLogRecordUnknown(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.createGroup("g")
	f.createStream("g", "s")
	f.put("g", "s", event(0, "m"))
	pointer, err := f.PointerTo(f.ctx, "g", "m")
	f.must(err)
	expect := func(name, pointer string) {
		t.Helper()
		_, err := f.GetLogRecord(f.ctx, &awslogs.GetLogRecordRequest{LogRecordPointer: pointer})
		expectError(t, name, err, unknownRecord)
	}
	expect("empty", "")
	expect("no pointer", "CmEKJgoiNjY3")
	expect("cut", pointer[:len(pointer)-4])
	own := f.ctx
	f.ctx = callerIn(t.Context(), "222222222222", region)
	expect("of another account", pointer)
	f.ctx = callerIn(t.Context(), account, "eu-west-1")
	expect("of another region", pointer)
	f.ctx = own
	f.must(f.PutRetentionPolicy(f.ctx, &awslogs.PutRetentionPolicyRequest{LogGroupName: "g", RetentionInDays: 1}))
	f.clock.Add(2 * day)
	expect("expired", pointer)
	f.must(f.DeleteRetentionPolicy(f.ctx, &awslogs.DeleteRetentionPolicyRequest{LogGroupName: "g"}))
	f.must(f.DeleteLogStream(f.ctx, &awslogs.DeleteLogStreamRequest{LogGroupName: "g", LogStreamName: "s"}))
	expect("of a stream that is gone", pointer)
	f.must(f.DeleteLogGroup(f.ctx, &awslogs.DeleteLogGroupRequest{LogGroupName: "g"}))
	expect("of a group that is gone", pointer)
}

// TestLooseFields asks for the fields of messages that are no JSON objects, of which only some are read.
func TestLooseFields(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.createGroup("g")
	f.createStream("g", "s")
	events := make([]awslogs.InputLogEvent, 4000)
	for i := range events {
		events[i] = event(int64(i), []string{
			`{"bytes":1}`, "2 1 eni-1 10.0.0.1 10.0.0.2 1 2 6 20 4249 1 2 ACCEPT OK", `INFO {"bytes":2,"a":1}`, "text",
		}[i%4])
	}
	f.put("g", "s", events...)
	f.clock.Add(5000)
	out, err := f.GetLogGroupFields(f.ctx, &awslogs.GetLogGroupFieldsRequest{LogGroupName: new("g")})
	f.must(err)
	got := map[string]int32{}
	for _, l := range out.LogGroupFields {
		got[*l.Name] = *l.Percent
	}
	if got["bytes"] != 75 || got["a"] != 25 || got["srcAddr"] != 25 || len(got) != 5+15 {
		t.Errorf("fields %v", got)
	}
}

func TestGetLogGroupFields(t *testing.T) {
	t.Parallel()
	const minute = 60 * 1000
	f := newFixture(t)
	f.createGroup("g")
	f.createStream("g", "s")
	fields := func(in awslogs.GetLogGroupFieldsRequest) []string {
		t.Helper()
		in.LogGroupName = new("g")
		out, err := f.GetLogGroupFields(f.ctx, &in)
		f.must(err)
		names := []string{}
		for _, l := range out.LogGroupFields {
			names = append(names, fmt.Sprintf("%s %d", *l.Name, *l.Percent))
		}
		return names
	}
	if got := fields(awslogs.GetLogGroupFieldsRequest{}); len(got) != 0 {
		t.Errorf("an empty group has the fields %v", got)
	}
	f.put("g", "s", event(-40*minute, `{"old":1}`), event(-16*minute, `{"older":1}`), event(-15*minute, `{"status":"200","a":{"b":1}}`),
		event(-8*minute, `{"status":"404","@x":1}`), event(0, "text"))
	system := []string{"@ingestionTime 100", "@log 100", "@logStream 100", "@message 100", "@timestamp 100"}
	want := append(system, "status 67", "@@x 33", "a.b 33")
	if diff := cmp.Diff(want, fields(awslogs.GetLogGroupFieldsRequest{})); diff != "" {
		t.Errorf("the last 15 minutes (-want +got):\n%s", diff)
	}
	want = append(system, "old 100")
	at := (start - 40*minute) / 1000
	for _, seconds := range []int64{at, at - 7*60, at + 7*60} {
		if diff := cmp.Diff(want, fields(awslogs.GetLogGroupFieldsRequest{Time: &seconds})); diff != "" {
			t.Errorf("around %d (-want +got):\n%s", seconds, diff)
		}
	}
	if got := fields(awslogs.GetLogGroupFieldsRequest{Time: new(at + 9*60)}); len(got) != 0 {
		t.Errorf("9 minutes later there are the fields %v", got)
	}
	_, err := f.GetLogGroupFields(f.ctx, &awslogs.GetLogGroupFieldsRequest{LogGroupName: new("none")})
	expectError(t, "no group", err, noGroup)
}
