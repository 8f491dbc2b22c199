package accesslog_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/tollbook/tollbook/accesslog"
)

var stageRecord = accesslog.Record{
	ResourceARN: "arn:aws:apigateway:us-east-1:123456789012:/restapis/a1b2c3d4e5/stages/prod",
	APIID:       "a1b2c3d4e5", Stage: "prod", ResourcePath: "/notes/{id}", HTTPMethod: "GET",
}

// delivered brings one line through a Writer.
func delivered(t *testing.T, d accesslog.Delivery, line string) string {
	t.Helper()
	r := &recorder{}
	w := accesslog.NewWriter(r, accesslog.Options{FlushInterval: time.Millisecond})
	var l accesslog.Lines
	l.Add(1700000000123, []byte(line))
	w.Sink(group).WriteRecords(accesslog.CompileDelivery(d), &stageRecord, "id", &l)
	if err := w.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := r.got[group]
	if len(got) != 1 || got[0].Timestamp != 1700000000123 || got[0].Stream != accesslog.StreamOf("id") {
		t.Fatalf("delivered %d lines", len(got))
	}
	return got[0].Message
}

func TestDelivery(t *testing.T) {
	t.Parallel()
	const line = "(id) Method request body: {\"a\": \"\\ä\"}\n\x01"
	for _, tt := range []struct {
		name string
		d    accesslog.Delivery
		want string
	}{
		{"classic", accesslog.Delivery{Plain: true, Fields: []string{"payload"}}, line},
		{
			"plain", accesslog.Delivery{Plain: true, Delimiter: " | ", Fields: []string{"http_method", "resource_path", "event_timestamp", "payload"}},
			"GET | /notes/{id} | 1700000000123 | " + line,
		},
		{"nothing between", accesslog.Delivery{Plain: true, Fields: []string{"api_id", "stage"}}, "a1b2c3d4e5prod"},
		{
			"all", accesslog.Delivery{Fields: accesslog.RecordFields()},
			`{"resource_arn":"arn:aws:apigateway:us-east-1:123456789012:/restapis/a1b2c3d4e5/stages/prod","event_timestamp":1700000000123,` +
				`"api_id":"a1b2c3d4e5","stage":"prod","resource_path":"/notes/{id}","http_method":"GET",` +
				`"payload":"(id) Method request body: {\"a\": \"\\ä\"}\n\u0001"}`,
		},
		{"time first", accesslog.Delivery{Fields: []string{"event_timestamp", "stage"}}, `{"event_timestamp":1700000000123,"stage":"prod"}`},
		{"time last", accesslog.Delivery{Fields: []string{"stage", "event_timestamp"}}, `{"stage":"prod","event_timestamp":1700000000123}`},
		{"unknown field", accesslog.Delivery{Fields: []string{"stage", "color"}}, `{"stage":"prod"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, delivered(t, tt.d, line)); diff != "" {
				t.Error(diff)
			}
		})
	}
	if got := delivered(t, accesslog.Delivery{}, line); got != delivered(t, accesslog.Delivery{Fields: accesslog.RecordFields()}, line) {
		t.Errorf("without fields: %s", got)
	}
}

// TestLongDelivery: what is too long for an event is cut in its text, so that it stays JSON.
func TestLongDelivery(t *testing.T) {
	t.Parallel()
	for _, unit := range []string{"x", `"`, "ä", "\x01", "a\n\"€"} {
		line := strings.Repeat(unit, 2<<20/len(unit))
		for _, d := range []accesslog.Delivery{{}, {Plain: true, Delimiter: ",", Fields: []string{"payload", "stage"}}} {
			got := delivered(t, d, line)
			if len(got) > accesslog.MaxDelivered || len(got) < accesslog.MaxDelivered-6 || !utf8.ValidString(got) {
				t.Errorf("%q, plain %v: %d bytes", unit, d.Plain, len(got))
			}
			payload, _, _ := strings.Cut(got, ",prod")
			if !d.Plain {
				var record struct{ Payload string }
				if err := json.Unmarshal([]byte(got), &record); err != nil {
					t.Errorf("%q: %v", unit, err)
				}
				payload = record.Payload
			}
			kept, ok := strings.CutSuffix(payload, " [TRUNCATED]")
			if !ok || !strings.HasPrefix(line, kept) {
				t.Errorf("%q, plain %v: ends in %q", unit, d.Plain, payload[len(payload)-20:])
			}
		}
	}
	exact := strings.Repeat("x", accesslog.MaxDelivered)
	if got := delivered(t, accesslog.Delivery{Plain: true, Fields: []string{"payload"}}, exact); got != exact {
		t.Errorf("%d bytes of %d", len(got), len(exact))
	}
}
