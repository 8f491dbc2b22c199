package gateway_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tollbook/tollbook/accesslog"
	"github.com/tollbook/tollbook/gateway"
	"github.com/tollbook/tollbook/internal/smuggling"
)

// FuzzExchange sends bytes to a gateway's listener, ends the client's side, and reads answers until the gateway ends its
// own. What of it the gateway took, net/http must read from the same bytes: the same method, target, host, headers and body.
// What the gateway refused, it must not have passed on; and it must have logged all that it did pass on.
func FuzzExchange(f *testing.F) {
	cases, err := smuggling.Read(smugglingCases)
	if err != nil {
		f.Fatal(err)
	}
	for _, c := range cases {
		if c.Long <= 10_000 { // the fuzzer would make little of it, slowly
			f.Add(c.Bytes("/prod/p", smugglingHost))
		}
	}
	f.Add([]byte("GET /prod/mock HTTP/1.1\r\nHost: " + smugglingHost + "\r\n\r\nPOST /a1b2c3d4e5/prod/p/q?a=b HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx"))
	e := newExchanges(f)
	f.Fuzz(func(t *testing.T, sent []byte) {
		if err := e.judge(sent); err != nil {
			t.Errorf("%v\nsent %q", err, sent)
		}
	})
}

// exchanges is a gateway, the back end of its one proxied path, and what both saw of the bytes under way.
type exchanges struct {
	b  *bench
	mu sync.Mutex
	// seen are the requests that reached the back end. It answers with the place in this list, in the header X-Seen.
	seen []plainRequest
}

// plainRequest is a request as net/http reads it.
type plainRequest struct {
	method, target, host string
	header               http.Header
	body                 []byte
	noTarget             bool // net/http refuses it for its target
}

func newExchanges(f *testing.F) *exchanges {
	e := &exchanges{}
	upstream := httptest.NewUnstartedServer(e)
	upstream.Config.ErrorLog = discardErrors
	upstream.Start()
	f.Cleanup(upstream.Close)
	stage := stageOf(mock("GET", "/mock", "mocked"), proxy("ANY", "/{proxy+}", upstream.URL+"/{proxy}", passProxy))
	stage.AccessLog.Format = `{"requestId":"$context.requestId","path":"$context.path","domainName":"$context.domainName",` +
		`"integration":"$context.integration.status"}`
	e.b = startWith(f, gateway.Config{UnroutedPerSecond: 1 << 20}, stage)
	return e
}

func (e *exchanges) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // its head is not a whole request
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	w.Header().Set("X-Seen", strconv.Itoa(len(e.seen)))
	e.seen = append(e.seen, plainRequest{r.Method, r.RequestURI, r.Host, r.Header, body, false})
}

// exchangeEntry is what the access log says of a request.
type exchangeEntry struct{ RequestID, Path, DomainName, Integration string }

func (e exchangeEntry) forwarded() bool { return e.Integration != "" && e.Integration != "-" }

// judge has an exchange and compares what everybody saw of it.
func (e *exchanges) judge(sent []byte) error {
	e.reset()
	want := readPlain(sent)
	answers, err := e.exchange(sent, want)
	if err != nil {
		return err
	}
	entries, err := e.entries(answers)
	if err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	taken := 0
	for i, a := range answers {
		entry, logged := entries[a.Header.Get("X-Amzn-Requestid")]
		if a.StatusCode != http.StatusOK && !entry.forwarded() {
			continue // refused, one way or the other
		}
		if i >= len(want) || want[i].noTarget {
			return fmt.Errorf("the gateway took request %d, which net/http does not read: %d %+v", i, a.StatusCode, entry)
		}
		if logged {
			if err := want[i].compareEntry(entry); err != nil {
				return fmt.Errorf("request %d: %w", i, err)
			}
		}
		if a.Header.Get("X-Seen") == "" {
			continue // of the MOCK
		}
		if a.Header.Get("X-Seen") != strconv.Itoa(taken) {
			return fmt.Errorf("request %d was the back end's %s, want %d", i, a.Header.Get("X-Seen"), taken)
		}
		if err := want[i].compare(e.seen[taken]); err != nil {
			return fmt.Errorf("request %d: %w", i, err)
		}
		taken++
	}
	if taken != len(e.seen) {
		return fmt.Errorf("the back end got %d requests, %d of them were answered: %+v", len(e.seen), taken, e.seen)
	}
	return nil
}

func (e *exchanges) reset() {
	e.mu.Lock()
	e.seen = nil
	e.mu.Unlock()
	e.b.log.mu.Lock()
	clear(e.b.log.entries)
	e.b.log.mu.Unlock()
}

