package awswire_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/tollbook/tollbook/awsapi/awslogs"
	"github.com/tollbook/tollbook/awswire"
)

// tails is a log service whose live tail is a function.
type tails struct {
	awslogs.Service
	tail func(ctx context.Context, send func(*awslogs.StartLiveTailResponseStream) error) error
}

func (f tails) StartLiveTail(
	ctx context.Context, _ *awslogs.StartLiveTailRequest, send func(*awslogs.StartLiveTailResponseStream) error,
) error {
	return f.tail(ctx, send)
}

// serveTail serves f over HTTP until the test ends, and streams until serving ends.
func serveTail(t *testing.T, serving context.Context, f tails) *httptest.Server {
	t.Helper()
	srv := httptest.NewServer(awswire.New(awswire.Options{
		Auth: awswire.AnyKey{}, Log: slog.New(slog.DiscardHandler), Serving: serving,
	}, awslogs.Operations(f)))
	t.Cleanup(srv.Close)
	return srv
}

func startTail(t *testing.T, ctx context.Context, url string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, "POST", url, strings.NewReader(`{"logGroupIdentifiers":["arn:aws:logs:eu-west-1:1:log-group:g"]}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Amz-Target", "Logs_20140328.StartLiveTail")
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AK/20260801/eu-west-1/logs/aws4_request, SignedHeaders=host, Signature=00")
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(r) // the default one loses connections when any test server closes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	return resp
}

func nextType(t *testing.T, body io.Reader) string {
	t.Helper()
	m, err := eventstream.NewDecoder().Decode(body, nil)
	if err != nil {
		t.Fatal(err)
	}
	return m.Headers.Get(":event-type").String()
}

func sessionStart(id string) *awslogs.StartLiveTailResponseStream {
	return &awslogs.StartLiveTailResponseStream{SessionStart: &awslogs.LiveTailSessionStart{SessionId: &id}}
}

// TestStreamEnds sees each message at once, and the operation end with its client and with the server.
func TestStreamEnds(t *testing.T) {
	t.Parallel()
	for _, who := range []string{"client", "server"} {
		t.Run(who, func(t *testing.T) {
			t.Parallel()
			ended := make(chan error, 1)
			serving, stop := context.WithCancel(t.Context())
			defer stop()
			srv := serveTail(t, serving, tails{tail: func(ctx context.Context, send func(*awslogs.StartLiveTailResponseStream) error) error {
				err := send(sessionStart("s"))
				<-ctx.Done()
				ended <- errors.Join(err, send(sessionStart("late")))
				return ctx.Err()
			}})
			ctx, leave := context.WithCancel(t.Context())
			defer leave()
			resp := startTail(t, ctx, srv.URL)
			if a, b := nextType(t, resp.Body), nextType(t, resp.Body); a != "initial-response" || b != "sessionStart" {
				t.Fatalf("messages %s, %s", a, b)
			}
			if who == "client" {
				leave()
			} else {
				stop()
				if rest, err := io.ReadAll(resp.Body); err != nil || len(rest) > 0 {
					t.Errorf("after the stop: %q, %v", rest, err)
				}
			}
			if err := <-ended; !errors.Is(err, context.Canceled) {
				t.Errorf("a late event: %v", err)
			}
		})
	}
}

func TestStreamPanicIsCutOff(t *testing.T) {
	t.Parallel()
	srv := serveTail(t, t.Context(), tails{tail: func(_ context.Context, send func(*awslogs.StartLiveTailResponseStream) error) error {
		if err := send(sessionStart("s")); err != nil {
			return err
		}
		panic("asked for")
	}})
	if _, err := io.ReadAll(startTail(t, t.Context(), srv.URL).Body); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("read to its end: %v", err)
	}
}

// TestSDKReadsStream has AWS' SDK read events and the exception that ends them.
func TestSDKReadsStream(t *testing.T) {
	t.Parallel()
	srv := serveTail(t, t.Context(), tails{tail: func(_ context.Context, send func(*awslogs.StartLiveTailResponseStream) error) error {
		update := &awslogs.LiveTailSessionUpdate{SessionResults: []awslogs.LiveTailSessionLogEvent{{Message: new("hello")}}}
		err := errors.Join(send(sessionStart("s")), send(&awslogs.StartLiveTailResponseStream{SessionUpdate: update}))
		return errors.Join(err, awslogs.SessionTimeoutException("three hours are over"))
	}})
	dial := func(ctx context.Context, network, _ string) (net.Conn, error) { // the SDK asks for stream-127.0.0.1
		return new(net.Dialer).DialContext(ctx, network, srv.Listener.Addr().String())
	}
	client := cloudwatchlogs.New(cloudwatchlogs.Options{
		Region: "eu-west-1", BaseEndpoint: &srv.URL, Credentials: credentials.NewStaticCredentialsProvider("AK", "secret", ""),
		HTTPClient: &http.Client{Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}},
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	out, err := client.StartLiveTail(ctx, &cloudwatchlogs.StartLiveTailInput{LogGroupIdentifiers: []string{"arn:aws:logs:eu-west-1:1:log-group:g"}})
	if err != nil {
		t.Fatal(err)
	}
	stream := out.GetStream()
	defer stream.Close()
	var got []string
	for event := range stream.Events() {
		switch e := event.(type) {
		case *types.StartLiveTailResponseStreamMemberSessionStart:
			got = append(got, "start "+aws.ToString(e.Value.SessionId))
		case *types.StartLiveTailResponseStreamMemberSessionUpdate:
			got = append(got, "update "+aws.ToString(e.Value.SessionResults[0].Message))
		}
	}
	var timeout *types.SessionTimeoutException
	if s := strings.Join(got, ", "); s != "start s, update hello" || !errors.As(stream.Err(), &timeout) {
		t.Errorf("got %s, then %v", s, stream.Err())
	}
}
