package server

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"sync"
	"time"

	"github.com/mholt/acmez/v3"

	"github.com/tollbook/tollbook/config"
	"github.com/tollbook/tollbook/gateway"
)

// certificates finds the certificate for a TLS handshake with the gateway, where a custom domain name does not bring its
// own: one of the files in --tls-dir, one by ACME for a custom domain name, else one that the server signs itself.
type certificates struct {
	files *certificateFiles // nil without a directory
	acme  *acmeCertificates // nil without ACME
	own   func() (*tls.Certificate, error)
}

// newCertificates reads the files and makes ready for ACME. at is where the gateway listens for TLS.
func newCertificates(cfg config.Config, gw *gateway.Gateway, at net.Addr, log *slog.Logger) (*certificates, error) {
	c := &certificates{own: sync.OnceValues(selfSigned)}
	if cfg.TLSDir != "" {
		c.files = newCertificateFiles(cfg.TLSDir, log)
		if err := c.files.load(); err != nil {
			return nil, fmt.Errorf("--tls-dir: %w", err)
		}
	}
	if cfg.AcmeEmail != "" {
		var err error
		if c.acme, err = newACME(cfg, gw, at, log); err != nil {
			return nil, fmt.Errorf("make ready for ACME: %w", err)
		}
	}
	return c, nil
}

func (c *certificates) close() error {
	if c.acme != nil {
		c.acme.close()
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
	if c.acme != nil && isChallenge(hello) {
		return c.acme.config.GetCertificate(hello)
	}
	if c.files != nil {
		if cert := c.files.find(hello); cert != nil {
			return cert, nil
		}
	}
	if c.acme != nil {
		if cert := c.acme.find(hello); cert != nil {
			return cert, nil
		}
	}
	return c.own()
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
