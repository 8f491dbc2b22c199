package conformance_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

const (
	killRounds  = 6
	killWriters = 4
)

// acks is a set of what was acknowledged, filled by many writers.
type acks struct {
	mu  sync.Mutex
	ids map[string]bool
}

func (a *acks) add(ids ...string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ids == nil {
		a.ids = map[string]bool{}
	}
	for _, id := range ids {
		a.ids[id] = true
	}
}

// count is also the test's clock: a round's kill comes after a number of acknowledgements, not after a time.
func (a *acks) count() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.ids)
}

// requireOnce fails the test where an acknowledged ID is not among the found ones, or any ID is there twice.
func requireOnce(t *testing.T, acked *acks, found []string) {
	t.Helper()
	times := map[string]int{}
	for _, id := range found {
		times[id]++
		if times[id] == 2 {
			t.Errorf("%s is there twice", id)
		}
	}
	for id := range acked.ids {
		if times[id] == 0 {
			t.Errorf("%s was acknowledged and is lost", id)
		}
	}
}

// underLoad runs writers until enough more is acknowledged, kills the server while they write, and waits for them.
func underLoad(t *testing.T, p *product, acked *acks, more int, write func(ctx context.Context, writer, n int)) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var writers sync.WaitGroup
	for w := range killWriters {
		writers.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				write(ctx, w, n)
			}
		})
	}
	goal := acked.count() + more
	eventually(t, func() bool { return acked.count() >= goal })
	p.Kill()
	cancel()
	writers.Wait()
}

func TestKilledWhilePutLogEvents(t *testing.T) {
	t.Parallel()
	dir, acked, group := t.TempDir(), &acks{}, aws.String("kill")
	for round := range killRounds {
		p := start(t, dir)
		logs := p.logs()
		if round == 0 {
			must(logs.CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: group}))(t)
			for w := range killWriters {
				must(logs.CreateLogStream(t.Context(), &cloudwatchlogs.CreateLogStreamInput{LogGroupName: group, LogStreamName: aws.String(fmt.Sprint(w))}))(t)
			}
		}
		underLoad(t, p, acked, 400, func(ctx context.Context, w, n int) {
			var ids []string
			var batch []logtypes.InputLogEvent
			for i := range 10 {
				ids = append(ids, fmt.Sprintf("%d/%d/%d/%d", round, w, n, i))
				batch = append(batch, logtypes.InputLogEvent{Timestamp: aws.Int64(time.Now().UnixMilli()), Message: &ids[i]})
			}
			_, err := logs.PutLogEvents(ctx, &cloudwatchlogs.PutLogEventsInput{LogGroupName: group, LogStreamName: aws.String(fmt.Sprint(w)), LogEvents: batch},
				func(o *cloudwatchlogs.Options) { o.RetryMaxAttempts = 1 })
			if err == nil {
				acked.add(ids...)
			}
		})
	}
	var found []string
	for _, e := range events(t, start(t, dir), *group) {
		found = append(found, aws.ToString(e.Message))
	}
	requireOnce(t, acked, found)
}

// With --access-log-durable an answer says that its entry is durable.
func TestKilledWhileServing(t *testing.T) {
	t.Parallel()
	dir, acked, api := t.TempDir(), &acks{}, ""
	for round := range killRounds {
		p := start(t, dir, "--access-log-durable")
		if round == 0 {
			enableAccountRole(t, p)
			api = notesAPI(t, p, "http://127.0.0.1:1")
			deploy(t, p, api, "prod")
			if err := setAccessLogs(t.Context(), p, api, "prod", groupARN(api, "prod"), guideFormat); err != nil {
				t.Fatal(err)
			}
		}
		underLoad(t, p, acked, 300, func(ctx context.Context, _, _ int) {
			req, _ := http.NewRequestWithContext(ctx, "GET", p.Gateway+"/"+api+"/prod/ping", nil)
			if resp, err := ownClient.Do(req); err == nil {
				resp.Body.Close()
				acked.add(resp.Header.Get("x-amzn-RequestId"))
			}
		})
	}
	var found []string
	for _, e := range events(t, start(t, dir), accessLogGroup(api, "prod")) {
		var entry struct{ RequestID string }
		if err := json.Unmarshal([]byte(aws.ToString(e.Message)), &entry); err != nil {
			t.Fatal(err)
		}
		found = append(found, entry.RequestID)
	}
	requireOnce(t, acked, found)
}
