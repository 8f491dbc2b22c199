package conformance_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"github.com/tollbook/tollbook/internal/testkit"
)

// residentMB is the memory of the product's process, in MB (10^6 bytes).
func (p *product) residentMB(t *testing.T) int {
	t.Helper()
	statm := must(os.ReadFile(fmt.Sprintf("/proc/%d/statm", p.PID())))(t)
	return must(strconv.Atoi(strings.Fields(string(statm))[1]))(t) * os.Getpagesize() / 1e6
}

// slowService does so many requests at a time, each in 5 ms.
func slowService(t *testing.T, places int) string {
	free := make(chan struct{}, places)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		free <- struct{}{}
		time.Sleep(5 * time.Millisecond) // the work
		<-free
		_, _ = io.WriteString(w, "done")
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// loggedAPI is notesAPI in a stage "prod" whose entries say ID and status.
func loggedAPI(t *testing.T, p *product, upstream string) string {
	t.Helper()
	api := notesAPI(t, p, upstream)
	deploy(t, p, api, "prod")
	enableAccountRole(t, p)
	if err := setAccessLogs(t.Context(), p, api, "prod", groupARN(api, "prod"), `{"id":"$context.requestId","status":$context.status}`); err != nil {
		t.Fatal(err)
	}
	return api
}

// TestOverload: at many times the load that it carries, the gateway answers 200 or 503 and nothing else, its memory stays
// bounded, every answer has its one entry, and right afterwards it is as it was before.
func TestOverload(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir(), "--max-requests", "32", "--max-connections", "500", "--max-body-bytes", "16MiB")
	api := loggedAPI(t, p, slowService(t, 4))
	usual := testkit.Flood{
		Address: strings.TrimPrefix(p.Gateway, "http://"), Conns: 8, Every: 100 * time.Millisecond,
		Request: "GET /" + api + "/prod/notes/7 HTTP/1.1\r\nHost: localhost\r\n\r\n",
	}
	before := floodFor(t, usual, 700*time.Millisecond, nil)
	perSecond := int(float64(before.OK) / before.At.Seconds())

	flood := usual
	flood.Conns, flood.Depth, flood.PerSecond, flood.NewPerSecond, flood.NewConns = 450, 4, 10*perSecond, 200, 300
	most := 0
	during := floodFor(t, flood, 3*time.Second, func(testkit.FloodReport) { most = max(most, p.residentMB(t)) })
	after := floodFor(t, usual, 2*time.Second, func(r testkit.FloodReport) {
		if r.At > time.Second && r.OK == 0 {
			t.Errorf("a second after the overload nothing is served: %+v", r)
		}
	})

	t.Logf("carried %d/s; under ten times that %+v, %d MB; afterwards %+v", perSecond, during, most, after)
	for _, r := range []testkit.FloodReport{before, during, after} {
		if r.Other > 0 {
			t.Errorf("answers other than 200 and 503: %+v", r)
		}
	}
	if during.Unavailable == 0 || during.OK == 0 || most > 400 {
		t.Errorf("%d requests were served and %d shed, with %d MB", during.OK, during.Unavailable, most)
	}
	if rate := float64(after.OK) / after.At.Seconds(); rate < float64(perSecond)/2 || after.Unavailable > after.OK/10 {
		t.Errorf("afterwards %.0f/s, before %d/s: %+v", rate, perSecond, after)
	}
	answered := before.Logged + during.Logged + after.Logged
	unanswered := before.Broken + during.Broken + after.Broken
	requireEntryCount(t, p, accessLogGroup(api, "prod"), answered, unanswered)
}

func floodFor(t *testing.T, f testkit.Flood, span time.Duration, report func(testkit.FloodReport)) testkit.FloodReport {
	ctx, cancel := context.WithTimeout(t.Context(), span)
	defer cancel()
	return f.Run(ctx, report)
}

// requireEntryCount wants an entry for each answer with a request ID. A request whose answer was lost may have left one.
func requireEntryCount(t *testing.T, p *product, group string, answered, unanswered uint64) {
	t.Helper()
	var entries, ids uint64
	for begin := time.Now(); entries < answered && time.Since(begin) < 10*time.Second; { // until the last ones are durable
		rows, _ := askInsights(t, p.logs(), cloudwatchlogs.StartQueryInput{LogGroupName: &group,
			QueryString: aws.String("stats count(*) as n, count_distinct(id) as ids")})
		if _, err := fmt.Sscanf(strings.Join(rows, ""), "n=%d ids=%d", &entries, &ids); err != nil {
			t.Fatalf("count entries: %v: %q", err, rows)
		}
	}
	if entries < answered || entries > answered+unanswered || ids < entries*9/10 { // count_distinct is an estimate
		t.Errorf("%d entries with %d IDs for %d answers, and %d requests without an answer", entries, ids, answered, unanswered)
	}
}

// TestSlowClientsCostLittle: a thousand connections that send their request byte by byte hold little memory each, and not for
// long, and others are served meanwhile.
func TestSlowClientsCostLittle(t *testing.T) {
	t.Parallel()
	const conns = 1000
	p := start(t, t.TempDir(), "--header-timeout", "2s")
	api := loggedAPI(t, p, slowService(t, 4))
	ask := func() {
		if a := request(t, "GET", p.Gateway+"/"+api+"/prod/ping", ""); a.status != 200 {
			t.Errorf("a usual request: %d %s", a.status, a.body)
		}
	}
	ask()
	before := p.residentMB(t)
	var open []net.Conn
	for range conns {
		c := must(net.Dial("tcp", strings.TrimPrefix(p.Gateway, "http://")))(t)
		defer c.Close()
		must(io.WriteString(c, "GET /"+api+"/prod/ping HTTP/1.1\r\nX-Slow: "))(t)
		open = append(open, c)
	}
	ask()
	if grown := p.residentMB(t) - before; grown > conns*64/1000 {
		t.Errorf("%d slow connections take %d MB", conns, grown)
	}
	for _, c := range open {
		if err := c.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(c); err != nil || !strings.HasPrefix(string(got), "HTTP/1.1 408 ") {
			t.Fatalf("a slow client was told %q, %v", got, err)
		}
	}
	ask()
}
