package conformance_test

import (
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/letsencrypt/pebble/v2/ca"
	"github.com/letsencrypt/pebble/v2/db"
	"github.com/letsencrypt/pebble/v2/va"
	"github.com/letsencrypt/pebble/v2/wfe"
	"github.com/miekg/dns"
)

// authority is Pebble, Let's Encrypt's ACME server for tests. It validates names for real: it looks them up, at a name
// server of ours that has every name on this machine, and connects to them.
type authority struct {
	directory string // URL
	roots     string // file with the certificate that its own one comes from
	handler   atomic.Pointer[http.Handler]
	orders    atomic.Int32
}

// newAuthority listens; open has it answer.
func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{roots: filepath.Join(t.TempDir(), "roots.pem")}
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/order-plz" {
			a.orders.Add(1)
		}
		(*a.handler.Load()).ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	a.directory = server.URL + wfe.DirectoryPath
	data := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(a.roots, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return a
}

// open begins to issue certificates for names whose TLS is at a URL, but not for one that is blocked. It returns the root of
// what it issues.
func (a *authority) open(t *testing.T, at, blocked string) (root []byte) {
	t.Helper()
	u := must(url.Parse(at))(t)
	port := must(strconv.Atoi(u.Port()))(t)
	quiet, names := log.New(io.Discard, "", 0), db.NewMemoryStore()
	if err := names.AddBlockedDomain(blocked); err != nil {
		t.Fatal(err)
	}
	issuer := ca.New(quiet, names, "", "ecdsa", 0, 1, map[string]ca.Profile{"default": {Description: "all"}})
	validator := va.New(quiet, 0, port, false, nameServer(t), names)
	front := wfe.New(quiet, names, validator, issuer, []string{"pebble.test"}, false, false, 1, 1)
	handler := front.Handler()
	a.handler.Store(&handler)
	return issuer.GetRootCert(0).PEM()
}

func nameServer(t *testing.T) (addr string) {
	t.Helper()
	listener := must(net.Listen("tcp", "127.0.0.1:0"))(t)
	server := &dns.Server{Listener: listener, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, r *dns.Msg) {
		reply := new(dns.Msg).SetReply(r)
		if q := r.Question[0]; q.Qtype == dns.TypeA {
			reply.Answer = []dns.RR{&dns.A{
				Hdr: dns.RR_Header{Name: q.Name, Rrtype: dns.TypeA, Class: dns.ClassINET}, A: net.IPv4(127, 0, 0, 1)}}
		}
		_ = w.WriteMsg(reply) // the other side has gone if this fails
	})}
	go func() { _ = server.ActivateAndServe() }() // ends with the listener
	t.Cleanup(func() { listener.Close() })
	return listener.Addr().String()
}

// TestACME has the certificate of a custom domain made when a client first asks for it, and finds it again after a restart.
func TestACME(t *testing.T) {
	t.Setenv("PEBBLE_VA_NOSLEEP", "1")
	t.Setenv("PEBBLE_WFE_NONCEREJECT", "0") // else some orders come twice
	a, dir := newAuthority(t), t.TempDir()
	flags := []string{"--gateway-tls-addr", "127.0.0.1:0", "--acme-email", "ops@example.com", "--acme-directory", a.directory, "--acme-roots", a.roots}
	p := start(t, dir, flags...)
	root := a.open(t, p.GatewayTLS, "blocked.example.com")
	api := notesAPI(t, p, notesService(t).URL)
	deploy(t, p, api, "prod")
	for _, name := range []string{"shop.example.com", "blocked.example.com"} {
		must(p.apigateway().CreateDomainName(t.Context(), &apigateway.CreateDomainNameInput{DomainName: &name}))(t)
		must(p.apigateway().CreateBasePathMapping(t.Context(), &apigateway.CreateBasePathMappingInput{
			DomainName: &name, RestApiId: &api, Stage: aws.String("prod")}))(t)
	}
	for range 2 {
		if status, body := getTLS(t, p, "shop.example.com", root, "/notes/7"); status != 200 {
			t.Errorf("shop: %d %s", status, body)
		}
	}
	if n := a.orders.Load(); n != 1 {
		t.Errorf("%d orders for one name", n)
	}
	for _, name := range []string{"blocked.example.com", "blocked.example.com", "unknown.example.com"} {
		if issuer := issuerOf(t, p, name); issuer != "tollbook" {
			t.Errorf("%s has a certificate of %s", name, issuer)
		}
	}
	if n := a.orders.Load(); n != 2 {
		t.Errorf("%d orders, want one for each domain", n)
	}
	told := p.Stderr()
	if strings.Count(told, "there is no certificate by ACME") != 1 || !strings.Contains(told, "rejectedIdentifier") {
		t.Errorf("what went wrong is not in the log, once")
	}
	if info, err := os.Stat(filepath.Join(dir, "acme")); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("keys are kept in %v, %v", info.Mode(), err)
	}
	if err := p.Stop(); err != nil {
		t.Fatal(err)
	}
	p = start(t, dir, flags...)
	if status, _ := getTLS(t, p, "shop.example.com", root, "/notes/7"); status != 200 {
		t.Errorf("after a restart: %d", status)
	}
	if n := a.orders.Load(); n != 2 {
		t.Errorf("%d orders after a restart", n)
	}
}
