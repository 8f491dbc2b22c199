package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/tollbook/tollbook/accesslog"
	"github.com/tollbook/tollbook/apigateway"
	"github.com/tollbook/tollbook/awsapi/awsapigateway"
	"github.com/tollbook/tollbook/awsapi/awscloudwatch"
	"github.com/tollbook/tollbook/awsapi/awsiam"
	"github.com/tollbook/tollbook/awsapi/awslogs"
	"github.com/tollbook/tollbook/awsapi/awssts"
	"github.com/tollbook/tollbook/awswire"
	"github.com/tollbook/tollbook/cloudwatch"
	"github.com/tollbook/tollbook/config"
	"github.com/tollbook/tollbook/console"
	"github.com/tollbook/tollbook/gateway"
	"github.com/tollbook/tollbook/iam"
	"github.com/tollbook/tollbook/logs"
	"github.com/tollbook/tollbook/logs/delivery"
	"github.com/tollbook/tollbook/logs/embedded"
	"github.com/tollbook/tollbook/state"
	"github.com/tollbook/tollbook/sts"
)

// product is everything behind the listeners.
type product struct {
	log     *slog.Logger
	api     *http.Server
	gateway *gateway.Server
	plane   *gateway.Gateway
	tls     *tls.Config // of the gateway; nil without TLS
	ready   atomic.Bool
	at      atomic.Pointer[Addresses]
	closers []func() error // in the order of opening
	stopBy  time.Time      // when everything should be over; set once the stop has begun
}

func (p *product) onClose(f func() error) { p.closers = append(p.closers, f) }

// close gives everything back in reverse order of opening.
func (p *product) close() error {
	var errs []error
	for _, f := range slices.Backward(p.closers) {
		errs = append(errs, f())
	}
	return errors.Join(errs...)
}

// open reads as the table of contents of the product: each thing stands on those above it.
func open(ctx context.Context, cfg config.Config, log *slog.Logger) (_ *product, err error) {
	p := &product{log: log}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.close())
		}
	}()

	records, err := state.Open(ctx, filepath.Join(cfg.DataDir, "state.db"))
	if err != nil {
		return nil, err
	}
	p.onClose(records.Close)

	events, err := embedded.Open(filepath.Join(cfg.DataDir, "logs"), embedded.Options{Logger: log, MemoryBytes: int64(cfg.LogMemory)})
	if err != nil {
		return nil, fmt.Errorf("open log store: %w", err)
	}
	p.onClose(events.Close)

	metricSvc, err := cloudwatch.New(cloudwatch.Options{DB: records, Path: filepath.Join(cfg.DataDir, "metrics.db"), Log: log})
	if err != nil {
		return nil, fmt.Errorf("open metrics: %w", err)
	}
	p.onClose(metricSvc.Close)

	sources := new(logSources)
	logSvc, err := logs.New(records, events, logs.Options{Log: log, Metrics: metricSink{metricSvc}, Dial: delivery.Dial, Sources: sources})
	if err != nil {
		return nil, err
	}
	p.onClose(logSvc.Close)

	access := accesslog.NewWriter(logSvc, writerOptions(cfg, log))
	p.onClose(func() error { return p.closeWriter(access) })

	services, err := cfg.Endpoints()
	if err != nil {
		return nil, err
	}
	iamSvc := iam.New(iam.Options{DB: records, AccountID: cfg.AccountID})
	roots, err := cfg.UpstreamAuthorities()
	if err != nil {
		return nil, err
	}
	gw, err := gateway.New(gateway.Config{
		AccountID: cfg.AccountID, Endpoints: services, UpstreamRoots: roots, Logger: log,
		Signers: iamSvc, AnyKey: cfg.Auth == "none", CognitoEndpoint: cfg.CognitoEndpoint,
		UpstreamConns: cfg.UpstreamConnections, UpstreamQueue: cfg.UpstreamQueue, UpstreamHTTP2: cfg.UpstreamHTTP2,
		MaxConnections: maxConnections(cfg), MaxRequests: cfg.MaxRequests, MaxBodyBytes: int64(cfg.MaxBodyBytes),
		HeaderTimeout: cfg.HeaderTimeout, ProxyProtocolFrom: cfg.ProxyProtocolFrom, TrustedProxies: cfg.TrustedProxies,
	}, access)
	if err != nil {
		return nil, fmt.Errorf("make the gateway: %w", err)
	}
	apis := startMeter(gw, metricSvc, log)
	p.onClose(apis.close) // after the gateway's last request
	p.onClose(gw.Close)
	apiSvc := apigateway.New(apigateway.Options{
		DB: records, Roles: iamSvc, LogGroups: logGroups{logSvc}, LogDeliveries: logSvc, Stages: stages{gw}, Domains: gw, Keys: gw, Log: log,
	})
	sources.apis = apiSvc
	if err := apiSvc.Publish(ctx); err != nil {
		return nil, fmt.Errorf("load deployed stages: %w", err)
	}
	p.onClose(startUsageKeeper(apiSvc, log)) // after the gateway's last request

	auth, err := p.authenticator(ctx, cfg, records, iamSvc)
	if err != nil {
		return nil, err
	}
	metrics := newMetrics(gw, access, events, logSvc, apis)
	wire := awswire.New(awswire.Options{Auth: auth, Log: log, Observe: metrics.observe, Serving: ctx},
		awsapigateway.Operations(apiSvc), awslogs.Operations(logSvc), awscloudwatch.Operations(metricSvc), awsiam.Operations(iamSvc),
		awssts.Operations(sts.New(temporaryKeys{iamSvc})))

	p.api = &http.Server{
		Handler:           dataPlaneOr(gw, hostGuard{cfg.AllowedHosts, p.mux(wire, metrics, cfg.Auth)}),
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       5 * time.Minute,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	p.gateway = gateway.NewServer(gw)
	p.plane = gw
	return p, nil
}

