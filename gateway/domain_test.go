package gateway_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tollbook/tollbook/gateway"
)

func TestDomains(t *testing.T) {
	t.Parallel()
	other := stageOf(mock("GET", "/", "other root"))
	other.APIID, other.Name, other.AccessLog = "zzzzzzzzzz", "dev", nil
	mine := stageOf(mock("GET", "/", "root"), mock("GET", "/pets/{id}", "pet"))
	mine.DisableExecuteAPIEndpoint = true
	mine.AccessLog.Format = `$context.requestId $context.domainName $context.customDomain.basePathMatched $context.path $context.resourcePath $context.status`
	b := start(t, mine, other)
	b.gw.SetDomain(gateway.Domain{Name: "api.example.com", Mappings: []gateway.BasePathMapping{
		{BasePath: "v1", APIID: "a1b2c3d4e5", Stage: "prod"},
		{BasePath: "v10", APIID: "zzzzzzzzzz", Stage: "dev"},
		{BasePath: "any", APIID: "a1b2c3d4e5"},
		{BasePath: "gone", APIID: "nope", Stage: "prod"},
	}})
	b.gw.SetDomain(gateway.Domain{Name: "*.example.org", Mappings: []gateway.BasePathMapping{{APIID: "zzzzzzzzzz", Stage: "dev"}}})
	for _, c := range []struct {
		host, path string
		status     int
		body       string
	}{
		{"api.example.com", "/v1/pets/7", 200, "pet"},
		{"API.Example.com:8080", "/v1", 200, "root"},
		{"api.example.com", "/v10/", 200, "other root"},
		{"api.example.com", "/any/prod/pets/7?x=1", 200, "pet"},
		{"api.example.com", "/any/nope/pets/7", 403, `{"message":"Forbidden"}`},
		{"api.example.com", "/gone/", 403, `{"message":"Forbidden"}`},
		{"api.example.com", "/v2", 403, `{"message":"Forbidden"}`},
		{"shop.example.org", "/", 200, "other root"},
		{"example.org", "/zzzzzzzzzz/dev/", 200, "other root"}, // no wildcard of it, so the path says where it goes
		{"a1b2c3d4e5.execute-api.us-east-1.amazonaws.com", "/prod/", 403, `{"message":"Forbidden"}`},
	} {
		got := b.do("GET", c.path, "", "Host", c.host)
		if got.status != c.status || got.body != c.body {
			t.Errorf("%s%s: %d %s, want %d %s", c.host, c.path, got.status, got.body, c.status, c.body)
		}
	}
	b.gw.RemoveDomain("api.example.com")
	if got := b.do("GET", "/v1/pets/7", "", "Host", "api.example.com"); got.status != 403 {
		t.Errorf("removed domain: %d", got.status)
	}
	if lines := strings.Join(b.lines(group), "\n"); !strings.Contains(lines, " api.example.com v1 /v1/pets/7 /pets/{id} 200") {
		t.Errorf("entries %s", lines)
	}
}

// issue makes a certificate for a name, signed by the parent or by itself.
func issue(t *testing.T, name string, parent *tls.Certificate) *tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(42), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
		IsCA:        parent == nil, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	signer, issuer := any(key), template
	if parent != nil {
		signer, issuer = parent.PrivateKey, parent.Leaf
	}
	der, err := x509.CreateCertificate(rand.Reader, template, issuer, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

func TestMutualTLS(t *testing.T) {
	t.Parallel()
	stage := stageOf(mock("GET", "/", "root"))
	stage.AccessLog.Format = `$context.requestId $context.status $context.tlsVersion $context.identity.clientCert.subjectDN $context.identity.clientCert.serialNumber`
	b := start(t, stage)
	authority := issue(t, "authority", nil)
	pool := x509.NewCertPool()
	pool.AddCert(authority.Leaf)
	b.gw.SetDomain(gateway.Domain{
		Name: "api.example.com", Mappings: []gateway.BasePathMapping{{APIID: "a1b2c3d4e5", Stage: "prod"}},
		Certificate: issue(t, "api.example.com", authority), ClientCAs: pool,
	})
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = b.server.ServeTLS(plain, b.gw.TLSConfig(nil)) }() // ends with the server
	get := func(cert *tls.Certificate) (int, error) {
		conf := &tls.Config{RootCAs: pool, ServerName: "api.example.com"}
		if cert != nil {
			conf.Certificates = []tls.Certificate{*cert}
		}
		client := &http.Client{Transport: &http.Transport{
			TLSClientConfig: conf, DisableKeepAlives: true,
			DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, network, plain.Addr().String())
			},
		}}
		resp, err := client.Get("https://api.example.com/")
		if err != nil {
			return 0, err
		}
		defer resp.Body.Close()
		return resp.StatusCode, nil
	}
	good := issue(t, "client", authority)
	for _, c := range []struct {
		name string
		cert *tls.Certificate
		want int
	}{{"none", nil, 403}, {"of another authority", issue(t, "stranger", nil), 403}, {"good", good, 200}, {"good again", good, 200}} {
		if got, err := get(c.cert); err != nil || got != c.want {
			t.Errorf("certificate %s: %d %v, want %d", c.name, got, err, c.want)
		}
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true, ServerName: "other.example.com"}}}
	if resp, err := client.Get("https://" + plain.Addr().String()); err == nil {
		resp.Body.Close()
		t.Error("a name without a certificate was served")
	}
	lines := b.lines(group)
	if last := lines[len(lines)-1]; !strings.HasSuffix(last, " 200 TLSv1.3 CN=client 42") {
		t.Errorf("entry %q", last)
	}
}
