package server

import (
	"errors"
	"fmt"
	"net"
	"syscall"

	"github.com/tollbook/tollbook/config"
)

// listeners are the doors of the product.
type listeners struct {
	api, gateway net.Listener
	gatewayTLS   net.Listener // nil without TLS
}

func listen(cfg config.Config) (_ *listeners, err error) {
	l := &listeners{}
	defer func() {
		if err != nil {
			l.close()
		}
	}()
	if l.api, err = listenAt("api-addr", cfg.APIAddr); err != nil {
		return nil, err
	}
	if l.gateway, err = listenAt("gateway-addr", cfg.GatewayAddr); err != nil {
		return nil, err
	}
	if cfg.GatewayTLSAddr != "" {
		l.gatewayTLS, err = listenAt("gateway-tls-addr", cfg.GatewayTLSAddr)
	}
	return l, err
}

func (l *listeners) close() {
	for _, each := range []net.Listener{l.api, l.gateway, l.gatewayTLS} {
		if each != nil {
			each.Close()
		}
	}
}

func listenAt(setting, addr string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("--%s: %s is taken by another process; stop it or choose another port (0 picks a free one)", setting, addr)
	} else if err != nil {
		return nil, fmt.Errorf("--%s: %w", setting, err)
	}
	return l, nil
}

// maxConnections is the cap on clients' connections. Each may need one more to a back end, so that by default they get half
// of the files.
func maxConnections(cfg config.Config) int {
	if cfg.MaxConnections > 0 {
		return cfg.MaxConnections
	}
	return maxFiles() / 2
}