// readPlain reads requests as net/http does, until it refuses one. Empty lines before a request, which RFC 9112 §2.2 has
// servers pass over, it does not take by itself, nor the announcement of a trailer that is none, which the gateway passes over.
// If it is the target that it refuses, it can still say where the request ends.
func readPlain(sent []byte) (all []plainRequest) {
	for {
		for bytes.HasPrefix(sent, []byte("\r\n")) {
			sent = sent[2:]
		}
		p, rest, err := readOnePlain(sent)
		if err != nil {
			p, rest, err = readOnePlain(unannounced(sent))
		}
		if err != nil {
			p, rest, err = readOnePlain(otherTarget(unannounced(sent)))
			p.noTarget = true
		}
		if err != nil {
			return all
		}
		all, sent = append(all, p), rest
	}
}

var announcement = regexp.MustCompile(`(?i)\r\nTrailer:`)

// unannounced is the request with another name in place of Trailer.
func unannounced(sent []byte) []byte {
	head, rest, found := bytes.Cut(sent, []byte("\r\n\r\n"))
	if !found {
		return sent
	}
	return slices.Concat(announcement.ReplaceAll(head, []byte("\r\n"+trailerName+":")), []byte("\r\n\r\n"), rest)
}

const trailerName = "X-Trailer-Of-Fuzzing"

func readOnePlain(sent []byte) (p plainRequest, rest []byte, _ error) {
	in := bytes.NewReader(sent)
	r := bufio.NewReader(in)
	req, err := http.ReadRequest(r)
	if err != nil {
		return p, nil, err
	}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return p, nil, err
	}
	return plainRequest{req.Method, req.RequestURI, req.Host, req.Header, body, false}, sent[len(sent)-in.Len()-r.Buffered():], nil
}

// otherTarget is the request with a target that nobody refuses.
func otherTarget(sent []byte) []byte {
	line, rest, _ := bytes.Cut(sent, []byte("\r\n"))
	words := bytes.Split(line, []byte{' '})
	if len(words) != 3 {
		return nil
	}
	return slices.Concat(words[0], []byte(" / "), words[2], []byte("\r\n"), rest)
}

// exchange sends the bytes and reads the answers; want tells which of them have no body.
func (e *exchanges) exchange(sent []byte, want []plainRequest) (answers []*http.Response, _ error) {
	conn, err := net.Dial("tcp", e.b.addr)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		return nil, err
	}
	written := make(chan struct{})
	go func() {
		defer close(written)
		_, _ = conn.Write(sent) // the gateway may close before it has read all
		_ = conn.(*net.TCPConn).CloseWrite()
	}()
	defer func() { conn.Close(); <-written }()
	r := bufio.NewReader(conn)
	for {
		asked := &http.Request{Method: "GET"}
		if len(answers) < len(want) {
			asked.Method = want[len(answers)].method
		}
		a, err := http.ReadResponse(r, asked)
		if err == nil {
			_, err = io.Copy(io.Discard, a.Body)
		}
		var broken *net.OpError
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &broken) && !broken.Timeout():
			return answers, nil
		case err != nil:
			return nil, fmt.Errorf("behind %d answers: %w", len(answers), err)
		case a.StatusCode < 200:
			continue
		case len(answers) > 0 && answers[len(answers)-1].Close:
			return nil, fmt.Errorf("an answer comes behind the one that closes the connection")
		}
		answers = append(answers, a)
	}
}

// entries returns the log's entries by request ID, when those of all answers and of all that reached the back end are there.
// An ID that was used twice, since the client chose it, has none.
func (e *exchanges) entries(answers []*http.Response) (map[string]exchangeEntry, error) {
	var last error
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(500 * time.Microsecond) {
		all, n, forwarded, err := e.readEntries()
		if err != nil {
			return nil, err
		}
		e.mu.Lock()
		seen := len(e.seen)
		e.mu.Unlock()
		if n >= len(answers) && forwarded >= seen {
			return all, nil
		}
		last = fmt.Errorf("%d answers, of which the back end gave %d; %d entries, of which %d say that it was called", len(answers), seen, n, forwarded)
	}
	return nil, last
}

