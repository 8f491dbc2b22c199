package gateway

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/tollbook/tollbook/accesslog"
)

var errNoCertificate = errors.New("no certificate for the name that the client asks for")

// TLSConfig is how a TLS listener of the gateway shakes hands. A custom domain's own certificate goes first; others gives
// the server's for all else and may be nil. Clients are asked for a certificate where the domain wants one; whether it will
// do is seen when the request comes, so that the client learns it as AWS says it, by a 403. Handshakes for one of the
// further protocols are left to others.
//
// Clients resume their sessions by tickets, whose keys Go makes, changes every day, and keeps for a week. They belong to the
// configuration, so that a certificate can change under them.
func (g *Gateway) TLSConfig(others func(*tls.ClientHelloInfo) (*tls.Certificate, error), protocols ...string) *tls.Config {
	base := &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: append([]string{"h2", "http/1.1"}, protocols...)}
	base.GetCertificate = func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		further := slices.ContainsFunc(hello.SupportedProtos, func(p string) bool { return slices.Contains(protocols, p) })
		if d, ok := g.domain(hello.ServerName); ok && d.Certificate != nil && !further {
			return d.Certificate, nil
		}
		if others == nil {
			return nil, errNoCertificate
		}
		return others(hello)
	}
	mutual := base.Clone()
	mutual.ClientAuth = tls.RequestClientCert
	// keys of their own: a client that knows the domain from before it had mutual TLS has to be asked
	mutual.WrapSession, mutual.UnwrapSession = mutual.EncryptTicket, mutual.DecryptTicket
	base.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		if d, ok := g.domain(hello.ServerName); ok && d.ClientCAs != nil {
			return mutual, nil
		}
		return nil, nil // the base
	}
	return base
}

// HasDomain reports whether a custom domain name is served: a certificate may be asked for it.
func (g *Gateway) HasDomain(name string) bool {
	_, ok := g.domain(name)
	return ok
}

// clientCerts remembers which certificates were found good for a domain, since a request is quicker than a signature.
type clientCerts struct {
	mu   sync.Mutex
	good map[[sha256.Size]byte]*knownCert
}

type knownCert struct {
	until time.Time // when it is looked at again
	entry *accesslog.ClientCert
}

const (
	certMemory    = time.Minute
	maxKnownCerts = 10_000
)

// checkClientCert decides whether a client may use a domain with mutual TLS, and notes who it is.
func (x *exchange) checkClientCert(d Domain) *Error {
	if d.ClientCAs == nil {
		return nil
	}
	if x.clientCerts == nil {
		return errForbidden
	}
	cert, ok := d.known.check(d.ClientCAs, x.clientCerts, x.start)
	if !ok {
		return errForbidden
	}
	x.entry.Identity.ClientCert = cert
	return nil
}

func (c *clientCerts) check(roots *x509.CertPool, chain []*x509.Certificate, now time.Time) (*accesslog.ClientCert, bool) {
	if len(chain) == 0 {
		return nil, false
	}
	key := sha256.Sum256(chain[0].Raw)
	c.mu.Lock()
	known := c.good[key]
	c.mu.Unlock()
	if known != nil && now.Before(known.until) {
		return known.entry, true
	}
	between := x509.NewCertPool()
	for _, cert := range chain[1:] {
		between.AddCert(cert)
	}
	_, err := chain[0].Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: between, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	if err != nil {
		return nil, false
	}
	entry := describeCert(chain[0])
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.good == nil || len(c.good) >= maxKnownCerts {
		c.good = map[[sha256.Size]byte]*knownCert{}
	}
	c.good[key] = &knownCert{until: now.Add(certMemory), entry: entry}
	return entry, true
}

// describeCert says a certificate as $context.identity.clientCert does.
func describeCert(cert *x509.Certificate) *accesslog.ClientCert {
	const form = "Jan _2 15:04:05 2006 MST"
	return &accesslog.ClientCert{
		PEM:          string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})),
		SubjectDN:    cert.Subject.String(),
		IssuerDN:     cert.Issuer.String(),
		SerialNumber: cert.SerialNumber.String(),
		NotBefore:    cert.NotBefore.UTC().Format(form),
		NotAfter:     cert.NotAfter.UTC().Format(form),
	}
}
