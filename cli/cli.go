// Package cli is what people type: it reads the command line and runs one subcommand. `serve` starts the server; every
// other subcommand is a thin client of the same AWS APIs that any SDK calls.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/alecthomas/kong"

	"github.com/tollbook/tollbook/config"
)

// commands is the grammar of the command line.
type commands struct {
	Config kong.ConfigFlag `help:"Configuration file in YAML; its keys are the names of flags." placeholder:"FILE"`

	Serve      serve       `cmd:"" help:"Run the gateway, the AWS APIs and the log service."`
	Import     importAPI   `cmd:"" help:"Put an OpenAPI document in front of its back end: make the API, deploy it, log it."`
	AccessLogs accessLogs  `cmd:"" help:"Turn a stage's access logs on or off in one step."`
	Logs       logsCommand `cmd:"" help:"Read, follow, import and export logs."`
	Trace      trace       `cmd:"" help:"Show what is known of one request: its log entries and the metrics that it counted in."`
}

// streams are where a subcommand writes: answers to out, everything else to err.
type streams struct{ out, err io.Writer }

// Run carries out one command line and returns the process' exit status: 0 done, 1 failed, 2 not understood. It ends
// early when ctx ends.
func Run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var c commands
	exit := -1
	parser, err := kong.New(&c,
		kong.Name("tollbook"),
		kong.Description("An API gateway that keeps its own book: AWS' APIs, and one durable log entry per request."),
		kong.UsageOnError(),
		kong.Configuration(config.File),
		kong.DefaultEnvars("TOLLBOOK"),
		kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { exit = code }), // --help ends with 0
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(streams{stdout, stderr}),
	)
	if err != nil {
		panic(fmt.Sprintf("BUG: command line grammar: %v", err))
	}
	command, err := parser.Parse(args)
	if exit >= 0 {
		return exit
	}
	if err != nil {
		fmt.Fprintf(stderr, "tollbook: %v\n", err)
		return 2
	}
	if err := command.Run(); err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintf(stderr, "tollbook: %v\n", err)
		return 1
	}
	return 0
}
