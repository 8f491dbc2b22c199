// Command tollbook is an API gateway that keeps its own book: `tollbook serve` is the whole product, the other
// subcommands are clients of its APIs.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/tollbook/tollbook/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(cli.Run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}
