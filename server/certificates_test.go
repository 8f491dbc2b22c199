package server

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
)

// writePair writes NAME.crt and NAME.key for the host names; the certificate is told by its common name.
func writePair(t *testing.T, dir, name, common string, notAfter time.Time, hosts ...string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: common}, DNSNames: hosts,
		NotBefore: notAfter.AddDate(-1, 0, 0), NotAfter: notAfter,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, name+".crt"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	write(t, filepath.Join(dir, name+".key"), pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: keyDER}))
}

func write(t *testing.T, file string, data []byte) {
	t.Helper()
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// watched are certificate files with a clock that the test moves past each look.
type watched struct {
	*certificateFiles
	at  time.Time
	log bytes.Buffer
}

func watch(t *testing.T, dir string) *watched {
	t.Helper()
	w := &watched{at: time.Now()}
	w.certificateFiles = newCertificateFiles(dir, slog.New(slog.NewTextHandler(&w.log, nil)))
	w.now = func() time.Time { return w.at }
	if err := w.load(); err != nil {
		t.Fatal(err)
	}
	return w
}

// shown is the common name of the certificate that a client gets which asks for a name; empty: none.
func (w *watched) shown(serverName string) string {
	w.at = w.at.Add(lookEvery)
	cert := w.find(&tls.ClientHelloInfo{
		ServerName: serverName, SupportedVersions: []uint16{tls.VersionTLS13}, SignatureSchemes: []tls.SignatureScheme{tls.ECDSAWithP256AndSHA256},
	})
	if cert == nil {
		return ""
	}
	return cert.Leaf.Subject.CommonName
}

func TestCertificateByName(t *testing.T) {
	t.Parallel()
	dir, soon, later := t.TempDir(), time.Now().AddDate(0, 1, 0), time.Now().AddDate(0, 6, 0)
	writePair(t, dir, "a", "first", soon, "a.example.com", "B.example.com")
	writePair(t, dir, "b", "wild", later, "*.example.com")
	writePair(t, dir, "c", "renewed", later, "a.example.com")
	write(t, filepath.Join(dir, "notes.txt"), []byte("no certificate"))
	w := watch(t, dir)
	for name, want := range map[string]string{
		"a.example.com": "renewed", "A.Example.com.": "renewed", "b.example.com": "first", "other.example.com": "wild",
		"x.y.example.com": "", "example.com": "", "localhost": "", "": "first",
	} {
		if got := w.shown(name); got != want {
			t.Errorf("%q gets %q, want %q", name, got, want)
		}
	}
}

func TestCertificateForWhatTheClientCanUse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writePair(t, dir, "a", "elliptic", time.Now().AddDate(0, 1, 0), "a.example.com")
	w := watch(t, dir)
	got := w.find(&tls.ClientHelloInfo{ServerName: "a.example.com", SupportedVersions: []uint16{tls.VersionTLS13},
		SignatureSchemes: []tls.SignatureScheme{tls.PSSWithSHA256}})
	if got != nil {
		t.Error("a client that knows RSA only gets an elliptic curve")
	}
}

func TestCertificatesAreReadAgain(t *testing.T) {
	t.Parallel()
	dir, until := t.TempDir(), time.Now().AddDate(0, 1, 0)
	writePair(t, dir, "a", "one", until, "a.example.com")
	writePair(t, dir, "b", "one", until, "b.example.com")
	w := watch(t, dir)
	step := func(what string, a, b string) {
		t.Helper()
		if gotA, gotB := w.shown("a.example.com"), w.shown("b.example.com"); gotA != a || gotB != b {
			t.Errorf("%s: %q and %q, want %q and %q", what, gotA, gotB, a, b)
		}
	}
	step("at first", "one", "one")
	writePair(t, dir, "a", "second", until, "a.example.com")
	step("one renewed", "second", "one")
	write(t, filepath.Join(dir, "a.key"), []byte("half a ke"))
	writePair(t, dir, "b", "second", until, "b.example.com")
	step("a bad pair stays as it was", "second", "second")
	if n := strings.Count(w.log.String(), "certificates could not be read again"); n != 1 || !strings.Contains(w.log.String(), "a.crt") {
		t.Errorf("the bad pair is told %d times: %s", n, w.log.String())
	}
	writePair(t, dir, "a", "repaired", until, "a.example.com")
	step("repaired", "repaired", "second")
	for _, name := range []string{"b.crt", "b.key"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	step("one removed", "repaired", "")
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	step("no directory", "repaired", "")
}

func TestLinkedCertificateIsReadAgain(t *testing.T) {
	t.Parallel()
	dir, real, until := t.TempDir(), t.TempDir(), time.Now().AddDate(0, 1, 0)
	writePair(t, real, "a", "one", until, "a.example.com")
	for _, name := range []string{"a.crt", "a.key"} {
		if err := os.Symlink(filepath.Join(real, name), filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	w := watch(t, dir)
	writePair(t, real, "a", "second", until.Add(time.Hour), "a.example.com")
	if got := w.shown("a.example.com"); got != "second" {
		t.Errorf("behind a link: %q", got)
	}
}

func TestBadCertificateAtTheStart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "lonely.pem"), []byte("x"))
	err := newCertificateFiles(dir, slog.New(slog.DiscardHandler)).load()
	if err == nil || !strings.Contains(err.Error(), "read certificate lonely.pem") || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("without a key: %v", err)
	}
}

