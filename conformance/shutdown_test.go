package conformance_test

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestStopWithSilentBackEnd: a request whose back end never answers holds up a stop for as long as it is told to, no more.
func TestStopWithSilentBackEnd(t *testing.T) {
	t.Parallel()
	called, end := make(chan struct{}), make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		close(called)
		<-end
	}))
	defer silent.Close()
	defer close(end)
	p := start(t, t.TempDir(), "--shutdown-timeout", "1s")
	api := notesAPI(t, p, silent.URL)
	deploy(t, p, api, "prod")
	enableAccountRole(t, p)
	if err := setAccessLogs(t.Context(), p, api, "prod", groupARN(api, "prod"), "$context.requestId $context.status $context.httpMethod"); err != nil {
		t.Fatal(err)
	}
	answered := make(chan int, 1)
	go func() {
		resp, err := http.Get(p.Gateway + "/" + api + "/prod/notes/7")
		if err != nil {
			t.Error(err)
			answered <- 0
			return
		}
		resp.Body.Close()
		answered <- resp.StatusCode
	}()
	<-called
	begin := time.Now()
	if err := p.Stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
	if took := time.Since(begin); took < time.Second || took > 5*time.Second {
		t.Errorf("the stop took %v, want 1 s and little more", took)
	}
	if status := <-answered; status != 504 {
		t.Errorf("the request was answered %d", status)
	}
	if !strings.Contains(p.Stderr(), "gateway requests did not finish in time; their back ends are given up") {
		t.Error("that is not in the log")
	}
	entries := events(t, start(t, p.dir), accessLogGroup(api, "prod"))
	if len(entries) != 1 || !strings.Contains(*entries[0].Message, " 504 GET") {
		t.Errorf("entries %v", entries)
	}
}

// issuerOf is the common name of who issued the certificate that the gateway shows for a name.
func issuerOf(t *testing.T, p *product, name string) string {
	t.Helper()
	conn, err := tls.DialWithDialer(&net.Dialer{Timeout: 10 * time.Second}, "tcp", strings.TrimPrefix(p.GatewayTLS, "https://"),
		&tls.Config{ServerName: name, InsecureSkipVerify: true}) // it is the certificate that is looked at
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return conn.ConnectionState().PeerCertificates[0].Issuer.CommonName
}
