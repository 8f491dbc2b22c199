package gateway_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/tollbook/tollbook/accesslog"
	"github.com/tollbook/tollbook/gateway"
)

// deliveredStage is a traced stage whose execution log is delivered to the groups json, plain and classic.
func deliveredStage() gateway.Stage {
	to := func(group string) accesslog.Destination {
		return accesslog.Destination{AccountID: "123456789012", Region: "us-east-1", Group: group}
	}
	stage := stageOf(mock("ANY", "/notes/{id}", `{"id": 7}`), mock("GET", "/quiet", "{}"))
	stage.Routes[0].Settings = gateway.MethodSettings{LoggingLevel: "INFO", DataTrace: true}
	stage.Deliveries = []accesslog.Delivery{
		{Destination: to("json"), Fields: accesslog.RecordFields()},
		{Destination: to("plain"), Plain: true, Delimiter: "\t", Fields: []string{"http_method", "resource_path", "payload"}},
		{Destination: to("classic"), Plain: true, Fields: []string{"payload"}},
	}
	return stage
}

var (
	eventTimestamp = regexp.MustCompile(`"event_timestamp":1[0-9]{12},`)
	requestHeaders = regexp.MustCompile(`Method request headers: \{.*\}`) // of whatever client and proxies add
)

// TestDeliveredExecutionLog writes down what a request leaves in each group.
func TestDeliveredExecutionLog(t *testing.T) {
	t.Parallel()
	b := start(t, deliveredStage())
	b.do("POST", "/prod/notes/7?x=1", "one\n\"two\" "+strings.Repeat("é", 600), "Authorization", "Bearer abcdefghijkl")
	b.do("GET", "/prod/quiet", "")
	if got := b.lines(executionGroup); got != nil {
		t.Errorf("in the stage's own group: %q", got)
	}
	var out strings.Builder
	for _, group := range []string{"json", "plain", "classic"} {
		fmt.Fprintf(&out, "== %s\n", group)
		for _, line := range b.lines(group) {
			if group == "json" && !eventTimestamp.MatchString(line) {
				t.Errorf("no time: %s", line)
			}
			line = requestHeaders.ReplaceAllString(line, "Method request headers: {HEADERS}")
			line = eventTimestamp.ReplaceAllString(line, `"event_timestamp":TIME,`)
			fmt.Fprintln(&out, strings.ReplaceAll(maskExecution(line), "\t", "⇥"))
		}
	}
	compareGolden(t, "testdata/execution/delivered.golden", out.String())
}

// TestLongDeliveredLines: a body is there as a whole, up to the size of an event.
func TestLongDeliveredLines(t *testing.T) {
	t.Parallel()
	b := start(t, deliveredStage())
	whole, huge := strings.Repeat(`"a" `, 200_000), strings.Repeat(`"a" `, 500_000)
	b.do("POST", "/prod/notes/7", whole)
	b.do("POST", "/prod/notes/7", huge)
	const before = "Method request body before transformations: "
	var lengths []int
	for _, line := range b.lines("classic") {
		if _, body, ok := strings.Cut(line, before); ok {
			lengths = append(lengths, len(body))
			if kept, cut := strings.CutSuffix(body, " [TRUNCATED]"); !strings.HasPrefix(huge, kept) || cut != (len(lengths) == 2) {
				t.Errorf("body of %d bytes, cut %v", len(body), cut)
			}
		}
	}
	if len(lengths) != 2 || lengths[0] != len(whole) || lengths[1] < 1<<20-500 || lengths[1] > accesslog.MaxDelivered {
		t.Errorf("bodies of %d bytes", lengths)
	}
	bodies := 0
	for _, line := range b.lines("json") {
		var record struct{ Payload string }
		if err := json.Unmarshal([]byte(line), &record); err != nil || len(line) > accesslog.MaxDelivered {
			t.Fatalf("%d bytes: %v", len(line), err)
		}
		if _, body, ok := strings.Cut(record.Payload, before); ok && strings.HasSuffix(body, " [TRUNCATED]") && len(line) > accesslog.MaxDelivered-8 {
			bodies++
		}
	}
	if bodies != 2 { // quotation marks take two bytes
		t.Errorf("%d cut bodies", bodies)
	}
}

// TestDeliveriesChange: a new table takes effect with the next request, for a canary's requests as well.
func TestDeliveriesChange(t *testing.T) {
	t.Parallel()
	stage := deliveredStage()
	own := stage
	own.Deliveries = nil
	b := start(t, own)
	b.do("GET", "/prod/notes/1", "")
	b.set(stage)
	b.do("GET", "/prod/notes/2", "")
	canary := stage
	stage.Canary = &gateway.Canary{Percent: 100, Stage: canary}
	b.set(stage)
	b.do("GET", "/prod/notes/3", "")
	b.set(own)
	b.do("GET", "/prod/notes/4", "")
	count := func(group, path string) int {
		return strings.Count(strings.Join(b.lines(group), "\n"), "HTTP Method: GET, Resource Path: "+path)
	}
	for path, delivered := range map[string]int{"/notes/1": 0, "/notes/2": 1, "/notes/3": 1, "/notes/4": 0} {
		if count("classic", path) != delivered || count("json", path) != delivered || count(executionGroup, path) != 1-delivered ||
			count(executionGroup+"/Canary", path) != 0 {
			t.Errorf("%s: %d delivered, %d in the stage's group", path, count("classic", path), count(executionGroup, path))
		}
	}
}

// BenchmarkDeliveredExecutionLog is the trace case of BenchmarkExecutionLog with its lines delivered as JSON.
func BenchmarkDeliveredExecutionLog(b *testing.B) {
	stage := stageOf(mock("GET", "/notes/{id}", `{"id":7}`))
	stage.Routes[0].Settings = gateway.MethodSettings{LoggingLevel: "INFO", DataTrace: true}
	stage.Deliveries = deliveredStage().Deliveries[:1]
	benchmarkStage(b, stage, "GET /prod/notes/7 HTTP/1.1\r\nHost: a1b2c3d4e5.execute-api.localhost\r\nUser-Agent: bench\r\n\r\n")
}
