package gateway_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/tollbook/tollbook/gateway"
	"github.com/tollbook/tollbook/gateway/framing"
	"github.com/tollbook/tollbook/internal/smuggling"
)

const (
	smugglingCases = "testdata/smuggling.yaml"
	smugglingHost  = "a1b2c3d4e5.execute-api.x"
)

// witness is a back end that writes down what reaches it, by the first segment of the path.
type witness struct {
	mu      sync.Mutex
	seen    map[string][]string
	headers map[string]http.Header // of the first request; nil: nobody asks
}

func (w *witness) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	name, line := smuggling.Line(r.Method, r.RequestURI, body)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.headers != nil && w.headers[name] == nil {
		w.headers[name] = r.Header
	}
	w.seen[name] = append(w.seen[name], line)
	fmt.Fprint(out, "ok")
}

func (w *witness) of(name string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.seen[name]
}

func (w *witness) header(name string) http.Header {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.headers[name]
}

// TestSmuggling sends the cases of testdata/smuggling.yaml to both listeners.
func TestSmuggling(t *testing.T) {
	t.Parallel()
	cases, err := smuggling.Read(smugglingCases)
	if err != nil {
		t.Fatal(err)
	}
	w := &witness{seen: map[string][]string{}, headers: map[string]http.Header{}}
	upstream := httptest.NewServer(w)
	t.Cleanup(upstream.Close)
	b := start(t, stageOf(proxy("ANY", "/{proxy+}", upstream.URL+"/{proxy}", passProxy)))
	for listener, addr := range map[string]string{"gateway": b.addr, "api": apiListener(t, b.gw)} {
		t.Run(listener, func(t *testing.T) {
			t.Parallel()
			for i, c := range cases {
				outcomes, err := c.Outcomes(listener == "api")
				if err != nil {
					t.Fatal(err)
				}
				name := fmt.Sprintf("%s%d", listener, i)
				for _, problem := range runSmuggling(c, outcomes, addr, name, w) {
					t.Errorf("%s: %s", c.Name, problem)
				}
			}
		})
	}
}

// apiListener is the data plane as the API listener has it.
func apiListener(t *testing.T, gw *gateway.Gateway) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: gw.HTTPHandler()}
	go func() { _ = s.Serve(framing.Listener(listener)) }()
	t.Cleanup(func() { s.Close() })
	return listener.Addr().String()
}

func runSmuggling(c smuggling.Case, outcomes []smuggling.Outcome, addr, name string, w *witness) (problems []string) {
	answers, err := c.Exchange("tcp", addr, c.Bytes("/prod/"+name, smugglingHost))
	if err != nil {
		problems = append(problems, err.Error())
	}
	var statuses, got []int
	var lines []string
	for _, o := range outcomes {
		statuses = append(statuses, o.Status)
		if o.Seen != "" {
			lines = append(lines, o.Seen)
		}
	}
	for _, a := range answers {
		got = append(got, a.StatusCode)
	}
	if fmt.Sprint(got) != fmt.Sprint(statuses) {
		problems = append(problems, fmt.Sprintf("answers %v, want %v", got, statuses))
	}
	if n := len(answers); n > 0 && !answers[n-1].Close && !c.Half {
		problems = append(problems, "the last answer does not close the connection")
	}
	if saw := w.of(name); fmt.Sprintf("%q", saw) != fmt.Sprintf("%q", lines) {
		problems = append(problems, fmt.Sprintf("the back end saw %q, want %q", saw, lines))
	}
	if values := w.header(name).Values(c.Hides); len(values) > 0 {
		problems = append(problems, fmt.Sprintf("the back end saw %s: %q", c.Hides, values))
	}
	return problems
}
