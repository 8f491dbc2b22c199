package cli

import (
	"context"
	"fmt"
	"os"
	"runtime"

	"github.com/tollbook/tollbook/config"
	"github.com/tollbook/tollbook/server"
)

type serve struct {
	config.Config `embed:""`
	Sample        bool `help:"On first start, create the sample REST API notes with access logs on, and say what to try next."`
}

// Run serves until ctx ends, then stops in order.
func (s *serve) Run(ctx context.Context, std streams) error {
	runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + 1) // so that there are as many event loops as processors (gateway.Config.Loops)
	if err := s.Config.Validate(); err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	kept, _ := os.ReadDir(s.DataDir) // what is wrong with it, the server will say
	first := len(kept) == 0
	return server.Run(ctx, s.Config, std.err, func(at server.Addresses) {
		fmt.Fprintf(std.out, "api %s\ngateway %s\n", at.API, at.Gateway)
		if at.GatewayTLS != "" {
			fmt.Fprintf(std.out, "gateway-tls %s\n", at.GatewayTLS)
		}
		if s.Sample {
			s.sample(ctx, std, at, first)
		}
	})
}

// sample makes the sample API on the first start and prints what to try next on each.
func (s *serve) sample(ctx context.Context, std streams, at server.Addresses, first bool) {
	c, err := endpoint{EndpointURL: at.API, Region: "us-east-1"}.connect(ctx)
	if err == nil {
		err = tryNext(ctx, c, std.out, at, first)
	}
	if err != nil {
		fmt.Fprintf(std.err, "tollbook: sample API: %v\n", err)
	}
}
