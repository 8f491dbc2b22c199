package conformance_test

import (
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	gwtypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

// TestDeployUnderLoad deploys an API of 1,000 resources again and again while clients ask for them. Each gets an answer, by
// a deployment that was the stage's at some time between question and answer.
func TestDeployUnderLoad(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir())
	c, ctx := p.apigateway(), t.Context()
	version := func(n int64) []byte {
		templates := map[string]string{}
		for i := range 1000 {
			templates[fmt.Sprint("r", i)] = strconv.FormatInt(n, 10)
		}
		return definitionOf(templates)
	}
	api := must(c.ImportRestApi(ctx, &apigateway.ImportRestApiInput{Body: version(1)}))(t)
	deploy(t, p, *api.Id, "prod")

	var begun, done, asked atomic.Int64
	begun.Store(1)
	done.Store(1)
	stop := make(chan struct{})
	var clients sync.WaitGroup
	for client := range 4 {
		clients.Go(func() {
			for i := client * 250; !closed(stop); i++ {
				least := done.Load()
				a := request(t, "POST", fmt.Sprintf("%s/%s/prod/r%d", p.Gateway, *api.Id, i%1000), "{}")
				most := begun.Load()
				asked.Add(1)
				if v, err := strconv.ParseInt(a.body, 10, 64); a.status != 200 || err != nil || v < least || v > most {
					t.Errorf("r%d: %d %.100s, deployed were %d to %d", i%1000, a.status, a.body, least, most)
				}
			}
		})
	}
	var took []time.Duration
	for n := int64(2); n <= 5; n++ {
		must(c.PutRestApi(ctx, &apigateway.PutRestApiInput{RestApiId: api.Id, Mode: gwtypes.PutModeOverwrite, Body: version(n)}))(t)
		begun.Store(n)
		begin := time.Now()
		deploy(t, p, *api.Id, "prod")
		took = append(took, time.Since(begin).Round(time.Millisecond))
		done.Store(n)
	}
	close(stop)
	clients.Wait()
	t.Logf("%d requests during deployments that took %v", asked.Load(), took)
	if asked.Load() < 20 {
		t.Errorf("only %d requests", asked.Load())
	}
}

func closed(c chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
