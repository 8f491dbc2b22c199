// Package server wires Tollbook together: it opens the stores, builds the services, joins them through the small
// interfaces that each declares, starts the listeners, and stops everything in reverse. It is the only package that
// knows which store stands behind the log service.
package server

import (
	"context"
	"errors"
	"io"
	"log/slog"

	"github.com/tollbook/tollbook/config"
)

// Addresses are the base URLs of a running server's listeners.
type Addresses struct {
	API, Gateway string
	GatewayTLS   string // empty without TLS
}

// Run serves until ctx ends, then answers the requests under way, makes every log entry durable and returns nil; that
// takes cfg.ShutdownTimeout and little more. It calls started, from a goroutine of its own, once both listeners accept.
// It logs to stderr.
func Run(ctx context.Context, cfg config.Config, stderr io.Writer, started func(Addresses)) (err error) {
	log := newLogger(cfg, stderr)
	lock, err := lockDataDir(cfg.DataDir)
	if err != nil {
		return err
	}
	defer lock.Unlock()
	limitMemory(cfg)
	p, err := open(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	l, err := listen(cfg)
	if err != nil {
		return err
	}
	at := Addresses{API: "http://" + l.api.Addr().String(), Gateway: "http://" + l.gateway.Addr().String()}
	if l.gatewayTLS != nil {
		at.GatewayTLS = "https://" + l.gatewayTLS.Addr().String()
		if err := p.openTLS(cfg, l.gatewayTLS.Addr()); err != nil {
			l.close()
			return err
		}
	}
	log.Info("serving", "api", at.API, "gateway", at.Gateway, "gateway_tls", at.GatewayTLS, "data", cfg.DataDir, "auth", cfg.Auth)
	p.at.Store(&at)
	go started(at)
	return p.serve(ctx, l, cfg.ShutdownTimeout)
}

func newLogger(cfg config.Config, w io.Writer) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(cfg.LogLevel)) // one of four names, as config's enum says
	opts := &slog.HandlerOptions{Level: level}
	if cfg.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, opts))
	}
	return slog.New(slog.NewTextHandler(w, opts))
}
