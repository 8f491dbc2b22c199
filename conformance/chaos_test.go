package conformance_test

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
)

// The chaos suite: back ends, clients, disks and clocks that misbehave. After each the books must balance: every request
// that was answered has exactly one entry in the access log, with the status and the length that its client saw.

const chaosFormat = `{"id":"$context.requestId","status":"$context.status","length":"$context.responseLength",` +
	`"integration":"$context.integrationStatus","cause":"$context.integration.error","latency":"$context.responseLatency","path":"$context.path"}`

// chaosEntry is an entry of that format.
type chaosEntry struct{ ID, Status, Length, Integration, Cause, Latency, Path string }

// chaosTimeout is the integration timeout of the stage's paths below /quick-p and /quick-h.
const chaosTimeout = 100 * time.Millisecond

// chaos is a product with the stage prod before a back end: ANY /p/{proxy+} passes on, /h/{proxy+} translates, /quick-p/…
// and /quick-h/… wait for chaosTimeout only; GET /ping is a MOCK.
type chaos struct {
	*product
	api  string
	book *ledger
}

func startChaos(t *testing.T, upstream string, flags ...string) *chaos {
	t.Helper()
	c := &chaos{product: start(t, t.TempDir(), flags...), book: newLedger()}
	c.api = chaosAPI(t, c.product, upstream)
	return c
}

func chaosAPI(t *testing.T, p *product, upstream string) (api string) {
	t.Helper()
	enableAccountRole(t, p)
	made := must(p.apigateway().ImportRestApi(t.Context(), &apigateway.ImportRestApiInput{Body: chaosDefinition(t, upstream)}))(t)
	api = *made.Id
	deploy(t, p, api, "prod")
	if err := setAccessLogs(t.Context(), p, api, "prod", groupARN(api, "prod"), chaosFormat); err != nil {
		t.Fatal(err)
	}
	return api
}