func (e *exchanges) readEntries() (all map[string]exchangeEntry, n, forwarded int, _ error) {
	e.b.log.mu.Lock()
	defer e.b.log.mu.Unlock()
	all = map[string]exchangeEntry{}
	twice := map[string]bool{}
	for _, line := range slices.Concat(e.b.log.entries[group], e.b.log.entries[accesslog.UnroutedGroup]) {
		var entry exchangeEntry
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			return nil, 0, 0, fmt.Errorf("read %s: %w", line, err)
		}
		n++
		if entry.forwarded() {
			forwarded++
		}
		if _, ok := all[entry.RequestID]; ok {
			twice[entry.RequestID] = true
		}
		all[entry.RequestID] = entry
	}
	for id := range twice {
		delete(all, id)
	}
	return all, n, forwarded, nil
}

// split takes the target apart as RFC 9112 §3.2 does: a target in absolute form names the host, which goes before Host.
func (p plainRequest) split() (path, query string) {
	target := p.target
	if !strings.HasPrefix(target, "/") {
		_, rest, _ := strings.Cut(target, "://")
		target = rest[max(strings.IndexAny(rest, "/?"), 0):]
	}
	path, query, _ = strings.Cut(target, "?")
	return path, query
}

// compareEntry compares with what the access log says of the request.
func (p plainRequest) compareEntry(e exchangeEntry) error {
	host := p.host
	if i := strings.LastIndexByte(host, ':'); i >= 0 && !strings.Contains(host[i:], "]") {
		host = host[:i]
	}
	path, _ := p.split()
	if valid(e.DomainName) != valid(host) || !strings.HasSuffix(valid(path), valid(e.Path)) {
		return fmt.Errorf("logged as %+v, net/http reads %q %q", e, host, path)
	}
	return nil
}

var replaced = regexp.MustCompile("\ufffd+")

// valid is a text as a log in JSON can have it, however many bytes one that is none is made of.
func valid(s string) string {
	return replaced.ReplaceAllString(strings.ToValidUTF8(s, "\ufffd"), "\ufffd")
}

// compare compares with what the back end got.
func (p plainRequest) compare(got plainRequest) error {
	if override := p.header.Get("X-Http-Method-Override"); got.method != p.method && got.method != override {
		return fmt.Errorf("the back end got method %s, net/http reads %s", got.method, p.method)
	}
	if want := p.passed(); !sameTarget(got.target, want) {
		return fmt.Errorf("the back end got target %q, want %q", got.target, want)
	}
	if !bytes.Equal(got.body, p.body) {
		return fmt.Errorf("the back end got body %q, net/http reads %q", got.body, p.body)
	}
	if got, want := without(got.header, nil), p.passedHeader(); !reflect.DeepEqual(got, want) {
		return fmt.Errorf("the back end got headers %q, want %q", got, want)
	}
	return nil
}

// passed is the target that is to be passed on: what is below the stage.
func (p plainRequest) passed() string {
	path, query := p.split()
	_, rest, _ := strings.Cut(path, "/prod")
	if query != "" {
		query = "?" + query
	}
	return "/" + strings.TrimLeft(rest, "/") + query
}

// sameTarget compares targets but for a slash at the path's end, which is not passed on.
func sameTarget(a, b string) bool {
	pathA, queryA, _ := strings.Cut(a, "?")
	pathB, queryB, _ := strings.Cut(b, "?")
	return strings.TrimRight(pathA, "/") == strings.TrimRight(pathB, "/") && queryA == queryB
}

// ofTheHop are headers that are not passed on, or not as they were, or that the gateway adds.
var ofTheHop = []string{
	"Connection", "Content-Encoding", "Content-Length", "Content-Md5", "Expect", "Host", "Keep-Alive", "Max-Forwards",
	"Proxy-Authenticate", "Proxy-Connection", "Server", "Te", "Trailer", "Transfer-Encoding", trailerName, "Upgrade", "User-Agent", "Via",
	"Www-Authenticate", "X-Amzn-Apigateway-Api-Id", "X-Amzn-Trace-Id",
}

// passedHeader are the headers that are to be passed on.
func (p plainRequest) passedHeader() http.Header {
	var nominated []string
	for _, value := range p.header["Connection"] {
		for name := range strings.SplitSeq(value, ",") {
			nominated = append(nominated, textproto.CanonicalMIMEHeaderKey(strings.TrimSpace(name)))
		}
	}
	h := without(p.header, nominated)
	for name, values := range h {
		if name == "Authorization" { // signatures were made for the gateway
			values = slices.DeleteFunc(slices.Clone(values), func(v string) bool { return strings.HasPrefix(v, "AWS4-HMAC-SHA256 ") })
		}
		if h[name] = values; len(values) == 0 {
			delete(h, name)
		}
	}
	return h
}

func without(h http.Header, names []string) http.Header {
	h = h.Clone()
	for _, name := range slices.Concat(ofTheHop, names) {
		delete(h, name)
	}
	return h
}
