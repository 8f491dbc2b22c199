package gateway_test

import (
	"fmt"
	"net"
	"syscall"
	"testing"
	"time"
)

// blackHole is an address where connections are neither accepted nor refused: a listener whose backlog is full.
func blackHole(t *testing.T) string {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Close(fd) })
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	addr := fmt.Sprintf("127.0.0.1:%d", name.(*syscall.SockaddrInet4).Port)
	for range 10 {
		conn, err := net.DialTimeout("tcp", addr, 50*time.Millisecond)
		if err != nil {
			return addr
		}
		t.Cleanup(func() { conn.Close() })
	}
	t.Skip("the backlog of this system is never full")
	return ""
}

// TestBlackHole: before a back end that never answers the opening of a connection, requests do not pile up.
func TestBlackHole(t *testing.T) {
	t.Parallel()
	route := proxy("GET", "/", "http://"+blackHole(t), nil)
	route.Integration.Timeout = 1100 * time.Millisecond
	b := start(t, stageOf(route))
	answers := make(chan answer, 5)
	for range 5 {
		go func() { answers <- b.do("GET", "/prod", "") }()
	}
	for range 5 {
		if got := <-answers; got.body != `{"message": "Endpoint request timed out"}` {
			t.Errorf("waited: %d %s", got.status, got.body)
		}
	}
	fast := 0
	for range 20 {
		if got := b.do("GET", "/prod", ""); got.body == `{"message": "Network error communicating with endpoint"}` {
			fast++
		}
	}
	if fast < 10 { // the others were probes: one each 100 ms
		t.Errorf("%d of 20 held off", fast)
	}
}
