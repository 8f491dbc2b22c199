package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/tollbook/tollbook/accesslog"
)

// accessLogs is the guide's click path in one step: role, account setting, log group and format.
type accessLogs struct {
	Enable  enableAccessLogs  `cmd:"" help:"Create the IAM role, set it in API Gateway's settings and turn on the stage's access logs; what is there already stays."`
	Disable disableAccessLogs `cmd:"" help:"Undo what enable did, and nothing else. Log groups and their entries stay."`
}

// target names the stage that a command works on.
type target struct {
	endpoint `embed:""`
	API      string `name:"api" help:"Name or ID of the REST API." required:"" placeholder:"NAME_OR_ID"`
	Stage    string `help:"Name of the stage." required:""`
	RoleName string `help:"IAM role that lets API Gateway write logs." default:"APIGatewayCloudWatchLogs"`
	DryRun   bool   `help:"Show what would change and change nothing."`
}

type enableAccessLogs struct {
	target `embed:""`
	Format string `help:"json, clf, xml, csv or a format of your own; one pasted over several lines is folded into one." default:"json"`
}

type disableAccessLogs struct {
	target `embed:""`
}

// step is one change, as the user sees it and as it is made.
type step struct {
	what string
	do   func(ctx context.Context) error
}

// Run shows and makes the changes that are missing.
func (e *enableAccessLogs) Run(ctx context.Context, std streams) error {
	plan, err := e.target.survey(ctx)
	if err != nil {
		return err
	}
	steps, err := plan.enable(formatText(e.Format))
	if err != nil {
		return err
	}
	if err := carryOut(ctx, std.out, steps, e.DryRun); err != nil {
		return err
	}
	if !e.DryRun {
		fmt.Fprintf(std.out, "access logs of %s/%s go to log group %s\n", plan.apiID, plan.stageName, plan.group())
	}
	return nil
}

// Run shows and undoes the changes that enable has made.
func (d *disableAccessLogs) Run(ctx context.Context, std streams) error {
	plan, err := d.target.survey(ctx)
	if err != nil {
		return err
	}
	steps, err := plan.disable(ctx)
	if err != nil {
		return err
	}
	return carryOut(ctx, std.out, steps, d.DryRun)
}

// formatText returns the one-line format that the user means: one of the predefined ones by name, or their own.
func formatText(format string) string {
	if text := accesslog.Predefined(format); text != "" {
		return text
	}
	return accesslog.Fold(format)
}

func carryOut(ctx context.Context, out io.Writer, steps []step, dryRun bool) error {
	if len(steps) == 0 {
		fmt.Fprintln(out, "nothing to change")
	}
	for _, s := range steps {
		if dryRun {
			fmt.Fprintf(out, "would %s\n", s.what)
			continue
		}
		fmt.Fprintf(out, "%s ... ", s.what)
		if err := s.do(ctx); err != nil {
			fmt.Fprintln(out, "failed")
			return fmt.Errorf("%s: %w", s.what, err)
		}
		fmt.Fprintln(out, "done")
	}
	return nil
}
