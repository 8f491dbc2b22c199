package gateway_test

import (
	"encoding/json"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestOneEntryEach: under load with every sort of outcome, and while the stage is deployed again and again, each answer
// has exactly one entry, with the same request ID, status and length.
func TestOneEntryEach(t *testing.T) {
	t.Parallel()
	u := echo(t)
	dead := proxy("ANY", "/dead", backend(t, "", func(c net.Conn) { _ = c.(*net.TCPConn).SetLinger(0) }), nil)
	slow := proxy("ANY", "/slow", backend(t, "", func(c net.Conn) { _, _ = c.Read(make([]byte, 1)) }), nil)
	slow.Integration.Timeout = 50 * time.Millisecond
	stage := stageOf(mock("GET", "/mock", "{}"), proxy("ANY", "/p/{proxy+}", u+"/{proxy}", passProxy), dead, slow)
	b := start(t, stage)

	type outcome struct{ status, length int }
	var mu sync.Mutex
	want := map[string]outcome{}
	var clients, deployer sync.WaitGroup
	stop := make(chan struct{})
	deployer.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				b.set(stage)
			}
		}
	})
	paths := []string{"/mock", "/p/a/b", "/dead", "/nowhere", "/mock?{", "/p/x?y=z", "/slow"}
	for g := range 8 {
		clients.Go(func() {
			for i := range 60 {
				got := b.do("GET", "/prod"+paths[(g+i)%len(paths)], "")
				mu.Lock()
				want[got.header.Get("x-amzn-RequestId")] = outcome{got.status, len(got.body)}
				mu.Unlock()
			}
		})
	}
	clients.Wait()
	close(stop)
	deployer.Wait()

	lines := b.lines(group)
	if len(lines) != 480 || len(want) != 480 {
		t.Errorf("%d entries for %d answers", len(lines), len(want))
	}
	for _, line := range lines {
		var e struct {
			ID             string
			Status, Length int
		}
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		if want[e.ID] != (outcome{e.Status, e.Length}) {
			t.Errorf("%s, but the answer was %+v", line, want[e.ID])
		}
	}
	m := b.gw.Metrics()
	if total := m.Requests[2] + m.Requests[4] + m.Requests[5]; total != 480 || m.InFlight != 0 || m.IntegrationErrors == 0 {
		t.Errorf("%+v", m)
	}
}

// TestSwap: a stage is served as it was set last, and not at all once it is removed.
func TestSwap(t *testing.T) {
	t.Parallel()
	b := start(t, stageOf(mock("GET", "/x", "one")))
	other := stageOf(mock("GET", "/x", "other"))
	other.Name = "dev"
	b.set(other)
	want := func(path, body string) {
		t.Helper()
		if got := b.do("GET", path, ""); got.body != body {
			t.Errorf("%s: %s, want %s", path, got.body, body)
		}
	}
	want("/prod/x", "one")
	want("/dev/x", "other")
	b.set(stageOf(mock("GET", "/x", "two")))
	want("/prod/x", "two")
	b.gw.RemoveStage("a1b2c3d4e5", "prod")
	b.gw.RemoveStage("a1b2c3d4e5", "nosuch")
	want("/prod/x", `{"message":"Forbidden"}`)
	want("/dev/x", "other")
	b.gw.RemoveAPI("a1b2c3d4e5")
	b.gw.RemoveAPI("nosuch")
	want("/dev/x", `{"message":"Forbidden"}`)
}

// TestShutdownDrains: a request under way is answered and logged, and its connection closed.
func TestShutdownDrains(t *testing.T) {
	t.Parallel()
	inside, release := make(chan struct{}), make(chan struct{})
	up := backend(t, "", func(c net.Conn) {
		close(inside)
		<-release
		_, _ = fmt.Fprint(c, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone")
	})
	b := start(t, stageOf(proxy("GET", "/x", up, nil)))
	result, stopped := make(chan string, 1), make(chan error, 1)
	go func() { result <- b.raw("GET /prod/x HTTP/1.1\r\nHost: a1b2c3d4e5.execute-api.x\r\n\r\n") }()
	<-inside
	go func() { stopped <- b.server.Shutdown(t.Context()) }()
	for { // until nobody listens any more
		conn, err := net.Dial("tcp", b.addr)
		if err != nil {
			break
		}
		conn.Close()
	}
	close(release)
	if got := <-result; !strings.HasSuffix(got, "done") || !strings.Contains(got, "Connection: close") {
		t.Errorf("%q", got)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	if lines := b.lines(group); len(lines) != 1 {
		t.Errorf("%q", lines)
	}
}
