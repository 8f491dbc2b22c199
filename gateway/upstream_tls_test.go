package gateway_test

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tollbook/tollbook/gateway"
)

// secureEcho is a back end over TLS that says who shook hands, and whether that took a session up again. It takes one
// request for each connection.
func secureEcho(t *testing.T, auth tls.ClientAuthType, clients ...*tls.Certificate) *httptest.Server {
	t.Helper()
	pool := x509.NewCertPool()
	for _, c := range clients {
		pool.AddCert(c.Leaf)
	}
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "close")
		who := "nobody"
		if certs := r.TLS.PeerCertificates; len(certs) > 0 {
			who = certs[0].Subject.CommonName
		}
		fmt.Fprintf(w, "%s resumed=%t", who, r.TLS.DidResume)
	}))
	s.Config.ErrorLog = discardErrors
	s.TLS = &tls.Config{ClientAuth: auth, ClientCAs: pool}
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func rootsOf(s *httptest.Server) *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	return pool
}

func TestClientCertificateForBackEnds(t *testing.T) {
	t.Parallel()
	first, second, stranger := issue(t, "first", nil), issue(t, "second", nil), issue(t, "stranger", nil)
	s := secureEcho(t, tls.RequireAndVerifyClientCert, first, second)
	routes := []gateway.Route{proxy("GET", "/proxy", s.URL, nil), proxy("GET", "/http", s.URL, nil), proxy("GET", "/plain", echo(t), nil)}
	routes[1].Integration.Type = "HTTP"
	routes[1].Integration.Responses = []gateway.IntegrationResponse{{StatusCode: "200"}}
	b := startWith(t, gateway.Config{UpstreamRoots: rootsOf(s)}, stageOf(routes...))
	refused := b.do("GET", "/prod/proxy", "")
	if refused.status != 504 {
		t.Errorf("without a certificate: %d %s", refused.status, refused.body)
	}
	for _, cert := range []*tls.Certificate{first, second, first} {
		stage := stageOf(routes...)
		stage.ClientCertificate = cert
		b.set(stage)
		for _, path := range []string{"/prod/proxy", "/prod/http"} {
			got := b.do("GET", path, "")
			if got.status != 200 || !strings.HasPrefix(got.body, cert.Leaf.Subject.CommonName+" ") {
				t.Errorf("%s as %s: %d %s", path, cert.Leaf.Subject.CommonName, got.status, got.body)
			}
		}
		if got := b.do("GET", "/prod/plain", ""); got.status != 200 {
			t.Errorf("without TLS: %d %s", got.status, got.body)
		}
	}
	stage := stageOf(routes...)
	stage.ClientCertificate = stranger
	b.set(stage)
	if got := b.do("GET", "/prod/proxy", ""); got.status != 504 {
		t.Errorf("as a stranger: %d %s", got.status, got.body)
	}
	if lines := strings.Join(b.lines(group), "\n"); strings.Count(lines, "The endpoint refused the TLS connection") != 2 {
		t.Errorf("entries %s", lines)
	}
}