// TestOpenConnectionOutlivesItsCertificate: new connections get the new certificate, the old one goes on.
func TestOpenConnectionOutlivesItsCertificate(t *testing.T) {
	t.Parallel()
	dir, until := t.TempDir(), time.Now().AddDate(0, 1, 0)
	writePair(t, dir, "a", "one", until, "a.example.com")
	w := watch(t, dir)
	c := &certificates{files: w.certificateFiles, own: selfSigned}
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener := tls.NewListener(plain, &tls.Config{GetCertificate: c.find})
	t.Cleanup(func() { listener.Close() })
	go echoConnections(listener)
	old := dialTLS(t, plain.Addr().String())
	requireEcho(t, old, "before")
	writePair(t, dir, "a", "second", until, "a.example.com")
	w.at = w.at.Add(lookEvery)
	fresh := dialTLS(t, plain.Addr().String())
	requireEcho(t, old, "after")
	requireEcho(t, fresh, "fresh")
	for conn, want := range map[*tls.Conn]string{old: "one", fresh: "second"} {
		if got := conn.ConnectionState().PeerCertificates[0].Subject.CommonName; got != want {
			t.Errorf("certificate %q, want %q", got, want)
		}
	}
}

func echoConnections(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			_, _ = io.Copy(conn, conn) // until the client has gone
		}()
	}
}

func dialTLS(t *testing.T, addr string) *tls.Conn {
	t.Helper()
	conn, err := tls.Dial("tcp", addr, &tls.Config{ServerName: "a.example.com", InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func requireEcho(t *testing.T, conn *tls.Conn, text string) {
	t.Helper()
	got := make([]byte, len(text))
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(conn, got); err != nil || string(got) != text {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestOrdersRestAfterFailures(t *testing.T) {
	t.Parallel()
	o, now := newOrders(), time.Now()
	for _, want := range []time.Duration{2, 4, 8, 16, 32, 60, 60} {
		o.fail("a", now)
		o.fail("a", now.Add(time.Second)) // of a handshake that waited, too
		end := now.Add(want * time.Minute)
		if !o.resting("a", end.Add(-time.Second)) || o.resting("a", end) || o.resting("b", now) {
			t.Errorf("rests not for %d minutes", want)
		}
		if until, tell := o.told("a"); !tell || !until.Equal(end) {
			t.Errorf("told %v %t", until, tell)
		}
		if _, tell := o.told("a"); tell {
			t.Error("told twice")
		}
		now = end
	}
	o.done("a")
	o.fail("a", now)
	if !o.resting("a", now) || o.resting("a", now.Add(firstRest)) {
		t.Error("a success begins anew")
	}
}

func TestOrdersAreBounded(t *testing.T) {
	t.Parallel()
	o, now, n := newOrders(), time.Now(), 0
	for ; o.rate.AllowN(now, 1); n++ {
	}
	for hours := range 3 {
		if !o.rate.AllowN(now.Add(time.Duration(hours+1)*orderEvery), 1) {
			t.Error("no order later")
		}
	}
	if n != orderBurst || o.rate.AllowN(now.Add(3*orderEvery), 1) {
		t.Errorf("%d orders at once", n)
	}
	for i := range maxResting + 1 {
		o.fail(string(rune(i)), now)
	}
	if len(o.failed) > maxResting {
		t.Errorf("%d names are remembered", len(o.failed))
	}
}

func TestZapWritesToSlog(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	plain := &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}
	log := zap.New(zapCore{slog.NewTextHandler(&out, plain)})
	log.Info("a step")
	log.With(zap.String("name", "x")).Warn("slow", zap.Int("tries", 2))
	log.Named("issuer").Error("no luck", zap.Error(errors.New("refused")), zap.Strings("all", []string{"x", "y"}))
	const want = "level=WARN msg=\"acme: slow\" name=x tries=2\nlevel=ERROR msg=\"acme: no luck\" all=\"[x y]\" error=refused\n"
	if out.String() != want {
		t.Errorf("got %s", out.String())
	}
}
