package gateway

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/tollbook/tollbook/accesslog"
)

// TestStage is the name of the stage that requests of TestInvoke find themselves in.
const TestStage = "test-invoke-stage"

// TestRequest is a request that the control plane makes to try a method.
type TestRequest struct {
	Method string
	// PathWithQuery is the path below the stage, and a query. Empty: the resource's own path, with {name} for parameters.
	PathWithQuery string
	Headers       map[string][]string
	Body          string
	Caller        accesslog.Identity // who makes the request
	UserAgent     string
}

// TestResult is what a method answered, and how it came to that.
type TestResult struct {
	Status  int
	Headers map[string][]string
	Body    string
	Log     string // the execution log with data trace, as AWS prints it
	Latency time.Duration
}

// TestInvoke sends a request through the only method of a stage that is not served, from the validation of the request to
// the integration; authorizers, API keys and throttling are passed by. The back end is really called. Nothing is left in
// access logs or metrics.
func (g *Gateway) TestInvoke(s Stage, r TestRequest) (TestResult, error) {
	if len(s.Routes) != 1 {
		return TestResult{}, fmt.Errorf("test a method of API %s: the stage has %d", s.APIID, len(s.Routes))
	}
	t, release, err := g.bindTest(s)
	if err != nil {
		return TestResult{}, err
	}
	defer release()
	x := g.beginTest(t)
	x.readTest(r)
	x.testRoute(s.Routes[0], r)
	failure := x.attempt((*exchange).testSteps)
	if failure != nil {
		x.respondError(failure)
	}
	x.logOutcome(failure)
	return x.testResult(failure), nil
}

// bindTest makes a stage usable for tests. release lets go of what it uses.
func (g *Gateway) bindTest(s Stage) (t *StageTable, release func(), err error) {
	s.Name, s.AccessLog = TestStage, nil
	if t, err = Compile(s); err != nil {
		return nil, nil, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.bind(t)
	return t, func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.unbind(t)
	}, nil
}

// beginTest makes an exchange of its own, which counts for nothing and never goes to the pool. Its execution log has
// all lines, as text for the one who tests.
func (g *Gateway) beginTest(t *StageTable) *exchange {
	x := newExchange(g)
	x.counter, x.testing = new(counters), true
	x.call.memory.of = nil
	x.resp.status, x.start = http.StatusOK, time.Now()
	x.entry.TimeMillis = x.start.UnixMilli()
	x.table, x.entry.Stage = t, &t.values
	x.identify()
	x.exec = newExecutionLog(logging{logInfo, true}, "", x.start)
	return x
}

// readTest takes over the request. Without a Content-Type the body is JSON.
func (x *exchange) readTest(r TestRequest) {
	if x.method = r.Method; x.method == methodAny {
		x.method = "GET"
	}
	x.body = []byte(r.Body)
	for _, name := range slices.Sorted(maps.Keys(r.Headers)) {
		for _, value := range r.Headers[name] {
			x.addHeader([]byte(name), []byte(value))
		}
	}
	if len(x.known.contentType) == 0 {
		x.known.contentType = []byte(jsonType)
	}
	x.entry.Method, x.entry.Protocol = x.method, "HTTP/1.1"
	x.entry.UserAgent, x.entry.Identity = r.UserAgent, r.Caller
	x.entry.Identity.APIKey, x.entry.Identity.APIKeyID = "test-invoke-api-key", "test-invoke-api-key-id"
	x.entry.SourceIP, x.entry.DomainName = "test-invoke-source-ip", "testPrefix.testDomainName"
}

// testRoute takes the only route, whether the path fits it or not; if it does not, there are no path parameters.
func (x *exchange) testRoute(only Route, r TestRequest) {
	path, query, _ := strings.Cut(r.PathWithQuery, "?")
	if path == "" {
		path = only.ResourcePath
	}
	if path[0] != '/' {
		path = "/" + path
	}
	x.path, x.query = path, []byte(query)
	n, params := x.table.router.find(path, nil)
	if n == nil {
		n, _ = x.table.router.find(only.ResourcePath, nil)
		params = nil
	}
	if x.route = n.any; x.route == nil {
		x.route = n.methods[0]
	}
	x.params = params
	x.entry.Path = path
	x.entry.ResourceID, x.entry.ResourcePath = x.route.resourceID, x.route.resourcePath
}

// testSteps are those steps of a request's life that a test passes through.
func (x *exchange) testSteps() *Error {
	x.logRequest()
	if err := x.validate(); err != nil {
		return err
	}
	return x.integrate()
}

// testResult takes the response and gives back the log. Of a failure only the headers that say more are shown.
func (x *exchange) testResult(failure *Error) TestResult {
	took := time.Since(x.start)
	result := TestResult{Status: x.resp.status, Body: string(x.resp.body), Headers: map[string][]string{}, Latency: took}
	if failure == nil && len(x.resp.header.contentType) == 0 {
		x.resp.header.setType(jsonType)
	}
	for name, value := range x.resp.header.all() {
		key := string(name)
		if failure != nil && key == "Content-Type" || key == "Content-Length" && failure != nil {
			continue
		}
		result.Headers[key] = append(result.Headers[key], string(value))
	}
	result.Log = x.exec.testLog(x.entry.RequestID)
	x.exec.release()
	return result
}

// testLog prints the lines with their times, in AWS' form for logs that are part of an answer.
func (l *executionLog) testLog(requestID string) string {
	var out strings.Builder
	fmt.Fprintf(&out, "Execution log for request %s\n", requestID)
	for timestamp, text := range l.lines.All() {
		fmt.Fprintf(&out, "%s : %s\n", time.UnixMilli(timestamp).UTC().Format("Mon Jan 02 15:04:05 UTC 2006"), text)
	}
	return out.String()
}
