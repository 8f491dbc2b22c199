package gateway

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
)

// present has an integration show the stage's client certificate to its back end, if that is reached over TLS. Lambda
// functions and AWS services know the gateway by its signature.
func (i *integration) present(cert *tls.Certificate) {
	if cert == nil || len(cert.Certificate) == 0 || i.uri == nil || i.service != nil || !i.uri.upstream.tls {
		return
	}
	i.certificate = cert
	i.uri.upstream.certificate = sha256.Sum256(cert.Certificate[0])
}

// upstreamTLS is how connections to a back end shake hands. Sessions are resumed, by back end and client certificate.
func upstreamTLS(key upstreamKey, cert *tls.Certificate, roots *x509.CertPool) *tls.Config {
	if !key.tls {
		return nil
	}
	conf := &tls.Config{
		ServerName:         key.host,
		RootCAs:            roots,
		InsecureSkipVerify: key.insecure,
		ClientSessionCache: tls.NewLRUClientSessionCache(16),
		MinVersion:         tls.VersionTLS12,
	}
	if key.http2 {
		conf.NextProtos = []string{"h2", "http/1.1"}
	}
	if cert != nil {
		// whatever authorities the back end says it trusts: it may know the certificate itself
		conf.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return cert, nil }
	}
	return conf
}

// upstreamFor finds the connections to a back end, or begins with none. The caller holds g.mu.
func (g *Gateway) upstreamFor(key upstreamKey, cert *tls.Certificate) *upstream {
	u := g.upstreams[key]
	if u == nil {
		u = newUpstream(key, upstreamTLS(key, cert, g.cfg.UpstreamRoots), g.upstreamSettings())
		g.upstreams[key] = u
	}
	return u
}

func (g *Gateway) upstreamSettings() upstreamSettings {
	return upstreamSettings{
		stop: g.patience, conns: g.cfg.UpstreamConns, line: g.cfg.UpstreamQueue, idle: g.cfg.UpstreamIdle,
		counters: &g.metrics.upstreams,
	}
}

// upstreamKeyOf tells what back end an integration calls. AWS services are called by HTTP/1.1, whose header names keep their
// spelling.
func (g *Gateway) upstreamKeyOf(i *integration) upstreamKey {
	key := i.uri.upstream
	key.http2 = g.cfg.UpstreamHTTP2 && key.tls && i.service == nil
	return key
}
