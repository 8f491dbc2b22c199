// Package sts tells callers who they are.
//
// It answers the operations of awssts.Service. Who calls was found out by awswire, from the signature, and is in the
// context; there is no state. Sessions (AssumeRole and its relatives) are not built.
package sts

import (
	"context"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/awssts"
)

var _ awssts.Service = (*Service)(nil)

// Service implements awssts.Service. The zero Service is ready, and its methods may be called concurrently.
type Service struct{}

// New returns a Service.
func New() *Service { return &Service{} }

// GetCallerIdentity returns account, ARN and unique ID of the caller. Nobody can be denied it.
func (*Service) GetCallerIdentity(ctx context.Context, _ *awssts.GetCallerIdentityRequest) (*awssts.GetCallerIdentityResponse, error) {
	caller := awsapi.CallerFrom(ctx)
	return &awssts.GetCallerIdentityResponse{Account: new(caller.AccountID), Arn: new(caller.ARN), UserId: new(caller.UserID)}, nil
}
