package apigateway

import (
	"regexp"
	"strings"

	"github.com/tollbook/tollbook/accesslog"
)

// A stage's access log goes to a log group named by its ARN without the final ":*":
//
//	arn:aws:logs:{region}:{account}:log-group:{name}
//
// AWS also takes Firehose streams, arn:aws:firehose:{region}:{account}:deliverystream/amazon-apigateway-{name}.
var (
	logGroupARN = regexp.MustCompile(`^arn:[a-z-]+:logs:([a-z0-9-]+):(\d{12}):(log-group:.+)$`)
	firehoseARN = regexp.MustCompile(`^arn:[a-z-]+:firehose:[a-z0-9-]+:\d{12}:deliverystream/amazon-apigateway-[A-Za-z0-9_.-]+$`)
	groupForm   = regexp.MustCompile(`^[A-Za-z0-9_/.-]{1,512}$`)
)

// destination is where a stage's access log goes.
type destination struct{ accountID, region, group string }

// parseDestination reads an ARN with AWS' errors.
func parseDestination(arn string) (destination, error) {
	switch {
	case !strings.HasPrefix(arn, "arn:"):
		return destination{}, badRequest("Invalid ARN specified in the request. ARNs must start with 'arn:': %s", arn)
	case firehoseARN.MatchString(arn):
		return destination{}, notBuilt("Access log delivery to Firehose streams is")
	}
	m := logGroupARN.FindStringSubmatch(arn)
	if m == nil {
		return destination{}, badRequest("Invalid ARN specified in the request. The ARN must be a valid CloudWatch Logs log " +
			"group or Kinesis Data Firehose delivery stream ARN.")
	}
	d := destination{region: m[1], accountID: m[2], group: strings.TrimPrefix(m[3], "log-group:")}
	if !groupForm.MatchString(d.group) {
		return d, badRequest("Access log destination must only contain characters a-z, A-Z, 0-9, '_', '-', '/', '.': '%s'", m[3])
	}
	return d, nil
}

// checkDestination accepts a log group of the stage's own account and region: AWS delivers to no other.
func (p stagePatcher) checkDestination(arn string) error {
	d, err := parseDestination(arn)
	if err != nil {
		return err
	}
	if d.accountID != p.view.accountID || d.region != p.view.region {
		return badRequest("Access log destination must be in account %s and region %s of the API: %s",
			p.view.accountID, p.view.region, arn)
	}
	return nil
}

func (p stagePatcher) patchDestination(st *stageRecord, op patchOp) error {
	return p.patchAccessLog(&st.AccessLog.DestinationArn, op, p.checkDestination)
}

func (p stagePatcher) patchFormat(st *stageRecord, op patchOp) error {
	return p.patchAccessLog(&st.AccessLog.Format, op, func(format string) error {
		if err := accesslog.ValidateREST(format); err != nil {
			return badRequest("%s", err.Error())
		}
		return nil
	})
}

// patchAccessLog sets one member. AWS looks for the account's role before it looks at the value itself.
func (p stagePatcher) patchAccessLog(field *string, op patchOp, check func(string) error) error {
	if op.text() == "" {
		return badRequest("Access Log value must not be empty")
	}
	if err := p.requireLogRole(); err != nil {
		return err
	}
	if err := check(op.text()); err != nil {
		return err
	}
	*field = op.text()
	return nil
}

func (p stagePatcher) requireLogRole() error {
	if !p.hasLogRole {
		return badRequest("CloudWatch Logs role ARN must be set in account settings to enable logging")
	}
	return nil
}

func errAccessLogPath() error {
	return badRequest("Invalid accessLogSettings path. Must be one of : " +
		"[/accessLogSettings/destinationArn, /accessLogSettings/format]")
}