// openTLS finds the certificates for the gateway's TLS listener.
func (p *product) openTLS(cfg config.Config, at net.Addr) error {
	certs, err := newCertificates(cfg, p.plane, at, p.log)
	if err != nil {
		return err
	}
	p.onClose(certs.close)
	p.tls = certs.tlsConfig(p.plane)
	return nil
}

func writerOptions(cfg config.Config, log *slog.Logger) accesslog.Options {
	o := accesslog.Options{
		FlushInterval: cfg.AccessLogFlush / 2, // the other half is the store's
		MaxQueueBytes: int64(cfg.AccessLogQueue),
		Durable:       cfg.AccessLogDurable,
		Logger:        log,
	}
	if cfg.AccessLogWhenFull == "drop" {
		o.Overflow = accesslog.Drop
	}
	return o
}

// closeWriter hands the entries that still wait to the log store, for as long as the stop may take.
func (p *product) closeWriter(w *accesslog.Writer) error {
	ctx, cancel := context.WithDeadline(context.Background(), p.stopBy)
	defer cancel()
	return w.Close(ctx)
}

func (p *product) authenticator(ctx context.Context, cfg config.Config, records *state.DB, iamSvc *iam.Service) (awswire.Authenticator, error) {
	if cfg.Auth == "none" {
		return awswire.AnyKey{AccountID: cfg.AccountID, Signers: iamSvc}, nil
	}
	id, secret, created, err := iam.EnsureRootKey(ctx, records)
	if err != nil {
		return nil, fmt.Errorf("make root access key: %w", err)
	}
	if created {
		p.log.Warn("root access key made; it is shown this once", "access_key_id", id, "secret_access_key", secret)
	}
	return awswire.Verified{Signers: iamSvc}, nil
}

// mux is the API listener behind its host check: a few paths of our own, all else are AWS' APIs.
func (p *product) mux(wire http.Handler, metrics *metrics, auth string) http.Handler {
	mux := http.NewServeMux()
	health(mux, &p.ready)
	mux.Handle("GET /metrics", metrics.handler())
	mux.Handle(console.Prefix, console.Handler(console.Config{Auth: auth, Version: version(), Gateway: p.gatewayURL, GatewayTLS: p.gatewayTLSURL}))
	ours := func(path string) bool {
		return path == "/healthz" || path == "/readyz" || path == "/metrics" || strings.HasPrefix(path, console.Prefix)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if (r.Method == http.MethodGet || r.Method == http.MethodHead) && ours(r.URL.Path) {
			mux.ServeHTTP(w, r)
			return
		}
		wire.ServeHTTP(w, r) // sees the path as it was sent, which a ServeMux would clean
	})
}

// gatewayURL is where the gateway listener is, once it listens.
func (p *product) gatewayURL() string { return p.addresses().Gateway }

// gatewayTLSURL is where its TLS listener is, if there is one.
func (p *product) gatewayTLSURL() string { return p.addresses().GatewayTLS }

func (p *product) addresses() Addresses {
	if at := p.at.Load(); at != nil {
		return *at
	}
	return Addresses{}
}

// version is what the Go toolchain noted of the source: a tag, or a time and a commit.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.Main.Version
	}
	return ""
}

// dataPlaneOr lets requests for a deployed API pass to the gateway, by host or path, so that one port is enough in
// development.
func dataPlaneOr(gw *gateway.Gateway, next http.Handler) http.Handler {
	dataPlane := gw.HTTPHandler()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if gw.Matches(r) {
			dataPlane.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}
