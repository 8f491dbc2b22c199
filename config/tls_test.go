package config_test

import (
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestBadTLSSettings(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	missing, text := filepath.Join(dir, "missing"), filepath.Join(dir, "text.pem")
	if err := os.WriteFile(text, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	const tlsAddr, email = "--gateway-tls-addr=127.0.0.1:0", "--acme-email=ops@example.com"
	for _, c := range []struct {
		name string
		args []string
		want string
	}{
		{"open listener without authentication", []string{"--gateway-tls-addr=:8443"}, "gateway-tls-addr: :8443 is reachable from other machines"},
		{"files without a listener", []string{"--tls-dir=" + dir}, "tls-dir: certificates need a listener that shows them: --gateway-tls-addr"},
		{"acme without a listener", []string{email}, "acme-email: certificates need a listener that shows them: --gateway-tls-addr"},
		{"no directory", []string{tlsAddr, "--tls-dir=" + missing}, "tls-dir: stat " + missing},
		{"file for a directory", []string{tlsAddr, "--tls-dir=" + text}, "text.pem is not a directory"},
		{"no address", []string{tlsAddr, "--acme-email=ops"}, `acme-email: "ops" is not an address such as ops@example.com`},
		{"address with a name", []string{tlsAddr, "--acme-email=Ops <ops@example.com>"}, "is not an address"},
		{"plain authority", []string{tlsAddr, email, "--acme-directory=http://ca.test/dir"}, `acme-directory: "http://ca.test/dir" is not an https URL`},
		{"roots without acme", []string{tlsAddr, "--acme-roots=" + text}, "acme-roots: has no use without --acme-email"},
		{"unreadable roots", []string{tlsAddr, email, "--acme-roots=" + missing}, "acme-roots: open " + missing},
		{"roots without certificates", []string{tlsAddr, email, "--acme-roots=" + text}, "acme-roots: there is no PEM certificate in " + text},
		{"unreadable roots of back ends", []string{"--upstream-roots=" + missing}, "upstream-roots: open " + missing},
		{"no roots of back ends", []string{"--upstream-roots=" + text}, "upstream-roots: there is no PEM certificate in " + text},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := parse(t, "", c.args...)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want it to contain %q", err, c.want)
			}
		})
	}
}

// TestAuthorities: those of a file are trusted, and without a file the system's are (nil).
func TestAuthorities(t *testing.T) {
	t.Parallel()
	s := httptest.NewTLSServer(http.NotFoundHandler())
	defer s.Close()
	file := filepath.Join(t.TempDir(), "roots.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := parse(t, "upstream-roots: "+file, "--gateway-tls-addr=127.0.0.1:0", "--acme-email=ops@example.com", "--acme-roots="+file)
	if err != nil {
		t.Fatal(err)
	}
	for name, roots := range map[string]func() (*x509.CertPool, error){"acme": c.AcmeAuthorities, "upstream": c.UpstreamAuthorities} {
		pool, err := roots()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Certificate().Verify(x509.VerifyOptions{Roots: pool}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if c, err = parse(t, ""); err != nil {
		t.Fatal(err)
	}
	if pool, err := c.UpstreamAuthorities(); pool != nil || err != nil {
		t.Errorf("by default: %v, %v", pool, err)
	}
}
