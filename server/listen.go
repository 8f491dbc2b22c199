package server

import (
	"errors"
	"fmt"
	"net"
	"syscall"

	"github.com/tollbook/tollbook/config"
)

// listeners are the two doors of the product.
type listeners struct{ api, gateway net.Listener }

func listen(cfg config.Config) (*listeners, error) {
	api, err := listenAt("api-addr", cfg.APIAddr)
	if err != nil {
		return nil, err
	}
	gw, err := listenAt("gateway-addr", cfg.GatewayAddr)
	if err != nil {
		api.Close()
		return nil, err
	}
	return &listeners{api, gw}, nil
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