func TestTestInvokeShowsClientCertificate(t *testing.T) {
	t.Parallel()
	cert := issue(t, "tester", nil)
	s := secureEcho(t, tls.RequireAndVerifyClientCert, cert)
	b := startWith(t, gateway.Config{UpstreamRoots: rootsOf(s)})
	stage := stageOf(proxy("GET", "/", s.URL, nil))
	stage.ClientCertificate = cert
	got, err := b.gw.TestInvoke(stage, gateway.TestRequest{Method: "GET"})
	if err != nil || got.Status != 200 || !strings.HasPrefix(got.Body, "tester ") {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestCertificatesOfBackEndsAreVerified(t *testing.T) {
	t.Parallel()
	s := secureEcho(t, tls.NoClientCert)
	otherName := strings.Replace(s.URL, "127.0.0.1", "localhost", 1)
	trusting, loose := proxy("GET", "/trusting", s.URL, nil), proxy("GET", "/loose", otherName, nil)
	loose.Integration.InsecureSkipVerification = true
	routes := []gateway.Route{trusting, loose, proxy("GET", "/name", otherName, nil)}
	known := startWith(t, gateway.Config{UpstreamRoots: rootsOf(s)}, stageOf(routes...))
	unknown := start(t, stageOf(routes...))
	for _, c := range []struct {
		name, path string
		b          *bench
		status     int
		cause      string
	}{
		{"trusted", "/prod/trusting", known, 200, ""},
		{"another name", "/prod/name", known, 500, "Host name 'localhost' does not match the certificate subject provided by the peer"},
		{"another name, not verified", "/prod/loose", known, 200, ""},
		{"unknown authority", "/prod/trusting", unknown, 500, "The certificate of the endpoint is not trusted"},
		{"unknown authority, not verified", "/prod/loose", unknown, 200, ""},
	} {
		if got := c.b.do("GET", c.path, ""); got.status != c.status {
			t.Errorf("%s: %d %s", c.name, got.status, got.body)
		}
	}
	lines := strings.Join(append(known.lines(group), unknown.lines(group)...), "\n")
	for _, cause := range []string{"Host name 'localhost' does not match the certificate subject", "The certificate of the endpoint is not trusted"} {
		if !strings.Contains(lines, cause) {
			t.Errorf("no %q in %s", cause, lines)
		}
	}
}

// TestSessionsOfBackEndsAreResumed: a second connection is spared the certificates, but not across client certificates.
func TestSessionsOfBackEndsAreResumed(t *testing.T) {
	t.Parallel()
	one, two := issue(t, "one", nil), issue(t, "two", nil)
	s := secureEcho(t, tls.RequireAndVerifyClientCert, one, two)
	stage := stageOf(proxy("GET", "/", s.URL, nil))
	stage.ClientCertificate = one
	b := startWith(t, gateway.Config{UpstreamRoots: rootsOf(s)}, stage)
	for _, want := range []string{"one resumed=false", "one resumed=true", "one resumed=true"} {
		if got := b.do("GET", "/prod", ""); got.body != want {
			t.Errorf("got %s, want %s", got.body, want)
		}
	}
	stage.ClientCertificate = two
	b.set(stage)
	if got := b.do("GET", "/prod", ""); got.body != "two resumed=false" {
		t.Errorf("another certificate: %s", got.body)
	}
}

// TestExpectContinue: a client that waits for leave to send its body gets it, and one with too much does not.
func TestExpectContinue(t *testing.T) {
	t.Parallel()
	b := start(t, stageOf(proxy("POST", "/", echo(t), nil)))
	head := "POST /prod HTTP/1.1\r\nHost: a1b2c3d4e5.execute-api.us-east-1.amazonaws.com\r\nConnection: close\r\n"
	conn := b.dial()
	if _, err := io.WriteString(conn, head+"Expect: 100-continue\r\nContent-Length: 5\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	leave := make([]byte, len("HTTP/1.1 100 Continue\r\n\r\n"))
	if _, err := io.ReadFull(conn, leave); err != nil || string(leave) != "HTTP/1.1 100 Continue\r\n\r\n" {
		t.Fatalf("before the body: %q, %v", leave, err)
	}
	if _, err := io.WriteString(conn, "hello"); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 200 ") || !strings.HasSuffix(string(answer), "\n\nhello") ||
		strings.Contains(string(answer), "Expect:") {
		t.Errorf("answer %s, %v", answer, err)
	}
	tooLarge := b.raw(head + "Expect: 100-continue\r\nContent-Length: 10485761\r\n\r\n")
	if !strings.HasPrefix(tooLarge, "HTTP/1.1 413 ") || strings.Contains(tooLarge, "100 Continue") ||
		!strings.Contains(tooLarge, "HTTP content length exceeded 10485760 bytes.") {
		t.Errorf("too large: %s", tooLarge)
	}
}
