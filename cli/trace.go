package cli

import (
	"bufio"
	"context"
	"fmt"
	"regexp"
	"time"
)

type trace struct {
	endpoint `embed:""`
	period   `embed:""`
	Group    []string `short:"g" help:"Look for the access log entry in this log group; may be given several times. Default: the access log groups of all stages." sep:"none" placeholder:"G"`
	Output   string   `short:"o" help:"text or json." enum:"text,json" default:"text"`
	ID       string   `arg:"" help:"Request ID, as the response's x-amzn-RequestId has it."`
}

var requestIDForm = regexp.MustCompile(`^[0-9A-Za-z_=+/-]{8,128}$`)

// Run prints what is known of one request: access log entry, execution log, and the metrics that it counted in.
func (t *trace) Run(ctx context.Context, std streams) error {
	if !requestIDForm.MatchString(t.ID) {
		return fmt.Errorf("%q is no request ID", t.ID)
	}
	from, to, err := t.bounds(time.Now())
	if err != nil {
		return err
	}
	clients, err := t.connect(ctx)
	if err != nil {
		return err
	}
	s := &storySearch{clients: clients, id: t.ID, from: from, to: to}
	found, err := s.find(ctx, t.Group)
	if err != nil {
		return err
	}
	if found.Entry == nil && len(found.Execution) == 0 {
		return fmt.Errorf("no log entry of request %s in %d log groups", t.ID, s.groups)
	}
	out := bufio.NewWriter(std.out)
	if err := found.print(out, t.Output); err != nil {
		return err
	}
	return out.Flush()
}
