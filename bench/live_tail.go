package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	agtypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/valyala/fasthttp"

	"github.com/tollbook/tollbook/internal/testkit"
)

// tailRate is how many requests a second the table sends, and tailSenders on how many connections.
const (
	tailRate    = 10_000
	tailSenders = 32
)

// liveTailTable measures how long after a request its entry is in a client's hands that follows the stage's log group by
// StartLiveTail. The time of a request is the timestamp of its entry, so both ends have the same clock. Requests come at a
// fixed rate, from this process too.
func liveTailTable(s settings) error {
	t, stop, err := startTollbook(s.binary)
	if err != nil {
		return err
	}
	defer stop()
	api, err := mockAPI(t)
	if err != nil {
		return err
	}
	if err := enableAccessLogs(s.binary, t, api, "logged"); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	tail, err := startTail(ctx, t, api)
	if err != nil {
		return err
	}
	sent, took := sendAt(t.Gateway+"/"+api+"/logged/x", s.duration)
	tail.await(sent)
	tail.print(sent, took)
	return nil
}

// mockAPI makes an API that answers by itself, deployed as the stage "logged".
func mockAPI(t *testkit.Server) (id string, err error) {
	ctx, c := context.Background(), apigateway.NewFromConfig(t.AWSConfig())
	api, err := c.CreateRestApi(ctx, &apigateway.CreateRestApiInput{Name: aws.String("tailed")})
	if err != nil {
		return "", err
	}
	resources, err := c.GetResources(ctx, &apigateway.GetResourcesInput{RestApiId: api.Id})
	if err != nil {
		return "", err
	}
	x, err := c.CreateResource(ctx, &apigateway.CreateResourceInput{RestApiId: api.Id, ParentId: resources.Items[0].Id, PathPart: aws.String("x")})
	if err != nil {
		return "", err
	}
	get := aws.String("GET")
	if _, err = c.PutMethod(ctx, &apigateway.PutMethodInput{RestApiId: api.Id, ResourceId: x.Id, HttpMethod: get, AuthorizationType: aws.String("NONE")}); err != nil {
		return "", err
	}
	if _, err = c.PutMethodResponse(ctx, &apigateway.PutMethodResponseInput{RestApiId: api.Id, ResourceId: x.Id, HttpMethod: get, StatusCode: aws.String("200")}); err != nil {
		return "", err
	}
	if _, err = c.PutIntegration(ctx, &apigateway.PutIntegrationInput{
		RestApiId: api.Id, ResourceId: x.Id, HttpMethod: get, Type: agtypes.IntegrationTypeMock,
		RequestTemplates: map[string]string{"application/json": `{"statusCode": 200}`},
	}); err != nil {
		return "", err
	}
	if _, err = c.PutIntegrationResponse(ctx, &apigateway.PutIntegrationResponseInput{RestApiId: api.Id, ResourceId: x.Id, HttpMethod: get, StatusCode: aws.String("200")}); err != nil {
		return "", err
	}
	_, err = c.CreateDeployment(ctx, &apigateway.CreateDeploymentInput{RestApiId: api.Id, StageName: aws.String("logged")})
	return *api.Id, err
}

// tail follows a log group and notes how late events come.
type tail struct {
	mu      sync.Mutex
	late    []time.Duration
	sampled int // updates that were a sample
	err     error
}

func startTail(ctx context.Context, t *testkit.Server, api string) (*tail, error) {
	logs := cloudwatchlogs.NewFromConfig(t.StreamingConfig())
	arn := "arn:aws:logs:us-east-1:000000000000:log-group:API-Gateway-Access-Logs_" + api + "/logged"
	out, err := logs.StartLiveTail(ctx, &cloudwatchlogs.StartLiveTailInput{LogGroupIdentifiers: []string{arn}})
	if err != nil {
		return nil, fmt.Errorf("start live tail: %w", err)
	}
	l := &tail{}
	go func() {
		for e := range out.GetStream().Events() {
			if update, ok := e.(*logtypes.StartLiveTailResponseStreamMemberSessionUpdate); ok {
				l.take(time.Now(), &update.Value)
			}
		}
		l.fail(out.GetStream().Err())
	}()
	return l, nil
}

func (l *tail) take(now time.Time, update *logtypes.LiveTailSessionUpdate) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if update.SessionMetadata != nil && update.SessionMetadata.Sampled {
		l.sampled++
	}
	for _, e := range update.SessionResults {
		l.late = append(l.late, now.Sub(time.UnixMilli(*e.Timestamp)))
	}
}

func (l *tail) fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.err = errors.Join(l.err, err)
}

// await returns when all events have come, or none comes any more.
func (l *tail) await(n int) {
	for begin := time.Now(); time.Since(begin) < 3*time.Second; time.Sleep(10 * time.Millisecond) {
		l.mu.Lock()
		have := len(l.late)
		l.mu.Unlock()
		if have >= n {
			return
		}
	}
}

// sendAt sends requests at tailRate for a while, each at its time or as soon as its connection is free.
func sendAt(url string, d time.Duration) (sent int, took time.Duration) {
	client := &fasthttp.Client{MaxConnsPerHost: tailSenders}
	var next, ok atomic.Int64
	begin, total := time.Now(), int64(tailRate*d.Seconds())
	var senders sync.WaitGroup
	for range tailSenders {
		senders.Go(func() {
			var body []byte
			for i := next.Add(1) - 1; i < total; i = next.Add(1) - 1 {
				time.Sleep(time.Until(begin.Add(time.Duration(i) * time.Second / tailRate)))
				status, answer, err := client.Get(body[:0], url)
				if body = answer; err == nil && status == http.StatusOK {
					ok.Add(1)
				}
			}
		})
	}
	senders.Wait()
	return int(ok.Load()), time.Since(begin)
}

func (l *tail) print(sent int, took time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil && !errors.Is(l.err, io.EOF) {
		fmt.Printf("live tail ended: %v\n", l.err)
	}
	if len(l.late) == 0 {
		fmt.Println("live tail: nothing came")
		return
	}
	slices.Sort(l.late)
	at := func(p float64) time.Duration { return l.late[int(p*float64(len(l.late)-1))] }
	var b strings.Builder
	fmt.Fprintf(&b, "\nlive tail: %d requests at %.0f a second; from the request to the client that follows\n", sent, float64(sent)/took.Seconds())
	fmt.Fprintf(&b, "%-36s %12d\n%-36s %12d\n", "entries that came", len(l.late), "updates that were samples", l.sampled)
	for _, p := range []struct {
		title string
		p     float64
	}{{"median", 0.5}, {"p99", 0.99}, {"longest", 1}} {
		fmt.Fprintf(&b, "%-36s %12s\n", p.title, formatTime(at(p.p)))
	}
	fmt.Print(b.String())
}
