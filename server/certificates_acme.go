package server

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/caddyserver/certmagic"
	"github.com/mholt/acmez/v3"
	"go.uber.org/zap"
	"golang.org/x/time/rate"

	"github.com/tollbook/tollbook/config"
	"github.com/tollbook/tollbook/gateway"
)

// acmeCertificates has certificates made for custom domain names when a client first asks for one, by the TLS-ALPN challenge
// (RFC 8737) on the gateway's TLS listener itself, and renews them. They are kept in the data directory.
type acmeCertificates struct {
	gw     *gateway.Gateway
	log    *slog.Logger
	config *certmagic.Config
	cache  *certmagic.Cache
	orders *orders
}

// orderTimeout is how long a handshake may wait for the authority.
const orderTimeout = time.Minute

func newACME(cfg config.Config, gw *gateway.Gateway, at net.Addr, log *slog.Logger) (*acmeCertificates, error) {
	dir := filepath.Join(cfg.DataDir, "acme")
	if err := os.MkdirAll(dir, 0o700); err != nil { // keys are in it
		return nil, err
	}
	roots, err := cfg.AcmeAuthorities()
	if err != nil {
		return nil, err
	}
	host, port := addressOf(at)
	a := &acmeCertificates{gw: gw, log: log, orders: newOrders()}
	logger := zap.New(zapCore{log.Handler()})
	a.cache = certmagic.NewCache(certmagic.CacheOptions{
		GetConfigForCert: func(certmagic.Certificate) (*certmagic.Config, error) { return a.config, nil },
		Logger:           logger,
	})
	a.config = certmagic.New(a.cache, certmagic.Config{
		Storage: &certmagic.FileStorage{Path: dir}, Logger: logger,
		OnDemand: &certmagic.OnDemandConfig{DecisionFunc: a.decide},
	})
	a.config.Issuers = []certmagic.Issuer{boundedIssuer{log, a.orders, certmagic.NewACMEIssuer(a.config, certmagic.ACMEIssuer{
		CA: cfg.AcmeDirectory, Email: cfg.AcmeEmail, Agreed: true, TrustedRoots: roots, Logger: logger,
		DisableHTTPChallenge: true, ListenHost: host, AltTLSALPNPort: port, // where it finds that somebody listens already
	})}}
	return a, nil
}

func addressOf(at net.Addr) (host string, port int) {
	if tcp, ok := at.(*net.TCPAddr); ok {
		return tcp.IP.String(), tcp.Port
	}
	return "", 0
}

func (a *acmeCertificates) decide(_ context.Context, name string) error {
	if !a.gw.HasDomain(name) {
		return errors.New("there is no such custom domain name")
	}
	return nil
}

// close ends what certmagic does in the background, and lets go of orders that were under way.
func (a *acmeCertificates) close() {
	a.cache.Stop()
	certmagic.CleanUpOwnLocks(context.Background(), a.config.Logger)
}

// isChallenge tells the authority that validates a name from a client.
func isChallenge(hello *tls.ClientHelloInfo) bool {
	return len(hello.SupportedProtos) == 1 && hello.SupportedProtos[0] == acmez.ACMETLS1Protocol
}

// find is nil for names that are no custom domain, and while there is no certificate to be had.
func (a *acmeCertificates) find(hello *tls.ClientHelloInfo) *tls.Certificate {
	name := hostName(hello.ServerName)
	if !a.gw.HasDomain(name) {
		return nil
	}
	if a.orders.resting(name, time.Now()) {
		return a.cached(hello, name)
	}
	ctx, cancel := context.WithTimeout(hello.Context(), orderTimeout)
	defer cancel()
	cert, err := a.config.GetCertificateWithContext(ctx, hello)
	if err == nil {
		return cert
	}
	a.orders.fail(name, time.Now()) // also what failed before it came to an order
	if until, tell := a.orders.told(name); tell {
		a.log.Error("there is no certificate by ACME", "name", name, "next", until, "err", err)
	}
	return nil
}

// cached looks no further than memory: while a renewal rests, the certificate before is good.
func (a *acmeCertificates) cached(hello *tls.ClientHelloInfo, name string) *tls.Certificate {
	for _, cert := range a.cache.AllMatchingCertificates(name) {
		if !cert.Expired() && hello.SupportsCertificate(&cert.Certificate) == nil {
			return &cert.Certificate
		}
	}
	return nil
}

// boundedIssuer orders from an authority no more than orders allows. A failed order is not repeated in the same handshake.
type boundedIssuer struct {
	log    *slog.Logger
	orders *orders
	*certmagic.ACMEIssuer
}

var (
	_ certmagic.Issuer     = boundedIssuer{}
	_ certmagic.PreChecker = boundedIssuer{}
)

func (i boundedIssuer) Issue(ctx context.Context, request *x509.CertificateRequest) (*certmagic.IssuedCertificate, error) {
	name := strings.Join(request.DNSNames, ",")
	err := error(errTooManyOrders)
	if i.orders.rate.Allow() {
		var issued *certmagic.IssuedCertificate
		if issued, err = i.ACMEIssuer.Issue(ctx, request); err == nil {
			i.orders.done(name)
			i.log.Info("there is a new certificate by ACME", "name", name)
			return issued, nil
		}
	}
	i.orders.fail(name, time.Now())
	return nil, certmagic.ErrNoRetry{Err: err}
}

var errTooManyOrders = fmt.Errorf("%d certificates were ordered; one every %v from now on", orderBurst, orderEvery)

// orders bounds what is asked of an authority, which counts requests, and failures for each name, and refuses those who
// have too many.
type orders struct {
	rate *rate.Limiter

	mu     sync.Mutex
	failed map[string]*rest
}

// rest is the time in which nothing is ordered for a name.
type rest struct {
	until  time.Time
	wait   time.Duration
	untold bool // nobody has logged it yet
}

// Let's Encrypt takes 300 orders in three hours, and five failures for a name in an hour.
const (
	orderBurst  = 50
	orderEvery  = 72 * time.Second
	firstRest   = 2 * time.Minute
	longestRest = time.Hour
	maxResting  = 10_000
)

func newOrders() *orders {
	return &orders{rate: rate.NewLimiter(rate.Every(orderEvery), orderBurst), failed: map[string]*rest{}}
}

func (o *orders) resting(name string, now time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	r := o.failed[name]
	return r != nil && now.Before(r.until)
}

// fail lets a name rest, each time twice as long. While it rests already it does nothing.
func (o *orders) fail(name string, now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	r := o.failed[name]
	switch {
	case r != nil && now.Before(r.until):
		return
	case r == nil:
		if len(o.failed) >= maxResting {
			clear(o.failed)
		}
		r = &rest{wait: firstRest / 2}
		o.failed[name] = r
	}
	r.wait = min(2*r.wait, longestRest)
	r.until, r.untold = now.Add(r.wait), true
}

// told says until when a name rests, and whether that is news.
func (o *orders) told(name string) (until time.Time, tell bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	r := o.failed[name]
	if r == nil || !r.untold {
		return time.Time{}, false
	}
	r.untold = false
	return r.until, true
}

func (o *orders) done(name string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.failed, name)
}
