package iam

import (
	"context"
	"fmt"
	"net/http"

	"github.com/tollbook/tollbook/awsapi"
)

// apiGatewayPrincipal is who has to be trusted by the role that API Gateway writes logs with.
const apiGatewayPrincipal = "apigateway.amazonaws.com"

// logActions are what API Gateway does in CloudWatch Logs: the actions of AmazonAPIGatewayPushToCloudWatchLogs.
func logActions() []string {
	return []string{
		"logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogGroups", "logs:DescribeLogStreams",
		"logs:PutLogEvents", "logs:GetLogEvents", "logs:FilterLogEvents",
	}
}

// LogRoleFault is what a role lacks for API Gateway to write logs with it.
type LogRoleFault string

// The faults of a role, in the order in which they are looked for.
const (
	LogRoleMissing    LogRoleFault = "does not exist"
	LogRoleNotTrusted LogRoleFault = "does not trust " + apiGatewayPrincipal
	LogRoleLacks      LogRoleFault = "is not allowed"
)

// LogRoleRefusal says why API Gateway cannot write logs with a role.
type LogRoleRefusal struct {
	RoleARN string
	Fault   LogRoleFault
	Action  string // the first action that is not allowed, for LogRoleLacks
}

func (e *LogRoleRefusal) Error() string {
	text := fmt.Sprintf("role %s %s", e.RoleARN, e.Fault)
	if e.Action != "" {
		text += " " + e.Action
	}
	return text
}

// CheckLogRole returns nil when API Gateway may write logs with a role of the account: it exists, trusts
// apigateway.amazonaws.com, and its policies allow the actions on any log group of the caller's region. What the role
// lacks is a *LogRoleRefusal; any other error wraps an *awsapi.Error of status 500 and means that it could not be
// decided.
func (s *Service) CheckLogRole(ctx context.Context, accountID, roleARN string) error {
	refusal := &LogRoleRefusal{RoleARN: roleARN, Fault: LogRoleMissing}
	err := s.withRole(ctx, accountID, roleARN, func(a access) (err error) {
		refusal, err = a.logRoleRefusal(roleARN)
		return err
	})
	switch {
	case err != nil:
		return fmt.Errorf("check log role: %w: %w", err, awsapi.NewError(http.StatusInternalServerError, "ServiceFailure", "role %s cannot be read", roleARN))
	case refusal != nil:
		return refusal
	}
	return nil
}

func (a access) logRoleRefusal(arn string) (*LogRoleRefusal, error) {
	if trusted, err := a.assumable(apiGatewayPrincipal); err != nil {
		return nil, err
	} else if !trusted {
		return &LogRoleRefusal{RoleARN: arn, Fault: LogRoleNotTrusted}, nil
	}
	documents, err := a.documents(roleEntity(a.role))
	if err != nil {
		return nil, err
	}
	for _, action := range logActions() {
		if !a.allows(documents, action, a.anyLogStream()) {
			return &LogRoleRefusal{RoleARN: arn, Fault: LogRoleLacks, Action: action}, nil
		}
	}
	return nil, nil
}

// anyLogStream stands for every log stream: its group has a name that nobody would write into a policy, so only a policy
// for all groups matches. AWS refuses roles that are limited to groups by name.
func (a access) anyLogStream() string {
	region := a.region
	if region == "" {
		region = "us-east-1"
	}
	return "arn:aws:logs:" + region + ":" + a.account + ":log-group:7c1f0d5e-any-group:log-stream:7c1f0d5e-any-stream"
}
