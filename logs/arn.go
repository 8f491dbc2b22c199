package logs

import (
	"context"
	"strings"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/awslogs"
)

// groupKey names a log group as its users do.
type groupKey struct{ account, region, name string }

func callersGroup(ctx context.Context, name string) groupKey {
	c := awsapi.CallerFrom(ctx)
	return groupKey{c.AccountID, c.Region, name}
}

// arn is the ARN without the ":*" behind it, as in logGroupArn. Policies and the arn member have it with.
func (k groupKey) arn() string {
	return "arn:aws:logs:" + k.region + ":" + k.account + ":log-group:" + k.name
}

func (k groupKey) streamARN(stream string) string { return k.arn() + ":log-stream:" + stream }

// arn is an ARN in its parts: arn:PARTITION:service:region:account:kind/name, or with a colon between kind and name.
type arn struct{ service, region, account, kind, name string }

// parseARN reads an ARN of a resource that has a kind and a name.
func parseARN(text string) (a arn, ok bool) {
	f := strings.SplitN(text, ":", 6)
	if len(f) < 6 || f[0] != "arn" || f[1] == "" || f[2] == "" {
		return a, false
	}
	a = arn{service: f[2], region: f[3], account: f[4]}
	i := strings.IndexAny(f[5], ":/")
	if i <= 0 || i+1 == len(f[5]) {
		return a, false
	}
	a.kind, a.name = f[5][:i], f[5][i+1:]
	return a, true
}

// identifiedGroup returns the group that an identifier means: a name, or an ARN with or without ":*" at its end. Groups
// of other accounts and regions are not here, so they do not exist.
func identifiedGroup(ctx context.Context, identifier string) (groupKey, error) {
	if !strings.HasPrefix(identifier, "arn:") {
		return callersGroup(ctx, strings.TrimSuffix(identifier, ":*")), nil
	}
	f := strings.SplitN(identifier, ":", 7) // arn:PARTITION:logs:REGION:ACCOUNT:log-group:NAME
	if len(f) < 7 || f[2] != "logs" || f[5] != "log-group" {
		return groupKey{}, awslogs.InvalidParameterException("The specified log group identifier is not valid: %s", identifier)
	}
	key := groupKey{account: f[4], region: f[3], name: strings.TrimSuffix(f[6], ":*")}
	if key != callersGroup(ctx, key.name) {
		return groupKey{}, groupMissing()
	}
	return key, nil
}

// namedGroup returns the group of a request that takes its name or its identifier, one of the two.
func namedGroup(ctx context.Context, name, identifier *string) (groupKey, error) {
	switch {
	case name != nil && identifier != nil:
		// AWS sends this code, although the operations' models do not have it.
		return groupKey{}, awslogs.ValidationException("LogGroup name and LogGroup ARN are mutually exclusive parameters.")
	case name != nil:
		return callersGroup(ctx, *name), nil
	case identifier != nil:
		return identifiedGroup(ctx, *identifier)
	}
	return groupKey{}, awslogs.InvalidParameterException("Either logGroupName or logGroupIdentifier must be specified.")
}
