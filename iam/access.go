package iam

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/iam/policy"
	"github.com/tollbook/tollbook/state"
)

// CanAssume reports whether an AWS service, such as "apigateway.amazonaws.com", may assume a role of the account. A role
// that does not exist cannot be assumed. The error is a failure to find out.
func (s *Service) CanAssume(ctx context.Context, accountID, roleARN, servicePrincipal string) (can bool, err error) {
	err = s.withRole(ctx, accountID, roleARN, func(a access) (err error) {
		can, err = a.assumable(servicePrincipal)
		return err
	})
	return can, err
}

// Allowed reports whether the policies of a role of the account allow an action on a resource; "" stands for an action
// without a resource. A role that does not exist is allowed nothing. The error is a failure to find out.
func (s *Service) Allowed(ctx context.Context, accountID, roleARN, action, resource string) (allowed bool, err error) {
	err = s.withRole(ctx, accountID, roleARN, func(a access) error {
		documents, err := a.documents(roleEntity(a.role))
		allowed = err == nil && a.allows(documents, action, resource)
		return err
	})
	return allowed, err
}

// access is a role together with the circumstances of a question about it.
type access struct {
	tx
	role   roleRecord
	region string
	now    time.Time
}

// withRole calls f with a role, or not at all if there is no such role.
func (s *Service) withRole(ctx context.Context, account, arn string, f func(access) error) error {
	err := s.readAccount(ctx, account, func(t tx) error {
		role, err := t.roleByARN(arn)
		if errors.Is(err, state.ErrNotFound) {
			return nil
		} else if err != nil {
			return err
		}
		return f(access{t, role, awsapi.CallerFrom(ctx).Region, s.now()})
	})
	if err != nil {
		return fmt.Errorf("read role %s: %w", arn, err)
	}
	return nil
}

// assumable evaluates the trust policy for a service that acts for the role's own account.
func (a access) assumable(service string) (bool, error) {
	doc, err := policy.Parse(a.role.TrustPolicy)
	if err != nil {
		return false, fmt.Errorf("trust policy: %w", err)
	}
	req := policy.Request{
		Caller: policy.Caller{Service: service}, Action: "sts:AssumeRole", Resource: roleARN(a.account, a.role),
		Context: a.context(),
	}
	req.Context["aws:SourceAccount"] = []string{a.account}
	req.Context["aws:PrincipalIsAWSService"] = []string{"true"}
	req.Context["aws:PrincipalServiceName"] = []string{service}
	return policy.Evaluate(req, doc) == policy.Allow, nil
}

// allows evaluates identity policies for a session of the role.
func (a access) allows(documents []*policy.Document, action, resource string) bool {
	req := policy.Request{Action: action, Resource: resource, Context: a.context()}
	req.Context["aws:PrincipalArn"] = []string{roleARN(a.account, a.role)}
	req.Context["aws:PrincipalAccount"] = []string{a.account}
	req.Context["aws:PrincipalType"] = []string{"AssumedRole"}
	for _, tag := range a.role.Tags {
		req.Context["aws:PrincipalTag/"+tag.Key] = []string{tag.Value}
	}
	return policy.Evaluate(req, documents...) == policy.Allow
}

// context holds the condition keys of every request.
func (a access) context() map[string][]string {
	keys := map[string][]string{
		"aws:CurrentTime":     {a.now.UTC().Format(time.RFC3339)},
		"aws:EpochTime":       {strconv.FormatInt(a.now.Unix(), 10)},
		"aws:SecureTransport": {"true"},
	}
	if a.region != "" {
		keys["aws:RequestedRegion"] = []string{a.region}
	}
	return keys
}
