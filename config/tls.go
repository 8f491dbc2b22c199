package config

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"os"
)

// validateTLS reports what is wrong with certificates, for clients and for back ends.
func (c *Config) validateTLS() error {
	var errs []error
	fail := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if c.GatewayTLSAddr == "" {
		for _, s := range []struct{ name, value string }{{"tls-dir", c.TLSDir}, {"acme-email", c.AcmeEmail}} {
			if s.value != "" {
				fail("%s: certificates need a listener that shows them: --gateway-tls-addr", s.name)
			}
		}
	}
	if c.TLSDir != "" {
		if info, err := os.Stat(c.TLSDir); err != nil {
			fail("tls-dir: %w", err)
		} else if !info.IsDir() {
			fail("tls-dir: %s is not a directory", c.TLSDir)
		}
	}
	if c.AcmeEmail != "" {
		if addr, err := mail.ParseAddress(c.AcmeEmail); err != nil || addr.Address != c.AcmeEmail {
			fail("acme-email: %q is not an address such as ops@example.com", c.AcmeEmail)
		}
		if u, err := url.Parse(c.AcmeDirectory); err != nil || u.Scheme != "https" || u.Host == "" {
			fail("acme-directory: %q is not an https URL", c.AcmeDirectory)
		}
	} else if c.AcmeRoots != "" {
		fail("acme-roots: has no use without --acme-email")
	}
	if _, err := c.AcmeAuthorities(); err != nil {
		errs = append(errs, err)
	}
	if _, err := c.UpstreamAuthorities(); err != nil {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// AcmeAuthorities are those that the ACME server's certificate may come from. Nil: the system's.
func (c *Config) AcmeAuthorities() (*x509.CertPool, error) {
	return authorities("acme-roots", c.AcmeRoots)
}

// UpstreamAuthorities are those that back ends' certificates may come from. Nil: the system's.
func (c *Config) UpstreamAuthorities() (*x509.CertPool, error) {
	return authorities("upstream-roots", c.UpstreamRoots)
}

// authorities adds those of a PEM file to the system's.
func authorities(setting, file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", setting, err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool() // a system without any
	}
	if !pool.AppendCertsFromPEM(data) {
		return nil, fmt.Errorf("%s: there is no PEM certificate in %s", setting, file)
	}
	return pool, nil
}
