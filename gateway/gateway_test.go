package gateway_test

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tollbook/tollbook/accesslog"
	"github.com/tollbook/tollbook/gateway"
)

// TestMain makes room for the event loops, as tollbook serve does.
func TestMain(m *testing.M) {
	runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + 1)
	os.Exit(m.Run())
}

// A bench is a gateway with one stage at a real listener, and the log of what it served.
type bench struct {
	t      testing.TB
	gw     *gateway.Gateway
	addr   string
	server *gateway.Server
	access *accesslog.Writer
	log    *memoryLog
	client *http.Client
	once   sync.Once
}

// memoryLog is an Appender that keeps what it gets.
type memoryLog struct {
	gate    chan struct{} // if not nil: nothing is taken before it is closed
	mu      sync.Mutex
	entries map[string][]string // by group
}

func (m *memoryLog) AppendEntries(ctx context.Context, dest accesslog.Destination, entries []accesslog.RenderedEntry) error {
	if m.gate != nil {
		select {
		case <-m.gate:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, e := range entries {
		m.entries[dest.Group] = append(m.entries[dest.Group], strings.Clone(e.Message))
	}
	return nil
}

const (
	group     = "API-Gateway-Access-Logs_a1b2c3d4e5/prod"
	logFormat = `{"id":"$context.requestId","xid":"$context.extendedRequestId","ip":"$context.identity.sourceIp",` +
		`"method":"$context.httpMethod","path":"$context.path","resource":"$context.resourcePath","status":$context.status,` +
		`"length":$context.responseLength,"integration":"$context.integrationStatus","type":"$context.error.responseType",` +
		`"message":$context.error.messageString,"cause":"$context.integration.error","domain":"$context.domainName"}`
)

// stageOf is a stage "prod" of the API a1b2c3d4e5 with its access log on.
func stageOf(routes ...gateway.Route) gateway.Stage {
	return gateway.Stage{
		APIID: "a1b2c3d4e5", Name: "prod", DeploymentID: "d3p10y", AccountID: "123456789012", Region: "us-east-1",
		EndpointType: "REGIONAL", Variables: map[string]string{"greeting": "hello", "v": "2"},
		Routes:    routes,
		AccessLog: &gateway.AccessLog{Group: group, Region: "us-east-1", Format: logFormat},
	}
}

func start(t testing.TB, stages ...gateway.Stage) *bench {
	t.Helper()
	return startWith(t, gateway.Config{}, stages...)
}

func startWith(t testing.TB, cfg gateway.Config, stages ...gateway.Stage) *bench {
	t.Helper()
	return startLogging(t, cfg, new(memoryLog), accesslog.Options{FlushInterval: time.Millisecond}, stages...)
}

func startLogging(t testing.TB, cfg gateway.Config, log *memoryLog, opt accesslog.Options, stages ...gateway.Stage) *bench {
	t.Helper()
	log.entries = map[string][]string{}
	cfg.UpstreamConns = cmp.Or(cfg.UpstreamConns, 64)
	if cfg.Endpoints == nil {
		cfg.Endpoints = hubEndpoints(t)
	}
	b := &bench{t: t, log: log}
	b.access = accesslog.NewWriter(b.log, opt)
	gw, err := gateway.New(cfg, b.access)
	if err != nil {
		t.Fatal(err)
	}
	b.gw = gw
	for _, s := range stages {
		b.set(s)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b.addr = listener.Addr().String()
	server := gateway.NewServer(gw)
	b.server = server
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	b.client = &http.Client{
		Transport:     &http.Transport{DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	t.Cleanup(func() {
		b.client.CloseIdleConnections()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := server.Shutdown(ctx); err != nil {
			t.Errorf("shutdown: %v", err)
		}
		listener.Close() // if Serve has not even begun
		<-served
		b.lines("")
		if err := gw.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func (b *bench) set(s gateway.Stage) {
	b.t.Helper()
	table, err := gateway.Compile(s)
	if err != nil {
		b.t.Fatal(err)
	}
	b.gw.SetStage(s.APIID, s.Name, table)
}

// lines ends the log and returns what it holds.
func (b *bench) lines(group string) []string {
	b.t.Helper()
	b.once.Do(func() {
		if err := b.access.Close(context.Background()); err != nil {
			b.t.Error(err)
		}
	})
	b.log.mu.Lock()
	defer b.log.mu.Unlock()
	return b.log.entries[group]
}

type answer struct {
	status int
	header http.Header
	body   string
}

// do sends a request to a path of the API's own host.
func (b *bench) do(method, path, body string, headers ...string) answer {
	b.t.Helper()
	req, err := http.NewRequest(method, "http://"+b.addr+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	req.Host = "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com"
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			req.Host = headers[i+1]
		}
		req.Header[headers[i]] = append(req.Header[headers[i]], headers[i+1])
	}
	resp, err := b.client.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(data)}
}

// raw sends bytes on a connection of their own and returns all that comes back.
func (b *bench) raw(request string) string {
	b.t.Helper()
	conn, err := net.Dial("tcp", b.addr)
	if err != nil {
		b.t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		b.t.Fatal(err)
	}
	if _, err := io.WriteString(conn, request); err != nil {
		b.t.Fatal(err)
	}
	data, _ := io.ReadAll(conn) // a reset after the answer is no matter
	return string(data)
}

func mock(method, path, body string) gateway.Route {
	return gateway.Route{
		ResourceID: "r" + path, ResourcePath: path, Method: method, AuthorizationType: "NONE",
		Integration: gateway.Integration{
			Type:             "MOCK",
			RequestTemplates: map[string]string{"application/json": `{"statusCode": 200}`},
			Responses: []gateway.IntegrationResponse{{
				StatusCode: "200", Templates: map[string]string{"application/json": body},
			}},
		},
		MethodResponses: map[string]gateway.MethodResponse{"200": {}},
	}
}

func proxy(method, path, uri string, parameters map[string]string) gateway.Route {
	return gateway.Route{
		ResourceID: "r" + path, ResourcePath: path, Method: method, AuthorizationType: "NONE",
		Integration: gateway.Integration{Type: "HTTP_PROXY", Method: "ANY", URI: uri, RequestParameters: parameters},
	}
}

// echo is a back end that answers with the request as it saw it.
func echo(t testing.TB) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var out strings.Builder
		fmt.Fprintf(&out, "%s %s host=%s\n", r.Method, r.RequestURI, r.Host)
		if err := r.Header.Write(&out); err != nil {
			t.Error(err)
		}
		fmt.Fprintf(&out, "\n%s", body)
		w.Header().Set("X-Echo", "yes")
		w.WriteHeader(http.StatusOK)
		_, _ = io.WriteString(w, strings.ReplaceAll(out.String(), "\r\n", "\n"))
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// backend answers each request on a connection with fixed bytes, whatever it is asked, and then does what after says.
func backend(t testing.TB, answer string, after func(net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				r := bufio.NewReader(conn)
				for {
					req, err := http.ReadRequest(r)
					if err != nil {
						return
					}
					_, _ = io.Copy(io.Discard, req.Body)
					if _, err := io.WriteString(conn, answer); err != nil {
						return
					}
					if after != nil {
						after(conn)
						return
					}
				}
			}()
		}
	}()
	return "http://" + listener.Addr().String()
}

// dial opens a connection that the test closes, with a deadline.
func (b *bench) dial() net.Conn {
	b.t.Helper()
	conn, err := net.Dial("tcp", b.addr)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		b.t.Fatal(err)
	}
	return conn
}

// discardErrors takes what test servers say of clients that they refuse.
var discardErrors = log.New(io.Discard, "", 0)
