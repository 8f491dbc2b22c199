package apigateway

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/awsapigateway"
	"github.com/tollbook/tollbook/iam/policy"
)

// AWS' defaults of an account's throttle, and the feature that every account has.
const (
	accountBurstLimit  = 5000
	accountRateLimit   = 10000
	accountKeyVersion  = "4"
	featureUsagePlans  = "UsagePlans"
	errRolePermissions = "The role ARN does not have required permissions configured. Please grant trust permission for " +
		"API Gateway and add the required role policy."
	errRoleWrite = "API Gateway could not successfully write to CloudWatch Logs using the ARN specified"
)

// GetAccount returns the settings of the caller's account in the caller's region.
func (s *Service) GetAccount(ctx context.Context, _ *awsapigateway.GetAccountRequest) (*awsapigateway.Account, error) {
	var acc accountRecord
	err := s.read(ctx, func(v view) (err error) {
		acc, err = v.account()
		return err
	})
	if err != nil {
		return nil, err
	}
	return acc.toWire(), nil
}

// UpdateAccount changes the settings; a new role is tried before it is stored.
func (s *Service) UpdateAccount(ctx context.Context, in *awsapigateway.UpdateAccountRequest) (*awsapigateway.Account, error) {
	welcomed, err := s.tryLogRole(ctx, in.PatchOperations)
	if err != nil {
		return nil, err
	}
	var acc accountRecord
	err = s.write(ctx, func(v view) (err error) {
		if acc, err = v.account(); err != nil {
			return err
		}
		if err := accountPatches().apply(&acc, in.PatchOperations); err != nil {
			return err
		}
		acc.Welcomed = acc.Welcomed || welcomed
		return put(v, accounts, "", "account", acc)
	})
	if err != nil {
		return nil, err
	}
	return acc.toWire(), nil
}

// tryLogRole applies the operations to a copy; when they set a role it must be one that can write logs. It runs outside
// the write transaction, since roles and log groups belong to other services with transactions of their own. It reports
// whether the welcome log group was made.
func (s *Service) tryLogRole(ctx context.Context, ops []awsapigateway.PatchOperation) (welcomed bool, err error) {
	var acc accountRecord
	err = s.read(ctx, func(v view) (err error) {
		acc, err = v.account()
		return err
	})
	if err != nil {
		return false, err
	}
	acc.CloudwatchRoleArn = "" // so that setting the same role again tries it again
	if err := accountPatches().apply(&acc, ops); err != nil || acc.CloudwatchRoleArn == "" {
		return false, err
	}
	if err := checkPassRole(policy.IdentityFrom(ctx), acc.CloudwatchRoleArn); err != nil {
		return false, err
	}
	if err := s.checkLogRole(ctx, acc.CloudwatchRoleArn); err != nil || acc.Welcomed {
		return false, err
	}
	return true, s.welcome(ctx)
}

func (s *Service) checkLogRole(ctx context.Context, roleARN string) error {
	err := s.roles.CheckLogRole(ctx, awsapi.CallerFrom(ctx).AccountID, roleARN)
	if err == nil {
		return nil
	}
	var fault *awsapi.Error
	undecided := errors.As(err, &fault) && fault.Status >= http.StatusInternalServerError
	if undecided || ctx.Err() != nil {
		return err
	}
	s.log.InfoContext(ctx, "log role refused", "role", roleARN, "cause", err)
	return badRequest(errRolePermissions)
}

// welcome makes AWS' welcome log group: this is the write that proves the role.
func (s *Service) welcome(ctx context.Context) error {
	caller := awsapi.CallerFrom(ctx)
	if err := s.logGroups.Welcome(ctx, caller.AccountID, caller.Region); err != nil {
		s.log.ErrorContext(ctx, "write the welcome log group", "err", err)
		return badRequest(errRoleWrite)
	}
	return nil
}

func accountPatches() patchTable[accountRecord] {
	return plainTable(
		replaceText("/cloudwatchRoleArn", func(a *accountRecord) *string { return &a.CloudwatchRoleArn }),
		patchRule[accountRecord]{path: "/features", ops: []string{opAdd, opRemove}, apply: patchFeature},
	)
}

func patchFeature(acc *accountRecord, op patchOp) error {
	switch {
	case op.text() == featureUsagePlans && op.op == opAdd:
		return nil // every account has it
	case op.text() == featureUsagePlans:
		return badRequest("Usage Plans cannot be disabled once enabled")
	case op.op == opAdd:
		acc.Features = withMember(acc.Features, op.text())
	default:
		acc.Features = withoutMember(acc.Features, op.text())
	}
	return nil
}

func (a accountRecord) toWire() *awsapigateway.Account {
	return &awsapigateway.Account{
		ApiKeyVersion:     new(accountKeyVersion),
		CloudwatchRoleArn: optional(a.CloudwatchRoleArn),
		Features:          slices.Concat([]string{featureUsagePlans}, a.Features),
		ThrottleSettings: &awsapigateway.ThrottleSettings{
			BurstLimit: new(int32(accountBurstLimit)),
			RateLimit:  new(float64(accountRateLimit)),
		},
	}
}
