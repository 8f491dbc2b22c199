package gateway_test

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/tollbook/tollbook/gateway"
)

// serverLog is what the gateway tells the server's log.
type serverLog struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *serverLog) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(b)
}

func (l *serverLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// TestFaultCostsOneRequest: a panic in a step, or in making the answer, is a 500 with an entry, and the next request is
// served on the same connection.
func TestFaultCostsOneRequest(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		responses map[string]gateway.GatewayResponse
		faults    int
	}{
		"in a step":     {nil, 1},
		"in the answer": {map[string]gateway.GatewayResponse{"DEFAULT_5XX": {StatusCode: 599}}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			told := &serverLog{}
			stage := stageOf(proxy("GET", "/broken", echo(t), nil), mock("GET", "/fine", "fine"))
			stage.GatewayResponses = c.responses
			b := startWith(t, gateway.Config{Logger: slog.New(slog.NewTextHandler(told, nil))}, stage)
			b.gw.Break(stage.APIID, stage.Name)
			b.gw.BreakAnswers(stage.APIID, stage.Name, "/broken")
			got := b.do("GET", "/prod/broken", "")
			if got.status != 500 || got.body != `{"message": "Internal server error"}` {
				t.Errorf("broken: %d %s", got.status, got.body)
			}
			if got := b.do("GET", "/prod/fine", ""); got.status != 200 || got.body != "fine" {
				t.Errorf("after it: %d %s", got.status, got.body)
			}
			log, id := told.String(), got.header.Get("x-amzn-RequestId")
			if n := strings.Count(log, "request failed by a fault in the gateway"); n != c.faults || !strings.Contains(log, "request_id="+id) {
				t.Errorf("the server's log: %s", log)
			}
			lines := b.lines(group)
			if all := strings.Join(lines, "\n"); len(lines) != 2 || !strings.Contains(all, `"id":"`+id) || !strings.Contains(all, `"status":500`) {
				t.Errorf("entries %s", all)
			}
		})
	}
}
