package gateway_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tollbook/tollbook/gateway"
)

// TestAbort: requests that wait for a back end, for its answer or for one of its connections, are answered at once.
func TestAbort(t *testing.T) {
	t.Parallel()
	called, end := make(chan struct{}, 64), make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		called <- struct{}{}
		<-end
	}))
	defer silent.Close()
	secure := httptest.NewTLSServer(silent.Config.Handler)
	defer secure.Close()
	defer close(end)
	loose := proxy("GET", "/tls", secure.URL, nil)
	loose.Integration.InsecureSkipVerification = true
	b := start(t, stageOf(proxy("GET", "/", silent.URL, nil), loose, mock("GET", "/mock", "fine")))
	answers := make(chan answer, 4)
	for _, path := range []string{"/prod", "/prod", "/prod/tls"} {
		go func() { answers <- b.do("GET", path, "") }()
		<-called
	}
	if n := b.gw.Abort(); n != 3 {
		t.Errorf("%d requests", n)
	}
	for range 3 {
		if got := <-answers; got.status != 504 || got.body != `{"message": "Network error communicating with endpoint"}` {
			t.Errorf("%d %s", got.status, got.body)
		}
	}
	if got := b.do("GET", "/prod", ""); got.status != 504 {
		t.Errorf("later: %d", got.status)
	}
	if got := b.do("GET", "/prod/mock", ""); got.status != 200 {
		t.Errorf("without a back end: %d", got.status)
	}
	if all := strings.Join(b.lines(group), "\n"); strings.Count(all, "The gateway is stopping") != 4 {
		t.Errorf("entries %s", all)
	}
}

// TestAbortFreesTheLine: with all connections in use, those who wait for one are answered too.
func TestAbortFreesTheLine(t *testing.T) {
	t.Parallel()
	called, end := make(chan struct{}, 1), make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		called <- struct{}{}
		<-end
	}))
	defer silent.Close()
	defer close(end)
	b := startWith(t, gateway.Config{UpstreamConns: 1}, stageOf(proxy("GET", "/", silent.URL, nil)))
	answers := make(chan answer, 2)
	go func() { answers <- b.do("GET", "/prod", "") }()
	<-called
	go func() { answers <- b.do("GET", "/prod", "") }()
	b.gw.Abort()
	for range 2 {
		if got := <-answers; got.status != 504 {
			t.Errorf("%d %s", got.status, got.body)
		}
	}
}
