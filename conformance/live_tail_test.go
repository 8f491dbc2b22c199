package conformance_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

func (p *product) streaming() *cloudwatchlogs.Client {
	return cloudwatchlogs.NewFromConfig(p.StreamingConfig())
}

// tailed starts a session, which has begun when it returns.
func tailed(t *testing.T, p *product, in *cloudwatchlogs.StartLiveTailInput) *cloudwatchlogs.StartLiveTailEventStream {
	t.Helper()
	stream := must(p.streaming().StartLiveTail(t.Context(), in))(t).GetStream()
	t.Cleanup(func() { _ = stream.Close() })
	first, ok := (<-stream.Events()).(*types.StartLiveTailResponseStreamMemberSessionStart)
	if !ok || aws.ToString(first.Value.SessionId) == "" || len(first.Value.LogGroupIdentifiers) != len(in.LogGroupIdentifiers) {
		t.Fatalf("the session begins with %+v (%v)", first, stream.Err())
	}
	return stream
}

// nextResults returns the events of the next update that has any.
func nextResults(t *testing.T, stream *cloudwatchlogs.StartLiveTailEventStream) []types.LiveTailSessionLogEvent {
	t.Helper()
	for event := range stream.Events() {
		if u, ok := event.(*types.StartLiveTailResponseStreamMemberSessionUpdate); ok && len(u.Value.SessionResults) > 0 {
			return u.Value.SessionResults
		}
	}
	t.Fatalf("the session ended: %v", stream.Err())
	return nil
}

// A request to the gateway is in the client's hands a moment later.
func TestLiveTailOfTheGateway(t *testing.T) {
	t.Parallel()
	p, upstream := start(t, t.TempDir()), notesService(t)
	enableAccountRole(t, p)
	api := notesAPI(t, p, upstream.URL)
	deploy(t, p, api, "prod")
	if err := setAccessLogs(t.Context(), p, api, "prod", groupARN(api, "prod"), guideFormat); err != nil {
		t.Fatal(err)
	}
	stream := tailed(t, p, &cloudwatchlogs.StartLiveTailInput{LogGroupIdentifiers: []string{groupARN(api, "prod")}})
	var took []time.Duration
	for range 5 {
		a := request(t, "GET", p.Gateway+"/"+api+"/prod/notes/1", "")
		begin := time.Now()
		results := nextResults(t, stream)
		took = append(took, time.Since(begin))
		if a.status != 200 || len(results) != 1 || !strings.Contains(aws.ToString(results[0].Message), `"status":"200"`) ||
			aws.ToString(results[0].LogGroupIdentifier) != groupARN(api, "prod") || aws.ToString(results[0].LogStreamName) == "" {
			t.Errorf("request %d, update %+v", a.status, results)
		}
	}
	t.Logf("from answer to update: %v", took)
}

func TestLiveTailOfStreams(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir())
	logs := p.logs()
	group := aws.String("g")
	must(logs.CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: group}))(t)
	put := func(stream string, messages ...string) {
		t.Helper()
		var events []types.InputLogEvent
		for _, m := range messages {
			events = append(events, types.InputLogEvent{Timestamp: aws.Int64(time.Now().UnixMilli()), Message: &m})
		}
		must(logs.PutLogEvents(t.Context(), &cloudwatchlogs.PutLogEventsInput{LogGroupName: group, LogStreamName: &stream, LogEvents: events}))(t)
	}
	for _, stream := range []string{"a1", "b1"} {
		must(logs.CreateLogStream(t.Context(), &cloudwatchlogs.CreateLogStreamInput{LogGroupName: group, LogStreamName: &stream}))(t)
	}
	arn := "arn:aws:logs:us-east-1:000000000000:log-group:g"
	stream := tailed(t, p, &cloudwatchlogs.StartLiveTailInput{
		LogGroupIdentifiers: []string{arn}, LogStreamNamePrefixes: []string{"a"}, LogEventFilterPattern: aws.String("ERROR"),
	})
	put("b1", "ERROR elsewhere")
	put("a1", "fine", "ERROR here")
	if results := nextResults(t, stream); len(results) != 1 || *results[0].Message != "ERROR here" || *results[0].LogStreamName != "a1" {
		t.Errorf("%+v", results)
	}
	must(logs.DeleteLogGroup(t.Context(), &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: group}))(t)
	for range stream.Events() { // empty updates
	}
	if err := stream.Err(); err == nil || !strings.Contains(err.Error(), "SessionStreamingException") {
		t.Errorf("the session of a group that was deleted: %v", err)
	}
	_, err := p.streaming().StartLiveTail(t.Context(), &cloudwatchlogs.StartLiveTailInput{LogGroupIdentifiers: []string{arn}})
	refused(t, err, "ResourceNotFoundException", "The specified log group does not exist.")
}