func chaosDefinition(t *testing.T, upstream string) []byte {
	t.Helper()
	proxyAny := func(kind string, timeout time.Duration) map[string]any {
		i := map[string]any{"type": kind, "httpMethod": "ANY", "uri": upstream + "/{proxy}", "timeoutInMillis": timeout.Milliseconds(),
			"tlsConfig":         map[string]bool{"insecureSkipVerification": true},
			"requestParameters": map[string]string{"integration.request.path.proxy": "method.request.path.proxy"}}
		if kind == "http" {
			i["responses"] = map[string]any{"default": map[string]string{"statusCode": "200"}}
		}
		return map[string]any{"x-amazon-apigateway-any-method": map[string]any{
			"parameters":                      []map[string]any{{"name": "proxy", "in": "path", "required": true, "type": "string"}},
			"responses":                       map[string]any{"200": map[string]string{"description": "ok"}},
			"x-amazon-apigateway-integration": i,
		}}
	}
	ping := map[string]any{"get": map[string]any{"responses": map[string]any{"200": map[string]string{"description": "ok"}},
		"x-amazon-apigateway-integration": map[string]any{"type": "mock", "requestTemplates": map[string]string{"application/json": `{"statusCode":200}`},
			"responses": map[string]any{"default": map[string]any{"statusCode": "200", "responseTemplates": map[string]string{"application/json": "pong"}}}}}}
	doc, err := json.Marshal(map[string]any{"swagger": "2.0", "info": map[string]string{"title": "chaos", "version": "1"}, "paths": map[string]any{
		"/p/{proxy+}": proxyAny("http_proxy", 29*time.Second), "/h/{proxy+}": proxyAny("http", 29*time.Second),
		"/quick-p/{proxy+}": proxyAny("http_proxy", chaosTimeout), "/quick-h/{proxy+}": proxyAny("http", chaosTimeout), "/ping": ping,
	}})
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// check compares the books: what clients noted and what the access log of the stage says.
func (c *chaos) check(t *testing.T) map[string]chaosEntry {
	t.Helper()
	return c.book.check(t, c.product, accessLogGroup(c.api, "prod"))
}

// path of a request to the stage as clients send it; in its entry it begins with /prod.
func (c *chaos) path(rest string) string { return "/" + c.api + "/prod" + rest }

// sight is one request as its client saw it.
type sight struct {
	path     string
	answered bool // with a whole response
	status   int
	length   int // of the body
	// entry says how many entries a request has that was not answered: of one that the gateway had read whole there is
	// one; of one that was cut short, or of which a reset may have taken a part away, there may be one.
	entry entries
}

type entries uint8

const (
	one entries = iota
	oneAtMost
)

// ledger is what clients know of their requests, by request ID, which they choose themselves: so one that is never answered
// can be told apart, too. It is safe for concurrent use.
type ledger struct {
	mu      sync.Mutex
	seen    map[string]*sight
	mayLose bool // answered requests, too, have one entry at most
}

func newLedger() *ledger { return &ledger{seen: map[string]*sight{}} }

// open notes a request that is about to be sent, and returns its ID.
func (l *ledger) open(path string, unanswered entries) (id string) {
	var b [16]byte
	rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	id = fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seen[id] = &sight{path: path, entry: unanswered}
	return id
}

// answer notes a whole response.
func (l *ledger) answer(id string, status, length int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.seen[id]
	s.answered, s.status, s.length = true, status, length
}

// answers is how many requests were answered.
func (l *ledger) answers() (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range l.seen {
		if s.answered {
			n++
		}
	}
	return n
}

// owes reports whether a request must have an entry.
func (l *ledger) owes(s *sight) bool { return !l.mayLose && (s.answered || s.entry == one) }

// owed reports whether requests have no entry yet that must have one.
func (l *ledger) owed(all []chaosEntry) bool {
	there := map[string]bool{}
	for _, e := range all {
		there[e.ID] = true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, s := range l.seen {
		if !there[id] && l.owes(s) {
			return true
		}
	}
	return false
}

// check reads the log until it has all the entries that it must have, and compares them with what clients saw. It returns
// the entries by request ID.
func (l *ledger) check(t *testing.T, p *product, group string) map[string]chaosEntry {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		all := chaosEntries(t, p, group)
		if !l.owed(all) || time.Now().After(deadline) {
			return l.compare(t, all)
		}
	}
}

// chaosEntries are the entries of a group, as FilterLogEvents has them.
func chaosEntries(t *testing.T, p *product, group string) (all []chaosEntry) {
	t.Helper()
	for _, e := range events(t, p, group) {
		var entry chaosEntry
		if err := json.Unmarshal([]byte(aws.ToString(e.Message)), &entry); err != nil {
			t.Fatalf("entry %s: %v", *e.Message, err)
		}
		all = append(all, entry)
	}
	return all
}

func (l *ledger) compare(t *testing.T, all []chaosEntry) map[string]chaosEntry {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	byID := map[string]chaosEntry{}
	for _, e := range all {
		s := l.seen[e.ID]
		if s == nil {
			t.Errorf("entry of a request that nobody sent: %+v", e)
			continue
		}
		if _, twice := byID[e.ID]; twice {
			t.Errorf("two entries of one request: %+v", e)
		}
		byID[e.ID] = e
		if s.answered && (e.Status != strconv.Itoa(s.status) || e.Length != strconv.Itoa(s.length)) {
			t.Errorf("%s was answered %d with %d bytes; the entry says %+v", s.path, s.status, s.length, e)
		}
		if e.Path != s.path {
			t.Errorf("the entry of %s says path %s", s.path, e.Path)
		}
	}
	for id, s := range l.seen {
		if _, ok := byID[id]; !ok && l.owes(s) {
			t.Errorf("%s %s, answered %t, has no entry", s.path, id, s.answered)
		}
	}
	return byID
}

// seenAnswer is a whole response.
type seenAnswer struct {
	id     string
	status int
	body   string
	header http.Header
}

// caller sends requests one after the other and notes them in the book.
type caller interface {
	// call returns an error if no whole response came.
	call(method, path, body string) (seenAnswer, error)
}

// wireCaller is a client on plain connections, which it keeps alive. It is not safe for concurrent use.
type wireCaller struct {
	c          *chaos
	unanswered entries // of its requests
	conn       net.Conn
	r          *bufio.Reader
	head       bytes.Buffer // what came, to look at heads as they were on the wire
}

func (c *chaos) onWire(t *testing.T) *wireCaller {
	w := &wireCaller{c: c}
	t.Cleanup(func() { w.close() })
	return w
}

func (w *wireCaller) close() {
	if w.conn != nil {
		w.conn.Close()
		w.conn = nil
	}
}

func (w *wireCaller) dial() error {
	if w.conn != nil {
		return nil
	}
	conn, err := net.Dial("tcp", strings.TrimPrefix(w.c.Gateway, "http://"))
	if err != nil {
		return err
	}
	w.conn = conn
	w.head.Reset()
	w.r = bufio.NewReader(io.TeeReader(conn, &w.head))
	return conn.SetDeadline(time.Now().Add(30 * time.Second))
}

// requestText is a request as it is sent, with a length if it has a body.
func requestText(method, path, id, body string) string {
	text := method + " " + path + " HTTP/1.1\r\nHost: chaos\r\nx-amzn-RequestId: " + id + "\r\n"
	if body != "" {
		text += fmt.Sprintf("Content-Length: %d\r\n", len(body))
	}
	return text + "\r\n" + body
}

func (w *wireCaller) call(method, path, body string) (seenAnswer, error) {
	if err := w.dial(); err != nil {
		return seenAnswer{}, err
	}
	id := w.c.book.open("/prod"+path, w.unanswered)
	if _, err := io.WriteString(w.conn, requestText(method, w.c.path(path), id, body)); err != nil {
		w.close()
		return seenAnswer{}, fmt.Errorf("send %s: %w", path, err)
	}
	got, err := w.read(method, id)
	if err == nil && w.conn != nil && w.r.Buffered() > 0 {
		err = fmt.Errorf("bytes behind the answer to %s", id)
	}
	return got, err
}

// read reads the response of a request, whole, and sees that its head is one that nobody can read differently.
func (w *wireCaller) read(method, id string) (seenAnswer, error) {
	w.head.Reset()
	resp, err := http.ReadResponse(w.r, &http.Request{Method: method})
	if err != nil {
		w.close()
		return seenAnswer{}, fmt.Errorf("read the answer to %s: %w", id, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		w.close()
		return seenAnswer{}, fmt.Errorf("read the body of the answer to %s: %w", id, err)
	}
	if resp.Close {
		w.close()
	}
	got := seenAnswer{resp.Header.Get("x-amzn-RequestId"), resp.StatusCode, string(body), resp.Header}
	w.c.book.answer(id, got.status, len(body))
	return got, w.odd(got, id)
}

// odd looks for what must not be in an answer whatever the back end did.
func (w *wireCaller) odd(got seenAnswer, id string) error {
	head, _, _ := strings.Cut(w.head.String(), "\r\n\r\n")
	plain := strings.ReplaceAll(head, "\r\n", "")
	switch {
	case strings.ContainsAny(plain, "\r\n\x00"):
		return fmt.Errorf("head %q", head)
	case got.id != id:
		return fmt.Errorf("the answer to %s is of %s", id, got.id)
	case got.header.Get("X-Poison") != "":
		return fmt.Errorf("poisoned: %v", got.header)
	}
	return nil
}

// http2Caller is a client of HTTP/2, safe for concurrent use.
type http2Caller struct {
	c      *chaos
	client *http.Client
}

func (c *chaos) onHTTP2(t *testing.T) http2Caller {
	tr := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true, DisableCompression: true} // it signs for itself
	t.Cleanup(tr.CloseIdleConnections)
	return http2Caller{c, &http.Client{Transport: tr, Timeout: 30 * time.Second}}
}

func (h http2Caller) call(method, path, body string) (seenAnswer, error) {
	id := h.c.book.open("/prod"+path, one)
	req, err := http.NewRequest(method, h.c.GatewayTLS+h.c.path(path), strings.NewReader(body))
	if err != nil {
		return seenAnswer{}, err
	}
	req.Header.Set("x-amzn-RequestId", id)
	resp, err := h.client.Do(req)
	if err != nil {
		return seenAnswer{}, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return seenAnswer{}, err
	}
	got := seenAnswer{resp.Header.Get("x-amzn-RequestId"), resp.StatusCode, string(data), resp.Header}
	h.c.book.answer(id, got.status, len(data))
	switch {
	case got.id != id:
		return got, fmt.Errorf("the answer to %s is of %s", id, got.id)
	case got.header.Get("X-Poison") != "":
		return got, fmt.Errorf("poisoned: %v", got.header)
	}
	return got, nil
}

// requireHealthy sends a healthy request, whose answer must be its own.
func requireHealthy(t *testing.T, by caller, method, prefix, token, body string) {
	t.Helper()
	got, err := by.call(method, prefix+"/healthy/"+token, body)
	if err != nil {
		t.Errorf("%s %s: %v", method, token, err)
		return
	}
	want := healthyBody(token, body)
	if method == "HEAD" {
		want = ""
	}
	if got.status != 200 || got.body != want {
		t.Errorf("%s %s: %d %.300q", method, token, got.status, got.body)
	}
}
