package server

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/caddyserver/certmagic"
	"github.com/mholt/acmez/v3"
	"go.uber.org/zap"

	"github.com/tollbook/tollbook/config"
	"github.com/tollbook/tollbook/gateway"
)

// certificates finds the certificate for a TLS handshake with the gateway, where a custom domain name does not bring its
// own: one of the files in --tls-dir, one by ACME for a custom domain name, else one that the server signs itself.
type certificates struct {
	files *certificateFiles // nil without a directory
	acme  *certmagic.Config // nil without ACME
	cache *certmagic.Cache
	own   func() (*tls.Certificate, error)
}

func newCertificates(cfg config.Config, gw *gateway.Gateway, log *slog.Logger) (*certificates, error) {
	c := &certificates{own: sync.OnceValues(selfSigned)}
	if cfg.TLSDir != "" {
		c.files = &certificateFiles{dir: cfg.TLSDir, log: log}
		if err := c.files.load(); err != nil {
			return nil, fmt.Errorf("--tls-dir: %w", err)
		}
	}
	if cfg.AcmeEmail != "" {
		c.startACME(cfg, gw)
	}
	return c, nil
}

// startACME has certificates made for custom domain names when a client first asks for one, by the TLS-ALPN challenge on the
// TLS listener itself.
func (c *certificates) startACME(cfg config.Config, gw *gateway.Gateway) {
	settings := certmagic.Config{
		Storage: &certmagic.FileStorage{Path: filepath.Join(cfg.DataDir, "acme")},
		Logger:  zap.NewNop(),
		OnDemand: &certmagic.OnDemandConfig{DecisionFunc: func(_ context.Context, name string) error {
			if !gw.HasDomain(name) {
				return errors.New("no custom domain name")
			}
			return nil
		}},
	}
	c.cache = certmagic.NewCache(certmagic.CacheOptions{
		GetConfigForCert: func(certmagic.Certificate) (*certmagic.Config, error) { return c.acme, nil },
		Logger:           zap.NewNop(),
	})
	c.acme = certmagic.New(c.cache, settings)
	c.acme.Issuers = []certmagic.Issuer{certmagic.NewACMEIssuer(c.acme, certmagic.ACMEIssuer{
		CA: cfg.AcmeDirectory, Email: cfg.AcmeEmail, Agreed: true, DisableHTTPChallenge: true, TrustedRoots: acmeRoots(cfg), Logger: zap.NewNop(),
	})}
}

// acmeRoots are further authorities that the ACME server's own certificate may come from. Nil: the system's.
func acmeRoots(cfg config.Config) *x509.CertPool {
	if cfg.AcmeRoots == "" {
		return nil
	}
	pool := x509.NewCertPool()
	if data, err := os.ReadFile(cfg.AcmeRoots); err == nil {
		pool.AppendCertsFromPEM(data)
	}
	return pool
}

func (c *certificates) close() error {
	if c.cache != nil {
		c.cache.Stop()
	}
	return nil
}

// tlsConfig is that of the gateway's TLS listener.
func (c *certificates) tlsConfig(gw *gateway.Gateway) *tls.Config {
	if c.acme == nil {
		return gw.TLSConfig(c.find)
	}
	return gw.TLSConfig(c.find, acmez.ACMETLS1Protocol)
}

func (c *certificates) find(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	if c.acme != nil && slices.Contains(hello.SupportedProtos, acmez.ACMETLS1Protocol) {
		return c.acme.GetCertificate(hello)
	}
	if c.files != nil {
		if cert := c.files.find(hello); cert != nil {
			return cert, nil
		}
	}
	if c.acme != nil && c.acme.OnDemand.DecisionFunc(hello.Context(), hello.ServerName) == nil {
		return c.acme.GetCertificate(hello)
	}
	return c.own()
}

// certificateFiles are the pairs NAME.crt (or .pem, with the chain) and NAME.key in a directory. They are read again when
// they have changed; connections that are open stay as they are.
type certificateFiles struct {
	dir string
	log *slog.Logger

	mu      sync.Mutex
	looked  time.Time // when the directory was last looked at
	state   string    // names, sizes and times of what was read
	byFiles []*tls.Certificate
}

// lookEvery is how long a changed file may go unseen.
const lookEvery = 2 * time.Second

func (f *certificateFiles) find(hello *tls.ClientHelloInfo) *tls.Certificate {
	f.mu.Lock()
	defer f.mu.Unlock()
	if time.Since(f.looked) > lookEvery {
		if err := f.reload(); err != nil {
			f.log.Warn("certificates were not read again; those before stay in use", "dir", f.dir, "err", err)
		}
	}
	for _, cert := range f.byFiles {
		if hello.SupportsCertificate(cert) == nil && (hello.ServerName == "" || cert.Leaf.VerifyHostname(hello.ServerName) == nil) {
			return cert
		}
	}
	return nil
}

func (f *certificateFiles) load() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.reload()
}

func (f *certificateFiles) reload() error {
	f.looked = time.Now()
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		return fmt.Errorf("read certificates: %w", err)
	}
	var state strings.Builder
	for _, e := range entries {
		if info, err := e.Info(); err == nil {
			fmt.Fprintln(&state, e.Name(), info.Size(), info.ModTime().UnixNano())
		}
	}
	if state.String() == f.state {
		return nil
	}
	certs, err := f.read(entries)
	if err != nil {
		return err
	}
	f.byFiles, f.state = certs, state.String()
	return nil
}

func (f *certificateFiles) read(entries []os.DirEntry) ([]*tls.Certificate, error) {
	var certs []*tls.Certificate
	for _, e := range entries {
		name := e.Name()
		ext := filepath.Ext(name)
		if ext != ".crt" && ext != ".pem" {
			continue
		}
		base := filepath.Join(f.dir, strings.TrimSuffix(name, ext))
		cert, err := tls.LoadX509KeyPair(base+ext, base+".key")
		if err != nil {
			return nil, fmt.Errorf("read certificate %s: %w", name, err)
		}
		certs = append(certs, &cert)
	}
	return certs, nil
}

// selfSigned makes the certificate for names that none is there for. Clients have to be told to trust it.
func selfSigned() (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "tollbook"},
		DNSNames:  []string{"localhost", "*.localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, fmt.Errorf("sign a certificate: %w", err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}
