package gateway_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/tollbook/tollbook/gateway"
	"github.com/tollbook/tollbook/gateway/framing"
)

// smugglingCase is one of testdata/smuggling.yaml, which says what its fields mean.
type smugglingCase struct {
	Name, Send, Want, API string
	Alone, Half           bool
}

// witness is a back end that writes down what reaches it, by the first segment of the path.
type witness struct {
	mu   sync.Mutex
	seen map[string][]string
}

func (w *witness) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	name, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen[name] = append(w.seen[name], strings.TrimSpace(fmt.Sprintf("%s %s%s", r.Method, rest, body)))
	fmt.Fprint(out, "ok")
}

func (w *witness) of(name string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.seen[name]
}

// TestSmuggling sends the cases of testdata/smuggling.yaml to both listeners.
func TestSmuggling(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/smuggling.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var cases []smugglingCase
	if err := yaml.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	w := &witness{seen: map[string][]string{}}
	upstream := httptest.NewServer(w)
	t.Cleanup(upstream.Close)
	b := start(t, stageOf(proxy("ANY", "/{proxy+}", upstream.URL+"/{proxy}", passProxy)))
	for listener, addr := range map[string]string{"gateway": b.addr, "api": apiListener(t, b.gw)} {
		t.Run(listener, func(t *testing.T) {
			t.Parallel()
			for i, c := range cases {
				if listener == "api" && c.API != "" {
					c.Want = c.API
				}
				name := fmt.Sprintf("%s%d", listener, i)
				for _, problem := range c.run(addr, name, w) {
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

func (c smugglingCase) run(addr, name string, w *witness) (problems []string) {
	answers, err := c.exchange(addr, name)
	if err != nil {
		return []string{err.Error()}
	}
	want, last := strings.CutSuffix(c.Want, " !")
	saw := []string{want, "GET behind"}
	statuses := "[200 200]"
	status, kept := strings.CutPrefix(c.Want, "kept ")
	switch {
	case c.Want == "refused":
		saw, statuses = nil, "[400]"
	case kept:
		saw, statuses = saw[1:], "["+status+" 200]"
	case last:
		saw, statuses = saw[:1], "[200]"
	}
	var got []int
	for _, a := range answers {
		got = append(got, a.StatusCode)
	}
	if fmt.Sprint(got) != statuses {
		problems = append(problems, fmt.Sprintf("answers %v, want %s", got, statuses))
	}
	if n := len(answers); n > 0 && !answers[n-1].Close {
		problems = append(problems, "the last answer does not close the connection")
	}
	if got := fmt.Sprintf("%q", w.of(name)); got != fmt.Sprintf("%q", saw) {
		problems = append(problems, fmt.Sprintf("the back end saw %s, want %q", got, saw))
	}
	return problems
}

// exchange sends the case and reads answers until the connection is closed.
func (c smugglingCase) exchange(addr, name string) (answers []*http.Response, err error) {
	const host = "a1b2c3d4e5.execute-api.x"
	send := strings.NewReplacer("@", "/prod/"+name, "HOST", host).Replace(c.Send)
	if !c.Alone {
		send += fmt.Sprintf("GET /prod/%s/behind HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", name, host)
	}
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		return nil, err
	}
	if _, err := io.WriteString(conn, send); err != nil {
		return nil, err
	}
	if c.Half {
		if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
			return nil, err
		}
	}
	r := bufio.NewReader(conn)
	for {
		resp, err := http.ReadResponse(r, nil)
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return answers, nil
		} else if err != nil {
			var reset *net.OpError
			if errors.As(err, &reset) && !reset.Timeout() {
				return answers, nil // closed with our bytes unread
			}
			return answers, err
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			return answers, err
		}
		answers = append(answers, resp)
	}
}