// A server that stops does not wait for live tails.
func TestStopEndsLiveTails(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir())
	must(p.logs().CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String("g")}))(t)
	tailed(t, p, &cloudwatchlogs.StartLiveTailInput{LogGroupIdentifiers: []string{"arn:aws:logs:us-east-1:000000000000:log-group:g"}})
	begin := time.Now()
	if err := p.Stop(); err != nil || time.Since(begin) > 8*time.Second {
		t.Errorf("stop: %v after %v", err, time.Since(begin))
	}
}

func TestBoto3LiveTail(t *testing.T) {
	t.Parallel()
	if _, err := run(t, nil, "python3", "-c", "import boto3"); err != nil {
		t.Skip("boto3 is not installed")
	}
	p := start(t, t.TempDir())
	out, err := run(t, append(p.env(t), "AWS_DISABLE_HOST_PREFIX_INJECTION=true"), "python3", "testdata/live_tail.py")
	if err != nil || !strings.Contains(out, "PASS") {
		t.Fatalf("%v\n%s", err, out)
	}
}

// A subscription filter with a URL posts AWS' payloads there, and goes on after the process was killed.
func TestSubscriptionToHTTP(t *testing.T) {
	t.Parallel()
	messages := make(chan string, 100)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		for _, m := range payloadMessages(t, r.Body) {
			messages <- m
		}
	}))
	defer receiver.Close()
	dir := t.TempDir()
	p := start(t, dir)
	group, stream := aws.String("g"), aws.String("s")
	must(p.logs().CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: group}))(t)
	must(p.logs().CreateLogStream(t.Context(), &cloudwatchlogs.CreateLogStreamInput{LogGroupName: group, LogStreamName: stream}))(t)
	subscribe := func(to string) error {
		_, err := p.logs().PutSubscriptionFilter(t.Context(), &cloudwatchlogs.PutSubscriptionFilterInput{
			LogGroupName: group, FilterName: aws.String("f"), FilterPattern: aws.String("-secret"), DestinationArn: &to,
		})
		return err
	}
	refused(t, subscribe("http://127.0.0.1:1/"), "InvalidParameterException", "Could not deliver test message to specified destination.")
	if err := subscribe(receiver.URL); err != nil {
		t.Fatal(err)
	}
	put := func(message string) {
		t.Helper()
		must(p.logs().PutLogEvents(t.Context(), &cloudwatchlogs.PutLogEventsInput{
			LogGroupName: group, LogStreamName: stream,
			LogEvents: []types.InputLogEvent{{Timestamp: aws.Int64(time.Now().UnixMilli()), Message: &message}},
		}))(t)
	}
	await := func(want string) {
		t.Helper()
		for {
			select {
			case got := <-messages:
				if got == want {
					return
				} else if strings.Contains(got, "secret") {
					t.Errorf("%s was delivered", got)
				}
			case <-time.After(20 * time.Second):
				t.Fatalf("%s is not delivered", want)
			}
		}
	}
	await("CWL CONTROL MESSAGE: Checking health of destination HTTP.")
	put("a secret")
	put("first")
	await("first")
	put("second")
	p.Kill()
	p = start(t, dir)
	await("second")
	put("third")
	await("third")
}

func payloadMessages(t *testing.T, body io.Reader) (messages []string) {
	t.Helper()
	text, err := io.ReadAll(body)
	if err != nil {
		t.Error(err)
		return nil
	}
	var payload struct {
		LogEvents []struct{ Message string }
	}
	z, err := gzip.NewReader(bytes.NewReader(text))
	if err == nil {
		err = json.NewDecoder(z).Decode(&payload)
	}
	if err != nil {
		t.Error(err)
	}
	for _, e := range payload.LogEvents {
		messages = append(messages, e.Message)
	}
	return messages
}
