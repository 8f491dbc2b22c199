package gateway_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tollbook/tollbook/gateway"
)

// TestCertificateChangesUnderConnections: open connections go on, sessions are resumed, new clients see the new certificate.
func TestCertificateChangesUnderConnections(t *testing.T) {
	t.Parallel()
	authority := issue(t, "authority", nil)
	roots := x509.NewCertPool()
	roots.AddCert(authority.Leaf)
	var cert atomic.Pointer[tls.Certificate]
	cert.Store(issue(t, apiHost, authority))
	b := start(t, stageOf(mock("GET", "/", "root"))).secure(cert.Load, roots)
	shown := func(conn *tls.Conn) *x509.Certificate { return conn.ConnectionState().PeerCertificates[0] }
	conf := &tls.Config{RootCAs: roots, ServerName: apiHost, NextProtos: []string{"http/1.1"}, ClientSessionCache: tls.NewLRUClientSessionCache(4)}
	open, second := b.get(conf), b.clientOf(&tls.Config{})
	if resp, _ := call(t, second, "GET", "https://"+apiHost+"/prod", ""); resp.ProtoMajor != 2 {
		t.Errorf("got %s", resp.Proto)
	}
	before := shown(open)
	cert.Store(issue(t, apiHost, authority))

	if status := getOn(t, open); status != 200 {
		t.Errorf("the open connection: %d", status)
	}
	if resp, _ := call(t, second, "GET", "https://"+apiHost+"/prod", ""); resp.StatusCode != 200 || !resp.TLS.PeerCertificates[0].Equal(before) {
		t.Errorf("the open HTTP/2 connection: %d", resp.StatusCode)
	}
	if conn := b.get(conf); !conn.ConnectionState().DidResume {
		t.Error("the session was not resumed")
	}
	if conn := b.get(&tls.Config{RootCAs: roots, ServerName: apiHost}); shown(conn).Equal(before) {
		t.Error("a new client sees the old certificate")
	}
}

// get connects and makes a request, with which session tickets come.
func (b *secureBench) get(conf *tls.Config) *tls.Conn {
	b.t.Helper()
	conn, err := tls.Dial("tcp", b.tlsAddr, conf)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { conn.Close() })
	if status := getOn(b.t, conn); status != 200 && status != 403 {
		b.t.Errorf("answered %d", status)
	}
	return conn
}

func getOn(t testing.TB, conn *tls.Conn) int {
	t.Helper()
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "GET /prod HTTP/1.1\r\nHost: %s\r\n\r\n", conn.ConnectionState().ServerName)
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode
}

// TestSessionsEnd: ticket keys change by the day, and those of a week ago are forgotten.
func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	b := startTLS(t, gateway.Config{})
	cert := issue(t, apiHost, nil)
	var days atomic.Int64
	conf := b.gw.TLSConfig(func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return cert, nil })
	conf.Time = func() time.Time { return time.Now().Add(time.Duration(days.Load()) * 25 * time.Hour) }
	l := listen(t)
	go func() { _ = b.server.ServeTLS(l, conf) }() // ends with the server
	b.tlsAddr = l.Addr().String()
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		days.Store(0)
		first := tls.NewLRUClientSessionCache(4)
		client := &tls.Config{InsecureSkipVerify: true, ServerName: apiHost, MaxVersion: version, ClientSessionCache: first}
		b.get(client)
		session, _ := first.Get(apiHost)
		for _, step := range []struct {
			day     int64
			resumed bool
		}{{0, true}, {1, true}, {3, true}, {8, false}} {
			days.Store(step.day)
			first.Put(apiHost, session) // the first day's
			if got := b.get(client).ConnectionState(); got.DidResume != step.resumed || got.Version != version {
				t.Errorf("TLS %x, day %d: resumed %v", version, step.day, got.DidResume)
			}
		}
	}
}

// TestMutualTLSAsksAgain: a session from before a domain wanted certificates does not keep its client from showing one.
func TestMutualTLSAsksAgain(t *testing.T) {
	t.Parallel()
	b := startTLS(t, gateway.Config{}, stageOf(mock("GET", "/", "root")))
	authority, pool := issue(t, "clients", nil), x509.NewCertPool()
	pool.AddCert(authority.Leaf)
	domain := gateway.Domain{Name: "api.example.com", Mappings: []gateway.BasePathMapping{{BasePath: "prod", APIID: "a1b2c3d4e5", Stage: "prod"}},
		Certificate: issue(t, "api.example.com", nil)}
	b.gw.SetDomain(domain)
	conf := &tls.Config{InsecureSkipVerify: true, ServerName: "api.example.com", Certificates: []tls.Certificate{*issue(t, "client", authority)},
		ClientSessionCache: tls.NewLRUClientSessionCache(4)}
	b.get(conf)
	domain.ClientCAs = pool
	b.gw.SetDomain(domain)
	for _, resumed := range []bool{false, true} {
		conn := b.get(conf)
		if status := getOn(t, conn); status != 200 || conn.ConnectionState().DidResume != resumed {
			t.Errorf("%d, resumed %v, want %v", status, conn.ConnectionState().DidResume, resumed)
		}
	}
}

func TestOldTLSIsRefused(t *testing.T) {
	t.Parallel()
	b := startTLS(t, gateway.Config{})
	conn, err := tls.Dial("tcp", b.tlsAddr, &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11})
	if err == nil {
		conn.Close()
		t.Error("TLS 1.1 was spoken")
	}
}
